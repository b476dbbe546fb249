"""The legitimate analyses of a study table: declared dimensions, what goes together, an order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._format import listing
from metarel._register import one_of
from metarel.effects.register import MEASURES
from metarel.errors import InputError
from metarel.models._inference import TESTS
from metarel.models.batch_tau2 import BATCH_TAU2
from metarel.search.bare_bones import RULES as BARE_BONES_RULES
from metarel.search.bare_bones import bare_bones_specifications
from metarel.search.kinds import KINDS, Metric
from metarel.search.programs import PROGRAMS, Program, program_of
from metarel.search.specification import (
    BACKS,
    BARE_BONES,
    BARE_BONES_TESTS,
    PREDICTIONS,
    WEIGHTINGS,
    Specification,
    known_estimators,
)
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from metarel.search.table import StudyTable

#: Estimators as articles use them, the commonest first; what is not listed comes after.
COMMON_TAU2 = ("REML", "DL", "EE", "ML", "PM", "HE", "SJ", "HS", "HSk")
COMMON_TESTS = ("z", "knha", "t", "adhoc", "hybrid", "iqwig", "kr")
#: Tests under a common effect: without tau2 there is nothing for the guards to guard.
COMMON_EFFECT_TESTS = ("z", "t", "knha")
#: With own weights: the estimators and tests that anyone has combined with them.
OWN_WEIGHTS_TAU2 = ("REML", "DL", "EE", "HS")
#: Kinds of prediction interval that differ in their degrees of freedom alone.
COMMON_PREDICTIONS = ("default", "hts", "t", "z")
#: Choices that only some figures depend on, and those figures.
ONLY_FOR = {"I2": ("I2", "H2"), "prediction": ("pi_low", "pi_high")}
#: How many steps down the list of estimators one step down another list is worth.
STEPS = {"weights": 6, "metric": 3, "back": 4, "variance": 2}
#: Dimensions in which a limit may name what the family leaves out by default.
FREE = ("tau2", "weights", "test", "I2", "prediction")
#: The dimensions of a family, in the order in which they stand in a specification.
DIMENSIONS = tuple(field.name for field in fields(Specification))


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Analyses, and how far each is from the one that was declared.

    Parameters
    ----------
    specifications : tuple of Specification
        Every analysis once.
    reference : Specification
        The declared analysis, defaults filled in.
    differs : ndarray of int, shape (n,)
        In how many choices each analysis differs from it.
    rank : ndarray of int, shape (n,)
        How uncommon its choices are: their places in the order of each dimension, summed.
    limits : str
        What the family was limited to, in words; empty for the whole.
    """

    specifications: tuple[Specification, ...]
    reference: Specification
    differs: Any
    rank: Any
    limits: str = ""

    def __len__(self) -> int:
        return len(self.specifications)

    @property
    def order(self) -> Any:
        """Positions by closeness to the declared analysis, then by how common the choices are."""
        return np.lexsort((self.rank, self.differs))


def family(
    table: StudyTable,
    *,
    software: str | None = None,
    declared: Mapping[str, Any] | None = None,
    limits: Mapping[str, str | Sequence[str]] | None = None,
    figures: Sequence[str] = (),
) -> Family:
    """Return the legitimate analyses of a study table.

    Parameters
    ----------
    table : StudyTable
        The studies.
    software : str, optional
        A program, whose abilities limit the family and whose defaults are the declared analysis.
    declared : mapping, optional
        Choices that are known, such as ``{"tau2": "DL"}``: analyses are ordered by closeness to
        them.
    limits : mapping, optional
        Choices allowed, by the names of ``Specification``: ``{"tau2": ["DL", "REML"]}``.
    figures : sequence of str
        Quantities that were printed; choices that none of them depends on are made once.

    Returns
    -------
    Family
        The analyses.

    Raises
    ------
    InputError
        On an unknown program or choice, and where the limits leave nothing.
    """
    program = None if software is None else program_of(software)
    allowed = {name: _chosen(name, value) for name, value in (limits or {}).items()}
    offered = _offered(program)
    for name, of in ONLY_FOR.items():
        if not set(of) & set(figures) and name not in allowed:
            offered[name] = offered[name][:1]
    made = list(dict.fromkeys(_every(table, program, offered, allowed)))
    if not made:
        raise InputError(
            f"`software` and the limits leave no analysis of {table.declaration.meaning}: "
            f"{_words(program, allowed)}. Allow more."
        )
    return _ordered(made, declared or {}, _words(program, allowed))


def family_of(
    specifications: Sequence[Specification], *, declared: Mapping[str, Any] | None = None
) -> Family:
    """Return a family of analyses that are given one by one, the commonest first.

    Parameters
    ----------
    specifications : sequence of Specification
        The analyses; one that stands twice counts once.
    declared : mapping, optional
        Choices that are known.

    Returns
    -------
    Family
        The analyses.

    Raises
    ------
    InputError
        If there is none, or something else among them.
    """
    made = list(dict.fromkeys(specifications))
    if not made or not all(isinstance(s, Specification) for s in made):
        raise InputError(
            "`among` must be limits by dimension, such as {'tau2': ['DL', 'REML']}, or a list of "
            f"Specification; got {listing([repr(s) for s in made], 3) or 'nothing'}."
        )
    return _ordered(made, declared or {}, "the analyses given")


def _offered(program: Program | None) -> dict[str, tuple[str, ...]]:
    """Return the choices of every dimension that metrics do not decide, the commonest first."""
    if program is None:
        rest = [code for code in known_estimators() if code not in COMMON_TAU2]
        return {
            "tau2": (*COMMON_TAU2, *rest),
            "weights": tuple(WEIGHTINGS),
            "test": COMMON_TESTS,
            "I2": ("tau2", "Q"),
            "prediction": COMMON_PREDICTIONS,
        }
    return {
        "tau2": program.tau2,
        "weights": program.weights,
        "test": program.tests,
        "I2": program.I2,
        "prediction": program.prediction,
    }


def _chosen(name: str, value: Any, argument: str = "among") -> tuple[str, ...]:
    """Return the choices that a limit allows, each known."""
    known: dict[str, Any] = {
        "tau2": [*TAU2, BARE_BONES], "test": [*TESTS, *BARE_BONES_TESTS],
        "weights": WEIGHTINGS, "back": BACKS, "prediction": PREDICTIONS,
        "I2": dict.fromkeys(("tau2", "Q")),
    }  # fmt: skip
    if name not in DIMENSIONS or name == "settings":
        raise InputError(one_of(argument, [d for d in DIMENSIONS if d != "settings"], name))
    values = (value,) if isinstance(value, str) else tuple(value)
    for one in values:
        if name in known and one not in known[name]:
            raise InputError(one_of(name, known[name], one))
    return values


def _metrics(table: StudyTable, program: Program | None) -> Iterator[Metric]:
    """Yield the metrics that a table can be pooled in, and that a program has."""
    for metric in table.declaration.metrics.values():
        fits = metric.scale in ("", table.scale)
        there = all(word in table.columns for word in metric.needs)
        formula = bool(metric.needs) and table.measure not in (None, "SMD")
        had = program is None or not program.metrics or metric.code in program.metrics
        if fits and there and had and not formula:
            yield metric


def _backs(metric: Metric, table: StudyTable, program: Program | None) -> tuple[str, ...]:
    """Return the ways a mean may be printed; effects as given go back as their measure does."""
    backs = metric.backs
    if metric.code == "as given":
        measure = MEASURES[table.measure] if table.measure else None
        natural = measure.transform if measure else "identity"
        backs = tuple(dict.fromkeys((natural, "identity")))
        if natural == "tanh":
            backs = ("tanh", "integral", "identity")
    if program is None:
        return backs
    return tuple(back for back in backs if back != "integral" or program.integral)


def _every(
    table: StudyTable,
    program: Program | None,
    offered: Mapping[str, tuple[str, ...]],
    allowed: Mapping[str, tuple[str, ...]],
) -> Iterator[Specification]:
    """Yield every analysis that makes sense and is allowed; a program's default comes first."""
    apart = [
        s
        for s in bare_bones_specifications(table)
        if all(getattr(s, name) in choices for name, choices in allowed.items())
    ]
    own = program is not None and program.code == "hunter-schmidt"
    if own:
        yield from apart
    models = [
        (tau2, weights, test)
        for tau2, weights, test in itertools.product(
            *(_of(name, offered[name], allowed, program) for name in ("tau2", "weights", "test"))
        )
        if _goes_together(tau2, weights, test, table)
    ]
    shown = [
        (share, prediction)
        for share, prediction in itertools.product(
            *(_of(name, offered[name], allowed, program) for name in ("I2", "prediction"))
        )
    ]
    for metric, rule, correct, cells, back in _effects(table, program, allowed):
        for (tau2, weights, test), (share, prediction) in itertools.product(models, shown):
            if back == "integral" and tau2 == "EE":
                continue  # without tau2 the mean of tanh is tanh of the mean
            shared = "tau2" if tau2 == "EE" else share
            yield Specification(
                metric, rule, correct, tau2, weights, test, back, shared, prediction, cells
            )
    if program is None:
        yield from apart


def _of(
    name: str,
    choices: Sequence[str],
    allowed: Mapping[str, tuple[str, ...]],
    program: Program | None = None,
) -> tuple[str, ...]:
    """Return the choices of a dimension that are allowed; those of a program are not added to."""
    if program is None and name in allowed and name in FREE:
        return allowed[name]
    return tuple(c for c in choices if name not in allowed or c in allowed[name])


def _effects(
    table: StudyTable, program: Program | None, allowed: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, str, str, tuple[Any, ...], str]]:
    """Yield what can be pooled: metric, variance rule, correction, policy for cells, way back."""
    for metric in _metrics(table, program):
        if "metric" in allowed and metric.code not in allowed["metric"]:
            continue
        rules, corrections = metric.rules, metric.corrections
        if program is not None:
            rules = program.rules.get(metric.code, rules[:1])
            corrections = _had(corrections, program.corrections)
        if table.sizes is None:
            rules = tuple(rule for rule in rules if rule not in metric.sized)
        for rule, correct, cells, back in itertools.product(
            _of("variance", rules, allowed),
            _of("correct", corrections, allowed),
            _cells(metric, table),
            _of("back", _backs(metric, table, program), allowed),
        ):
            yield metric.code, rule, correct, cells, back


def _had(corrections: tuple[str, ...], of_program: tuple[str, ...]) -> tuple[str, ...]:
    return corrections if corrections == ("",) else of_program


def _cells(metric: Metric, table: StudyTable) -> tuple[Any, ...]:
    """Return the policies for empty cells, one where no cell is empty."""
    if len(metric.settings) == 1:
        return metric.settings
    x = table.columns
    cells = [x["events1"], x["events2"]]
    for group in "12":
        other = x.get(f"non_events{group}")
        cells.append(x[f"n{group}"] - x[f"events{group}"] if other is None else other)
    return metric.settings if any((cell == 0).any() for cell in cells) else metric.settings[:1]


def _goes_together(tau2: str, weights: str, test: str, table: StudyTable) -> bool:
    """Tell whether anyone has combined these: estimator, weights and test."""
    if tau2 not in BATCH_TAU2 or test not in TESTS or TAU2[tau2].takes == "weights":
        return False
    if WEIGHTINGS[weights].needs_n and table.sizes is None:
        return False
    if test == "kr":
        return tau2 == "REML" and weights == "iv"
    if tau2 == "EE" or weights != "iv":
        return test in COMMON_EFFECT_TESTS and (weights == "iv" or tau2 in OWN_WEIGHTS_TAU2)
    return True


def _ordered(made: list[Specification], declared: Mapping[str, Any], limits: str) -> Family:
    """Return the family with the distance of each analysis from the declared one."""
    _refuse_unknown(declared)
    ladders = {name: list(dict.fromkeys(getattr(s, name) for s in made)) for name in DIMENSIONS}
    reference = Specification(
        **{name: declared.get(name, ladder[0]) for name, ladder in ladders.items()}
    )
    first_rule: dict[str, str] = {}
    first_form: dict[str, str] = {}
    first_back: dict[str, str] = {}
    for s in made:
        first_rule.setdefault(s.metric, s.variance)
        first_form.setdefault(s.metric, s.correct)
        first_back.setdefault(s.metric, s.back)
    places = {
        name: {choice: i for i, choice in enumerate(ladder)} for name, ladder in ladders.items()
    }
    differs = np.zeros(len(made), dtype=int)
    rank = np.zeros(len(made), dtype=int)
    for i, s in enumerate(made):
        # A rule that another metric lacks is no change beyond that of the metric.
        own = {"variance": first_rule, "correct": first_form, "back": first_back}
        for name in DIMENSIONS:
            now, wanted = getattr(s, name), getattr(reference, name)
            if name in own and name not in declared:
                wanted = own[name][s.metric]
            differs[i] += now != wanted
            rank[i] += STEPS.get(name, 1) * places[name][now]
    return Family(tuple(made), reference, differs, rank, limits)


def _refuse_unknown(declared: Any) -> None:
    """Refuse choices that no analysis of any study data has: they would count for nothing."""
    if not isinstance(declared, Mapping):
        raise InputError(
            "`declared` must be a mapping of choices, such as {'tau2': 'DL', 'test': 'z'}; "
            f"got {declared!r}."
        )
    metrics = [m for kind in KINDS.values() for m in kind.metrics.values()]
    known = {
        "metric": [m.code for m in metrics],
        "variance": [*(rule for m in metrics for rule in m.rules), *BARE_BONES_RULES],
        "correct": [form for m in metrics for form in m.corrections],
    }
    for name, choice in declared.items():
        _chosen(name, choice, "declared")
        if not isinstance(choice, str):
            raise InputError(f"`declared` must name one {name}; got {choice!r}.")
        if name in known and choice not in known[name]:
            raise InputError(one_of(name, dict.fromkeys(known[name]), choice))


def _words(program: Program | None, allowed: Mapping[str, tuple[str, ...]]) -> str:
    told = [] if program is None else [f"what {program.name} can do"]
    told += [f"{name} {listing(list(values), 6)}" for name, values in allowed.items()]
    return "; ".join(told)


def programs_that_print(
    specification: Specification, figures: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the programs that can be made to run an analysis.

    Parameters
    ----------
    specification : Specification
        The analysis.
    figures : sequence of str
        Quantities that were printed: the definition of I2 and the kind of prediction interval
        count where one of them depends on it.

    Returns
    -------
    tuple of str
        Their codes.
    """
    return tuple(
        p.code
        for p in PROGRAMS.values()
        if _can(p, specification) and _shows(p, specification, figures)
    )


def _first_rule(metric: str, otherwise: str) -> str:
    return MEASURES[metric].variance_rules[0] if metric in MEASURES else otherwise


def _shows(program: Program, s: Specification, figures: Sequence[str]) -> bool:
    """Tell whether a program prints the figures that are defined in several ways in this one."""
    asked = [name for name, of in ONLY_FOR.items() if set(of) & set(figures)]
    if s.tau2 in ("EE", BARE_BONES):
        return True  # there is one I2, and no prediction interval
    return all(getattr(s, name) in getattr(program, name) for name in asked)


def _can(program: Program, s: Specification) -> bool:
    """Tell whether a program has every choice of an analysis."""
    if s.tau2 == BARE_BONES:
        return program.code == "hunter-schmidt"
    rules = program.rules.get(s.metric)
    return (
        s.tau2 in program.tau2
        and s.test in program.tests
        and s.weights in program.weights
        and (s.back != "integral" or program.integral)
        and (not program.metrics or s.metric in program.metrics)
        and (not s.correct or s.correct in program.corrections)
        and (s.variance in rules if rules else s.variance == _first_rule(s.metric, s.variance))
    )
