"""``metarel convert``: one number on another scale."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from metarel.cli._app import OUT, app
from metarel.cli._words import (
    WORDS,
    AsJson,
    examples,
    needs_of,
    print_json,
    split_number,
    split_words,
)
from metarel.convert.explain import explain


@app.command(
    "convert",
    context_settings=WORDS,
    epilog=examples(
        "metarel convert r=.28 --to d",
        "metarel convert t=2.31 --n1 20 --n2 25 --to g",
        "metarel convert r=.28 --to d --reported .57 --json",
        "metarel convert z=.32 --to r --tau2 .04",
    ),
)
def _convert(
    question: Annotated[
        list[str], typer.Argument(metavar="METRIC=NUMBER [--WORD NUMBER]...", show_default=False)
    ],
    to: Annotated[str, typer.Option(help="What to convert to, such as d, g, r, z or logOR.")],
    rule: Annotated[str | None, typer.Option(help="The rule to use, by its name.")] = None,
    reported: Annotated[str | None, typer.Option(help="The result as printed somewhere.")] = None,
    tau2: Annotated[
        float | None, typer.Option(help="Variance of true effects, to convert their average.")
    ] = None,
    average: Annotated[
        str | None, typer.Option(help="With --tau2: mean (unless given) or mode.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Convert one number, with the rule, its steps, and what its digits leave open.

    The number is taken as printed: .28 stands for everything from .275 to .285. Sizes and
    whatever else a rule needs are options.
    """
    (first,), words = split_words(question, "METRIC=NUMBER, such as r=.28")
    metric, text = split_number(first)
    asked: dict[str, Any] = {"rule": rule, "against": reported, "tau2": tau2, "average": average}
    explanation = explain(text, metric, to, **asked, **needs_of(words))
    if as_json:
        print_json(explanation.to_dict())
    else:
        OUT.print(str(explanation), markup=False)
