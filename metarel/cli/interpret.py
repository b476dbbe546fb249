"""``metarel interpret``: what an effect means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._lazy import Deferred
from metarel._printed_interval import printed_decimal
from metarel._register import one_of
from metarel.cli._app import OUT, app
from metarel.cli._words import (
    WORDS,
    AsJson,
    check_picture,
    examples,
    print_json,
    save,
    split_number,
    split_words,
)
from metarel.convert._typed import typed_number
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel import plot as plots
    from metarel.convert import interpret
else:  # the other verbs must not wait for them
    interpret = Deferred("metarel.convert.interpret")
    plots = Deferred("metarel.plot")


_OPTIONS = [
    f"--{word}"
    for word in ("ci", "groups", "base-rate", "control-event-rate", "all", "plot", "json")
]


@app.command(
    "interpret",
    context_settings=WORDS,
    epilog=examples(
        "metarel interpret d=0.57",
        "metarel interpret d=0.57 --all",
        "metarel interpret r=.275 --ci .25,.30 --plot r.png",
        "metarel interpret g=0.4 --groups 'CBT patients,people who wait' --control-event-rate .2",
    ),
)
def _interpret(
    question: Annotated[list[str], typer.Argument(metavar="METRIC=NUMBER", show_default=False)],
    ci: Annotated[str | None, typer.Option(help="Confidence limits, LOW,HIGH.")] = None,
    groups: Annotated[
        str | None,
        typer.Option(
            help="People, in the plural, the treated first: 'CBT patients,people who wait'.",
            show_default=False,
        ),
    ] = None,
    base_rate: Annotated[float, typer.Option(help="Share of people who are treated.")] = 0.5,
    control_event_rate: Annotated[
        float | None, typer.Option(help="Share of the controls with an event; adds its NNT.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every way to say it, with formulas' sources.")
    ] = False,
    plot: Annotated[Path | None, typer.Option(help="Write a picture of it to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what an effect means: shares of people, overlap, chances, where it stands in its field.

    The metric is d, r, g, logOR or OR; differences are treated minus controls.
    """
    (first,), words = split_words(question, "METRIC=NUMBER, such as d=0.57")
    for word in words:
        raise InputError(one_of("option", _OPTIONS, f"--{word}"))
    metric, text = split_number(first)
    argument = interpret.effect_argument(metric, "METRIC")
    given: dict[str, Any] = {argument: float(typed_number(text, metric))}
    if ci is not None:
        given["ci"] = tuple(float(printed_decimal(part, "ci")) for part in ci.split(","))
    if plot is not None:
        check_picture(plot)
    names: Any = None if groups is None else tuple(name.strip() for name in groups.split(","))
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
        return
    OUT.print(meaning.full_text() if everything else str(meaning), markup=False)
    if plot is not None:
        OUT.print(f"Wrote {plot}.", markup=False)
