"""A non-interactive backend, figures closed after each test, and a handful of fits."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

import metarel as mr
from metarel.errors import MetarelWarning

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.fixture(scope="session")
def trials() -> pd.DataFrame:
    """BCG vaccine against tuberculosis, 13 trials (Colditz et al. 1994), as log risk ratios."""
    raw = pd.DataFrame(
        [
            ("Aronson", 1948, 4, 123, 11, 139, 44),
            ("Ferguson & Simes", 1949, 6, 306, 29, 303, 55),
            ("Rosenthal et al.", 1960, 3, 231, 11, 220, 42),
            ("Hart & Sutherland", 1977, 62, 13598, 248, 12867, 52),
            ("Frimodt-Moller et al.", 1973, 33, 5069, 47, 5808, 13),
            ("Stein & Aronson", 1953, 180, 1541, 372, 1451, 44),
            ("Vandiviere et al.", 1973, 8, 2545, 10, 629, 19),
            ("TPT Madras", 1980, 505, 88391, 499, 88391, 13),
            ("Coetzee & Berjak", 1968, 29, 7499, 45, 7277, 27),
            ("Rosenthal et al.", 1961, 17, 1716, 65, 1665, 42),
            ("Comstock et al.", 1974, 186, 50634, 141, 27338, 18),
            ("Comstock & Webster", 1969, 5, 2498, 3, 2341, 33),
            ("Comstock et al.", 1976, 27, 16913, 29, 17854, 33),
        ],
        columns=["author", "year", "events1", "n1", "events2", "n2", "latitude"],
    )
    raw["study"] = raw["author"] + ", " + raw["year"].astype(str)
    return mr.effect_sizes(raw, "RR", events1="events1", n1="n1", events2="events2", n2="n2")


@pytest.fixture(scope="session")
def pooled(trials: pd.DataFrame) -> Any:
    """A random-effects model of the trials."""
    return mr.pool(trials, labels="study")


@pytest.fixture(scope="session")
def regression(trials: pd.DataFrame) -> Any:
    """A meta-regression of the trials on latitude."""
    return mr.meta_regression(trials, "latitude", labels="study")


@pytest.fixture(scope="session")
def levels(trials: pd.DataFrame) -> Any:
    """Subgroups of the trials, near to the equator and far from it."""
    where = np.where(trials["latitude"] < 35, "near", "far")
    data = trials.assign(where=where)
    data.attrs = trials.attrs
    return mr.subgroups(data, "where", labels="study")


@pytest.fixture(scope="session")
def simulated() -> Callable[[int], Any]:
    """Return a maker of fits of k correlations, with names long and short."""

    def make(k: int) -> Any:
        rng = np.random.default_rng(k)
        n = rng.integers(12, 400, k)
        names = [f"Study {i}" + " with a long name" * int(rng.integers(0, 5)) for i in range(k)]
        yi = np.arctanh(rng.uniform(-0.4, 0.8, k))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "With one study", MetarelWarning)
            return mr.pool(yi=yi, vi=1 / (n - 3), labels=names, measure="ZCOR")

    return make


def text_boxes(ax: Axes) -> dict[str, Any]:
    """Return the box of every text that is shown, after drawing."""
    figure = ax.figure
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    texts = [*ax.texts, ax.title, ax._left_title, ax.xaxis.label, *ax.get_xticklabels()]  # type: ignore[attr-defined]
    shown = [t for t in texts if t.get_text() and t.get_visible()]
    return {f"{i}: {t.get_text()}": t.get_window_extent(renderer) for i, t in enumerate(shown)}


def _check_text(ax: Axes) -> None:
    """No two texts overlap by more than a pixel, and none leaves the figure."""
    boxes = text_boxes(ax)
    names = list(boxes)
    x0, y0, x1, y1 = np.array([box.extents for box in boxes.values()]).T
    wide = np.minimum.outer(x1, x1) - np.maximum.outer(x0, x0)
    high = np.minimum.outer(y1, y1) - np.maximum.outer(y0, y0)
    allowed = 0.2 * np.minimum.outer(y1 - y0, y1 - y0)  # descenders into the line below
    clash = np.triu((wide > 1) & (high > allowed), k=1)
    assert not clash.any(), [(names[i], names[j]) for i, j in np.argwhere(clash)[:3]]
    width, height = ax.figure.bbox.size
    outside = (x0 < 0) | (y0 < 0) | (x1 > width) | (y1 > height)
    assert not outside.any(), [names[i] for i in np.flatnonzero(outside)]


@pytest.fixture(scope="session")
def check_text() -> Callable[[Axes], None]:
    """Return the check that no text of a figure is covered or cut."""
    return _check_text
