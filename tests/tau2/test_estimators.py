"""Every estimator of tau2: golden numbers, a second program, identities, limits, hard data."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from metarel.tau2._base import Tau2Estimate, moments
from metarel.tau2.iterated import generalised_q
from metarel.tau2.likelihood import log_likelihood
from metarel.tau2.moment import sidik_jonkman
from metarel.tau2.register import TAU2

GOLDEN = Path(__file__).parents[1] / "golden" / "rma_uni.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))


def arrays_of(case: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y = np.array(case["data"]["yi"], dtype=float)
    v = np.array(case["data"]["vi"], dtype=float)
    known = ~np.isnan(y + v)
    X = (
        np.array(case["design"]["X"], dtype=float)
        if "design" in case
        else np.ones((known.sum(), 1))
    )
    return y[known], v[known], X


def usable(case: dict) -> bool:
    call = case["call"]
    y, v, X = arrays_of(case)
    return (
        call["method"] in TAU2
        and not {"tau2", "control"} & set(call)
        and len(y) == len(X) > X.shape[1]
        and (v > 0).all()
    )


def estimate_by(code: str, y: np.ndarray, v: np.ndarray, X: np.ndarray) -> Tau2Estimate:
    """Any estimator; what takes weights or a centre gets some that move with the data."""
    more = {
        "weights": {"weights": 1 / np.sqrt(v)},
        "centre": {"centre": float(np.median(y))},
        "": {},
    }
    return TAU2[code].estimate(y, v, X, **more[TAU2[code].takes])


@pytest.mark.parametrize("case", [c for c in CASES if usable(c)], ids=lambda c: c["id"])
def test_agrees_with_metafor(case: dict) -> None:
    estimator, own = TAU2[case["call"]["method"]], case["call"].get("weights")
    more = {"weights": np.array(case["data"][own], dtype=float)} if estimator.takes else {}
    estimate = estimator.estimate(*arrays_of(case), **more)
    assert estimate.value == pytest.approx(case["expect"]["tau2"], rel=1e-8, abs=1e-14)
    if case["expect"].get("se_tau2") is not None:
        assert estimate.se == pytest.approx(case["expect"]["se_tau2"], rel=1e-8)
    assert estimate.trace.converged


def test_sidik_jonkman_from_a_chosen_start() -> None:
    case = next(c for c in CASES if c["id"] == "uni-clasp-sj-init")
    estimate = sidik_jonkman(*arrays_of(case), start=case["call"]["control"]["tau2.init"])
    assert estimate.value == pytest.approx(case["expect"]["tau2"], rel=1e-10)


def draw(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random data over many sizes and scales, some with equal effects or an extreme variance."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 61))
    p = int(rng.integers(1, min(k, 3)))
    scale = 10.0 ** rng.uniform(-6, 6)
    v = rng.gamma(1.5, 0.1, k) + 1e-3
    if seed % 5 == 0:
        v[0] *= 10.0 ** rng.choice([-6, 6])
    y = rng.normal(0, np.sqrt(v + rng.choice([0, 0.05, 1.0])))
    if seed % 7 == 0:
        y[:] = 0.25
    X = np.column_stack([np.ones(k), rng.normal(size=k)])[:, :p]
    return y * scale, v * scale**2, X


@pytest.mark.parametrize("code", list(TAU2))
def test_moves_with_the_scale_and_forgets_origin_and_order(code: str) -> None:
    """Hard data of many sizes and scales: no failure, no warning, the same answer in any unit."""
    for seed in range(40 if code == "GENQM" else 250):
        y, v, X = draw(seed)
        if code == "DLMH":
            X = X[:, :1]
        estimate = estimate_by(code, y, v, X)
        assert estimate.value >= 0
        assert math.isfinite(estimate.value)
        assert math.isfinite(estimate.se) != (code == "EE")  # what is assumed has none
        assert estimate.trace.converged
        scaled = estimate_by(code, y * 1e-6, v * 1e-12, X)
        turned = estimate_by(code, y[::-1], v[::-1], X[::-1])
        moved = estimate_by(code, y + 3 * np.sqrt(np.median(v)), v, X)
        floor = 1e-9 * float(np.median(v))
        assert scaled.value == pytest.approx(estimate.value * 1e-12, rel=1e-9, abs=floor * 1e-12)
        assert turned.value == pytest.approx(estimate.value, rel=1e-9, abs=floor)
        assert moved.value == pytest.approx(estimate.value, rel=1e-9, abs=floor)


@pytest.mark.slow
@pytest.mark.parametrize("code", list(TAU2))
def test_two_thousand_sets_without_failure(code: str) -> None:
    for seed in range(2000):
        y, v, X = draw(seed)
        estimate = estimate_by(code, y, v, X[:, :1] if code == "DLMH" else X)
        assert 0 <= estimate.value < math.inf
        assert 0 <= estimate.se < math.inf or code == "EE"  # what is assumed has none
        assert estimate.trace.converged


@pytest.mark.parametrize("code", list(TAU2))
def test_equal_effects_have_no_heterogeneity(code: str) -> None:
    v = np.array([0.1, 0.2, 0.05, 0.3])
    assert estimate_by(code, np.full(4, 0.25), v, np.ones((4, 1))).value == 0


@pytest.mark.parametrize(
    "code", ["DL", "DL2", "DLIT", "HE", "HE2", "HSk", "PM", "EB", "REML", "SJIT", "GENQ"]
)
def test_two_studies_by_hand(code: str) -> None:
    """With k = 2 and one variance, tau2 is half the squared difference less that variance."""
    y, v = np.array([0.2, 1.4]), np.array([0.1, 0.1])
    expected = (y[1] - y[0]) ** 2 / 2 - 0.1
    assert estimate_by(code, y, v, np.ones((2, 1))).value == pytest.approx(expected, rel=1e-10)


def test_hartung_makambi_by_hand() -> None:
    """Two studies of one variance: Q is 7.2 at df 1 and tr(P) 10."""
    y, v, one = np.array([0.2, 1.4]), np.array([0.1, 0.1]), np.ones((2, 1))
    estimate = TAU2["HM"].estimate(y, v, one)
    assert estimate.value == pytest.approx(7.2**2 / ((2 + 7.2) * 10), rel=1e-12)
    slope = 7.2 * (7.2 + 4) / (9.2**2 * 10)
    # with df 1, tr(PP) = tr(P)^2: the variance of Q is 2 (1 + tau2 tr(P))^2
    spread = math.sqrt(2) * (1 + estimate.value * 10)
    assert estimate.se == pytest.approx(slope * spread, rel=1e-12)


@pytest.mark.parametrize(
    ("mods", "value", "se"),
    [(0, 0.317955566121323, 0.174473397125422), (1, 0.1179880280605762, 0.0842240631905368)],
)
def test_two_steps_as_metafor_with_given_weights(mods: int, value: float, se: float) -> None:
    """Numbers of rma(method="GENQ", weights=1/(vi + DL)) of metafor 3.8-1, BCG data, ~ ablat."""
    y, v, X = arrays_of(next(c for c in CASES if c["id"] == "uni-bcg-mods-dlit"))
    estimate = TAU2["DL2"].estimate(y, v, X[:, : 1 + mods])
    assert estimate.value == pytest.approx(value, rel=1e-12)
    assert estimate.se == pytest.approx(se, rel=1e-12)


def test_iterated_forms_stay_where_they_are() -> None:
    """A step of either one-step form from the fixed point leads back to it."""
    for seed in range(40):
        y, v, X = draw(seed)
        tau2, df = TAU2["DLIT"].estimate(y, v, X).value, len(y) - X.shape[1]
        if tau2 > 0:
            sums = moments(y, v, X, tau2)
            assert tau2 + (sums.rss - df) / sums.trace == pytest.approx(tau2, rel=1e-8)
            assert sidik_jonkman(y, v, X, start=tau2).value == pytest.approx(tau2, rel=1e-8)


def test_maximum_likelihood_by_hand() -> None:
    """With equal variances ML is the variance with divisor k less v, and SJ its k - 1 form."""
    y, v, one = np.array([0.1, 0.5, 0.4, 0.9, 0.3]), np.full(5, 0.02), np.ones((5, 1))
    assert TAU2["ML"].estimate(y, v, one).value == pytest.approx(y.var() - 0.02, rel=1e-10)
    crude = y.var()
    expected = crude * (y.var(ddof=1) / (0.02 + crude))
    assert TAU2["SJ"].estimate(y, v, one).value == pytest.approx(expected, rel=1e-12)


def test_a_second_program_agrees() -> None:
    for seed in (1, 2, 3, 4, 6):
        y, v, _ = draw(seed)
        one = np.ones((len(y), 1))
        other = combine_effects(y, v, method_re="chi2")
        ours = TAU2["DL"].estimate(y, v, one).value
        assert ours == pytest.approx(max(other.tau2, 0), rel=1e-9, abs=1e-9 * np.median(v))


def test_paule_mandel_solves_its_equation() -> None:
    solved = 0
    for seed in range(60):
        y, v, X = draw(seed)
        tau2 = TAU2["PM"].estimate(y, v, X).value
        df = len(y) - X.shape[1]
        if tau2 > 0:
            solved += 1
            assert generalised_q(y, v, X, tau2) == pytest.approx(df, rel=1e-9)
        else:
            assert generalised_q(y, v, X, 0.0) <= df * (1 + 1e-12)
    assert solved > 20


@pytest.mark.parametrize("restricted", [False, True])
def test_the_likelihood_is_highest_at_its_estimate(restricted: bool) -> None:
    code = "REML" if restricted else "ML"
    for seed in range(60):
        y, v, X = draw(seed)
        tau2 = TAU2[code].estimate(y, v, X).value
        here = log_likelihood(y, v, X, tau2, restricted=restricted)
        top = max(float(np.var(y)), float(v.max()), 10 * tau2)
        grid = np.concatenate([[0.0], np.geomspace(1e-6 * float(v.min()), 10 * top, 400)])
        best = max(log_likelihood(y, v, X, float(t), restricted=restricted) for t in grid)
        assert here >= best - 1e-8 * max(1.0, abs(best)), seed
        if tau2 > 0 and restricted:
            sums = moments(y, v, X, tau2)
            assert sums.quad2 == pytest.approx(sums.trace, rel=1e-7)


@pytest.mark.parametrize("code", [c for c in TAU2 if c not in ("GENQM", "DLMH")])
def test_many_studies_cost_little(code: str) -> None:
    """A k × k matrix of this size would not fit into memory."""
    rng = np.random.default_rng(8)
    k = 100_000
    v = rng.uniform(0.01, 0.2, k)
    X = np.column_stack([np.ones(k), rng.normal(size=k)])
    y = X @ [0.3, 0.1] + rng.normal(0, np.sqrt(v + 0.05))
    value = estimate_by(code, y, v, X).value
    if code == "HM":  # by design (1 + a)^2 / (3 + a) against a, with a = Q/(k - p) - 1
        a = TAU2["DL"].estimate(y, v, X).value * moments(y, v, X, 0.0).trace / (k - 2)
        assert value * moments(y, v, X, 0.0).trace / (k - 2) == pytest.approx(
            (1 + a) ** 2 / (3 + a)
        )
    elif code == "SJ":  # one step from a start that contains the sampling variance: too high
        assert 0.05 < value < float(y.var())
    elif code != "EE":
        assert value == pytest.approx(0.05, rel=0.03)


def test_no_intercept_is_not_an_intercept() -> None:
    """Without an intercept the effects' level is not projected out."""
    rng = np.random.default_rng(3)
    y, v, x = rng.normal(5, 1, 12), np.full(12, 0.1), rng.normal(size=(12, 1))
    shifted = TAU2["REML"].estimate(y + 10, v, x).value
    assert shifted > 2 * TAU2["REML"].estimate(y, v, x).value


@pytest.mark.parametrize("seed", range(40))
def test_equal_variances_have_a_closed_form(seed: int) -> None:
    """REML is then the variance of the effects minus v, and ML that with k for k - 1."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(5, 40))
    y, v, ones = rng.standard_normal(k), np.full(k, 0.02), np.ones((k, 1))
    for code, ddof in (("REML", 1), ("ML", 0)):
        found = TAU2[code].estimate(y, v, ones).value
        assert found == pytest.approx(float(y.var(ddof=ddof)) - 0.02, rel=1e-12)
