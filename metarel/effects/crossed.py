"""Log odds ratios from standardised mean differences."""

from __future__ import annotations

import math

from metarel.effects._means import DESIGN, INSTEAD, MEANS
from metarel.effects._measure import Measure, VarianceRule

SANCHEZ = "sanchezmeca2003"


def _scaled(code: str, name: str, factor: float, written: str, source: str, same: str) -> Measure:
    """Return the measure that is the uncorrected d times a constant."""
    return Measure(
        code=code,
        name=name,
        design=DESIGN,
        inputs=MEANS,
        alternatives=INSTEAD,
        estimate=lambda x: factor * x.d,
        formula=f"{written} · (m1 − m2)/pooled sd",
        rules=(
            VarianceRule(
                "LS",
                f"({written})² (1/n1 + 1/n2 + d²/(2 (n1 + n2)))",
                lambda x, _: factor**2 * (x.inverse_n + x.d**2 / (2 * x.n)),
                source,
                "metafor",
            ),
        ),
        sources=(source, SANCHEZ),
        transform="exp",
        same_as=same,
    )


MEASURES = (
    _scaled(
        "D2ORL",
        "log odds ratio from a standardised mean difference, logistic outcome",
        math.pi / math.sqrt(3),
        "π/√3",
        "chinn2000",
        "metafor D2ORL (alias D2OR), from d without correction",
    ),
    _scaled(
        "D2ORN",
        "log odds ratio from a standardised mean difference, normal outcome",
        1.65,
        "1.65",
        "cox1989",
        "metafor D2ORN, from d without correction",
    ),
)
