"""What was read: a statistic with its place in the text, and all of a text in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from metarel._format import count
from metarel._lazy import pd
from metarel.printed import Printed
from metarel.reading.register import STATISTICS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Statistic:
    """One statistic as it stands in a text.

    Parameters
    ----------
    kind : str
        A code of ``STATISTICS``.
    printed : tuple of Printed
        One number; lower and upper of an interval in the order printed; count, total and
        (where printed) percentage of a ``"count"``. Its text is in plain form: ``"−0·28"`` and
        ``"−0,28"`` are ``"-0.28"``, ``"fifty-one"`` is ``"51"``; a bound keeps its sign:
        ``"<.001"``.
    start, end : int
        Characters of the text as given: ``text[start:end]`` are the very words.
    text : str
        Those words.
    df : tuple of Printed
        Degrees of freedom: ``t(df)``, ``F(df1, df2)``, ``Q(df)``; empty where not printed.
    n : Printed or None
        The sample size in ``chi2(2, N = 90)``.
    level : float or None
        Of an interval: .95; None where not printed.
    confidence : float
        1 where symbol, sign and a possible value are printed in a usual style. Every assumption
        that was needed lowers it: .9 a harmless one, .8 a likely one, .5 a guess; several are
        multiplied. It is a rank, not a frequency.
    why : str
        The assumptions; empty where there are none.
    label : str
        The words before it, or the noun that was counted; empty where there are none.
    page, paragraph : int or None
        Place in a document, counted from 1; None for plain text and where there are no pages.
    """

    kind: str
    printed: tuple[Printed, ...]
    start: int
    end: int
    text: str
    df: tuple[Printed, ...] = ()
    n: Printed | None = None
    level: float | None = None
    confidence: float = 1.0
    why: str = ""
    label: str = ""
    page: int | None = None
    paragraph: int | None = None

    def __str__(self) -> str:
        numbers = self.numbers
        sign = "" if numbers[:1] in "<>≤≥" else "= "
        inside = [str(number) for number in self.df]
        inside += [f"N = {self.n}"] if self.n is not None else []
        level = f"{100 * self.level:g}% " if self.level is not None else ""
        brackets = f"({', '.join(inside)})" if inside else ""
        return f"{level}{self.kind}{brackets} {sign}{numbers}"

    @property
    def numbers(self) -> str:
        """The printed numbers in one phrase: ``.12 to .36``, ``13 of 21 (62%)``."""
        texts = [str(number) for number in self.printed]
        if self.kind == "count":
            share = f" ({texts[2]})" if len(texts) > 2 else ""
            return f"{texts[0]} of {texts[1]}{share}"
        return " to ".join(texts)

    def to_dict(self) -> dict[str, Any]:
        """Return the statistic in JSON's own types.

        Returns
        -------
        dict
            The fields by name; printed numbers as text.
        """
        return {
            "kind": self.kind,
            "printed": [str(number) for number in self.printed],
            "df": [str(number) for number in self.df],
            "n": None if self.n is None else str(self.n),
            "level": self.level,
            "label": self.label,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "confidence": self.confidence,
            "why": self.why,
            "page": self.page,
            "paragraph": self.paragraph,
        }


def title_of(group: Sequence[Statistic]) -> str:
    """Return what a result is called: the first label up to its estimate, nouns of counts apart.

    Parameters
    ----------
    group : sequence of Statistic
        The statistics of one result.

    Returns
    -------
    str
        Empty where nothing names it.
    """
    for one in group:
        role = STATISTICS[one.kind].role
        counted = one.text.lower().endswith(one.label or ".")
        if one.label and not counted and role not in ("interval", "p", "spread"):
            return one.label
        if role == "estimate":
            return ""
    return ""


@dataclass(frozen=True, slots=True, repr=False)
class Readings(Sequence[Statistic]):
    """The statistics of a text, in the order in which they stand.

    Parameters
    ----------
    statistics : tuple of Statistic
        All of them.
    groups : tuple of tuple of Statistic
        The same, by the result they belong to: an estimate with its interval, test, p-value,
        counts and heterogeneity. Every statistic stands in one group.
    characters : int
        Length of the text that was read.
    """

    statistics: tuple[Statistic, ...]
    groups: tuple[tuple[Statistic, ...], ...]
    characters: int

    @overload
    def __getitem__(self, index: int) -> Statistic: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Statistic, ...]: ...
    def __getitem__(self, index: int | slice) -> Statistic | tuple[Statistic, ...]:
        return self.statistics[index]

    def __len__(self) -> int:
        return len(self.statistics)

    def __iter__(self) -> Iterator[Statistic]:
        return iter(self.statistics)

    def __repr__(self) -> str:
        return f"<Readings: {count(len(self), 'statistic')} in {count(len(self.groups), 'result')}>"

    def __str__(self) -> str:
        if not self.statistics:
            return f"No statistic found in {count(self.characters, 'character')}."
        lines = [
            f"{count(len(self), 'statistic')} in {count(len(self.groups), 'result')}, read from "
            f"{count(self.characters, 'character')}"
        ]
        for number, group in enumerate(self.groups, 1):
            lines.append(f"{number}. {title_of(group)}".rstrip())
            for one in group:
                doubt = f"   ({one.confidence:.2g}: {one.why})" if one.why else ""
                lines.append(f"   {one}{doubt}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return everything in JSON's own types.

        Returns
        -------
        dict
            ``characters``, ``statistics`` (a list of dicts, each with the ``group`` it is in,
            counted from 0).
        """
        rows = []
        for number, group in enumerate(self.groups):
            rows += [{"group": number, **one.to_dict()} for one in group]
        rows.sort(key=lambda row: (row["start"], row["end"]))
        return {"characters": self.characters, "statistics": rows}

    def to_frame(self) -> pd.DataFrame:
        """Return a tidy frame.

        Returns
        -------
        DataFrame
            A row a statistic, in the order of the text; ``printed`` and ``df`` as one text each.
        """
        rows = self.to_dict()["statistics"]
        for row, one in zip(rows, self.statistics, strict=True):
            row["printed"] = one.numbers
            row["df"] = ", ".join(row["df"])
        columns = ["group", "kind", "printed", "df", "n", "level", "label", "confidence", "why"]
        columns += ["text", "start", "end", "page", "paragraph"]
        return pd.DataFrame(rows, columns=columns)
