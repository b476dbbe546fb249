"""Run every published figure of a dataset and say whether it comes out as printed."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metarel._format import count, folded
from metarel._lazy import pd
from metarel.data.catalog import list_datasets, load_dataset
from metarel.data.model import Dataset, Figure
from metarel.errors import DatasetError, MetarelError
from metarel.printed import Printed
from metarel.repro.nearby import NOT_OF_TAU2, Asked, Runs, nearby_analyses
from metarel.repro.recipes import RECIPES, compute
from metarel.repro.verdict import (
    AGREES,
    AGREES_TRUNCATED,
    CANNOT_RUN,
    DIFFERS,
    FIELDS,
    VERDICTS,
    Verdict,
    judge,
)

#: Columns of text where no terminal says how many it has.
READ = 80
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
        """Return in a few sentences how many figures agree, and whether a verdict has changed."""
        n = self.counts
        parts = [part for part in (_agreement(n), self._difference(), _obstacles(n)) if part]
        said = f"{count(len(self.verdicts), 'published figure')}: {'; '.join(parts) or 'none'}."
        if self.ok:
            return f"{said} No verdict has changed since it was recorded."
        changed = ", ".join(f"{v.dataset} {v.figure}" for v in self.unexpected)
        verb = "is not the one" if len(self.unexpected) == 1 else "are not those"
        return f"{said} {count(len(self.unexpected), 'verdict')} {verb} recorded: {changed}."

    def _difference(self) -> str:
        """Return how many figures differ, and of how many of these something is known."""
        differ = [verdict for verdict in self.verdicts if verdict.verdict == DIFFERS]
        if not differ:
            return ""
        known = sum(bool(verdict.reason) for verdict in differ)
        each = "with a note on it" if len(differ) == 1 else "each with a note on it"
        note = each if known == len(differ) else f"{known or 'none'} with a note on it"
        return f"{len(differ)} {'differs' if len(differ) == 1 else 'differ'}, {note}"

    def by_place(self) -> dict[tuple[str, str], tuple[Verdict, ...]]:
        """Return the verdicts by dataset and place of publication, in order."""
        places: dict[tuple[str, str], tuple[Verdict, ...]] = {}
        for verdict in self.verdicts:
            place = (verdict.dataset, verdict.where)
            places[place] = (*places.get(place, ()), verdict)
        return places

    def by_dataset(self) -> dict[str, Reproduction]:
        """Return the verdicts of each dataset by its slug, in order."""
        slugs = dict.fromkeys(verdict.dataset for verdict in self.verdicts)
        return {
            slug: Reproduction(tuple(v for v in self.verdicts if v.dataset == slug))
            for slug in slugs
        }

    def __str__(self) -> str:
        blocks = [
            "\n".join(
                [
                    f"{dataset}: {where}",
                    _aligned([COLUMNS, *map(cells_of, verdicts)]),
                    *(folded(f"  {line}", READ) for line in reasons(verdicts)),
                ]
            )
            for (dataset, where), verdicts in self.by_place().items()
        ]
        return "\n\n".join([*blocks, folded(self.summary(), READ)])

    def __repr__(self) -> str:
        return f"Reproduction({self.summary()})"


def _agreement(n: dict[str, int]) -> str:
    """Return how many of the figures that can run agree."""
    run = sum(n.values()) - n[CANNOT_RUN]
    agree = n[AGREES] + n[AGREES_TRUNCATED]
    if not run:
        return ""
    who = f"{agree} of the {run} that can run" if n[CANNOT_RUN] else f"{agree} of {run}"
    cut = n[AGREES_TRUNCATED]
    loose = f" ({cut} only if the paper cut digits off or rounded to one side)" if cut else ""
    return f"{who} {'agrees' if agree == 1 else 'agree'}{loose}"


def _obstacles(n: dict[str, int]) -> str:
    """Return how many figures come from analyses that cannot be run."""
    return f"{n[CANNOT_RUN]} cannot run" if n[CANNOT_RUN] else ""


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
    runs = Runs(dataset) if nearby else None
    return Reproduction(tuple(_verdict(dataset, figure, runs) for figure in dataset.figures))


def _verdict(dataset: Dataset, figure: Figure, runs: Runs | None) -> Verdict:
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
    if runs is not None and judged.verdict == DIFFERS:
        recipe = RECIPES[figure.recipe]
        asked = (recipe, figure.quantity, figure.arguments, printed)
        nearby = nearby_analyses(dataset, *asked, beside=_beside(dataset, figure), runs=runs)
    return Verdict(
        **common,
        verdict=judged.verdict,
        reading=judged.reading,
        units=judged.units,
        nearby=nearby,
    )


def _beside(dataset: Dataset, figure: Figure) -> list[Asked]:
    """Return the other figures of an analysis, but for misprints that no choice could mend."""
    return [
        Asked(RECIPES[other.recipe], other.quantity, other.arguments, Printed(other.printed))
        for other in dataset.figures
        if other.id != figure.id
        if (other.where, other.recipe) == (figure.where, figure.recipe)
        if _analysis(other) == _analysis(figure)
        if other.quantity not in NOT_OF_TAU2 or other.expect != DIFFERS
    ]


def _analysis(figure: Figure) -> dict[str, Any]:
    """Return the arguments that make an analysis, without those that only read it."""
    return {word: value for word, value in figure.arguments.items() if word != "term"}


def _value(dataset: Dataset, figure: Figure) -> tuple[float, str]:
    """Return a figure's number, or NaN and why there is none."""
    if figure.recipe not in RECIPES:
        return math.nan, f"reproduce does not run the analysis {figure.recipe!r} yet"
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
        The figures concerned, and the reason that the dataset's file gives, or else the obstacle.
    """
    known: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.verdict in (DIFFERS, CANNOT_RUN):
            obstacle = verdict.obstacle and f"{verdict.obstacle.rstrip('.')}."
            why = verdict.reason if verdict.as_expected and verdict.reason else obstacle
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
