"""The files of the evidence base as records, held against each other when they are read."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from metarel._register import Register
from metarel.data.catalog import shipped_folder
from metarel.errors import DatasetError

FOLDER = "evidence"
EDITIONS = ("2002", "2011", "2018")
#: Families in the order of the map; other families hold what is no element of therapy.
MAPPED = ("relationship", "adapting")
KINDS = ("primary", "secondary")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity of the vocabulary.

    Parameters
    ----------
    code, group, unit, meaning : str
        Its name, the kind of thing it is (``"effect"``, ``"limits"``, ``"test"``, ``"count"`` …),
        what it counts or measures, and a phrase.
    """

    code: str
    group: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Publication:
    """Who prints a figure.

    Parameters
    ----------
    code, authors, year : str
        Its key, its authors, and its year; empty where not known.
    edition : str
        The edition of the task force's reviews that it belongs to, or empty.
    doi, dataset : str
        Its DOI, and the study table of it that ships, where there are such.
    secondary : bool
        Whether it only quotes others.
    task_force : bool
        Whether the task force itself speaks.
    """

    code: str
    authors: str
    year: str
    edition: str = ""
    doi: str = ""
    dataset: str = ""
    secondary: bool = False
    task_force: bool = False

    @property
    def short(self) -> str:
        """As it is named in a sentence: ``"Kolden et al. 2011"``."""
        plain = self.authors.split(" (")[0]
        names = plain.split(", ")[:1] if self.secondary else re.split(r", | & ", plain)
        listed = names[0] if len(names) == 1 else " & ".join(names)
        return f"{listed if len(names) < 3 else f'{names[0]} et al.'} {self.year}".strip()

    def __str__(self) -> str:
        doi = f", https://doi.org/{self.doi}" if self.doi else ""
        return f"{self.authors} {self.year}".strip() + doi


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the relationship, a method of adapting therapy, or another subject of figures.

    Parameters
    ----------
    code, name, family : str
        Its key, a short name, and its family.
    aliases : tuple of str
        The names it is printed under, and others that it may be asked for by.
    reviews : mapping
        The primary review of each edition.
    parts : mapping
        Where a part of the review stands for the element: in which order the map looks.
    families : mapping
        Editions that count it to another family.
    note : str
        What a reader of its figures must know.
    """

    code: str
    name: str
    family: str
    aliases: tuple[str, ...]
    reviews: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, list[str]] = field(default_factory=dict)
    families: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def family_in(self, edition: str) -> str:
        """Return the family that an edition counts it to."""
        return self.families.get(edition, self.family)

    def parts_in(self, edition: str) -> list[str]:
        """Return the parts of its figures, in the order in which the map looks."""
        return self.parts.get(edition, [""])


@dataclass(frozen=True, slots=True)
class EvidenceFigure:
    """One printed figure and where it stands.

    Parameters
    ----------
    id : str
        Its name in ``figures.csv``.
    kind : str
        ``"primary"`` where the review prints it, ``"secondary"`` where another source says so.
    source : str
        The publication that prints it.
    review : str
        The review whose figure it is; empty where a quoting source names none.
    edition : str
        The edition of the task force's reviews, or empty.
    element, part, quantity : str
        Of what, of which part of it (empty for the whole), and what it is.
    printed : str
        The text as printed.
    unit, coding : str
        The unit; ``"inverse"`` for a ratio that is coded the other way round.
    where, seen_at : str
        The place in the publication, or what the quoting source says of it; where it was read.
    element_printed, quantity_printed, publication_printed, year_printed : str
        The words under which the figure was noted.
    """

    id: str
    kind: str
    source: str
    review: str
    edition: str
    element: str
    part: str
    quantity: str
    printed: str
    unit: str
    coding: str
    where: str
    seen_at: str
    element_printed: str
    quantity_printed: str
    publication_printed: str
    year_printed: str

    def to_dict(self) -> dict[str, str]:
        """Return the figure as plain types."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Base:
    """The evidence base as it ships.

    Parameters
    ----------
    figures : tuple of EvidenceFigure
        Every figure.
    elements, publications, quantities : Register
        What they are figures of, who prints them, and the vocabulary.
    """

    figures: tuple[EvidenceFigure, ...]
    elements: Register[Element]
    publications: Register[Publication]
    quantities: Register[Quantity]


@cache
def base() -> Base:
    """Return the evidence base, read once.

    Returns
    -------
    Base
        Figures, elements, publications and vocabulary.

    Raises
    ------
    DatasetError
        If the files contradict each other; the message names file and row.
    """
    quantities = Register(
        "quantity",
        [Quantity(code, **words) for code, words in _toml("vocabulary")["quantities"].items()],
    )
    publications = Register(
        "publication",
        [
            Publication(code, **words)
            for code, words in _toml("publications")["publications"].items()
        ],
    )
    elements = _elements(_toml("elements")["elements"], publications)
    rows = list(csv.DictReader(io.StringIO(_text("figures.csv"), newline="")))
    figures = tuple(
        _figure(row, number, elements, publications, quantities)
        for number, row in enumerate(rows, start=2)
    )
    return Base(figures, elements, publications, quantities)


def _text(file: str) -> str:
    return (shipped_folder(FOLDER) / file).read_text(encoding="utf-8")


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(_text(f"{name}.toml"))


def _elements(rows: list[dict[str, Any]], publications: Register[Publication]) -> Register[Element]:
    """Return the register of elements, which is asked by key, name or printed name."""
    elements: list[Element] = []
    words: dict[str, str] = {}
    for row in rows:
        given = {**row, "code": row["id"], "aliases": tuple(row["aliases"])}
        del given["id"]
        element = Element(**given)
        for word in {element.code, element.name, *element.aliases}:
            other = words.setdefault(word.lower(), element.code)
            if other != element.code:
                raise DatasetError(
                    f"{FOLDER}/elements.toml: {word!r} names {other} and {element.code}."
                )
        unknown = set(element.reviews.values()) - set(publications)
        if unknown:
            raise DatasetError(f"{FOLDER}/elements.toml: {element.code}: no publication {unknown}.")
        elements.append(element)
    return Register("element", elements, words)


def _figure(
    row: dict[str, str],
    number: int,
    elements: Register[Element],
    publications: Register[Publication],
    quantities: Register[Quantity],
) -> EvidenceFigure:
    """Return a row as a record, after its words are held against the other files."""
    figure = EvidenceFigure(**row)
    for column, value, known in (
        ("kind", figure.kind, KINDS),
        ("element", figure.element, elements),
        ("quantity", figure.quantity, quantities),
        ("source", figure.source, publications),
        ("review", figure.review, ("", *publications)),
        ("edition", figure.edition, ("", *EDITIONS)),
    ):
        if value not in known:
            raise DatasetError(
                f"{FOLDER}/figures.csv, row {number}: {column} {value!r} is unknown."
            )
    return figure
