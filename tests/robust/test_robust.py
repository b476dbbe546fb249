"""What must hold for cluster-robust tests whatever the data, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.robust._reference import Satterthwaite
from metarel.robust._result import RobustFit
from metarel.robust._sandwich import ROBUST_KINDS


def table(seed: int, k: int = 40, m: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    cluster = rng.permutation(np.r_[np.arange(m), np.arange(m), rng.integers(0, m, k - 2 * m)])
    vi = rng.gamma(2, 0.05, k) + 0.01
    yi = 0.3 + rng.normal(0, 0.3, m)[cluster] + rng.normal(0, np.sqrt(vi))
    return pd.DataFrame(
        {
            "yi": yi,
            "vi": vi,
            "x": rng.normal(1990, 8, k),
            "group": rng.choice(["a", "b", "c"], k),
            "own": rng.uniform(1, 3, k),
            "paper": [f"paper {c}" for c in cluster],
        }
    )


def fits(frame: pd.DataFrame) -> list[mr.MetaFit]:
    return [
        mr.pool(frame),
        mr.pool(frame, weights="own"),
        mr.meta_regression(frame, "x + group"),
        mr.meta_regression(frame, "0 + group", tau2="EE", weights="own"),
    ]


def dense(fit: mr.MetaFit, paper: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return CR2, Satterthwaite's df, and every P_ij, by k × k matrices as papers write them."""
    X, phi = fit.study.X, np.diag(fit.study.vi + fit.tau2)
    W = np.linalg.inv(phi) if fit.study.weights is None else np.diag(fit.study.weights)
    bread = np.linalg.inv(X.T @ W @ X)
    rest = np.eye(fit.k) - X @ bread @ X.T @ W
    e, meat, pulls = rest @ fit.study.yi, 0.0, []
    for name in paper.unique():
        pick = np.eye(fit.k)[(paper == name).to_numpy()]
        root = np.sqrt(pick @ phi @ pick.T)
        values, vectors = np.linalg.eigh(root @ pick @ rest @ phi @ rest.T @ pick.T @ root)
        adjust = root @ vectors @ np.diag(values**-0.5) @ vectors.T @ root
        score = X.T @ W @ pick.T @ adjust @ pick
        meat = meat + np.outer(score @ e, score @ e)
        pulls.append(bread @ score @ rest)
    P = np.einsum("iak,kl,jbl->ijab", pulls, phi, pulls)
    own = np.einsum("iiaa->a", P)
    return bread @ meat @ bread, own**2 / np.einsum("ijaa,ijaa->a", P, P), P


@pytest.mark.parametrize("seed", range(4))
def test_blocks_give_what_whole_matrices_give(seed: int) -> None:
    frame = table(seed)
    for fit in fits(frame):
        found = mr.robust(fit, frame["paper"], kind="CR2")
        vcov, df, P = dense(fit, frame["paper"])
        scale = np.sqrt(np.outer(np.diag(vcov), np.diag(vcov)))
        np.testing.assert_allclose(found.vcov / scale, vcov / scale, atol=1e-7)
        np.testing.assert_allclose(found.df, df, rtol=1e-6)
        # Under the model the expected covariance is that of the coefficients: no bias.
        X, phi = fit.study.X, fit.study.vi + fit.tau2
        w = 1 / phi if fit.study.weights is None else fit.study.weights
        bread = np.linalg.inv(X.T @ (X * w[:, None]))
        truth = bread @ (X.T @ (X * (w**2 * phi)[:, None])) @ bread
        expected = np.einsum("iiab->ab", P)
        assert isinstance(found.reference, Satterthwaite)
        np.testing.assert_allclose(expected / scale, truth / scale, atol=1e-7)


def test_variances_of_very_different_size_within_a_cluster_leave_no_bias() -> None:
    frame = table(15).assign(vi=10.0 ** np.linspace(-8, 0, 40))
    for tau2 in ("EE", "REML"):
        fit = mr.meta_regression(frame, "x", tau2=tau2, weights="own")
        found = mr.robust(fit, frame["paper"], kind="CR2").reference
        shared = np.swapaxes(found.cross, 1, 2) @ found.kernel @ found.cross
        expected = (found.own + shared).sum(axis=0)
        np.testing.assert_allclose(expected, found.omega, rtol=1e-9, atol=1e-9 * found.omega.max())


def test_alone_and_with_equal_weights_effects_give_the_formulas_for_unequal_variances() -> None:
    rng = np.random.default_rng(5)
    X = np.c_[np.ones(15), rng.normal(size=15)]
    frame = pd.DataFrame({"yi": rng.normal(size=15), "vi": 0.2, "x": X[:, 1]})
    fit = mr.meta_regression(frame, "x")
    bread = np.linalg.inv(X.T @ X)
    e = frame["yi"].to_numpy() - X @ bread @ X.T @ frame["yi"].to_numpy()
    rest = 1 - np.einsum("ia,ab,ib->i", X, bread, X)
    by_hand = {"CR0": e**2, "CR1": e**2 * 15 / 13, "CR2": e**2 / rest}  # HC0, HC1, HC2
    for kind, squares in by_hand.items():
        found = mr.robust(fit, np.arange(15), kind=kind)
        meat = X.T @ (X * squares[:, None])
        np.testing.assert_allclose(found.vcov, bread @ meat @ bread, rtol=1e-10)


def test_the_mean_of_equal_alone_effects_has_the_classical_t_test() -> None:
    yi = np.array([0.1, 0.5, 0.3, 0.9, 0.2, 0.6])
    fit = mr.pool(yi=yi, vi=np.full(6, 0.1))
    for kind in ("CR1", "CR2"):
        found = mr.robust(fit, range(6), kind=kind)
        assert found.vcov[0, 0] == pytest.approx(yi.var(ddof=1) / 6, rel=1e-12)
        assert found.df[0] == pytest.approx(5, rel=1e-12)


@pytest.mark.parametrize("kind", ROBUST_KINDS)
def test_the_order_of_rows_and_the_names_of_clusters_do_not_matter(kind: str) -> None:
    frame = table(1)
    other = frame.sample(frac=1, random_state=1).assign(paper=lambda f: f["paper"].str.upper())
    for one, two in zip(fits(frame), fits(other), strict=True):
        a = mr.robust(one, "paper", kind=kind, data=frame)
        b = mr.robust(two, "paper", kind=kind, data=other)
        np.testing.assert_allclose(a.se, b.se, rtol=1e-7)
        np.testing.assert_allclose(a.df, b.df, rtol=1e-7)
        if a.omnibus is not None:
            assert a.omnibus.statistic == pytest.approx(b.omnibus.statistic, rel=1e-7)
            assert a.omnibus.df2 == pytest.approx(b.omnibus.df2, rel=1e-7)


@pytest.mark.parametrize("kind", ROBUST_KINDS)
@pytest.mark.parametrize("c", [1e-5, 1e5])
def test_another_unit_of_effects_moves_nothing_but_the_unit(kind: str, c: float) -> None:
    frame = table(2)
    scaled = frame.assign(yi=c * frame["yi"], vi=c**2 * frame["vi"])
    for one, two in zip(fits(frame), fits(scaled), strict=True):
        a = mr.robust(one, frame["paper"], kind=kind)
        b = mr.robust(two, frame["paper"], kind=kind)
        np.testing.assert_allclose(c * a.se, b.se, rtol=1e-7)
        np.testing.assert_allclose(a.df, b.df, rtol=1e-7)


@pytest.mark.parametrize("kind", ROBUST_KINDS)
def test_another_unit_of_a_moderator_moves_nothing_but_the_unit(kind: str) -> None:
    frame = table(3)
    a, b = (
        mr.robust(mr.meta_regression(f, "x + group"), frame["paper"], kind=kind)
        for f in (frame, frame.assign(x=1000 * (frame["x"] - 1990)))
    )
    np.testing.assert_allclose(a.statistic[1:], b.statistic[1:], rtol=1e-6)
    np.testing.assert_allclose(a.df[1:], b.df[1:], rtol=1e-6)
    assert a.omnibus.p_value == pytest.approx(b.omnibus.p_value, rel=1e-6)


@pytest.mark.parametrize("kind", ROBUST_KINDS)
def test_a_joint_test_of_one_coefficient_is_its_t_test(kind: str) -> None:
    frame = table(4)
    found = mr.robust(mr.meta_regression(frame, "x"), frame["paper"], kind=kind)
    assert found.omnibus.statistic == pytest.approx(found.statistic[1] ** 2, rel=1e-9)
    assert found.omnibus.df2 == pytest.approx(found.df[1], rel=1e-9)
    assert found.omnibus.p_value == pytest.approx(found.p_value[1], rel=1e-9)


@pytest.mark.parametrize("kind", ROBUST_KINDS)
def test_contrasts_and_predictions_do_not_depend_on_the_coding(kind: str) -> None:
    frame = table(6)
    cells, treatment = (
        mr.robust(mr.meta_regression(frame, formula), frame["paper"], kind=kind)
        for formula in ("0 + group", "group")
    )
    means = treatment.predict(pd.DataFrame({"group": ["a", "b", "c"]}))
    np.testing.assert_allclose(means["ci_low"], cells.ci_low, rtol=1e-8)
    differences = mr.contrast(cells, [[-1, 1, 0], [-1, 0, 1]])
    np.testing.assert_allclose(differences.table["df"], treatment.df[1:], rtol=1e-8)
    assert differences.joint.statistic == pytest.approx(treatment.omnibus.statistic, rel=1e-8)
    assert differences.joint.df2 == pytest.approx(treatment.omnibus.df2, rel=1e-8)


def test_pairs_with_a_df_each_have_no_tukey_correction() -> None:
    frame = table(6)
    found = mr.robust(mr.meta_regression(frame, "group"), frame["paper"], kind="CR2")
    assert mr.contrast(found, pairwise="group", adjust="holm").table["p_adjusted"].notna().all()
    with pytest.raises(mr.InputError, match="needs one df for all pairs"):
        mr.contrast(found, pairwise="group", adjust="tukey")


def test_the_model_stays_and_its_test_does_not_matter() -> None:
    frame = table(7)
    fit = mr.meta_regression(frame, "x", test="knha")
    found = mr.robust(fit, frame["paper"], kind="CR2")
    plain = mr.robust(mr.meta_regression(frame, "x"), frame["paper"], kind="CR2")
    assert isinstance(found, RobustFit)
    assert found.model is fit
    assert found.tau2 == fit.tau2
    np.testing.assert_array_equal(found.beta, fit.beta)
    np.testing.assert_array_equal(found.vcov, plain.vcov)
    assert found.weights().equals(fit.weights())


def test_the_text_names_kind_clusters_and_doubts() -> None:
    frame = table(8)
    fit = mr.meta_regression(frame, "x + group")
    text = str(mr.robust(fit, frame["paper"], kind="CR2"))
    assert "Test: cluster-robust CR2, t with Satterthwaite df; 12 clusters of" in text
    assert "only" not in text
    few = np.arange(40) % 6
    assert "only 6 clusters, too few for this kind: take kind='CR2'" in str(mr.robust(fit, few))
    doubtful = mr.robust(fit, few, kind="CR2")
    assert "fewer than 4 df (" in str(doubtful)
    assert "fewer than 4 df (" in doubtful._repr_html_()


@pytest.mark.parametrize("kind", ROBUST_KINDS)
def test_effects_without_residual_have_no_test(kind: str) -> None:
    x = np.linspace(0, 1, 15)
    frame = pd.DataFrame({"yi": 0.1 + 0.3 * x, "vi": 0.05 + x, "x": x})
    found = mr.robust(mr.meta_regression(frame, "x", test="knha"), np.arange(15) % 5, kind=kind)
    assert not found.vcov.any()
    assert np.isnan([*found.p_value, found.omnibus.p_value]).all()
    assert "fit without residual, so there is nothing to test with" in " ".join(str(found).split())
    assert "Knapp" not in " ".join(str(found).split())


def test_a_joint_test_without_df_has_no_value() -> None:
    frame, few = table(16), np.arange(40) % 6
    values = np.random.default_rng(16).exponential(size=(6, 4)) ** 2
    frame[["a", "b", "c", "d"]] = values[few] + np.random.default_rng(17).normal(0, 0.01, (40, 4))
    found = mr.robust(mr.meta_regression(frame, "a + b + c + d"), few, kind="CR2")
    assert found.reference.joint(np.eye(5)[1:])[0] <= 0
    assert np.isnan([found.omnibus.statistic, found.omnibus.df2, found.omnibus.p_value]).all()
    assert "too few clusters for a joint test" in " ".join(str(found).split())


def test_the_record_goes_through_json() -> None:
    frame = table(9)
    found = mr.robust(mr.pool(frame), frame["paper"], kind="CR2").to_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert (found["test"], found["clusters"]) == ("CR2", 12)


def test_rows_left_out_of_the_fit_may_have_clusters() -> None:
    frame = table(10)
    frame.loc[3, "yi"] = np.nan
    with pytest.warns(mr.MetarelWarning, match="left out"):
        fit = mr.pool(frame)
    a = mr.robust(fit, "paper", data=frame)
    b = mr.robust(fit, frame["paper"].drop(3))
    assert a.se == pytest.approx(b.se, rel=1e-12)


def test_what_gives_no_robust_test_is_refused() -> None:
    frame = table(11)
    fit = mr.meta_regression(frame, "x + group")
    paper = frame["paper"]
    for bad, message in {
        "nothing": (None, "`cluster` must say which studies belong together"),
        "a name": ("paper", "pass the frame the fit was made from"),
        "short": (paper[:5], "one value a study, 40; got 5"),
        "missing": (paper.where(paper != "paper 3"), "must be given for every study"),
        "one": (np.ones(40), "at least two values; all are 1.0"),
        "few": (np.arange(40) % 4, "more values than the fit has coefficients, 4; got 4"),
    }.values():
        with pytest.raises(mr.InputError, match=message):
            mr.robust(fit, bad)
    with pytest.raises(mr.InputError, match=r"does not have; it has .*Did you mean 'paper'"):
        mr.robust(fit, "papr", data=frame)
    with pytest.raises(mr.InputError, match="`kind` must be one of 'CR0', 'CR1', 'CR2'"):
        mr.robust(fit, paper, kind="HC3")
    with pytest.raises(mr.InputError, match="must be what pool"):
        mr.robust(frame, paper)
    with pytest.raises(mr.InputError, match="cluster-robust already"):
        mr.robust(mr.robust(fit, paper), paper)


def test_a_coefficient_that_one_cluster_determines_is_refused() -> None:
    frame = table(12).assign(group=lambda f: np.where(f["paper"] == "paper 2", "new", "old"))
    fit = mr.meta_regression(frame, "group")
    with pytest.raises(mr.InputError, match=r"without 'paper 2' there is no value of .*Merge"):
        mr.robust(fit, frame["paper"])


def test_what_fits_the_model_again_refuses_robust_fits() -> None:
    frame = table(13)
    found = mr.robust(mr.pool(frame), frame["paper"])
    for refits in (mr.leave_one_out, mr.bootstrap, mr.permutation_test, mr.influence):
        with pytest.raises(mr.InputError, match="`fit`"):
            refits(found)


@pytest.mark.slow
def test_reduced_bias_holds_its_level_where_the_plain_sandwich_does_not() -> None:
    rng = np.random.default_rng(14)
    paper, vi = np.repeat(np.arange(12), [1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10]), 0.05
    rejected = {"CR0": 0, "CR2": 0}
    for _ in range(2000):
        yi = rng.normal(0, 0.3, 12)[paper] + rng.normal(0, np.sqrt(vi), len(paper))
        fit = mr.pool(yi=yi, vi=np.full(len(paper), vi), tau2="DL")
        for kind in rejected:
            rejected[kind] += int(mr.robust(fit, paper, kind=kind).p_value[0] < 0.05)
    assert rejected["CR2"] < 150  # 7.5 %
    assert rejected["CR0"] > rejected["CR2"] + 40
