"""The ways to say an effect: how each number is computed, what it means, where it stands."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, cast

import numpy as np

from metarel._format import adaptive, percent
from metarel._lazy import special
from metarel.convert.event_rates import share_rise
from metarel.convert.path import convert
from metarel.convert.register import rules_between

#: The names of the two groups where none are given, and where the effect came as an r.
GROUPS = ("treated", "controls")
GROUPS_OF_R = ("people high on x", "people low on x")


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect on the scales that the quantities are computed from, and whom it is about."""

    d: float
    r: float
    base_rate: float
    control_event_rate: float
    groups: tuple[str, str] = GROUPS


Value: TypeAlias = Callable[[Effect], float]
Meaning: TypeAlias = Callable[[float, Effect], str]
#: How a number answers the effect: with it, or against it, all the way; by its size alone; or
#: as the reciprocal of one that rises, which leaps where there is no effect.
Shape = Literal["rising", "falling", "even", "reciprocal"]


def _number(value: float) -> str:
    return adaptive(value)


def _rounded(value: float) -> str:
    return f"{value:.2e}" if _LONG < abs(value) < math.inf else adaptive(value, 2)


def plainly(value: float) -> str:
    """Return a number with its own decimals: two at least, four at most."""
    text = adaptive(value)
    return text if "e" in text else re.sub(r"(\.\d\d\d*?)0+$", r"\1", text)


def share(fraction: float) -> str:
    """Return a share that is never all, and nothing only where it is nothing, as a percentage."""
    if fraction >= 1 - _HALF_OF_THE_LAST:
        return "more than 99.99%"
    return "less than 0.01%" if 0 < fraction < _HALF_OF_THE_LAST else percent(fraction)


def _overlap(fraction: float) -> str:
    return percent(fraction) if fraction == 1 else share(fraction)


def _percentile(value: float) -> str:
    return share(value / 100).removesuffix("%")


#: Longer numbers are written in scientific form; half a unit of the last digit of a percentage.
_LONG, _HALF_OF_THE_LAST = 1e6, 5e-5


@dataclass(frozen=True, slots=True)
class Quantity:
    """One way to say an effect: how it is computed, what it means, where it stands.

    Parameters
    ----------
    code : str
        Its name.
    value : callable
        The number of an effect.
    meaning : callable
        The number in words.
    formula, source : str
        How it is computed, and the key of the publication.
    shape : {"rising", "falling", "even", "reciprocal"}
        How it answers the effect, which says how limits are carried to it.
    form : callable
        How the number is written in words.
    facing : bool
        Whether the words give the size of the number, and its direction in words; its limits are
        then told by the same direction.
    """

    code: str
    value: Value
    meaning: Meaning
    formula: str
    source: str
    shape: Shape = "rising"
    form: Callable[[float], str] = share
    facing: bool = False


@dataclass(frozen=True, slots=True)
class Convention:
    """Named marks on a scale, as an author proposed them."""

    code: str
    author: str
    metric: str
    marks: tuple[tuple[float, str], ...]
    source: str


def limits_of(quantity: Quantity, low: Effect, high: Effect) -> tuple[float, float]:
    """Return what a quantity takes between two limits of the effect, as an interval.

    Parameters
    ----------
    quantity : Quantity
        Which one.
    low, high : Effect
        The limits.

    Returns
    -------
    tuple of float
        The lowest and the highest value; NaN where the values are no interval, as those of a
        number needed to treat are not when the limits lie on either side of no effect.
    """
    ends = sorted([quantity.value(low), quantity.value(high)])
    if quantity.shape == "even" and low.d < 0 < high.d:
        ends = sorted([*ends, quantity.value(replace(low, d=0.0, r=0.0))])
    if quantity.shape == "reciprocal" and low.d < 0 <= high.d:
        return (-math.inf, quantity.value(low)) if high.d == 0 else (math.nan, math.nan)
    return ends[0], ends[-1]


def limits_said(quantity: Quantity, value: float, low: Effect, high: Effect) -> str:
    """Say the limits of a quantity in the unit and the direction in which its value is said.

    Parameters
    ----------
    quantity : Quantity
        Which one.
    value : float
        Its value.
    low, high : Effect
        The limits of the effect.

    Returns
    -------
    str
        A phrase, without the word "limits".
    """
    ends = limits_of(quantity, low, high)
    if not quantity.facing:
        return f"{quantity.form(ends[0])} to {quantity.form(ends[1])}"
    other = "in the other direction"
    if quantity.shape == "reciprocal":
        sizes = sorted(abs(quantity.value(limit)) for limit in (low, high))
        if not math.isnan(ends[0]):
            return " to ".join(_countless(quantity, size) for size in sizes)
        ours, theirs = (low, high) if value < 0 else (high, low)
        near, far = (quantity.form(abs(quantity.value(limit))) for limit in (ours, theirs))
        return f"{near}, over infinitely many (no difference), to {far} {other}"
    first, last = sorted(-end if value < 0 else end for end in ends)
    if first < 0:
        return f"{quantity.form(-first)} {other} to {quantity.form(last)}"
    return f"{quantity.form(first)} to {quantity.form(last)}"


def _countless(quantity: Quantity, size: float) -> str:
    return "infinitely many" if math.isinf(size) else quantity.form(size)


def converted(
    value: float,
    source: str,
    target: str,
    base_rate: float | None = None,
    *,
    rule: str | None = None,
) -> float:
    """Return one number converted; with a base rate, by the rule that uses it."""
    rule = rule if base_rate is None else "base-rate"
    return cast(float, convert(value, source, target, rule=rule, base_rate=base_rate))


def event_rate_rise(d: float, control_event_rate: float) -> float:
    """Return how much the share above a cut rises when a normal distribution moves by d.

    Parameters
    ----------
    d : float
        Standardised mean difference.
    control_event_rate : float
        Share above the cut without the shift.

    Returns
    -------
    float
        Φ(d + Φ⁻¹(CER)) − CER.

    References
    ----------
    [furukawa2011]

    Examples
    --------
    >>> round(event_rate_rise(0.5, 0.2), 4)
    0.1663
    """
    return float(share_rise(np.array([d]), np.array([control_event_rate]))[0])


def _one_in(rise: float) -> float:
    """Return the reciprocal: infinitely many where nothing rises, or too little to count."""
    return 1 / rise if abs(rise) > 1e-300 else math.inf


def _needed(value: float, effect: Effect, success: str) -> str:
    """Say a number needed to treat; a negative one counts harm."""
    treated, control = effect.groups
    if math.isinf(value):
        return f"however many {treated}, no more of them {success} than of as many {control}"
    more = "more" if value > 0 else "fewer"
    harm = "" if value > 0 else ": a number needed to harm"
    return (
        f"of every {_rounded(abs(value))} {treated}, one {more} would {success} than of as "
        f"many {control}{harm}"
    )


def _pairs_needed(value: float, effect: Effect) -> str:
    """Say in how many random pairs one group is higher in one pair more than the other."""
    treated, control = effect.groups
    if math.isinf(value):
        return (
            f"in random pairs of one of the {treated} and one of the {control}, neither score "
            "higher more often, however many the pairs"
        )
    ahead, behind = (treated, control) if value > 0 else (control, treated)
    harm = "" if value > 0 else ": a number needed to harm"
    return (
        f"in every {_rounded(abs(value))} random pairs of one of the {treated} and one of the "
        f"{control}, the {ahead} score higher in one pair more than the {behind}{harm}"
    )


def _cliff(value: float, effect: Effect) -> str:
    treated, control = effect.groups
    word = "below" if value < 0 else "above"
    return (
        f"pairs in which one of the {treated} scores {word} one of the {control} outnumber the "
        f"other pairs by {share(abs(value))} of all"
    )


def _odds(value: float, effect: Effect, scores: str) -> str:
    treated, control = effect.groups
    return (
        f"were scores {scores}, the odds of the {treated} to be above any cut would be "
        f"{_rounded(value)} times those of the {control}"
    )


def _log_odds(value: float, scores: str) -> str:
    return (
        f"were scores {scores}, the log odds to be above any cut would differ by {adaptive(value)}"
    )


_LOG_ODDS = {rule.rule: rule for rule in rules_between("d", "log_or")}


def _odds_ratios(rule: str, scores: str, mark: str) -> tuple[Quantity, Quantity]:
    """Return the odds ratio of an effect, and its logarithm, by one rule."""
    edge = _LOG_ODDS[rule]
    return (
        Quantity(
            f"log odds ratio{mark}",
            lambda e: converted(e.d, "d", "log_or", rule=rule),
            lambda x, _: _log_odds(x, scores),
            edge.symbols(),
            edge.reference,
            form=_number,
        ),
        Quantity(
            f"odds ratio{mark}",
            lambda e: converted(e.d, "d", "or", rule=rule),
            lambda x, e: _odds(x, e, scores),
            f"exp({edge.symbols()})",
            edge.reference,
            form=_rounded,
        ),
    )


#: The scales of the effect itself.
SCALES: tuple[Quantity, ...] = (
    Quantity(
        "d",
        lambda e: e.d,
        lambda x, e: (
            f"the average of the {e.groups[0]} is {adaptive(abs(x))} standard deviations "
            f"{'above' if x >= 0 else 'below'} that of the {e.groups[1]}"
        ),
        "",
        "",
        form=_number,
        facing=True,
    ),
    Quantity(
        "r",
        lambda e: e.r,
        lambda _, e: (
            f"group and score correlate, where {100 * e.base_rate:g}% of all are {e.groups[0]}"
        ),
        "",
        "",
        form=_number,
    ),
)

#: All that is said of an effect, in the order in which it is read.
QUANTITIES: tuple[Quantity, ...] = (
    Quantity(
        "U1",
        lambda e: float(special.erf(abs(e.d) / math.sqrt(8)) / special.ndtr(abs(e.d) / 2)),
        lambda x, _: f"{share(x)} of both groups together lie where they do not overlap",
        "(2·Φ(|d|/2) − 1)/Φ(|d|/2)",
        "cohen1988",
        shape="even",
    ),
    Quantity(
        "U2",
        lambda e: float(special.ndtr(e.d / 2)),
        lambda x, e: (
            f"{share(x)} of the {e.groups[0]} score above the same share of the {e.groups[1]}"
        ),
        "Φ(d/2)",
        "cohen1988",
    ),
    Quantity(
        "U3",
        lambda e: float(special.ndtr(e.d)),
        lambda x, e: (
            f"{share(x)} of the {e.groups[1]} score below the average of the {e.groups[0]}"
        ),
        "Φ(d)",
        "cohen1988",
    ),
    Quantity(
        "percentile",
        lambda e: 100 * float(special.ndtr(e.d)),
        lambda x, e: (
            f"the average of the {e.groups[0]} is at percentile {_percentile(x)} of the "
            f"{e.groups[1]}"
        ),
        "100·Φ(d)",
        "cohen1988",
        form=_percentile,
    ),
    Quantity(
        "overlap",
        lambda e: 2 * float(special.ndtr(-abs(e.d) / 2)),
        lambda x, _: f"the two distributions have {_overlap(x)} of their area in common",
        "2·Φ(−|d|/2)",
        "inman1989",
        shape="even",
        form=_overlap,
    ),
    Quantity(
        "CLES",
        lambda e: float(special.ndtr(e.d / math.sqrt(2))),
        lambda x, e: (
            f"one of the {e.groups[0]} scores above one of the {e.groups[1]} in {share(x)} of "
            "random pairs"
        ),
        "Φ(d/√2)",
        "mcgraw1992",
    ),
    Quantity(
        "Cliff's delta",
        # 2·Φ(d/√2) − 1, without the loss of digits near no effect.
        lambda e: float(special.erf(e.d / 2)),
        _cliff,
        "2·Φ(d/√2) − 1",
        "cliff1993",
        facing=True,
    ),
    Quantity(
        "variance explained",
        lambda e: e.r**2,
        lambda x, _: f"{share(x)} of the variance of scores goes with the group",
        "r²",
        "cohen1988",
        shape="even",
    ),
    Quantity(
        "BESD treated",
        lambda e: 0.5 + e.r / 2,
        lambda x, e: (
            f"were group and success both split in half, {share(x)} of the {e.groups[0]} "
            "would succeed"
        ),
        "½ + r/2",
        "rosenthal1982",
    ),
    Quantity(
        "BESD control",
        lambda e: 0.5 - e.r / 2,
        lambda x, e: f"in the same display, {share(x)} of the {e.groups[1]} would succeed",
        "½ − r/2",
        "rosenthal1982",
        shape="falling",
    ),
    *_odds_ratios("logistic", "logistic", ""),
    *_odds_ratios("cox", "normal", " (normal)"),
    Quantity(
        "NNT (Kraemer-Kupfer)",
        lambda e: _one_in(float(special.erf(e.d / 2))),
        _pairs_needed,
        "1/(2·Φ(d/√2) − 1)",
        "kraemer2006",
        shape="reciprocal",
        form=_rounded,
        facing=True,
    ),
)

#: Said only where the share of events among the controls is known.
EVENTS: tuple[Quantity, ...] = (
    Quantity(
        "treated event rate",
        lambda e: float(special.ndtr(e.d + special.ndtri(e.control_event_rate))),
        lambda x, e: (
            f"{share(x)} of the {e.groups[0]} have the event, where "
            f"{100 * e.control_event_rate:g}% of the {e.groups[1]} do"
        ),
        "Φ(d + Φ⁻¹(control_event_rate))",
        "furukawa2011",
    ),
    Quantity(
        "NNT (Furukawa-Leucht)",
        lambda e: _one_in(event_rate_rise(e.d, e.control_event_rate)),
        lambda x, e: _needed(x, e, "have the event"),
        "1/(Φ(d + Φ⁻¹(control_event_rate)) − control_event_rate)",
        "furukawa2011",
        shape="reciprocal",
        form=_rounded,
        facing=True,
    ),
)

CONVENTIONS: tuple[Convention, ...] = (
    Convention(
        "|d| by Cohen (1988)",
        "Cohen",
        "d",
        ((0.2, "small"), (0.5, "medium"), (0.8, "large")),
        "cohen1988",
    ),
    Convention(
        "|r| by Cohen (1988)",
        "Cohen",
        "r",
        ((0.1, "small"), (0.3, "medium"), (0.5, "large")),
        "cohen1988",
    ),
    Convention(
        "|r| by Funder and Ozer (2019)",
        "Funder and Ozer",
        "r",
        (
            (0.05, "very small"),
            (0.1, "small"),
            (0.2, "medium"),
            (0.3, "large"),
            (0.4, "very large"),
        ),
        "funder2019",
    ),
)
