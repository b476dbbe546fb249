"""What a report says of the results: means, heterogeneity, moderators, small studies."""

from __future__ import annotations

import math
from typing import Any

from metarel._lazy import pd
from metarel.models.tau2_interval import tau2_interval
from metarel.moderators._adjust import ADJUSTMENTS
from metarel.plot.bubble import bubble
from metarel.plot.forest import forest
from metarel.plot.funnel import funnel
from metarel.report import _table_rows as rows_of
from metarel.report._case import FONT_SIZE, Case, figure, quietly
from metarel.report._content import Block, make_table, say
from metarel.report._quantities import (
    has_moderators,
    joint_test,
    pooled_estimate,
    random_effects,
    tau2_text,
)
from metarel.report._runs import Run
from metarel.report._style import percentage
from metarel.report.sentence import heterogeneity_sentence, sentence_runs
from metarel.robust._result import RobustFit

MOST_BUBBLES = 3
EGGER = (
    'Egger’s regression test is regression_test(fit, model="lm") in metarel; in R, behind the '
    'program that writes this analysis, it is regtest(fit, model="lm").'
)
#: What the codes of methods for limits of tau2 stand for.
METHODS = {"QP": "*Q*-profile", "HT": "test-based"}
ROBUST_FIGURE = (
    "The summary is that of the model without the cluster-robust covariance: its interval is not "
    "the one to report."
)


def result_blocks(case: Case) -> list[Block]:
    """Return the sentences of an article, the table, and the forest plot.

    Parameters
    ----------
    case : Case
        The report.

    Returns
    -------
    list of blocks
        Paragraphs, a table and a figure.
    """
    wish = case.wish
    text = sentence_runs(case.fit, wish.style, wish.digits, wish.n, wish.data)
    blocks: list[Block] = [say("{text}", text=text)]
    if not case.levels:
        name = rows_of.name_of(case.fit)
        make = rows_of.coefficients if has_moderators(case.fit) else rows_of.means
        caption = "Coefficients" if has_moderators(case.fit) else "Pooled effect"
        blocks.append(make({name: case.fit}, wish, caption))
    caption = "Forest plot of the effects of the studies with their intervals"
    if isinstance(case.fit, RobustFit):
        caption = f"{caption}. {ROBUST_FIGURE}"
    return [*blocks, *_drawn("forest", caption, lambda: _forest(case))]


def _forest(case: Case) -> Any:
    return forest(
        case.drawn, digits=min(case.wish.digits, 4), theme=case.theme, font_size=FONT_SIZE
    )


def _drawn(name: str, caption: str, draw: Any) -> list[Block]:
    """Return a figure, or a line that says why there is none."""
    found, told = figure(name, caption, draw)
    if found is None:
        return [say("{caption}: not drawn. {why}", caption=caption, why=" ".join(told))]
    return [found]


def heterogeneity_blocks(case: Case) -> list[Block]:
    """Return Q, tau2, I2 and H2 with their intervals, and where a new study lies.

    Parameters
    ----------
    case : Case
        The report.

    Returns
    -------
    list of blocks
        Paragraphs and a table.
    """
    whole, style = case.whole, case.wish.style
    blocks: list[Block] = [say("{text}", text=heterogeneity_sentence(whole, style))]
    blocks += _interval_blocks(case)
    if not has_moderators(whole) and random_effects(whole) and whole.k > 1:
        shown = pooled_estimate(whole, case.scale, style, case.wish.digits)
        if shown.pi_low and shown.pi_high:
            text = (
                "The true effect of a new study, drawn from the same distribution, is expected in "
                "the {level}% prediction interval {limits}."
            )
            level = f"{100 * whole.spec.level:g}"
            limits_text = style.limits(shown.pi_low, shown.pi_high)
            blocks.append(say(text, level=level, limits=limits_text))
        else:
            blocks.append(say("Studies are too few for a prediction interval."))
    if case.levels:
        blocks.append(say("Heterogeneity within each level stands in the table of moderators."))
    return blocks


def _interval_blocks(case: Case) -> list[Block]:
    """Return the table of limits, or why there are none."""
    tau2 = case.whole.spec.tau2
    if tau2 == "EE":
        return [say("Under a common effect τ² is 0 by assumption, and has no limits.")]
    if not isinstance(tau2, str):
        return [say("τ² was not estimated but given, and has no limits.")]
    limits, told = quietly(lambda: tau2_interval(case.model))
    if limits is None:
        return [say("No limits of τ²: {why}", why=" ".join(told))]
    return [_interval_table(case, limits), *(say("{text}", text=line) for line in told)]


def _interval_table(case: Case, limits: Any) -> Block:
    style = case.wish.style
    printers = {
        "tau2": lambda x: tau2_text(x, style),
        "tau": lambda x: tau2_text(x, style),
        "I2": percentage,
        "H2": lambda x: style.number(x, 2),
    }
    words = {"tau2": "τ²", "tau": "τ", "I2": "I²", "H2": "H²"}
    rows = []
    for name, row in limits.iterrows():
        cells = [
            printers[name](float(row[c])) if math.isfinite(row[c]) else style.number(row[c])
            for c in ("estimate", "ci_low", "ci_high")
        ]
        rows.append([words[name], cells[0], style.limits(cells[1], cells[2]), str(row["method"])])
    level = f"{100 * limits.attrs['level']:g}% CI"
    return make_table(
        "Heterogeneity with confidence intervals",
        ["Quantity", "Estimate", level, "Method"],
        rows,
        f"{'; '.join(f'{code} = {METHODS[code]}' for code in dict.fromkeys(limits['method']))}.",
    )


def moderator_blocks(case: Case) -> list[Block]:
    """Return what effects are related to: levels and their pairs, or lines through bubbles.

    Parameters
    ----------
    case : Case
        The report.

    Returns
    -------
    list of blocks
        Tables and figures; empty where there are no moderators.
    """
    if not case.moderated:
        return []
    if case.levels:
        return _level_blocks(case)
    fit = case.fit
    text = "The coefficients stand in the section of results."
    blocks: list[Block] = [say("{text}", text=text)]
    if fit.omnibus is not None:
        test = joint_test(fit.omnibus, case.wish.style, "QM")
        blocks.append(say("Null hypothesis: {null}. {test}.", null=fit.omnibus.null, test=test))
    if fit.R2_meaningful:
        text = "Moderators explain *R*² = {r2} of {what}."
        what = "τ²" if random_effects(fit) else "the weighted variance (adjusted)"
        blocks.append(say(text, r2=percentage(fit.R2), what=what))
    for i, name in enumerate(_numeric_moderators(case)):
        blocks += _drawn(
            f"bubble-{i + 1}",
            f"Effects against {name}, with the fitted line; other moderators held at their "
            "means or most frequent levels",
            lambda name=name: bubble(
                case.model, name, data=case.wish.data, theme=case.theme, font_size=FONT_SIZE
            ),
        )
    return blocks


def _numeric_moderators(case: Case) -> list[str]:
    frame = case.model.study.design.frame
    if frame is None:
        return []
    factors = case.model.study.design.factors
    found = [
        str(name)
        for name in frame.columns
        if name not in factors
        and pd.api.types.is_numeric_dtype(frame[name])
        and frame[name].nunique() > 2
    ]
    return found[:MOST_BUBBLES]


def _level_blocks(case: Case) -> list[Block]:
    result, style = case.fit, case.wish.style
    table = rows_of.levels({result.by: result}, case.wish, f"Pooled effects by {result.by}")
    blocks: list[Block] = [table]
    tests = [("Between levels", result.between), ("Within levels", result.within)]
    tests += [(f"Within {name}", test) for name, test in result.nested.items()]
    if result.interaction is not None:
        tests.append(("Interaction", result.interaction))
    blocks += [
        say("{name}: {test}.", name=name, test=joint_test(test, style)) for name, test in tests
    ]
    pairs = result.pairwise.table
    rows = [
        [*rows_of.coefficient_cells(row, case.wish)[:-1], style.p_cell(row.p_adjusted)]
        for row in pairs.itertuples(index=False)
    ]
    level = f"{100 * result.overall.spec.level:g}% CI"
    heads = ["Pair", "Difference", "*SE*", level, "Test", f"*{style.p_letter}*"]
    how = f"On the scale of {case.scale.analysed}. " if case.scale.analysed else ""
    note = (
        f"{how}Correction of p for the number of pairs: {ADJUSTMENTS[result.pairwise.adjust].name}."
    )
    return [*blocks, make_table("Differences between levels", heads, rows, (Run(note),))]


def small_study_blocks(case: Case) -> list[Block]:
    """Return the funnel plot, and what it cannot say.

    Parameters
    ----------
    case : Case
        The report.

    Returns
    -------
    list of blocks
        A paragraph and a figure.
    """
    blocks: list[Block] = [
        say(
            "This report holds no test of funnel plot asymmetry and no correction for selective "
            "publication. The plot alone does not tell whether small studies differ by chance, by "
            "what they studied, or by what was published."
        )
    ]
    if not case.moderated:
        blocks.append(say("{text}", text=(Run(EGGER),)))
    if case.whole.k < 10:
        blocks.append(say("With fewer than ten studies it can hardly be read at all."))
    caption = "Funnel plot: effects against their standard errors"
    if has_moderators(case.model):
        caption = "Funnel plot of the residuals against the standard errors of the studies"
    draw = _drawn(
        "funnel", caption, lambda: funnel(case.drawn, theme=case.theme, font_size=FONT_SIZE)
    )
    return [*blocks, *draw]
