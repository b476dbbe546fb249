"""Studies drawn from a model, as tables to learn with and to test methods on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_whole, generator
from metarel._lazy import pd
from metarel._register import Register
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class StudyDesign:
    """What is drawn for each study.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What it is, and on which scale its effects are.
    smallest : int
        The smallest total sample that it allows.
    draw : callable
        ``draw(rng, theta, n, control_risk)``: columns by name, from the true effects and the
        total samples, shape (k,) each.
    """

    code: str
    name: str
    smallest: int
    draw: Callable[[np.random.Generator, Array, Any, float], dict[str, Any]]


def simulate_studies(
    k: int = 20,
    design: str = "means",
    *,
    effect: float = 0.3,
    tau2: float = 0.05,
    n: int | tuple[int, int] | Any = (20, 200),
    control_risk: float = 0.2,
    seed: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    """Draw the results that studies of known true effects would report.

    True effects are theta ~ N(effect, tau2); the results of each study have the exact sampling
    distribution of its design, not a normal approximation.

    Parameters
    ----------
    k : int
        Number of studies, at least 1.
    design : {"means", "correlation", "proportions", "effects"}
        Means and SDs of two groups, with theta the standardised mean difference; correlations of
        normal variables, with theta on the scale of Fisher's z; events of two groups, with theta
        the log odds ratio; or yi itself, normal with vi = 4 / n.
    effect, tau2 : float
        Mean and variance of the true effects; tau2 is at least 0.
    n : int, pair or array
        Total sample of every study, the bounds between which samples are drawn evenly, or one a
        study. Groups share it equally, the first taking what is odd.
    control_risk : float
        Risk in the second group, for "proportions"; between 0 and 1.
    seed : int or Generator, optional
        For the same draws again.

    Returns
    -------
    DataFrame
        study, theta (the true effect), and by design: m1 sd1 n1 m2 sd2 n2 (group 2 has mean 0 and
        SD 1 in the population); r n; events1 n1 events2 n2; or yi vi n. Ready for `effect_sizes`
        and, with "effects", for `pool`.

    Raises
    ------
    InputError
        On an unknown design and numbers out of range.

    Notes
    -----
    Correlations are drawn from Bartlett's decomposition of the Wishart distribution.

    References
    ----------
    [bartlett1933]

    Examples
    --------
    >>> import metarel as mr
    >>> table = mr.simulate_studies(2000, effect=0.4, tau2=0.05, n=60, seed=1)
    >>> es = mr.effect_sizes(table, "SMD", m1="m1", sd1="sd1", n1="n1", m2="m2", sd2="sd2", n2="n2")
    >>> fit = mr.pool(es)
    >>> bool(abs(fit.estimate - 0.4) < 0.02), bool(abs(fit.tau2 - 0.05) < 0.01)
    (True, True)
    """
    kind = DESIGNS[design]
    k = check_whole("k", k)
    if not (_is_number(tau2) and 0 <= tau2 < math.inf):
        raise InputError(f"`tau2` must be a number of at least 0; got {tau2!r}.")
    if not (_is_number(effect) and math.isfinite(effect)):
        raise InputError(f"`effect` must be a finite number; got {effect!r}.")
    if not (_is_number(control_risk) and 0 < control_risk < 1):
        raise InputError(f"`control_risk` must be between 0 and 1; got {control_risk!r}.")
    rng = generator(seed)
    sizes = _sizes(rng, n, k, kind.smallest)
    theta = effect + math.sqrt(tau2) * rng.standard_normal(k)
    columns = kind.draw(rng, theta, sizes, float(control_risk))
    names = [f"Study {i + 1}" for i in range(k)]
    return pd.DataFrame({"study": names, "theta": theta, **columns})


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _sizes(rng: np.random.Generator, n: Any, k: int, smallest: int) -> Any:
    """Return the total sample of each study."""
    if np.ndim(n) == 0:
        return np.full(k, check_whole("n", n, smallest))
    if isinstance(n, tuple) and len(n) == 2:
        low, high = (check_whole("n", bound, smallest) for bound in n)
        if low > high:
            raise InputError(f"`n` must be a pair (smallest, largest); got {n!r}.")
        return rng.integers(low, high + 1, k)
    sizes = np.asarray(n)
    if sizes.shape != (k,):
        raise InputError(f"`n` must have one sample a study, {k}; got shape {sizes.shape}.")
    return np.array([check_whole("n", size, smallest) for size in sizes])


def _means(rng: np.random.Generator, theta: Array, n: Any, _: float) -> dict[str, Any]:
    """Draw means and SDs of two normal groups with SD 1, the first of mean theta."""
    n1, n2 = n - n // 2, n // 2
    return {
        "m1": rng.normal(theta, 1 / np.sqrt(n1)),
        "sd1": np.sqrt(rng.chisquare(n1 - 1) / (n1 - 1)),
        "n1": n1,
        "m2": rng.normal(0.0, 1 / np.sqrt(n2)),
        "sd2": np.sqrt(rng.chisquare(n2 - 1) / (n2 - 1)),
        "n2": n2,
    }


def _correlation(rng: np.random.Generator, theta: Array, n: Any, _: float) -> dict[str, Any]:
    """Draw correlations of two normal variables from the triangle of their cross-products."""
    rho = np.tanh(theta)
    rest = np.sqrt(1 - rho**2)
    first, second = np.sqrt(rng.chisquare(n - 1)), np.sqrt(rng.chisquare(n - 2))
    across = rho * first + rest * rng.standard_normal(len(theta))
    return {"r": across / np.hypot(across, rest * second), "n": n}


def _proportions(
    rng: np.random.Generator, theta: Array, n: Any, control_risk: float
) -> dict[str, Any]:
    """Draw events of two groups whose log odds differ by theta."""
    n1, n2 = n - n // 2, n // 2
    log_odds = math.log(control_risk) - math.log1p(-control_risk) + theta
    return {
        "events1": rng.binomial(n1, 1 / (1 + np.exp(-log_odds))),
        "n1": n1,
        "events2": rng.binomial(n2, control_risk),
        "n2": n2,
    }


def _effects(rng: np.random.Generator, theta: Array, n: Any, _: float) -> dict[str, Any]:
    """Draw effects with the variance that a difference of two equal groups has near 0."""
    vi = 4 / n
    return {"yi": rng.normal(theta, np.sqrt(vi)), "vi": vi, "n": n}


DESIGNS: Register[StudyDesign] = Register(
    "design",
    [
        StudyDesign("means", "two groups' means and SDs; standardised difference", 4, _means),
        StudyDesign("correlation", "correlations; Fisher's z", 4, _correlation),
        StudyDesign("proportions", "two groups' events; log odds ratio", 2, _proportions),
        StudyDesign("effects", "effects and variances; any scale", 1, _effects),
    ],
)
