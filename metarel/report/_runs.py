"""Text as short runs, plain or italic, and how each kind of document writes them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

from metarel._register import Register

_PIECES = re.compile(r"(\*[^*]+\*|\{\w+\})")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one face.

    Parameters
    ----------
    text : str
        The characters themselves; nothing in them is markup.
    italic : bool
        Whether it is a symbol that print sets in italics.
    """

    text: str
    italic: bool = False


Text = tuple[Run, ...]


def phrase(template: str, **values: str | Text) -> Text:
    """Return a template as runs: ``*k*`` is italic, ``{name}`` is a value, itself text or runs.

    Values are never read as markup, so a study called ``a*b*`` stays what it is.
    """
    found: list[Run] = []
    for piece in _PIECES.split(template):
        if piece.startswith("{") and piece.endswith("}"):
            value = values[piece[1:-1]]
            found += [Run(value)] if isinstance(value, str) else value
        elif len(piece) > 2 and piece.startswith("*"):
            found.append(Run(piece[1:-1], italic=True))
        elif piece:
            found.append(Run(piece))
    return tuple(found)


def joined(parts: list[Text], between: str) -> Text:
    """Return texts one after the other, with a separator between them."""
    found: list[Run] = []
    for part in parts:
        found += [Run(between)] * bool(found) + list(part)
    return tuple(found)


def capital(text: Text) -> Text:
    """Return a text whose first letter is a capital."""
    first = text[0]
    return (Run(first.text[:1].upper() + first.text[1:], first.italic), *text[1:])


def plain(text: Text) -> str:
    """Return the characters alone."""
    return "".join(run.text for run in text)


_GREEK = {
    **{"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta"},
    **{"θ": "theta", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "π": "pi", "ρ": "rho"},
    **{"σ": "sigma", "τ": "tau", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega"},
    **{"Γ": "Gamma", "Δ": "Delta", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega"},
}
_LATEX = {
    "\\": r"\textbackslash{}",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "−": "$-$",
    "×": r"$\times$",
    "±": r"$\pm$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "≠": r"$\neq$",
    "≈": r"$\approx$",
    "·": r"$\cdot$",
    "√": r"$\surd$",
    "∞": r"$\infty$",
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "\u00a0": "~",
    **{
        mark: f"\\textsuperscript{{{n}}}"
        for mark, n in zip("¹²³⁴⁵⁶⁷⁸⁹⁻", "123456789-", strict=True)
    },
    "ᵢ": r"\textsubscript{i}",
    "′": r"$'$",
    **{mark: f"$\\{name}$" for mark, name in _GREEK.items()},
}
_MARKDOWN = re.compile(r"([\\`*_|]|<(?=[\w/!?])|\](?=[(\[:])|~(?=~)|^(?=[#>+\-]))")


def escape_latex(text: str) -> str:
    """Return text so that LaTeX prints it."""
    return "".join(_LATEX.get(mark, mark) for mark in text)


def escape_markdown(text: str) -> str:
    """Return text so that Markdown shows it; ``<`` must not open a tag."""
    return _MARKDOWN.sub(r"\\\1", text)


@dataclass(frozen=True, slots=True)
class Markup:
    """A way to write runs.

    Parameters
    ----------
    code : str
        The word users type.
    escape : callable
        ``escape(text)`` gives characters that stand for themselves.
    italic : str
        What italics look like, with ``{}`` for the escaped text.
    """

    code: str
    escape: Callable[[str], str]
    italic: str

    def write(self, text: Text) -> str:
        """Return a text in this markup."""
        parts = [
            self.italic.replace("{}", self.escape(run.text))
            if run.italic
            else self.escape(run.text)
            for run in text
        ]
        return "".join(parts)


MARKUPS: Register[Markup] = Register(
    "markup",
    [
        Markup("text", str, "{}"),
        Markup("markdown", escape_markdown, "*{}*"),
        Markup("html", lambda text: html.escape(text, quote=True), "<i>{}</i>"),
        Markup("latex", escape_latex, r"\textit{{}}"),
    ],
    aliases={"md": "markdown", "tex": "latex", "plain": "text"},
)
