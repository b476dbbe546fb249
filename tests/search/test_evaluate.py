"""The vectorised pass gives the numbers of ``pool(effect_sizes(…))``, for every kind of data."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from metarel.effects.compute import effect_sizes
from metarel.models.meta import pool
from metarel.search.evaluate import PREDICTION_DF, QUANTITIES, evaluate, evaluate_variants
from metarel.search.kinds import KINDS, metric_of
from metarel.search.specification import WEIGHTINGS, Specification, known_estimators
from metarel.search.table import StudyTable, study_table

TESTS = ("z", "t", "knha", "adhoc", "hybrid", "iqwig", "kr")


def drawn_table(kind: str, k: int = 8, seed: int = 1) -> StudyTable:
    """Return studies of any kind, drawn."""
    rng = np.random.default_rng(seed)
    y = rng.normal(0.3, 0.25, k)
    n1, n2 = rng.integers(12, 90, k).astype(float), rng.integers(12, 90, k).astype(float)
    columns = {
        "r": np.tanh(y), "z": y, "n": n1 + n2, "n1": n1, "n2": n2,
        "m1": 10 + 2 * y, "m2": np.full(k, 10.0), "sd1": rng.uniform(2, 3, k),
        "sd2": rng.uniform(2, 3, k), "d": y, "g": y, "t": 3 * y,
        "yi": y, "sei": rng.uniform(0.1, 0.4, k),
        "events1": rng.integers(1, 9, k).astype(float), "events2": np.r_[0.0, np.full(k - 1, 4.0)],
        "non_events1": np.full(k, 20.0), "non_events2": rng.integers(9, 40, k).astype(float),
    }  # fmt: skip
    columns["vi"] = columns["sei"] ** 2
    columns["ci_low"], columns["ci_high"] = y - 1.9 * columns["sei"], y + 2.1 * columns["sei"]
    declared = KINDS[kind]
    optional = ("n1", "n2") if "n1" in declared.optional else ()
    words = {word: columns[word] for word in (*declared.columns, *optional)}
    return study_table(None, kind=kind, **words)


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
    metric = metric_of(table.kind, specification.metric)
    words = metric.words(table.columns, specification.variance, specification.correct)
    arguments = specification.arguments()
    measure = arguments["effect_sizes"].pop("measure")
    taken = {w: x for w, x in words.items() if w not in ("sd1",) or measure != "SMD1"}
    if measure == "SMCR":
        del taken["sd2"]
    es = effect_sizes(None, measure, **taken, **arguments["effect_sizes"])
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
def test_numbers_are_those_of_single_fits(kind: str) -> None:
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


def test_variants_are_single_runs() -> None:
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


def test_leaving_out_is_a_table_without() -> None:
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
