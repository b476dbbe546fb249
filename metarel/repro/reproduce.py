"""Run every published figure of a dataset and say whether it comes out as printed."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metarel._format import count
from metarel._lazy import pd
from metarel.data.catalog import list_datasets, load_dataset
from metarel.data.model import Dataset, Figure
from metarel.errors import DatasetError, MetarelError
from metarel.printed import Printed
from metarel.repro.nearby import nearby_analyses
from metarel.repro.recipes import RECIPES, compute
from metarel.repro.verdict import CANNOT_RUN, DIFFERS, FIELDS, VERDICTS, Verdict, judge

COLUMNS = ("figure", "quantity", "printed", "value", "verdict")


@dataclass(frozen=True, slots=True, repr=False)
class Reproduction:
    """The verdicts on the published figures of one or more datasets.

    Parameters
    ----------
    verdicts : tuple of Verdict
        One a figure, in the order of the datasets' files.
    """

    verdicts: tuple[Verdict, ...]

    @property
    def ok(self) -> bool:
        """Whether every verdict is the one that the datasets' files expect.

        A figure expected to agree that does not makes it False, and so does a known difference
        that has gone: both must be looked at.
        """
        return all(verdict.as_expected for verdict in self.verdicts)

    @property
    def unexpected(self) -> tuple[Verdict, ...]:
        """The verdicts that are not as expected."""
        return tuple(verdict for verdict in self.verdicts if not verdict.as_expected)

    @property
    def counts(self) -> dict[str, int]:
        """How many figures have each verdict."""
        found = Counter(verdict.verdict for verdict in self.verdicts)
        return {word: found[word] for word in VERDICTS}

    def to_frame(self) -> pd.DataFrame:
        """Return one row a figure; missing numbers are NaN."""
        rows = [verdict.to_dict() for verdict in self.verdicts]
        return pd.DataFrame(rows, columns=FIELDS).astype({"value": float, "units": float})

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, ready for JSON."""
        return {
            "ok": self.ok,
            "counts": self.counts,
            "figures": [verdict.to_dict() for verdict in self.verdicts],
        }

    def summary(self) -> str:
        """Return one sentence: how many figures agree, and what is unexpected."""
        plural = {"agrees": "agree", "agrees truncated": "agree truncated", "differs": "differ"}
        shown = ", ".join(
            f"{number} {word if number == 1 else plural.get(word, word)}"
            for word, number in self.counts.items()
            if number
        )
        tail = (
            "all as expected"
            if self.ok
            else f"{len(self.unexpected)} unexpected: "
            + ", ".join(f"{v.dataset} {v.figure}" for v in self.unexpected)
        )
        return f"{count(len(self.verdicts), 'figure')}: {shown}; {tail}."

    def by_place(self) -> dict[tuple[str, str], tuple[Verdict, ...]]:
        """Return the verdicts by dataset and place of publication, in order."""
        places: dict[tuple[str, str], tuple[Verdict, ...]] = {}
        for verdict in self.verdicts:
            place = (verdict.dataset, verdict.where)
            places[place] = (*places.get(place, ()), verdict)
        return places

    def __str__(self) -> str:
        blocks = [
            "\n".join(
                [
                    f"{dataset}: {where}",
                    _aligned([COLUMNS, *map(cells_of, verdicts)]),
                    *(f"  {line}" for line in reasons(verdicts)),
                ]
            )
            for (dataset, where), verdicts in self.by_place().items()
        ]
        return "\n\n".join([*blocks, self.summary()])

    def __repr__(self) -> str:
        return f"Reproduction({self.summary()})"


def reproduce(which: str | Path | Dataset | None = None, *, nearby: bool = True) -> Reproduction:
    """Re-compute published figures and judge each by the digits it was printed with.

    Parameters
    ----------
    which : str, Path, Dataset or None
        A dataset's slug, a folder that holds one, a loaded dataset; None is all that ship.
    nearby : bool
        Whether to search other analyses for those that print the digits of figures that differ,
        which takes most of the time.

    Returns
    -------
    Reproduction
        A verdict a figure: ``"agrees"`` (rounded half up or half even), ``"agrees truncated"``
        (only truncated, rounded up or down), ``"differs"`` (by how much, and the nearest analyses
        of a small declared family that would agree), or ``"cannot run"`` (and why).

    Raises
    ------
    DatasetError
        If the dataset does not exist, or a figure asks its recipe for what it does not have.

    Examples
    --------
    >>> import metarel as mr
    >>> found = mr.reproduce("molloy2014")
    >>> found.ok
    True
    """
    if which is None:
        slugs = list_datasets()["slug"]
        return Reproduction(
            tuple(v for slug in slugs for v in reproduce(slug, nearby=nearby).verdicts)
        )
    dataset = which if isinstance(which, Dataset) else load_dataset(which)
    return Reproduction(tuple(_verdict(dataset, figure, nearby) for figure in dataset.figures))


def _verdict(dataset: Dataset, figure: Figure, search: bool) -> Verdict:
    """Run one figure's recipe and judge what comes out."""
    printed = Printed(figure.printed)
    value, obstacle = _value(dataset, figure)
    common: dict[str, Any] = {
        "dataset": dataset.slug,
        "figure": figure.id,
        "where": figure.where,
        "quantity": figure.quantity,
        "printed": printed,
        "expected": figure.expect,
        "reason": figure.reason,
        "value": value,
    }
    if obstacle:
        return Verdict(**common, verdict=CANNOT_RUN, obstacle=obstacle)
    judged = judge(printed, value)
    nearby = None
    if search and judged.verdict == DIFFERS:
        recipe = RECIPES[figure.recipe]
        nearby = nearby_analyses(dataset, recipe, figure.quantity, figure.arguments, printed)
    return Verdict(
        **common,
        verdict=judged.verdict,
        reading=judged.reading,
        units=judged.units,
        nearby=nearby,
    )


def _value(dataset: Dataset, figure: Figure) -> tuple[float, str]:
    """Return a figure's number, or NaN and why there is none."""
    if figure.recipe not in RECIPES:
        return math.nan, f"metarel has no recipe {figure.recipe!r}"
    try:
        value = compute(dataset, RECIPES[figure.recipe], figure.quantity, figure.arguments)
    except DatasetError as error:
        raise DatasetError(f"{dataset.slug}, figure {figure.id!r}: {error}") from error
    except MetarelError as error:
        return math.nan, str(error)
    return value, "" if math.isfinite(value) else "the analysis gives no number"


def cells_of(verdict: Verdict) -> tuple[str, ...]:
    """Return a verdict's cells, in the order of ``COLUMNS``.

    Parameters
    ----------
    verdict : Verdict
        One figure.

    Returns
    -------
    tuple of str
        Text for people.
    """
    v = verdict
    return (v.figure, v.quantity, v.printed.text, v.shown_value, v.sentence)


def reasons(verdicts: tuple[Verdict, ...]) -> list[str]:
    """Return why figures cannot run and what is known of those that differ, each reason once.

    Parameters
    ----------
    verdicts : tuple of Verdict
        Figures of one place.

    Returns
    -------
    list of str
        The figures concerned, the obstacle, and the reason that the dataset's file gives.
    """
    known: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.verdict in (DIFFERS, CANNOT_RUN):
            obstacle = verdict.obstacle and f"{verdict.obstacle.rstrip('.')}."
            why = " ".join(part for part in (obstacle, verdict.reason) if part)
            known.setdefault(why, []).append(verdict.figure)
    return [f"{', '.join(figures)}: {why}" for why, figures in known.items() if why]


def _aligned(rows: list[tuple[str, ...]]) -> str:
    """Return rows as indented text columns, numbers to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    right = [name in ("printed", "value") for name in COLUMNS]
    lines = [
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        )
        for row in rows
    ]
    return "\n".join(f"  {line.rstrip()}" for line in lines)
