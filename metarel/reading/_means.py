"""Means that have no name: the number right before a standard deviation, ``5.2 (SD = 1.1)``."""

from __future__ import annotations

import re

from metarel.printed import Printed
from metarel.reading._found import Found, Scene
from metarel.reading._numbers import COMMA, POINT, plain_number

_MEAN = re.compile(
    rf"(?<![\w.,%/–-])(?P<value>{COMMA}|{POINT})(?<!%) ?"
    r"(?:[(\[] ?(?:[Nn] ?= ?[0-9]{1,6}[,;] ?)?)$"
)
#: How far before a standard deviation a mean may begin.
_REACH = 28
_DOUBT = (0.9, "a mean only because its SD follows")


def find_means(scene: Scene) -> None:
    """Find each number right before the bracket of a standard deviation."""
    for spread in [one for one in scene.found if one.kind == "SD"]:
        match = _MEAN.search(scene.text, max(0, spread.start - _REACH), spread.start)
        if match is None or not scene.free(*match.span("value")):
            continue
        place = match.span("value")
        number = Printed(plain_number(match["value"]))
        scene.add(Found("M", *place, place, (number,), doubts=(_DOUBT,)))
