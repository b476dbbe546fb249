"""``metarel subgroups``: levels of a moderator, pooled apart and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._lazy import Deferred
from metarel.cli._app import OUT, app
from metarel.cli._studies import (
    FromReports,
    Header,
    Labels,
    Level,
    Measure,
    PlotFile,
    Question,
    Sei,
    Sheet,
    Tau2,
    Test,
    Vi,
    Yi,
    read_effects,
)
from metarel.cli._words import WORDS, AsJson, examples, print_json, save

if TYPE_CHECKING:
    from metarel import plot as plots
    from metarel.moderators import subgroups
else:  # the other verbs must not wait for them
    plots = Deferred("metarel.plot")
    subgroups = Deferred("metarel.moderators.subgroups")


@app.command(
    "subgroups",
    context_settings=WORDS,
    epilog=examples(
        "metarel subgroups studies.csv --by country --yi g --vi v",
        "metarel subgroups studies.csv --by rater --measure ZCOR --r r --n n --common-tau2",
    ),
)
def _subgroups(
    question: Question,
    by: Annotated[str, typer.Option(help="Column of the levels; several with commas: crossed.")],
    measure: Measure = None,
    yi: Yi = None,
    vi: Vi = None,
    sei: Sei = None,
    n: Annotated[str | None, typer.Option(help="Column of sample sizes, to be summed.")] = None,
    labels: Labels = None,
    sheet: Sheet = None,
    header: Header = None,
    from_reports: FromReports = False,
    tau2: Tau2 = "REML",
    test: Test = "z",
    level: Level = 0.95,
    common_tau2: Annotated[
        bool, typer.Option("--common-tau2", help="One tau2 for all levels, not one each.")
    ] = False,
    plot: PlotFile = None,
    as_json: AsJson = False,
) -> None:
    """Pool each level of a moderator apart, and test whether the levels differ.

    Effects come from columns `--yi` with `--vi` or `--sei`, or are computed by `--measure`.
    """
    columns = {"yi": yi, "vi": vi, "sei": sei, "n": n}
    place: dict[str, Any] = {"sheet": sheet, "header": header, "from_reports": from_reports}
    studies, words = read_effects(question, measure, columns, labels=labels, **place)
    model: dict[str, Any] = {**words, "tau2": tau2, "test": test, "level": level}
    names = [name.strip() for name in by.split(",")]
    levels = names[0] if len(names) == 1 else names
    found = subgroups.subgroups(studies, levels, common_tau2=common_tau2, labels=labels, **model)
    if plot is not None:
        save(plots.forest(found), plot)
    if as_json:
        print_json(found.to_dict())
    else:
        OUT.print(str(found), markup=False)
