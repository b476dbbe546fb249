"""The page of all conversions, from their register."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from metarel.convert._edge import METRICS, NEEDS, Edge
from metarel.convert.metafor import METAFOR
from metarel.convert.register import EDGES, FAMILIES

BIBLIOGRAPHY = Path(__file__).resolve().parents[2] / "references.bib"

HEAD = """\
# Conversions

<!-- Generated from the register of conversions by docs/reference/make_pages.py; do not edit. -->

`metarel.convert(value, source, target)` takes the direct rule where there is one, else the shortest
way over default rules. Where a step has several rules, `rule` chooses; a word that no step reads is
refused, never ignored. `metarel.explain` takes the same words and says which rule was used, with
the numbers in it, and what the others give; `metarel.convert_table()` is this page as a frame.

```python
>>> import metarel as mr
>>> round(mr.convert(0.28, "r", "d"), 4)
0.5833
>>> round(mr.convert(0.28, "r", "d", rule="exact", n1=20, n2=80), 4)
0.7218
>>> round(mr.convert(2.5, "t", "g", n1=15, n2=45), 4)  # a study that prints only its test
0.7357
>>> mr.convert([0.1, 0.5], "r", "z", variance=0.01).variance.round(4)  # by the delta method
array([0.0102, 0.0178])

```

The columns of the tables: the rule (bold where it is the default), the formula, what it needs (and
what is taken where that is not given), what it assumes, how exact it is, where it stands, who uses
it. *Identity* is algebra; *exact* holds wherever the assumption does; an *approximation* is close
where it does. The variance of every conversion is that of the source times the squared slope.

A few ways are never taken on the way to somewhere else: those between r and a typed correlation
(point-biserial, rank, tetrachoric), and those to and from Cohen's q and h. So no route changes what
kind of correlation it carries.
"""

AVERAGES = """\
## Averages over true effects

With `tau2`, the true effects are normal around the value with that variance, and what comes back is
the mean of the converted effects (`average="mean"`) or their mode (`average="mode"`). Converting
the value itself gives their median.

```python
>>> round(mr.convert(0.549306, "z", "r"), 4), round(mr.convert(0.549306, "z", "r", tau2=0.1), 4)
(0.5, 0.4666)
>>> round(mr.convert(0.5, "logit", "proportion", tau2=0.5, average="mode"), 4)
0.659

```

Closed forms are used where they exist (a log ratio, a probit, the shares of the normal model), else
Gauss–Legendre quadrature that is refined until two rules agree to 1e-13. The mode is the highest
stationary point of the density over the whole range, not the nearest. Where a scale is bounded (an
arcsine, a square root, alpha), the normal distribution is cut at its ends and made whole again.
Averages that do not exist, or have no single highest point, are refused.
"""


def page() -> str:
    """Return the page as Markdown."""
    sources = _sources()
    parts = [HEAD]
    for title, edges in FAMILIES.items():
        parts.append(f"## {title}\n\n{_table(_COLUMNS, (_row(edge, sources) for edge in edges))}")
    parts += [AVERAGES, _metafor(), _metrics(), _needs(), _bibliography()]
    return "\n".join(parts)


_COLUMNS = (
    "from → to",
    "rule",
    "formula",
    "needs",
    "assumes",
    "exactness",
    "source",
    "used by",
)


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = list(columns)
    lines = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _row(edge: Edge, sources: dict[str, str]) -> tuple[str, ...]:
    needs = [f"`{word}`" for word in edge.needs]
    needs += [f"`{word}` = {value:g}" for word, value in edge.optional.items()]
    return (
        f"`{edge.source}` → `{edge.target}`",
        f"**{edge.rule}**" if edge.default else edge.rule,
        edge.symbols(),
        ", ".join(needs),
        edge.assumption,
        edge.exactness,
        sources[edge.reference],
        edge.used_by,
    )


def _metafor() -> str:
    rows = []
    for known in METAFOR.values():
        rows.append((f"`{known.code}`", f"`{known.call}`", known.note))
        if known.sized:
            given = ", ".join(known.sized)
            rows.append((f"`{known.code}` with {given}", f"`{known.sized_call}`", known.note))
    return (
        "## From metafor\n\nEach transformation of metafor, and the call that gives the same "
        "number; x is the value, … what metafor takes.\n\n"
        + _table(("metafor", "metarel", "what differs"), rows)
    )


def _metrics() -> str:
    rows = (
        (
            f"`{metric.code}`",
            metric.name,
            str(metric.domain).removeprefix("a number "),
            ", ".join(f"`{target}`" for target in _neighbours(metric.code)),
        )
        for metric in METRICS.values()
    )
    return "## The metrics\n\n" + _table(("code", "what it is", "range", "one step away"), rows)


def _neighbours(code: str) -> list[str]:
    return list(dict.fromkeys(edge.target for edge in EDGES.values() if edge.source == code))


def _needs() -> str:
    rows = ((f"`{need.code}`", need.meaning, str(need.domain)) for need in NEEDS.values())
    return (
        "## The words besides the value\n\n"
        + _table(("word", "what it is", "must be"), rows)
        + "\n`df` follows from `n1` and `n2`, or from `n`; `n` follows from `n1` and `n2`.\n"
    )


def _sources() -> dict[str, str]:
    """Return each key as author and year, linked to its entry below."""
    return {key: f"[{author} ({year})](#{key})" for key, author, year, *_ in _entries()}


def _entries() -> list[tuple[str, str, str, str, str]]:
    """Return key, authors in short, year, title and DOI of every source a rule cites."""
    wanted = {edge.reference for edge in EDGES.values()}
    found = []
    for entry in re.split(r"\n(?=@)", BIBLIOGRAPHY.read_text(encoding="utf-8")):
        key = re.match(r"@\w+\{(\w+),", entry)
        if key and key[1] in wanted:
            names = [name.split(",")[0] for name in _field(entry, "author").split(" and ")]
            several = f"{names[0]} et al." if len(names) > 2 else " & ".join(names)
            year, title, doi = (_field(entry, word) for word in ("year", "title", "doi"))
            found.append((key[1], several, year, title, doi))
    return sorted(found, key=lambda entry: (entry[1], entry[2]))


def _field(entry: str, name: str) -> str:
    match = re.search(rf"\b{name} = \{{((?:[^{{}}]|\{{[^{{}}]*\}})*)\}}", entry)
    text = match[1] if match else ""
    return re.sub(r"\{\\'e\}", "é", text).replace("{", "").replace("}", "").replace("--", "–")


def _bibliography() -> str:
    lines = ["## Sources", ""]
    for key, author, year, title, doi in _entries():
        link = f" [doi:{doi}](https://doi.org/{doi})" if doi else ""
        lines.append(f'- <a id="{key}"></a>{author} ({year}). {title}.{link}')
    return "\n".join(lines) + "\n"
