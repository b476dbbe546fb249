"""What comes back from ``check``: findings, as a table, as plain data, in words."""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metarel._format import count, listing
from metarel._lazy import pd
from metarel.coherence._figures import Group, listed
from metarel.coherence._judge import VERDICTS, Finding
from metarel.coherence._letter import letter

if TYPE_CHECKING:
    import pandas

#: Columns of the frame of findings.
COLUMNS = (
    *("code", "verdict", "needs_answer", "sure", "what", "printed", "expected", "units"),
    *("relative", "passes_under", "ask", "inputs", "label", "start", "end"),
)
_WIDTH = 100


@dataclass(frozen=True, slots=True, repr=False)
class Checked:
    """What was read, what was checked, and what fails.

    Parameters
    ----------
    findings : tuple of Finding
        One a check made, the worst first.
    groups : tuple of Group
        The figures that stand together.
    numbers : int
        How many figures were found.
    unread : tuple of str
        What could not be read, and why.
    not_made : dict of str to str
        Checks that nothing was there for, by code, and what was missing.
    """

    findings: tuple[Finding, ...]
    groups: tuple[Group, ...]
    numbers: int
    unread: tuple[str, ...]
    not_made: dict[str, str]

    @property
    def problems(self) -> tuple[Finding, ...]:
        """The findings that need an answer: impossible, or right only by a seldom convention."""
        return tuple(finding for finding in self.findings if finding.needs_answer)

    @property
    def remarks(self) -> tuple[Finding, ...]:
        """Findings worth knowing: right only in a corner, or by a convention in common use."""
        worth = ("only in a corner", "only under a convention")
        return tuple(f for f in self.findings if f.verdict in worth and not f.needs_answer)

    @property
    def ok(self) -> bool:
        """Whether no finding needs an answer, which does not prove the figures right."""
        return not self.problems

    def to_frame(self) -> pandas.DataFrame:
        """Return the findings as a frame, one row a check made."""
        rows = [
            {
                **{name: getattr(f, name) for name in COLUMNS[:-2]},
                "passes_under": "; ".join(f.passes_under),
                "start": f.figures[0].start if f.figures else -1,
                "end": f.figures[0].end if f.figures else -1,
            }
            for f in self.findings
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain types, ready for JSON."""
        return {
            "ok": self.ok,
            "numbers": self.numbers,
            "checks_made": len(self.findings),
            "findings": [finding.to_dict() for finding in self.findings],
            "groups": [
                {
                    "label": group.label,
                    "metric": group.metric,
                    "figures": {name: f.printed.text for name, f in group.figures.items()},
                }
                for group in self.groups
            ],
            "not_made": dict(self.not_made),
            "unread": list(self.unread),
        }

    def letter(self) -> str:
        """Return a paragraph for a review letter: what fails, in figures, and what to ask.

        Returns
        -------
        str
            Plain text.
        """
        return letter(self.findings, self.problems, self.remarks, self.numbers)

    def __repr__(self) -> str:
        return (
            f"<Checked: {count(len(self.findings), 'check')} made, "
            f"{count(len(self.problems), 'problem')}>"
        )

    def __str__(self) -> str:
        if all(finding.alone for finding in self.findings):
            lines = [f"Nothing to check: found {count(self.numbers, 'figure')}, none of which "
                     "stand together."]  # fmt: skip
            return "\n".join([*lines, *self._unread()])
        lines = [self._head(), *self._read(), *self._unread()]
        for title, found in (("Needs an answer", self.problems), ("Worth knowing", self.remarks)):
            if found:
                lines += ["", f"{title}:"]
                for finding in found:
                    lines += _lines(finding)
        good = [f.code for f in self.findings if f.verdict == "consistent"]
        if good:
            held = [f"{code} ×{n}" if n > 1 else code for code, n in Counter(good).items()]
            lines += ["", _wrapped(f"Consistent: {listing(held, 40)}.", "")]
        if self.not_made:
            lines.append(f"Not possible with these figures: {count(len(self.not_made), 'check')}.")
        return "\n".join(lines)

    def _head(self) -> str:
        made = Counter(finding.verdict for finding in self.findings)
        parts = [f"{made[verdict]} {verdict}" for verdict in VERDICTS if made[verdict]]
        return (
            f"{count(self.numbers, 'figure')} read, {count(len(self.findings), 'check')} made: "
            f"{', '.join(parts)}."
        )

    def _read(self) -> list[str]:
        shown = [group for group in self.groups if group.figures][:12]
        lines = []
        for number, group in enumerate(shown, 1):
            name = f" {group.label}:" if group.label else ""
            lines.append(_wrapped(f"{number}.{name} {listed(group)}", "   "))
        if len(self.groups) > len(shown):
            lines.append(f"… and {len(self.groups) - len(shown)} more groups.")
        return lines

    def _unread(self) -> list[str]:
        return [f"Not read: {listing(list(self.unread), 6)}."] if self.unread else []


def _lines(finding: Finding) -> list[str]:
    where = f" [{finding.label}]" if finding.label else ""
    head = f"- {finding.code}{where}: {finding.verdict} ({finding.sure})"
    lines = [head, _wrapped(finding.what, "  ", first="  ")]
    if finding.needs_answer:
        lines.append(_wrapped(f"Ask: {finding.ask}", "  ", first="  "))
    return lines


def _wrapped(text: str, indent: str, first: str = "") -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=first, subsequent_indent=indent)
