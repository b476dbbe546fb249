"""``metarel bias``: do small studies differ, and what would the mean be if some were missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._lazy import Deferred
from metarel.cli._app import app
from metarel.cli._studies import (
    FromReports,
    Header,
    Labels,
    Level,
    Measure,
    Question,
    Sei,
    Sheet,
    Tau2,
    Test,
    Vi,
    Yi,
    read_effects,
)
from metarel.cli._words import WORDS, AsJson, examples, print_json, print_text

if TYPE_CHECKING:
    from metarel.bias import fail_safe, pet_peese, rank, regression, trim_and_fill
    from metarel.effects import register
    from metarel.models import meta
else:  # the other verbs must not wait for them
    fail_safe = Deferred("metarel.bias.fail_safe")
    meta = Deferred("metarel.models.meta")
    pet_peese = Deferred("metarel.bias.pet_peese")
    rank = Deferred("metarel.bias.rank")
    register = Deferred("metarel.effects.register")
    regression = Deferred("metarel.bias.regression")
    trim_and_fill = Deferred("metarel.bias.trim_and_fill")


@app.command(
    "bias",
    context_settings=WORDS,
    epilog=examples(
        "metarel bias studies.csv --yi g --sei se",
        "metarel bias studies.csv --measure ZCOR --r r --n n --trim EE --fail-safe",
        "metarel bias trials.csv --measure SMD --m1 m1 --sd1 sd1 --n1 n1 --m2 m2 --sd2 sd2 --n2 n2",
    ),
)
def _bias(
    question: Question,
    measure: Measure = None,
    yi: Yi = None,
    vi: Vi = None,
    sei: Sei = None,
    labels: Labels = None,
    sheet: Sheet = None,
    header: Header = None,
    from_reports: FromReports = False,
    tau2: Tau2 = "REML",
    test: Test = "z",
    level: Level = 0.95,
    side: Annotated[
        str | None, typer.Option(help="Where trim and fill takes studies to be missing.")
    ] = None,
    estimator: Annotated[str, typer.Option(help="Trim and fill counts by L0, R0 or Q0.")] = "L0",
    trim: Annotated[
        str | None,
        typer.Option(help="tau2 while trimming: EE is what meta does; by default --tau2."),
    ] = None,
    with_fail_safe: Annotated[
        bool, typer.Option("--fail-safe", help="Rosenthal's fail-safe N as well.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Test for funnel plot asymmetry, and see how far a mean hangs on small studies.

    Egger's regression test and Begg's rank test, PET-PEESE, and trim and fill. Asymmetry has other
    causes than bias, and with fewer than ten studies these tests say little.
    """
    columns = {"yi": yi, "vi": vi, "sei": sei}
    place: dict[str, Any] = {"sheet": sheet, "header": header, "from_reports": from_reports}
    studies, words = read_effects(question, measure, columns, labels=labels, **place)
    fit = meta.pool(studies, **words, labels=labels, tau2=tau2, test=test, level=level)
    found: dict[str, Any] = {
        "regression_test": regression.regression_test(fit, model="lm"),
        "rank_test": rank.rank_test(fit),
        "pet_peese": pet_peese.pet_peese(fit),
        "trim_and_fill": trim_and_fill.trim_and_fill(
            fit, estimator=estimator, side=side, trim=trim
        ),
    }
    if with_fail_safe:
        found["fail_safe_n"] = fail_safe.fail_safe_n(fit)
    if as_json:
        print_json({name: one.to_dict() for name, one in found.items()})
    else:
        print_text("\n\n".join([*_scale(fit), *_once(found.values())]))


def _scale(fit: Any) -> list[str]:
    """Return on which scale all numbers below are, where the measure is known."""
    if fit.study.measure is None:
        return []
    name = register.MEASURES[fit.study.measure].name
    return [f"Measure: {fit.study.measure}, {name}; all effects below are on its scale."]


def _once(found: Any) -> list[str]:
    """Return the results as text, with a note that several share said once, at the end."""
    texts, notes = [], []
    for one in found:
        lines = str(one).split("\n")
        texts.append("\n".join(line for line in lines if not line.startswith("Note: ")))
        notes += [line for line in lines if line.startswith("Note: ") and line not in notes]
    return [*texts, *(["\n".join(notes)] if notes else [])]
