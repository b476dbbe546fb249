"""Sentences with gaps for numbers: parts whose numbers do not exist are left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

_NO_BREAK = "\u00a0"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A line of print, as a declaration.

    Parameters
    ----------
    lead : str
        What comes first.
    parts : tuple of str
        What follows, each with ``{names}`` of numbers; lines break between parts, not within.
    joint : str
        What stands between parts.
    breakable : bool
        Whether lines may break within parts too.
    """

    lead: str = ""
    parts: tuple[str, ...] = ()
    joint: str = ""
    breakable: bool = False

    def say(self, values: Mapping[str, str | None]) -> str:
        """Return the line with its gaps filled; empty where nothing can be said."""
        told = [part.format(**values) for part in self.parts if _known(part, values)]
        if self.parts and not told:
            return ""
        if not self.breakable:
            told = [part.replace(" ", _NO_BREAK) for part in told]
        return self.lead.format(**values) + self.joint.join(told)


def fill(text: str, words: Mapping[str, str | None]) -> str:
    """Fill the gaps that are known by name; other braces stay as they are."""
    return re.sub(r"\{(\w+)\}", lambda gap: words.get(gap[1], gap[0]) or "", text)


def _known(part: str, values: Mapping[str, str | None]) -> bool:
    """Tell whether every number of a part exists."""
    names = [name for _, name, _, _ in Formatter().parse(part) if name]
    return all(values.get(name) is not None for name in names)
