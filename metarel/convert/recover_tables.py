"""2 × 2 tables from their margins and one printed statistic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_domain, index_of, resolve, row_names
from metarel._distributions import two_sided_p
from metarel._format import listing
from metarel._lazy import pd
from metarel._vocabulary import CORRELATION, POSITIVE, Domain
from metarel.convert.recover_tests import statistic_from_p
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._checks import Array, Column

CELLS = ("events1", "non_events1", "events2", "non_events2")


@dataclass(frozen=True, slots=True)
class Margins:
    """What is printed of a table: all people, those of group 1, and those with the event."""

    n: Array
    n1: Array
    events: Array

    @property
    def spread(self) -> Array:
        """Return √(n1 n2 events non-events), which makes ad − bc a phi coefficient."""
        return np.sqrt(self.n1 * (self.n - self.n1) * self.events) * np.sqrt(self.n - self.events)

    def phi(self, events1: Array) -> Array:
        """Return the phi coefficient of the table with these margins."""
        return (self.n * events1 - self.n1 * self.events) / self.spread

    def cells(self, events1: Array) -> tuple[Array, Array, Array, Array]:
        """Return the four cells; NaN in rows where one would be negative."""
        others = self.n1 - events1, self.events - events1
        cells = (events1, others[0], others[1], self.n - self.n1 - others[1])
        with np.errstate(invalid="ignore"):
            bad = np.logical_or.reduce([cell < 0 for cell in cells])
        a, b, c, d = (np.where(bad, np.nan, cell) for cell in cells)
        return a, b, c, d


@np.errstate(invalid="ignore", divide="ignore")
def events_from_odds_ratio(odds_ratio: Array, margins: Margins) -> Array:
    """Return the events of group 1 from the odds ratio.

    Parameters
    ----------
    odds_ratio : ndarray
        Odds ratio ad/(bc).
    margins : Margins
        The margins.

    Returns
    -------
    ndarray
        The cell a, not rounded: the root of (OR − 1)a² − (n + (OR − 1)(n1 + events))a +
        OR n1 events = 0 that lies within the margins [bonett2007].
    """
    odds_ratio, n, n1 = np.asarray(odds_ratio, dtype=float), margins.n, margins.n1
    both, excess = n1 + margins.events, odds_ratio - 1
    product = odds_ratio * n1 * margins.events
    linear = (n - both) + odds_ratio * both
    # The discriminant as a sum of what is not negative, above 1 and below, so that no digits go.
    across = n1 * (n - margins.events) + margins.events * (n - n1)
    above = (excess * (n1 - margins.events)) ** 2 + n**2 + 2 * excess * across
    root = np.sqrt(np.where(excess > 0, above, linear**2 - 4 * excess * product))
    return np.where(linear > 0, 2 * product / (linear + root), (linear - root) / (2 * excess))


@np.errstate(invalid="ignore")
def events_from_phi(phi: Array, margins: Margins) -> Array:
    """Return the events of group 1 from the phi coefficient.

    Parameters
    ----------
    phi : ndarray
        Phi coefficient, the correlation of group and event.
    margins : Margins
        The margins.

    Returns
    -------
    ndarray
        The cell a, not rounded: (n1 events + phi √(n1 n2 events non-events))/n, as phi is
        (ad − bc)/√(n1 n2 events non-events).
    """
    phi = np.asarray(phi, dtype=float)
    return (margins.n1 * margins.events + phi * margins.spread) / margins.n


@np.errstate(invalid="ignore", divide="ignore")
def phi_from_chi2(chi2: Array, margins: Margins, *, yates: bool) -> Array:
    """Return the phi coefficient from a chi-square that carries the sign of the association.

    Parameters
    ----------
    chi2 : ndarray
        Chi-square with one degree of freedom, negative where group 1 has fewer events than
        expected.
    margins : Margins
        The margins.
    yates : bool
        Whether it was corrected for continuity: n (|ad − bc| − n/2)²/(n1 n2 events non-events).

    Returns
    -------
    ndarray
        ±√(|chi2|/n), to which the correction adds (n/2)/√(n1 n2 events non-events). NaN for a
        corrected chi-square of 0, which leaves ad − bc open from −n/2 to n/2.
    """
    chi2 = np.asarray(chi2, dtype=float)
    size = np.sqrt(np.abs(chi2) / margins.n)
    if yates:
        size = np.where(chi2 == 0, np.nan, size + margins.n / 2 / margins.spread)
    return np.copysign(size, chi2)


def chi2_from_p(p: Array) -> Array:
    """Return the chi-square with one degree of freedom from its p-value, keeping a sign.

    Parameters
    ----------
    p : ndarray
        p-value; a minus sign says that group 1 has fewer events than expected.

    Returns
    -------
    ndarray
        The square of the normal quantile at p/2, with the sign of p.
    """
    return np.copysign(statistic_from_p(p) ** 2, p)


@np.errstate(invalid="ignore", divide="ignore")
def _chi2_of(events1: Array, margins: Margins, yates: bool) -> Array:
    """Return the signed chi-square of a table, the inverse of `phi_from_chi2`."""
    phi = margins.phi(events1)
    size = np.abs(phi) - (margins.n / 2 / margins.spread if yates else 0.0)
    return np.copysign(margins.n * np.maximum(size, 0.0) ** 2, phi)


@np.errstate(invalid="ignore", divide="ignore")
def _odds_ratio_of(events1: Array, margins: Margins) -> Array:
    a, b, c, d = margins.cells(events1)
    return a * d / (b * c)


@np.errstate(invalid="ignore")
def _p_of(events1: Array, margins: Margins, yates: bool) -> Array:
    from_chi2 = _chi2_of(events1, margins, yates)
    # The tail of chi-square with 1 df is twice that of the normal at its root.
    return np.copysign(two_sided_p(np.sqrt(np.abs(from_chi2)), np.inf), from_chi2)


@dataclass(frozen=True, slots=True)
class _Statistic:
    """A printed statistic: its domain, the events of group 1 from it, and itself from them."""

    domain: Domain
    events1: Callable[[Array, Margins, bool], Array]
    of: Callable[[Array, Margins, bool], Array]


STATISTICS: dict[str, _Statistic] = {
    "odds_ratio": _Statistic(
        POSITIVE,
        lambda value, m, _: events_from_odds_ratio(value, m),
        lambda a, m, _: _odds_ratio_of(a, m),
    ),
    "phi": _Statistic(
        CORRELATION, lambda value, m, _: events_from_phi(value, m), lambda a, m, _: m.phi(a)
    ),
    "chi2": _Statistic(
        Domain(),
        lambda value, m, yates: events_from_phi(phi_from_chi2(value, m, yates=yates), m),
        _chi2_of,
    ),
    "p": _Statistic(
        Domain(-1, 1),
        lambda value, m, yates: events_from_phi(
            phi_from_chi2(chi2_from_p(value), m, yates=yates), m
        ),
        _p_of,
    ),
}


def table_from_margins(
    data: pd.DataFrame | None = None,
    *,
    n: Column,
    n1: Column,
    events: Column,
    odds_ratio: Column | None = None,
    phi: Column | None = None,
    chi2: Column | None = None,
    p: Column | None = None,
    yates: bool | None = None,
) -> pd.DataFrame:
    """Reconstruct 2 × 2 tables from their margins and one statistic.

    Parameters
    ----------
    data : DataFrame, optional
        One row a table; None when the inputs are arrays or numbers.
    n, n1, events : column name, array or number
        All people, those of group 1, and those with the event in both groups together; whole
        numbers.
    odds_ratio : column name, array or number, optional
        Odds ratio, above 1 where group 1 has the higher odds.
    phi : column name, array or number, optional
        Phi coefficient.
    chi2 : column name, array or number, optional
        Chi-square with one degree of freedom, negative where group 1 has fewer events than
        expected.
    p : column name, array or number, optional
        Exact p-value of that chi-square, with a minus sign likewise.
    yates : bool, optional
        Whether ``chi2`` or ``p`` was corrected for continuity; must be said with either.

    Returns
    -------
    DataFrame
        With the index of ``data``: whole cells ``events1 non_events1 events2 non_events2`` (as
        floats) that keep the margins; ``unrounded``, the events of group 1 before rounding; and
        ``statistic`` and ``implied``: which statistic the row used, and its value in the whole
        table, to be held against the printed one. A row uses the first of ``odds_ratio``,
        ``phi``, ``chi2`` and ``p`` that it has; it is missing where it lacks an input.

    Raises
    ------
    InputError
        If no statistic is given, ``yates`` is not said where it matters, a margin exceeds ``n``,
        or no table with these margins has such a statistic.

    Notes
    -----
    The odds ratio gives a quadratic equation [bonett2007]; phi, √(chi2/n) and the corrected
    chi-square are linear in the cell. metafor's ``conv.2x2`` gives the same cells (its ``n2i`` is
    ``events``; its ``correct`` is ``yates``, by default true). Rounding of the statistic may move
    the cells, in large tables by several people: see ``implied``.

    References
    ----------
    [bonett2007]

    Examples
    --------
    >>> table = table_from_margins(n=[240, 240], n1=122, events=56, odds_ratio=[2.05, None],
    ...                            phi=[None, 0.15])
    >>> table[["events1", "non_events1", "events2", "non_events2"]].astype(int)
       events1  non_events1  events2  non_events2
    0       36           86       20           98
    1       36           86       20           98
    >>> table["implied"].round(3).tolist()
    [2.051, 0.148]
    """
    given = {"odds_ratio": odds_ratio, "phi": phi, "chi2": chi2, "p": p}
    printed = [word for word, value in given.items() if value is not None]
    _check_words(printed, yates)
    inputs = {"n": n, "n1": n1, "events": events, **given}
    vectors = resolve(data, inputs)
    for word in printed:
        check_domain(vectors[word], STATISTICS[word].domain, word)
    margins = _checked_margins(vectors)
    exact, used = _events1(vectors, printed, margins, bool(yates))
    _refuse_impossible(exact, used, vectors, margins)
    whole = np.round(exact)
    implied = np.full_like(whole, np.nan)
    for word in printed:
        implied = np.where(used == word, STATISTICS[word].of(whole, margins, bool(yates)), implied)
    columns: dict[str, Any] = dict(zip(CELLS, margins.cells(whole), strict=True))
    columns |= {"unrounded": exact, "statistic": used, "implied": implied}
    return pd.DataFrame(columns, index=index_of(data, inputs))


def _check_words(printed: list[str], yates: bool | None) -> None:
    """Refuse a call without a statistic, and one that leaves the correction open."""
    if not printed:
        raise InputError("One of `odds_ratio`, `phi`, `chi2` and `p` must be given.")
    if yates is not None and not isinstance(yates, (bool, np.bool_)):
        raise InputError(f"`yates` must be True or False; got {yates!r}.")
    matters = {"chi2", "p"} & set(printed)
    if matters and yates is None:
        raise InputError(
            "`yates` must be True or False with `chi2` or `p`: R corrects a 2 × 2 table for "
            "continuity unless told not to, and SPSS prints both."
        )
    if yates is not None and not matters:
        raise InputError("`yates` says how `chi2` or `p` was computed; neither was given.")


def _checked_margins(vectors: Mapping[str, Array]) -> Margins:
    """Return the margins, whole and within n."""
    check_domain(vectors["n"], Domain(0, open_low=True, whole=True), "n")
    for word in ("n1", "events"):
        check_domain(vectors[word], Domain(0, whole=True), word)
        with np.errstate(invalid="ignore"):
            rows = np.flatnonzero(vectors[word] > vectors["n"]).tolist()
        if rows:
            raise InputError(f"`{word}` must not exceed `n`, all people; see {row_names(rows)}.")
    return Margins(vectors["n"], vectors["n1"], vectors["events"])


def _events1(
    vectors: Mapping[str, Array], printed: list[str], margins: Margins, yates: bool
) -> tuple[Array, Array]:
    """Return the events of group 1 by the first statistic of each row, and which that was."""
    exact = np.full_like(margins.n, np.nan)
    used = np.full(margins.n.shape, None, dtype=object)
    for word in reversed(printed):
        has = ~np.isnan(vectors[word])
        exact = np.where(has, STATISTICS[word].events1(vectors[word], margins, yates), exact)
        used = np.where(has, word, used)
    return exact, used


def _refuse_impossible(
    exact: Array, used: Array, vectors: Mapping[str, Array], margins: Margins
) -> None:
    """Refuse rows with all inputs but no table: a negative cell, or margins that say nothing."""
    complete = ~np.isnan(margins.n + margins.n1 + margins.events) & (used != None)  # noqa: E711
    rows = np.flatnonzero(complete & np.isnan(margins.cells(np.round(exact))[0])).tolist()
    if rows:
        shown = [f"{used[row]} {vectors[used[row]][row]:g}" for row in rows]
        raise InputError(
            f"No table with the margins of {row_names(rows)} has the statistic given "
            f"({listing(shown, 3)}). Check the sign, which of the totals is `events`, and `yates`; "
            "a corrected chi-square of 0 fits several tables."
        )
