"""From a fit to the numbers that articles print, by name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._distributions import critical_value, two_sided_p
from metarel._lazy import pd
from metarel._linalg import weighted_least_squares
from metarel._register import one_of
from metarel.effects.transforms import TRANSFORMS
from metarel.errors import DatasetError
from metarel.models.tau2_interval import tau2_interval

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.models.results import MetaFit

COEFFICIENT = ("estimate", "se", "statistic", "df", "p_value", "ci_low", "ci_high")
HETEROGENEITY = (
    *("k", "tau2", "tau2_se", "tau", "R2"),
    *("Q", "Q_df", "Q_p", "I2", "H2", "I2_Q", "H2_Q"),
)
OMNIBUS = ("QM", "QM_df", "QM_p")
PREDICTION = ("estimate", "se", "ci_low", "ci_high", "pi_low", "pi_high")
SHARES = ("tau2", "tau", "I2", "H2")
LIMITS = tuple(f"{share}_{end}" for share in SHARES for end in ("low", "high"))
POINTS = frozenset({"estimate", "ci_low", "ci_high", "pi_low", "pi_high"})

#: Words for a scale besides the codes of ``TRANSFORMS``.
SCALES = {"z": "identity", "log": "identity", "r": "tanh"}


def on_scale(values: Mapping[str, float], scale: str, measure: str | None) -> Mapping[str, float]:
    """Return estimates and limits on the scale of print; SEs and tests stay on the measure's.

    A correlation pooled as it stands is on the scale ``"r"`` already.
    """
    known = [*SCALES, *TRANSFORMS]
    if scale not in known:
        raise DatasetError(one_of("scale", known, scale))
    if scale == "r" and measure in ("COR", "UCOR"):
        return values
    back = TRANSFORMS[SCALES.get(scale, scale)].back
    return {
        name: float(back(np.asarray(value))) if name in POINTS else value
        for name, value in values.items()
    }


def term_row(fit: MetaFit, term: str | None) -> int:
    """Return which coefficient a term names; a lone one needs no name."""
    terms = list(fit.study.terms)
    if term is None and len(terms) > 1:
        raise DatasetError(f"`term` must name a coefficient; the analysis has {', '.join(terms)}.")
    if term is not None and term not in terms:
        raise DatasetError(one_of("term", terms, term))
    return 0 if term is None else terms.index(term)


def coefficient(fit: MetaFit, row: int) -> dict[str, float]:
    """Return one coefficient with its test and limits."""
    columns = (fit.beta, fit.se, fit.statistic, fit.df, fit.p_value, fit.ci_low, fit.ci_high)
    return _row(columns, row)


def _row(columns: Sequence[Array], row: int) -> dict[str, float]:
    numbers = [float(column[row]) for column in columns]
    return dict(zip(COEFFICIENT, numbers, strict=True))


def heterogeneity(fit: MetaFit) -> dict[str, float]:
    """Return the heterogeneity of a fit; I2 and R2 are fractions."""
    found = fit.heterogeneity
    return {
        "k": float(fit.k),
        "tau2": fit.tau2,
        "tau2_se": fit.tau2_se,
        "tau": fit.tau,
        "R2": fit.R2,
        "Q": found.Q,
        "Q_df": found.Q_df,
        "Q_p": found.Q_p,
        "I2": found.I2,
        "H2": found.H2,
        "I2_Q": found.I2_Q,
        "H2_Q": found.H2_Q,
    }


def huber_white(fit: MetaFit, row: int) -> dict[str, float]:
    """Return one coefficient with its Huber–White standard error, test and limits.

    vcov = B (Σ w_i² e_i² x_i x_i') B with B = (X'WX)^-1, w_i = 1/(v_i + tau2) and e_i the residual,
    without a correction for few studies; normal reference [white1980].
    """
    X = fit.study.X
    w = 1 / (fit.study.vi + fit.tau2)
    solved = weighted_least_squares(fit.study.yi, X, w)
    scores = X * (w * solved.residuals)[:, None]
    half = scores @ solved.bread
    se = np.sqrt(np.sum(half**2, axis=0))
    normal = np.full(se.shape, np.inf)
    reach = critical_value(fit.spec.level, normal) * se
    statistic = solved.beta / se
    p = two_sided_p(statistic, normal)
    columns = (solved.beta, se, statistic, normal, p, solved.beta - reach, solved.beta + reach)
    return _row(columns, row)


def shrunken(fit: MetaFit, row: int) -> dict[str, float]:
    """Return one study's empirical Bayes estimate (BLUP) and its standard error.

    With s = tau2/(tau2 + v) it is s y + (1 − s) x'b, with variance s v + (1 − s)² x'Vx, V being
    the covariance of b [raudenbush1985].
    """
    y, v, x = fit.study.yi[row], fit.study.vi[row], fit.study.X[row]
    kept = fit.tau2 / (fit.tau2 + v)
    se = math.sqrt(kept * v + (1 - kept) ** 2 * float(x @ fit.vcov @ x))
    return {"estimate": float(kept * y + (1 - kept) * (x @ fit.beta)), "se": se}


def predicted(fit: MetaFit, at: Mapping[str, Any], interval: str) -> dict[str, float]:
    """Return the mean effect at given moderators, with confidence and prediction limits."""
    row = fit.predict(pd.DataFrame([at]) if at else None, interval=interval).iloc[0]
    return {name: float(row[name]) for name in PREDICTION}


def tau2_limits(fit: MetaFit, method: str) -> dict[str, float]:
    """Return the confidence limits of tau2, tau, I2 and H2; I2 is a fraction."""
    limits = tau2_interval(fit, method=method)
    return {
        f"{share}_{end}": float(limits[f"ci_{end}"][share])
        for share in SHARES
        for end in ("low", "high")
    }


def weight(fit: MetaFit, row: int) -> dict[str, float]:
    """Return one study's share of the weights, a fraction."""
    return {"weight": float(fit.weights().iloc[row]) / 100}


def omnibus(fit: MetaFit) -> dict[str, float]:
    """Return the test of the moderators; NaN where there is none."""
    test = fit.omnibus
    values = (math.nan,) * 3 if test is None else (test.statistic, test.df1, test.p_value)
    return dict(zip(OMNIBUS, values, strict=True))
