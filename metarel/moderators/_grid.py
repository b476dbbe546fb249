"""Reference grids: the design rows of mean effects at chosen values of the moderators."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._format import listing
from metarel._lazy import pd
from metarel._register import one_of
from metarel.errors import InputError
from metarel.models._design import Design, level_text, rebuild

if TYPE_CHECKING:
    from metarel._checks import Array

MOST_ROWS = 100_000


@dataclass(frozen=True)
class Grid:
    """Rows whose predictions are marginal means.

    Parameters
    ----------
    keys : DataFrame
        One row a mean; the values that tell the means apart.
    L : ndarray, shape (means, p)
        The design rows, averaged over the factors that are not keys.
    held : dict
        Each number that was held, and its value.
    averaged : tuple of str
        The factors that were averaged over.
    counts : ndarray of int, shape (means,), or None
        Studies in each combination of the factors among the keys; None without such factors.
    """

    keys: Any
    L: Array
    held: dict[str, float]
    averaged: tuple[str, ...]
    counts: Any


def reference_grid(
    design: Design, wanted: Sequence[str], at: Mapping[str, Any] | None, weights: str
) -> Grid:
    """Cross the levels of all factors, hold numbers at their means or at ``at``, and average.

    ``wanted`` are the variables to keep apart; so is whatever ``at`` gives several values.
    """
    if at is not None and not isinstance(at, Mapping):
        raise InputError(f"`at` must name moderators with their values, as a dict; got {at!r}.")
    at = dict(at or {})
    for name in [*wanted, *at]:
        if name not in design.variables:
            known = design.variables or ("(none)",)
            raise InputError(one_of("factor" if name in wanted else "at", known, name))
    found = {name: _values(design, name, at, name in wanted) for name in design.variables}
    several = [n for n in at if len(found[n]) > 1 and n not in wanted]
    keys = [*wanted, *several]
    values = {name: found[name] for name in dict.fromkeys([*keys, *found])}  # the slowest first
    size = math.prod(len(levels) for levels in values.values())
    if size > MOST_ROWS:
        raise InputError(
            f"`fit` has {size} combinations of levels, more than {MOST_ROWS}; "
            "hold some factors by `at`."
        )
    grid = pd.DataFrame(list(itertools.product(*values.values())), columns=list(values))
    X = rebuild(design, grid)
    averaged = tuple(n for n in design.factors if n not in keys and len(values[n]) > 1)
    share = _shares(design, grid, averaged, weights)
    groups = grid.groupby(keys, sort=False).ngroup().to_numpy()
    total = np.zeros((groups.max() + 1, X.shape[1]))
    np.add.at(total, groups, X * share[:, None])
    norm = np.bincount(groups, weights=share)
    first = [int(np.argmax(groups == g)) for g in range(len(norm))]
    rows = grid.iloc[first][keys].reset_index(drop=True)
    held = {n: float(v[0]) for n, v in values.items() if n not in design.factors and n not in keys}
    return Grid(rows, total / norm[:, None], held, averaged, _counts(design, rows))


def _values(design: Design, name: str, at: dict[str, Any], wanted: bool) -> list[Any]:
    """Return the values that a variable takes in the grid."""
    levels = design.factors.get(name)
    if name in at:
        given = at[name]
        listed = [given] if isinstance(given, str) or np.ndim(given) == 0 else list(given)
        if levels is not None:
            return [_level(name, value, levels) for value in listed]
        try:
            numbers = [float(value) for value in listed]
        except (TypeError, ValueError):
            raise InputError(f"`at` must give numbers for {name!r}; got {given!r}.") from None
        if not numbers or not np.isfinite(numbers).all():
            raise InputError(f"`at` must give finite numbers for {name!r}; got {given!r}.")
        return numbers
    if levels is not None:
        return list(levels)
    if wanted:
        raise InputError(
            f"`factor` {name!r} is a number and has no levels; say for which values by "
            f"at={{{name!r}: [...]}}, or enter it as C({name})."
        )
    return [float(design.frame[name].mean())]


def _level(name: str, value: Any, levels: Sequence[Any]) -> Any:
    """Return the level that a value names."""
    if value in levels:
        return value
    named = {level_text(level): level for level in levels}
    if str(value) in named:
        return named[str(value)]
    raise InputError(
        f"`at` has a level of {name} that the model has not seen: {value!r}; "
        f"it knows {listing(list(named), 12)}."
    )


def _shares(design: Design, grid: Any, averaged: tuple[str, ...], weights: str) -> Array:
    """Return each grid row's share: equal, or that of the studies with its levels."""
    if weights == "equal" or not averaged:
        return np.ones(len(grid))
    names = list(averaged)
    counts = design.frame.groupby(names, observed=True).size()
    found = [
        counts.get(key if len(names) > 1 else key[0], 0)
        for key in grid[names].itertuples(index=False, name=None)
    ]
    return np.array(found, dtype=float)


def _counts(design: Design, rows: Any) -> Any:
    """Count the studies that have the levels of each row; numbers among the keys do not count."""
    factors = [name for name in rows.columns if name in design.factors]
    if not factors:
        return None
    there = np.ones((len(rows), len(design.frame)), dtype=bool)
    for name in factors:
        studies = design.frame[name].astype(object).to_numpy()
        there &= rows[name].astype(object).to_numpy()[:, None] == studies[None, :]
    return there.sum(axis=1)
