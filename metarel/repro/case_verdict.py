"""What is said of a whole case: its level of explanation, and what stands behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from metarel.repro.case_judge import AGREES_WIDER, AS_PRINTED, FigureVerdict
from metarel.repro.verdict import AGREES, AGREES_TRUNCATED, CANNOT_RUN

ALL_AGREE = "all figures agree"
BY_PROGRAM = "agree with the declared software's formulas"
BY_ROUNDING = "within the rounding of the study data"
BY_ANALYSIS = "another analysis prints them"
BY_SLIP = "a slip would explain"
CONTRADICT = "printed figures contradict each other"
KNOWN = "known differences"
ESTIMATE_ONLY = "estimate only"
UNEXPLAINED = "unexplained"

#: Every level of explanation and what it says, in the order in which they are tried and told.
LEVELS: dict[str, str] = {
    ALL_AGREE: "the declared analysis, with metafor's formulas, prints every figure",
    BY_PROGRAM: "it does so with the formulas of the program that the publication names",
    CONTRADICT: "no study data could give all figures together",
    BY_ROUNDING: "study data that are rounded to those listed give each figure",
    BY_ANALYSIS: "another legitimate analysis of the data prints every figure",
    BY_SLIP: "a small slip in the study data or in one figure would account for all figures",
    KNOWN: "a dataset's own file expects every difference, and says why",
    ESTIMATE_ONLY: "the pooled effect comes out, and not every other figure",
    UNEXPLAINED: "the pooled effect does not come out, and nothing tried accounts for it",
    CANNOT_RUN: "the case is at fault, or its analysis gives no number",
}
#: The levels at which every printed figure is accounted for.
EXPLAINED = (ALL_AGREE, BY_PROGRAM, BY_ROUNDING, BY_ANALYSIS, BY_SLIP)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one step of explaining found.

    Parameters
    ----------
    step : str
        The level it belongs to.
    text : str
        What was found, as a sentence.
    explains : bool
        Whether it accounts for all printed figures.
    tried : int
        How many alternatives were tried, or figures held against what is possible; 0 for neither.
    found : int
        How many of them would account for the figures, and compete; or how many figures are
        possible by themselves.
    placebo : float or None
        The share of made-up figures that as many alternatives would have accounted for.
    of : str
        What ``tried`` counts: ``"alternatives"`` or ``"figures"``.
    """

    step: str
    text: str
    explains: bool = False
    tried: int = 0
    found: int = 0
    placebo: float | None = None
    of: str = "alternatives"


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """One case, re-computed and judged.

    Parameters
    ----------
    id, corpus, file : str
        Which case.
    level : str
        A key of ``LEVELS``.
    figures : tuple of FigureVerdict
        Each printed figure against the analysis of ``formulas``: metafor's, or those of the
        declared program where these reproduce more figures.
    analysis, formulas : str
        The analysis declared, and the formulas behind ``figures``, as phrases.
    with_metafor : tuple of str
        The figures that agree with metafor's formulas.
    evidence : tuple of Evidence
        What each step of explaining found.
    remarks : tuple of str
        What was assumed, left out or doubtful.
    obstacle : str
        Why the case cannot run; else empty.
    expected : mapping of str to str
        The verdicts that the case's file expects: by figure, and ``"level"``.
    dataset : bool
        Whether the case is a dataset's folder, whose figures have recipes of their own.
    figures_ok : bool
        For a dataset, whether its own file expects every verdict; else True.
    """

    id: str
    corpus: str
    file: str
    level: str
    figures: tuple[FigureVerdict, ...] = ()
    analysis: str = ""
    formulas: str = ""
    with_metafor: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    remarks: tuple[str, ...] = ()
    obstacle: str = ""
    expected: Mapping[str, str] = field(default_factory=dict)
    dataset: bool = False
    figures_ok: bool = True

    @property
    def ran(self) -> bool:
        """Whether the case could be run."""
        return self.level != CANNOT_RUN

    @property
    def agrees(self) -> bool:
        """Whether every figure agrees at its digits."""
        return self.ran and all(figure.agrees for figure in self.figures)

    @property
    def wider(self) -> bool:
        """Whether a figure agrees only without a zero that is in doubt."""
        return any(figure.verdict == AGREES_WIDER for figure in self.figures)

    @property
    def truncated(self) -> bool:
        """Whether every figure agrees if truncation, ceiling or floor counts as rounding."""
        counted = (*AS_PRINTED, AGREES_TRUNCATED)
        return self.ran and all(figure.verdict in counted for figure in self.figures)

    @property
    def surprises(self) -> tuple[str, ...]:
        """What is not as the case's file expects, as phrases; a case that cannot run is one."""
        found = []
        if not self.ran and self.expected.get("level") != CANNOT_RUN:
            found.append(f"cannot run: {self.obstacle}")
        elif self.expected.get("level", self.level) != self.level:
            found.append(f"level {self.level!r} (expected: {self.expected['level']!r})")
        verdicts = {figure.quantity: figure.verdict for figure in self.figures}
        for name, wanted in self.expected.items():
            verdict = verdicts.get(name)
            as_wanted = verdict == wanted or (wanted == AGREES and verdict == AGREES_WIDER)
            if name != "level" and self.ran and not as_wanted:
                found.append(f"{name} {verdict or 'is not judged'} (expected: {wanted})")
        if not self.figures_ok:
            found.append("figures are not as the dataset's file expects")
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, ready for JSON."""
        plain = {name: getattr(self, name) for name in PLAIN}
        return {
            **plain,
            "with_metafor": list(self.with_metafor),
            "figures": [figure.to_dict() for figure in self.figures],
            "evidence": [asdict(one) for one in self.evidence],
            "remarks": list(self.remarks),
            "expected": dict(self.expected),
            "surprises": list(self.surprises),
        }


PLAIN = (
    *("id", "corpus", "file", "level", "analysis", "formulas"),
    *("obstacle", "dataset", "figures_ok"),
)


def _numbers(figure: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of a figure; what is missing in plain types is NaN."""
    found = {name: figure[name] for name in ("value", "units")}
    return {name: math.nan if value is None else value for name, value in found.items()}


def verdict_from(given: Mapping[str, Any]) -> CaseVerdict:
    """Return a verdict from its plain form.

    Parameters
    ----------
    given : mapping
        What ``to_dict`` returned, through JSON or not.

    Returns
    -------
    CaseVerdict
        The same verdict.
    """
    figures = [FigureVerdict(**{**figure, **_numbers(figure)}) for figure in given["figures"]]
    return CaseVerdict(
        **{name: given[name] for name in PLAIN},
        figures=tuple(figures),
        with_metafor=tuple(given["with_metafor"]),
        evidence=tuple(Evidence(**one) for one in given["evidence"]),
        remarks=tuple(given["remarks"]),
        expected=given["expected"],
    )
