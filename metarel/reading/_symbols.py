"""Statistics that stand behind a symbol or a name: ``r(45) = .31``, ``an odds ratio of 1.79``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from metarel.printed import Printed
from metarel.reading._about import level_of
from metarel.reading._found import Doubt, Found, Scene
from metarel.reading._intervals import bare_interval, named_interval
from metarel.reading._kind import Kind
from metarel.reading._numbers import (
    BOUND,
    BOUNDS,
    COMMA,
    COUNT,
    DF,
    NUMBER,
    WORDS,
    number_of_words,
    plain_count,
    plain_number,
)
from metarel.reading.register import STATISTICS

_ADVERBS = (
    r"(?:(?:about|approximately|approx\.|around|only|roughly|estimated at|estimated to be"
    r"|just|a) )?"
)
_DF2 = rf"(?:[1-9][0-9]{{0,2}}(?:,[0-9]{{3}}){{1,2}}|{DF})"
_BRACKETS = (
    rf"(?: ?[(\[] ?(?:df|DF|d\.f\.)? ?=? ?(?P<df1>{DF})(?: ?[,;] ?(?P<df2>{_DF2}))?"
    rf"(?: ?[,;] ?[Nn] ?= ?(?P<n>{COUNT}))? ?[)\]]"
    r"|_?\{?(?P<sub1>[0-9]{1,4})(?: ?, ?(?P<sub2>[0-9]{1,5}))?\}?(?= ?[=<>≤≥]))?"
)
_ASIDE = r"(?: ?\((?:[0-9]{2} ?% ?)?[^()=<>0-9]{1,24}\))?"
_SIGNS = r"(?P<sign>=? ?(?:<=|>=|[<>≤≥=≈~:])=?)"
_VERBS = (
    r"(?P<verb>of|was|is|were|are|at|equals?|equal to|equalled|equaled|being|amounted to|reached)"
)
_RELATION = (
    r"(?: (?P<than>(?:less|greater|smaller|larger|more) than) "
    rf"|(?: ?{_SIGNS} ?|,? {_VERBS}(?: equal to)? ){_ADVERBS}"
    rf"(?:(?P<bound>{BOUND}) |(?P<sign2>[<>≤≥]) ?)?)"
)
_GAP = (
    r" (?:between|for|in|of|with|across|on|from|after)(?: [A-Za-z][\w'–-]{0,24},?){1,9}?"
    rf" (?P<gapverb>was|were|is|are|of|at|amounted to|reached) {_ADVERBS}"
)
_BARE = r"(?P<bare>(?:,| ?:)? (?:\()?|\()(?=[-–+]? ?[0-9]{0,5}[.,][0-9]|[0-9.]{1,5} ?%)"
_NOT_SIGNIFICANT = r"[nN]\.? ?[sS]\.?(?![A-Za-z])"
_AFTER = re.compile(
    rf" ?[,;]? ?[(\[]? ?(?:with |on )?(?:(?:df|DF|d\.f\.|"
    rf"degrees of freedom) ?[=:]? ?(?P<df1>{DF})(?: ?, ?(?P<df2>{DF}))?"
    rf"|(?P<df3>{DF}) ?(?:df|d\.f\.|degrees of freedom))(?![\w])[)\]]?"
)
_LIST = re.compile(rf"(?: ?,| ?,? and| ?,? or) (?P<value>{NUMBER})")
_RANGE = re.compile(r" ?(?:–|-|to|through) ?[-–+]?[0-9.]")
_THRESHOLD = re.compile(
    r" ?\)? (?:was|were|is) (?:considered|regarded|taken|deemed|set|chosen|used)"
)
_UNIT = re.compile(r" ?(?:bpm|beats|mg|kg|ml|/min|mm|°)")
#: What a statistic cannot do without, and how far before it its name may begin.
_DIGITS = re.compile(rf"[0-9]+|(?<![A-Za-z])(?:{_NOT_SIGNIFICANT}|(?i:{WORDS})(?![A-Za-z]))")
_REACH = 320
#: Factors of confidence.
LIKELY, HARMLESS, GUESS = 0.8, 0.9, 0.5
LEFT_OUT = (HARMLESS, "a number in brackets behind the symbol is left out")


def _piece(pattern: str) -> str:
    """Return the pattern of a name, in either case where it begins as a word."""
    return f"(?i:{pattern})" if re.match(r"[^A-Z\[]*[a-z]{4}", pattern) else pattern


def _alternative(kind: Kind, pieces: tuple[str, ...], name: str) -> str:
    """Return the pattern of one kind's symbols or names."""
    subscript = kind.role == "interval" or kind.subscript
    guard = r"(?![A-Za-z])" if subscript else r"(?!\w)"
    written = map(_piece, pieces) if name.startswith("w_") else pieces
    return rf"(?P<{name}>(?:{'|'.join(written)}){guard})"


_PLACES: dict[str, tuple[Kind, bool]] = {}
for _kind in STATISTICS.values():
    if _kind.words:
        _PLACES[f"w_{_kind.code}"] = (_kind, True)
    if _kind.symbols:
        _PLACES[f"s_{_kind.code}"] = (_kind, False)
#: All symbols and names in one pattern; the group says which.
_SYMBOL = re.compile(
    r"(?=[A-Za-z#ßβηρτχΔ])(?<![\w\\])(?<!\w[-'])(?:"
    + "|".join(
        _alternative(kind, kind.words if words else kind.symbols, name)
        for name, (kind, words) in _PLACES.items()
    )
    + ")"
)


def _tails(value: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what may follow a symbol, and what may follow a name."""
    brackets = rf"{_BRACKETS}{_ASIDE}\)?"
    named = rf"(?:{brackets}{_RELATION}|{_GAP}|{_ASIDE}\)?{_BARE})"
    return (
        re.compile(rf"{brackets}{_RELATION}(?P<value>{value})"),
        re.compile(rf"{named}(?P<value>{value})"),
    )


_OF_NUMBER = _tails(NUMBER)
_OF_COUNT = _tails(rf"(?:{COUNT}|{NUMBER}|(?i:{WORDS})(?!\w))")
_OF_P = _tails(rf"(?:{NUMBER}|{_NOT_SIGNIFICANT})")


def find_symbols(scene: Scene) -> None:
    """Find every statistic behind a symbol or a name, and the intervals beside them."""
    at = 0
    for start, stop in _near_numbers(scene.text):
        at = max(at, start)
        while match := _SYMBOL.search(scene.text, at, stop):
            at = match.end()
            for found in _behind_name(scene, match):
                scene.add(found)
                at = max(at, found.end)


def _near_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of a text in which a symbol can have a number: the rest is not searched."""
    start, stop = 0, -1
    for match in _DIGITS.finditer(text):
        if match.start() - _REACH > stop:
            if stop >= 0:
                yield start, stop
            start = max(0, match.start() - _REACH)
        stop = match.end()
    if stop >= 0:
        yield start, stop


def _behind_name(scene: Scene, match: re.Match[str]) -> Iterator[Found]:
    """Yield what stands behind one symbol or name."""
    kind, words = _PLACES[match.lastgroup or ""]
    if kind.role != "interval":
        yield from _behind(scene, kind, words, match.start(), match.end())
        return
    found = named_interval(scene, kind.code, match.start(), match.end())
    if found is not None:
        yield found


def _behind(scene: Scene, kind: Kind, words: bool, start: int, after: int) -> Iterator[Found]:
    """Yield the statistic behind a symbol, further ones of a list, and a bare interval."""
    tails = _OF_COUNT if kind.domain.whole else _OF_P if kind.code == "p" else _OF_NUMBER
    match = tails[words].match(scene.text, after)
    if match is None or not scene.free(*match.span("value")):
        return
    plural = scene.text[after - 1] == "s" and not words
    found = _statistic(scene, kind, match, start)
    if found is None:
        return
    if _RANGE.match(scene.text, found.end) and kind.role in ("estimate", "count", "spread", "test"):
        return
    yield found
    end = found.number[1]
    if plural or scene.text[after - 1] == "s":
        while another := _LIST.match(scene.text, end):
            end = another.end()
            number = _printed(kind, another["value"], "")
            if number is None:
                break
            yield Found(kind.code, another.start("value"), end, another.span("value"), (number,))
    if kind.role == "estimate":
        interval = bare_interval(scene, found)
        if interval is not None:
            yield interval


def _statistic(scene: Scene, kind: Kind, match: re.Match[str], start: int) -> Found | None:
    """Return the statistic of one match."""
    parts = match.groupdict()
    sign, doubts = _relation(parts)
    number = _printed(kind, match["value"], sign)
    if number is None or _THRESHOLD.match(scene.text, match.end()):
        return None
    if parts.get("bare") is not None and _UNIT.match(scene.text, match.end()):
        return None
    end = match.end()
    df, n, more = _brackets(kind, parts)
    if not df and (kind.df or kind.role == "heterogeneity"):
        following = _AFTER.match(scene.text, end)
        if following and kind.df:
            df = _numbers(following["df1"] or following["df3"], following["df2"])
            end = following.end()
            opened = any(bracket in following.group() for bracket in "([")
            end -= following.group()[-1] in ")]" and not opened  # it closes what stands around
            scene.take(following.start(), end)
    lost = _lost_percent(kind, number)
    if lost is not None:
        number, doubt = lost
        more = (*more, doubt)
    level = _level(scene.text, kind, match, start, end)
    if level and not kind.df:
        more = tuple(doubt for doubt in more if doubt != LEFT_OUT)
    return Found(
        kind.code, start, end, match.span("value"), (number,), df, n, None, (*doubts, *more), level
    )


def _level(text: str, kind: Kind, match: re.Match[str], start: int, end: int) -> str:
    """Return which level of a model a share or a variance is of; empty where none is said."""
    if kind.code not in ("I2", "tau2", "tau"):
        return ""
    inside = match.groupdict().get("df1") or ""
    before, behind = text[max(0, start - 40) : start], text[end : end + 40]
    return level_of(text[start : match.start("value")], inside, before, behind)


def _relation(parts: dict[str, str | None]) -> tuple[str, tuple[Doubt, ...]]:
    """Return the sign of a bound, and what the words before the number leave open."""
    doubts: list[Doubt] = []
    sign = (parts.get("sign") or "").replace(" ", "")
    if "<" in sign or "≤" in sign:
        sign = "≤" if "≤" in sign or "<=" in sign else "<"
    elif ">" in sign or "≥" in sign:
        sign = "≥" if "≥" in sign or ">=" in sign else ">"
    else:
        if sign in ("≈", "~"):
            doubts.append((HARMLESS, "printed as approximate"))
        words = parts.get("bound") or parts.get("than") or ""
        sign = parts.get("sign2") or BOUNDS.get(words.lower(), "")
    if parts.get("gapverb"):
        doubts.append((LIKELY, "words stand between the name and the number"))
    elif parts.get("bare") is not None:
        doubts.append((HARMLESS, "no sign between the name and the number"))
    return sign, tuple(doubts)


def _printed(kind: Kind, text: str, sign: str) -> Printed | None:
    """Return the printed number; None where it is none after all."""
    if re.fullmatch(_NOT_SIGNIFICANT, text):
        return Printed("n.s.")
    if kind.domain.whole and re.fullmatch(rf"(?i:{WORDS})", text):
        return Printed(f"{sign}{number_of_words(text)}")
    plain = plain_number(text)
    if kind.domain.whole and re.fullmatch(COUNT, text):
        plain = plain_count(text)
    if kind.domain.whole and plain.endswith("%"):
        return None
    return Printed(f"{sign}{plain}")


def _lost_percent(kind: Kind, number: Printed) -> tuple[Printed, Doubt] | None:
    """Return ``62%`` for a share printed as 62."""
    if not kind.percent or number.percent or number.value is None or abs(number.value) <= 1:
        return None
    if abs(number.value) > 100:
        return None
    return Printed(f"{number.text}%"), (HARMLESS, "no percent sign printed")


def _numbers(*texts: str | None) -> tuple[Printed, ...]:
    """Return the printed numbers of those that stand."""
    return tuple(Printed(text) for text in texts if text)


def _brackets(
    kind: Kind, parts: dict[str, str | None]
) -> tuple[tuple[Printed, ...], Printed | None, tuple[Doubt, ...]]:
    """Return degrees of freedom and sample size of the brackets, by what the kind takes."""
    first, second, n = parts.get("df1"), parts.get("df2"), parts.get("n")
    doubts: tuple[Doubt, ...] = ()
    if first is None and parts.get("sub1") is not None:
        first, second = parts["sub1"], parts.get("sub2")
    if first is None:
        return (), None, ()
    if kind.df == 0:
        return (), None, (LEFT_OUT,)
    if kind.code == "t" and second and n is None and re.fullmatch(COMMA, parts["value"] or ""):
        return _numbers(f"{first}.{second}"), None, ()  # t(10,14) = 0,42
    if second is not None and n is None and (kind.code == "chi2" or kind.df == 1):
        second, n = None, second
        doubts = ((HARMLESS, f"{n} in the brackets taken as sample size"),)
    return _numbers(first, second), None if n is None else Printed(plain_count(n)), doubts
