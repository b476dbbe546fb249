"""What in an uploaded table is probably not meant: rows twice, sizes that cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._format import count, listing
from metarel._lazy import Deferred
from metarel.app._attempt import attempt
from metarel.app._lines import line_name
from metarel.effects._columns import (
    UNKNOWN,
    guess_measure,
    guess_way,
    guess_words,
)

if TYPE_CHECKING:
    import pandas as pd

    from metarel.app._uploads import Table

screen: Any = Deferred("metarel.routes.screen")

#: Warnings that are shown.
MOST = 3
#: A size is far above the rest from so many times their median and the next largest on.
FAR_OVER_MEDIAN, FAR_OVER_NEXT = 20, 5
#: What is screened: measures with raw numbers, tables of so many rows, findings of these kinds.
NOT_SCREENED, MOST_SCREENED = (UNKNOWN, "GEN"), 2_000
WORTH = ("impossible", "contradiction")
#: Columns that hold sizes, by input word and measure.
SIZES = (("n", "ZCOR"), ("n1", "SMD"), ("n2", "SMD"))
_PERCENT = re.compile(r"\s*[-+−]?\d*[.,]?\d+\s*%\s*")
_THOUSANDS = re.compile(r"\d{1,3}\.\d{3}")


def suspicions(table: Table) -> tuple[str, ...]:
    """Say what to look at before a table is pooled, the worst first; nothing is changed."""
    found = [said for find in FINDERS for said in find(table)]
    if len(found) <= MOST:
        return tuple(found)
    more = count(len(found) - MOST, "further thing")
    return (*found[:MOST], f"{more} to look at will be shown once these are mended.")


def _twice(table: Table) -> Iterator[str]:
    first: dict[tuple[str, ...], int] = {}
    again: list[tuple[int, int]] = []
    for row, cells in enumerate(table.printed.itertuples(index=False, name=None)):
        before = first.setdefault(tuple(map(str, cells)), row)
        if before != row:
            again.append((row, before))
    pairs = [
        f"{line_name(row, table.lines)} is the same as {line_name(before, table.lines)}"
        for row, before in again[:2]
    ]
    if pairs:
        more = f", and {len(again) - 2} more" if len(again) > len(pairs) else ""
        yield (
            f"Rows stand twice: {'; '.join(pairs)}{more}. Both would be pooled: take one out, "
            "unless they are two studies."
        )


def _broken_sizes(table: Table) -> Iterator[str]:
    for column in _size_columns(table):
        sizes = _numbers(table.studies[column])
        printed = [str(cell) for cell in table.printed[column]]
        odd = [
            row
            for row, size in enumerate(sizes)
            if np.isfinite(size) and (size != round(size) or _THOUSANDS.fullmatch(printed[row]))
        ]
        if not odd:
            continue
        told = listing([f"{printed[row]} ({line_name(row, table.lines)})" for row in odd], 3)
        read = next((text for text in map(printed.__getitem__, odd) if _THOUSANDS.fullmatch(text)),
                    "")  # fmt: skip
        asked = "Half people come of a group that two rows share; else correct it."
        if read:
            asked = f"Is {read} meant as {read.replace('.', '')}? A point is the decimal sign here."
        elif 2 * len(odd) > len(sizes):
            asked = "Is it another column, such as an SD?"
        yield f"{column!r} should count people and has {told}. {asked}"


def _far_sizes(table: Table) -> Iterator[str]:
    for column in _size_columns(table):
        sizes = _numbers(table.studies[column])
        known = np.sort(sizes[np.isfinite(sizes)])
        if len(known) < 4:
            continue
        far = known[-1] > FAR_OVER_MEDIAN * np.median(known) and (
            known[-1] > FAR_OVER_NEXT * known[-2]
        )
        if far:
            row = int(np.nanargmax(sizes))
            yield (
                f"{column!r} is {known[-1]:,.0f} in {line_name(row, table.lines)}, far above the "
                f"rest (the next is {known[-2]:,.0f}): a total, or a slip of the pen?"
            )


def _percents(table: Table) -> Iterator[str]:
    for column in table.studies:
        cells = table.studies[column].dropna()
        if cells.empty or cells.dtype.kind in "fiub":
            continue
        shares = [str(cell) for cell in cells if _PERCENT.fullmatch(str(cell))]
        if 2 * len(shares) >= len(cells):
            yield (
                f"{str(column)!r} holds percents as text ({shares[0].strip()!r}): as a moderator "
                "each would be a group of its own. Write plain numbers, such as "
                f"{shares[0].strip().rstrip('% ')}, in the file."
            )


def _impossible(table: Table) -> Iterator[str]:
    """Say what cannot be in the columns that the names tell, as ``screen_effects`` finds it."""
    names = [str(name) for name in table.studies.columns]
    measure = guess_measure(names)
    if measure in NOT_SCREENED or len(names) < 2 or len(table.studies) > MOST_SCREENED:
        return
    way = guess_way(measure, names)
    words = guess_words(way, names, measure)
    found = attempt(lambda: screen.screen_effects(table.printed, measure, **words))
    if found.value is None:  # the analysis will say what is wrong with the columns
        return
    worth = found.value[found.value["severity"].isin(WORTH)]
    for one in worth.head(MOST).itertuples(index=False):
        yield f"{_capital(line_name(one.row, table.lines))}: {one.message}; {one.way_out}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _size_columns(table: Table) -> list[str]:
    """Return the columns that are taken for sample sizes."""
    names = [str(name) for name in table.studies.columns]
    found = [
        column
        for word, measure in SIZES
        for column in guess_words((word,), names, measure).values()
    ]
    return list(dict.fromkeys(found))


def _numbers(column: pd.Series) -> Any:
    """Return the cells as numbers, NaN where they are none."""
    found = np.full(len(column), np.nan)
    for row, cell in enumerate(column):
        try:
            found[row] = float(cell)
        except (TypeError, ValueError):
            continue
    return found


FINDERS: tuple[Callable[[Table], Iterator[str]], ...]
FINDERS = (_impossible, _twice, _broken_sizes, _far_sizes, _percents)
