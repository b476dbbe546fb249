"""A formula of moderators as a list of tokens, and in the notation of other programs."""

from __future__ import annotations

import re
from collections.abc import Callable

from metarel.errors import InputError

TOKEN = re.compile(
    r"\s*(?:(?P<name>`[^`]+`|[A-Za-z_][A-Za-z0-9_.]*)|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<mark>\*\*|[-+*:/()^]))"
)
#: Functions that mean the same in R, by the word that a formula holds.
R_FUNCTIONS = {
    "C": "factor",
    "I": "I",
    "np.log": "log",
    "np.log2": "log2",
    "np.log10": "log10",
    "np.log1p": "log1p",
    "np.exp": "exp",
    "np.sqrt": "sqrt",
    "np.abs": "abs",
    "log": "log",
    "log10": "log10",
    "log2": "log2",
    "exp": "exp",
}


def tokens(formula: str, language: str) -> list[tuple[str, str]]:
    """Return the tokens, each with its kind: name, function, number or mark."""
    found: list[tuple[str, str]] = []
    position = 0
    text = formula.rstrip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise untranslatable(formula, text[position:].strip(), language)
        position = match.end()
        kind = str(match.lastgroup)
        word = match.group(kind)
        called = kind == "name" and text[position:].lstrip().startswith("(")
        found.append(("function" if called else kind, word))
    return found


def untranslatable(formula: str, part: str, language: str) -> InputError:
    """Return the error for a part that has no translation."""
    return InputError(
        f"`fit` has the formula {formula!r}; {part!r} has no translation into {language} that is "
        "sure to give the same coefficients. Say design=True to write the design matrix as "
        "numbers, or put what it computes into a column of its own."
    )


def r_formula(formula: str, quote: Callable[[str], str]) -> str:
    """Return the right side of R's formula; ``quote`` writes a name."""
    written = []
    found = tokens(formula, "R")
    _refuse_lone_products(formula, found)
    for kind, word in found:
        if kind == "function" and word not in R_FUNCTIONS:
            raise untranslatable(formula, word, "R")
        if kind == "name" and "." in word and not word.startswith("`"):
            raise untranslatable(formula, word, "R")
        if kind == "name":
            written.append(quote(word.strip("`")))
        elif kind == "function":
            written.append(R_FUNCTIONS[word])
        else:
            written.append({"**": "^"}.get(word, word))
    text = " ".join(written).replace("( ", "(").replace(" )", ")").replace(" ^ ", "^")
    return re.sub(r"\b(\w+) \(", r"\1(", text).replace(" : ", ":")


def _refuse_lone_products(formula: str, found: list[tuple[str, str]]) -> None:
    """Refuse products without their main effects, whose columns R would choose otherwise."""
    depth, pieces = 0, [""]
    for _, word in found:
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0 and word in "+-":
            pieces.append("")
        else:
            pieces[-1] += word
            if (word == "/" and depth == 0) or (word == ":" and depth):
                raise untranslatable(formula, word, "R")
    alone = {part for piece in pieces if ":" not in piece for part in piece.split("*")}
    for piece in pieces:
        if ":" in piece and not set(re.split(r"[:*]", piece)) <= alone:
            raise untranslatable(formula, piece, "R")


def stata_terms(
    formula: str, factors: set[str], quote: Callable[[str], str]
) -> tuple[list[str], bool]:
    """Return Stata's terms and whether there is a constant; sums of products of names only."""
    text = re.sub(r"C\(\s*(`[^`]+`|\w+)\s*\)", r"\1", formula)
    listed = {name.strip("` ") for name in re.findall(r"C\(\s*(`[^`]+`|\w+)\s*\)", formula)}
    constant, terms = True, []
    pieces: list[list[tuple[str, str]]] = [[]]
    for kind, word in tokens(text, "Stata"):
        if kind == "function" or (kind == "mark" and word not in "+-:*"):
            raise untranslatable(formula, word, "Stata")
        if word in "+-" and kind == "mark":
            pieces.append([(kind, word)] if word == "-" else [])
        else:
            pieces[-1].append((kind, word))
    for piece in filter(None, pieces):
        words = [word for _, word in piece]
        if words in (["0"], ["-", "1"]):
            constant = False
        elif words != ["1"]:
            if words[0] == "-" or any(kind == "number" for kind, _ in piece):
                raise untranslatable(formula, " ".join(words), "Stata")
            terms.append(piece)
    written = []
    for number, piece in enumerate(terms):
        whole = not constant and number == 0  # without a constant the first factor keeps its levels
        written.append("".join(_stata_word(p, factors | listed, quote, whole=whole) for p in piece))
    return written, constant


def _stata_word(
    token: tuple[str, str], factors: set[str], quote: Callable[[str], str], *, whole: bool
) -> str:
    kind, word = token
    if kind == "mark":
        return {":": "#", "*": "##"}[word]
    name = word.strip("`")
    return f"{('ibn.' if whole else 'i.') if name in factors else 'c.'}{quote(name)}"
