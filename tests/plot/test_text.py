"""Text is measured before it is set: nothing is wider than it says, and columns keep apart."""

from __future__ import annotations

import matplotlib as mpl
import pytest

from metarel.plot._text import Column, place, text_width, wrap

mpl.use("Agg")


def test_width_grows_with_text_and_weight() -> None:
    assert text_width("") == 0
    assert text_width("Smith") < text_width("Smith 1990") < text_width("Smith 1990", bold=True)
    assert text_width("Smith 1990\nLee") == text_width("Smith 1990")


@pytest.mark.parametrize("dpi", [100, 150, 300])
@pytest.mark.parametrize("text", ["0.49 [0.34, 0.70]", "Comstock & Webster, 1969", "τ² = 0.31"])
def test_width_is_that_of_the_screen(text: str, dpi: int) -> None:
    """Within what the gaps between columns absorb: they are more than an em wide."""
    import matplotlib.pyplot as plt

    figure = plt.figure(dpi=dpi)
    drawn = figure.text(0, 0, text, fontsize=9)
    width = drawn.get_window_extent(figure.canvas.get_renderer()).width * 72 / dpi / 9  # type: ignore[attr-defined]
    plt.close(figure)
    assert width <= text_width(text) + 0.4
    assert width >= text_width(text) * 0.85


def test_wrap_breaks_at_spaces_and_keeps_words_and_bound_spaces() -> None:
    text = "A rather long name of a consortium"
    broken = wrap(text, 8)
    assert broken.replace("\n", " ") == text
    assert all(text_width(line) <= 8 for line in broken.split("\n"))
    assert wrap("Unbreakablelongword and more", 3).split("\n")[0] == "Unbreakablelongword"
    assert "τ²\u00a0=\u00a00.3" in wrap("first, τ²\u00a0=\u00a00.3", 4)


def test_columns_do_not_overlap_and_fill_the_least_width() -> None:
    columns = [
        Column("Study", (("Smith",), ("A longer name",), ())),
        Column("n", (("12",), ("1200",), ()), right=True),
    ]
    placed, width = place(columns, bold=frozenset(), gap=1.3)
    assert placed[0].start == 0
    assert placed[1].start == pytest.approx(placed[0].end + 1.3)
    assert placed[1].anchors[-1] == pytest.approx(placed[1].end)
    assert width == pytest.approx(placed[1].end)
    assert place(columns, bold=frozenset(), gap=1.3, least=40.0)[1] == pytest.approx(40)
    assert place([], bold=frozenset(), gap=1.3) == ((), 0.0)


def test_parts_of_a_cell_keep_apart_even_in_bold() -> None:
    cells = (("0.49", "[0.34,", "0.70]"), ("−1.20", "[−2.00,", "−0.40]"))
    bold = frozenset({1})
    (placed,), _ = place([Column("", cells, right=True)], bold=bold, gap=1.0)
    for line, cell in enumerate(cells):
        for part in (1, 2):
            start = placed.anchors[part] - text_width(cell[part], bold=line in bold)
            assert start > placed.anchors[part - 1] + 0.1
        assert placed.anchors[0] - text_width(cell[0], bold=line in bold) >= -1e-9
