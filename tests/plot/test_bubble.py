"""Bubbles stand where the studies are, and the line and its bands where the model says."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose

import metarel as mr
from metarel.errors import InputError


def artist(ax: Axes, gid: str) -> Any:
    """Return the one artist of a kind."""
    (found,) = [a for a in ax.get_children() if a.get_gid() == gid]
    return found


def test_data_equal_the_fit(regression: Any, trials: pd.DataFrame) -> None:
    frame = mr.plot.bubble_data(regression, "latitude", transform="identity")
    studies = frame[frame["kind"] == "study"]
    assert_allclose(studies["moderator"], trials["latitude"])
    assert_allclose(studies["estimate"], regression.study.yi)
    assert_allclose(studies["weight"], regression.weights())
    line = frame[frame["kind"] == "line"]
    assert_allclose(line["moderator"].iloc[[0, -1]], [13, 55])
    b0, b1 = regression.beta
    assert_allclose(line["estimate"], b0 + b1 * line["moderator"], rtol=1e-12)
    predicted = regression.predict(pd.DataFrame({"latitude": line["moderator"].to_numpy()}))
    for name in ("ci_low", "ci_high", "pi_low", "pi_high"):
        assert_allclose(line[name], predicted[name], rtol=1e-12)


def test_the_line_passes_through_the_fitted_means(regression: Any, trials: pd.DataFrame) -> None:
    line = mr.plot.bubble_data(regression, "latitude").query("kind == 'line'")
    at_studies = np.interp(trials["latitude"], line["moderator"], np.log(line["estimate"]))
    assert_allclose(at_studies, regression.predict()["estimate"], rtol=1e-10)


def test_marks_stand_at_the_data(regression: Any) -> None:
    ax = mr.plot.bubble(regression, "latitude")
    frame = mr.plot.bubble_data(regression, "latitude")
    studies = frame[frame["kind"] == "study"].sort_values("weight", ascending=False)
    bubbles = artist(ax, "study")
    assert_allclose(bubbles.get_offsets(), studies[["moderator", "estimate"]].to_numpy(float))
    assert_allclose(
        bubbles.get_sizes() / bubbles.get_sizes()[0],
        studies["weight"] / studies["weight"].iloc[0],
        rtol=1e-9,
    )
    line = frame[frame["kind"] == "line"]
    assert_allclose(
        np.column_stack(artist(ax, "line").get_data()),
        line[["moderator", "estimate"]].to_numpy(float),
    )
    for gid, name in (("confidence", "ci"), ("prediction", "pi")):
        corners = artist(ax, gid).get_paths()[0].vertices
        for limit in ("low", "high"):
            wanted = line[["moderator", f"{name}_{limit}"]].to_numpy(float)
            distance = abs(corners[:, None, :] - wanted[None, :, :]).max(axis=2).min(axis=0)
            assert_allclose(distance, 0, atol=1e-12)


def test_axes_names_scale_and_reference(regression: Any) -> None:
    ax = mr.plot.bubble(regression, "latitude", title="BCG", theme="dark")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("latitude", "Risk ratio")
    assert ax.get_yscale() == "log"
    assert artist(ax, "reference").get_ydata()[0] == 1.0
    assert ax.get_title(loc="left") == "BCG"
    plain = mr.plot.bubble(regression, "latitude", transform="identity", xlabel="x", ylabel="y")
    assert (plain.get_xlabel(), plain.get_ylabel()) == ("x", "y")
    assert plain.get_yscale() == "linear"


def test_the_prediction_band_can_be_left_out(regression: Any) -> None:
    ax = mr.plot.bubble(regression, "latitude", prediction=False)
    assert not [a for a in ax.get_children() if a.get_gid() == "prediction"]


def test_other_moderators_are_held(trials: pd.DataFrame) -> None:
    fit = mr.meta_regression(trials, "latitude + year", labels="study")
    at_mean = mr.plot.bubble_data(fit, "latitude", data=trials, transform="identity")
    told = mr.plot.bubble_data(fit, "latitude", at={"year": 1970}, transform="identity")
    b = dict(zip(fit.study.terms, fit.beta, strict=True))
    for frame, year in ((at_mean, trials["year"].mean()), (told, 1970)):
        line = frame[frame["kind"] == "line"]
        wanted = fit.beta[0] + b["latitude"] * line["moderator"] + b["year"] * year
        assert_allclose(line["estimate"], wanted, rtol=1e-9)


def test_a_curve_is_drawn_through_a_formula(trials: pd.DataFrame) -> None:
    fit = mr.meta_regression(trials, "np.log(latitude)", labels="study")
    frame = mr.plot.bubble_data(fit, "latitude", data=trials, transform="identity")
    line = frame[frame["kind"] == "line"]
    assert_allclose(line["estimate"], fit.beta[0] + fit.beta[1] * np.log(line["moderator"]))


def test_axes_in_axes_out(regression: Any) -> None:
    figure, (mine, other) = plt.subplots(1, 2)
    children = len(other.get_children())
    assert mr.plot.bubble(regression, "latitude", ax=mine) is mine
    assert len(figure.axes) == 2
    assert len(other.get_children()) == children


def test_another_moderator_with_levels_is_held(trials: pd.DataFrame) -> None:
    data = trials.assign(old=np.where(trials["year"] < 1960, "before", "after"))
    fit = mr.meta_regression(data, "latitude + old", labels="study")
    frames = [
        mr.plot.bubble_data(fit, "latitude", **options)
        for options in ({"data": data}, {"at": {"old": "after"}}, {"at": {"old": "before"}})
    ]
    usual, after, before = (f[f["kind"] == "line"]["estimate"].to_numpy() for f in frames)
    assert_allclose(usual, after)
    assert not np.allclose(usual, before)
    with pytest.raises(InputError, match="`at` must say at which level 'old' is held"):
        mr.plot.bubble_data(fit, "latitude")
    with pytest.raises(InputError, match="`at` must be one of 'old'; got 'odl'"):
        mr.plot.bubble_data(fit, "latitude", at={"odl": "after"})


def test_refusals(pooled: Any, regression: Any, trials: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="`fit` must be a meta-regression"):
        mr.plot.bubble(pooled, "latitude")
    with pytest.raises(InputError, match="`moderator` must be one of 'latitude'; got 'latitud'"):
        mr.plot.bubble(regression, "latitud")
    with pytest.raises(InputError, match="`theme` must be one of"):
        mr.plot.bubble(regression, "latitude", theme="blue")
    curved = mr.meta_regression(trials, "np.log(latitude)", labels="study")
    with pytest.raises(InputError, match="`data` must be given: 'latitude' enters"):
        mr.plot.bubble(curved, "latitude")


@pytest.fixture(scope="module")
def aged(trials: pd.DataFrame) -> tuple[Any, pd.DataFrame]:
    """A regression on a number and a factor, with the frame it is of."""
    data = trials.assign(old=np.where(trials["year"] < 1960, "before 1960", "1960 and after"))
    data.attrs = trials.attrs
    return mr.meta_regression(data, "latitude * old", labels="study"), data


def test_a_line_for_each_level(aged: tuple[Any, pd.DataFrame]) -> None:
    fit, data = aged
    frame = mr.plot.bubble_data(fit, "latitude", by="old", transform="identity")
    for level in ("before 1960", "1960 and after"):
        line = frame[(frame["kind"] == "line") & (frame["level"] == level)]
        new = pd.DataFrame({"latitude": line["moderator"].to_numpy(float), "old": level})
        assert_allclose(line["estimate"], fit.predict(new)["estimate"])
        own = data.loc[data["old"] == level, "latitude"]
        assert (line["moderator"].min(), line["moderator"].max()) == (own.min(), own.max())
    ax = mr.plot.bubble(fit, "latitude", by="old", theme="dark", title="BCG")
    lines = [a for a in ax.get_children() if a.get_gid() == "line"]
    assert len({line.get_color() for line in lines}) == len(lines) == 2
    assert len({line.get_linestyle() for line in lines}) == 2
    legend = ax.get_legend()
    assert legend is not None
    assert {t.get_text() for t in legend.get_texts()} == {"before 1960", "1960 and after"}
    assert not [a for a in ax.get_children() if a.get_gid() == "prediction"]
    assert "The fitted mean of before 1960 goes from" in mr.plot.alt_text(ax)


def test_categories_have_means_and_bubbles_beside_them(aged: tuple[Any, pd.DataFrame]) -> None:
    fit, data = aged
    frame = mr.plot.bubble_data(fit, "old", at={"latitude": 40}, transform="identity")
    means = frame[frame["kind"] == "mean"]
    new = pd.DataFrame({"latitude": 40.0, "old": means["moderator"]})
    wanted = fit.predict(new)
    for name in ("estimate", "ci_low", "pi_high"):
        assert_allclose(means[name].to_numpy(float), wanted[name])
    assert means["x"].tolist() == [0.0, 1.0]
    studies = frame[frame["kind"] == "study"]
    assert studies["moderator"].tolist() == data["old"].tolist()
    place = dict(zip(means["moderator"], means["x"], strict=True))
    away = abs(studies["x"] - studies["moderator"].map(place))
    assert away.between(0.05, 0.35).all()
    ax = mr.plot.bubble(fit, "old", at={"latitude": 40})
    ends = np.array([segment[:, 1] for segment in artist(ax, "confidence").get_segments()])
    assert_allclose(np.log(ends), means[["ci_low", "ci_high"]].to_numpy(float))
    assert ax.get_xlabel() == "old\n(held: latitude = 40)"
    assert [t.get_text() for t in ax.get_xticklabels()] == list(place)


def test_held_moderators_stand_under_the_axis(trials: pd.DataFrame) -> None:
    fit = mr.meta_regression(trials, "latitude + year", labels="study")
    ax = mr.plot.bubble(fit, "latitude", data=trials)
    assert ax.get_xlabel() == f"latitude\n(held: year = {trials['year'].mean():.4g})"
    assert mr.plot.alt_text(ax).endswith(f"Held: year = {trials['year'].mean():.4g}.")


def test_refusals_of_levels(aged: tuple[Any, pd.DataFrame], trials: pd.DataFrame) -> None:
    fit, _ = aged
    with pytest.raises(InputError, match="`by` must be one of 'latitude'"):
        mr.plot.bubble(fit, "old", by="year")
    with pytest.raises(InputError, match="`by` must be a moderator with levels; 'year' holds"):
        mr.plot.bubble(mr.meta_regression(trials, "latitude + year"), "latitude", by="year")


def test_levels_that_are_numbers_read_as_people_write_them(trials: pd.DataFrame) -> None:
    data = trials.assign(wave=np.where(trials["year"] < 1960, 1.0, 2.0))
    data.attrs = trials.attrs
    fit = mr.meta_regression(data, "latitude + C(wave)", labels="study")
    frame = mr.plot.bubble_data(fit, "latitude", by="wave")
    assert set(frame["level"]) == {"1", "2"}
    studies = frame[frame["kind"] == "study"]
    assert studies["level"].tolist() == [f"{wave:g}" for wave in data["wave"]]
    means = mr.plot.bubble_data(fit, "wave", at={"latitude": 40}).query("kind == 'mean'")
    assert means["moderator"].tolist() == ["1", "2"]
