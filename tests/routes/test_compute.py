"""``effects_from_reports`` and ``effect_routes``: what is chosen, said, refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.errors import InputError


@pytest.fixture
def mixed() -> pd.DataFrame:
    """Return studies that print different things."""
    return pd.DataFrame(
        {
            "study": ["Ash", "Birch", "Cedar", "Doe", "Elm", "Fir"],
            "m1": [12.1, 9.0, None, None, None, None],
            "sd1": [3.1, None, None, None, None, None],
            "se1": [None, 0.4, None, None, None, None],
            "m2": [10.2, 8.5, None, None, None, None],
            "sd2": [2.8, None, None, None, None, None],
            "se2": [None, 0.5, None, None, None, None],
            "t": [None, None, "-2.31", None, None, None],
            "p": [None, None, None, ".03", "< .05", "ns"],
            "n1": [20, 31, 12, 15, 20, 20],
            "n2": [21, 30, 14, 45, 20, 20],
        },
        index=list("abcdef"),
    )


def test_each_row_takes_the_first_route_it_has(mixed):
    found = mr.effects_from_reports(mixed, "SMD")
    assert list(found["route"]) == ["means and SDs", "means and SEs", "t", "p", "p", "p"]
    assert list(found.index) == list(mixed.index)
    assert np.isfinite(found["yi"]).tolist() == [True, True, True, True, False, False]
    by_core = mr.effect_sizes(None, "SMD", t=[-2.31], n1=12, n2=14)
    assert found.loc["c", "yi"] == by_core["yi"].item()
    assert found.loc["c", "vi"] == by_core["vi"].item()
    assert found.attrs["measure"] == "SMD"


def test_what_was_taken_without_being_printed_is_said(mixed):
    found = mr.effects_from_reports(mixed, "SMD")
    assert found.loc["d", "note"] == "sign taken as positive"
    assert found.loc["a", "note"] == ""
    signed = mixed.assign(sign=[None, None, None, -1, -1, None])
    found = mr.effects_from_reports(signed, "SMD")
    assert found.loc["d", "note"] == ""
    assert found.loc["d", "yi"] < 0
    assert found.loc["e", "yi_low"] == -np.inf
    assert found.loc["e", "yi_high"] < 0


def test_an_inequality_is_an_interval_and_never_a_number_unasked(mixed):
    found = mr.effects_from_reports(mixed, "SMD")
    bound = mr.effect_sizes(None, "SMD", p=[0.05], n1=20, n2=20)["yi"].item()
    assert found.loc["e", ["yi_low", "yi_high"]].tolist() == [pytest.approx(bound), np.inf]
    assert found.loc["f", ["yi_low", "yi_high"]].tolist() == pytest.approx([-bound, bound])
    taken = mr.effects_from_reports(mixed, "SMD", inequality="bound")
    assert taken.loc["e", "yi"] == pytest.approx(bound)
    assert taken.loc["e", "note"] == "sign taken as positive; p < 0.05 taken as p = 0.05"
    assert np.isnan(taken.loc["f", "yi"])


def test_a_correlation_below_a_p_reaches_one_and_its_z_infinity():
    words = {"p": ["<.01"], "n": 40}
    r = mr.effects_from_reports(None, "COR", **words)
    z = mr.effects_from_reports(None, "ZCOR", **words)
    assert r["yi_high"].item() == pytest.approx(1)
    assert z["yi_high"].item() == np.inf
    assert z["yi_low"].item() == pytest.approx(np.arctanh(r["yi_low"].item()))


def test_p_printed_as_zeros_is_a_bound():
    found = mr.effects_from_reports(None, "SMD", p=[".000", ".020"], n1=20, n2=20)
    at = mr.effect_sizes(None, "SMD", p=[0.0005], n1=20, n2=20)["yi"].item()
    assert found["yi_low"][0] == pytest.approx(at)
    assert np.isnan(found["yi"][0])
    assert found["yi"][1] > 0


def test_a_standard_error_given_as_sd_contradicts_the_test():
    found = mr.effects_from_reports(
        None, "SMD", m1=[21.3], sd1=[1.18], m2=[18.0], sd2=[1.29], t=[1.84], n1=12, n2=15
    )
    assert found["conflict"].item()
    routes = mr.effect_routes(
        None, "SMD", m1=[21.3], sd1=[1.18], m2=[18.0], sd2=[1.29], t=[1.84], n1=12, n2=15
    )
    assert routes["agrees"].tolist() == [True, False]
    assert routes["chosen"].tolist() == [True, False]


def test_swapped_arms_contradict_the_sign_of_the_test():
    words = {"m1": 21.3, "sd1": 4.1, "m2": 18.0, "sd2": 5.0, "n1": 12, "n2": 15}
    right = mr.effects_from_reports(None, "SMD", **words, t=1.84)
    wrong = mr.effects_from_reports(None, "SMD", **words, t=-1.84)
    assert [right["conflict"].item(), wrong["conflict"].item()] == [False, True]


def test_preference_can_be_turned_round(mixed):
    both = mixed.assign(t=["2.06", None, "-2.31", None, None, None])
    found = mr.effects_from_reports(both, "SMD", prefer=["t"])
    assert found.loc["a", "route"] == "t"
    with pytest.raises(InputError, match=r"`prefer` must be one of .* Did you mean 't'\?"):
        mr.effects_from_reports(both, "SMD", prefer=["T"])


def test_sizes_may_be_halved_only_when_asked():
    words = {"t": [2.0], "n": [40]}
    with pytest.raises(InputError, match=r"No route leads from `t`, `n` to SMD"):
        mr.effects_from_reports(None, "SMD", **words)
    found = mr.effects_from_reports(None, "SMD", **words, equal_groups=True)
    assert found["note"].item() == "n1 and n2 taken as n/2; sign taken from t as printed"
    whole = mr.effect_sizes(None, "SMD", t=[2.0], n1=20, n2=20)
    assert found["yi"].item() == whole["yi"].item()


def test_an_assumed_correlation_is_said():
    words = {"m1": 20.0, "sd1": 4.0, "m2": 17.0, "sd2": 5.0, "n": 25}
    found = mr.effects_from_reports(None, "SMCR", **words, assumed_r=0.5)
    assert found["note"].item() == "r taken as 0.5"
    with pytest.raises(InputError, match=r"`assumed_r` must be a number in \(-1, 1\); got 2"):
        mr.effects_from_reports(None, "SMCR", **words, assumed_r=2)


def test_limits_by_the_normal_quantile():
    words = {"md": 2.0, "md_ci_low": 0.04, "md_ci_high": 3.96, "n1": 10, "n2": 12}
    by_t = mr.effects_from_reports(None, "MD", **words)["vi"].item()
    by_z = mr.effects_from_reports(None, "MD", **words, limits="normal")["vi"].item()
    assert by_z == pytest.approx(1, rel=1e-4)
    assert by_t < by_z


def test_p_of_a_ratio_gives_its_standard_error():
    found = mr.effects_from_reports(None, "OR", odds_ratio=[2.0], p=[0.04], digits="exact")
    z = 2.0537489106318225
    assert found["vi"].item() == pytest.approx((np.log(2) / z) ** 2, rel=1e-9)
    hazard = mr.effects_from_reports(None, "HR", hazard_ratio=[2.0], p=[0.04], digits="exact")
    assert hazard["vi"].item() == found["vi"].item()


def test_a_ratio_that_is_not_between_the_middle_of_its_limits_is_flagged():
    """An odds ratio of 2.0 with limits 1.2 to 4.9: their middle on the log scale is 2.42."""
    found = mr.effects_from_reports(
        None, "OR", odds_ratio=["2.0", "2.0"], or_ci_low=["1.2", "1.2"], or_ci_high=["4.9", "3.3"]
    )
    assert found["conflict"].tolist() == [True, False]


def test_events_and_odds_ratios_become_d_by_the_logistic_rule():
    counts = {"events1": [20], "n1": [45], "events2": [18], "n2": [61]}
    d = mr.effect_sizes(None, "OR2DL", **counts)
    j = mr.convert(1.0, "d", "g", n1=45, n2=61)
    by_counts = mr.effects_from_reports(None, "SMD", **counts)
    assert by_counts["yi"].item() == pytest.approx(j * d["yi"].item(), rel=1e-12)
    assert by_counts["vi"].item() == pytest.approx(j**2 * d["vi"].item(), rel=1e-12)
    log_or = mr.effect_sizes(None, "OR", **counts)
    half = 1.959963984540054 * np.sqrt(log_or["vi"].item())
    ratio = {
        "odds_ratio": [np.exp(log_or["yi"].item())],
        "or_ci_low": [np.exp(log_or["yi"].item() - half)],
        "or_ci_high": [np.exp(log_or["yi"].item() + half)],
    }
    by_ratio = mr.effects_from_reports(None, "SMD", **ratio, n1=45, n2=61, digits="exact")
    assert by_ratio["yi"].item() == pytest.approx(by_counts["yi"].item(), rel=1e-12)
    assert by_ratio["vi"].item() == pytest.approx(by_counts["vi"].item(), rel=1e-9)


def test_d_becomes_an_odds_ratio_by_the_logistic_rule():
    found = mr.effects_from_reports(None, "OR", d=[0.4], n1=20, n2=30, digits="exact")
    assert found["yi"].item() == pytest.approx(0.4 * np.pi / np.sqrt(3), rel=1e-12)


def test_medians_go_by_the_method_that_is_named():
    words = {"median1": [5.0], "q25_1": [3.0], "q75_1": [8.0], "n1": [30]}
    words |= {"median2": [4.0], "q25_2": [2.5], "q75_2": [6.0], "n2": [32]}
    by_default = mr.effects_from_reports(None, "SMD", **words)
    means = [
        mr.mean_sd_from_quantiles(q1=[a], median=[b], q3=[c], n=[n])
        for a, b, c, n in ((3, 5, 8, 30), (2.5, 4, 6, 32))
    ]
    core = mr.effect_sizes(
        None,
        "SMD",
        m1=means[0]["mean"],
        sd1=means[0]["sd"],
        n1=30,
        m2=means[1]["mean"],
        sd2=means[1]["sd"],
        n2=32,
    )
    assert by_default["yi"].item() == pytest.approx(core["yi"].item(), rel=1e-12)
    assert by_default["route"].item() == "medians and quartiles"
    by_wan = mr.effects_from_reports(None, "SMD", **words, quantiles="wan")
    assert by_wan["yi"].item() != by_default["yi"].item()
    with pytest.raises(InputError, match=r"`quantiles` must be one of .*got 'luo'"):
        mr.effects_from_reports(None, "SMD", **words, quantiles="luo")


@pytest.mark.parametrize(
    ("word", "value", "r"),
    [
        ("rho", 0.4, 2 * np.sin(np.pi * 0.4 / 6)),
        ("tau", 0.3, np.sin(np.pi * 0.3 / 2)),
        ("z_value", 2.1, 2.1 / np.sqrt(60)),
        ("beta", 0.3, 0.35),
        ("beta", -0.3, -0.3),
    ],
)
def test_other_coefficients_as_correlations(word, value, r):
    routes = mr.effect_routes(None, "COR", **{word: [value]}, n=60)
    assert routes["yi"].item() == pytest.approx(r, rel=1e-12)
    assert routes["exactness"].item() == "approximation"


def test_only_named_columns_are_read_once_any_is_named(mixed):
    found = mr.effects_from_reports(mixed, "SMD", t="t", n1="n1", n2="n2")
    assert found["route"].dropna().tolist() == ["t"]
    assert found["note"].tolist() == [""] * 6
    assert found["routes"].tolist() == [0, 0, 1, 0, 0, 0]


def test_text_and_numbers_stand_for_the_same_digits():
    as_text = mr.effect_routes(None, "COR", r=[".30", ".25"], n=[50, 60])
    as_numbers = mr.effect_routes(None, "COR", r=[0.30, 0.25], n=[50, 60])
    pd.testing.assert_frame_equal(as_text, as_numbers)
    assert as_text["yi_low"].tolist() == pytest.approx([0.295, 0.245])


def test_exact_numbers_stand_for_themselves():
    found = mr.effect_routes(None, "COR", r=[0.30], n=[50], digits="exact")
    assert found["yi_low"].item() == found["yi_high"].item() == 0.30


def test_rows_are_labelled():
    found = mr.effect_routes(None, "COR", r=[0.3, 0.2], n=50, labels=["Ash", "Birch"])
    assert found["label"].tolist() == ["Ash", "Birch"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"r": [0.3], "N": [40]}, r"`N` is not a word .* read.* Did you mean 'n'\?"),
        ({"r": ["high"], "n": [40]}, r"`r` must hold numbers as printed.*row 0 is 'high'"),
        ({"r": ["n.s."], "n": [40]}, r"`r` must hold numbers; row 0 holds a bound.*column `p`"),
        ({"r": [1.3], "n": [40]}, r"`r` must be a number in \[-1, 1\]; row 0 is 1.3"),
        (
            {"r": [0.3], "r_ci_low": [0.5], "r_ci_high": [0.7], "n": [40]},
            r"`r_ci_low` must not exceed `r`; see row 0. Are the columns swapped",
        ),
        ({"r": [0.3, 0.2], "n": [40, 50, 60]}, r"All inputs must have the same length"),
        ({"r": "corr", "n": [40]}, r"`r` must hold numbers as printed.*'corr'"),
    ],
)
def test_refusals_name_the_argument_and_the_row(words, message):
    with pytest.raises(InputError, match=message):
        mr.effects_from_reports(None, "COR", **words)


def test_refusals_that_need_a_frame(mixed):
    with pytest.raises(InputError, match=r"`data` has the column 'yi' already.*`replace=True`"):
        mr.effects_from_reports(mixed.assign(yi=1.0), "SMD")
    with pytest.raises(InputError, match=r"`t` names the column 'tt'.* Did you mean 't'\?"):
        mr.effects_from_reports(mixed, "SMD", t="tt", n1="n1", n2="n2")
    with pytest.raises(InputError, match=r"No column is named like a word of this measure"):
        mr.effects_from_reports(pd.DataFrame({"effect": [1.0]}), "SMD")
    with pytest.raises(InputError, match=r"`variance` cannot be 'AV' here"):
        mr.effects_from_reports(mixed, "SMD", variance="AV")
    with pytest.raises(InputError, match=r"`equal_groups` must be True or False; got 1"):
        mr.effects_from_reports(mixed, "SMD", equal_groups=1)
    with pytest.raises(InputError, match=r"`inequality` must be one of 'interval', 'bound'"):
        mr.effects_from_reports(mixed, "SMD", inequality="p")


@pytest.mark.parametrize(
    ("measure", "words", "message"),
    [
        ("PHI", {"events1": 30, "n1": 20, "events2": 5, "n2": 20}, "`events1` must not exceed"),
        ("RRB", {"u": 500, "n1": 10, "n2": 10}, "`u`"),
        ("ZCOR", {"r": 0.5, "n": 2}, "`n` must be a number above 3; row 0 is 2"),
        ("ZCOR", {"r": 1.0, "n": 20}, r"`r` must be a number in \(-1, 1\); row 0 is 1"),
        ("BETA", {"beta": 0.9, "n": 20}, r"`beta` must be a number in \[-0.5, 0.5\]"),
        ("SMD", {"m1": 2, "sd1": 0, "n1": 9, "m2": 1, "sd2": 0, "n2": 9}, "must not both be 0"),
        ("SMD", {"d": 0.4, "n1": 1, "n2": 20}, "`n1` must be a number of at least 2"),
    ],
)
def test_what_a_measure_refuses_its_routes_refuse(measure, words, message):
    with pytest.raises(InputError, match=message):
        mr.effects_from_reports(None, measure, **words)


def test_percentages_with_and_without_their_sign():
    sizes = {"n1": [30], "n2": [30]}
    plain = mr.effects_from_reports(None, "OR", percent1=["10"], percent2=["20"], **sizes)
    signed = mr.effects_from_reports(None, "OR", percent1=["10%"], percent2=["20%"], **sizes)
    assert signed["yi"].item() == plain["yi"].item() == pytest.approx(-0.8109302162163288)


def test_an_assumed_correlation_is_for_two_measurements_only():
    with pytest.raises(InputError, match=r"`assumed_r` is the correlation of two measurements"):
        mr.effects_from_reports(None, "ZCOR", n=[20], assumed_r=0.5)
    with pytest.raises(InputError, match=r"`assumed_r` must be a number in \(-1, 1\); got 'x'"):
        mr.effects_from_reports(None, "SMCR", n=[20], assumed_r="x")


def test_digits_around_no_difference_reach_both_ways():
    routes = mr.effect_routes(None, "SMD", md="0", sd_pooled="5", n1=20, n2=20)
    assert routes["yi_low"].item() == pytest.approx(-routes["yi_high"].item())
    assert routes["yi_high"].item() == pytest.approx(0.5 / 4.5 * mr.convert(1.0, "d", "g", df=38))


def test_a_bound_on_p_does_not_move_what_does_not_follow_from_it():
    ratio = mr.effects_from_reports(None, "OR", odds_ratio=["2.0"], p=["n.s."])
    assert ratio["yi_low"].item() == pytest.approx(np.log(1.95))
    assert ratio["yi_high"].item() == pytest.approx(np.log(2.05))
    change = mr.effects_from_reports(
        None, "MC", m1=["12.0"], m2=["10.0"], sd1=["3.0"], sd2=["3.1"], p=["<.05"], n=20
    )
    assert change[["yi_low", "yi_high"]].to_numpy()[0] == pytest.approx([1.9, 2.1])


def test_numbers_among_text_are_read_as_printed():
    frame = pd.DataFrame({"t": [2.2, 2.5], "p": [0.03, "<.05"], "n1": 20, "n2": 20})
    found = mr.effects_from_reports(frame, "SMD")
    assert not found["conflict"].any()


def test_missing_values_of_every_kind():
    frame = pd.DataFrame({"r": [".30", None, ".20"], "n": [40, 50, 60]}).convert_dtypes()
    assert mr.effects_from_reports(frame, "COR")["yi"].isna().tolist() == [False, True, False]
    ints = pd.DataFrame({"r": [0.3, 0.2], "n": pd.array([40, None], dtype="Int64")})
    assert mr.effects_from_reports(ints, "COR")["vi"].isna().tolist() == [False, True]


def test_tables_without_rows_or_numbers_are_tables_of_no_effects():
    empty = mr.effects_from_reports(pd.DataFrame({"r": [], "n": []}), "COR")
    assert len(empty) == 0
    assert "route" in empty.columns
    missing = mr.effects_from_reports(pd.DataFrame({"r": [np.nan], "n": [np.nan]}), "COR")
    assert missing["yi"].isna().all()
    assert mr.effect_routes(pd.DataFrame({"r": [], "n": []}), "COR").empty


def test_a_printed_zero_leaves_the_sign_open():
    routes = mr.effect_routes(None, "COR", r=["-.00"], p=[".97"], n=[100])
    assert routes["agrees"].all()


def test_the_spread_over_the_routes_of_a_row():
    found = mr.effects_from_reports(None, "COR", r=[0.30, 0.30], z=[0.32, np.nan], n=[40, 40])
    assert found["spread"].tolist() == pytest.approx([np.tanh(0.32) - 0.30, np.nan], nan_ok=True)


def test_means_and_proportions_of_one_group():
    core = mr.effect_sizes(None, "MN", mean=[20.0], sd=[6.0], n=[36])
    by_se = mr.effects_from_reports(None, "MN", mean=[20.0], se=[1.0], n=[36], digits="exact")
    assert by_se["vi"].item() == pytest.approx(core["vi"].item(), rel=1e-12)
    half = 2.030107928250343  # the quantile of t with 35 degrees of freedom
    limits = {"ci_low": [20 - half], "ci_high": [20 + half]}
    by_limits = mr.effects_from_reports(None, "MN", mean=[20.0], n=[36], digits="exact", **limits)
    assert by_limits["vi"].item() == pytest.approx(core["vi"].item(), rel=1e-12)
    share = mr.effects_from_reports(None, "PLO", percent=["25%"], n=[40])
    assert share["yi"].item() == mr.effect_sizes(None, "PLO", events=10, n=40)["yi"].item()


def test_the_measures_own_sets_of_inputs_are_routes():
    one = mr.effects_from_reports(None, "SMCR", m1=[10], sd1=[3], m2=[8], r=[0.5], n=[20])
    assert one["route"].item() == "m1, sd1, m2, r, n"
    change = mr.effects_from_reports(None, "SMCR", m_change=[2], sd1=[3], r=[0.5], n=[20])
    assert change["yi"].item() == pytest.approx(one["yi"].item())
    repeated = mr.effects_from_reports(None, "DRM", t=[2.5], r=[0.5], n=[20])
    assert repeated["yi"].item() == mr.effect_sizes(None, "DRM", t=2.5, r=0.5, n=20)["yi"].item()
    given = mr.effects_from_reports(None, "GEN", yi=[0.3], vi=[0.04])
    assert given["yi"].item() == 0.3
    clustered = {"icc": [0.1], "cluster_size": [5]}
    by_se = mr.effects_from_reports(
        None, "SMDCL", m1=[10], se1=[1], m2=[8], se2=[1.2], n1=[20], n2=[25], **clustered
    )
    assert by_se["route"].item() == "means and SEs"


def test_an_F_of_several_groups_is_no_route_to_d():
    words = {"f": [4.0, 4.0], "df1": [1, 2], "n1": 20, "n2": 20, "sign": 1}
    found = mr.effects_from_reports(None, "SMD", **words)
    assert found["route"].dropna().to_dict() == {0: "F"}
    assert found["note"].tolist() == ["", "its numbers give no effect by 'F'"]


def test_a_t_without_a_minus_anywhere_is_noted():
    words = {"n1": [20, 20], "n2": [20, 20]}
    found = mr.effects_from_reports(None, "SMD", t=[2.31, 1.5], **words)
    assert found["note"].tolist() == ["sign taken from t as printed"] * 2
    found = mr.effects_from_reports(None, "SMD", t=[2.31, -1.5], **words)
    assert found["note"].tolist() == ["", ""]


def test_columns_that_capitals_keep_from_being_read_are_named():
    table = pd.DataFrame({"t": [2.1, np.nan], "F": [np.nan, 4.0], "n1": [20, 20], "n2": [20, 20]})
    with pytest.warns(mr.MetarelWarning, match=r"Column 'F' was not read.*say f='F' if it holds"):
        found = mr.effects_from_reports(table, "SMD")
    assert found["yi"].isna().tolist() == [False, True]
    named = mr.effects_from_reports(table, "SMD", t="t", f="F", n1="n1", n2="n2")
    assert named["yi"].notna().all()
