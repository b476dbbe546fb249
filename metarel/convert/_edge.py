"""What a conversion is: two metrics, a rule, what it needs, what it assumes, where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from metarel._vocabulary import Domain
from metarel.convert._words import BELOW_ONE, METRICS, NEEDS, Metric, Need

if TYPE_CHECKING:
    from metarel._checks import Array

    Given: TypeAlias = Mapping[str, Array]
    Formula: TypeAlias = Callable[[Array, Given], Array]
    Closed: TypeAlias = Callable[[Array, Array, Given], Array]

__all__ = ["BELOW_ONE", "METRICS", "NEEDS", "Edge", "Metric", "Need", "Refusal"]

Exactness = Literal["identity", "exact", "approximation"]

OPEN_CORRELATION = Domain(-1, 1, open_low=True, open_high=True)

#: The sign of an effect whose source has none, where it is not given.
SIGN = {"sign": 1.0}
DEFINITION = "It is a matter of definition; nothing is assumed."
SIGN_LOST = "The sign is not in the number: it is taken from `sign`, and is positive unless given."


@dataclass(frozen=True, slots=True)
class Refusal:
    """Values that a rule cannot convert, beyond what the domains say.

    Parameters
    ----------
    bad : callable
        ``bad(x, given)``: True where it refuses; ``given`` holds only what the user gave.
    sentence, way_out : str
        What must hold, and what to do instead.
    """

    bad: Callable[[Array, Given], Any]
    sentence: str
    way_out: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from one metric to another, as a declaration.

    Parameters
    ----------
    source, target : str
        Codes of the metrics.
    rule : str
        The word that names the convention.
    forward, inverse, slope : callable
        ``forward(x, given)``, its inverse, and its derivative in x; ``given`` holds the needs as
        vectors of the length of x. The inverse of a rule that loses the sign reads ``sign`` there.
    formula : str
        The formula, with ``{x}`` and the needs as fields: filled with symbols it is the rule,
        filled with numbers the computation.
    assumption : str
        What must hold, as a sentence.
    exactness : {"identity", "exact", "approximation"}
        Algebra alone; exact where the assumption holds; close where it holds.
    reference : str
        Key of the publication.
    needs : tuple of str
        Numbers it cannot do without.
    optional : mapping of str to float
        Numbers it may be given, and what is taken otherwise.
    used_by : str
        Programs and schools that convert so.
    default : bool
        Whether it is used where no rule is named.
    domain : Domain or None
        The values it takes, where that is less than the metric allows.
    need_domains : mapping of str to Domain
        The same for its needs.
    conditions : mapping of str to Domain
        Numbers that are no part of the formula, and must be so where they are given.
    need_hints : mapping of str to str
        What to do instead where a need or a condition is outside its domain, as a sentence.
    refusals : tuple of Refusal
        What else it cannot convert.
    support : Domain or None
        The values that stand for something, where the rule cuts what lies beyond; true effects
        are averaged over these.
    averages : mapping of str to callable
        Closed forms of the ``"mean"`` and the ``"mode"`` over normal true effects:
        ``closed(value, tau2, given)``; NaN where there is none.
    averages_by : str
        How these were found.
    alone : bool
        Whether it is a way by itself, never a step of a longer one.
    one_way : bool
        Whether nothing leads back by this rule.
    """

    source: str
    target: str
    rule: str
    forward: Formula
    inverse: Formula
    slope: Formula
    formula: str
    assumption: str
    exactness: Exactness
    reference: str
    needs: tuple[str, ...] = ()
    optional: Mapping[str, float] = field(default_factory=dict)
    used_by: str = ""
    default: bool = False
    domain: Domain | None = None
    need_domains: Mapping[str, Domain] = field(default_factory=dict)
    conditions: Mapping[str, Domain] = field(default_factory=dict)
    need_hints: Mapping[str, str] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    support: Domain | None = None
    averages: Mapping[str, Closed] = field(default_factory=dict)
    averages_by: str = "closed form"
    alone: bool = False
    one_way: bool = False

    @property
    def code(self) -> str:
        """Return metrics and rule in one word, such as ``r->d:equal-groups``."""
        return f"{self.source}->{self.target}:{self.rule}"

    @property
    def words(self) -> tuple[str, ...]:
        """Return everything it may be given besides the value."""
        return (*self.needs, *self.optional)

    @property
    def values(self) -> Domain:
        """Return the numbers it converts."""
        return self.domain or METRICS[self.source].domain

    def symbols(self) -> str:
        """Return the formula in symbols."""
        return self.formula.format(x=self.source, **{word: word for word in self.words})

    def numbers(self, x: float, given: Mapping[str, float]) -> str:
        """Return the formula with numbers in it; negative ones stand in parentheses."""
        filled = {"x": x, **{word: given[word] for word in self.words}}
        texts = {word: f"{number:.6g}" for word, number in filled.items()}
        return self.formula.format(
            **{w: f"({t})" if t.startswith("-") else t for w, t in texts.items()}
        )
