"""``metarel explain``: the rules that lead from one scale to another."""

from __future__ import annotations

from typing import Annotated

import typer

from metarel._format import listing
from metarel.cli._app import OUT, app
from metarel.cli._words import AsJson, examples, print_json
from metarel.convert._edge import METRICS
from metarel.convert.register import EDGES, metric_code, rules_between
from metarel.errors import InputError


@app.command(
    "explain",
    epilog=examples(
        "metarel explain r d",
        "metarel explain logOR d --json",
    ),
)
def _explain(
    source: Annotated[str, typer.Argument(help="A metric, such as r, d, g, z, logOR or t.")],
    target: Annotated[str, typer.Argument(help="The metric wanted.")],
    as_json: AsJson = False,
) -> None:
    """Explain every rule from one metric to another: formula, what it needs and assumes, source.

    `metarel convert` applies them to a number.
    """
    start, end = metric_code("SOURCE", source), metric_code("TARGET", target)
    rules = rules_between(start, end)
    if not rules:
        reached = sorted({edge.target for edge in EDGES.values() if edge.source == start})
        raise InputError(
            f"No rule leads from {start} to {end} in one step; from {start} rules lead to "
            f"{listing(reached)}. `metarel convert {start}=NUMBER --to {end}` finds a way over "
            "several steps where there is one."
        )
    if as_json:
        print_json(
            [
                {
                    "rule": edge.rule,
                    "formula": edge.symbols(),
                    "needs": list(edge.needs),
                    "exactness": edge.exactness,
                    "assumption": edge.assumption,
                    "source": edge.reference,
                    "used_by": edge.used_by,
                }
                for edge in rules
            ]
        )
        return
    OUT.print(f"From {METRICS[start].name} to {METRICS[end].name}:", markup=False)
    for edge in rules:
        marks = [edge.exactness, *(["unless another is named"] if edge.default else [])]
        lines = [
            f"{edge.rule} ({', '.join(marks)})",
            f"{edge.symbols()}",
            *([f"needs {listing(list(edge.needs))}"] if edge.needs else []),
            f"assumes: {edge.assumption}",
            f"source: {edge.reference}" + (f"; used by {edge.used_by}" if edge.used_by else ""),
        ]
        OUT.print("\n" + "\n  ".join(lines), markup=False)
