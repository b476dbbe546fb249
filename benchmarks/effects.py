"""Time effect_sizes for every measure at 10 000 rows: ``python benchmarks/effects.py [rows]``.

Rows are drawn around the middle of each input's range, so that no two are alike. Prints the best of
three runs in milliseconds, the slowest measure first.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

from metarel.effects._measure import Measure
from metarel.effects.compute import effect_sizes
from metarel.effects.register import MEASURES

#: Ranges that suit every measure that takes the word; sizes and counts are whole.
RANGES: dict[str, tuple[float, float]] = {
    "yi": (-1, 1), "vi": (0.01, 0.2), "r": (0.1, 0.6), "n": (150, 300),
    "m1": (10, 12), "sd1": (2, 3), "n1": (90, 140), "m2": (9, 11), "sd2": (2, 3), "n2": (90, 140),
    "events1": (20, 60), "events2": (20, 60), "t": (-2, 3), "r2": (0.1, 0.5), "predictors": (1, 6),
    "auc": (0.4, 0.8), "homozygous1": (20, 40), "heterozygous": (40, 60), "homozygous2": (10, 30),
    "mean": (10, 12), "sd": (2, 3), "alpha": (0.6, 0.9), "items": (5, 20), "events": (20, 60),
    "time": (50, 90), "time1": (50, 90), "time2": (50, 90), "both": (20, 40), "only1": (10, 30),
    "only2": (10, 30), "neither": (20, 40), "m_pre1": (9, 10), "sd_pre1": (2, 3),
    "m_post1": (11, 12), "sd_post1": (2, 3), "m_pre2": (9, 10), "sd_pre2": (2, 3),
    "m_post2": (10, 11), "sd_post2": (2, 3), "icc": (0.05, 0.2), "cluster_size": (5, 20),
    "r_cov": (0.2, 0.7), "f": (0.5, 8), "df1": (1, 5), "df2": (50, 200), "chi2": (2, 30),
    "rows": (3, 5), "columns": (3, 5), "rho": (0.1, 0.6), "tau": (0.1, 0.5), "beta": (-0.3, 0.4),
    "observed_minus_expected": (-9, 9), "logrank_variance": (10, 30),
}  # fmt: skip
WHOLE = {"n", "n1", "n2", "df1", "df2", "rows", "columns", "items", "predictors"}
#: Inputs that a measure needs in a range of its own.
SPECIAL = {"MPORM": {"n1": (120, 120), "n2": (120, 120)}}


def rows(measure: Measure, count: int) -> pd.DataFrame:
    """Return a frame with the first inputs of a measure that are known here."""
    rng = np.random.default_rng(1)
    way = next(way for way in measure.ways if set(way) <= set(RANGES))
    ranges = {word: SPECIAL.get(measure.code, {}).get(word, RANGES[word]) for word in way}
    return pd.DataFrame(
        {
            word: np.round(drawn) if word in WHOLE or "events" in word else drawn
            for word, (low, high) in ranges.items()
            for drawn in [rng.uniform(low, high, count)]
        }
    )


def best_time(measure: Measure, count: int) -> float:
    """Return the best of three runs, in milliseconds, after one to warm up."""
    data = rows(measure, count)
    reads = {word: word for word in data.columns}
    effect_sizes(data.head(10), measure.code, replace=True, **reads)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        effect_sizes(data, measure.code, replace=True, **reads)
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    timed = pd.Series({code: best_time(measure, count) for code, measure in MEASURES.items()})
    table = timed.sort_values(ascending=False).round(1).rename("ms")
    print(table.rename_axis(f"{count} rows").to_string())  # noqa: T201


if __name__ == "__main__":
    main()
