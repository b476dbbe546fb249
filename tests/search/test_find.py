"""Searches for the analysis behind printed figures: known answers, classes, what decides, words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.errors import InputError
from metarel.search.classes import numbered, rounded
from metarel.search.evaluate import evaluate
from metarel.search.figures import read_figures
from metarel.search.result import AnalysisSearch
from metarel.search.specification import Specification
from metarel.search.table import StudyTable, study_table

GOLDEN = Path(__file__).parents[1] / "golden"
METAFOR = json.loads((GOLDEN / "search.json").read_text(encoding="utf-8"))
CLOSED = ("EE", "DL", "HE", "HS", "HSk", "SJ")
POINTS = ("estimate", "ci_low", "ci_high")
#: Correlations as metafor's escalc takes them, its ten best known estimators, its three tests.
#: Knapp–Hartung under a common effect, of which metafor warns, is left out: 87.
EIGHTY_SEVEN = [
    Specification(
        row["measure"],
        "LS",
        tau2=row["tau2"],
        test=row["test"],
        back="tanh" if row["measure"] == "ZCOR" else "identity",
    )
    for row in METAFOR["molloy2014"]
]
MOLLOY = mr.load_dataset("molloy2014").studies


def molloy(**figures: object) -> AnalysisSearch:
    """Search the 87 for figures of Molloy and others (2014)."""
    return mr.find_analysis(MOLLOY, r="r", n="n", among=EIGHTY_SEVEN, **figures)


def correlations(name: str) -> StudyTable:
    """Return the studies that metafor had."""
    if name == "molloy2014":
        return study_table(MOLLOY, r="r", n="n")
    numbers = json.loads((GOLDEN / "psychometric.json").read_text(encoding="utf-8"))[name]
    return study_table(None, r=numbers["r"], n=numbers["n"])


@pytest.mark.parametrize("name", ["molloy2014", "mcdaniel1994"])
def test_the_eighty_seven_are_those_of_metafor(name: str) -> None:
    """Every number of every analysis; closed forms to 1e-10, others to 1e-8."""
    found = evaluate(EIGHTY_SEVEN, correlations(name))
    for i, row in enumerate(METAFOR[name]):
        close = 1e-10 if row["tau2"] in CLOSED else 1e-8
        for quantity in (*POINTS, "p_value", "I2", "I2_Q"):
            wanted = row[quantity]
            assert found[quantity][i] == pytest.approx(wanted, rel=close, abs=1e-12), (
                row,
                quantity,
            )


@pytest.mark.parametrize(
    ("name", "decimals", "distinct"),
    [("molloy2014", 2, 11), ("mcdaniel1994", 2, 14), ("mcdaniel1994", 3, 40)],
)
def test_few_results_are_distinct(name: str, decimals: int, distinct: int) -> None:
    """Many analyses print the same mean and limits; metafor's numbers say so too."""
    found = evaluate(EIGHTY_SEVEN, correlations(name))
    theirs = pd.DataFrame(METAFOR[name])
    for numbers in (found, theirs):
        columns = [rounded(np.asarray(numbers[q], dtype=float), 10**-decimals) for q in POINTS]
        assert numbered(columns)[0] == distinct


def test_molloy_by_its_abstract() -> None:
    """Of 87 analyses 17 print '.15 [.09, .21]', 16 different ones, for EB and PM are one."""
    found = molloy(estimate=".15", ci=(".09", ".21"))
    assert (found.tried, found.distinct_printed) == (87, 11)
    assert (len(found.matching), len(found.classes)) == (17, 16)
    assert not any("I²" in str(f) for f in found.figures)


def test_i2_leaves_three_or_six() -> None:
    """I2 of 62 % from tau2 leaves three analyses; 61 % from Q six."""
    figures = {"estimate": ".15", "ci": (".09", ".21")}
    assert len(molloy(**figures, I2="62%").matching) == 3
    asked = mr.find_analysis(
        MOLLOY,
        r="r",
        n="n",
        **figures,
        I2="61%",
        among=[_with_q(s) for s in EIGHTY_SEVEN],
    )
    assert len(asked.matching) == 6


def _with_q(s: Specification) -> Specification:
    return Specification(s.metric, s.variance, tau2=s.tau2, test=s.test, back=s.back, I2="Q")


def test_one_more_digit_decides() -> None:
    """What would decide is named, with what each class would print."""
    found = molloy(estimate=".15", ci=(".09", ".21"), I2="62%")
    best = found.decides[0]
    assert (best.quantity, best.decimals, best.worst) == ("estimate", 3, 1)
    assert best.prints == ("0.149", "0.152", "0.153")
    told = molloy(estimate=".149", ci=(".09", ".21"), I2="62%")
    assert len(told.classes) == 1
    assert told.best == Specification("ZCOR", "LS", tau2="REML", back="tanh")
    assert told.decides == ()
    assert "One result is left" in str(told)


def test_deciders_are_counts_over_classes() -> None:
    """Expected and worst numbers left follow from the values that the classes would print."""
    found = molloy(estimate=".15", ci=(".09", ".21"))
    for decider in found.decides:
        counts = pd.Series(decider.prints).value_counts()
        assert decider.worst == counts.max()
        assert decider.expected == pytest.approx((counts**2).sum() / len(found.classes))


def test_classes_hold_one_result_each() -> None:
    """Members agree in every number; classes differ in some."""
    found = molloy(estimate=".15", ci=(".09", ".21"))
    frame = found.to_frame().set_index("words")
    assert len(frame) == 87
    for one in found.classes:
        rows = frame.loc[[s.words for s in one.specifications], ["estimate", "ci_low", "Q"]]
        assert np.ptp(rows.to_numpy(), axis=0).max() < 1e-9
    assert frame["prints_all"].sum() == 17


def test_nothing_prints_what_cannot_be() -> None:
    """No analysis, no claim: near misses say what stands in the way."""
    found = molloy(estimate=".15", ci=(".09", ".21"), N="3476")
    assert found.classes == ()
    assert found.best is None
    assert {miss.figure.quantity for miss in found.near_misses} == {"N"}
    assert found.near_misses[0].value == 3509
    text = str(found)
    assert "None of them prints all figures" in text
    assert "explain_gap()" in text


@pytest.mark.parametrize("name", ["Study", "Author (year)", "AUTHORS"])
def test_names_of_studies_are_found_whatever_the_header(name: str) -> None:
    data = pd.DataFrame({name: ["Ada", "Bob"], "r": [0.1, 0.2], "n": [20, 30]})
    assert study_table(data, r="r", n="n").labels == ("Ada", "Bob")
    unnamed = study_table(data.drop(columns=name), r="r", n="n")
    assert unnamed.labels == ("study 1", "study 2")


def test_a_printed_analysis_is_found_again() -> None:
    """Whatever analysis printed the figures, it is among those found; generated."""
    table = study_table(MOLLOY, r="r", n="n")
    whole = mr.find_analysis(table, estimate=".15")
    rng = np.random.default_rng(3)
    for i in rng.choice(len(whole.family), 6, replace=False):
        chosen = whole.family.specifications[i]
        numbers = {name: values[i] for name, values in whole.numbers.items()}
        found = mr.find_analysis(
            table,
            estimate=f"{numbers['estimate']:.3f}",
            ci=(f"{numbers['ci_low']:.3f}", f"{numbers['ci_high']:.3f}"),
            p=f"{numbers['p_value']:.5f}",
        )
        assert chosen in found.matching


def test_software_limits_the_family() -> None:
    """A program runs what it can, its own default first; CMA and RevMan have few estimators."""
    cma = mr.find_analysis(MOLLOY, r="r", n="n", estimate=".15", software="CMA")
    assert {s.tau2 for s in cma.family.specifications} == {"DL", "EE"}
    assert cma.family.reference.tau2 == "DL"
    with pytest.raises(InputError, match="leave no analysis"):
        mr.find_analysis(MOLLOY, r="r", n="n", estimate=".15", software="RevMan 5")


def test_declared_choices_come_first() -> None:
    """What the report names is what the order starts from."""
    figures = {"estimate": ".15", "ci": (".09", ".21")}
    assert mr.find_analysis(MOLLOY, r="r", n="n", **figures).best.tau2 == "REML"
    told = mr.find_analysis(MOLLOY, r="r", n="n", **figures, declared={"tau2": "DL"})
    assert told.best == Specification("ZCOR", "LS", tau2="DL", back="tanh")


def test_digits_cut_off_are_told_apart() -> None:
    """A figure that only truncation prints is no match, and is said."""
    value = evaluate([EIGHTY_SEVEN[0]], correlations("molloy2014"))["estimate"][0]
    assert 0.1245 < value < 0.1246
    rounded_off = mr.find_analysis(MOLLOY, r="r", n="n", estimate=".125", among=[EIGHTY_SEVEN[0]])
    assert len(rounded_off.matching) == 1
    cut = mr.find_analysis(MOLLOY, r="r", n="n", estimate=".124", among=[EIGHTY_SEVEN[0]])
    assert cut.classes == ()
    assert cut.near_misses[0].truncated
    assert cut.by_figure[0].truncated == 1
    assert "with digits cut off it would" in str(cut)
    assert cut.truncated == (EIGHTY_SEVEN[0],)
    assert "cut off instead of rounded 1 would" in str(cut)


def test_chance_rises_with_the_family_and_falls_with_digits() -> None:
    """A coarse figure is printed by anything; a fine one is not."""
    coarse = mr.find_analysis(MOLLOY, r="r", n="n", estimate=".15", ci=(".09", ".21")).chance
    fine = mr.find_analysis(MOLLOY, r="r", n="n", estimate=".14880", ci=(".08783", ".20867")).chance
    few = molloy(estimate=".15", ci=(".09", ".21")).chance
    assert 0 <= few.together <= coarse.together < 0.5
    assert fine.together < coarse.together
    assert (coarse.tried, fine.tried) == (180, 180)


def test_tests_are_printed_without_their_sign() -> None:
    """A z of −4.9 is printed 4.9 as often."""
    data = pd.DataFrame({"yi": [-0.3, -0.4, -0.2], "vi": [0.02, 0.03, 0.02]})
    fit = mr.pool(data)
    text = f"{abs(fit.statistic[0]):.3f}"
    found = mr.find_analysis(data, statistic=text, yi="yi", vi="vi", among={"weights": "iv"})
    assert Specification("as given", "as given") in found.matching


def test_effects_with_limits_on_the_ratio_scale() -> None:
    """Odds ratios with limits go to logarithms and back; each end gives a variance of its own."""
    data = pd.DataFrame({"or": [1.5, 2.0, 1.2], "lo": [1.1, 1.2, 0.8], "hi": [2.1, 3.4, 1.9]})
    logs = np.log(data)
    fit = mr.pool(yi=logs["or"], sei=(logs["hi"] - logs["lo"]) / (2 * 1.959963984540054))
    text = f"{np.exp(fit.estimate):.4f}"
    found = mr.find_analysis(data, yi="or", ci_low="lo", ci_high="hi", scale="ratio", estimate=text)
    assert (found.best.metric, found.best.variance, found.best.back) == ("log", "CI", "exp")
    assert found.classes[0].numbers["estimate"] == pytest.approx(np.exp(fit.estimate), rel=1e-9)
    assert {s.variance for s in found.family.specifications} == {"CI", "CI low", "CI high"}


def test_results_go_out_as_plain_types() -> None:
    """JSON takes the record; the frame has a row an analysis."""
    found = molloy(estimate=".15", ci=(".09", ".21"), p="<.001", k=16)
    out = json.loads(json.dumps(found.to_dict()))
    assert out["matching"] == len(found.matching)
    assert out["figures"]["p_value"] == "<.001"
    assert out["classes"][0]["analyses"][0]["words"] == found.best.words
    assert repr(found).startswith("AnalysisSearch(17 of 87")
    frame = found.to_frame()
    assert frame["differs"].is_monotonic_increasing
    assert {"prints_estimate", "prints_k", "prints_all", "tau2_value"} <= set(frame.columns)


def test_i2_is_read_as_percentages_are_printed() -> None:
    """With the sign, without it, and as a fraction."""
    for text in ("62%", "62", ".62"):
        (figure,) = read_figures({"I2": text})
        assert figure.prints(np.array([0.6173])).all()
    for text in ("0", "0.0"):
        (figure,) = read_figures({"I2": text})
        assert figure.prints(np.array([0.0004])).all()
        assert not figure.prints(np.array([0.02])).any()
    for text in ("150%", "-5"):
        with pytest.raises(mr.InputError, match="`I2` must be a share from 0 to 100 %"):
            read_figures({"I2": text})


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({}, "`estimate`, or another printed figure"),
        ({"estimate": 0.15}, "`estimate` must be text"),
        ({"ci": ".09"}, "`ci` must be a pair"),
        ({"ci": (".09", ".2", ".3")}, "`ci` must be a pair"),
        ({"estimate": "abc"}, "abc"),
        ({"estimate": ".15", "software": "Excel"}, "`software` must be one of"),
        ({"estimate": ".15", "among": {"tau2": "REMl"}}, "Did you mean 'REML'"),
        ({"estimate": ".15", "among": {"tau": "REML"}}, "`among` must be one of"),
        ({"estimate": ".15", "among": []}, "`among` must be limits"),
        ({"estimate": ".15", "declared": {"tests": "z"}}, "`declared` must be one of"),
        ({"estimate": ".15", "level": 95}, "`level` must be a fraction"),
        ({"estimate": ".15", "scale": "log"}, "`scale` must be one of"),
        ({"estimate": ".15", "rr": "r"}, "`rr` is not a word"),
    ],
)
def test_wrong_arguments(arguments: dict[str, object], match: str) -> None:
    """Each is refused by name, with a way out."""
    with pytest.raises(InputError, match=match):
        mr.find_analysis(MOLLOY, **{"r": "r", "n": "n", **arguments})


def test_arguments_that_would_do_nothing_are_refused() -> None:
    """A table has its words already; a list of analyses is not limited by a program."""
    table = correlations("molloy2014")
    with pytest.raises(InputError, match="`r`, `n` cannot stand beside a StudyTable"):
        mr.find_analysis(table, estimate=".15", r="r", n="n")
    with pytest.raises(InputError, match="`software` cannot stand beside a list"):
        mr.find_analysis(table, estimate=".15", among=EIGHTY_SEVEN, software="CMA")


@pytest.mark.parametrize(
    ("words", "match"),
    [
        ({"r": "r"}, "make no kind of study data"),
        ({"r": "r", "n": "size"}, "does not have"),
        ({"r": "n", "n": "n"}, "`r` must be"),
        ({}, "nothing says which columns its effects come from"),
        ({"r": ["<.1"] * 16, "n": "n"}, "is a bound"),
        ({"r": "r", "n": "n", "kind": "z_n"}, "`kind` 'z_n' needs `z` too"),
    ],
)
def test_wrong_study_data(words: dict[str, object], match: str) -> None:
    """Study data of no known kind are refused with what would be one."""
    with pytest.raises(InputError, match=match):
        mr.find_analysis(MOLLOY, estimate=".15", **words)
