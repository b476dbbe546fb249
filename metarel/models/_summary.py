"""A fit in words, frames and plain types."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from metarel._distributions import critical_value
from metarel._format import (
    WIDTH,
    adaptive,
    count,
    fixed,
    interval,
    listing,
    p_value,
    percent,
    plain,
    wrapped_equations,
)
from metarel._shown import aligned, html_table, paragraph, title
from metarel.effects.register import MEASURES
from metarel.effects.transforms import TRANSFORMS
from metarel.models._inference import TESTS
from metarel.tau2._base import AT_BOUNDARY
from metarel.tau2.register import TAU2

#: I2 from tau2 and from Q are both printed where they are further apart than this.
A_POINT = 0.01
#: Below this factor of Knapp and Hartung there is no residual to scale by, which is said already.
NO_RESIDUAL = 1e-12
#: A factor with its coding: ``C(alloc, contr.treatment('random'))[``.
CODED = re.compile(r"\bC\(\s*(\w+)\s*(?:,(?:[^()\[\]]|\([^()]*\))*)?\)\[")


def moderated(fit: Any) -> bool:
    """Tell whether a fit has more than a mean."""
    return bool(fit.study.terms != ("intercept",))


def model_name(fit: Any) -> str:
    """Return the model's name in the field's words."""
    more = moderated(fit)
    if fit.spec.model:
        return str(fit.spec.model)
    if fit.spec.tau2 == "EE":
        return "Common-effect meta-regression" if more else "Common-effect model"
    return "Mixed-effects meta-regression" if more else "Random-effects model"


def tau2_name(fit: Any) -> str:
    """Return how tau2 was found."""
    if isinstance(fit.spec.tau2, str):
        return TAU2[fit.spec.tau2].name
    return "fixed"


def heterogeneity_lines(fit: Any) -> list[str]:
    """Return tau2, I2, H2 and Q, each with its definition; the fit's own comes first.

    I2 from tau2 and from Q stand side by side only where they are told apart by more than a point.
    H2 from Q is not printed below 1, as I2 from Q is not below 0.
    """
    h = fit.heterogeneity
    residual = "Residual " if moderated(fit) else ""
    lines = []
    by_q = f"I2 = {percent(h.I2_Q)}, H2 = {fixed(max(h.H2_Q, 1.0), 2)} (from Q)"
    if fit.spec.tau2 == "EE":
        lines.append(by_q)
    else:
        se = "" if math.isnan(fit.tau2_se) else f" (SE {adaptive(fit.tau2_se)})"
        lines.append(
            f"{residual}tau2 = {adaptive(fit.tau2)}{se}, tau = {adaptive(fit.tau)} "
            f"({tau2_name(fit)})"
        )
        shares = [f"I2 = {percent(h.I2)}, H2 = {fixed(h.H2, 2)} (from tau2)", by_q]
        if fit.spec.I2 == "Q":
            shares.reverse()
        lines.append(";  ".join(shares if abs(h.I2 - h.I2_Q) > A_POINT else shares[:1]))
    name = "Residual heterogeneity" if residual else "Heterogeneity"
    lines.append(f"{name}: Q({h.Q_df}) = {fixed(h.Q)}, p {p_value(h.Q_p)}")
    return lines


def moderator_lines(fit: Any) -> list[str]:
    """Return the joint test of the moderators and what they explain."""
    if fit.omnibus is None:
        return []
    return [f"Moderators: {fit.omnibus}", *explained_lines(fit)]


def explained_lines(fit: Any) -> list[str]:
    """Return R2, or why there is none that means something."""
    if fit.R2_meaningful:
        what = "weighted variance (adjusted)" if fit.spec.tau2 == "EE" else "tau2"
        return [f"R2 = {percent(fit.R2)} of {what} explained"]
    if fit.tau2_without == 0:
        return ["R2: not defined, for tau2 without moderators is estimated as 0"]
    if math.isnan(fit.tau2_without):
        return []
    return [
        f"R2: not meaningful, for tau2 without moderators is {adaptive(fit.tau2_without)} "
        f"(SE {adaptive(fit.tau2_without_se)})"
    ]


def likelihood_line(fit: Any) -> str:
    """Return the likelihood and its criteria."""
    s = fit.statistics
    return (
        f"Log-likelihood {fixed(s.log_likelihood)}, deviance {fixed(s.deviance)}, "
        f"AIC {fixed(s.AIC, 2)}, BIC {fixed(s.BIC, 2)}, AICc {fixed(s.AICc, 2)}"
    )


def shown_terms(terms: Sequence[str]) -> list[str]:
    """Return terms without what says how a factor was coded: ``alloc[T.random]``.

    Names stay as they are where two would become one.
    """
    shown = [CODED.sub(r"\1[", term) for term in terms]
    return shown if len(set(shown)) == len(set(terms)) else list(terms)


def degrees(df: float) -> str:
    """Return the reference of a test: ``z``, ``t(12)``, ``t(9.6)``."""
    return "z" if math.isinf(df) else f"t({df:.0f})" if df == round(df) else f"t({df:.1f})"


def coefficient_table(fit: Any) -> list[list[str]]:
    """Return the coefficients under their headings, as text that fits a terminal.

    Where it would not, and all coefficients have one reference, this is the heading of their
    statistics instead of a column.
    """
    level = f"{100 * fit.spec.level:g}%"
    limits = [f"{level} low", f"{level} high"]
    rows = [["", "estimate", "se", "statistic", "test", "p", *limits]]
    terms = shown_terms(fit.study.terms)
    for term, row in zip(terms, fit.to_frame().itertuples(index=False), strict=True):
        p = p_value(row.p_value).removeprefix("= ")
        estimate, low, high = (adaptive(x) for x in (row.estimate, row.ci_low, row.ci_high))
        statistic, test = fixed(row.statistic), degrees(row.df)
        rows.append([term, estimate, adaptive(row.se), statistic, test, p, low, high])
    tests = {row[4] for row in rows[1:]}
    if len(tests) == 1 and len(aligned(rows).partition("\n")[0]) > WIDTH:
        rows = [row[:4] + row[5:] for row in rows]
        rows[0][3] = tests.pop()
    return rows


def read_as(fit: Any) -> str:
    """Return the formula of the scale people read; empty where that is the scale of the effects."""
    code = MEASURES[fit.study.measure].transform if fit.study.measure else "identity"
    return "" if code == "identity" else str(TRANSFORMS[code].formula)


def prediction_lines(fit: Any) -> list[str]:
    """Return the prediction interval and the estimate on the scale people read."""
    if moderated(fit):
        return []
    lines = []
    row = fit.predict().iloc[0]
    if fit.spec.tau2 != "EE":
        lines.append(f"Prediction interval {interval(row.pi_low, row.pi_high)}")
    if formula := read_as(fit):
        back = fit.predict(transform=True).iloc[0]
        text = f"Back-transformed, {formula}: {fixed(back.estimate)} "
        text += interval(back.ci_low, back.ci_high)
        if fit.spec.tau2 != "EE":
            text += f", prediction {interval(back.pi_low, back.pi_high)}"
        lines.append(text)
    return lines


def note_lines(fit: Any, *, names: bool = True) -> list[str]:
    """Return what a reader must know beside the numbers; of names that repeat where asked."""
    told = fit.trace.message.split("; ")
    message = "; ".join(part for part in told if part not in ("", AT_BOUNDARY))
    notes = [f"Note: {message}."] if message else []
    notes += [*_of_zero_tau2(fit), *_of_narrow_interval(fit)]
    notes += _of_repeated_labels(fit) if names else []
    if fit.study.dropped:
        at = [f"{d.label}, {d.place}" if d.place else d.label for d in fit.study.dropped]
        why = [d.reason for d in fit.study.dropped]
        rows = listing([f"{name} ({reason})" for name, reason in zip(at, why, strict=True)])
        notes.append(f"Left out: {count(len(fit.study.dropped), 'row')}: {rows}.")
    if fit.study.weights is not None and not fit.spec.model:
        notes.append("Weights as given by the user; the covariance allows for them.")
    if fit.spec.settings is not None:
        notes += fit.spec.settings.lines()
    return notes


def _of_zero_tau2(fit: Any) -> list[str]:
    """Say what an estimate of 0 does not show."""
    estimated = isinstance(fit.spec.tau2, str) and fit.spec.tau2 != "EE"
    if not estimated or fit.tau2 > 0 or fit.k <= fit.p:
        return []
    if moderated(fit):
        return [
            f"Note: residual tau2 is estimated as 0; with {fit.k} studies this does not show that "
            "the moderators explain all differences between effects."
        ]
    same = (
        ", so the prediction interval equals the confidence interval"
        if fit.spec.prediction == "default"
        else ""
    )
    return [
        f"Note: tau2 is estimated as 0{same}; with {fit.k} studies this does not show that "
        "effects are equal."
    ]


def _of_narrow_interval(fit: Any) -> list[str]:
    """Say where the interval of Knapp and Hartung is the narrower one."""
    factor = getattr(fit, "knapp_hartung", math.nan)
    if fit.spec.test != "knha" or not factor >= NO_RESIDUAL:
        return []
    t, z = (critical_value(fit.spec.level, df) for df in (fit.df[0], math.inf))
    if t * math.sqrt(factor) >= z:
        return []
    return [
        "Note: the Knapp–Hartung interval is narrower than the z interval (it scales the variance "
        f"by {factor:.2f}); test='adhoc' does not scale it below 1."
    ]


def _of_repeated_labels(fit: Any) -> list[str]:
    """Say that effects under one name are treated as those of different people."""
    names = len(set(fit.study.labels))
    if names == fit.k or hasattr(fit, "clusters"):
        return []
    return [
        f"Note: {fit.k} effects of {names} names, treated as independent; if they are not, "
        "see robust()."
    ]


def head_lines(fit: Any, test: str = "") -> list[str]:
    """Return the model, its studies and test, and the measure."""
    test = test or TESTS[fit.spec.test].name
    model = f"{model_name(fit)}, {count(fit.k, 'study', 'studies')}"
    one = f"{model}, test: {test}"
    lines = [one] if len(one) <= WIDTH else [model, f"Test: {test}"]
    if fit.study.measure:
        lines.append(f"Measure: {fit.study.measure}, {MEASURES[fit.study.measure].name}")
    return lines


def _blocks(
    fit: Any, test: str, *, likelihood: bool = False, names: bool = True
) -> tuple[list[list[str]], list[str]]:
    """Return the lines above the table of coefficients, block by block, and those below it."""
    spread = heterogeneity_lines(fit) + ([likelihood_line(fit)] if likelihood else [])
    above = [head_lines(fit, test), spread, moderator_lines(fit)]
    return [block for block in above if block], prediction_lines(fit) + note_lines(fit, names=names)


def as_text(fit: Any, test: str = "", *, likelihood: bool = False, names: bool = True) -> str:
    """Return the fit in words and a table.

    Parameters
    ----------
    fit : Fit
        The fit.
    test : str
        Name of a test that is not in the register.
    likelihood : bool
        Whether to add the likelihood and its criteria.
    names : bool
        Whether to say that names of studies repeat; the terminal says it in its own options.

    Returns
    -------
    str
        Text for a terminal of 80 columns; names of terms alone may make it wider.
    """
    above, below = _blocks(fit, test, likelihood=likelihood, names=names)
    parts = ["\n".join(map(wrapped_equations, block)) for block in above]
    parts.append(aligned(coefficient_table(fit)))
    if below:
        parts.append("\n".join(map(wrapped_equations, below)))
    return "\n\n".join(parts)


def as_html(fit: Any, test: str = "") -> str:
    """Return the same for a notebook."""
    above, below = _blocks(fit, test)
    parts = [title(above[0]), *(paragraph(block) for block in above[1:])]
    return f"<div>{''.join(parts)}{html_table(coefficient_table(fit))}{paragraph(below)}</div>"


def as_dict(fit: Any) -> dict[str, Any]:
    """Return the fit in plain types for JSON."""
    h, s = fit.heterogeneity, fit.statistics
    out = {
        "model": model_name(fit),
        "k": fit.k,
        "measure": fit.study.measure,
        "tau2_estimator": fit.spec.tau2,
        "test": fit.spec.test,
        "level": fit.spec.level,
        "formula": fit.spec.formula,
        "settings": None if fit.spec.settings is None else fit.spec.settings.to_dict(),
        "coefficients": fit.to_frame().to_dict("records"),
        "tau2": fit.tau2,
        "tau2_se": fit.tau2_se,
        "Q": h.Q,
        "Q_df": h.Q_df,
        "Q_p": h.Q_p,
        "I2": fit.I2,
        "H2": fit.H2,
        "I2_from": "Q" if fit.spec.tau2 == "EE" else fit.spec.I2,
        "I2_Q": h.I2_Q,
        "H2_Q": h.H2_Q,
        "R2": fit.R2,
        "tau2_without_moderators": fit.tau2_without,
        "omnibus": None
        if fit.omnibus is None
        else {name: getattr(fit.omnibus, name) for name in fit.omnibus.__slots__},
        "log_likelihood": s.log_likelihood,
        "AIC": s.AIC,
        "BIC": s.BIC,
        "AICc": s.AICc,
        "converged": fit.trace.converged,
        "dropped": [
            {"row": d.row, "label": d.label, "reason": d.reason} for d in fit.study.dropped
        ],
    }
    if fit.study.terms == ("intercept",):
        out["prediction"] = fit.predict().iloc[0].to_dict()
    return plain(out)
