"""Permutation tests of the mean and of moderators, and the interval of means not rejected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_choice, check_level, generator
from metarel._format import adaptive, p_value
from metarel._lazy import pd
from metarel._progress import slices, track
from metarel._shown import Shown
from metarel.errors import InputError
from metarel.models._mean_interval import check_fit
from metarel.models._permutations import (
    all_orders,
    all_signs,
    count_orders,
    count_signs,
    random_orders,
    random_signs,
    row_kinds,
)
from metarel.models.batch_fit import batch_fit
from metarel.models.batch_regression import batch_regression
from metarel.models.results import MetaFit

if TYPE_CHECKING:
    from metarel._checks import Array

#: Numbers of one part of the permutations.
PART = 200_000
#: Statistics this near to the observed one are its equals, up to rounding.
TIE = 1e-8
#: Means that are looked at between one that is kept and one that is not.
LOOKS = 8
#: Limits of the mean are found to this fraction of its standard error.
FINE = 1e-5

#: Statistics of permuted data, shape (m, number of tests), and those observed.
Statistics: TypeAlias = Callable[[Any], "Array"]


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class PermutationTest(Shown):
    """A permutation test.

    Parameters
    ----------
    table : DataFrame
        One row a coefficient: term, estimate, statistic, p_value, ci_low, ci_high (NaN where no
        interval was asked for).
    omnibus_p : float
        p-value of the joint test of the moderators; NaN without moderators.
    scheme : str
        "sign flips" or "orders of the studies".
    exact : bool
        Whether all permutations were looked at.
    permutations : int
        How many were.
    level : float
        Level of the interval, a fraction.
    """

    table: pd.DataFrame
    omnibus_p: float
    scheme: str
    exact: bool
    permutations: int
    level: float

    def to_frame(self) -> pd.DataFrame:
        """Return the table.

        Returns
        -------
        DataFrame
            A copy, one row a coefficient.
        """
        return self.table.copy()

    def __str__(self) -> str:
        kind = "all" if self.exact else "random"
        lines = [f"Permutation test, {self.permutations} {self.scheme} ({kind})"]
        table: Any = self.table
        for row in table.itertuples(index=False):
            line = f"{row.term}: {adaptive(row.estimate)}, p {p_value(row.p_value)}"
            if not np.isnan(row.ci_low):
                limits = f"[{adaptive(row.ci_low)}, {adaptive(row.ci_high)}]"
                line += f", {100 * self.level:g}% CI {limits}"
            lines.append(line)
        if not np.isnan(self.omnibus_p):
            lines.append(f"moderators together: p {p_value(self.omnibus_p)}")
        return "\n".join(lines)


@says_what_it_takes
def permutation_test(
    fit: MetaFit,
    *,
    permutations: int = 10_000,
    statistic: str = "statistic",
    two_sided: str = "absolute",
    interval: bool = False,
    level: float | None = None,
    seed: int | None = 1,
    progress: bool = False,
) -> PermutationTest:
    """Test the mean by turning signs of effects, or moderators by giving their rows to others.

    Under the hypothesis of a mean of 0, effects are as likely with either sign; under that of no
    relation, the rows of moderators could belong to any study. The model is fitted again to each
    permutation, tau2 included. Where there are no more ways than ``permutations`` all are looked
    at and the p-value is exact; else so many are drawn, and p is (1 + as extreme)/(1 + drawn).

    Parameters
    ----------
    fit : MetaFit
        The fit whose estimator of tau2, test and weights are used.
    permutations : int
        Most permutations to look at.
    statistic : {"statistic", "estimate"}
        Whether the test statistic or the coefficient itself is compared.
    two_sided : {"absolute", "doubled"}
        Two-sided p: the share with an absolute value as large, or twice the share on the side of
        the observed one.
    interval : bool
        Whether to find the means that the test does not reject (pooled means only).
    level : float, optional
        Level of that interval; by default the fit's.
    seed : int or None
        Seed of the random permutations; None draws others every time.
    progress : bool
        Whether to show a bar on the terminal.

    Returns
    -------
    PermutationTest
        p-values, and the limits where asked. Where no p-value can be as small as 1 − level the
        limits are infinite. With moderators the intercept has p-values too, but what is permuted
        bears on the moderators alone.

    Raises
    ------
    InputError
        On own weights with moderators, and estimators and tests without a batched form.

    Notes
    -----
    The same exact p-values as metafor's ``permutest``; its random ones differ by the draw.
    Permutations whose model cannot be fitted count as extreme.

    References
    ----------
    [follmann1999], [higgins2004], [phipson2010]

    Examples
    --------
    >>> import metarel as mr
    >>> yi = [0.32, 0.11, 0.85, 0.28, 0.41, -0.05, 0.52]
    >>> fit = mr.pool(yi=yi, vi=[0.02, 0.01, 0.04, 0.015, 0.03, 0.02, 0.05])
    >>> found = mr.permutation_test(fit, interval=True)
    >>> found.exact, found.permutations
    (True, 128)
    >>> found.table[["p_value", "ci_low", "ci_high"]].round(3)
       p_value  ci_low  ci_high
    0    0.031    0.11     0.61
    """
    mean = isinstance(fit, MetaFit) and fit.study.design.formula == "1"
    fit = check_fit(fit, own_weights=mean)
    check_choice("statistic", statistic, ("statistic", "estimate"))
    check_choice("two_sided", two_sided, ("absolute", "doubled"))
    if isinstance(permutations, bool) or not isinstance(permutations, int) or permutations < 1:
        raise InputError(f"`permutations` must be a positive whole number; got {permutations!r}.")
    if interval and not mean:
        raise InputError("`interval` is for a pooled mean; this fit has moderators.")
    level = fit.spec.level if level is None else check_level(level)
    rng = generator(seed)
    plan = _plan_signs(fit, permutations, rng) if mean else _plan_orders(fit, permutations, rng)
    test = _Test(fit, plan, statistic, two_sided, progress)
    observed, p = test.run(0.0)
    low, high = test.limits(level) if interval else (np.nan, np.nan)
    table = pd.DataFrame(
        {
            "term": list(fit.study.terms),
            "estimate": fit.beta,
            "statistic": observed[: fit.p] if statistic == "statistic" else fit.statistic,
            "p_value": p[: fit.p],
            "ci_low": low,
            "ci_high": high,
        }
    )
    joint = float(p[fit.p]) if len(p) > fit.p else np.nan
    scheme = "sign flips" if mean else "orders of the studies"
    return PermutationTest(table, joint, scheme, plan.exact, len(plan.patterns), level)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which permutations are looked at, and whether they are all."""

    patterns: Any
    exact: bool


def _plan_signs(fit: MetaFit, most: int, rng: np.random.Generator) -> _Plan:
    if count_signs(fit.k) <= most:
        return _Plan(all_signs(fit.k), exact=True)
    return _Plan(random_signs(fit.k, most, rng), exact=False)


def _plan_orders(fit: MetaFit, most: int, rng: np.random.Generator) -> _Plan:
    kinds = row_kinds(fit.study.X)
    if count_orders(kinds, most) <= most:
        return _Plan(all_orders(kinds), exact=True)
    return _Plan(random_orders(fit.k, most, rng), exact=False)


@dataclass(frozen=True, slots=True)
class _Test:
    """A test that can be run at any mean."""

    fit: MetaFit
    plan: _Plan
    statistic: str
    two_sided: str
    progress: bool

    def run(self, mean: float) -> tuple[Array, Array]:
        """Return the observed statistics and their p-values, at a hypothetical mean."""
        patterns = self.plan.patterns
        mine = np.ones((1, self.fit.k)) if self._flips else np.arange(self.fit.k)[None]
        observed = self._statistics(mine, mean)[0]
        parts = slices(len(patterns), max(PART // self.fit.k, 1))
        found = [
            self._statistics(patterns[part], mean)
            for part in track(parts, len(parts), "Permutations", show=self.progress)
        ]
        return observed, self._p(observed, np.concatenate(found))

    @property
    def _flips(self) -> bool:
        return self.fit.study.design.formula == "1"

    def _statistics(self, patterns: Any, mean: float) -> Array:
        """Fit all permuted data; one column a coefficient, then the joint test."""
        study, spec = self.fit.study, self.fit.spec
        options: dict[str, Any] = {"tau2": spec.tau2, "test": spec.test, "level": spec.level}
        if self._flips:
            weights = None if study.weights is None else study.weights[None]
            y = (study.yi - mean) * patterns
            many = batch_fit(y, study.vi[None], weights=weights, **options)
            chosen = many.statistic if self.statistic == "statistic" else many.estimate
            return chosen[:, None]
        fits = batch_regression(study.yi[patterns], study.vi[patterns], study.X, **options)
        chosen = fits.statistic if self.statistic == "statistic" else fits.beta
        moderators = [j for j, term in enumerate(study.terms) if term != "intercept"]
        return np.column_stack([chosen, fits.omnibus(moderators)])

    def _p(self, observed: Array, found: Array) -> Array:
        """Return p-values; a joint statistic, the last where there is one, has one tail."""
        found = np.where(np.isnan(found), np.inf, found)
        slack = TIE * np.maximum(np.abs(observed), np.median(np.abs(found), axis=0))
        if self.two_sided == "absolute":
            shares = self._share(np.abs(found) >= np.abs(observed) - slack)
        else:
            side = np.where(observed < 0, -1.0, 1.0)
            shares = 2 * self._share(found * side >= np.abs(observed) - slack)
            if found.shape[1] > self.fit.p:
                shares[-1] /= 2
        return np.where(np.isnan(observed), np.nan, np.minimum(shares, 1.0))

    def _share(self, extreme: Any) -> Array:
        count = extreme.sum(axis=0)
        drawn = len(extreme)
        share = count / drawn if self.plan.exact else (1 + count) / (1 + drawn)
        return np.asarray(share, dtype=float)

    def limits(self, level: float) -> tuple[float, float]:
        """Return the ends of the set of means that are not rejected."""
        return self._limit(-1.0, level), self._limit(1.0, level)

    def _limit(self, side: float, level: float) -> float:
        unit = float(np.sqrt(1 / (1 / (self.fit.study.vi + self.fit.tau2)).sum()))
        alpha = 1 - level

        def kept(step: float) -> bool:
            mean = self.fit.estimate + side * step
            # p-values are fractions: a tie with alpha up to rounding is a rejection
            return bool(self.run(mean)[1][0] > alpha * (1 + 1e-12))

        inside, outside = 0.0, unit
        for _ in range(20):
            if not kept(outside):
                break
            inside, outside = outside, 2 * outside
        else:
            return side * np.inf
        # p-values do not fall evenly: the outermost of the means looked at is taken
        steps = np.linspace(inside, outside, LOOKS + 2)[1:-1].tolist()
        last = next((step for step in reversed(steps) if kept(step)), inside)
        inside, outside = last, next((step for step in steps if step > last), outside)
        while outside - inside > FINE * unit:
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if kept(middle) else (inside, middle)
        return self.fit.estimate + side * outside
