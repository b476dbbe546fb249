"""What study tables hold, kind by kind, and the metrics that each kind can be pooled in."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from metarel._distributions import critical_value
from metarel._register import Register, one_of
from metarel._vocabulary import SYMBOLS
from metarel.effects._measure import Measure, compute_effect
from metarel.effects._parts import hedges_factor
from metarel.effects.register import MEASURES
from metarel.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array

    #: Arrays by word, of shape (k,) or (m, k).
    Columns: TypeAlias = Mapping[str, Array]
    Pair: TypeAlias = tuple[Array, Array]

#: Level of the limits that studies come with.
STUDY_LEVEL = 0.95
NO_CORRECTION = "none"
J_FORMS = ("exact", "approximate", NO_CORRECTION)


@dataclass(frozen=True, slots=True)
class Metric:
    """A scale that studies can be pooled on.

    Parameters
    ----------
    code : str
        Its word in specifications; the measure's code where the measure computes it.
    measure : str
        The measure whose scale it is.
    rules : tuple of str
        Its variance rules, the commonest first.
    backs : tuple of str
        The ways its mean is printed, the commonest first.
    words : callable
        ``words(columns, rule, correct)``: the input words of ``call`` and their arrays.
    call : str
        The measure that ``effect_sizes`` makes the effects with.
    corrections : tuple of str
        The forms of Hedges' factor; one empty word where there is none.
    settings : tuple of tuple
        The policies for empty cells, each as pairs of word and value.
    needs : tuple of str
        Columns that the kind may lack.
    scale : str
        The scale of the table's effects that it is for; empty where that does not matter.
    sized : tuple of str
        Rules that need the people of each study, which the kind may lack.
    """

    code: str
    measure: str
    rules: tuple[str, ...]
    backs: tuple[str, ...]
    words: Callable[[Any, str, str], dict[str, Any]]
    call: str
    corrections: tuple[str, ...] = ("",)
    settings: tuple[tuple[tuple[str, Any], ...], ...] = ((),)
    needs: tuple[str, ...] = ()
    scale: str = ""
    sized: tuple[str, ...] = ()

    def own_rule(self, rule: str) -> str | None:
        """Return the rule that ``effect_sizes`` is told; None where the words hold the variance."""
        return rule if rule in MEASURES[self.call].variance_rules else None


@dataclass(frozen=True, slots=True)
class StudyKind:
    """What the rows of a study table are.

    Parameters
    ----------
    code : str
        Its name.
    meaning : str
        What stands in a row, as a phrase.
    columns : tuple of str
        The words that every row has.
    metrics : Register of Metric
        What it can be pooled in, the commonest first.
    optional : tuple of str
        Words that may stand beside them.
    size : callable or None
        ``size(columns)``: the people of each study; None where nothing tells.
    """

    code: str
    meaning: str
    columns: tuple[str, ...]
    metrics: Register[Metric]
    optional: tuple[str, ...] = ()
    size: Callable[[Columns], Array | None] = field(default=lambda _: None)


def effects_of(
    metric: Metric, columns: Columns, rule: str, correct: str, settings: tuple[Any, ...] = ()
) -> Pair:
    """Return effects and variances of any number of versions of a study table.

    Parameters
    ----------
    metric : Metric
        The scale.
    columns : mapping of str to ndarray, shape (k,) or (m, k)
        The table, or m versions of it.
    rule, correct : str
        Variance rule and form of Hedges' factor.
    settings : tuple
        Policy for empty cells.

    Returns
    -------
    tuple of ndarray
        yi and vi, of the shape that the columns broadcast to; NaN where a row has none, infinite
        where it holds what the metric refuses, so that no model can be fitted to it.
    """
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # means over no rows
        words = metric.words(columns, rule, correct)
        shape = np.broadcast_shapes(*(np.shape(values) for values in words.values()))
        whole = {word: np.broadcast_to(values, shape) for word, values in words.items()}
        measure, own = MEASURES[metric.call], metric.own_rule(rule)
        options = dict(settings) | ({"correct": correct} if correct else {})
        borrows = measure.rule(own).across_rows or options.get("to") == "if0all"
        if borrows and len(shape) == 2:
            # A rule that looks at the other rows must see those of its own version alone.
            parts = [
                compute_effect(measure, {w: x[i] for w, x in whole.items()}, own, options)
                for i in range(shape[0])
            ]
            yi, vi = np.stack([p.yi for p in parts]), np.stack([p.vi for p in parts])
        else:
            one = {word: x.ravel() for word, x in whole.items()}
            effect = compute_effect(measure, one, own, options)
            yi, vi = effect.yi.reshape(shape), effect.vi.reshape(shape)
        refused = _refused(measure, whole)
    return np.where(refused, np.inf, yi), np.where(refused, np.inf, vi)


def _refused(measure: Measure, given: Mapping[str, Array]) -> NDArray[np.bool_]:
    """Tell which rows ``effect_sizes`` refuses, so that no analysis leaves them out quietly."""
    bad = np.zeros(np.shape(next(iter(given.values()))), dtype=bool)
    for word in set(measure.words) & set(given):
        x, domain = given[word], measure.domains.get(word, SYMBOLS[word].domain)
        bad |= (x <= domain.low) if domain.open_low else (x < domain.low)
        bad |= (x >= domain.high) if domain.open_high else (x > domain.high)
    for group in "12":
        if f"events{group}" in given and f"n{group}" in given:
            bad |= given[f"events{group}"] > given[f"n{group}"]
    if "sd1" in given and "sd2" in given:
        bad |= (given["sd1"] == 0) & (given["sd2"] == 0)
    return bad


def _same(*names: str) -> Callable[[Any, str, str], dict[str, Any]]:
    return lambda x, _rule, _correct: {name: x[name] for name in names if name in x}


def _of_measures(
    words: Callable[[Any, str, str], dict[str, Any]],
    codes: tuple[str, ...],
    backs: Mapping[str, tuple[str, ...]],
    settings: tuple[Any, ...] = ((),),
) -> Register[Metric]:
    return Register(
        "metric",
        [
            Metric(
                code,
                code,
                MEASURES[code].variance_rules,
                backs.get(code, ("identity",)),
                words,
                code,
                J_FORMS if MEASURES[code].correction == "J" else ("",),
                settings,
            )
            for code in codes
        ],
    )


CORRELATIONS = ("ZCOR", "COR", "UCOR")
CORRELATION_BACKS = {"ZCOR": ("tanh", "integral", "identity")}
RATIO_BACKS = dict.fromkeys(("OR", "RR", "PETO", "ROM", "HR"), ("exp", "identity"))
EMPTY_CELLS = (
    (("add", 0.5), ("to", "only0")),
    (("add", 0.5), ("to", "only0"), ("drop00", True)),
    (("add", 0.5), ("to", "all")),
    (("add", 0.0), ("to", "none")),
)


def _size_n(x: Columns) -> Array | None:
    return x.get("n")


def _size_groups(x: Columns) -> Array | None:
    if "n1" not in x or "n2" not in x:
        return x.get("n")
    sizes = _groups(x)
    return sizes["n1"] + sizes["n2"]


def _size_cells(x: Columns) -> Array | None:
    if "n1" in x:
        return _size_groups(x)
    return x["events1"] + x["non_events1"] + x["events2"] + x["non_events2"]


def _groups(x: Columns) -> dict[str, Array]:
    """Return the sizes of two groups, equal ones where only their sum is known."""
    if "n1" not in x:
        return {"n1": x["n"] / 2, "n2": x["n"] / 2}
    if "n" not in x:
        return {"n1": x["n1"], "n2": x["n2"]}
    known = np.isfinite(x["n1"]) & np.isfinite(x["n2"])
    return {group: np.where(known, x[group], x["n"] / 2) for group in ("n1", "n2")}


def _from_d(x: Columns, _rule: str, _correct: str) -> dict[str, Array]:
    return {"d": x["d"], **_groups(x)}


def _from_g(name: str) -> Callable[[Columns, str, str], dict[str, Array]]:
    """Return d of a g that was made with the factor in question."""

    def words(x: Columns, _rule: str, correct: str) -> dict[str, Array]:
        sizes = _groups(x)
        form = "exact" if correct in ("", NO_CORRECTION) else correct
        factor = hedges_factor(np.asarray(sizes["n1"] + sizes["n2"] - 2.0), form)
        return {"d": x[name] / factor, **sizes}

    return words


def _identity(x: Array) -> Array:
    return np.asarray(x, dtype=float)


#: How effects and limits are printed, and the function to the scale they are pooled on.
SCALES: dict[str, Callable[[Array], Array]] = {
    "identity": _identity,
    "ratio": np.log,
    "r": np.arctanh,
}
#: From a row's estimate and limits on the pooled scale (and its people) to its standard error.
LIMITS: dict[str, Callable[[Array, Array, Array, Array | None], Array]] = {
    "CI": lambda _y, low, high, _n: (high - low) / (2 * critical_value(STUDY_LEVEL, np.inf)),
    "CI low": lambda y, low, _high, _n: (y - low) / critical_value(STUDY_LEVEL, np.inf),
    "CI high": lambda y, _low, high, _n: (high - y) / critical_value(STUDY_LEVEL, np.inf),
    "CI t": lambda _y, low, high, n: (high - low) / (2 * critical_value(STUDY_LEVEL, _df(n))),
}
SIZED = ("CI t",)


def _df(n: Array | None) -> Array:
    """Return n − 2, the degrees of freedom of limits that came by t; NaN where n is not known."""
    if n is None:
        return np.asarray(np.nan)
    return np.where(n > 2, n - 2, np.nan)


def _with_limits(scale: str) -> Callable[[Columns, str, str], dict[str, Array]]:
    def words(x: Columns, rule: str, _correct: str) -> dict[str, Array]:
        to = SCALES[scale]
        y, low, high = to(x["yi"]), to(x["ci_low"]), to(x["ci_high"])
        se = LIMITS[rule](y, low, high, _size_groups(x))
        return {"yi": y, "vi": se * np.abs(se)}  # limits in the wrong order give no variance

    return words


def _with_spread(scale: str) -> Callable[[Columns, str, str], dict[str, Array]]:
    def words(x: Columns, _rule: str, _correct: str) -> dict[str, Array]:
        return {"yi": SCALES[scale](x["yi"]), "vi": x["vi"] if "vi" in x else x["sei"] ** 2}

    return words


#: By scale: the metric's code, the measure, and how the mean is printed.
REPORTED = (
    ("identity", "as given", "GEN", ("identity", "exp", "tanh")),
    ("ratio", "log", "HR", ("exp", "identity")),
    ("r", "ZCOR", "ZCOR", ("tanh", "integral", "identity")),
)


def _reported(make: Callable[[str], Any], rules: tuple[str, ...]) -> Register[Metric]:
    """Return the metrics of effects that come with their spread; by formula where sizes are."""
    found = [
        Metric(code, measure, rules, backs, make(scale), "GEN", scale=scale, sized=SIZED)
        for scale, code, measure, backs in REPORTED
    ]
    formula = Metric(
        "SMD",
        "SMD",
        MEASURES["SMD"].variance_rules,
        ("identity",),
        _from_g("yi"),
        "SMD",
        J_FORMS,
        needs=("n1", "n2"),
        scale="identity",
    )
    return Register("metric", [*found, formula])


MEANS = ("m1", "sd1", "n1", "m2", "sd2", "n2")
CELLS = ("events1", "non_events1", "events2", "non_events2")
EVENTS = ("events1", "n1", "events2", "n2")
CORRELATED = _of_measures(_same("r", "n"), CORRELATIONS, CORRELATION_BACKS)
PROPORTIONS = ("OR", "RR", "RD", "PETO")
CHANGES = ("SMCC", "SMCR", "MC")

KINDS: Register[StudyKind] = Register(
    "kind",
    [
        StudyKind("r_n", "correlation and sample size", ("r", "n"), CORRELATED, (), _size_n),
        StudyKind(
            "z_n",
            "Fisher's z and sample size",
            ("z", "n"),
            _of_measures(
                lambda x, _r, _c: {"r": np.tanh(x["z"]), "n": x["n"]},
                CORRELATIONS,
                CORRELATION_BACKS,
            ),
            (),
            _size_n,
        ),
        StudyKind(
            "means",
            "means, standard deviations and sizes of two groups",
            MEANS,
            _of_measures(_same(*MEANS), ("SMD", "SMDH", "SMD1", "MD"), {}),
            (),
            _size_groups,
        ),
        StudyKind(
            "raw_means",
            "means, standard deviations and sizes of two groups in one unit",
            MEANS,
            _of_measures(_same(*MEANS), ("MD", "ROM"), RATIO_BACKS),
            (),
            _size_groups,
        ),
        *(
            StudyKind(
                f"{name}_{'_'.join(sizes)}",
                f"{words} and {people}",
                (name, *sizes),
                _of_measures(make, ("SMD",), {}),
                ("n",) if "n1" in sizes else (),
                _size_groups,
            )
            for name, words, make in (
                ("d", "Cohen's d", _from_d),
                ("g", "Hedges' g", _from_g("g")),
            )
            for sizes, people in (
                (("n1", "n2"), "the sizes of two groups"),
                (("n",), "the size of two equal groups together"),
            )
        ),
        StudyKind(
            "t_n1_n2",
            "t statistic and the sizes of two groups",
            ("t", "n1", "n2"),
            _of_measures(lambda x, _r, _c: {"t": x["t"], **_groups(x)}, ("SMD",), {}),
            ("n",),
            _size_groups,
        ),
        StudyKind(
            "effect_ci",
            "effect and its limits",
            ("yi", "ci_low", "ci_high"),
            _reported(_with_limits, tuple(LIMITS)),
            ("n1", "n2", "n"),
            _size_groups,
        ),
        StudyKind(
            "effect_se",
            "effect and its standard error",
            ("yi", "sei"),
            _reported(_with_spread, ("SE",)),
            ("n1", "n2", "n"),
            _size_groups,
        ),
        StudyKind(
            "effect_var",
            "effect and its variance",
            ("yi", "vi"),
            _reported(_with_spread, ("as given",)),
            ("n1", "n2", "n"),
            _size_groups,
        ),
        StudyKind(
            "counts",
            "events and sizes of two groups",
            EVENTS,
            _of_measures(_same(*EVENTS), PROPORTIONS, RATIO_BACKS, EMPTY_CELLS),
            (),
            _size_cells,
        ),
        StudyKind(
            "cells",
            "events and non-events of two groups",
            CELLS,
            _of_measures(_same(*CELLS), PROPORTIONS, RATIO_BACKS, EMPTY_CELLS),
            (),
            _size_cells,
        ),
        StudyKind(
            "change",
            "two measurements of one group: means, standard deviations, their r, size",
            ("m1", "sd1", "m2", "sd2", "r", "n"),
            _of_measures(
                _same("m1", "sd1", "m2", "sd2", "r", "n"), ("SMCC", "SMCR", "SMCRH", "MC"), {}
            ),
            (),
            _size_n,
        ),
    ],
)


def metric_of(kind: str, code: str) -> Metric:
    """Return a metric of a kind of study data.

    Parameters
    ----------
    kind, code : str
        The kind, and the metric's word.

    Returns
    -------
    Metric
        The declaration.

    Raises
    ------
    InputError
        If the kind cannot be pooled so.
    """
    metrics = KINDS[kind].metrics
    if code not in metrics:
        raise InputError(one_of("metric", metrics, code))
    return metrics[code]
