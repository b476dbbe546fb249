"""The page of all kinds of statistics that are read out of text, from their register."""

from __future__ import annotations

from metarel.reading._kind import ROLES
from metarel.reading.register import NOUNS, STATISTICS

INTRODUCTION = """\
# Statistics that are read

Generated from the register of kinds; do not edit.

`read_statistics(text)` finds these in prose, and `read_document` gets the prose out of files. A
number after a name needs `=`, `<`, `>`, a colon or a verb ("of", "was", "is") where the name is one
letter; after longer names and abbreviations it may follow at once. Decimals may have a point, a
raised point or an unambiguous comma; thousands a comma, a space or a point. Each of the ways to
write a kind below is tested by reading it back.
"""


def page() -> str:
    """Return the page as Markdown."""
    lines = [INTRODUCTION]
    for role, meaning in ROLES.items():
        lines += [f"## {role}", "", f"{meaning[0].upper()}{meaning[1:]}.", ""]
        lines += ["| kind | is | possible values | for example |", "|---|---|---|---|"]
        for kind in STATISTICS.values():
            if kind.role == role:
                examples = " · ".join(f"`{style.replace('{}', '…')}`" for style in kind.written)
                lines.append(f"| `{kind.code}` | {kind.name} | {kind.domain} | {examples} |")
        lines.append("")
    lines += ["## Nouns that are counted", "", "| kind | nouns |", "|---|---|"]
    for code, pattern in NOUNS.items():
        nouns = pattern.replace("stud(?:y|ies)", "studies").replace("?", "").replace("|", ", ")
        lines.append(f"| `{code}` | {nouns} |")
    return "\n".join(lines).rstrip("\n") + "\n"
