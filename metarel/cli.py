"""The terminal: convert or interpret one number, pool studies, reproduce published figures.

One grammar for all commands: what is asked about comes first, every choice is an option, the words
of a measure or a conversion are options too (``--n1 20``, ``--r corr``), and ``--json`` prints
plain data. Exit status 0: done; 1: a figure did not come out as expected; 2: the question cannot
be answered, and one paragraph on standard error says why.
"""

from __future__ import annotations

import json
import warnings
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from metarel._format import plain
from metarel._lazy import Deferred, pd
from metarel._printed_interval import printed_decimal
from metarel._register import did_you_mean, one_of
from metarel.convert._edge import METRICS, NEEDS
from metarel.convert.explain import explain
from metarel.errors import InputError, MetarelError, MetarelWarning

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel import plot as plots
    from metarel.convert import interpret
    from metarel.data import catalog
    from metarel.effects import compute
    from metarel.models import meta
    from metarel.moderators import subgroups
    from metarel.repro import reproduce
    from metarel.repro.verdict import Verdict
else:  # converting one number must not wait for them
    catalog = Deferred("metarel.data.catalog")
    compute = Deferred("metarel.effects.compute")
    interpret = Deferred("metarel.convert.interpret")
    meta = Deferred("metarel.models.meta")
    plots = Deferred("metarel.plot")
    subgroups = Deferred("metarel.moderators.subgroups")
    reproduce = Deferred("metarel.repro.reproduce")

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)

#: What agrees is green and what differs as expected yellow; the unexpected is red.
COLOURS = {"agrees": "green", "agrees truncated": "green"}

#: What the list of datasets shows; the rest is in its JSON.
LISTED = ("slug", "title", "measure", "rows", "figures")

#: The metrics that an effect may be interpreted in, and the arguments they are.
EFFECTS = {"d": "d", "r": "r", "g": "g", "log_or": "log_or", "or": "odds_ratio"}

#: What a mistyped option of pool may have been meant as.
POOL_OPTIONS = ("measure", "yi", "vi", "sei", "labels", "tau2", "test", "level", "moderators", "by")

#: Unknown options are words of a measure or a conversion; each command says which it takes.
WORDS = {"ignore_unknown_options": True}

AsJson = Annotated[bool, typer.Option("--json", help="Print plain data instead of text.")]


class PlainErrors(TyperGroup):
    """Commands whose errors and warnings are plain paragraphs on standard error."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what metarel refuses becomes a message and exit status 2."""
        with warnings.catch_warnings():
            warnings.simplefilter("always", MetarelWarning)
            warnings.showwarning = _note
            try:
                return super().invoke(ctx)
            except MetarelError as error:
                ERR.print(f"Error: {error}", markup=False)
                raise typer.Exit(2) from None


def _note(message: Warning | str, *_where: Any, **_stream: Any) -> None:
    """Print a warning as a note, without the line of code that gave it."""
    ERR.print(f"Note: {message}", markup=False)


def _examples(*lines: str) -> str:
    """Return example commands as the paragraphs that stand below a command's help."""
    return "\n\n".join(["Examples:", *lines])


app = typer.Typer(
    cls=PlainErrors,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def main() -> None:
    """Run the command line."""
    app(prog_name="metarel")


def _print_version(asked: bool) -> None:
    """Print the version and stop."""
    if asked:
        typer.echo(f"metarel {metadata.version('metarel')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Meta-analysis, and whether reported numbers can be right."""


@app.command(
    "convert",
    context_settings=WORDS,
    epilog=_examples(
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
    first, words = _split_words(question, "METRIC=NUMBER, such as r=.28")
    metric, text = _split_number(first)
    asked: dict[str, Any] = {"rule": rule, "against": reported, "tau2": tau2, "average": average}
    explanation = explain(text, metric, to, **asked, **_needs(words))
    if as_json:
        _print_json(explanation.to_dict())
    else:
        OUT.print(str(explanation), markup=False)


@app.command(
    "interpret",
    epilog=_examples(
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
    metric, text = _split_number(question)
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
        _save(plots.interpretation(meaning), plot)
    if as_json:
        _print_json(meaning.to_dict())
    else:
        OUT.print(str(meaning), markup=False)


@app.command(
    "pool",
    context_settings=WORDS,
    epilog=_examples(
        "metarel pool studies.csv --yi g --sei se_g --tau2 DL --test knha",
        "metarel pool studies.csv --measure ZCOR --r r --n n --moderators year --plot forest.png",
        "metarel pool studies.csv --measure RR --events1 a --n1 n --events2 c --n2 m --by country",
    ),
)
def _pool(
    question: Annotated[
        list[str], typer.Argument(metavar="FILE [--WORD COLUMN]...", show_default=False)
    ],
    measure: Annotated[
        str | None, typer.Option(help="Compute effects of this measure; its words are options.")
    ] = None,
    yi: Annotated[str | None, typer.Option(help="Column of effects.")] = None,
    vi: Annotated[str | None, typer.Option(help="Column of their variances.")] = None,
    sei: Annotated[str | None, typer.Option(help="Column of their standard errors.")] = None,
    labels: Annotated[str | None, typer.Option(help="Column of study names.")] = None,
    tau2: Annotated[
        str, typer.Option(help="Estimator of tau2, or EE for a common effect.")
    ] = "REML",
    test: Annotated[str, typer.Option(help="z, t, knha, adhoc, hybrid, iqwig or kr.")] = "z",
    level: Annotated[float, typer.Option(help="Confidence level, a fraction.")] = 0.95,
    moderators: Annotated[
        str | None, typer.Option(help="Formula, such as 'year + C(rater)'.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Column of subgroups to compare.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Write a forest plot to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Pool a table of studies (CSV, one row a study), regress it, or compare subgroups.

    Effects come from columns `--yi` with `--vi` or `--sei`, or are computed by `--measure`.
    """
    file, words = _split_words(question, "FILE, such as studies.csv")
    studies = _read_table(Path(file))
    columns = {"yi": yi, "vi": vi, "sei": sei}
    if measure is not None:
        given: dict[str, Any] = {word: column for word, column in columns.items() if column}
        studies = compute.effect_sizes(studies, measure, labels=labels, **(given | words))
        columns = {}
    elif words:
        word = f"--{next(iter(words))}"
        hint = did_you_mean(word, [f"--{option}" for option in POOL_OPTIONS])
        raise InputError(f"`{word}` is not an option without `--measure`.{hint}")
    model: dict[str, Any] = {**columns, "tau2": tau2, "test": test, "level": level}
    result = _fit(studies, moderators, by, {**model, "labels": labels})
    if plot is not None:
        _save(plots.forest(result), plot)
    if as_json:
        _print_json(result.to_dict())
    else:
        OUT.print(str(result), markup=False)


@app.command(
    "reproduce",
    epilog=_examples(
        "metarel reproduce",
        "metarel reproduce molloy2014 kolden2011 --json",
    ),
)
def _reproduce(
    slugs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SLUG]...", help="Datasets, or folders that hold one."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Re-compute published figures and judge each by its printed digits.

    Exit status 1 where a verdict is not the one that the dataset's own file expects.
    """
    found = reproduce.Reproduction(
        tuple(v for slug in slugs or (None,) for v in reproduce.reproduce(slug).verdicts)
    )
    if as_json:
        _print_json(found.to_dict())
    else:
        for (dataset, where), verdicts in found.by_place().items():
            OUT.print(_verdict_table(f"{dataset}: {where}", verdicts))
            for line in reproduce.reasons(verdicts):
                OUT.print(f"  {line}\n", markup=False)
        OUT.print(found.summary(), markup=False)
    if not found.ok:
        raise typer.Exit(1)


@app.command(
    "datasets",
    epilog=_examples(
        "metarel datasets",
        "metarel datasets --json",
    ),
)
def _datasets(as_json: AsJson = False) -> None:
    """List the datasets that ship with metarel."""
    listed = catalog.list_datasets()
    if as_json:
        _print_json(listed.to_dict(orient="records"))
        return
    table = Table(box=SIMPLE)
    for name in LISTED:
        table.add_column(name, no_wrap=name == "slug")
    for row in listed[list(LISTED)].itertuples(index=False):
        table.add_row(*(Text(str(cell)) for cell in row))
    OUT.print(table)


def _split_number(first: str) -> tuple[str, str]:
    """Return the metric and the digits of ``METRIC=NUMBER``."""
    metric, equals, text = first.partition("=")
    if not equals:
        raise InputError(f"The number must be written METRIC=NUMBER, as in r=.28; got {first!r}.")
    return metric, text


def _needs(words: dict[str, str]) -> dict[str, Any]:
    """Return what a conversion needs as numbers, by name."""
    for word in words:
        if word not in NEEDS:
            raise InputError(one_of("option", [f"--{need}" for need in NEEDS], f"--{word}"))
    return {word: float(printed_decimal(value, word)) for word, value in words.items()}


def _fit(
    studies: pd.DataFrame, moderators: str | None, by: str | None, model: dict[str, Any]
) -> Any:
    """Fit what the options ask for: one effect, a regression, or subgroups."""
    if by is not None and moderators is not None:
        raise InputError("`--by` and `--moderators` cannot be given together; choose one.")
    if by is not None:
        return subgroups.subgroups(studies, by, **model)
    if moderators is not None:
        return meta.meta_regression(studies, moderators, **model)
    return meta.pool(studies, **model)


def _split_words(tokens: list[str], what: str) -> tuple[str, dict[str, str]]:
    """Take the one positional word out of a command line; the rest are ``--word value`` pairs."""
    words: dict[str, str] = {}
    positional: list[str] = []
    rest = iter(tokens)
    for token in rest:
        if not token.startswith("--"):
            positional.append(token)
            continue
        name, equals, value = token[2:].partition("=")
        following = value if equals else next(rest, None)
        if following is None or following.startswith("--"):
            raise InputError(f"`--{name}` must be followed by a value, such as --{name} VALUE.")
        words[name.replace("-", "_")] = following
    if len(positional) != 1:
        came = ", ".join(map(repr, positional)) or "none"
        raise InputError(f"Exactly one {what} must be given; got {came}.")
    return positional[0], words


def _read_table(file: Path) -> pd.DataFrame:
    """Read a table of studies, comma- or tab-separated by the file's name."""
    separator = "," if file.suffix.lower() == ".csv" else "\t"
    try:
        return pd.read_csv(file, sep=separator)
    except (OSError, ValueError) as error:  # pandas' parser errors are ValueErrors
        raise InputError(
            f"FILE must be a table of studies; {file} cannot be read: {error}"
        ) from error


def _save(ax: Axes, file: Path) -> None:
    """Write a picture in the format that the file's name says."""
    figure: Any = ax.figure
    try:
        figure.savefig(file, bbox_inches="tight")
    except (OSError, ValueError) as error:
        raise InputError(f"`--plot` must be a picture that can be written: {error}") from error


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


def _print_json(value: Any) -> None:
    """Print plain data as JSON; a number that is missing or infinite is null."""
    typer.echo(json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False))
