"""What comes back from ``check``: findings, as a table, as plain data, in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from metarel._format import count, listing
from metarel._lazy import pd
from metarel.coherence._figures import Figure, Group, listed
from metarel.coherence._judge import Finding
from metarel.coherence._letter import filled, letter, unheld

if TYPE_CHECKING:
    import pandas

#: Columns of the frame of findings.
#: Figures that stand with df of their own.
STATISTICS = ("t", "F", "chi2")
COLUMNS = (
    *("code", "verdict", "needs_answer", "sure", "what", "printed", "expected", "units"),
    *("relative", "passes_under", "ask", "inputs", "label", "start", "end"),
    *("where", "quote"),
)
#: Characters in a line.
_WIDTH = 79
#: More groups than these are counted unless all are asked for.
MOST_GROUPS = 12


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
    notes : tuple of str
        What was assumed of the figures.
    quoting : bool
        Whether findings are printed with the words of the text: it is a document or a long text.
    """

    findings: tuple[Finding, ...]
    groups: tuple[Group, ...]
    numbers: int
    unread: tuple[str, ...]
    not_made: dict[str, str]
    notes: tuple[str, ...] = ()
    quoting: bool = False

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

    @property
    def lone(self) -> tuple[Figure, ...]:
        """The figures that were read and that no check held against another one."""
        together = [f for found in self.findings if len(found.figures) > 1 for f in found.figures]
        held = {_which(figure) for figure in together}
        with_statistic = {  # the df of a statistic are held with it
            _which(figure)
            for group in self.groups
            if any(_which(group[name]) in held for name in STATISTICS if name in group)
            for figure in group
            if figure.name in ("df", "df1", "df2")
        }
        held |= with_statistic
        held |= {("estimate", *_which(f)[1:]) for f in together if f.name == "log_ratio"}
        every = [figure for group in self.groups for figure in group if figure.name != "level"]
        places = {figure.start for figure in together if figure.start >= 0}
        return tuple(  # Q(12) = 30.1 whose df alone was held is Q = 30.1
            replace(figure, shown="") if figure.start in places else figure
            for figure in every
            if _which(figure) not in held
        )

    def to_frame(self) -> pandas.DataFrame:
        """Return the findings as a frame, one row a check made."""
        own = COLUMNS[: COLUMNS.index("start")]
        rows = [
            {
                **{name: getattr(f, name) for name in own},
                "passes_under": "; ".join(f.passes_under),
                "start": f.figures[0].start if f.figures else -1,
                "end": f.figures[0].end if f.figures else -1,
                "where": f.figures[0].where if f.figures else "",
                "quote": f.figures[0].quote if f.figures else "",
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
            "lone": [{"name": f.name, "printed": f.printed.text} for f in self.lone],
            "notes": list(self.notes),
            "not_made": dict(self.not_made),
            "unread": list(self.unread),
        }

    def letter(self) -> str:
        """Return the lines for a review letter: what fails, in figures, and what to ask.

        Returns
        -------
        str
            Plain text in lines of at most 78 characters.
        """
        return letter(self.findings, self.problems, self.remarks, self.numbers, self.lone)

    def __repr__(self) -> str:
        return (
            f"<Checked: {count(len(self.findings), 'check')} made, "
            f"{count(len(self.problems), 'problem')}>"
        )

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self, *, all_groups: bool = False) -> str:
        """Return what was read and found, as it is printed.

        Parameters
        ----------
        all_groups : bool
            Whether all groups of figures are listed; else the first dozen.

        Returns
        -------
        str
            Plain text in lines of less than 80 characters, but for words that are longer.
        """
        if all(finding.alone for finding in self.findings):
            head = f"Nothing to check: found {count(self.numbers, 'figure')}"
            lines = [f"{head}, none of which stand together." if self.numbers else f"{head}."]
            return "\n".join([*lines, *self._lone(), *self._unread()])
        lines = [self._head(), *self._read(all_groups), *self._unread()]
        for title, found in self._sections():
            if found:
                lines += ["", f"{title}:"]
                for finding in found:
                    lines += self._lines(finding)
        good = [f.code for f in self.findings if f.verdict == "consistent"]
        lines += [""] if good or self.not_made or self.lone else []
        if good:
            held = [f"{code} ×{n}" if n > 1 else code for code, n in Counter(good).items()]
            lines.append(_wrapped(f"Consistent: {listing(held, 40)}.", ""))
        lines += self._lone()
        if self.not_made:
            need = "needs" if len(self.not_made) == 1 else "need"
            checks = count(len(self.not_made), "further check")
            lines.append(f"{checks} {need} figures that are not given.")
        return "\n".join(lines)

    def _sections(self) -> tuple[tuple[str, list[Finding]], ...]:
        """Return the findings under the words that say what they mean for a reader."""
        never = [f for f in self.problems if f.verdict == "impossible"]
        seldom = [f for f in self.problems if f.verdict != "impossible"]
        return (
            ("Cannot be true", never),
            ("True only if something unusual was done (ask)", seldom),
            ("Worth knowing", list(self.remarks)),
        )

    def _lines(self, finding: Finding) -> list[str]:
        """Return a finding with its place, what is wrong, and what to ask."""
        where = f" [{finding.label}]" if finding.label else ""
        doubt = f" ({finding.doubt})" if finding.doubt else ""
        lines = [_wrapped(f"- {finding.code}{where}{doubt}", "  ")]
        told = [
            self._place(finding),
            finding.what,
            f"Ask: {finding.ask}" if finding.needs_answer else "",
        ]
        return [*lines, *(_wrapped(text, "  ", first="  ") for text in told if text)]

    def _place(self, finding: Finding) -> str:
        """Return where the figure that is held against the others stands, and its words."""
        lead = finding.figures[0]
        where = lead.where if lead.where not in finding.label else ""
        quote = f"“{lead.quote}”" if self.quoting and lead.quote else ""
        return ": ".join(part for part in (where, quote) if part)

    def _head(self) -> str:
        impossible = sum(finding.verdict == "impossible" for finding in self.problems)
        made = Counter(finding.verdict for finding in self.findings)
        numbers = {
            "impossible": impossible,
            "to ask": len(self.problems) - impossible,
            "to know": len(self.remarks),
            "consistent": made["consistent"],
            "cannot tell": made["cannot tell"],
        }
        parts = [f"{number} {word}" for word, number in numbers.items() if number]
        return (
            f"{count(self.numbers, 'figure')} read, {count(len(self.findings), 'check')}: "
            f"{', '.join(parts)}."
        )

    def _read(self, all_groups: bool) -> list[str]:
        whole = [group for group in self.groups if group.figures]
        shown = whole if all_groups else whole[:MOST_GROUPS]
        lines = []
        for number, group in enumerate(shown, 1):
            name = f" {group.label}:" if group.label else ""
            lines.append(_wrapped(f"{number}.{name} {listed(group)}", "   "))
        more = len(whole) - len(shown)
        if more:
            lines.append(f"… and {count(more, 'more group')}.")
        return [*lines, *(_wrapped(f"Note: {note}", "  ") for note in self.notes)]

    def _lone(self) -> list[str]:
        return [_wrapped(unheld(self.lone).strip(), "  ")] if self.lone else []

    def _unread(self) -> list[str]:
        return [_wrapped(f"Not read: {listing(list(self.unread), 6)}.", "")] if self.unread else []


def _which(figure: Figure) -> tuple[str, int, str, str]:
    """Return what tells a figure from others of its name."""
    return figure.name, figure.start, figure.printed.text, figure.where


def _wrapped(text: str, indent: str, first: str = "") -> str:
    return filled(text, indent, first=first, width=_WIDTH)
