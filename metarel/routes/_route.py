"""What a route is: the words it reads, what it recovers from them, and what must hold for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from metarel._checks import Array

    Given: TypeAlias = Mapping[str, Array]
    Recovery: TypeAlias = Callable[[Given, "Conventions"], dict[str, Array]]

#: What a route gives that recovers the effect itself.
EFFECT = ("yi", "vi")

Exactness = Literal["exact", "approximation"]


@dataclass(frozen=True, slots=True)
class Conventions:
    """What a paper does not print and a route must take from elsewhere.

    Parameters
    ----------
    level : float
        Confidence level of the limits.
    normal_limits : bool
        Whether limits of means were computed with the normal quantile rather than that of t.
    correct : str
        Form of Hedges' factor: ``"exact"``, ``"approximate"`` or ``"none"``.
    quantiles : str
        Method from quantiles to means and standard deviations.
    bounding : bool
        Whether ends of a range are asked for, where a correlation that rounding has carried
        beyond ±1 counts as ±1; otherwise such numbers contradict each other.
    """

    level: float = 0.95
    normal_limits: bool = False
    correct: str = "exact"
    quantiles: str = "luo/wan/shi"
    bounding: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """One way from printed numbers to what a measure is computed from.

    Parameters
    ----------
    code : str
        Its name, as it stands in the column `route`.
    design : str
        The design whose measures it serves.
    needs : tuple of str
        Input words it cannot do without.
    gives : tuple of str
        Input words of the design that it recovers; or ``yi`` and ``vi``, the effect itself.
    recover : callable
        ``recover(given, conventions)`` gives those words as arrays; NaN where a row lacks a need.
    formula : str
        What it does, as a formula or a phrase.
    assumption : str
        What must hold, as a sentence.
    exactness : {"exact", "approximation"}
        Exact where the assumption holds, or only close.
    reference : str
        Key of the publication.
    measures : tuple of str
        The measures it serves; all of the design that take what it gives, where empty.
    unsigned : bool
        Whether the numbers it reads have no sign, so that `sign` gives it.
    used_by : str
        Programs and schools that go this way.
    optional : tuple of str
        Words that it reads where they are there.
    fallback : bool
        Whether it is only for rows that no other route of the same needs serves.
    also : tuple of str
        Other designs in which its words mean the same.
    """

    code: str
    design: str
    needs: tuple[str, ...]
    gives: tuple[str, ...]
    recover: Recovery
    formula: str
    assumption: str
    exactness: Exactness
    reference: str
    measures: tuple[str, ...] = ()
    unsigned: bool = False
    used_by: str = ""
    optional: tuple[str, ...] = ()
    fallback: bool = False
    also: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Return every word it reads."""
        sign = ("sign",) if self.unsigned else ()
        return (*self.needs, *self.optional, *sign)

    @property
    def direct(self) -> bool:
        """Return whether it gives the effect itself."""
        return "yi" in self.gives


def given_words(*words: str) -> Callable[[Any, Conventions], dict[str, Any]]:
    """Return the recovery that hands on words as they are."""
    return lambda given, _conventions: {word: given[word] for word in words}


def routes_of(design: str, *also: str, exactness: Exactness = "exact") -> Callable[..., Route]:
    """Return what declares a route of a design, so that its file need not repeat the design.

    Parameters
    ----------
    design : str
        Code of the design.
    *also : str
        Codes of others in which its words mean the same.
    exactness : {"exact", "approximation"}
        What its routes are unless they say otherwise.

    Returns
    -------
    callable
        ``route(code, needs, gives, recover, (formula, assumption, reference), **more)``.
    """

    def route(
        code: str,
        needs: tuple[str, ...],
        gives: tuple[str, ...],
        recover: Recovery,
        texts: tuple[str, str, str],
        **more: Any,
    ) -> Route:
        kind = more.pop("exactness", exactness)
        return Route(
            code, design, needs, gives, recover, *texts[:2], kind, texts[2], also=also, **more
        )

    return route
