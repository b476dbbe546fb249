"""``metarel pool``: what a table of studies says together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._lazy import Deferred
from metarel.cli import _notes as notes
from metarel.cli._app import OUT, app
from metarel.cli._studies import (
    Cluster,
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
    from metarel.diagnose import influence as matters
    from metarel.diagnose import leave_one_out as without
    from metarel.models import _summary as summary
    from metarel.models import meta
    from metarel.models.results import MetaFit
    from metarel.moderators import _text as text
    from metarel.robust import cluster as clusters
else:  # the other verbs must not wait for them
    clusters = Deferred("metarel.robust.cluster")
    meta = Deferred("metarel.models.meta")
    plots = Deferred("metarel.plot")
    matters = Deferred("metarel.diagnose.influence")
    without = Deferred("metarel.diagnose.leave_one_out")
    summary = Deferred("metarel.models._summary")
    text = Deferred("metarel.moderators._text")


@app.command(
    "pool",
    context_settings=WORDS,
    epilog=examples(
        "metarel pool studies.csv --yi g --sei se_g --tau2 DL --test knha",
        "metarel pool studies.xlsx --measure ZCOR --r r --n n --plot forest.png",
        "metarel pool effects.csv --yi g --vi v --measure SMD --labels study --cluster study",
        "metarel pool trials.csv --measure SMD --from-reports",
        "metarel pool studies.csv --yi g --vi v --labels study --leave-one-out --influence",
        "metarel pool studies.csv --measure RR --events1 a --n1 n --events2 c --n2 m --json",
    ),
)
def _pool(
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
    cluster: Cluster = None,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help="Also the result without each study.")
    ] = False,
    influence: Annotated[
        bool, typer.Option("--influence", help="Also what each study does to the result.")
    ] = False,
    plot: PlotFile = None,
    as_json: AsJson = False,
) -> None:
    """Pool a table of studies, one row a study (CSV, Excel, Stata, SPSS).

    Effects come from columns `--yi` with `--vi` or `--sei`, or are computed by `--measure`.
    """
    columns = {"yi": yi, "vi": vi, "sei": sei}
    place: dict[str, Any] = {"sheet": sheet, "header": header, "from_reports": from_reports}
    studies, words = read_effects(question, measure, columns, labels=labels, **place)
    model: dict[str, Any] = {**words, "tau2": tau2, "test": test, "level": level}
    notes.say(notes.of_names(studies, labels, clustered=cluster is not None))
    with notes.once(told=not as_json):
        fit: Any = meta.pool(studies, labels=labels, **model)
    if plot is not None:
        save(plots.forest(fit), plot)
    shown = fit if cluster is None else clusters.robust(fit, cluster, kind="CR2", data=studies)
    if as_json:
        found = shown.to_dict()
        if leave_one_out:
            found["leave_one_out"] = without.leave_one_out(fit).to_dict("records")
        if influence:
            found["influence"] = matters.influence(fit).to_dict("records")
        print_json(found)
        return
    OUT.print(notes.text_of(shown), markup=False)
    if leave_one_out:
        OUT.print(_without_each(fit), markup=False)
    if influence:
        OUT.print(_of_each(fit), markup=False)


def _without_each(fit: MetaFit) -> str:
    """Return the result without each study, on the scale people read."""
    formula = summary.read_as(fit)
    table = without.leave_one_out(fit, transform=True if formula else None)
    scale = f", back-transformed, {formula}" if formula else ""
    columns = {"left_out": "left out", "estimate": "estimate", **text.limits(fit.spec.level)}
    columns |= {"p_value": "p", "tau2": "tau2", "I2": "I2"}
    return f"\nWithout each study{scale}\n\n{text.frame_text(table, columns)}"


def _of_each(fit: MetaFit) -> str:
    """Return what each study does to the result, and whom a rule of thumb flags."""
    table = matters.influence(fit)
    columns = {"study": "", "rstudent": "rstudent", "dffits": "DFFITS"}
    columns |= {"cooks_distance": "Cook", "tau2_deleted": "tau2 without", "hat": "hat"}
    flagged = ["yes" if flag else "" for flag in table["influential"]]
    shown = text.frame_text(table.assign(flag=flagged), columns | {"flag": "look"})
    return f"\nInfluence of each study; look: a rule of thumb says look again\n\n{shown}"
