"""P-values of many tests corrected for being many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import multitest, special
from metarel._register import Register
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._checks import Array

#: Nodes of the Gauss-Legendre rules for the studentised range, and half the range of a normal.
NODES = 200
REACH = 9.0


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A correction for multiple tests.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What to call it in text.
    holds : str
        What it keeps under control.
    method : str
        Name of the procedure in statsmodels' ``multipletests``, or an empty string.
    """

    code: str
    name: str
    holds: str
    method: str = ""


ADJUSTMENTS: Register[Adjustment] = Register(
    "adjust",
    [
        Adjustment("none", "not corrected", "the error rate of each single test"),
        Adjustment("bonferroni", "Bonferroni", "the chance of any false finding", "bonferroni"),
        Adjustment("sidak", "Šidák", "the chance of any false finding", "sidak"),
        Adjustment("holm", "Holm", "the chance of any false finding", "holm"),
        Adjustment("hochberg", "Hochberg", "the chance of any false finding", "simes-hochberg"),
        Adjustment("BH", "Benjamini–Hochberg", "the share of false findings", "fdr_bh"),
        Adjustment("BY", "Benjamini–Yekutieli", "the share of false findings", "fdr_by"),
        Adjustment("tukey", "Tukey", "the chance of any false finding among all pairs"),
    ],
    aliases={"fdr": "BH", "bh": "BH", "by": "BY"},
)


def adjust_p(
    p: Array, adjust: str, *, statistic: Array | None = None, df: float = np.inf, means: int = 0
) -> Array:
    """Return corrected p-values; a missing one stays missing and does not count as a test.

    ``statistic``, ``df`` and ``means`` (how many means are compared) serve "tukey", which needs
    a family of all pairs.
    """
    rule = ADJUSTMENTS[adjust]
    if rule.code == "none":
        return p.copy()
    if rule.code == "tukey":
        if statistic is None or means < 2 or len(p) != means * (means - 1) // 2:
            raise InputError(
                "`adjust` may be 'tukey' only for all pairs of the levels of one factor; "
                "use 'holm' for other families of tests."
            )
        return np.array([studentised_range_p(abs(t) * np.sqrt(2), means, df) for t in statistic])
    out = np.full(len(p), np.nan)
    known = np.isfinite(p)
    if known.sum() == 1:  # one test needs no correction
        out[known] = p[known]
    elif known.any():
        out[known] = multitest.multipletests(p[known], method=rule.method)[1]
    return out


def studentised_range_p(q: float, means: int, df: float) -> float:
    """Return the upper tail of the studentised range of ``means`` means with ``df`` df.

    The tail is integrated itself, so that small p-values keep their digits. With a normal
    reference it is the mean over the lowest z of a^n - b^n, where a is the chance that another
    lies above it, b that it lies within q of it, and n = means - 1; t references average this
    over the chi distribution of the standard error.
    """
    if np.isnan(q) or q <= 0:
        return float("nan") if np.isnan(q) else 1.0
    nodes, weights = special.roots_legendre(NODES)
    if np.isinf(df):
        return float(_range_tail(np.array([q]), means, nodes, weights)[0])
    # limits of log s beyond which the chi density is below 1e-17 of its mode
    low, high = -40 / df - 9 / np.sqrt(df), np.log1p(9 / np.sqrt(df))
    width = (high - low) / 2
    log_s = low + width * (nodes + 1)
    s = np.exp(log_s)
    half = df / 2
    log_density = np.log(2) + half * np.log(half) - special.gammaln(half) + df * log_s - half * s**2
    tail = _range_tail(q * s, means, nodes, weights)
    return float(min(1.0, width * (weights * np.exp(log_density)) @ tail))


def _range_tail(q: Array, means: int, nodes: Array, weights: Array) -> Array:
    """Return the upper tail of the range of normal means, for each q."""
    z = REACH * nodes
    above = special.ndtr(-z)
    beyond = special.ndtr(-(z[None, :] + q[:, None]))
    with np.errstate(divide="ignore"):
        gap = -np.expm1((means - 1) * np.log1p(-np.minimum(beyond / above, 1.0)))
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    result: Array = REACH * means * (gap * (weights * density * above ** (means - 1))).sum(axis=1)
    return result
