"""What a measure of effect is: its inputs, its formulas, its variance rules, its sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from metarel._vocabulary import SYMBOLS
from metarel.effects.transforms import TRANSFORMS

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel._vocabulary import Domain

    Rows: TypeAlias = Any  # the record that a design builds, one array an attribute
    Given: TypeAlias = Mapping[str, Array]
    Options: TypeAlias = Mapping[str, Any]

Correction = Literal["", "J", "series"]

LARGE_SAMPLE = "LS"
DIFFERENCE = "positive when group 1 is higher"
CHANGE = "positive when the first measurement is higher"
ASSOCIATION = "positive when high values go together"
LEVEL = "higher means more of it"
OUTCOME = "the unit of the outcome"
RATE = "events per person-time"
ROOT_RATE = "square root of events per person-time"

CORRECTIONS = {
    "J": "Hedges' factor J for small samples, unless correct=False",
    "series": "a series term for small samples, unless correct=False",
    "": "none",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A choice that some measures take besides their data.

    Parameters
    ----------
    code : str
        The word users type.
    meaning : str
        What it decides, as a phrase.
    default : object
        Its value when it is not given.
    choices : tuple of str
        The words allowed, or empty for a number or a truth value.
    """

    code: str
    meaning: str
    default: Any
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    """What a family of measures is computed from.

    Parameters
    ----------
    code : str
        Its name.
    complete : callable
        ``complete(given, options)`` turns float vectors by input word into the record that the
        formulas read; words that were not given are vectors of NaN.
    check : callable or None
        ``check(given, labels)`` refuses rows whose inputs contradict each other.
    settings : tuple of Setting
        The choices its measures take.
    metafor : mapping of str to str
        metafor's names of input words, where they differ from those of the vocabulary.
    """

    code: str
    complete: Callable[[Given, Options], Rows]
    check: Callable[[Given, Any], None] | None = None
    settings: tuple[Setting, ...] = ()
    metafor: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VarianceRule:
    """One way to estimate the sampling variance of a measure.

    Parameters
    ----------
    code : str
        Its name, metafor's where metafor has it.
    formula : str
        The variance as a formula over the input words.
    variance : callable
        ``variance(rows, yi)`` gives vi.
    source : str
        Key of the publication.
    same_as : str
        Which program gives the same number, and under which name.
    across_rows : bool
        Whether it borrows from the other rows, so that a row alone gives another number.
    """

    code: str
    formula: str
    variance: Callable[[Rows, Array], Array]
    source: str = ""
    same_as: str = ""
    across_rows: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of effect, as a declaration.

    Parameters
    ----------
    code : str
        The field's code, metafor's where metafor has the measure.
    name : str
        Its name in words.
    design : Design
        What it is computed from.
    inputs : tuple of str
        The input words that are enough.
    estimate : callable
        ``estimate(rows)`` gives yi.
    formula : str
        yi as a formula over the input words.
    rules : tuple of VarianceRule
        The variance rules; the first is the default.
    sources : tuple of str
        Keys of the publications.
    alternatives : tuple of tuple of str
        Other sets of input words that are enough, row by row, in order of preference.
    optional : tuple of str
        Words that may be added to any of these sets.
    transform : str
        Code of the back-transformation (``effects.transforms``) to the scale people read.
    unit : str
        Its unit; ``"1"`` means a pure number.
    direction : str
        What a positive value means.
    correction : str
        ``"J"`` where Hedges' factor removes a bias, ``"series"`` where a series term does,
        empty where there is nothing to correct.
    domains : mapping of str to Domain
        Input words that the formula needs in a narrower range than the word allows.
    settings : mapping of str to object
        Defaults of settings where they differ from the design's.
    same_as : str
        Which programs give the same number, and what differs.
    """

    code: str
    name: str
    design: Design
    inputs: tuple[str, ...]
    estimate: Callable[[Rows], Array]
    formula: str
    rules: tuple[VarianceRule, ...]
    sources: tuple[str, ...]
    alternatives: tuple[tuple[str, ...], ...] = ()
    optional: tuple[str, ...] = ()
    transform: str = "identity"
    unit: str = "1"
    direction: str = DIFFERENCE
    correction: Correction = ""
    domains: Mapping[str, Domain] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    same_as: str = ""

    @property
    def ways(self) -> tuple[tuple[str, ...], ...]:
        """Return every set of input words that is enough."""
        return (self.inputs, *self.alternatives)

    @property
    def words(self) -> tuple[str, ...]:
        """Return every input word the measure takes, in order, once."""
        return tuple(dict.fromkeys([word for way in self.ways for word in way] + [*self.optional]))

    @property
    def variance_rules(self) -> tuple[str, ...]:
        """Return the codes of the variance rules, the default first."""
        return tuple(rule.code for rule in self.rules)

    @property
    def metafor_words(self) -> dict[str, str]:
        """Return metafor's name of each input, and ours."""
        names = self.design.metafor
        theirs = {names.get(word, SYMBOLS[word].metafor): word for word in self.words}
        return {name: word for name, word in theirs.items() if name}

    def rule(self, code: str | None) -> VarianceRule:
        """Return the variance rule of a code that is known to exist, or the default."""
        return next(rule for rule in self.rules if code is None or rule.code == code)

    def __str__(self) -> str:
        return _text(self)

    def options(self, given: Options | None = None) -> dict[str, Any]:
        """Return every setting of the measure, defaults filled in."""
        defaults = {setting.code: setting.default for setting in self.design.settings}
        return {**defaults, **self.settings, "correct": "exact", **(given or {})}


def call(measure: Measure, frame: str = "data") -> str:
    """Return an example call, each input a column of its own name."""
    words = ", ".join(f'{word}="{word}"' for word in measure.inputs)
    return f'effect_sizes({frame}, "{measure.code}", {words})'


def _text(measure: Measure) -> str:
    """Return the declaration as a page to read."""
    others = [f"or {', '.join(way)}" for way in measure.alternatives]
    added = [f"may be added: {', '.join(measure.optional)}"] if measure.optional else []
    facts = {
        "formula": [measure.formula],
        "unit": ["a pure number" if measure.unit == "1" else measure.unit],
        "direction": [measure.direction],
        "read as": [TRANSFORMS[measure.transform].formula.replace("y", "yi")],
        "correction": [CORRECTIONS[measure.correction]],
        "inputs": [", ".join(measure.inputs), *others, *added],
        "same as": [measure.same_as],
        "sources": [", ".join(measure.sources) or "the reader's own"],
    }
    lines = [f"{measure.code}: {measure.name}", ""]
    for name, texts in facts.items():
        lines += [f"  {name if i == 0 else '':<12}{text}" for i, text in enumerate(texts)]
    return "\n".join([*lines, *_inputs(measure), *_choices(measure), "", f"  {call(measure)}"])


def _inputs(measure: Measure) -> list[str]:
    """Return a line for each input: what it means, its unit, the numbers it may be."""
    lines = ["", "  each input"]
    for word in measure.words:
        symbol = SYMBOLS[word]
        unit = "" if symbol.unit == "1" else f" ({symbol.unit})"
        domain = measure.domains.get(word, symbol.domain)
        lines.append(f"    {word:<12}  {symbol.meaning}{unit}; {domain}")
    return lines


def _choices(measure: Measure) -> list[str]:
    """Return the variance rules, the default first, and the settings with their defaults."""
    lines = ["", "  variance rules, the default first"]
    for rule in measure.rules:
        lines.append(f"    {rule.code:<12}  {rule.formula}")
        told = "; ".join(filter(None, (rule.source, rule.same_as)))
        lines.append(f"    {'':<12}  {told}{'; borrows from the rows' if rule.across_rows else ''}")
    if measure.design.settings:
        lines += ["", "  settings"]
    for setting in measure.design.settings:
        default = measure.settings.get(setting.code, setting.default)
        words = f"; one of {', '.join(setting.choices)}" if setting.choices else ""
        lines.append(f"    {setting.code:<12}  {setting.meaning}{words}; {default!r} if not given")
    return lines


@dataclass(frozen=True, slots=True)
class Effect:
    """Effects and their sampling variances, row by row.

    Parameters
    ----------
    yi, vi : ndarray of shape (k,)
        The effects and their variances; NaN where a row has none.
    """

    yi: Array
    vi: Array


def compute_effect(
    measure: Measure, given: Given, variance: str | None = None, options: Options | None = None
) -> Effect:
    """Return the effects of checked inputs: float vectors of one length, by input word."""
    length = len(next(iter(given.values())))
    nothing = np.full(length, np.nan)
    inputs = {word: given.get(word, nothing) for word in measure.words}
    rule = measure.rule(variance)
    chosen = {**measure.options(options), "variance": rule.code}
    with np.errstate(all="ignore"):
        for_yi, for_vi = _sides(measure.design, inputs, chosen)
        yi = measure.estimate(for_yi)
        vi = rule.variance(for_vi, yi)
    # A division by an empty cell leaves neither an effect nor a variance to use.
    hopeless = np.isinf(yi) | np.isinf(vi)
    return Effect(np.where(hopeless, np.nan, yi), np.where(hopeless, np.nan, vi))


def _sides(design: Design, inputs: Given, options: Options) -> tuple[Rows, Rows]:
    """Return the records for yi and for vi, which differ only where `add_to` says so."""
    rows = design.complete(inputs, options)
    side = options.get("add_to", "both")
    if side == "both":
        return rows, rows
    bare = design.complete(inputs, {**options, "add": 0.0})
    return (bare, rows) if side == "vi" else (rows, bare)
