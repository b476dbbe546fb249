"""The panel of a forest plot: every mark, from the lines of a sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel.plot import _atoms as atoms
from metarel.plot._density import predicted_density

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.plot._axis import Axis
    from metarel.plot._sheet import Line, Paper
    from metarel.plot._theme import Theme

# In pitches:
SIDE = 0.66  # of the heaviest study's square
ALIKE = 0.42  # of the squares of results that have no weight
HALF_DIAMOND = 0.34
HUMP = 1.35  # height of a density
# In ems:
INTERVAL = 0.115
PREDICTION = 0.42
THIN = 0.085


@dataclass(frozen=True, slots=True)
class Look:
    """How the marks are drawn, beyond their colours.

    Parameters
    ----------
    prediction : str
        The way of drawing a prediction interval; empty for none.
    zebra : bool
        Whether every other study is shaded.
    follow : bool
        Whether a dashed line leads from the summary up through the studies.
    edged : bool
        Whether diamonds have a dark edge.
    """

    prediction: str
    zebra: bool
    follow: bool
    edged: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """Where marks are drawn, and in which colours.

    Parameters
    ----------
    ax : Axes
        The Axes.
    axis : Axis
        What the axis shows.
    paper : Paper
        Sizes and lines.
    theme : Theme
        Colours.
    look : Look
        Shapes.
    """

    ax: Axes
    axis: Axis
    paper: Paper
    theme: Theme
    look: Look

    def lines(self, *kinds: str) -> list[Line]:
        """Return the lines of some kinds that have a number to draw."""
        return [
            line
            for line in self.paper.sheet.lines
            if line.entry.kind in kinds
            and line.entry.row is not None
            and not math.isnan(line.entry.row.estimate)
        ]

    def draw(self) -> None:
        """Draw everything, from the back."""
        self._shade()
        self._stand()
        self._fitted()
        self._studies()
        self._excluded()
        self._refits()
        self._predicted()
        self._pooled("subgroup")
        self._pooled("summary")

    def _shade(self) -> None:
        """Shade every other study, and the band of effects that do not matter."""
        sheet, axis = self.paper.sheet, self.axis
        if self.look.zebra:
            named = [ln for ln in sheet.lines if ln.entry.kind in ("study", "excluded", "refit")]
            spans = [(line.top, line.bottom) for line in named[::2]]
            atoms.stripes(self.ax, spans, colour=self.theme.shades[-1], gid="zebra")
        if axis.band is not None:
            low, high = axis.band
            corners = [(x, y) for x in (low, high) for y in (sheet.header, sheet.height)]
            outline = np.array([corners[0], corners[1], corners[3], corners[2]])
            atoms.areas(
                self.ax,
                [outline],
                limits=axis.limits,
                colour=self.theme.shades[2],
                gid="band",
                zorder=0.6,
            )

    def _stand(self) -> None:
        """Draw the reference, and further lines."""
        wanted = [(x, "line", (2.0, 2.0)) for x in self.axis.lines]
        if self.axis.reference is not None:
            wanted.append((self.axis.reference, "reference", None))  # type: ignore[arg-type]
        for x, gid, dashes in wanted:
            if self.axis.limits[0] <= x <= self.axis.limits[1]:
                atoms.vertical(
                    self.ax,
                    x,
                    self.paper.sheet.header,
                    self.paper.sheet.height,
                    colour=self.theme.rule if gid == "reference" else self.theme.muted,
                    width=THIN * self.paper.size,
                    gid=gid,
                    dashes=dashes,
                )

    def _fitted(self) -> None:
        lines = [ln for ln in self.lines("study") if math.isfinite(_get([ln], "fitted")[0])]
        if lines:
            atoms.diamonds(
                self.ax,
                _get(lines, "fitted"),
                _get(lines, "fitted_low"),
                _get(lines, "fitted_high"),
                _y(lines),
                half_height=HALF_DIAMOND,
                limits=self.axis.limits,
                colour=self.theme.pale,
                gid="fitted",
                zorder=2.0,
            )

    def _studies(self) -> None:
        lines = self.lines("study")
        if lines:
            weight = _get(lines, "weight")
            self._squares(lines, weight / weight.max(), SIDE, self.theme.study, "study")
            self._intervals(lines, self.theme.interval, "interval")

    def _excluded(self) -> None:
        lines = self.lines("excluded")
        if lines:
            self._intervals(lines, self.theme.rule, "excluded-interval")
            alike = np.ones(len(lines))
            colours = {"edge": self.theme.muted}
            self._squares(lines, alike, ALIKE, self.theme.paper, "excluded", **colours)

    def _refits(self) -> None:
        lines = self.lines("refit")
        if lines:
            self._intervals(lines, self.theme.interval, "interval")
            edge = self.theme.ink if self.look.edged else "none"
            alike = np.ones(len(lines))
            self._squares(lines, alike, ALIKE, self.theme.summary, "refit", edge)

    def _squares(
        self,
        lines: Sequence[Line],
        weight: Array,
        side: float,
        colour: str,
        gid: str,
        edge: str = "none",
    ) -> None:
        """Draw the squares of the estimates that lie within the axis."""
        x, limits = _get(lines, "estimate"), self.axis.limits
        inside = (x >= limits[0]) & (x <= limits[1])
        if inside.any():
            drawn = atoms.squares(
                self.ax,
                x[inside],
                _y(lines)[inside],
                weight[inside],
                side=side * self.paper.pitch * math.sqrt(weight[inside].max()),
                colour=colour,
                gid=gid,
                edge=edge,
            )
            if edge != "none":
                drawn.set_zorder(4.5)

    def _intervals(self, lines: Sequence[Line], colour: str, gid: str) -> None:
        atoms.intervals(
            self.ax,
            _get(lines, "ci_low"),
            _get(lines, "ci_high"),
            _y(lines),
            limits=self.axis.limits,
            width=INTERVAL * self.paper.size,
            head=0.65 * self.paper.size,
            colour=colour,
            gid=gid,
        )

    def _predicted(self) -> None:
        """Draw prediction intervals: as bars, as densities, or through the diamonds."""
        line_only = self.look.prediction == "line"
        lines = self.lines("summary") if line_only else self.lines("prediction", "density")
        lines = [line for line in lines if math.isfinite(_get([line], "pi_low")[0])]
        if not lines:
            return
        for line in lines:
            if line.entry.kind == "density":
                self._hump(line)
        thin = line_only or lines[0].entry.kind == "density"
        foot = 0.0 if line_only else DENSITY_FOOT
        atoms.intervals(
            self.ax,
            _get(lines, "pi_low"),
            _get(lines, "pi_high"),
            _y(lines) + (foot if thin else 0.0),
            limits=self.axis.limits,
            width=(0.14 if thin else PREDICTION) * self.paper.size,
            head=(0.65 if thin else 1.1) * self.paper.size,
            colour=self._ahead() if thin else self.theme.pale,
            gid="prediction",
        )

    def _ahead(self) -> str:
        """Return the colour of a thin line of prediction, which stands out from the diamonds."""
        return self.theme.ink if self.look.edged else self.theme.summary

    def _hump(self, line: Line) -> None:
        """Draw the density of a new study's effect over the line of its interval."""
        row = line.entry.row
        if row is None or row.fit is None:
            return
        x, height = predicted_density(row.fit, self.axis.scale)
        foot = line.y + DENSITY_FOOT
        outline = np.column_stack([x, foot - HUMP * height])
        closed = np.vstack([[x[0], foot], outline, [x[-1], foot]])
        atoms.areas(
            self.ax, [closed], limits=self.axis.limits, colour=self.theme.pale, gid="density"
        )

    def _pooled(self, gid: str) -> None:
        """Draw diamonds, and the line that leads up from the first summary."""
        lines = self.lines(gid)
        if not lines:
            return
        theme, limits = self.theme, self.axis.limits
        x, low, high, y = (
            _get(lines, "estimate"), _get(lines, "ci_low"), _get(lines, "ci_high"), _y(lines)
        )  # fmt: skip
        atoms.diamonds(
            self.ax, x, low, high, y, half_height=HALF_DIAMOND, limits=limits,
            colour=theme.summary, gid=gid, edge=theme.ink if self.look.edged else "none",
        )  # fmt: skip
        atoms.arrowheads(
            self.ax, low, high, y, limits=limits, head=1.1 * self.paper.size,
            colour=theme.summary, gid=f"{gid}-cut",
        )  # fmt: skip
        if gid == "summary" and self.look.follow and limits[0] <= x[0] <= limits[1]:
            atoms.vertical(
                self.ax,
                x[0],
                self.paper.sheet.header,
                y[0],
                colour=theme.summary if not self.look.edged else theme.muted,
                width=THIN * self.paper.size,
                gid="summary-line",
                dashes=(4, 3),
            )


DENSITY_FOOT = 0.62  # from the middle of a line to the foot of its density, in pitches


def _y(lines: Sequence[Line]) -> Array:
    return np.array([line.y for line in lines])


def _get(lines: Sequence[Line], name: str) -> Array:
    return np.array([getattr(line.entry.row, name) for line in lines], dtype=float)
