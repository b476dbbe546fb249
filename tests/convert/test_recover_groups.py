"""Groups as one: exactly the people's mean and SD, associative; clusters and shared groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.convert.recover_groups import (
    combine,
    design_effect,
    effective_size,
    split_shared,
)
from metarel.errors import InputError

RNG = np.random.default_rng(5)


def people(groups: int, shift: float = 0.0) -> list[np.ndarray]:
    return [
        shift + RNG.normal(RNG.normal(0, 3), RNG.uniform(0.5, 4), RNG.integers(1, 30))
        for _ in range(groups)
    ]


def summary(samples: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        np.array([x.mean() for x in samples]),
        np.array([x.std(ddof=1) if len(x) > 1 else np.nan for x in samples]),
        np.array([len(x) for x in samples], dtype=float),
    )


@pytest.mark.parametrize("groups", [1, 2, 3, 9])
@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_combined_is_the_raw_data(groups: int, shift: float) -> None:
    samples = [*people(groups, shift), shift + np.array([1.0, 2.5])]
    whole, made = np.concatenate(samples), combine(*summary(samples))
    assert made.mean == pytest.approx(whole.mean(), rel=1e-14)
    assert made.sd == pytest.approx(whole.std(ddof=1), rel=1e-9 if shift else 1e-13)
    assert made.n == len(whole)


def test_combining_in_steps_is_combining_at_once() -> None:
    mean, sd, n = summary([*people(4), np.arange(5.0)])
    first = combine(mean[:3], sd[:3], n[:3])
    stepwise = combine(np.r_[first.mean, mean[3:]], np.r_[first.sd, sd[3:]], np.r_[first.n, n[3:]])
    at_once = combine(mean, sd, n)
    assert stepwise.sd == pytest.approx(at_once.sd, rel=1e-13)
    assert stepwise.mean == pytest.approx(at_once.mean, rel=1e-12)


def test_handbook_formula_for_two_groups() -> None:
    """√{[(n1 − 1)s1² + (n2 − 1)s2² + n1n2/(n1 + n2)·(m1 − m2)²]/(n1 + n2 − 1)}."""
    by_hand = np.sqrt((19 * 9 + 29 * 16 + 600 / 50 * 16) / 49)
    made = combine(np.array([10, 14]), np.array([3, 4]), np.array([20, 30]))
    assert made.sd == pytest.approx(by_hand, rel=1e-14)
    assert made.mean == pytest.approx(12.4)


def test_axes_absent_groups_and_missing_numbers() -> None:
    nan = np.nan
    mean = np.array([[1.0, 3.0, nan], [1.0, nan, 2.0], [nan, nan, nan]])
    sd = np.array([[1.0, 1.0, nan], [1.0, 2.0, 2.0], [nan, nan, nan]])
    n = np.array([[5.0, 5.0, nan], [5.0, 5.0, 5.0], [nan, nan, nan]])
    made = combine(mean, sd, n)
    assert made.mean[0] == pytest.approx(2)
    assert made.n[0] == 10
    assert np.isnan(made.sd[1:]).all()
    assert np.isnan([made.mean[1], made.mean[2], made.n[2]]).all()
    across = combine(mean.T, sd.T, n.T, axis=0)
    np.testing.assert_array_equal(across.sd, made.sd)


def test_frame_by_labels() -> None:
    samples = people(5)
    mean, sd, n = summary(samples)
    data = pd.DataFrame(
        {"study": list("BABAB"), "time": [1, 1, 1, 1, 2], "m": mean, "s": sd, "size": n},
        index=[9, 8, 7, 6, 5],
    )
    made = mr.combine_groups(data, ["study", "time"], mean="m", sd="s", n="size")
    assert list(made.columns) == ["study", "time", "m", "s", "size", "groups"]
    assert made[["study", "time"]].to_numpy().tolist() == [["B", 1], ["A", 1], ["B", 2]]
    assert made["groups"].tolist() == [2, 2, 1]
    whole = np.concatenate([samples[0], samples[2]])
    assert made["s"][0] == pytest.approx(whole.std(ddof=1), rel=1e-13)


def test_a_row_without_numbers_is_not_forgotten() -> None:
    nan = np.nan
    data = pd.DataFrame(
        {"study": list("aabb"), "mean": [1, nan, 1, 2], "sd": [1, nan, 1, 1], "n": [9, nan, 9, 9]}
    )
    made = mr.combine_groups(data, "study")
    assert np.isnan(made["mean"][0])
    assert np.isnan(made["sd"][0])
    assert made["mean"][1] == pytest.approx(1.5)


def test_no_rows_make_no_rows() -> None:
    empty = pd.DataFrame({"study": [], "mean": [], "sd": [], "n": []})
    assert len(mr.combine_groups(empty, "study")) == 0


@pytest.mark.parametrize(
    ("change", "by", "message"),
    [
        ({}, "stduy", "`by` names the column 'stduy'.* Did you mean 'study'"),
        ({"groups": 1}, "groups", "`by` must not be 'groups'"),
        ({}, [], "`by` must name at least one column"),
        ({"study": ["a", None]}, "study", "`by` must have no missing values; row 1"),
        ({"sd": [1, -1]}, "study", "`sd` must be zero or positive; row 1 is -1"),
        ({"n": [0, 4]}, "study", "`n` must be a number of at least 1; row 0 is 0"),
        ({"mean": ["1", "x"]}, "study", "`mean` must hold numbers"),
    ],
)
def test_refusals(change: dict, by: object, message: str) -> None:
    data = pd.DataFrame({"study": ["a", "a"], "mean": [1, 2], "sd": [1, 1], "n": [9, 9]} | change)
    with pytest.raises(InputError, match=message):
        mr.combine_groups(data, by)


def test_data_must_be_a_frame() -> None:
    with pytest.raises(InputError, match="`data` must be a pandas DataFrame"):
        mr.combine_groups(None, "study")


def test_shared_groups_and_clusters() -> None:
    assert split_shared(51, 2) == 25.5
    assert design_effect(1, 0.3) == 1
    assert design_effect(29.8, 0.02) == pytest.approx(1.576)
    assert effective_size(295, 29.8, 0.02) == pytest.approx(295 / 1.576)
    assert effective_size(60, 6, 1.0) == 10


def test_what_is_named_must_be_columns_and_different():
    data = pd.DataFrame({"s": ["a", "a"], "mean": [1.0, 2.0], "sd": [1.0, 1.0], "n": [9, 9]})
    for by in (None, 3):
        with pytest.raises(InputError, match="`by` must name a column of `data`, or several"):
            mr.combine_groups(data, by)
    with pytest.raises(InputError, match="`mean`, `sd` and `n` must name three columns; got 'n'"):
        mr.combine_groups(data, "s", mean="n")
