"""Every measure is read on its own scale, under a name, against its null."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.effects.register import MEASURES
from metarel.effects.transforms import TRANSFORMS
from metarel.errors import InputError
from metarel.plot._reading import reading_of
from metarel.plot._scale import scale_of


@pytest.mark.parametrize(
    ("measure", "transform", "header", "name", "null"),
    [
        ("RR", None, "RR", "Risk ratio", 1.0),
        ("RR", "identity", "log RR", "Log risk ratio", 0.0),
        ("ZCOR", None, "r", "Correlation", 0.0),
        ("ZCOR", "identity", "z", "Fisher's z of a correlation", 0.0),
        ("SMD", None, "SMD", "Standardised mean difference", 0.0),
        ("SMD", "exp", "Estimate", "Effect", 1.0),
        ("PLO", None, "Proportion", "Proportion", None),
        ("MN", None, "Mean", "Mean", None),
        ("AHW", None, "Reliability", "Reliability", None),
        ("GEN", None, "Estimate", "Effect", 0.0),
        (None, None, "Estimate", "Effect", 0.0),
        (None, "tanh", "r", "Correlation", 0.0),
        (None, "exp", "Estimate", "Effect", 1.0),
    ],
)
def test_reading(
    measure: str | None, transform: str | None, header: str, name: str, null: float | None
) -> None:
    reading = reading_of(measure, transform)
    assert (reading.header, reading.name, reading.null) == (header, name, null)


def test_functions_that_have_a_name_are_scales() -> None:
    """As predict takes them; an axis cannot be made for any other function."""
    for function, name in ((np.exp, "exp"), (np.tanh, "tanh"), (np.square, "square")):
        assert reading_of("SMD", function) == reading_of("SMD", name)
        y = np.array([0.1, 0.7, 1.2])
        np.testing.assert_allclose(TRANSFORMS[name].back(y), function(y), rtol=1e-15)
    assert reading_of("RR", True) == reading_of("RR", None)
    with pytest.raises(InputError, match=r"`transform` must be the name of a scale.*got log1p"):
        reading_of("RR", np.log1p)


@pytest.mark.parametrize("measure", list(MEASURES))
def test_every_measure_can_be_read(measure: str) -> None:
    reading = reading_of(measure, None)
    assert reading.scale.code == MEASURES[measure].transform
    assert reading.name[0].isupper()
    assert "log " not in reading.name.lower() or reading.scale.code == "identity"


@pytest.mark.parametrize("code", list(TRANSFORMS))
def test_scales_increase_and_ratios_are_positive(code: str) -> None:
    scale = scale_of(code)
    values = scale.to_axis(np.linspace(-3, 3, 101))
    assert (np.diff(values) >= 0).all()
    assert not scale.ratio or (values > 0).all()
    assert np.allclose(scale.bent(scale.straight(np.abs(values) + 1)), np.abs(values) + 1)


def test_an_unknown_transformation_is_refused() -> None:
    with pytest.raises(InputError, match=r"`transform` must be one of .*Did you mean 'tanh'"):
        reading_of(None, "tanhh")
