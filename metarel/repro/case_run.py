"""One case from study data to verdict; steps are tried until one accounts for all figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from metarel.errors import InputError, MetarelError
from metarel.printed import Printed
from metarel.repro.case_explain import explanations
from metarel.repro.case_fit import case_values, study_columns
from metarel.repro.case_judge import FigureVerdict, judge_figures
from metarel.repro.case_prints import contradictions
from metarel.repro.case_read import read_case
from metarel.repro.case_schema import FIELDS, Case
from metarel.repro.case_verdict import (
    ALL_AGREE,
    BY_PROGRAM,
    CONTRADICT,
    ESTIMATE_ONLY,
    UNEXPLAINED,
    CaseVerdict,
    Evidence,
)
from metarel.repro.programs import METAFOR, Formulas, program_of
from metarel.repro.verdict import CANNOT_RUN

DEPTHS = ("declared", "full")
#: Levels at which nothing is left to explain.
REPRODUCED = (ALL_AGREE, BY_PROGRAM)
#: The end of keys that hold what the source of a case corrected later.
AMENDED = "_amended"
#: How a remark begins on a case whose printed number of effects exceeds its rows.
INCOMPLETE = "the study data are incomplete"


@dataclass(frozen=True, slots=True)
class Run:
    """The declared analysis with one set of formulas."""

    formulas: Formulas
    figures: tuple[FigureVerdict, ...]

    @property
    def agreeing(self) -> tuple[str, ...]:
        """The figures that agree."""
        return tuple(figure.quantity for figure in self.figures if figure.agrees)

    @property
    def agrees(self) -> bool:
        """Whether all do."""
        return len(self.agreeing) == len(self.figures)


def run_given(given: Mapping[str, Any], file: str, depth: str, seed: int) -> CaseVerdict:
    """Read and run a case; whatever is wrong with it becomes its verdict.

    Parameters
    ----------
    given : mapping
        The keys of the case.
    file : str
        Where they stand.
    depth : {"declared", "full"}
        Whether to search for explanations.
    seed : int
        Of what is drawn.

    Returns
    -------
    CaseVerdict
        ``"cannot run"`` with the reason where the case is at fault.
    """
    try:
        case = read_case(given, file)
    except MetarelError as error:
        return cannot_run(file, str(error), given)
    try:
        found = run_case(case, depth=depth, seed=seed)
    except MetarelError as error:
        return cannot_run(file, f"{file}: {error}", given)
    return found if found.level in REPRODUCED else _with_amendments(found, given, file, depth, seed)


def _with_amendments(
    found: CaseVerdict, given: Mapping[str, Any], file: str, depth: str, seed: int
) -> CaseVerdict:
    """Say at which level a case stands after the corrections of those who coded it."""
    amended = {
        key.removesuffix(AMENDED): value
        for key, value in given.items()
        if key.endswith(AMENDED) and key.removesuffix(AMENDED) in FIELDS
    }
    if not amended:
        return found
    kept = {key: value for key, value in given.items() if not key.endswith(AMENDED)}
    level = run_given({**kept, **amended}, file, depth, seed).level
    told = f"with {', '.join(amended)} as amended by its source: {level}"
    return replace(found, remarks=(*found.remarks, told))


def cannot_run(file: str, obstacle: str, given: Mapping[str, Any] | None = None) -> CaseVerdict:
    """Return the verdict on a case that is at fault.

    Parameters
    ----------
    file : str
        Where it stands.
    obstacle : str
        What is wrong, with its place.
    given : mapping, optional
        The keys of the case, as far as they could be read.

    Returns
    -------
    CaseVerdict
        With the level ``"cannot run"``.
    """
    keys = given if isinstance(given, Mapping) else {}
    name = str(keys.get("id") or file.rsplit("/", 1)[-1].rsplit(".", 1)[0])
    expect = keys.get("expect")
    wanted = expect if isinstance(expect, Mapping) else {"level": expect} if expect else {}
    return CaseVerdict(
        id=name,
        corpus=str(keys.get("corpus") or name.split("-", 1)[0]),
        file=file,
        level=CANNOT_RUN,
        obstacle=obstacle,
        expected={str(key): str(value) for key, value in wanted.items()},
    )


def run_case(case: Case, *, depth: str = "full", seed: int = 0) -> CaseVerdict:
    """Run the declared analysis and, where figures differ, look for what accounts for them.

    Parameters
    ----------
    case : Case
        The case.
    depth : {"declared", "full"}
        ``"declared"`` runs the analysis as declared, with metafor's formulas and with those of
        the program named, and holds the printed figures against each other; ``"full"`` also asks
        what the rounding of the study data allows, searches other analyses and small slips.
    seed : int
        Of what is drawn.

    Returns
    -------
    CaseVerdict
        The level of explanation and what stands behind it.

    Raises
    ------
    InputError
        If a row cannot be such an effect, or the analysis gives no number.
    """
    runs = _runs(case)
    best = max(runs, key=lambda run: len(run.agreeing))
    evidence: list[Evidence] = []
    if best.agrees:
        level = ALL_AGREE if best is runs[0] else BY_PROGRAM
    else:
        evidence = [Evidence(CONTRADICT, sentence) for sentence in contradictions(case)]
        if depth == "full":
            evidence += explanations(case, best.figures, seed)
        level = _level(best, evidence)
    return CaseVerdict(
        id=case.id,
        corpus=case.corpus,
        file=case.file,
        level=level,
        figures=best.figures,
        analysis=case.words,
        formulas=_words(case, best.formulas),
        with_metafor=runs[0].agreeing,
        evidence=tuple(evidence),
        remarks=_remarks(case),
        expected=case.expect,
    )


def _runs(case: Case) -> list[Run]:
    """Run the analysis with metafor's formulas, and with each that the program may have used."""
    program = program_of(case.software)
    columns = study_columns(case)
    found = []
    for formulas in (METAFOR, *(program.formulas if program else ())):
        figures = judge_figures(case, case_values(case, formulas, columns))
        lost = [figure.quantity for figure in figures if math.isnan(figure.value)]
        if lost and formulas is METAFOR:
            raise InputError(f"the analysis gives no number for `{lost[0]}`.")
        found.append(Run(formulas, figures))
    return found


def _level(best: Run, evidence: list[Evidence]) -> str:
    """Return the level that the evidence amounts to."""
    if any(one.step == CONTRADICT for one in evidence):
        return CONTRADICT
    explaining = [one.step for one in evidence if one.explains]
    if explaining:
        return explaining[0]
    return ESTIMATE_ONLY if "estimate" in best.agreeing else UNEXPLAINED


def _words(case: Case, formulas: Formulas) -> str:
    program = program_of(case.software)
    if formulas is METAFOR or program is None:
        return formulas.words
    return f"{program.name}: {formulas.words} ({formulas.known})"


def _remarks(case: Case) -> tuple[str, ...]:
    """Return what a reader must know of how the case was read."""
    unjudged = [f"not judged: {name} {text}" for name, text in case.unjudged.items()]
    program = program_of(case.software)
    unknown = case.software and program is None
    printed = Printed(case.figures["k"]).value if "k" in case.figures else None
    lacking = printed is not None and printed > case.k
    return (
        *([f"{INCOMPLETE}: {case.k} of {printed} effects"] if lacking else []),
        *case.assumed,
        *unjudged,
        *([f"no formulas are known for the software {case.software!r}"] if unknown else []),
    )
