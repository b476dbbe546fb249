"""Results in prose that are parts of one whole: subgroups and their test, counts and their sum."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from metarel.coherence._figures import Figure, Group, Table

#: Q in all, between and within subgroups, and the df of each.
_WHOLE_AND_PARTS = {"Q": "Q_df", "Q_between": "df_between", "Q_within": "df_within"}
#: Where a sentence ends.
_STOP = re.compile(r"[.!?](?=\s+[A-Z])|\n\n")
#: Words by which a result of a sentence is that of all of them together.
_WHOLE = re.compile(r"\b(?:overall|total|all|pooled|combined|summary|together)\b", re.I)
#: What stands between a count and its parts where it says that they are parts.
_DIVIDED = re.compile(
    r"\s*(?:[:(–—]|,?\s*(?:of which|of these|comprising|consisting of"
    r"|(?:(?:was|were|could be|are)\s+)?"
    r"(?:split|divided|grouped|classified|categori[sz]ed|separated|sorted|fell|fall)\s+(?:into|as|in))\b:?[^0-9.;:]{0,40})"
    r"\s*",
    re.I,
)
#: What stands before the first part, and between the last and its whole, where that comes last.
_FELL = re.compile(
    r"\b(?:split|divided|grouped|classified|categori[sz]ed|separated|sorted|fell|fall)"
    r"\s+(?:into|as|in)\b[^0-9.;:]{0,40}$",
    re.I,
)
_OF_WHOLE = re.compile(r"\s*\)?,?\s*(?:out )?of\s+(?:the |all |these )?", re.I)
_BEFORE_PARTS = 80
#: What stands between two parts.
_NEXT = re.compile(r"[^0-9.;:]{0,40}")
#: Words for parts that need not add up.
_SHARED = re.compile(r"\b(?:both|overlap\w*|some|several|including|at least|and/or|each)\b", re.I)


def tables_of_text(text: str, groups: Sequence[Group]) -> list[Table]:
    """Return the tables that the sentences of a text amount to.

    Parameters
    ----------
    text : str
        The text.
    groups : sequence of Group
        The figures read from it, in their order.

    Returns
    -------
    list of Table
        Subgroups beside the test between them, as many as its df say or its sentence has; counts
        whose parts follow. Nothing is taken for a whole that the text does not make one.
    """
    stops = [match.end() for match in _STOP.finditer(text)]
    groups = [group for group in groups if _start(group) >= 0]
    return [
        *_subgroups(text, groups, stops),
        *_partitions(groups, stops),
        *_divided(text, groups, stops),
    ]


def _start(group: Group) -> int:
    return min((figure.start for figure in group.figures.values()), default=-1)


def _sentence(place: int, stops: list[int]) -> int:
    return bisect_right(stops, place)


def _level(group: Group, text: str) -> bool:
    """Tell whether a result has an estimate with limits, and is not that of everything."""
    known = all(group.usable(name) for name in ("estimate", "ci_low", "ci_high"))
    before = text[max(_start(group) - 60, 0) : _start(group)]
    clause = re.split(r"[;,.(]", before)[-1]
    return known and not _WHOLE.search(f"{group.label} {clause}")


def _subgroups(text: str, groups: Sequence[Group], stops: list[int]) -> Iterator[Table]:
    """Yield each test between subgroups with the results that it compares."""
    for group in groups:
        if not group.usable("Q_between"):
            continue
        at = _sentence(group["Q_between"].start, stops)
        df = group.span("df_between") if "df_between" in group else None
        for reach in (0, 1):  # its own sentence, or the one before it as well
            rows = [
                replace(row, figures=_without_test(row))
                for row in groups
                if at - reach <= _sentence(_start(row), stops) <= at and _level(row, text)
            ]
            whole = len(rows) == df.low + 1 if df is not None else reach == 0 and len(rows) > 1
            if whole and len({row.metric for row in rows}) == 1:
                test = {"Q_between": group["Q_between"]}
                yield Table(tuple(rows), Group(test, "", "between subgroups"))
                break


def _partitions(groups: Sequence[Group], stops: list[int]) -> Iterator[Table]:
    """Yield Q in all with its two parts, where one sentence has each once and their df add up."""
    places: dict[int, dict[str, list[Group]]] = {}
    for group in groups:
        for name in _WHOLE_AND_PARTS:
            if group.usable(name):
                at = _sentence(group[name].start, stops)
                places.setdefault(at, {}).setdefault(name, []).append(group)
    for found in places.values():
        if len(found) < len(_WHOLE_AND_PARTS) or any(len(same) > 1 for same in found.values()):
            continue
        whole, between, within = (found[name][0].span(df) for name, df in _WHOLE_AND_PARTS.items())
        if whole and between and within and whole.low == between.low + within.low:
            parts = {name: found[name][0][name] for name in _WHOLE_AND_PARTS}
            yield Table((), Group(parts, "", "total"))


def _without_test(group: Group) -> dict[str, Figure]:
    return {name: f for name, f in group.figures.items() if not name.endswith("_between")}


def _divided(text: str, groups: Sequence[Group], stops: list[int]) -> Iterator[Table]:
    """Yield each count that a text divides into others: "20 studies: k = 12 and k = 8"."""
    counts = sorted(
        (group["k"] for group in groups if group.usable("k") and group["k"].start >= 0),
        key=lambda figure: figure.start,
    )
    sentences: dict[int, list[Figure]] = {}
    for one in counts:
        sentences.setdefault(_sentence(one.start, stops), []).append(one)
    for at, same in sentences.items():
        for whole, rest in _wholes(text, same):
            yield from _parts(text, whole, rest, stops, at)


def _wholes(text: str, same: list[Figure]) -> Iterator[tuple[Figure, list[Figure]]]:
    """Yield the whole and its parts of the counts of a sentence, the whole first or last."""
    for i, whole in enumerate(same[:-2]):
        if _DIVIDED.fullmatch(text[whole.end : same[i + 1].start]):
            yield whole, same[i + 1 :]
    if len(same) < 3 or not _OF_WHOLE.fullmatch(text[same[-2].end : same[-1].start]):
        return
    for i, first in enumerate(same[:-2]):
        before = same[i - 1].end if i else max(0, first.start - _BEFORE_PARTS)
        if _FELL.search(text[before : first.start]):
            yield same[-1], same[i:-1]


def _parts(
    text: str, whole: Figure, rest: list[Figure], stops: list[int], at: int
) -> Iterator[Table]:
    """Yield a count with its parts, where nothing says that these need not add up to it."""
    between = [text[one.end : two.start] for one, two in pairwise(rest)]
    if len(rest) < 2 or not all(map(_NEXT.fullmatch, between)):
        return
    begin, end = (stops[at - 1] if at else 0), (stops[at] if at < len(stops) else len(text))
    if not _SHARED.search(text[begin:end]):
        yield Table(tuple(Group({"k": one}) for one in rest), Group({"k": whole}, "", "total"))
