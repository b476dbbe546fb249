"""Effects of the field to hold one against: pooled effects of reviews, printed percentiles."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from metarel._format import count
from metarel._printed_interval import decimal_interval
from metarel.convert._benchmark_data import DISTRIBUTIONS as PRINTED_PERCENTILES
from metarel.convert._benchmark_data import POOLED as PRINTED_EFFECTS
from metarel.convert._meanings import converted, plainly

PERCENTILES = (25, 50, 75)
#: Two effects on one scale are the same if only the rounding of a computer tells them apart.
_SAME = 1e-9
#: More decimals than these are a computer's.
_PRINTED = 6


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

    @property
    def own(self) -> str:
        """Return the scale that it is printed on; a g is read as a d."""
        return "d" if self.metric == "g" else self.metric

    def ends(self, metric: str) -> tuple[float, float]:
        """Return between what the number lies that was printed so, on the scale of d or r."""
        low, high, *_ = decimal_interval(self.printed)
        return converted(low, self.own, metric), converted(high, self.own, metric)

    def on(self, metric: str) -> float:
        """Return it on the scale of d or r; a g is read as a d, and groups are equally large."""
        return converted(float(self.printed), self.own, metric)


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

    @cached_property
    def ends(self) -> dict[str, tuple[tuple[float, float], ...]]:
        """Return between what each effect lies that was printed so, by metric."""
        return {m: tuple(e.ends(m) for e in self.effects) for m in ("d", "r")}

    @cached_property
    def said(self) -> dict[str, tuple[str, str, str]]:
        """Return the lowest, the highest and the median in words, by metric."""
        return {m: (self._said(0, m), self._said(-1, m), self._median(m)) for m in ("d", "r")}

    def below(self, size: float, metric: str) -> int:
        """Return how many pooled effects are smaller than a size, whatever was rounded off."""
        least = size - half_a_unit(size) + _SAME
        return sum(high <= least for _, high in self.ends[metric])

    def above(self, size: float, metric: str) -> int:
        """Return how many are larger."""
        most = size + half_a_unit(size) - _SAME
        return sum(low >= most for low, _ in self.ends[metric])

    def words(self, size: float, metric: str) -> str:
        """Say where a size stands among them."""
        many, below, above = len(self.effects), self.below(size, metric), self.above(size, metric)
        alike = many - below - above
        lowest, highest, middle = self.said[metric]
        untold = f"; {alike} cannot be told from it by the digits printed" if alike else ""
        return (
            f"|{metric}| = {plainly(size)} is larger than {below} of the "
            f"{count(many, 'pooled effect')} of relationship elements in the reviews of "
            f"{self.edition} and smaller than {above}{untold} (from {lowest} to {highest}, median "
            f"{middle})"
        )

    def _said(self, place: int, metric: str) -> str:
        """Return the effect at a place in increasing order: as printed, converted ones rounded."""
        effect = sorted(self.effects, key=lambda e: e.on(metric))[place]
        if effect.own != metric:
            return f"{effect.on(metric):.2f}"
        return f"0{effect.printed}" if effect.printed.startswith(".") else effect.printed

    def _median(self, metric: str) -> str:
        many = len(self.effects)
        if many % 2:
            return self._said(many // 2, metric)
        return plainly(round(statistics.median(self.sizes[metric]), 3))


def half_a_unit(size: float) -> float:
    """Return half a unit of the last digit that a number was written with; at most that of .01.

    A number with more digits than are printed was computed, and is taken as it is.
    """
    places = max(2, -int(Decimal(repr(abs(size))).as_tuple().exponent))
    return 0.5 * 10.0**-places if places <= _PRINTED else 0.0


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
        return f"|{self.metric}| = {plainly(size)} is {place} of {self.what}"


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
