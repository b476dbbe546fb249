"""``metarel compatible``: whether two printed numbers can be one effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from metarel._lazy import Deferred
from metarel.cli._app import OUT, app
from metarel.cli._words import (
    METRICS_HELP,
    SIZES_HELP,
    WORDS,
    AsJson,
    examples,
    needs_of,
    print_json,
    split_number,
    split_words,
)

if TYPE_CHECKING:
    from metarel.convert import compatible
else:  # the other verbs must not wait for it
    compatible = Deferred("metarel.convert.compatible")


@app.command(
    "compatible",
    context_settings=WORDS,
    epilog=METRICS_HELP
    + "\n\n"
    + SIZES_HELP
    + "\n\n"
    + examples(
        "metarel compatible r=.28 d=.57",
        "metarel compatible r=.28 d=.57 --all",
        "metarel compatible OR=1.79 d=.32 --json",
        "metarel compatible t=2.31 g=.66 --n1 25 --n2 25",
    ),
)
def _compatible(
    question: Annotated[
        list[str],
        typer.Argument(
            metavar="METRIC=NUMBER METRIC=NUMBER [--WORD NUMBER]...", show_default=False
        ),
    ],
    rule: Annotated[str | None, typer.Option(help="Only ways by this rule.")] = None,
    every: Annotated[bool, typer.Option("--all", help="What every rule says.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell by every rule whether two printed numbers can be one effect.

    Each stands for all numbers that are printed so. A bound stands in quotes: 'p<.05'. Sizes that
    are not given are solved for.
    """
    what = "pair of numbers, such as r=.28 d=.57"
    (first, second), words = split_words(question, what, 2)
    (source, a), (target, b) = split_number(first), split_number(second)
    found = compatible.compatible(a, source, b, target, rules=rule, **needs_of(words))
    if as_json:
        print_json(found.to_dict())
    else:
        told = str(found) if every else found.short_text("--all shows what every rule says.")
        OUT.print(told, markup=False)
