"""Columns of what the studies reported: events and totals, means and SDs, arm by arm."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._register import Register
from metarel.effects.register import MEASURES
from metarel.errors import InputError
from metarel.plot._rows import column_of
from metarel.plot._text import Column

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel._lazy import pd
    from metarel.plot._layouts import Layout
    from metarel.plot._rows import Block
    from metarel.plot._sheet import Entry

INPUTS = "inputs"

_ARM = re.compile(r"^(?P<stem>.*[a-z])_?(?P<arm>[12])$")


@dataclass(frozen=True, slots=True)
class InputKind:
    """A number that studies report of a group.

    Parameters
    ----------
    code : str
        The input word, without the number of its group.
    header : str
        What stands above the column.
    summed : bool
        Whether the sum over studies means something.
    """

    code: str
    header: str
    summed: bool = False


#: In the order in which they are printed.
KINDS: Register[InputKind] = Register(
    "input",
    [
        InputKind("events", "Events", summed=True),
        InputKind("m_pre", "Mean\nbefore"),
        InputKind("sd_pre", "SD\nbefore"),
        InputKind("m_post", "Mean\nafter"),
        InputKind("sd_post", "SD\nafter"),
        InputKind("m", "Mean"),
        InputKind("mean", "Mean"),
        InputKind("sd", "SD"),
        InputKind("time", "Time", summed=True),
        InputKind("n", "Total", summed=True),
    ],
)


@dataclass(frozen=True, slots=True)
class Printed:
    """One column of inputs before it is set.

    Parameters
    ----------
    group, header : str
        The arm, empty where there is none, and what is reported.
    texts : list of str
        By row of the frame.
    total : callable or None
        From rows of the frame to the text of their sum.
    """

    group: str
    header: str
    texts: list[str]
    total: Any = None


def input_columns(
    entries: Sequence[Entry],
    data: pd.DataFrame | None,
    blocks: Sequence[Block],
    layout: Layout,
    *,
    strict: bool,
) -> list[Column]:
    """Return the columns of raw inputs that the effects were made from."""
    sources = _sources(data, blocks)
    if data is None or not sources:
        if strict:
            raise InputError(
                "'inputs' are the columns that effect_sizes() made the effects from: give its "
                "frame as `data`, with its attrs, or name the columns yourself."
            )
        return []
    rows = [entry.row for entry in entries if entry.row is not None and entry.row.study >= 0]
    values = {
        word: column_of(data, name, "data", rows).to_numpy(dtype=float)
        for word, name in sources.items()
    }
    return [_column(printed, entries) for printed in _printed(_with_totals(values), layout)]


def has_inputs(data: pd.DataFrame | None, blocks: Sequence[Block]) -> bool:
    """Tell whether the frame holds what the effects were made from."""
    return bool(_sources(data, blocks))


def _sources(data: pd.DataFrame | None, blocks: Sequence[Block]) -> dict[str, str]:
    """Return the input words of the measure and the columns that hold them."""
    if data is None:
        return {}
    made: Mapping[str, Any] = data.attrs.get("effect_sizes", {}).get("inputs", {})
    named = {word: name for word, name in made.items() if isinstance(name, str)}
    if named:
        return {word: name for word, name in named.items() if _numeric(data, name)}
    summaries = [row.fit for block in blocks for row in block.summaries if row.fit is not None]
    code = next((fit.study.measure for fit in summaries), None)
    if code is None or "yi" in MEASURES[code].words:
        return {}
    way = next((w for w in MEASURES[code].ways if all(_numeric(data, x) for x in w)), ())
    return {word: word for word in way}


def _numeric(data: pd.DataFrame, name: str) -> bool:
    return name in data.columns and data[name].dtype.kind in "iuf"


def _with_totals(values: dict[str, Array]) -> dict[str, Array]:
    """Return people with and without the event as events and totals."""
    out = dict(values)
    for end in ("1", "2", ""):
        without = out.pop(f"non_events{end}", None)
        if without is not None and f"events{end}" in out:
            out[f"n{end}"] = out[f"events{end}"] + without
    return out


def _printed(values: dict[str, Array], layout: Layout) -> list[Printed]:
    """Return the columns: each arm's, then those of the whole study."""
    found: list[Printed] = []
    for arm in ("1", "2", ""):
        own = {stem: v for stem, v in ((_stem(word, arm), v) for word, v in values.items()) if stem}
        own = {code: own.pop(code) for code in KINDS if code in own} | own
        name = layout.arms[int(arm) - 1] if arm else ""
        found += _compact(own, name) if layout.compact and arm else _each(own, name)
    return found


def _stem(word: str, arm: str) -> str:
    """Return an input word without the number of its arm; empty for those of other arms."""
    match = _ARM.match(word)
    stem, own = (match["stem"], match["arm"]) if match and match["stem"] in KINDS else (word, "")
    return stem if own == arm else ""


def _each(own: dict[str, Array], group: str) -> list[Printed]:
    """Return a column for each input."""
    columns = []
    for code, values in own.items():
        kind = KINDS[code] if code in KINDS else InputKind(code, code.replace("_", " "))
        header = kind.header if group or code not in ("n",) else "n"
        texts, digits = written(values)
        total = _sum_of(values, digits) if kind.summed else None
        columns.append(Printed(group, header, texts, total))
    return columns


def _compact(own: dict[str, Array], group: str) -> list[Printed]:
    """Return inputs printed together: events over totals, means with SDs."""
    rest = dict(own)
    columns = []
    if {"events", "n"} <= set(rest):
        events, people = rest.pop("events"), rest.pop("n")
        (a, digits), (b, more) = written(events), written(people)
        sums = _sum_of(events, digits), _sum_of(people, more)
        texts = [f"{x}/{y}" if x and y else "" for x, y in zip(a, b, strict=True)]
        columns.append(
            Printed(group, "No./total", texts, lambda at: f"{sums[0](at)}/{sums[1](at)}")
        )
    if {"m", "sd"} <= set(rest):
        means, sds = written(rest.pop("m"))[0], written(rest.pop("sd"))[0]
        texts = [f"{x} ({y})" if x and y else "" for x, y in zip(means, sds, strict=True)]
        columns.append(Printed(group, "Mean (SD)", texts))
        rest = {"n": rest.pop("n"), **rest} if "n" in rest else rest
    for column in _each(rest, group):
        header = "No." if column.header == "Total" else column.header
        columns.append(Printed(group, header, column.texts, column.total))
    return columns


def _sum_of(values: Array, digits: int) -> Any:
    return lambda at: plain(float(np.nansum(values[at])), digits)


def written(values: Array) -> tuple[list[str], int]:
    """Write numbers with the decimals they need, at most two; missing as nothing."""
    known = values[np.isfinite(values)]
    digits = next((d for d in (0, 1) if np.array_equal(known, known.round(d))), 2)
    return ["" if np.isnan(value) else plain(value, digits) for value in values], digits


def plain(value: float, digits: int) -> str:
    """Write a number in full, however large, as counts are."""
    return f"{value:.{digits}f}".replace("-", "−")


def _column(printed: Printed, entries: Sequence[Entry]) -> Column:
    """Return the column with a cell for every entry; pooled rows hold sums."""
    cells: list[tuple[str, ...]] = []
    pooled = [entry.row for entry in entries if entry.kind == "study" and entry.row is not None]
    done = False
    for entry in entries:
        row = entry.row
        if row is not None and entry.kind in ("study", "excluded"):
            cells.append((printed.texts[row.study],) if row.study < len(printed.texts) else ())
        elif row is not None and printed.total and _sums(entry, done=done):
            done = done or entry.kind == "summary"
            at = [r.study for r in pooled if entry.kind == "summary" or r.group == row.group]
            cells.append((printed.total(at),))
        else:
            cells.append(())
    return Column(printed.header, tuple(cells), True, printed.group)


def _sums(entry: Entry, *, done: bool) -> bool:
    """Tell whether sums stand in a line: once for all studies, and for each subgroup."""
    return entry.kind == "subgroup" or (entry.kind == "summary" and not done)
