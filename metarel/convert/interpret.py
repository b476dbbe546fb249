"""What an effect means for people: shares, overlap, chances, numbers needed to treat."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from metarel._register import one_of
from metarel._vocabulary import OPEN_PROPORTION, POSITIVE, Domain
from metarel.convert._benchmarks import DISTRIBUTIONS, POOLED
from metarel.convert._edge import OPEN_CORRELATION
from metarel.convert._interpretation import Interpretation, Statement
from metarel.convert._meanings import (
    CONVENTIONS,
    EVENTS,
    GROUPS,
    GROUPS_OF_R,
    QUANTITIES,
    SCALES,
    Convention,
    Effect,
    Quantity,
    converted,
    limits_of,
    limits_said,
    plainly,
)
from metarel.convert.register import metric_code, steps_by
from metarel.errors import InputError

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


#: The metrics that an effect may be named by, and the argument each is.
EFFECTS = {"d": "d", "r": "r", "g": "g", "log_or": "log_or", "or": "odds_ratio"}


def interpret(
    value: float | None = None,
    metric: str | None = None,
    *,
    d: float | None = None,
    r: float | None = None,
    g: float | None = None,
    log_or: float | None = None,
    odds_ratio: float | None = None,
    ci: tuple[float, float] | None = None,
    groups: tuple[str, str] | None = None,
    base_rate: float = 0.5,
    control_event_rate: float | None = None,
) -> Interpretation:
    """Say what an effect means: shares of people, overlap, chances, numbers needed to treat.

    All but r and what is made of it supposes normal scores of equal spread in both groups, with
    differences as treated minus controls.

    Parameters
    ----------
    value, metric : float and str, optional
        The effect and its metric, ``"d"``, ``"r"``, ``"g"``, ``"log_or"`` or ``"or"``, in place of
        one of the arguments that follow: ``interpret(0.57, "d")``.
    d : float, optional
        Standardised mean difference.
    r : float, optional
        Correlation of group and score.
    g : float, optional
        Standardised mean difference without small-sample bias; it estimates the same difference
        as d, and is read as one.
    log_or, odds_ratio : float, optional
        Log odds ratio, or odds ratio, to be above a cut; read as a d by the rule ``"logistic"``
        of ``convert``. Exactly one effect must be given.
    ci : tuple of float, optional
        Confidence limits of the effect that was given, the lower first. They are carried to
        every quantity: exactly where it rises or falls with the effect throughout; U1, overlap
        and variance explained depend on its size alone, and take the range of values in between.
    groups : tuple of str, optional
        Names of the treated and of the controls, or of those high and those low on what an r is
        with: people, in the plural and without article.
    base_rate : float
        Share of people who are treated.
    control_event_rate : float, optional
        Share of the control group with an event, which is a score above some cut; it adds the
        number needed to treat by Furukawa and Leucht.

    Returns
    -------
    Interpretation
        Print it for the short form; ``.full_text()`` says all, ``.value("U3")`` is one number,
        ``.to_frame()`` the table.

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
    >>> print(interpret(0.57, "d"))
    d = 0.57, r = 0.2741; 50% of all are treated.
    In short: 72 of 100 controls score below the average of the treated (U3). Picked at random, one
    of the treated scores above one of the controls 66 times in 100 (CLES). The two groups overlap
    by 78 %. Cohen's convention calls the effect medium.
      relationship elements 2018: |d| = 0.57 is larger than 7 of the 15 pooled effects of
    relationship elements in the reviews of 2018 and smaller than 7; 1 cannot be told from it
    by the digits printed (from 0.24 to 0.85, median 0.58)
    If scores are normal and spread equally in both groups, and higher is better. More ways to say
    it, with formulas and sources: `full_text()`, or --all in a terminal.
    >>> print(interpret(d=0.5, ci=(0.3, 0.7), groups=("men", "women")).statement("U3").meaning)
    69.15% of the women score below the average of the men, limits 61.79% to 75.80%
    """
    named = {"d": d, "r": r, "g": g, "log_or": log_or, "odds_ratio": odds_ratio}
    given, number = _only(named, value, metric)
    names = (GROUPS_OF_R if given == "r" else GROUPS) if groups is None else _checked_groups(groups)
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
    return Interpretation(effect.d, effect.r, given, names, share, events, tuple(said), number)


def effect_argument(metric: str, argument: str = "metric") -> str:
    """Return the argument of ``interpret`` that a metric is, or refuse it with the way out.

    Parameters
    ----------
    metric : str
        A metric under any of its names.
    argument : str
        The argument to name in messages.

    Returns
    -------
    str
        One of the arguments of ``interpret``.

    Raises
    ------
    InputError
        If it is no metric, or none that is interpreted.

    Examples
    --------
    >>> effect_argument("OR")
    'odds_ratio'
    """
    code = metric_code(argument, metric)
    if code not in EFFECTS:
        try:
            steps_by(code, "d", None)
        except InputError:
            way_out = ""
        else:
            way_out = f" Convert {code!r} to 'd' first."
        raise InputError(f"{one_of(argument, EFFECTS, metric)}{way_out}")
    return EFFECTS[code]


def _only(
    effects: dict[str, float | None], value: float | None, metric: str | None
) -> tuple[str, float]:
    """Return the one effect that was given, and the argument that it came by."""
    if value is not None and metric is None:
        raise InputError(
            f"`metric` must say what {value!r} is: interpret({value!r}, 'd'), or the same by name, "
            f"interpret(d={value!r})."
        )
    if metric is not None:
        argument = effect_argument(metric)
        if value is None or effects[argument] is not None:
            raise InputError(
                f"`value` must be the effect once, with `metric`: interpret(0.57, {metric!r})."
            )
        effects = {**effects, argument: value}
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
        meaning += f", limits {limits_said(quantity, value, *limits)}"
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
        f"{plainly(size)} is {' and '.join(parts)} by convention of {convention.author}, "
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
