"""The marks of a forest plot stand where the numbers of the fit are, and its text keeps apart."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose

import metarel as mr
from metarel.errors import InputError, MetarelWarning

Z = 1.959963984540054

Check = Callable[[Axes], None]


def artist(ax: Axes, gid: str) -> Any:
    """Return the one artist of a kind."""
    (found,) = [a for a in ax.get_children() if a.get_gid() == gid]
    return found


def printed(ax: Axes, gid: str) -> list[str]:
    """Return the texts of a kind, from the top and from the left."""
    return [t.get_text() for t in ax.texts if t.get_gid() == gid]


# --- numbers -----------------------------------------------------------------------------------


def test_data_equal_the_fit(pooled: Any) -> None:
    frame = mr.plot.forest_data(pooled, transform="identity")
    studies = frame[frame["kind"] == "study"]
    half = Z * np.sqrt(pooled.study.vi)
    assert_allclose(studies["estimate"], pooled.study.yi, rtol=1e-14)
    assert_allclose(studies["ci_low"], pooled.study.yi - half, rtol=1e-12)
    assert_allclose(studies["ci_high"], pooled.study.yi + half, rtol=1e-12)
    assert_allclose(studies["weight"].sum(), 100, rtol=1e-12)
    assert_allclose(studies["weight"], pooled.weights(), rtol=1e-12)
    summary = frame[frame["kind"] == "summary"].iloc[0]
    predicted = pooled.predict().iloc[0]
    for name in ("estimate", "ci_low", "ci_high", "pi_low", "pi_high"):
        assert summary[name] == predicted[name]


def test_data_of_a_log_ratio_are_ratios_by_default(pooled: Any) -> None:
    ratios = mr.plot.forest_data(pooled)
    logs = mr.plot.forest_data(pooled, transform="identity")
    for name in ("estimate", "ci_low", "ci_high", "pi_low", "pi_high"):
        assert_allclose(ratios[name], np.exp(logs[name]), rtol=1e-14)
    assert_allclose(ratios["weight"], logs["weight"])


def test_data_of_a_published_analysis(pooled: Any) -> None:
    """REML on the BCG trials: metafor 3.8 gives these digits for dat.bcg."""
    summary = mr.plot.forest_data(pooled).iloc[-1]
    assert_allclose(
        summary[["estimate", "ci_low", "ci_high"]].astype(float),
        [0.4894, 0.3441, 0.6962],
        atol=5e-5,
    )
    assert_allclose(summary[["pi_low", "pi_high"]].astype(float), [0.1546, 1.5490], atol=5e-5)


def test_data_of_a_regression_hold_fitted_means(regression: Any) -> None:
    frame = mr.plot.forest_data(regression, transform="identity")
    fitted = regression.predict()
    studies = frame[frame["kind"] == "study"]
    assert_allclose(studies["fitted"], regression.study.X @ regression.beta, rtol=1e-12)
    assert_allclose(studies["fitted_low"], fitted["ci_low"])
    assert_allclose(studies["fitted_high"], fitted["ci_high"])
    assert np.isnan(frame.iloc[-1]["estimate"])


@pytest.mark.parametrize("order", ["estimate", "-estimate", "weight", "-weight", "label"])
def test_order(pooled: Any, order: str) -> None:
    values = mr.plot.forest_data(pooled, order=order)
    values = values[values["kind"] == "study"][order.removeprefix("-")].tolist()
    assert values == sorted(values, reverse=order.startswith("-"))


def test_order_by_a_column_puts_missing_values_last(pooled: Any, trials: pd.DataFrame) -> None:
    data = trials.assign(year=trials["year"].where(trials["year"] != 1948))
    labels = mr.plot.forest_data(pooled, order="-year", data=data)["label"].tolist()
    assert labels[0] == "TPT Madras, 1980"
    assert labels[12] == "Aronson, 1948"


# --- marks -------------------------------------------------------------------------------------


def test_squares_stand_at_the_estimates(pooled: Any) -> None:
    ax = mr.plot.forest(pooled)
    squares = artist(ax, "study")
    assert_allclose(squares.get_offsets()[:, 0], np.exp(pooled.study.yi), rtol=1e-12)
    assert (np.diff(squares.get_offsets()[:, 1]) > 0).all()
    weight = np.asarray(pooled.weights())
    sizes = squares.get_sizes()
    assert_allclose(sizes / sizes.max(), weight / weight.max(), rtol=1e-9)


def test_lines_span_the_intervals(pooled: Any) -> None:
    ax = mr.plot.forest(pooled)
    ends = np.array([path.vertices[:, 0] for path in artist(ax, "interval").get_paths()])
    half = Z * np.sqrt(pooled.study.vi)
    assert_allclose(ends[:, 0], np.exp(pooled.study.yi - half), rtol=1e-12)
    assert_allclose(ends[:, 1], np.exp(pooled.study.yi + half), rtol=1e-12)


def test_the_diamond_spans_the_confidence_interval(pooled: Any) -> None:
    ax = mr.plot.forest(pooled)
    corners = artist(ax, "summary").get_paths()[0].vertices[:4]
    predicted = pooled.predict().iloc[0]
    assert_allclose(
        corners[:, 0],
        np.exp(
            [
                predicted["ci_low"],
                predicted["estimate"],
                predicted["ci_high"],
                predicted["estimate"],
            ]
        ),
        rtol=1e-12,
    )
    assert corners[0, 1] == corners[2, 1] == (corners[1, 1] + corners[3, 1]) / 2


def test_the_bar_spans_the_prediction_interval(pooled: Any) -> None:
    ends = artist(mr.plot.forest(pooled), "prediction").get_paths()[0].vertices[:, 0]
    predicted = pooled.predict().iloc[0]
    assert_allclose(ends, np.exp([predicted["pi_low"], predicted["pi_high"]]), rtol=1e-12)


def test_a_prediction_interval_can_be_left_out(pooled: Any) -> None:
    ax = mr.plot.forest(pooled, prediction=False)
    assert not [a for a in ax.get_children() if a.get_gid() == "prediction"]
    assert printed(ax, "prediction-label") == []


def test_a_regression_draws_fitted_diamonds_and_no_summary(
    regression: Any, check_text: Check
) -> None:
    ax = mr.plot.forest(regression)
    shapes = artist(ax, "fitted").get_paths()
    fitted = regression.predict()
    assert_allclose([p.vertices[0, 0] for p in shapes], np.exp(fitted["ci_low"]), rtol=1e-12)
    assert_allclose([p.vertices[1, 0] for p in shapes], np.exp(fitted["estimate"]), rtol=1e-12)
    assert_allclose([p.vertices[2, 0] for p in shapes], np.exp(fitted["ci_high"]), rtol=1e-12)
    assert not [a for a in ax.get_children() if a.get_gid() == "summary"]
    check_text(ax)


def test_an_interval_cut_by_the_axis_ends_in_an_arrowhead(pooled: Any) -> None:
    ax = mr.plot.forest(pooled, xlim=(0.15, 2.0))
    heads = [a for a in ax.get_children() if a.get_gid() == "interval-cut"]
    half = Z * np.sqrt(pooled.study.vi)
    low, high = np.exp(pooled.study.yi - half), np.exp(pooled.study.yi + half)
    count = {0.15: int((low < 0.15).sum()), 2.0: int((high > 2.0).sum())}
    assert {head.get_offsets()[0, 0]: len(head.get_offsets()) for head in heads} == count
    for path in artist(ax, "interval").get_paths():
        assert path.vertices[:, 0].min() >= 0.15
        assert path.vertices[:, 0].max() <= 2.0


def test_an_estimate_beyond_the_axis_has_an_arrowhead_and_no_square() -> None:
    fit = mr.pool(yi=[0.1, 0.2, 9.0], vi=[0.01, 0.01, 0.01], tau2="DL")
    ax = mr.plot.forest(fit, xlim=(-1, 1), prediction=False)
    assert len(artist(ax, "study").get_offsets()) == 2
    assert len(artist(ax, "interval").get_paths()) == 2
    (head,) = [a for a in ax.get_children() if a.get_gid() == "interval-cut"]
    assert head.get_offsets()[0, 0] == 1


def test_the_reference_stands_at_no_effect_or_where_it_is_told(pooled: Any) -> None:
    assert artist(mr.plot.forest(pooled), "reference").get_paths()[0].vertices[0, 0] == 1.0
    moved = mr.plot.forest(pooled, reference=0.8)
    assert artist(moved, "reference").get_paths()[0].vertices[0, 0] == 0.8
    without = mr.plot.forest(pooled, reference=False)
    assert not [a for a in without.get_children() if a.get_gid() == "reference"]


def test_the_axis_is_that_of_the_measure(pooled: Any, simulated: Callable[[int], Any]) -> None:
    ratio = mr.plot.forest(pooled)
    assert ratio.get_xscale() == "log"
    assert ratio.get_xlabel() == "Risk ratio"
    assert "1" in [t.get_text() for t in ratio.get_xticklabels()]
    assert "RR [95% CI]" in printed(ratio, "header")
    logs = mr.plot.forest(pooled, transform="identity")
    assert logs.get_xscale() == "linear"
    assert logs.get_xlabel() == "Log risk ratio"
    correlation = mr.plot.forest(simulated(5))
    assert correlation.get_xlabel() == "Correlation"
    assert "r [95% CI]" in printed(correlation, "header")
    assert mr.plot.forest(pooled, xlabel="").get_xlabel() == ""


# --- text --------------------------------------------------------------------------------------


def test_text_says_what_the_fit_says(pooled: Any) -> None:
    ax = mr.plot.forest(pooled, title="BCG", favours=("favours vaccine", "favours control"))
    assert printed(ax, "header") == ["Study", "RR [95% CI]", "Weight"]
    cells = printed(ax, "cell")
    assert cells[:2] == ["Aronson, 1948", "Ferguson & Simes, 1949"]
    assert {"0.41", "[0.13,", "1.26]"} <= set(cells)
    assert {"0.49", "[0.34,", "0.70]"} <= set(cells)
    assert printed(ax, "summary-label") == ["Random-effects model, REML"]
    assert printed(ax, "prediction-label") == ["95% prediction interval"]
    note = " ".join(printed(ax, "note-label")).replace("\u00a0", " ")
    assert note == "τ² = 0.313, I² = 92.2%, Q(12) = 152.23, p < 0.001"
    assert printed(ax, "favours") == ["← favours vaccine", "favours control →"]
    assert ax.get_title(loc="left") == "BCG"


def test_columns_of_the_frame_and_their_headers(
    pooled: Any, trials: pd.DataFrame, check_text: Check
) -> None:
    ax = mr.plot.forest(
        pooled,
        data=trials,
        left={"author": "Trial", "year": "Year", "events1": "TB among\nvaccinated"},
        right=["effect"],
    )
    assert printed(ax, "header") == ["Trial", "Year", "TB among", "vaccinated", "RR [95% CI]"]
    cells = printed(ax, "cell")
    assert cells[0] == "Aronson"
    assert cells[13] == "1948"
    assert cells[26] == "4"
    check_text(ax)


def test_numbers_of_the_frame_share_decimals_and_missing_ones_are_blank(
    pooled: Any, trials: pd.DataFrame
) -> None:
    data = trials.assign(dose=[0.5, np.nan, *np.arange(11.0)])
    cells = printed(mr.plot.forest(pooled, data=data, left=["dose"], right=[]), "cell")
    assert cells == ["0.5", *(f"{n}.0" for n in range(11))]


def test_a_name_with_dollar_signs_is_printed_as_it_is() -> None:
    name = "Cost of $5 and $x_1$"
    ax = mr.plot.forest(mr.pool(yi=[0.1, 0.2], vi=[0.1, 0.1], labels=[name, "B"], tau2="DL"))
    assert name in printed(ax, "cell")
    ax.figure.canvas.draw()


@pytest.mark.parametrize(
    ("k", "font_size"),
    [(k, size) for k in (1, 2, 3, 13, 45) for size in (6.0, 11.0)] + [(200, 7.0)],
)
def test_text_neither_overlaps_nor_leaves_the_figure(
    k: int, font_size: float, simulated: Callable[[int], Any], check_text: Check
) -> None:
    ax = mr.plot.forest(
        simulated(k),
        title="Associations of alliance and outcome in psychotherapy: a long title",
        favours=("less", "more of the outcome"),
        theme="dark" if k == 13 else "light",
        font_size=font_size,
    )
    check_text(ax)


def test_text_keeps_apart_with_huge_intervals_and_long_names(check_text: Check) -> None:
    name = "The Consortium for the Systematic Investigation of Congruence and Its Outcomes, Group A"
    fit = mr.pool(
        yi=[0.3, 0.5, -12], vi=[0.04, 90, 4], labels=["Smith 1990", name, "Lee"], measure="OR"
    )
    ax = mr.plot.forest(fit, favours=("a treatment with a very long name indeed", "control"))
    check_text(ax)
    whole = " ".join(t for t in printed(ax, "cell") if t not in ("Smith 1990", "Lee"))
    assert name in whole


@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
def test_text_keeps_apart_within_given_axes(
    layout: str | None, pooled: Any, check_text: Check
) -> None:
    figure, axes = plt.subplots(1, 2, figsize=(12, 5), layout=layout)
    for ax, title in zip(axes, ("", "With a title"), strict=True):
        mr.plot.forest(pooled, ax=ax, title=title)
    for ax in axes:
        check_text(ax)
    figure.canvas.draw()


@pytest.mark.parametrize("layout", ["constrained", "tight"])
def test_the_panel_gives_way_where_a_neighbour_takes_room(
    layout: str, pooled: Any, check_text: Check
) -> None:
    figure, (ax, other) = plt.subplots(2, 1, figsize=(10, 10), layout=layout)
    mr.plot.forest(pooled, ax=ax, favours=("vaccine", "control"))
    before = ax.get_xlim()
    other.set_yticks([0], ["A label that takes room"])
    figure.draw_without_rendering()
    marks = ax.transData.transform([(artist(ax, "interval").get_paths()[i].vertices[j, 0], 1.0)
                                    for i in range(13) for j in (0, 1)])[:, 0]  # fmt: skip
    boxes = [t.get_window_extent() for t in ax.texts if t.get_gid() == "cell"]
    middle = ax.get_window_extent().x0 + ax.get_window_extent().width / 2
    assert ax.get_xlim() != before
    assert marks.min() > max(box.x1 for box in boxes if box.x1 < middle)
    assert marks.max() < min(box.x0 for box in boxes if box.x0 > middle)
    check_text(ax)


def test_a_figure_can_be_pickled(pooled: Any) -> None:
    ax = mr.plot.forest(pooled)
    copy = pickle.loads(pickle.dumps(ax.figure))
    copy.draw_without_rendering()
    words = [text.get_text() for text in ax.texts]
    assert [text.get_text() for text in copy.axes[0].texts] == words


# --- subgroups ---------------------------------------------------------------------------------


def test_data_of_subgroups_equal_the_fits(levels: Any) -> None:
    frame = mr.plot.forest_data(levels, transform="identity")
    assert frame["kind"].tolist().count("study") == levels.overall.k
    for name, fit in levels.fits.items():
        block = frame[frame["group"] == name]
        studies, mean = block[block["kind"] == "study"], block.iloc[-1]
        assert studies["label"].tolist() == list(fit.study.labels)
        assert_allclose(studies["estimate"], fit.study.yi)
        assert mean["kind"] == "subgroup"
        assert_allclose(
            mean[["estimate", "ci_low", "ci_high"]].astype(float),
            [fit.estimate, fit.ci_low[0], fit.ci_high[0]],
        )
        assert_allclose(mean["weight"], studies["weight"].sum())
    last = frame.iloc[-1]
    assert last["kind"] == "summary"
    assert_allclose(last["estimate"], levels.overall.estimate)
    assert_allclose(frame[frame["kind"] == "study"]["weight"].sum(), 100)


def test_each_subgroup_is_a_block_with_a_diamond(levels: Any, check_text: Check) -> None:
    ax = mr.plot.forest(levels, order="estimate")
    assert printed(ax, "group-label") == list(levels.fits)
    assert printed(ax, "subgroup-label") == ["Subgroup mean"] * 2
    corners = [path.vertices for path in artist(ax, "subgroup").get_paths()]
    assert_allclose(
        [c[[0, 1, 2], 0] for c in corners],
        np.exp([[f.ci_low[0], f.estimate, f.ci_high[0]] for f in levels.fits.values()]),
    )
    assert corners[0][0, 1] < corners[1][0, 1] < artist(ax, "summary").get_paths()[0].vertices[0, 1]
    notes = " ".join(printed(ax, "note-label")).replace("\u00a0", " ")
    between = levels.between
    assert f"Between subgroups: Q(1) = {between.statistic:.2f}, p" in notes
    assert f"Q(12) = {levels.overall.Q:.2f}" in notes
    check_text(ax)


def test_subgroups_within_given_axes_and_with_columns(
    levels: Any, trials: pd.DataFrame, check_text: Check
) -> None:
    _, ax = plt.subplots(figsize=(9, 9), layout="constrained")
    mr.plot.forest(levels, ax=ax, data=trials, left=["label", "latitude"], theme="dark")
    check_text(ax)
    cells = printed(ax, "cell")
    by_study = dict(zip(trials["study"], trials["latitude"].astype(str), strict=True))
    assert [by_study[label] for label in cells[:13]] == cells[13:26]


# --- axes --------------------------------------------------------------------------------------


def test_axes_in_axes_out_and_nothing_else_is_touched(pooled: Any) -> None:
    figure, (mine, other) = plt.subplots(1, 2, figsize=(12, 5))
    before = (figure.get_size_inches().tolist(), other.get_position().bounds, len(figure.axes))
    children = len(other.get_children())
    assert mr.plot.forest(pooled, ax=mine) is mine
    after = (figure.get_size_inches().tolist(), other.get_position().bounds, len(figure.axes))
    assert before == after
    assert len(other.get_children()) == children


def test_a_figure_of_its_own_grows_with_the_rows(simulated: Callable[[int], Any]) -> None:
    heights = [mr.plot.forest(simulated(k)).figure.get_size_inches()[1] for k in (3, 13, 45)]
    assert heights[0] < heights[1] < heights[2]


def test_axes_too_small_to_read_are_warned_of(simulated: Callable[[int], Any]) -> None:
    _, ax = plt.subplots(figsize=(4, 3))
    with pytest.warns(MetarelWarning, match="leave `ax` out"):
        mr.plot.forest(simulated(80), ax=ax)


def test_the_dark_theme_is_dark(pooled: Any) -> None:
    ax = mr.plot.forest(pooled, theme="dark")
    assert sum(ax.figure.get_facecolor()[:3]) < 0.5
    assert all(sum(plt.matplotlib.colors.to_rgb(t.get_color())) > 1.5 for t in ax.texts)


# --- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"theme": "drak"}, "`theme` must be one of 'light', 'dark'; got 'drak'. Did you mean"),
        ({"transform": "log"}, "`transform` must be one of 'identity', 'exp'"),
        ({"order": "year"}, "`order` must be one of 'estimate', 'weight', 'label', or a column"),
        ({"left": "label"}, "`left` must be a list of columns; got the text 'label'"),
        ({"right": ["wieght"]}, "no `data`. Did you mean 'weight'"),
        ({"xlim": (2, 1)}, "`xlim` must be two numbers, the lower first"),
        ({"xlim": (0, 1)}, "`xlim` must be positive on a ratio axis"),
        ({"reference": 0.0}, "`reference` must be positive on a ratio axis"),
        ({"favours": "vaccine"}, "`favours` must be two texts"),
        ({"favours": ("a", "b"), "xlim": (2, 3)}, "`favours` needs a reference line"),
        ({"digits": 2.5}, "`digits` must be a whole number"),
        ({"font_size": 0}, "`font_size` must be positive"),
        ({"data": [1]}, "`data` must be a pandas DataFrame"),
    ],
)
def test_refusals(pooled: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        mr.plot.forest(pooled, **options)


def test_an_unknown_column_is_named(pooled: Any, trials: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"`left` names the column 'yaer'.*Did you mean 'year'"):
        mr.plot.forest(pooled, data=trials, left=["label", "yaer"])
    with pytest.raises(InputError, match="`order` names the column 'yaer'"):
        mr.plot.forest(pooled, data=trials, order="-yaer")


def test_a_frame_of_other_studies_is_refused(pooled: Any, trials: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="`data` must be the frame that the fit was made from"):
        mr.plot.forest(pooled, data=trials.head(5), left=["year"])


def test_columns_stay_with_their_studies_where_rows_were_left_out(trials: pd.DataFrame) -> None:
    data = trials.assign(yi=trials["yi"].where(trials["year"] != 1949))
    with pytest.warns(MetarelWarning, match="left out"):
        fit = mr.pool(data, labels="study")
    cells = printed(mr.plot.forest(fit, data=data, left=["label", "year"], right=[]), "cell")
    assert all(label.endswith(year) for label, year in zip(cells[:12], cells[12:], strict=True))


@pytest.mark.parametrize("thing", [None, 3, {"yi": [1]}])
def test_what_is_no_fit_is_refused(thing: Any) -> None:
    for draw in (mr.plot.forest, mr.plot.forest_data, mr.plot.funnel, mr.plot.funnel_data):
        with pytest.raises(InputError, match="`fit` must be a result of pool"):
            draw(thing)
    with pytest.raises(InputError, match="`fit` must be a result of pool"):
        mr.plot.bubble(thing, "year")


def test_a_column_that_cannot_be_sorted_is_refused(pooled: Any, trials: pd.DataFrame) -> None:
    data = trials.assign(mixed=[1, "a", *range(11)])
    with pytest.raises(InputError, match="`order` must name a column that can be sorted; 'mixed'"):
        mr.plot.forest(pooled, data=data, order="mixed")


@pytest.mark.parametrize(
    ("yi", "vi", "measure"),
    [
        ([700.0, -750.0], [1.0, 1.0], "OR"),
        ([0.5, 0.5], [1e-8, 1e-8], None),
        ([1e6, 1.1e6], [1e10, 1e10], "MD"),
        ([-3.0, -2.5, -2.0], [0.1, 0.1, 0.1], "PLO"),
    ],
)
def test_extreme_numbers_are_drawn(
    yi: list[float], vi: list[float], measure: str | None, check_text: Check
) -> None:
    ax = mr.plot.forest(mr.pool(yi=yi, vi=vi, measure=measure))
    check_text(ax)
    assert len(ax.get_xticks()) >= 2


@pytest.mark.parametrize("style", ["ggplot", "dark_background", "classic"])
def test_a_style_of_the_user_does_not_spoil_the_plot(
    pooled: Any, style: str, check_text: Check
) -> None:
    with plt.style.context(style):
        ax = mr.plot.forest(pooled, title="BCG")
        check_text(ax)
    assert not any(line.get_visible() for line in ax.get_xgridlines())


@pytest.mark.parametrize("draw", [mr.plot.forest, mr.plot.funnel])
def test_what_is_drawn_into_is_one_axes(pooled: Any, draw: Callable[..., Axes]) -> None:
    with pytest.raises(InputError, match=r"`ax` must be one Axes of matplotlib, .*; got ndarray"):
        draw(pooled, ax=np.array([None, None]))


def test_a_long_column_is_one_artist_of_outlines() -> None:
    k = 251
    labels = [f"Study {i}" for i in range(k)]
    yi = np.linspace(-0.5, 0.9, k)
    ax = mr.plot.forest(mr.pool(yi=yi, vi=np.full(k, 0.04), labels=labels))
    cells = [artist for artist in ax.collections if artist.get_gid() == "cells"]
    # Label, estimate, the two limits (of the prediction interval too), weight.
    assert [len(artist.get_paths()) for artist in cells] == [k, k, k + 1, k + 1, k]
    names, *numbers = cells
    assert all(path.vertices[:, 0].min() >= 0 for path in names.get_paths())
    assert all(path.vertices[:, 0].max() <= 0 for artist in numbers for path in artist.get_paths())
    heights = [y for _, y in names.get_offsets()]
    rows = ax.collections[[a.get_gid() for a in ax.collections].index("study")].get_offsets()
    assert heights == pytest.approx([y for _, y in rows])
    assert {"Study", "Weight"} <= {text.get_text() for text in ax.texts}
