"""What a dataset is: a study table, what its columns mean, and the figures published from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metarel._format import count
from metarel._register import did_you_mean
from metarel.errors import DatasetError

if TYPE_CHECKING:
    from metarel._lazy import pd


@dataclass(frozen=True, slots=True)
class DataColumn:
    """One column of a study table.

    Parameters
    ----------
    name : str
        The column's name in ``studies.csv``.
    role : str
        ``"label"``, ``"input"`` (what effects are computed from), ``"moderator"``, ``"recheck"``
        (a value extracted again by others) or ``"note"``.
    unit : str
        What is counted or measured; ``"text"`` for words.
    meaning : str
        A phrase.
    low, high : float or None
        The smallest and largest value that can be true; None for no limit.
    missing : bool
        Whether cells may be empty.
    """

    name: str
    role: str
    unit: str
    meaning: str
    low: float | None = None
    high: float | None = None
    missing: bool = False

    @property
    def is_text(self) -> bool:
        """Whether the column holds words."""
        return self.unit == "text"

    @property
    def shown_range(self) -> str:
        """The range for people, as in ``[-1, 1]`` or ``[3, ∞]``; empty for words."""
        if self.low is None and self.high is None:
            return ""
        low = "-∞" if self.low is None else f"{self.low:g}"
        return f"[{low}, {'∞' if self.high is None else f'{self.high:g}'}]"

    def __str__(self) -> str:
        span = f", {self.shown_range}" if self.shown_range else ""
        return f"{self.name} ({self.role}; {self.unit}{span}): {self.meaning}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that a publication prints from a dataset.

    Parameters
    ----------
    id : str
        Its name within the dataset.
    where : str
        Publication and place; several places stand in one text.
    quantity : str
        Which number it is, in the words of the recipe: ``"estimate"``, ``"ci_low"``, ``"tau2"`` …
    printed : str
        The digits exactly as printed.
    recipe : str
        The named analysis that should give it.
    arguments : mapping
        What the analysis is told.
    expect : str
        ``"agrees"``, ``"agrees truncated"``, ``"differs"`` or ``"cannot run"``.
    reason : str
        What is known of a difference; empty where the figure agrees.
    """

    id: str
    where: str
    quantity: str
    printed: str
    recipe: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    expect: str = "agrees"
    reason: str = ""

    def __str__(self) -> str:
        tail = "" if self.expect == "agrees" else f"; expected: {self.expect}"
        return f"{self.id}: {self.quantity} printed {self.printed} ({self.where}{tail})"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Dataset:
    """A study table, what is known of it, and the figures published from it.

    Parameters
    ----------
    slug : str
        Its short name; the name of its folder.
    title, citation : str
        What it is about, and the publication to cite.
    effect : mapping
        How effects arise: by variant (``"default"`` and others), the measure's code under
        ``"measure"`` and the words of ``effect_sizes``.
    studies : DataFrame
        One row an effect, with the columns of ``columns``.
    figures : tuple of Figure
        The published figures, in the file's order.
    columns : tuple of DataColumn
        The columns, in the table's order.
    doi, licence, source : str
        The publication's DOI, the terms of the table, and where its numbers were taken from.
    notes : tuple of str
        Known oddities, a sentence or two each.
    """

    slug: str
    title: str
    citation: str
    effect: Mapping[str, Mapping[str, Any]]
    studies: pd.DataFrame
    figures: tuple[Figure, ...]
    columns: tuple[DataColumn, ...] = ()
    doi: str = ""
    licence: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()

    def figure(self, id: str) -> Figure:  # noqa: A002
        """Return a figure by its id.

        Parameters
        ----------
        id : str
            The figure's id.

        Returns
        -------
        Figure
            The figure.

        Raises
        ------
        DatasetError
            If the dataset has no figure of that id.
        """
        known = {figure.id: figure for figure in self.figures}
        if id not in known:
            raise DatasetError(f"{self.slug} has no figure {id!r}.{did_you_mean(id, known)}")
        return known[id]

    def to_dict(self) -> dict[str, Any]:
        """Return the description as plain types, without the study table."""
        return {
            "slug": self.slug,
            "title": self.title,
            "citation": self.citation,
            "doi": self.doi,
            "licence": self.licence,
            "source": self.source,
            "rows": len(self.studies),
            "figures": len(self.figures),
        }

    def __str__(self) -> str:
        doi = f" https://doi.org/{self.doi}" if self.doi else ""
        variants = [
            f"{name}: " + ", ".join(f"{w}={v}" if w != "measure" else str(v) for w, v in e.items())
            for name, e in self.effect.items()
        ]
        blocks = [
            f"{self.slug}: {self.title} ({count(len(self.studies), 'row')}, "
            f"{count(len(self.figures), 'published figure')})",
            f"Cite: {self.citation}{doi}",
            f"Taken from: {self.source}",
            f"Licence: {self.licence}",
            "\n".join(["Effects:", *(f"  {line}" for line in variants)]),
            "\n".join(["Columns:", *(f"  {column}" for column in self.columns)]),
        ]
        if self.notes:
            blocks.append("\n".join(["Notes:", *(f"  {note}" for note in self.notes)]))
        return "\n".join(blocks)

    def __repr__(self) -> str:
        return (
            f"Dataset({self.slug}: {self.title}; {count(len(self.studies), 'row')}, "
            f"{count(len(self.figures), 'figure')})"
        )
