"""Time univariate models: metarel, and metafor where R is present, in interleaved rounds.

    python benchmarks/univariate.py [--rounds 3] [--only TEXT] [--quick]

Prints for each task the median over the rounds and the ratio of the medians. Both programs get the
same numbers, read before the clock starts, at their default settings. metafor runs the
tasks of many fits on a part of the groups, and its time is scaled up. Ratios on a shared machine
vary by a tenth or two; absolute times are for orientation.
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
from metarel.models.batch_fit import batch_fit
from metarel.models.batch_regression import batch_regression

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Task:
    """One thing to time.

    ``share`` is the part of the work that metafor gets, ``slow`` marks what takes it seconds.
    """

    name: str
    run: Callable[[], object]
    data: pd.DataFrame
    r_task: str
    repeats: int
    share: float = 1.0
    slow: bool = False
    without_r: bool = False


def studies(k: int, groups: int = 1) -> pd.DataFrame:
    """Return effects like standardised mean differences, one in five groups homogeneous."""
    rng = np.random.default_rng([2026, k, groups])
    n = 16 + np.exp(rng.normal(4.0, 0.9, (groups, k)))
    v = 4 / n * (1 + rng.uniform(0, 0.06, (groups, k)))
    tau2 = rng.gamma(1.0, 0.06, (groups, 1)) * (rng.uniform(size=(groups, 1)) > 0.2)
    if groups == 1:
        tau2[:] = 0.06
    y = rng.normal(0.2, 0.3, (groups, 1)) + rng.normal(size=(groups, k)) * np.sqrt(tau2 + v)
    group = np.repeat(np.arange(groups), k)
    return pd.DataFrame({"group": group, "yi": y.ravel(), "vi": v.ravel()})


def single(k: int, repeats: int, *, slow: bool = False, without_r: bool = False) -> Task:
    """Return the task of one REML fit with its whole result."""
    data = studies(k)
    return Task(
        f"pool, k = {k}", lambda: mr.pool(data), data, "pool", repeats, 1.0, slow, without_r
    )


def arrays(k: int, repeats: int) -> Task:
    """Return the task of one REML fit with its whole result, of arrays and not of a frame."""
    data = studies(k)
    y, v = data.yi.to_numpy(), data.vi.to_numpy()
    return Task(f"pool, arrays, k = {k}", lambda: mr.pool(yi=y, vi=v), data, "pool", repeats)


def bootstrap(k: int, draws: int) -> Task:
    """Return the task of refitting by REML to studies drawn with replacement."""
    data = studies(k)
    y, v = data.yi.to_numpy(), data.vi.to_numpy()
    drawn = np.random.default_rng(1).integers(0, k, (draws, k))
    long = pd.DataFrame({"group": np.repeat(np.arange(draws), k), "yi": y[drawn].ravel()})
    long["vi"] = v[drawn].ravel()
    name = f"{draws} bootstrap refits, k = {k}"
    return Task(name, lambda: batch_fit(y[drawn], v[drawn]), long, "refits", 3, 0.02)


def leave_one_out(k: int) -> Task:
    """Return the task of leaving out each study in turn."""
    data = studies(k)
    y, v = data[["yi"]].to_numpy().T, data[["vi"]].to_numpy().T
    keep = ~np.eye(k, dtype=bool)
    name = f"leave one out, k = {k}"
    return Task(name, lambda: batch_fit(y, v, times=keep), data, "leave_one_out", 20, slow=True)


def permutations(k: int, draws: int) -> Task:
    """Return the task of refitting a regression to permuted effects; metafor permutes 200 times."""
    rng = np.random.default_rng(2)
    data = studies(k).assign(x1=rng.normal(size=k), x2=rng.normal(size=k))
    X = np.column_stack([np.ones(k), data.x1, data.x2])
    y, v = data.yi.to_numpy(), data.vi.to_numpy()
    order = np.array([rng.permutation(k) for _ in range(draws)])

    def run() -> object:
        return batch_regression(y[order], v[order], X).omnibus([1, 2])

    return Task(f"{draws} permutations, k = {k}", run, data, "permute", 3, 200 / draws, slow=True)


def regression(k: int, repeats: int, *, without_r: bool = False) -> Task:
    """Return the task of one REML fit with five moderators and its whole result."""
    data, rng = studies(k), np.random.default_rng(4)
    for j in range(1, 6):
        data[f"x{j}"] = rng.normal(size=k)

    def run() -> object:
        return mr.meta_regression(data, "x1 + x2 + x3 + x4 + x5")

    name = f"5 moderators, k = {k}"
    return Task(name, run, data, "regress", repeats, 1.0, slow=True, without_r=without_r)


def limits(k: int) -> Task:
    """Return the task of the Q-profile limits of a fit."""
    data = studies(k)
    fit = mr.pool(data)
    return Task(
        f"Q-profile limits, k = {k}", lambda: mr.tau2_interval(fit), data, "limits", 50, slow=True
    )


def subsets(k: int, count: int) -> Task:
    """Return the task of refitting to random subsets; metafor fits 200."""
    data = studies(k)
    fit = mr.pool(data)
    name = f"GOSH, {count} subsets, k = {k}"
    return Task(name, lambda: mr.gosh(fit, subsets=count), data, "subsets", 3, 200 / count, True)


def tasks() -> list[Task]:
    """Return what is timed."""
    groups = studies(20, 10_000)
    return [
        single(10, 200),
        single(100, 200),
        arrays(10, 200),
        arrays(100, 200),
        single(1000, 100, slow=True),
        single(100_000, 10, without_r=True),
        Task(
            "pool_many, 10000 x 20, knha",
            lambda: mr.pool_many(groups, "group", test="knha"),
            groups,
            "many",
            3,
            0.01,
        ),
        bootstrap(30, 10_000),
        leave_one_out(100),
        permutations(30, 10_000),
        regression(1000, 50),
        regression(100_000, 3, without_r=True),
        limits(1000),
        subsets(20, 10_000),
    ]


def time_here(task: Task) -> float:
    """Return the seconds of one run, the best of a few."""
    seconds = []
    for _ in range(task.repeats):
        start = time.perf_counter()
        task.run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def time_metafor(task: Task, folder: Path) -> float:
    """Return the seconds of one run in R, scaled to all groups."""
    path = folder / "data.csv"
    part = max(round(task.share * task.data["group"].nunique()), 1)
    task.data[task.data["group"] < part].to_csv(path, index=False, float_format="%.17g")
    repeats = 1 if task.slow else 5
    command = ["Rscript", "--vanilla", str(HERE / "univariate.R"), task.r_task, str(path)]
    done = subprocess.run([*command, str(repeats)], capture_output=True, text=True, check=True)
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
    parser.add_argument("--quick", action="store_true", help="skip what takes metafor seconds")
    chosen = parser.parse_args()
    todo = [t for t in tasks() if chosen.only in t.name]
    ours: dict[str, list[float]] = {t.name: [] for t in todo}
    theirs: dict[str, list[float]] = {t.name: [] for t in todo}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(chosen.rounds):
            for task in todo:
                task.run()
                ours[task.name].append(time_here(task))
                skip = task.without_r or (task.slow and chosen.quick) or not shutil.which("Rscript")
                if not skip:
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
