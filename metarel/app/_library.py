"""What the tab on the library shows: datasets, published figures re-computed, the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metarel._lazy import Deferred
from metarel.app._uploads import Table
from metarel.data import catalog
from metarel.data.model import Dataset
from metarel.effects.register import MEASURES

if TYPE_CHECKING:
    import pandas as pd

    from metarel.repro.reproduce import Reproduction

maps: Any = Deferred("metarel.evidence.map")
repro: Any = Deferred("metarel.repro.reproduce")

#: Columns of the verdict table, and of the map, with their headings.
VERDICTS = {
    "figure": "figure",
    "printed": "printed",
    "value": "re-computed",
    "verdict": "verdict",
    "where": "where",
}
MAP = {
    "name": "element",
    "edition": "edition",
    "k": "k",
    "N": "N",
    "r": "r",
    "d": "d",
    "g": "g",
    "ci_low": "95 % from",
    "ci_high": "to",
    "verdict": "verdict of the task force",
}
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


def map_table(edition: str) -> pd.DataFrame:
    """Return the map of the field, of one edition or of all (an empty text)."""
    found = maps.evidence(edition=int(edition)) if edition else maps.evidence()
    frame = found.to_frame()[list(MAP)].dropna(axis="columns", how="all")
    return frame.rename(columns=MAP)


def element_text(code: str) -> str:
    """Return everything that is known of an element, in words."""
    return str(maps.evidence().element(code))
