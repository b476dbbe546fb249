"""Letters put together from pairs stand where the font sets them."""

from __future__ import annotations

import pytest
from numpy.testing import assert_allclose

from metarel.plot._letters import Letters, is_plain
from metarel.plot._text import font_of

LINES = [
    "Study 17 with a long name",
    "[−0.34,",
    "AVATAR To Wäyne & Ørsted (1977)",
    "τ² = 0.31; χ²₁₂",
    "efficient office fluff",
    "Żółć – a “name”",
    "",
    " ",
]


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("line", LINES)
def test_assembled_lines_equal_the_laid_ones(line: str, bold: bool) -> None:
    letters = Letters(font_of(("DejaVu Sans",), bold))
    wanted, _ = letters._laid(line)
    points, codes = letters.outline(line)
    assert_allclose(points, wanted[0], atol=0.02)  # a 5000th of the font size
    assert (codes == wanted[1]).all()


def test_scripts_that_join_letters_are_laid_out_whole() -> None:
    assert is_plain("Smith et al., 1990 → μ")
    assert not is_plain("دراسة")
    assert not is_plain("e\u0301tude")
