"""Every figure that a secondary source prints, beside the primary figure it should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from metarel._format import count, fixed
from metarel._lazy import pd
from metarel.evidence._cells import COUNTED, verdict_of
from metarel.evidence._compare import (
    AGREES,
    CORNER,
    DIFFERS,
    NO_PRIMARY,
    QUOTE_VERDICTS,
    WORDS,
    Outcome,
    best,
    compare,
    compare_numbers,
    inner_conversion,
)
from metarel.evidence._readings import read_number
from metarel.evidence._records import Base, EvidenceFigure, base
from metarel.evidence._text import READ, shown, wrapped
from metarel.printed import Printed

#: Which quantities of the primary source a quoted one is held against, in this order.
COMPARABLE: dict[str, tuple[str, ...]] = {
    "r": ("r", "d"),
    "d": ("d", "r", "g"),
    "g": ("g", "d"),
    "k": ("k", "k_samples"),
    "k_samples": ("k_samples", "k"),
    "ratio": ("ratio", "or"),
}
COUNTS = ("k", "k_samples", "n_effects", "n_reports", "n_references")
#: Groups of the vocabulary that hold no figure.
NO_FIGURES = ("words", "bibliographic")
#: Verdicts that need no more words of the source.
SETTLED = (AGREES, WORDS)
#: Verdicts as they are said of several.
_PLURAL = {v: v.replace("agrees", "agree").replace("differs", "differ") for v in QUOTE_VERDICTS}
WORDS_ONLY = "words or a place in a list, not a figure of a review"
FIELDS = (
    *("id", "source", "element", "edition", "part", "quantity", "quoted", "primary"),
    *("primary_quantity", "primary_source", "verdict", "gap", "remark", "reason"),
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A quoted figure with the primary one beside it.

    Parameters
    ----------
    figure : EvidenceFigure
        As the secondary source prints it.
    primary : EvidenceFigure or None
        The primary figure that it agrees with best.
    verdict : str
        ``"agrees"``, ``"agrees after rounding"``, ``"agrees by conversion"``, ``"only in a
        corner"``, ``"differs"``; ``"words beside words"`` where nothing can be judged; ``"no
        primary figure"``.
    gap : float or None
        Quoted minus primary, where they differ as numbers.
    remark : str
        By which rule, by how much, and what else is printed.
    reason : str
        Why there is no primary figure.
    """

    figure: EvidenceFigure
    primary: EvidenceFigure | None
    verdict: str
    gap: float | None = None
    remark: str = ""
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the quote as plain types."""
        plain = {
            "quoted": self.figure.printed,
            "primary": self.primary.printed if self.primary else None,
            "primary_quantity": self.primary.quantity if self.primary else None,
            "primary_source": self.primary.source if self.primary else None,
            **{name: getattr(self, name) for name in ("verdict", "gap", "remark", "reason")},
        }
        return {f: plain[f] if f in plain else getattr(self.figure, f) for f in FIELDS}

    def __str__(self) -> str:
        figure, primary = self.figure, self.primary
        subject = " ".join(filter(None, (base().elements[figure.element].name, figure.edition)))
        part = f" ({figure.part})" if figure.part else ""
        said = f"{subject}{part}: {figure.quantity} {figure.printed}"
        if primary is None:
            return f"{said}: {self.verdict}, {self.reason}" + _after("; ", self.remark)
        other = "" if primary.quantity == figure.quantity else f"{shown(primary.quantity)} "
        review = base().publications[primary.source].short
        if self.verdict == AGREES and not other and primary.printed == figure.printed:
            return f"{said}: agrees with {review}" + _after("; ", self.remark)
        against = f"{review} has {other}{primary.printed}"
        return f"{said}; {against}: {self.verdict}" + _after("; ", self.remark)


@dataclass(frozen=True, slots=True, repr=False)
class Quotes:
    """The figures of secondary sources, judged by the primary ones.

    Parameters
    ----------
    items : tuple of Quote
        One a quoted figure, source by source.
    """

    items: tuple[Quote, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many quotes have each verdict."""
        found = Counter(quote.verdict for quote in self.items)
        return {verdict: found[verdict] for verdict in QUOTE_VERDICTS}

    @property
    def compared(self) -> tuple[Quote, ...]:
        """The quotes that have a primary figure beside them."""
        return tuple(quote for quote in self.items if quote.primary is not None)

    def of(self, element: str, quantity: str | None = None) -> tuple[Quote, ...]:
        """Return the quotes about an element, or about one quantity of it.

        Parameters
        ----------
        element : str
            The element, by key or any name it is printed under.
        quantity : str, optional
            A quantity of the vocabulary.

        Returns
        -------
        tuple of Quote
            In order.

        Raises
        ------
        InputError
            If there is no such element or quantity.
        """
        code = base().elements[element.lower() if isinstance(element, str) else element].code
        wanted = None if quantity is None else base().quantities[quantity].code
        return tuple(
            quote
            for quote in self.items
            if quote.figure.element == code and wanted in (None, quote.figure.quantity)
        )

    def summary(self) -> str:
        """Return the counts in one sentence."""
        shown = [
            f"{number} {_PLURAL.get(verdict, verdict) if number > 1 else verdict}"
            for verdict, number in self.counts.items()
            if number
        ]
        return f"{count(len(self.items), 'quoted figure')}: {', '.join(shown)}."

    def to_frame(self) -> pd.DataFrame:
        """Return one row a quoted figure."""
        return pd.DataFrame([quote.to_dict() for quote in self.items], columns=list(FIELDS))

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, ready for JSON."""
        return {"counts": self.counts, "quotes": [quote.to_dict() for quote in self.items]}

    @property
    def notable(self) -> tuple[Quote, ...]:
        """The quotes that do not go with the primary figure, or only where it is a special one."""
        return tuple(quote for quote in self.items if quote.verdict in (DIFFERS, CORNER))

    def to_text(self, width: int = READ, *, every: bool = True) -> str:
        """Return the quotes for a terminal of so many columns.

        Parameters
        ----------
        width : int
            Columns of the terminal.
        every : bool
            Every quote, source by source; else the counts, and those that do not go with the
            primary figure.

        Returns
        -------
        str
            The counts stand first.
        """
        lines = wrapped(self.summary(), width)
        if every:
            return "\n".join([*lines, *self._by_source(width)])
        for verdict in (DIFFERS, CORNER):
            own = [quote for quote in self.notable if quote.verdict == verdict]
            lines += ["", f"{verdict.capitalize()}:"] if own else []
            for quote in own:
                source = base().publications[quote.figure.source].short
                lines += wrapped(f"{quote} ({source})", width, "  ")
        return "\n".join(lines)

    def _by_source(self, width: int) -> list[str]:
        lines: list[str] = []
        for source in dict.fromkeys(quote.figure.source for quote in self.items):
            own = [quote for quote in self.items if quote.figure.source == source]
            lines += ["", *wrapped(str(base().publications[source]), width)]
            for quote in own:
                lines += wrapped(str(quote), width, "  ") if quote.primary is not None else []
            lines += _without((quote for quote in own if quote.primary is None), width)
        return lines

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"Quotes({self.summary()})"


def quotes_of(evidence: Base, elements: Iterable[str] | None = None, edition: str = "") -> Quotes:
    """Hold every quoted figure against the primary one of the same element, edition and quantity.

    Parameters
    ----------
    evidence : Base
        The evidence base.
    elements : iterable of str, optional
        Only quotes about these.
    edition : str
        Only quotes of this edition's figures; empty for all.

    Returns
    -------
    Quotes
        One a figure of a secondary source.
    """
    wanted = None if elements is None else set(elements)
    primary = _by_key(figure for figure in evidence.figures if figure.kind == "primary")
    secondary = [figure for figure in evidence.figures if figure.kind == "secondary"]
    quoted = _by_key(secondary)
    chosen = [
        figure
        for figure in secondary
        if wanted is None or figure.element in wanted
        if edition in ("", figure.edition)
    ]
    order = list(dict.fromkeys(figure.source for figure in reversed(secondary)))
    chosen.sort(key=lambda figure: order.index(figure.source))
    return Quotes(tuple(_quote(figure, evidence, primary, quoted) for figure in chosen))


_Keyed = Mapping[tuple[str, ...], list[EvidenceFigure]]


def _by_key(figures: Iterable[EvidenceFigure]) -> _Keyed:
    """Return figures by element, part, quantity, and by edition or review."""
    found: dict[tuple[str, ...], list[EvidenceFigure]] = {}
    for figure in figures:
        for which in filter(None, (figure.edition, figure.review)):
            key = (figure.element, figure.part, figure.quantity, which)
            found.setdefault(key, []).append(figure)
    return found


def _key(figure: EvidenceFigure, quantity: str = "") -> tuple[str, ...]:
    """Return what a figure is matched by: by its review where that is named, else by edition."""
    which = figure.review or figure.edition
    return (figure.element, figure.part, quantity or figure.quantity, which)


def _quote(figure: EvidenceFigure, evidence: Base, primary: _Keyed, quoted: _Keyed) -> Quote:
    """Judge one quoted figure."""
    for quantity in COMPARABLE.get(figure.quantity, (figure.quantity,)):
        candidates = primary.get(_key(figure, quantity), [])
        if candidates:
            return _judged(figure, candidates, evidence, (primary, quoted))
    if figure.quantity in COUNTED and figure.part == "relationship":
        number = _counted(figure, evidence)
        if number is not None:
            return number
    others = [
        f"{evidence.publications[other.source].short} has {other.printed}"
        for other in quoted.get(_key(figure), [])
        if other.source != figure.source and not _same(other, figure)
        if evidence.quantities[figure.quantity].group not in NO_FIGURES
    ]
    remark = ", ".join(dict.fromkeys(others))
    return Quote(figure, None, NO_PRIMARY, remark=remark, reason=_reason(figure, evidence))


def _judged(
    figure: EvidenceFigure,
    candidates: list[EvidenceFigure],
    evidence: Base,
    indexes: tuple[_Keyed, _Keyed],
) -> Quote:
    """Hold a quoted figure against all primary ones of its key; the nearest stands beside it."""
    outcomes = [compare(figure, candidate) for candidate in candidates]
    place = best(outcomes)
    chosen, outcome = candidates[place], outcomes[place]
    remarks = [outcome.remark]
    texts = dict.fromkeys(c.printed for c in candidates if not _same(c, chosen))
    remarks += [f"also printed: {text}" for text in texts]
    if figure.quantity in COUNTS and outcome.verdict != AGREES:
        remarks += _sibling_counts(figure, chosen, evidence)
    primary, quoted = indexes
    alike = [f for f in quoted.get(_key(figure, "r"), []) if f.source == figure.source]
    if figure.quantity == "d":
        remarks += [inner_conversion(figure, beside) for beside in alike]
    if figure.quantity == "k" and outcome.verdict == DIFFERS:
        remarks += [
            f"quoted beside N {beside.printed}, which the review prints"
            for beside in quoted.get(_key(figure, "N"), [])
            if beside.source == figure.source
            if any(_same(beside, other) for other in primary.get(_key(figure, "N"), []))
        ]
    if chosen.quantity == "or":
        remarks += _other_coding(chosen, evidence)
    if outcome.verdict not in SETTLED and not figure.review and figure.where:
        remarks.append(f"noted there: {figure.where}")
    remark = "; ".join(filter(None, dict.fromkeys(remarks)))
    return Quote(figure, chosen, outcome.verdict, outcome.gap, remark)


def _counted(figure: EvidenceFigure, evidence: Base) -> Quote | None:
    """Hold a count of verdicts against those that the primary source lists."""
    listed = [
        other
        for other in evidence.figures
        if other.kind == "primary" and other.quantity == "verdict"
        if other.edition == figure.edition
        if evidence.elements[other.element].family_in(other.edition) == figure.part
    ]
    ours = read_number(figure.printed)
    if not listed or ours is None:
        return None
    matching = [other for other in listed if verdict_of(other.printed) == COUNTED[figure.quantity]]
    there = read_number(str(len(matching)))
    outcome = compare_numbers(ours, there) if there else Outcome(NO_PRIMARY)
    counted = replace(
        listed[0],
        id="",
        quantity=figure.quantity,
        printed=str(len(matching)),
        where="counted in its list of verdicts",
    )
    return Quote(figure, counted, outcome.verdict, outcome.gap, f"{counted.where}: {len(matching)}")


def _sibling_counts(figure: EvidenceFigure, chosen: EvidenceFigure, evidence: Base) -> list[str]:
    """Say which other counts the review prints, and whether the quoted one fits them."""
    quoted = read_number(figure.printed)
    found = []
    for other in evidence.figures:
        alike = (other.review, other.element) == (chosen.review, chosen.element)
        if not alike or other.kind != "primary" or other.quantity not in COUNTS:
            continue
        if other.quantity == chosen.quantity or other.part != chosen.part:
            continue
        number = read_number(other.printed)
        unit = evidence.quantities[other.quantity].unit
        fits = number is not None and quoted is not None and number.number.contains(quoted.value)
        tail = f", which {figure.printed} fits" if fits else ""
        found.append(f"the review also prints {other.printed} {unit}{tail}")
    return list(dict.fromkeys(found))


def _other_coding(chosen: EvidenceFigure, evidence: Base) -> list[str]:
    """Name ratios of other editions that are coded the other way round."""
    return [
        f"{evidence.publications[other.source].short} has {other.printed}, coded the other way "
        f"round: 1/{other.printed} = {fixed(1 / number.value, 3)}"
        for other in evidence.figures
        if (other.element, other.part, other.quantity) == (chosen.element, chosen.part, "or")
        if other.coding != chosen.coding
        if (number := read_number(other.printed)) is not None
    ]


def _reason(figure: EvidenceFigure, evidence: Base) -> str:
    """Say why nothing stands beside a quoted figure."""
    element = evidence.elements[figure.element]
    if evidence.quantities[figure.quantity].group in NO_FIGURES:
        return WORDS_ONLY
    if figure.quantity == "verdict":
        return "the abstracts seen do not give this element's verdict"
    review = figure.review or element.reviews.get(figure.edition, "")
    if not review:
        return "no review of this in that edition"
    short = evidence.publications[review].short
    return f"none of this {figure.quantity} in what was read of {short}"


def _same(one: EvidenceFigure, other: EvidenceFigure) -> bool:
    """Tell whether two texts are the same number, or the same words."""
    ours, theirs = read_number(one.printed), read_number(other.printed)
    if ours is None or theirs is None:
        return one.printed == other.printed
    return _value(ours.number) == _value(theirs.number)


def _value(number: Printed) -> tuple[object, str]:
    return number.value, number.relation


def _without(quotes: Iterable[Quote], width: int) -> list[str]:
    """Return the lines of quotes that have no primary figure, reason by reason."""
    reasons: dict[str, list[str]] = {}
    words = 0
    for quote in quotes:
        figure = quote.figure
        if quote.reason == WORDS_ONLY:
            words += 1
            continue
        name = " ".join(filter(None, (base().elements[figure.element].name, figure.edition)))
        part = f" ({figure.part})" if figure.part else ""
        text = f"{name}{part} {figure.quantity} {figure.printed}" + _after(", but ", quote.remark)
        reasons.setdefault(quote.reason, []).append(text)
    lines: list[str] = []
    for reason, texts in reasons.items():
        whole = f"no primary figure ({reason}): {'; '.join(texts)}."
        lines += wrapped(whole, width, "  ")
    if words:
        lines += wrapped(f"not compared ({WORDS_ONLY}): {words}.", width, "  ")
    return lines


def _after(mark: str, text: str) -> str:
    return f"{mark}{text}" if text else ""
