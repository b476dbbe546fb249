"""The page of all checks of printed numbers, from their register."""

from __future__ import annotations

from metarel.coherence._check import Check, Way
from metarel.coherence._figures import FIGURES
from metarel.coherence.register import CHECKS

HEAD = """# Checks of printed numbers

<!-- Generated from the register of checks; do not edit. -->

`metarel.check` makes every check that the figures at hand allow. A figure stands for all numbers
that are printed so. A check fails as *impossible* only where no such numbers fit any of its
conventions, rounded to the nearest or, with the usual conventions, cut off or rounded up; else the
convention that is needed is named. Conventions are *usual*; *other* ones in common use, which are
worth a remark; or *rare* ones, which are worth a question to the authors (some by what is known of
the result: the scale of Fisher's z is usual for a correlation). *Arithmetic* says that a failure is
certain; else it is likely, because it rests on how such results are made.
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _rank(way: Way) -> str:
    return way.rank if isinstance(way.rank, str) else "by the result"


def _needs(check: Check) -> str:
    return ", ".join(f"`{need}`".replace("|", "` or `") for need in check.needs) or "any figure"


def page() -> str:
    """Return the page as Markdown."""
    lines = [HEAD]
    for family in dict.fromkeys(check.family for check in CHECKS.values()):
        lines += [f"## {family[:1].upper()}{family[1:]}", ""]
        lines += ["| check | what must hold | needs | formula | | source | what to ask |"]
        lines += ["|---|---|---|---|---|---|---|"]
        for check in CHECKS.values():
            if check.family == family:
                cells = [
                    check.code,
                    check.name,
                    _needs(check),
                    check.formula,
                    "arithmetic" if check.arithmetic else "",
                    f"[{check.source}]",
                    check.ask,
                ]
                lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
        lines.append("")
    lines += ["## Conventions", "", "| right if | how common | who | checks |", "|---|---|---|---|"]
    known: dict[tuple[str, str, str], list[str]] = {}
    for check in CHECKS.values():
        for way in (way for ways in check.ways for way in ways if way.words):
            key = (way.words, _rank(way), way.who)
            if check.code not in known.setdefault(key, []):
                known[key].append(check.code)
    for (words, rank, who), codes in known.items():
        lines.append("| " + " | ".join(map(_cell, (words, rank, who, ", ".join(codes)))) + " |")
    lines += ["", "## Figures", "", "| word | meaning | other headings |", "|---|---|---|"]
    for kind in FIGURES.values():
        others = ", ".join(f"`{alias}`" for alias in kind.aliases)
        lines.append(f"| `{kind.code}` | {kind.meaning} | {others} |")
    return "\n".join(lines) + "\n"
