"""Hunter and Schmidt's analysis: other software, printed digits, identities, simulation, errors."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.models._artefacts import RESTRICTIONS, Artefacts, narrow, widen
from metarel.models._bare_bones import ERROR_RULES, MEAN_INTERVALS

GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "psychometric.json").read_text(encoding="utf-8")
)
R = np.array([0.12, 0.30, -0.05, 0.44, 0.25, 0.0])
N = np.array([60, 110, 45, 200, 80, 33])


def test_bare_bones_agree_with_r_psychometric() -> None:
    fit = mr.psychometric(pd.DataFrame(GOLDEN["data"]), error="study_n")
    theirs = GOLDEN["bare"]
    for name in ("mean", "variance", "error", "variance_rho", "error_share"):
        assert getattr(fit.bare, name) == pytest.approx(theirs[name], rel=1e-12), name
    for code in ("homogeneous", "heterogeneous"):
        assert MEAN_INTERVALS[code].se(fit.bare) == pytest.approx(theirs[code], rel=1e-12)
    for code in ("average_n", "total_n"):
        other = mr.psychometric(pd.DataFrame(GOLDEN["data"]), error=code)
        assert other.bare.error == pytest.approx(theirs[code], rel=1e-12), code


def test_range_restriction_agrees_with_r_psychometric() -> None:
    rows = pd.DataFrame(GOLDEN["range"])
    np.testing.assert_allclose(widen(rows.r, rows.u), rows.corrected, rtol=1e-12)
    fit = mr.psychometric(rows.assign(n=50), u="u", restriction="direct")
    np.testing.assert_allclose(fit.studies.r_corrected, rows.corrected, rtol=1e-12)


def test_means_by_printed_digits() -> None:
    """The mean of employment interviews in [mcdaniel1994], k = 160 and N = 25,244 there too."""
    fit = mr.psychometric(pd.DataFrame(GOLDEN["mcdaniel1994"]))
    assert mr.Printed(".20").contains(fit.mean)
    assert (fit.k, fit.bare.n) == (160, 25_244)


def test_the_bare_bones_mean_of_molloy2014() -> None:
    """Not the random-effects means on z or r, .149 and .152."""
    fit = mr.psychometric(mr.load_dataset("molloy2014").studies)
    assert mr.Printed(".123").contains(fit.mean)
    assert (fit.k, fit.bare.n) == (16, 3509)


def by_hand(r: np.ndarray, n: np.ndarray) -> tuple[float, float, float]:
    mean = (n * r).sum() / n.sum()
    return mean, (n * (r - mean) ** 2).sum() / n.sum(), (1 - mean**2) ** 2 / (n.mean() - 1)


def test_bare_bones_by_hand() -> None:
    fit = mr.psychometric(r=R, n=N)
    mean, variance, error = by_hand(R, N)
    assert fit.bare.mean == pytest.approx(mean, rel=1e-14)
    assert fit.bare.variance == pytest.approx(variance, rel=1e-14)
    assert fit.bare.error == pytest.approx(error, rel=1e-14)
    row = fit.to_frame().iloc[0]
    assert row.sd_rho == pytest.approx(math.sqrt(variance - error), rel=1e-12)
    assert row.error_share == pytest.approx(error / variance, rel=1e-14)
    se = math.sqrt(variance / 6)
    assert row.ci_high - mean == pytest.approx(1.959963984540054 * se, rel=1e-12)
    assert mean - row.cr80_low == pytest.approx(1.2815515655446004 * row.sd_rho, rel=1e-12)
    assert mean - row.cr90_low == pytest.approx(1.6448536269514722 * row.sd_rho, rel=1e-12)
    assert row.cr95_high - mean == pytest.approx(1.959963984540054 * row.sd_rho, rel=1e-12)


@pytest.mark.parametrize("code", list(ERROR_RULES))
def test_rules_of_sampling_error_meet_where_studies_are_alike(code: str) -> None:
    """With one n and one r all rules are (1 − r²)²/(n − 1), or over n."""
    fit = mr.psychometric(r=np.full(5, 0.3), n=np.full(5, 50), error=code)
    divisor = 50 if code == "total_n" else 49
    assert fit.bare.error == pytest.approx(0.91**2 / divisor, rel=1e-13)
    np.testing.assert_allclose(fit.studies.variance, 0.91**2 / divisor, rtol=1e-13)


def test_equal_studies_leave_no_variance() -> None:
    fit = mr.psychometric(r=np.full(4, 0.3), n=[20, 50, 80, 110])
    assert fit.sd_rho == 0
    assert fit.bare.variance == pytest.approx(0, abs=1e-30)
    assert fit.bare.credibility(0.8) == (fit.mean, fit.mean)


@pytest.mark.parametrize(
    "given",
    [
        {"rxx": 1.0},
        {"rxx": 1.0, "ryy": np.ones(6)},
        {"u": 1.0, "restriction": "direct"},
        {"u": 1.0, "rxx": 1.0, "restriction": "indirect", "rxx_from": "sample"},
    ],
)
def test_perfect_measures_change_nothing(given: dict) -> None:
    fit = mr.psychometric(r=R, n=N, error="study_n", **given)
    assert fit.corrected is not None
    for name in ("mean", "variance", "error", "sd_rho"):
        ours, bare = getattr(fit.corrected, name), getattr(fit.bare, name)
        assert ours == pytest.approx(bare, rel=1e-12)
    np.testing.assert_allclose(fit.studies.n_adjusted, N, rtol=1e-12)
    np.testing.assert_allclose(fit.studies.A, 1, rtol=1e-14)


def artefacts(code: str) -> Artefacts:
    rng = np.random.default_rng(3)
    rxx, u = rng.uniform(0.6, 0.95, 6), rng.uniform(0.6, 1.3, 6)
    reference = RESTRICTIONS[code].reference_reliability(rxx, u)
    return Artefacts(rxx, reference, rng.uniform(0.5, 1, 6), u)


@pytest.mark.parametrize("code", list(RESTRICTIONS))
def test_correcting_undoes_attenuating(code: str) -> None:
    kind, known = RESTRICTIONS[code], artefacts(code)
    rho = np.array([-0.7, -0.2, 0.0, 0.1, 0.45, 0.8])
    back, _ = kind.correct(kind.attenuate(rho, known), known)
    np.testing.assert_allclose(back, rho, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(
        kind.sample_reliability(known.rxx_reference, known.u), known.rxx_sample, rtol=1e-12
    )


@pytest.mark.parametrize("code", list(RESTRICTIONS))
def test_slopes_are_the_derivatives(code: str) -> None:
    kind, known, h = RESTRICTIONS[code], artefacts(code), 1e-6
    high, low = (kind.correct(R + step, known)[0] for step in (h, -h))
    np.testing.assert_allclose(kind.correct(R, known)[1], (high - low) / (2 * h), rtol=1e-8)


def test_narrow_and_widen_are_pearson_selection() -> None:
    """Selection on X leaves slope and residual variance of Y as they were."""
    rho, u = 0.5, 0.6
    var_x, explained, residual = u**2, (rho * u) ** 2, 1 - rho**2
    restricted = rho * var_x / math.sqrt(var_x * (explained + residual))
    assert narrow(np.array(rho), np.array(u)) == pytest.approx(restricted, rel=1e-14)
    assert widen(np.array(restricted), np.array(u)) == pytest.approx(rho, rel=1e-14)


def test_unreliability_divides_by_the_root_of_the_product() -> None:
    rxx, ryy = np.array([0.8, 0.7, 0.9, 0.6, 0.85, 0.75]), 0.81
    fit = mr.psychometric(r=R, n=N, rxx=rxx, ryy=ryy)
    A = np.sqrt(rxx) * 0.9
    np.testing.assert_allclose(fit.studies.A, A, rtol=1e-14)
    np.testing.assert_allclose(fit.studies.r_corrected, R / A, rtol=1e-14)
    error = (1 - fit.bare.mean**2) ** 2 / (N - 1) / A**2
    np.testing.assert_allclose(fit.studies.variance_corrected, error, rtol=1e-13)
    weights = N * A**2
    assert fit.mean == pytest.approx((weights * R / A).sum() / weights.sum(), rel=1e-14)
    assert fit.corrected.error == pytest.approx((weights * error).sum() / weights.sum(), rel=1e-14)
    precise = (1 - (R / A) ** 2) ** 2 / ((1 - R**2) ** 2 / (N - 1) / A**2) + 1
    np.testing.assert_allclose(fit.studies.n_adjusted, precise, rtol=1e-12)
    assert fit.studies.weight.sum() == pytest.approx(100)


def test_a_constant_reliability_scales_the_analysis() -> None:
    plain = mr.psychometric(r=R, n=N, error="study_n").bare
    fit = mr.psychometric(r=R, n=N, ryy=0.64, error="study_n").corrected
    assert fit is not None
    for name in ("mean", "sd", "sd_error", "sd_rho"):
        assert getattr(fit, name) == pytest.approx(getattr(plain, name) / 0.8, rel=1e-12)
    assert fit.error_share == pytest.approx(plain.error_share, rel=1e-12)


def test_the_mean_is_that_of_the_preset() -> None:
    es = mr.effect_sizes(pd.DataFrame({"r": R, "n": N}), "COR", r="r", n="n",
                         settings="hunter-schmidt")  # fmt: skip
    fit = mr.pool(es, weights="n", settings="hunter-schmidt")
    assert fit.spec.tau2 == "HS"
    assert fit.estimate == pytest.approx(mr.psychometric(r=R, n=N).mean, rel=1e-12)


def test_t_reference_and_unbiased_variance() -> None:
    plain, other = (
        mr.psychometric(r=R, n=N, reference=ref, unbiased=unbiased)
        for ref, unbiased in (("z", False), ("t", True))
    )
    assert other.bare.variance == pytest.approx(plain.bare.variance * 6 / 5, rel=1e-13)
    row = other.to_frame().iloc[0]
    assert row.ci_high - row["mean"] == pytest.approx(2.5705818356363146 * row.se, rel=1e-12)
    assert row.cr80_high - row["mean"] == pytest.approx(1.475884048824481 * row.sd_rho, rel=1e-12)


def test_intervals_of_corrected_means() -> None:
    """With one reliability Whitener's formulas scale; n − 1 for each study against N − k."""
    n = np.full(6, 80)
    fits = [mr.psychometric(r=R, n=n, rxx=0.64, interval=c) for c in MEAN_INTERVALS]
    for fit in fits:
        bare, corrected = fit.to_frame().se
        assert corrected == pytest.approx(bare / 0.8, rel=1e-10)


def test_missing_artefacts_are_refused_or_filled() -> None:
    rxx = [0.8, None, 0.9, 0.7, None, 0.8]
    with pytest.raises(mr.InputError, match=r"`rxx` is missing in rows 1, 4.*missing='mean'"):
        mr.psychometric(r=R, n=N, rxx=rxx)
    fit = mr.psychometric(r=R, n=N, rxx=rxx, missing="mean")
    np.testing.assert_allclose(fit.studies.rxx[[1, 4]], 0.8)
    assert "rxx = 0.8 in 2 studies" in str(fit)
    with pytest.raises(mr.InputError, match=r"`ryy` is missing in rows 0"):
        mr.psychometric(r=R, n=N, ryy=[None] * 6, missing="mean")


def test_rows_without_r_or_n_are_left_out() -> None:
    frame = pd.DataFrame(
        {"r": [0.1, None, 0.3, 0.2], "n": [30, 40, None, 50], "study": list("abcd")}
    )
    with pytest.warns(mr.MetarelWarning, match="2 of 4 rows left out"):
        fit = mr.psychometric(frame)
    assert fit.k == 2
    assert [(d.label, d.reason) for d in fit.dropped] == [("b", "no r"), ("c", "no n")]
    assert "Left out: 2 rows: b (no r), c (no n)." in str(fit)


ERRORS = [
    ({"u": 0.7}, r"`restriction` must be one of 'direct', 'indirect'; got None"),
    ({"u": 0.7, "restriction": "indirect"}, "`rxx` must be given: under indirect restriction"),
    ({"u": 0.7, "rxx": 0.8, "restriction": "direct"}, "`rxx_from` must say whether"),
    ({"u": 0.7, "restriction": "direct", "rxx_from": "sample"}, "`rxx` was not given"),
    ({"restriction": "direct"}, "`restriction` says how to use `u`"),
    ({"rxx": 0.8, "rxx_from": "sample"}, "`rxx_from` says how to use `u`"),
    ({"rxx": 1.2}, r"`rxx` must be a number in \(0, 1\]"),
    ({"ryy": 0}, r"`ryy` must be a number in \(0, 1\]"),
    (
        {"u": 0.4, "rxx": 0.7, "restriction": "indirect", "rxx_from": "reference"},
        "`u` and `rxx` contradict each other in rows 0",
    ),
    ({"error": "mean_n"}, r"`error` must be one of 'average_n'"),
    ({"interval": "random"}, r"`interval` must be one of 'observed'"),
    ({"reference": "F"}, r"`reference` must be one of 'z', 't'"),
    ({"missing": "drop"}, r"`missing` must be one of 'refuse', 'mean'"),
    ({"credibility": (80,)}, r"`credibility` must be a fraction.*Write 0.8"),
    ({"level": 95}, r"`level` must be a fraction"),
    ({"n": [1, 2, 3, 4, 5, 6]}, r"`n` must be a number above 1; row 0"),
    ({"r": [1.2, 0, 0, 0, 0, 0]}, r"`r` must be a number in \[-1, 1\]; row 0"),
]


@pytest.mark.parametrize(("given", "message"), ERRORS, ids=lambda v: str(v)[:40])
def test_errors(given: dict, message: str) -> None:
    with pytest.raises(mr.InputError, match=message):
        mr.psychometric(**{"r": R, "n": N, **given})


def test_one_study_shows_no_variance() -> None:
    with pytest.raises(mr.InputError, match="at least two studies"):
        mr.psychometric(r=[0.3], n=[40])


def test_text_says_the_rule_and_what_was_corrected() -> None:
    text = str(mr.psychometric(r=R, n=N, rxx=0.8, rxx_from="sample", u=0.9, restriction="indirect"))
    for words in (
        "sampling error (1 − r̄²)² / (N/k − 1)",
        "Corrected one by one for unreliability of X, indirect range restriction, Case IV",
        "by the 75% rule moderators are worth a search",
        "Credibility intervals: 80% [",
    ):
        assert words in text
    told = mr.psychometric(r=[0.95, 0.9, 0.92], n=[20, 30, 25], rxx=0.6).summary()
    assert re.search(r"3 corrected correlations beyond 1, from sampling error\.", told)


def test_everything_is_json() -> None:
    told = json.loads(json.dumps(mr.psychometric(r=R, n=N, ryy=0.8).to_dict()))
    assert [row["analysis"] for row in told["analyses"]] == ["bare-bones", "corrected"]
    assert len(told["studies"]) == 6


# Simulation: studies of selected people with unreliable measures.


def draw(rho: np.ndarray, n: int, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Draw a correlation a study, after selecting the upper half of many people."""
    out = np.empty(len(rho))
    for i, value in enumerate(rho):
        true = rng.standard_normal((3 * n, 2))
        true[:, 1] = value * true[:, 0] + math.sqrt(1 - value**2) * true[:, 1]
        seen = true * np.sqrt([0.8, 0.7]) + rng.standard_normal(true.shape) * np.sqrt([0.2, 0.3])
        by = {"direct": seen[:, 0], "indirect": true[:, 0]}[kind]
        kept = seen[by > 0][:n]
        out[i] = np.corrcoef(kept.T)[0, 1]
    return out


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["direct", "indirect"])
def test_simulation_recovers_the_true_correlations(kind: str) -> None:
    rng = np.random.default_rng(20)
    k, n, mean, sd = 3000, 150, 0.4, 0.12
    r = draw(np.clip(mean + sd * rng.standard_normal(k), -0.95, 0.95), n, kind, rng)
    share = 1 - 2 / math.pi  # variance of the upper half of a normal
    u = math.sqrt(share if kind == "direct" else 0.8 * share + 0.2)
    # Y is selected too: its reliability in the samples follows from the shrunken true variance
    through = mean**2 * (0.8 if kind == "direct" else 1.0)
    true_y = 1 - through * (1 - share)
    ryy = 0.7 * true_y / (0.7 * true_y + 0.3)
    fit = mr.psychometric(
        r=r, n=np.full(k, n), rxx=0.8, rxx_from="reference", ryy=ryy, u=u, restriction=kind
    )
    assert fit.mean == pytest.approx(mean, abs=0.012)
    assert fit.sd_rho == pytest.approx(sd, abs=0.02)
    assert fit.bare.mean < 0.25


@pytest.mark.slow
def test_simulation_of_sampling_error() -> None:
    """Under one rho all rules leave about no variance, and the homogeneous interval covers."""
    rng = np.random.default_rng(8)
    n, covered, left = rng.integers(30, 120, 20), 0, []
    for _ in range(2000):
        z = np.arctanh(0.3) + rng.standard_normal(20) / np.sqrt(n - 3)
        fit = mr.psychometric(r=np.tanh(z), n=n, interval="homogeneous")
        row = fit.to_frame().iloc[0]
        covered += row.ci_low <= 0.3 <= row.ci_high
        left.append(fit.bare.variance - fit.bare.error)
    assert np.mean(left) == pytest.approx(0, abs=0.001)
    assert 0.93 < covered / 2000 < 0.97
