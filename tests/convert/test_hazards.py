"""Hazard ratios: from survival curves, against printed conversions, and refused."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.convert.path import convert
from metarel.errors import InputError


@pytest.mark.parametrize("hazard_ratio", [0.3, 0.9, 1.0, 2.5])
def test_two_exponential_curves_have_these_risks(hazard_ratio):
    hazard, years = 0.07, 4.0
    risk1, risk2 = (1 - np.exp(-h * years) for h in (hazard * hazard_ratio, hazard))
    words = {"control_rate": risk2}
    assert convert(hazard_ratio, "hr", "rr", **words) == pytest.approx(risk1 / risk2, rel=1e-13)
    if hazard_ratio != 1:
        needed = convert(hazard_ratio, "hr", "nnt", **words)
        assert needed == pytest.approx(1 / (risk1 - risk2), rel=1e-12)


def test_a_rare_event_makes_both_ratios_one():
    found = convert(0.7, "hr", "rr", control_rate=1e-9)
    assert found == pytest.approx(0.7, rel=1e-8)


def test_minimax_of_a_common_outcome():
    """HR of 0.56 in the example of the E-value, for an outcome of more than 15 %."""
    expected = (1 - 0.5**0.56**0.5) / (1 - 0.5 ** (1 / 0.56) ** 0.5)
    found = convert(0.56, "hr", "rr", rule="minimax")
    assert found == pytest.approx(expected, rel=1e-14)
    assert convert(1 / 0.56, "hr", "rr", rule="minimax") == pytest.approx(1 / found, rel=1e-14)
    assert convert(found, "rr", "hr", rule="minimax") == pytest.approx(0.56, rel=1e-13)


def test_small_effects_keep_their_digits():
    found = convert(1e-12, "log_hr", "log_rr", rule="minimax")
    assert found == pytest.approx(np.log(2) * 1e-12, rel=1e-12)


def test_minimax_errs_less_than_either_end_of_the_risks():
    """Between risks of 0.2 and 0.8 it lies between the exact answers at both ends."""
    ends = [convert(0.5, "hr", "rr", control_rate=risk) for risk in (0.2, 0.8)]
    assert min(ends) < convert(0.5, "hr", "rr", rule="minimax") < max(ends)


def test_what_cannot_be_converted():
    with pytest.raises(InputError, match="`control_rate` must be given: rule 'control-rate'"):
        convert(0.5, "hr", "rr")
    with pytest.raises(InputError, match="must be a number; check the value"):
        convert(3.0, "rr", "hr", control_rate=0.4)
    with pytest.raises(InputError, match="`value` must be positive"):
        convert(-0.5, "hr", "rr", control_rate=0.4)
