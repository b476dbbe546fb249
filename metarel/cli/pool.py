"""``metarel pool``: what a table of studies says together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metarel._lazy import Deferred
from metarel.cli._app import OUT, app
from metarel.cli._studies import (
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
    from metarel.models import meta
else:  # the other verbs must not wait for them
    meta = Deferred("metarel.models.meta")
    plots = Deferred("metarel.plot")


@app.command(
    "pool",
    context_settings=WORDS,
    epilog=examples(
        "metarel pool studies.csv --yi g --sei se_g --tau2 DL --test knha",
        "metarel pool studies.xlsx --measure ZCOR --r r --n n --plot forest.png",
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
    tau2: Tau2 = "REML",
    test: Test = "z",
    level: Level = 0.95,
    plot: PlotFile = None,
    as_json: AsJson = False,
) -> None:
    """Pool a table of studies, one row a study (CSV, Excel, Stata, SPSS).

    Effects come from columns `--yi` with `--vi` or `--sei`, or are computed by `--measure`.
    """
    columns = {"yi": yi, "vi": vi, "sei": sei}
    studies, words = read_effects(question, measure, columns, labels=labels, sheet=sheet)
    model: dict[str, Any] = {**words, "tau2": tau2, "test": test, "level": level}
    fit = meta.pool(studies, labels=labels, **model)
    if plot is not None:
        save(plots.forest(fit), plot)
    if as_json:
        print_json(fit.to_dict())
    else:
        OUT.print(str(fit), markup=False)
