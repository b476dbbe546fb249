"""What rounding allows: unrounded truth is always within, and the bounds are reached."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from metarel.effects.compute import effect_sizes
from metarel.errors import InputError
from metarel.models.meta import pool
from metarel.search.rounding import rounding_range
from metarel.search.rounding_box import box_of, ranges
from metarel.search.specification import Specification
from metarel.search.table import study_table

#: Studies before they were rounded, and how each column is printed.
DRAWN = {
    "r_n": ("ZCOR", {"r": 2}, ("n",)),
    "means": ("SMD", {"m1": 1, "sd1": 1, "m2": 1, "sd2": 1}, ("n1", "n2")),
    "limits": (None, {"yi": 2, "ci_low": 2, "ci_high": 2}, ()),
    "spread": (None, {"yi": 2, "sei": 2}, ()),
}

CHOICES = {
    "r_n": ("ZCOR", "LS"),
    "means": ("SMD", "LS", "exact"),
    "limits": ("as given", "CI"),
    "spread": ("as given", "SE"),
}


def drawn(kind, seed, k=8):
    """Return the true columns, the printed cells, and the effects before rounding."""
    rng = np.random.default_rng(seed)
    y, se = rng.normal(0.4, 0.25, k), rng.uniform(0.12, 0.3, k)
    n1, n2 = (rng.integers(15, 90, k).astype(float) for _ in range(2))
    sd1, sd2 = rng.uniform(2, 4, k), rng.uniform(2, 4, k)
    true = {
        "r": np.tanh(y), "n": n1 + n2, "n1": n1, "n2": n2, "m1": 12 + 3 * y, "sd1": sd1,
        "m2": np.full(k, 12.0), "sd2": sd2, "yi": y, "sei": se,
        "ci_low": y - 1.959963984540054 * se, "ci_high": y + 1.959963984540054 * se,
    }  # fmt: skip
    measure, rounded, exact = DRAWN[kind]
    cells = {name: [f"{x:.{d}f}" for x in true[name]] for name, d in rounded.items()}
    cells |= {name: true[name] for name in exact}
    if measure is None:
        effects = pd.DataFrame({"yi": y, "vi": se**2})
    else:
        effects = effect_sizes(None, measure, **{name: true[name] for name in (*rounded, *exact)})
    return true, cells, effects


def printed_of(fit, scale, digits):
    """Return what an article prints of a fit."""
    row, q = fit.to_frame().iloc[0], fit.heterogeneity.Q
    points = [scale(row[name]) for name in ("estimate", "ci_low", "ci_high")]
    texts = [f"{x:.{digits}f}" for x in points]
    return {
        "estimate": texts[0],
        "ci": tuple(texts[1:]),
        "Q": f"{q:.2f}",
        "tau2": f"{fit.tau2:.4f}",
    }


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("seed", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_figures_of_the_unrounded_studies_are_always_within(kind, seed):
    _, cells, effects = drawn(kind, seed)
    fit = pool(effects, tau2="DL")
    scale = np.tanh if kind == "r_n" else np.asarray
    figures = printed_of(fit, scale, 4)
    found = rounding_range(declared={"tau2": "DL"}, reach=0, **figures, **cells)
    assert all(found.within.values())
    assert found.jointly
    low, high = found.low["estimate"], found.high["estimate"]
    assert low <= scale(fit.beta[0]) <= high


@pytest.mark.parametrize("kind", ["r_n", "spread"])
def test_the_witness_is_printed_as_given_and_prints_the_figures(kind):
    _, cells, effects = drawn(kind, 5)
    scale = np.tanh if kind == "r_n" else np.asarray
    figures = printed_of(pool(effects, tau2="REML"), scale, 4)
    found = rounding_range(declared={"tau2": "REML"}, reach=0, **figures, **cells)
    table = found.witness
    for name, digits in DRAWN[kind][1].items():
        assert [f"{x:.{digits}f}" for x in table[name]] == cells[name]
    if kind == "r_n":
        again = effect_sizes(table, "ZCOR", r="r", n="n")
    else:
        again = table.assign(vi=table["sei"] ** 2)
    assert printed_of(pool(again, tau2="REML"), scale, 4) == figures


def test_bounds_of_a_common_effect_are_those_of_arithmetic():
    """The mean moves with every effect by its weight, so that all ends together are the bounds."""
    yi, vi = ["0.10", "0.30", "-0.20"], np.array([0.04, 0.02, 0.1234567])
    found = rounding_range(yi=yi, vi=vi, declared={"tau2": "EE"}, digits={"vi": None})
    assert found.cells == 3
    assert found.high["estimate"] - found.given["estimate"] == pytest.approx(0.005, abs=1e-12)
    assert found.given["estimate"] - found.low["estimate"] == pytest.approx(0.005, abs=1e-12)
    se = (1 / (1 / vi).sum()) ** 0.5
    assert found.high["ci_high"] == pytest.approx(
        found.given["estimate"] + 0.005 + 1.959963984540054 * se, abs=1e-12
    )


@pytest.mark.parametrize("kind", DRAWN)
def test_no_table_drawn_from_the_box_lies_beyond_the_bounds(kind):
    _, cells, _ = drawn(kind, 7, k=6)
    table = study_table(None, **cells)
    declared = Specification(*CHOICES[kind])
    names = ("estimate", "ci_low", "ci_high", "tau2", "Q", "I2", "p_value")
    box = box_of(table, declared, names, table.digits, 0.95)
    low, high = ranges(box, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    points = rng.uniform(-1, 1, (4000, len(box.cells)))
    points[:3000] = np.sign(points[:3000])
    values = box.at(points)
    assert (values >= low - 1e-12).all()
    assert (values <= high + 1e-12).all()


def test_each_figure_may_be_possible_and_all_together_not():
    cells = {"r": [".31", ".12", ".45", ".28"], "n": [60, 35, 48, 120]}
    apart = rounding_range(estimate=".30", ci=(".19", ".40"), declared={"tau2": "DL"}, **cells)
    assert all(apart.within.values())
    assert apart.jointly is False
    assert apart.witness is None
    assert "No unrounded table was found" in str(apart)
    together = rounding_range(estimate=".30", ci=(".18", ".41"), declared={"tau2": "DL"}, **cells)
    assert together.jointly
    assert "One unrounded table at least prints the figures." in str(together)


def test_how_far_the_mean_could_be_moved_is_told():
    cells = {"yi": [f"{x:.1f}" for x in (0.1, 0.3, 0.2, 0.5)], "vi": [0.0412345] * 4}
    found = rounding_range(estimate="0.28", declared={"tau2": "EE"}, reach=8, **cells)
    # the mean may be anything within half a tenth of .275
    assert found.jointly
    assert found.allowed == (-5, -4, -3, -2, -1, 0, 1, 2, 3, 4)
    assert found.placebo_rate == pytest.approx(9 / 16)
    assert "at 9 of 16 places" in str(found)
    alone = rounding_range(estimate="0.28", declared={"tau2": "EE"}, reach=0, **cells)
    assert alone.allowed == ()
    assert np.isnan(alone.placebo_rate)


def test_a_test_statistic_printed_without_its_minus():
    cells = {"yi": ["-0.31", "-0.22", "-0.40"], "sei": ["0.11", "0.12", "0.15"]}
    free = rounding_range(declared={"tau2": "EE"}, **cells)
    z = pool(
        None, yi=np.array([-0.31, -0.22, -0.4]), vi=np.array([0.11, 0.12, 0.15]) ** 2, tau2="EE"
    )
    text = f"{abs(z.to_frame()['statistic'][0]):.2f}"
    found = rounding_range(statistic=text, declared={"tau2": "EE"}, **cells)
    assert found.jointly
    assert free.figures == {}
    assert free.jointly is None


def test_results_in_plain_types():
    cells = {"r": [".31", ".12", ".45", ".28"], "n": [60, 35, 48, 120]}
    found = rounding_range(estimate=".30", p="<.001", **cells)
    told = json.loads(json.dumps(found.to_dict()))
    assert told["jointly"] is True
    assert len(told["quantities"]) == 2
    frame = found.to_frame().set_index("quantity")
    assert frame.loc["estimate", "values"] == 2
    assert "within" in str(found)
    assert repr(found) == "RoundingRange(within)"
    assert repr(rounding_range(**cells)) == "RoundingRange(7 quantities)"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"digits": {"r": None}}, "has no cell that was rounded"),
        ({"digits": {"q": 2}}, "`digits` must be one of"),
        ({"digits": {"r": "two"}}, "`digits` must be a whole number"),
        ({"reach": -1}, "`reach` must be a whole number"),
        ({"estimate": 0.3}, "must be text"),
        ({"declared": {"tau2": "DL", "metric": "OR"}}, "metric = .OR., which does not go together"),
    ],
)
def test_errors(wrong, message):
    cells = {"r": [".31", ".12", ".45", ".28"], "n": [60, 35, 48, 120]}
    with pytest.raises(InputError, match=message):
        rounding_range(**cells, **wrong)


@pytest.mark.slow
@pytest.mark.parametrize("tau2", ["DL", "REML", "PM", "EE"])
def test_truth_is_within_for_hundreds_of_tables(tau2):
    missed = 0
    for seed in range(100, 140):
        for kind in DRAWN:
            _, cells, effects = drawn(kind, seed, k=5 + seed % 12)
            scale = np.tanh if kind == "r_n" else np.asarray
            figures = printed_of(pool(effects, tau2=tau2), scale, 2 + seed % 3)
            found = rounding_range(declared={"tau2": tau2}, reach=0, seed=seed, **figures, **cells)
            missed += not found.jointly
    assert missed == 0


def test_corners_without_an_analysis_leave_no_endless_range():
    """Of r = 1 there is no z: the corner counts for nothing, and is left for the next."""
    found = rounding_range(
        r=[".31", ".12", ".45", ".28"], n=[60, 35, 18, 120], digits={"r": -1}, estimate=".28"
    )
    assert -1 <= found.low["estimate"] < 0 < found.high["estimate"] <= 1


def test_what_a_found_table_prints_is_within():
    """The range holds every figure of the table that was found to print them."""
    found = rounding_range(
        r=[".31", ".12", ".45", ".28"], n=[60, 35, 18, 120], estimate=".28", Q="1.55"
    )
    assert found.jointly
    assert all(found.within.values())
