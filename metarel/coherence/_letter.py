"""A paragraph for a review letter."""

from __future__ import annotations

from collections.abc import Sequence

from metarel._format import count
from metarel.coherence._judge import Finding

#: More findings than these are counted, not told.
MOST = 6
_HOW_SURE = {
    "certain": "cannot be true together, whatever the rounding",
    "likely": "do not go together under any method we know to be in use",
    "possible": "go together only under an unusual reading",
}


def letter(findings: Sequence[Finding], problems: Sequence[Finding], numbers: int) -> str:
    """Return the paragraph: all consistent, nothing to check, or what fails and what to ask."""
    if not findings:
        return (
            f"We looked for figures that can be held against each other and found none "
            f"({count(numbers, 'figure')} read)."
        )
    made = count(len(findings), "check")
    if not problems:
        return (
            f"We held the {numbers} reported figures against each other, allowing for rounding "
            f"({made} in all), and found them consistent."
        )
    lead = (
        f"We held the {numbers} reported figures against each other, allowing for rounding "
        f"({made} in all), and would be grateful for the authors' help with "
        f"{'one point' if len(problems) == 1 else f'{len(problems)} points'}."
    )
    told = sorted(problems, key=lambda f: ("certain", "likely", "possible").index(f.sure))[:MOST]
    parts = [_point(i, finding, len(told)) for i, finding in enumerate(told, 1)]
    rest = len(problems) - len(told)
    parts += [f"There are {rest} further points of the same kinds."] if rest else []
    asks = dict.fromkeys(finding.ask for finding in told)
    question = " ".join(asks)
    return " ".join([lead, *parts, f"We should like to ask: {question}"])


def _point(number: int, finding: Finding, of: int) -> str:
    mark = f"({number}) " if of > 1 else ""
    where = f"In {finding.label}: " if finding.label else ""
    sentence = finding.what[:1].upper() + finding.what[1:] if not where else finding.what
    sure = "" if finding.passes_under else f" These figures {_HOW_SURE[finding.sure]}."
    return f"{mark}{where}{sentence}{sure}"
