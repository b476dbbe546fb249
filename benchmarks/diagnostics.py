"""Time diagnostics: metarel, and metafor where R is present, in interleaved rounds.

    python benchmarks/diagnostics.py [--rounds 3] [--only TEXT]

Prints for each task the median over the rounds and the ratio of the medians. Both programs get the
same studies and an REML fit made before the clock starts, at their default settings. metafor draws
a part of the subsets, and its time is scaled up; on 1000 studies, where it takes minutes, it is not
run. Ratios on a shared machine vary by a tenth or two; absolute times are for orientation.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import metarel as mr

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Task:
    """One thing to time.

    ``size`` is what metafor gets (subsets, steps) and ``share`` the part of the work that it is;
    ``without_r`` marks what takes it minutes.
    """

    name: str
    run: Callable[[], object]
    data: pd.DataFrame
    r_task: str
    size: int = 0
    share: float = 1.0
    without_r: bool = False


def studies(k: int) -> pd.DataFrame:
    """Return effects like standardised mean differences, with a moderator."""
    rng = np.random.default_rng([2026, k])
    vi = 4 / (16 + np.exp(rng.normal(4.0, 0.9, k)))
    x = rng.normal(size=k)
    return pd.DataFrame({"yi": rng.normal(0.2 + 0.1 * x, np.sqrt(0.06 + vi)), "vi": vi, "x": x})


def tasks() -> list[Task]:
    """Return what is timed."""
    found = []
    for k in (20, 100, 1000):
        data, long = studies(k), k >= 1000
        mean, line = mr.pool(data), mr.meta_regression(data, "x")
        found += [
            Task(
                f"leave_one_out, k = {k}",
                lambda fit=mean: mr.leave_one_out(fit),
                data,
                "leave_one_out",
                without_r=long,
            ),
            Task(
                f"influence, k = {k}",
                lambda fit=mean: mr.influence(fit),
                data,
                "influence",
                without_r=long,
            ),
            Task(
                f"influence, moderator, k = {k}",
                lambda fit=line: mr.influence(fit),
                data,
                "influence_moderator",
                without_r=long,
            ),
        ]
    data = studies(30)
    mean, line = mr.pool(data), mr.meta_regression(data, "x")
    return [
        *found,
        Task("cumulative, k = 30", lambda: mr.cumulative(mean), data, "cumulative"),
        Task(
            "gosh, 10000 subsets of 30",
            lambda: mr.gosh(mean, subsets=10_000, seed=1),
            data,
            "gosh",
            200,
            0.02,
        ),
        Task(
            "gosh, moderator, 10000 of 30",
            lambda: mr.gosh(line, subsets=10_000, seed=1),
            data,
            "gosh_moderator",
            200,
            0.02,
        ),
        Task(
            "profile of tau2, 100 points",
            lambda: mr.profile_likelihood(mean, points=100),
            data,
            "profile",
            100,
        ),
    ]


def time_here(task: Task, repeats: int = 5) -> float:
    """Return the seconds of one run, the best of a few."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        task.run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def time_metafor(task: Task, folder: Path) -> float:
    """Return the seconds of one run in R, scaled to all of the work."""
    path = folder / "data.csv"
    task.data.to_csv(path, index=False, float_format="%.17g")
    command = ["Rscript", "--vanilla", str(HERE / "diagnostics.R"), task.r_task, str(path)]
    done = subprocess.run([*command, str(task.size)], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1]) / task.share


def shown(seconds: float) -> str:
    """Return a time in a unit that suits it."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.3g} ms"


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="tasks whose name holds this text")
    chosen = parser.parse_args()
    todo = [t for t in tasks() if chosen.only in t.name]
    ours: dict[str, list[float]] = {t.name: [] for t in todo}
    theirs: dict[str, list[float]] = {t.name: [] for t in todo}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(chosen.rounds):
            for task in todo:
                task.run()
                ours[task.name].append(time_here(task))
                if shutil.which("Rscript") and not task.without_r:
                    theirs[task.name].append(time_metafor(task, Path(folder)))
    lines = [f"{'task':32}{'metarel':>12}{'metafor':>12}{'ratio':>9}"]
    for name, seconds in ours.items():
        mine = statistics.median(seconds)
        line = f"{name:32}{shown(mine):>12}"
        if theirs[name]:
            other = statistics.median(theirs[name])
            line += f"{shown(other):>12}{other / mine:>9.0f}"
        lines.append(line)
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
