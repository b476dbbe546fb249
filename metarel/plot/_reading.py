"""How the effects of a fit are read: on which scale, under which name, against which null."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from metarel.effects.register import MEASURES
from metarel.plot._scale import Scale, code_of, scale_of

# What a transformation leads back to, as a header and as the name of an axis.
_BACK = {
    "tanh": ("r", "Correlation"),
    "tanh2": ("R²", "Variance explained"),
    "expit": ("Proportion", "Proportion"),
    "ndtr": ("Proportion", "Proportion"),
    "sin2": ("Proportion", "Proportion"),
    "square": ("Rate", "Rate"),
    "ahw": ("Reliability", "Reliability"),
    "abt": ("Reliability", "Reliability"),
}
_LEVEL = "higher means"  # how the direction of a measure of one group begins
SHORT = 20  # characters that fit above a column
_HEADERS = {"COR": "r", "UCOR": "r", "ZCOR": "z", "SMDH": "SMD"}


@dataclass(frozen=True, slots=True)
class Reading:
    """The scale of a figure, in words.

    Parameters
    ----------
    scale : Scale
        The transformation and its axis.
    header : str
        What stands above a column of estimates.
    name : str
        What stands under the axis.
    null : float or None
        The value of no effect on the axis; None for quantities that have none.
    sure : bool
        Whether the measure is known, and so its null to be one.
    raw : str
        What stands above a column of effects as they were analysed; empty where that is the same.
    """

    scale: Scale
    header: str
    name: str
    null: float | None
    sure: bool = False
    raw: str = ""


def reading_of(measure: str | None, transform: Any) -> Reading:
    """Return how a measure is read, on its usual scale or after the transformation given."""
    known = MEASURES[measure] if measure is not None and measure in MEASURES else None
    known = None if known is not None and known.code == "GEN" else known
    scale = scale_of(code_of(transform) or (known.transform if known else "identity"))
    if known is None:
        header, name = _BACK.get(scale.code, ("Estimate", "Effect"))
        return Reading(scale, header, name, float(scale.to_axis(0.0)))
    if scale.code not in ("identity", known.transform):
        header, name = _BACK.get(scale.code, ("Estimate", "Effect"))
    elif scale.code == "identity":
        header = f"log {known.code}" if known.transform == "exp" else known.code
        header, name = _HEADERS.get(known.code, header), known.name
    else:
        header, name = _BACK.get(scale.code, (known.code, known.name.replace("log ", "", 1)))
    name = name[:1].upper() + name[1:]
    if known.direction.startswith(_LEVEL):  # a proportion or a mean has no value of no effect
        return Reading(scale, name if len(name) <= SHORT else header, name, None)
    return Reading(scale, header, name, float(scale.to_axis(0.0)), sure=True)


def fit_reading(fit: Any, transform: Any) -> Reading:
    """Return how the effects of a fit are read."""
    found = reading_of(fit.study.measure, transform)
    return replace(found, raw=reading_of(fit.study.measure, "identity").header)
