"""The estimator of RevMan 5: DerSimonian-Laird with Q about the Mantel-Haenszel estimate."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from metarel._checks import check_choice, check_domain, resolve, row_names
from metarel._vocabulary import COUNT
from metarel.errors import InputError
from metarel.tau2._base import Tau2Estimator
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from metarel._checks import Array, Column
    from metarel._lazy import pd

#: Measures that have a Mantel-Haenszel estimate.
POOLED = ("OR", "RR", "RD")


def tau2_from_tables(
    data: pd.DataFrame | None,
    measure: str,
    *,
    events1: Column,
    n1: Column,
    events2: Column,
    n2: Column,
    add: float = 0.5,
) -> Tau2Estimator:
    """Make the estimator of tau2 that RevMan 5 uses with the Mantel-Haenszel method.

    RevMan takes Cochran's Q about the Mantel-Haenszel estimate, not about the inverse-variance
    mean, and puts it into DerSimonian and Laird's formula. The result goes to ``pool`` as
    ``tau2``, with effects of the same tables and the same measure.

    Parameters
    ----------
    data : DataFrame or None
        One row a study; None when arrays are passed.
    measure : {"OR", "RR", "RD"}
        The measure that is pooled; "OR" and "RR" on the log scale.
    events1, n1, events2, n2 : column name or array
        Events and sizes of the two groups, at least 0.
    add : float
        What is added to each cell of a table that has an empty one; 1/2 as in RevMan, 0 for the
        tables as they are.

    Returns
    -------
    Tau2Estimator
        "DLMH" with this centre.

    Raises
    ------
    InputError
        On another measure, counts below 0, more events than people, and tables without any
        information on the measure.

    Notes
    -----
    It may be used in ``pool`` of those rows alone: a subset or a subgroup has another
    Mantel-Haenszel estimate, and moderators have none; another number of studies is refused.
    ``add=0`` takes tables as they are. Tables in which nobody or everybody had
    the event say nothing of "OR" and "RR" and are left out, as their effects should be
    (``drop00=True`` in ``effect_sizes``). R's meta gives the same number with
    ``Q.Cochrane = TRUE``.

    References
    ----------
    [deeks2010], [mantel1959]

    Examples
    --------
    >>> import metarel as mr
    >>> cells = {"events1": [4, 62, 3], "n1": [119, 310, 228]}
    >>> cells |= {"events2": [11, 29, 11], "n2": [128, 274, 209]}
    >>> effects = mr.effect_sizes(None, "RR", **cells)
    >>> revman = mr.tau2_from_tables(None, "RR", **cells)
    >>> [round(mr.pool(effects, tau2=way).tau2, 4) for way in (revman, "DL")]
    [1.3184, 1.2972]
    """
    check_choice("measure", measure, POOLED)
    cells, known = read_tables(data, {"events1": events1, "n1": n1, "events2": events2, "n2": n2})
    cells = informative(cells[:, known], measure)
    declared, centre = TAU2["DLMH"], mantel_haenszel(cells, measure, add)
    return replace(
        declared, estimate=partial(declared.estimate, centre=centre, tables=cells.shape[1])
    )


def read_tables(data: pd.DataFrame | None, given: dict[str, Column]) -> tuple[Array, Array]:
    """Check the counts of 2 × 2 tables.

    Parameters
    ----------
    data : DataFrame or None
        The frame that column names refer to.
    given : dict
        The columns or arrays "events1", "n1", "events2", "n2".

    Returns
    -------
    tuple of ndarray
        Cells of shape (4, k): events and others of group 1, events and others of group 2; and
        which rows are complete.

    Raises
    ------
    InputError
        On counts below 0, more events than people, and when no row is complete.
    """
    counts = resolve(data, given)
    for name, values in counts.items():
        check_domain(values, COUNT, name)
    for group in "12":
        rows = np.flatnonzero(counts[f"events{group}"] > counts[f"n{group}"]).tolist()
        if rows:
            raise InputError(
                f"`events{group}` must not be above `n{group}`; it is in {row_names(rows)}."
            )
    known = ~np.isnan(sum(counts.values()))
    if not known.any():
        raise InputError("`data` has no rows that are complete: there is no table to pool.")
    a, n1, c, n2 = (counts[name] for name in ("events1", "n1", "events2", "n2"))
    return np.array([a, n1 - a, c, n2 - c]), known


def informative(cells: Array, measure: str) -> Array:
    """Leave out the tables that say nothing of a ratio: nobody or everybody had the event.

    Parameters
    ----------
    cells : ndarray, shape (4, k)
        Events and others of group 1, events and others of group 2.
    measure : {"OR", "RR", "RD"}
        The measure; every table says something of a difference.

    Returns
    -------
    ndarray, shape (4, m)
        The columns that stay.
    """
    if measure == "RD":
        return cells
    return cells[:, (cells[0] + cells[2] > 0) & (cells[1] + cells[3] > 0)]


def mantel_haenszel(cells: Array, measure: str, add: float) -> float:
    """Return the Mantel-Haenszel estimate: the log of an odds or risk ratio, or a difference.

    Parameters
    ----------
    cells : ndarray, shape (4, k)
        Events and others of group 1, events and others of group 2.
    measure : {"OR", "RR", "RD"}
        What to estimate.
    add : float
        Added to each cell of a table with an empty one.

    Returns
    -------
    float
        The estimate; the same number as metafor's ``rma.mh(add=c(add, add))``.

    Raises
    ------
    InputError
        When no table bears on the measure.

    References
    ----------
    [mantel1959], [greenland1985]
    """
    return pooled(adjusted(informative(cells, measure), add), measure)


def adjusted(cells: Array, add: float) -> Array:
    """Add to each cell of the tables with an empty one.

    Parameters
    ----------
    cells : ndarray, shape (4, k)
        Events and others of group 1, events and others of group 2.
    add : float
        What to add.

    Returns
    -------
    ndarray, shape (4, k)
        The cells.
    """
    return np.where((cells == 0).any(axis=0), cells + add, cells)


def pooled(cells: Array, measure: str) -> float:
    """Return the Mantel-Haenszel estimate of cells as they are; see ``mantel_haenszel``.

    Parameters
    ----------
    cells : ndarray, shape (4, k)
        Events and others of group 1, events and others of group 2.
    measure : {"OR", "RR", "RD"}
        What to estimate.

    Returns
    -------
    float
        The log of a ratio, or a difference.

    Raises
    ------
    InputError
        When no table bears on the measure.
    """
    a, b, c, d = cells
    n1, n2 = a + b, c + d
    if measure == "OR":
        above, below = a * d, b * c
    else:
        above, below = a * n2, c * n1
    n = n1 + n2
    if measure == "RD":
        return float(((above - below) / n).sum() / (n1 * n2 / n).sum())
    top, bottom = float((above / n).sum()), float((below / n).sum())
    if not (top > 0 and bottom > 0):
        raise InputError(
            f"`events1` and `events2` must leave an estimate of {measure}: one group has no "
            "events in any table. Use add=0.5."
        )
    return float(np.log(top / bottom))
