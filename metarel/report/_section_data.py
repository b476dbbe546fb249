"""What a report says of its data and of its model."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from metarel._distributions import critical_value
from metarel._format import count
from metarel.effects.register import MEASURES
from metarel.models._inference import TESTS
from metarel.models._prediction import PREDICTION_INTERVALS
from metarel.report._case import Case
from metarel.report._content import Block, Listing, Table, make_table, say
from metarel.report._model_words import model_sentence, sizes
from metarel.report._quantities import has_moderators, people_of, print_estimate, random_effects
from metarel.report._runs import Run, Text, joined, phrase
from metarel.report._style import digits_of_value
from metarel.robust._result import RobustFit
from metarel.robust._sandwich import ROBUST_KINDS
from metarel.settings.programs import PRESETS
from metarel.tau2.register import TAU2

SE_DIGITS = 3
#: More studies than this from other inputs are counted, not named.
MOST_NAMED = 12


def data_blocks(case: Case) -> list[Block]:
    """Return where the studies come from, which were left out, and each of them.

    Parameters
    ----------
    case : Case
        The report.

    Returns
    -------
    list of blocks
        Paragraphs and the table of studies.
    """
    whole = case.whole
    people = people_of(whole, case.wish.n, case.wish.data)
    first = [phrase("{sizes} took part.", sizes=sizes(whole, people))]
    if people is None:
        first.append(phrase("The number of people is not known to this report."))
    if case.source:
        first.append(phrase("Source of the data: {source}", source=case.source))
    dropped = whole.study.dropped
    rows = count(len(dropped), "row was", "rows were") if dropped else "No row was"
    first.append(phrase("{rows} left out{end}", rows=rows, end=":" if dropped else "."))
    items = tuple(phrase("{name}: {why}", name=d.label, why=d.reason) for d in dropped)
    blocks: list[Block] = [say("{text}", text=joined(first, " "))]
    blocks += [Listing(items)] * bool(items)
    blocks.append(say("{text}", text=joined(_effect_texts(case), " ")))
    return [*blocks, *_other_inputs(case), study_table(case)]


def _other_inputs(case: Case) -> list[Block]:
    """Return the studies whose effects came from another set of inputs than the formula's."""
    found = _ways_of_studies(case)
    if not found:
        return []
    if len(found) > MOST_NAMED:
        ways = Counter(", ".join(values) for _, values in found)
        items = [f"{count(n, 'study', 'studies')} from {way}" for way, n in ways.items()]
    else:
        items = [
            f"{label}: from {', '.join(f'{word} = {value:.10g}' for word, value in values.items())}"
            for label, values in found
        ]
    head = "Not from these inputs, but from others that give the same effect, were computed:"
    return [say(head), Listing(tuple((Run(item),) for item in items))]


def _ways_of_studies(case: Case) -> list[tuple[str, dict[str, float]]]:
    """Return the studies that lack an input of the formula, and what they were computed from.

    A study uses the first set of inputs that is complete in it.
    """
    study, made, data = case.whole.study, case.made(), case.wish.data
    if not made or made.get("measure") != study.measure or max(study.rows) >= len(data):
        return []
    measure = MEASURES[made["measure"]]
    columns = {word: c for word, c in made["inputs"].items() if isinstance(c, str) and c in data}
    ways = [way for way in measure.ways if set(way) <= set(columns)]
    if len(ways) < 2:
        return []
    rows = data.iloc[np.asarray(study.rows)]
    known = [rows[[columns[w] for w in way]].notna().all(axis=1).to_numpy() for way in ways]
    first = np.argmax(np.array(known), axis=0)
    lists = {word: rows[column].to_list() for word, column in columns.items()}
    return [
        (str(study.labels[i]), {word: float(lists[word][i]) for word in ways[first[i]]})
        for i in np.flatnonzero((first > 0) | ~known[0]).tolist()
        if known[first[i]][i]
    ]


def _effect_texts(case: Case) -> list[Text]:
    """Say which measure the effects are, and how they were computed."""
    measure = case.whole.study.measure
    if measure is None or measure == "GEN":
        text = "Effects and their variances were taken as reported; their measure is not known."
        return [phrase(text)]
    declared, made = MEASURES[measure], case.made()
    found = [
        phrase(
            "Effects are of the measure {code}: {name}; {direction}.",
            code=measure,
            name=declared.name,
            direction=declared.direction,
        )
    ]
    if made.get("measure") != measure:
        text = "How effects and variances were computed is not known to this report."
        return [*found, phrase(text)]
    rule = declared.rule(made["variance"])
    inputs = ", ".join(str(c) for c in made["inputs"].values() if c is not None)
    text = "They were computed by metarel from {inputs}: *y* = {formula}; variance ({code}): {var}."
    found.append(
        phrase(
            text,
            inputs=f"the columns {inputs}" if inputs else "the numbers given",
            formula=declared.formula,
            code=rule.code,
            var=rule.formula,
        )
    )
    if made.get("flip"):
        found.append(phrase("The sign of some effects was turned, as asked for."))
    return found


def study_table(case: Case) -> Table:
    """Return a row for each study: its effect on the scale of print, its SE and its weight.

    Parameters
    ----------
    case : Case
        The report.

    Returns
    -------
    Table
        In the order of the data.
    """
    whole, scale = case.whole, case.scale
    extra = _more_columns(case)
    heads: list[Any] = ["Study", *((Run(name),) for name in extra), scale.letter or "Effect"]
    heads += [
        f"{100 * whole.spec.level:g}% CI",
        *(["*y*"] * bool(scale.analysed)),
        "*SE*",
        "Weight",
    ]
    weights = whole.weights().to_numpy()
    rows = [
        [
            str(label),
            *(column[i] for column in extra.values()),
            *_effect_cells(case, i),
            f"{case.wish.style.number(weights[i], 1)}%",
        ]
        for i, label in enumerate(whole.study.labels)
    ]
    notes = [
        phrase("CI = estimate ± *z* × *SE*; weight = share in the mean, or in the coefficients.")
    ]
    if scale.analysed:
        notes.append(
            phrase(
                "*y* is the effect as analysed ({how}); *SE* is that of *y*.", how=scale.analysed
            )
        )
    return make_table("Studies", heads, rows, *notes)


def _effect_cells(case: Case, i: int) -> list[str]:
    """Return a study's effect with its limits, what was analysed, and its standard error."""
    study, style, scale = case.whole.study, case.wish.style, case.scale
    y, se = float(study.yi[i]), float(np.sqrt(study.vi[i]))
    half = float(critical_value(case.whole.spec.level, np.inf)) * se
    ends = {"estimate": y, "ci_low": y - half, "ci_high": y + half}
    values = {key: scale.back(end) for key, end in ends.items()}
    shown = print_estimate(values, style, case.wish.digits, bounded=scale.bounded)
    digits = digits_of_value(se, SE_DIGITS)
    own = [style.number(y, digits)] * bool(scale.analysed) + [style.number(se, digits)]
    return [shown.estimate, style.limits(shown.low, shown.high), *own]


def _more_columns(case: Case) -> dict[str, list[str]]:
    """Return the moderators, or the levels, as columns of the table of studies."""
    if case.levels:
        return {case.fit.by: case.level_of_studies()}
    frame = case.whole.study.design.frame
    if frame is None:
        return {}
    return {str(name): [_cell(value) for value in frame[name]] for name in frame.columns}


def _cell(value: Any) -> str:
    return f"{value:g}".replace("-", "−") if isinstance(value, (float, np.floating)) else str(value)


def model_blocks(case: Case) -> list[Block]:
    """Return the model in words and as equations.

    Parameters
    ----------
    case : Case
        The report.

    Returns
    -------
    list of blocks
        Paragraphs.
    """
    whole = case.whole
    people = people_of(whole, case.wish.n, case.wish.data)
    blocks: list[Block] = [say("{text}", text=model_sentence(whole, case.wish.style, people))]
    if case.levels:
        kind = "one τ² for all levels" if case.fit.common_tau2 else "a τ² of its own in each level"
        text = "The same model was fitted to the studies of each level of {by}, with {kind}."
        blocks.append(say(text, by=case.fit.by, kind=kind))
    mean = "*x*ᵢ′β" if has_moderators(whole) else "μ"
    if random_effects(whole):
        text = "*y*ᵢ = {mean} + *u*ᵢ + *e*ᵢ, with *u*ᵢ ~ N(0, τ²) and *e*ᵢ ~ N(0, *v*ᵢ)"
        weight = "1/(*v*ᵢ + τ²)"
    else:
        text, weight = "*y*ᵢ = {mean} + *e*ᵢ, with *e*ᵢ ~ N(0, *v*ᵢ)", "1/*v*ᵢ"
    blocks.append(say(f"{text}, for studies *i* = 1, …, *k*.", mean=phrase(mean)))
    if whole.study.weights is None:
        blocks.append(say(f"Studies are weighted by {weight}."))
    else:
        blocks.append(say("Studies are weighted as the user, or the method, has it."))
    if has_moderators(whole):
        blocks.append(
            say("Formula of the moderators: {formula}.", formula=whole.study.design.formula)
        )
    return blocks


def convention_blocks(case: Case) -> list[Block]:
    """Return the choices behind the numbers that programs differ in.

    Parameters
    ----------
    case : Case
        The report.

    Returns
    -------
    list of blocks
        A list, and what a preset set.
    """
    spec = case.whole.spec
    by_q = not random_effects(case.whole) or spec.I2 == "Q"
    kinds = ROBUST_KINDS if isinstance(case.whole, RobustFit) else TESTS
    prediction = PREDICTION_INTERVALS[spec.prediction].name
    items = [
        ("Estimator of τ²", _estimator(spec.tau2)),
        ("Test", _named(spec.test, kinds[spec.test].name)),
        ("Confidence level", f"{100 * spec.level:g}%"),
        (
            "Prediction interval",
            "none" if spec.tau2 == "EE" else _named(spec.prediction, prediction),
        ),
        ("I² and H² from", "Q" if by_q else "τ² and the typical sampling variance"),
        ("Effects are read as", case.scale.reading.scale.transform.formula),
        ("Numbers are printed in the style of", case.wish.style.name),
    ]
    blocks: list[Block] = [
        make_table("Settings of this analysis, by metarel’s codes", ["Setting", "Value"], items)
    ]
    if spec.settings is None:
        blocks.append(
            say("No other program’s settings were asked for: all else is as metarel has it.")
        )
    else:
        name = PRESETS[spec.settings.code].name
        blocks.append(say("Settings were those of {name}.", name=name))
        blocks.append(Listing(tuple((Run(line),) for line in spec.settings.lines())))
    return blocks


def _estimator(tau2: str | float) -> str:
    if not isinstance(tau2, str):
        return f"none, for it was given as {tau2:g}"
    return _named(tau2, TAU2[tau2].name)


def _named(code: str, name: str) -> str:
    """Return a code with what it stands for, where that is not the same."""
    return code if name == code else f"{code} ({name})"
