"""Peterson and Brown's guess at a correlation."""

from __future__ import annotations

import pytest

from metarel.effects.compute import effect_sizes


def test_the_guess_and_its_range() -> None:
    found = effect_sizes(None, "BETA", beta=[0.3, -0.3, 0.0], n=101)
    assert found["yi"].tolist() == pytest.approx([0.35, -0.3, 0.05], rel=1e-13)
    assert found["vi"].tolist() == pytest.approx([(1 - y**2) ** 2 / 100 for y in found["yi"]])
    with pytest.raises(ValueError, match=r"`beta` must be a number in \[-0.5, 0.5\]; row 0 is 0.7"):
        effect_sizes(None, "BETA", beta=0.7, n=101)
