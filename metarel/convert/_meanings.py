"""The ways to say an effect: how each number is computed, what it means, where it stands."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, cast

import numpy as np

from metarel._format import adaptive, percent
from metarel._lazy import special
from metarel.convert.event_rates import share_rise
from metarel.convert.path import convert
from metarel.convert.register import rules_between

#: The names of the two groups where none are given.
GROUPS = ("treated", "controls")


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
    return adaptive(value, 2)


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
    """

    code: str
    value: Value
    meaning: Meaning
    formula: str
    source: str
    shape: Shape = "rising"
    form: Callable[[float], str] = percent


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
        f"of every {adaptive(abs(value), 2)} {treated}, one {more} would {success} than of as "
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
        f"in every {adaptive(abs(value), 2)} random pairs of one of the {treated} and one of the "
        f"{control}, the {ahead} score higher in one pair more than the {behind}{harm}"
    )


def _cliff(value: float, effect: Effect) -> str:
    treated, control = effect.groups
    word = "below" if value < 0 else "above"
    return (
        f"pairs in which one of the {treated} scores {word} one of the {control} outnumber the "
        f"other pairs by {percent(abs(value))} of all"
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
    ),
    Quantity(
        "r",
        lambda e: e.r,
        lambda _, e: (
            f"group and score correlate, where {100 * e.base_rate:g}% belong to the {e.groups[0]}"
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
        lambda x, _: f"{percent(x)} of both groups together lie where they do not overlap",
        "(2·Φ(|d|/2) − 1)/Φ(|d|/2)",
        "cohen1988",
        shape="even",
    ),
    Quantity(
        "U2",
        lambda e: float(special.ndtr(e.d / 2)),
        lambda x, e: (
            f"{percent(x)} of the {e.groups[0]} score above the same share of the {e.groups[1]}"
        ),
        "Φ(d/2)",
        "cohen1988",
    ),
    Quantity(
        "U3",
        lambda e: float(special.ndtr(e.d)),
        lambda x, e: (
            f"{percent(x)} of the {e.groups[1]} score below the average of the {e.groups[0]}"
        ),
        "Φ(d)",
        "cohen1988",
    ),
    Quantity(
        "percentile",
        lambda e: 100 * float(special.ndtr(e.d)),
        lambda x, e: (
            f"the average of the {e.groups[0]} is at percentile {_rounded(x)} of the {e.groups[1]}"
        ),
        "100·Φ(d)",
        "cohen1988",
        form=_rounded,
    ),
    Quantity(
        "overlap",
        lambda e: 2 * float(special.ndtr(-abs(e.d) / 2)),
        lambda x, _: f"the two distributions have {percent(x)} of their area in common",
        "2·Φ(−|d|/2)",
        "inman1989",
        shape="even",
    ),
    Quantity(
        "CLES",
        lambda e: float(special.ndtr(e.d / math.sqrt(2))),
        lambda x, e: (
            f"one of the {e.groups[0]} scores above one of the {e.groups[1]} in {percent(x)} of "
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
        form=_number,
    ),
    Quantity(
        "variance explained",
        lambda e: e.r**2,
        lambda x, _: f"{percent(x)} of the variance of scores goes with the group",
        "r²",
        "cohen1988",
        shape="even",
    ),
    Quantity(
        "BESD treated",
        lambda e: 0.5 + e.r / 2,
        lambda x, e: (
            f"were group and success both split in half, {percent(x)} of the {e.groups[0]} "
            "would succeed"
        ),
        "½ + r/2",
        "rosenthal1982",
    ),
    Quantity(
        "BESD control",
        lambda e: 0.5 - e.r / 2,
        lambda x, e: f"in the same display, {percent(x)} of the {e.groups[1]} would succeed",
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
    ),
)

#: Said only where the share of events among the controls is known.
EVENTS: tuple[Quantity, ...] = (
    Quantity(
        "treated event rate",
        lambda e: float(special.ndtr(e.d + special.ndtri(e.control_event_rate))),
        lambda x, e: (
            f"{percent(x)} of the {e.groups[0]} have the event, where "
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
