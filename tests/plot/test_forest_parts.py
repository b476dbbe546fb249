"""Several models, excluded studies, refits, risk of bias, densities and guides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose
from scipy import stats

import metarel as mr
from metarel.errors import InputError, MetarelWarning
from metarel.plot._density import predicted_density
from metarel.plot._lights import JUDGEMENTS, judgement_of
from metarel.plot._scale import PLAIN, scale_of

Check = Callable[[Axes], None]
SPAN = ["ci_low", "estimate", "ci_high"]


def artist(ax: Axes, gid: str) -> Any:
    """Return the one artist of a kind."""
    (found,) = [a for a in ax.get_children() if a.get_gid() == gid]
    return found


def count(ax: Axes, gid: str) -> int:
    """Return how many artists of a kind there are."""
    return sum(a.get_gid() == gid for a in ax.get_children())


def printed(ax: Axes, gid: str) -> list[str]:
    """Return the texts of a kind, with plain spaces."""
    return [t.get_text().replace("\u00a0", " ") for t in ax.texts if t.get_gid() == gid]


# --- several models ----------------------------------------------------------------------------


def test_each_model_has_a_diamond(trials: pd.DataFrame, pooled: Any, check_text: Check) -> None:
    common = mr.pool(trials, tau2="EE", labels="study")
    knha = mr.pool(trials, tau2="DL", test="knha", labels="study")
    models = {"Common effect": common, "DL": knha}
    ax = mr.plot.forest(pooled, also=models, right=["effect", "weights"], prediction=False)
    frame = mr.plot.forest_data(pooled, also=models)
    last = frame[frame["kind"] == "summary"]
    assert last["label"].tolist() == ["Random-effects model, REML", "Common effect", "DL"]
    corners = [p.vertices[:3, 0] for p in artist(ax, "summary").get_paths()]
    assert_allclose(corners, last[SPAN], rtol=1e-12)
    for (_, row), fit in zip(last.iterrows(), (pooled, common, knha), strict=True):
        own = fit.predict(transform="exp").iloc[0]
        assert_allclose(row[SPAN].astype(float), own[SPAN].astype(float), rtol=1e-12)
        assert row["p_value"] == fit.p_value[0]
        assert (row["tau2"], row["I2"], row["k"]) == (fit.tau2, fit.I2, fit.k)
    share = f"{common.weights().iloc[0]:.1f}%"
    assert share in printed(ax, "cell")
    assert printed(ax, "heading") == ["Weight"]
    assert "Common effect: " in mr.plot.alt_text(ax)
    check_text(ax)


def test_models_without_names_are_named_by_themselves(trials: pd.DataFrame, pooled: Any) -> None:
    twins = [mr.pool(trials, tau2="DL", labels="study")] * 2
    frame = mr.plot.forest_data(pooled, also=twins)
    assert frame["label"].tolist()[-2:] == [
        "Random-effects model, DL", "Random-effects model, DL (3)",
    ]  # fmt: skip


def test_a_robust_fit_is_drawn_with_its_own_interval(trials: pd.DataFrame, pooled: Any) -> None:
    robust = mr.robust(pooled, cluster=trials["author"].to_numpy(), kind="CR2")
    ax = mr.plot.forest(robust, also=pooled)
    assert printed(ax, "summary-label")[0] == "Random-effects model, REML, cluster-robust CR2"
    low, _, high = artist(ax, "summary").get_paths()[0].vertices[:3, 0]
    assert_allclose([low, high], np.exp([robust.ci_low[0], robust.ci_high[0]]), rtol=1e-12)


def test_other_studies_are_no_further_model(pooled: Any, trials: pd.DataFrame) -> None:
    fewer = mr.pool(trials.head(8), labels="study")
    with pytest.raises(InputError, match="same studies as `fit`, in the same order; fit 0 has 8"):
        mr.plot.forest(pooled, also=[fewer])
    with pytest.raises(InputError, match=r"`also` must hold results of pool\(\) or robust\(\)"):
        mr.plot.forest(pooled, also=["EE"])
    with pytest.raises(InputError, match="'weights' shows the weights in several models"):
        mr.plot.forest(pooled, right=["weights"])


# --- prediction --------------------------------------------------------------------------------


def test_a_density_is_that_of_the_predictive_distribution(trials: pd.DataFrame) -> None:
    """Against the closed form: t with k − 1 df around the mean, REML with Knapp and Hartung."""
    fit = mr.pool(trials, test="knha", labels="study")
    x, height = predicted_density(fit, PLAIN)
    spread = float(np.hypot(fit.se[0], fit.tau))
    wanted = stats.t.pdf((x - fit.estimate) / spread, fit.k - 1)
    assert_allclose(height, wanted / wanted.max(), atol=0.006)


def test_a_density_on_a_bent_axis_keeps_its_area(pooled: Any) -> None:
    """On a correlation axis the density is per unit of paper: its integral stays that of z."""
    x, height = predicted_density(pooled, scale_of("tanh"))
    straight, flat = predicted_density(pooled, PLAIN)
    bent = flat / (1 - np.tanh(straight) ** 2)
    assert_allclose(x, np.tanh(straight), atol=0.01)
    assert_allclose(height, bent / bent.max(), atol=0.02)


@pytest.mark.parametrize("way", ["bar", "line", "density"])
def test_ways_of_drawing_a_prediction_interval(way: str, pooled: Any, check_text: Check) -> None:
    ax = mr.plot.forest(pooled, prediction=way)
    ends = artist(ax, "prediction").get_paths()[0].vertices[:, 0]
    last = mr.plot.forest_data(pooled).iloc[-1]
    assert_allclose(ends, [last["pi_low"], last["pi_high"]], rtol=1e-12)
    assert count(ax, "density") == (way == "density")
    if way == "line":
        assert artist(ax, "prediction").get_paths()[0].vertices[0, 1] == pytest.approx(
            artist(ax, "summary").get_paths()[0].vertices[0, 1]
        )
        assert "95% prediction interval [0.15, 1.55]" in printed(ax, "note-label")
    check_text(ax)


def test_an_unknown_way_is_refused(pooled: Any) -> None:
    with pytest.raises(InputError, match="`prediction` must be one of 'bar', 'line', 'density'"):
        mr.plot.forest(pooled, prediction="bars")


# --- excluded ----------------------------------------------------------------------------------


def test_rows_that_the_fit_did_not_get_are_hollow(trials: pd.DataFrame, check_text: Check) -> None:
    mask = trials["year"].isin([1960, 1980]).to_numpy()
    fit = mr.pool(trials[~mask], labels="study")
    options: dict[str, Any] = {"data": trials, "excluded": mask, "order": "year"}
    frame = mr.plot.forest_data(fit, **options)
    grey = frame[frame["kind"] == "excluded"]
    assert grey["label"].tolist() == ["Rosenthal et al., 1960", "TPT Madras, 1980"]
    assert_allclose(grey["estimate"], np.exp(trials["yi"][mask]), rtol=1e-12)
    assert grey["weight"].isna().all()
    assert_allclose(frame["weight"].sum(), 100)
    assert frame["label"].iloc[3] == "Rosenthal et al., 1960"  # in its place by year
    ax = mr.plot.forest(fit, left=["label", "year", "inputs"], **options)
    assert_allclose(artist(ax, "excluded").get_offsets()[:, 0], grey["estimate"], rtol=1e-12)
    assert len(artist(ax, "study").get_offsets()) == 11
    cells = printed(ax, "cell")
    labels, years = cells[:13], cells[13:26]
    assert all(label.endswith(year) for label, year in zip(labels, years, strict=True))
    assert str(trials["n1"][~mask].sum()) in cells  # sums leave them out
    assert "2 more studies are shown, and not pooled." in mr.plot.alt_text(ax)
    assert "2 studies not pooled" in " ".join(printed(ax, "note-label")).replace("\n", " ")
    check_text(ax)


def test_a_column_or_a_frame_serves_as_well(trials: pd.DataFrame) -> None:
    data = trials.assign(out=trials["year"] == 1980)
    data.attrs = trials.attrs
    fit = mr.pool(data[~data["out"]], labels="study")
    by_column = mr.plot.forest_data(fit, data=data, excluded="out")
    by_frame = mr.plot.forest_data(
        fit, data=data[~data["out"]].reset_index(drop=True), excluded=data[data["out"]]
    )
    alone = mr.plot.forest_data(fit, excluded=data[data["out"]])
    for other in (by_frame, alone):
        pd.testing.assert_frame_equal(by_column, other)


def test_what_the_fit_dropped_is_shown_with_what_is_known(trials: pd.DataFrame) -> None:
    data = trials.assign(vi=trials["vi"].where(trials["year"] != 1949))
    with pytest.warns(MetarelWarning, match="left out"):
        fit = mr.pool(data, labels="study")
    row = mr.plot.forest_data(fit, data=data, excluded=True).iloc[1]
    assert row["label"] == "Ferguson & Simes, 1949"
    assert row["estimate"] == pytest.approx(np.exp(trials["yi"][1]))
    assert np.isnan(row["ci_low"])
    ax = mr.plot.forest(fit, excluded=True)  # without data only the name is known
    assert "Ferguson & Simes, 1949" in printed(ax, "cell")
    assert count(ax, "excluded") == 0


def test_excluded_studies_stand_in_their_subgroup(trials: pd.DataFrame) -> None:
    data = trials.assign(where=np.where(trials["latitude"] < 35, "near", "far"))
    data.attrs = trials.attrs
    mask = trials["year"].eq(1980).to_numpy()
    sub = mr.subgroups(data[~mask], "where", labels="study")
    frame = mr.plot.forest_data(sub, data=data, excluded=mask)
    assert frame[frame["kind"] == "excluded"]["group"].tolist() == ["near"]
    elsewhere = data[mask].assign(where="moon")
    assert printed(mr.plot.forest(sub, excluded=elsewhere), "group-label")[-1] == "Not pooled"


def test_masks_that_cannot_be_are_refused(pooled: Any, trials: pd.DataFrame) -> None:
    mask = np.zeros(13, dtype=bool)
    mask[0] = True
    with pytest.raises(InputError, match="12 are not marked, but the fit was made from 13"):
        mr.plot.forest(pooled, data=trials, excluded=mask)
    with pytest.raises(InputError, match="one truth value for each of the 13 rows"):
        mr.plot.forest(pooled, data=trials, excluded=mask[:4])
    with pytest.raises(InputError, match="no `data` was given"):
        mr.plot.forest(pooled, excluded=mask)


# --- refits ------------------------------------------------------------------------------------


def test_a_cumulative_forest_holds_the_numbers_of_its_table(
    pooled: Any, trials: pd.DataFrame, check_text: Check
) -> None:
    table = mr.cumulative(pooled, "year", data=trials)
    frame = mr.plot.forest_data(table)
    rows = frame[frame["kind"] == "refit"]
    assert_allclose(rows[SPAN], np.exp(table[SPAN]), rtol=1e-12)
    assert_allclose(rows[["p_value", "k", "tau2", "I2"]], table[["p_value", "k", "tau2", "I2"]])
    last = frame.iloc[-1]
    assert last["kind"] == "summary"
    assert_allclose(last[SPAN].astype(float), rows[SPAN].iloc[-1].astype(float), rtol=1e-9)
    ax = mr.plot.forest(table)
    assert printed(ax, "header") == ["Adding", "k", "RR [95% CI]", "p", "τ²", "I²"]
    assert ax.get_xscale() == "log"
    assert_allclose(artist(ax, "refit").get_offsets()[:, 0], rows["estimate"], rtol=1e-12)
    assert "cumulative" in mr.plot.alt_text(ax)
    check_text(ax)


def test_leave_one_out_is_drawn_with_all_studies_below(pooled: Any, check_text: Check) -> None:
    table = mr.leave_one_out(pooled)
    ax = mr.plot.forest(table, order="-estimate", layout="jama", left=["label", "k"])
    assert printed(ax, "header")[0] == "Omitting"
    low, mid, high = artist(ax, "summary").get_paths()[0].vertices[:3, 0]
    assert_allclose(
        [low, mid, high], np.exp([pooled.ci_low[0], pooled.estimate, pooled.ci_high[0]]), rtol=1e-12
    )
    x = artist(ax, "refit").get_offsets()[:, 0]
    assert (np.diff(x) <= 0).all()
    check_text(ax)


def test_refits_transformed_before_are_drawn_as_they_are(pooled: Any) -> None:
    table = mr.leave_one_out(pooled, transform=True)
    plain = mr.plot.forest_data(mr.leave_one_out(pooled))
    assert_allclose(mr.plot.forest_data(table)[SPAN], plain[SPAN], rtol=1e-12)
    with pytest.raises(InputError, match="were transformed already"):
        mr.plot.forest(table, transform="exp")
    with pytest.raises(InputError, match="by a function of your own"):
        mr.plot.forest(mr.leave_one_out(pooled, transform=np.exp))


def test_refits_without_their_story_are_drawn_too(pooled: Any) -> None:
    table = mr.leave_one_out(pooled)
    table.attrs.clear()
    frame = mr.plot.forest_data(table, transform="exp")
    assert (frame["kind"] == "refit").all()
    assert_allclose(frame["estimate"], np.exp(table["estimate"]))


def test_refits_that_cannot_be_drawn_are_refused(pooled: Any, regression: Any) -> None:
    with pytest.raises(InputError, match="one coefficient a row of the plot"):
        mr.plot.forest(mr.leave_one_out(regression))
    with pytest.raises(InputError, match="the frame has no column 'ci_low'"):
        mr.plot.forest(mr.leave_one_out(pooled).drop(columns="ci_low"))
    for options in ({"also": [pooled]}, {"excluded": True}):
        with pytest.raises(InputError, match="the results of one model fitted often"):
            mr.plot.forest(mr.leave_one_out(pooled), **options)


def test_one_coefficient_of_a_regression_is_drawn(regression: Any) -> None:
    table = mr.cumulative(regression)
    slope = table[table["term"] == "latitude"]
    frame = mr.plot.forest_data(slope, transform="identity")
    assert_allclose(frame["estimate"], slope["estimate"])


# --- risk of bias ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judged(trials: pd.DataFrame) -> pd.DataFrame:
    """Trials with made-up judgements, written in several ways."""
    words = ["Low", "some concerns", "HIGH", "unclear", "+", "?", "-"]
    data = trials.assign(
        D1=[words[i % 7] for i in range(13)],
        D2=[words[(i + 2) % 7] for i in range(13)],
        overall=["high", None, *["low"] * 11],
    )
    data.attrs = trials.attrs
    return data


def test_lights_have_the_colour_and_the_sign_of_the_judgement(
    pooled: Any, judged: pd.DataFrame, check_text: Check
) -> None:
    ax = mr.plot.forest(pooled, data=judged, bias=["D1", "D2", "overall"])
    codes = [judgement_of(v) for name in ("D1", "D2", "overall") for v in judged[name]]
    for code in ("low", "some concerns", "high", "unclear"):
        drawn = [a for a in ax.collections if a.get_gid() == f"light-{code}"]
        assert sum(len(a.get_offsets()) for a in drawn) == codes.count(code)
        signs = [a for a in ax.collections if a.get_gid() == f"light-{code}-sign"]
        assert sum(len(a.get_offsets()) for a in signs) == codes.count(code)
    assert printed(ax, "heading") == ["Risk of bias"]
    assert printed(ax, "header")[-3:] == ["D1", "D2", "Overall"]
    assert printed(ax, "key") == ["Risk of bias:", "low", "some concerns", "unclear", "high"]
    rows = artist(ax, "study").get_offsets()[:, 1]
    low = [y for a in ax.collections if a.get_gid() == "light-low" for _, y in a.get_offsets()]
    assert set(np.round(low, 9)) <= set(np.round(rows, 9))
    check_text(ax)


def test_long_domains_get_letters_and_a_key(
    pooled: Any, judged: pd.DataFrame, check_text: Check
) -> None:
    names = {"D1": "Random sequence generation", "D2": "Blinding of outcome assessment"}
    ax = mr.plot.forest(pooled, data=judged, bias=names, theme="dark", layout="revman")
    assert printed(ax, "header")[-2:] == ["A", "B"]
    key = " ".join(printed(ax, "key"))
    assert "A: Random sequence generation" in key
    assert "B: Blinding of outcome assessment" in key
    check_text(ax)


def test_every_way_of_writing_leads_to_one_judgement() -> None:
    words = [word for j in JUDGEMENTS.values() for word in (j.code, *j.words)]
    assert len(words) == len(set(words))
    for judgement in JUDGEMENTS.values():
        for word in (judgement.code, *judgement.words):
            assert judgement_of(f" {word.upper().replace(' ', '_')} ") == judgement.code
    assert judgement_of(None) == judgement_of(np.nan) == ""


def test_an_unknown_judgement_is_refused(pooled: Any, judged: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"`bias` must be one of 'low'.*got 'lwo'. Did you mean"):
        mr.plot.forest(pooled, data=judged.assign(D1="lwo"), bias=["D1"])
    with pytest.raises(InputError, match="`bias` must be a list of columns"):
        mr.plot.forest(pooled, data=judged, bias="D1")
    with pytest.raises(InputError, match="no `data` was given"):
        mr.plot.forest(pooled, bias=["D1"])


# --- guides ------------------------------------------------------------------------------------


def test_lines_and_a_band_stand_where_they_are_told(pooled: Any, check_text: Check) -> None:
    ax = mr.plot.forest(pooled, lines=[0.02, 0.5], band=(0.8, 1.25), zebra=True)
    at = sorted(a.get_paths()[0].vertices[0, 0] for a in ax.collections if a.get_gid() == "line")
    assert at == [0.02, 0.5]  # the axis reaches to what was asked for
    band = artist(ax, "band").get_paths()[0].vertices
    assert (band[:, 0].min(), band[:, 0].max()) == (0.8, 1.25)
    stripes = artist(ax, "zebra").get_paths()
    rows = artist(ax, "study").get_offsets()[::2, 1]
    assert len(stripes) == 7
    for stripe, y in zip(stripes, rows, strict=True):
        assert stripe.vertices[:, 1].min() < y < stripe.vertices[:, 1].max()
    check_text(ax)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"band": (2, 1)}, "`band` must be two numbers, the lower first"),
        ({"band": (-1, 1)}, "`band` must be positive on a ratio axis"),
        ({"lines": [0.0]}, "`lines` must be positive on a ratio axis"),
        ({"lines": 0.5}, "`lines` must be a list of numbers"),
    ],
)
def test_refusals(pooled: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        mr.plot.forest(pooled, **options)


def test_columns_of_p_and_of_parts(pooled: Any, check_text: Check) -> None:
    frame = mr.plot.forest_data(pooled)
    study = pooled.study
    assert_allclose(
        frame["p_value"][:-1], 2 * stats.norm.sf(np.abs(study.yi / np.sqrt(study.vi))), rtol=1e-10
    )
    ax = mr.plot.forest(pooled, right=["estimate", "ci", "p", "k", "tau2", "I2"])
    assert printed(ax, "header")[1:] == ["RR", "95% CI", "p", "k", "τ²", "I²"]
    assert {"13", "0.313", "92.2%"} <= set(printed(ax, "cell"))
    check_text(ax)


def test_a_label_keeps_clear_of_numbers_in_its_line(pooled: Any, check_text: Check) -> None:
    ax = mr.plot.forest(pooled, left=["label", "k", "I2"], right=["weight"])
    check_text(ax)


def test_names_that_repeat_get_their_year() -> None:
    """Where a column of years is at hand; names that tell studies apart stay as they are."""
    data = pd.DataFrame({
        "study": ["Rosenthal et al", "Aronson", "Rosenthal et al", "Stein 1953", "Stein 1953"],
        "Year": [1960, 1948, 1961, 1953, 1953],
        "yi": [0.1, 0.2, 0.3, 0.4, 0.5], "vi": [0.01, 0.02, 0.03, 0.04, 0.05],
    })  # fmt: skip
    fit = mr.pool(data)
    assert mr.plot.forest_data(fit)["label"].tolist()[:5] == data["study"].tolist()
    shown = ["Rosenthal et al 1960", "Aronson", "Rosenthal et al 1961", *["Stein 1953"] * 2]
    assert mr.plot.forest_data(fit, data=data)["label"].tolist()[:5] == shown
    by_year = mr.plot.forest_data(fit, data=data, order="-Year")["label"].tolist()[:5]
    assert by_year == [shown[2], shown[0], shown[3], shown[4], shown[1]]
