"""Fail-safe numbers: how many unpublished null results would undo a finding."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from metarel._checks import check_level
from metarel._format import adaptive, count, folded, p_value, plain
from metarel._lazy import special
from metarel._register import Register
from metarel.errors import InputError
from metarel.models._mean_interval import check_fit
from metarel.models.results import MetaFit


@dataclass(frozen=True, slots=True)
class FailSafe:
    """A fail-safe number.

    Parameters
    ----------
    method : str
        Whose.
    n : int
        The number of studies, rounded up.
    exact : float
        The same before rounding; at least 0.
    p_value : float
        Of the combined test that is to be undone; NaN for Orwin's.
    estimate, target : float
        The mean, and what it is to be brought down to; NaN where the test is.
    alpha : float
        Level of the test; NaN for Orwin's.
    k : int
        Number of studies.
    """

    method: str
    n: int
    exact: float
    p_value: float
    estimate: float
    target: float
    alpha: float
    k: int

    def to_dict(self) -> dict[str, Any]:
        """Return the number in plain types.

        Returns
        -------
        dict
            Ready for JSON; NaN becomes None.
        """
        return dict(plain({name: getattr(self, name) for name in self.__slots__}))

    def __str__(self) -> str:
        found = count(self.n, "study", "studies")
        if self.method == "orwin":
            what = f"bring the mean from {adaptive(self.estimate)} to {adaptive(self.target)}"
        elif self.n == 0:
            return folded(
                f"Fail-safe N ({self.method.capitalize()}): 0; the combined test is not "
                f"significant (p {p_value(self.p_value)}), so there is nothing to undo."
            )
        else:
            what = f"bring the combined p {p_value(self.p_value)} above {self.alpha:g}"
        lines = [f"Fail-safe N ({self.method.capitalize()}): {found} with no effect would {what}."]
        if self.method == "rosenthal":
            bound = 5 * self.k + 10
            word = "above" if self.n > bound else "not above"
            lines.append(f"That is {word} Rosenthal's 5k + 10 = {bound}.")
        return folded(" ".join(lines))

    def __repr__(self) -> str:
        return str(self)


def _rosenthal(fit: MetaFit, alpha: float) -> tuple[float, float]:
    """Return N and p of Stouffer's sum of one-tailed z."""
    z = fit.study.yi / np.sqrt(fit.study.vi)
    total = abs(float(z.sum()))
    needed = -float(special.ndtri(alpha))
    return (total / needed) ** 2 - fit.k, float(special.ndtr(-total / math.sqrt(fit.k)))


def _rosenberg(fit: MetaFit, alpha: float) -> tuple[float, float]:
    """Return N and p of the common-effect mean, the missing studies of average weight."""
    w = 1 / fit.study.vi
    total, weighted = float(w.sum()), abs(float(w @ fit.study.yi))
    needed = -float(special.ndtri(alpha / 2))
    more = (weighted / needed) ** 2 - total
    return more / (total / fit.k), 2 * float(special.ndtr(-weighted / math.sqrt(total)))


@dataclass(frozen=True, slots=True)
class FailSafeMethod:
    """A way to count by a test.

    Parameters
    ----------
    code : str
        The word users type.
    source : str
        Key in the bibliography.
    count : callable
        From a fit and the level of the test to N, not rounded, and the p-value.
    """

    code: str
    source: str
    count: Callable[[MetaFit, float], tuple[float, float]] | None


METHODS: Register[FailSafeMethod] = Register(
    "method",
    [
        FailSafeMethod("rosenthal", "rosenthal1979", _rosenthal),
        FailSafeMethod("rosenberg", "rosenberg2005", _rosenberg),
        FailSafeMethod("orwin", "orwin1983", None),
    ],
    aliases={"Rosenthal": "rosenthal", "Rosenberg": "rosenberg", "Orwin": "orwin"},
)


def fail_safe_n(
    fit: MetaFit,
    method: str = "rosenthal",
    *,
    alpha: float | None = None,
    target: float | None = None,
    missing_effect: float = 0.0,
    weighted: bool = True,
) -> FailSafe:
    """Count the unpublished studies without effect that would undo a finding.

    Kept so that printed numbers can be re-computed; as evidence against bias they are not
    recommended, for a real file drawer need not average to nothing.

    Parameters
    ----------
    fit : MetaFit
        A pooled mean; its tau2 and test play no part.
    method : {"rosenthal", "rosenberg", "orwin"}
        Rosenthal: Stouffer's z falls to the one-tailed critical value, N = (sum z)^2/z_a^2 − k
        with z = yi/sei. Rosenberg: the common-effect mean falls to the two-tailed one, the missing
        studies having average weight. Orwin: the mean falls to ``target``,
        N = k (mean − target)/(target − missing effect).
    alpha : float, optional
        Level of the test to undo; 0.05 by default. Rosenthal's is one-tailed.
    target : float, optional
        For Orwin: the mean that would no longer matter; by default half of what was found.
    missing_effect : float
        For Orwin: the mean effect of the missing studies.
    weighted : bool
        For Orwin: whether the mean has weights 1/vi (metafor since 4.0) or is the plain average,
        as in Orwin's paper and older programs.

    Returns
    -------
    FailSafe
        N rounded up, and before rounding.

    Raises
    ------
    InputError
        On what is no pooled mean, words or options that do not belong to the method, and a target
        that does not lie between the mean and the missing effect.

    Notes
    -----
    Same numbers as metafor's ``fsn`` (types "Rosenthal", "Rosenberg", "Orwin"). Books that take
    one-tailed p-values of t tests get smaller numbers than these from z = yi/sei.

    References
    ----------
    [rosenthal1979], [orwin1983], [rosenberg2005], [becker2005]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(mr.load_dataset("raudenbush1985").studies)
    >>> print(mr.fail_safe_n(fit))
    Fail-safe N (Rosenthal): 26 studies with no effect would bring the combined p =
      0.0057 above 0.05. That is not above Rosenthal's 5k + 10 = 105.
    >>> mr.fail_safe_n(fit, "orwin", target=0.05).n
    4
    """
    fit = check_fit(fit, mean_only="a fail-safe number", own_weights=True)
    entry = METHODS[method]
    if entry.count is None:
        if alpha is not None:
            raise InputError("`alpha` is the level of a test; Orwin's number has none.")
        return _orwin(fit, target, missing_effect, weighted)
    if target is not None or missing_effect or not weighted:
        raise InputError(
            f"`target`, `missing_effect` and `weighted` belong to method 'orwin'; got {method!r}."
        )
    level = check_level(0.05 if alpha is None else alpha, "alpha")
    if level >= 0.5:
        raise InputError(f"`alpha` must be below 0.5, such as 0.05; got {level:g}.")
    number, p = entry.count(fit, level)
    exact = max(number, 0.0)
    nan = math.nan
    return FailSafe(entry.code, _up(exact), exact, p, nan, nan, level, fit.k)


def _up(exact: float) -> int:
    """Return a number rounded up, unless it is whole but for rounding."""
    return math.ceil(exact * (1 - 1e-12))


def _finite(argument: str, value: object) -> float:
    """Return a number that is neither missing nor infinite."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise InputError(f"`{argument}` must be a finite number; got {value!r}.")
    if not math.isfinite(float(value)):
        raise InputError(f"`{argument}` must be a finite number; got {value!r}.")
    return float(value)


def _orwin(fit: MetaFit, target: float | None, missing: float, weighted: bool) -> FailSafe:
    """Return Orwin's number."""
    w = 1 / fit.study.vi if weighted else np.ones(fit.k)
    mean = float(w @ fit.study.yi) / float(w.sum())
    goal = mean / 2 if target is None else _finite("target", target)
    missing = _finite("missing_effect", missing)
    if goal == missing or (goal - missing) * (mean - missing) < 0:
        raise InputError(
            f"`target` must lie between the mean ({mean:.4g}) and the effect of the missing "
            f"studies ({missing:g}), on the mean's side; got {goal:g}."
        )
    exact = max(fit.k * (mean - goal) / (goal - missing), 0.0)
    nan = math.nan
    return FailSafe("orwin", _up(exact), exact, nan, mean, goal, nan, fit.k)
