"""The layouts print what their journals print, from the numbers of the fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose

import metarel as mr
from metarel.errors import InputError
from metarel.plot._phrases import Phrase
from metarel.plot._theme import THEMES

Check = Callable[[Axes], None]
CODES = tuple(mr.plot.LAYOUTS)


def printed(ax: Axes, gid: str) -> list[str]:
    """Return the texts of a kind, with plain spaces."""
    return [t.get_text().replace("\u00a0", " ") for t in ax.texts if t.get_gid() == gid]


def artist(ax: Axes, gid: str) -> Any:
    """Return the one artist of a kind."""
    (found,) = [a for a in ax.get_children() if a.get_gid() == gid]
    return found


@pytest.fixture(scope="module")
def changes() -> pd.DataFrame:
    """Suicidal ideation, nine trials with means and standard deviations."""
    raw = mr.load_dataset("suicideprevention_harrer2021").studies
    words = ("m1", "sd1", "n1", "m2", "sd2", "n2")
    return mr.effect_sizes(raw, "SMD", **{word: word for word in words})


@pytest.mark.parametrize("code", CODES)
def test_every_layout_draws_the_numbers_of_the_fit(
    code: str, pooled: Any, trials: pd.DataFrame, check_text: Check
) -> None:
    ax = mr.plot.forest(
        pooled, data=trials, layout=code, favours=("Favours vaccine", "Favours control")
    )
    frame = mr.plot.forest_data(pooled)
    offsets = artist(ax, "study").get_offsets()
    assert_allclose(offsets[:, 0], frame["estimate"][:-1], rtol=1e-12)
    corners = artist(ax, "summary").get_paths()[0].vertices[:3, 0]
    last = frame.iloc[-1]
    assert_allclose(corners, last[["ci_low", "estimate", "ci_high"]].astype(float), rtol=1e-12)
    assert len(printed(ax, "favours")) == 2
    check_text(ax)


@pytest.mark.parametrize("code", CODES)
def test_every_layout_holds_subgroups_in_the_dark(
    code: str, levels: Any, trials: pd.DataFrame, check_text: Check
) -> None:
    ax = mr.plot.forest(levels, data=trials, layout=code, theme="dark")
    assert len(artist(ax, "subgroup").get_paths()) == 2
    notes = " ".join(printed(ax, "note-label"))
    assert f"{levels.between.statistic:.2f}" in notes
    check_text(ax)


def test_revman_prints_its_lines(pooled: Any, trials: pd.DataFrame) -> None:
    """Review Manager's form; Tau2, Chi2 and Z are those of metafor on these trials."""
    ax = mr.plot.forest(pooled, data=trials, layout="revman")
    assert printed(ax, "note-label") == [
        "Heterogeneity: Tau² = 0.31; Chi² = 152.23, df = 12 (P < 0.00001); I² = 92%",
        "Test for overall effect: Z = 3.97 (P < 0.0001)",
    ]
    assert printed(ax, "summary-label") == ["Total (95% CI)"]
    assert printed(ax, "heading") == ["Experimental", "Control"]
    assert printed(ax, "header")[:6] == [
        "Study or subgroup", "Events", "Total", "Events", "Total", "Weight",
    ]  # fmt: skip
    assert printed(ax, "panel-header") == ["Risk ratio", "IV, Random, 95% CI"]
    cells = printed(ax, "cell")
    sums = trials[["events1", "n1", "events2", "n2"]].sum()
    assert {str(n) for n in sums} <= set(cells)
    assert "100.0%" in cells
    assert not [a for a in ax.get_children() if a.get_gid() == "prediction"]


def test_jama_prints_its_lines(pooled: Any, trials: pd.DataFrame) -> None:
    ax = mr.plot.forest(pooled, data=trials, layout="jama", favours=("vaccine", "control"))
    assert printed(ax, "note-label") == [
        "Heterogeneity: τ² = 0.31; χ²₁₂ = 152.23 (P < .001); I² = 92%",
        "Test for overall effect: z = 3.97 (P < .001)",
    ]
    cells = printed(ax, "cell")
    assert {"4/123", "0.41 (0.13 to 1.26)", "1065/191064", "5.1"} <= set(cells)
    above = [t for t in ax.texts if t.get_gid() == "favours"]
    assert all(t.get_position()[1] > 0 for t in above)  # within the header, not below the axis


def test_apa_prints_the_sign_of_its_test(pooled: Any) -> None:
    """The statistic stands beside an estimate below zero, and has its sign."""
    assert "z = −3.97, p < .001" in " ".join(
        printed(mr.plot.forest(pooled, layout="apa"), "note-label")
    )


def test_bmj_prints_its_lines(levels: Any) -> None:
    notes = printed(mr.plot.forest(levels, layout="bmj"), "note-label")
    between = levels.between
    start = f"Test for subgroup differences: χ²={between.statistic:.2f}, df=1, P"
    assert any(start in " ".join(notes[i : i + 2]) for i in range(len(notes)))


def test_apa_drops_the_zero_of_what_cannot_exceed_one(simulated: Callable[[int], Any]) -> None:
    fit = simulated(6)
    row = mr.plot.forest_data(fit).iloc[0]
    ax = mr.plot.forest(fit, layout="apa", right=["effect", "p"])
    written = f"{row['estimate']:.2f}".replace("0.", ".", 1).replace("-", "−")
    assert written in printed(ax, "cell")
    ratios = mr.plot.forest(fit, layout="apa", transform="identity", right=["estimate"])
    assert any(cell.startswith(("0.", "−0.")) for cell in printed(ratios, "cell"))


def test_means_are_printed_arm_by_arm(changes: pd.DataFrame, check_text: Check) -> None:
    ax = mr.plot.forest(mr.pool(changes), data=changes, layout="revman")
    header = printed(ax, "header")
    assert header[1:7] == ["Mean", "SD", "Total"] * 2
    first = changes.iloc[0]
    cells = printed(ax, "cell")
    assert f"{first['m1']:.2f}" in cells
    assert str(changes["n2"].sum()) in cells
    compact = printed(mr.plot.forest(mr.pool(changes), data=changes, layout="jama"), "cell")
    assert f"{first['m1']:.2f} ({first['sd1']:.2f})" in compact
    check_text(ax)


def test_colours_of_squares_follow_the_design(changes: pd.DataFrame, pooled: Any) -> None:
    layout = mr.plot.LAYOUTS["revman"]
    for fit, design in ((mr.pool(changes), "two means"), (pooled, "two proportions")):
        wanted = layout.themed(THEMES["light"], design).study
        colour = artist(mr.plot.forest(fit, layout="revman"), "study").get_facecolors()[0]
        assert_allclose(colour[:3], [int(wanted[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def test_what_is_given_goes_before_the_layout(pooled: Any, trials: pd.DataFrame) -> None:
    ax = mr.plot.forest(
        pooled,
        data=trials,
        layout=replace(mr.plot.LAYOUTS["jama"], arms=("BCG", "No vaccine")),
        left=["label", "inputs"],
        right={"effect": "RR"},
        prediction=False,
        xlabel="Ratio",
    )
    assert printed(ax, "heading") == ["BCG", "No vaccine"]
    assert printed(ax, "header")[0] == "Source"  # what is not said is the layout's
    assert printed(ax, "header")[-1] == "RR"
    assert ax.get_xlabel() == "Ratio"


def test_headings_stand_over_their_columns(
    pooled: Any, trials: pd.DataFrame, check_text: Check
) -> None:
    left = {
        "label": "Trial",
        "events1": ("Vaccinated children", "Cases"),
        "n1": ("Vaccinated children", "All"),
        "year": None,
    }
    ax = mr.plot.forest(pooled, data=trials, left=left, right={"weight": "{Share} of {effect"})
    assert printed(ax, "heading") == ["Vaccinated children"]
    assert printed(ax, "header") == ["Trial", "Cases", "All", "year", "{Share} of {effect"]
    check_text(ax)


def test_a_layout_leaves_out_inputs_that_nobody_gave(pooled: Any, trials: pd.DataFrame) -> None:
    generic = mr.plot.forest(pooled, layout="revman")  # as for generic inverse variance
    assert printed(generic, "heading") == []
    assert printed(generic, "header")[1:3] == ["log RR", "SE"]
    first = mr.plot.forest_data(pooled).iloc[0]
    written = {f"{first[name]:.3f}".replace("-", "−") for name in ("yi", "sei")}
    assert written <= set(printed(generic, "cell"))
    assert_allclose(first[["yi", "sei"]].astype(float), [trials["yi"][0], trials["vi"][0] ** 0.5])
    with pytest.raises(InputError, match="'inputs' are the columns that effect_sizes"):
        mr.plot.forest(pooled, left=["inputs"])
    bare = trials.rename(columns={"events1": "x"})
    bare.attrs.clear()
    with pytest.raises(InputError, match="'inputs' are the columns"):
        mr.plot.forest(pooled, data=bare, left=["inputs"])
    plain = trials.copy()
    plain.attrs.clear()  # the words of the measure are the names of the columns
    assert printed(mr.plot.forest(pooled, data=plain, left=["inputs"]), "header")[0] == "Events"


def test_events_and_non_events_are_printed_as_totals(trials: pd.DataFrame) -> None:
    raw = trials.drop(columns=["yi", "vi"]).assign(
        a=trials["events1"], b=trials["n1"] - trials["events1"],
        c=trials["events2"], d=trials["n2"] - trials["events2"],
    )  # fmt: skip
    es = mr.effect_sizes(raw, "OR", events1="a", non_events1="b", events2="c", non_events2="d")
    ax = mr.plot.forest(mr.pool(es), data=es, left=["inputs"])
    assert printed(ax, "header")[:4] == ["Events", "Total"] * 2
    assert {"123", "139"} <= set(printed(ax, "cell"))


@pytest.mark.parametrize(
    ("code", "p", "text"),
    [
        ("revman", 0.394, "= 0.39"),
        ("revman", 0.0314, "= 0.03"),
        ("revman", 0.0042, "= 0.004"),
        ("revman", 0.00031, "= 0.0003"),
        ("revman", 0.00002, "< 0.0001"),
        ("revman", 0.0, "< 0.00001"),
        ("jama", 0.394, "= .39"),
        ("jama", 0.0467, "= .047"),
        ("jama", 0.004, "= .004"),
        ("jama", 0.0004, "< .001"),
        ("jama", 0.996, "> .99"),
        ("bmj", 0.2, "=0.20"),
        ("bmj", 0.0004, "<0.001"),
        ("apa", 0.0184, "= .018"),
        ("apa", 0.9999, "> .999"),
        ("classic", 0.0184, "= 0.018"),
    ],
)
def test_p_values_as_each_writes_them(code: str, p: float, text: str) -> None:
    assert mr.plot.LAYOUTS[code].p(p) == text


def test_a_phrase_leaves_out_what_is_not_known() -> None:
    phrase = Phrase("Says: ", ("a = {a}", "b = {b}"), "; ")
    assert phrase.say({"a": "1", "b": "2"}).replace("\u00a0", " ") == "Says: a = 1; b = 2"
    assert phrase.say({"a": "1", "b": None}).replace("\u00a0", " ") == "Says: a = 1"
    assert phrase.say({}) == ""


def test_one_study_says_nothing_of_heterogeneity(trials: pd.DataFrame, check_text: Check) -> None:
    with pytest.warns(mr.errors.MetarelWarning, match="With one study"):
        fit = mr.pool(trials.head(1), labels="study")
    for code in CODES:
        ax = mr.plot.forest(fit, data=trials.head(1), layout=code, prediction="density")
        assert "I²" not in " ".join(printed(ax, "note-label"))
        check_text(ax)


def test_a_regression_is_called_one_in_every_layout(regression: Any, check_text: Check) -> None:
    for code in CODES:
        ax = mr.plot.forest(regression, layout=code)
        assert printed(ax, "summary-label") == ["Mixed-effects meta-regression, REML"]
        check_text(ax)


@pytest.mark.parametrize(("layout", "message"), [
    ("lancet", "`layout` must be one of 'classic', 'jama'"),
    (3, "`layout` must be the name of a layout, or a Layout; got int"),
])  # fmt: skip
def test_refusals(pooled: Any, layout: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        mr.plot.forest(pooled, layout=layout)


def test_text_fits_given_axes_in_every_layout(
    pooled: Any, trials: pd.DataFrame, check_text: Check
) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(17, 6), layout="constrained")
    for ax, code in zip(axes, ("jama", "revman"), strict=True):
        mr.plot.forest(
            pooled, ax=ax, data=trials, layout=code, title=code, bias=None,
            favours=("Favours the vaccine", "Favours no vaccine"),
        )  # fmt: skip
    for ax in axes:
        check_text(ax)
    assert np.isfinite(figure.get_size_inches()).all()


@pytest.mark.parametrize(("k", "most"), [(50, 420), (300, 40)])
def test_a_long_plot_has_few_artists(k: int, most: int) -> None:
    """Time goes into texts: long columns are one artist of outlines, so that time does not grow."""
    labels = [f"Study {i}" for i in range(k)]
    fit = mr.pool(yi=np.linspace(-0.5, 0.9, k), vi=np.full(k, 0.04), labels=labels, measure="RR")
    ax = mr.plot.forest(fit, layout="revman")
    assert len(ax.texts) < most
    assert len(ax.get_children()) < most + 60
