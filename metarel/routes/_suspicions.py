"""What may be wrong with a row: each suspicion a declared check over the whole table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from metarel._vocabulary import SYMBOLS
from metarel.routes._inputs import ORDERED
from metarel.routes._walk import Routed, fails

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array
    from metarel.routes._cells import Cells

Severity = Literal["impossible", "contradiction", "unlikely"]

#: A spread below this share of the typical one, which its SE would not be, may be an SE.
FAR_BELOW = 0.5
#: An SE times √n within this factor of the typical spread passes for one.
NEAR = 1.6
#: Robust deviates from the median effect beyond which a turned sign is considered.
FAR_OUT = 3.0
#: Rows that a comparison with the rest needs.
ENOUGH = 4


@dataclass(frozen=True, slots=True)
class Screened:
    """A table under suspicion.

    Parameters
    ----------
    cells : mapping of str to Cells
        What was given, unchecked.
    usable : mapping of str to Cells
        The same without impossible values, and empty columns for all other words.
    routed : Routed or None
        Every route over the usable cells; None where there is none.
    bound : float
        The size of an effect that is worth a second look.
    standardised : bool
        Whether the measure is in units of a standard deviation, so that sizes mean something.
    groups : ndarray of int, shape (k,)
        Which rows share an outcome, so that their spreads can be compared.
    index : Index or None
        What the rows are called.
    twins : mapping of int to int
        Rows that repeat an earlier one in every cell, and which that is.
    """

    cells: Mapping[str, Cells]
    usable: Mapping[str, Cells]
    routed: Routed | None
    bound: float
    standardised: bool
    groups: NDArray[np.intp]
    index: Any = None
    twins: Mapping[int, int] = field(default_factory=dict)

    @property
    def k(self) -> int:
        """Return the count of rows."""
        return len(self.groups)

    def value(self, word: str) -> Array:
        """Return the possible numbers of a word, NaN where there are none."""
        return self._numbers(self.usable, word)

    def given(self, word: str) -> Array:
        """Return the numbers of a word as they came, NaN where there are none."""
        return self._numbers(self.cells, word)

    def _numbers(self, cells: Mapping[str, Cells], word: str) -> Array:
        return cells[word].value if word in cells else np.full(self.k, np.nan)


@dataclass(frozen=True, slots=True)
class Finding:
    """One suspicion about one row.

    Parameters
    ----------
    row : int
        Its place.
    words : tuple of str
        The input words concerned.
    message : str
        What is odd, with the numbers.
    way_out : str
        What to look at.
    """

    row: int
    words: tuple[str, ...]
    message: str
    way_out: str


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A check by its name.

    Parameters
    ----------
    code : str
        Its name, as it stands in the column `finding`.
    severity : {"impossible", "contradiction", "unlikely"}
        Impossible in itself; not to be true together with another number; merely rare.
    find : callable
        ``find(screened)`` yields findings.
    """

    code: str
    severity: Severity
    find: Callable[[Screened], Iterator[Finding]]


def _rows(mask: NDArray[np.bool_]) -> list[int]:
    return [int(row) for row in np.flatnonzero(mask)]


def _outside(x: Screened) -> Iterator[Finding]:
    for word, cell in x.cells.items():
        domain = SYMBOLS[word].domain
        low = cell.value <= domain.low if domain.open_low else cell.value < domain.low
        high = cell.value >= domain.high if domain.open_high else cell.value > domain.high
        for row in _rows(low | high):
            yield Finding(
                row,
                (word,),
                f"{word} is {cell.value[row]:g}; it must be {domain}",
                "look the number up; a decimal point or a sign may be lost",
            )


def _broken_people(x: Screened) -> Iterator[Finding]:
    for word, cell in x.cells.items():
        if SYMBOLS[word].unit == "people":
            for row in _rows(np.isfinite(cell.value) & (cell.value != np.round(cell.value))):
                yield Finding(
                    row,
                    (word,),
                    f"{word} is {cell.value[row]:g}, which is no count of people",
                    "is this a mean, a percentage, or an effective sample size?",
                )


def _disorder(x: Screened) -> Iterator[Finding]:
    for chain in ORDERED:
        there = [word for word in chain if word in x.cells]
        for lower, upper in pairwise(there):
            for row in _rows(x.cells[lower].low > x.cells[upper].high):
                yield Finding(
                    row,
                    (lower, upper),
                    f"{lower} is {x.cells[lower].value[row]:g} and {upper} "
                    f"{x.cells[upper].value[row]:g}, which is lower",
                    "the columns may be swapped, or a sign lost",
                )


def _more_events_than_people(x: Screened) -> Iterator[Finding]:
    for i in "12":
        events, n = x.given(f"events{i}"), x.given(f"n{i}")
        for row in _rows(events > n):
            yield Finding(
                row,
                (f"events{i}", f"n{i}"),
                f"events{i} is {events[row]:g} of {n[row]:g} people",
                "are these percentages, or non-events?",
            )


def _sizes_that_do_not_add(x: Screened) -> Iterator[Finding]:
    n, total = x.value("n"), x.value("n1") + x.value("n2")
    for row in _rows(np.abs(n - total) > 0.5):
        yield Finding(
            row,
            ("n", "n1", "n2"),
            f"n is {n[row]:g}, n1 + n2 is {total[row]:g}",
            "one may count people randomised and the other people analysed",
        )


def _percentages_of_no_count(x: Screened) -> Iterator[Finding]:
    """A percentage of n people is a whole count of them."""
    for i in "12":
        cell, n = x.cells.get(f"percent{i}"), x.given(f"n{i}")
        if cell is None:
            continue
        lowest = np.ceil(cell.low * n / 100 - 1e-9)
        for row in _rows(np.isfinite(n) & (lowest > cell.high * n / 100 + 1e-9)):
            yield Finding(
                row,
                (f"percent{i}", f"n{i}"),
                f"no count of {n[row]:g} people is {cell.value[row]:g} %",
                "the percentage may be of fewer people, because some are missing",
            )


def _routes_that_contradict(x: Screened) -> Iterator[Finding]:
    if x.routed is None:
        return
    low, high = x.routed.table("low"), x.routed.table("high")
    exact = np.array([s.route.exactness == "exact" for s in x.routed.steps])
    for row in _rows(x.routed.conflict):
        there = np.flatnonzero(exact & x.routed.there[:, row])
        top = there[np.argmax(low[there, row])]
        bottom = there[np.argmin(high[there, row])]
        first, second = (x.routed.steps[place].route for place in (top, bottom))
        yield Finding(
            row,
            tuple(dict.fromkeys((*first.needs, *second.needs))),
            f"{first.code!r} gives {low[top, row]:.4g} or more, {second.code!r} gives "
            f"{high[bottom, row]:.4g} or less, whatever the digits behind the rounding",
            "one of these numbers is wrong, or is of another analysis (a subsample, a covariate, "
            "a Welch test)",
        )


def _routes_that_lead_nowhere(x: Screened) -> Iterator[Finding]:
    """A route has all its numbers, and they are of no effect: a correlation above 1, say."""
    if x.routed is None:
        return
    for place, step in enumerate(x.routed.steps):
        for row in _rows(fails(x.routed, place)):
            yield Finding(
                row,
                step.needs,
                f"the numbers for {step.route.code!r} give no effect",
                "they contradict each other (an SD or a test of change that no correlation "
                "allows, a test with the other sign), or F compares more than two groups",
            )


def _standard_errors_as_sds(x: Screened) -> Iterator[Finding]:
    """An SD that is far below the others of its outcome, and not so once multiplied by √n."""
    typical = _typical_spread(x)
    for i in "12":
        sd, n = x.value(f"sd{i}"), x.value(f"n{i}")
        with np.errstate(all="ignore"):
            ratio, corrected = sd / typical, sd * np.sqrt(n) / typical
            odd = (ratio < FAR_BELOW) & (np.abs(np.log(corrected)) < np.log(NEAR))
        for row in _rows(odd):
            yield Finding(
                row,
                (f"sd{i}",),
                f"sd{i} is {sd[row]:g} where others of the outcome are about {typical[row]:.3g}; "
                f"times √n it would be {sd[row] * np.sqrt(n[row]):.3g}",
                "is it a standard error?",
            )


def _typical_spread(x: Screened) -> Array:
    """Return the median SD of the other rows of the same outcome; NaN where there are too few."""
    spread = np.sqrt((x.value("sd1") ** 2 + x.value("sd2") ** 2) / 2)
    typical = np.full(x.k, np.nan)
    for group in np.unique(x.groups):
        members = np.flatnonzero((x.groups == group) & np.isfinite(spread))
        if len(members) >= ENOUGH:
            # The median hardly moves with one row, so that each may be held against all.
            typical[members] = np.median(spread[members])
    return typical


def _effects_by_errors(x: Screened) -> Iterator[Finding]:
    """Means and SDs contradict the test, and would not were the SDs standard errors."""
    if x.routed is None:
        return
    codes = [step.route.code for step in x.routed.steps]
    if "means and SDs" not in codes:
        return
    place = codes.index("means and SDs")
    effect = x.routed.table("yi")[place]
    # With n about the same in both groups, SEs for SDs make the effect √n times as large.
    root_n = np.sqrt((x.value("n1") + x.value("n2")) / 2)
    low, high = x.routed.table("low"), x.routed.table("high")
    for other, step in enumerate(x.routed.steps):
        if other == place or step.route.code not in ("t", "F", "p", "d", "g", "point-biserial r"):
            continue
        shrunk = effect / root_n
        slack = 0.1 * np.abs(shrunk)
        alike = (shrunk >= low[other] - slack) & (shrunk <= high[other] + slack)
        apart = (effect < low[other]) | (effect > high[other])
        there = x.routed.there[place] & x.routed.there[other] & x.routed.conflict
        for row in _rows(there & alike & apart & (root_n > 1.5)):
            yield Finding(
                row,
                ("sd1", "sd2", *step.route.needs[:1]),
                f"means and SDs give {effect[row]:.3g}, {step.route.code!r} gives "
                f"{x.routed.table('yi')[other][row]:.3g}, about √n times less",
                "the SDs are standard errors",
            )


def _swapped_arms(x: Screened) -> Iterator[Finding]:
    """Two routes give the same size and opposite signs."""
    if x.routed is None or x.routed.chosen.size == 0:
        return
    low, high = x.routed.table("low"), x.routed.table("high")
    taken_low, taken_high = x.routed.picked("low"), x.routed.picked("high")
    for place, step in enumerate(x.routed.steps):
        if step.route.unsigned:
            continue
        turned = (-high[place] <= taken_high) & (-low[place] >= taken_low)
        apart = (low[place] > taken_high) | (high[place] < taken_low)
        there = x.routed.there[place] & (x.routed.chosen >= 0)
        for row in _rows(turned & apart & there):
            first = x.routed.steps[x.routed.chosen[row]].route
            yield Finding(
                row,
                tuple(dict.fromkeys((*first.needs, *step.route.needs))),
                f"{first.code!r} gives {x.routed.picked('yi')[row]:.3g}, {step.route.code!r} "
                f"{x.routed.table('yi')[place][row]:.3g}: the same size with the other sign",
                "the arms, or the direction of the scale, are swapped in one of them",
            )


def _large_effects(x: Screened) -> Iterator[Finding]:
    if x.routed is None or not x.standardised:
        return
    yi = x.routed.picked("yi")
    for row in _rows(np.abs(yi) > x.bound):
        yield Finding(
            row,
            x.routed.steps[x.routed.chosen[row]].route.needs,
            f"the effect is {yi[row]:.3g}, beyond ±{x.bound:g}",
            "are SDs standard errors, or SDs of change, or is a decimal point lost?",
        )


def _signs_against_the_rest(x: Screened) -> Iterator[Finding]:
    """An effect far from the others that would lie among them with its sign turned."""
    if x.routed is None:
        return
    yi, vi = x.routed.picked("yi"), x.routed.picked("vi")
    known = np.isfinite(yi)
    if known.sum() < ENOUGH + 1:
        return
    middle = np.median(yi[known])
    spread = 1.4826 * np.median(np.abs(yi[known] - middle))
    with np.errstate(invalid="ignore"):
        error = np.sqrt(vi + spread**2)
        far = np.abs(yi - middle) > FAR_OUT * error
        near = np.abs(-yi - middle) < error
    for row in _rows(known & far & near & (np.sign(yi) != np.sign(middle))):
        yield Finding(
            row,
            x.routed.steps[x.routed.chosen[row]].route.needs,
            f"the effect is {yi[row]:.3g} where half of all lie beyond {middle:.3g}; turned it "
            "would lie among them",
            "does a high score mean the opposite in this study?",
        )


def _bare_signs(x: Screened) -> Iterator[Finding]:
    """A t without a minus gives the only positive effects among negative ones."""
    t = x.value("t")
    if x.routed is None or not (t > 0).any() or (t < 0).any():
        return
    yi = x.routed.picked("yi")
    by_t = np.array(["t" in step.needs for step in x.routed.steps])[x.routed.chosen]
    bare = by_t & (yi > 0)
    others = np.isfinite(yi) & ~bare
    negative = int((yi[others] < 0).sum())
    if others.sum() < ENOUGH - 1 or 2 * negative <= others.sum():
        return
    for row in _rows(bare):
        yield Finding(
            row,
            ("t",),
            f"the sign is that of t = {t[row]:g}, as printed; {negative} of the other "
            f"{int(others.sum())} effects are negative",
            "papers print t without its sign: is group 1 higher here?",
        )


def _same_numbers(x: Screened) -> Iterator[Finding]:
    """Two rows that print the same numbers throughout, four at least, or every cell."""
    words = list(x.cells)
    table = np.array([x.cells[word].value for word in words]).T
    enough = np.isfinite(table).sum(axis=1) >= ENOUGH
    seen: dict[bytes, int] = {}
    first = dict(x.twins)
    for row in _rows(enough):
        key = np.nan_to_num(table[row], nan=-np.pi).tobytes()
        if seen.setdefault(key, row) != row:
            first.setdefault(row, seen[key])
    for row, earlier in sorted(first.items()):
        named = earlier if x.index is None else x.index[earlier]
        yield Finding(
            row,
            tuple(words),
            f"every number is that of row {named}",
            "is it the same sample, entered twice?",
        )


#: In the order in which a row lists them.
SUSPICIONS: tuple[Suspicion, ...] = (
    Suspicion("value outside its range", "impossible", _outside),
    Suspicion("no whole number of people", "unlikely", _broken_people),
    Suspicion("limits out of order", "impossible", _disorder),
    Suspicion("more events than people", "impossible", _more_events_than_people),
    Suspicion("percentage of no count", "impossible", _percentages_of_no_count),
    Suspicion("sizes that do not add up", "contradiction", _sizes_that_do_not_add),
    Suspicion("numbers that give no effect", "contradiction", _routes_that_lead_nowhere),
    Suspicion("routes contradict each other", "contradiction", _routes_that_contradict),
    Suspicion("SE given as SD, by the test", "contradiction", _effects_by_errors),
    Suspicion("swapped arms", "contradiction", _swapped_arms),
    Suspicion("SE given as SD, by the other rows", "unlikely", _standard_errors_as_sds),
    Suspicion("large effect", "unlikely", _large_effects),
    Suspicion("sign against the rest", "unlikely", _signs_against_the_rest),
    Suspicion("sign of a bare t", "unlikely", _bare_signs),
    Suspicion("same numbers twice", "unlikely", _same_numbers),
)
