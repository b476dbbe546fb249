"""What the verbs on study tables share: the file, its effects, the choices of a model."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._format import listing
from metarel._lazy import Deferred, pd
from metarel._register import did_you_mean
from metarel._vocabulary import SYMBOLS
from metarel.cli import _notes as notes
from metarel.cli._words import split_words
from metarel.data._cells import as_number
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel.data import io
    from metarel.effects import _columns as guess
    from metarel.effects import compute, register
    from metarel.routes import compute as routes
    from metarel.routes import register as ways
else:  # the verbs on single numbers must not wait for them
    compute = Deferred("metarel.effects.compute")
    guess = Deferred("metarel.effects._columns")
    io = Deferred("metarel.data.io")
    register = Deferred("metarel.effects.register")
    routes = Deferred("metarel.routes.compute")
    ways = Deferred("metarel.routes.register")

Question = Annotated[
    list[str], typer.Argument(metavar="FILE [--WORD COLUMN]...", show_default=False)
]
Sheet = Annotated[
    str | None,
    typer.Option(
        help="Sheet of a workbook, by name or number; the first with a table unless given."
    ),
]
Header = Annotated[
    int | None, typer.Option(help="Line of the headers, where a title stands above them.")
]
FromReports = Annotated[
    bool,
    typer.Option(
        "--from-reports",
        help="Read rows as papers print them: means, t, F, limits, p such as '<.05', whatever "
        "each has; columns by their names, here or elsewhere, unless words are given.",
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        help="Column of what effects may depend on within: robust tests (CR2 with "
        "Satterthwaite df; in Python robust() takes CR1 unless told)."
    ),
]
Measure = Annotated[
    str | None,
    typer.Option(
        help="Compute effects of this measure, its words are options; or what --yi holds."
    ),
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
    *("measure", "yi", "vi", "sei", "labels", "sheet", "header", "tau2", "test", "level"),
    *("formula", "by", "plot", "out", "kind", "cluster", "from-reports"),
)


#: Options of ``effect_sizes`` that are no input of a measure.
EFFECT_OPTIONS = ("variance", "correct", "flip", "settings", "replace")
#: How truth values are typed.
FLAGS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}

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
    header: int | None = None,
    from_reports: bool = False,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return a file's studies, and the words by which a model finds their effects.

    With a measure its effects are computed and stand in the frame, so that none are needed; beside
    effects that are there it only says what they are. What a reader must know is noted.
    """
    (file,), words = split_words(question, "FILE, such as studies.csv")
    for word in words:
        if word in ELSEWHERE:
            raise InputError(f"`--{word}` belongs to `{ELSEWHERE[word]}`.")
    if "header" in words:
        header = _typed_number("header", words.pop("header"))
    _check_file(Path(file), sheet)
    place: dict[str, Any] = {"sheet": sheet, "header": header}
    given: dict[str, Any] = {word: column for word, column in columns.items() if column}
    if measure is None:
        studies = io.read_numbered(Path(file), **place)
        _refuse_words(words, from_reports)
        return studies, given
    declared = register.MEASURES[measure]
    if from_reports:
        printed = io.read_numbered(Path(file), as_printed=_is_text(Path(file)), **place)
        return _from_reports(printed, declared, {**given, **words}, labels), {}
    studies = io.read_numbered(Path(file), **place)
    if not words and "yi" not in declared.words and _has_effects(studies, given):
        return studies, {**given, "measure": declared.code}
    _refuse_unknown(declared, words, studies)
    _refuse_none(declared, {**given, **words}, studies)
    chosen = {**given, **typed(declared, words)}
    effects = compute.effect_sizes(studies, declared.code, labels=labels, **chosen)
    inputs = {word: column for word, column in words.items() if word in declared.words}
    notes.say(notes.screened(studies, declared.code, inputs, labels))
    return effects, {}


def _has_effects(studies: pd.DataFrame, given: dict[str, Any]) -> bool:
    """Tell whether effects and variances are named, or stand in columns of the usual names."""
    return "yi" in given or ("yi" in studies and not {"vi", "sei"}.isdisjoint(studies.columns))


def _from_reports(
    studies: pd.DataFrame, measure: Any, words: dict[str, Any], labels: str | None
) -> pd.DataFrame:
    """Return effects by the best route of each row, and say what no paper printed."""
    options = {word: words.pop(word) for word in [*REPORT_OPTIONS] if word in words}
    chosen = {word: REPORT_OPTIONS[word](word, value) for word, value in options.items()}
    words = words or _by_names(studies, measure)
    found = routes.effects_from_reports(studies, measure.code, labels=labels, **chosen, **words)
    notes.say(notes.taken(found, labels))
    return found


def _by_names(studies: pd.DataFrame, measure: Any) -> dict[str, Any]:
    """Return the words that the names of columns tell, and say which have other names."""
    known = ways.words_of(ways.steps_to(measure))
    words = guess.guess_reported(known, map(str, studies.columns), measure.code)
    taken = [f"{word} from {column!r}" for word, column in words.items() if word != column]
    if taken:
        notes.say([f"read {listing(taken, 30)}: --word COLUMN for each word says otherwise."])
    return words


def _refuse_words(words: dict[str, str], from_reports: bool) -> None:
    """Refuse words that only a measure takes, where none was named."""
    if from_reports:
        raise InputError("`--from-reports` needs `--measure`, such as --measure SMD.")
    if words:
        word = f"--{next(iter(words))}"
        hint = did_you_mean(word, [f"--{option}" for option in OPTIONS])
        raise InputError(f"`{word}` is not an option without `--measure`.{hint}")


def _refuse_unknown(measure: Any, words: dict[str, str], studies: pd.DataFrame) -> None:
    """Refuse an option that neither the verb nor the measure has, and say which are meant."""
    own = (*measure.words, *(setting.code for setting in measure.design.settings))
    for word, column in words.items():
        if word in own or word in EFFECT_OPTIONS:
            continue
        meant = measure.metafor_words.get(word)
        if meant:
            hint = f" Did you mean '--{meant}'?"
        elif column in studies and word.lower() in ways.words_of(ways.steps_to(measure)):
            small = word.lower()
            hint = f" `--from-reports --{small}` reads it ({SYMBOLS[small].meaning})."
        else:
            hint = did_you_mean(word, (*OPTIONS, *own, *EFFECT_OPTIONS)).replace(" '", " '--")
        takes = listing([f"--{option}" for option in own], 30)
        raise InputError(f"There is no option `--{word}`.{hint} {measure.code} takes {takes}.")


def _refuse_none(measure: Any, words: dict[str, Any], studies: pd.DataFrame) -> None:
    """Refuse a measure without a column to compute it from, and say what the table has."""
    if not set(measure.words).isdisjoint(words):
        return
    ways = "; or ".join(", ".join(f"--{word}" for word in way) for way in measure.ways)
    named = next((way for way in measure.ways if set(way) <= set(studies.columns)), None)
    if named is None:
        columns = listing([f"'{column}'" for column in studies.columns], 15)
        hint = f"Each takes the name of a column; the table has {columns}."
    else:
        hint = f"The table has columns of these names: `{' '.join(f'--{w} {w}' for w in named)}`."
    raise InputError(f"{measure.code} is computed from {ways}; none was given. {hint}")


def typed(measure: Any, words: dict[str, str]) -> dict[str, Any]:
    """Return the words of a measure, its settings as truth values and numbers."""
    kinds = {s.code: s for s in measure.design.settings if not s.choices}
    result: dict[str, Any] = {}
    for word, value in words.items():
        if word in ("correct", "replace") or isinstance(
            getattr(kinds.get(word), "default", 0), bool
        ):
            result[word] = FLAGS.get(value.strip().lower(), value)
        elif word in kinds:
            result[word] = _typed_number(word, value)
        else:
            result[word] = value
    return result


def _typed_number(word: str, value: str) -> Any:
    """Return the number that follows an option."""
    number = as_number(value.strip())
    if number is None:
        raise InputError(f"`--{word}` must be followed by a number; got {value!r}.")
    return number


def _typed_flag(word: str, value: str) -> Any:
    """Return the truth value that follows an option."""
    if value.strip().lower() not in FLAGS:
        raise InputError(f"`--{word}` must be followed by true or false; got {value!r}.")
    return FLAGS[value.strip().lower()]


#: What options of ``effects_from_reports`` are, besides columns.
REPORT_OPTIONS: dict[str, Callable[[str, str], Any]] = {
    **dict.fromkeys(("variance", "digits", "limits", "quantiles", "inequality"), lambda _, v: v),
    **dict.fromkeys(("level", "assumed_r"), _typed_number),
    **dict.fromkeys(("equal_groups", "replace"), _typed_flag),
    "correct": lambda _, value: FLAGS.get(value.strip().lower(), value),
    "prefer": lambda _, value: tuple(part.strip() for part in value.split(",")),
}


def _is_text(file: Path) -> bool:
    """Tell whether a file's name says that it is text, such as CSV."""
    kind = io.KINDS.get(file.suffix.lower())
    return kind is not None and kind.name == io.TEXT


def _check_file(file: Path, sheet: str | None) -> None:
    """Refuse a file that does not exist, and to pass over a sheet of a file that has none."""
    if not file.exists():
        folder = file.parent
        near = [one.name for one in folder.iterdir()] if folder.is_dir() else []
        hint = did_you_mean(file.name, near)
        raise InputError(f"`FILE` must be a file that exists; there is no {file}.{hint}")
    if sheet is not None and _is_text(file):
        raise InputError(f"`--sheet` must stand with a workbook; {file.name} has no sheets.")


def read_printed(
    file: Path, sheet: str | None = None, header: int | None = None, *, totals: bool = False
) -> pd.DataFrame:
    """Return a file's cells with the digits they are printed with, where the file keeps them.

    Rows of totals are kept where ``totals``; else they are left out, and said to be.
    """
    _check_file(file, sheet)
    kept = _is_text(file)
    return io.read_numbered(file, sheet=sheet, header=header, as_printed=kept, totals=totals)


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
