"""Columns as papers print them: each cell a number with its digits, a bound, or nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import as_floats, check_domain, is_series, row_names
from metarel._format import listing
from metarel._vocabulary import SYMBOLS, Domain
from metarel.errors import InputError
from metarel.printed import Printed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from metarel._checks import Array

#: A column of numbers with more decimals than this was computed, not printed.
MOST_DECIMALS = 6

#: Counts and signs are exact however they are written.
EXACT_UNITS = ("people", "pairs", "items", "predictors", "degrees of freedom")


@dataclass(frozen=True, slots=True)
class Cells:
    """One column, row by row.

    Parameters
    ----------
    value : ndarray of shape (k,)
        The number as printed; for a bound (``"<.05"``) the bound itself; NaN where nothing stands.
    low, high : ndarray of shape (k,)
        The numbers that are printed so.
    bound : ndarray of bool, shape (k,)
        Whether only a bound was printed.
    """

    value: Array
    low: Array
    high: Array
    bound: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.value)

    def repeated(self, length: int) -> Cells:
        """Return the one cell repeated over the rows."""
        return Cells(
            np.repeat(self.value, length),
            np.repeat(self.low, length),
            np.repeat(self.high, length),
            np.repeat(self.bound, length),
        )


def read_cells(
    values: Any,
    word: str,
    half: float | None,
    labels: Sequence[str] | None = None,
    *,
    strict: bool = True,
) -> Cells:
    """Read a column: numbers, or text that keeps the digits.

    Parameters
    ----------
    values : array, Series, list or scalar
        The cells. Text is read as printed (``".30"``, ``"<.05"``, ``"n.s."``, ``"1,192"``).
    word : str
        The input word that the column stands for.
    half : float or None
        Half a unit of the last decimal of numbers (``half_unit``); None where numbers and texts
        are exact.
    labels : sequence of str, optional
        Names of the rows, for messages.
    strict : bool
        Whether values outside the word's domain are refused; they stay as they are otherwise.

    Returns
    -------
    Cells
        The column.

    Raises
    ------
    InputError
        If a cell is no number, or lies outside the word's domain.
    """
    symbol = SYMBOLS[word]
    exact = half is None or is_exact(word)
    if _holds_text(values):
        cells = _from_text(_as_list(values), word, exact, labels)
    else:
        reach = 0.0 if exact or half is None else half
        numbers = as_floats(values, word, labels)
        nowhere = np.zeros(len(numbers), dtype=bool)
        cells = Cells(numbers, numbers - reach, numbers + reach, nowhere)
    if word == "p":
        cells = _p_values(cells)
    if not strict:
        return cells
    check_domain(cells.value, symbol.domain, word, labels)
    return _within(cells, symbol.domain)


def _as_list(values: Any) -> list[Any]:
    if isinstance(values, str):
        return [values]
    return values.tolist() if is_series(values) or isinstance(values, np.ndarray) else list(values)


def _holds_text(values: Any) -> bool:
    if isinstance(values, str):
        return True
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        return False
    if is_series(values) and getattr(values.dtype, "kind", "O") in "fiub":
        return False
    return np.ndim(values) == 1 and any(isinstance(v, str) for v in _as_list(values))


def is_exact(word: str) -> bool:
    """Tell whether a word is a count or a sign, which no rounding touches."""
    return SYMBOLS[word].unit in EXACT_UNITS or word == "sign"


def half_unit(columns: Sequence[Any]) -> float:
    """Return half a unit of the last decimal that any number of these columns has.

    A cell without trailing zeros may have lost them, so that the longest cell speaks for all; the
    columns of two groups are printed alike. Numbers with many decimals were computed: 0 then.
    """
    known = [as_floats(c, "values") for c in columns if not _holds_text(c)]
    numbers = np.concatenate(known) if known else np.empty(0)
    numbers = numbers[np.isfinite(numbers)]
    for decimals in range(MOST_DECIMALS + 1):
        slack = 1e-9 * 10.0**-decimals + 4 * np.finfo(float).eps * np.abs(numbers)
        if (np.abs(np.round(numbers, decimals) - numbers) <= slack).all():
            return 0.5 * 10.0**-decimals
    return 0.0


def _from_text(items: list[Any], word: str, exact: bool, labels: Sequence[str] | None) -> Cells:
    """Read each different text once."""
    seen: dict[Any, tuple[float, float, float, bool]] = {}
    bad = []
    rows = []
    for row, item in enumerate(items):
        key = item if isinstance(item, str) else ("", repr(item))
        if key not in seen:
            try:
                seen[key] = _one(item, word, exact)
            except (InputError, TypeError, ValueError):
                bad.append(row)
                continue
        rows.append(seen[key])
    if bad:
        shown = listing([repr(items[row]) for row in bad], 3)
        raise InputError(
            f"`{word}` must hold numbers as printed, such as '.28' or '<.05'; "
            f"{row_names(bad, labels)} {'is' if len(bad) == 1 else 'are'} {shown}."
        )
    value, low, high, bound = (np.array(part) for part in zip(*rows, strict=True))
    return Cells(value.astype(float), low.astype(float), high.astype(float), bound.astype(bool))


def _one(item: Any, word: str, exact: bool) -> tuple[float, float, float, bool]:
    """Return the number of one cell, the numbers printed so, and whether it is a bound."""
    if is_missing(item):
        return math.nan, math.nan, math.nan, False
    text = item.strip() if isinstance(item, str) else repr(float(item)).removesuffix(".0")
    if text.lower() in ("", "na", "nan", "-", "–", "—"):
        return math.nan, math.nan, math.nan, False
    printed = Printed(text)
    # 10% stands for 10 where people in a hundred are counted, and for .10 elsewhere.
    unit = 100.0 if printed.percent and SYMBOLS[word].unit == "percent" else 1.0
    low, high = unit * printed.low, unit * printed.high
    if printed.relation == "=":
        at = unit * float(printed.value) if printed.value is not None else math.nan
        return (at, at, at, False) if exact else (at, low, high, False)
    return (high if printed.relation in "<≤" else low), low, high, True


def is_missing(item: Any) -> bool:
    """Tell whether a cell of mixed content holds nothing."""
    return item is None or type(item).__name__ in ("NAType", "NaTType") or item != item


def _p_values(cells: Cells) -> Cells:
    """Read .000 as what it says, less than half a unit; no p below a bound is negative."""
    zero = (cells.value == 0) & (cells.high > 0)
    value = np.where(zero, cells.high, cells.value)
    bound = cells.bound | zero
    return Cells(value, np.where(bound, np.maximum(cells.low, 0), cells.low), cells.high, bound)


def _within(cells: Cells, domain: Domain) -> Cells:
    """Cut the rounding intervals at the ends of the domain."""
    low = np.maximum(cells.low, domain.low)
    high = np.minimum(cells.high, domain.high)
    return Cells(cells.value, low, high, cells.bound)
