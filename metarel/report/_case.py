"""What a report is made of: the fit, how it is printed, and what was asked for."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from metarel._format import count
from metarel.errors import InputError
from metarel.moderators.subgroups import SubgroupsResult
from metarel.plot.picture import alt_text
from metarel.report._content import Figure
from metarel.report._quantities import Scale, has_moderators
from metarel.report._table_rows import Wish
from metarel.robust._result import RobustFit

Found = TypeVar("Found")
FONT_SIZE = 9.0


@dataclass(frozen=True, slots=True)
class Case:
    """One report.

    Parameters
    ----------
    fit : MetaFit, RobustFit or SubgroupsResult
        What it is about.
    scale : Scale
        How effects are printed.
    wish : Wish
        Style, decimals, sizes and data.
    theme : str
        Colours.
    sections : tuple of str
        The sections it has.
    source : str
        Where the data are from, in words.
    date : str
        The day.
    """

    fit: Any
    scale: Scale
    wish: Wish
    theme: str
    sections: tuple[str, ...]
    source: str
    date: str

    @property
    def whole(self) -> Any:
        """The model over all studies."""
        return self.fit.overall if isinstance(self.fit, SubgroupsResult) else self.fit

    @property
    def model(self) -> Any:
        """The same without a cluster-robust covariance: what refits and figures take."""
        return self.whole.model if isinstance(self.whole, RobustFit) else self.whole

    @property
    def drawn(self) -> Any:
        """What figures are drawn of."""
        return self.fit if isinstance(self.fit, SubgroupsResult) else self.model

    @property
    def levels(self) -> bool:
        """Tell whether the report is about subgroups."""
        return isinstance(self.fit, SubgroupsResult)

    @property
    def moderated(self) -> bool:
        """Tell whether effects are related to anything."""
        return self.levels or has_moderators(self.whole)

    @property
    def studies(self) -> str:
        """Return the number of studies in words."""
        return count(self.whole.k, "study", "studies")

    def made(self) -> dict[str, Any]:
        """Return how the effects were computed, where the frame knows it."""
        data = self.wish.data
        return {} if data is None else data.attrs.get("effect_sizes") or {}

    def level_of_studies(self) -> list[str]:
        """Return each study's level, in the order of the model over all studies."""
        level = {int(row): name for name, fit in self.fit.fits.items() for row in fit.study.rows}
        return [level[int(row)] for row in np.asarray(self.whole.study.rows)]


def quietly(action: Callable[[], Found]) -> tuple[Found | None, list[str]]:
    """Return a result and what was said beside it; None and the reason where it was refused."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = action()
        except InputError as error:
            return None, [str(error)]
    return found, [str(told.message) for told in caught]


def figure(name: str, caption: str, draw: Callable[[], Any]) -> tuple[Figure | None, list[str]]:
    """Return a figure with its words, or why it cannot be drawn."""
    axes, told = quietly(draw)
    if axes is None:
        return None, told
    return Figure(name, axes, alt_text(axes), caption), []
