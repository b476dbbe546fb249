"""The command line itself: one grammar, plain errors, exit statuses."""

from __future__ import annotations

import re
import shlex
import warnings
from contextvars import ContextVar
from importlib import metadata
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from metarel._format import folded
from metarel.errors import MetarelError, MetarelWarning

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)

#: What is to be said below a result.
_NOTES: ContextVar[list[str]] = ContextVar("notes")

#: The verbs, from one number to whole collections.
VERBS = (
    *("convert", "explain", "interpret", "compatible"),
    *("effects", "pool", "regress", "subgroups", "bias", "plot", "report"),
    *("check", "find", "reproduce", "evidence", "datasets", "app"),
)


class PlainErrors(TyperGroup):
    """Commands whose errors and warnings are plain paragraphs on standard error."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the verbs in the order in which a newcomer meets them."""
        return sorted(super().list_commands(ctx), key=VERBS.index)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what metarel refuses becomes a message and exit status 2.

        Notes that the command left are printed below its result, and never above a refusal.
        """
        _NOTES.set([])
        typed = [*getattr(ctx, "_protected_args", []), *ctx.args]
        with warnings.catch_warnings():
            warnings.simplefilter("always", MetarelWarning)
            warnings.showwarning = _note
            try:
                result = super().invoke(ctx)
            except MetarelError as error:
                told = _subject(of_the_terminal(str(error)), self, ctx, typed)
                _say(f"Error: {told}")
                raise typer.Exit(2) from None
            except typer.BadParameter as error:
                _say(f"Error: {_of_the_grammar(error, typed)}")
                raise typer.Exit(2) from None
        for note in _NOTES.get():
            _note(note)
        return result


def _of_the_grammar(error: typer.BadParameter, typed: list[str]) -> str:
    """Return why a command line cannot be read: what is missing, or what a value must be."""
    parameter: Any = error.param
    if parameter is None or not hasattr(error, "param_type"):  # something was given
        return error.format_message()
    option = parameter.param_type_name == "option"
    name = parameter.opts[0] if option else parameter.metavar or parameter.name.upper()
    meant = f" {text}" if (text := getattr(parameter, "help", None)) else ""
    return f"`{name}` must be given.{meant} Examples: `metarel {typed[0]} --help`."


#: What arguments of functions are called by verbs that have no option of their name.
ARGUMENTS = {
    "convert": {"value": "The number", "source": "The metric before =", "target": "`--to`"},
    "compatible": {
        **{"a": "The first number", "source": "The first metric", "rules": "`--rule`"},
        **{"b": "The second number", "target": "The second metric"},
    },
    "report": {"path": "`--out`"},
    "plot": {"formula": "`--moderator`"},
    "datasets": {"name": "`SLUG`"},
    "reproduce": {"name": "`SLUG`"},
}
ARGUMENTS["explain"] = ARGUMENTS["convert"]
_SUBJECT = re.compile(r"(?:`\w+`(?:, | and ))*`\w+`")
_ALL_METRICS = re.compile(r"`convert_table\(\)` lists all \d+\.")


def _subject(message: str, group: TyperGroup, ctx: Any, typed: list[str]) -> str:
    """Return a message whose subject is the option that was typed, and no argument of Python's."""
    message = _ALL_METRICS.sub("`metarel convert --help` names more.", message)
    found = _SUBJECT.match(message)
    command = group.get_command(ctx, typed[0]) if typed else None
    if found is None or command is None:
        return message
    words = {word.partition("=")[0] for word in typed if word.startswith("--")}
    own = {option for parameter in command.params for option in parameter.opts}
    options = words | (own - {"--yi", "--vi", "--sei"})

    def option(name: re.Match[str]) -> str:
        if name[1] in (known := ARGUMENTS.get(typed[0], {})):
            return known[name[1]]
        spelt = (f"--{name[1]}", f"--{name[1].replace('_', '-')}")
        return next((f"`{one}`" for one in spelt if one in options), name[0])

    return re.sub(r"`(\w+)`", option, found[0]) + message[found.end() :]


def note_below(text: str) -> None:
    """Keep a note until the result stands, and print it below."""
    _NOTES.get().append(text)


#: A text in quotes, several of them in parentheses, and either after the word of an argument.
_QUOTED = r"(?:'[^']*'|\"[^\"]*\")"
_SEVERAL = rf"\({_QUOTED}(?:, {_QUOTED})*,?\)"
_ARGUMENT = re.compile(rf"\b([A-Za-z]\w*)=({_QUOTED}|{_SEVERAL})")
_RUN = re.compile(rf"{_ARGUMENT.pattern}(?:, {_ARGUMENT.pattern})*")
_HEADER = re.compile(r"\bheader=(\d+)")


def of_the_terminal(message: str) -> str:
    """Return a message in the words of a command line: options, and no names of Python's.

    ``estimate='.24', ci=('.12', '.36')`` is ``--estimate .24 --ci .12,.36``, several texts are one
    word with commas, and ``data`` is the table. What stands in a call of Python's stays as it is.
    """
    start = re.sub(r"(^|\. )`data`", r"\1The table", message)
    start = _RUN.sub(_options, start.replace("`data`", "the table"))
    start = _HEADER.sub(r"--header \1", start)
    return re.sub(rf"(such as |got )({_SEVERAL})", lambda it: it[1] + _word(it[2]), start)


def _options(found: re.Match[str]) -> str:
    """Return arguments as options, but those within the parentheses of a call."""
    before = found.string[: found.start()]
    if before.count("(") > before.count(")"):
        return found[0]
    pairs = _ARGUMENT.findall(found[0])
    return " ".join(f"--{name.replace('_', '-')} {_word(value)}" for name, value in pairs)


def _word(value: str) -> str:
    """Return one text or several as one word of a shell."""
    texts = [text[1:-1] for text in re.findall(_QUOTED, value)]
    return shlex.quote(",".join(texts))


def _say(text: str) -> None:
    """Print a paragraph on standard error, folded at words to the width of the terminal."""
    ERR.print(folded(text, ERR.width), markup=False)


def _note(message: Warning | str, *_where: Any, **_stream: Any) -> None:
    """Print a warning as a note, without the line of code that gave it."""
    _say(f"Note: {of_the_terminal(str(message))}")


app = typer.Typer(
    cls=PlainErrors,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


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
