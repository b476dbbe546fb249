"""Functions in a formula whose arguments R writes otherwise: reference levels, polynomials."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

#: Contrasts by the words that a formula has for them: of one level against each, of sums.
TREATMENT = ("Treatment", "contr.treatment")
SUM = ("Sum", "contr.sum")
_QUOTED = re.compile(r"`([^`]*)`")

Quote = Callable[[str], str]
#: A translation of a call, or None where there is none that is sure.
Translation = Callable[[list[Any], dict[str, Any], Quote], str | None]


def r_text(value: str) -> str:
    """Return a string literal of R, in ASCII.

    Parameters
    ----------
    value : str
        The text.

    Returns
    -------
    str
        In double quotes.
    """
    plain = (
        value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    )
    wide = [c if ord(c) < 128 else f"\\u{{{ord(c):x}}}" for c in plain]
    return f'"{"".join(wide)}"'


def r_call(text: str, quote: Quote) -> str | None:
    """Return a call as R writes it.

    Parameters
    ----------
    text : str
        The call as the formula has it, such as ``C(rater, Treatment("client"))``.
    quote : callable
        Writes a name.

    Returns
    -------
    str or None
        None where no call of R is sure to give the same columns.
    """
    names: list[str] = []

    def hide(match: re.Match[str]) -> str:
        names.append(match.group(1))
        return f"_quoted{len(names) - 1}_"

    try:
        call = ast.parse(_QUOTED.sub(hide, text), mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(call, ast.Call):
        return None

    def written(word: str) -> str:
        hidden = re.fullmatch(r"_quoted(\d+)_", word)
        return quote(names[int(hidden.group(1))] if hidden else word)

    keywords = {str(word.arg): word.value for word in call.keywords}
    return CALLS[_name(call.func)](call.args, keywords, written)


def _name(node: Any) -> str:
    """Return a name, or ``room.name``; empty for anything else."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _column(args: list[Any], quote: Quote) -> str | None:
    """Return the column that a call is of."""
    return quote(args[0].id) if args and isinstance(args[0], ast.Name) else None


def _factor(args: list[Any], keywords: dict[str, Any], quote: Quote) -> str | None:
    """Translate ``C(x)`` and its contrasts."""
    column = _column(args, quote)
    if column is None or keywords or len(args) > 2:
        return None
    if len(args) == 1:
        return f"factor({column})"
    kind = args[1]
    if _name(kind) in SUM:
        return f"C(factor({column}), contr.sum)"
    if _name(kind) in TREATMENT:
        return f"factor({column})"
    if not isinstance(kind, ast.Call):
        return None
    given = [*kind.args, *(word.value for word in kind.keywords)]
    if _name(kind.func) in SUM and not given:
        return f"C(factor({column}), contr.sum)"
    if _name(kind.func) not in TREATMENT or len(given) > 1:
        return None
    if not given:
        return f"factor({column})"
    level = given[0].value if isinstance(given[0], ast.Constant) else None
    if not isinstance(level, (str, int, float)):
        return None
    text = level if isinstance(level, str) else f"{level:.15g}"
    return f"relevel(factor({column}), ref = {r_text(text)})"


def _poly(args: list[Any], keywords: dict[str, Any], quote: Quote) -> str | None:
    """Translate ``poly(x, 2)`` and ``poly(x, degree=2, raw=True)``."""
    column = _column(args, quote)
    rest = dict(zip(("degree", "raw"), args[1:], strict=False)) | keywords
    values = {
        word: node.value if isinstance(node, ast.Constant) else None for word, node in rest.items()
    }
    degree, raw = values.pop("degree", 1), values.pop("raw", False)
    if column is None or values or not isinstance(degree, int) or not isinstance(raw, bool):
        return None
    return f"poly({column}, {degree}{', raw = TRUE' if raw else ''})"


def _alone(how: str) -> Translation:
    """Return the translation of a function of one column and nothing else."""

    def translate(args: list[Any], keywords: dict[str, Any], quote: Quote) -> str | None:
        column = _column(args, quote)
        return None if column is None or keywords or len(args) > 1 else how.format(column)

    return translate


#: The functions whose whole call is translated.
CALLS: dict[str, Translation] = {
    "C": _factor,
    "poly": _poly,
    "center": _alone("scale({}, scale = FALSE)"),
    "scale": _alone("scale({})"),
    "standardize": _alone("scale({})"),
}
