"""Test statistics without a sign, given the one that the row has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.convert.register import EDGES

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.routes._route import Given


def t_from_f(given: Given) -> Array:
    """Return the t behind an F; NaN where F compares more than two things."""
    one = np.isnan(given["df1"]) | (given["df1"] == 1)
    f = np.where(one, given["f"], np.nan)
    return EDGES["F->t:definition"].forward(f, {"sign": given["sign"], "df1": np.ones_like(f)})


def root(word: str, given: Given) -> Array:
    """Return the correlation behind a share of variance, eta2 or r2."""
    return EDGES[f"{word}->r:definition"].forward(given[word], given)
