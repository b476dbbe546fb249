"""Numbers as people type them: a decimal comma, a name before it, a bound."""

from __future__ import annotations

import re
import warnings

from metarel.errors import InputError, MetarelWarning

_NAMED = re.compile(r"[^\W\d_][\w²]*\s*=\s*(?=[-+−.,\d])")
_BOUND = re.compile(r"(?:(?P<name>[^\W\d_][\w²]*)\s*)?(?P<sign>[<>≤≥])\s*(?P<number>[\d.,]+)")
_COMMA = re.compile(r"(?P<before>[-+−]?\d*),(?P<after>\d+)")


def plain_number(text: str) -> str:
    """Return a typed number with a decimal point; say so where anything was changed.

    A comma is a decimal comma, unless three digits follow it and up to three, no zero, stand
    before it: that may mean thousands.

    Examples
    --------
    >>> plain_number(" .28 ")
    '.28'
    """
    typed = text.strip()
    bare = _NAMED.sub("", typed)
    comma = _COMMA.fullmatch(bare)
    if comma is not None:
        before = comma["before"].lstrip("-+−")
        if len(comma["after"]) == 3 and before.strip("0") and not before.startswith("0"):
            raise InputError(
                f"{bare} can be read in two ways: type {bare.replace(',', '.')} for a decimal "
                f"number, or {bare.replace(',', '')} for thousands."
            )
        bare = bare.replace(",", ".")
    if bare != typed:
        warnings.warn(f"{typed} was read as {bare}.", MetarelWarning, stacklevel=2)
    return bare


def refuse_bound(text: str, source: str, target: str) -> None:
    """Refuse a bound, and say which number to type and what it is then worth."""
    found = _BOUND.fullmatch(text.strip())
    if found is None:
        return
    number, below = found["number"], found["sign"] in "<≤"
    name = found["name"] or source
    shown = f"{name} {found['sign']} {number}"
    # a smaller p is a larger effect; of anything else a smaller number is a smaller one
    smallest = below if name == "p" else not below
    raise InputError(
        f"A bound gives only a bound: type {number} to see the "
        f"{'smallest' if smallest else 'largest'} {target} that {shown} allows."
    )
