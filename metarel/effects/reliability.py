"""Cronbach's alpha, raw and transformed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import Domain
from metarel.convert.reliability import bonett, hakstian_whalen
from metarel.effects._measure import Design, Measure, VarianceRule

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

INPUTS = ("alpha", "items", "n")
DOMAINS = {"n": Domain(2, open_low=True), "items": Domain(2)}
DIRECTION = "higher means more reliable"


@dataclass(frozen=True, slots=True)
class Alpha:
    """Cronbach's alpha, the number of items, the number of people."""

    alpha: Array
    items: Array
    n: Array


def _complete(given: Given, _options: Options) -> Alpha:
    return Alpha(given["alpha"], given["items"], given["n"])


DESIGN = Design("reliability", _complete, metafor={"alpha": "ai", "items": "mi"})


def _log_scale(x: Alpha) -> Array:
    """Return the variance of log(1 − alpha)."""
    return 2 * x.items / ((x.items - 1) * (x.n - 2))


def _hakstian_whalen(x: Alpha, _yi: Array) -> Array:
    m, n = x.items, x.n
    ratio = 18 * m * (n - 1) * np.cbrt(1 - x.alpha) ** 2
    return ratio / ((m - 1) * (9 * n - 11) ** 2)


MEASURES = (
    Measure(
        code="ARAW",
        name="Cronbach's alpha",
        design=DESIGN,
        inputs=INPUTS,
        estimate=lambda x: x.alpha,
        formula="alpha",
        rules=(
            VarianceRule(
                "LS",
                "2 items (1 − alpha)²/((items − 1)(n − 2))",
                lambda x, _: _log_scale(x) * (1 - x.alpha) ** 2,
                "bonett2002",
                "metafor",
            ),
        ),
        sources=("bonett2010",),
        direction=DIRECTION,
        domains=DOMAINS,
        same_as="metafor ARAW",
    ),
    Measure(
        code="AHW",
        name="cube-root transform of Cronbach's alpha (Hakstian and Whalen)",
        design=DESIGN,
        inputs=INPUTS,
        estimate=lambda x: hakstian_whalen(x.alpha),
        formula="1 − (1 − alpha)^(1/3)",
        rules=(
            VarianceRule(
                "LS",
                "18 items (n − 1)(1 − alpha)^(2/3)/((items − 1)(9 n − 11)²)",
                _hakstian_whalen,
                "hakstian1976",
                "metafor",
            ),
        ),
        sources=("hakstian1976",),
        transform="ahw",
        direction=DIRECTION,
        domains=DOMAINS,
        same_as="metafor AHW; the paper's transform with its sign turned, from 0 up",
    ),
    Measure(
        code="ABT",
        name="log transform of Cronbach's alpha (Bonett)",
        design=DESIGN,
        inputs=INPUTS,
        estimate=lambda x: bonett(x.alpha),
        formula="−log(1 − alpha)",
        rules=(
            VarianceRule(
                "LS",
                "2 items/((items − 1)(n − 2))",
                lambda x, _: _log_scale(x),
                "bonett2002",
                "metafor",
            ),
        ),
        sources=("bonett2002",),
        transform="abt",
        direction=DIRECTION,
        domains=DOMAINS,
        same_as="metafor ABT; the paper's transform with its sign turned",
    ),
)
