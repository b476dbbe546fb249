"""Write the benchmarks of the field as constants: ``python docs/benchmarks/make_benchmarks.py``.

The tables of this folder are the source; ``metarel/convert/_benchmark_data.py`` holds the same
figures, so that placing one number reads no file.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parents[1] / "metarel" / "convert" / "_benchmark_data.py"
HEAD = '''"""Printed figures of the field, written by docs/benchmarks/make_benchmarks.py."""

from __future__ import annotations

'''
#: The overview that each edition of the reviews is cited by.
OVERVIEWS = {"2011": "norcross2011", "2018": "norcross2018"}


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one table of this folder."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text(value: str) -> str:
    """Return a string as the formatter of the project writes it."""
    return json.dumps(value, ensure_ascii=False)


def constant(name: str, comment: str, kind: str, lines: Iterable[str]) -> str:
    """Return one constant, a tuple with a line for each row."""
    body = "".join(f"    {line},\n" for line in lines)
    return f"#: {comment}\n{name}: tuple[{kind}, ...] = (\n{body})\n"


def module() -> str:
    """Return the text of the module of constants."""
    pooled = []
    for row in rows("pooled_effects.csv"):
        words = (OVERVIEWS[row["edition"]], row["element"], row["metric"], row["printed"])
        pooled.append(f"({row['edition']}, {', '.join(map(text, words))}, {row['k']})")
    spread = []
    for row in rows("distributions.csv"):
        marks = ", ".join(f"{float(row[p]):g}" for p in ("p25", "p50", "p75"))
        words = (row["code"], row["metric"], row["what"], row["source"])
        parts = [*map(text, words), f"({marks})"]
        spread.append("(\n" + "".join(f"        {part},\n" for part in parts) + "    )")
    return HEAD + "\n".join(
        [
            constant(
                "POOLED",
                "Edition, its overview, element, metric, pooled effect as printed, studies.",
                "tuple[int, str, str, str, str, int]",
                pooled,
            ),
            constant(
                "DISTRIBUTIONS",
                "Name, metric, what was measured, source, 25th, 50th and 75th percentile.",
                "tuple[str, str, str, str, tuple[float, float, float]]",
                spread,
            ),
        ]
    )


def main() -> None:
    """Write the module."""
    TARGET.write_text(module(), encoding="utf-8")


if __name__ == "__main__":
    main()
