"""The sentences that an article prints of a fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from metarel._checks import check_frame
from metarel._format import listing
from metarel.errors import InputError
from metarel.models.psychometric import PsychometricFit
from metarel.models.results import MetaFit
from metarel.moderators.subgroups import SubgroupsResult
from metarel.report._model_words import article, kind_of, model_sentence, sizes, tau2_words
from metarel.report._model_words import test_words as words_of_test
from metarel.report._quantities import (
    COEFFICIENT_UNITS,
    Scale,
    has_moderators,
    joint_test,
    people_of,
    pooled_estimate,
    print_estimate,
    random_effects,
    scale_of_fit,
    tau2_text,
    term_words,
    test_of,
    whole,
)
from metarel.report._runs import MARKUPS, Run, Text, capital, joined, phrase
from metarel.report._style import STYLES, Style, percentage
from metarel.robust._result import RobustFit

if TYPE_CHECKING:
    import pandas

    from metarel._checks import Column
    from metarel.models._bare_bones import Summary

#: More coefficients or levels than this are counted, for the table to list.
MOST_LISTED = 6
MOST_DIGITS = 10


def sentence(
    fit: MetaFit | RobustFit | SubgroupsResult | PsychometricFit,
    *,
    style: str = "apa",
    markup: str = "text",
    digits: int = 2,
    n: Column | float | None = None,
    data: pandas.DataFrame | None = None,
) -> str:
    """Write the sentences that an article prints of a fit.

    They say the model with its estimator and its test, the studies, the estimate with its
    interval on the scale people read (r for Fisher's z, an odds ratio for its logarithm), the
    test, and the heterogeneity with Q, tau2, I2 (and what it was computed from) and the prediction
    interval. Of a meta-regression they say the joint test of the moderators, what these explain,
    and each coefficient, on the scale of the analysis; of subgroups each level and the test
    between them; of correlations after Hunter and Schmidt the mean, the standard deviation of true
    correlations and the credibility interval.

    Parameters
    ----------
    fit : MetaFit, RobustFit, SubgroupsResult or PsychometricFit
        What ``pool``, ``meta_regression``, ``robust``, ``subgroups`` or ``psychometric`` returned.
    style : {"apa", "jama", "vancouver"}
        Whose rules for numbers: of the American Psychological Association (no zero before the
        point of numbers that cannot exceed 1, p to three decimals), of the American Medical
        Association, or of the medical journals in general.
    markup : {"text", "markdown", "html", "latex"}
        Plain characters, or symbols in italics.
    digits : int
        Decimals of estimates and limits; more are printed where an interval is so narrow that
        these would not show it.
    n : column name, array or number, optional
        Sample sizes, one a study, or their sum; by default the sizes that ``data`` was made from.
    data : DataFrame, optional
        The frame the fit was made from: for the sizes, and to tell d from g.

    Returns
    -------
    str
        The sentences, in plain English.

    Raises
    ------
    InputError
        On other results, unknown words, or ``data`` that is not the fit's.

    Notes
    -----
    Every number is rounded once, from the fit's own. An estimate and its limits have the same
    number of decimals. The test of a mean is made on the scale of the analysis; of quantities
    without a value of no effect, such as proportions, none is printed.

    References
    ----------
    [apa2020], [ama2020], [lang2015], [appelbaum2018]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015], measure="ZCOR")
    >>> print(mr.sentence(fit, n=310))  # doctest: +NORMALIZE_WHITESPACE
    A random-effects model was fitted to k = 4 studies (N = 310), with τ² estimated by restricted
    maximum likelihood and Wald z tests. The pooled correlation (analysed as Fisher’s z) was
    r = .34, 95% CI [.08, .56], z = 2.50, p = .013. Heterogeneity was τ² = 0.062 with I² = 77.6%
    (from τ²) and Q(3) = 11.09, p = .011; the 95% prediction interval for the true effect of a new
    study was [−.20, .72].
    """
    check_frame(data)
    check_digits(digits)
    return MARKUPS[markup].write(sentence_runs(fit, STYLES[style], digits, n, data))


def check_digits(digits: object) -> None:
    """Refuse what is no number of decimals.

    Parameters
    ----------
    digits : object
        What was given.

    Raises
    ------
    InputError
        If it is not a whole number from 0 to 10.
    """
    if isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= MOST_DIGITS:
        raise InputError(
            f"`digits` must be a whole number from 0 to {MOST_DIGITS}; got {digits!r}."
        )


def sentence_runs(
    fit: Any, style: Style, digits: int, n: Column | float | None = None, data: Any = None
) -> Text:
    """Return the sentences as runs.

    Parameters
    ----------
    fit : fit
        As for ``sentence``.
    style : Style
        How numbers are printed.
    digits : int
        Decimals of estimates.
    n : column name, array or number, optional
        Sample sizes.
    data : DataFrame, optional
        The frame the fit was made from.

    Returns
    -------
    tuple of Run
        The text.
    """
    for kind, write in _WRITERS.items():
        if isinstance(fit, kind):
            return joined(write(fit, style, digits, n, data), " ")
    raise InputError(
        "`fit` must be what pool(), meta_regression(), robust(), subgroups() or psychometric() "
        f"returned; got {type(fit).__name__}."
    )


def _of_fit(fit: Any, style: Style, digits: int, n: Any, data: Any) -> list[Text]:
    scale = scale_of_fit(fit, data)
    first = model_sentence(fit, style, people_of(fit, n, data))
    if has_moderators(fit):
        return [first, *_of_moderators(fit, style, digits), heterogeneity_sentence(fit, style)]
    return [
        first,
        mean_sentence(fit, scale, style, digits),
        heterogeneity_sentence(fit, style, _prediction(fit, scale, style, digits)),
    ]


def mean_sentence(fit: Any, scale: Scale, style: Style, digits: int) -> Text:
    """Return the sentence of a pooled mean, with the test where no effect has a value.

    Parameters
    ----------
    fit : MetaFit or RobustFit
        A pooled mean.
    scale : Scale
        How its effects are printed.
    style : Style
        How numbers are printed.
    digits : int
        Decimals.

    Returns
    -------
    tuple of Run
        The sentence.
    """
    analysed = f" (analysed as {scale.analysed})" if scale.analysed else ""
    lead = f"The {'pooled ' if fit.k > 1 else ''}{scale.name}{analysed} was "
    parts = [(Run(lead), *_value(fit, scale, style, digits))]
    if scale.reading.null is not None:
        row = fit.to_frame().iloc[0]
        parts.append(test_of(row.statistic, row.df, row.p_value, style))
    return (*joined(parts, ", "), Run("."))


def _value(fit: Any, scale: Scale, style: Style, digits: int) -> Text:
    """Return ``r = .34, 95% CI [.07, .57]``."""
    shown = pooled_estimate(fit, scale, style, digits)
    head = (*scale.letter, Run(" = ")) if scale.letter else ()
    interval = style.limits(shown.low, shown.high, fit.spec.level)
    return (*head, Run(f"{shown.estimate}, {interval}"))


def _prediction(fit: Any, scale: Scale, style: Style, digits: int) -> Text:
    """Return the prediction interval; empty where there is none."""
    shown = pooled_estimate(fit, scale, style, digits)
    if not shown.pi_low or not shown.pi_high:
        return ()
    return phrase(
        "the {level}% prediction interval for the true effect of a new study was {limits}",
        level=f"{100 * fit.spec.level:g}",
        limits=style.limits(shown.pi_low, shown.pi_high),
    )


def heterogeneity_sentence(fit: Any, style: Style, prediction: Text = ()) -> Text:
    """Return the sentence of tau2, I2 (and what it is from), Q, and where a new study lies.

    Parameters
    ----------
    fit : MetaFit or RobustFit
        The fit.
    style : Style
        How numbers are printed.
    prediction : tuple of Run
        The clause of the prediction interval; empty for none.

    Returns
    -------
    tuple of Run
        The sentence.
    """
    h = fit.heterogeneity
    if not h.Q_df > 0:
        return phrase("With no degrees of freedom left, heterogeneity cannot be estimated.")
    by_q = not random_effects(fit) or fit.spec.I2 == "Q"
    share = phrase(
        "*I*² = {i2} (from {what})",
        i2=percentage(h.I2_Q if by_q else h.I2),
        what=phrase("*Q*") if by_q else "τ²",
    )
    if random_effects(fit):
        share = phrase("τ² = {tau2} with {share}", tau2=tau2_text(fit.tau2, style), share=share)
    return phrase(
        "{what} was {share} and *Q*({df}) = {q}, {p}{prediction}.",
        what="Residual heterogeneity" if has_moderators(fit) else "Heterogeneity",
        share=share,
        df=f"{h.Q_df:g}",
        q=style.number(h.Q, 2),
        p=style.p(h.Q_p),
        prediction=phrase("; {p}", p=prediction) if prediction else "",
    )


def _of_moderators(fit: Any, style: Style, digits: int) -> list[Text]:
    """Return the joint test, and the coefficients on the scale of the analysis."""
    found = []
    if fit.omnibus is not None:
        explained = (
            ()
            if not fit.R2_meaningful
            else phrase("; they explained *R*² = {r2} of τ²", r2=percentage(fit.R2))
        )
        if not random_effects(fit) and explained:
            explained = phrase("; adjusted *R*² was {r2}", r2=percentage(fit.R2))
        found.append(
            phrase(
                "The test of {what} gave {test}{explained}.",
                what="all coefficients" if "all coef" in fit.omnibus.null else "the moderators",
                test=joint_test(fit.omnibus, style, "QM"),
                explained=explained,
            )
        )
    if fit.p > MOST_LISTED:
        return [*found, phrase("The {p} coefficients are listed in the table.", p=str(fit.p))]
    rows = [
        phrase("{term}, {c}", term=term_words(row.term), c=_coefficient(row, fit, style, digits))
        for row in fit.to_frame().itertuples(index=False)
    ]
    analysed = scale_of_fit(fit).analysed
    on = f" (of the effect as {analysed})" if analysed else ""
    return [*found, phrase("The coefficients{on} were: {rows}.", on=on, rows=joined(rows, "; "))]


def _coefficient(row: Any, fit: Any, style: Style, digits: int) -> Text:
    values = {name: getattr(row, name) for name in ("estimate", "ci_low", "ci_high")}
    shown = print_estimate(values, style, digits, bounded=False, units=COEFFICIENT_UNITS)
    return phrase(
        "*b* = {b}, {ci}, {test}",
        b=shown.estimate,
        ci=style.limits(shown.low, shown.high, fit.spec.level),
        test=test_of(row.statistic, row.df, row.p_value, style),
    )


def _of_subgroups(result: Any, style: Style, digits: int, n: Any, data: Any) -> list[Text]:
    whole_fit = result.overall
    scale = scale_of_fit(whole_fit, data)
    kind = "one τ² for all levels" if result.common_tau2 else "a τ² of its own in each level"
    how = words_of_test(whole_fit)
    if random_effects(whole_fit):
        tau2 = tau2_words(whole_fit, style)
        how = phrase("{kind}, {tau2}, and {test}", kind=kind, tau2=tau2, test=how)
    first = phrase(
        "{name} was fitted to the levels of {by} in {sizes}, with {how}.",
        name=article(kind_of(whole_fit)),
        by=result.by,
        sizes=sizes(whole_fit, people_of(whole_fit, n, data)),
        how=how,
    )
    levels = [
        phrase(
            "{value} for {level} (*k* = {k})",
            value=_value(fit, scale, style, digits),
            level=level,
            k=str(fit.k),
        )
        for level, fit in result.fits.items()
    ]
    analysed = f" (analysed as {scale.analysed})" if scale.analysed else ""
    listed = phrase(
        "The pooled {name}{a} was {l}.", name=scale.name, a=analysed, l=joined(levels, "; ")
    )
    if len(levels) > MOST_LISTED:
        listed = phrase("The {count} levels are listed in the table.", count=str(len(levels)))
    between = joint_test(result.between, style)
    return [
        first,
        listed,
        phrase("The test of differences between the levels gave {test}.", test=between),
        phrase("Over all studies, {v}.", v=_overall(whole_fit, scale, style, digits)),
    ]


def _overall(fit: Any, scale: Scale, style: Style, digits: int) -> Text:
    """Return the mean of all studies, for the middle of a sentence that said the scale already."""
    text = mean_sentence(fit, replace(scale, analysed=""), style, digits)[:-1]
    return (Run("t" + text[0].text[1:]), *text[1:])


def _of_psychometric(fit: Any, style: Style, digits: int, n: Any, data: Any) -> list[Text]:
    if n is not None or data is not None:
        raise InputError(
            "`n` and `data` are not for psychometric fits, which hold their own sizes."
        )
    first = phrase(
        "A psychometric meta-analysis after Hunter and Schmidt took *k* = {k} correlations "
        "(*N* = {n}), weighted by sample size.",
        k=str(fit.k),
        n=whole(fit.bare.n),
    )
    found = [
        first,
        _summary_sentence(fit, fit.bare, "The mean observed correlation", style, digits),
    ]
    if fit.corrected is not None:
        lead = f"Corrected for {listing(list(fit.artefacts))}, the mean correlation"
        found.append(_summary_sentence(fit, fit.corrected, lead, style, digits))
    return found


def _summary_sentence(
    fit: PsychometricFit, summary: Summary, lead: str, style: Style, digits: int
) -> Text:
    frame = fit.to_frame()
    row = frame[frame["analysis"] == summary.analysis].iloc[0]
    level = fit.credibility_levels[0] if fit.credibility_levels else None
    values = {name: float(row[name]) for name in ("estimate", "ci_low", "ci_high") if name in row}
    values["estimate"] = float(row["mean"])
    if level is not None:
        values["pi_low"], values["pi_high"] = summary.credibility(level, fit.df)
    shown = print_estimate(values, style, digits, bounded=True)
    credible = (
        ", " + style.limits(shown.pi_low, shown.pi_high, level, "credibility interval")
        if level is not None
        else ""
    )
    return phrase(
        "{lead} was {letter} = {r}, {ci}, with *SD*ρ = {sd}{credible}; sampling error accounted "
        "for {share} of the variance.",
        lead=capital((Run(lead),)),
        letter=phrase("*r*") if summary is fit.bare else "ρ",
        r=shown.estimate,
        ci=style.limits(shown.low, shown.high, fit.level),
        sd=style.number(summary.sd_rho, max(digits, 2), bounded=True),
        credible=credible,
        share=percentage(min(summary.error_share, 1.0)),
    )


_WRITERS: dict[type, Callable[..., list[Text]]] = {
    SubgroupsResult: _of_subgroups,
    PsychometricFit: _of_psychometric,
    RobustFit: _of_fit,
    MetaFit: _of_fit,
}
