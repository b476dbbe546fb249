"""Arrays of meta-analyses: the numbers of the single fit, identities, rows that fail alone."""

from __future__ import annotations

import tracemalloc
import warnings
from typing import Any

import numpy as np
import pytest

import metarel as mr
from metarel._distributions_quadratic import weighted_chi_square_cdf
from metarel.models._inference import TESTS
from metarel.models.batch_fit import batch_fit, ragged_fit
from metarel.models.batch_result import BAD, EMPTY, NO_RESIDUAL, NOTES, ONE, BatchFit
from metarel.models.batch_tau2 import BATCH_TAU2
from metarel.tau2.register import TAU2

CODES = [code for code in TAU2 if code in BATCH_TAU2]


def own(code: str | float, v: np.ndarray) -> dict[str, np.ndarray]:
    """Return own weights for estimators that cannot do without."""
    asks = isinstance(code, str) and TAU2[code].takes == "weights"
    return {"weights": v**-0.5} if asks else {}


def numbers_of_pool(y: np.ndarray, v: np.ndarray, **options: Any) -> dict[str, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mr.MetarelWarning)
        fit = mr.pool(yi=y, vi=v, **options)
    h, limits = fit.heterogeneity, fit.predict().iloc[0]
    return {
        "k": fit.k, "estimate": fit.estimate, "se": fit.se[0], "statistic": fit.statistic[0],
        "df": fit.df[0], "p_value": fit.p_value[0], "ci_low": fit.ci_low[0],
        "ci_high": fit.ci_high[0], "pi_low": limits.pi_low, "pi_high": limits.pi_high,
        "tau2": fit.tau2, "tau2_se": fit.tau2_se, "Q": h.Q, "Q_df": h.Q_df, "Q_p": h.Q_p,
        "I2": h.I2, "H2": h.H2, "I2_Q": h.I2_Q, "H2_Q": h.H2_Q,
        "typical_variance": h.typical_variance,
        "log_likelihood": fit.statistics.log_likelihood, "knapp_hartung": fit.knapp_hartung,
    }  # fmt: skip


def numbers_of_row(fit: BatchFit, row: int) -> dict[str, float]:
    (ci_low, ci_high), (pi_low, pi_high) = fit.ci, fit.pi
    limits = {"ci_low": ci_low, "ci_high": ci_high, "pi_low": pi_low, "pi_high": pi_high}
    names = (
        "k", "estimate", "se", "statistic", "df", "p_value", "tau2", "tau2_se", "Q", "Q_df", "Q_p",
        "I2", "H2", "I2_Q", "H2_Q", "typical_variance", "log_likelihood", "knapp_hartung",
    )  # fmt: skip
    return {n: float(getattr(fit, n)[row]) for n in names} | {
        n: float(values[row]) for n, values in limits.items()
    }


def assert_same(
    got: dict[str, float], want: dict[str, float], y: np.ndarray, v: np.ndarray, told: str
) -> None:
    """Compare to 1e-10, relative to the number or to the unit that it is a difference in."""
    unit = len(v) / float((1 / v).sum())  # tau2 near 0 is a difference of variances
    effect = float(np.abs(y).max()) + unit**0.5
    units = {
        "tau2": unit, "estimate": effect, "log_likelihood": 1.0, "I2": 1.0, "I2_Q": 1.0,
        "ci_low": effect, "ci_high": effect, "pi_low": effect, "pi_high": effect,
        "statistic": 1.0, "p_value": 1e-3, "Q_p": 1e-3, "tau2_se": unit, "se": 1e-6 * unit**0.5,
    }  # fmt: skip
    equal = np.ptp(y) == 0
    for name, number in want.items():
        if equal and name in ("statistic", "p_value", "Q", "H2_Q", "knapp_hartung", "se"):
            continue  # 0 up to rounding in one and exactly in the other: tested by itself
        if equal and name.startswith(("ci_", "pi_")):
            continue
        assert got[name] == pytest.approx(
            number, rel=1e-10, abs=1e-10 * units.get(name, 0.0), nan_ok=True
        ), f"{told}: {name}"


def kinds_of(code: str) -> list[str]:
    """Kenward and Roger's test is defined for REML only."""
    return [test for test in TESTS if TESTS[test].rule or code == "REML"]


SOME = [(code, kinds_of(code)[i % len(kinds_of(code))]) for i, code in enumerate(CODES)]


@pytest.mark.parametrize(("code", "test"), [*SOME, *(("REML", test) for test in TESTS)])
def test_each_row_is_the_single_fit(sets: Any, code: str, test: str) -> None:
    yi, vi, sizes = sets.long(70)
    fit = ragged_fit(yi, vi, sizes, tau2=code, test=test, level=0.9, **own(code, vi))
    for seed in range(70):
        y, v = sets.draw(seed)
        want = numbers_of_pool(y, v, tau2=code, test=test, level=0.9, **own(code, v))
        assert_same(numbers_of_row(fit, seed), want, y, v, f"{code}, {test}, seed {seed}")


@pytest.mark.slow
@pytest.mark.parametrize(("code", "test"), [(c, t) for c in CODES for t in kinds_of(c)])
def test_each_of_thousands_is_the_single_fit(sets: Any, code: str, test: str) -> None:
    yi, vi, sizes = sets.long(3000)
    fit = ragged_fit(yi, vi, sizes, tau2=code, test=test, **own(code, vi))
    for seed in range(3000):
        y, v = sets.draw(seed)
        want = numbers_of_pool(y, v, tau2=code, test=test, **own(code, v))
        assert_same(numbers_of_row(fit, seed), want, y, v, f"{code}, {test}, seed {seed}")


def arrays_of(fit: BatchFit) -> dict[str, np.ndarray]:
    return {n: np.asarray(getattr(fit, n)) for n in fit.__slots__ if np.ndim(getattr(fit, n))}


def assert_same_fit(got: BatchFit, want: BatchFit, rows: Any = slice(None)) -> None:
    for name, values in arrays_of(want).items():
        np.testing.assert_allclose(
            getattr(got, name), values[rows], rtol=1e-9, atol=1e-13, err_msg=name
        )


@pytest.fixture
def studies() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    v = rng.uniform(0.01, 0.2, (40, 12))
    return rng.normal(0.3, np.sqrt(v + 0.05)), v


@pytest.mark.parametrize("code", [*CODES, 0.07])
def test_order_of_rows_and_columns_and_padding_do_not_matter(
    studies: tuple[np.ndarray, np.ndarray], code: str | float
) -> None:
    y, v = studies

    def fit(y: np.ndarray, v: np.ndarray) -> BatchFit:
        return batch_fit(y, v, tau2=code, test="knha", **own(code, v))

    plain = fit(y, v)
    rng = np.random.default_rng(1)
    rows, columns = rng.permutation(40), rng.permutation(12)
    assert_same_fit(fit(y[rows], v[rows]), plain, rows)
    assert_same_fit(fit(y[:, columns], v[:, columns]), plain)
    gaps = np.full((40, 5), np.nan)
    assert_same_fit(fit(np.hstack([gaps, y, gaps]), np.hstack([gaps, v, gaps])), plain)
    long, sizes = v.ravel(), np.full(40, 12)
    ragged = ragged_fit(y.ravel(), long, sizes, tau2=code, test="knha", **own(code, long))
    assert_same_fit(ragged, plain)


@pytest.mark.parametrize("code", [*CODES, 0.07])
def test_a_mask_leaves_out_and_a_count_repeats(
    studies: tuple[np.ndarray, np.ndarray], code: str | float
) -> None:
    y, v = studies[0][:1], studies[1][:1]

    def fit(y: np.ndarray, v: np.ndarray, times: np.ndarray | None = None) -> BatchFit:
        return batch_fit(y, v, tau2=code, test="adhoc", times=times, **own(code, v))

    without = fit(y, v, ~np.eye(12, dtype=bool))
    for j in range(12):
        assert_same_fit(fit(np.delete(y, j, 1), np.delete(v, j, 1)), without, [j])
    drawn = np.random.default_rng(2).integers(0, 12, (50, 12))
    counts = np.array([np.bincount(row, minlength=12) for row in drawn])
    assert_same_fit(fit(y[0][drawn], v[0][drawn]), fit(y, v, counts))


def test_shared_rows_stand_for_all(studies: tuple[np.ndarray, np.ndarray]) -> None:
    y, v = studies
    full = batch_fit(y, np.repeat(v[:1], 40, axis=0))
    assert_same_fit(batch_fit(y, v[:1]), full)
    weights = np.linspace(1, 2, 12)[None]
    own = batch_fit(y, v[:1], weights=weights)
    assert_same_fit(own, batch_fit(y, v[:1], weights=np.repeat(weights, 40, axis=0)))
    assert not np.allclose(own.estimate, full.estimate)


def test_own_weights_are_those_of_the_single_fit(studies: tuple[np.ndarray, np.ndarray]) -> None:
    y, v = studies
    weights = np.random.default_rng(3).uniform(1, 5, (40, 12))
    for test in kinds_of("DL"):
        fit = batch_fit(y, v, weights=weights, test=test)
        for row in range(40):
            want = numbers_of_pool(y[row], v[row], weights=weights[row], test=test)
            assert_same(numbers_of_row(fit, row), want, y[row], v[row], f"row {row}")
    twice = np.random.default_rng(4).integers(0, 3, (40, 12))
    counted = batch_fit(y, v, weights=weights, times=twice)
    repeated = ragged_fit(
        *(np.repeat(a.ravel(), twice.ravel()) for a in (y, v)),
        twice.sum(axis=1),
        weights=np.repeat(weights.ravel(), twice.ravel()),
    )
    assert_same_fit(counted, repeated)


@pytest.mark.parametrize(("code", "weight"), [("DL", lambda v: 1 / v), ("HE", np.ones_like)])
def test_special_weights_give_special_estimators(sets: Any, code: str, weight: Any) -> None:
    """Under weights 1/v, six orders of magnitude apart too, the general form is DL; else HE."""
    y, v, sizes = sets.long(200)
    general = ragged_fit(y, v, sizes, tau2="GENQ", weights=3e4 * weight(v))
    special = ragged_fit(y, v, sizes, tau2=code)
    unit = sizes / np.add.reduceat(1 / v, np.cumsum(sizes) - sizes)
    assert np.abs((general.tau2 - special.tau2) / (special.tau2 + unit)).max() < 1e-11
    np.testing.assert_allclose(general.tau2_se, special.tau2_se, rtol=1e-11)


def test_at_the_median_unbiased_estimate_each_form_is_at_its_median(
    studies: tuple[np.ndarray, np.ndarray],
) -> None:
    """The form is a sum of chi-squares weighted by eigenvalues, here of repeated studies too."""
    y, v = studies
    times = np.random.default_rng(6).integers(0, 3, (40, 12))
    weights = np.random.default_rng(7).uniform(1, 9, (40, 12))
    fit = batch_fit(y, v, tau2="GENQM", weights=weights, times=times)
    for row in np.flatnonzero(fit.tau2 > 0)[:8]:
        effects, a, d = (
            np.repeat(x[row], times[row]) for x in (y, weights, v + fit.tau2[row, None])
        )
        P = np.diag(a) - np.outer(a, a) / a.sum()
        eigenvalues = np.linalg.eigvalsh(np.sqrt(np.outer(d, d)) * P)[1:]
        assert weighted_chi_square_cdf(effects @ P @ effects, eigenvalues) == pytest.approx(
            0.5, rel=1e-11
        )


def test_weights_a_row_each_serve_both_mean_and_tau2(
    studies: tuple[np.ndarray, np.ndarray],
) -> None:
    y, v = studies
    weights = np.random.default_rng(9).uniform(1, 50, (40, 12))
    fit = batch_fit(y, v, tau2="GENQ", weights=weights)
    for row in range(40):
        want = numbers_of_pool(y[row], v[row], tau2="GENQ", weights=weights[row])
        assert_same(numbers_of_row(fit, row), want, y[row], v[row], f"row {row}")
    shared = batch_fit(y, v, tau2="GENQ", weights=weights[:1])
    np.testing.assert_allclose(shared.tau2[0], fit.tau2[0], rtol=1e-13)
    assert not np.allclose(shared.tau2[1:], fit.tau2[1:])


@pytest.mark.parametrize("test", list(TESTS))
def test_one_study_and_none_and_bad_numbers(test: str) -> None:
    nan = np.nan
    y = np.array([[0.3, nan, nan], [nan] * 3, [0.1, 0.2, 0.3], [0.1, np.inf, 0.2], [0.1, 0.2, nan]])
    v = np.array([[0.04, 0.1, 0.1], [0.1] * 3, [0.1, 0.0, 0.1], [0.1] * 3, [0.1, 0.2, -1.0]])
    fit = batch_fit(y, v, test=test)
    assert fit.note.tolist() == [ONE, EMPTY, BAD, BAD, 0]
    assert fit.ok.tolist() == [True, False, False, False, True]
    assert fit.k.tolist() == [1, 0, 3, 3, 2]
    want = numbers_of_pool(y[0, :1], v[0, :1], test=test)
    assert numbers_of_row(fit, 0) == pytest.approx(want, rel=1e-14, nan_ok=True)
    for name in ("estimate", "se", "statistic", "p_value", "tau2", "Q", "Q_p", "I2", "H2", "H2_Q"):
        assert np.isnan(getattr(fit, name)[1:4]).all(), name
    assert np.isnan(fit.ci).any(axis=0).tolist() == [False, True, True, True, False]
    assert all(note for note in NOTES[1:])


@pytest.mark.parametrize("tau2", ["EE", "ML", 0.1])
def test_one_study_under_other_choices(tau2: str | float) -> None:
    want = numbers_of_pool(np.array([0.3]), np.array([0.04]), tau2=tau2)
    got = numbers_of_row(batch_fit(np.array([[0.3]]), np.array([[0.04]]), tau2=tau2), 0)
    assert got == pytest.approx(want, rel=1e-14, nan_ok=True)


def test_equal_effects() -> None:
    """No residual is exactly none, whatever the weights, and the interval without width is told."""
    y, v = np.full((3, 4), 0.25), np.array([[0.1, 0.2, 0.05, 0.3], [1e-9, 1, 2, 3], [1e9, 1, 2, 3]])
    for code in CODES:
        fit = batch_fit(y, v, tau2=code, test="knha", **own(code, v))
        assert (fit.tau2 == 0).all()
        assert (fit.Q == 0).all()
        assert (fit.se == 0).all()
        assert np.isnan(fit.p_value).all()
        assert (fit.note == NO_RESIDUAL).all()
        assert (batch_fit(y, v, tau2=code, test="adhoc", **own(code, v)).note == 0).all()


@pytest.mark.parametrize(
    ("y", "v"),
    [([1e200, -1e200, 1.0], 1e-3), ([1e100, 0.2, 0.3], 1.0), ([0.1, 0.2, 0.3], 1e-140)],
)
def test_a_number_too_large_or_small_is_told_and_not_returned(y: list[float], v: float) -> None:
    fit = batch_fit(np.array([y, [1.0, 2.0, 3.0]]), np.array([[v] * 3, [1e-3] * 3]))
    assert fit.note[0] == BAD
    assert np.isnan(fit.estimate[0])
    assert fit.ok[1]


def test_one_long_row_among_many_short_ones_costs_no_memory() -> None:
    rng = np.random.default_rng(8)
    sizes = np.append(np.full(3000, 5), 100_000)
    v = rng.uniform(0.01, 0.2, sizes.sum())
    y = rng.normal(0.3, np.sqrt(v + 0.05))
    tracemalloc.start()
    fit = ragged_fit(y, v, sizes)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6  # 3001 rows of 100 000 would take 2.4 GB an array
    assert fit.ok.all()
    assert fit.tau2[-1] == pytest.approx(0.05, rel=0.05)
    assert fit.estimate[0] == pytest.approx(mr.pool(yi=y[:5], vi=v[:5]).estimate, rel=1e-10)


def test_no_rows_at_all() -> None:
    assert len(ragged_fit(np.empty(0), np.empty(0), np.empty(0, dtype=int))) == 0
    assert len(batch_fit(np.empty((0, 3)), np.empty((0, 3)))) == 0


@pytest.mark.parametrize("code", list(TAU2))
def test_every_estimator_is_batched_or_says_so(code: str) -> None:
    y, v = np.array([[0.1, 0.2, 0.5]]), np.array([[0.1, 0.1, 0.2]])
    if code in BATCH_TAU2:
        assert batch_fit(y, v, tau2=code, **own(code, v)).ok.all()
    else:
        with pytest.raises(mr.InputError, match=r"For '\w+' use pool\(\)"):
            batch_fit(y, v, tau2=code)


@pytest.mark.parametrize("fit", [batch_fit, ragged_fit])
def test_weights_that_are_missing_are_told(fit: Any) -> None:
    shape = (1, 3) if fit is batch_fit else (3,)
    more = () if fit is batch_fit else (np.array([3]),)
    with pytest.raises(mr.InputError, match=r'`weights` must be given with tau2="GENQ"'):
        fit(np.ones(shape), np.ones(shape), *more, tau2="GENQ")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"tau2": "REMM"}, r"`tau2` must be one of 'REML'.*Did you mean 'REML'"),
        ({"tau2": -0.1}, r"Or a number of at least 0"),
        ({"tau2": True}, r"`tau2` must be one of"),
        ({"test": "hartung"}, r"`test` must be one of"),
        ({"level": 95}, r"`level` must be a fraction"),
    ],
)
def test_unknown_words(options: dict[str, Any], says: str) -> None:
    with pytest.raises(mr.InputError, match=says):
        batch_fit(np.ones((1, 3)), np.ones((1, 3)), **options)
