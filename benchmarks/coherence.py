"""How often `check` is wrong about honest results, and how many seeded mistakes it finds.

    python benchmarks/coherence.py [--analyses 3000] [--seed 1]

Meta-analyses are drawn, pooled over estimators and tests, and printed as papers print them, each
digit rounded half up. None of them may be called impossible. Then one figure of each is spoilt in
a way that happens in print, and the share that is found is given, with the share that only needs
an answer (right by a seldom convention alone). Seeds make the numbers repeatable.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd

import metarel as mr

ESTIMATORS = ("DL", "REML", "ML", "PM", "SJ", "HE", "HS", "EB")
TESTS = ("z", "knha", "t", "adhoc")
METRICS = ("r", "d", "OR")
_BACK: dict[str, Callable[[float], float]] = {"r": np.tanh, "d": float, "OR": np.exp}


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def half_up(x: float, digits: int) -> str:
    """Print a number, ties away from zero."""
    return str(Decimal(repr(float(x))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def p_text(p: float) -> str:
    """Print a p-value as papers do."""
    return "<.001" if p < 0.001 else half_up(p, 3)


def effects(rng: np.random.Generator, k: int, metric: str) -> tuple[Any, Any, int]:
    """Draw the effects of k studies on the scale of analysis, their variances, and N."""
    n = np.maximum(np.exp(rng.normal(4.2, 0.8, k)).astype(int), 12)
    theta = rng.normal(rng.uniform(-0.2, 0.5), rng.choice([0.0, 0.1, 0.3]), k)
    if metric == "r":
        vi = 1 / (n - 3)
    elif metric == "d":
        vi = 4 / n + theta**2 / (2 * n)
    else:
        vi = 16 / n
    return theta + rng.normal(size=k) * np.sqrt(vi), vi, int(n.sum())


def analyses(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield honest results by name, printed."""
    rng = np.random.default_rng(seed)
    per = -(-count // (len(ESTIMATORS) * len(TESTS) * len(METRICS)))
    for metric in METRICS:
        for tau2 in ESTIMATORS:
            for test in TESTS:
                rows, sizes = [], []
                for group in range(per):
                    k = int(rng.integers(3, 40))
                    yi, vi, total = effects(rng, k, metric)
                    rows.append(pd.DataFrame({"g": group, "yi": yi, "vi": vi}))
                    sizes.append(total)
                fits = mr.pool_many(pd.concat(rows), "g", tau2=tau2, test=test)
                for (_, fit), total in zip(fits.iterrows(), sizes, strict=True):
                    yield printed(fit, metric, tau2, test, total, rng)


def printed(
    fit: Any, metric: str, tau2: str, test: str, total: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Print a fit with two or three digits."""
    d = int(rng.choice([2, 2, 3]))
    back = _BACK[metric]
    i2 = fit.I2 if tau2 != "DL" and rng.random() < 0.5 else fit.I2_Q
    found = {
        metric: half_up(back(fit.estimate), d),
        "ci": (half_up(back(fit.ci_low), d), half_up(back(fit.ci_high), d)),
        "pi": (half_up(back(fit.pi_low), d), half_up(back(fit.pi_high), d)),
        "se": half_up(fit.se, 3),
        "z" if test == "z" else "t": half_up(fit.statistic, 2),
        "p": p_text(fit.p_value),
        "k": str(int(fit.k)),
        "N": str(total),
        "Q": half_up(fit.Q, 2),
        "Q_df": str(int(fit.Q_df)),
        "Q_p": p_text(fit.Q_p),
        "I2": half_up(100 * i2, int(rng.choice([0, 1]))) + "%",
        "H2": half_up(fit.H2 if i2 == fit.I2 else fit.H2_Q, 2),
        "tau2": half_up(fit.tau2, 3),
        "tau": half_up(fit.tau, 2),
    }
    if test != "z":
        found["df"] = str(int(fit.df))
    dropped = rng.choice(["pi", "se", "k", "Q_df", "H2", "tau", "df", ""], 3)
    kept = {name: value for name, value in found.items() if name not in dropped}
    return kept if "k" in kept or "Q_df" in kept else {**kept, "k": found["k"]}


def _swapped(text: str) -> str | None:
    """Swap the last two digits."""
    if len(text) > 3 and text[-1] != text[-2] and text[-2:].isdigit():
        return text[:-2] + text[-1] + text[-2]
    return None


def _first_digit(text: str) -> str | None:
    """Change the first decimal by three."""
    head, point, tail = text.partition(".")
    return f"{head}.{(int(tail[0]) + 3) % 10}{tail[1:]}" if point and tail else None


def _limit(which: int, change: Callable[[str], str | None]) -> Callable[..., Any]:
    def spoil(row: dict[str, Any], _: dict[str, Any]) -> dict[str, Any] | None:
        new = change(row["ci"][which])
        if new is None:
            return None
        ends = list(row["ci"])
        ends[which] = new
        return {**row, "ci": tuple(ends)}

    return spoil


def _from_other(name: str) -> Callable[..., Any]:
    def spoil(row: dict[str, Any], other: dict[str, Any]) -> dict[str, Any] | None:
        if name not in row or name not in other or row[name] == other[name]:
            return None
        return {**row, name: other[name]}

    return spoil


def _k_off(row: dict[str, Any], _: dict[str, Any]) -> dict[str, Any] | None:
    return {**row, "k": str(int(row["k"]) + 1)} if "k" in row else None


def _wrong_tail(row: dict[str, Any], _: dict[str, Any]) -> dict[str, Any] | None:
    if row["p"].startswith("<"):
        return None
    return {**row, "p": half_up(1 - float(row["p"]) / 2, 3)}


def _sign(row: dict[str, Any], _: dict[str, Any]) -> dict[str, Any] | None:
    name = next((m for m in ("r", "d") if m in row), None)
    if name is None or not float(row[name]):
        return None
    text = row[name]
    return {**row, name: text[1:] if text.startswith("-") else f"-{text}"}


def _tau_for_tau2(row: dict[str, Any], _: dict[str, Any]) -> dict[str, Any] | None:
    if "tau" not in row or float(row["tau"]) in (0, 1):
        return None
    return {**row, "tau2": row["tau"]}


MISTAKES: dict[str, Callable[..., dict[str, Any] | None]] = {
    "digits swapped in the lower limit": _limit(0, _swapped),
    "digits swapped in the upper limit": _limit(1, _swapped),
    "first decimal of a limit wrong": _limit(1, _first_digit),
    "limits of another analysis": _from_other("ci"),
    "sign of the estimate lost": _sign,
    "test statistic of another analysis": _from_other("z"),
    "p of another analysis": _from_other("p"),
    "p of the wrong tail": _wrong_tail,
    "k one too many": _k_off,
    "I2 of another analysis": _from_other("I2"),
    "Q of another analysis": _from_other("Q"),
    "tau printed as tau2": _tau_for_tau2,
    "SE of another analysis": _from_other("se"),
    "prediction interval of another analysis": _from_other("pi"),
}


def honest(count: int, seed: int) -> tuple[int, Counter[str], list[tuple[dict[str, Any], Any]]]:
    """Check honest results; return how many, verdicts, and every finding that needs an answer."""
    verdicts: Counter[str] = Counter()
    wrong, number = [], 0
    for row in analyses(count, seed):
        number += 1
        found = mr.check(row)
        verdicts.update(finding.verdict for finding in found.findings)
        wrong += [(row, finding) for finding in found.problems]
    return number, verdicts, wrong


def detection(count: int, seed: int) -> dict[str, tuple[int, int, int]]:
    """Return for each mistake how many were made, called impossible, and need an answer."""
    rows = list(analyses(count, seed))
    order = np.random.default_rng(seed).permutation(len(rows))
    result = {}
    for name, spoil in MISTAKES.items():
        made = impossible = asked = 0
        for i, row in enumerate(rows):
            spoilt = spoil(row, rows[order[i]])
            if spoilt is None or spoilt == row:
                continue
            found = mr.check(spoilt)
            made += 1
            impossible += any(f.verdict == "impossible" for f in found.findings)
            asked += not found.ok
        result[name] = (made, impossible, asked)
    return result


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--analyses", type=int, default=3000)
    parser.add_argument("--mistakes", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    start = time.perf_counter()
    number, verdicts, wrong = honest(given.analyses, given.seed)
    each = (time.perf_counter() - start) / number
    say(f"{number} honest results, {sum(verdicts.values())} checks, {1000 * each:.0f} ms each")
    for verdict, times in verdicts.most_common():
        say(f"  {verdict:<26}{times:>8}")
    say(f"  needing an answer         {len(wrong):>8}")
    for code, times in Counter(f"{f.code}: {f.verdict}" for _, f in wrong).most_common():
        say(f"    {code:<40}{times:>6}")
    say(f"\n{'seeded mistake':<42}{'made':>6}{'impossible':>12}{'needs answer':>14}")
    for name, (made, impossible, asked) in detection(given.mistakes, given.seed + 1).items():
        if made:
            say(f"{name:<42}{made:>6}{impossible / made:>12.0%}{asked / made:>14.0%}")


if __name__ == "__main__":
    main()
