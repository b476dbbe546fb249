"""What the verbs on study tables share: the file, its effects, the choices of a model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._lazy import Deferred, pd
from metarel._register import did_you_mean
from metarel.cli._words import split_words
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel.data import io
    from metarel.effects import compute
else:  # the verbs on single numbers must not wait for them
    compute = Deferred("metarel.effects.compute")
    io = Deferred("metarel.data.io")

Question = Annotated[
    list[str], typer.Argument(metavar="FILE [--WORD COLUMN]...", show_default=False)
]
Sheet = Annotated[str | None, typer.Option(help="Sheet of a workbook; the first unless given.")]
Measure = Annotated[
    str | None, typer.Option(help="Compute effects of this measure; its words are options.")
]
Yi = Annotated[str | None, typer.Option(help="Column of effects.")]
Vi = Annotated[str | None, typer.Option(help="Column of their variances.")]
Sei = Annotated[str | None, typer.Option(help="Column of their standard errors.")]
Labels = Annotated[str | None, typer.Option(help="Column of study names.")]
Tau2 = Annotated[str, typer.Option(help="Estimator of tau2, or EE for a common effect.")]
Test = Annotated[str, typer.Option(help="z, t, knha, adhoc, hybrid, iqwig or kr.")]
Level = Annotated[float, typer.Option(help="Confidence level, a fraction.")]
PlotFile = Annotated[Path | None, typer.Option(help="Write a forest plot to this file.")]

#: What a mistyped option may have been meant as.
OPTIONS = (
    *("measure", "yi", "vi", "sei", "labels", "sheet", "tau2", "test", "level"),
    *("formula", "by", "plot", "out", "kind"),
)


_DECIMAL = re.compile(r"[-+−]?(\d+\.?\d*|\.\d+)")

#: Choices of another verb, which is then named.
ELSEWHERE = {
    "by": "metarel subgroups",
    "formula": "metarel regress",
    "moderators": "metarel regress --formula",
    "kind": "metarel plot",
}


def read_effects(
    question: list[str],
    measure: str | None,
    columns: dict[str, str | None],
    *,
    labels: str | None = None,
    sheet: str | None = None,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return a file's studies, and the words by which a model finds their effects.

    With a measure its effects are computed and stand in the frame, so that none are needed.
    """
    (file,), words = split_words(question, "FILE, such as studies.csv")
    for word in words:
        if word in ELSEWHERE:
            raise InputError(f"`--{word}` belongs to `{ELSEWHERE[word]}`.")
    studies = io.read_studies(Path(file), sheet=0 if sheet is None else sheet)
    given: dict[str, Any] = {word: column for word, column in columns.items() if column}
    if measure is not None:
        return compute.effect_sizes(studies, measure, labels=labels, **{**given, **words}), {}
    if words:
        word = f"--{next(iter(words))}"
        hint = did_you_mean(word, [f"--{option}" for option in OPTIONS])
        raise InputError(f"`{word}` is not an option without `--measure`.{hint}")
    return studies, given


def read_printed(file: Path, sheet: str | None = None, *, totals: bool = False) -> pd.DataFrame:
    """Return a file's cells with the digits they are printed with, where the file keeps them.

    Rows of totals are kept where ``totals``; else they are left out, and said to be.
    """
    kept = file.suffix.lower() in io.KINDS and io.KINDS[file.suffix.lower()].name == io.TEXT
    return io.read_numbered(file, sheet=sheet, as_printed=kept, totals=totals)


def as_long_as_the_longest(table: pd.DataFrame) -> pd.DataFrame:
    """Give the numbers of a column of text the decimals of its longest.

    Programs that write tables drop zeros at the end: beside .28 a .3 is a .30, not .25 to .35.
    """
    return table.apply(_padded) if len(table) else table


def _padded(column: pd.Series) -> pd.Series:
    if not all(isinstance(cell, str) and _DECIMAL.fullmatch(cell) for cell in column.dropna()):
        return column
    decimals = [len(cell.partition(".")[2]) for cell in column.dropna()]
    longest = max(decimals, default=0)
    if not longest:
        return column
    return column.map(
        lambda cell: (
            f"{cell}{'' if '.' in cell else '.'}{'0' * (longest - len(cell.partition('.')[2]))}"
        ),
        na_action="ignore",
    )
