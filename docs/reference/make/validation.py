"""The page of validation: what the stored numbers of other programs hold, and to which digit.

Cases and numbers are counted in ``tests/golden``; a tolerance must stand in the test named beside
it in ``validation.toml``; worked examples and other programs' output are computed afresh.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pandas as pd

import metarel as mr

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
GOLDEN = ROOT / "tests" / "golden"
TEXT = tomllib.loads((HERE / "validation.toml").read_text(encoding="utf-8"))

#: Printed elsewhere as a table of their own.
SHOWN = ("published", "printed_by_programs")
#: What a case is made from, as opposed to what it expects.
GIVEN = {
    "data",
    "call",
    "value",
    "args",
    "options",
    "design",
    "matrices",
    "level",
    "tol",
    "atol",
    "tol_yi",
    "tol_vi",
    "df1",
    "df2",
    "refused",
    "d",
    "x",
    "n",
    "r",
    "cer",
    "base_rate",
    "models",
    "tables",
    "metafor",
    "cluster",
}
WORDS = {
    "b": "coefficients",
    "se": "standard errors",
    "zval": "z",
    "tau2": "tau2",
    "tau": "tau",
    "ci": "limits",
    "se_knha": "standard error by Knapp and Hartung",
}


def pages() -> dict[str, str]:
    """Return the page, by its file below ``docs``."""
    lines = [
        TEXT["introduction"].strip(),
        "",
        *_held(),
        "",
        *_published(),
        "",
        *_programs(),
        "",
        TEXT["differences"],
    ]
    return {"validation.md": "\n".join(lines).rstrip("\n") + "\n"}


def _entries() -> list[dict[str, Any]]:
    """Return every file of stored numbers, described or not."""
    described = {one["file"] for one in TEXT["held"]}
    names = sorted(path.stem for path in GOLDEN.glob("*.json"))
    if missing := sorted(described - set(names)):
        raise ValueError(f"tests/golden lacks {missing}, which validation.toml describes")
    rest = [name for name in names if name not in described and name not in SHOWN]
    bare = {"program": "its maker script says", "test": "", "tolerances": {}}
    return [
        *TEXT["held"],
        *({"file": name, "what": name.replace("_", " "), **bare} for name in rest),
    ]


def _load(name: str) -> Any:
    """Return a file of stored numbers."""
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def _held() -> list[str]:
    """Return the table of what is held against other programs."""
    lines = ["| what | against | cases | numbers | relative tolerance | file |"]
    lines += ["|---|---|---:|---:|---|---|"]
    total = 0
    for one in _entries():
        stored = _load(one["file"])
        text = json.dumps(stored)
        if one["test"]:
            text += (ROOT / "tests" / one["test"]).read_text(encoding="utf-8")
        missing = [t for t in one["tolerances"] if f"{float(t):g}" not in text and t not in text]
        if missing:
            raise ValueError(f"{one['test']} does not hold {one['file']}.json to {missing}")
        numbers = _numbers(stored)
        total += numbers
        near = ", ".join(f"{t} ({why})" if why else t for t, why in one["tolerances"].items())
        lines.append(
            f"| {one['what']} | {one['program']} | {_cases(stored)} | {numbers} | {near or '–'} "
            f"| `{one['file']}` |"
        )
    return [*lines, "", f"Together {total} numbers."]


def _cases(stored: Any) -> int:
    """Return how many cases a file has."""
    if isinstance(stored, list):
        return len(stored)
    if "cases" in stored:
        return len(stored["cases"])
    return sum(len(part) if isinstance(part, list) else 1 for part in stored.values())


def _numbers(stored: Any) -> int:
    """Return how many numbers a file expects."""
    if isinstance(stored, dict):
        return sum(_numbers(part) for name, part in stored.items() if name not in GIVEN)
    if isinstance(stored, list):
        return sum(_numbers(part) for part in stored)
    return isinstance(stored, (int, float)) and not isinstance(stored, bool)


def _published() -> list[str]:
    """Return the worked examples of the literature, computed afresh."""
    lines = [
        "## Worked examples of the literature",
        "",
        "Each printed number is what metarel's rounds to.",
        "",
        "| source | quantity | printed | metarel |",
        "|---|---|---:|---:|",
    ]
    for case in _load("published"):
        call, frame = case["call"], pd.DataFrame(case["data"])
        tau2 = call["method"]
        plain = "mods" not in call
        fit = (
            mr.pool(frame, tau2=tau2)
            if plain
            else mr.meta_regression(frame, call["mods"], tau2=tau2)
        )
        values = {
            "b": fit.beta,
            "se": fit.se,
            "zval": fit.statistic,
            "tau2": [fit.tau2],
            "tau": [fit.tau],
            "ci": [fit.ci_low[0], fit.ci_high[0]],
        }
        if "se_knha" in case["printed"]:
            values["se_knha"] = mr.pool(frame, tau2=tau2, test="knha").se
        for quantity, printed in case["printed"].items():
            texts = printed if isinstance(printed, list) else [printed]
            ours = [_like(text, value) for text, value in zip(texts, values[quantity], strict=True)]
            source = case["source"].split(" (test_")[0]
            name = f"{WORDS[quantity]}, {tau2}"
            lines.append(f"| {source} | {name} | {'; '.join(texts)} | {'; '.join(ours)} |")
    return lines


def _programs() -> list[str]:
    """Return what programs printed, beside the numbers under their settings."""
    lines = [
        "## Output of programs that cannot be run here",
        "",
        "Printed by the program as an article or a forum shows it; metarel under its settings.",
        "Stata's studies were read from a table of three digits, which moves the last digit there.",
        "",
        "| program | analysis | quantity | printed | metarel |",
        "|---|---|---|---:|---:|",
    ]
    for case in _load("printed_by_programs"):
        frame, settings = pd.DataFrame(case["data"]), case["settings"]
        if "measure" in case:
            words = {word: word for word in ("m1", "sd1", "n1", "m2", "sd2", "n2")}
            frame = mr.effect_sizes(frame, case["measure"], settings=settings, **words)
        else:
            reach = (frame["high"] - frame["low"]) / 2
            frame["sei"] = reach / NormalDist().inv_cdf(0.975)
        sei = None if "measure" in case else "sei"
        fit = mr.pool(
            frame, sei=sei, settings=settings, tau2="EE" if case["model"] == "FE" else None
        )
        ours = {
            "estimate": fit.estimate, "ci_lower": fit.ci_low[0], "ci_upper": fit.ci_high[0],
            "z": abs(fit.statistic[0]), "Q": fit.Q, "I2": 100 * fit.I2, "tau2": fit.tau2,
        }  # fmt: skip
        printed = case["printed"]
        values = [_like(text, ours[quantity]) for quantity, text in printed.items()]
        name = case["id"].split("-")[0]
        lines.append(
            f"| {case['program']} | {name} | {', '.join(printed)} "
            f"| {'; '.join(printed.values())} | {'; '.join(values)} |"
        )
    return lines


def _like(printed: str, value: float) -> str:
    """Return a value with one digit more than what was printed."""
    return f"{value:.{len(printed.partition('.')[2]) + 1}f}"
