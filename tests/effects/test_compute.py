"""``effect_sizes``: what it returns, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.errors import InputError, MetarelWarning


@pytest.fixture
def trials() -> pd.DataFrame:
    """Three trials, one without a standard deviation."""
    return pd.DataFrame(
        {
            "study": ["Ash", "Birch", "Cedar"],
            "mt": [12.1, 9.0, 10.0],
            "st": [3.1, 2.0, np.nan],
            "nt": [20, 31, 12],
            "mc": [10.2, 9.5, 8.0],
            "sc": [2.8, 2.2, 3.0],
            "nc": [21, 30, 14],
        }
    )


WORDS = {"m1": "mt", "sd1": "st", "n1": "nt", "m2": "mc", "sd2": "sc", "n2": "nc"}


def test_adds_two_columns_to_a_copy(trials: pd.DataFrame) -> None:
    before = trials.copy()
    frame = mr.effect_sizes(trials, "SMD", **WORDS)
    pd.testing.assert_frame_equal(trials, before)
    assert list(frame.columns) == [*before.columns, "yi", "vi"]
    assert frame["yi"].dtype == frame["vi"].dtype == float
    assert frame.attrs["measure"] == "SMD"
    assert frame["yi"].isna().tolist() == [False, False, True]


def test_arrays_need_no_frame() -> None:
    frame = mr.effect_sizes(None, "ZCOR", r=[0.28, 0.1], n=np.array([60, 103]))
    np.testing.assert_allclose(frame["yi"], np.arctanh([0.28, 0.1]))
    assert list(frame.columns) == ["yi", "vi"]


def test_series_keep_their_index() -> None:
    r = pd.Series([0.28, 0.1], index=["a", "b"])
    assert list(mr.effect_sizes(None, "ZCOR", r=r, n=50).index) == ["a", "b"]


def test_other_column_names(trials: pd.DataFrame) -> None:
    frame = mr.effect_sizes(trials, "MD", **WORDS, yi="difference", vi="difference_v")
    assert frame["difference"].tolist()[:2] == pytest.approx([1.9, -0.5])


def test_existing_columns_are_not_overwritten_unasked(trials: pd.DataFrame) -> None:
    once = mr.effect_sizes(trials, "MD", **WORDS)
    with pytest.raises(InputError, match=r"has the column 'yi' already; .* `replace=True`"):
        mr.effect_sizes(once, "SMD", **WORDS)
    twice = mr.effect_sizes(once, "SMD", **WORDS, replace=True)
    assert twice.attrs["measure"] == "SMD"
    assert twice["yi"][0] < 1


def test_flip_by_number_and_by_truth_value(trials: pd.DataFrame) -> None:
    plain = mr.effect_sizes(trials, "MD", **WORDS)
    turned = mr.effect_sizes(trials, "MD", **WORDS, flip=[-1, 1, 1])
    marked = mr.effect_sizes(
        trials.assign(reverse=[True, False, False]), "MD", **WORDS, flip="reverse"
    )
    assert turned["yi"][0] == marked["yi"][0] == -plain["yi"][0]
    assert turned["vi"][0] == marked["vi"][0] == plain["vi"][0]
    assert turned["yi"][1] == plain["yi"][1]
    with pytest.raises(InputError, match=r"`flip` must not be 0"):
        mr.effect_sizes(trials, "MD", **WORDS, flip=[0, 1, 1])


@pytest.mark.parametrize("dtype", ["boolean", object])
def test_flip_by_truth_values_of_which_some_are_missing(dtype: object) -> None:
    missing = None if dtype is object else pd.NA
    for marks, expected in (
        ([True, False, missing], [-1, 1, np.nan]),
        ([True, missing, True], [-1, np.nan, -1]),
        ([False, False, True], [1, 1, -1]),
    ):
        data = pd.DataFrame({"r": 0.3, "n": 40, "turn": pd.Series(marks, dtype=dtype)})
        for flip in ("turn", data["turn"]):
            frame = mr.effect_sizes(data, "COR", r="r", n="n", flip=flip)
            np.testing.assert_array_equal(np.sign(frame["yi"]), expected)
            assert frame["vi"].isna().tolist() == np.isnan(expected).tolist()
    listed = mr.effect_sizes(None, "COR", r=[0.3, 0.3], n=40, flip=[True, None])
    np.testing.assert_array_equal(np.sign(listed["yi"]), [-1, np.nan])


def test_flip_by_numbers_of_which_some_are_missing() -> None:
    frame = mr.effect_sizes(None, "COR", r=[0.3, 0.3], n=40, flip=[-1, None])
    np.testing.assert_array_equal(np.sign(frame["yi"]), [-1, np.nan])
    assert np.isnan(frame["vi"][1])


def test_flip_is_of_one_kind() -> None:
    flip = pd.Series([True, -1, None], dtype=object)
    with pytest.raises(InputError, match=r"`flip` must be truth values throughout.*; see row 1"):
        mr.effect_sizes(None, "COR", r=[0.3] * 3, n=40, flip=flip)


def test_generic_reads_yi_and_vi() -> None:
    data = pd.DataFrame({"g": [0.2, 0.5], "v": [0.04, 0.09], "se": [0.2, 0.3]})
    by_variance = mr.effect_sizes(data, "GEN", yi="g", vi="v")
    by_error = mr.effect_sizes(data, "GEN", yi="g", sei="se")
    np.testing.assert_allclose(by_variance[["yi", "vi"]], by_error[["yi", "vi"]])
    again = mr.effect_sizes(by_variance, "GEN")
    pd.testing.assert_frame_equal(again, by_variance)
    arrays = mr.effect_sizes(None, "GEN", yi=[0.2, 0.5], sei=[0.2, 0.3])
    np.testing.assert_allclose(arrays["vi"], [0.04, 0.09])


def test_generic_does_not_overwrite_unasked_either() -> None:
    data = pd.DataFrame({"g": [0.2, 0.5], "vi": [0.04, 0.09], "yi": [1.0, 1.0]})
    with pytest.raises(InputError, match=r"has the column 'yi' already; say `replace=True`"):
        mr.effect_sizes(data, "GEN", yi="g")
    assert mr.effect_sizes(data, "GEN", yi="g", replace=True)["yi"].tolist() == [0.2, 0.5]


def test_a_hazard_ratio_keeps_its_scale() -> None:
    frame = mr.effect_sizes(None, "HR", yi=[-0.2], sei=[0.1])
    assert frame.attrs["measure"] == "HR"


def test_unknown_measure_offers_the_nearest() -> None:
    with pytest.raises(InputError, match=r"`measure` must be one of .* Did you mean 'ZCOR'\?"):
        mr.effect_sizes(None, "zcorr", r=0.2, n=20)
    found = mr.effect_sizes(None, "zcor", r=0.2, n=20)  # case alone is no reason to refuse
    assert found.attrs["measure"] == "ZCOR"


@pytest.mark.parametrize(
    ("word", "hint"), [("ni", r"Did you mean 'n'\?"), ("ri", r"Did you mean 'r'\?")]
)
def test_unknown_word_names_the_words(word: str, hint: str) -> None:
    with pytest.raises(InputError, match=rf"`{word}` is not a word that ZCOR takes; .*{hint}"):
        mr.effect_sizes(None, "ZCOR", **{"r": 0.2, "n": 20, word: 20})


def test_metafor_name_is_understood() -> None:
    with pytest.raises(InputError, match=r"`ai` is not .* Did you mean 'events1'\?"):
        mr.effect_sizes(None, "OR", ai=4, n1=20, events2=3, n2=20)


def test_too_few_words() -> None:
    with pytest.raises(InputError, match=r"SMD needs `m1`, .*; or `d`, `n1`, `n2`; .* got `n1`"):
        mr.effect_sizes(None, "SMD", n1=20)


def test_a_word_that_completes_nothing() -> None:
    with pytest.raises(InputError, match=r"`m1` cannot be used without the words"):
        mr.effect_sizes(None, "SMD", d=0.5, n1=20, n2=20, m1=10)


def test_unknown_variance_rule() -> None:
    with pytest.raises(InputError, match=r"`variance` must be one of 'LS'.* Did you mean 'UB'\?"):
        mr.effect_sizes(None, "SMD", d=0.5, n1=20, n2=20, variance="ub")


def test_large_sample_names_the_default() -> None:
    table = {"events1": 12, "n1": 40, "events2": 5, "n2": 44}
    named = mr.effect_sizes(None, "PHI", **table, variance="LS")
    assert named["vi"][0] == mr.effect_sizes(None, "PHI", **table, variance="CS")["vi"][0]


@pytest.mark.parametrize("value", ["exactly", 2, 0])
def test_unknown_correction(value: object) -> None:
    with pytest.raises(InputError, match=r"`correct` must be True, False"):
        mr.effect_sizes(None, "SMD", d=0.5, n1=20, n2=20, correct=value)


def test_approximate_correction_is_for_hedges_factor_only() -> None:
    with pytest.raises(InputError, match=r"`correct` cannot be 'approximate' for ZCOR"):
        mr.effect_sizes(None, "ZCOR", r=0.5, n=20, correct="approximate")


def test_values_outside_their_range_name_the_rows(trials: pd.DataFrame) -> None:
    with pytest.raises(
        InputError, match=r"`r` must be a number in \(-1, 1\); row 1 \('B'\) is 1.2"
    ):
        mr.effect_sizes(None, "ZCOR", r=[0.1, 1.2], n=30, labels=["A", "B"])
    with pytest.raises(InputError, match=r"`n` must be a number above 3; row 0 is 3"):
        mr.effect_sizes(None, "ZCOR", r=[0.1, 0.2], n=[3, 30])
    trials["st"] = [-3.1, 2.0, 1.0]
    with pytest.raises(
        InputError, match=r"`sd1` must be zero or positive; row 0 \('Ash'\) is -3.1"
    ):
        mr.effect_sizes(trials, "SMD", **WORDS, labels="study")


def test_labels_must_fit(trials: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"`labels` has 1 names; `data` has 3 rows"):
        mr.effect_sizes(trials, "MD", **WORDS, labels=["A"])
    with pytest.raises(InputError, match=r"`labels` names the column 'study', but no `data`"):
        mr.effect_sizes(None, "ZCOR", r=0.1, n=30, labels="study")


def test_settings_are_checked() -> None:
    table = {"events1": 0, "n1": 20, "events2": 3, "n2": 20}
    for add in (-1, np.inf, np.nan, True, "1"):
        with pytest.raises(InputError, match=r"`add` must be a finite number, zero or positive"):
            mr.effect_sizes(None, "OR", **table, add=add)
    with pytest.raises(InputError, match=r"`to` must be one of 'only0', .*; got 'zero'"):
        mr.effect_sizes(None, "OR", **table, to="zero")
    with pytest.raises(InputError, match=r"`drop00` must be True or False; got 1"):
        mr.effect_sizes(None, "OR", **table, drop00=1)
    with pytest.raises(InputError, match=r"`add` is not a word that ZCOR takes"):
        mr.effect_sizes(None, "ZCOR", r=0.2, n=20, add=0)


def test_contradicting_rows_are_named() -> None:
    with pytest.raises(InputError, match=r"`events1` must not exceed `n1`; see row 1"):
        mr.effect_sizes(None, "OR", events1=[3, 30], n1=20, events2=3, n2=20)
    with pytest.raises(InputError, match=r"`events2` and `non_events2` must add up to `n2`"):
        mr.effect_sizes(
            None, "OR", events1=3, n1=20, events2=3, n2=20, non_events1=17, non_events2=18
        )
    with pytest.raises(InputError, match=r"`p` must not be 0; give the bound"):
        mr.effect_sizes(None, "SMD", p=0.0, n1=20, n2=20)
    with pytest.raises(InputError, match=r"`sd1` and `sd2` must not both be 0"):
        mr.effect_sizes(None, "SMD", m1=1, sd1=0, n1=9, m2=0, sd2=0, n2=9)


def test_output_names_must_be_names(trials: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"`yi` must be the name of the column to add"):
        mr.effect_sizes(trials, "MD", **WORDS, yi=[1, 2, 3])


def test_output_names_differ(trials: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"`yi` and `vi` must name two columns; both are 'x'"):
        mr.effect_sizes(trials, "MD", **WORDS, yi="x", vi="x")


@pytest.mark.parametrize("replace", ["x", 1, None])
def test_replace_is_a_truth_value(trials: pd.DataFrame, replace: object) -> None:
    with pytest.raises(InputError, match=r"`replace` must be True or False; got"):
        mr.effect_sizes(trials, "MD", **WORDS, replace=replace)


def test_a_row_keeps_what_its_inputs_give(trials: pd.DataFrame) -> None:
    """What only the variance needs, and what neither needs, may be missing, as in metafor."""
    found = mr.effect_sizes(trials, "MD", **WORDS)
    assert found["yi"].tolist() == pytest.approx([1.9, -0.5, 2.0])
    assert found["vi"].isna().tolist() == [False, False, True]
    with pytest.warns(MetarelWarning, match=r"1 of 3 rows left out, row 2 .*: no vi"):
        fit = mr.pool(found)
    assert len(fit.study.yi) == 2
    pairs = {"both": 12, "only1": 18, "only2": 28, "neither": np.nan}
    assert np.isfinite(mr.effect_sizes(None, "MPRR", **pairs).to_numpy()).all()
    assert mr.effect_sizes(None, "MPOR", **pairs).isna().all(axis=None)


TRIALS = pd.DataFrame(
    {
        "Author": ["Ando", "Bauer", "Cho", "Furukawa"],
        "m1": [8.0, 9.0, 7.0, np.nan],
        "m2": [10.0, 12.0, 10.0, np.nan],
        "sd1": [5.0, 4.0, 5.0, np.nan],
        "sd2": [5.0, 5.0, 4.0, np.nan],
        "t": [np.nan] * 3 + [2.31],
        "n1": [30, 31, 32, 33],
        "n2": [30, 31, 32, 33],
    }
)
OWN = {word: word for word in ("m1", "m2", "sd1", "sd2", "t", "n1", "n2")}


def test_a_t_without_its_sign_among_negative_effects_is_named() -> None:
    says = (
        r"\('Furukawa'\): sign taken from t = 2\.31 \(positive when group 1 is higher\)\. "
        r"3 of the other 3 effects are negative"
    )
    with pytest.warns(mr.MetarelWarning, match=says):
        mr.effect_sizes(TRIALS, "SMD", **OWN)
    # Whoever turns it, or writes one minus, has looked.
    mr.effect_sizes(TRIALS.assign(t=-TRIALS["t"]), "SMD", **OWN)
    mr.effect_sizes(TRIALS, "SMD", **OWN, flip=[1, 1, 1, -1])
    # With means in the row its t is not read.
    mr.effect_sizes(TRIALS.iloc[:3].assign(t=2.0), "SMD", **OWN)


def test_sizes_that_are_no_whole_numbers_in_most_rows_are_named() -> None:
    swapped = {**OWN, "n1": "sd1", "sd1": "n1"}
    table = TRIALS.iloc[:3].assign(sd1=[8.1, 8.7, 5.2])
    with pytest.warns(mr.MetarelWarning, match=r"no whole number in 3 of 3 rows \(8\.1.*swapped\?"):
        mr.effect_sizes(table, "SMD", **{w: swapped[w] for w in swapped if w != "t"})
    with pytest.warns(mr.MetarelWarning, match="another column, such as the SD"):
        mr.effect_sizes(None, "MN", mean=[0.1, 0.2, 0.3], sd=[1.5, 2.5, 1.1], n=[30.5, 40.2, 50.0])
    # effective sample sizes need not be whole
    mr.effect_sizes(None, "COR", r=[0.1, 0.2, 0.3], n=[30.5, 40.2, 50.1])


@pytest.mark.parametrize("code", ["smd", "Smd", " SMD"])
def test_measures_are_known_in_any_capitals(code: str) -> None:
    assert mr.effect_sizes(None, code, t=2.0, n1=20, n2=20).attrs["measure"] == "SMD"


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("r", r"got 'r'\. 'ZCOR' \(the usual"),
        ("Hedges g", "Hedges' g is 'SMD'"),
        ("d", "Cohen's d is 'SMD' with correct=False"),
        ("odds ratio", "'OR', which is its log"),
        ("ZCORR", r"Did you mean 'ZCOR'\?"),
        ("x", r"got 'x'\. The usual ones: 'SMD' or 'MD'"),
    ],
)
def test_what_people_call_a_measure_is_understood(word: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        mr.effect_sizes(None, word, r=0.2, n=20)
    assert len(str(refused.value)) < 350


def test_what_other_words_are_called_here() -> None:
    with pytest.raises(InputError, match=r"Did you mean 'variance'\?"):
        mr.effect_sizes(None, "SMD", d=0.2, n1=20, n2=20, vtype="UB")
    with pytest.raises(InputError, match=r"effects_from_reports\(\) reads `f`"):
        mr.effect_sizes(None, "SMD", f=4.0, n1=20, n2=20)
    with pytest.raises(InputError, match=r"is '<\.001'.*effects_from_reports .*reads bounds"):
        mr.effect_sizes(pd.DataFrame({"p": ["<.001", ".02"]}), "SMD", p="p", n1=20, n2=20)


def test_rows_are_named_by_the_column_that_looks_like_names() -> None:
    with pytest.raises(InputError, match=r"`sd1` must be .*row 1 \('Bauer'\)"):
        mr.effect_sizes(TRIALS.assign(sd1=[5, -1, 4, 5]), "SMD", **OWN)
