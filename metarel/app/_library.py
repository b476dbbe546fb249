"""What the tab on the library shows: datasets, published figures re-computed, the map."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metarel._format import fixed
from metarel._lazy import Deferred, pd
from metarel.app._uploads import Table
from metarel.data import catalog
from metarel.data.model import Dataset
from metarel.effects.register import MEASURES
from metarel.evidence import _text as texts
from metarel.evidence._cells import RULE_IN_WORDS, Cell

if TYPE_CHECKING:
    from metarel.repro.reproduce import Reproduction

maps: Any = Deferred("metarel.evidence.map")
repro: Any = Deferred("metarel.repro.reproduce")

#: Columns of the verdict table with their headings.
VERDICTS = {
    "figure": "figure",
    "printed": "printed",
    "value": "re-computed",
    "verdict": "verdict",
    "where": "where",
}
#: What is not printed; and a count with a point where a comma is meant.
MISSING, POINTED = "–", re.compile(r"\d{1,3}\.\d{3}")
EDITIONS = ("2002", "2011", "2018")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A dataset as a line of the list.

    Parameters
    ----------
    slug, title : str
        Its short name and what it is about.
    rows, figures : int
        Studies, and published figures to reproduce.
    """

    slug: str
    title: str
    rows: int
    figures: int


def shelves() -> tuple[Shelf, ...]:
    """Return the datasets, by name."""
    listed = catalog.list_datasets()
    return tuple(
        Shelf(str(row["slug"]), str(row["title"]), int(row["rows"]), int(row["figures"]))
        for row in listed.to_dict("records")
    )


def load(slug: str) -> Dataset:
    """Return a dataset."""
    return catalog.load_dataset(slug)


def facts(dataset: Dataset) -> dict[str, str]:
    """Return what is known of a dataset, by heading; without what is empty."""
    found = {
        "Publication": dataset.citation,
        "DOI": dataset.doi,
        "Numbers taken from": dataset.source,
        "Licence": dataset.licence,
        "To know": " ".join(dataset.notes),
    }
    return {heading: text for heading, text in found.items() if text}


def columns(dataset: Dataset) -> pd.DataFrame:
    """Return the first studies of a dataset."""
    return dataset.studies.head(8)


def as_table(dataset: Dataset) -> Table:
    """Return a dataset as a table for analysis, with the columns that are known."""
    effect = dict(dataset.effect.get("default", {}))
    measure = str(effect.pop("measure", ""))
    words = tuple(effect.items()) if measure in MEASURES else ()
    printed = dataset.studies
    return Table(dataset.slug, dataset.studies, printed, measure, words, _labels(dataset))


def _labels(dataset: Dataset) -> str:
    return "study" if "study" in dataset.studies else ""


def reproduce(slug: str) -> Reproduction:
    """Re-compute the published figures of a dataset."""
    found: Reproduction = repro.reproduce(slug)
    return found


def verdicts(found: Reproduction) -> pd.DataFrame:
    """Return each figure with its re-computed value and the verdict."""
    frame = found.to_frame()[list(VERDICTS)]
    return frame.rename(columns=VERDICTS)


def reasons(found: Reproduction) -> str:
    """Return what is known of the figures that differ, a line a reason."""
    return "\n".join(repro.reasons(found.verdicts))


def summary(found: Reproduction) -> str:
    """Return what came out, in one line."""
    return found.summary()


def elements() -> dict[str, str]:
    """Return the elements of the map by code, named; they are in the map's order."""
    frame = maps.evidence().to_frame()
    return dict(zip(frame["element"], frame["name"], strict=True))


def map_table(edition: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the map of one edition or of all (an empty text) as printed, and its footnotes."""
    found = maps.evidence(edition=int(edition)) if edition else maps.evidence()
    frame = pd.DataFrame([_map_row(cell) for cell in found.cells])
    shown = frame.loc[:, (frame != "").any()].replace("", MISSING)
    return shown, _footnotes(found.cells)


def _map_row(cell: Cell) -> dict[str, str]:
    """Return a cell as it is printed, with the marks that the footnotes explain."""
    k = "k" if "k" in cell.figures else "k_samples"
    computed = cell.d_computed
    quoted = cell.verdict is not None and cell.verdict.kind == "secondary"
    dagger = "†" if quoted and cell.verdict_word else ""
    return {
        "element": cell.element.name,
        "edition": cell.edition,
        "k": _counted(cell, k),
        "N": _counted(cell, "N"),
        "r": cell.text("r"),
        "95% CI": texts.interval(cell),
        "d": cell.text("d") or (f"({fixed(computed.value, 3)})" if computed else ""),
        "g": cell.text("g"),
        "OR": cell.text("or"),
        "verdict of the task force": f"{cell.verdict_word}{dagger}",
    }


def _counted(cell: Cell, quantity: str) -> str:
    """Return a count as printed, with its marks."""
    text = cell.text(quantity)
    whole = "*" if text and cell.of_the_whole(quantity) else ""
    return f"{text}{whole}{'‡' if POINTED.fullmatch(text) else ''}"


def _footnotes(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Explain the marks that these cells have."""
    counts = [(cell, q) for cell in cells for q in ("k", "k_samples", "N") if cell.text(q)]
    notes = ["Digits are as printed; – is not printed where the review was read."]
    if any(cell.d_computed for cell in cells):
        notes.append(
            f"A d in brackets is printed by no review: computed from its r, {RULE_IN_WORDS}."
        )
    if any(cell.of_the_whole(q) for cell, q in counts):
        notes.append("* of the whole review; the effect is of a part of it.")
    notes += texts.quoted_verdicts(cells)
    printed = dict.fromkeys(cell.text(q) for cell, q in counts)
    pointed = [text.replace(".", ",") for text in printed if POINTED.fullmatch(text)]
    return (*notes, *(f"‡ printed so; {text} is probably meant." for text in pointed))


def element_text(code: str) -> str:
    """Return everything that is known of an element, in words."""
    return str(maps.evidence().element(code))
