"""Pictures of what an effect means: marks where the numbers are, words that are the numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from numpy.testing import assert_allclose
from scipy import stats

import metarel as mr
from metarel.errors import InputError
from metarel.plot._meaning import number_said, share

EFFECTS = [-3.0, -0.4, 0.0, 0.57, 3.0, 10.0]
CORRELATIONS = [-0.999, -0.6, 0.0, 0.28, 0.99]
LONG = ("patients in cognitive behavioural therapy", "people on the waiting list of the clinic")


def artists(ax: Axes, gid: str) -> list[Any]:
    """Return the artists of a kind."""
    return [artist for artist in ax.get_children() if artist.get_gid() == gid]


def said(ax: Axes, gid: str = "said") -> str:
    """Return the words of a kind, from the top, lines joined."""
    found = sorted(
        artists(ax, gid), key=lambda text: -text.get_transform().transform((0.0, 1.0))[1]
    )
    return " ".join(text.get_text() for text in found)


def binomial_display(effect: Any, **options: Any) -> Axes:
    """Draw a display of a d, as the other pictures are given one."""
    return mr.plot.binomial_display(mr.interpret(d=effect), **options)


def benchmarks(effect: Any, **options: Any) -> Axes:
    """Draw where a d stands."""
    return mr.plot.benchmarks(mr.interpret(d=effect), **options)


def correlation(effect: Any, **options: Any) -> Axes:
    """Draw the cloud of points of a d."""
    return mr.plot.correlation(mr.interpret(d=effect), **options)


PICTURES: list[Callable[..., Axes]] = [
    mr.plot.two_normals,
    correlation,
    binomial_display,
    benchmarks,
]


@pytest.mark.parametrize("d", EFFECTS)
def test_curves_are_the_two_distributions(d: float) -> None:
    frame = mr.plot.two_normals_data(d)
    assert_allclose(frame["controls"], stats.norm.pdf(frame["x"]), rtol=1e-12)
    assert_allclose(frame["treated"], stats.norm.pdf(frame["x"], d), rtol=1e-9, atol=1e-300)
    area = np.trapezoid(frame["overlap"], frame["x"])
    assert area == pytest.approx(mr.interpret(d=d).value("overlap"), abs=1e-3)
    ax = mr.plot.two_normals(d)
    for name in ("controls", "treated"):
        (curve,) = artists(ax, name)
        assert_allclose(curve.get_xydata(), frame[["x", name]].to_numpy())
    corners = artists(ax, "overlap")[0].get_paths()[0].vertices
    assert corners[:, 1].max() == pytest.approx(frame["overlap"].max(), rel=1e-12)
    assert_allclose(sorted(a.get_segments()[0][0, 0] for a in artists(ax, "mean")), sorted([0, d]))
    assert_allclose(np.unique(artists(ax, "bracket")[0].get_xdata()), np.unique([0.0, d]))


@pytest.mark.parametrize("d", EFFECTS)
def test_words_over_the_curves_are_the_numbers(d: float) -> None:
    meaning = mr.interpret(d=d, groups=("men", "women"))
    words = said(mr.plot.two_normals(meaning))
    shared = meaning.value("overlap")
    assert f"{'All' if d == 0 else share(shared, first=True)} of the two areas overlap" in words
    below = share(meaning.value("U3"), first=True)
    assert f"{below} of the women score below the average of the men (U3)" in words
    pairs = share(meaning.value("CLES"))
    assert f"One of the men scores above one of the women in {pairs} of random pairs" in words


@pytest.mark.parametrize("r", CORRELATIONS)
def test_points_correlate_exactly_as_asked(r: float) -> None:
    for n, seed in ((3, 5), (50, 1), (200, 248)):
        frame = mr.plot.correlation_data(r, n=n, seed=seed)
        assert len(frame) == n
        assert np.corrcoef(frame["x"], frame["y"])[0, 1] == pytest.approx(r, abs=1e-13)
        assert_allclose(frame.mean(), 0, atol=1e-13)
        assert_allclose(frame.std(), 1, rtol=1e-12)
    assert not np.allclose(mr.plot.correlation_data(r, seed=1), mr.plot.correlation_data(r, seed=2))


@pytest.mark.parametrize("r", CORRELATIONS)
def test_line_and_ellipse_are_those_of_the_correlation(r: float) -> None:
    ax = mr.plot.correlation(r, n=400)
    frame = mr.plot.correlation_data(r, n=400)
    assert_allclose(artists(ax, "point")[0].get_offsets(), frame.to_numpy())
    line = artists(ax, "line")[0].get_xydata()
    fitted = np.polyfit(frame["x"], frame["y"], 1)
    assert_allclose(line[:, 1], np.polyval(fitted, line[:, 0]), atol=1e-10)
    x, y = artists(ax, "ellipse")[0].get_xydata().T
    distance = (x**2 - 2 * r * x * y + y**2) / (1 - r**2)
    assert_allclose(distance, stats.chi2.ppf(0.95, 2), rtol=1e-9)
    explained = "none" if r == 0 else share(r**2)
    assert f"the line explains {explained} of the variance" in said(ax)
    assert "The points are simulated" in said(ax)


def test_bars_are_the_display() -> None:
    meaning = mr.interpret(r=-0.2, groups=("men", "women"))
    ax = mr.plot.binomial_display(meaning)
    rates = [meaning.value("BESD treated"), meaning.value("BESD control")]
    for gid, wanted in (("success", rates), ("failure", rates[::-1])):
        assert_allclose([bar.get_width() for bar in artists(ax, gid)], 100 * np.array(wanted))
    assert said(ax, "name") == "men: 40.0% succeed women: 60.0% succeed"
    frame = mr.plot.binomial_display_data(meaning)
    assert list(frame["group"]) == ["men", "women"]
    assert_allclose(frame["success"] + frame["failure"], 1)


def test_bars_of_a_correlation_without_groups_are_halves() -> None:
    upper, lower = (f"{side} the median of the other variable" for side in ("above", "below"))
    for effect in (0.32, mr.interpret(r=0.32)):
        assert list(mr.plot.binomial_display_data(effect)["group"]) == [upper, lower]
        words = said(mr.plot.binomial_display(effect), "name")
        assert words == f"{upper}: 66.0% succeed {lower}: 34.0% succeed"
    named = mr.plot.binomial_display_data(0.32, groups=("treated", "controls"))
    assert list(named["group"]) == ["treated", "controls"]
    assert mr.plot.binomial_display_data(mr.interpret(d=0.5))["group"][0] == "treated"


@pytest.mark.parametrize("words", [{"r": 0.28}, {"d": -0.57}, {"odds_ratio": 20}])
def test_benchmarks_stand_where_they_were_printed(words: dict[str, float]) -> None:
    meaning = mr.interpret(**words)
    ax = mr.plot.benchmarks(meaning)
    frame = mr.plot.benchmarks_data(meaning)
    value = abs(meaning.r if "r" in words else meaning.d)
    assert artists(ax, "effect")[0].get_xdata()[0] == value
    pooled = frame[frame["kind"] == "pooled"]
    dots = [np.asarray(dots.get_offsets()) for dots in artists(ax, "pooled")]
    assert [len(row) for row in dots] == [12, 15]
    assert_allclose(
        np.sort(np.concatenate(dots)[:, 0]), np.sort(pooled["estimate"].to_numpy(float))
    )
    assert len(np.unique(np.concatenate(dots), axis=0)) == 27  # none hides another
    spread = frame[frame["kind"] == "percentile"]
    ends = [bar.get_segments()[0][:, 0] for bar in artists(ax, "quartiles")]
    assert_allclose(
        np.concatenate(ends), spread[spread["label"] != "50"]["estimate"].to_numpy(float)
    )
    medians = [mark.get_xdata()[0] for mark in artists(ax, "median")]
    assert_allclose(medians, spread[spread["label"] == "50"]["estimate"].to_numpy(float))
    for edition, count in ((2011, 12), (2018, 15)):
        words_of = meaning.statement(f"relationship elements {edition}").meaning
        smaller = words_of.split("larger than ")[1].split()[0]
        assert f"relationships {edition}: larger than {smaller} of {count}" in said(ax, "name")


def test_the_picture_that_fits() -> None:
    assert artists(mr.plot.interpretation(mr.interpret(r=0.3)), "ellipse")
    for words in ({"d": 0.3}, {"g": 0.3}, {"log_or": 0.3}):
        assert artists(mr.plot.interpretation(mr.interpret(**words), theme="dark"), "bracket")


@pytest.mark.parametrize(
    "engine", ["constrained", None, pytest.param("tight", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize(
    ("size", "effects"),
    [
        ((4, 3), (0.57, 10.0)),
        pytest.param((4, 3), (-3.0, 0.0), marks=pytest.mark.slow),
        pytest.param((8, 5), (-3.0, 0.0, 0.57, 10.0), marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.__name__)
def test_no_words_overlap_or_are_cut(
    picture: Callable[..., Axes],
    size: tuple[float, float],
    effects: tuple[float, ...],
    engine: Any,
) -> None:
    for d in effects:
        figure, ax = plt.subplots(figsize=size, layout=engine)
        named = picture in (mr.plot.two_normals, binomial_display)
        assert picture(d, ax=ax, title="A title", **({"groups": LONG} if named else {})) is ax
        figure.canvas.draw()
        texts = [*ax.texts, ax.title, ax._left_title, ax.xaxis.label]
        boxes = [t.get_window_extent() for t in texts if t.get_text().strip()]
        for one, other in itertools.combinations(boxes, 2):
            wide = min(one.x1, other.x1) - max(one.x0, other.x0)
            high = min(one.y1, other.y1) - max(one.y0, other.y0)
            # Boxes hold room for letters that go up or down; a sixth of a line is not letters.
            assert min(wide, high) < min(one.height, other.height) / 6
        for box in boxes:
            assert box.x0 >= -1
            assert box.y0 >= -1
            assert box.x1 <= figure.bbox.x1 + 1
            assert box.y1 <= figure.bbox.y1 + 1
        plt.close(figure)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.__name__)
def test_axes_in_axes_out(picture: Callable[..., Axes]) -> None:
    figure, (mine, other) = plt.subplots(1, 2, figsize=(9, 4))
    before = (len(other.get_children()), other.get_position().bounds)
    assert picture(0.5, ax=mine, title="A", theme="dark") is mine
    assert (len(other.get_children()), other.get_position().bounds) == before
    assert mine.get_title(loc="left") == "A"
    assert len(figure.axes) == 2
    assert picture(0.5).figure is not figure


def test_names_of_groups_are_never_read_as_mathematics() -> None:
    ax = mr.plot.two_normals(0.4, groups=("$x_1$ group", "rest"), title="$y$")
    ax.figure.canvas.draw()
    assert "of the $x_1$ group (U3)" in said(ax)
    assert ax.xaxis.label.get_parse_math() is False


@pytest.mark.parametrize(
    ("words", "metric", "text"),
    [
        ({"d": 0.57}, "d", "d = 0.57"),
        ({"d": -0.001}, "d", "d = −0.001"),
        ({"d": 0}, "d", "d = 0.00"),
        ({"d": 0.999}, "d", "d = 1.00"),
        ({"r": 0.999}, "r", "r = 0.999"),
        ({"r": 0.278}, "r", "r = 0.278"),
        ({"r": -0.9999}, "r", "r = −0.9999"),
        ({"r": -0.28, "ci": (-0.4, 0.1)}, "r", "r = −0.28 [−0.40, 0.10]"),
    ],
)
def test_numbers_are_written_so_that_they_stay_true(
    words: dict[str, Any], metric: str, text: str
) -> None:
    assert number_said(mr.interpret(**words), metric) == text


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0.0, "less than 0.1%"),
        (0.0004, "less than 0.1%"),
        (0.0006, "0.1%"),
        (0.5, "50.0%"),
        (0.9994, "99.9%"),
        (0.9996, "more than 99.9%"),
        (1.0, "more than 99.9%"),
    ],
)
def test_shares_are_never_rounded_to_nothing_or_all(fraction: float, text: str) -> None:
    assert share(fraction) == text


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mr.plot.two_normals("0.5"), "`effect` must be a number, its d, or what"),
        (lambda: mr.plot.two_normals(True), "`effect` must be a number"),
        (lambda: mr.plot.two_normals(math.nan), "`d` must be one number; got nan"),
        (lambda: mr.plot.two_normals(0.5, groups=("a", "a")), "`groups` must be two different"),
        (lambda: mr.plot.two_normals(0.5, theme="blue"), "`theme` must be one of"),
        (lambda: mr.plot.two_normals(0.5, font_size=0), "`font_size` must be positive"),
        (lambda: mr.plot.correlation(1.0), r"`r` must be a number in \(-1, 1\); got 1"),
        (lambda: mr.plot.correlation([0.1]), "`effect` must be a number, its r, or what"),
        (lambda: mr.plot.correlation(0.1, n=2), "`n` must be a whole number of points, 3 or more"),
        (lambda: mr.plot.correlation(0.1, n=10.5), "`n` must be a whole number.*got 10.5"),
        (lambda: mr.plot.binomial_display(-1), r"`r` must be a number in \(-1, 1\); got -1"),
        (lambda: mr.plot.benchmarks(0.3), "`meaning` must be what `interpret` returns"),
        (lambda: mr.plot.interpretation(0.3), "`meaning` must be what `interpret` returns"),
    ],
)
def test_refusals(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


@pytest.mark.parametrize("draw", PICTURES)
@pytest.mark.parametrize("ax", [3, "ax", np.array([None, None])])
def test_a_picture_is_drawn_into_one_axes(draw: Callable[..., Axes], ax: object) -> None:
    with pytest.raises(InputError, match="`ax` must be one Axes of matplotlib, or None"):
        draw(0.5, ax=ax)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.__name__)
def test_words_outside_a_given_panel_stand_on_the_themes_paper(
    picture: Callable[..., Axes],
) -> None:
    _, ax = plt.subplots()
    picture(0.57, ax=ax, theme="dark")
    assert ax.figure.get_facecolor() == ax.get_facecolor()
    chosen, ax = plt.subplots(facecolor="navy")
    picture(0.57, ax=ax, theme="dark")
    assert chosen.get_facecolor() == to_rgba("navy")
