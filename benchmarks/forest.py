"""Time a forest plot of 50 and of 1 000 studies: ``python benchmarks/forest.py``."""

from __future__ import annotations

import sys
import time

import matplotlib as mpl
import numpy as np

import metarel as mr


def main() -> None:
    """Print the best of three drawings of each size, in seconds, fonts loaded."""
    mpl.use("Agg")
    rng = np.random.default_rng(1)
    for k in (50, 1000):
        fit = mr.pool(yi=rng.normal(0.3, 0.3, k), vi=rng.uniform(0.01, 0.1, k))
        seconds = []
        for _ in range(4):
            start = time.perf_counter()
            mr.plot.forest(fit).figure.canvas.draw()
            seconds.append(time.perf_counter() - start)
        sys.stdout.write(f"{k:5d} studies: {min(seconds[1:]):.2f} s\n")


if __name__ == "__main__":
    main()
