"""One element in one edition: what its primary review prints, and the task force's verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from metarel._printed_interval import PrintedRange, image_of
from metarel.convert.path import convert
from metarel.evidence._readings import read_number, read_pair
from metarel.evidence._records import Base, Element, EvidenceFigure
from metarel.printed import Printed

EFFECTS = ("r", "d", "g", "or")
#: What the map shows of a review, each from the first part of it that prints it.
SHOWN = (*EFFECTS, "ci_low", "ci_high", "ci", "ci_half_width", "p", "k", "k_samples", "N")
RULE = "equal-groups"
RULE_IN_WORDS = "d = 2r/√(1 − r²), two groups of equal size"
#: Beginnings of what is printed, and the verdict it stands for.
VERDICTS = {
    "demonstrably effective": "demonstrably effective",
    "probably effective": "probably effective",
    "promising": "promising",
    "lacked evidence": "no conclusion",
}
#: Counts of verdicts, and the verdict they count.
COUNTED = {
    "n_demonstrably_effective": "demonstrably effective",
    "n_probably_effective": "probably effective",
    "n_promising": "promising",
}


def verdict_of(printed: str) -> str:
    """Return the task force's verdict that a text states; empty where it states none of them.

    Parameters
    ----------
    printed : str
        The text.

    Returns
    -------
    str
        One of the values of ``VERDICTS``, or empty.

    Examples
    --------
    >>> verdict_of("promising, insufficient evidence")
    'promising'
    """
    plain = printed.strip().lower()
    return next((verdict for start, verdict in VERDICTS.items() if plain.startswith(start)), "")


@dataclass(frozen=True, slots=True)
class ComputedD:
    """A d that no one prints, computed from a printed r.

    Parameters
    ----------
    value, low, high : float
        From the r as printed, and from the ends of the interval that its digits stand for.
    rule : str
        The rule of conversion.
    """

    value: float
    low: float
    high: float
    rule: str = RULE


def r_to_d(r: float) -> float:
    """Return the d of a correlation, by the rule that reviews of the field use.

    Parameters
    ----------
    r : float
        A correlation.

    Returns
    -------
    float
        2r/√(1 − r²).

    Examples
    --------
    >>> round(r_to_d(0.275), 3), round(r_to_d(0.28), 3)
    (0.572, 0.583)
    """
    value = convert(r, "r", "d", rule=RULE)
    return float(value)  # type: ignore[arg-type]


def computed_d(r: Printed) -> ComputedD | None:
    """Return the d of a printed r with the range that its digits allow.

    Parameters
    ----------
    r : Printed
        The correlation.

    Returns
    -------
    ComputedD or None
        None where the text is a bound.
    """
    if r.value is None or r.relation != "=":
        return None
    ends = image_of(r_to_d, PrintedRange(r.low, r.high, r.low_closed, r.high_closed))
    return None if ends is None else ComputedD(r_to_d(float(r.value)), ends.low, ends.high)


@dataclass(frozen=True)
class Cell:
    """What is known of one element in one edition.

    Parameters
    ----------
    element : Element
        The element.
    edition : str
        The edition.
    review : str
        Key of the primary review, or empty.
    dataset : str
        The study table of that review that ships, or empty.
    figures : mapping
        By quantity, the figure that the map shows.
    verdict : EvidenceFigure or None
        Where the task force's verdict is printed; a secondary source where no primary was seen.
    """

    element: Element
    edition: str
    review: str
    dataset: str
    figures: Mapping[str, EvidenceFigure] = field(default_factory=dict)
    verdict: EvidenceFigure | None = None

    def text(self, quantity: str) -> str:
        """Return what is printed, or an empty text."""
        return self.figures[quantity].printed if quantity in self.figures else ""

    @property
    def family(self) -> str:
        """The family that the edition counts the element to."""
        return self.element.family_in(self.edition)

    @property
    def metric(self) -> str:
        """The first metric of r, d, g and or that the review prints; empty where it prints none."""
        return next((metric for metric in EFFECTS if metric in self.figures), "")

    @property
    def part(self) -> str:
        """The part of the review that the effect stands for; empty for the whole."""
        return self.figures[self.metric].part if self.metric else ""

    @cached_property
    def limits(self) -> tuple[Printed, Printed] | None:
        """The printed confidence limits; None where they are not printed as two numbers."""
        if "ci" in self.figures:
            return read_pair(self.text("ci"))
        low, high = read_number(self.text("ci_low")), read_number(self.text("ci_high"))
        return (low.number, high.number) if low and high else None

    @cached_property
    def d_computed(self) -> ComputedD | None:
        """The d of the printed r, where the review prints an r and no d."""
        r = read_number(self.text("r"))
        return computed_d(r.number) if r is not None and not self.text("d") else None

    @property
    def verdict_word(self) -> str:
        """The task force's verdict as one of its levels; empty where none was seen."""
        return verdict_of(self.verdict.printed) if self.verdict else ""

    def of_the_whole(self, quantity: str) -> bool:
        """Tell whether a count is of the whole review where the effect is of a part of it."""
        return quantity in self.figures and self.figures[quantity].part != self.part != ""

    def to_dict(self) -> dict[str, Any]:
        """Return the cell as plain types: printed texts, and numbers where they are computed."""
        estimate = read_number(self.text(self.metric)) if self.metric else None
        d = self.d_computed
        return {
            "element": self.element.code,
            "name": self.element.name,
            "family": self.family,
            "edition": self.edition,
            "review": self.review or None,
            "part": self.part or None,
            "k": self.text("k") or self.text("k_samples") or None,
            "N": self.text("N") or None,
            **{metric: self.text(metric) or None for metric in EFFECTS},
            "metric": self.metric or None,
            "estimate": estimate.value if estimate else None,
            "ci_low": float(self.limits[0].value or 0) if self.limits else None,
            "ci_high": float(self.limits[1].value or 0) if self.limits else None,
            "ci_half_width": self.text("ci_half_width") or None,
            "d_computed": d.value if d else None,
            "d_computed_low": d.low if d else None,
            "d_computed_high": d.high if d else None,
            "d_rule": RULE_IN_WORDS if d else None,
            "verdict": self.verdict_word or None,
            "verdict_from": self.verdict.source if self.verdict else None,
            "dataset": self.dataset or None,
        }


def cells_of(base: Base, element: Element) -> tuple[Cell, ...]:
    """Return the cells of an element: the editions that have a review of it or a verdict on it.

    Parameters
    ----------
    base : Base
        The evidence base.
    element : Element
        The element.

    Returns
    -------
    tuple of Cell
        In the order of the editions.
    """
    own = [figure for figure in base.figures if figure.element == element.code and figure.edition]
    verdicts = {
        edition: _verdict(base, (figure for figure in own if figure.edition == edition))
        for edition in dict.fromkeys([*element.reviews, *(figure.edition for figure in own)])
    }
    return tuple(
        _cell(base, element, edition, own, verdicts[edition])
        for edition in sorted(verdicts)
        if edition in element.reviews or verdicts[edition] is not None
    )


def _verdict(base: Base, figures: Iterable[EvidenceFigure]) -> EvidenceFigure | None:
    """Return the figure that states the verdict: primary, or said by the task force, first."""
    found = [f for f in figures if f.quantity == "verdict" and verdict_of(f.printed)]
    found.sort(key=lambda f: (f.kind != "primary", not base.publications[f.source].task_force))
    return found[0] if found else None


def _cell(
    base: Base,
    element: Element,
    edition: str,
    own: list[EvidenceFigure],
    verdict: EvidenceFigure | None,
) -> Cell:
    """Return one cell: each quantity from the first part of the review that prints it."""
    review = element.reviews.get(edition, "")
    printed = [f for f in own if f.kind == "primary" and f.review == review]
    figures: dict[str, EvidenceFigure] = {}
    for part in element.parts_in(edition):
        for figure in printed:
            if figure.part == part and figure.quantity in SHOWN:
                figures.setdefault(figure.quantity, figure)
    dataset = base.publications[review].dataset if review else ""
    return Cell(element, edition, review, dataset, figures, verdict)
