"""The references that reports print: those of the registers and of the report's own sections."""

from __future__ import annotations

import re
from pathlib import Path

from metarel.effects.register import MEASURES
from metarel.models._inference import TESTS
from metarel.models._prediction import PREDICTION_INTERVALS
from metarel.report._methods import OWN_KEYS
from metarel.report._style import STYLES
from metarel.robust._sandwich import ROBUST_KINDS
from metarel.tau2.register import TAU2

BIB = Path(__file__).resolve().parents[2] / "references.bib"
HEAD = '''"""References in print, written by docs/reference/make_pages.py from the bibliography."""

# ruff: noqa: E501
from __future__ import annotations

#: Each key that a report may cite, and its entry in the list of references.
REFERENCES: dict[str, str] = {
'''


def pages() -> dict[str, str]:
    """Return the module's text under its place."""
    entries = read_bib(BIB.read_text(encoding="utf-8"))
    lines = [f'    "{key}": {quoted(printed(entries[key]))},\n' for key in sorted(wanted())]
    return {"../metarel/report/_reference_data.py": f"{HEAD}{''.join(lines)}}}\n"}


def quoted(text: str) -> str:
    """Return text as the formatter would quote it."""
    mark = "'" if '"' in text and "'" not in text else '"'
    return mark + text.replace("\\", "\\\\").replace(mark, f"\\{mark}") + mark


def wanted() -> set[str]:
    """Return every key that a report may cite."""
    keys = set(OWN_KEYS)
    for register in (TAU2, TESTS, PREDICTION_INTERVALS, ROBUST_KINDS, STYLES):
        keys |= {entry.source for entry in register.values()}
    for measure in MEASURES.values():
        keys |= {*measure.sources, *(rule.source for rule in measure.rules)}
    return keys - {""}


def read_bib(text: str) -> dict[str, dict[str, str]]:
    """Return the fields of every entry by its key."""
    found = {}
    for kind, key, body in re.findall(r"@(\w+)\{(\w+),\n(.*?)\n\}", text, re.S):
        fields = {"kind": kind}
        for start in re.finditer(r"(\w+)\s*=\s*\{", body):
            depth, end = 1, start.end()
            while depth:
                depth += {"{": 1, "}": -1}.get(body[end], 0)
                end += 1
            if body[: start.start()].count("{") == body[: start.start()].count("}"):
                fields[start[1]] = " ".join(body[start.end() : end - 1].split())
        found[key] = fields
    return found


def plain(text: str) -> str:
    """Return a field without the marks of LaTeX."""
    return re.sub(r"[{}]", "", text.replace("--", "–").replace("\\&", "&").replace("~", " "))


def authors(text: str) -> str:
    """Return the authors as print has them: at most seven, the last after an ampersand."""
    names = [initials(plain(name)) for name in text.split(" and ")]
    if names[-1] == "others":
        return f"{', '.join(names[:-1])}, et al."
    if len(names) > 7:
        return f"{', '.join(names[:6])}, … {names[-1]}"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, & {names[-1]}"


def initials(name: str) -> str:
    """Return a name whose first names are initials."""
    last, comma, given = name.partition(", ")
    short = [word if word.endswith(".") else f"{word[:1]}." for word in given.split()]
    return last + comma + " ".join(short)


def ordinal(number: str) -> str:
    """Return 1st, 2nd, 3rd, 4th."""
    return number + {"1": "st", "2": "nd", "3": "rd"}.get(number, "th")


def printed(entry: dict[str, str]) -> str:
    """Return an entry in the form of the American Psychological Association."""
    by = authors(entry.get("author", entry.get("editor", "")))
    title = plain(entry["title"])
    edition = f" ({ordinal(entry['edition'])} ed.)" if entry.get("edition", "").isdigit() else ""
    stop = "" if title.endswith(("?", "!", ".")) and not edition else "."
    volume = entry.get("volume", "") + (f"({entry['number']})" if "number" in entry else "")
    where = [
        plain(entry[word])
        for word in ("journal", "booktitle", "school", "institution", "howpublished", "publisher")
        if word in entry
    ]
    where += [part for part in (volume, plain(entry.get("pages", ""))) if part]
    text = f"{by.rstrip('.')}. ({entry['year']}). {title}{edition}{stop} {', '.join(where)}"
    link = f"https://doi.org/{entry['doi']}" if "doi" in entry else entry.get("url", "")
    return f"{text.rstrip('. ')}. {link}".strip()
