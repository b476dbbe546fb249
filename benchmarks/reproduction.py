"""Measure how far the printed figures of a folder of cases are accounted for.

    python benchmarks/reproduction.py FOLDER [--depth full] [--jobs 1] [--resume FILE]
                                             [--report FILE]

Prints, by collection and level, how many cases and which share of them; beside them the shares that
re-running two audits' whole collections gave before (146 of López-Nicolás et al. 2023, 33 of
Maassen et al. 2020), and the placebo rates of what a search found. A folder that holds other cases
is measured the same way, without those.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import metarel as mr
from metarel.repro.case_results import CaseReproduction
from metarel.repro.case_run import INCOMPLETE
from metarel.repro.case_verdict import (
    ALL_AGREE,
    BY_ANALYSIS,
    BY_PROGRAM,
    BY_ROUNDING,
    BY_SLIP,
    CONTRADICT,
    EXPLAINED,
    CaseVerdict,
)

#: A search's match counts for little where more other figures than this would match as well.
RARE = 0.05


@dataclass(frozen=True)
class Line:
    """One line of the table: what is counted, and the counts known of whole collections."""

    words: str
    counts: Callable[[CaseVerdict], bool]
    known: dict[str, tuple[int, int]]


def figure_agrees(case: CaseVerdict, *names: str, metafor: bool) -> bool:
    """Tell whether figures that are printed agree, the estimate among them."""
    agreeing = set(case.with_metafor) if metafor else {f.quantity for f in case.figures if f.agrees}
    printed = {f.quantity for f in case.figures}
    return case.ran and "estimate" in agreeing and printed & set(names) <= agreeing


def estimate(metafor: bool) -> Callable[[CaseVerdict], bool]:
    """Return the count of estimates that agree."""
    return lambda case: figure_agrees(case, "estimate", metafor=metafor)


def with_limits(metafor: bool) -> Callable[[CaseVerdict], bool]:
    """Return the count of estimates that agree with both limits, where limits are printed."""

    def counts(case: CaseVerdict) -> bool:
        printed = {f.quantity for f in case.figures}
        wanted = ("estimate", "ci_low", "ci_high")
        return "ci_low" in printed and figure_agrees(case, *wanted, metafor=metafor)

    return counts


def level_is(*levels: str) -> Callable[[CaseVerdict], bool]:
    """Return the count of cases at some levels."""
    return lambda case: case.level in levels


def placebo_of(case: CaseVerdict, level: str) -> float | None:
    """Return the placebo rate of the step that gave a case its level."""
    found = [e.placebo for e in case.evidence if e.step == level and e.explains]
    return found[0] if found else None


def rare(level: str) -> Callable[[CaseVerdict], bool]:
    """Return the count of cases at a level whose placebo rate is low."""

    def counts(case: CaseVerdict) -> bool:
        placebo = placebo_of(case, level)
        return case.level == level and placebo is not None and placebo <= RARE

    return counts


def each_within(case: CaseVerdict) -> bool:
    """Tell whether every figure agrees, or by itself lies within what rounding allows."""
    if case.agrees:
        return True
    rounding = [e for e in case.evidence if e.step == BY_ROUNDING and e.tried]
    return bool(rounding) and rounding[0].found == rounding[0].tried


LINES = (
    Line("estimate agrees, metafor's formulas", estimate(True), {"LN": (93, 146), "MA": (15, 33)}),
    Line("estimate agrees, best formulas", estimate(False), {"LN": (96, 146)}),
    Line("estimate and CI agree, metafor's", with_limits(True), {"LN": (72, 146)}),
    Line("estimate and CI agree, best", with_limits(False), {"LN": (77, 146)}),
    Line("all figures, metafor's formulas", level_is(ALL_AGREE), {"LN": (28, 146), "MA": (15, 33)}),
    Line(
        "all figures, declared software's",
        level_is(ALL_AGREE, BY_PROGRAM),
        {"LN": (40, 146), "MA": (15, 33)},
    ),
    Line("… if cutting off is rounding", lambda case: case.truncated, {}),
    Line(
        "… or within rounding, jointly",
        level_is(ALL_AGREE, BY_PROGRAM, BY_ROUNDING),
        {"LN": (80, 146), "MA": (16, 33)},
    ),
    Line("… or each figure within rounding", each_within, {"LN": (80, 146), "MA": (16, 33)}),
    Line("another analysis, further", level_is(BY_ANALYSIS), {"LN": (18, 146), "MA": (16, 33)}),
    Line("  of these with placebo ≤ 5 %", rare(BY_ANALYSIS), {}),
    Line("a slip, further (placebo ≤ 5 %)", level_is(BY_SLIP), {}),
    Line("all levels that account for all", level_is(*EXPLAINED), {}),
    Line("printed figures contradict", level_is(CONTRADICT), {}),
    Line(
        "study data lack printed effects",
        lambda case: any(said.startswith(INCOMPLETE) for said in case.remarks),
        {},
    ),
)
#: Placebo rates that a search over whole collections had before.
KNOWN_PLACEBO = {"LN": 0.03, "MA": 0.80}


def share(part: int, whole: int) -> str:
    """Return a count with its share."""
    return f"{part:3d} of {whole:<3d} {100 * part / whole:3.0f} %" if whole else "–"


def table(found: CaseReproduction) -> list[str]:
    """Return the lines of the table."""
    groups = {name: [c for c in found.cases if c.corpus == name] for name in found.corpora}
    groups["all"] = list(found.cases)
    heads = [
        f"{name + ' here':>16s} {'before' if name in KNOWN_PLACEBO else '':>16s}" for name in groups
    ]
    lines = [f"{'':36s}{''.join(heads)}"]
    for line in LINES:
        cells = []
        for name, cases in groups.items():
            known = line.known.get(name)
            here = share(sum(map(line.counts, cases)), len(cases))
            cells.append(f"{here:>16s} {share(*known) if known else '':>16s}")
        lines.append(f"{line.words:36s}{''.join(cells)}")
    return lines


def placebos(found: CaseReproduction) -> list[str]:
    """Return the mean placebo rates of what was searched, over every case that was."""
    lines = []
    for step in (BY_ROUNDING, BY_ANALYSIS, BY_SLIP):
        for corpus in found.corpora:
            rates = [
                e.placebo
                for case in found.cases
                for e in case.evidence
                if case.corpus == corpus and e.step == step and e.placebo is not None
            ]
            if rates:
                before = KNOWN_PLACEBO.get(corpus) if step == BY_ANALYSIS else None
                tail = f" (before {100 * before:.0f} %)" if before is not None else ""
                mean = 100 * sum(rates) / len(rates)
                lines.append(f"  {step}, {corpus}: {mean:.1f} % over {len(rates)} cases{tail}")
    return lines


def main() -> None:
    """Run the cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--depth", choices=("declared", "full"), default="full")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", type=Path, default=None)
    parser.add_argument("--report", type=Path, default=None)
    given = parser.parse_args()
    begin = time.perf_counter()
    found = mr.reproduce_cases(
        given.folder,
        depth=given.depth,
        jobs=given.jobs,
        seed=given.seed,
        resume=given.resume,
        progress=True,
    )
    seconds = time.perf_counter() - begin
    lines = [
        *table(found),
        "",
        "Placebo rates: the share of other figures that would have been accounted for as well",
        *placebos(found),
        "",
        str(found),
        f"{seconds:.1f} s, depth {given.depth}, {found.resumed} taken over.",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    if given.report:
        given.report.write_text(found.report(), encoding="utf-8")


if __name__ == "__main__":
    main()
