"""The words of a forest plot: what the model is called, and what it says of heterogeneity."""

from __future__ import annotations

import math
from typing import Any

from metarel._format import adaptive, fixed, p_value, percent
from metarel.models._inference import TESTS, TestResult
from metarel.models._summary import model_name
from metarel.plot._rows import has_moderators, random_effects

_NO_BREAK = "\u00a0"


def number(value: float, digits: int) -> str:
    """Return a number with a true minus sign; from six figures on as a power of ten."""
    text = f"{value:.1e}" if 1e5 <= abs(value) < math.inf else fixed(value, digits)
    return text.replace("-", "−")


def estimate_parts(estimate: float, low: float, high: float, digits: int) -> tuple[str, str, str]:
    """Return an estimate and its limits as three parts that align under each other."""
    return number(estimate, digits), f"[{number(low, digits)},", f"{number(high, digits)}]"


def summary_label(fit: Any) -> str:
    """Return what the model is called, with the estimator of tau2 and the test."""
    parts = [model_name(fit)]
    if random_effects(fit):
        parts.append(fit.spec.tau2 if isinstance(fit.spec.tau2, str) else "τ² given")
    if fit.spec.test != "z":
        parts.append(TESTS[fit.spec.test].name)
    return ", ".join(parts)


def heterogeneity(fit: Any) -> list[str]:
    """Return tau2, I2 and the test of Q as a note; none where one study leaves nothing to say."""
    h = fit.heterogeneity
    if not h.Q_df > 0:
        return []
    parts = [f"τ² = {'0' if fit.tau2 == 0 else adaptive(fit.tau2, 3)}"] * random_effects(fit)
    parts.append(f"{'residual ' * has_moderators(fit)}I² = {percent(fit.I2, 1)}")
    parts.append(f"Q({h.Q_df:g}) = {fixed(h.Q, 2)}, p {p_value(h.Q_p, 3)}")
    return [_breakable(parts)]


def moderators(fit: Any) -> list[str]:
    """Return R2 and the test of the moderators as a note."""
    if not has_moderators(fit):
        return []
    parts = [] if math.isnan(fit.R2) else [f"R² = {percent(fit.R2, 1)}"]
    if fit.omnibus is not None:
        parts.append(_test(fit.omnibus, "QM"))
    return [_breakable(parts)]


def between_levels(test: TestResult) -> str:
    """Return the test between subgroups as a note."""
    return "Between subgroups: " + _breakable([_test(test, "Q")])


def _test(test: TestResult, chi_square: str) -> str:
    """Return a joint test: a chi-square under its name, or F where it has a second df."""
    result = f"= {fixed(test.statistic, 2)}, p {p_value(test.p_value, 3)}"
    if math.isinf(test.df2):
        return f"{chi_square}({test.df1:g}) {result}"
    return f"F({test.df1:g}, {test.df2:g}) {result}"


def _breakable(parts: list[str]) -> str:
    """Join parts so that lines break between them and never within."""
    return ", ".join(part.replace(" ", _NO_BREAK) for part in parts)
