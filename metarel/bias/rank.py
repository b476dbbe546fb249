"""Begg and Mazumdar's test, whether effects and variances are correlated in rank."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from metarel._checks import check_choice, check_flag
from metarel._format import count, fixed, p_value, plain
from metarel._lazy import special, stats
from metarel.bias._notes import caution as caution_of
from metarel.errors import InputError
from metarel.models._mean_interval import check_fit
from metarel.models.results import MetaFit

METHODS = ("exact", "normal")
#: Relative differences below this are rounding.
SAME = 1e-12


@dataclass(frozen=True, slots=True)
class RankTest:
    """A rank correlation test for funnel plot asymmetry.

    Parameters
    ----------
    tau : float
        Kendall's tau-b of the standardised effects with the variances.
    score, score_se : float
        Concordant minus discordant pairs, and its standard error without correlation.
    statistic : float
        z of the normal approximation; NaN for an exact p-value.
    p_value : float
        Two-sided.
    method : str
        ``"exact"``, or ``"normal"`` also where ties rule the exact one out.
    ties : bool
        Whether there are ties.
    k : int
        Number of studies.
    caution : str
        What makes the test doubtful here.
    """

    tau: float
    score: float
    score_se: float
    statistic: float
    p_value: float
    method: str
    ties: bool
    k: int
    caution: str

    def to_dict(self) -> dict[str, Any]:
        """Return the test in plain types.

        Returns
        -------
        dict
            Ready for JSON; NaN becomes None.
        """
        return dict(plain({name: getattr(self, name) for name in self.__slots__}))

    def __str__(self) -> str:
        z = "" if math.isnan(self.statistic) else f", z = {fixed(self.statistic)}"
        how = "exact" if self.method == "exact" else "normal approximation"
        if self.ties:
            how += ", with ties"
        lines = [
            f"Rank correlation test for funnel plot asymmetry, {count(self.k, 'study', 'studies')}",
            f"Kendall's tau = {fixed(self.tau)}{z}, p {p_value(self.p_value)} ({how})",
            "  (H0: effects and variances are not correlated)",
        ]
        return "\n".join([*lines, *filter(None, [self.caution])])

    def __repr__(self) -> str:
        return str(self)


def rank_test(fit: MetaFit, *, method: str = "exact", continuity: bool = False) -> RankTest:
    """Test for funnel plot asymmetry by Begg and Mazumdar's rank correlation.

    Effects are standardised, (yi − m)/sqrt(vi − 1/sum(1/vi)) with the common-effect mean m, and
    Kendall's tau of these with the variances is tested.

    Parameters
    ----------
    fit : MetaFit
        A pooled mean; its tau2 and test play no part.
    method : {"exact", "normal"}
        The distribution of tau; with ties it is the normal one, corrected for them.
    continuity : bool
        Whether the normal approximation brings the score one nearer to 0, as the
        ``metabias`` written for Stata does.

    Returns
    -------
    RankTest
        Tau and its test.

    Raises
    ------
    InputError
        On fewer than three studies, moderators, or an unknown word.

    Notes
    -----
    Same numbers as metafor's ``ranktest`` (exact without ties) and, with ``method="normal"``, as
    meta's ``metabias(method.bias="Begg")``.

    References
    ----------
    [begg1994], [sterne2000]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(mr.load_dataset("thirdwave_harrer2021").studies)
    >>> print(mr.rank_test(fit))
    Rank correlation test for funnel plot asymmetry, 18 studies
    Kendall's tau = 0.5294, p = 0.0017 (exact)
      (H0: effects and variances are not correlated)
    """
    fit = check_fit(fit, mean_only="the rank test", own_weights=True)
    check_choice("method", method, METHODS)
    check_flag("continuity", continuity)
    y, v = fit.study.yi, fit.study.vi
    k = len(y)
    if k < 3:
        raise InputError(f"`fit` must have at least three studies for a rank test; it has {k}.")
    w = 1 / v
    mean = float(w @ y) / float(w.sum())
    spread = np.sqrt(np.maximum(v - 1 / w.sum(), 0.0))
    if not spread.all():
        raise InputError(
            "`fit` has a study that outweighs all others, whose effect cannot be standardised."
        )
    away = y - mean
    away[np.abs(away) <= SAME * np.abs(y).max()] = 0.0  # equal effects are equal, not noise
    standardised = away / spread
    for what, values in (("effects", away), ("sampling variances", v)):
        if np.ptp(values) <= SAME * np.abs(values).max():
            raise InputError(f"`fit` has studies whose {what} are all the same: nothing to rank.")
    ties = len(np.unique(standardised)) < k or len(np.unique(v)) < k
    exact = method == "exact" and not ties
    found = stats.kendalltau(standardised, v, method="exact" if exact else "asymptotic")
    sign = np.sign(standardised[:, None] - standardised) * np.sign(v[:, None] - v)
    score = float(sign[np.triu_indices(k, 1)].sum())
    se = _score_se(standardised, v)
    z = math.nan
    p = float(found.pvalue)
    if not exact:
        near = math.copysign(max(abs(score) - 1, 0.0), score) if continuity else score
        z = near / se
        p = 2 * float(special.ndtr(-abs(z)))
    return RankTest(
        tau=float(found.statistic),
        score=score,
        score_se=se,
        statistic=z,
        p_value=min(p, 1.0),
        method="exact" if exact else "normal",
        ties=ties,
        k=k,
        caution=caution_of(fit),
    )


def _score_se(x: np.ndarray, y: np.ndarray) -> float:
    """Return the standard error of Kendall's score under independence, corrected for ties."""
    k = len(x)
    t, u = (np.unique(values, return_counts=True)[1].astype(float) for values in (x, y))
    whole = k * (k - 1) * (2 * k + 5)
    first = sum(float((n * (n - 1) * (2 * n + 5)).sum()) for n in (t, u))
    thirds = [float((n * (n - 1) * (n - 2)).sum()) for n in (t, u)]
    pairs = [float((n * (n - 1)).sum()) for n in (t, u)]
    variance = (whole - first) / 18 + thirds[0] * thirds[1] / (9 * k * (k - 1) * (k - 2))
    variance += pairs[0] * pairs[1] / (2 * k * (k - 1))
    return math.sqrt(variance)
