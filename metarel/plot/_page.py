"""The page of a forest plot: a figure that is just large enough, or the Axes given."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metarel.errors import MetarelWarning
from metarel.plot._axis import Axis, dress
from metarel.plot._lights import Key, set_key
from metarel.plot._resize import keep_apart
from metarel.plot._sheet import PANEL, Entry, Paper, Sheet, arrange, own_paper, paper_within
from metarel.plot._text import Column
from metarel.plot._typeset import room_above, set_title

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from metarel.plot._theme import Theme

MARGIN = 10.0  # points around a figure of our own
LEGIBLE = 4.0  # points; smaller print calls for a warning


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that is printed around the panel, before it has a place.

    Parameters
    ----------
    entries : sequence of Entry
        The lines.
    left, right : sequence of Column
        The columns on either side.
    axis : Axis
        The axis.
    title : str
        Over everything; may be empty.
    head : str
        Over the panel; may be empty.
    above : bool
        Whether the words on either side of the reference stand over the panel.
    key : Key or None
        Below everything.
    theme : Theme
        Colours.
    """

    entries: Sequence[Entry]
    left: Sequence[Column]
    right: Sequence[Column]
    axis: Axis
    title: str
    head: str
    above: bool
    key: Key | None
    theme: Theme

    def sheet(self, panel: float) -> Sheet:
        """Return the measured text for a panel of some width in ems."""
        heads = self.axis.heads(self.head, panel, above=self.above)
        return arrange(self.entries, self.left, self.right, heads)

    def lay(self, ax: Axes | None, size: float) -> tuple[Axes, Paper]:
        """Return the Axes, dressed, and the paper in its final size."""
        if ax is None:
            paper = own_paper(self.sheet(PANEL), size)
            ax = self._new_axes(paper)
        else:
            paper = self._settle(ax, size)
        self._dress(ax, paper)
        keep_apart(ax, self.axis, paper)
        return ax, paper

    def _dress(self, ax: Axes, paper: Paper) -> list[Artist]:
        """Set axis, title and key; return what was added besides."""
        added = dress(ax, self.axis, paper, self.theme)
        set_title(ax, self.title, paper, self.theme)
        if self.key is not None:
            below = self.axis.room_below(paper) / paper.size
            added += set_key(ax, self.key, below, paper, self.theme)
        return added

    def _new_axes(self, paper: Paper) -> Axes:
        """Return the Axes of a new figure that is just large enough."""
        import matplotlib.pyplot as plt

        below = self.axis.room_below(paper) + MARGIN
        if self.key is not None:
            below += paper.size * self.key.height(paper.width / paper.size)
        above = room_above(self.title, paper) + MARGIN
        width, height = paper.width + 2 * MARGIN, above + paper.height + below
        figure = plt.figure(figsize=(width / 72, height / 72), facecolor=self.theme.paper)
        return figure.add_axes(
            (MARGIN / width, below / height, paper.width / width, paper.height / height)
        )

    def _within(self, ax: Axes, size: float) -> Paper:
        """Return the paper for an Axes as it stands; what is over the panel fits its width."""
        paper = paper_within(self.sheet(PANEL), size, ax)
        return paper_within(self.sheet(paper.panel / paper.size), size, ax)

    def _settle(self, ax: Axes, size: float) -> Paper:
        """Return the paper for an Axes once its figure's layout engine, if any, has placed it."""
        paper = self._within(ax, size)
        engine = ax.figure.get_layout_engine()
        if engine is not None:
            # The engine makes room for ticks and title; only then is the size of the Axes known.
            passing = self._dress(ax, paper)
            engine.execute(ax.figure.canvas.figure)
            for artist in passing:
                artist.remove()
            paper = self._within(ax, size)
        if paper.size < LEGIBLE:
            warnings.warn(
                f"The Axes holds {len(paper.sheet.lines)} lines of text only at "
                f"{paper.size:.1f} points; make it larger, or leave `ax` out and the figure finds "
                "its own size.",
                MetarelWarning,
                stacklevel=4,
            )
        return paper
