"""Parametric and case bootstrap of coefficients, tau2 and I2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_choice, check_level, generator
from metarel._format import adaptive, count
from metarel._lazy import pd
from metarel._progress import slices, track
from metarel._shown import Shown
from metarel.errors import InputError
from metarel.models._mean_interval import check_fit
from metarel.models._predictive import check_draws
from metarel.models.batch_fit import batch_fit
from metarel.models.batch_regression import batch_regression
from metarel.models.results import MetaFit

if TYPE_CHECKING:
    from metarel._checks import Array

#: Numbers of one part of the draws.
PART = 400_000
#: The ends of the ranges of quantities that have them.
RANGES = {"tau2": (0.0, np.inf), "I2": (0.0, 1.0)}


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Bootstrap(Shown):
    """Draws of a fit's quantities.

    Parameters
    ----------
    kind : str
        "parametric" or "cases".
    names : tuple of str
        The coefficients, then "tau2" and "I2" (a fraction).
    observed, observed_se : ndarray, shape (p + 2,)
        The fit's quantities and the standard errors of its coefficients (NaN for the others).
    values, ses : ndarray, shape (draws, p + 2)
        Those of the draws that could be fitted.
    failed : int
        Draws that could not be fitted, such as cases that leave a moderator constant.
    level : float
        Confidence level, a fraction.
    """

    kind: str
    names: tuple[str, ...]
    observed: Array
    observed_se: Array
    values: Array
    ses: Array
    failed: int
    level: float

    def intervals(self, level: float | None = None) -> pd.DataFrame:
        """Return the limits of each quantity by each method.

        Parameters
        ----------
        level : float, optional
            Confidence level, a fraction; by default the one asked for.

        Returns
        -------
        DataFrame
            Columns quantity, estimate, bias, se (standard deviation of the draws), method
            ("percentile", "basic", "t"), ci_low, ci_high; "t" for coefficients alone.
        """
        level = self.level if level is None else check_level(level)
        tails = [(1 - level) / 2, (1 + level) / 2]
        rows = []
        for j, name in enumerate(self.names):
            estimate, values = float(self.observed[j]), self.values[:, j]
            low, high = np.quantile(values, tails)
            limits = {
                "percentile": (low, high),
                "basic": np.clip((2 * estimate - high, 2 * estimate - low), *_range(name)),
            }
            if np.isfinite(self.observed_se[j]):
                limits["t"] = self._studentised(j, tails)
            told = {
                "quantity": name,
                "estimate": estimate,
                "bias": float(values.mean()) - estimate,
                "se": float(values.std(ddof=1)),
            }
            rows += [
                {**told, "method": method, "ci_low": float(low), "ci_high": float(high)}
                for method, (low, high) in limits.items()
            ]
        return pd.DataFrame(rows)

    def _studentised(self, j: int, tails: list[float]) -> tuple[float, float]:
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (self.values[:, j] - self.observed[j]) / self.ses[:, j]
        t = t[~np.isnan(t)]
        # the nearest rank: an infinite t, from a draw without residual, must not be averaged
        low, high = np.quantile(t, tails, method="inverted_cdf")
        estimate, se = self.observed[j], self.observed_se[j]
        return float(estimate - high * se), float(estimate - low * se)

    def __str__(self) -> str:
        failed = f", {count(self.failed, 'draw')} not fitted" if self.failed else ""
        lines = [f"Bootstrap ({self.kind}), {count(len(self.values), 'draw')}{failed}"]
        table: Any = self.intervals()
        for row in table.itertuples(index=False):
            limits = f"[{adaptive(row.ci_low)}, {adaptive(row.ci_high)}]"
            lines.append(f"{row.quantity}: {adaptive(row.estimate)}, {row.method} {limits}")
        return "\n".join(lines)


@says_what_it_takes
def bootstrap(
    fit: MetaFit,
    *,
    kind: str = "parametric",
    draws: int = 5000,
    level: float | None = None,
    seed: int | None = 1,
    progress: bool = False,
) -> Bootstrap:
    """Draw data like those of a fit many times, fit each, and look at how the numbers vary.

    "parametric" draws effects from the fitted model, normal with variances vi + tau2 around the
    fitted means, and keeps the variances; "cases" draws studies with replacement.

    Parameters
    ----------
    fit : MetaFit
        The fit whose estimator of tau2, test and weights are used.
    kind : {"parametric", "cases"}
        What is drawn.
    draws : int
        How many times, at least 100.
    level : float, optional
        Confidence level, a fraction; by default the fit's.
    seed : int or None
        Seed of the draws; None draws others every time.
    progress : bool
        Whether to show a bar on the terminal.

    Returns
    -------
    Bootstrap
        The draws; ``intervals()`` gives percentile, basic and bootstrap-t limits of the
        coefficients, tau2 and I2 (by the fit's own definition: from tau2, or from Q under a
        common effect and where its settings say so).

    Raises
    ------
    InputError
        On own weights with moderators, estimators and tests without a batched form, and where
        fewer than half of the draws can be fitted.

    Notes
    -----
    The limits of tau2 and I2 are kept in their ranges. All draws are fitted in one batch: five
    thousand of thirty studies take a few hundredths of a second.

    References
    ----------
    [efron1993], [viechtbauer2007]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28, 0.41], vi=[0.02, 0.01, 0.04, 0.015, 0.03])
    >>> found = mr.bootstrap(fit, draws=1000)
    >>> limits = found.intervals()
    >>> limits.method.tolist()
    ['percentile', 'basic', 't', 'percentile', 'basic', 'percentile', 'basic']
    >>> bool(limits.ci_low[0] < fit.estimate < limits.ci_high[0])
    True
    """
    mean = isinstance(fit, MetaFit) and fit.study.design.formula == "1"
    fit = check_fit(fit, own_weights=mean)
    check_choice("kind", kind, ("parametric", "cases"))
    draws = check_draws(draws)
    rng = generator(seed)
    run = _means if mean else _regressions
    parts = slices(draws, max(PART // fit.k, 1))
    found = [
        run(fit, *_data(fit, kind, part.stop - part.start, rng))
        for part in track(parts, len(parts), "Bootstrap", show=progress)
    ]
    values, ses = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    fine = np.isfinite(values).all(axis=1)
    if fine.sum() < draws / 2:
        raise InputError(
            f'`kind` "{kind}": {draws - int(fine.sum())} of {draws} draws could not be fitted, so '
            'the others do not stand for all. Use kind="parametric", or fewer moderators.'
        )
    nan = [np.nan, np.nan]
    return Bootstrap(
        kind=kind,
        names=(*fit.study.terms, "tau2", "I2"),
        observed=np.array([*fit.beta, fit.tau2, fit.I2]),
        observed_se=np.array([*fit.se, *nan]),
        values=values[fine],
        ses=ses[fine],
        failed=draws - int(fine.sum()),
        level=fit.spec.level if level is None else check_level(level),
    )


def _range(name: str) -> tuple[float, float]:
    return RANGES.get(name, (-np.inf, np.inf))


def _data(fit: MetaFit, kind: str, count: int, rng: np.random.Generator) -> tuple[Array, Any]:
    """Return effects, and how often each study takes part (None where each does once)."""
    study, k = fit.study, fit.k
    if kind == "cases":
        drawn = rng.integers(0, k, (count, k)) + k * np.arange(count)[:, None]
        times = np.bincount(drawn.ravel(), minlength=k * count).reshape(count, k)
        return study.yi[None], times
    spread = np.sqrt(study.vi + fit.tau2)
    return rng.normal(study.X @ fit.beta, spread, (count, k)), None


def _options(fit: MetaFit) -> dict[str, Any]:
    # the level too: one guard of Knapp-Hartung compares intervals at it
    return {"tau2": fit.spec.tau2, "test": fit.spec.test, "level": fit.spec.level}


def _means(fit: MetaFit, y: Array, times: Any) -> tuple[Array, Array]:
    study = fit.study
    weights = None if study.weights is None else study.weights[None]
    many = batch_fit(y, study.vi[None], times=times, weights=weights, **_options(fit))
    nothing = np.full(len(many), np.nan)
    values = np.column_stack([many.estimate, many.tau2, many.shares(fit.spec.I2)[0]])
    return values, np.column_stack([many.se, nothing, nothing])


def _regressions(fit: MetaFit, y: Array, times: Any) -> tuple[Array, Array]:
    study = fit.study
    many = batch_regression(y, study.vi[None], study.X, times=times, **_options(fit))
    nothing = np.full((len(many), 2), np.nan)
    values = np.column_stack([many.beta, many.tau2, many.shares(fit.spec.I2)[0]])
    return values, np.hstack([many.se, nothing])
