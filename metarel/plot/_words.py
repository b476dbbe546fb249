"""The words of a forest plot: what a model is called, and what it says of heterogeneity."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from metarel._format import fixed, percent
from metarel.models._inference import TESTS, TestResult
from metarel.models._summary import model_name
from metarel.plot._numerals import number as number
from metarel.plot._numerals import small
from metarel.plot._rows import has_moderators, random_effects
from metarel.robust._result import RobustFit

if TYPE_CHECKING:
    from metarel.plot._layouts import Layout
    from metarel.plot._reading import Reading

Values = dict[str, str | None]

LONGEST_TITLE = 20  # characters; longer names of measures are printed short above a column
_LOW = str.maketrans("0123456789.", "₀₁₂₃₄₅₆₇₈₉.")


def effect_names(reading: Reading, level: float) -> Values:
    """Return what the effects are called in headers."""
    short = reading.header if len(reading.name) > LONGEST_TITLE else reading.name
    return {
        "effect": reading.header,
        "name": reading.name,
        "title": short,
        "raw": reading.raw or reading.header,
        "level": f"{100 * level:g}",
        "method": "",
    }


def model_names(fit: Any) -> Values:
    """Return what the model is called, with the estimator of tau2 and the test."""
    model = model_name(fit)
    pooled = "Random" if fit.spec.tau2 != "EE" else "Common"
    estimator = fit.spec.tau2 if isinstance(fit.spec.tau2, str) else "τ² given"
    robust = f"cluster-robust {fit.kind}" if isinstance(fit, RobustFit) else None
    return {
        "model": model,
        "estimator": estimator if random_effects(fit) else None,
        "test": robust or (None if fit.spec.test == "z" else TESTS[fit.spec.test].name),
        "method": fit.spec.model or f"IV, {pooled}",
        "level": f"{100 * fit.spec.level:g}",
    }


def _heterogeneity(fit: Any, layout: Layout) -> Values:
    """Return the numbers of heterogeneity; none where one study leaves nothing to say."""
    h, residual = fit.heterogeneity, has_moderators(fit)
    values: Values = {
        "residual": "residual " * residual,
        "heterogeneity": "residual heterogeneity" if residual else "heterogeneity",
        "Heterogeneity": "Residual heterogeneity" if residual else "Heterogeneity",
    }
    if not h.Q_df > 0:
        return values
    return values | {
        "tau2": small(fit.tau2, layout.tau2_digits) if random_effects(fit) else None,
        "I2": percent(fit.I2, 1),
        "I2_whole": percent(fit.I2, 0),
        "Q": fixed(h.Q, 2),
        "df": f"{h.Q_df:g}",
        "df_low": _low(h.Q_df),
        "p": layout.p(h.Q_p),
    }


def _joint(test: TestResult, layout: Layout) -> Values:
    """Return the numbers of a joint test: a chi-square, or F where it has a second df."""
    chi2 = math.isinf(test.df2)
    statistic = fixed(test.statistic, 2)
    share = max(0.0, 1 - test.df1 / test.statistic) if test.statistic > 0 else 0.0
    return {
        "chi2": statistic if chi2 else None,
        "F": None if chi2 else statistic,
        "df1": f"{test.df1:g}",
        "df1_low": _low(test.df1),
        "df2": f"{test.df2:g}",
        "df2_low": _low(test.df2),
        "I2": percent(share, 0) if chi2 else None,
        "p": layout.p(test.p_value),
    }


def _low(df: float) -> str:
    """Write degrees of freedom as a subscript."""
    return f"{df:.3g}".translate(_LOW) if math.isfinite(df) else ""


def _overall(fit: Any, layout: Layout) -> Values:
    """Return the numbers of the test that the mean is zero."""
    statistic, df = float(fit.statistic[0]), float(fit.df[0])
    if math.isnan(statistic):
        return {}
    z = math.isinf(df)
    size, signed = fixed(abs(statistic), 2), fixed(statistic, 2).replace("-", "−")
    return {
        "z": size if z else None,
        "t": None if z else size,
        "z_signed": signed if z else None,
        "t_signed": None if z else signed,
        "t_df": f"{df:.4g}",
        "df_low": _low(df),
        "p": layout.p(float(fit.p_value[0])),
    }


def heterogeneity(fit: Any, layout: Layout) -> str:
    """Return tau2, I2 and the test of Q as a note; empty where there is nothing to say."""
    values = _heterogeneity(fit, layout)
    return layout.heterogeneity.say(values) if "Q" in values else ""


def moderators(fit: Any, layout: Layout) -> str:
    """Return R2 and the test of the moderators as a note; empty without moderators."""
    if not has_moderators(fit):
        return ""
    values: Values = {"R2": None if math.isnan(fit.R2) else percent(fit.R2, 1)}
    if fit.omnibus is not None:
        values |= _joint(fit.omnibus, layout)
    return layout.moderators.say(values)


def between_levels(test: TestResult, layout: Layout) -> str:
    """Return the test between subgroups as a note."""
    return layout.between.say(_joint(test, layout))


def overall(fit: Any, layout: Layout) -> str:
    """Return the test of the mean as a note, where the layout prints it."""
    return "" if has_moderators(fit) else layout.overall.say(_overall(fit, layout))
