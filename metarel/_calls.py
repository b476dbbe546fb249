"""Calls with words that a function does not take, answered in words."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any, ParamSpec, TypeVar, cast

from metarel._elsewhere import ARGUMENTS, PAGE
from metarel._register import did_you_mean
from metarel.errors import CallError

P = ParamSpec("P")
R = TypeVar("R")

_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def says_what_it_takes(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function answer a word that it does not take by the word that is meant.

    The signature stays; nothing is looked at before a call has failed.

    Parameters
    ----------
    function : callable
        The public function.

    Returns
    -------
    callable
        The same; an unknown argument raises CallError, which is a TypeError too.
    """

    def call(*args: Any, **words: Any) -> Any:
        try:
            return function(*args, **words)
        except TypeError as fault:
            if (told := find(function, args, words)) is not None:
                raise refused(told) from fault
            raise

    find, refused = misuse, CallError
    # With the globals of the function it stands for, tools take it for one of that module.
    of_module = FunctionType(
        call.__code__,
        function.__globals__,
        closure=call.__closure__,
    )
    return cast(Callable[P, R], functools.wraps(function)(of_module))


def misuse(
    function: Callable[..., Any], args: tuple[Any, ...], words: dict[str, Any]
) -> str | None:
    """Return what is wrong with the arguments of a call; None where these are not the fault.

    Parameters
    ----------
    function : callable
        What was called.
    args, words : tuple, dict
        The arguments.

    Returns
    -------
    str or None
        The message; None also where an argument is lacking, which Python says well.
    """
    takes = {
        name: parameter
        for name, parameter in inspect.signature(function).parameters.items()
        if name != "self"
    }
    name = function.__name__
    open_ended = {parameter.kind for parameter in takes.values()} & set(_VARIADIC)
    unknown = [word for word in words if word not in takes]
    if unknown and inspect.Parameter.VAR_KEYWORD not in open_ended:
        foreign = [PAGE] if set(unknown) & set(ARGUMENTS) else []
        return " ".join([*(_told(word, name, takes) for word in unknown), *foreign])
    bare = [one for one, parameter in takes.items() if parameter.kind not in
            (inspect.Parameter.KEYWORD_ONLY, *_VARIADIC)]  # fmt: skip
    came = len(args) - ("self" in inspect.signature(function).parameters)
    if came > len(bare) and inspect.Parameter.VAR_POSITIONAL not in open_ended:
        return _too_many(name, bare, came, list(takes))
    return None


def _told(word: str, function: str, takes: dict[str, inspect.Parameter]) -> str:
    """Return what a word is called here, or what to do instead."""
    ours, advice = ARGUMENTS.get(word, ((), ""))
    for name in ours:
        if name in takes:
            return f"`{word}` is called `{name}` here."
    if advice:
        return f"{function}() has no `{word}`: {advice}."
    listed = ", ".join(takes)
    return f"{function}() has no argument `{word}`; it takes {listed}.{did_you_mean(word, takes)}"


def _too_many(function: str, bare: list[str], came: int, takes: list[str]) -> str:
    """Return how to pass what was passed without a name."""
    if {"yi", "vi"} <= set(takes):
        return (
            f"{function}() takes {' and '.join(f'`{name}`' for name in bare)} without a name; got "
            f"{came} arguments. Pass arrays by name: {function}(yi=…, vi=…)."
        )
    named = [name for name in takes if name not in bare][: came - len(bare)]
    told = f" Pass others by name: {', '.join(f'{name}=…' for name in named)}." if named else ""
    count = f"{len(bare)} argument{'' if len(bare) == 1 else 's'}"
    return f"{function}() takes {count} without a name ({', '.join(bare)}); got {came}.{told}"
