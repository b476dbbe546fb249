"""Every measure, by the same questions: golden numbers, identities, sources, declarations.

A measure without a line in ``PROOFS``, or a design without an example, fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from metarel._vocabulary import SYMBOLS
from metarel.effects._measure import Measure, compute_effect
from metarel.effects.compute import effect_sizes
from metarel.effects.register import MEASURES

ROOT = Path(__file__).resolve().parents[2]
CASES = json.loads((ROOT / "tests" / "golden" / "escalc.json").read_text(encoding="utf-8"))

MEANS = {
    "m1": [21.3, 14.0, 9.5, 30.2],
    "sd1": [4.1, 3.3, 2.0, 8.8],
    "n1": [12, 40, 9, 31],
    "m2": [18.0, 14.9, 9.1, 24.7],
    "sd2": [5.0, 2.7, 1.1, 9.4],
    "n2": [15, 22, 30, 28],
}
TABLES = {
    "events1": [4, 12, 7, 31],
    "n1": [20, 40, 9, 75],
    "events2": [9, 11, 2, 40],
    "n2": [25, 38, 10, 81],
}
EXAMPLES: dict[str, dict[str, list[float]]] = {
    "two means": MEANS,
    "two proportions": TABLES,
    "crossed proportions": TABLES,
    "clustered means": {**MEANS, "icc": [0.1, 0.05, 0.3, 0.0], "cluster_size": [4, 11, 3, 7.5]},
    "adjusted means": {**MEANS, "r_cov": [0.5, -0.3, 0.0, 0.7]},
    "pre-post-control": {
        "m_pre1": [30.6, 23.5, 0.5, 53.4],
        "sd_pre1": [15.0, 3.1, 0.1, 14.5],
        "m_post1": [38.5, 26.8, 0.7, 75.9],
        "sd_post1": [11.6, 4.1, 0.1, 4.4],
        "n1": [20, 50, 9, 10],
        "m_pre2": [23.1, 24.9, 0.6, 55.7],
        "sd_pre2": [13.8, 4.1, 0.2, 17.3],
        "m_post2": [19.7, 25.3, 0.6, 60.7],
        "sd_post2": [14.8, 3.3, 0.2, 17.9],
        "n2": [20, 42, 9, 11],
        "r": [0.47, 0.64, 0.77, 0.89],
    },
    "variance explained": {
        "f": [5.2, 1.1, 0.4, 11.2],
        "df1": [2, 1, 3, 4],
        "df2": [57, 20, 100, 50],
    },
    "contingency": {
        "chi2": [12.3, 8.1, 40.0, 21.5],
        "n": [100, 60, 251, 80],
        "rows": [3, 2, 4, 3],
        "columns": [3, 5, 2, 4],
    },
    "spearman": {"rho": [0.28, -0.1, 0.75, 0.05], "n": [60, 103, 12, 31]},
    "kendall": {"tau": [0.28, -0.1, 0.75, 0.05], "n": [60, 103, 12, 31]},
    "slope": {"beta": [0.28, -0.1, 0.45, 0.05], "n": [60, 103, 12, 31]},
    "log-rank": {
        "observed_minus_expected": [-3.2, 8.1, 0.7, -12.0],
        "logrank_variance": [12.1, 20.4, 5.5, 60.3],
    },
    "paired margins": {**TABLES, "n2": TABLES["n1"], "r": [0.3, 0.4, 0.1, 0.4]},
    "change": {
        "m1": [21.3, 14.0, 9.5, 30.2],
        "sd1": [4.1, 3.3, 2.0, 8.8],
        "m2": [18.0, 14.9, 9.1, 24.7],
        "sd2": [5.0, 2.7, 1.1, 9.4],
        "r": [0.5, 0.7, 0.2, 0.85],
        "n": [12, 40, 9, 31],
    },
    "coefficient": {
        "t": [2.1, -0.4, 3.3, 0.9],
        "predictors": [3, 1, 2, 5],
        "n": [60, 103, 22, 31],
        "r2": [0.3, 0.1, 0.55, 0.2],
    },
    "regression": {"r2": [0.3, 0.1, 0.55, 0.2], "predictors": [3, 1, 2, 5], "n": [60, 103, 22, 31]},
    "dominance": {"auc": [0.6, 0.45, 0.8, 0.71], "n1": [12, 40, 9, 31], "n2": [15, 22, 30, 28]},
    "normal dominance": MEANS,
    "genotypes": {
        "homozygous1": [14, 30, 6, 12],
        "heterozygous": [22, 51, 13, 40],
        "homozygous2": [9, 20, 8, 25],
    },
    "one mean": {
        "mean": [21.3, 14.0, 9.5, 30.2],
        "sd": [4.1, 3.3, 2.0, 8.8],
        "n": [12, 40, 9, 31],
    },
    "reliability": {
        "alpha": [0.8, 0.91, 0.55, -0.1],
        "items": [10, 25, 6, 4],
        "n": [60, 103, 22, 31],
    },
    "one proportion": {"events": [4, 12, 7, 31], "n": [20, 40, 9, 75]},
    "two rates": {
        "events1": [4, 12, 7, 31],
        "time1": [120.5, 340.0, 80.2, 900.0],
        "events2": [9, 11, 2, 40],
        "time2": [150.0, 290.7, 66.0, 870.3],
    },
    "one rate": {"events": [4, 12, 7, 31], "time": [120.5, 340.0, 80.2, 900.0]},
    "paired proportions": {
        "both": [10, 4, 22, 31],
        "only1": [7, 12, 3, 20],
        "only2": [2, 9, 8, 11],
        "neither": [15, 30, 9, 28],
    },
    "correlation": {"r": [0.28, -0.1, 0.75, 0.05], "n": [60, 103, 12, 31]},
    "reported": {"yi": [0.2, -0.4, 0.0, 1.3], "vi": [0.05, 0.1, 0.02, 0.4]},
}


@dataclass(frozen=True)
class Proof:
    """What a measure must do when its inputs are turned round or change their unit.

    ``turn``: "groups" (swapped, yi changes sign), "complement" (swapped, yi becomes 1 − yi),
    "sign" (the association turned), or why there is nothing to turn.
    ``unit``: which unit the inputs carry; ``power`` and ``log``: what a factor f does to yi,
    namely yi · f**power + log · ln f.
    """

    turn: str
    unit: str = ""
    power: float = 0.0
    log: float = 0.0


OUTCOME, PERSON_TIME = "of the outcome", "person-time"
ONE_GROUP = "one group has no other side"
UNIT_SETTER = "one side alone sets the unit"
PROOFS = {
    "ABT": Proof(ONE_GROUP),
    "AHW": Proof(ONE_GROUP),
    "ARAW": Proof(ONE_GROUP),
    "AS": Proof("groups"),
    "CLES": Proof("the share of the other group is one minus it, which only the user can say"),
    "CLESCN": Proof("complement", OUTCOME),
    "CLESN": Proof("complement", OUTCOME),
    "BETA": Proof("the rule adds 0.05 to slopes that are not negative only"),
    "COR": Proof("sign"),
    "CRAMERV": Proof("a share has no sign"),
    "CRAMERVB": Proof("a share has no sign"),
    "CVLN": Proof(ONE_GROUP, OUTCOME),
    "CVR": Proof("groups", OUTCOME),
    "CVRC": Proof("groups", OUTCOME),
    "D2ORL": Proof("groups", OUTCOME),
    "D2ORN": Proof("groups", OUTCOME),
    "DAV": Proof("groups", OUTCOME),
    "DPPC1": Proof("groups", OUTCOME),
    "DPPC2": Proof("groups", OUTCOME),
    "DPPC3": Proof("groups", OUTCOME),
    "DRM": Proof("groups", OUTCOME),
    "EPSILON2": Proof("a share has no sign"),
    "ETA2": Proof("a share has no sign"),
    "GEN": Proof("the effect itself is the input"),
    "HD": Proof("the effect itself is the input"),
    "HR": Proof("the effect itself is the input"),
    "HRLR": Proof("sign"),
    "IR": Proof(ONE_GROUP, PERSON_TIME, power=-1),
    "IRD": Proof("groups", PERSON_TIME, power=-1),
    "IRFT": Proof(ONE_GROUP, PERSON_TIME, power=-0.5),
    "IRLN": Proof(ONE_GROUP, PERSON_TIME, log=-1),
    "IRR": Proof("groups", PERSON_TIME),
    "IRS": Proof(ONE_GROUP, PERSON_TIME, power=-0.5),
    "IRSD": Proof("groups", PERSON_TIME, power=-0.5),
    "MC": Proof("groups", OUTCOME, power=1),
    "MD": Proof("groups", OUTCOME, power=1),
    "MN": Proof(ONE_GROUP, OUTCOME, power=1),
    "MNLN": Proof(ONE_GROUP, OUTCOME, log=1),
    "MPOR": Proof("groups"),
    "MPORC": Proof("groups"),
    "MPORM": Proof("groups"),
    "MPPETO": Proof("groups"),
    "MPRD": Proof("groups"),
    "MPRR": Proof("groups"),
    "OMEGA2": Proof("a share has no sign"),
    "OR": Proof("groups"),
    "OR2DL": Proof("groups"),
    "OR2DN": Proof("groups"),
    "PAS": Proof(ONE_GROUP),
    "PBIT": Proof("groups"),
    "PCOR": Proof("sign"),
    "PETO": Proof("groups"),
    "PFT": Proof(ONE_GROUP),
    "PHI": Proof("groups"),
    "PLN": Proof(ONE_GROUP),
    "PLO": Proof(ONE_GROUP),
    "PR": Proof(ONE_GROUP),
    "PRZ": Proof(ONE_GROUP),
    "R2": Proof("a share has no sign"),
    "R2F": Proof("a share has no sign"),
    "RBIS": Proof("groups", OUTCOME),
    "RD": Proof("groups"),
    "RHO": Proof("sign"),
    "RRB": Proof("groups turned is one minus the share, which only the user can say"),
    "REH": Proof("the two alleles enter alike"),
    "ROM": Proof("groups", OUTCOME),
    "ROMC": Proof("groups", OUTCOME),
    "RPB": Proof("groups", OUTCOME),
    "RR": Proof("groups"),
    "RTET": Proof("groups"),
    "SDLN": Proof(ONE_GROUP, OUTCOME, log=1),
    "SMCC": Proof("groups", OUTCOME),
    "SMCR": Proof(UNIT_SETTER, OUTCOME),
    "SMCRH": Proof(UNIT_SETTER, OUTCOME),
    "SMCRP": Proof("groups", OUTCOME),
    "SMCRPH": Proof("groups", OUTCOME),
    "SMD": Proof("groups", OUTCOME),
    "SMD1": Proof(UNIT_SETTER, OUTCOME),
    "SMD1H": Proof(UNIT_SETTER, OUTCOME),
    "SMDH": Proof("groups", OUTCOME),
    "SMDA": Proof("groups", OUTCOME),
    "SMDCL": Proof("groups", OUTCOME),
    "SMN": Proof(ONE_GROUP, OUTCOME),
    "SPCOR": Proof("sign"),
    "TAU": Proof("sign"),
    "UCOR": Proof("sign"),
    "VR": Proof("groups", OUTCOME),
    "VRC": Proof("groups", OUTCOME),
    "YUQ": Proof("groups"),
    "YUY": Proof("groups"),
    "ZBIS": Proof("groups", OUTCOME),
    "ZCOR": Proof("sign"),
    "ZPB": Proof("groups", OUTCOME),
    "ZPCOR": Proof("sign"),
    "ZPHI": Proof("groups"),
    "ZR2": Proof("a share has no sign"),
    "ZR2F": Proof("a share has no sign"),
    "ZRHO": Proof("sign"),
    "ZSPCOR": Proof("sign"),
    "ZTAU": Proof("sign"),
    "ZTET": Proof("groups"),
}
TURNS = {"groups", "complement", "sign"}
SIGNED = {"r", "d", "t", "p", "rho", "tau", "observed_minus_expected"}
RULES = [(m.code, rule.code) for m in MEASURES.values() for rule in m.rules]


def example(measure: Measure) -> dict[str, np.ndarray]:
    """Return the first complete set of inputs that the design's example holds."""
    columns = EXAMPLES[measure.design.code]
    words = next(way for way in measure.ways if set(way) <= set(columns))
    return {word: np.array(columns[word], dtype=float) for word in words}


def effects(code: str, rule: str, given: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return yi and vi of a measure by one of its rules."""
    found = compute_effect(MEASURES[code], dict(given), rule)
    return found.yi, found.vi


def test_every_measure_has_its_proofs() -> None:
    assert set(PROOFS) == set(MEASURES)
    assert {m.design.code for m in MEASURES.values()} == set(EXAMPLES)
    assert all(proof.turn for proof in PROOFS.values())


@pytest.mark.parametrize("code", MEASURES)
def test_declaration_is_whole(code: str) -> None:
    measure = MEASURES[code]
    assert re.fullmatch(r"[A-Z][A-Z0-9]*", code)
    assert measure.name
    assert measure.formula
    assert measure.direction
    assert measure.unit
    assert measure.same_as
    assert all(word in SYMBOLS for word in measure.words)
    assert set(measure.domains) <= set(measure.words)
    assert set(measure.settings) <= {s.code for s in measure.design.settings}
    assert len(set(measure.variance_rules)) == len(measure.rules) >= 1
    assert all(rule.formula and rule.same_as for rule in measure.rules)
    assert all(rule.source for rule in measure.rules) or measure.design.code == "reported"


@pytest.mark.parametrize("code", MEASURES)
def test_sources_stand_in_the_bibliography(code: str) -> None:
    bib = (ROOT / "docs" / "references.bib").read_text(encoding="utf-8")
    known = set(re.findall(r"@\w+\{(\w+),", bib))
    measure = MEASURES[code]
    cited = {*measure.sources, *(rule.source for rule in measure.rules)} - {""}
    assert cited <= known
    assert measure.sources or measure.design.code == "reported"


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_golden(case: dict[str, Any]) -> None:
    """The numbers of metafor, to ten digits."""
    measure = MEASURES[case["measure"]]
    given = {
        measure.metafor_words.get(name, name): np.array(
            [np.nan if v is None else v for v in values]
        )
        for name, values in case["data"].items()
    }
    options = dict(case["options"])
    if "vtype" in options:
        options["variance"] = options.pop("vtype")
    if "addvi" in options:
        options.pop("addyi")
        options["add_to"] = "both" if options.pop("addvi") else "yi"
    frame = effect_sizes(None, case["measure"], **given, **options)
    for column in ("yi", "vi"):
        expected = np.array([np.nan if v is None else v for v in case[column]], dtype=float)
        rtol = case.get(f"tol_{column}", case["tol"])
        np.testing.assert_allclose(frame[column], expected, rtol=rtol, atol=1e-13)


@pytest.mark.parametrize(("code", "rule"), RULES)
def test_example_gives_finite_effects_and_positive_variances(code: str, rule: str) -> None:
    yi, vi = effects(code, rule, example(MEASURES[code]))
    assert np.isfinite(yi).all()
    assert (vi > 0).all()


@pytest.mark.parametrize(("code", "rule"), RULES)
def test_turning_the_inputs_turns_the_effect(code: str, rule: str) -> None:
    turn, given = PROOFS[code].turn, example(MEASURES[code])
    if turn not in TURNS:
        return
    if turn == "sign":
        turned = {word: -v if word in SIGNED else v for word, v in given.items()}
    else:
        other = str.maketrans("12", "21")
        turned = {
            word: given.get(word[:-1] + word[-1].translate(other), values)
            for word, values in given.items()
        }
    yi, vi = effects(code, rule, given)
    back, vi_back = effects(code, rule, turned)
    expected = 1 - yi if turn == "complement" else -yi
    np.testing.assert_allclose(back, expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(vi_back, vi, rtol=1e-12)


@pytest.mark.parametrize(("code", "rule"), RULES)
def test_change_of_unit(code: str, rule: str) -> None:
    """Centimetres for metres, months for years: the effect follows, or does not notice."""
    proof, given = PROOFS[code], example(MEASURES[code])
    units = {SYMBOLS[word].unit for word in given} & {OUTCOME, PERSON_TIME}
    assert units == ({proof.unit} - {""})
    scaled = {w: v * 100.0 if SYMBOLS[w].unit in units else v for w, v in given.items()}
    yi, vi = effects(code, rule, given)
    scaled_yi, scaled_vi = effects(code, rule, scaled)
    factor = 100.0**proof.power
    expected = yi * factor + proof.log * np.log(100.0)
    np.testing.assert_allclose(scaled_yi, expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(scaled_vi, factor**2 * vi, rtol=1e-11)


@pytest.mark.parametrize("code", MEASURES)
def test_a_measure_that_follows_the_unit_names_one(code: str) -> None:
    proof = PROOFS[code]
    has_unit = bool(proof.power or proof.log) or code in {"GEN", "HD"}
    assert (MEASURES[code].unit != "1") == has_unit


@pytest.mark.parametrize(("code", "rule"), RULES)
def test_order_of_rows_does_not_matter(code: str, rule: str) -> None:
    given, order = example(MEASURES[code]), [2, 0, 3, 1]
    yi, vi = effects(code, rule, given)
    permuted = effects(code, rule, {word: values[order] for word, values in given.items()})
    np.testing.assert_allclose(permuted, [yi[order], vi[order]], rtol=1e-13)


@pytest.mark.parametrize(("code", "rule"), RULES)
def test_a_row_alone_gives_the_same_unless_the_rule_borrows(code: str, rule: str) -> None:
    measure, given = MEASURES[code], example(MEASURES[code])
    whole = effects(code, rule, given)
    rows = [effects(code, rule, {w: v[[i]] for w, v in given.items()}) for i in range(4)]
    alone = np.concatenate([np.stack(row) for row in rows], axis=1)
    np.testing.assert_allclose(alone[0], whole[0], rtol=1e-13)
    assert np.allclose(alone[1], whole[1], rtol=1e-13) != measure.rule(rule).across_rows


@pytest.mark.parametrize("code", MEASURES)
def test_a_missing_input_spares_the_other_rows(code: str) -> None:
    measure, given = MEASURES[code], example(MEASURES[code])
    yi, vi = effects(code, measure.variance_rules[0], given)
    for word in measure.inputs if set(measure.inputs) <= set(given) else given:
        holed = {w: v.copy() for w, v in given.items()}
        holed[word][1] = np.nan
        found_yi, found_vi = effects(code, measure.variance_rules[0], holed)
        known = np.isfinite([found_yi[1], found_vi[1]])
        np.testing.assert_allclose(
            np.array([found_yi[1], found_vi[1]])[known], np.array([yi[1], vi[1]])[known]
        )
        np.testing.assert_allclose(found_yi[[0, 2, 3]], yi[[0, 2, 3]], rtol=1e-14)
        np.testing.assert_allclose(found_vi[[0, 2, 3]], vi[[0, 2, 3]], rtol=1e-14)
