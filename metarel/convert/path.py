"""Walk the edges from one metric to another and carry the variance along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_domain, is_series, resolve, row_names
from metarel._vocabulary import NOT_NEGATIVE
from metarel.convert._edge import METRICS, NEEDS, Edge
from metarel.convert.register import metric_code, steps_by
from metarel.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from metarel._checks import Array
    from metarel.convert._edge import Given

DELTA_METHOD = "delta method"

#: Needs that follow from others: in order of preference, what each takes and how.
_DERIVED: dict[str, tuple[tuple[tuple[str, ...], Callable[..., Array]], ...]] = {
    "df": ((("n1", "n2"), lambda n1, n2: n1 + n2 - 2), (("n",), lambda n: n - 2)),
    "n": ((("n1", "n2"), lambda n1, n2: n1 + n2),),
}


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


def missing_needs(edge: Edge, given: Given) -> list[str]:
    """Return the needs of an edge that are neither given nor follow from what is.

    Parameters
    ----------
    edge : Edge
        The step.
    given : mapping
        What is known, by name.

    Returns
    -------
    list of str
        Names.
    """
    return [
        need
        for need in edge.needs
        if need not in given
        and not any(all(w in given for w in words) for words, _ in _DERIVED.get(need, ()))
    ]


def needs_of(edge: Edge, given: Given, length: int) -> dict[str, Array]:
    """Return an edge's needs as vectors, derived or by default where they were not given.

    Parameters
    ----------
    edge : Edge
        The step.
    given : mapping
        What is known: float vectors by name.
    length : int
        Count of rows.

    Returns
    -------
    dict
        Vectors by name.

    Raises
    ------
    InputError
        If a need is missing or outside its domain.
    """
    lacking = missing_needs(edge, given)
    if lacking:
        words = ", ".join(f"`{word}`" for word in lacking)
        meanings = "; ".join(f"{word} is the {NEEDS[word].meaning}" for word in lacking)
        raise InputError(
            f"{words} must be given: rule {edge.rule!r} from {edge.source} to {edge.target} "
            f"is {edge.symbols()} ({meanings}){_instead(lacking)}."
        )
    found = {}
    for word in edge.words:
        if word in given:
            found[word] = given[word]
        elif word in edge.needs:
            sources, derive = next(
                way for way in _DERIVED[word] if all(source in given for source in way[0])
            )
            found[word] = derive(*(given[source] for source in sources))
        else:
            found[word] = np.full(length, edge.optional[word])
        check_domain(found[word], edge.need_domains.get(word, NEEDS[word].domain), word)
    return found


def _instead(lacking: Sequence[str]) -> str:
    """Say which other arguments would do."""
    ways = [
        " and ".join(f"`{w}`" for w in words)
        for word in lacking
        for words, _ in _DERIVED.get(word, ())
    ]
    return f"; {' or '.join(ways)} would do as well" if ways else ""


def walk(steps: Sequence[Edge], value: Array, given: Given) -> tuple[list[Array], Array]:
    """Return the value after each step, and the slope of the whole way.

    Parameters
    ----------
    steps : sequence of Edge
        The way.
    value : ndarray
        The start.
    given : mapping
        What is known besides: float vectors by name.

    Returns
    -------
    tuple of (list of ndarray, ndarray)
        One vector a step, and the derivative of the last in ``value``.

    Raises
    ------
    InputError
        If a need is missing, or a value cannot be converted.
    """
    values, slope = [value], np.ones_like(value)
    for place, edge in enumerate(steps):
        x = values[-1]
        hint = f"This is {edge.source}, computed from {steps[0].source}." if place else ""
        check_domain(x, edge.values, "value", hint=hint)
        if edge.source == "p":
            _refuse(x == 0, "`value` must not be 0 as a p-value", "; give the digits or a bound")
        needs = needs_of(edge, given, len(x))
        with np.errstate(all="ignore"):
            after = edge.forward(x, needs)
            slope = slope * edge.slope(x, needs)
        lost = ~np.isfinite(after) & np.isfinite(x)
        for need in needs.values():
            lost &= np.isfinite(need)
        _refuse(lost, f"{edge.symbols()} must be a number", "; check the value and the sizes")
        hint = f"This is {edge.target} by rule {edge.rule!r}: check the value and what it needs."
        check_domain(after, METRICS[edge.target].domain, "value", hint=hint)
        values.append(after)
    return values[1:], slope


def _refuse(bad: Any, sentence: str, way_out: str = "") -> None:
    rows = np.flatnonzero(bad)
    if rows.size:
        raise InputError(f"{sentence}; it is not in {row_names(rows.tolist())}{way_out}.")


def _all_scalar(*items: Any) -> bool:
    return not any(is_series(item) or np.ndim(item) for item in items)


def checked(value: Any, needs: dict[str, Any]) -> tuple[Array, dict[str, Array]]:
    """Return the value and what came with it as float vectors of one length.

    Parameters
    ----------
    value : float or array
        The start.
    needs : dict
        Numbers or arrays by name; None is left out.

    Returns
    -------
    tuple of (ndarray, dict)
        The value, and the vectors by name.

    Raises
    ------
    InputError
        If something is not a number, lengths differ, or ``sign`` is not 1 or -1.
    """
    if isinstance(value, str):
        raise InputError(
            f"`value` must be a number or an array; got the text {value!r}. "
            "Printed digits go to `explain`."
        )
    vectors = resolve(None, {"value": value, **needs})
    sign = vectors.get("sign")
    if sign is not None:
        _refuse(~np.isnan(sign) & (np.abs(sign) != 1), "`sign` must be 1 or -1")
    return vectors.pop("value"), vectors


def convert(
    value: ArrayLike,
    source: str,
    target: str,
    *,
    rule: str | None = None,
    variance: ArrayLike | None = None,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
    n: ArrayLike | None = None,
    df: ArrayLike | None = None,
    base_rate: ArrayLike | None = None,
    delta: ArrayLike | None = None,
    sd_x: ArrayLike | None = None,
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
        ``"d"``, ``"g"``, ``"r"``, ``"z"``, ``"log_or"``, ``"or"``, ``"eta2"``, ``"f"``, ``"f2"``,
        ``"r2"``, or one of the statistics ``"t"``, ``"F"`` (1 numerator df), ``"p"`` (two-sided,
        signed as the effect) and ``"chi2"`` (1 df).
    target : str
        One of the same metrics, but no statistic other than the t on the way from F and p.
    rule : str, optional
        The convention, as ``convert_table`` lists them; taken at every step that has it.
    variance : float or array, optional
        Sampling variance of ``value``; it is then carried along by the delta method, variance ×
        slope², with all other arguments as known constants.
    n1, n2 : float or array, optional
        Group sizes.
    n : float or array, optional
        Size of the whole sample; n1 + n2 where it is not given.
    df : float or array, optional
        Degrees of freedom of the error (of F, the denominator's); n1 + n2 − 2, or n − 2, where
        they are not given.
    base_rate : float or array, optional
        Share of people in one of the groups.
    delta, sd_x : float or array, optional
        A contrast in units of x, and the standard deviation of x.
    sign : float or array, optional
        1 or -1: the sign of the effect where the source has none; positive unless given.

    Returns
    -------
    float or ndarray or Converted
        A float for scalars, else an array; with ``variance``, a record of both and of the way.

    Raises
    ------
    InputError
        If a metric or rule is unknown, a need is missing, or a value is outside its domain; with
        ``variance``, where the slope is 0 or infinite, so that the delta method says nothing.

    Notes
    -----
    Each rule states its formula, assumption, source and who uses it: see ``explain`` and
    ``convert_table``. Without ``rule``, r to d is 2r/√(1 − r²) [borenstein2009], as effectsize
    gives it; with ``rule="exact"`` it is the point-biserial relation of [jacobs2017], as metafor's
    ``transf.rpbtod`` gives it.

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
    """
    needs = {"n1": n1, "n2": n2, "n": n, "df": df, "base_rate": base_rate, "delta": delta}
    needs |= {"sd_x": sd_x, "sign": sign}
    steps = steps_by(metric_code("source", source), metric_code("target", target), rule)
    x, given = checked(value, {**needs, "variance": variance})
    scalar = _all_scalar(value, variance, *needs.values())
    values, slope = walk(steps, x, given)
    result = values[-1] if values else x
    if variance is None:
        return float(result[0]) if scalar else result
    check_domain(given["variance"], NOT_NEGATIVE, "variance")
    # A square at 0 would be given variance 0, a root there an infinite one; neither is true.
    flat = ~(np.isfinite(slope) & (slope != 0)) & np.isfinite(result)
    _refuse(flat, "`value` must be where the slope is finite and not 0, for the delta method")
    carried = given["variance"] * slope**2
    path = tuple(edge.code for edge in steps)
    if scalar:
        return Converted(float(result[0]), float(carried[0]), path)
    return Converted(result, carried, path)
