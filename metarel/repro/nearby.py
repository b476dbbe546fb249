"""A small declared family of other analyses, searched for those that print given digits."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metarel.convert.register import metric_code, rules_between
from metarel.effects.register import MEASURES
from metarel.errors import MetarelError, MetarelWarning
from metarel.models._inference import TESTS
from metarel.printed import STRICT, Printed
from metarel.repro._rows import declared_effect
from metarel.repro.recipes import Recipe
from metarel.repro.verdict import Nearby
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from metarel.data.model import Dataset

#: The tests tried; the guarded form of Knapp–Hartung is none that articles of old could use.
TRIED_TESTS = {"z": "z tests", "t": "t tests", "knha": "Knapp–Hartung tests"}
#: The quantities that the choice of test moves.
OF_TEST = frozenset({"se", "statistic", "df", "p_value", "ci_low", "ci_high", "pi_low", "pi_high"})
#: The quantities that the estimator of tau2 does not move.
NOT_OF_TAU2 = frozenset({"k", "Q", "Q_df", "Q_p", "I2_Q", "H2_Q"})
#: Correlations may have been pooled as they stand or as Fisher's z.
METRICS = {"ZCOR": ("ZCOR", "COR"), "COR": ("COR", "ZCOR")}


@dataclass(frozen=True, slots=True)
class Asked:
    """A figure to be printed: the analysis it cites, which number of it, and the digits."""

    recipe: Recipe
    quantity: str
    arguments: Mapping[str, Any]
    printed: Printed


@dataclass(frozen=True, slots=True)
class Change:
    """One choice made otherwise: in words, and as arguments of the recipe."""

    words: str
    arguments: Mapping[str, Any]


def nearby_analyses(
    dataset: Dataset,
    recipe: Recipe,
    quantity: str,
    arguments: Mapping[str, Any],
    printed: Printed,
    beside: Sequence[Asked] = (),
    runs: Runs | None = None,
) -> Nearby:
    """Search the family for the analyses that print the digits and change fewest choices.

    An analysis that prints one end of an interval and not the other explains neither: what stands
    beside a figure and comes from the same analysis must be printed as well.

    The family: every estimator of tau2 and the common-effect model; z, t and Knapp–Hartung tests;
    every variance rule of the measure; correlations as they stand or as Fisher's z; for a
    conversion its other rules.

    Parameters
    ----------
    dataset : Dataset
        The studies.
    recipe : Recipe
        The analysis that was declared.
    quantity : str
        The number that was printed.
    arguments : mapping
        The declared arguments.
    printed : Printed
        The digits.
    beside : sequence of Asked
        Further figures of the same analysis, which an alternative must print too.
    runs : Runs, optional
        Analyses of the dataset that other searches have run already.

    Returns
    -------
    Nearby
        Those analyses in words, and how many were tried.
    """
    dimensions = _dimensions(dataset, recipe, quantity, arguments)
    asked = (Asked(recipe, quantity, arguments, printed), *beside)
    run = Runs(dataset) if runs is None else runs
    tried = 0
    for size in range(1, len(dimensions) + 1):
        agree = []
        for changes in _combinations(dimensions, size):
            tried += 1
            if all(_prints(figure, changes, run) for figure in asked):
                agree.append(" + ".join(change.words for change in changes))
        if agree:
            return Nearby(tuple(agree), tried, len(beside))
    return Nearby((), tried, len(beside))


def _combinations(dimensions: list[tuple[Change, ...]], size: int) -> Iterator[tuple[Change, ...]]:
    """Yield every way to change as many choices at once."""
    for chosen in itertools.combinations(dimensions, size):
        yield from itertools.product(*chosen)


def _prints(figure: Asked, changes: tuple[Change, ...], run: Runs) -> bool:
    """Tell whether a changed analysis gives the digits; one that cannot run does not."""
    changed = dict(figure.arguments)
    for change in changes:
        changed |= change.arguments
    value = float(run(figure.recipe, changed).get(figure.quantity, math.nan))
    return math.isfinite(value) and figure.printed.reading(value) in STRICT


class Runs:
    """Analyses of one dataset, each run once however many figures ask for it.

    Parameters
    ----------
    dataset : Dataset
        The studies.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._known: dict[str, Mapping[str, float]] = {}

    def __call__(self, recipe: Recipe, arguments: Mapping[str, Any]) -> Mapping[str, float]:
        """Return what a recipe gives by quantity; nothing where it cannot run."""
        key = repr((recipe.code, sorted(arguments.items())))
        if key not in self._known:
            try:
                with warnings.catch_warnings():
                    # Nobody asked for this analysis: what it leaves out is not worth a warning.
                    warnings.simplefilter("ignore", MetarelWarning)
                    self._known[key] = recipe.run(self.dataset, arguments)
            except MetarelError:
                self._known[key] = {}
        return self._known[key]


def _dimensions(
    dataset: Dataset, recipe: Recipe, quantity: str, arguments: Mapping[str, Any]
) -> list[tuple[Change, ...]]:
    """Return the choices that may be made otherwise, each with its alternatives."""
    dimensions = []
    if "tau2" in recipe.arguments and quantity not in NOT_OF_TAU2:
        dimensions.append(tuple(_tau2_changes(arguments.get("tau2", "REML"))))
    if "test" in recipe.arguments and quantity in OF_TEST:
        now = arguments.get("test", "z")
        dimensions.append(
            tuple(
                Change(words, {"test": code})
                for code, words in TRIED_TESTS.items()
                if TESTS[code] is not TESTS[now]
            )
        )
    if "measure" in recipe.arguments:
        dimensions.append(tuple(_effect_changes(declared_effect(dataset, arguments))))
    if "rule" in recipe.arguments:
        dimensions.append(tuple(_rule_changes(arguments)))
    return [changes for changes in dimensions if changes]


def _rule_changes(arguments: Mapping[str, Any]) -> Iterator[Change]:
    """Yield the other rules of a conversion in one step; without a word the first is in use."""
    ends = (metric_code(word, arguments.get(word)) for word in ("source", "target"))
    rules = [edge.rule for edge in rules_between(*ends)]
    for rule in rules:
        if rule != arguments.get("rule", rules[0]):
            yield Change(f"rule {rule}", {"rule": rule})


def _tau2_changes(now: str | float) -> Iterator[Change]:
    """Yield the other estimators, one name for each that stands under two."""
    seen = {TAU2[now].estimate} if isinstance(now, str) else set()
    for code, estimator in TAU2.items():
        if estimator.estimate not in seen:
            seen.add(estimator.estimate)
            words = "a common effect" if code == "EE" else f"tau2 by {code}"
            yield Change(words, {"tau2": code})


def _effect_changes(declared: Mapping[str, Any]) -> Iterator[Change]:
    """Yield the other metrics and variance rules for the same inputs."""
    measure = MEASURES[declared["measure"]]
    default, *_ = measure.variance_rules  # which "LS" names too where no rule is called so
    rule = declared.get("variance", default)
    now = (measure.code, rule if rule in measure.variance_rules else default)
    for code in METRICS.get(measure.code, (measure.code,)):
        for rule in MEASURES[code].variance_rules:
            if (code, rule) != now:
                several = len(MEASURES[code].variance_rules) > 1
                named = f" (variance {rule})" if several else ""
                words = f"effects as {MEASURES[code].name}{named}"
                yield Change(words, {"measure": code, "variance": rule})
