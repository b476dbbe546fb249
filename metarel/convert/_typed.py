"""Numbers as people type them: what a comma, a percent sign or a bound can mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from metarel._printed_interval import printed_decimal
from metarel._register import one_of
from metarel.convert._edge import NEEDS
from metarel.errors import InputError

#: Metrics that count something, so that a comma in them stands between thousands.
COUNTS = frozenset({"U"})
#: Needs that do, and are whole.
SIZES = frozenset({"n1", "n2", "n", "df1", "groups", "rows", "columns"})

_COMMA = re.compile(r"([+\-−–]?)(\d*),(\d+)")
_BOUNDS = "<>≤≥"


def with_point(text: str, argument: str) -> str:
    """Return a number with a point for a comma that can stand before decimals only.

    Parameters
    ----------
    text : str
        A number as typed.
    argument : str
        The argument to name in the message.

    Returns
    -------
    str
        The number; as it came where it has no such comma.

    Raises
    ------
    InputError
        If a comma may stand before decimals or between thousands.

    Examples
    --------
    >>> with_point("0,15", "estimate"), with_point("<,001", "p"), with_point("1,204,311", "Q")
    ('0.15', '<.001', '1,204,311')
    """
    match = _COMMA.fullmatch(text.strip(" =%" + _BOUNDS))
    if match is None:
        return text
    sign, whole, decimals = match.groups()
    if len(decimals) == 3 and 0 < len(whole) < 4 and not whole.startswith("0"):
        shorter = f"{sign}{whole}.{decimals.rstrip('0') or '0'}"
        raise InputError(
            f"`{argument}` must be a number that can be read in one way only: {match[0]} can be "
            f"{shorter} or {sign}{whole}{decimals}. Write {sign}{whole}.{decimals} or "
            f"{sign}{whole}{decimals}."
        )
    return text.replace(",", ".")


def refuse_comma(text: str, argument: str) -> None:
    """Refuse a comma that may stand before decimals; several, or one before a point, cannot.

    Parameters
    ----------
    text : str
        A number as typed.
    argument : str
        The argument to name in the message.

    Raises
    ------
    InputError
        If there is one.
    """
    if with_point(text, argument) == text:
        return
    bare = text.strip(" =%" + _BOUNDS)
    point = re.sub(r"^([+\-−–]?)\.", r"\g<1>0.", bare.replace(",", "."))
    raise InputError(
        f"`{argument}` must be a number as printed, with a point before its decimals: write "
        f"{point} for {bare}."
    )


def typed_number(text: str, argument: str, *, counts: bool = False) -> Decimal:
    """Return a typed number exactly; refuse what can be read in two ways, or is no number.

    Parameters
    ----------
    text : str
        The number with its digits.
    argument : str
        The argument to name in messages.
    counts : bool
        Whether it counts something, so that a comma stands between thousands.

    Returns
    -------
    Decimal
        The number.

    Raises
    ------
    InputError
        If a comma may stand before decimals, it is a percentage or a bound, or no number.

    Examples
    --------
    >>> typed_number(".280", "value"), typed_number("1,250", "n1", counts=True)
    (Decimal('0.280'), Decimal('1250'))
    """
    bare = text.strip()
    if not counts:
        refuse_comma(bare, argument)
    if bare.endswith("%"):
        number = printed_decimal(bare.rstrip("% "), argument)
        share = f"{number.scaleb(-2):f}".replace("0.", ".", 1)
        raise InputError(f"`{argument}` must be a number, not a percentage: write {share}.")
    if bare[:1] in _BOUNDS and bare:
        end = bare.lstrip(_BOUNDS + "= ")
        raise InputError(
            f"`{argument}` must be one number; {bare!r} is a bound. Convert {end} for the bound of "
            "the result, or hold the bound against a printed number with `compatible`."
        )
    return printed_decimal(bare, argument)


def typed_value(text: str, argument: str, metric: str) -> Decimal:
    """Return a typed number of a metric; commas are between thousands only where it counts."""
    return typed_number(text, argument, counts=metric in COUNTS)


def typed_needs(words: Mapping[str, str]) -> dict[str, float]:
    """Return what rules need besides the value, typed by name; sizes are whole numbers.

    Parameters
    ----------
    words : mapping of str to str
        Typed numbers by name.

    Returns
    -------
    dict
        Numbers by name.

    Raises
    ------
    InputError
        If a name is none of ``NEEDS``, a number is none, or a size is not whole.
    """
    found = {}
    for word, text in words.items():
        if word not in NEEDS:
            raise InputError(one_of("option", [f"--{need}" for need in NEEDS], f"--{word}"))
        number = typed_number(text, word, counts=word in SIZES)
        if word in SIZES and number != number.to_integral_value():
            raise InputError(
                f"`{word}` must be a whole number, the {NEEDS[word].meaning}; got {text}."
            )
        found[word] = float(number)
    return found
