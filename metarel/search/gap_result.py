"""What an explanation of a gap holds, and how it reads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metarel._format import adaptive, count, fixed, listing, plain
from metarel._lazy import pd
from metarel.search.figures import NAMES
from metarel.search.placebo import COUNTS

if TYPE_CHECKING:
    import pandas

    from metarel.search.figures import PrintedFigure

#: At most this share of random figures may be explained as well by an explanation that counts.
RARE = 0.05
#: Explanations that the text shows.
SHOWN = 5
#: From this share of random figures on, that there is some explanation says nothing by itself.
OFTEN = 0.2
NO_GAP = "no gap"
ROUNDING = "the rounding of the study data allows the figures"
OTHER_ANALYSIS = "another analysis prints the figures"
BETTER = "explained better than random figures"
ROUNDED = "No change is needed: the rounding of the study data allows these figures."
WEAK = "could be explained, but so could random figures"
NOT_EXPLAINED = "not explained"


def _numbers(values: dict[str, float]) -> str:
    return ", ".join(
        f"{NAMES[name]} {fixed(value, 0) if name in COUNTS else adaptive(value)}"
        for name, value in values.items()
    )


@dataclass(frozen=True, slots=True)
class CellChange:
    """One number that an explanation holds otherwise.

    Parameters
    ----------
    study : str
        The study.
    column : str
        The column.
    before, after : float
        What stands in the table, and what would have to.
    """

    study: str
    column: str
    before: float
    after: float

    def __str__(self) -> str:
        return f"{self.column} {self.before:.6g} → {self.after:.6g}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One change of the table after which an analysis prints all figures.

    Parameters
    ----------
    change : str
        Its kind, a code of ``CHANGES``.
    studies : tuple of str
        The studies it concerns; empty where it concerns all.
    words : str
        What is done, in words.
    cells : tuple of CellChange
        The numbers that differ; empty where studies are left out or counted twice, and the first
        few where all studies change.
    analysis : str
        The analysis in words.
    gives : dict of str to float
        What it gives then, unrounded, by quantity.
    strict : bool
        Whether all figures are printed by rounding; otherwise some only by truncation or another
        loose rule.
    evidence : tuple of str
        What in the study's own row speaks for it: contradictions that it removes.
    plausibility : float
        Share of the plausibility of all explanations found.
    analyses : int
        How many of the analyses tried print all figures after this change.
    score : float
        Logarithm of the plausibility, as it was compared.
    """

    change: str
    studies: tuple[str, ...]
    words: str
    cells: tuple[CellChange, ...]
    analysis: str
    gives: dict[str, float]
    strict: bool
    evidence: tuple[str, ...]
    plausibility: float
    analyses: int
    score: float

    def __str__(self) -> str:
        who = " and ".join(self.studies) if self.studies else "all studies"
        cells = f" ({listing([str(c) for c in self.cells], 4)})" if self.cells else ""
        gives = _numbers(self.gives)
        own = (
            f"; its own row speaks for it: {listing(list(self.evidence))}" if self.evidence else ""
        )
        loose = "" if self.strict else ", which prints so only by truncation or a like rule"
        return f"{who} {self.words}{cells}: {gives}{loose} [{self.analysis}]{own}"


@dataclass(frozen=True, slots=True, repr=False)
class GapExplanation:
    """What would make a study table print given figures, and how little that may prove.

    Parameters
    ----------
    figures : dict of str to PrintedFigure
        The figures, by quantity.
    analysis : str
        The declared analysis in words.
    given : dict of str to float
        What the declared analysis gives from the table as it is.
    others : tuple of str
        Analyses that print all figures from the table as it is.
    rounding : bool
        Whether a table that is printed as this one was found to print all figures under the
        declared analysis, so that no slip is needed; ``rounding_range`` shows it.
    explanations : tuple of Explanation
        The changes that lead to the figures: those that print them by rounding first, then by
        plausibility.
    tried : int
        Number of changed tables.
    analyses : int
        Number of analyses that each was put through.
    placebos : int
        Number of different random sets of figures that the same search was run for.
    as_well : int
        How many of them have an explanation at least as good as the best found.
    at_all : int
        How many of them have any explanation.
    """

    figures: dict[str, PrintedFigure]
    analysis: str
    given: dict[str, float]
    others: tuple[str, ...]
    rounding: bool
    explanations: tuple[Explanation, ...]
    tried: int
    analyses: int
    placebos: int
    as_well: int
    at_all: int

    @property
    def placebo_rate(self) -> float:
        """How often chance explains as well: (as_well + 1)/(placebos + 1); NaN without placebos.

        One is added to both, as in a permutation test, so that few placebos make no evidence.
        """
        return (self.as_well + 1) / (self.placebos + 1) if self.placebos else math.nan

    @property
    def placebo_any(self) -> float:
        """Share of random figures that have any explanation; NaN without placebos."""
        return self.at_all / self.placebos if self.placebos else math.nan

    @property
    def verdict(self) -> str:
        """The answer in a phrase."""
        if self.analysis in self.others:
            return NO_GAP
        if self.rounding:
            return ROUNDING
        if self.others:
            return OTHER_ANALYSIS
        if not self.explanations:
            return NOT_EXPLAINED
        return BETTER if self.placebo_rate <= RARE else WEAK

    @property
    def competing(self) -> int:
        """Number of explanations besides the best."""
        return max(len(self.explanations) - 1, 0)

    def rank(self, study: str, column: str | None = None, after: float | None = None) -> int | None:
        """Return the rank of the first explanation that changes a study so, from 1.

        Parameters
        ----------
        study : str
            The study.
        column : str, optional
            The column that must change.
        after : float, optional
            The number that must stand there then.

        Returns
        -------
        int or None
            The rank; None where no explanation found does so.
        """
        for place, found in enumerate(self.explanations, start=1):
            if study not in found.studies:
                continue
            cells = [c for c in found.cells if column in (None, c.column)]
            if column is None or any(after is None or math.isclose(c.after, after) for c in cells):
                return place
        return None

    def to_frame(self) -> pandas.DataFrame:
        """Return one row an explanation.

        Returns
        -------
        DataFrame
            ``rank change studies cells analysis`` and one column a figure, ``rounded`` (False
            where only a loose rule prints the figures), ``evidence analyses plausibility``.
        """
        rows = [
            {
                "rank": rank,
                "change": found.change,
                "studies": ", ".join(found.studies) if found.studies else "all",
                "cells": ", ".join(str(cell) for cell in found.cells),
                "analysis": found.analysis,
                **found.gives,
                "rounded": found.strict,
                "evidence": "; ".join(found.evidence),
                "analyses": found.analyses,
                "plausibility": found.plausibility,
            }
            for rank, found in enumerate(self.explanations, start=1)
        ]
        names = ["rank", "change", "studies", "cells", "analysis", *self.figures]
        columns = [*names, "rounded", "evidence", "analyses", "plausibility"]
        return pd.DataFrame(rows, columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """Return everything in plain types."""
        return plain(
            {
                "verdict": self.verdict,
                "figures": {name: f.printed.text for name, f in self.figures.items()},
                "analysis": self.analysis,
                "given": self.given,
                "others": list(self.others),
                "rounding": self.rounding,
                "explanations": self.to_frame().to_dict("records"),
                "tried": self.tried,
                "analyses": self.analyses,
                "placebos": self.placebos,
                "as_well": self.as_well,
                "at_all": self.at_all,
                "placebo_rate": self.placebo_rate,
                "placebo_any": self.placebo_any,
            }
        )

    def __repr__(self) -> str:
        return f"GapExplanation({self.verdict}; {count(len(self.explanations), 'explanation')})"

    def to_text(self, *, every: bool = False, rest: str = "see to_text(every=True)") -> str:
        """Return what was found as a paragraph.

        Parameters
        ----------
        every : bool
            Every explanation; else the first five.
        rest : str
            What shows the others, in the words of whoever asks.

        Returns
        -------
        str
            The figures, the verdict, and the explanations.
        """
        printed = ", ".join(str(figure) for figure in self.figures.values())
        given = _numbers(self.given)
        lines = [f"Printed: {printed}", f"The table gives: {given} [{self.analysis}]", ""]
        return "\n".join([*lines, *self._answer(len(self.explanations) if every else SHOWN, rest)])

    def __str__(self) -> str:
        return self.to_text()

    def _answer(self, most: int, rest: str) -> list[str]:
        if self.verdict == NO_GAP:
            return ["No gap: the declared analysis prints these figures."]
        rounded = [ROUNDED] if self.rounding else []
        if self.others:
            named = [f"  {words}" for words in self.others]
            start = "Another" if self.rounding else "No change is needed: another"
            return [*rounded, f"{start} analysis prints these figures.", *named]
        analyses = count(self.analyses, "analysis", "analyses")
        searched = f"{self.tried} changed tables, each under {analyses}"
        if self.verdict == NOT_EXPLAINED:
            return [f"Not explained: none of {searched}, prints these figures."]
        if not self.explanations:
            return rounded
        shown = [f"  {i}. {found}" for i, found in enumerate(self.explanations[:most], start=1)]
        more = len(self.explanations) - len(shown)
        if more > 0:
            shown.append(f"  and {more} more ({rest})")
        found = f"{len(self.explanations)} of {searched}, "
        prints = "prints" if len(self.explanations) == 1 else "print"
        return [
            *rounded,
            self._headline(),
            f"{found}{prints} these figures:",
            *shown,
            *self._caution(),
        ]

    def _headline(self) -> str:
        if not self.placebos:
            return "Could be explained; no random figures were near enough to say how easily."
        figures = f"{count(self.placebos, 'random set', 'random sets')} of figures"
        if self.placebo_rate <= RARE:
            often = self.placebo_any > OFTEN
            p = fixed(self.placebo_rate, 2 if self.placebo_rate >= 0.01 else 3)
            return (
                f"Explained better than chance would: of {figures}, {self.as_well} can be "
                f"explained as well (p = {p}){'; but ' if often else ', '}{self.at_all} "
                f"{'have some explanation too' if often else 'at all'}."
            )
        share = f"{100 * self.placebo_any:.0f} % of random figures could too"
        return (
            f"Could be explained, but {share}: of {figures}, {self.at_all} by some slip, "
            f"{self.as_well} by one as plausible."
        )

    def _caution(self) -> list[str]:
        best = self.explanations[0]
        lines = []
        if best.studies and not best.evidence:
            lines.append(
                f"Nothing that the table says of {' or '.join(best.studies)} speaks for the first "
                "by itself: that it leads to the figures is a reason to look the study up, and "
                "none to call it wrong."
            )
        return lines
