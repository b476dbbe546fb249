"""Convert one effect, or a column of them, from one metric to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_domain, is_series
from metarel._vocabulary import NOT_NEGATIVE
from metarel.convert._edge import Edge
from metarel.convert._walk import checked, refuse_rows, refuse_unread, unread, walk
from metarel.convert.averages import averaged
from metarel.convert.register import metric_code, steps_by
from metarel.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from metarel._checks import Array
    from metarel.convert._edge import Given

DELTA_METHOD = "delta method"


@dataclass(frozen=True, slots=True)
class Converted:
    """A converted effect with its sampling variance.

    Parameters
    ----------
    value, variance : float or ndarray
        On the target's scale.
    path : tuple of str
        The steps with their rules, such as ``"r->d:equal-groups"``.
    rule : str
        How the variance was carried: ``"delta method"``.
    """

    value: float | Array
    variance: float | Array
    path: tuple[str, ...]
    rule: str = DELTA_METHOD


def _all_scalar(*items: Any) -> bool:
    return not any(is_series(item) or np.ndim(item) for item in items)


def carried(variance: Array, slope: Array, result: Array) -> Array:
    """Return the variance of a converted effect by the delta method.

    Parameters
    ----------
    variance, slope, result : ndarray of shape (k,)
        Of the start; of the way; where it leads.

    Returns
    -------
    ndarray
        variance × slope².

    Raises
    ------
    InputError
        If a variance is negative, or a slope 0 or infinite.
    """
    check_domain(variance, NOT_NEGATIVE, "variance")
    # A square at 0 would be given variance 0, a root there an infinite one; neither is true.
    flat = ~(np.isfinite(slope) & (slope != 0)) & np.isfinite(result)
    refuse_rows(flat, "`value` must be where the slope is finite and not 0, for the delta method")
    return variance * slope**2


def convert(
    value: ArrayLike,
    source: str,
    target: str,
    *,
    rule: str | None = None,
    variance: ArrayLike | None = None,
    tau2: ArrayLike | None = None,
    average: str | None = None,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
    n: ArrayLike | None = None,
    df: ArrayLike | None = None,
    df1: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    rows: ArrayLike | None = None,
    columns: ArrayLike | None = None,
    expected: ArrayLike | None = None,
    base_rate: ArrayLike | None = None,
    control_rate: ArrayLike | None = None,
    delta: ArrayLike | None = None,
    sd_x: ArrayLike | None = None,
    sd: ArrayLike | None = None,
    time: ArrayLike | None = None,
    other: ArrayLike | None = None,
    sign: ArrayLike | None = None,
) -> float | Array | Converted:
    """Convert an effect, or a test statistic, from one metric to another.

    The direct rule is used where there is one, else the shortest way over default rules.
    Differences are group 1 minus group 2.

    Parameters
    ----------
    value : float or array of shape (k,)
        What is converted; missing values stay missing.
    source : str
        A metric, such as ``"d"``, ``"g"``, ``"md"``, ``"r"``, ``"z"``, ``"r_pb"``, ``"r_bis"``,
        ``"log_or"``, ``"or"``, ``"rr"``, ``"rd"``, ``"nnt"``, ``"hr"``, ``"eta2"``, ``"f"``,
        ``"U3"``, ``"cles"``, ``"proportion"``, ``"logit"``, ``"rate"``, ``"alpha"``; or a
        statistic: ``"t"``, ``"F"``, ``"p"`` (two-sided, signed as the effect), ``"p_one"``,
        ``"z_stat"``, ``"chi2"``, ``"U"``, ``"H"``, or a slope ``"beta"``. ``convert_table`` lists
        them all.
    target : str
        Another metric that can be reached; no statistic but the t on the way from F and p.
    rule : str, optional
        The convention, as ``convert_table`` lists them; taken at every step that has it.
    variance : float or array, optional
        Sampling variance of ``value``; it is then carried along by the delta method, variance ×
        slope², with all other arguments as known constants.
    tau2 : float or array, optional
        Variance of true effects around ``value``, 0 or more. What comes back is then not the
        conversion of their mean (which is the median of the converted effects), but the average
        of the converted effects.
    average : {"mean", "mode"}, optional
        Which average over the true effects, with ``tau2``; the mean unless given.
    n1, n2 : float or array, optional
        Group sizes.
    n : float or array, optional
        Size of the whole sample; n1 + n2 where it is not given.
    df : float or array, optional
        Degrees of freedom of the error (of F, the denominator's); n1 + n2 − 2, or n − 2, where
        they are not given.
    df1 : float or array, optional
        Numerator degrees of freedom of F.
    groups : float or array, optional
        Count of groups of a Kruskal–Wallis test.
    rows, columns : float or array, optional
        Size of a table of counts.
    expected : float or array, optional
        Smallest of the shares that a test of fit expects.
    base_rate : float or array, optional
        Share of people in one of the groups.
    control_rate : float or array, optional
        Share of people with the event in group 2.
    delta, sd_x : float or array, optional
        A contrast in units of x, and the standard deviation of x.
    sd : float or array, optional
        Standard deviation of the outcome.
    time : float or array, optional
        Person-time at risk.
    other : float or array, optional
        The second value of a comparison: a proportion for Cohen's h, a correlation for his q.
    sign : float or array, optional
        1 or -1: the sign of the effect where the source has none; positive unless given.

    Returns
    -------
    float or ndarray or Converted
        A float for scalars, else an array; with ``variance``, a record of both and of the way.

    Raises
    ------
    InputError
        If a metric or rule is unknown, a need is missing, a word is given that no step reads, or a
        value is outside its domain; with ``variance``, where the slope is 0 or infinite, so that
        the delta method says nothing; with ``tau2``, where there is no such average.

    Notes
    -----
    Each rule states its formula, assumption, source and who uses it: see ``explain`` and
    ``convert_table``. Without ``rule``, r to d is 2r/√(1 − r²) [borenstein2009], as effectsize
    gives it; with ``rule="exact"`` it is the point-biserial relation of [jacobs2017], as metafor's
    ``transf.rpbtod`` gives it. The averages are those of metafor's ``transf.*.int`` and
    ``transf.*.mode``; where the scale is bounded, the normal distribution is cut at its ends and
    made whole again.

    References
    ----------
    [borenstein2009], [jacobs2017]

    Examples
    --------
    >>> round(convert(0.28, "r", "d"), 4)
    0.5833
    >>> round(convert(0.28, "r", "d", rule="exact", n1=23, n2=23), 4)
    0.5705
    >>> convert([0.1, 0.5], "r", "z").round(4)
    array([0.1003, 0.5493])
    >>> convert(0.0, "r", "d", variance=0.01)
    Converted(value=0.0, variance=0.04, path=('r->d:equal-groups',), rule='delta method')

    A study that prints only a test, and a mean correlation under heterogeneity:

    >>> round(convert(2.5, "t", "d", n1=15, n2=45), 4)
    0.7454
    >>> round(convert(0.5493, "z", "r", tau2=0.1), 4)
    0.4666
    """
    needs = {"n1": n1, "n2": n2, "n": n, "df": df, "df1": df1, "groups": groups, "rows": rows}
    needs |= {"columns": columns, "expected": expected, "base_rate": base_rate}
    needs |= {"control_rate": control_rate}
    needs |= {"delta": delta, "sd_x": sd_x, "sd": sd, "time": time, "other": other, "sign": sign}
    steps = steps_by(metric_code("source", source), metric_code("target", target), rule)
    x, given = checked(value, {**needs, "variance": variance, "tau2": tau2})
    refuse_unread(steps, unread(steps, [word for word in given if word in needs]))
    values, slope = walk(steps, x, given)
    result = values[-1] if values else x
    scalar = _all_scalar(value, variance, tau2, *needs.values())
    if tau2 is not None or average is not None:
        result = _mean_or_mode(steps, x, given, average)
    if variance is None:
        return float(result[0]) if scalar else result
    spread = carried(given["variance"], slope, result)
    path = tuple(edge.code for edge in steps)
    if scalar:
        return Converted(float(result[0]), float(spread[0]), path)
    return Converted(result, spread, path)


def _mean_or_mode(steps: tuple[Edge, ...], x: Array, given: Given, kind: str | None) -> Array:
    """Return the average that was asked for, after a look at what it was asked with."""
    if "tau2" not in given:
        raise InputError("`tau2` must be given with `average`: the variance of the true effects.")
    if "variance" in given:
        raise InputError(
            "`variance` must be None with `tau2`: the delta method does not carry it to an "
            "average over true effects. Convert the limits of the interval instead."
        )
    return averaged(steps, x, given["tau2"], given, kind)[0]
