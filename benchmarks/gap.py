"""Time the search for slips, and measure what it finds: ``python benchmarks/gap.py [tables]``.

First the seconds of ``explain_gap`` and ``rounding_range`` by kind and number of studies, best of
three. Then what the search is worth, by what was printed, over drawn tables of 12 studies into
which one random slip was put: ``found``, ``first`` and ``strong`` say how often the slip made is
among the explanations, leads them, and the best is hardly chance; ``rounded`` how often the
rounding of the studies allows the figures too; ``compete`` is the mean number of other
explanations. Last the same for figures as far away that no slip made: how often they have any
explanation, and how often a strong one, which should be 5 % or less.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from metarel.search._changes_edits import Edits
from metarel.search.changes import CHANGES
from metarel.search.evaluate import evaluate
from metarel.search.gap import explain_gap
from metarel.search.gap_result import RARE, GapExplanation
from metarel.search.gap_search import leading, sheet_of
from metarel.search.rounding import rounding_range
from metarel.search.specification import Specification
from metarel.search.table import StudyTable, study_table

DECLARED = {"tau2": "DL"}
#: What is printed: decimals of the mean and its limits, and of Q (None where it is not printed).
PRINTED = {
    "mean, 2 digits": (2, False, None),
    "mean and limits, 2 digits": (2, True, None),
    "mean and limits, 3 digits": (3, True, None),
    "mean, limits, Q; 2 digits": (2, True, 2),
}


def drawn(kind: str, k: int, seed: int) -> StudyTable:
    """Return studies with two or one decimals."""
    rng = np.random.default_rng(seed)
    y = rng.normal(0.35, 0.2, k)
    n1, n2 = (rng.integers(15, 120, k).astype(float) for _ in range(2))
    se = np.sqrt(1 / n1 + 1 / n2)
    y = y + rng.normal(0, se)
    columns: dict[str, Any] = {
        "correlations": {"r": np.tanh(y).round(2), "n": n1 + n2},
        "means": {
            "kind": "means", "m1": (12 + 3 * y).round(1), "sd1": rng.uniform(2, 4, k).round(1),
            "n1": n1, "m2": np.full(k, 12.0), "sd2": rng.uniform(2, 4, k).round(1), "n2": n2,
        },
        "effects with limits": {
            "yi": y.round(2), "ci_low": (y - 1.96 * se).round(2),
            "ci_high": (y + 1.96 * se).round(2),
        },
    }[kind]  # fmt: skip
    return study_table(None, **columns)


KINDS = ("correlations", "means", "effects with limits")


def best(run: Callable[[], object]) -> float:
    """Return the best of three runs, in seconds."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def printed(table: StudyTable, analysis: Specification, form: tuple[int, bool, int | None]) -> Any:
    """Return what an article would print of a table."""
    digits, limits, of_q = form
    numbers = {name: float(x[0]) for name, x in evaluate([analysis], table).items()}
    texts: dict[str, Any] = {"estimate": f"{numbers['estimate']:.{digits}f}", "k": table.k}
    if limits:
        texts["ci"] = tuple(f"{numbers[name]:.{digits}f}" for name in ("ci_low", "ci_high"))
    if of_q is not None:
        texts["Q"] = f"{numbers['Q']:.{of_q}f}"
    return texts


def slipped(table: StudyTable, edits: Edits, variant: int) -> StudyTable:
    """Return a table with a slip in its cells."""
    columns = {name: values.copy() for name, values in table.columns.items()}
    for column, row, _, after in edits.differences(variant, table.columns):
        columns[column][row] = after
    return StudyTable(table.kind, columns, table.digits, table.labels)


def time_all() -> None:
    """Print the seconds."""
    sys.stdout.write(f"{'studies':<22}{'k':>4}{'tables':>8}{'explain_gap':>13}{'rounding':>10}\n")
    for kind in KINDS:
        for k in (10, 20, 50):
            table = drawn(kind, k, 1)
            analysis = leading(table, {}, None, DECLARED)[0]
            texts = printed(table, analysis, (2, True, None))
            away = {**texts, "estimate": "0.9", "ci": ("0.8", "1.0")}
            tried = explain_gap(table, declared=analysis, **away).tried
            gap = best(lambda t=table, a=away, s=analysis: explain_gap(t, declared=s, **a))
            box = best(lambda t=table, a=texts, s=analysis: rounding_range(t, declared=s, **a))
            sys.stdout.write(f"{kind:<22}{k:>4}{tried:>8}{gap:>12.2f}s{box:>9.2f}s\n")


def is_true(found: GapExplanation, table: StudyTable, edits: Edits, variant: int) -> list[int]:
    """Return the ranks of explanations that are the slip that was made."""
    made = {
        (table.labels[row], column, after)
        for column, row, _, after in edits.differences(variant, table.columns)
    }
    ranks = []
    for rank, one in enumerate(found.explanations, start=1):
        cells = {(c.study, c.column, c.after) for c in one.cells}
        if cells and (cells == made or (not one.studies and cells < made)):
            ranks.append(rank)
    return ranks


def measure(count: int) -> None:
    """Print what the search finds of slips that were made, and of figures that none made."""
    columns = ("gaps", "found", "first", "strong", "rounded", "compete", "chance", "strong")
    sys.stdout.write(f"\n{'printed':<28}" + "".join(f"{c:>9}" for c in columns) + "\n")
    for name, form in PRINTED.items():
        rows, honest = [], []
        for seed in range(count):
            rng = np.random.default_rng(seed)
            table = drawn(KINDS[seed % len(KINDS)], 12, seed)
            analysis = leading(table, {}, None, DECLARED)[0]
            # a kind of slip first, then one of its tables, as slips happen
            sheet = sheet_of(table)
            lots = [c.make(sheet) for c in CHANGES.values()]
            lots = [edits for edits in lots if edits.count and edits.times is None]
            edits = lots[rng.integers(len(lots))]
            variant = int(rng.integers(edits.count))
            wrong = slipped(table, edits, variant)
            if not np.isfinite(evaluate([analysis], wrong)["estimate"][0]):
                continue
            if evaluate([analysis], wrong)["k"][0] != table.k:
                continue
            found = explain_gap(table, declared=analysis, **printed(wrong, analysis, form))
            if found.others:
                continue
            ranks = is_true(found, table, edits, variant)
            strong = found.placebo_rate <= RARE
            rows.append((bool(ranks), ranks[:1] == [1], strong, found.rounding, found.competing))
            # the same figures moved as far the other way, which nothing made
            other = drawn(KINDS[seed % len(KINDS)], 12, seed + 10_000)
            texts = moved_away(
                printed(table, analysis, form), found, printed(other, analysis, form)
            )
            random = explain_gap(table, declared=analysis, **texts)
            if not random.others:
                honest.append((bool(random.explanations), random.placebo_rate <= RARE))
        hit, first, strong, rounded, compete = np.mean(rows, axis=0)
        any_random, strong_random = np.mean(honest, axis=0)
        cells = (f"{hit:.0%}", f"{first:.0%}", f"{strong:.0%}", f"{rounded:.0%}", f"{compete:.0f}")
        text = "".join(f"{c:>9}" for c in (len(rows), *cells, f"{any_random:.0%}"))
        sys.stdout.write(f"{name:<28}{text}{strong_random:>9.0%}\n")


def moved_away(honest: Any, found: GapExplanation, other: Any) -> Any:
    """Return figures as far from the table as those found, in the other direction."""
    gap = float(found.figures["estimate"].printed.value or 0) - found.given["estimate"]
    digits = found.figures["estimate"].printed.digits
    texts = dict(honest)
    texts["estimate"] = f"{found.given['estimate'] - gap:.{digits}f}"
    if "ci" in honest:
        width = (float(other["ci"][1]) - float(other["ci"][0])) / 2
        own = (float(honest["ci"][1]) - float(honest["ci"][0])) / 2
        half = own + (width - own) * 0.2
        middle = found.given["estimate"] - gap
        texts["ci"] = (f"{middle - half:.{digits}f}", f"{middle + half:.{digits}f}")
    return texts


def main() -> None:
    """Print both tables."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 120
    time_all()
    measure(count)


if __name__ == "__main__":
    main()
