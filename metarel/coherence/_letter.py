"""A paragraph for a review letter."""

from __future__ import annotations

from collections.abc import Sequence

from metarel._format import count
from metarel.coherence._figures import listed
from metarel.coherence._judge import SURE, Finding

#: More findings than these are counted, not told.
MOST = 6
_HOW_SURE = {
    "certain": "cannot be true together, whatever the rounding",
    "likely": "do not go together under any method we know to be in use",
    "possible": "go together only under an unusual reading",
}


def letter(
    findings: Sequence[Finding],
    problems: Sequence[Finding],
    remarks: Sequence[Finding],
    numbers: int,
) -> str:
    """Return the paragraph: all consistent, nothing to check, or what fails and what to ask."""
    if all(finding.alone for finding in findings):
        return (
            f"We looked for figures that can be held against each other and found none "
            f"({count(numbers, 'figure')} read)."
        )
    lead = (
        f"We held the {count(numbers, 'reported figure')} against each other, allowing for "
        f"rounding ({count(len(findings), 'check')} in all)"
    )
    if not problems:
        return f"{lead}, and found nothing that contradicts itself.{_conventions(remarks)}"
    told = sorted(problems, key=lambda f: SURE.index(f.sure))
    by_figure: dict[tuple[str, int, str, str], list[Finding]] = {}
    for finding in told:
        first = finding.figures[0]
        key = (first.name, first.start, first.printed.text, finding.label)
        by_figure.setdefault(key, []).append(finding)
    points = list(by_figure.values())
    help_with = "one point" if len(points) == 1 else f"{len(points)} points"
    parts = [f"{lead}, and would be grateful for the authors' help with {help_with}."]
    parts += [_point(i, same, len(points)) for i, same in enumerate(points[:MOST], 1)]
    if len(points) > MOST:
        parts.append(f"There are {len(points) - MOST} further points of these kinds.")
    asks = dict.fromkeys(finding.ask for same in points[:MOST] for finding in same)
    return " ".join([*parts, f"We should like to ask: {' '.join(asks)}"])


def _conventions(remarks: Sequence[Finding]) -> str:
    """Return the sentence about figures that need another convention than the usual one."""
    needed = [f for f in remarks if f.passes_under]
    if not needed:
        return ""
    told = "; ".join(f"{f.printed} if {' or if '.join(f.passes_under)}" for f in needed[:MOST])
    return f" Some figures are right only by a convention that should be stated: {told}."


def _point(number: int, same: Sequence[Finding], of: int) -> str:
    """Return one point: the surest finding about a figure, and which others say so too."""
    finding, *others = same
    mark = f"({number}) " if of > 1 else ""
    where = f"For '{finding.label}': " if finding.label else ""
    sure = "" if finding.passes_under else f" These figures {_HOW_SURE[finding.sure]}."
    also = ""
    if others:
        against = dict.fromkeys(listed(other.figures[1:]) for other in others)
        against.pop(listed(finding.figures[1:]), None)
        also = f" It disagrees with {' and with '.join(against)} as well." if against else ""
    return f"{mark}{where}{finding.what}{sure}{also}"
