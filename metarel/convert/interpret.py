"""What an effect means for people: shares, overlap, chances, numbers needed to treat."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._format import adaptive
from metarel._lazy import pd
from metarel._register import one_of
from metarel._vocabulary import OPEN_PROPORTION, Domain
from metarel.convert._edge import OPEN_CORRELATION
from metarel.convert._meanings import (
    CONVENTIONS,
    EVENTS,
    QUANTITIES,
    Convention,
    Effect,
    converted,
)
from metarel.convert.register import steps_by
from metarel.errors import InputError

if TYPE_CHECKING:
    import pandas

#: Far beyond any effect, and short of where the odds ratio leaves floating point.
_DIFFERENCES = Domain(-300, 300)


@dataclass(frozen=True, slots=True)
class Statement:
    """One quantity of an effect, and what it says.

    Parameters
    ----------
    quantity : str
        Its name.
    value : float
        The number.
    meaning : str
        The number in words.
    formula, source : str
        How it is computed, and the key of the publication.
    """

    quantity: str
    value: float
    meaning: str
    formula: str
    source: str


@dataclass(frozen=True, slots=True)
class Interpretation:
    """An effect said in several ways; print it to read it.

    Parameters
    ----------
    d, r : float
        The effect as a standardised mean difference and as a point-biserial correlation.
    base_rate : float
        Share of people who are treated.
    control_event_rate : float or None
        Share of the control group with an event.
    statements : tuple of Statement
        The quantities, then the conventions.
    """

    d: float
    r: float
    base_rate: float
    control_event_rate: float | None
    statements: tuple[Statement, ...]

    def value(self, quantity: str) -> float:
        """Return one number by the name of its quantity, such as ``"U3"``."""
        for statement in self.statements:
            if statement.quantity == quantity:
                return statement.value
        raise InputError(one_of("quantity", [s.quantity for s in self.statements], quantity))

    def to_frame(self) -> pandas.DataFrame:
        """Return one row a quantity: ``quantity value meaning formula source``."""
        return pd.DataFrame([asdict(statement) for statement in self.statements])

    def __str__(self) -> str:
        head = (
            f"d = {adaptive(self.d)}, r = {adaptive(self.r)} "
            f"with {100 * self.base_rate:g}% of the people treated.\n"
            "If scores are normal and spread equally in both groups, and higher is better:"
        )
        said = [f"  {s.quantity}: {s.meaning} ({s.source})" for s in self.statements[2:]]
        return "\n".join([head, *said])


def _rule(source: str, target: str) -> tuple[str, str]:
    """Return the formula and the source of a conversion, as its rule declares them."""
    edge = steps_by(source, target, "base-rate")[0]
    return edge.symbols(), edge.reference


def _placed(convention: Convention, effect: Effect) -> Statement:
    """Return where an effect lies among the marks of a convention."""
    size = abs(effect.d if convention.metric == "d" else effect.r)
    below = [f"{word!r} ({mark:g})" for mark, word in convention.marks if mark <= size]
    above = [f"{word!r} ({mark:g})" for mark, word in convention.marks if mark > size]
    parts = [f"at or above {below[-1]}"] if below else []
    parts += [f"below {above[0]}"] if above else []
    return Statement(
        convention.code,
        size,
        f"{adaptive(size)} is {' and '.join(parts)} by convention of {convention.author}, "
        "not a verdict on whether it matters",
        ", ".join(f"{word} from {mark:g}" for mark, word in convention.marks),
        convention.source,
    )


def _number(value: object, argument: str, domain: Domain) -> float:
    """Return one number within its domain."""
    try:
        many = isinstance(value, (str, bool)) or np.ndim(value)  # type: ignore[arg-type]
        number = math.nan if many else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if math.isnan(number):
        raise InputError(f"`{argument}` must be one number; got {value!r}.")
    low = number <= domain.low if domain.open_low else number < domain.low
    high = number >= domain.high if domain.open_high else number > domain.high
    if low or high:
        raise InputError(f"`{argument}` must be {domain}; got {number:g}.")
    return number


def _scales(d: float | None, r: float | None, base_rate: float) -> tuple[float, float]:
    """Return the effect as d and as r, of which one was given."""
    if d is not None and r is None:
        given = _number(d, "d", _DIFFERENCES)
        return given, converted(given, "d", "r", base_rate)
    if r is not None and d is None:
        given = _number(r, "r", OPEN_CORRELATION)
        found = converted(given, "r", "d", base_rate)
        if abs(found) > _DIFFERENCES.high:
            raise InputError(
                f"`r` must not be so near to 1 or -1 that d exceeds {_DIFFERENCES.high:g}; "
                f"got {given!r}."
            )
        return found, given
    came = "both" if d is not None else "neither"
    raise InputError(f"Exactly one of `d` and `r` must be given; {came} came.")


def interpret(
    *,
    d: float | None = None,
    r: float | None = None,
    base_rate: float = 0.5,
    control_event_rate: float | None = None,
) -> Interpretation:
    """Say what an effect means: shares of people, overlap, chances, numbers needed to treat.

    All but r and what is made of it supposes normal scores of equal spread in both groups, with
    differences as treated minus control.

    Parameters
    ----------
    d : float, optional
        Standardised mean difference.
    r : float, optional
        Correlation of group and score; exactly one of ``d`` and ``r`` must be given.
    base_rate : float
        Share of people who are treated.
    control_event_rate : float, optional
        Share of the control group with an event, which is a score above some cut; it adds the
        number needed to treat by Furukawa and Leucht.

    Returns
    -------
    Interpretation
        Print it to read it; ``.value("U3")`` is one number, ``.to_frame()`` the table.

    Raises
    ------
    InputError
        If not exactly one effect is given, or a number is outside its domain.

    Notes
    -----
    With Φ the normal distribution function: U1 = (2Φ(|d|/2) − 1)/Φ(|d|/2), U2 = Φ(d/2),
    U3 = Φ(d) [cohen1988]; overlap = 2Φ(−|d|/2) [inman1989]; CLES = Φ(d/√2) [mcgraw1992]; Cliff's
    delta = 2 CLES − 1 [cliff1993]; BESD rates = ½ ± r/2 [rosenthal1982]; NNT = 1/(2Φ(d/√2) − 1)
    [kraemer2006] and 1/(Φ(d + Φ⁻¹(CER)) − CER) [furukawa2011]. metafor gives the same by
    ``transf.dtou1``, ``dtou2``, ``dtou3``, ``dtoovl``, ``dtocles`` and, with the default base
    rate, ``dtobesd``; dmetar gives both NNT by ``NNT``.

    Between d and r stands the rule ``"base-rate"`` of ``convert``, which with half of the people
    treated is its default. A negative NNT counts people treated for one more harmed; without an
    effect it is infinite. The conventions [cohen1988] [funder2019] are marks to compare with.

    References
    ----------
    [cohen1988], [inman1989], [mcgraw1992], [cliff1993], [rosenthal1982], [kraemer2006],
    [furukawa2011], [funder2019]

    Examples
    --------
    >>> meaning = interpret(d=0.5, control_event_rate=0.2)
    >>> round(meaning.value("U3"), 4), round(meaning.value("NNT (Furukawa-Leucht)"), 1)
    (0.6915, 6.0)
    >>> print(str(interpret(d=0.5)).splitlines()[4])
      U3: 69.15% of the controls score below the average treated person (cohen1988)
    """
    share = _number(base_rate, "base_rate", OPEN_PROPORTION)
    events = control_event_rate
    if events is not None:
        events = _number(events, "control_event_rate", OPEN_PROPORTION)
    as_d, as_r = _scales(d, r, share)
    effect = Effect(as_d, as_r, share, math.nan if events is None else events)
    said = [
        _given_or_converted("d", effect, r is None),
        _given_or_converted("r", effect, d is None),
    ]
    for quantity in (*QUANTITIES, *(EVENTS if events is not None else ())):
        value = quantity.value(effect)
        meaning = quantity.meaning(value, effect)
        said.append(Statement(quantity.code, value, meaning, quantity.formula, quantity.source))
    said += [_placed(convention, effect) for convention in CONVENTIONS]
    return Interpretation(as_d, as_r, share, events, tuple(said))


def _given_or_converted(metric: str, effect: Effect, given: bool) -> Statement:
    """Return the statement on one of the two scales of the effect itself."""
    if metric == "d":
        way = "above" if effect.d >= 0 else "below"
        meaning = (
            f"the treated average {adaptive(abs(effect.d))} standard deviations {way} controls"
        )
        formula, source = _rule("r", "d")
        value = effect.d
    else:
        meaning = f"group and score correlate, with {100 * effect.base_rate:g}% treated"
        formula, source = _rule("d", "r")
        value = effect.r
    return Statement(metric, value, meaning, "given" if given else formula, "" if given else source)
