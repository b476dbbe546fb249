"""No word of any picture covers another or is cut, whatever the number of studies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.text import Text

import metarel as mr

PICTURES: dict[str, Callable[..., Axes]] = {
    "baujat": mr.plot.baujat,
    "radial": mr.plot.radial,
    "qq": mr.plot.qq,
    "influence": mr.plot.influence,
    "profile": mr.plot.profile,
    "likelihood": mr.plot.likelihood,
    "joint": lambda fit, **options: mr.plot.likelihood(fit, joint=True, **options),
    "gosh": lambda fit, **options: mr.plot.gosh(mr.gosh(fit, subsets=300, seed=1), **options),
    "drapery": mr.plot.drapery,
    "trace": mr.plot.trace,
    "orchard": mr.plot.orchard,
    "names outside": lambda fit, **options: mr.plot.funnel(fit, names="outside", **options),
    "precision": lambda fit, **options: mr.plot.funnel(fit, y="precision", names="all", **options),
}


def seen(artist: Any) -> Iterator[Text]:
    """Yield the words that are drawn."""
    for child in artist.get_children():
        if not child.get_visible():
            continue
        if isinstance(child, Axis):
            if child.axes.axison:
                low, high = sorted(child.get_view_interval())
                ticks = [t for t in child.get_major_ticks() if low <= t.get_loc() <= high]
                yield from (t.label1 for t in ticks if t.label1.get_visible())
                yield child.label
        elif isinstance(child, Text):
            yield child
        else:
            yield from seen(child)


@pytest.mark.slow
@pytest.mark.parametrize("size", [6.0, 9.0])
@pytest.mark.parametrize("k", [3, 13, 45, 160])
@pytest.mark.parametrize("picture", PICTURES)
def test_words_are_legible(
    simulated: Callable[[int], Any], picture: str, k: int, size: float
) -> None:
    theme = "dark" if size < 9 else "light"
    ax = PICTURES[picture](simulated(k), font_size=size, theme=theme, title="A title")
    figure: Any = ax.figure
    figure.canvas.draw()
    words = [text for text in seen(figure) if text.get_text().strip()]
    boxes = [Text.get_window_extent(text) for text in words]
    pixel = 1.5
    for i, (text, box) in enumerate(zip(words, boxes, strict=True)):
        inside = box.x0 > -pixel and box.y0 > -pixel
        inside &= box.x1 < figure.bbox.x1 + pixel and box.y1 < figure.bbox.y1 + pixel
        assert inside, f"{text.get_text()!r} is cut"
        for other, place in zip(words[:i], boxes[:i], strict=True):
            wide = min(box.x1, place.x1) - max(box.x0, place.x0)
            high = min(box.y1, place.y1) - max(box.y0, place.y0)
            # a line's box is a little higher than its letters
            assert not (wide > pixel and high > 2 * pixel), (
                f"{text.get_text()!r} covers {other.get_text()!r}"
            )
