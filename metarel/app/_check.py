"""What the tab on a paragraph shows: its numbers marked, the findings, the letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from metarel.coherence._judge import Finding
from metarel.coherence._result import Checked
from metarel.coherence.check import check
from metarel.errors import InputError

#: Longer texts are refused: a long paper has some hundred thousand characters.
MOST_CHARACTERS = 600_000
#: What a mark says, the worst first; the last is for numbers that are read and fine.
PROBLEM, REMARK, READ = "problem", "remark", "read"
STATES = (PROBLEM, REMARK, READ)
#: Characters of the text that are shown around marks, where it is long.
AROUND, LONG = 300, 12_000

EXAMPLE = (
    "The weighted mean was r = .24 (95% CI [.12, .36]), d = .57, k = 16, z = 3.9, p < .001; "
    "Q(15) = 38.2, p = .03, I2 = 61%."
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text.

    Parameters
    ----------
    text : str
        Its words.
    state : str
        One of ``STATES``; empty where there is no number.
    numbers : tuple of int
        The findings that it belongs to, counted from 1.
    """

    text: str
    state: str = ""
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A text and what was found in it.

    Parameters
    ----------
    text : str
        The text.
    checked : Checked
        What ``check`` says.
    name : str
        Where it came from; empty for a pasted text.
    """

    text: str
    checked: Checked
    name: str = ""

    @property
    def shown(self) -> tuple[Finding, ...]:
        """The findings that are listed, problems first; their places are their numbers."""
        return (*self.checked.problems, *self.checked.remarks)

    @property
    def headline(self) -> str:
        """What came out, in one line."""
        return str(self.checked).split("\n", 1)[0]


def read(text: str, name: str = "") -> Reading:
    """Check the numbers of a text."""
    if not text.strip():
        raise InputError("Paste a paragraph with printed results, or choose a file.")
    if len(text) > MOST_CHARACTERS:
        raise InputError(
            f"A text may have {MOST_CHARACTERS:,} characters on this page; this one has "
            f"{len(text):,}. Paste the pages that matter."
        )
    return Reading(text, check(text), name)


def pieces(reading: Reading) -> tuple[Piece, ...]:
    """Return a text in pieces, its numbers marked; a long one without what has no marks."""
    marks = _marks(reading)
    found: list[Piece] = []
    at = 0
    for (start, end), (state, numbers) in sorted(marks.items()):
        if start < at:
            continue  # within a mark that began before
        found += [*_gap(reading.text, at, start), Piece(reading.text[start:end], state, numbers)]
        at = end
    return (*found, *_gap(reading.text, at, len(reading.text)))


def _marks(reading: Reading) -> dict[tuple[int, int], tuple[str, tuple[int, ...]]]:
    """Return the state of each place, the worst that any finding says of it."""
    marks: dict[tuple[int, int], tuple[str, tuple[int, ...]]] = {}
    for group in reading.checked.groups:
        for figure in group.figures.values():
            if 0 <= figure.start < figure.end:
                marks[figure.start, figure.end] = (READ, ())
    for number, finding in enumerate(reading.shown, 1):
        state = PROBLEM if finding.needs_answer else REMARK
        for figure in finding.figures:
            if 0 <= figure.start < figure.end:
                before, numbers = marks.get((figure.start, figure.end), (READ, ()))
                worst = min(before, state, key=STATES.index)
                joined = numbers if number in numbers else (*numbers, number)
                marks[figure.start, figure.end] = (worst, joined)
    return marks


def _gap(text: str, start: int, end: int) -> Iterator[Piece]:
    """Yield what stands between marks, shortened in a long text."""
    between = text[start:end]
    if len(text) > LONG and len(between) > 3 * AROUND:
        head = between[:AROUND] if start else ""
        tail = between[-AROUND:] if end < len(text) else ""
        between = f"{head} […] {tail}"
    if between:
        yield Piece(between)
