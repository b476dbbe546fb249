"""Python text is run, and gives the very same fit."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr


def table() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    k = 18
    return pd.DataFrame(
        {
            "study": [f'Müller & Söhne "{i}" \\ {i}' for i in range(k)],
            "yi": rng.normal(0.3, 0.3, k),
            "vi": rng.uniform(0.01, 0.06, k),
            "year": rng.integers(1980, 2020, k) * 1.0,
            "rater": np.array(["client", "it's", "observer"])[np.arange(k) % 3],
            "blind": np.arange(k) % 2 == 0,
            "order": pd.Categorical(
                np.array(["low", "high"])[np.arange(k) // 2 % 2], ["low", "high"]
            ),
            "w": rng.uniform(1, 5, k),
        }
    )


def run(text: str) -> Any:
    space: dict[str, Any] = {"print": lambda *_: None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(text, "text", "exec"), space)
    return space["fit"]


FITS = {
    "mean": lambda t: mr.pool(t, test="knha"),
    "common": lambda t: mr.pool(t, tau2="EE", level=0.9),
    "fixed": lambda t: mr.pool(t, tau2=0.02, measure="ZCOR"),
    "weights": lambda t: mr.pool(t, weights="w", tau2="GENQ"),
    "settings": lambda t: mr.pool(t, settings="meta"),
    "regression": lambda t: mr.meta_regression(t, "year + C(rater) + blind", tau2="DL"),
    "interaction": lambda t: mr.meta_regression(t, "year * order"),
    "no intercept": lambda t: mr.meta_regression(t, "0 + year"),
    "function": lambda t: mr.meta_regression(t, "np.log(year)"),
}


@pytest.mark.parametrize("name", FITS)
def test_text_gives_the_same_fit(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = FITS[name](table())
    again = run(mr.code(fit, "python"))
    np.testing.assert_allclose(again.beta, fit.beta, rtol=1e-12)
    np.testing.assert_allclose(again.vcov, fit.vcov, rtol=1e-12)
    assert again.tau2 == pytest.approx(fit.tau2, rel=1e-12)
    assert (again.spec.test, again.spec.I2) == (fit.spec.test, fit.spec.I2)
    assert list(again.study.labels) == list(fit.study.labels)
    assert again.study.terms == fit.study.terms


@pytest.mark.parametrize("common", [False, True])
def test_subgroups(common: bool) -> None:
    result = mr.subgroups(table(), "rater", common_tau2=common)
    again = run(mr.code(result, "python"))
    assert again.between.statistic == pytest.approx(result.between.statistic, rel=1e-12)
    assert list(again.fits) == list(result.fits)


def test_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table().to_csv("studies.csv", index=False)
    fit = mr.meta_regression(table(), "year + order")
    again = run(mr.code(fit, "python", file="studies.csv"))
    np.testing.assert_allclose(again.beta, fit.beta, rtol=1e-9)
    assert again.study.terms == fit.study.terms


def test_refusals() -> None:
    fit = mr.meta_regression(table(), "year")
    with pytest.raises(mr.InputError, match=r"`design` is for other programs"):
        mr.code(fit, "python", design=True)
    with pytest.raises(mr.InputError, match=r"`data` is for R's escalc"):
        mr.code(fit, "python", data=table())


def test_the_robust_covariance_and_the_model_of_tau2_are_run_again() -> None:
    data = table().assign(paper=[f"paper {i // 2}" for i in range(18)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mr.MetarelWarning)
        robust = mr.robust(mr.meta_regression(data, "year"), "paper", kind="CR2", data=data)
    scaled = mr.location_scale(data, "C(rater)", "year", tau2="ML", test="t", level=0.9)
    for fit in (robust, scaled):
        again = run(mr.code(fit, "python"))
        np.testing.assert_allclose(again.beta, fit.beta, rtol=1e-12)
        np.testing.assert_allclose(again.se, fit.se, rtol=1e-12)
        np.testing.assert_allclose(again.df, fit.df, rtol=1e-12)


def test_a_file_is_read_by_the_names_that_it_has(tmp_path: Path) -> None:
    data = table().drop(columns="study").assign(author=[f"00{i}" for i in range(18)])
    file = tmp_path / "es.csv"
    data.to_csv(file, index=False)
    for labels in (None, "author"):
        fit = mr.pool(data, labels=labels)
        again = run(mr.code(fit, "python", file=str(file)))
        assert again.study.labels == fit.study.labels
