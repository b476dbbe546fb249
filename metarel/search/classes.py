"""Analyses that print the same: their distinct results, and the classes that survive figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.search.figures import PrintedFigure
    from metarel.search.specification import Specification

#: Decimals to which two unrounded results count as one.
SAME = 10
#: The quantities that tell two analyses apart.
TELLING = (
    "estimate", "ci_low", "ci_high", "p_value", "tau2", "Q", "I2", "I2_Q", "pi_low", "pi_high", "k",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class EquivalenceClass:
    """Analyses with one and the same result, unrounded.

    Parameters
    ----------
    specifications : tuple of Specification
        The closest to the declared analysis first.
    numbers : dict of str to float
        Their numbers.
    differs : int
        In how many choices the closest differs from the declared analysis.
    programs : tuple of str
        Programs that can be made to run any of them.
    """

    specifications: tuple[Specification, ...]
    numbers: dict[str, float]
    differs: int
    programs: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.specifications)

    @property
    def best(self) -> Specification:
        """The analysis closest to the declared one."""
        return self.specifications[0]


def units_of(figure: PrintedFigure, x: Array) -> Array:
    """Return numbers in whole units of a figure's last digit, rounded half up (away from 0).

    Parameters
    ----------
    figure : PrintedFigure
        The figure; one without digits leaves numbers as they are.
    x : ndarray
        Unrounded numbers.

    Returns
    -------
    ndarray
        Whole numbers as floats; NaN stays.
    """
    if figure.printed.unit is None:
        return np.asarray(x, dtype=float)
    return rounded(x, float(figure.printed.unit))


def rounded(x: Array, unit: float) -> Array:
    """Return numbers in whole units, half away from zero.

    Parameters
    ----------
    x : ndarray
        Numbers.
    unit : float
        The unit, such as 0.01.

    Returns
    -------
    ndarray
        Whole numbers as floats; -0 is 0.
    """
    scaled = np.asarray(x, dtype=float) / unit
    # a tie that binary fractions put a hair below is still a tie
    whole = np.floor(np.abs(scaled) * (1 + 4e-16) + 0.5)
    return np.sign(scaled) * whole + 0.0


def numbered(columns: Sequence[Array]) -> tuple[int, Any]:
    """Number the distinct rows of columns, those with NaN in the first as -1.

    Parameters
    ----------
    columns : sequence of ndarray, shape (n,)
        The columns.

    Returns
    -------
    tuple of (int, ndarray of int)
        How many there are, and the number of each row.
    """
    rows = np.stack([np.asarray(column, dtype=float) for column in columns], axis=1)
    there = np.isfinite(rows[:, 0])
    which = np.full(len(rows), -1)
    if not there.any():
        return 0, which
    found = np.unique(np.nan_to_num(rows[there], nan=-9e99), axis=0, return_inverse=True)
    which[there] = found[1].ravel()
    return len(found[0]), which


def exact_classes(numbers: Mapping[str, Array], quantities: Sequence[str]) -> tuple[int, Any]:
    """Number the distinct unrounded results.

    Parameters
    ----------
    numbers : mapping of str to ndarray
        The numbers of every analysis.
    quantities : sequence of str
        Those that count.

    Returns
    -------
    tuple of (int, ndarray of int)
        How many there are, and the number of each analysis; -1 for one that did not run.
    """
    ran = np.isfinite(numbers["estimate"])
    columns = [np.where(ran, 0.0, np.nan)]
    columns += [np.round(numbers[name], SAME) + 0.0 for name in quantities]
    return numbered(columns)


def collect(
    chosen: Sequence[int],
    which: Any,
    specifications: Sequence[Specification],
    numbers: Mapping[str, Array],
    differs: Any,
) -> tuple[EquivalenceClass, ...]:
    """Return the classes of chosen analyses, in the order in which their first members come.

    Parameters
    ----------
    chosen : sequence of int
        Positions of analyses, the closest first.
    which : ndarray of int
        The class of every analysis.
    specifications : sequence of Specification
        All analyses.
    numbers : mapping of str to ndarray
        Their numbers.
    differs : ndarray of int
        In how many choices each differs from the declared one.

    Returns
    -------
    tuple of EquivalenceClass
        The classes.
    """
    members: dict[int, list[int]] = {}
    for i in chosen:
        members.setdefault(int(which[i]), []).append(i)
    return tuple(
        EquivalenceClass(
            tuple(specifications[i] for i in rows),
            {name: float(values[rows[0]]) for name, values in numbers.items()},
            int(differs[rows[0]]),
        )
        for rows in members.values()
    )
