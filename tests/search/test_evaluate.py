"""The vectorised pass gives the numbers of ``pool(effect_sizes(…))``, for every kind of data."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from metarel.convert.path import convert
from metarel.effects.compute import effect_sizes
from metarel.models.meta import pool
from metarel.models.psychometric import psychometric
from metarel.search.bare_bones import bare_bones_specifications
from metarel.search.evaluate import PREDICTION_DF, QUANTITIES, evaluate, evaluate_variants
from metarel.search.kinds import KINDS
from metarel.search.specification import WEIGHTINGS, Specification, effect_words, known_estimators
from metarel.search.table import StudyTable, study_table

Drawn = Callable[[str], StudyTable]
TESTS = ("z", "t", "knha", "adhoc", "hybrid", "iqwig", "kr")


def every_specification(table: StudyTable) -> list[Specification]:
    """Return a spread of analyses: every metric, rule, form and policy, others in turn."""
    made = []
    turn = itertools.cycle(known_estimators())
    tests = itertools.cycle(TESTS)
    weights = itertools.cycle(WEIGHTINGS)
    predictions = itertools.cycle(("default", *PREDICTION_DF))
    for metric in KINDS[table.kind].metrics.values():
        if metric.scale not in ("", table.scale):
            continue
        for rule, correct, settings in itertools.product(
            metric.rules, metric.corrections, metric.settings
        ):
            for _ in range(2):
                chosen = (next(turn), next(weights), next(tests))
                if chosen[2] == "kr":
                    chosen = ("REML", "iv", "kr")
                made.append(
                    Specification(
                        metric.code,
                        rule,
                        correct,
                        *chosen,
                        prediction=next(predictions),
                        settings=settings,
                    )
                )
    return made


def by_hand(specification: Specification, table: StudyTable) -> dict[str, float]:
    """Run an analysis fit by fit, as a user does."""
    words = effect_words(specification, table.kind, table.columns)
    arguments = specification.arguments()
    es = effect_sizes(None, **arguments["effect_sizes"], **words)
    given = arguments["pool"]
    if "weights" in given:
        sizes = table.sizes
        given["weights"] = WEIGHTINGS[given["weights"]].of(np.ones(8) if sizes is None else sizes)
    fit = pool(es, **given)
    row = fit.predict(interval=specification.prediction).iloc[0]
    found = fit.heterogeneity
    return {
        "estimate": row.estimate, "se": fit.se[0], "statistic": fit.statistic[0],
        "df": fit.df[0], "p_value": fit.p_value[0], "ci_low": row.ci_low, "ci_high": row.ci_high,
        "pi_low": row.pi_low, "pi_high": row.pi_high, "k": fit.k, "tau2": fit.tau2,
        "tau": fit.tau, "Q": found.Q, "Q_df": found.Q_df, "Q_p": found.Q_p, "I2": found.I2,
        "H2": found.H2, "I2_Q": found.I2_Q, "H2_Q": found.H2_Q,
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore::metarel.errors.MetarelWarning")
def test_numbers_are_those_of_single_fits(kind: str, drawn_table: Drawn) -> None:
    """Every quantity of a spread over the whole family, for each kind of study data."""
    table = drawn_table(kind)
    specifications = [
        s
        for s in every_specification(table)
        if table.sizes is not None or not WEIGHTINGS[s.weights].needs_n
    ]
    assert len({s.variance for s in specifications}) >= 1
    found = evaluate(specifications, table)
    assert set(found) == set(QUANTITIES)
    for i, specification in enumerate(specifications):
        wanted = by_hand(specification, table)
        got = {name: found[name][i] for name in wanted}
        assert got == pytest.approx(wanted, rel=1e-9, abs=1e-9, nan_ok=True), specification.words


def test_variants_are_single_runs(drawn_table: Drawn) -> None:
    """Many versions of a table under one analysis, rules that borrow from other rows too."""
    table = drawn_table("means")
    rng = np.random.default_rng(2)
    many = {**table.columns, "m1": table.columns["m1"] + rng.normal(0, 0.2, (5, 8))}
    for rule in ("LS", "AV"):
        specification = Specification("SMD", rule, "approximate", "DL", test="knha")
        found = evaluate_variants(specification, "means", many)
        for i in range(5):
            own = {word: x[i] if x.ndim == 2 else x for word, x in many.items()}
            one = evaluate_variants(specification, "means", own)
            for name in QUANTITIES:
                assert found[name][i] == pytest.approx(one[name][0], rel=1e-12, nan_ok=True)


def test_leaving_out_is_a_table_without(drawn_table: Drawn) -> None:
    """A study with ``times`` 0 is as if it were not there, for rules that borrow too."""
    table = drawn_table("r_n")
    for rule in ("LS", "AV"):
        specification = Specification("COR", rule, tau2="REML", weights="n")
        found = evaluate_variants(specification, "r_n", table.columns, 1 - np.eye(8))
        for i in range(8):
            rest = {word: np.delete(x, i) for word, x in table.columns.items()}
            one = evaluate_variants(specification, "r_n", rest)
            for name in QUANTITIES:
                assert found[name][i] == pytest.approx(one[name][0], rel=1e-9)


def test_a_table_is_read_from_what_effect_sizes_made() -> None:
    """The inputs stand on the frame; digits follow from text and from the longest number."""
    data = pd.DataFrame({"r": [0.25, 0.1], "n": [40, 60], "study": ["A", "B"]})
    table = study_table(effect_sizes(data, "ZCOR", r="r", n="n"))
    assert (table.kind, table.labels) == ("r_n", ("A", "B"))
    assert table.digits["r"].tolist() == [2, 2]
    assert "n" not in table.digits
    text = study_table(None, r=[".250", ".1"], n=[40, 60])
    assert text.digits["r"].tolist() == [3, 1]


@pytest.mark.parametrize("kind", ["r_n", "z_n"])
def test_bare_bones_is_psychometric(kind: str, drawn_table: Drawn) -> None:
    """Hunter and Schmidt's analysis under every convention of the family, and its variants."""
    table = drawn_table(kind)
    specifications = list(bare_bones_specifications(table))
    assert len(specifications) == 8
    found = evaluate(specifications, table)
    r = table.columns["r"] if kind == "r_n" else np.tanh(table.columns["z"])
    for i, specification in enumerate(specifications):
        own = specification.arguments()["psychometric"]
        fit = psychometric(None, r=r, n=table.columns["n"], level=0.95, credibility=[0.95], **own)
        row = fit.to_frame().iloc[0]
        wanted = {
            "estimate": row["mean"], "se": row["se"], "ci_low": row["ci_low"],
            "ci_high": row["ci_high"], "tau": row["sd_rho"], "k": row["k"], "N": row["n"],
        }  # fmt: skip
        got = {name: found[name][i] for name in wanted}
        assert got == pytest.approx(wanted, rel=1e-10), specification.words
        one = evaluate_variants(specification, kind, table.columns, np.ones((3, 8)))
        assert one["estimate"].tolist() == [found["estimate"][i]] * 3
    assert list(bare_bones_specifications(drawn_table("means"))) == []


@pytest.mark.parametrize("back", ["tanh", "integral"])
def test_means_go_back_as_users_take_them_back(back: str, drawn_table: Drawn) -> None:
    """By tanh as ``predict`` does, by the mean of tanh as ``convert`` does with tau2."""
    table = drawn_table("r_n")
    specification = Specification("ZCOR", "LS", tau2="DL", test="knha", back=back)
    found = evaluate([specification], table)
    arguments = specification.arguments()
    es = effect_sizes(None, **arguments["effect_sizes"], **table.columns)
    fit = pool(es, **arguments["pool"])
    row = fit.predict(**arguments["predict"]).iloc[0]
    for name in ("estimate", "ci_low", "ci_high", "pi_low", "pi_high"):
        wanted = row[name]
        if back == "integral":
            wanted = convert(wanted, tau2=fit.tau2, **arguments["convert"])
        assert found[name][0] == pytest.approx(wanted, rel=1e-9)
