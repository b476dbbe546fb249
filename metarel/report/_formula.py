"""A formula of moderators as a list of tokens, and in the notation of other programs."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

from metarel.errors import InputError
from metarel.report._formula_calls import CALLS, r_call

TOKEN = re.compile(
    r"\s*(?:(?P<name>`[^`]+`|[A-Za-z_][A-Za-z0-9_.]*)|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<mark>\*\*|[-+*:/()^]))"
)
#: Functions that mean the same in R, by the word that a formula holds.
R_FUNCTIONS = {
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


#: Signs that R writes otherwise.
SIGNS = {"**": "^"}


class Token(NamedTuple):
    """A word of a formula: what it is, its text, and where it begins.

    Kinds are name, function, call, number and mark.
    """

    kind: str
    word: str
    start: int


def tokens(formula: str, language: str, whole: Collection[str] = ()) -> list[Token]:
    """Return the tokens of a formula.

    A call of a function in ``whole`` is one token, with what stands between its parentheses.
    """
    found: list[Token] = []
    position = 0
    text = formula.rstrip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise untranslatable(formula, _term_at(text, position), language)
        start, position = match.start(str(match.lastgroup)), match.end()
        kind = str(match.lastgroup)
        word = match.group(kind)
        called = kind == "name" and text[position:].lstrip().startswith("(")
        if called and word in whole:
            position = _closing(text, position)
            found.append(Token("call", text[start:position], start))
        else:
            found.append(Token("function" if called else kind, word, start))
    return found


def _closing(text: str, position: int) -> int:
    """Return where the parentheses that follow are closed again."""
    depth, quote = 0, ""
    for i in range(position, len(text)):
        c = text[i]
        if quote:
            quote = "" if c == quote else quote
        elif c in "'\"`":
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if not depth:
                return i + 1
    return len(text)


def _term_at(text: str, position: int) -> str:
    """Return the whole term around a place: what stands between plus and minus signs."""
    edges, i = [0], 0
    while i < len(text):
        if text[i] in "([{":
            i = _closing(text, i)
        elif text[i] in "'\"`":
            i = text.find(text[i], i + 1) + 1 or len(text)
        else:
            edges += [i, i + 1] * (text[i] in "+-")
            i += 1
    edges.append(len(text))
    start = max(edge for edge in edges if edge <= position)
    end = min((edge for edge in edges if edge > position), default=len(text))
    return text[start:end].strip() or text[position:].strip()


def untranslatable(formula: str, part: str, language: str) -> InputError:
    """Return the error for a part that has no translation."""
    return InputError(
        f"`fit` has the formula {formula!r}; {part!r} has no translation into {language} that is "
        "sure to give the same coefficients. Say design=True to write the design matrix as "
        "numbers, or put what it computes into a column of its own."
    )


def r_formula(formula: str, quote: Callable[[str], str]) -> str:
    """Return the right side of R's formula; ``quote`` writes a name."""
    written: list[str] = []
    kept: list[str] = []  # names and calls, which the spacing below must not touch
    found = tokens(formula, "R", CALLS)
    _refuse_lone_products(formula, found)
    for kind, word, start in found:
        foreign = kind == "function" and word not in R_FUNCTIONS
        dotted = kind == "name" and "." in word and not word.startswith("`")
        call = r_call(word, quote) if kind == "call" else None
        if foreign or dotted or (kind == "call" and call is None):
            raise untranslatable(formula, _term_at(formula, start), "R")
        if kind == "name" or call is not None:
            kept.append(quote(word.strip("`")) if call is None else call)
            written.append(f"@{len(kept) - 1}@")
        else:
            written.append(R_FUNCTIONS[word] if kind == "function" else SIGNS.get(word, word))
    text = " ".join(written).replace("( ", "(").replace(" )", ")").replace(" ^ ", "^")
    text = re.sub(r"\b(\w+) \(", r"\1(", text).replace(" : ", ":")
    return re.sub(r"@(\d+)@", lambda match: kept[int(match.group(1))], text)


def _refuse_lone_products(formula: str, found: list[Token]) -> None:
    """Refuse products without their main effects, whose columns R would choose otherwise."""
    depth, pieces, starts = 0, [""], [0]
    known: dict[str, str] = {}  # what a name or a call holds is no part of the algebra
    for kind, word, start in found:
        mark = word if kind == "mark" else ""
        depth += {"(": 1, ")": -1}.get(mark, 0)
        if depth == 0 and mark and mark in "+-":
            pieces.append("")
            starts.append(start + 1)
            continue
        pieces[-1] += mark or known.setdefault(word, f"@{len(known)}")
        if (mark == "/" and depth == 0) or (mark == ":" and depth):
            raise untranslatable(formula, _term_at(formula, start), "R")
    alone = {part for piece in pieces if ":" not in piece for part in piece.split("*")}
    for piece, start in zip(pieces, starts, strict=True):
        if ":" in piece and not set(re.split(r"[:*]", piece)) <= alone:
            raise untranslatable(formula, _term_at(formula, start), "R")


def stata_terms(
    formula: str, factors: set[str], quote: Callable[[str], str]
) -> tuple[list[str], bool]:
    """Return Stata's terms and whether there is a constant; sums of products of names only."""
    text = re.sub(r"C\(\s*(`[^`]+`|\w+)\s*\)", r"\1", formula)
    listed = {name.strip("` ") for name in re.findall(r"C\(\s*(`[^`]+`|\w+)\s*\)", formula)}
    constant, terms = True, []
    pieces: list[list[Token]] = [[]]
    for token in tokens(text, "Stata"):
        kind, word, start = token
        if kind == "function" or (kind == "mark" and word not in "+-:*"):
            raise untranslatable(formula, _term_at(text, start), "Stata")
        if word in "+-" and kind == "mark":
            pieces.append([token] if word == "-" else [])
        else:
            pieces[-1].append(token)
    for piece in filter(None, pieces):
        words = [token.word for token in piece]
        if words in (["0"], ["-", "1"]):
            constant = False
        elif words != ["1"]:
            if words[0] == "-" or any(token.kind == "number" for token in piece):
                raise untranslatable(formula, " ".join(words), "Stata")
            terms.append(piece)
    written = []
    for number, piece in enumerate(terms):
        whole = not constant and number == 0  # without a constant the first factor keeps its levels
        written.append("".join(_stata_word(p, factors | listed, quote, whole=whole) for p in piece))
    return written, constant


def _stata_word(
    token: Token, factors: set[str], quote: Callable[[str], str], *, whole: bool
) -> str:
    kind, word, _ = token
    if kind == "mark":
        return {":": "#", "*": "##"}[word]
    name = word.strip("`")
    return f"{('ibn.' if whole else 'i.') if name in factors else 'c.'}{quote(name)}"
