"""The ways to say an effect: how each number is computed, what it means, where it stands."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np

from metarel._format import adaptive, percent
from metarel._lazy import special
from metarel.convert.path import convert
from metarel.convert.register import rules_between

#: Points of the quadrature of the normal density over at most one standard deviation.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect on the scales that the quantities are computed from."""

    d: float
    r: float
    base_rate: float
    control_event_rate: float


Value: TypeAlias = Callable[[Effect], float]
Meaning: TypeAlias = Callable[[float, Effect], str]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One way to say an effect: how it is computed, what it means, where it stands."""

    code: str
    value: Value
    meaning: Meaning
    formula: str
    source: str


@dataclass(frozen=True, slots=True)
class Convention:
    """Named marks on a scale, as an author proposed them."""

    code: str
    author: str
    metric: str
    marks: tuple[tuple[float, str], ...]
    source: str


def converted(value: float, source: str, target: str, base_rate: float | None = None) -> float:
    """Return one number converted; with a base rate, by the rule that uses it."""
    rule = None if base_rate is None else "base-rate"
    return cast(float, convert(value, source, target, rule=rule, base_rate=base_rate))


def event_rate_rise(d: float, control_event_rate: float) -> float:
    """Return how much the share above a cut rises when a normal distribution moves by d.

    Up to one standard deviation the density is integrated, so that the difference of two nearly
    equal shares loses no digits; beyond, the shares are taken from the nearer tail.

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
    start = float(special.ndtri(control_event_rate))
    if abs(d) <= 1:
        between = start + d * (_NODES + 1) / 2
        return float(d * (_WEIGHTS @ np.exp(-(between**2) / 2)) / math.sqrt(8 * math.pi))
    side = -1 if start + d / 2 > 0 else 1
    return float(side * (special.ndtr(side * (start + d)) - special.ndtr(side * start)))


def _one_in(rise: float) -> float:
    """Return the reciprocal: infinitely many where nothing rises, or too little to count."""
    return 1 / rise if abs(rise) > 1e-300 else math.inf


def _needed(value: float, success: str) -> str:
    """Say a number needed to treat; a negative one counts harm."""
    if math.isinf(value):
        return f"however many are treated, no more of them {success} than of as many controls"
    more = "more" if value > 0 else "fewer"
    harm = "" if value > 0 else ": a number needed to harm"
    return (
        f"for every {adaptive(abs(value), 2)} people treated, one {more} would {success} than of "
        f"as many controls{harm}"
    )


def _cliff(value: float, _effect: Effect) -> str:
    word = "lower" if value < 0 else "higher"
    return (
        f"pairs in which the treated person is {word} outnumber the other pairs by "
        f"{percent(abs(value))} of all"
    )


def _odds(value: float, _effect: Effect) -> str:
    return (
        f"were scores logistic, the odds to be above any cut would be {adaptive(value, 2)} times "
        "as high in the treated"
    )


_LOG_ODDS = rules_between("d", "log_or")[0]

#: All that is said of an effect, in the order in which it is read.
QUANTITIES: tuple[Quantity, ...] = (
    Quantity(
        "U1",
        lambda e: float(special.erf(abs(e.d) / math.sqrt(8)) / special.ndtr(abs(e.d) / 2)),
        lambda x, _: f"{percent(x)} of both groups together lie where they do not overlap",
        "(2·Φ(|d|/2) − 1)/Φ(|d|/2)",
        "cohen1988",
    ),
    Quantity(
        "U2",
        lambda e: float(special.ndtr(e.d / 2)),
        lambda x, _: f"{percent(x)} of the treated score above the same share of the controls",
        "Φ(d/2)",
        "cohen1988",
    ),
    Quantity(
        "U3",
        lambda e: float(special.ndtr(e.d)),
        lambda x, _: f"{percent(x)} of the controls score below the average treated person",
        "Φ(d)",
        "cohen1988",
    ),
    Quantity(
        "percentile",
        lambda e: 100 * float(special.ndtr(e.d)),
        lambda x, _: f"the average treated person is at percentile {adaptive(x, 2)} of controls",
        "100·Φ(d)",
        "cohen1988",
    ),
    Quantity(
        "overlap",
        lambda e: 2 * float(special.ndtr(-abs(e.d) / 2)),
        lambda x, _: f"the two distributions have {percent(x)} of their area in common",
        "2·Φ(−|d|/2)",
        "inman1989",
    ),
    Quantity(
        "CLES",
        lambda e: float(special.ndtr(e.d / math.sqrt(2))),
        lambda x, _: f"a random treated person beats a random control with chance {percent(x)}",
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
    ),
    Quantity(
        "variance explained",
        lambda e: e.r**2,
        lambda x, _: f"{percent(x)} of the variance of scores goes with the group",
        "r²",
        "cohen1988",
    ),
    Quantity(
        "BESD treated",
        lambda e: 0.5 + e.r / 2,
        lambda x, _: (
            f"were treatment and success both split in half, {percent(x)} of the "
            "treated would succeed"
        ),
        "½ + r/2",
        "rosenthal1982",
    ),
    Quantity(
        "BESD control",
        lambda e: 0.5 - e.r / 2,
        lambda x, _: f"in the same display, {percent(x)} of the controls would succeed",
        "½ − r/2",
        "rosenthal1982",
    ),
    Quantity(
        "log odds ratio",
        lambda e: converted(e.d, "d", "log_or"),
        lambda x, _: (
            f"were scores logistic, the log odds to be above any cut would differ by {adaptive(x)}"
        ),
        _LOG_ODDS.symbols(),
        _LOG_ODDS.reference,
    ),
    Quantity(
        "odds ratio",
        lambda e: converted(e.d, "d", "or"),
        _odds,
        f"exp({_LOG_ODDS.symbols()})",
        _LOG_ODDS.reference,
    ),
    Quantity(
        "NNT (Kraemer-Kupfer)",
        lambda e: _one_in(float(special.erf(e.d / 2))),
        lambda x, _: _needed(x, "beat a random person of the other group"),
        "1/(2·Φ(d/√2) − 1)",
        "kraemer2006",
    ),
)

#: Said only where the share of events among the controls is known.
EVENTS: tuple[Quantity, ...] = (
    Quantity(
        "treated event rate",
        lambda e: float(special.ndtr(e.d + special.ndtri(e.control_event_rate))),
        lambda x, e: (
            f"{percent(x)} of the treated have the event, where "
            f"{100 * e.control_event_rate:g}% of the controls do"
        ),
        "Φ(d + Φ⁻¹(control_event_rate))",
        "furukawa2011",
    ),
    Quantity(
        "NNT (Furukawa-Leucht)",
        lambda e: _one_in(event_rate_rise(e.d, e.control_event_rate)),
        lambda x, _: _needed(x, "have the event"),
        "1/(Φ(d + Φ⁻¹(control_event_rate)) − control_event_rate)",
        "furukawa2011",
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
