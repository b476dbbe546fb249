"""A correlation guessed from a standardised regression coefficient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metarel._vocabulary import Domain
from metarel.convert.register import EDGES
from metarel.effects._measure import ASSOCIATION, Design, Measure, VarianceRule

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

PETERSON = "peterson2005"
EDGE = EDGES["beta->r:peterson-brown"]


@dataclass(frozen=True, slots=True)
class Slope:
    """A standardised regression coefficient and the size of its sample."""

    beta: Array
    n: Array


def _complete(given: Given, _options: Options) -> Slope:
    return Slope(given["beta"], given["n"])


DESIGN = Design("slope", _complete)

MEASURES = (
    Measure(
        code="BETA",
        name="correlation guessed from a standardised regression coefficient",
        design=DESIGN,
        inputs=("beta", "n"),
        estimate=lambda x: EDGE.forward(x.beta, {}),
        formula="beta + 0.05, the 0.05 only where beta ≥ 0; for |beta| up to 0.5",
        rules=(
            VarianceRule(
                "LS",
                "(1 − yi²)²/(n − 1), as if yi were an observed correlation: the error of the "
                "guess is left out",
                lambda x, yi: ((1 - yi) * (1 + yi)) ** 2 / (x.n - 1),
                PETERSON,
                "whoever enters the guess as r in COR",
            ),
        ),
        sources=(PETERSON,),
        direction=ASSOCIATION,
        domains={"beta": Domain(-0.5, 0.5), "n": Domain(1, open_low=True)},
        same_as="no code in metafor; reviews that quote the fitted equation take 0.98 beta + 0.05",
    ),
)
