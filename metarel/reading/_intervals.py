"""Intervals: named ones (``95% CI [.12, .36]``), and those in brackets behind an estimate."""

from __future__ import annotations

import re

from metarel.printed import Printed
from metarel.reading._found import Doubt, Found, Scene
from metarel.reading._numbers import COMMA, POINT, plain_number

_BEFORE = re.compile(r"(?P<level>[0-9]{2}(?:\.[0-9]{1,2})?) ?(?:%|percent|per cent|th)[ -]?\(?$")
_BEHIND = (
    r"(?:_?\{?(?P<near>[5-9][0-9](?:\.[0-9])?)(?![0-9.]) ?%?\}?"
    r"| ?\(? ?(?P<far>[5-9][0-9](?:\.[0-9])?) ?% ?\)?)?"
)
_SEPARATOR = r" ?(?:,|;|to|and|bis|und|à|–|-|/|through|\.\.\.|…|:|\|) ?"
_COMMA_SEPARATOR = r"(?: ?(?:;|to|and|bis|und|à|–|-|/|\.\.\.|…|:|\|) ?|, )"
_VERB = (
    r"(?: (?:of|for|around|about)(?: [A-Za-z][\w'-]{0,24}){1,6}?)?"
    r"\]?\)?(?: ?[=:,]|,? (?:of|from|was|is|were|are|ranging from|ranged from|ranges from|"
    r"between|extending from|von|zwischen"
    r"|spanned|with limits))?(?: (?:from|between|von|zwischen))? ?[=:]? ?[\[({<]? ?"
)
_CLOSE = r"(?: ?[\])}>])?"


def _ends(number: str, separator: str) -> str:
    """Return the pattern of two numbers."""
    return rf"(?P<low>{number}){separator}(?P<high>{number})"


#: Decimal commas first: with a decimal point, ``0,12; 0,36`` would be read as 0 and 12.
_PAIRS = (_ends(COMMA, _COMMA_SEPARATOR), _ends(POINT, _SEPARATOR))
_NAMED = tuple(re.compile(rf"{_BEHIND}{_VERB}{pair}{_CLOSE}") for pair in _PAIRS)
_BARE = tuple(re.compile(rf" ?(?P<open>[\[(]) ?{pair}(?: ?[\])]|(?=[;,] ))") for pair in _PAIRS)
_ESTIMATE = re.compile(rf"(?P<value>{POINT}|{COMMA}) ?[\[(,;]{{0,2}} ?$")
_UNNAMED = re.compile(
    rf"(?=[-–+0-9.,])(?<![\w.,%–-])(?P<value>{POINT}|"
    rf"{COMMA})(?= [\[(](?:[-–] ?)?[0-9]{{0,3}}[.,][0-9])"
)


def named_interval(scene: Scene, kind: str, start: int, after: int) -> Found | None:
    """Return the interval whose name stands at ``start``, or None."""
    matches = (pattern.match(scene.text, after) for pattern in _NAMED)
    match = next((one for one in matches if one is not None), None)
    if match is None or not scene.free(match.start("low"), match.end("high")):
        return None
    before = _BEFORE.search(scene.text, max(0, start - 16), start)
    level = match["near"] or match["far"] or (before["level"] if before else None)
    if before:
        start = before.start()
    scene.take(start, match.end())
    low, high = _two(match)
    fraction = round(float(level) / 100, 6) if level else None
    unclear = kind != "ci" and scene.text[start:after].isupper() and level is None
    bracketed = scene.text[match.start("low") - 1] in "[("
    decimals = "." in low.text + high.text or low.percent
    if unclear and not (bracketed or decimals):
        return None
    doubts: tuple[Doubt, ...] = ()
    if low.value is not None and high.value is not None and low.value > high.value:
        doubts = ((0.9, "the first limit is the larger one"),)
    span = (match.start("low"), match.end("high"))
    return Found(kind, start, match.end(), span, (low, high), level=fraction, doubts=doubts)


def bare_interval(scene: Scene, estimate: Found) -> Found | None:
    """Return the interval in brackets right behind an estimate, where it can be one."""
    matches = (pattern.match(scene.text, estimate.end) for pattern in _BARE)
    match = next((one for one in matches if one is not None), None)
    if match is None or not scene.free(match.start("low"), match.end("high")):
        return None
    low, high = _two(match)
    value = estimate.value
    if value is None or low.value is None or high.value is None:
        return None
    inside = float(low.value) <= value <= float(high.value)
    alike = low.digits == high.digits > 0
    if not (inside or (alike and match["open"] == "[")) or low.digits == high.digits == 0:
        return None
    span = (match.start("low"), match.end("high"))
    doubt = (0.9 if match["open"] == "[" else 0.8, "limits that are not called so")
    return Found("ci", match.start("low"), match.end(), span, (low, high), doubts=(doubt,))


def find_unnamed(scene: Scene) -> None:
    """Find estimates without a name, by the interval that follows them."""
    for named in [one for one in scene.found if one.kind == "ci"]:
        match = _ESTIMATE.search(scene.text, max(0, named.start - 24), named.start)
        if match and match.start() > 0 and scene.text[match.start() - 1] not in " ([":
            match = None
        if match and scene.free(*match.span("value")) and _decimal(match["value"]):
            scene.add(_effect(match))
    for match in _UNNAMED.finditer(scene.text):
        if scene.free(*match.span("value")) and _decimal(match["value"]):
            effect = _effect(match)
            interval = bare_interval(scene, effect)
            if interval is not None:
                scene.add(effect)
                scene.add(interval)


def _effect(match: re.Match[str]) -> Found:
    """Return an effect whose metric is not said."""
    number = Printed(plain_number(match["value"]))
    doubt = (0.9 if number.percent else 0.5, "an effect only because limits follow")
    start, end = match.span("value")
    kind = "percent" if number.percent else "effect"
    return Found(kind, start, end, (start, end), (number,), doubts=(doubt,))


def _decimal(text: str) -> bool:
    """Tell whether a number has decimals or a percent sign."""
    return bool(re.search(r"[.,][0-9]|%", text))


def _two(match: re.Match[str]) -> tuple[Printed, Printed]:
    """Return both limits; a percent sign behind the second is also the first's."""
    low, high = plain_number(match["low"]), plain_number(match["high"])
    if high.endswith("%") and not low.endswith("%"):
        low += "%"
    return Printed(low), Printed(high)
