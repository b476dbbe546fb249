"""Numbers that a noun explains: ``201 studies``, ``13 of 21 (62%)``, ``62% of the studies``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from metarel.printed import Printed
from metarel.reading._found import Doubt, Found, Scene
from metarel.reading._numbers import (
    BOUND,
    BOUNDS,
    COUNT,
    POINT,
    WORDS,
    number_of_words,
    plain_count,
    plain_number,
)
from metarel.reading.register import NOUNS

_NUMBER = rf"(?:{COUNT}|(?i:{WORDS})(?!\w))"
_STOP = (
    "of|and|or|to|in|on|at|the|a|an|for|with|from|by|is|was|were|are|had|has|have|years?|weeks?|months?|days?|"
    "hours?|minutes?|sessions?|points?|per|than|that|which|who|as|but|whereas|while|mg|kg|percent|did|reported|"
    "showed|found|times|other"
)
_ADJECTIVE = rf"(?:(?!(?:{_STOP})\b)[A-Za-z][A-Za-z'–-]{{1,24}},? )"
_NOUN = "|".join(rf"(?P<{kind}>{pattern})" for kind, pattern in NOUNS.items())
_NOUN_ANY = "|".join(NOUNS.values())
_COUNTED = re.compile(
    rf"(?=[0-9A-Za-z])(?<![\w.,%/–-])(?:(?P<bound>(?i:{BOUND})) )?(?P<value>{_NUMBER}) "
    rf"{_ADJECTIVE}{{0,4}}?(?:{_NOUN})(?![\w-])"
)
_EARLIER = re.compile(
    r"(?i:phase|type|tables?|figures?|fig\.|study|experiment|chapter|step|level|grade|stage|version|group|model|"
    r"week|day|month|year|session|wave|time|no\.|number|page|p\.|pp\.|vol\.|volume|cluster|axis|section|part|class|"
    r"appendix|sample|trial) $"
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_COUNTING = re.compile(
    r"(?i:of|included?|including|total|totall?ing|with|comprising|enrolled|randomi[sz]ed|involving|involved|from|"
    r"synthesi[sz]ed|recruited|assessed|analy[sz]ed|identified|n ?=|all) $"
)
_PERCENT = rf"(?P<percent>{POINT})(?<=[%t])"
_SHARE = (
    rf"(?P<count>{_NUMBER})(?: (?:out )?of (?:the |these |those |all |our )?|/)(?P<total>{_NUMBER})"
)
_SHARES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?=[0-9.])(?<![\w.,/–-]){_PERCENT} ?[\[(] ?(?:n ?= ?)?{_SHARE} ?[\])]",
        rf"(?=[0-9aefnostAEFNOST])(?<![\w.,/–-]){_SHARE}(?: [A-Za-z][\w'-]{{0,20}})"
        rf"{{0,5}}?,? ?[\[(] ?{_PERCENT}[\]);,]",
        rf"(?=[0-9aefnostAEFNOST])(?<![\w.,/–-])(?P<count>{_NUMBER})(?: out)? of (?:the |"
        rf"these |those |all |our )?(?P<total>{_NUMBER})"
        rf"(?= (?:{_ADJECTIVE}{{0,3}}?(?:{_NOUN_ANY}))(?!\w))(?P<percent>)",
    )
)
_BARE_PERCENT = re.compile(
    r"(?=[0-9])(?<![\w.,/–-])(?P<value>[0-9]{1,3}(?:\.[0-9]{1,6})?) ?(?:%|percent\b|per cent\b)"
    r"(?![ -]?(?:CI|C\.I|confidence|credib|prediction|predictive|PI\b|level|limits?|"
    r"significance|CrI|interval|power))"
)
_NOT_SIGNIFICANT = re.compile(r"(?:(?<=[(,;] )|(?<=\())n\.?s\.?(?=[),;. ])")


def find_shares(scene: Scene) -> None:
    """Find counts of a total, with their percentage where one is printed."""
    for pattern in _SHARES:
        for match in pattern.finditer(scene.text):
            start, end = match.span()
            if not scene.free(start, end):
                continue
            count, total = _whole(match["count"]), _whole(match["total"])
            numbers = [Printed(count), Printed(total)]
            doubts: tuple[Doubt, ...] = ()
            if match["percent"]:
                numbers.append(Printed(plain_number(match["percent"])))
            else:
                doubts = ((0.8, "no percentage printed"),)
            if _YEAR.fullmatch(match["total"]) and not match["percent"]:
                continue
            scene.add(Found("count", start, end, (start, end), tuple(numbers), doubts=doubts))


def find_counted(scene: Scene) -> None:
    """Find numbers of studies, effects, publications and people before their noun."""
    for match in _COUNTED.finditer(scene.text):
        start, end = match.span("value")
        if scene.free(start, end) and not _misleading(scene.text, match):
            sign = _bound(match["bound"], match["value"])
            kind = match.lastgroup or ""
            noun = match[kind]
            scene.add(
                Found(
                    kind,
                    match.start(),
                    match.end(),
                    (start, end),
                    (Printed(f"{sign}{_whole(match['value'])}"),),
                    doubts=tuple(_counted_doubts(match["value"])),
                    label=noun.lower(),
                )
            )


def find_percentages(scene: Scene) -> None:
    """Find percentages that are nothing else, and ``ns`` without a p before it."""
    for match in _BARE_PERCENT.finditer(scene.text):
        if scene.free(*match.span()):
            number = Printed(f"{match['value']}%")
            doubt = (0.8, "a percentage of what is not read")
            scene.add(Found("percent", *match.span(), match.span(), (number,), doubts=(doubt,)))
    for match in _NOT_SIGNIFICANT.finditer(scene.text):
        if scene.free(*match.span()):
            doubt = (0.9, "no p before it")
            scene.add(Found("p", *match.span(), match.span(), (Printed("n.s."),), doubts=(doubt,)))


def _misleading(text: str, match: re.Match[str]) -> bool:
    """Tell whether a number before a noun is a year, or belongs to the word before it."""
    before = text[max(0, match.start() - 14) : match.start()]
    value = match["value"]
    if value.lower() in ("one", "zero", "a hundred"):
        return True
    if _YEAR.fullmatch(value) and not _COUNTING.search(before):
        return True
    return bool(_EARLIER.search(before)) and not match["bound"]


def _bound(word: str | None, value: str) -> str:
    """Return the sign of a bound; "over 46 samples" means across them, "over 200" more than."""
    if word is None or (word.lower() == "over" and value[0].isdigit() and value[-1] != "0"):
        return ""
    return BOUNDS[word.lower()]


def _counted_doubts(value: str) -> Iterator[Doubt]:
    """Yield what is less sure about a number before a noun."""
    if not value[0].isdigit():
        small = number_of_words(value) < 10
        yield (0.7 if small else 0.9), "a number in words before a noun"
    elif _YEAR.fullmatch(value):
        yield 0.7, "could be a year"
    else:
        yield 0.95, "a number before a noun"


def _whole(text: str) -> str:
    """Return a whole number, printed in digits or in words, in digits."""
    return plain_count(text) if text[0].isdigit() else str(number_of_words(text))
