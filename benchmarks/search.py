"""Time the search for the analysis behind printed figures: ``python benchmarks/search.py [k]``.

Prints, for each kind of study data, how many analyses the family holds, the best of three runs of
the family and of the whole search, and what 2 000 take at that rate; the studies are drawn.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from metarel.search.evaluate import evaluate
from metarel.search.family import family
from metarel.search.figures import read_figures
from metarel.search.find import search
from metarel.search.table import StudyTable, study_table

SIZED = ("n1", "n2")


def tables(k: int) -> dict[str, StudyTable]:
    """Return study tables of several kinds."""
    rng = np.random.default_rng(1)
    y = np.round(rng.normal(0.3, 0.25, k), 2)
    n1, n2 = rng.integers(12, 90, k), rng.integers(12, 90, k)
    sd1, sd2 = np.round(rng.uniform(2, 3, (2, k)), 1)
    half = np.round(rng.uniform(0.2, 0.6, k), 2)
    m1, m2 = 10 + 2 * y, np.full(k, 10.0)
    events1, events2 = rng.integers(0, 9, k), rng.integers(0, 9, k)
    return {
        "correlations": study_table(r=np.tanh(y), n=n1 + n2),
        "means": study_table(kind="means", m1=m1, sd1=sd1, n1=n1, m2=m2, sd2=sd2, n2=n2),
        "Cohen's d": study_table(d=y, n1=n1, n2=n2),
        "effects with limits": study_table(yi=y, ci_low=y - half, ci_high=y + half),
        "2 × 2 tables": study_table(events1=events1, n1=n1, events2=events2, n2=n2),
    }


def best(run: Callable[[], object]) -> float:
    """Return the best of three runs, in seconds."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print the table."""
    k = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    sys.stdout.write(f"k = {k}\n")
    sys.stdout.write(f"{'studies':<22}{'analyses':>9}{'run':>9}{'search':>9}{'2 000':>9}\n")
    for name, table in tables(k).items():
        whole = family(table)
        numbers = evaluate(whole.specifications, table)
        middle = f"{np.nanmedian(numbers['estimate']):.2f}"
        figures = read_figures({"estimate": middle})
        ran = best(lambda t=table, w=whole: evaluate(w.specifications, t))
        searched = best(lambda t=table, f=figures: search(t, f, family(t)))
        rate = 2000 * searched / len(whole)
        sys.stdout.write(f"{name:<22}{len(whole):>9}{ran:>8.2f}s{searched:>8.2f}s{rate:>8.2f}s\n")


if __name__ == "__main__":
    main()
