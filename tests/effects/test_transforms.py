"""Back-transformations: each measure's own leads to the quantity people read."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from metarel.effects.compute import effect_sizes
from metarel.effects.register import MEASURES
from metarel.effects.transforms import TRANSFORMS

TABLE = {"events1": 12.0, "n1": 40.0, "events2": 5.0, "n2": 44.0}
RATES = {"events1": 12.0, "time1": 40.0, "events2": 5.0, "time2": 44.0}
PAIRS = {"both": 20.0, "only1": 14.0, "only2": 6.0, "neither": 35.0}
GROUPS = {"m1": 12.1, "sd1": 3.1, "n1": 20.0, "m2": 10.2, "sd2": 2.8, "n2": 27.0}
MODEL = {"r2": 0.35, "predictors": 3.0, "n": 80.0}
#: Measure, inputs, and the quantity on the scale that people read.
NATURAL: list[tuple[str, dict[str, float], float]] = [
    ("RR", TABLE, (12 / 40) / (5 / 44)),
    ("OR", TABLE, (12 / 28) / (5 / 39)),
    ("RD", TABLE, 12 / 40 - 5 / 44),
    ("IRR", RATES, (12 / 40) / (5 / 44)),
    ("MPOR", PAIRS, (34 / 41) / (26 / 49)),
    ("MPORC", PAIRS, 14 / 6),
    ("ZCOR", {"r": 0.4, "n": 30.0}, 0.4),
    ("ZPB", {"r": 0.4, "n1": 30.0, "n2": 20.0}, 0.4),
    ("ZPCOR", {"r": 0.4, "predictors": 2.0, "n": 30.0}, 0.4),
    ("ZR2", MODEL, 0.35),
    ("ZR2F", MODEL, 0.35),
    ("PLN", {"events": 12.0, "n": 40.0}, 0.3),
    ("PLO", {"events": 12.0, "n": 40.0}, 0.3),
    ("PRZ", {"events": 12.0, "n": 40.0}, 0.3),
    ("PAS", {"events": 12.0, "n": 40.0}, 0.3),
    ("IRLN", {"events": 12.0, "time": 40.0}, 0.3),
    ("IRS", {"events": 12.0, "time": 40.0}, 0.3),
    ("AHW", {"alpha": 0.8, "items": 9.0, "n": 40.0}, 0.8),
    ("ABT", {"alpha": 0.8, "items": 9.0, "n": 40.0}, 0.8),
    ("ROM", GROUPS, 12.1 / 10.2),
    ("VR", GROUPS, 3.1 / 2.8),
    ("MNLN", {"mean": 12.1, "sd": 3.1, "n": 20.0}, 12.1),
]


@pytest.mark.parametrize(("code", "inputs", "natural"), NATURAL, ids=[n[0] for n in NATURAL])
def test_measures_lead_back(code: str, inputs: dict[str, float], natural: float) -> None:
    y = effect_sizes(None, code, **inputs, correct=False)["yi"].to_numpy()
    back = TRANSFORMS[MEASURES[code].transform].back
    assert back(y)[0] == pytest.approx(natural, rel=1e-13)


def test_every_transform_of_a_measure_is_registered_and_used_above() -> None:
    used = {measure.transform for measure in MEASURES.values()}
    assert used == set(TRANSFORMS)
    assert used == {MEASURES[code].transform for code, *_ in NATURAL}


@pytest.mark.parametrize("code", TRANSFORMS)
def test_transforms_increase_also_beyond_their_range(code: str) -> None:
    back: Callable = TRANSFORMS[code].back
    assert (np.diff(back(np.linspace(-3, 3, 61))) >= 0).all()


def test_unknown_transform_offers_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"`transform` must be one of .* Did you mean 'exp'\?"):
        TRANSFORMS["EXPS"]
