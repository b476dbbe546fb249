"""What a reader must know of computed effects: signs that nobody gave, sizes that are none."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from metarel._checks import row_names
from metarel._format import listing
from metarel.errors import MetarelWarning

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array
    from metarel.effects._measure import Measure

#: Statistics that papers print without their sign.
OFTEN_BARE = ("t", "p")
#: Sizes that stand beside a standard deviation, with which they are mistaken for each other;
#: elsewhere sizes and counts may be effective or imputed ones.
BESIDE_SD = {"n": "sd", "n1": "sd1", "n2": "sd2"}
#: Rows that a judgement of a whole column needs.
ENOUGH = 3


def warn_of_doubts(
    measure: Measure, given: Mapping[str, Array], yi: Array, names: Sequence[str] | None
) -> None:
    """Warn of signs that stand against the other rows, and of sizes that are no whole numbers.

    Parameters
    ----------
    measure : Measure
        What was computed.
    given : mapping of str to ndarray
        Checked inputs by word.
    yi : ndarray of shape (k,)
        The effects, with their signs turned where that was asked for.
    names : sequence of str or None
        Names of the rows.
    """
    for said in (*_bare_signs(measure, given, yi, names), *_broken_sizes(given)):
        warnings.warn(said, MetarelWarning, stacklevel=4)


def rows_by_word(measure: Measure, given: Mapping[str, Array], word: str) -> NDArray[np.bool_]:
    """Return the rows whose effect comes from a word: no set before that with it is complete."""
    length = len(next(iter(given.values())))
    taken = np.zeros(length, dtype=bool)
    by_word = np.zeros(length, dtype=bool)
    for way in measure.ways:
        if set(way) <= set(given):
            complete = np.all([np.isfinite(given[w]) for w in way], axis=0) & ~taken
            by_word |= complete & (word in way)
            taken |= complete
    return by_word


def _bare_signs(
    measure: Measure, given: Mapping[str, Array], yi: Array, names: Sequence[str] | None
) -> list[str]:
    """Say where a statistic without a minus gives the only positive effects among negative ones."""
    said = []
    for word in OFTEN_BARE:
        if word not in given or (given[word] < 0).any():
            continue  # whoever writes one minus writes all
        rows = rows_by_word(measure, given, word) & (yi > 0)
        others = np.isfinite(yi) & ~rows
        negative = int((yi[others] < 0).sum())
        if rows.any() and others.sum() >= ENOUGH and 2 * negative > others.sum():
            at = np.flatnonzero(rows).tolist()
            shown = listing([f"{given[word][row]:g}" for row in at])
            said.append(
                f"{row_names(at, names)}: sign taken from {word} = {shown} ({measure.direction}). "
                f"{negative} of the other {int(others.sum())} effects are negative: check the "
                f"direction, and write {word} with a minus where group 1 is lower."
            )
    return said


def _broken_sizes(given: Mapping[str, Array]) -> list[str]:
    """Say which sizes are no whole numbers in most rows, and whether SDs are such instead."""
    said = []
    for word, spread in BESIDE_SD.items():
        if word not in given or spread not in given:
            continue
        values, sd = given[word], given[spread]
        known = values[np.isfinite(values)]
        broken = known[known != np.round(known)]
        if len(known) < ENOUGH or 2 * len(broken) <= len(known):
            continue
        sd = sd[np.isfinite(sd)]
        swapped = len(sd) and 2 * (sd == np.round(sd)).sum() > len(sd)
        shown = listing([f"{value:g}" for value in broken], 3)
        asks = (
            f"`{spread}` is whole: are the two columns swapped?"
            if swapped
            else "is it another column, such as the SD?"
        )
        said.append(
            f"`{word}` is no whole number in {len(broken)} of {len(known)} rows ({shown}): {asks}"
        )
    return said
