"""The edges of odds ratios: to d, to risks given the control group's, to correlations of tables."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special
from metarel._vocabulary import POSITIVE, Domain
from metarel.convert._edge import DEFINITION, OPEN_CORRELATION, Edge
from metarel.convert._factories import by_factor, defined, plain, there_and_back, unfilled

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Closed, Exactness, Formula, Given

LOGISTIC = math.sqrt(3) / math.pi
COX = 1 / 1.65
SANCHEZ = "sanchezmeca2003"

_CONTROL = ("control_rate",)
_GIVEN_RISK = "`control_rate` is the share of events in group 2 to which the odds ratio is applied."

#: Of a log-normal ratio: the mean and the mode.
_LOG_NORMAL: dict[str, Closed] = {
    "mean": lambda x, tau2, _given: np.exp(x + tau2 / 2),
    "mode": lambda x, tau2, _given: np.exp(x - tau2),
}


def log_ratio(ratio: str, log: str, reference: str, domain: Domain = POSITIVE) -> tuple[Edge, Edge]:
    """Return the edges between a ratio and its logarithm.

    Parameters
    ----------
    ratio, log : str
        Codes of both metrics.
    reference : str
        Key of the source.
    domain : Domain
        The ratios that have a logarithm.

    Returns
    -------
    tuple of Edge
        Logarithm, exponential.
    """
    there = defined(
        ratio,
        log,
        "ln({x})",
        (plain(np.log), plain(np.exp), plain(lambda x: 1 / x)),
        reference=reference,
        domain=domain,
    )
    back = defined(
        log,
        ratio,
        "exp({x})",
        (plain(np.exp), plain(np.log), plain(np.exp)),
        reference=reference,
    )
    return there, replace(back, averages=_LOG_NORMAL)


def _normal_log_odds(z: Array) -> Array:
    """Return the log odds of the normal share below z, from both tails."""
    return special.log_ndtr(z) - special.log_ndtr(-z)


def _treated(log_or: Array, given: Given) -> Array:
    """Return the normal quantile of the share of events in group 1."""
    control = given["control_rate"]
    log_odds = log_or + np.log(control) - np.log1p(-control)
    share = special.expit(-np.abs(log_odds))
    return -np.sign(log_odds) * special.ndtri(share)


def _probit_d(log_or: Array, given: Given) -> Array:
    return _treated(log_or, given) - special.ndtri(given["control_rate"])


def _probit_log_or(d: Array, given: Given) -> Array:
    cut = special.ndtri(given["control_rate"])
    return _normal_log_odds(cut + d) - _normal_log_odds(cut)


def _density_over_odds(z: Array) -> Array:
    """Return φ(z)/(Φ(z)·Φ(−z)), the slope of the log odds in z."""
    logs = special.log_ndtr(z) + special.log_ndtr(-z)
    return np.exp(-(z**2) / 2 - logs) / math.sqrt(2 * math.pi)


def _probit_slope(log_or: Array, given: Given) -> Array:
    return 1 / _density_over_odds(_treated(log_or, given))


def _by_constant(
    rule: str, formulas: tuple[str, str], factor: float, shape: str, sources: tuple[str, str]
) -> tuple[Edge, Edge]:
    return by_factor(
        unfilled(
            "log_or",
            "d",
            rule,
            formulas[0],
            f"The outcome behind the dichotomy is {shape} with the same variance in both groups.",
            sources[0],
            exactness="approximation",
            used_by=sources[1],
            default=rule == "logistic",
        ),
        formulas[1],
        lambda _given: factor,
    )


_TO_D = (
    *_by_constant(
        "logistic",
        ("{x}·√3/π", "{x}·π/√3"),
        LOGISTIC,
        "logistic",
        ("chinn2000", "metafor (lnortod.logis, dtolnor.logis), meta, Borenstein (2009), esc"),
    ),
    *_by_constant(
        "cox",
        ("{x}/1.65", "{x}·1.65"),
        COX,
        "normal",
        (SANCHEZ, "metafor (lnortod.norm, dtolnor.norm), meta, esc"),
    ),
    *there_and_back(
        Edge(
            "log_or",
            "d",
            "probit",
            _probit_d,
            _probit_log_or,
            _probit_slope,
            "Φ⁻¹(expit({x} + logit(p))) − Φ⁻¹(p), p = {control_rate}",
            "The outcome behind the dichotomy is normal with the same variance in both groups, and "
            "`control_rate` of group 2 are beyond the cut.",
            "exact",
            SANCHEZ,
            needs=_CONTROL,
            used_by="metafor (measure PBIT)",
        ),
        "logit(Φ({x} + Φ⁻¹(p))) − logit(p), p = {control_rate}",
        lambda d, given: _density_over_odds(special.ndtri(given["control_rate"]) + d),
    ),
)


def _swell(log_or: Array, given: Given) -> Array:
    """Return 1 + p (OR − 1)."""
    return 1 + given["control_rate"] * np.expm1(log_or)


def _log_rr(log_or: Array, given: Given) -> Array:
    return log_or - np.log1p(given["control_rate"] * np.expm1(log_or))


def _of_log_rr(log_rr: Array, given: Given) -> Array:
    control = given["control_rate"]
    return log_rr + np.log1p(-control) - np.log1p(-control * np.exp(log_rr))


def _rd(log_or: Array, given: Given) -> Array:
    control = given["control_rate"]
    return control * (1 - control) * np.expm1(log_or) / _swell(log_or, given)


def _of_rd(rd: Array, given: Given) -> Array:
    control = given["control_rate"]
    return np.log1p(rd / control) - np.log1p(-rd / (1 - control))


def _rd_slope(log_or: Array, given: Given) -> Array:
    control = given["control_rate"]
    return control * (1 - control) * np.exp(log_or) / _swell(log_or, given) ** 2


def _given_control(
    target: str,
    functions: tuple[Formula, Formula, Formula],
    formulas: tuple[str, str],
    used_by: str,
) -> tuple[Edge, Edge]:
    edge = Edge(
        "log_or",
        target,
        "control-rate",
        *functions,
        formulas[0],
        _GIVEN_RISK,
        "exact",
        "zhang1998",
        needs=_CONTROL,
        used_by=used_by,
        default=True,
    )
    return there_and_back(edge, formulas[1])


_reciprocal = plain(lambda x: 1 / x)
_NNT = (_reciprocal, _reciprocal, plain(lambda x: -1 / x**2))
_RISKS = (
    *log_ratio("or", "log_or", SANCHEZ),
    *log_ratio("rr", "log_rr", "zhang1998"),
    *_given_control(
        "log_rr",
        (_log_rr, _of_log_rr, lambda x, given: (1 - given["control_rate"]) / _swell(x, given)),
        (
            "{x} − ln(1 + {control_rate}·(exp({x}) − 1))",
            "{x} + ln((1 − {control_rate})/(1 − {control_rate}·exp({x})))",
        ),
        "metafor (transf.lnortorr), effectsize",
    ),
    *_given_control(
        "rd",
        (_rd, _of_rd, _rd_slope),
        (
            "p·(1 − p)·(exp({x}) − 1)/(1 + p·(exp({x}) − 1)), p = {control_rate}",
            "ln((1 + {x}/p)/(1 − {x}/(1 − p))), p = {control_rate}",
        ),
        "metafor (transf.lnortord), effectsize, meta (nnt)",
    ),
    defined("rd", "nnt", "1/{x}", _NNT, reference="laupacis1988"),
    defined("nnt", "rd", "1/{x}", _NNT, reference="laupacis1988"),
)


def _tanh_of(part: float) -> tuple[Formula, Formula, Formula]:
    """Return x → tanh(part·x), its inverse and its slope."""
    return (
        plain(lambda x: np.tanh(part * x)),
        plain(lambda y: np.arctanh(y) / part),
        plain(lambda x: part * np.cosh(part * x) ** -2.0),
    )


def _of_table(
    target: str,
    rule: str,
    functions: tuple[Formula, Formula, Formula],
    formulas: tuple[str, str],
    assumption: str,
    exactness: Exactness,
    sources: tuple[str, str],
) -> tuple[Edge, Edge]:
    edge = Edge(
        "log_or",
        target,
        rule,
        *functions,
        formulas[0],
        assumption,
        exactness,
        sources[0],
        used_by=sources[1],
        default=rule != "digby",
    )
    return there_and_back(edge, formulas[1], domain=OPEN_CORRELATION)


def _pearson_slope(log_or: Array) -> Array:
    bend = np.pi / 2 * np.tanh(log_or / 4)
    return np.cos(bend) * np.pi / 8 * np.cosh(log_or / 4) ** -2.0


_PEARSON = (
    # cos(π/(1 + √OR)), without the loss of digits near no effect.
    plain(lambda x: np.sin(np.pi / 2 * np.tanh(x / 4))),
    plain(lambda r: 4 * np.arctanh(2 / np.pi * np.arcsin(r))),
    plain(_pearson_slope),
)
_TETRACHORIC = (
    _of_table(
        "r_tet",
        "pearson",
        _PEARSON,
        ("cos(π/(1 + √exp({x})))", "2·ln(π/arccos({x}) − 1)"),
        "Both variables are normal and are cut at their medians.",
        "exact",
        ("pearson1900", "metafor (transf.lnortortet.pearson)"),
    ),
    _of_table(
        "r_tet",
        "digby",
        _tanh_of(3 / 8),
        ("(exp({x})^¾ − 1)/(exp({x})^¾ + 1)", "4/3·ln((1 + {x})/(1 − {x}))"),
        "Both variables are normal; the exponent is a compromise between cuts at their medians and "
        "elsewhere.",
        "approximation",
        ("digby1983", "metafor (transf.lnortortet.digby)"),
    ),
)
_YULE = (
    *_of_table(
        "yule_q",
        "definition",
        _tanh_of(1 / 2),
        ("(exp({x}) − 1)/(exp({x}) + 1)", "ln((1 + {x})/(1 − {x}))"),
        DEFINITION,
        "identity",
        ("yule1912", "metafor (measure YUQ)"),
    ),
    *_of_table(
        "yule_y",
        "definition",
        _tanh_of(1 / 4),
        ("(√exp({x}) − 1)/(√exp({x}) + 1)", "2·ln((1 + {x})/(1 − {x}))"),
        DEFINITION,
        "identity",
        ("yule1912", "metafor (measure YUY)"),
    ),
)


def _only_alone(pair: tuple[Edge, Edge]) -> tuple[Edge, Edge]:
    """Keep routes from running on past a tetrachoric correlation."""
    there, back = pair
    return there, replace(back, alone=True)


EDGES: tuple[Edge, ...] = (
    *_TO_D,
    *_RISKS,
    *(edge for pair in _TETRACHORIC for edge in _only_alone(pair)),
    *_YULE,
)
