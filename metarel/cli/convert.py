"""``metarel convert``: one number on another scale."""

from __future__ import annotations

from typing import Annotated, Any

import typer

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
from metarel.convert.explain import explain
from metarel.errors import InputError

Rule = Annotated[str | None, typer.Option(help="The rule to use, by its name.")]
Reported = Annotated[str | None, typer.Option(help="The result as printed somewhere.")]
Tau2 = Annotated[
    float | None, typer.Option(help="Variance of true effects, to convert their average.")
]
Average = Annotated[str | None, typer.Option(help="With --tau2: mean (unless given) or mode.")]


@app.command(
    "convert",
    context_settings=WORDS,
    epilog=METRICS_HELP
    + "\n\n"
    + SIZES_HELP
    + "\n\n"
    + examples(
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
    to: Annotated[
        str | None,
        typer.Option(help="What to convert to, such as d, g, r, z or logOR.", show_default=False),
    ] = None,
    rule: Rule = None,
    reported: Reported = None,
    tau2: Tau2 = None,
    average: Average = None,
    as_json: AsJson = False,
) -> None:
    """Convert one number, with the rule, its steps, and what its digits leave open.

    The number is taken as printed: .28 stands for everything from .275 to .285.
    """
    (first,), words = split_words(question, "METRIC=NUMBER, such as r=.28")
    asked = {"rule": rule, "against": reported, "tau2": tau2, "average": average}
    print_conversion(first, to, words, asked, as_json=as_json)


def print_conversion(
    first: str,
    to: str | None,
    words: dict[str, str],
    asked: dict[str, Any],
    *,
    as_json: bool,
) -> None:
    """Print one conversion, explained; ``explain`` of a number prints the same.

    Parameters
    ----------
    first : str
        ``METRIC=NUMBER``.
    to : str or None
        The metric to convert to.
    words : dict of str to str
        What the rules need, as typed.
    asked : dict
        Other arguments of ``explain``.
    as_json : bool
        Whether to print plain data.

    Raises
    ------
    InputError
        If ``to`` is missing, or ``explain`` refuses the question.
    """
    metric, text = split_number(first)
    if to is None:
        raise InputError("`--to` must be given: what to convert to, as in r=.28 --to d.")
    explanation = explain(text, metric, to, **asked, **needs_of(words))
    if as_json:
        print_json(explanation.to_dict())
    else:
        OUT.print(str(explanation), markup=False)
