"""One analysis of a study table: its choices, in words, as arguments, and its effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._register import Register, one_of
from metarel.effects.register import MEASURES
from metarel.effects.transforms import TRANSFORMS
from metarel.errors import InputError
from metarel.models._inference import TESTS
from metarel.models.batch_tau2 import BATCH_TAU2
from metarel.search.kinds import KINDS, effects_of, metric_of
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from collections.abc import Callable

    from metarel._checks import Array
    from metarel.search.kinds import Columns, Pair

#: Measures for which 0.5 in empty cells is the ordinary policy, so that it needs no words.
ORDINARY_CELLS = (("add", 0.5), ("to", "only0"))


@dataclass(frozen=True, slots=True)
class Weighting:
    """How studies are weighted in the mean.

    Parameters
    ----------
    code : str
        Its word.
    words : str
        What to call it; empty for the ordinary way.
    of : callable or None
        ``of(n)`` gives own weights from the people of each study; None for 1/(v + tau2).
    needs_n : bool
        Whether the people of each study must be known.
    """

    code: str
    words: str
    of: Callable[[Array], Array] | None = None
    needs_n: bool = False


def _positive(x: Array) -> Array:
    return np.where(x > 0, x, np.nan)


WEIGHTINGS: Register[Weighting] = Register(
    "weights",
    [
        Weighting("iv", ""),
        Weighting("n", "weights n", _positive, needs_n=True),
        Weighting("n-3", "weights n − 3", lambda n: _positive(n - 3), needs_n=True),
        Weighting("sqrt n", "weights √n", lambda n: np.sqrt(_positive(n)), needs_n=True),
        Weighting("unweighted", "unweighted", np.ones_like),
    ],
)


@dataclass(frozen=True, slots=True)
class Back:
    """How a pooled mean and its limits are printed.

    Parameters
    ----------
    code : str
        Its word.
    words : str
        What to call it; empty where it is the scale of the analysis.
    """

    code: str
    words: str = ""


BACKS: Register[Back] = Register(
    "back",
    [
        Back("identity"),
        Back("integral", "back by the mean of tanh over N(mean, tau2)"),
        *(Back(code, f"back by {code}") for code in TRANSFORMS if code != "identity"),
    ],
    aliases={"none": "identity"},
)

TEST_WORDS = {"z": "z test", "t": "t test"}
#: Hunter and Schmidt's bare-bones analysis in place of an estimator of tau2, and its tests: a
#: standard error of the mean and a reference.
BARE_BONES = "bare-bones"
BARE_BONES_TESTS = {
    "observed z": "SE = SD of r / √k, normal",
    "observed t": "SE = SD of r / √k, t",
    "homogeneous z": "SE for one population, normal",
    "heterogeneous z": "SE for several populations, normal",
}
#: Names of the kinds of prediction interval (``predict(interval=…)``), for people.
PREDICTIONS = {
    "default": "",
    "z": "normal prediction interval",
    "t": "prediction interval with k − 1 df",
    "hts": "prediction interval with k − 2 df",
    "skipka": "normal prediction interval with the model's SE",
    "veroniki": "prediction interval with the model's SE and k − 1 df",
    "higgins": "prediction interval with the model's SE and k − 2 df",
    "hk": "prediction interval with Knapp–Hartung's SE and k − 1 df",
    "hk-pr": "prediction interval with Knapp–Hartung's SE and k − 2 df",
}


@dataclass(frozen=True, slots=True)
class Specification:
    """The choices of one analysis.

    Parameters
    ----------
    metric : str
        What is pooled, a metric of the kind of study data.
    variance : str
        Rule for the sampling variances.
    correct : str
        Form of Hedges' factor: ``"exact"``, ``"approximate"``, ``"none"``; empty where there is
        nothing to correct.
    tau2 : str
        Estimator of the between-study variance; ``"EE"`` is the common-effect model.
    weights : str
        ``"iv"`` or own weights: ``"n"``, ``"n-3"``, ``"sqrt n"``, ``"unweighted"``.
    test : str
        Kind of test and interval, as for ``pool``.
    back : str
        How the mean is printed: ``"identity"``, ``"tanh"``, ``"integral"``, ``"exp"``.
    I2 : str
        What I2 and H2 are computed from: ``"tau2"`` or ``"Q"``.
    prediction : str
        Kind of prediction interval, as for ``predict(interval=…)``.
    settings : tuple of (str, object)
        Policy for empty cells.
    """

    metric: str
    variance: str
    correct: str = ""
    tau2: str = "REML"
    weights: str = "iv"
    test: str = "z"
    back: str = "identity"
    I2: str = "tau2"
    prediction: str = "default"
    settings: tuple[tuple[str, Any], ...] = ()

    @property
    def words(self) -> str:
        """One line that a person reads."""
        if self.tau2 == BARE_BONES:
            told = f"{self._metric()}, Hunter–Schmidt bare-bones (error {self.variance})"
            return f"{told}, {BARE_BONES_TESTS[self.test]}"
        parts = [
            f"{self._metric()}{self._correct()} (variance {self.variance})",
            *self._cells(),
            "common effect" if self.tau2 == "EE" else self.tau2,
            WEIGHTINGS[self.weights].words,
            TEST_WORDS.get(self.test) or TESTS[self.test].name,
            self._back(),
            "I² from Q" if self.I2 == "Q" and self.tau2 != "EE" else "",
            PREDICTIONS[self.prediction],
        ]
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        return self.words

    def _metric(self) -> str:
        if self.metric in MEASURES:
            return MEASURES[self.metric].name
        return {"log": "log ratio"}.get(self.metric, f"effects {self.metric}")

    def _back(self) -> str:
        measure = MEASURES.get(self.metric) if self.metric in MEASURES else None
        if BACKS[self.back].code == "identity" and measure and measure.transform != "identity":
            return "not back-transformed"
        return BACKS[self.back].words

    def _correct(self) -> str:
        return {
            "": "",
            "exact": "",
            "approximate": ", approximate J",
            "none": " without correction",
        }[self.correct]

    def _cells(self) -> list[str]:
        if not self.settings or self.settings == ORDINARY_CELLS:
            return []
        return ["; ".join(f"{word} = {value}" for word, value in self.settings)]

    def arguments(self) -> dict[str, dict[str, Any]]:
        """Return what a user passes to run the analysis.

        Returns
        -------
        dict
            ``"effect_sizes"``, ``"pool"`` and ``"predict"``, each with its arguments; own weights
            stand under ``"pool"`` as the rule that makes them from the sizes, such as ``"n-3"``;
            the mean of tanh is ``"convert"``, which takes the fit's tau2 besides.
            A bare-bones analysis has ``"psychometric"`` alone.
        """
        if self.tau2 == BARE_BONES:
            interval, reference = self.test.split()
            own = {"error": self.variance, "interval": interval, "reference": reference}
            return {"psychometric": own}
        made: dict[str, Any] = {"measure": "GEN"}  # effects that came with their spread
        if self.metric in MEASURES and self.variance in MEASURES[self.metric].variance_rules:
            made = {"measure": self.metric, "variance": self.variance}
        if self.correct:
            made["correct"] = False if self.correct == "none" else self.correct
        pooled: dict[str, Any] = {"tau2": self.tau2, "test": self.test}
        if self.weights != "iv":
            pooled["weights"] = self.weights
        shown: dict[str, Any] = {"interval": self.prediction}
        whole = {"effect_sizes": made | dict(self.settings), "pool": pooled, "predict": shown}
        if self.back == "integral":
            whole["convert"] = {"source": "z", "target": "r", "average": "mean"}
        elif BACKS[self.back].code != "identity":
            shown["transform"] = self.back
        return whole

    def to_dict(self) -> dict[str, Any]:
        """Return the choices in plain types."""
        return {
            "words": self.words,
            "metric": self.metric,
            "variance": self.variance,
            "correct": self.correct,
            "tau2": self.tau2,
            "weights": self.weights,
            "test": self.test,
            "back": self.back,
            "I2": self.I2,
            "prediction": self.prediction,
            "settings": dict(self.settings),
        }


def effects(
    specification: Specification, kind: str, columns: Columns
) -> tuple[Array, Array, Array | None]:
    """Return the effects, variances and own weights of an analysis.

    Parameters
    ----------
    specification : Specification
        The analysis.
    kind : str
        What the columns are, a code of ``KINDS``.
    columns : mapping of str to ndarray, shape (k,) or (m, k)
        One study table, or many versions of it.

    Returns
    -------
    tuple of (ndarray, ndarray, ndarray or None)
        yi, vi and weights of the shape that the columns broadcast to; NaN where a study has none.
        Weights are None where studies are weighted by 1/(v + tau2).
    """
    yi, vi = effect_pair(specification, kind, columns)
    weights = own_weights(specification.weights, kind, columns, yi.shape)
    return yi, vi, weights


def effect_words(specification: Specification, kind: str, columns: Columns) -> dict[str, Array]:
    """Return what ``effect_sizes`` is given besides ``arguments()``: its words and their arrays.

    Parameters
    ----------
    specification : Specification
        The analysis.
    kind : str
        What the columns are.
    columns : mapping of str to ndarray, shape (k,)
        The studies.

    Returns
    -------
    dict of str to ndarray
        Input words of the measure; of a g that is d, of limits yi and vi.
    """
    metric = metric_of(kind, specification.metric)
    given = metric.words(columns, specification.variance, specification.correct)
    return {word: x for word, x in given.items() if word in MEASURES[metric.call].words}


def effect_pair(specification: Specification, kind: str, columns: Columns) -> Pair:
    """Return effects and variances of an analysis.

    Parameters
    ----------
    specification, kind, columns
        As for ``effects``.

    Returns
    -------
    tuple of ndarray
        yi and vi.

    Raises
    ------
    InputError
        If the metric has no such variance rule or correction.
    """
    metric = metric_of(kind, specification.metric)
    if specification.tau2 != BARE_BONES and specification.variance not in metric.rules:
        raise InputError(one_of("variance", metric.rules, specification.variance))
    if specification.correct not in metric.corrections:
        raise InputError(one_of("correct", metric.corrections, specification.correct))
    return effects_of(
        metric, columns, specification.variance, specification.correct, specification.settings
    )


def own_weights(code: str, kind: str, columns: Columns, shape: tuple[int, ...]) -> Array | None:
    """Return own weights from the people of each study.

    Parameters
    ----------
    code : str
        The weighting.
    kind : str
        What the columns are.
    columns : mapping of str to ndarray, shape (k,) or (m, k)
        The studies.
    shape : tuple of int
        The shape of the effects.

    Returns
    -------
    ndarray or None
        Weights of that shape; NaN all over where they need sizes that are not known, None where
        studies are weighted by 1/(v + tau2).
    """
    weighting = WEIGHTINGS[code]
    if weighting.of is None:
        return None
    n = KINDS[kind].size(columns)
    if n is None:
        n = np.full(shape, np.nan if weighting.needs_n else 1.0)
    return np.broadcast_to(weighting.of(np.asarray(n, dtype=float)), shape)


def known_estimators() -> tuple[str, ...]:
    """Return the estimators of tau2, one code for each that stands under two.

    Returns
    -------
    tuple of str
        Codes, the common-effect model first.
    """
    from_estimate: dict[Any, str] = {}
    for code, estimator in TAU2.items():
        if code in BATCH_TAU2 and estimator.takes != "weights":
            from_estimate.setdefault(estimator.estimate, code)
    codes = tuple(from_estimate.values())
    return ("EE", *(code for code in codes if code != "EE"))
