"""What an effect means for people: shares, overlap, chances, numbers needed to treat."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._format import adaptive
from metarel._lazy import pd
from metarel._register import one_of
from metarel._vocabulary import OPEN_PROPORTION, POSITIVE, Domain
from metarel.convert._benchmarks import DISTRIBUTIONS, POOLED
from metarel.convert._edge import OPEN_CORRELATION
from metarel.convert._meanings import (
    CONVENTIONS,
    EVENTS,
    GROUPS,
    QUANTITIES,
    SCALES,
    Convention,
    Effect,
    Quantity,
    converted,
    limits_of,
)
from metarel.convert.register import steps_by
from metarel.errors import InputError

if TYPE_CHECKING:
    import pandas

#: Far beyond any effect, and short of where the odds ratio leaves floating point.
_DIFFERENCES = Domain(-300, 300)

#: The arguments that an effect may be given as: metric and domain.
_GIVEN: dict[str, tuple[str, Domain]] = {
    "d": ("d", _DIFFERENCES),
    "r": ("r", OPEN_CORRELATION),
    "g": ("d", _DIFFERENCES),
    "log_or": ("log_or", Domain(-700, 700)),
    "odds_ratio": ("or", POSITIVE),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One quantity of an effect, and what it says.

    Parameters
    ----------
    quantity : str
        Its name.
    value : float
        The number; where the effect is held against conventions or others of its field, its size
        on the scale of these, |d| or |r|.
    ci_low, ci_high : float
        Its limits, where the effect came with limits; NaN where they are no interval.
    meaning : str
        The number in words.
    formula, source : str
        How it is computed, and the key of the publication.
    """

    quantity: str
    value: float
    ci_low: float
    ci_high: float
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
    given : str
        The argument that it was given as.
    groups : tuple of str
        Names of the treated and of the controls.
    base_rate : float
        Share of people who are treated.
    control_event_rate : float or None
        Share of the control group with an event.
    statements : tuple of Statement
        The quantities, then what the effect is held against.
    """

    d: float
    r: float
    given: str
    groups: tuple[str, str]
    base_rate: float
    control_event_rate: float | None
    statements: tuple[Statement, ...]

    def statement(self, quantity: str) -> Statement:
        """Return what is said by one quantity, such as ``"U3"``."""
        for statement in self.statements:
            if statement.quantity == quantity:
                return statement
        raise InputError(one_of("quantity", [s.quantity for s in self.statements], quantity))

    def value(self, quantity: str) -> float:
        """Return one number by the name of its quantity, such as ``"U3"``."""
        return self.statement(quantity).value

    def to_frame(self) -> pandas.DataFrame:
        """Return one row a quantity: ``quantity value ci_low ci_high meaning formula source``."""
        return pd.DataFrame([asdict(statement) for statement in self.statements])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return asdict(self)

    def __str__(self) -> str:
        scales = []
        for said in self.statements[: len(SCALES)]:
            limits = f" [{adaptive(said.ci_low)}, {adaptive(said.ci_high)}]"
            known = not math.isnan(said.ci_low)
            scales.append(f"{said.quantity} = {adaptive(said.value)}{limits if known else ''}")
        head = (
            f"{', '.join(scales)}; {100 * self.base_rate:g}% of the people belong to the "
            f"{self.groups[0]}.\n"
            "If scores are normal and spread equally in both groups, and higher is better:"
        )
        rest = self.statements[len(SCALES) :]
        return "\n".join([head, *(f"  {s.quantity}: {s.meaning} ({s.source})" for s in rest)])


def interpret(
    *,
    d: float | None = None,
    r: float | None = None,
    g: float | None = None,
    log_or: float | None = None,
    odds_ratio: float | None = None,
    ci: tuple[float, float] | None = None,
    groups: tuple[str, str] = GROUPS,
    base_rate: float = 0.5,
    control_event_rate: float | None = None,
) -> Interpretation:
    """Say what an effect means: shares of people, overlap, chances, numbers needed to treat.

    All but r and what is made of it supposes normal scores of equal spread in both groups, with
    differences as treated minus controls.

    Parameters
    ----------
    d : float, optional
        Standardised mean difference.
    r : float, optional
        Correlation of group and score.
    g : float, optional
        Standardised mean difference without small-sample bias; it estimates the same difference
        as d, and is read as one.
    log_or, odds_ratio : float, optional
        Log odds ratio, or odds ratio, to be above a cut; read as a d by the rule ``"logistic"``
        of ``convert``. Exactly one of the five must be given.
    ci : tuple of float, optional
        Confidence limits of the effect that was given, the lower first. They are carried to
        every quantity: exactly where it rises or falls with the effect throughout; U1, overlap
        and variance explained depend on its size alone, and take the range of values in between.
    groups : tuple of str
        Names of the treated and of the controls, in the plural and without article.
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
        If not exactly one effect is given, a number is outside its domain, or the limits do not
        enclose the effect.

    See Also
    --------
    metarel.plot.interpretation : the picture of it.

    Notes
    -----
    With Φ the normal distribution function: U1 = (2Φ(|d|/2) − 1)/Φ(|d|/2), U2 = Φ(d/2),
    U3 = Φ(d) [cohen1988]; overlap = 2Φ(−|d|/2) [inman1989]; CLES = Φ(d/√2) [mcgraw1992]; Cliff's
    delta = 2 CLES − 1 [cliff1993]; BESD rates = ½ ± r/2 [rosenthal1982]; log odds ratio = πd/√3
    for logistic scores [chinn2000] and 1.65d for normal ones [sanchezmeca2003]; NNT =
    1/(2Φ(d/√2) − 1) [kraemer2006] and 1/(Φ(d + Φ⁻¹(CER)) − CER) [furukawa2011]. metafor gives the
    same by ``transf.dtou1``, ``dtou2``, ``dtou3``, ``dtoovl``, ``dtocles`` and, with the default
    base rate, ``dtobesd``; dmetar gives both NNT by ``NNT``. The second NNT is also
    ``convert(d, "d", "nnt", control_rate=...)``; there ``rule="logistic"`` takes scores to be
    logistic instead, which for a d of 0.5 and a CER of 0.2 makes 5.5 of 6.0.

    Between d and r stands the rule ``"base-rate"`` of ``convert``, which with half of the people
    treated is its default. A negative NNT counts people treated for one more harmed; without an
    effect it is infinite, so that limits on both sides of no effect are no interval for it. The
    conventions [cohen1988] [funder2019] are marks to compare with.

    An r is held against the pooled effects of therapy relationships in the reviews of two
    editions [norcross2011] [norcross2018] and against percentiles of correlations [gignac2016]
    [lovakov2021] [gomezpenedo2025]; anything else against the same pooled effects as d, and
    percentiles of differences [lovakov2021] [nordahlhansen2024]. Pooled effects spread less than
    those of single studies, to which the percentiles belong (those of [gignac2016] are of pooled
    correlations).

    References
    ----------
    [cohen1988], [inman1989], [mcgraw1992], [cliff1993], [rosenthal1982], [chinn2000],
    [sanchezmeca2003], [kraemer2006], [furukawa2011], [funder2019]

    Examples
    --------
    >>> meaning = interpret(d=0.5, control_event_rate=0.2)
    >>> round(meaning.value("U3"), 4), round(meaning.value("NNT (Furukawa-Leucht)"), 1)
    (0.6915, 6.0)
    >>> print(str(interpret(d=0.5)).splitlines()[4])
      U3: 69.15% of the controls score below the average of the treated (cohen1988)
    >>> interpret(r=0.28).statement("relationship elements 2018").meaning[:55]
    '|r| = 0.2800 is larger than 8 of the 15 pooled effects '
    >>> print(interpret(d=0.5, ci=(0.3, 0.7), groups=("men", "women")).statement("U3").meaning)
    69.15% of the women score below the average of the men, limits 61.79% to 75.80%
    """
    given, number = _only({"d": d, "r": r, "g": g, "log_or": log_or, "odds_ratio": odds_ratio})
    names = _checked_groups(groups)
    share = _number(base_rate, "base_rate", OPEN_PROPORTION)
    events = control_event_rate
    if events is not None:
        events = _number(events, "control_event_rate", OPEN_PROPORTION)

    def effect_of(value: float, argument: str) -> Effect:
        as_d, as_r = _scales(value, given, argument, share)
        return Effect(as_d, as_r, share, math.nan if events is None else events, names)

    effect = effect_of(number, given)
    limits = None
    if ci is not None:
        low, high = _checked_limits(ci, number, _GIVEN[given][1])
        limits = effect_of(low, "ci"), effect_of(high, "ci")
    said = [_stated(scale, effect, limits, *_way(scale.code, given)) for scale in SCALES]
    quantities = (*QUANTITIES, *(EVENTS if events is not None else ()))
    said += [_stated(q, effect, limits, q.formula, q.source) for q in quantities]
    said += [_placed(convention, effect) for convention in CONVENTIONS]
    said += _among(effect, "r" if given == "r" else "d")
    return Interpretation(effect.d, effect.r, given, names, share, events, tuple(said))


def _only(effects: dict[str, float | None]) -> tuple[str, float]:
    """Return the one effect that was given, and the argument that it came by."""
    came = {argument: value for argument, value in effects.items() if value is not None}
    if len(came) != 1:
        *first, last = (f"`{argument}`" for argument in effects)
        names = " and ".join(f"`{argument}`" for argument in came) or "none"
        raise InputError(
            f"Exactly one of {', '.join(first)} and {last} must be given; {names} came."
        )
    ((argument, value),) = came.items()
    return argument, _number(value, argument, _GIVEN[argument][1])


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


def _checked_groups(groups: object) -> tuple[str, str]:
    """Return the names of the two groups."""
    names = tuple(groups) if isinstance(groups, (tuple, list)) else ()
    texts = [name for name in names if isinstance(name, str) and name.strip()]
    if len(names) != 2 or len(texts) != 2 or texts[0] == texts[1]:
        raise InputError(
            "`groups` must be two different names, the treated first, such as "
            f"('treated', 'controls'); got {groups!r}."
        )
    return texts[0], texts[1]


def _checked_limits(ci: Any, effect: float, domain: Domain) -> tuple[float, float]:
    """Return confidence limits that enclose the effect."""
    if isinstance(ci, str) or not hasattr(ci, "__len__") or len(ci) != 2:
        raise InputError(f"`ci` must be two numbers, the lower limit first; got {ci!r}.")
    low, high = (_number(limit, "ci", domain) for limit in ci)
    if not low <= effect <= high:
        raise InputError(
            f"`ci` must enclose the effect, the lower limit first; got {low:g} and {high:g} around "
            f"{effect:g}."
        )
    return low, high


def _scales(value: float, given: str, argument: str, base_rate: float) -> tuple[float, float]:
    """Return an effect as d and as r."""
    metric = _GIVEN[given][0]
    as_d = converted(value, metric, "d", base_rate if metric == "r" else None)
    if abs(as_d) > _DIFFERENCES.high:
        end = "near to 1 or -1" if given == "r" else "far from no effect"
        raise InputError(
            f"`{argument}` must not be so {end} that d exceeds {_DIFFERENCES.high:g}; "
            f"got {value!r}."
        )
    return as_d, value if given == "r" else converted(as_d, "d", "r", base_rate)


def _way(scale: str, given: str) -> tuple[str, str]:
    """Return formula and source of a scale of the effect: given, or how it was converted."""
    if scale == given:
        return "given", ""
    if (scale, given) == ("d", "g"):
        return "g", "hedges1981"
    start = "d" if scale == "r" else _GIVEN[given][0]
    rule = "base-rate" if "r" in (start, scale) else None
    steps = steps_by(start, scale, rule)
    return "; ".join(step.symbols() for step in steps), steps[-1].reference


def _stated(
    quantity: Quantity,
    effect: Effect,
    limits: tuple[Effect, Effect] | None,
    formula: str,
    source: str,
) -> Statement:
    """Return what one quantity says of an effect and of its limits."""
    value = quantity.value(effect)
    meaning = quantity.meaning(value, effect)
    low = high = math.nan
    if limits is not None:
        low, high = limits_of(quantity, *limits)
        if math.isnan(low):
            ends = [quantity.form(quantity.value(limit)) for limit in limits]
            meaning += f", limits {ends[0]} over ∞ to {ends[1]}"
        else:
            meaning += f", limits {quantity.form(low)} to {quantity.form(high)}"
    return Statement(quantity.code, value, low, high, meaning, formula, source)


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
        math.nan,
        math.nan,
        f"{adaptive(size)} is {' and '.join(parts)} by convention of {convention.author}, "
        "not a verdict on whether it matters",
        ", ".join(f"{word} from {mark:g}" for mark, word in convention.marks),
        convention.source,
    )


def _among(effect: Effect, metric: str) -> list[Statement]:
    """Return where an effect stands among those of the field, on the scale it was given on."""
    size = abs(effect.r if metric == "r" else effect.d)
    none = math.nan
    said = [
        Statement(
            pooled.code,
            size,
            none,
            none,
            pooled.words(size, metric),
            f"|{metric}| against {len(pooled.effects)} pooled effects",
            pooled.source,
        )
        for pooled in POOLED
    ]
    for spread in DISTRIBUTIONS:
        if spread.metric == metric:
            marks = ", ".join(f"{mark:g}" for mark in spread.marks)
            formula = f"25th, 50th and 75th percentile: {marks}"
            words = spread.words(size)
            said.append(Statement(spread.code, size, none, none, words, formula, spread.source))
    return said
