"""What a formula may hold: it is evaluated, so what it may call is a list and not a language."""

from __future__ import annotations

import ast
import re

import numpy as np

from metarel._format import listing
from metarel._lazy import formulaic
from metarel.errors import InputError

#: What formulas may use beside formulaic's own functions.
FUNCTIONS = {"np": np, "sqrt": np.sqrt}
#: Functions of numpy that work element by element, beside its ufuncs, and its constants.
ELEMENTWISE = ("where", "clip", "pi", "e")
#: A name between backticks, which Python cannot read.
QUOTED = re.compile(r"`[^`]*`")
#: What an expression may be made of: names, literals, arithmetic, comparisons and calls.
PARTS = (
    *(ast.Expression, ast.Call, ast.keyword, ast.Name, ast.Attribute, ast.Constant),
    *(ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.List, ast.Tuple, ast.Dict),
    *(ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop),
)


def refuse_unknown(expression: str, formula: str) -> None:
    """Refuse an expression that does more than transform columns.

    Parameters
    ----------
    expression : str
        A factor of the formula that is evaluated, such as ``"bs(year, df=3)"``.
    formula : str
        The whole, for the message.

    Raises
    ------
    InputError
        On a function that is not listed, an attribute, an index, a lambda, a comprehension.
    """
    try:
        tree = ast.parse(QUOTED.sub("_quoted", expression), mode="eval")
    except SyntaxError as fault:
        raise InputError(f"`formula` {formula!r} cannot be read: {expression!r}.") from fault
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not _known(node.func):
            _refuse(formula, f"calls {ast.unparse(node.func)!r}")
        if isinstance(node, ast.Attribute) and not _known(node):
            _refuse(formula, f"has {ast.unparse(node)!r}")
        if not isinstance(node, PARTS):
            _refuse(formula, f"has {ast.unparse(node)!r}" if isinstance(node, ast.expr) else "")


def names_outside_calls(expression: str) -> set[str]:
    """Return the names in an expression that are not called, nor a room of functions.

    Parameters
    ----------
    expression : str
        A factor that is evaluated, such as ``"C(group)"``.

    Returns
    -------
    set of str
        ``{"group"}``.
    """
    tree = ast.parse(QUOTED.sub("_quoted", expression), mode="eval")
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    rooms = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return {node.id for node in names if id(node) not in called | rooms}


def _known(function: ast.expr) -> bool:
    """Tell whether a formula may call something, or name it as part of np or contr."""
    if isinstance(function, ast.Name):
        return function.id in formula_functions()
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        room, name = function.value.id, function.attr
        if room == "np":
            return name in ELEMENTWISE or isinstance(getattr(np, name, None), np.ufunc)
        return room == "contr" and not name.startswith("_")
    return False


def formula_functions() -> tuple[str, ...]:
    """Return the functions that a formula may call by name alone."""
    own = [name for name in formulaic.transforms.TRANSFORMS if name not in ("np", "contr")]
    return tuple(sorted({*own, "sqrt"}, key=str.casefold))


def _refuse(formula: str, what: str) -> None:
    """Raise, and say what a formula may hold."""
    known = listing(list(formula_functions()), 40)
    raise InputError(
        f"`formula` {formula!r} {what or 'holds more than terms'}, which formulas may not: they "
        f"take columns, numbers, arithmetic, comparisons, and {known}, "
        "contr.…, and numpy's element-wise functions, such as np.log1p or np.where. Compute "
        "anything else as a column of `data` first."
    )
