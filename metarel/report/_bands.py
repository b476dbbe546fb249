"""High figures in bands that each fit a page, cut between their lines of text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Height of a page in widths of the figure; a caption must fit beneath.
PAGE = 1.3
_FULL = 0.95  # share of a page that a band aims at, so that cuts can move to a gap
_MARGIN = 0.01  # inches between a line of text and a cut


def text_lines(figure: Any) -> list[tuple[Any, float, float]]:
    """Return every visible text of a figure with its lower and upper end, in inches."""
    figure.draw_without_rendering()
    renderer, dots = figure.canvas.get_renderer(), float(figure.dpi)
    found = []
    for artist in figure.findobj(lambda item: hasattr(item, "get_text") and item.get_visible()):
        if artist.get_text().strip():
            box = artist.get_window_extent(renderer)
            found.append((artist, box.y0 / dots, box.y1 / dots))
    return found


def page_bands(figure: Any) -> list[tuple[float, float]]:
    """Return the bands of a figure from the top, each from its lower to its upper end in inches."""
    height, most = float(figure.get_figheight()), PAGE * float(figure.get_figwidth())
    if height <= most:
        return [(0.0, height)]
    gaps = _gaps([(low, high) for _, low, high in text_lines(figure)])
    many = math.ceil(height / (_FULL * most))
    bands, top = [], height
    for left in range(many, 1, -1):
        wanted = top - top / left
        fitting = [gap for gap in gaps if top - most <= gap < top]
        cut = min(fitting, key=lambda gap: abs(gap - wanted), default=wanted)
        bands.append((cut, top))
        top = cut
    return [*bands, (0.0, top)]


def _gaps(spans: list[tuple[float, float]]) -> list[float]:
    """Return the middles of the gaps between spans."""
    found, reached = [], -1.0
    for low, high in sorted(spans):
        if reached >= 0 and low > reached + 2 * _MARGIN:
            found.append((low + reached) / 2)
        reached = max(reached, high)
    return found


@contextmanager
def text_within(figure: Any, band: tuple[float, float] | None) -> Iterator[None]:
    """Hide the text outside of a band, which a file would hold although nobody sees it."""
    hidden = []
    if band is not None:
        hidden = [a for a, low, high in text_lines(figure) if high < band[0] or low > band[1]]
    for artist in hidden:
        artist.set_visible(False)
    try:
        yield
    finally:
        for artist in hidden:
            artist.set_visible(True)
