"""A text in plain characters that still knows where each of them stood."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

#: Characters whose plain form Unicode does not give.
_PLAIN = {
    **dict.fromkeys("−﹣－‐‑⁃˗", "-"),
    **dict.fromkeys("–—‒―", "–"),
    **dict.fromkeys("’‘´ʼ′‛＇", "'"),
    **dict.fromkeys("“”„″", '"'),
    **{"＝": "=", "⩽": "≤", "⩾": "≥", "≦": "≤", "≧": "≥", "＜": "<", "＞": ">", "％": "%"},
    **{"∼": "~", "≅": "≈", "≃": "≈", "Χ": "χ", "Τ": "T", "Ι": "I", "ϱ": "ρ", "×": "x", "ḡ": "g"},
    **dict.fromkeys("［【⟦", "["),
    **dict.fromkeys("］】⟧", "]"),
    **{"（": "(", "）": ")", "；": ";", "，": ",", "：": ":"},
}
_DECIMAL_POINTS = "·∙⋅‧･"
#: Soft hyphens, joiners and marks; hats and bars over a letter, as over r and ρ, go with them.
_NO_WIDTH = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u0302\u0304\u0305"
_GREEK = {
    **{"tau": "τ", "chi": "χ", "eta": "η", "beta": "β", "rho": "ρ", "omega": "ω"},
    **{"alpha": "α", "minus": "-", "leq": "≤", "geq": "≥", "le": "≤", "ge": "≥"},
    **{"approx": "≈", "sim": "~"},
}
_INLINE = "i|b|em|strong|sub|sup|span|u|font|var|small|italic|bold"
_BLOCK = "p|div|tr|li|h[1-6]|table|ul|ol|section"
_ATTRIBUTES = r"(?:\s{1,3}[a-z:-]{1,20}=(?:\"[^\"<>]{0,120}\"|'[^'<>]{0,120}')){0,4}\s{0,3}/?"
_SPECIAL = re.compile(
    rf"(?=[&<*_$\\\s{_NO_WIDTH}{_DECIMAL_POINTS}ﬀ-ﬆ-])(?:"
    rf"(?P<entity>&(?:\#[0-9]{{1,7}}|\#x[0-9a-f]{{1,6}}|[a-z]{{2,12}}[0-9]{{0,2}});)"
    rf"|(?P<inline></?(?:{_INLINE}){_ATTRIBUTES}>)"
    rf"|(?P<block></?(?:{_BLOCK}){_ATTRIBUTES}>)"
    rf"|(?P<cell></?(?:td|th|br){_ATTRIBUTES}>)"
    r"|(?P<hyphen>(?<=[a-zäöüß])-[ \t]{0,4}\r?\n[ \t]{0,8}(?=[a-zäöüß]))"
    r"|(?P<emphasis>(?<![\w*])\*{1,3}(?=[\w.\-−])|(?<=[\w.)'])\*{1,3}(?![\w*])"
    r"|(?<!\w)_{1,2}(?=[A-Za-z])|(?<=[A-Za-z0-9])_{1,2}(?!\w)|\$)"
    rf"|(?P<latex>\\(?:{'|'.join(sorted(_GREEK, key=len, reverse=True))})(?![a-z]))"
    r"|(?P<escaped>\\(?=[%$&*_<>\[\]()~=]))"
    r"|(?P<space>[^\S ]\s*| \s+)"
    rf"|(?P<other>[{_NO_WIDTH}{_DECIMAL_POINTS}ﬀ-ﬆ]))",
    re.I,
)


class _Folded(dict[int, str]):
    """One plain character for each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        one = chr(code)
        plain = _PLAIN.get(one, one)
        if plain == one and one.isascii() and not one.isprintable() and not one.isspace():
            plain = " "
        elif plain == one and not one.isascii():
            folded = unicodedata.normalize("NFKC", one)
            plain = folded if len(folded) == 1 and folded.isalnum() else one
        self[code] = plain
        return plain


_FOLDED = _Folded()


@dataclass(frozen=True, slots=True)
class Clean:
    """A text in plain characters.

    Parameters
    ----------
    text : str
        Plain spaces and hyphens (a dash stays a dash), tags and entities gone, words that were cut
        at the end of a line whole again, one space a gap, a newline only between paragraphs.
    starts, ends : list of int
        Where each of its characters stood in the text as given.
    """

    text: str
    starts: list[int]
    ends: list[int]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part stood in the text as given."""
        return self.starts[start], self.ends[end - 1]


def clean(text: str) -> Clean:
    """Return a text in plain characters, in time linear in its length."""
    text = text.translate(_FOLDED)
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _SPECIAL.finditer(text):
        here, after = match.span()
        pieces.append(text[at:here])
        starts.extend(range(at, here))
        ends.extend(range(at + 1, here + 1))
        plain = _plain(match, text)
        pieces.append(plain)
        starts.extend([here] * len(plain))
        ends.extend([after] * len(plain))
        at = after
    pieces.append(text[at:])
    starts.extend(range(at, len(text)))
    ends.extend(range(at + 1, len(text) + 1))
    return _one_space(Clean("".join(pieces), starts, ends))


def _one_space(found: Clean) -> Clean:
    """Leave one space of those that stood about tags and characters without width."""
    if not re.search(r"[ \n]{2}", found.text):
        return found
    pieces, starts, ends = [], [], []
    at = 0
    for match in re.finditer(r"[ \n]{2,}", found.text):
        here, after = match.span()
        pieces += [found.text[at:here], "\n" if "\n" in match[0] else " "]
        starts += [*found.starts[at:here], found.starts[here]]
        ends += [*found.ends[at:here], found.ends[after - 1]]
        at = after
    pieces.append(found.text[at:])
    starts += found.starts[at:]
    ends += found.ends[at:]
    return Clean("".join(pieces), starts, ends)


def _plain(match: re.Match[str], text: str) -> str:
    """Return the plain form of one special piece."""
    piece, kind = match[0], match.lastgroup
    if kind == "space":
        broken = piece.count("\n") + piece.count("\r") - piece.count("\r\n") > 1
        return "\n" if broken or any(c in piece for c in "\f\v\u2029") else " "
    if kind in ("inline", "hyphen", "emphasis", "escaped"):
        return ""
    if kind == "block":
        return "\n"
    if kind == "cell":
        return " "
    if kind == "latex":
        return _GREEK[piece[1:].lower()]
    following = text[match.end() : match.end() + 1]
    if kind == "entity":
        read = html.unescape(piece)
        return piece if read == piece else "".join(_character(c, following) for c in read)
    return _character(piece, following)


def _character(one: str, following: str) -> str:
    """Return the plain form of one character."""
    if one in _NO_WIDTH:
        return ""
    if one in _DECIMAL_POINTS and following.isdecimal():
        return "."
    one = one.translate(_FOLDED)
    if one.isspace():
        return " "
    return unicodedata.normalize("NFKC", one) if "ﬀ" <= one <= "ﬆ" else one
