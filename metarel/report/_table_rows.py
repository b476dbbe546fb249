"""The rows of a journal's tables: means, coefficients, levels, psychometric analyses."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from metarel._format import listing
from metarel.plot._words import model_names
from metarel.report._content import Table, make_table
from metarel.report._quantities import (
    COEFFICIENT_UNITS,
    df_text,
    has_moderators,
    joint_test,
    people_of,
    pooled_estimate,
    print_estimate,
    random_effects,
    scale_of_fit,
    tau2_text,
    term_words,
    whole,
)
from metarel.report._runs import Run, Text, phrase, plain
from metarel.report._style import STATISTIC_DIGITS, Style, percentage
from metarel.robust._result import RobustFit

if TYPE_CHECKING:
    from metarel.report._quantities import Scale

NONE = "–"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a table.

    Parameters
    ----------
    style : Style
        How numbers are printed.
    digits : int
        Decimals of estimates.
    n : column name, array, number or None
        Sample sizes.
    data : DataFrame or None
        The frame the fits were made from.
    """

    style: Style
    digits: int
    n: Any = None
    data: Any = None


def name_of(fit: Any) -> str:
    """Return what a fit is called where nobody named it."""
    if not isinstance(fit, RobustFit):
        return _label(fit)
    unadjusted = replace(fit.model, spec=replace(fit.model.spec, test="z"))
    return f"{_label(unadjusted)}, cluster-robust {fit.kind}"


def _label(fit: Any) -> str:
    """Return what a model is called, with the estimator of tau2 and the test."""
    words = model_names(fit)
    return ", ".join(word for part in ("model", "estimator", "test") if (word := words[part]))


def _drop_empty(columns: list[Any], rows: list[list[str]]) -> tuple[list[Any], list[list[str]]]:
    """Leave out columns that no row has a value in."""
    kept = [
        j for j in range(len(columns)) if j == 0 or any(row[j] not in ("", NONE) for row in rows)
    ]
    return [columns[j] for j in kept], [[row[j] for j in kept] for row in rows]


def means(fits: dict[str, Any], wish: Wish, caption: str) -> Table:
    """Return a row for each pooled mean."""
    scales = [scale_of_fit(fit, wish.data) for fit in fits.values()]
    letter = _shared_letter(scales)
    first = next(iter(fits.values()))
    heads: list[Any] = ["Model", *_mean_heads(first.spec.level, letter, wish)]
    rows = [
        [name, *_mean_cells(fit, scale, wish, people_of(fit, wish.n, wish.data))]
        for (name, fit), scale in zip(fits.items(), scales, strict=True)
    ]
    columns, rows = _drop_empty(heads, rows)
    return make_table(caption, columns, rows, *_mean_notes(fits, scales))


def _shared_letter(scales: list[Scale]) -> Text:
    """Return the symbol of all estimates, or the word where they have none in common."""
    letters = {scale.letter for scale in scales}
    only = next(iter(letters))
    return only if len(letters) == 1 and only else (Run("Estimate"),)


def _mean_heads(level: float, letter: Text, wish: Wish) -> list[Any]:
    percent = f"{100 * level:g}%"
    return [
        "*k*",
        "*N*",
        letter,
        f"{percent} CI",
        f"*{wish.style.p_letter}*",
        "τ²",
        "*I*²",
        f"{percent} PI",
    ]


def _mean_cells(fit: Any, scale: Scale, wish: Wish, people: float | None) -> list[str]:
    """Return the cells of a pooled mean; a dash where there is nothing to say."""
    style = wish.style
    shown = pooled_estimate(fit, scale, style, wish.digits)
    spread = fit.heterogeneity.Q_df > 0
    by_q = not random_effects(fit) or fit.spec.I2 == "Q"
    share = fit.heterogeneity.I2_Q if by_q else fit.heterogeneity.I2
    return [
        str(fit.k),
        NONE if people is None or math.isnan(people) else whole(people),
        shown.estimate,
        style.limits(shown.low, shown.high),
        NONE if scale.reading.null is None else style.p_cell(float(fit.p_value[0])),
        tau2_text(fit.tau2, style) if random_effects(fit) and spread else NONE,
        percentage(share) if spread else NONE,
        style.limits(shown.pi_low, shown.pi_high) if shown.pi_low and shown.pi_high else NONE,
    ]


def _mean_notes(fits: dict[str, Any], scales: list[Scale]) -> list[Text]:
    """Return what a reader must know beneath means."""
    words = ["CI = confidence interval"]
    if any(random_effects(fit) and fit.k > 1 for fit in fits.values()):
        words.append("PI = prediction interval for the true effect of a new study")
        words.append("τ² = between-study variance")
    notes = [phrase("{words}.", words="; ".join(words)), *share_notes(list(fits.values()))]
    told = {scale.analysed: scale.name for scale in scales if scale.analysed}
    notes += [
        phrase("The {name} was analysed as {how}; τ² is on that scale.", name=name, how=how)
        for how, name in told.items()
    ]
    return notes


def share_notes(fits: list[Any]) -> list[Text]:
    """Say what I2 was computed from."""
    by_q = {not random_effects(fit) or fit.spec.I2 == "Q" for fit in fits}
    tau2 = phrase("τ² (τ² over the sum of τ² and the typical sampling variance)")
    from_q = phrase("*Q* ((*Q* − df)/*Q*)")
    if len(by_q) == 2:
        text = "*I*² is computed from {tau2}, under a common effect from {q}."
        return [phrase(text, tau2=tau2, q=from_q)]
    return [phrase("*I*² is computed from {what}.", what=from_q if True in by_q else tau2)]


def coefficients(fits: dict[str, Any], wish: Wish, caption: str) -> Table:
    """Return a row for each coefficient of each model."""
    style, level = wish.style, next(iter(fits.values())).spec.level
    several = len(fits) > 1
    heads = [
        *(["Model"] * several),
        "Term",
        "*b*",
        "*SE*",
        f"{100 * level:g}% CI",
        "Test",
        f"*{style.p_letter}*",
    ]
    rows = []
    for name, fit in fits.items():
        for i, row in enumerate(fit.to_frame().itertuples(index=False)):
            cells = coefficient_cells(row, wish)
            rows.append([*([name if i == 0 else ""] * several), *cells])
    return make_table(caption, heads, rows, *coefficient_notes(fits, wish))


def coefficient_cells(row: Any, wish: Wish) -> list[str]:
    """Return the cells of a coefficient."""
    style = wish.style
    shown = _coefficient(row, wish)
    decimals = len(shown.estimate.partition(".")[2])
    head = "z" if math.isinf(row.df) else f"t({df_text(row.df)})"
    defined = not math.isnan(row.statistic)
    test = f"{head} = {style.number(row.statistic, STATISTIC_DIGITS)}" if defined else NONE
    return [
        term_words(row.term),
        shown.estimate,
        style.number(row.se, decimals),
        style.limits(shown.low, shown.high),
        test,
        style.p_cell(row.p_value),
    ]


def _coefficient(row: Any, wish: Wish) -> Any:
    values = {name: getattr(row, name) for name in ("estimate", "ci_low", "ci_high")}
    return print_estimate(values, wish.style, wish.digits, bounded=False, units=COEFFICIENT_UNITS)


def coefficient_notes(fits: dict[str, Any], wish: Wish) -> list[Text]:
    """Return a line for each model: studies, joint test, what is left."""
    notes = []
    for name, fit in fits.items():
        text = fit_line(fit, wish)
        notes.append(phrase("{name}: {text}.", name=name, text=text) if len(fits) > 1 else text)
    told = {scale_of_fit(fit).analysed for fit in fits.values()} - {""}
    if told:
        scales = listing(sorted(told))
        notes.append(phrase("Coefficients are those of the effect as {scales}.", scales=scales))
    return [*notes, *share_notes(list(fits.values()))]


def fit_line(fit: Any, wish: Wish) -> Text:
    """Return a fit's k, joint test, R2 and residual heterogeneity in one line."""
    style = wish.style
    text = phrase("*k* = {k}", k=str(fit.k))
    if fit.omnibus is not None:
        text = phrase("{t}; {test}", t=text, test=joint_test(fit.omnibus, style, "QM"))
    if fit.R2_meaningful:
        text = phrase("{t}; *R*² = {r2}", t=text, r2=percentage(fit.R2))
    if random_effects(fit):
        left = "residual τ²" if has_moderators(fit) else "τ²"
        text = phrase("{t}; {left} = {v}", t=text, left=left, v=tau2_text(fit.tau2, style))
    return phrase("{t}; *I*² = {i2}", t=text, i2=percentage(fit.I2))


def side_by_side(fits: dict[str, Any], wish: Wish, caption: str) -> Table:
    """Return a column for each model: its coefficients, and what it says as a whole."""
    terms = list(dict.fromkeys(term for fit in fits.values() for term in fit.study.terms))
    rows = [[term_words(term)] for term in terms]
    for fit in fits.values():
        own = {row.term: row for row in fit.to_frame().itertuples(index=False)}
        for cells, term in zip(rows, terms, strict=True):
            cells.append(_b_and_interval(own[term], wish) if term in own else "")
    tests = [
        NONE if f.omnibus is None else plain(joint_test(f.omnibus, wish.style, "QM"))
        for f in fits.values()
    ]
    rows.append(["k", *(str(fit.k) for fit in fits.values())])
    rows.append(["Test of the moderators", *tests])
    rows.append(
        ["R²", *(percentage(fit.R2) if fit.R2_meaningful else NONE for fit in fits.values())]
    )
    rows.append(
        [
            "τ²",
            *(tau2_text(f.tau2, wish.style) if random_effects(f) else NONE for f in fits.values()),
        ]
    )
    rows.append(["I²", *(percentage(fit.I2) for fit in fits.values())])
    notes = [phrase("Cells are coefficients with their confidence intervals.")]
    notes += share_notes(list(fits.values()))
    return make_table(caption, ["Term", *([(Run(name),) for name in fits])], rows, *notes)


def _b_and_interval(row: Any, wish: Wish) -> str:
    shown = _coefficient(row, wish)
    return f"{shown.estimate} {wish.style.limits(shown.low, shown.high)}"


def levels(results: dict[str, Any], wish: Wish, caption: str) -> Table:
    """Return a block for each moderator: a row a level, and the test between them."""
    first = next(iter(results.values())).overall
    scale = scale_of_fit(first, wish.data)
    letter = _shared_letter([scale])
    heads = ["Moderator", "Level", *_mean_heads(first.spec.level, letter, wish), "Between levels"]
    rows = []
    for name, result in results.items():
        between = plain(joint_test(result.between, wish.style))
        sizes = result.table["N"] if "N" in result.table else [math.nan] * len(result.fits)
        for i, ((level, fit), n) in enumerate(zip(result.fits.items(), sizes, strict=True)):
            cells = _mean_cells(fit, scale, wish, n)
            rows.append([name if i == 0 else "", level, *cells, between if i == 0 else ""])
    columns, rows = _drop_empty(heads, rows)
    fits = {level: fit for result in results.values() for level, fit in result.fits.items()}
    kinds = {result.common_tau2 for result in results.values()}
    own = "Each level has a τ² of its own." if False in kinds else "All levels share one τ²."
    notes = [*_mean_notes(fits, [scale]), *([phrase(own)] if random_effects(first) else [])]
    return make_table(caption, columns, rows, *notes)


def psychometric(fits: dict[str, Any], wish: Wish, caption: str) -> Table:
    """Return a row for each analysis: bare-bones and corrected."""
    style = wish.style
    first = next(iter(fits.values()))
    level = first.credibility_levels[0] if first.credibility_levels else None
    several = len(fits) > 1
    heads = [
        *(["Sample"] * several),
        "Analysis",
        "*k*",
        "*N*",
        "Mean *r*",
        f"{100 * first.level:g}% CI",
    ]
    heads += [
        "*SD*",
        "*SD*ρ",
        *([] if level is None else [f"{100 * level:g}% CR"]),
        "Sampling error",
    ]
    rows = []
    for name, fit in fits.items():
        for i, row in enumerate(fit.to_frame().to_dict("records")):
            start = [name if i == 0 else ""] * several
            rows.append([*start, *_psychometric_cells(row, level, style, wish.digits)])
    notes = [
        phrase(
            "CI = confidence interval of the mean; CR = credibility interval; *SD*ρ = standard "
            "deviation of true correlations; sampling error = its share of the variance."
        )
    ]
    return make_table(caption, heads, rows, *notes)


def _psychometric_cells(
    row: dict[str, Any], level: float | None, style: Style, digits: int
) -> list[str]:
    values = {"estimate": row["mean"], "ci_low": row["ci_low"], "ci_high": row["ci_high"]}
    if level is not None:
        name = f"cr{100 * level:g}"
        values |= {"pi_low": row[f"{name}_low"], "pi_high": row[f"{name}_high"]}
    shown = print_estimate(values, style, digits, bounded=True)
    credible = [] if level is None else [style.limits(shown.pi_low, shown.pi_high)]
    return [
        str(row["analysis"]),
        str(row["k"]),
        whole(row["n"]),
        shown.estimate,
        style.limits(shown.low, shown.high),
        style.number(row["sd"], max(digits, 2), bounded=True),
        style.number(row["sd_rho"], max(digits, 2), bounded=True),
        *credible,
        percentage(row["error_share"]),
    ]


def turned(table: Table) -> Table:
    """Return a table whose rows are the columns of another."""
    heads = [table.columns[0], *((Run(row[0]),) for row in table.rows)]
    rows = [
        (plain(head), *(row[j] for row in table.rows))
        for j, head in enumerate(table.columns)
        if j > 0
    ]
    return Table(table.caption, tuple(heads), tuple(rows), table.notes)
