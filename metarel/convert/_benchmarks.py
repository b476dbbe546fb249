"""Effects of the field to hold one against: pooled effects of reviews, printed percentiles."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from functools import cached_property

from metarel._format import adaptive, count
from metarel.convert._benchmark_data import DISTRIBUTIONS as PRINTED_PERCENTILES
from metarel.convert._benchmark_data import POOLED as PRINTED_EFFECTS
from metarel.convert._meanings import converted

PERCENTILES = (25, 50, 75)
#: Two effects on one scale are the same if only the rounding of a computer tells them apart.
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class PooledEffect:
    """The pooled effect of one element, as its review prints it.

    Parameters
    ----------
    element : str
        What it is the effect of.
    metric : str
        ``"r"``, ``"d"`` or ``"g"``.
    printed : str
        The number with its digits.
    k : int
        Count of studies.
    """

    element: str
    metric: str
    printed: str
    k: int

    def on(self, metric: str) -> float:
        """Return it on the scale of d or r; a g is read as a d, and groups are equally large."""
        own = "d" if self.metric == "g" else self.metric
        return converted(float(self.printed), own, metric)


@dataclass(frozen=True)
class PooledEffects:
    """The pooled effects of one edition of reviews.

    Parameters
    ----------
    edition : int
        Year of the reviews.
    source : str
        Key of the overview that introduces them.
    effects : tuple of PooledEffect
        One an element.
    """

    edition: int
    source: str
    effects: tuple[PooledEffect, ...]

    @property
    def code(self) -> str:
        """Return the name of the statement."""
        return f"relationship elements {self.edition}"

    @cached_property
    def sizes(self) -> dict[str, tuple[float, ...]]:
        """Return the effects in increasing order, by metric."""
        return {m: tuple(sorted(e.on(m) for e in self.effects)) for m in ("d", "r")}

    def below(self, size: float, metric: str) -> int:
        """Return how many pooled effects are smaller than a size."""
        return sum(effect < size - _SAME for effect in self.sizes[metric])

    def words(self, size: float, metric: str) -> str:
        """Say where a size stands among them."""
        among = self.sizes[metric]
        lowest, middle, highest = among[0], statistics.median(among), among[-1]
        return (
            f"|{metric}| = {adaptive(size)} is larger than {self.below(size, metric)} of the "
            f"{count(len(among), 'pooled effect')} of relationship elements in the reviews of "
            f"{self.edition} (from {lowest:.2f} to {highest:.2f}, median {middle:.2f})"
        )


@dataclass(frozen=True, slots=True)
class Distribution:
    """Printed percentiles of many effects of a field.

    Parameters
    ----------
    name, metric : str
        A short name, and ``"r"`` or ``"d"``.
    what : str
        Which effects, as a phrase.
    source : str
        Key of the publication.
    marks : tuple of float
        The 25th, 50th and 75th percentile of their absolute sizes.
    """

    name: str
    metric: str
    what: str
    source: str
    marks: tuple[float, float, float]

    @property
    def code(self) -> str:
        """Return the name of the statement."""
        return f"percentiles of {self.name}"

    def words(self, size: float) -> str:
        """Say between which percentiles a size stands."""
        pairs = list(zip(PERCENTILES, self.marks, strict=True))
        below = [f"at or above the {p}th percentile ({m:g})" for p, m in pairs if m <= size]
        above = [f"below the {p}th percentile ({m:g})" for p, m in pairs if m > size]
        place = " and ".join([*below[-1:], *above[:1]])
        return f"|{self.metric}| = {adaptive(size)} is {place} of {self.what}"


POOLED: tuple[PooledEffects, ...] = tuple(
    PooledEffects(
        edition,
        overview,
        tuple(
            PooledEffect(element, metric, printed, k)
            for when, _, element, metric, printed, k in PRINTED_EFFECTS
            if when == edition
        ),
    )
    for edition, overview in dict.fromkeys((row[0], row[1]) for row in PRINTED_EFFECTS)
)

DISTRIBUTIONS: tuple[Distribution, ...] = tuple(Distribution(*row) for row in PRINTED_PERCENTILES)
