"""Figures that were never printed, to see how often a search explains those too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from metarel._checks import generator
from metarel._distributions import two_sided_p
from metarel._format import fixed
from metarel._lazy import special
from metarel.printed import READINGS, Printed
from metarel.search.figures import WITHOUT_SIGN, PrintedFigure

if TYPE_CHECKING:
    from metarel._checks import Array

#: A function and its inverse.
Scale: TypeAlias = tuple[Callable[[Any], Any], Callable[[Any], Any]]

#: Figures that go where the mean goes.
POINTS = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")
#: Counts are no figures that a slip in a number moves; they stay as printed.
COUNTS = ("k", "N", "df", "Q_df")
#: Figures that are never negative, and those that are fractions.
NOT_NEGATIVE = ("se", "p_value", "tau2", "tau", "Q", "Q_p", "I2", "H2", "I2_Q", "H2_Q")
FRACTIONS = ("p_value", "Q_p", "I2", "I2_Q")
#: How means and limits are printed: to the scale that they move on, and back.
ON: dict[str, Scale] = {
    "identity": (np.asarray, np.asarray),
    "exp": (np.log, np.exp),
    "tanh": (np.arctanh, np.tanh),
    "integral": (np.arctanh, np.tanh),
}
#: A placebo lies between these multiples of the real distance away.
NEAREST, FARTHEST = 0.5, 1.5


def prints(figure: PrintedFigure, values: Array) -> tuple[Any, Any]:
    """Tell which numbers are printed so: by a strict rule of rounding, and by any.

    Parameters
    ----------
    figure : PrintedFigure
        The figure.
    values : ndarray
        Unrounded numbers.

    Returns
    -------
    tuple of ndarray of bool
        Strictly, and under any rule; NaN under none.
    """
    strict = figure.prints(values)
    if figure.printed.relation != "=":
        return strict, strict
    loose = strict.copy()
    for rule in READINGS.values():
        loose |= figure.prints(values, rule)
    return strict, loose


def same_form(printed: Printed, value: float) -> Printed:
    """Return another number printed with the decimals, and the sign of per cent, of a given one.

    Parameters
    ----------
    printed : Printed
        The form.
    value : float
        The number, on the scale of ``printed.value``.

    Returns
    -------
    Printed
        The number in that form, under the same rule of rounding.
    """
    shown = 100 * value if printed.percent else value
    text = fixed(shown, printed.digits) + ("%" if printed.percent else "")
    return Printed(text, printed.rounding)


def moved(figure: PrintedFigure, units: int) -> PrintedFigure:
    """Return a printed number moved by so many units of its last digit.

    Parameters
    ----------
    figure : PrintedFigure
        A number; a bound stays as it is.
    units : int
        How far.

    Returns
    -------
    PrintedFigure
        The number there, in the same form.
    """
    printed = figure.printed
    if printed.value is None or printed.unit is None or printed.relation != "=":
        return figure
    there = same_form(printed, float(printed.value + units * printed.unit))
    return PrintedFigure(figure.quantity, there)


def placebo_figures(
    figures: Mapping[str, PrintedFigure],
    base: Mapping[str, float],
    count: int,
    seed: int | np.random.Generator | None,
    back: str = "identity",
) -> list[dict[str, PrintedFigure]]:
    """Move printed figures to random neighbours, about as far from the analysis as they were.

    The mean and its limits move together, by a random sign and factor; what tells of spread (the
    width of limits, Q, I2, tau2, tests) moves together by another, so that placebos go together as
    real figures do. Means and limits move on the scale of the analysis, so that no ratio goes below
    0 and no correlation beyond 1. What the analysis prints as it is, and bounds and counts, stays.

    Parameters
    ----------
    figures : mapping of str to PrintedFigure
        The figures, by quantity.
    base : mapping of str to float
        What the analysis gives for each.
    count : int
        Number of sets to draw; those that equal the real one, or whose mean is not between its
        limits, are left out.
    seed : int, Generator or None
        For the draws.
    back : str
        How the analysis prints its mean, as in ``Specification``.

    Returns
    -------
    list of dict of str to PrintedFigure
        The sets.
    """
    rng = generator(seed)
    movable = {
        name: figure
        for name, figure in figures.items()
        if figure.printed.relation == "=" and name not in COUNTS and np.isfinite(base[name])
    }
    scale = _scale_of(movable, base, back)
    start = {n: _scaled(n, _signed(f, base[n]), scale) for n, f in movable.items()}
    place, spread = _gaps(movable, base, start, scale)
    draws = rng.choice((-1.0, 1.0), (count, 2)) * rng.uniform(NEAREST, FARTHEST, (count, 2))
    sets = []
    for by_place, by_spread in draws:
        drawn = {
            name: same_form(
                figure.printed,
                _unscaled(
                    name, start[name] + by_place * place[name] + by_spread * spread[name], scale
                ),
            )
            for name, figure in movable.items()
        }
        other = any(drawn[n].value != f.printed.value for n, f in movable.items())
        if other and _in_order({n: float(p.value or 0) for n, p in drawn.items()}):
            sets.append({**figures, **{n: PrintedFigure(n, p) for n, p in drawn.items()}})
    return sets


def _in_order(values: Mapping[str, float]) -> bool:
    """Tell whether the mean lies between its limits, as that of any analysis does."""
    rows = [("ci_low", "estimate", "ci_high"), ("pi_low", "estimate", "pi_high")]
    there = [[values[name] for name in row if name in values] for row in rows]
    return all(row == sorted(row) for row in there)


def _value(figure: PrintedFigure) -> float:
    return float(figure.printed.value) if figure.printed.value is not None else float("nan")


def _signed(figure: PrintedFigure, value: float) -> float:
    """Return a test statistic without its sign where it was printed without."""
    return abs(value) if figure.quantity in WITHOUT_SIGN and _value(figure) >= 0 else value


def _scale_of(figures: Mapping[str, PrintedFigure], base: Mapping[str, float], back: str) -> Scale:
    """Return the scale that means and limits move on; as printed where one of them is not on it."""
    scale = ON.get(back, ON["identity"])
    points = [x for n, f in figures.items() if n in POINTS for x in (_value(f), base[n])]
    with np.errstate(all="ignore"):
        fits = np.isfinite(scale[0](np.array(points, dtype=float))).all()
    return scale if fits else ON["identity"]


def _scaled(name: str, value: float, scale: Scale) -> float:
    """Return p-values as normal deviates, means and limits on their scale, on which they move."""
    if name in POINTS:
        return float(scale[0](value))
    if name != "p_value":
        return value
    return float(-special.ndtri(min(max(value, 1e-300), 1.0) / 2))


def _unscaled(name: str, value: float, scale: Scale) -> float:
    if name in POINTS:
        return float(scale[1](value))
    if name == "p_value":
        value = float(two_sided_p(np.asarray(value), np.asarray(np.inf)))
    value = max(value, 0.0) if name in NOT_NEGATIVE else value
    return min(value, 1.0) if name in FRACTIONS else value


def _gaps(
    figures: Mapping[str, PrintedFigure],
    base: Mapping[str, float],
    start: Mapping[str, float],
    scale: Scale,
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the part of each figure's distance that is of place, and the rest."""
    gap = {name: _scaled(name, _value(f), scale) - start[name] for name, f in figures.items()}
    off = {name: not bool(prints(f, np.asarray(base[name]))[0]) for name, f in figures.items()}
    points = [name for name in POINTS if name in figures]
    centre = 0.0
    if any(off[name] for name in points):
        centre = gap["estimate"] if "estimate" in gap else float(np.mean([gap[n] for n in points]))
    share = dict.fromkeys(figures, 0.0) | dict.fromkeys(points, centre)
    if start.get("estimate"):
        for name in ("statistic", "p_value"):
            if name in figures:
                share[name] = start[name] * centre / start["estimate"]
    rest = {name: gap[name] - share[name] for name in figures}
    others_off = any(off[name] for name in figures if name not in points)
    wide = any(
        abs(_value(figures[name]) - _unscaled(name, start[name] + share[name], scale))
        > float(figures[name].printed.unit or 0)
        for name in points
        if name != "estimate"
    )
    # Nothing but rounding is no distance.
    return share, rest if others_off or wide else dict.fromkeys(figures, 0.0)
