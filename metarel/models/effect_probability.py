"""How likely the true effect of a new study lies below, between or above given thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import as_floats, check_level
from metarel._distributions import critical_value
from metarel._lazy import pd, special
from metarel.errors import InputError
from metarel.models._prediction import check_asked, new_rows, own_df, own_variance
from metarel.models.results import MetaFit

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.models._prediction import Asked


@says_what_it_takes
def effect_probability(
    fit: MetaFit,
    thresholds: Any,
    *,
    newdata: pd.DataFrame | None = None,
    X: Any = None,
    interval: str = "default",
    level: float | None = None,
    draws: int | None = None,
    seed: int | None = None,
) -> pd.DataFrame:
    """Give the probability that the true effect of a new study lies between thresholds.

    Thresholds cut the line into ranges: one gives the effects below and above it, two also those
    between, such as harm, nothing that matters, and benefit.

    Parameters
    ----------
    fit : MetaFit
        A fit.
    thresholds : number or array
        Values on the scale of the analysis, each once.
    newdata, X : DataFrame or array, optional
        Rows of moderators, as for ``predict``.
    interval : str
        The predictive distribution, named as the prediction interval that it gives; as for
        ``predict``.
    level : float, optional
        Confidence level of the share's limits; by default the fit's.
    draws, seed : int, optional
        As for ``predict``.

    Returns
    -------
    DataFrame
        One row a range (and a row of moderators): low, high; probability, of the predictive
        distribution, which allows for what is not known of the mean; share, of true effects if
        they are normal with the estimated mean and tau2; and ci_low, ci_high, the limits of the
        share by the delta method on the probit scale. Where tau2 is 0 the share is 0 or 1 and has
        no limits.

    Raises
    ------
    InputError
        On thresholds that are missing, infinite or repeated, and as ``predict``.

    Notes
    -----
    ``probability`` is metafor's ``predict(prob=)`` and what meta's ``cidprop`` takes; ``share``
    is the proportion of Mathur and VanderWeele. The limits treat tau2 as known where it was
    fixed; with few studies they are rough.

    References
    ----------
    [mathur2019], [higgins2009]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28, 0.41], vi=[0.02, 0.01, 0.04, 0.015, 0.03])
    >>> mr.effect_probability(fit, [0, 0.2])[["low", "high", "probability", "share"]].round(3)
       low  high  probability  share
    0 -inf   0.0        0.060  0.038
    1  0.0   0.2        0.187  0.180
    2  0.2   inf        0.753  0.782
    """
    if not isinstance(fit, MetaFit):
        raise InputError(
            f"`fit` must be what pool() or meta_regression() returned; got {type(fit).__name__}."
        )
    cuts = np.sort(as_floats(thresholds, "thresholds"))
    if not cuts.size or np.isnan(cuts).any() or (np.diff(cuts) == 0).any():
        raise InputError(f"`thresholds` must be numbers, each once; got {thresholds!r}.")
    level = fit.spec.level if level is None else check_level(level)
    rows, index = new_rows(fit, newdata, X)
    asked = check_asked(fit, interval, level, None, draws, seed)
    ends = np.concatenate([[-np.inf], cuts, [np.inf]])
    low, high = ends[:-1], ends[1:]
    share, ci_low, ci_high = _share(fit, rows, low, high, level)
    columns = {
        "low": np.tile(low, len(rows)),
        "high": np.tile(high, len(rows)),
        "probability": _probability(fit, rows, low, high, asked).ravel(),
        "share": share.ravel(),
        "ci_low": ci_low.ravel(),
        "ci_high": ci_high.ravel(),
    }
    alone = len(rows) == 1
    return pd.DataFrame(columns, index=None if alone else index.repeat(len(low)))


def _probability(fit: MetaFit, rows: Array, low: Array, high: Array, asked: Asked) -> Array:
    """Return the probabilities of the ranges, shape (rows, ranges)."""
    kind = asked.kind
    if kind.sample is not None:
        sample = kind.sample(fit, asked.draws, asked.rng)[:, None]
        inside = ((sample > low) & (sample <= high)).mean(axis=0)
        return np.tile(inside, (len(rows), 1))
    df = kind.df(fit, rows)[:, None]
    spread = np.sqrt(kind.variance(fit, rows) + asked.tau2)[:, None]
    centre = (rows @ fit.beta)[:, None]
    return np.where(df > 0, _between((low - centre) / spread, (high - centre) / spread, df), np.nan)


def _share(
    fit: MetaFit, rows: Array, low: Array, high: Array, level: float
) -> tuple[Array, Array, Array]:
    """Return the shares of true effects in the ranges, and their limits."""
    centre = (rows @ fit.beta)[:, None]
    if fit.tau2 == 0:
        share = ((centre > low) & (centre <= high)).astype(float)
        nothing = np.full(share.shape, np.nan)
        return share, nothing, nothing
    tau = fit.tau
    a, b = (low - centre) / tau, (high - centre) / tau
    share = _between(a, b, np.full_like(centre, np.inf))
    by_mean = (_density(a) - _density(b)) / tau
    by_tau2 = (_moment(a) - _moment(b)) / (2 * fit.tau2)
    tau2_se = 0.0 if np.isnan(fit.tau2_se) else fit.tau2_se
    variance = by_mean**2 * own_variance(fit, rows)[:, None] + (by_tau2 * tau2_se) ** 2
    # the normal quantile of a share that is nearly 1 is known better from the range itself
    probit = np.where(np.isinf(low), b, np.where(np.isinf(high), -a, special.ndtri(share)))
    height = _density(probit)
    quantile = critical_value(level, own_df(fit, rows))[:, None]
    half = quantile * np.sqrt(variance) / np.where(height > 0, height, np.nan)
    return share, special.ndtr(probit - half), special.ndtr(probit + half)


def _between(a: Array, b: Array, df: Array) -> Array:
    """Return P(a < t <= b), from the nearer tail."""
    turned = a > 0
    low, high = np.where(turned, -b, a), np.where(turned, -a, b)
    normal = np.isinf(df)
    used = np.where(normal | ~(df > 0), 1.0, df)
    t = special.stdtr(used, high) - special.stdtr(used, low)
    return np.where(normal, special.ndtr(high) - special.ndtr(low), t)


def _density(z: Array) -> Array:
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def _moment(z: Array) -> Array:
    """Return z times its density, 0 at the infinities."""
    finite = np.where(np.isfinite(z), z, 0.0)
    return finite * _density(finite)
