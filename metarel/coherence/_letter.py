"""The paragraphs for a review letter."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from metarel._format import count
from metarel.coherence._figures import Figure, listed
from metarel.coherence._judge import SURE, Finding

#: More findings than these are counted, not told.
MOST = 6
#: Characters in a line, as e-mails and forms for reviews have them.
WIDTH = 78
_HOW_SURE = {
    "certain": "These figures cannot be true together, whatever the rounding.",
    "likely": "These figures do not go together under any method we know to be in use.",
    "possible": "These figures do not go together as we read them.",
}


def letter(
    findings: Sequence[Finding],
    problems: Sequence[Finding],
    remarks: Sequence[Finding],
    numbers: int,
    lone: Sequence[Figure] = (),
) -> str:
    """Return what to write: all consistent, nothing to check, or numbered points with questions."""
    if all(finding.alone for finding in findings):
        return filled(
            "We looked for figures that can be held against each other and found none "
            f"({count(numbers, 'figure')} read{': ' if lone else ''}{listed(lone, brief=True)})."
        )
    lead = (
        f"We held the {count(numbers, 'reported figure')} against each other, allowing for "
        f"rounding ({count(len(findings), 'check')} in all)"
    )
    if not problems:
        told = f"{lead}, and found nothing that contradicts itself."
        return filled(f"{told}{_conventions(remarks)}{unheld(lone)}")
    points = _points(problems)
    help_with = "one point" if len(points) == 1 else f"{len(points)} points"
    parts = [filled(f"{lead}, and would be grateful for the authors' help with {help_with}.")]
    seen: set[str] = set()
    for number, same in enumerate(points[:MOST], 1):
        mark = f"{number}. " if len(points) > 1 else ""
        parts.append(filled(f"{mark}{_point(same, seen)}", " " * len(mark)))
        seen.add(same[0].label)
    if len(points) > MOST:
        more = len(points) - MOST
        are = "is one further point" if more == 1 else f"are {more} further points"
        parts.append(f"There {are} of these kinds.")
    return "\n\n".join(parts)


def unheld(lone: Sequence[Figure]) -> str:
    """Return the sentence about figures that nothing was held against; empty without any."""
    return f" Read, but held against nothing: {listed(lone, brief=True)}." if lone else ""


def filled(text: str, indent: str = "", *, first: str = "", width: int = WIDTH) -> str:
    """Return a text in lines, none of which ends between a figure's name and its digits."""
    bound = re.sub(r" (?=[=<>≤≥])|(?<=[=<>≤≥]) ", "\xa0", text)
    lines = textwrap.fill(
        bound, width, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
    )
    return lines.replace("\xa0", " ")


def _points(problems: Sequence[Finding]) -> list[list[Finding]]:
    """Return the problems by the figure that they are about, the surest first, by result."""
    told = sorted(problems, key=lambda f: SURE.index(f.sure))
    by_figure: dict[tuple[str, int, str, str], list[Finding]] = {}
    for finding in told:
        first = finding.figures[0]
        key = (first.name, first.start, first.printed.text, finding.label)
        by_figure.setdefault(key, []).append(finding)
    labels = list(dict.fromkeys(same[0].label for same in by_figure.values()))
    return sorted(by_figure.values(), key=lambda same: labels.index(same[0].label))


def _conventions(remarks: Sequence[Finding]) -> str:
    """Return the sentence about figures that need another convention than the usual one."""
    needed = [f for f in remarks if f.passes_under]
    if not needed:
        return ""
    told = "; ".join(f"{f.printed} if {' or if '.join(f.passes_under)}" for f in needed[:MOST])
    return f" Some figures are right only by a convention that should be stated: {told}."


def _point(same: Sequence[Finding], seen: set[str]) -> str:
    """Return one point: the surest finding about a figure, which others say so too, the question.

    A result is named once; the next point about it says so.
    """
    finding, *others = same
    label, place = finding.label, finding.figures[0].where
    named = "" if not label else "Also there" if label in seen else label
    place = "" if place in label else f" ({place})" if named else place
    where = f"{named}{place}: " if named or place else ""
    sure = "" if finding.passes_under else f" {_HOW_SURE[finding.sure]}"
    known = set(finding.figures)
    against = dict.fromkeys(
        listed(other.figures[1:], brief=True) for other in others if not set(other.figures) <= known
    )
    also = f" It disagrees with {' and with '.join(against)} as well." if against else ""
    asks = dict.fromkeys(f.ask for f in same if f is finding or not set(f.figures) <= known)
    return f"{where}{finding.what}{sure}{also} {' '.join(asks)}"
