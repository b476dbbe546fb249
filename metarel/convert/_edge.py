"""What a conversion is: two metrics, a rule, what it needs, what it assumes, where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from metarel._register import Register
from metarel._vocabulary import ANY, CORRELATION, NOT_NEGATIVE, OPEN_PROPORTION, POSITIVE, Domain

if TYPE_CHECKING:
    from metarel._checks import Array

    Given: TypeAlias = Mapping[str, Array]
    Formula: TypeAlias = Callable[[Array, Given], Array]

Exactness = Literal["identity", "exact", "approximation"]

OPEN_CORRELATION = Domain(-1, 1, open_low=True, open_high=True)
BELOW_ONE = Domain(0, 1, open_high=True)

#: The sign of an effect whose source has none, where it is not given.
SIGN = {"sign": 1.0}
DEFINITION = "It is a matter of definition; nothing is assumed."
SIGN_LOST = "The sign is not in the number: it is taken from `sign`, and is positive unless given."


@dataclass(frozen=True, slots=True)
class Metric:
    """A scale on which an effect, or a statistic that carries one, is printed.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        Its name in words.
    domain : Domain
        The numbers it may take.
    """

    code: str
    name: str
    domain: Domain = ANY


METRICS: Register[Metric] = Register(
    "source",
    [
        Metric("d", "standardised mean difference"),
        Metric("g", "standardised mean difference without small-sample bias"),
        Metric("r", "correlation", CORRELATION),
        Metric("z", "Fisher's z of a correlation"),
        Metric("log_or", "log odds ratio"),
        Metric("or", "odds ratio", POSITIVE),
        Metric("eta2", "share of variance between groups", Domain(0, 1)),
        Metric("f", "Cohen's f", NOT_NEGATIVE),
        Metric("f2", "Cohen's f squared", NOT_NEGATIVE),
        Metric("r2", "coefficient of determination", Domain(0, 1)),
        Metric("t", "t statistic of two independent groups, or of a correlation"),
        Metric("F", "F statistic with 1 numerator degree of freedom", NOT_NEGATIVE),
        Metric("p", "two-sided p-value, signed as the effect", CORRELATION),
        Metric("chi2", "chi-square statistic with 1 degree of freedom", NOT_NEGATIVE),
    ],
    aliases={"logOR": "log_or", "lnOR": "log_or", "OR": "or", "R2": "r2"},
)


@dataclass(frozen=True, slots=True)
class Need:
    """A number that some rules use besides the value.

    Parameters
    ----------
    code : str
        The argument's name.
    meaning : str
        What it stands for, as a phrase.
    domain : Domain
        The numbers it may take.
    """

    code: str
    meaning: str
    domain: Domain


NEEDS: Register[Need] = Register(
    "needs",
    [
        Need("n1", "size of group 1", POSITIVE),
        Need("n2", "size of group 2", POSITIVE),
        Need("n", "size of the whole sample", Domain(2)),
        Need("df", "degrees of freedom", POSITIVE),
        Need("base_rate", "share of people in group 1", OPEN_PROPORTION),
        Need("delta", "contrast in units of x", POSITIVE),
        Need("sd_x", "standard deviation of x", POSITIVE),
        Need("sign", "sign of the effect, 1 or -1", Domain(-1, 1)),
    ],
)


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


def plain(function: Callable[[Array], Array]) -> Formula:
    """Return a function of x alone as a formula."""
    return lambda x, _given: function(x)


def defined(
    source: str,
    target: str,
    formula: str,
    functions: tuple[Formula, Formula, Formula],
    *,
    reference: str = "cohen1988",
    assumption: str = DEFINITION,
    signed: bool = False,
    domain: Domain | None = None,
) -> Edge:
    """Return an edge that is algebra: forward, inverse, slope."""
    forward, inverse, slope = functions
    return Edge(
        source,
        target,
        "definition",
        forward,
        inverse,
        slope,
        formula,
        SIGN_LOST if signed else assumption,
        "identity",
        reference,
        optional=SIGN if signed else {},
        default=True,
        domain=domain,
    )
