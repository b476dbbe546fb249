"""Lines of text as outlines, fast: each letter and each pair of letters is laid out once."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from metarel._checks import Array

Outline = tuple["Array", "Array"]

#: Latin and Greek, general punctuation, arrows and operators: letters that keep their shape
#: beside others. Scripts that join letters are laid out line by line.
_PLAIN = ((0x20, 0x2FF), (0x370, 0x3FF), (0x2010, 0x2043), (0x2190, 0x21FF), (0x2200, 0x22FF))


def is_plain(text: str) -> bool:
    """Tell whether a text is made of letters that keep their shape."""
    return all(any(low <= ord(c) <= high for low, high in _PLAIN) for c in text)


@dataclass
class Letters:
    """The letters of a font, and how far apart they stand.

    Parameters
    ----------
    font : FT2Font
        The font, at the size at which text is measured.
    """

    font: Any
    glyphs: dict[Any, Any] = field(default_factory=dict)
    shapes: dict[str, Outline | None] = field(default_factory=dict)
    steps: dict[str, float | None] = field(default_factory=dict)

    def outline(self, text: str) -> Outline:
        """Return vertices and codes of a line that begins at 0."""
        return (self._assembled(text) if is_plain(text) else None) or self._laid(text)[0]

    def _laid(self, text: str) -> tuple[Outline, list[float]]:
        """Return the outline of a line as the font lays it out, and where its letters begin."""
        from matplotlib.textpath import text_to_path

        placed, self.glyphs, _ = text_to_path.get_glyphs_with_font(self.font, text, self.glyphs)
        at = [(self.glyphs[code], x, y, scale) for code, x, y, scale in placed]
        if not at:
            return (np.empty((0, 2)), np.empty(0, dtype=np.uint8)), []
        points = [np.asarray(shape[0]) * scale + (x, y) for shape, x, y, scale in at]
        codes = [np.asarray(shape[1]) for shape, *_ in at]
        return (np.concatenate(points), np.concatenate(codes)), [x for _, x, _, _ in at]

    def _shape(self, letter: str) -> Outline | None:
        """Return the outline of a letter alone; None where it is not one glyph."""
        if letter not in self.shapes:
            outline, starts = self._laid(letter)
            self.shapes[letter] = outline if len(starts) == 1 else None
        return self.shapes[letter]

    def _step(self, pair: str) -> float | None:
        """Return how far the second of two letters is from the first; None for a ligature."""
        if pair not in self.steps:
            starts = self._laid(pair)[1]
            self.steps[pair] = starts[1] - starts[0] if len(starts) == 2 else None
        return self.steps[pair]

    def _assembled(self, text: str) -> Outline | None:
        """Return the outline put together from letters; None where that cannot be done."""
        shapes = [self._shape(letter) for letter in text]
        steps = [self._step(first + second) for first, second in pairwise(text)]
        if not text or any(part is None for part in (*shapes, *steps)):
            return None
        starts = np.cumsum([0.0, *steps])
        known = [shape for shape in shapes if shape is not None]
        points = np.concatenate([shape[0] for shape in known])
        counts = [len(shape[0]) for shape in known]
        points[:, 0] += np.repeat(starts, counts)
        return points, np.concatenate([shape[1] for shape in known])
