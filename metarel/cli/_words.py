"""What the verbs share: words that are options, tables in, pictures and plain data out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._format import folded, plain
from metarel._lazy import Deferred, pd
from metarel._register import one_of
from metarel.cli._app import OUT, note_below
from metarel.convert._typed import typed_needs, with_point
from metarel.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel.plot import picture
else:  # most words never draw
    picture = Deferred("metarel.plot.picture")

#: Unknown options are words of a measure or a conversion; each command says which it takes.
WORDS = {"ignore_unknown_options": True}

AsJson = Annotated[bool, typer.Option("--json", help="Print plain data instead of text.")]


def examples(*lines: str) -> str:
    """Return example commands as the paragraphs that stand below a command's help."""
    return "\n\n".join(["Examples:", *lines])


#: METRIC=NUMBER, and METRIC<NUMBER for a bound; blanks around the sign do not matter.
_QUESTION = re.compile(r"\s*(?P<metric>[^=<>≤≥]+?)\s*(?:=\s*(?P<number>.*)|(?P<bound>[<>≤≥].*))\s*")
_ONE_DASH = re.compile(r"-[A-Za-z][\w-]+(=.*)?")


def split_number(first: str) -> tuple[str, str]:
    """Return the metric and the digits of ``METRIC=NUMBER``; of a bound, with its sign."""
    match = _QUESTION.fullmatch(first)
    text = "" if match is None else (match["number"] or match["bound"] or "").strip()
    if match is None or not text:
        raise InputError(
            f"The number must be written METRIC=NUMBER, as in r=.28; got {first!r}. A bound stands "
            "in quotes, as in 'p<.001', for a shell reads < as something else."
        )
    return match["metric"], text


def split_any(tokens: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return the positional words of a command line, and the ``--word value`` pairs."""
    words: dict[str, str] = {}
    positional: list[str] = []
    rest = iter(tokens)
    for token in rest:
        if _ONE_DASH.fullmatch(token):
            raise InputError(f"Options have two dashes: write -{token} and not {token}.")
        if not token.startswith("--"):
            positional.append(token)
            continue
        name, equals, value = token[2:].partition("=")
        following = value if equals else next(rest, None)
        if following is None or following.startswith("--"):
            raise InputError(f"`--{name}` must be followed by a value, such as --{name} VALUE.")
        words[name.replace("-", "_")] = following
    return positional, words


def split_words(
    tokens: list[str], what: str, many: int = 1
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return as many positional words as a verb takes, and the ``--word value`` pairs."""
    positional, words = split_any(tokens)
    positional = _glued(positional)
    if len(positional) != many:
        came = ", ".join(map(repr, positional)) or "none"
        raise InputError(f"Exactly one {what} must be given; got {came}.")
    return tuple(positional), words


def _glued(tokens: list[str]) -> list[str]:
    """Put together what blanks around an equals sign have parted: ``d = .57``."""
    found: list[str] = []
    for token in tokens:
        if found and (found[-1].endswith("=") or token.startswith("=")):
            found[-1] += token
        else:
            found.append(token)
    return found


def needs_of(words: dict[str, str]) -> dict[str, Any]:
    """Return what a conversion needs as numbers, by name."""
    return dict(typed_needs(words))


#: What stands between two limits; a dash does after a digit, or with blanks on both sides, and is
#: a minus elsewhere.
_BETWEEN = re.compile(r"\s*;\s*|(?<=[\d%])(?:–|\s+–\s+)|\s*\bto\b\s*")


def parts_of(text: str) -> list[str]:
    """Return what stands between brackets: limits, with a comma between them or another sign."""
    inner = text.strip().strip("[](){}").strip()
    parts = _BETWEEN.split(inner) if _BETWEEN.search(inner) else inner.split(",")
    return [part.strip() for part in parts if part.strip()]


def limits_of(text: str, option: str) -> tuple[str, str]:
    """Return two printed limits, in brackets or not, with points before their decimals."""
    parts = parts_of(text)
    if len(parts) != 2:
        commas = " Between decimal commas stands a semicolon." if text.count(",") > 1 else ""
        raise InputError(
            f"`--{option}` must be two limits in one word, LOW,HIGH, such as --{option} .12,.36; "
            f"got {text!r}.{commas}"
        )
    return read_comma(parts[0], option), read_comma(parts[1], option)


def read_comma(text: str, option: str) -> str:
    """Return a printed figure with a point for a decimal comma, and note that it was read so."""
    point = with_point(text, f"--{option}")
    if point != text:
        note_below(f"--{option}: {text} is read as {point}.")
    return point


#: Options that rules take besides the value, as a paragraph of a command's help.
SIZES_HELP = (
    "What a rule needs besides, as options: --n1 --n2 (people in each group), --n (in all), "
    "--df, --df1 (degrees of freedom), --base-rate (share of people in group 1), --control-rate "
    "(share of events in group 2), --sign -1 (a negative effect), and --groups --rows --columns "
    "--expected --delta --sd-x --sd --time --other. `metarel explain r d` says which rule needs "
    "which."
)
#: The metrics that people look for, as a paragraph of a command's help.
METRICS_HELP = (
    "Metrics: d g md (differences); r z r_pb r_bis spearman (correlations); or logOR rr rd hr nnt "
    "(ratios and risks); eta2 f r2 (shares of variance); U3 overlap cles (shares of people); t F p "
    "z_stat chi2 U (statistics). A z is Fisher's z, an f is Cohen's f. A wrong name is answered by "
    "the nearest."
)


def check_picture(file: Path, option: str = "--plot") -> None:
    """Refuse a picture that cannot be written, before anything is computed for it."""
    if file.suffix.lower() not in picture.FORMATS:
        raise InputError(one_of(option, [f"*{known}" for known in picture.FORMATS], str(file)))
    if not file.parent.is_dir():
        raise InputError(
            f"`{option}` must be a file in a folder that exists; there is no {file.parent}."
        )


def save(ax: Axes, file: Path, option: str = "--plot", **size: float | None) -> None:
    """Write a picture in the format that the file's name says, at a width in mm if asked for."""
    check_picture(file, option)
    given = {word: value for word, value in size.items() if value is not None}
    try:
        picture.save(ax, file, **given)
    except InputError as error:
        text = str(error).replace("`path`", f"`{option}`")
        for word in given:
            text = text.replace(f"`{word}`", f"`--{word}`")
        raise InputError(text) from error


def write_table(table: pd.DataFrame, file: Path) -> None:
    """Write a table in the format that the file's name says."""
    kind = file.suffix.lower()
    if kind not in WRITERS:
        raise InputError(one_of("--out", [f"*{suffix}" for suffix in WRITERS], str(file)))
    try:
        WRITERS[kind](table, file)
    except ImportError as error:
        raise InputError(
            f"{file.name} needs openpyxl, which is not installed; "
            "`python -m pip install openpyxl` brings it."
        ) from error
    except OSError as error:
        raise InputError(f"`--out` must be a file that can be written: {error}") from error


def write_text(text: str, file: Path, option: str) -> None:
    """Write a text to a file."""
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"`{option}` must be a file that can be written: {error}") from error


#: How a table is written, by the suffix of the file.
WRITERS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    ".csv": lambda table, file: table.to_csv(file, index=False),
    ".tsv": lambda table, file: table.to_csv(file, index=False, sep="\t"),
    ".xlsx": lambda table, file: table.to_excel(file, index=False),
}


def print_text(text: str) -> None:
    """Print text for people, with lines that the terminal would break wrapped at words."""
    OUT.print(folded(text, OUT.width), markup=False)


def print_json(value: Any) -> None:
    """Print plain data as JSON; a number that is missing or infinite is null."""
    typer.echo(json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False))
