"""What in a study's own row speaks for a slip: a register of checks, over many tables at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from metarel._register import Register

if TYPE_CHECKING:
    from metarel._checks import Array

    #: Columns by word, of shape (k,) or (m, k).
    Columns: TypeAlias = Mapping[str, Array]

#: A check that more than this share of the rows fail says nothing of any of them.
TOO_MANY = 1 / 3
#: Limits may stand unevenly about an effect by this share of their width.
UNEVEN = 0.06
#: Standard errors within this factor go with the sizes.
ABOUT = 1.5
#: Two standard deviations of one outcome are rarely this far apart.
APART = 4.0
#: Standardised effects beyond this are rarely true.
HUGE = 3.0


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A contradiction or rarity that numbers of one row alone can show.

    Parameters
    ----------
    code : str
        What is odd, as a phrase behind "its".
    needs : tuple of str
        The columns it looks at.
    odd : callable
        ``odd(columns)`` tells of each row whether it is; NaN compares as not odd.
    of_d : bool
        Whether it holds of standardised mean differences alone.
    """

    code: str
    needs: tuple[str, ...]
    odd: Callable[[Any], Any]
    of_d: bool = False


def _uneven(x: Columns) -> Any:
    """Limits that are even on no scale that effects are printed on."""
    y, low, high = x["yi"], x["ci_low"], x["ci_high"]
    even = _balance(y, low, high)
    even |= (low > 0) & _balance(*(np.log(np.where(v > 0, v, np.nan)) for v in (y, low, high)))
    inside = (low > -1) & (high < 1)
    even |= inside & _balance(
        *(np.arctanh(np.where(np.abs(v) < 1, v, np.nan)) for v in (y, low, high))
    )
    return np.isfinite(y + low + high) & ~even


def _balance(y: Array, low: Array, high: Array) -> Any:
    return np.abs(high + low - 2 * y) <= UNEVEN * (high - low)


def _outside(x: Columns) -> Any:
    return (x["yi"] < x["ci_low"]) | (x["yi"] > x["ci_high"])


def _error(d: Array, n1: Array, n2: Array) -> Array:
    return np.sqrt(1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2)))


def _off_limits(x: Columns) -> Any:
    se = (x["ci_high"] - x["ci_low"]) / 3.92
    return np.abs(np.log(se / _error(x["yi"], x["n1"], x["n2"]))) > np.log(ABOUT)


def _off_error(x: Columns) -> Any:
    return np.abs(np.log(x["sei"] / _error(x["yi"], x["n1"], x["n2"]))) > np.log(ABOUT)


def _off_variance(x: Columns) -> Any:
    se = np.sqrt(x["vi"])
    return np.abs(np.log(se / _error(x["yi"], x["n1"], x["n2"]))) > np.log(ABOUT)


def _spreads(x: Columns) -> Any:
    return np.abs(np.log(x["sd1"] / x["sd2"])) > np.log(APART)


def _huge_difference(x: Columns) -> Any:
    return np.abs(x["m1"] - x["m2"]) > HUGE * np.sqrt((x["sd1"] ** 2 + x["sd2"] ** 2) / 2)


def _odd_total(x: Columns) -> Any:
    return np.abs(x["n"] - x["n1"] - x["n2"]) > 0.5


def _too_many(i: str) -> Callable[[Any], Any]:
    return lambda x: x[f"events{i}"] > x[f"n{i}"]


#: Every check; a study is suspected only where one of them speaks.
ROW_CHECKS: Register[RowCheck] = Register(
    "row check",
    [
        RowCheck("limits are uneven", ("yi", "ci_low", "ci_high"), _uneven),
        RowCheck("effect is outside its limits", ("yi", "ci_low", "ci_high"), _outside),
        RowCheck(
            "limits do not go with its sizes",
            ("yi", "ci_low", "ci_high", "n1", "n2"),
            _off_limits,
            of_d=True,
        ),
        RowCheck(
            "standard error does not go with its sizes",
            ("yi", "sei", "n1", "n2"),
            _off_error,
            of_d=True,
        ),
        RowCheck(
            "variance does not go with its sizes",
            ("yi", "vi", "n1", "n2"),
            _off_variance,
            of_d=True,
        ),
        RowCheck("standard deviations are far apart", ("sd1", "sd2"), _spreads),
        RowCheck("effect is huge", ("m1", "sd1", "m2", "sd2"), _huge_difference),
        RowCheck("d is huge", ("d",), lambda x: np.abs(x["d"]) > HUGE),
        RowCheck("g is huge", ("g",), lambda x: np.abs(x["g"]) > HUGE),
        RowCheck("sizes do not add up", ("n", "n1", "n2"), _odd_total),
        RowCheck("events1 is more than its people", ("events1", "n1"), _too_many("1")),
        RowCheck("events2 is more than its people", ("events2", "n2"), _too_many("2")),
    ],
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The checks that a table passes as a whole, and the rows that fail them.

    Parameters
    ----------
    checks : tuple of RowCheck
        Those that apply, and that most rows pass.
    before : ndarray of bool, shape (checks, k)
        The rows that fail each in the table given.
    """

    checks: tuple[RowCheck, ...]
    before: Any

    def changed(self, columns: Columns, m: int) -> tuple[Any, Any]:
        """Tell which failures go and which come in changed tables.

        Parameters
        ----------
        columns : mapping of str to ndarray, shape (k,) or (m, k)
            The changed tables.
        m : int
            Their number.

        Returns
        -------
        tuple of (ndarray of bool, ndarray of bool), shape (checks, m)
            Whether each check is failed by fewer rows than before, and by more.
        """
        fewer = np.zeros((len(self.checks), m), dtype=bool)
        more = fewer.copy()
        for i, check in enumerate(self.checks):
            if any(np.ndim(columns[name]) == 2 for name in check.needs):
                with np.errstate(all="ignore"):
                    count = check.odd(columns).sum(axis=1)
                fewer[i], more[i] = count < self.before[i].sum(), count > self.before[i].sum()
        return fewer, more


def evidence_of(columns: Columns, of_d: bool = True) -> Evidence:
    """Return the checks that a study table is held to.

    Parameters
    ----------
    columns : mapping of str to ndarray, shape (k,)
        The table.
    of_d : bool
        Whether effects that are given as such can be standardised mean differences.

    Returns
    -------
    Evidence
        Checks that more than a third of the rows fail are not among them.
    """
    kept, before = [], []
    for check in ROW_CHECKS.values():
        if all(name in columns for name in check.needs) and (of_d or not check.of_d):
            with np.errstate(all="ignore"):
                odd = np.asarray(check.odd(columns), dtype=bool)
            if odd.mean() <= TOO_MANY:
                kept.append(check)
                before.append(odd)
    k = len(next(iter(columns.values())))
    return Evidence(tuple(kept), np.array(before, dtype=bool).reshape(len(kept), k))
