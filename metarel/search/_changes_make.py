"""How each kind of slip changes a study table: from a sheet to its changed tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from metarel.effects._parts import hedges_factor
from metarel.search._changes_digits import on_decimals
from metarel.search._changes_edits import (
    Edits,
    nothing,
    one_after_the_other,
    study_by_study,
    whole_columns,
    without_or_twice,
    without_two,
)
from metarel.search.kinds import SCALES

if TYPE_CHECKING:
    from metarel._checks import Array

#: The columns by what they hold.
SIZES = ("n", "n1", "n2")
EFFECTS = ("yi", "r", "z", "d", "g", "t")
LIMITS = ("ci_low", "ci_high")
MEANS = ("m1", "m2")
SPREADS = ("sd1", "sd2")
EVENTS = ("events1", "events2", "non_events1", "non_events2")
#: From the scale that effects are pooled on back to that of the table.
BACK: dict[str, Callable[[Array], Array]] = {
    "identity": np.asarray,
    "ratio": np.exp,
    "r": np.tanh,
}
#: Half-widths of 95 % limits in standard errors.
REACH = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Sheet:
    """A study table to be changed.

    Parameters
    ----------
    columns : mapping of str to ndarray, shape (k,)
        Its columns.
    decimals : mapping of str to ndarray, shape (k,)
        The decimals that each cell was printed with; NaN where a number was computed.
    scale : str
        How effects and their limits are printed: ``"identity"``, ``"ratio"`` or ``"r"``.
    """

    columns: Mapping[str, Array]
    decimals: Mapping[str, Array]
    scale: str = "identity"

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(next(iter(self.columns.values())))

    def has(self, *names: str) -> bool:
        """Tell whether all of these columns are there."""
        return all(name in self.columns for name in names)

    def some(self, names: Sequence[str]) -> dict[str, Array]:
        """Return those of these columns that are there; a correlation beside means is no effect."""
        return {
            name: self.columns[name]
            for name in names
            if name in self.columns and not (name == "r" and "m1" in self.columns)
        }


New: TypeAlias = dict[str, "Array"]
Make: TypeAlias = Callable[[Sheet], Edits]


def leaving_out(sheet: Sheet) -> Edits:
    """Leave one study out."""
    return without_or_twice(sheet.k, (0,)) if sheet.k > 2 else nothing()


def leaving_two_out(sheet: Sheet) -> Edits:
    """Leave two studies out."""
    return without_two(sheet.k) if sheet.k > 3 else nothing()


def counting_twice(sheet: Sheet) -> Edits:
    """Count one study twice."""
    return without_or_twice(sheet.k, (2,))


def in_one(change: Callable[[Sheet], New]) -> Make:
    """Return the maker that changes one study at a time.

    Parameters
    ----------
    change : callable
        ``change(sheet)`` gives the changed columns.

    Returns
    -------
    callable
        From a sheet to its changed tables.
    """
    return lambda sheet: study_by_study(sheet.columns, change(sheet))


def in_all(*changes: Callable[[Sheet], New]) -> Make:
    """Return the maker that changes all studies alike, each way in its own table.

    Parameters
    ----------
    *changes : callable
        As for ``in_one``.

    Returns
    -------
    callable
        From a sheet to its changed tables.
    """
    return lambda sheet: one_after_the_other(
        whole_columns(sheet.columns, change(sheet)) for change in changes
    )


def in_each(*changes: Callable[[Sheet], New]) -> Make:
    """Return the maker that changes one study at a time in several ways.

    Parameters
    ----------
    *changes : callable
        As for ``in_one``.

    Returns
    -------
    callable
        From a sheet to its changed tables.
    """
    return lambda sheet: one_after_the_other(
        study_by_study(sheet.columns, change(sheet)) for change in changes
    )


def in_one_cell(names: Sequence[str], slip: Callable[[Array], Array]) -> Make:
    """Return the maker that changes one cell at a time by a slip of the pen.

    Parameters
    ----------
    names : sequence of str
        Columns whose cells may be meant.
    slip : callable
        From whole numbers, shape (k,), to every outcome, shape (w, k).

    Returns
    -------
    callable
        From a sheet to its changed tables.
    """

    def make(sheet: Sheet) -> Edits:
        return one_after_the_other(
            study_by_study(sheet.columns, {name: on_decimals(slip, values, sheet.decimals[name])})
            for name, values in sheet.some(names).items()
        )

    return make


def times(names: Sequence[str], *factors: float) -> Make:
    """Return the maker that multiplies one cell at a time.

    Parameters
    ----------
    names : sequence of str
        Columns whose cells may be meant.
    *factors : float
        By how much.

    Returns
    -------
    callable
        From a sheet to its changed tables.
    """

    def make(sheet: Sheet) -> Edits:
        return one_after_the_other(
            study_by_study(sheet.columns, {name: _whole(name, values * factor)})
            for name, values in sheet.some(names).items()
            for factor in factors
        )

    return make


def _whole(name: str, values: Array) -> Array:
    """Return sample sizes that are whole, NaN in place of others; other columns as they are."""
    if name not in SIZES:
        return values
    near = np.round(values)
    return np.where(np.abs(values - near) < 1e-9, near, np.nan)


# -- what is done to the columns ---------------------------------------------------------------


def turned(sheet: Sheet) -> New:
    """Turn the sign of effects, or ratios upside down; limits change places."""
    new = {name: _turned(sheet, values) for name, values in sheet.some(EFFECTS).items()}
    if new and sheet.has(*LIMITS):
        low, high = (_turned(sheet, sheet.columns[name]) for name in LIMITS)
        new |= {"ci_low": high, "ci_high": low}
    return new


def _turned(sheet: Sheet, values: Array) -> Array:
    if sheet.scale != "ratio":
        return -values
    with np.errstate(divide="ignore"):
        return np.asarray(1 / values)


def effect_alone_turned(sheet: Sheet) -> New:
    """Turn the sign of the effect, or a ratio upside down, and leave its limits."""
    if not sheet.has(*LIMITS):
        return {}
    return {n: _turned(sheet, v) for n, v in sheet.some(EFFECTS).items()}


def exchanged(*pairs: tuple[str, str]) -> Callable[[Sheet], New]:
    """Return the change that exchanges columns two by two.

    Pairs that are not there stay out of it; without the first there is no change.

    Parameters
    ----------
    *pairs : tuple of (str, str)
        The columns.

    Returns
    -------
    callable
        From a sheet to the changed columns.
    """

    def change(sheet: Sheet) -> New:
        there = [pair for pair in pairs if sheet.has(*pair)]
        if pairs[0] not in there:
            return {}
        return {a: sheet.columns[b] for a, b in there} | {b: sheet.columns[a] for a, b in there}

    return change


ARMS = (("m1", "m2"), ("sd1", "sd2"), ("n1", "n2"))
EVENT_ARMS = (("events1", "events2"), ("non_events1", "non_events2"), ("n1", "n2"))


def arms_swapped(sheet: Sheet) -> New:
    """Exchange all that is known of the two groups."""
    return exchanged(*(ARMS if sheet.has("m1", "m2") else EVENT_ARMS))(sheet)


def means_swapped(sheet: Sheet) -> New:
    """Exchange the means alone."""
    return exchanged(("m1", "m2"))(sheet)


def sizes_swapped(sheet: Sheet) -> New:
    """Exchange the sizes of the two groups."""
    return exchanged(("n1", "n2"))(sheet)


def spreads_swapped(sheet: Sheet) -> New:
    """Exchange the standard deviations of the two groups."""
    return exchanged(("sd1", "sd2"))(sheet)


def mean_and_spread_swapped(sheet: Sheet) -> New:
    """Exchange mean and standard deviation in both groups."""
    return exchanged(("m1", "sd1"), ("m2", "sd2"))(sheet)


def total_in_each(sheet: Sheet) -> New:
    """Take the total for the size of each group."""
    if not sheet.has("n1", "n2"):
        return {}
    total = sheet.columns["n1"] + sheet.columns["n2"]
    return {"n1": total, "n2": total}


def total_in(name: str) -> Callable[[Sheet], New]:
    """Return the change that takes the total for the size of one group.

    Parameters
    ----------
    name : str
        ``"n1"`` or ``"n2"``.

    Returns
    -------
    callable
        From a sheet to the changed columns.
    """
    return lambda sheet: {name: total_in_each(sheet)[name]} if sheet.has("n1", "n2") else {}


def halved(sheet: Sheet) -> New:
    """Take the sizes of groups, or the total, for twice what they are."""
    names = ("n1", "n2") if sheet.has("n1", "n2") else ("n",)
    return {name: _whole(name, values / 2) for name, values in sheet.some(names).items()}


def doubled(sheet: Sheet) -> New:
    """Take the total for the size of one of two groups."""
    return {"n": 2 * sheet.columns["n"]} if sheet.has("n") and not sheet.has("n1") else {}


def spreads_by(root: float) -> Callable[[Sheet], New]:
    """Return the change that multiplies both standard deviations by a power of √n.

    Parameters
    ----------
    root : float
        1 where standard errors were given for standard deviations, -1 the other way round.

    Returns
    -------
    callable
        From a sheet to the changed columns.
    """

    def change(sheet: Sheet) -> New:
        if not sheet.has("sd1", "sd2", "n1", "n2"):
            return {}
        c = sheet.columns
        return {f"sd{i}": c[f"sd{i}"] * c[f"n{i}"] ** (root / 2) for i in "12"}

    return change


def spreads_to(power: float) -> Callable[[Sheet], New]:
    """Return the change that takes powers of spreads: variances for them, or the reverse.

    Parameters
    ----------
    power : float
        2 makes variances of them, 1/2 takes them for variances.

    Returns
    -------
    callable
        From a sheet to the changed columns.
    """

    def change(sheet: Sheet) -> New:
        return {name: v**power for name, v in sheet.some((*SPREADS, "sei", "vi")).items()}

    return change


def sei_by_n(root: float) -> Callable[[Sheet], New]:
    """Return the change that takes standard errors of effects for SDs, or the reverse.

    Parameters
    ----------
    root : float
        1 multiplies by √n, -1 divides.

    Returns
    -------
    callable
        From a sheet to the changed columns.
    """

    def change(sheet: Sheet) -> New:
        n = _total(sheet)
        if n is None:
            return {}
        new = {"sei": sheet.columns["sei"] * n ** (root / 2)} if sheet.has("sei") else {}
        return new | ({"vi": sheet.columns["vi"] * n**root} if sheet.has("vi") else {})

    return change


def limits_by(factor: float) -> Callable[[Sheet], New]:
    """Return the change that widens limits: what stood there was reached by another multiple.

    Parameters
    ----------
    factor : float
        New half-width over old.

    Returns
    -------
    callable
        From a sheet to the changed columns.
    """

    def change(sheet: Sheet) -> New:
        if not sheet.has(*LIMITS):
            return {n: v * factor for n, v in sheet.some(("sei",)).items()}
        to, back = SCALES[sheet.scale], BACK[sheet.scale]
        with np.errstate(all="ignore"):
            low, high = (to(sheet.columns[name]) for name in LIMITS)
            middle = (low + high) / 2
            return {
                "ci_low": back(middle + factor * (low - middle)),
                "ci_high": back(middle + factor * (high - middle)),
            }

    return change


def _total(sheet: Sheet) -> Array | None:
    """Return the people of each study."""
    if sheet.has("n"):
        return sheet.columns["n"]
    return sheet.columns["n1"] + sheet.columns["n2"] if sheet.has("n1", "n2") else None


def hedges(power: int) -> Callable[[Sheet], New]:
    """Return the change that takes d for g, or the reverse.

    Parameters
    ----------
    power : int
        1 corrects by Hedges' factor what was not corrected, -1 undoes the correction.

    Returns
    -------
    callable
        From a sheet to the changed columns.
    """

    def change(sheet: Sheet) -> New:
        n, effects = _total(sheet), sheet.some(("d", "g", "yi"))
        if n is None or not effects or sheet.scale != "identity":
            return {}
        with np.errstate(all="ignore"):
            factor = np.where(n > 3, hedges_factor(np.where(n > 3, n - 2, 2.0)), np.nan) ** power
        limits = sheet.some((*LIMITS, "sei")) if sheet.has("yi") else {}
        return {name: v * factor for name, v in (effects | limits).items()}

    return change


def through(function: Callable[[Array], Array], *names: str) -> Callable[[Sheet], New]:
    """Return the change that takes effects, and limits with them, for those on another scale.

    Parameters
    ----------
    function : callable
        From the scale of the table to the other one.
    *names : str
        Columns of effects that it may concern.

    Returns
    -------
    callable
        From a sheet to the changed columns.
    """

    def change(sheet: Sheet) -> New:
        effects = sheet.some(names)
        limits = sheet.some(LIMITS) if effects else {}
        with np.errstate(all="ignore"):
            return {name: function(v) for name, v in (effects | limits).items()}

    return change
