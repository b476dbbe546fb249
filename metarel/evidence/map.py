"""The map of the field: element by edition, as printed, with the verdicts of the task force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from metarel._checks import check_choice
from metarel._format import count
from metarel._lazy import pd
from metarel._register import did_you_mean
from metarel.errors import InputError
from metarel.evidence._cells import EFFECTS, Cell, cells_of
from metarel.evidence._readings import read_number, read_pair
from metarel.evidence._records import (
    EDITIONS,
    MAPPED,
    Base,
    Element,
    EvidenceFigure,
    Publication,
    base,
)
from metarel.evidence._text import WIDE, map_text
from metarel.evidence.detail import ElementDetail
from metarel.evidence.quotes import Quotes, quotes_of

#: Quantities that claims are made of; limits in one text are taken apart.
CLAIMED = (*EFFECTS, "ci_low", "ci_high", "se", "p", "z", "Q", "Q_df", "Q_p", "I2", "k", "N")


@dataclass(frozen=True, slots=True, repr=False)
class EvidenceMap:
    """Elements by editions: what their reviews print, and what the task force concludes.

    Parameters
    ----------
    cells : tuple of Cell
        One an element and edition, element by element.
    elements : tuple of Element
        Those that were asked for, with or without cells.
    edition : str
        The only edition that was asked for; empty for all.
    """

    cells: tuple[Cell, ...]
    elements: tuple[Element, ...]
    edition: str = ""

    @property
    def quotes(self) -> Quotes:
        """The figures of secondary sources about these elements, held against the primary ones.

        A map of everything also has those about the task force and psychotherapy as a whole.
        """
        everything = {element.code for element in base().elements.values()}
        chosen = {element.code for element in self.elements}
        return quotes_of(base(), None if chosen == everything else chosen, self.edition)

    @property
    def figures(self) -> tuple[EvidenceFigure, ...]:
        """Every figure about these elements, of the edition that was asked for."""
        return self._figures_of({element.code for element in self.elements})

    def _figures_of(self, codes: set[str]) -> tuple[EvidenceFigure, ...]:
        return tuple(
            figure
            for figure in base().figures
            if figure.element in codes
            if self.edition in ("", figure.edition)
        )

    def element(self, name: str) -> ElementDetail:
        """Return one element with every figure of it and where each stands.

        Of a map of one edition, only what belongs to that edition.

        Parameters
        ----------
        name : str
            Its key (``"alliance"``), its short name, or a name that it is printed under.

        Returns
        -------
        ElementDetail
            Printing it shows all.

        Raises
        ------
        InputError
            If there is no such element; the message names the nearest.
        """
        found = _element(name)
        cells = tuple(c for c in cells_of(base(), found) if self.edition in ("", c.edition))
        quotes = quotes_of(base(), [found.code], self.edition)
        return ElementDetail(found, cells, self._figures_of({found.code}), quotes)

    def claims(self) -> list[dict[str, Any]]:
        """Return what each review prints of each element as one claim, ready to be checked.

        Returns
        -------
        list of dict
            ``review``, ``element``, ``edition``, ``part``, ``where``, and under ``printed`` the
            texts by quantity (``r``, ``d``, ``g``, ``or``, ``ci_low``, ``ci_high``, ``p``, ``z``,
            ``k``, ``N``, ``Q``, ``I2`` …): the numbers that stand together and must be true
            together. Limits that are printed in one text are two quantities.
        """
        return _claims(self.figures, base())

    def to_frame(self) -> pd.DataFrame:
        """Return one row an element and edition: texts as printed, and the numbers behind them."""
        return pd.DataFrame([cell.to_dict() for cell in self.cells], columns=_columns())

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, ready for JSON."""
        return {
            "cells": [cell.to_dict() for cell in self.cells],
            "figures": len(self.figures),
            "quotes": self.quotes.counts,
        }

    def to_text(self, width: int = WIDE) -> str:
        """Return the map for a terminal of so many columns.

        Parameters
        ----------
        width : int
            From 100 on a table, below a sentence a cell.

        Returns
        -------
        str
            Grouped by family; what is not printed is –.
        """
        return map_text(self.cells, width)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return (
            f"EvidenceMap({count(len(self.elements), 'element')}, {count(len(self.cells), 'cell')},"
            f" {count(len(self.figures), 'figure')})"
        )


def evidence(
    element: str | Sequence[str] | None = None,
    *,
    edition: int | str | None = None,
    family: str | None = None,
) -> EvidenceMap:
    """Map the evidence on therapy relationships and on adapting therapy, as it is printed.

    Parameters
    ----------
    element : str or sequence of str, optional
        Only these elements, by key, short name or a name that they are printed under.
    edition : {2002, 2011, 2018}, optional
        Only this edition of the task force's reviews.
    family : {"relationship", "adapting"}, optional
        Only elements of the relationship, or methods of adapting therapy. An element that one
        edition counts to another family belongs to both.

    Returns
    -------
    EvidenceMap
        Printing it shows k, N, r, confidence limits, d, g or odds ratio and verdict by element and
        edition; ``.quotes`` holds secondary sources against the primary ones, ``.element(name)``
        shows every figure and its place, ``.claims()`` what must be true together.

    Raises
    ------
    InputError
        If there is no such element, edition or family.

    Notes
    -----
    Figures are texts and keep their digits. A d that a review does not print is computed from its
    r by d = 2r/√(1 − r²) [borenstein2009], the rule behind the d that reviews of the field print,
    and is marked as computed, with the range that the digits of r allow. The editions are
    introduced by [norcross2011] and [norcross2018].

    References
    ----------
    [borenstein2009], [norcross2011], [norcross2018]

    Examples
    --------
    >>> import metarel as mr
    >>> found = mr.evidence("congruence", edition=2011)
    >>> found.to_frame().loc[0, ["k", "N", "r", "dataset"]].tolist()
    ['16', '863', '.24', 'kolden2011']
    >>> print(found.to_text(width=80))
    Elements of the relationship
    congruence/genuineness 2011: r .24 [.12, .36], d (0.494, from 0.484 to 0.505:
      computed), k 16, N 863, promising
    <BLANKLINE>
    A d in brackets is printed by no review: computed from its r, d = 2r/√(1 − r²),
      two groups of equal size.
    – not printed where the review was read; digits are as printed.
    """
    known = base()
    chosen = [_element(name) for name in _names(element)] or list(known.elements.values())
    wanted = None if edition is None else check_choice("edition", str(edition), EDITIONS)
    if family is not None:
        check_choice("family", family, MAPPED)
        chosen = [e for e in chosen if family in (e.family, *e.families.values())]
    cells = [
        cell
        for one in chosen
        if one.family in MAPPED
        for cell in cells_of(known, one)
        if wanted in (None, cell.edition)
        if family in (None, cell.element.family, cell.family)
    ]
    return EvidenceMap(tuple(cells), tuple(chosen), wanted or "")


def _names(element: str | Sequence[str] | None) -> list[str]:
    if element is None:
        return []
    listed = isinstance(element, Iterable) and not isinstance(element, str)
    return list(element) if listed else [element]  # type: ignore[list-item]


def _element(name: str) -> Element:
    """Return an element by any of its names, or refuse with the nearest."""
    elements = base().elements
    if isinstance(name, str) and name.strip().lower() in elements:
        return elements[name.strip().lower()]
    words = {word: one for one in elements.values() for word in (one.code, one.name, *one.aliases)}
    hint = did_you_mean(name, words) if isinstance(name, str) else ""
    listed = ", ".join(one.code for one in elements.values() if one.family in MAPPED)
    raise InputError(f"`element` must be one of {listed}; got {name!r}.{hint}")


def _columns() -> list[str]:
    blank = Cell(Element("", "", "", ()), "", "", "")
    return list(blank.to_dict())


def _claims(figures: Iterable[EvidenceFigure], known: Base) -> list[dict[str, Any]]:
    """Group primary numbers by what they stand with; one claim where two places print the same."""
    groups: dict[tuple[str, ...], dict[str, str]] = {}
    for figure in figures:
        if figure.kind != "primary":
            continue
        key = (figure.review, figure.element, figure.part, figure.where, figure.seen_at)
        groups.setdefault(key, {}).update(_texts(figure))
    claims: list[dict[str, Any]] = []
    for (review, element, part, where, _), printed in groups.items():
        publication: Publication = known.publications[review]
        claim = {"review": review, "element": element, "edition": publication.edition, "part": part}
        repeated = any(
            all(other[word] == claim[word] for word in claim)
            and printed.items() <= other["printed"].items()
            for other in claims
        )
        if printed and not repeated:
            claims.append({**claim, "where": where, "printed": printed})
    return claims


def _texts(figure: EvidenceFigure) -> dict[str, str]:
    """Return the quantities of a figure that are numbers; two of them for limits in one text."""
    if figure.quantity == "ci":
        pair = read_pair(figure.printed)
        return {"ci_low": pair[0].text, "ci_high": pair[1].text} if pair else {}
    reading = read_number(figure.printed) if figure.quantity in CLAIMED else None
    return {} if reading is None else {figure.quantity: reading.number.text}
