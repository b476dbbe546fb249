"""What a report says of how far its result depends on studies, estimators and tests."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from metarel._format import count, listing
from metarel.diagnose.influence import influence
from metarel.diagnose.leave_one_out import leave_one_out
from metarel.models.meta import fit_model
from metarel.report._case import Case, quietly
from metarel.report._content import Block, make_table, say
from metarel.report._methods import COMPARED
from metarel.report._quantities import (
    has_moderators,
    joint_test,
    pooled_estimate,
    print_estimate,
    random_effects,
    tau2_text,
    term_words,
)
from metarel.report._runs import phrase, plain
from metarel.report._style import percentage
from metarel.report._table_rows import NONE
from metarel.robust._result import RobustFit

#: More studies than this are not listed one by one: those that move the mean most are.
MOST_LISTED = 30
SHOWN_OF_MANY = 10
TESTS_COMPARED = ("z", "knha")


def sensitivity_blocks(case: Case) -> list[Block]:
    """Return the fit without each study, studies that stand out, and other estimators and tests.

    Parameters
    ----------
    case : Case
        The report.

    Returns
    -------
    list of blocks
        Paragraphs and tables.
    """
    blocks: list[Block] = []
    if isinstance(case.fit, RobustFit):
        blocks.append(say("These are checks of the model without the cluster-robust covariance."))
    if case.levels:
        blocks.append(say("These are checks of the mean over all studies, whatever their level."))
    return [*blocks, *_left_out(case), *_influential(case), *_other_estimators(case)]


def _left_out(case: Case) -> list[Block]:
    """Return the mean without each study; of regressions what becomes of tau2 and Q."""
    fit = case.model
    if fit.k < 3 or fit.k <= fit.p + 1:
        return [say("Studies are too few to leave one out.")]
    if has_moderators(fit):
        return _left_out_of_regression(case)
    found, told = quietly(lambda: leave_one_out(fit))
    if found is None:
        return [say("Without each study: {why}", why=" ".join(told))]
    scale, style = case.scale, case.wish.style
    estimates = found["estimate"].to_numpy()
    low, high = (scale.back(float(f(estimates))) for f in (np.nanmin, np.nanmax))
    digits, bounded = case.wish.digits, scale.bounded
    text = "Without one study at a time the estimate lies between {low} and {high}."
    blocks: list[Block] = [
        say(
            text,
            low=style.number(low, digits, bounded=bounded),
            high=style.number(high, digits, bounded=bounded),
        )
    ]
    if scale.reading.null is not None:
        blocks.append(_verdict_changes(case, found["p_value"].to_numpy()))
    order = np.argsort(-np.abs(estimates - fit.estimate), kind="stable")
    many = fit.k > MOST_LISTED
    chosen = np.sort(order[:SHOWN_OF_MANY]) if many else np.arange(fit.k)
    records = found.to_dict("records")
    rows = [_left_out_row(records[i], case) for i in chosen]
    caption = f"The {SHOWN_OF_MANY} studies that move the mean most" if many else ""
    head = scale.letter or "Estimate"
    level = f"{100 * fit.spec.level:g}% CI"
    heads: list[Any] = ["Left out", head, level, f"*{style.p_letter}*", "τ²", "*I*²"]
    if not random_effects(fit):
        rows, heads = [row[:4] + row[5:] for row in rows], heads[:4] + heads[5:]
    return [*blocks, make_table(caption or "The mean without each study", heads, rows)]


def _verdict_changes(case: Case, p: Any) -> Block:
    """Say how many studies decide whether the test is significant at the level of the fit."""
    alpha = 1 - case.whole.spec.level
    whole = float(case.model.p_value[0]) < alpha
    changed = int(np.sum((p[np.isfinite(p)] < alpha) != whole))
    how = "depends on no single study"
    if changed:
        each = "is left out" if changed == 1 else "are left out, each in turn"
        how = f"changes when {count(changed, 'study', 'studies')} {each}"
    return say("Whether *p* is below {alpha} {how}.", alpha=f"{alpha:.3g}", how=how)


def _left_out_row(record: dict[str, Any], case: Case) -> list[str]:
    style, scale = case.wish.style, case.scale
    if math.isnan(record["estimate"]):
        return [str(record["left_out"]), *([NONE] * 5)]
    values = {key: scale.back(record[key]) for key in ("estimate", "ci_low", "ci_high")}
    shown = print_estimate(values, style, case.wish.digits, bounded=scale.bounded)
    return [
        str(record["left_out"]),
        shown.estimate,
        style.limits(shown.low, shown.high),
        style.p_cell(record["p_value"]) if scale.reading.null is not None else NONE,
        tau2_text(record["tau2"], style),
        percentage(record["I2"]),
    ]


def _left_out_of_regression(case: Case) -> list[Block]:
    """Return the range of each coefficient without one study at a time."""
    fit, style = case.model, case.wish.style
    found, told = quietly(lambda: leave_one_out(fit))
    if found is None:
        return [say("Without each study: {why}", why=" ".join(told))]
    rows = []
    for term, part in found.groupby("term", sort=False):
        known = part[np.isfinite(part["estimate"])]
        if not len(known):
            continue
        at = [known["estimate"].idxmin(), known["estimate"].idxmax()]
        values = {
            "estimate": float(fit.beta[list(fit.study.terms).index(str(term))]),
            "ci_low": float(known.loc[at[0], "estimate"]),
            "ci_high": float(known.loc[at[1], "estimate"]),
        }
        shown = print_estimate(values, style, case.wish.digits, bounded=False, units=20.0)
        names = [str(known.loc[i, "left_out"]) for i in at]
        rows.append(
            [term_words(str(term)), shown.estimate, shown.low, names[0], shown.high, names[1]]
        )
    heads = ["Term", "*b*", "Lowest", "without", "Highest", "without "]
    return [make_table("Coefficients without one study at a time", heads, rows)]


def _influential(case: Case) -> list[Block]:
    """Return the studies that a rule of thumb flags."""
    fit = case.model
    if fit.k < 3 or fit.k <= fit.p + 1:
        return []
    found, told = quietly(lambda: influence(fit))
    if found is None:
        return [say("Influence: {why}", why=" ".join(told))]
    style = case.wish.style
    flagged = found[found["influential"]]
    if not len(flagged):
        return [say("No study is flagged by the rules for influence.")]
    measures = ("rstudent", "dffits", "cooks_distance", "hat")
    rows = [
        [str(row["study"]), *(style.number(row[m], 2) for m in measures), str(row["reasons"])]
        for row in flagged.to_dict("records")
    ]
    heads = ["Study", "Residual", "DFFITS", "Cook’s distance", "Leverage", "Rule met"]
    note = "Rules of thumb, to look at a study again and not to drop it."
    return [make_table("Studies flagged as influential", heads, rows, note)]


def _other_estimators(case: Case) -> list[Block]:
    """Return the result under other estimators of tau2, with either of two tests."""
    fit = case.model
    if fit.k <= fit.p:
        return []
    style = case.wish.style
    codes = list(dict.fromkeys([*_own_estimator(fit), *COMPARED]))
    rows, failed = [], []
    for code in codes:
        fits = {test: _again(fit, code, test) for test in TESTS_COMPARED}
        if any(found is None for found in fits.values()):
            failed.append(code)
            continue
        tau2 = fits["z"].tau2
        cells = [cell for found in fits.values() for cell in _compared_cells(found, case)]
        rows.append([code, NONE if code == "EE" else tau2_text(tau2, style), *cells])
    heads: list[Any] = ["Estimator", "τ²"]
    letter = case.scale.letter or "Estimate"
    percent = f"{100 * fit.spec.level:g}% CI"
    for name in ("*z* test", "Knapp–Hartung"):
        if not has_moderators(fit):
            heads.append(phrase(f"{{letter}}, {percent} ({name})", letter=letter))
        heads.append(f"*{style.p_letter}* ({name})" if not has_moderators(fit) else name)
    caption = "The result under other estimators of τ² and other tests"
    note = "EE is the common-effect model."
    if has_moderators(fit):
        note += " The tests are those of the moderators."
    if failed:
        note += f" Not to be had here: {listing(failed, 9)}."
    return [make_table(caption, heads, rows, note)]


def _own_estimator(fit: Any) -> list[str]:
    code = fit.spec.tau2
    return [code] if isinstance(code, str) else []


def _again(fit: Any, code: str, test: str) -> Any:
    found, _ = quietly(lambda: fit_model(fit.study, code, test, fit.spec.level))
    return found


def _compared_cells(found: Any, case: Case) -> list[str]:
    style = case.wish.style
    if has_moderators(found):
        test = found.omnibus
        return [NONE if test is None else plain(joint_test(test, style, "QM"))]
    shown = pooled_estimate(found, case.scale, style, case.wish.digits)
    p = NONE if case.scale.reading.null is None else style.p_cell(float(found.p_value[0]))
    return [f"{shown.estimate} {style.limits(shown.low, shown.high)}", p]
