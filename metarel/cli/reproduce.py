"""``metarel reproduce``: published figures re-computed, and judged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from metarel._lazy import Deferred
from metarel._progress import track
from metarel.cli._app import OUT, app
from metarel.cli._words import AsJson, examples, print_json, print_text, write_text
from metarel.data.validate import DESCRIPTION
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel.data import catalog
    from metarel.repro import cases, reproduce
    from metarel.repro.reproduce import Reproduction
    from metarel.repro.verdict import Verdict
else:  # the other verbs must not wait for them
    cases = Deferred("metarel.repro.cases")
    catalog = Deferred("metarel.data.catalog")
    reproduce = Deferred("metarel.repro.reproduce")

#: What the columns of counts are called.
HEADS = {
    "agrees": "agree",
    "agrees truncated": "truncated",
    "differs": "differ",
    "cannot run": "cannot run",
}
#: What agrees is green and what differs as expected yellow; the unexpected is red.
COLOURS = {"agrees": "green", "agrees truncated": "green"}


@app.command(
    "reproduce",
    epilog=examples(
        "metarel reproduce",
        "metarel reproduce molloy2014 kolden2011",
        "metarel reproduce --all",
        "metarel reproduce molloy2014 --json",
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
    everything: Annotated[
        bool, typer.Option("--all", help="Every figure of all datasets that ship.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Re-compute published figures and judge each by its printed digits.

    Without a name all datasets that ship, one line each. Exit status 1 where a verdict is not the
    one that was recorded.
    """
    if which and everything:
        raise InputError("`--all` must stand alone: datasets that are named are shown whole.")
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
        found = _figures(which, whole=bool(which) or everything or as_json, progress=not as_json)
        ok = _print_figures(found, as_json, whole=bool(which) or everything)
    if not ok:
        raise typer.Exit(1)


def _figures(which: list[str] | None, *, whole: bool, progress: bool) -> Reproduction:
    """Return the verdicts of some or all datasets; other analyses are searched where shown."""
    named = [catalog.load_dataset(name) for name in which or catalog.slugs()]
    verdicts = [
        verdict
        for data in track(named, len(named), "Re-computing published figures", show=progress)
        for verdict in reproduce.reproduce(data, nearby=whole).verdicts
    ]
    return reproduce.Reproduction(tuple(verdicts))


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


def _print_figures(found: Reproduction, as_json: bool, *, whole: bool) -> bool:
    """Print verdicts by place, or how many of each a dataset has; return whether all stand."""
    if as_json:
        print_json(found.to_dict())
        return found.ok
    if whole:
        for (dataset, where), verdicts in found.by_place().items():
            print_text(f"{dataset}: {where}")
            OUT.print(_verdict_table(verdicts))
            for line in reproduce.reasons(verdicts):
                print_text(f"  {line}\n")
    else:
        OUT.print(_count_table(found))
    print_text(found.summary())
    if not whole:
        print_text("One dataset, figure by figure: metarel reproduce SLUG. All of them: --all.")
    return found.ok


def _count_table(found: Reproduction) -> Table:
    """Lay out how many figures of each dataset have each verdict."""
    table = Table(box=SIMPLE, show_footer=True, pad_edge=False, padding=0)
    total = Text(str(len(found.verdicts)))
    table.add_column("dataset", footer="", no_wrap=True)
    table.add_column("figures", footer=total, justify="right")
    for verdict, number in found.counts.items():
        table.add_column(HEADS[verdict], footer=str(number), justify="right")
    for slug, own in found.by_dataset().items():
        shown = [str(number) if number else "" for number in own.counts.values()]
        style = "" if own.ok else "red"
        table.add_row(Text(slug, style=style), str(len(own.verdicts)), *shown)
    return table


def _verdict_table(verdicts: tuple[Verdict, ...]) -> Table:
    """Lay out verdicts: agreement green, known differences yellow, the unexpected red."""
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    for column in reproduce.COLUMNS:
        justify: Any = "right" if column in ("printed", "value") else "left"
        table.add_column(column, justify=justify, no_wrap=column != "verdict")
    for verdict in verdicts:
        colour = COLOURS.get(verdict.verdict, "yellow") if verdict.as_expected else "red"
        *cells, last = reproduce.cells_of(verdict)
        table.add_row(*map(Text, cells), Text(last, style=colour))
    return table
