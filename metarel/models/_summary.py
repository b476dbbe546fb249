"""A fit in words, frames and plain types."""

from __future__ import annotations

import html
import math
from typing import Any

from metarel._format import adaptive, count, fixed, interval, listing, p_value, percent, plain
from metarel.effects.register import MEASURES
from metarel.effects.transforms import TRANSFORMS
from metarel.models._inference import TESTS
from metarel.tau2.register import TAU2

HEADINGS = ("estimate", "se", "statistic", "df", "p_value", "ci_low", "ci_high")


def model_name(fit: Any) -> str:
    """Return the model's name in the field's words."""
    moderated = fit.study.terms != ("intercept",)
    if fit.spec.model:
        return str(fit.spec.model)
    if fit.spec.tau2 == "EE":
        return "Common-effect meta-regression" if moderated else "Common-effect model"
    return "Mixed-effects meta-regression" if moderated else "Random-effects model"


def tau2_name(fit: Any) -> str:
    """Return how tau2 was found."""
    if isinstance(fit.spec.tau2, str):
        return TAU2[fit.spec.tau2].name
    return "fixed"


def heterogeneity_lines(fit: Any) -> list[str]:
    """Return tau2, I2, H2 and Q, each with its definition; the fit's own comes first."""
    h = fit.heterogeneity
    residual = "Residual " if fit.study.terms != ("intercept",) else ""
    lines = []
    if fit.spec.tau2 != "EE":
        se = "" if math.isnan(fit.tau2_se) else f" (SE {adaptive(fit.tau2_se)})"
        lines.append(
            f"{residual}tau2 = {adaptive(fit.tau2)}{se}, tau = {adaptive(fit.tau)} "
            f"({tau2_name(fit)})"
        )
        shares = [
            f"I2 = {percent(h.I2)}, H2 = {fixed(h.H2, 2)} (from tau2)",
            f"I2 = {percent(h.I2_Q)}, H2 = {fixed(h.H2_Q, 2)} (from Q)",
        ]
        lines.append(";  ".join(shares[::-1] if fit.spec.I2 == "Q" else shares))
    else:
        lines.append(f"I2 = {percent(h.I2_Q)}, H2 = {fixed(h.H2_Q, 2)} (from Q)")
    lines.append(f"{residual}Q({h.Q_df}) = {fixed(h.Q)}, p {p_value(h.Q_p)}")
    return lines


def coefficient_rows(fit: Any) -> list[list[str]]:
    """Return the table of coefficients as text."""
    rows = []
    for row in fit.to_frame().itertuples(index=False):
        df = "z" if math.isinf(row.df) else f"t({row.df:g})"
        p = p_value(row.p_value).removeprefix("= ")
        estimate, low, high = (adaptive(x) for x in (row.estimate, row.ci_low, row.ci_high))
        statistic = fixed(row.statistic)
        rows.append([row.term, estimate, adaptive(row.se), statistic, df, p, low, high])
    return rows


def _headings(fit: Any) -> list[str]:
    level = f"{100 * fit.spec.level:g}%"
    return ["", "estimate", "se", "statistic", "test", "p", f"{level} low", f"{level} high"]


def prediction_lines(fit: Any) -> list[str]:
    """Return the prediction interval and the estimate on the scale people read."""
    if fit.study.terms != ("intercept",):
        return []
    lines = []
    row = fit.predict().iloc[0]
    if fit.spec.tau2 != "EE":
        lines.append(f"Prediction interval {interval(row.pi_low, row.pi_high)}")
    code = MEASURES[fit.study.measure].transform if fit.study.measure else "identity"
    if code != "identity":
        back = fit.predict(transform=True).iloc[0]
        text = f"Back-transformed, {TRANSFORMS[code].formula}: {fixed(back.estimate)} "
        text += interval(back.ci_low, back.ci_high)
        if fit.spec.tau2 != "EE":
            text += f", prediction interval {interval(back.pi_low, back.pi_high)}"
        lines.append(text)
    return lines


def note_lines(fit: Any) -> list[str]:
    """Return what a reader must know beside the numbers."""
    notes = []
    if fit.trace.message:
        notes.append(f"Note: {fit.trace.message}.")
    if fit.study.dropped:
        at = [f"{d.label}, {d.place}" if d.place else d.label for d in fit.study.dropped]
        why = [d.reason for d in fit.study.dropped]
        told = listing([f"{name} ({reason})" for name, reason in zip(at, why, strict=True)])
        notes.append(f"Left out: {count(len(fit.study.dropped), 'row')}: {told}.")
    if fit.study.weights is not None and not fit.spec.model:
        notes.append("Weights as given by the user; the covariance allows for them.")
    if fit.spec.settings is not None:
        notes += fit.spec.settings.lines()
    return notes


def as_text(fit: Any, test: str = "") -> str:
    """Return the whole summary; ``test`` names a test that is not in the register."""
    test = test or TESTS[fit.spec.test].name
    head = f"{model_name(fit)}, {count(fit.k, 'study', 'studies')}, test: {test}"
    if fit.study.measure:
        head += f"\nMeasure: {fit.study.measure}, {MEASURES[fit.study.measure].name}"
    parts = [head, "\n".join(heterogeneity_lines(fit))]
    if fit.omnibus is not None:
        explained = "" if math.isnan(fit.R2) else f"\nR2 = {percent(fit.R2)} of tau2 explained"
        parts.append(f"Moderators: {fit.omnibus}{explained}")
    rows = [_headings(fit), *coefficient_rows(fit)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    table = [
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    parts.append("\n".join(table))
    tail = prediction_lines(fit) + note_lines(fit)
    if tail:
        parts.append("\n".join(tail))
    return "\n\n".join(parts)


def as_html(fit: Any) -> str:
    """Return the summary for a notebook."""
    head = "".join(f"<th>{html.escape(h)}</th>" for h in _headings(fit))
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in coefficient_rows(fit)
    )
    lines = heterogeneity_lines(fit)
    if fit.omnibus is not None:
        lines.append(f"Moderators: {fit.omnibus}")
    lines += prediction_lines(fit) + note_lines(fit)
    text = "<br>".join(html.escape(line) for line in lines)
    title = html.escape(f"{model_name(fit)}, {count(fit.k, 'study', 'studies')}")
    return (
        f"<div><strong>{title}</strong>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{text}</p></div>"
    )


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
