"""Pictures as bytes, with their words: what the page shows and what it hands out."""

from __future__ import annotations

import base64
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metarel._lazy import Deferred
from metarel.plot._theme import THEMES

if TYPE_CHECKING:
    from matplotlib import figure as figures
    from matplotlib import pyplot
    from matplotlib.axes import Axes

    from metarel import plot
else:  # whoever only asks for words does not wait for them
    figures = Deferred("matplotlib.figure")
    plot = Deferred("metarel.plot")
    pyplot = Deferred("matplotlib.pyplot")

MIME = {".svg": "image/svg+xml", ".png": "image/png"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn figure.

    Parameters
    ----------
    raw : bytes
        The file.
    kind : str
        Its suffix.
    alt : str
        The figure in words.
    width : float
        Its width in CSS pixels, at which its letters have the size they were set in.
    """

    raw: bytes
    kind: str
    alt: str
    width: float

    @property
    def address(self) -> str:
        """The picture as an address that holds it, so that nothing is fetched."""
        return f"data:{MIME[self.kind]};base64,{base64.b64encode(self.raw).decode('ascii')}"


def canvas(width: float, height: float, theme: str) -> Axes:
    """Return Axes of a figure of their own, in inches, that no list of figures holds."""
    paper = THEMES[theme].paper
    drawn: Any = figures.Figure(figsize=(width, height), facecolor=paper, layout="constrained")
    return drawn.add_subplot()


def taken(ax: Axes, kind: str = ".svg", dpi: float = 300.0) -> Picture:
    """Return a figure as the bytes of a file, and let go of it."""
    figure: Any = ax.figure
    width = float(figure.get_figwidth()) * 96
    with tempfile.TemporaryDirectory(prefix="metarel-") as folder:
        file = plot.save(ax, Path(folder, f"picture{kind}"), dpi=dpi)
        raw = file.read_bytes()
    alt = plot.alt_text(ax)
    release(ax)
    return Picture(raw, kind, alt, width)


def release(ax: Axes) -> None:
    """Let go of a figure."""
    figure: Any = ax.figure
    figure.clear()
    pyplot.close(figure)
