"""What an analysis says in words: a sentence first, tables to be read, notes on what puzzles."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._format import count, listing
from metarel._lazy import Deferred, pd
from metarel.app._lines import line_name
from metarel.report._quantities import (
    has_moderators,
    joint_test,
    pooled_estimate,
    print_estimate,
    random_effects,
    scale_of_fit,
)
from metarel.report._runs import plain
from metarel.report._style import STYLES, percentage

if TYPE_CHECKING:
    import pandas

    from metarel.app._studies import Analysis
    from metarel.search.result import AnalysisSearch

sentences: Any = Deferred("metarel.report.sentence")

STYLE = STYLES["apa"]
DIGITS = 2
#: Rows that were left out are named up to so many.
MOST_NAMED = 5
#: Parts of texts that speak of Python, which a reader of the page does not have.
_PYTHON = re.compile(r",? see to_frame\(\)|^explain_gap\(\).*$", re.MULTILINE)


def headline(analysis: Analysis) -> str:
    """Return the pooled effect as one sentence, with the number of studies."""
    fit, data = analysis.fit, analysis.effects
    told = plain(sentences.mean_sentence(fit, scale_of_fit(fit, data), STYLE, DIGITS))
    return f"{count(fit.k, 'study', 'studies')}. {told}"


def further(analysis: Analysis) -> str:
    """Return the rest of what an article prints of it: the model and the heterogeneity."""
    fit, data = analysis.fit, analysis.effects
    told = plain(sentences.mean_sentence(fit, scale_of_fit(fit, data), STYLE, DIGITS))
    return paragraph(fit, data).replace(f"{told} ", "")


def paragraph(fit: Any, data: pandas.DataFrame) -> str:
    """Return the sentences that an article prints of a fit."""
    return str(sentences.sentence(fit, data=data))


def subgroup_table(analysis: Analysis) -> tuple[pandas.DataFrame, str]:
    """Return the levels on the scale people read, and a caption that names that scale."""
    groups = analysis.groups
    if groups is None:
        raise ValueError("there are no subgroups")
    scale = scale_of_fit(groups.overall, analysis.effects)
    named = plain(scale.letter) or "effect"
    people = groups.table.set_index("level")["N"] if "N" in groups.table else None
    last = "all levels"
    rows = []
    for level, fit in [*groups.fits.items(), (last, groups.overall)]:
        shown = pooled_estimate(fit, scale, STYLE, DIGITS)
        alone = fit.k == 1
        row: dict[str, Any] = {groups.by: level, "k": fit.k}
        if people is not None:
            row["N"] = f"{people.sum() if level == last else people[level]:,.0f}"
        row |= {named: shown.estimate, _interval(fit): STYLE.limits(shown.low, shown.high)}
        if scale.reading.null is not None:
            row["p"] = STYLE.p_cell(float(fit.p_value[0]))
        rows.append({**row, "I²": "" if alone else percentage(fit.I2)})
    analysed = f", analysed as {scale.analysed}" if scale.analysed else ""
    name = scale.name[:1].upper() + scale.name[1:]
    return pd.DataFrame(rows), f"{name} by {groups.by}{analysed}"


def _interval(fit: Any) -> str:
    return f"{100 * fit.spec.level:g}% CI"


def subgroup_tests(analysis: Analysis) -> tuple[str, ...]:
    """Return the test between the levels, and why its Q need not add up with the others."""
    groups = analysis.groups
    if groups is None:
        return ()
    told = plain(joint_test(groups.between, STYLE))
    found = [f"Test of differences between the levels: {told}."]
    if random_effects(groups.overall):
        found.append(
            "This is a random-effects test, so the Q between and the Q within the levels need not "
            "add up to the Q of all studies."
        )
    return tuple(found)


def moderator_tests(analysis: Analysis) -> tuple[str, ...]:
    """Return the test of the moderators, and what the model says of a study at their means."""
    fit = analysis.regression
    if fit is None or not has_moderators(fit):
        return ()
    found = []
    if fit.omnibus is not None:
        name = ", ".join(fit.study.design.variables)
        found.append(f"Moderators ({name}): {plain(joint_test(fit.omnibus, STYLE, 'QM'))}.")
    columns = _plain_columns(analysis)
    return (*found, *(_at_the_means(analysis, columns) if columns else ()))


def _plain_columns(analysis: Analysis) -> list[str]:
    """Return the moderators, where each is a column of numbers taken as it is; else none."""
    fit: Any = analysis.regression
    names = [term for term in fit.study.terms if term != "intercept"]
    studies = analysis.effects
    taken = all(name in studies and studies[name].dtype.kind in "fiu" for name in names)
    return names if taken and "intercept" in fit.study.terms else []


def _at_the_means(analysis: Analysis, names: Sequence[str]) -> list[str]:
    """Say what is expected at the means of the moderators, and what a step in each changes."""
    fit: Any = analysis.regression
    used = analysis.effects.iloc[fit.study.rows]
    scale = scale_of_fit(fit, analysis.effects)
    means = {name: float(f"{used[name].mean():.4g}") for name in names}
    row = fit.predict(pd.DataFrame([means])).iloc[0]
    values = {key: scale.back(float(row[key])) for key in ("estimate", "ci_low", "ci_high")}
    shown = print_estimate(values, STYLE, DIGITS, bounded=scale.bounded)
    letter = f"{plain(scale.letter)} = " if scale.letter else ""
    at = listing([f"{name} = {value:g}" for name, value in means.items()])
    found = [
        f"At the {'mean' if len(names) == 1 else 'means'} of the moderators ({at}) the model "
        f"expects {letter}{shown.estimate}, "
        f"{STYLE.limits(shown.low, shown.high, fit.spec.level)}."
    ]
    frame = fit.to_frame().set_index("term")
    on = f" (as {scale.analysed})" if scale.analysed else ""
    level = fit.spec.level
    slopes = (_slope(name, frame.loc[name], _step(used[name]), level, on) for name in names)
    return [*found, *slopes]


def _step(column: pandas.Series) -> float:
    """Return a step that fits a column's range: a power of ten."""
    span = float(column.max() - column.min())
    return 10.0 ** math.floor(math.log10(span)) if span > 0 else 1.0


def _slope(name: str, row: pandas.Series, step: float, level: float, on: str) -> str:
    values = {key: step * float(row[key]) for key in ("estimate", "ci_low", "ci_high")}
    shown = print_estimate(values, STYLE, DIGITS, bounded=False, units=10.0)
    return (
        f"For {step:g} more in {name} the effect{on} changes by {shown.estimate}, "
        f"{STYLE.limits(shown.low, shown.high, level)}, {plain(STYLE.p(float(row['p_value'])))}."
    )


def left_out(analysis: Analysis) -> tuple[str, ...]:
    """Name each study that did not take part, where it stands in the file, and what it lacks."""
    found = [_lack(analysis, row) for row in analysis.fit.study.dropped]
    missing = {one.row for one in analysis.fit.study.dropped}
    names = analysis.fit.study.labels
    place = {int(row): str(names[i]) for i, row in enumerate(analysis.fit.study.rows)}
    by = analysis.choice.by
    if analysis.groups is not None and by:
        empty = np.flatnonzero(analysis.effects[by].isna().to_numpy()).tolist()
        found += [
            f"{_studied(analysis, row, place[row])} is in no subgroup: its {by} is empty."
            for row in empty
            if row not in missing
        ]
    if analysis.regression is not None:
        found += [
            f"{_studied(analysis, one.row, one.label)} is not in the regression: its "
            f"{one.reason.removeprefix('no ')} is empty."
            for one in analysis.regression.study.dropped
            if one.row not in missing
        ]
    if len(found) <= MOST_NAMED:
        return tuple(found)
    return (*found[:MOST_NAMED], f"{count(len(found) - MOST_NAMED, 'study', 'studies')} more.")


def _lack(analysis: Analysis, one: Any) -> str:
    """Say why a row has no effect, by the empty cells that the effect would have come from."""
    cells = analysis.table.studies.iloc[one.row]
    columns = [column for column in analysis.choice.words.values() if column]
    empty = [str(column) for column in columns if pd.isna(cells[column])]
    why = f"its {listing(empty)} {'is' if len(empty) == 1 else 'are'} empty" if empty else (
        f"no effect can be computed from its {listing([str(c) for c in columns])}"
    )  # fmt: skip
    return f"{_studied(analysis, one.row, one.label)} was left out: {why}."


def _studied(analysis: Analysis, row: int, label: str) -> str:
    return f"{label} ({line_name(row, analysis.table.lines)})"


def search_lead(found: AnalysisSearch) -> str:
    """Return what a search for printed figures came to, in one sentence."""
    number, tried, results = len(found.matching), found.tried, len(found.classes)
    if not tried:
        return "No usual analysis can be run on these studies."
    if not number:
        return f"None of the {tried:,} usual analyses prints all of these figures."
    prints = "prints" if number == 1 else "print"
    start = f"{number:,} of {tried:,} usual analyses {prints} these figures"
    if results == 1:
        return f"{start}{', all with the same result' if number > 1 else ''}."
    return (
        f"{start}, with {results:,} different results: the printed figures do not decide between "
        "them."
    )


def search_text(found: AnalysisSearch) -> str:
    """Return everything that a search found, without what is said to users of Python."""
    return _PYTHON.sub("", str(found)).strip()
