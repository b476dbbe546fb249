"""The design of one group measured twice: means, standard deviations and their correlation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import Domain
from metarel.convert.recover_prepost import sd_change
from metarel.effects._measure import Design
from metarel.effects._parts import first_known, hedges_factor, refuse_rows, t_from_p

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

PAIRS = ("m1", "sd1", "m2", "sd2", "r", "n")
INSTEAD = (("d", "n"), ("t", "n"), ("p", "n"))
AT_LEAST_TWO = {"n": Domain(2)}


@dataclass(frozen=True, slots=True)
class Change:
    """Two measurements of one group; ``d`` is the change over the SD of changes, uncorrected."""

    m1: Array
    sd1: Array
    m2: Array
    sd2: Array
    r: Array
    n: Array
    d: Array
    correct: str

    @property
    def change_variance(self) -> Array:
        """Return the variance of the changes."""
        return sd_change(self.sd1, self.sd2, self.r) ** 2

    def factor(self, df: Array) -> Array:
        """Return Hedges' factor of the form that was chosen."""
        return hedges_factor(df, self.correct)


def _complete(given: Given, options: Options) -> Change:
    nothing = np.full_like(given["n"], np.nan)
    m1, sd1, m2, sd2, r, n = (given.get(word, nothing) for word in PAIRS)
    changes = sd_change(sd1, sd2, r)
    t = first_known(given.get("t", nothing), t_from_p(given.get("p", nothing), n - 1))
    d = first_known((m1 - m2) / changes, given.get("d", nothing), t / np.sqrt(n))
    return Change(m1, sd1, m2, sd2, r, n, d, options["correct"])


def _check(given: Given, labels: list[str] | None) -> None:
    if "p" in given:
        refuse_rows(given["p"] == 0, "`p` must not be 0; give the bound that was printed", labels)


DESIGN = Design("change", _complete, _check)
