"""Every check of the register passes figures that agree and answers to figures that do not."""

from __future__ import annotations

from typing import Any

import pytest

import metarel as mr
from metarel.coherence._figures import FIGURES
from metarel.coherence.register import CHECKS, check_table

R = {"r": ".24", "ci": (".12", ".36")}
D = {"d": ".40", "ci": (".20", ".60")}
IMPOSSIBLE, CONVENTION = "impossible", "only under a convention"


def _rows(*rows: dict[str, Any], **total: Any) -> list[dict[str, Any]]:
    return [*({"label": f"s{i}", **row} for i, row in enumerate(rows)), {"label": "total", **total}]


def _forest(*weights: str, **total: Any) -> list[dict[str, Any]]:
    """Three studies with variances .01, .04 and .04: equal weights only for endless tau2."""
    cells = (("0.50", "[0.304, 0.696]"), ("0.20", "[-0.192, 0.592]"), ("0.10", "[-0.292, 0.492]"))
    rows = ({"d": d, "ci": ci, "weight": w} for (d, ci), w in zip(cells, weights, strict=True))
    return _rows(*rows, **{"d": "0.38", **total})


COMMON = ("66.7", "16.7", "16.7")
GROUPS = (
    {"d": ".40", "ci": "[.20, .60]", "k": "10", "N": "500", "n": "500", "Q": "12.1"},
    {"d": ".10", "ci": "[-.10, .30]", "k": "6", "N": "300", "n": "300", "Q": "5.0"},
)
#: For each check: figures that agree, figures that do not, and what is said of these.
_T = {"t": "1.81", "df": 38, "n1": 20, "n2": 20}
_F = {"F": "3.28", "df1": 1, "df2": 38, "n1": 20, "n2": 20}
_ARMS = {"m1": "5.2", "sd1": "1.1", "m2": "4.1", "sd2": "1.3", "n1": 20, "n2": 20}
EXAMPLES: dict[str, tuple[Any, Any, str]] = {
    "possible values": ({"r": "-1"}, {"r": "1.01"}, IMPOSSIBLE),
    "N and k": ({"N": "16", "k": 16}, {"N": "15", "k": 16}, CONVENTION),
    "percent of count": (
        {"percent": "62%", "count": 13, "n": 21}, {"percent": "64%", "count": 13, "n": 21},
        IMPOSSIBLE,
    ),
    "percent of n": ({"percent": "62%", "n": 21}, {"percent": "60%", "n": 21}, IMPOSSIBLE),
    "mean of whole numbers": (
        {"whole_mean": "3.47", "n": 19}, {"whole_mean": "3.45", "n": 19}, IMPOSSIBLE),
    "limits in order": (R, {"r": ".24", "ci": (".36", ".12")}, CONVENTION),
    "estimate in CI": (R, {"r": ".38", "ci": (".12", ".36")}, IMPOSSIBLE),
    "CI symmetric": (R, {"r": ".24", "ci": (".21", ".36")}, CONVENTION),
    "CI and SE": ({**D, "se": ".10"}, {**D, "se": ".30"}, IMPOSSIBLE),
    "estimate in PI": (
        {"d": ".4", "pi": ("-.2", "1.0")}, {"d": "1.4", "pi": ("-.2", "1.0")}, IMPOSSIBLE),
    "PI symmetric": (
        {"d": ".40", "pi": ("-.20", "1.00")}, {"d": ".40", "pi": ("-.20", ".70")}, CONVENTION),
    "PI holds CI": ({**D, "pi": (".10", ".70")}, {**D, "pi": (".25", ".55")}, CONVENTION),
    "PI from tau2, lower": (
        {**D, "tau2": ".040", "pi": ("-.04", ".84")}, {**D, "tau2": ".040", "pi": ("-.90", ".84")},
        CONVENTION,
    ),
    "PI from tau2, upper": (
        {**D, "tau2": ".040", "pi": ("-.04", ".84")}, {**D, "tau2": ".040", "pi": ("-.04", ".61")},
        CONVENTION,
    ),
    "z from SE": ({"d": ".40", "se": ".10", "z": "4.0"}, {"d": ".40", "se": ".10", "z": "5.0"},
                  IMPOSSIBLE),
    "t from SE": ({"d": ".40", "se": ".10", "t": "4.0"}, {"d": ".40", "se": ".10", "t": "5.0"},
                  IMPOSSIBLE),
    "z from CI": ({**R, "z": "3.9"}, {**R, "z": "39", "k": 16}, IMPOSSIBLE),
    "t from CI": ({**D, "k": 30, "t": "4.09"}, {**D, "k": 30, "t": "60.1"}, IMPOSSIBLE),
    "p from z": ({"z": "1.96", "p": ".05"}, {"z": "1.96", "p": ".50"}, IMPOSSIBLE),
    "p from t": ({"t": "2.31", "df": 45, "p": ".025"}, {"t": "2.31", "df": 45, "p": ".25"},
                 IMPOSSIBLE),
    "p from F": ({"F": "6.20", "df1": 1, "df2": 58, "p": ".016"},
                 {"F": "6.20", "df1": 1, "df2": 58, "p": ".16"}, IMPOSSIBLE),
    "p from chi2": ({"chi2": "5.99", "df": 2, "p": ".05"}, {"chi2": "5.99", "df": 2, "p": ".50"},
                    IMPOSSIBLE),
    "p from r": ({"r": "-.31", "df": 45, "p": ".034"}, {"r": "-.31", "df": 45, "p": ".34"},
                 IMPOSSIBLE),
    "p from CI": ({**R, "p": "<.001"}, {**R, "p": ".20"}, IMPOSSIBLE),
    "p from SE": ({"d": ".40", "se": ".20", "p": ".046"}, {"d": ".40", "se": ".20", "p": ".60"},
                  IMPOSSIBLE),
    "CI and p": ({**R, "p": ".01"}, {**R, "p": "n.s."}, CONVENTION),
    "sign of z": ({"r": "-.24", "z": "-3.9"}, {"r": ".24", "z": "-3.9"}, CONVENTION),
    "sign of t": ({"r": "-.24", "t": "-3.9"}, {"r": ".24", "t": "-3.9"}, CONVENTION),
    "df of Q": ({"k": 16, "Q": "38.2", "Q_df": 15}, {"k": 17, "Q": "38.2", "Q_df": 15}, CONVENTION),
    "p of Q": ({"Q": "38.2", "Q_df": 15, "Q_p": "<.001"}, {"Q": "38.2", "Q_df": 15, "Q_p": ".03"},
               IMPOSSIBLE),
    "I2 from Q": ({"Q": "38.2", "k": 16, "I2": "61%"},
                  {"Q": "38.2", "k": 16, "I2": "16%", "estimator": "DL"}, IMPOSSIBLE),
    "H2 from Q": ({"Q": "38.2", "k": 16, "H2": "2.55"},
                  {"Q": "38.2", "k": 16, "H2": "9.55", "estimator": "DL"}, IMPOSSIBLE),
    "I2 and H2": ({"I2": "50%", "H2": "2.0"}, {"I2": "50%", "H2": "3.0"}, IMPOSSIBLE),
    "H and H2": ({"H": "2.0", "H2": "4.0"}, {"H": "2.0", "H2": "2.0"}, IMPOSSIBLE),
    "tau and tau2": ({"tau": ".20", "tau2": ".04"}, {"tau": ".04", "tau2": ".20"}, IMPOSSIBLE),
    "tau2 and Q": ({"Q": "8.0", "k": 16, "tau2": ".00"},
                   {"Q": "8.0", "k": 16, "tau2": ".05", "estimator": "DL"}, IMPOSSIBLE),
    "tau2 and I2": ({"tau2": "0", "I2": "0%"}, {"tau2": "0", "I2": "60%"}, CONVENTION),
    "tau2 and SE": ({"d": ".40", "se": ".10", "tau2": ".05", "k": 10},
                    {"d": ".40", "se": ".10", "tau2": ".50", "k": 10}, CONVENTION),
    "d from r": ({"r": ".28", "d": ".58"}, {"r": ".28", "d": "1.85"}, IMPOSSIBLE),
    "g from d": ({"d": ".50", "g": ".49", "N": 60}, {"d": ".50", "g": ".55", "N": 60}, IMPOSSIBLE),
    "d from OR": ({"OR": "2.00", "d": ".38"}, {"OR": "2.00", "d": ".69"}, IMPOSSIBLE),
    "fisher_z from r": ({"r": ".50", "fisher_z": ".55"}, {"r": ".50", "fisher_z": ".40"},
                        IMPOSSIBLE),
    "g from r": ({"r": ".28", "g": ".57"}, {"r": ".28", "g": "1.85"}, IMPOSSIBLE),
    "sum of k": (_rows(*GROUPS, k="16"), _rows(*GROUPS, k="17"), CONVENTION),
    "sum of N": (_rows(*GROUPS, N="800"), _rows(*GROUPS, N="900"), CONVENTION),
    "sum of n": (_rows(*GROUPS, n="800"), _rows(*GROUPS, n="900"), CONVENTION),
    "estimate among rows": (_rows(*GROUPS, d=".25"), _rows(*GROUPS, d=".52"), CONVENTION),
    "Q between from rows": (
        _rows(*GROUPS, Q_between="4.3"), _rows(*GROUPS, Q_between="43.2"), CONVENTION),
    "sum of Q": (_rows(*GROUPS, Q="21.4", Q_between="4.3"), _rows(*GROUPS, Q="12.4",
                 Q_between="4.3"), CONVENTION),
    "df between": (_rows(*GROUPS, df_between="1"), _rows(*GROUPS, df_between="2"), CONVENTION),
    "p between": ({"Q_between": "4.3", "df_between": 1, "p_between": ".038"},
                  {"Q_between": "4.3", "df_between": 1, "p_between": ".003"}, IMPOSSIBLE),
    "df of Egger": ("Egger's test: t(13) = 2.54, p = .025, k = 15.",
                    "Egger's test: t(14) = 2.54, p = .024, k = 15.", CONVENTION),
    "ratio from log ratio": ({"OR": "1.52", "log_ratio": ".42"},
                             {"OR": "1.72", "log_ratio": ".42"}, IMPOSSIBLE),
    "p within": ({"Q_within": "60.2", "df_within": 29, "p_within": "<.001"},
                 {"Q_within": "60.2", "df_within": 29, "p_within": ".201"}, IMPOSSIBLE),
    "weights sum": (_forest(*COMMON), _forest("66.7", "16.7", "26.7"), CONVENTION),
    "one tau2 for all weights": (_forest(*COMMON), _forest("16.7", "66.7", "16.7"), CONVENTION),
    "tau2 from weights": (_forest(*COMMON, tau2="0.000"), _forest(*COMMON, tau2="0.200"),
                          CONVENTION),
    "mean from weights": (_forest(*COMMON), _forest(*COMMON, d="0.20"), CONVENTION),
    "F from SE": ({"beta": ".40", "se": ".13", "F": "9.5", "df1": 1, "df2": 8},
                  {"beta": ".40", "se": ".13", "F": "4.5", "df1": 1, "df2": 8}, IMPOSSIBLE),
    "F from CI": ({"beta": ".40", "ci": (".10", ".70"), "F": "9.5", "df1": 1, "df2": 8},
                  {"beta": ".40", "ci": (".10", ".70"), "F": "7.1", "df1": 1, "df2": 8},
                  CONVENTION),
    "d from t": ({"d": ".57", **_T}, {"d": "2.71", **_T}, CONVENTION),
    "d from F": ({"d": ".57", **_F}, {"d": "2.71", **_F}, CONVENTION),
    "g from t": ({"g": ".56", **_T}, {"g": "2.66", **_T}, CONVENTION),
    "g from F": ({"g": ".56", **_F}, {"g": "2.66", **_F}, CONVENTION),
    "d from means": ({"d": ".91", **_ARMS}, {"d": "2.50", **_ARMS}, CONVENTION),
    "g from means": ({"g": ".90", **_ARMS}, {"g": "2.50", **_ARMS}, CONVENTION),
    "t from means": ({"t": "2.89", "df": 38, **_ARMS}, {"t": "5.89", "df": 38, **_ARMS},
                     CONVENTION),
    "F from means": ({"F": "8.35", "df1": 1, "df2": 38, **_ARMS},
                     {"F": "18.35", "df1": 1, "df2": 38, **_ARMS}, CONVENTION),
    "df from sizes": (_T, {**_T, "df": 58}, CONVENTION),
    "eta2 from F": ({"eta2": ".08", **_F}, {"eta2": ".28", **_F}, CONVENTION),
    "same figure twice": (
        "The mean was g = 0.45, 95% CI [0.30, 0.60], k = 20, I2 = 54%. As said, the mean was "
        "g = 0.45, 95% CI [0.30, 0.60], k = 20, I2 = 54%.",
        "The mean was g = 0.45, 95% CI [0.30, 0.60], k = 20, I2 = 54%. As said, the mean was "
        "g = 0.45, 95% CI [0.30, 0.60], k = 20, I2 = 74%.", CONVENTION),
    "Q from rows": (_forest(*COMMON, Q="4.3"), _forest(*COMMON, Q="14.3"), CONVENTION),
}  # fmt: skip


def test_every_check_has_examples() -> None:
    assert set(EXAMPLES) == set(CHECKS)


@pytest.mark.parametrize("code", CHECKS)
def test_figures_that_agree_pass(code: str) -> None:
    found = [f for f in mr.check(EXAMPLES[code][0]).findings if f.code == code]
    assert found
    assert all(f.verdict in ("consistent", "only in a corner") for f in found)


@pytest.mark.parametrize("code", CHECKS)
def test_figures_that_disagree_are_found(code: str) -> None:
    _, bad, verdict = EXAMPLES[code]
    worst = [f for f in mr.check(bad).findings if f.code == code and f.verdict == verdict]
    assert worst
    assert worst[0].what.endswith(".")
    assert worst[0].ask == CHECKS[code].ask
    if verdict == IMPOSSIBLE:
        assert worst[0].needs_answer
        assert not worst[0].passes_under
    else:
        assert worst[0].passes_under


@pytest.mark.parametrize("check", CHECKS.values(), ids=list(CHECKS))
def test_declarations_are_whole(check: Any) -> None:
    """Needs are figures, sentences end, and the ways of one kind have codes of their own."""
    assert all(name in FIGURES for need in check.needs for name in need.split("|"))
    assert check.name.endswith(".")
    assert check.ask.endswith("?")
    for ways in check.ways:
        codes = [way.code for way in ways]
        assert len(set(codes)) == len(codes)
    assert len(check_table()) == len(CHECKS)
