"""``metarel explain``: the rules that lead from one scale to another."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from metarel._format import folded
from metarel.cli._app import OUT, app
from metarel.cli._words import WORDS, AsJson, examples, print_json, split_any, split_words
from metarel.cli.convert import Average, Reported, Rule, Tau2, print_conversion
from metarel.convert._edge import METRICS, Edge
from metarel.convert.register import metric_code, route, rules_between
from metarel.errors import InputError


@app.command(
    "explain",
    context_settings=WORDS,
    epilog=examples(
        "metarel explain r d",
        "metarel explain OR d",
        "metarel explain r=.28 --to d",
        "metarel explain logOR d --json",
    ),
)
def _explain(
    question: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE TARGET | METRIC=NUMBER [--WORD NUMBER]...", show_default=False
        ),
    ],
    to: Annotated[
        str | None, typer.Option(help="Of a number: what to convert to.", show_default=False)
    ] = None,
    rule: Rule = None,
    reported: Reported = None,
    tau2: Tau2 = None,
    average: Average = None,
    as_json: AsJson = False,
) -> None:
    """Explain every rule from one metric to another: formula, what it needs and assumes, source.

    With a number, as in r=.28 --to d, it explains the conversion of that number, as `metarel
    convert` does.
    """
    positional, words = split_any(question)
    asked: dict[str, Any] = {"rule": rule, "against": reported, "tau2": tau2, "average": average}
    if not any("=" in word for word in positional):
        given = {"to": to, **{"reported" if w == "against" else w: x for w, x in asked.items()}}
        used = [word for word, value in {**given, **words}.items() if value is not None]
        if used:
            raise InputError(
                f"{', '.join(f'`--{word}`' for word in used)} must stand with a number, as in "
                f"`metarel explain r=.28 --to d`; got {' '.join(positional) or 'none'}."
            )
        (source, target), _ = split_words(question, "pair of metrics, such as r d", 2)
        _print_rules(source, target, as_json=as_json)
        return
    (first,), words = split_words(question, "METRIC=NUMBER, such as r=.28")
    print_conversion(first, to, words, asked, as_json=as_json)


def _print_rules(source: str, target: str, *, as_json: bool) -> None:
    """Print the rules of a step, or of each step of the way where there are several."""
    start, end = metric_code("SOURCE", source), metric_code("TARGET", target)
    direct = rules_between(start, end)
    steps = [direct] if direct else [rules_between(e.source, e.target) for e in route(start, end)]
    if as_json:
        print_json([_plain(edge) for rules in steps for edge in rules])
        return
    if not steps:
        raise InputError(f"`TARGET` must be another metric than `SOURCE`; got {target!r} for both.")
    if len(steps) > 1:
        way = " → ".join([start, *(rules[0].target for rules in steps)])
        OUT.print(
            f"No rule leads from {start!r} to {end!r} in one step; the way is {way}.\n",
            markup=False,
        )
    for place, rules in enumerate(steps):
        ends = [METRICS[code] for code in (rules[0].source, rules[0].target)]
        OUT.print("\n" * bool(place) + f"From {ends[0].name} to {ends[1].name}:", markup=False)
        for edge in rules:
            OUT.print("\n" + "\n".join(_lines(edge)), markup=False)


def _plain(edge: Edge) -> dict[str, Any]:
    return {
        "from": edge.source,
        "to": edge.target,
        "rule": edge.rule,
        "default": edge.default,
        "formula": edge.symbols(),
        "needs": list(edge.needs),
        "exactness": edge.exactness,
        "assumption": edge.assumption,
        "source": edge.reference,
        "used_by": edge.used_by,
    }


def _lines(edge: Edge) -> list[str]:
    """Return what is said of a rule, a line each."""
    marks = [*(["default"] if edge.default else []), edge.exactness]
    return [
        folded(line)
        for line in (
            f"{edge.rule} ({': '.join(marks)})",
            f"  {edge.target} = {edge.symbols()}",
            *([f"  needs {', '.join(edge.needs)}"] if edge.needs else []),
            f"  assumes: {edge.assumption}",
            f"  source: {edge.reference}" + (f"; used by {edge.used_by}" if edge.used_by else ""),
        )
    ]
