"""Caterpillar and rainforest: hundreds of effects at the numbers of the fit."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose

import metarel as mr
from metarel.errors import InputError

SPAN = ["ci_low", "estimate", "ci_high"]
BOTH = [mr.plot.caterpillar, mr.plot.rainforest]


def artist(ax: Axes, gid: str) -> Any:
    """Return the one artist of a kind."""
    (found,) = [a for a in ax.get_children() if a.get_gid() == gid]
    return found


@pytest.fixture(scope="module")
def many() -> Any:
    """569 comparisons of psychotherapy with control: response, as risk ratios."""
    raw = mr.load_dataset("metapsy_total_response2024").studies
    words = ("events1", "n1", "events2", "n2")
    return mr.pool(mr.effect_sizes(raw, "RR", **{w: w for w in words}), labels="comparison")


def check_pooled(ax: Axes, fit: Any) -> None:
    """The diamond and the bar are those of the fit."""
    own = fit.predict(transform="exp").iloc[0]
    corners = artist(ax, "summary").get_paths()[-1].vertices[:3, 0]
    assert_allclose(corners, own[SPAN].astype(float), rtol=1e-12)
    ends = artist(ax, "prediction").get_paths()[-1].vertices[:, 0]
    assert_allclose(ends, own[["pi_low", "pi_high"]].astype(float), rtol=1e-12)


def test_a_caterpillar_is_sorted_and_holds_every_study(many: Any) -> None:
    ax = mr.plot.caterpillar(many)
    frame = mr.plot.caterpillar_data(many)
    studies = frame[frame["kind"] == "study"]
    assert studies["rank"].tolist() == list(range(1, 570))
    assert_allclose(studies["estimate"], np.sort(np.exp(many.study.yi)), rtol=1e-12)
    assert_allclose(artist(ax, "study").get_offsets()[:, 0], studies["estimate"], rtol=1e-12)
    assert len(artist(ax, "interval").get_paths()) == 569
    assert "569 studies" in [t.get_text() for t in ax.get_yticklabels()]
    assert "Caterpillar plot of 569 studies" in mr.plot.alt_text(ax)
    check_pooled(ax, many)


def test_its_height_does_not_grow_with_the_studies(
    many: Any, simulated: Callable[[int], Any]
) -> None:
    heights = [
        mr.plot.caterpillar(fit).figure.get_size_inches()[1] for fit in (many, simulated(30))
    ]
    assert heights[0] == heights[1]
    named = mr.plot.caterpillar(simulated(45), names=True).figure.get_size_inches()[1]
    assert named > heights[0]


def test_a_drop_spans_the_interval_and_is_as_high_as_its_weight(pooled: Any) -> None:
    ax = mr.plot.rainforest(pooled)
    frame = mr.plot.rainforest_data(pooled).iloc[:-1]
    outlines = [path.vertices for path in artist(ax, "study").get_paths()]
    assert_allclose([o[:, 0].min() for o in outlines], frame["ci_low"], rtol=1e-12)
    assert_allclose([o[:, 0].max() for o in outlines], frame["ci_high"], rtol=1e-12)
    high = np.array([np.ptp(o[:, 1]) for o in outlines])
    weight = np.asarray(pooled.weights())
    assert_allclose(high / high.max(), weight / weight.max(), rtol=1e-9)
    shade = artist(ax, "study").get_alpha()
    assert (np.argsort(shade) == np.argsort(weight)).all()
    assert_allclose(artist(ax, "estimate").get_offsets()[:, 0], np.exp(pooled.study.yi))
    check_pooled(ax, pooled)


def test_a_drop_is_the_likelihood_of_its_study() -> None:
    """Its rim, over its height, is the normal log-likelihood above that at the limits."""
    fit = mr.pool(yi=[0.2, 0.6], vi=[0.04, 0.01], tau2="EE")
    outline = artist(mr.plot.rainforest(fit), "study").get_paths()[0].vertices
    half = len(outline) // 2
    x, up = outline[:half, 0], outline[:half, 1]
    log_likelihood = -((x - 0.2) ** 2) / (2 * 0.04)
    wanted = 1 - log_likelihood / log_likelihood[0]
    height = (up[0] - up) / (up[0] - up.min())
    assert_allclose(height, wanted, atol=1e-9)


def test_bars_have_the_area_of_squares(pooled: Any) -> None:
    outlines = artist(mr.plot.rainforest(pooled, kind="bars"), "study").get_paths()
    thick = np.array([np.ptp(path.vertices[:, 1]) for path in outlines])
    weight = np.asarray(pooled.weights())
    assert_allclose((thick / thick.max()) ** 2, weight / weight.max(), rtol=1e-9)


@pytest.mark.parametrize("draw", BOTH)
def test_subgroups_are_blocks(draw: Any, levels: Any) -> None:
    ax = draw(levels, theme="dark")
    corners = [p.vertices[:3, 0] for p in artist(ax, "summary").get_paths()]
    wanted = [[f.ci_low[0], f.estimate, f.ci_high[0]] for f in levels.fits.values()]
    assert_allclose(corners[:2], np.exp(wanted), rtol=1e-12)
    assert len(corners) == 3


@pytest.mark.parametrize("draw", BOTH)
def test_words_beside_the_rows_do_not_overlap(draw: Any, levels: Any, pooled: Any) -> None:
    for fit in (levels, pooled):
        ax = draw(fit, names=True)
        ax.figure.draw_without_rendering()
        boxes = [t.get_window_extent() for t in ax.get_yticklabels()]
        gaps = [a.y0 - b.y1 for a, b in pairwise(boxes)]
        assert min(gaps) > -1
        assert min(box.x0 for box in boxes) >= 0


@pytest.mark.parametrize("draw", BOTH)
def test_a_regression_has_effects_and_no_diamond(draw: Any, regression: Any) -> None:
    ax = draw(regression)
    assert not [a for a in ax.get_children() if a.get_gid() == "summary"]
    assert "13 studies" in mr.plot.alt_text(ax)


def test_one_study_is_drawn(trials: pd.DataFrame) -> None:
    with pytest.warns(mr.errors.MetarelWarning, match="With one study"):
        fit = mr.pool(trials.head(1), labels="study")
    for draw in BOTH:
        assert draw(fit).get_xlabel() == "Risk ratio"


@pytest.mark.parametrize("draw", BOTH)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"xlim": (0, 1)}, "`xlim` must be positive on a ratio axis"),
        ({"xlim": (2, 1)}, "`xlim` must be two numbers"),
        ({"reference": -1.0}, "`reference` must be positive"),
        ({"theme": "drak"}, "`theme` must be one of"),
        ({"order": "year"}, "`order` must be one of"),
    ],
)
def test_refusals(draw: Any, options: dict[str, Any], message: str, pooled: Any) -> None:
    with pytest.raises(InputError, match=message):
        draw(pooled, **options)


def test_refits_and_kinds_are_refused(pooled: Any) -> None:
    with pytest.raises(InputError, match=r"refits go to forest\(\)"):
        mr.plot.caterpillar(mr.leave_one_out(pooled))
    with pytest.raises(InputError, match="`kind` must be one of 'drops', 'bars'"):
        mr.plot.rainforest(pooled, kind="rain")
