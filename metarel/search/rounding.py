"""What the rounding of the study data allows: ranges, and whether all figures fit at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_level, check_whole, generator
from metarel._format import adaptive, count, plain
from metarel._lazy import pd
from metarel._register import one_of
from metarel.errors import InputError
from metarel.search.figures import NAMES, WITHOUT_SIGN, PrintedFigure, read_figures
from metarel.search.gap_search import leading, table_of
from metarel.search.placebo import POINTS, moved, same_form
from metarel.search.rounding_box import Box, box_of, ranges, witness

if TYPE_CHECKING:
    import pandas

    from metarel._checks import Array
    from metarel.printed import Printed
    from metarel.search.specification import Specification
    from metarel.search.table import StudyTable

    Text = str | Printed | None
    Texts = Sequence[str | Printed] | None

#: What is bounded where no figure is given.
USUAL = ("estimate", "ci_low", "ci_high", "p_value", "tau2", "Q", "I2")
#: A value moves by less than this share of itself through rounding errors of the computer.
NOISE = 1e-12


@dataclass(frozen=True, slots=True, repr=False)
class RoundingRange:
    """The numbers that an analysis can give when study data are unrounded in every way possible.

    Parameters
    ----------
    analysis : str
        The analysis in words.
    cells : int
        Number of cells that were rounded.
    given : dict of str to float
        What the table gives as printed, by quantity.
    low, high : dict of str to float
        The smallest and largest number found; the true range is at least as wide.
    figures : dict of str to PrintedFigure
        The figures held against them; empty where none were given.
    within : dict of str to bool
        Whether each figure by itself is printed somewhere in its range.
    jointly : bool or None
        Whether one unrounded table was found that prints all figures; None without figures.
    witness : DataFrame or None
        That table.
    allowed : tuple of int
        Units of their last digits by which the mean and its limits could be moved together and be
        found possible still, 0 being as printed.
    reach : int
        How many units were tried, either way.
    """

    analysis: str
    cells: int
    given: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    figures: dict[str, PrintedFigure]
    within: dict[str, bool]
    jointly: bool | None
    witness: pandas.DataFrame | None
    allowed: tuple[int, ...]
    reach: int

    @property
    def placebo_rate(self) -> float:
        """Share of the moved figures that the rounding allows too; NaN where none were tried."""
        if not self.reach:
            return math.nan
        return sum(units != 0 for units in self.allowed) / (2 * self.reach)

    def to_frame(self) -> pandas.DataFrame:
        """Return one row a quantity.

        Returns
        -------
        DataFrame
            ``quantity given low high``, and with figures ``printed within values``, the last being
            how many different printed numbers the range holds.
        """
        rows = []
        for name in self.given:
            row = {
                "quantity": name,
                "given": self.given[name],
                "low": self.low[name],
                "high": self.high[name],
            }
            if self.figures:
                figure = self.figures.get(name)
                row["printed"] = figure.printed.text if figure else ""
                row["within"] = self.within.get(name)
                row["values"] = self._values(name)
            rows.append(row)
        return pd.DataFrame(rows)

    def _values(self, name: str) -> int | None:
        """Count the numbers of the printed form that the range holds."""
        figure = self.figures.get(name)
        printed = figure.printed if figure else None
        if printed is None or printed.unit is None or printed.relation != "=":
            return None
        unit = float(printed.unit)
        return round(self.high[name] / unit) - round(self.low[name] / unit) + 1

    def to_dict(self) -> dict[str, Any]:
        """Return everything in plain types."""
        return plain(
            {
                "analysis": self.analysis,
                "cells": self.cells,
                "quantities": self.to_frame().to_dict("records"),
                "jointly": self.jointly,
                "witness": None if self.witness is None else self.witness.to_dict("list"),
                "allowed": list(self.allowed),
                "placebo_rate": self.placebo_rate,
            }
        )

    def __repr__(self) -> str:
        if self.jointly is None:
            return f"RoundingRange({count(len(self.given), 'quantity', 'quantities')})"
        return f"RoundingRange({'within' if self.jointly else 'not within'})"

    def __str__(self) -> str:
        lines = [
            f"What the rounding of {count(self.cells, 'cell')} allows, at least [{self.analysis}]",
            "",
        ]
        for name, value in self.given.items():
            line = (
                f"  {NAMES[name]:<14} {adaptive(value)}, from {adaptive(self.low[name])} "
                f"to {adaptive(self.high[name])}"
            )
            if name in self.figures:
                says = "within" if self.within[name] else "not within"
                line += f"; printed {self.figures[name].printed.text}: {says}"
            lines.append(line)
        if self.jointly is not None:
            lines += ["", *self._answer()]
        return "\n".join(lines)

    def _answer(self) -> list[str]:
        which = "figure is" if len(self.figures) == 1 else "figures are"
        if not self.jointly:
            return [f"No unrounded table was found from which the printed {which} rounded."]
        lines = [f"One unrounded table at least prints the {which.split()[0]}."]
        if self.reach:
            other = sum(units != 0 for units in self.allowed)
            places = f"{other} of {2 * self.reach} places"
            lines.append(
                f"By chance? Moved together by up to {count(self.reach, 'unit')} of the last "
                f"digit, the mean and its limits are possible at {places}."
            )
        return lines


def rounding_range(
    data: pandas.DataFrame | StudyTable | None = None,
    *,
    estimate: Text = None,
    ci: Texts = None,
    p: Text = None,
    se: Text = None,
    statistic: Text = None,
    tau2: Text = None,
    tau: Text = None,
    I2: Text = None,
    H2: Text = None,
    Q: Text = None,
    Q_p: Text = None,
    pi: Texts = None,
    k: Text | int = None,
    N: Text | int = None,
    level: float = 0.95,
    software: str | None = None,
    declared: Specification | Mapping[str, Any] | None = None,
    digits: Mapping[str, int | None] | None = None,
    reach: int = 5,
    seed: int | np.random.Generator | None = 0,
    **table: Any,
) -> RoundingRange:
    """Bound what an analysis gives, every cell being any number that is printed as it stands.

    Parameters
    ----------
    data : DataFrame or StudyTable, optional
        The studies, one row each; None with arrays.
    estimate, se, statistic, p, ci, pi, tau2, tau, I2, H2, Q, Q_p, k, N
        Figures to hold against the bounds, as in ``find_analysis``; none for the bounds alone.
    level : float
        Level of the intervals, a fraction.
    software : str, optional
        The program named, whose defaults are the analysis.
    declared : Specification or mapping, optional
        The analysis, or the choices that are known, as in ``explain_gap``.
    digits : mapping of str to int or None, optional
        Decimals by column, where they are not those seen (text keeps its own; of numbers the
        longest speaks for all); None for a column that is exact. Counts of people are exact unless
        they stand here.
    reach : int
        By how many units of the last digit the mean and its limits are moved to see whether the
        rounding would allow other figures too; 0 not to try.
    seed : int, Generator or None
        For the random points.
    **table : column name or array
        The study data, as in ``explain_gap``.

    Returns
    -------
    RoundingRange
        The bounds by quantity; which figures lie within; and whether all do at once, with the
        table that shows it.

    Raises
    ------
    InputError
        If no cell was rounded, on unknown quantities, columns and choices, and where the table
        as printed cannot be analysed.

    Notes
    -----
    The bounds are found at corners of the box of all unrounded tables, in the direction of the
    derivatives and improved cell by cell, and at random points: they are numbers that the analysis
    does give, so that the true range is at least as wide. For all figures at once, linear
    programmes look for the table whose worst figure is nearest to the middle of its interval. A
    table that is found proves that the figures are possible; that none is found proves nothing.

    Examples
    --------
    >>> import metarel as mr
    >>> table = {"r": [".31", ".12", ".45", ".28"], "n": [60, 35, 48, 120]}
    >>> found = mr.rounding_range(
    ...     estimate=".30", ci=(".19", ".40"), declared={"tau2": "DL"}, **table
    ... )
    >>> found.jointly  # each by itself is possible, and both together are not
    False
    >>> found.to_frame()[["quantity", "low", "high", "printed", "within"]].round(4)
       quantity     low    high printed  within
    0  estimate  0.2946  0.3047     .30    True
    1    ci_low  0.1780  0.1887     .19    True
    2   ci_high  0.4031  0.4124     .40    True
    """
    printed = {
        "estimate": estimate, "ci": ci, "p": p, "se": se, "statistic": statistic,
        "tau2": tau2, "tau": tau, "I2": I2, "H2": H2, "Q": Q, "Q_p": Q_p, "pi": pi,
        "k": k, "N": N,
    }  # fmt: skip
    asked = any(figure is not None for figure in printed.values())
    figures = {f.quantity: f for f in read_figures(printed)} if asked else {}
    studies = table_of(data, table)
    specification = leading(studies, figures, software, declared)[0]
    tried = check_whole("reach", reach, least=0)
    names = tuple(figures) or USUAL
    decimals = _decimals(studies, digits or {})
    box = box_of(studies, specification, names, decimals, check_level(level))
    if not box.cells:
        raise InputError(
            "`data` has no cell that was rounded: all columns are counts or computed numbers. "
            "Give texts, which keep their digits, or `digits`, such as digits={'yi': 2}."
        )
    rng = generator(seed)
    given = box.at(box.centre[None, :])[0]
    if not np.isfinite(given[0]):
        raise InputError(
            f"`declared` must be an analysis that the studies allow; {specification.words} gives "
            f"no {NAMES[names[0]]} here."
        )
    figures = {n: _as_signed(f, given[i]) for i, (n, f) in enumerate(figures.items())}
    low, high = ranges(box, rng)
    point = witness(box, figures, rng) if figures else None
    if point is not None:  # what a table gives that was found is within
        there = box.at(point[None, :])[0]
        low, high = np.fmin(low, there), np.fmax(high, there)
    movable = any(name in POINTS for name in figures) and point is not None
    allowed = _allowed(box, figures, tried, rng) if movable and tried else ()
    by_name = [dict(zip(names, map(float, values), strict=True)) for values in (given, low, high)]
    return RoundingRange(
        analysis=specification.words,
        cells=len(box.cells),
        given=by_name[0],
        low=by_name[1],
        high=by_name[2],
        figures=figures,
        within={n: _overlaps(p, by_name[1][n], by_name[2][n]) for n, p in figures.items()},
        jointly=point is not None if figures else None,
        witness=None if point is None else _shown(box, point),
        allowed=allowed,
        reach=tried if movable else 0,
    )


def _decimals(table: StudyTable, given: Mapping[str, int | None]) -> dict[str, Array]:
    """Return the decimals of each column: those given, else those seen."""
    found = dict(table.digits)
    for name, decimals in given.items():
        if name not in table.columns:
            raise InputError(one_of("digits", table.columns, name))
        if decimals is None:
            found.pop(name, None)
        else:
            found[name] = np.full(table.k, float(check_whole("digits", decimals, least=-6)))
    return found


def _overlaps(figure: PrintedFigure, low: float, high: float) -> bool:
    """Tell whether some number of a range is printed so."""
    printed, slack = figure.printed, NOISE * max(abs(low), abs(high))
    return bool(low <= printed.high + slack and high >= printed.low - slack)


def _as_signed(figure: PrintedFigure, given: float) -> PrintedFigure:
    """Return a test statistic that was printed without its minus as printed with it."""
    turned = figure.quantity in WITHOUT_SIGN and given < 0
    if not turned or figure.printed.value is None or figure.printed.value < 0:
        return figure
    return PrintedFigure(figure.quantity, same_form(figure.printed, -float(figure.printed.value)))


def _allowed(
    box: Box, figures: Mapping[str, PrintedFigure], reach: int, rng: np.random.Generator
) -> tuple[int, ...]:
    """Return by how many units the mean and its limits can be moved together."""
    found = [0]
    for side in (-1, 1):
        for units in range(1, reach + 1):
            shifted = {
                name: moved(figure, side * units) if name in POINTS else figure
                for name, figure in figures.items()
            }
            if witness(box, shifted, rng) is None:
                break
            found.append(side * units)
    return tuple(sorted(found))


def _shown(box: Box, point: Array) -> pandas.DataFrame:
    """Return the study table of a point."""
    columns = {n: v[0] if v.ndim == 2 else v for n, v in box.columns(point[None, :]).items()}
    return pd.DataFrame(columns, index=list(box.table.labels))
