"""How well statistics are read out of prose: ``python benchmarks/reading.py [--misses]``.

Holds ``read_statistics`` against the labelled sentences of tests/reading/corpus.toml and prints
precision and recall by kind, for the part it was tuned on and for the part that was held out. A
reading is right where kind, digits, degrees of freedom, N and level are all as labelled. Also
prints how often readings are right by their confidence. ``--misses`` lists what went wrong on the
development part (never on the other).
"""

from __future__ import annotations

import argparse
import tomllib
from collections import Counter
from pathlib import Path

from metarel.reading.result import Statistic
from metarel.reading.statistics import read_statistics

CORPUS = Path(__file__).resolve().parents[1] / "tests" / "reading" / "corpus.toml"
PARTS = ("development", "held-out")


def sentences(part: str) -> list[tuple[str, list[str]]]:
    """Return the sentences of a part of the corpus with their labels."""
    rows = tomllib.loads(CORPUS.read_text(encoding="utf-8"))["sentence"]
    return [(row["text"], row["statistics"]) for row in rows if row["part"] == part]


def label(one: Statistic) -> str:
    """Return a reading as the corpus writes labels."""
    numbers = [number.text.replace(",", "") for number in one.printed]
    text = f"{one.kind} {('/' if one.kind == 'count' else ' ').join(numbers)}"
    if one.df:
        text += f" ({','.join(number.text for number in one.df)})"
    if one.n is not None:
        text += f" N{one.n.text}"
    return text if one.level is None else f"{text} @{100 * one.level:g}"


def score(part: str) -> tuple[dict[str, Counter[str]], list[str], list[tuple[float, bool]]]:
    """Return right, wrong and missed by kind; what went wrong; confidence and truth of each."""
    kinds: dict[str, Counter[str]] = {}
    wrong: list[str] = []
    sure: list[tuple[float, bool]] = []
    for text, labels in sentences(part):
        left = list(labels)
        extra = []
        for one in read_statistics(text):
            right = label(one) in left
            if right:
                left.remove(label(one))
            else:
                extra.append(label(one))
            sure.append((one.confidence, right))
            kinds.setdefault(one.kind, Counter())["right" if right else "wrong"] += 1
        for missed in left:
            kinds.setdefault(missed.split()[0], Counter())["missed"] += 1
        if left or extra:
            wrong.append(f"{text}\n    missed {left}   read instead {extra}")
    return kinds, wrong, sure


def rates(counts: Counter[str]) -> tuple[float, float]:
    """Return precision and recall; 1 where there is nothing to be wrong about."""
    read, labelled = counts["right"] + counts["wrong"], counts["right"] + counts["missed"]
    return (
        counts["right"] / read if read else 1.0,
        counts["right"] / labelled if labelled else 1.0,
    )


def total(kinds: dict[str, Counter[str]]) -> Counter[str]:
    """Return the counts over all kinds."""
    return sum(kinds.values(), Counter())


def report(part: str) -> str:
    """Return the table of one part."""
    kinds, _, sure = score(part)
    lines = [f"{part}: {len(sentences(part))} sentences", ""]
    lines.append(f"{'kind':12}{'labelled':>9}{'read':>6}{'precision':>11}{'recall':>8}")
    rows = [*sorted(kinds.items()), ("all", total(kinds))]
    for kind, counts in rows:
        precision, recall = rates(counts)
        labelled, read = counts["right"] + counts["missed"], counts["right"] + counts["wrong"]
        lines.append(f"{kind:12}{labelled:9}{read:6}{precision:11.3f}{recall:8.3f}")
    lines += ["", "right by confidence"]
    for low, high in ((0.0, 0.6), (0.6, 0.85), (0.85, 0.97), (0.97, 1.01)):
        band = [right for confidence, right in sure if low <= confidence < high]
        if band:
            lines.append(
                f"  {low:.2f} to {min(high, 1):.2f}: {sum(band)} of {len(band)} "
                f"({sum(band) / len(band):.1%})"
            )
    return "\n".join(lines)


def main() -> None:
    """Print both parts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--misses", action="store_true", help="list errors on the development part")
    arguments = parser.parse_args()
    print("\n\n".join(report(part) for part in PARTS))  # noqa: T201
    if arguments.misses:
        print("\n" + "\n".join(score("development")[1]))  # noqa: T201


if __name__ == "__main__":
    main()
