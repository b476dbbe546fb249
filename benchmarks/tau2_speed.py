"""How long estimators and limits of tau2 take, beside R's metafor where it is installed.

    python benchmarks/tau2_speed.py            with metafor, if Rscript finds it
    python benchmarks/tau2_speed.py --alone    without

Times are medians in milliseconds; ratios of one run on one machine mean something, times of two
runs do not. metafor runs at its own defaults, and not at all where it would need minutes.
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
from pathlib import Path

import numpy as np

from metarel.tau2.given_weights import Form, solve_cdf
from metarel.tau2.interval import q_profile
from metarel.tau2.register import TAU2

SIZES = ((10, 1), (100, 1), (1000, 1), (1000, 6), (100_000, 1), (100_000, 6))
CODES = ("REML", "ML", "PM", "DL", "HE")
#: Beyond this number of studies metafor takes minutes or runs out of memory.
LARGEST_FOR_R = 1000

R_SCRIPT = """
suppressMessages(library(metafor))
frame <- read.csv(commandArgs(TRUE)[1]); repeats <- as.integer(commandArgs(TRUE)[2])
mods <- as.matrix(frame[, grep("^x", names(frame)), drop = FALSE])
fit <- function(method) suppressWarnings(if (ncol(mods)) rma(frame$yi, frame$vi, mods = mods,
  method = method) else rma(frame$yi, frame$vi, method = method))
once <- function(f) median(replicate(repeats, system.time(f())[["elapsed"]])) * 1000
for (method in c("REML", "ML", "PM", "DL", "HE"))
  cat(method, tryCatch(once(function() fit(method)), error = function(e) NA), "\\n")
model <- fit("DL")
cat("QP", tryCatch(once(function() confint(model)), error = function(e) NA), "\\n")
"""


def draw(k: int, p: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw studies with variances of usual spread and some heterogeneity."""
    rng = np.random.default_rng(1)
    v = rng.uniform(0.01, 0.3, k)
    X = np.column_stack([np.ones(k), rng.normal(size=(k, p - 1))])
    return X @ np.full(p, 0.2) + rng.normal(0, np.sqrt(v + 0.05)), v, X


def milliseconds(call: Callable[[], object]) -> float:
    """Time a call often enough for a quarter of a second."""
    call()
    times: list[float] = []
    while sum(times) < 0.25 or len(times) < 3:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def by_metarel(y: np.ndarray, v: np.ndarray, X: np.ndarray) -> dict[str, float]:
    """Time every estimator, the Q-profile and the exact distribution."""
    found = {
        code: milliseconds(lambda estimate=TAU2[code].estimate: estimate(y, v, X)) for code in CODES
    }
    found["QP"] = milliseconds(lambda: q_profile(y, v, X, 0.95))
    if len(y) <= LARGEST_FOR_R:
        found["GENQM"] = milliseconds(lambda: solve_cdf(Form(y, v, X, v**-0.5), 0.5))
    return found


def by_metafor(y: np.ndarray, v: np.ndarray, X: np.ndarray) -> dict[str, float]:
    """Time whole fits and the Q-profile in R; empty where R or metafor is missing."""
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder) / "data.csv", Path(folder) / "time.R"
        head = ",".join(["yi", "vi", *(f"x{j}" for j in range(1, X.shape[1]))])
        np.savetxt(
            table, np.column_stack([y, v, X[:, 1:]]), delimiter=",", header=head, comments=""
        )
        script.write_text(R_SCRIPT, encoding="utf-8")
        repeats = "9" if len(y) <= 100 else "1"
        run = subprocess.run(
            ["Rscript", str(script), str(table), repeats], capture_output=True, text=True
        )
    rows = (line.split() for line in run.stdout.splitlines())
    return {row[0]: float(row[1]) for row in rows if len(row) == 2 and row[1] != "NA"}


def say(line: str) -> None:
    """Write one line at once: some take their time."""
    sys.stdout.write(line.rstrip() + "\n")
    sys.stdout.flush()


def main() -> None:
    """Print one line an estimator and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alone", action="store_true", help="leave R out")
    with_r = not parser.parse_args().alone and shutil.which("Rscript") is not None
    say(f"{'k':>7} {'p':>2} {'':6} {'metarel ms':>11} {'metafor ms':>11} {'ratio':>8}")
    for k, p in SIZES:
        data = draw(k, p)
        ours = by_metarel(*data)
        theirs = by_metafor(*data) if with_r and k <= LARGEST_FOR_R else {}
        for name, spent in ours.items():
            other = theirs.get(name)
            tail = f"{other:11.1f} {other / spent:8.0f}" if other else ""
            say(f"{k:7} {p:2} {name:6} {spent:11.3f} {tail}")


if __name__ == "__main__":
    main()
