"""Make high_precision.json: effects whose formulas need an integral, in 40 digits by mpmath 1.3.

Run with ``python make_high_precision.py`` where mpmath is installed. metafor 5.1's numbers lie
beside ours: its search for the tetrachoric correlation stops 5e-5 short of the root (vi 2e-5), and
its variance of R2F comes off a grid of R², 4e-4 from the integral where R² is near to 0.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mpmath import (
    asin,
    cos,
    erfinv,
    exp,
    findroot,
    hyp1f1,
    matrix,
    mp,
    mpf,
    ncdf,
    pi,
    quad,
    sin,
    sqrt,
)

mp.dps = 40
TABLES = [(135, 15, 40, 10), (40, 25, 30, 60), (22, 40, 35, 12), (18, 7, 9, 30)]
MODELS = [
    ("0.1", 2, 50),
    ("0.35", 3, 80),
    ("0.6", 5, 40),
    ("0.02", 1, 9),
    ("0.9", 4, 25),
    ("0.99", 7, 1500),
]
#: Of metafor 5.1-12, for the tables and for the first three models.
METAFOR_R2F = [0.00477251057058476, 0.00595543724491826, 0.0102820672294719]


def quantile(p: Any) -> Any:
    """Return the normal quantile."""
    return sqrt(mpf(2)) * erfinv(2 * p - 1)


def quadrant(h: Any, k: Any, rho: Any) -> Any:
    """Return P(X < h, Y < k) of two normal variables."""

    def integrand(angle: Any) -> Any:
        return exp(-(h * h - 2 * h * k * sin(angle) + k * k) / (2 * cos(angle) ** 2))

    return ncdf(h) * ncdf(k) + quad(integrand, [0, asin(rho)]) / (2 * pi)


def tetrachoric(a: int, b: int, c: int, d: int) -> tuple[Any, Any]:
    """Return correlation and variance: the inverse information of cuts and correlation."""
    n = mpf(a + b + c + d)
    h, k = quantile((a + b) / n), quantile((a + c) / n)
    rho = findroot(lambda r: quadrant(h, k, r) - a / n, mpf("0.3" if a * d > b * c else "-0.4"))
    rest = sqrt(1 - rho**2)
    by_h = exp(-h * h / 2) / sqrt(2 * pi)
    by_k = exp(-k * k / 2) / sqrt(2 * pi)
    first, second = by_h * ncdf((k - rho * h) / rest), by_k * ncdf((h - rho * k) / rest)
    density = exp(-(h * h - 2 * rho * h * k + k * k) / (2 * rest**2)) / (2 * pi * rest)
    slopes = [
        [first, by_h - first, -first, first - by_h],
        [second, -second, by_k - second, second - by_k],
        [density, -density, -density, density],
    ]
    shares = [a / n, b / n, c / n, d / n]
    information = matrix(3, 3)
    for i in range(3):
        for j in range(3):
            parts = zip(slopes[i], slopes[j], shares, strict=True)
            information[i, j] = n * sum(x * y / p for x, y, p in parts)
    return rho, (information**-1)[2, 2]


def fixed_r2(r2: Any, m: int, n: int) -> Any:
    """Return the variance of the true R² over its likelihood, that of a noncentral F."""

    def likelihood(share: Any) -> Any:
        noncentrality = n * share / (1 - share)
        return exp(-noncentrality / 2) * hyp1f1(
            mpf(n - 1) / 2, mpf(m) / 2, noncentrality * r2 / 2, maxterms=10**7
        )

    error = 2 * sqrt(r2) * (1 - r2) / sqrt(mpf(n))
    near = [r2 + error * step for step in range(-13, 14)]
    top = min(1 - mpf(1) / 1000, near[-1])
    pieces = sorted({mpf(0), top, *(share for share in near if 0 < share < top)})

    def moment(power: int) -> Any:
        return quad(lambda share: share**power * likelihood(share), pieces)

    total, first, second = (moment(power) for power in range(3))
    return second / total - (first / total) ** 2


def main() -> None:
    """Write the file."""
    tables = [tetrachoric(*cells) for cells in TABLES]
    models = [fixed_r2(mpf(r2), m, n) for r2, m, n in MODELS]
    answer = {
        "tetrachoric": {
            "tables": TABLES,
            "r": [float(r) for r, _ in tables],
            "variance": [float(v) for _, v in tables],
        },
        "fixed_r2": {
            "models": [[float(r2), m, n] for r2, m, n in MODELS],
            "variance": [float(v) for v in models],
            "metafor": METAFOR_R2F,
        },
    }
    path = Path(__file__).with_name("high_precision.json")
    path.write_text(json.dumps(answer, indent=1) + "\n")


main()
