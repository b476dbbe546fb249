"""What else accounts for the figures of a case: rounding, other analyses, slips; each weighed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from metarel._format import listing
from metarel.errors import InputError, MetarelError
from metarel.repro.case_judge import FigureVerdict
from metarel.repro.case_misprint import misprint
from metarel.repro.case_schema import Case
from metarel.repro.case_table import (
    FIGURE_WORDS,
    UNKNOWN_THERE,
    family_limits,
    search_figures,
    search_table,
    specifications,
)
from metarel.repro.case_verdict import BY_ANALYSIS, BY_ROUNDING, BY_SLIP, Evidence
from metarel.repro.programs import Formulas, program_of
from metarel.search.find import find_analysis
from metarel.search.gap import explain_gap
from metarel.search.programs import PROGRAMS as SEARCHED_PROGRAMS
from metarel.search.result import AnalysisSearch
from metarel.search.rounding import RoundingRange, rounding_range
from metarel.search.specification import Specification
from metarel.search.table import StudyTable

#: A slip that more made-up figures than this would admit as well accounts for nothing.
RARE = 0.05
#: Sets of made-up figures that slips are held against.
PLACEBOS = 100


@dataclass(frozen=True, slots=True)
class Question:
    """A case as the search room is asked about it."""

    case: Case
    table: StudyTable
    analyses: dict[Specification, Formulas]
    figures: dict[str, str]
    judged: tuple[FigureVerdict, ...]
    seed: int

    @property
    def same_k(self) -> bool:
        """Whether the number of studies is as printed, where it is."""
        return all(f.agrees for f in self.judged if f.quantity == "k")

    @property
    def unasked(self) -> tuple[str, ...]:
        """The figures that differ and that the search does not know."""
        return tuple(
            f.quantity for f in self.judged if not f.agrees and f.quantity in UNKNOWN_THERE
        )

    def printed(self, *, k: bool = False) -> dict[str, Any]:
        """Return the figures as the search's arguments, the number of studies only where asked."""
        found: dict[str, Any] = {
            FIND_WORDS.get(name, name): text
            for name, text in self.figures.items()
            if name not in PAIR and (k or name != "k")
        }
        pair = tuple(self.figures.get(name) for name in PAIR)
        return found | ({"ci": pair} if any(pair) else {})


def explanations(case: Case, judged: tuple[FigureVerdict, ...], seed: int) -> Iterator[Evidence]:
    """Yield what each step finds, until one accounts for all figures.

    Where rounding does, other analyses are searched all the same: they compete with it.

    Parameters
    ----------
    case : Case
        The case.
    judged : tuple of FigureVerdict
        Its figures under the best formulas.
    seed : int
        Of what is drawn.

    Yields
    ------
    Evidence
        A step that cannot be taken says why.
    """
    program = program_of(case.software)
    table = search_table(case)
    question = Question(
        case,
        table,
        specifications(case, table, program.formulas if program else ()),
        search_figures(case, judged),
        judged,
        seed,
    )
    explained = False
    for level, step in STEPS:
        try:
            found = step(question)
        except MetarelError as error:
            found = Evidence(level, f"not tried: {error}")
        if found is None:
            continue
        yield found
        explained = explained or found.explains
        if explained and level != BY_ROUNDING:
            return


def _rounding(question: Question) -> Evidence | None:
    """Ask whether study data rounded to those listed give all figures at once."""
    if not question.table.digits:
        return Evidence(BY_ROUNDING, "no column of the study data is rounded")
    if not question.same_k or question.unasked:
        return None
    best: Evidence | None = None
    for analysis, formulas in question.analyses.items():
        found = rounding_range(
            question.table,
            declared=analysis,
            digits=dict.fromkeys(set(question.table.columns) - set(question.table.digits)),
            seed=question.seed,
            **question.printed(),
        )
        within = sum(found.within.values())
        evidence = Evidence(
            BY_ROUNDING,
            _told_rounding(found, formulas),
            bool(found.jointly),
            len(found.within),
            within,
            None if math.isnan(found.placebo_rate) else found.placebo_rate,
            of="figures",
        )
        if evidence.explains:
            return evidence
        if best is None or within > best.found:
            best = evidence
    return best


def _told_rounding(found: RoundingRange, formulas: Formulas) -> str:
    if found.jointly:
        return f"study data that are printed as listed give all figures ({formulas.words})"
    beyond = []
    for name, figure in found.figures.items():
        if not found.within[name]:
            times = 100 if figure.printed.percent else 1
            low, high = (f"{times * end[name]:.5g}" for end in (found.low, found.high))
            word = FIGURES_THERE.get(name, name)
            beyond.append(f"{word} from {low} to {high}, printed {figure.printed.text}")
    if not beyond:
        return "rounding allows each figure by itself; no study data were found that give all"
    return f"rounding of the study data allows {'; '.join(beyond)}"


def _other_analysis(question: Question) -> Evidence | None:
    """Search the analyses that the program named can run, and then all legitimate ones."""
    if not question.same_k or question.unasked:
        return None
    program = program_of(question.case.software)
    if program is not None and program.preset in SEARCHED_PROGRAMS:
        found = _searched(question, program.preset)
        if found is not None and found.classes:
            return _told_search(found, f"another analysis that {program.name} can run")
        whole = _searched(question, None)
        beyond = f"an analysis beyond what {program.name} can run"
        return None if whole is None else _told_search(whole, beyond)
    found = _searched(question, None)
    return None if found is None else _told_search(found, "another analysis")


def _searched(question: Question, software: str | None) -> AnalysisSearch | None:
    """Search a family; None where it is empty."""
    declared = next(iter(question.analyses))
    family = {name: getattr(declared, name) for name in ("tau2", "test", "weights")}
    try:
        return find_analysis(
            question.table,
            software=software,
            declared=family if software is None else None,
            among=family_limits(question.case),
            **question.printed(),
        )
    except InputError:
        if software is None:
            raise
        return None


def _told_search(found: AnalysisSearch, who: str) -> Evidence:
    placebo = found.chance.together
    if math.isnan(placebo):
        placebo = found.chance.estimate
    count = len(found.classes)
    if not count:
        text = f"none of {found.tried} analyses prints all figures"
        if found.truncated:
            text += f"; with digits cut off some would, such as {found.truncated[0]}"
    else:
        results = "1 result" if count == 1 else f"{count} different results"
        text = f"{who} prints all figures: {found.best} ({results} among those that do)"
    return Evidence(
        BY_ANALYSIS,
        text,
        count > 0,
        found.tried,
        len(found.matching),
        None if math.isnan(placebo) else float(placebo),
    )


def _slip(question: Question) -> Evidence | None:
    """Look for the smallest change of the study data, and for a misprint."""
    printed_so = misprint(question.judged)
    if printed_so is not None and printed_so.explains:
        return printed_so
    if question.unasked:
        return printed_so
    analysis = next(iter(question.analyses))
    found = explain_gap(
        question.table,
        declared=analysis,
        placebos=PLACEBOS,
        seed=question.seed,
        **question.printed(k=True),
    )
    if found.others:
        return printed_so or Evidence(
            BY_SLIP, f"not looked for: {found.others[0]} prints all figures without a slip"
        )
    if not found.explanations:
        text = f"none of {found.tried} small changes of the study data gives all figures"
        return printed_so or Evidence(BY_SLIP, text, tried=found.tried)
    rate = found.placebo_rate
    best = found.explanations[0]
    who = listing(list(best.studies), 3) or "all studies"
    own = f"; its own row speaks for it: {listing(list(best.evidence))}" if best.evidence else ""
    return Evidence(
        BY_SLIP,
        f"the slip that goes farthest: {who} {best.words}{own}",
        not math.isnan(rate) and rate <= RARE,
        found.tried,
        len(found.explanations),
        None if math.isnan(rate) else float(rate),
    )


#: From the search's words for figures to the arguments of ``find_analysis``.
FIND_WORDS = {"p_value": "p"}
#: And from those words to ours.
FIGURES_THERE = {word: name for name, word in FIGURE_WORDS.items()}
PAIR = ("ci_low", "ci_high")
STEPS: tuple[tuple[str, Callable[[Question], Evidence | None]], ...] = (
    (BY_ROUNDING, _rounding),
    (BY_ANALYSIS, _other_analysis),
    (BY_SLIP, _slip),
)
