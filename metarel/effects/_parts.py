"""What several families share: Hedges' factor, pooled spread, row averages, empty cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from metarel._checks import row_names
from metarel._lazy import special
from metarel.convert.hedges import approximate_factor, exact_factor
from metarel.convert.recover_tests import statistic_from_p
from metarel.effects._measure import Setting
from metarel.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

#: Where the third parameter of a hypergeometric function lets its series end early.
SERIES_FROM = 50.0
ZERO_CELLS = (
    Setting("add", "the amount added to every cell of a table that is adjusted", 0.5),
    Setting(
        "to",
        "the tables adjusted: those with an empty cell, all, all if any has one, or none",
        "only0",
        ("only0", "all", "if0all", "none"),
    ),
    Setting("add_to", "what the adjusted cells are used for", "both", ("both", "yi", "vi")),
)
ARMS = Setting(
    "continuity",
    "whether every cell of a table gets the same amount, or those of a group one in proportion to "
    "its size, the two amounts adding up to twice `add` (treatment-arm continuity correction)",
    "constant",
    ("constant", "TACC"),
)
DROP_EMPTY = Setting(
    "drop00", "leave out rows without events, or without non-events, at all", False
)


def hedges_factor(df: Array, correct: str = "exact") -> Array:
    """Return the factor that makes a standardised mean difference unbiased.

    Parameters
    ----------
    df : ndarray
        Degrees of freedom of the standard deviation.
    correct : {"exact", "approximate", "none"}
        The gamma functions of [hedges1981], his approximation 1 − 3 / (4 df − 1), or 1.

    Returns
    -------
    ndarray
        The factor; NaN where it does not exist (``df`` of 1 or less).
    """
    if correct == "none":
        return np.ones_like(np.asarray(df, dtype=float))
    return approximate_factor(df) if correct == "approximate" else exact_factor(df)


def pooled_sd(sd1: Array, n1: Array, sd2: Array, n2: Array) -> Array:
    """Return the standard deviation pooled over two groups with one population variance."""
    return np.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2))


def gauss_series(a: float, c: Array, z: Array) -> Array:
    """Return Gauss' hypergeometric function 2F1(a, a; c; z) for a of at most 1 and z in [0, 1].

    For c of 50 or more forty terms of its series are exact in double precision; there scipy's
    function, which serves below, has no value where z exceeds 0.9.
    """
    large = np.asarray(c) >= SERIES_FROM
    below = special.hyp2f1(a, a, np.where(large, np.nan, c), z)
    term = np.ones(np.broadcast(c, z).shape)
    total = term
    for k in range(40):
        term = term * ((a + k) ** 2 / (k + 1) / (c + k)) * z
        total = total + term
    return np.where(large, total, below)


def weighted_mean(values: Array, weights: Array) -> float:
    """Return the weighted mean over the rows where both are known."""
    known = np.isfinite(values) & np.isfinite(weights) & (weights > 0)
    return float(np.average(values[known], weights=weights[known])) if known.any() else np.nan


def first_known(*choices: Array) -> Array:
    """Return, row by row, the first value that is not missing."""
    result = choices[0]
    for choice in choices[1:]:
        result = np.where(np.isnan(result), choice, result)
    return result


def t_from_p(p: Array, df: Array) -> Array:
    """Return the t statistic of a two-sided p-value that carries the sign of the effect."""
    return np.sign(p) * statistic_from_p(p, df)


def adjust_cells(
    cells: Sequence[Array], options: Options, shares: Sequence[Array | float] | None = None
) -> tuple[Array, ...]:
    """Add to every cell, times its share, in the rows that the zero-cell policy names."""
    add, to = options["add"], options["to"]
    empty = np.any([cell == 0 for cell in cells], axis=0)
    if to == "none" or add == 0 or (to == "if0all" and not empty.any()):
        return tuple(cells)
    rows = empty if to == "only0" else np.ones_like(empty)
    given = shares or [1.0] * len(cells)
    return tuple(
        np.where(rows, cell + add * share, cell) for cell, share in zip(cells, given, strict=True)
    )


def blank(cells: Sequence[Array], rows: NDArray[np.bool_]) -> tuple[Array, ...]:
    """Make the cells of some rows missing."""
    return tuple(np.where(rows, np.nan, cell) for cell in cells)


def refuse_rows(bad: NDArray[np.bool_], sentence: str, labels: Sequence[str] | None) -> None:
    """Refuse the rows marked as bad; the sentence says what must hold."""
    rows = np.flatnonzero(bad)
    if rows.size:
        raise InputError(f"{sentence}; see {row_names(rows.tolist(), labels)}.")


def check_group(given: Given, words: tuple[str, str, str], labels: Sequence[str] | None) -> None:
    """Refuse rows whose events exceed the group, or do not add up to it with the non-events."""
    events, others, size = (given.get(word) for word in words)
    if events is None or size is None:
        return
    refuse_rows(events > size, f"`{words[0]}` must not exceed `{words[2]}`", labels)
    if others is not None:
        differs = np.abs(events + others - size) > 1e-8 * np.maximum(size, 1)
        refuse_rows(differs, f"`{words[0]}` and `{words[1]}` must add up to `{words[2]}`", labels)
