"""``metarel reproduce``: published figures re-computed, and judged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from metarel._lazy import Deferred
from metarel.cli._app import OUT, app
from metarel.cli._words import AsJson, examples, print_json, write_text
from metarel.data.validate import DESCRIPTION
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel.repro import cases, reproduce
    from metarel.repro.reproduce import Reproduction
    from metarel.repro.verdict import Verdict
else:  # the other verbs must not wait for them
    cases = Deferred("metarel.repro.cases")
    reproduce = Deferred("metarel.repro.reproduce")

#: What agrees is green and what differs as expected yellow; the unexpected is red.
COLOURS = {"agrees": "green", "agrees truncated": "green"}


@app.command(
    "reproduce",
    epilog=examples(
        "metarel reproduce",
        "metarel reproduce molloy2014 kolden2011 --json",
        "metarel reproduce my_dataset/",
        "metarel reproduce cases/ --jobs -1 --resume done.jsonl --report report.md",
    ),
)
def _reproduce(
    which: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SLUG or FOLDER]...",
            help="Datasets that ship, folders that hold one, or one folder of cases.",
        ),
    ] = None,
    depth: Annotated[
        str, typer.Option(help="Of cases: declared, or full to search for explanations too.")
    ] = "full",
    jobs: Annotated[int, typer.Option(help="Of cases: processes to use, -1 for all.")] = 1,
    resume: Annotated[
        Path | None, typer.Option(help="Of cases: keep results here, and take over what stands.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Of cases: write a report here.")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Of cases: any figure that differs is a failure.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Re-compute published figures and judge each by its printed digits.

    Exit status 1 where a verdict is not the one that is expected.
    """
    if which and len(which) == 1 and _holds_cases(Path(which[0])):
        folder = cases.reproduce_cases(
            which[0], depth=depth, jobs=jobs, resume=resume, progress=not as_json, strict=strict
        )
        if report is not None:
            write_text(folder.report(), report, "--report")
        ok = _print(folder, as_json)
    else:
        given = {"--depth": depth != "full", "--jobs": jobs != 1, "--resume": resume is not None,
                 "--report": report is not None, "--strict": strict}  # fmt: skip
        _refuse_of_cases([option for option, here in given.items() if here])
        found = reproduce.Reproduction(
            tuple(v for name in which or (None,) for v in reproduce.reproduce(name).verdicts)
        )
        ok = _print_figures(found, as_json)
    if not ok:
        raise typer.Exit(1)


def _refuse_of_cases(options: list[str]) -> None:
    """Raise where options of cases stand beside datasets, which have none of them."""
    if options:
        raise InputError(
            f"`{'`, `'.join(options)}` must stand with one folder of cases; datasets are judged by "
            "what their own files expect."
        )


def _holds_cases(path: Path) -> bool:
    """Tell whether a path is a folder of cases, or one case, and not a dataset."""
    if path.is_dir():
        return not (path / DESCRIPTION).exists()
    return path.is_file()


def _print(folder: Any, as_json: bool) -> bool:
    """Print what became of a folder of cases; return whether all is as expected."""
    if as_json:
        print_json(folder.to_dict())
    else:
        OUT.print(str(folder), markup=False)
    return bool(folder.ok)


def _print_figures(found: Reproduction, as_json: bool) -> bool:
    """Print verdicts by place of publication; return whether all are as expected."""
    if as_json:
        print_json(found.to_dict())
        return found.ok
    for (dataset, where), verdicts in found.by_place().items():
        OUT.print(_verdict_table(f"{dataset}: {where}", verdicts))
        for line in reproduce.reasons(verdicts):
            OUT.print(f"  {line}\n", markup=False)
    OUT.print(found.summary(), markup=False)
    return found.ok


def _verdict_table(title: str, verdicts: tuple[Verdict, ...]) -> Table:
    """Lay out verdicts: agreement green, known differences yellow, the unexpected red."""
    table = Table(title=Text(title), title_justify="left", box=SIMPLE)
    for column in reproduce.COLUMNS:
        justify: Any = "right" if column in ("printed", "value") else "left"
        table.add_column(column, justify=justify, no_wrap=column != "verdict")
    for verdict in verdicts:
        colour = COLOURS.get(verdict.verdict, "yellow") if verdict.as_expected else "red"
        *cells, last = reproduce.cells_of(verdict)
        table.add_row(*map(Text, cells), Text(last, style=colour))
    return table
