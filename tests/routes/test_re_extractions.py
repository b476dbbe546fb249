"""Effects that reviews reported, and what Maassen et al. (2020) extracted again.

The reported numbers go through the routes as printed; an effect that was extracted again agrees
where it lies within what the printed digits allow.
"""

from __future__ import annotations

import numpy as np
import pytest

import metarel as mr

#: Per review: measure, column reported and re-extracted, columns of sizes; the studies whose
#: effects differ by more than rounding, and those whose sample size differs.
CORPUS = {
    "kolden2011": (
        "ZCOR",
        "r",
        ("n",),
        {
            "Fretz (1966)",
            "Garfield & Bergin (1971)",
            "Hansen et al. (1968)",
            "Jones & Zoppel (1982)",
            "Maramarosh et al. (2009)",
            "Melnick & Pierce (1971)",
            "Ritter et al. (2002)",
            "Truax (1966)",
        },
        set(),
    ),
    "farber2011": (
        "ZCOR",
        "r",
        ("n",),
        {
            "Conte, Ratto, Clutz, & Karasu (1995)",
            "Cramer & Takens (1992)",
            "Hayes & Strauss (1998)",
            "Najavits & Strupp (1994)",
            "Quintana & Meara (1990)",
            "Sells, Davidson, Jewell, Falzer, & Rowe (2006)",
        },
        {
            "Hayes & Strauss (1998)",
            "Sells, Davidson, Jewell, Falzer, & Rowe (2006)",
            "Williams & Chambless (1990)",
        },
    ),
    "benish2011": (
        "SMD",
        "g",
        ("n1", "n2"),
        {
            "Banks, Hogue, Timberlake & Liddle (1996)",
            "Bradley et al. (2006)",
            "Costantino, Malgady, & Rogler (1986), exp 1",
            "Feske (2008)",
            "Huey & Pan (2006)",
            "McCabe & Yeh (2009), exp 1",
            "McCabe & Yeh (2009), exp 2",
            "Shin (2004)",
            "Szapocznik et al. (1986)",
        },
        {"Huey & Pan (2006)"},
    ),
}


@pytest.mark.parametrize("slug", CORPUS)
def test_what_was_extracted_again_is_held_against_what_was_printed(slug):
    measure, word, sizes, differs, resized = CORPUS[slug]
    studies = mr.load_dataset(slug).studies
    again = studies.dropna(subset=[f"rechecked_{word}"])
    printed = {word: [f"{x:.2f}" for x in again[word]], **{n: again[n] for n in sizes}}
    exact = {word: again[f"rechecked_{word}"], **{n: again[n] for n in sizes}}
    reported = mr.effects_from_reports(again, measure, **printed)
    extracted = mr.effects_from_reports(again, measure, digits="exact", **exact)
    outside = (extracted["yi"] < reported["yi_low"]) | (extracted["yi"] > reported["yi_high"])
    assert set(again.loc[outside, "study"]) == differs
    assert set(again.loc[again["rechecked_n"] != again["n"], "study"]) == resized


def test_a_reported_d_goes_the_exact_way_to_r():
    """Reviews printed d, later ones r: the point-biserial route keeps the sizes in."""
    studies = mr.load_dataset("benish2011").studies
    as_r = mr.effects_from_reports(studies, "COR", g="g", n1="n1", n2="n2", digits="exact")
    back = mr.effects_from_reports(
        None, "SMD", r=as_r["yi"], n1=studies["n1"], n2=studies["n2"], digits="exact"
    )
    np.testing.assert_allclose(back["yi"], studies["g"], rtol=1e-12)


@pytest.mark.parametrize("slug", CORPUS)
def test_every_reported_effect_has_its_route(slug):
    measure, word, sizes, _, _ = CORPUS[slug]
    studies = mr.load_dataset(slug).studies
    found = mr.effects_from_reports(studies, measure, **{w: w for w in (word, *sizes)})
    assert (found["route"] == word).all()
    assert not found["conflict"].any()
    core = (
        mr.effect_sizes(studies, "ZCOR", r="r", n="n")["yi"] if measure == "ZCOR" else studies["g"]
    )
    np.testing.assert_allclose(found["yi"], core, rtol=1e-12)
