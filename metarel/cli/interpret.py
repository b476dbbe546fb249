"""``metarel interpret``: what an effect means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._lazy import Deferred
from metarel._printed_interval import printed_decimal
from metarel._register import one_of
from metarel.cli._app import OUT, app
from metarel.cli._words import AsJson, examples, print_json, save, split_number
from metarel.convert._edge import METRICS
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel import plot as plots
    from metarel.convert import interpret
else:  # the other verbs must not wait for them
    interpret = Deferred("metarel.convert.interpret")
    plots = Deferred("metarel.plot")

#: The metrics that an effect may be interpreted in, and the arguments they are.
EFFECTS = {"d": "d", "r": "r", "g": "g", "log_or": "log_or", "or": "odds_ratio"}


@app.command(
    "interpret",
    epilog=examples(
        "metarel interpret d=0.57",
        "metarel interpret r=.275 --ci .25,.30 --plot r.png",
        "metarel interpret g=0.4 --groups 'CBT patients,people who wait' --control-event-rate .2",
    ),
)
def _interpret(
    question: Annotated[str, typer.Argument(metavar="METRIC=NUMBER", show_default=False)],
    ci: Annotated[str | None, typer.Option(help="Confidence limits, LOW,HIGH.")] = None,
    groups: Annotated[
        str, typer.Option(help="Names of the treated and of the controls.")
    ] = "treated,controls",
    base_rate: Annotated[float, typer.Option(help="Share of people who are treated.")] = 0.5,
    control_event_rate: Annotated[
        float | None, typer.Option(help="Share of the controls with an event; adds its NNT.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Write a picture of it to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what an effect means: shares of people, overlap, chances, where it stands in its field.

    The metric is d, r, g, logOR or OR; differences are treated minus controls.
    """
    metric, text = split_number(question)
    code = METRICS[metric].code if metric in METRICS else metric
    if code not in EFFECTS:
        raise InputError(one_of("METRIC", EFFECTS, metric))
    given: dict[str, Any] = {EFFECTS[code]: float(printed_decimal(text, metric))}
    if ci is not None:
        given["ci"] = tuple(float(printed_decimal(part, "ci")) for part in ci.split(","))
    names: Any = tuple(name.strip() for name in groups.split(","))
    meaning = interpret.interpret(
        **given,
        groups=names,
        base_rate=base_rate,
        control_event_rate=control_event_rate,
    )
    if plot is not None:
        save(plots.interpretation(meaning), plot)
    if as_json:
        print_json(meaning.to_dict())
    else:
        OUT.print(str(meaning), markup=False)
