"""From the keys of a case, as files hold them, to a checked record; every fault has its place."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._format import listing
from metarel._register import did_you_mean, one_of
from metarel.errors import DatasetError, InputError
from metarel.printed import Printed
from metarel.repro.case_fit import total_sizes
from metarel.repro.case_schema import (
    FIELDS,
    KINDS,
    MODELS,
    QUANTITY_OF,
    SIZES,
    TAU2_WORDS,
    TESTS,
    WEIGHTS,
    Case,
    Kind,
)
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from metarel._checks import Array

#: What stands in a cell that holds no number.
MISSING = ("", "na", "nan", "none", "null", "-", "–")
#: No figure of a meta-analysis is larger, nor has digits so small.
MOST = 1e100
#: How a note on a doubtful figure gives the digits without the zero that was added to them.
STORED = re.compile(r"stored\s+(\S+?);")


@dataclass(slots=True)
class _Reading:
    """A case on its way: its keys, its place for messages, what had to be assumed."""

    given: Mapping[str, Any]
    file: str
    assumed: list[str] = field(default_factory=list)

    def fault(self, key: str, problem: str) -> DatasetError:
        """Return an error that names file and key."""
        return DatasetError(f"{self.file}: `{key}` {problem}")

    def text(self, key: str) -> str:
        """Return a text; absent and null are empty."""
        value = self.given.get(key)
        return "" if value is None else str(value).strip()

    def word(self, key: str, words: Mapping[str, str]) -> str:
        """Return metarel's word for what stands under a key, or the default, which is noted."""
        came = self.text(key)
        if came.lower() in MISSING:
            default = FIELDS[key].default
            self.assumed.append(f"`{key}` is not given: {default}")
            return default
        if came.lower() not in words:
            known = dict.fromkeys(words.values())
            raise self.fault(key, one_of(key, known, came).split("` ", 1)[1])
        return words[came.lower()]


def read_case(given: Mapping[str, Any], file: str) -> Case:
    """Return a case from its keys.

    Parameters
    ----------
    given : mapping
        The keys of ``FIELDS``; others are ignored. Numbers may be numbers or text.
    file : str
        Where they stand, for messages.

    Returns
    -------
    Case
        The record; studies without an effect or a variance are left out and named.

    Raises
    ------
    DatasetError
        Naming file, key and row.

    Examples
    --------
    >>> studies = [{"y": "0.31", "se": "0.12"}, {"y": "0.10", "se": "0.09"}]
    >>> case = read_case({"studies": studies, "reported": {"estimate": "0.18"}}, "a.json")
    >>> case.kind.code, case.k, case.words
    ('smd_se', 2, 'random effects (DL)')
    """
    if not isinstance(given, Mapping):
        raise DatasetError(f"{file}: a case must be an object with keys; got {given!r:.60}.")
    reading = _Reading(given, file)
    rows = _rows(reading)
    kind = _kind(reading, rows)
    columns = _columns(reading, rows, kind)
    figures, unjudged = _figures(reading)
    _order_limits(reading, figures)
    doubts = _texts(reading, "reported_doubt")
    kept, left_out = _complete(reading, rows, kind, columns)
    name = reading.text("id") or file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    model = reading.word("model", MODELS)
    return Case(
        id=name,
        corpus=reading.text("corpus") or name.split("-", 1)[0],
        file=file,
        kind=kind,
        labels=tuple(_label(rows, row) for row in kept),
        columns={column: values[kept] for column, values in columns.items()},
        steps=_steps(reading, rows, columns),
        figures=figures,
        wider=_wider(figures, doubts),
        doubts=doubts,
        unjudged=unjudged,
        model=model,
        tau2="EE" if model == "FE" else _tau2(reading, model),
        test=reading.word("ci_method", TESTS),
        weighting=_weighting(reading, model, columns, kept),
        assumed=tuple(reading.assumed),
        software=reading.text("software"),
        effect_type=reading.text("effect_type"),
        source=_source(reading),
        expect=_expect(reading),
        left_out=left_out,
    )


def _rows(reading: _Reading) -> list[Mapping[str, Any]]:
    """Return the studies; anything but a list of objects is a fault."""
    rows = reading.given.get("studies")
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not rows:
        raise reading.fault("studies", f"must be a list of at least one study; got {rows!r:.60}.")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise reading.fault("studies", f"row {number} must be an object; got {row!r:.60}.")
    return list(rows)


def _label(rows: Sequence[Mapping[str, Any]], row: int) -> str:
    """Return the name of a study, or its number."""
    return str(rows[row].get("label") or rows[row].get("study") or row + 1)


def _kind(reading: _Reading, rows: Sequence[Mapping[str, Any]]) -> Kind:
    """Return the kind of study data, declared or told from the columns."""
    declared = reading.text("data_kind")
    if declared:
        if declared not in KINDS:
            raise reading.fault("data_kind", one_of("", KINDS, declared).split("` ", 1)[1])
        return KINDS[declared]
    present = {column for row in rows for column, value in row.items() if not _is_missing(value)}
    for kind in KINDS.values():
        if present.issuperset(kind.columns):
            reading.assumed.append(f"`data_kind` is not given: {kind.code}")
            return kind
    raise reading.fault("data_kind", f"is not given and not told by the columns {sorted(present)}.")


def _is_missing(value: object) -> bool:
    return value is None or str(value).strip().lower() in MISSING


def _columns(reading: _Reading, rows: Sequence[Mapping[str, Any]], kind: Kind) -> dict[str, Array]:
    """Return the columns of the kind, and sizes where they stand beside them."""
    present = {column for row in rows for column in row}
    effect = next((c for c in (kind.columns[0], *kind.alternatives) if c in present), None)
    sources = dict(zip(kind.columns, (effect, *kind.columns[1:]), strict=True))
    if kind.spread == "n1_n2" and "n" in present:
        sources = {name: column if column in present else "n" for name, column in sources.items()}
    lacking = [name for name, column in sources.items() if column not in present]
    if lacking:
        raise reading.fault(
            "studies",
            f"must have {listing([f'`{name}`' for name in lacking])} for the data kind "
            f"{kind.code!r}; the columns are {listing(sorted(present), 20)}."
            f"{did_you_mean(lacking[0], present)}",
        )
    sources |= {size: size for size in SIZES if size in present and size not in sources}
    return {
        name: np.array([_number(reading, rows, i, str(column)) for i in range(len(rows))])
        for name, column in sources.items()
    }


def _number(reading: _Reading, rows: Sequence[Mapping[str, Any]], row: int, column: str) -> float:
    value = rows[row].get(column)
    if _is_missing(value):
        return math.nan
    try:
        number = math.nan if isinstance(value, bool) else float(str(value).replace("−", "-"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise reading.fault(
            "studies",
            f"row {row + 1} ({_label(rows, row)!r}): `{column}` must be a number; got "
            f"{str(value)[:40]!r}.",
        )
    return number


def _complete(
    reading: _Reading,
    rows: Sequence[Mapping[str, Any]],
    kind: Kind,
    columns: dict[str, Array],
) -> tuple[list[int], tuple[str, ...]]:
    """Fill sizes, refuse what cannot be, and return the rows that take part and those left out."""
    _fill_sizes(reading, kind, columns)
    _check_limits(reading, rows, kind, columns)
    for column in ("sd1", "sd2", "se", "v", *SIZES):
        bad = np.flatnonzero(columns.get(column, np.ones(1)) <= 0)
        if len(bad):
            row = int(bad[0])
            raise reading.fault(
                "studies",
                f"row {row + 1} ({_label(rows, row)!r}): `{column}` must be positive; "
                f"got {columns[column][row]:g}.",
            )
    complete = np.all([np.isfinite(columns[name]) for name in kind.columns], axis=0)
    complete &= _has_variance(kind, columns)
    kept = np.flatnonzero(complete).tolist()
    left_out = tuple(_label(rows, int(row)) for row in np.flatnonzero(~complete))
    if not kept:
        raise reading.fault("studies", "leave no row with an effect and what gives its variance.")
    if left_out:
        reading.assumed.append(f"left out for want of a variance: {listing(list(left_out))}")
    return kept, left_out


def _has_variance(kind: Kind, columns: Mapping[str, Array]) -> Any:
    """Tell which rows have a variance: Fisher's z has none where n is 3 or less, nor at r of 1."""
    if kind.spread != "n" or kind.scale not in ("r", "z"):
        return True
    enough = columns["n"] > 3
    return enough & (np.abs(columns["r"]) != 1) if kind.scale == "r" else enough


def _fill_sizes(reading: _Reading, kind: Kind, columns: dict[str, Array]) -> None:
    """Take groups as equal halves where only the total is known."""
    if kind.spread not in ("n1_n2", "n") or kind.scale in ("r", "z"):
        return
    total = columns.get("n")
    nothing = np.full(len(columns[kind.columns[0]]), np.nan)
    n1, n2 = (columns.get(name, nothing) for name in ("n1", "n2"))
    if total is not None:
        n1 = np.where(np.isnan(n1) & ~np.isnan(n2), total - n2, n1)
        n2 = np.where(np.isnan(n2) & ~np.isnan(n1), total - n1, n2)
        halved = np.isnan(n1) & np.isnan(n2) & ~np.isnan(total)
        if halved.any():
            reading.assumed.append("groups are taken as equal halves where only `n` is given")
        n1, n2 = (np.where(halved, total / 2, sizes) for sizes in (n1, n2))
    columns |= {"n1": n1, "n2": n2}


def _check_limits(
    reading: _Reading,
    rows: Sequence[Mapping[str, Any]],
    kind: Kind,
    columns: dict[str, Array],
) -> None:
    """Put limits in order; refuse those that coincide."""
    if kind.spread != "ci":
        return
    low, high = columns["lo"], columns["hi"]
    same = np.flatnonzero(low == high)
    if len(same):
        row = int(same[0])
        raise reading.fault(
            "studies",
            f"row {row + 1} ({_label(rows, row)!r}): `lo` and `hi` must differ; "
            f"both are {low[row]:g}.",
        )
    swapped = [_label(rows, int(row)) for row in np.flatnonzero(low > high)]
    if swapped:
        reading.assumed.append(f"limits read in order where `lo` exceeds `hi`: {listing(swapped)}")
        columns["lo"], columns["hi"] = np.minimum(low, high), np.maximum(low, high)


def _steps(
    reading: _Reading, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Array]
) -> dict[str, float]:
    """Return one unit of the last digit of each column that is rounded; sizes are counts."""
    declared = reading.given.get("input_precision")
    if declared is not None and not isinstance(declared, Mapping):
        raise reading.fault(
            "input_precision", f"must be an object by column; got {declared!r:.60}."
        )
    steps = {}
    for column in columns:
        told = (declared or {}).get(column)
        if isinstance(told, Mapping) and told.get("scale", "id") == "id":
            try:
                steps[column] = 10.0 ** -int(str(told.get("decimals")))
            except ValueError as error:
                raise reading.fault(
                    "input_precision", f"`{column}` must have whole `decimals`; got {told!r:.60}."
                ) from error
        elif column not in SIZES and not declared:
            steps[column] = 10.0 ** -_decimals(rows, column)
    return steps


def _decimals(rows: Sequence[Mapping[str, Any]], column: str) -> int:
    """Return the most decimals that any cell of a column shows."""
    cells = [str(row.get(column, "")) for row in rows]
    return max(len(cell.partition(".")[2]) if "e" not in cell.lower() else 0 for cell in cells)


def _texts(reading: _Reading, key: str) -> dict[str, str]:
    """Return an object of texts by metarel's words for figures."""
    given = reading.given.get(key) or {}
    if not isinstance(given, Mapping):
        raise reading.fault(key, f"must be an object of texts; got {given!r:.60}.")
    return {
        QUANTITY_OF.get(str(word), str(word)): str(text)
        for word, text in given.items()
        if text is not None
    }


def _figures(reading: _Reading) -> tuple[dict[str, str], dict[str, str]]:
    """Return the printed figures that are judged, and those that are not."""
    if not isinstance(reading.given.get("reported"), Mapping):
        raise reading.fault("reported", "must be an object of printed figures.")
    printed = {name: text for name, text in _texts(reading, "reported").items() if text.strip()}
    known = set(QUANTITY_OF.values())
    for name, text in printed.items():
        if name in known and not _is_printed(text):
            raise reading.fault("reported", f"`{name}` must be a number as printed; got {text!r}.")
    figures = {name: text for name, text in printed.items() if name in known}
    if not figures:
        raise reading.fault(
            "reported", f"must hold at least one of {listing(sorted(QUANTITY_OF), 30)}."
        )
    return figures, {name: text for name, text in printed.items() if name not in known}


def _is_printed(text: str) -> bool:
    """Tell whether a text is a printed number of a size that can be computed with."""
    try:
        printed = Printed(text)
    except InputError:
        return False
    size = abs(float(printed.value or 0))
    return size < MOST and (printed.unit is None or float(printed.unit) > 1 / MOST)


def _order_limits(reading: _Reading, figures: dict[str, str]) -> None:
    """Put printed limits in order: the order in which they stand says nothing."""
    if not {"ci_low", "ci_high"} <= set(figures):
        return
    low, high = (Printed(figures[name]) for name in ("ci_low", "ci_high"))
    if low.relation == high.relation == "=" and low.low > high.low:
        figures["ci_low"], figures["ci_high"] = high.text, low.text
        reading.assumed.append("the printed limits stand in reverse order")


def _weighting(
    reading: _Reading, model: str, columns: Mapping[str, Array], kept: Sequence[int]
) -> str:
    """Return the weights, inverse variances where sizes are asked for and not known."""
    asked = "n" if model == "HS" else reading.word("weighting", WEIGHTS)
    if asked == "n" and total_sizes({name: x[list(kept)] for name, x in columns.items()}) is None:
        if model == "HS":
            raise reading.fault("studies", "must have `n` for Hunter and Schmidt's model.")
        reading.assumed.append("weights by sample size are declared, sizes are not in the data")
        return "iv"
    return asked


def _wider(figures: Mapping[str, str], doubts: Mapping[str, str]) -> dict[str, str]:
    """Return the figures whose last zero was added by analogy, as they were stored."""
    found = {}
    for name, note in doubts.items():
        stored = STORED.search(note)
        if stored and name in figures and stored[1] != figures[name]:
            found[name] = stored[1]
    return found


def _tau2(reading: _Reading, model: str) -> str:
    """Return the estimator's code."""
    words = {**{code.lower(): code for code in TAU2}, **TAU2_WORDS}
    if model == "HS" and not reading.text("tau2_estimator"):
        return "HS"
    return reading.word("tau2_estimator", words)


def _source(reading: _Reading) -> str:
    """Return where the numbers come from, as one line."""
    parts = [reading.text(key) for key in ("paper", "title")]
    doi = reading.text("doi")
    source = reading.given.get("source")
    if isinstance(source, Mapping):
        parts.append("; ".join(f"{key}: {value}" for key, value in source.items()))
    elif source is not None:
        parts.append(str(source))
    return " ".join([*(part for part in parts if part), *([f"doi:{doi}"] if doi else [])])


def _expect(reading: _Reading) -> dict[str, str]:
    """Return expected verdicts by figure; a text alone is the level of the case."""
    given = reading.given.get("expect")
    if isinstance(given, str):
        return {"level": given}
    return _texts(reading, "expect")
