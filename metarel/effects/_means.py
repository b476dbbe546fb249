"""The design of two independent groups: means and standard deviations, or what replaces them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel.effects._measure import Design
from metarel.effects._parts import first_known, hedges_factor, pooled_sd, refuse_rows, t_from_p

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

MEANS = ("m1", "sd1", "n1", "m2", "sd2", "n2")
INSTEAD = (("d", "n1", "n2"), ("t", "n1", "n2"), ("p", "n1", "n2"), ("r", "n1", "n2"))


@dataclass(frozen=True, slots=True)
class TwoMeans:
    """Two groups; ``d`` is their difference over the pooled standard deviation, uncorrected."""

    m1: Array
    sd1: Array
    n1: Array
    m2: Array
    sd2: Array
    n2: Array
    d: Array
    correct: str

    @property
    def n(self) -> Array:
        """Return the size of both groups."""
        return self.n1 + self.n2

    @property
    def df(self) -> Array:
        """Return the degrees of freedom of the pooled standard deviation."""
        return self.n1 + self.n2 - 2

    @property
    def inverse_n(self) -> Array:
        """Return 1/n1 + 1/n2."""
        return 1 / self.n1 + 1 / self.n2

    def factor(self, df: Array | None = None) -> Array:
        """Return Hedges' factor of the form that was chosen."""
        return hedges_factor(self.df if df is None else df, self.correct)


def _complete(given: Given, options: Options) -> TwoMeans:
    known = {word: given[word] for word in MEANS if word in given}
    nothing = np.full_like(given["n1"], np.nan)
    x = {word: known.get(word, nothing) for word in MEANS}
    df = x["n1"] + x["n2"] - 2
    from_means = (x["m1"] - x["m2"]) / pooled_sd(x["sd1"], x["n1"], x["sd2"], x["n2"])
    r = given.get("r", nothing)
    t = first_known(
        given.get("t", nothing),
        t_from_p(given.get("p", nothing), df),
        r * np.sqrt(df / (1 - r**2)),
    )
    from_t = t * np.sqrt(1 / x["n1"] + 1 / x["n2"])
    d = first_known(from_means, given.get("d", nothing), from_t)
    return TwoMeans(**x, d=d, correct=options["correct"])


def _check(given: Given, labels: list[str] | None) -> None:
    if "p" in given:
        refuse_rows(given["p"] == 0, "`p` must not be 0; give the bound that was printed", labels)
    if "sd1" in given and "sd2" in given:
        no_spread = (given["sd1"] == 0) & (given["sd2"] == 0)
        refuse_rows(no_spread, "`sd1` and `sd2` must not both be 0", labels)


DESIGN = Design("two means", _complete, _check)
