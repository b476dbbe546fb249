"""What a search for the analysis behind printed figures found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._format import fixed, plain
from metarel._lazy import pd
from metarel.search.deciding import as_rows

if TYPE_CHECKING:
    import pandas

    from metarel._checks import Array
    from metarel.search.chance import Chance
    from metarel.search.classes import EquivalenceClass
    from metarel.search.deciding import Decider
    from metarel.search.family import Family
    from metarel.search.figures import PrintedFigure
    from metarel.search.specification import Specification
    from metarel.search.table import StudyTable


@dataclass(frozen=True, slots=True)
class Ways:
    """What a text says of how to go on.

    Parameters
    ----------
    slips : str
        A sentence on how to look for slips of the table; empty for none.
    rest : str
        What shows the results that a text leaves out.
    """

    slips: str
    rest: str


IN_PYTHON = Ways(
    "explain_gap() looks for a slip in the study data that would explain them.",
    "see to_text(every=True)",
)


@dataclass(frozen=True, slots=True)
class FigureCount:
    """How one printed figure fares by itself.

    Parameters
    ----------
    figure : PrintedFigure
        The figure.
    prints : int
        How many analyses print it.
    truncated : int
        How many would print it if digits were cut off, and do not by rounding.
    low, high : float
        The smallest and the largest number that any analysis gives.
    """

    figure: PrintedFigure
    prints: int
    truncated: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An analysis that prints every figure but one.

    Parameters
    ----------
    specification : Specification
        The closest to the declared of those with this result.
    figure : PrintedFigure
        The figure it does not print.
    value : float
        What it gives instead.
    units : float
        How far that lies outside, in units of the last digit.
    truncated : bool
        Whether cutting digits off would print it.
    """

    specification: Specification
    figure: PrintedFigure
    value: float
    units: float
    truncated: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AnalysisSearch:
    """Which analyses of a family print given figures, and what that is worth.

    Parameters
    ----------
    table : StudyTable
        The studies.
    figures : tuple of PrintedFigure
        What was printed.
    family : Family
        The analyses that were run.
    numbers : dict of str to ndarray, shape (n,)
        Their numbers; NaN where one could not run.
    prints : ndarray of bool, shape (n, figures)
        Whether each analysis prints each figure.
    classes : tuple of EquivalenceClass
        The analyses that print every figure, put together where their results are the same; the
        closest to the declared analysis first.
    distinct_printed, distinct : int
        How many different results the family has in the figures given: as printed, and unrounded.
    by_figure : tuple of FigureCount
        Each figure by itself.
    truncated : tuple of Specification
        Analyses that print every figure only if the digits of some were cut off, not rounded.
    near_misses : tuple of NearMiss
        Analyses that print all figures but one, the nearest first.
    decides : tuple of Decider
        Further digits or figures that would tell the classes apart, the best first.
    chance : Chance
        How easily the family would have printed other figures.
    level : float
        Level of the intervals.
    """

    table: StudyTable
    figures: tuple[PrintedFigure, ...]
    family: Family
    numbers: dict[str, Array]
    prints: Any
    classes: tuple[EquivalenceClass, ...]
    distinct_printed: int
    distinct: int
    by_figure: tuple[FigureCount, ...]
    truncated: tuple[Specification, ...]
    near_misses: tuple[NearMiss, ...]
    decides: tuple[Decider, ...]
    chance: Chance
    level: float

    @property
    def tried(self) -> int:
        """Number of analyses that ran."""
        return int(np.isfinite(self.numbers["estimate"]).sum())

    @property
    def most(self) -> int:
        """The largest number of figures that any one analysis prints."""
        return int(self.prints.sum(axis=1).max(initial=0))

    @property
    def matching(self) -> tuple[Specification, ...]:
        """Every analysis that prints all figures, by class."""
        return tuple(s for found in self.classes for s in found.specifications)

    @property
    def best(self) -> Specification | None:
        """The matching analysis closest to the declared one; None where none matches."""
        return self.classes[0].best if self.classes else None

    def to_frame(self) -> pandas.DataFrame:
        """Return every analysis with its numbers.

        Returns
        -------
        DataFrame
            One row an analysis, the closest to the declared one first: its words and choices,
            ``differs`` (in how many choices from the declared one), every quantity, a column
            ``prints_…`` for each figure, and ``prints_all``. Where a choice has the name of a
            quantity (tau2, I2), the number is the column ending in ``_value``.
        """
        order = self.family.order
        rows = pd.DataFrame([self.family.specifications[i].to_dict() for i in order])
        rows["differs"] = self.family.differs[order]
        for name, values in self.numbers.items():
            # the definition of I2 that an analysis chose stands beside the number it gave
            rows[f"{name}_value" if name in rows.columns else name] = values[order]
        for j, figure in enumerate(self.figures):
            rows[f"prints_{figure.quantity}"] = self.prints[order, j]
        rows["prints_all"] = self.prints.all(axis=1)[order]
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Return what was found in JSON's own types; not every analysis that was run.

        Returns
        -------
        dict
            Figures, counts, classes, near misses, what would decide, chance.
        """
        return {
            "studies": self.table.k,
            "kind": self.table.kind,
            "figures": {f.quantity: f.printed.text for f in self.figures},
            "family": {"size": len(self.family), "ran": self.tried, "limits": self.family.limits},
            "distinct_printed": self.distinct_printed,
            "distinct": self.distinct,
            "matching": len(self.matching),
            "classes": [
                {
                    "analyses": [s.to_dict() for s in found.specifications],
                    "programs": list(found.programs),
                    "differs": found.differs,
                    "numbers": plain(found.numbers),
                }
                for found in self.classes
            ],
            "by_figure": [
                {
                    "quantity": c.figure.quantity,
                    "printed": c.figure.printed.text,
                    "prints": c.prints,
                    "truncated": c.truncated,
                    "low": plain(c.low),
                    "high": plain(c.high),
                }
                for c in self.by_figure
            ],
            "truncated": [s.words for s in self.truncated],
            "near_misses": [
                {
                    "analysis": miss.specification.to_dict(),
                    "quantity": miss.figure.quantity,
                    "value": plain(miss.value),
                    "units": plain(miss.units),
                    "truncated": miss.truncated,
                }
                for miss in self.near_misses
            ],
            "decides": as_rows(self.decides),
            "chance": plain(
                {
                    "estimate": self.chance.estimate,
                    "together": self.chance.together,
                    "tried": self.chance.tried,
                }
            ),
        }

    def to_text(self, *, every: bool = False, ways: Ways = IN_PYTHON) -> str:
        """Return what was found as text.

        Parameters
        ----------
        every : bool
            Every result that matches, with all of its analyses; else the first few.
        ways : Ways
            How to go on, in the words of whoever asks.

        Returns
        -------
        str
            Some ten lines; more with ``every``.
        """
        return summary(self, every=every, ways=ways)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return (
            f"AnalysisSearch({len(self.matching)} of {self.tried} analyses print all "
            f"{len(self.figures)} figures, in {len(self.classes)} classes)"
        )


#: Classes, and members of one, that the text shows.
SHOWN, MEMBERS = 6, 2


def summary(found: AnalysisSearch, *, every: bool = False, ways: Ways = IN_PYTHON) -> str:
    """Return a search as text: what ran, what matches, what would decide, how easily it matches.

    Parameters
    ----------
    found : AnalysisSearch
        The search.
    every : bool
        Every result that matches; else the first few.
    ways : Ways
        How to go on.

    Returns
    -------
    str
        Some ten lines.
    """
    shown = "; ".join(str(figure) for figure in found.figures)
    limits = f", limited to {found.family.limits}" if found.family.limits else ""
    lines = [
        f"Printed: {shown}",
        f"Studies: {found.table}",
        f"{found.tried} analyses ran{limits}: {found.distinct_printed} different results at "
        f"these digits, {found.distinct} unrounded.",
    ]
    lines += _verdict(found, every=every, ways=ways)
    lines += _each_figure(found) if found.tried and not found.classes else []
    if found.classes:
        lines += _deciding(found)
    return "\n".join([*lines, *_by_chance(found)])


def _verdict(found: AnalysisSearch, *, every: bool, ways: Ways) -> list[str]:
    if not found.tried:
        return ["No analysis can be run on these studies: see their sizes, limits and zeros."]
    if not found.classes:
        lines = ["None of them prints all figures."]
        if found.truncated:
            lines.append(
                f"  With digits cut off instead of rounded {len(found.truncated)} would; the "
                f"closest: {found.truncated[0]}"
            )
        told: dict[tuple[str, str], NearMiss] = {}
        for miss in found.near_misses:
            told.setdefault((miss.figure.quantity, _short(miss)), miss)
        for miss in list(told.values())[:3]:
            cut = "; with digits cut off it would" if miss.truncated else ""
            lines.append(
                f"  all but {miss.figure}: {miss.specification} gives {_short(miss)} "
                f"({_units(miss.units)} off{cut})"
            )
        if not found.near_misses:
            lines.append(f"  At best {found.most} of {len(found.figures)} by one analysis.")
        return [*lines, *([ways.slips] if ways.slips else [])]
    return [*_matching(found), *_classes(found, every=every, ways=ways)]


def _matching(found: AnalysisSearch) -> list[str]:
    count = len(found.matching)
    of = "1 result" if len(found.classes) == 1 else f"{len(found.classes)} different results"
    verb = "analysis prints" if count == 1 else "analyses print"
    return [f"{count} {verb} all figures, with {of}:"]


def _classes(found: AnalysisSearch, *, every: bool, ways: Ways) -> list[str]:
    """Return the results that match, each with the analyses that have it."""
    lines = []
    shown, members = (len(found.classes), len(found.family)) if every else (SHOWN, MEMBERS)
    for number, one in enumerate(found.classes[:shown], start=1):
        lines.append(f"  {number}. {one.best}{_programs(one.programs)}")
        lines += [f"     or {s}" for s in one.specifications[1 : members + 1]]
        if len(one) > members + 1:
            lines.append(f"     or {len(one) - members - 1} more with the same result")
    if len(found.classes) > shown:
        lines.append(f"  and {len(found.classes) - shown} more ({ways.rest})")
    return lines


def _programs(names: tuple[str, ...]) -> str:
    return f" [{', '.join(names[:4])}{' …' if len(names) > 4 else ''}]" if names else ""


def _short(miss: NearMiss) -> str:
    percent = miss.figure.printed.percent
    if miss.figure.quantity in ("k", "N"):
        return f"{miss.value:.0f}"
    digits = miss.figure.printed.digits + 1
    return f"{miss.value * 100:.{digits}f}%" if percent else f"{miss.value:.{digits}f}"


def _units(units: float) -> str:
    if units < 0.05:
        return "a hair"
    return f"{fixed(units, 0 if units >= 10 else 1)} units of the last digit"


def _each_figure(found: AnalysisSearch) -> list[str]:
    lines = ["Figure by figure:"]
    for one in found.by_figure:
        cut = f", {one.truncated} more with digits cut off" if one.truncated else ""
        lines.append(f"  {one.figure}: {one.prints} analyses{cut}")
    return lines


def _deciding(found: AnalysisSearch) -> list[str]:
    if len(found.classes) == 1:
        return ["One result is left: no further digit is needed to tell them apart."]
    if not found.decides:
        return ["No further digit of any usual figure tells these results apart."]
    first, *rest = found.decides
    few = ", ".join(first.values[:6]) + (" …" if len(first.values) > 6 else "")
    lines = [
        f"What would decide best: {first}, which leaves {first.expected:.1f} of "
        f"{len(found.classes)} results on average, {first.worst} at most (they give {few})."
    ]
    if rest:
        lines.append("Next: " + "; ".join(f"{d} ({d.expected:.1f})" for d in rest[:3]) + ".")
    return lines


def _by_chance(found: AnalysisSearch) -> list[str]:
    chance = found.chance
    if not chance.tried:
        return []
    text = f"By chance: of other estimates nearby the family prints {100 * chance.estimate:.0f} %"
    if np.isfinite(chance.together):
        text += f", together with the limits and other figures {100 * chance.together:.1f} %"
    return [f"{text} ({chance.tried} sets tried)."]
