"""``metarel regress``: effects related to moderators."""

from __future__ import annotations

from pathlib import Path
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
    from metarel.models import meta
    from metarel.robust import cluster as clusters
else:  # the other verbs must not wait for them
    clusters = Deferred("metarel.robust.cluster")
    meta = Deferred("metarel.models.meta")
    plots = Deferred("metarel.plot")


@app.command(
    "regress",
    context_settings=WORDS,
    epilog=examples(
        "metarel regress studies.csv --formula year --yi g --vi v",
        "metarel regress studies.csv --formula 'year + C(rater)' --measure ZCOR --r r --n n",
    ),
)
def _regress(
    question: Question,
    formula: Annotated[str, typer.Option(help="Moderators, such as 'year + C(rater)'.")],
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
    plot: Annotated[
        Path | None,
        typer.Option(
            help="Write a forest plot with the fitted values as diamonds; effects against one "
            "moderator are `metarel plot --kind bubble --moderator`."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Regress the effects of studies on moderators.

    Effects come from columns `--yi` with `--vi` or `--sei`, or are computed by `--measure`.
    """
    columns = {"yi": yi, "vi": vi, "sei": sei}
    place: dict[str, Any] = {"sheet": sheet, "header": header, "from_reports": from_reports}
    studies, words = read_effects(question, measure, columns, labels=labels, **place)
    model: dict[str, Any] = {**words, "tau2": tau2, "test": test, "level": level}
    notes.say(notes.of_names(studies, labels, clustered=cluster is not None))
    with notes.once(told=not as_json):
        fit: Any = meta.meta_regression(studies, formula, labels=labels, **model)
    if plot is not None:
        save(plots.forest(fit), plot)
    if cluster is not None:
        fit = clusters.robust(fit, cluster, kind="CR2", data=studies)
    if as_json:
        print_json(fit.to_dict())
    else:
        OUT.print(notes.text_of(fit), markup=False)
