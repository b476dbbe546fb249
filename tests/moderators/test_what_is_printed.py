"""What results on moderators print: the scale, widths, terms, and the same in a notebook."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel._format import WIDTH
from metarel._shown import Shown, as_html


@pytest.fixture(scope="module")
def trials() -> pd.DataFrame:
    table = mr.load_dataset("bcg")
    return mr.effect_sizes(table.studies, **table.effect["default"])


@pytest.fixture(scope="module")
def correlations() -> pd.DataFrame:
    studies = mr.load_dataset("molloy2014").studies
    return mr.effect_sizes(studies.rename(columns={"n": "size"}), "ZCOR", r="r", n="size")


@pytest.fixture(scope="module")
def results(trials: pd.DataFrame, correlations: pd.DataFrame) -> dict[str, Any]:
    fit = mr.meta_regression(trials, "ablat + C(alloc)")
    pooled = mr.pool(trials)
    cells = trials.assign(
        n1=trials.events1 + trials.non_events1, n2=trials.events2 + trials.non_events2
    )
    words = {word: word for word in ("events1", "n1", "events2", "n2")}
    return {
        "levels": mr.subgroups(trials, "alloc"),
        "correlations": mr.subgroups(correlations, "design", test="knha"),
        "common": mr.subgroups(trials, "alloc", tau2="EE"),
        "contrast": mr.contrast(fit, pairwise="alloc"),
        "comparison": mr.compare(pooled, fit, refit=True),
        "vif": mr.vif(fit),
        "means": mr.marginal_means(fit, "alloc"),
        "scale": mr.location_scale(trials, "ablat", "ablat"),
        "screening": mr.screen_moderators(trials, ["ablat", "year"]),
        "subsets": mr.best_subsets(trials, ["ablat", "year"]),
        "r2": mr.r2_interval(mr.meta_regression(trials, "ablat"), samples=100, seed=1),
        "tables": mr.pool_tables(cells, "RR", **words),
        "permutation": mr.permutation_test(fit, permutations=50, seed=1),
        "bootstrap": mr.bootstrap(pooled, draws=100, seed=1),
        "gosh": mr.gosh(pooled, subsets=50, seed=1),
        "outliers": mr.outliers(pooled),
        "test": fit.omnibus,
    }


def test_every_result_shows_its_text_at_the_prompt_and_in_a_notebook(
    results: dict[str, Any],
) -> None:
    for name, found in results.items():
        assert isinstance(found, Shown), name
        assert repr(found) == str(found), name
        page = found._repr_html_()
        assert page == as_html(str(found))
        assert page.startswith("<div><p><strong>"), name
        assert page.count("<div>") == page.count("</div>") == 1
        assert "dataclass" not in page
    assert results["levels"]._repr_html_().count("<table>") == 3
    assert "random &lt; " not in results["levels"]._repr_html_()


def test_what_is_printed_fits_a_terminal(results: dict[str, Any]) -> None:
    for name in ("levels", "correlations", "common", "contrast", "comparison", "scale", "means"):
        longest = max(map(len, str(results[name]).splitlines()))
        assert longest <= WIDTH, (name, longest)


def test_subgroups_say_on_which_scale_they_are(
    results: dict[str, Any], correlations: pd.DataFrame
) -> None:
    found = results["correlations"]
    text = str(found)
    assert "\nMeasure: ZCOR, Fisher's z of a correlation\n" in text
    assert "\nBack-transformed, tanh(y):\n" in text
    back = found.predict(transform=True)
    for level, fit in found.fits.items():
        row = fit.predict(transform=True).iloc[0]
        assert back.loc[level, "estimate"] == pytest.approx(np.tanh(fit.estimate), rel=1e-12)
        assert back.loc[level, "pi_high"] == row.pi_high
        assert f"{row.estimate:.4f}" in text.partition("Back-transformed")[2]
    frame = found.to_frame(transform=True)
    np.testing.assert_array_equal(frame[list(back)].to_numpy(), back.to_numpy())
    assert frame["se"].isna().all()
    pd.testing.assert_frame_equal(found.to_frame(), found.table)
    raw = mr.subgroups(correlations[["yi", "vi", "design"]].copy().assign(), "design")
    raw_text = str(mr.subgroups(pd.DataFrame(correlations[["yi", "vi", "design"]].to_dict("list")),
                                "design"))  # fmt: skip
    assert "Measure" not in raw_text
    assert "Back" not in raw_text
    assert raw.overall.k == 16


def test_people_are_those_that_the_effects_were_made_of(
    results: dict[str, Any], trials: pd.DataFrame, correlations: pd.DataFrame
) -> None:
    cells = ["events1", "non_events1", "events2", "non_events2"]
    want = trials[cells].sum(axis=1).groupby(trials.alloc).sum()
    table = results["levels"].table.set_index("level")
    assert (table["N"] == want.reindex(table.index)).all()
    assert results["correlations"].table["N"].sum() == correlations["size"].sum()
    other = mr.subgroups(correlations.assign(z=correlations.yi), "design", yi="z")
    assert "N" not in other.table  # effects of another column may be of other people
    named = mr.subgroups(correlations.assign(m=1), "design", n="m")
    assert named.table["N"].sum() == len(correlations)


def test_what_has_no_room_is_named() -> None:
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"yi": rng.normal(0.3, 0.2, 12), "vi": 0.02, "n": 1000})
    table["by"] = np.repeat(["a very long name of a level", "and another one as long as that"], 6)
    text = str(mr.subgroups(table, "by"))
    assert "Left out for width: tau2, p" in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_a_number_of_many_values_is_rather_a_line(trials: pd.DataFrame) -> None:
    text = str(mr.subgroups(trials, "ablat"))
    assert "ablat is a number with 9 values; meta_regression(data, 'ablat') fits a line." in text
    assert "fits a line" not in str(mr.subgroups(trials, "alloc"))
    few = trials.assign(half=np.arange(13) % 2)
    assert "fits a line" not in str(mr.subgroups(few, "half"))
    words = trials.assign(word=trials.ablat.astype(str))
    assert "fits a line" not in str(mr.subgroups(words, "word"))
