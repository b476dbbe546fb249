"""The columns that routes read: found by name or given, read as printed, signs and sizes filled."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import (
    check_frame,
    column,
    index_of,
    is_series,
    refuse_foreign_index,
    row_names,
)
from metarel._format import listing
from metarel._lazy import pd
from metarel._register import did_you_mean
from metarel._vocabulary import SYMBOLS
from metarel.errors import InputError, MetarelWarning
from metarel.routes._cells import Cells, half_unit, is_exact, read_cells

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array

#: Numbers that carry the sign of the effect, in the order in which they are asked for it.
_SIGNED = ("sign", "md", "m_change", "t", "d", "g", "z", "rho", "tau", "beta", "z_value")
#: Designs in which r is the effect, or has its sign; elsewhere it correlates two measurements.
_R_IS_EFFECT = ("correlation", "coefficient", "two means", "normal dominance", "clustered means")
#: Designs of two measurements, whose correlation may be assumed.
TWICE = ("change", "pre-post-control")
_DIFFERENCES = (("m1", "m2"), ("median1", "median2"), ("percent1", "percent2"))
_RATIOS = ("odds_ratio", "risk_ratio", "hazard_ratio")

#: Limits in order: each of these must not exceed the next.
ORDERED = (
    *((f"ci_low{i}", f"m{i}", f"ci_high{i}") for i in "12"),
    *((f"min{i}", f"q25_{i}", f"median{i}", f"q75_{i}", f"max{i}") for i in "12"),
    ("md_ci_low", "md", "md_ci_high"),
    ("ci_low_change", "m_change", "ci_high_change"),
    ("or_ci_low", "odds_ratio", "or_ci_high"),
    ("rr_ci_low", "risk_ratio", "rr_ci_high"),
    ("rd_ci_low", "risk_difference", "rd_ci_high"),
    ("hr_ci_low", "hazard_ratio", "hr_ci_high"),
    ("r_ci_low", "r", "r_ci_high"),
    ("ci_low", "estimate", "ci_high"),
    ("ci_low", "mean", "ci_high"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is to be read, as the caller chose, checked.

    Parameters
    ----------
    design : str
        Code of the design of the measure that is wanted.
    printed : bool
        Whether numbers stand for all that round to them.
    equal_groups : bool
        Whether n1 and n2 may be taken as halves of n.
    assumed_r : float or None
        The correlation of two measurements where none is printed.
    prefer : tuple of str
        Routes to be taken first.
    labels : list of str or None
        Names of the rows.
    """

    design: str
    printed: bool = True
    equal_groups: bool = False
    assumed_r: float | None = None
    prefer: tuple[str, ...] = ()
    labels: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the papers print, and what was taken where they do not.

    Parameters
    ----------
    cells : mapping of str to Cells
        Every word that a route may read; a column of nothing where none was given.
    given : tuple of str
        The words that were given.
    unsigned : ndarray of bool, shape (k,)
        Whether nothing in the row says which sign the effect has.
    sign_open : ndarray of bool, shape (k,)
        Whether all that says it is a printed zero, which either sign rounds to.
    notes : list of str, length k
        What was taken without being printed, row by row.
    """

    cells: Mapping[str, Cells]
    given: tuple[str, ...]
    unsigned: NDArray[np.bool_]
    sign_open: NDArray[np.bool_]
    notes: list[str]

    def __len__(self) -> int:
        return len(self.notes)


def read_inputs(
    data: pd.DataFrame | None, given: Mapping[str, Any], known: Sequence[str], how: Reading
) -> Inputs:
    """Read the columns of a study table that routes can use.

    Parameters
    ----------
    data : DataFrame or None
        The table.
    given : mapping
        Word to column name, array or number; where it is empty, every column of ``data`` that is
        named like a word is read.
    known : sequence of str
        The words that the routes read.
    how : Reading
        What the caller chose.

    Returns
    -------
    Inputs
        The cells by word.

    Raises
    ------
    InputError
        On unknown words and columns, lengths that differ, values outside their range, limits out
        of order.
    """
    cells = read_table(data, given, known, printed=how.printed, labels=how.labels, strict=True)
    _refuse_disorder(cells, how.labels)
    _refuse_bounds(cells, how.labels)
    return fill(cells, known, how)


def read_table(
    data: pd.DataFrame | None,
    given: Mapping[str, Any],
    known: Sequence[str],
    *,
    printed: bool,
    labels: Sequence[str] | None,
    strict: bool,
) -> dict[str, Cells]:
    """Read every word that is given, one vector of cells a word, all of one length.

    Parameters
    ----------
    data, given, known, printed, labels
        As in ``read_inputs``.
    strict : bool
        Whether values outside their range are refused.

    Returns
    -------
    dict
        Cells by word.

    Raises
    ------
    InputError
        On unknown words and columns, lengths that differ, cells that are no numbers.
    """
    check_frame(data)
    words = _words(data, given, known)
    refuse_foreign_index(data, words)
    columns = {word: _values(data, word, value) for word, value in words.items()}
    halves = _half_units(columns) if printed else {}
    cells = {
        word: read_cells(values, word, halves.get(word), labels, strict=strict)
        for word, values in columns.items()
    }
    return _of_one_length(data, words, cells)


def fill(cells: Mapping[str, Cells], known: Sequence[str], how: Reading) -> Inputs:
    """Add what routes read and nobody gave: empty columns, halves of n, a correlation, signs.

    Parameters
    ----------
    cells : mapping of str to Cells
        What was given.
    known : sequence of str
        The words that the routes read.
    how : Reading
        What the caller chose.

    Returns
    -------
    Inputs
        Every word of the routes.
    """
    length = len(next(iter(cells.values())))
    notes: list[list[str]] = [[] for _ in range(length)]
    nothing = np.full(length, np.nan)
    empty = Cells(nothing, nothing, nothing, np.zeros(length, dtype=bool))
    whole = {**dict.fromkeys(known, empty), **cells}
    given = dict.fromkeys(cells)
    if how.equal_groups and _halve(whole, notes):
        given |= {"n1": None, "n2": None}
    if how.assumed_r is not None:
        _assume_r(whole, how.assumed_r, notes)
        given["r"] = None
    unsigned, sign_open = _fill_sign(whole, length, how.design)
    said = ["; ".join(row) for row in notes]
    return Inputs(whole, tuple(given), unsigned, sign_open, said)


def rows_of(data: pd.DataFrame | None, given: Mapping[str, Any], length: int) -> pd.Index:
    """Return the labels of the rows: those of the table, of the first Series, or numbers."""
    index = index_of(data, given)
    return pd.RangeIndex(length) if index is None else index


def _words(
    data: pd.DataFrame | None, given: Mapping[str, Any], known: Sequence[str]
) -> dict[str, Any]:
    """Return the words given, or every column that is named like one."""
    words = {word: value for word, value in given.items() if value is not None}
    for word in words:
        if word not in known:
            listed = listing([f"`{code}`" for code in known], 60)
            raise InputError(
                f"`{word}` is not a word that the routes to this measure read; they read {listed}."
                f"{did_you_mean(word, known)}"
            )
    if not words and data is not None:
        words = {word: word for word in known if word in data.columns}
        _warn_of_capitals(data, words, known)
    if not words:
        has = "no columns" if data is not None and not len(data.columns) else ""
        has = has or ("" if data is None else listing([*map(str, data.columns)], 12))
        columns = f"; `data` has {has}" if has else ""
        raise InputError(
            "No column is named like a word of this measure, and none was given: pass words with "
            f"their columns, such as {known[0]}='mean_treated'{columns}."
        )
    return words


def _warn_of_capitals(data: pd.DataFrame, words: Mapping[str, Any], known: Sequence[str]) -> None:
    """Say which columns were not read that would be words but for their capitals."""
    for name in data.columns:
        word = str(name).lower()
        if name not in words and word in known and word not in words:
            warnings.warn(
                f"Column {name!r} was not read, as words are in small letters: say {word}={name!r} "
                f"if it holds `{word}` ({SYMBOLS[word].meaning}).",
                MetarelWarning,
                stacklevel=6,
            )


def _values(data: pd.DataFrame | None, word: str, value: Any) -> Any:
    if isinstance(value, str) and data is not None:
        return column(data, value, word)
    return value if np.ndim(value) or is_series(value) else [value]


def _half_units(columns: Mapping[str, Any]) -> dict[str, float]:
    """Return half a unit of the last decimal of each word; both groups are printed alike."""
    alike: dict[str, list[Any]] = {}
    for word, values in columns.items():
        if not is_exact(word):
            alike.setdefault(word.rstrip("12"), []).append(values)
    halves = {family: half_unit(members) for family, members in alike.items()}
    return {word: halves[word.rstrip("12")] for word in columns if not is_exact(word)}


def _of_one_length(
    data: pd.DataFrame | None, words: Mapping[str, Any], cells: dict[str, Cells]
) -> dict[str, Cells]:
    """Repeat scalars over the rows; refuse columns of different lengths."""
    scalar = {w for w, v in words.items() if not (np.ndim(v) or is_series(v))}
    if data is not None:
        scalar -= {w for w, v in words.items() if isinstance(v, str)}
    lengths = {word: len(cell) for word, cell in cells.items() if word not in scalar}
    length = len(data) if data is not None else max(lengths.values(), default=1)
    if set(lengths.values()) - {length}:
        said = ", ".join(f"`{word}` has {n}" for word, n in lengths.items())
        frame = "" if data is None else f"; `data` has {length} rows"
        raise InputError(f"All inputs must have the same length: {said}{frame}.")
    return {w: cell.repeated(length) if w in scalar else cell for w, cell in cells.items()}


def _refuse_disorder(cells: Mapping[str, Cells], labels: Sequence[str] | None) -> None:
    """Refuse limits on the wrong side, however the digits were rounded."""
    for chain in ORDERED:
        there = [word for word in chain if word in cells]
        for lower, upper in pairwise(there):
            rows = np.flatnonzero(cells[lower].low > cells[upper].high)
            if rows.size:
                raise InputError(
                    f"`{lower}` must not exceed `{upper}`; see {row_names(rows.tolist(), labels)}."
                    " Are the columns swapped?"
                )


def _refuse_bounds(cells: Mapping[str, Cells], labels: Sequence[str] | None) -> None:
    """Refuse bounds on anything but a p-value."""
    for word, cell in cells.items():
        rows = np.flatnonzero(cell.bound)
        if rows.size and word != "p":
            raise InputError(
                f"`{word}` must hold numbers; {row_names(rows.tolist(), labels)} holds a bound "
                "such as '<.05' or 'n.s.'. Put what is said of significance into a column `p`."
            )


def _halve(cells: dict[str, Cells], notes: list[list[str]]) -> bool:
    """Take n1 and n2 as halves of n where both are missing; return whether there were any."""
    if not {"n1", "n2", "n"} <= set(cells):
        return False
    half = cells["n"].value / 2
    missing = np.isnan(cells["n1"].value) & np.isnan(cells["n2"].value) & np.isfinite(half)
    for word in ("n1", "n2"):
        value = np.where(missing, half, cells[word].value)
        cells[word] = Cells(value, value, value, cells[word].bound)
    for row in np.flatnonzero(missing):
        notes[row].append("n1 and n2 taken as n/2")
    return bool(missing.any())


def _assume_r(cells: dict[str, Cells], r: float, notes: list[list[str]]) -> None:
    """Take the correlation that the caller assumes, where none is printed."""
    missing = np.isnan(cells["r"].value)
    value, low, high = (
        np.where(missing, r, part) for part in (cells["r"].value, cells["r"].low, cells["r"].high)
    )
    cells["r"] = Cells(value, low, high, cells["r"].bound)
    for row in np.flatnonzero(missing):
        notes[row].append(f"r taken as {r:g}")


def _fill_sign(
    cells: dict[str, Cells], length: int, design: str
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Take the sign from whatever in the row has one; return where nothing has, or only zeros."""
    nothing = np.full(length, np.nan)

    def value(word: str) -> Array:
        return cells[word].value if word in cells else nothing

    words = (*_SIGNED, "r") if design in _R_IS_EFFECT else _SIGNED
    with np.errstate(all="ignore"):
        signs = [np.sign(value(word)) for word in words]
        signs += [np.sign(value(first) - value(second)) for first, second in _DIFFERENCES]
        signs += [np.sign(np.log(value(word))) for word in _RATIOS]
        signs.append(np.where(value("p") < 0, -1.0, np.nan))
    sign = nothing
    for known in signs:
        sign = np.where(np.isnan(sign) & (known != 0), known, sign)
    unsigned = np.isnan(sign)
    zero = np.any([known == 0 for known in signs], axis=0)
    filled = np.where(unsigned, 1.0, sign)
    cells["sign"] = Cells(filled, filled, filled, np.zeros(length, dtype=bool))
    return unsigned, unsigned & zero
