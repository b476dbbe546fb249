"""Every changed table under every leading analysis, and how plausible each change is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.errors import InputError
from metarel.search._changes_edits import Edits, one_after_the_other
from metarel.search._changes_make import EFFECTS, SIZES, Sheet
from metarel.search.changes import CHANGES
from metarel.search.changes_evidence import Evidence, evidence_of
from metarel.search.evaluate import evaluate_variants
from metarel.search.family import family
from metarel.search.placebo import prints
from metarel.search.specification import Specification, effect_pair
from metarel.search.table import StudyTable, study_table

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.search.changes import Change
    from metarel.search.figures import PrintedFigure

#: Cells of one lot of changed tables; more would only fill the memory.
LOT = 400_000
#: By how much a contradiction that goes makes a slip more plausible, and one that comes less.
OWN_ROW = 20.0
#: By how much a figure that only truncation or another loose rule gives is less plausible.
LOOSE = 5.0
#: By how much each choice made otherwise than declared is less plausible.
OTHER_CHOICE = 3.0


@dataclass(frozen=True, slots=True)
class Lot:
    """All tables that one kind of change leads to, and where they stand among all.

    Parameters
    ----------
    change : Change
        The kind.
    edits : Edits
        The tables.
    begin : int
        Position of the first.
    """

    change: Change
    edits: Edits
    begin: int


@dataclass(frozen=True, slots=True)
class Tried:
    """Every changed table and what each analysis makes of it.

    Parameters
    ----------
    sheet : Sheet
        The table given.
    specifications : tuple of Specification
        The analyses, the declared one first.
    lots : tuple of Lot
        The changed tables.
    values : dict of str to ndarray, shape (s, m)
        The figures by quantity; NaN where a changed table cannot be analysed in full.
    weight : ndarray, shape (s, m)
        Logarithm of the plausibility of each change and analysis.
    evidence : Evidence
        The checks of single rows.
    gone : ndarray of bool, shape (checks, m)
        The contradictions that each change removes.
    """

    sheet: Sheet
    specifications: tuple[Specification, ...]
    lots: tuple[Lot, ...]
    values: dict[str, Array]
    weight: Array
    evidence: Evidence
    gone: Any

    @property
    def count(self) -> int:
        """Number of changed tables."""
        return self.weight.shape[1]

    def lot_of(self, place: int) -> Lot:
        """Return the lot that a changed table stands in."""
        begins = [lot.begin for lot in self.lots]
        return self.lots[int(np.searchsorted(begins, place, side="right")) - 1]

    def readings(self, figures: Mapping[str, PrintedFigure]) -> tuple[Any, Array, Array]:
        """Return the changed tables and analyses that print all figures.

        Parameters
        ----------
        figures : mapping of str to PrintedFigure
            The figures.

        Returns
        -------
        tuple of (ndarray of int, ndarray, ndarray)
            Positions in the flattened ``weight``; whether each prints all strictly; plausibility.
        """
        flat = {name: values.ravel() for name, values in self.values.items()}
        # One subtraction sets nearly all aside before digits are looked at.
        first = max(figures, key=lambda name: figures[name].printed.relation == "=")
        some = np.flatnonzero(figures[first].gap(flat[first]) <= 1)
        strict = np.ones(len(some), dtype=bool)
        for name, figure in figures.items():
            strictly, loosely = prints(figure, flat[name][some])
            some, strict = some[loosely], (strict & strictly)[loosely]
        weight = self.weight.ravel()[some] - np.where(strict, 0.0, np.log(LOOSE))
        return some, strict, weight


def table_of(data: Any, words: Mapping[str, Any]) -> StudyTable:
    """Return the study table that was given, or read it.

    Parameters
    ----------
    data : DataFrame, StudyTable or None
        The studies.
    words : mapping
        What ``study_table`` is told besides.

    Returns
    -------
    StudyTable
        The table.

    Raises
    ------
    InputError
        If words stand beside a table, or do not make one.
    """
    if not isinstance(data, StudyTable):
        return study_table(data, **words)
    if words:
        raise InputError(
            f"`{next(iter(words))}` cannot be given beside a StudyTable, which holds its columns."
        )
    return data


def leading(
    table: StudyTable,
    figures: Mapping[str, PrintedFigure],
    software: str | None,
    declared: Specification | Mapping[str, Any] | None,
) -> tuple[Specification, ...]:
    """Return the declared analysis and the commonest others: estimators, and one other test.

    Parameters
    ----------
    table : StudyTable
        The studies.
    figures : mapping of str to PrintedFigure
        What was printed.
    software : str or None
        The program named.
    declared : Specification, mapping or None
        Choices that are known.

    Returns
    -------
    tuple of Specification
        Each once, the declared one first; those that the program can run.

    Raises
    ------
    InputError
        On choices that the studies, or the program, do not have.
    """
    able = None
    if isinstance(declared, Specification):
        first = declared
    else:
        run = family(table, software=software, declared=declared, figures=tuple(figures))
        able = None if software is None else set(run.specifications)
        given = declared or {}
        fits = (
            s
            for s in (run.specifications[int(i)] for i in run.order)
            if all(getattr(s, name) == choice for name, choice in given.items())
        )
        found = next(fits, None)
        if found is None:
            told = ", ".join(f"{name} = {choice!r}" for name, choice in given.items())
            raise InputError(
                f"`declared` has {told}, which does not go together, or with the studies or the "
                "program; find_analysis() lists what does."
            )
        first = found
    others = [
        *(replace(first, tau2=code) for code in ("DL", "REML", "EE")),
        replace(first, tau2="REML", test="knha"),
    ]
    if first.back == "integral":
        others = [other for other in others if other.tau2 != "EE"]
    return tuple(dict.fromkeys([first, *(o for o in others if able is None or o in able)]))


def try_all(
    table: StudyTable,
    specifications: Sequence[Specification],
    quantities: Sequence[str],
    level: float = 0.95,
) -> Tried:
    """Analyse every changed table by every analysis.

    Parameters
    ----------
    table : StudyTable
        The studies.
    specifications : sequence of Specification
        The analyses, the declared one first.
    quantities : sequence of str
        The figures wanted.
    level : float
        Level of intervals.

    Returns
    -------
    Tried
        All numbers, for any digits to be held against.
    """
    sheet = sheet_of(table)
    lots, whole = _lots(sheet)
    m = sum(edits.count for edits in whole)
    values = {name: np.full((len(specifications), m), np.nan) for name in quantities}
    of_d = table.scale == "identity" and table.measure in (None, "SMD")
    evidence = evidence_of(sheet.columns, of_d)
    gone, come = (np.zeros((len(evidence.checks), m), dtype=bool) for _ in range(2))
    weight = np.zeros(m)
    for lot in lots:
        weight[lot.begin : lot.begin + lot.edits.count] = lot.change.prior / lot.edits.count
    weight, begin, step = np.log(weight), 0, max(LOT // sheet.k, 1)
    for edits in whole:
        for first in range(0, edits.count, step):
            part = edits.part(first, first + step)
            at = slice(begin + first, begin + first + part.count)
            columns = part.apply(sheet.columns)
            gone[:, at], come[:, at] = evidence.changed(columns, part.count)
            weight[at] += _company(sheet, part)
            for row, specification in enumerate(specifications):
                found = _analysed(specification, table, columns, part, level)
                for name in quantities:
                    values[name][row, at] = found[name]
        begin += edits.count
    weight = weight + np.log(OWN_ROW) * (gone.any(axis=0) * 1.0 - come.any(axis=0))
    other = np.array([_choices(s, specifications[0]) for s in specifications])
    return Tried(
        sheet,
        tuple(specifications),
        tuple(lots),
        values,
        weight[None, :] - np.log(OTHER_CHOICE) * other[:, None],
        evidence,
        gone,
    )


def _lots(sheet: Sheet) -> tuple[list[Lot], list[Edits]]:
    """Return every kind of change with its tables, and all tables in at most two pieces.

    One piece holds changed cells, the other says how often studies take part: large pieces, so
    that few calls do all the work.
    """
    made = [(c, c.make(sheet)) for c in CHANGES.values() if sheet.k <= c.most]
    made = [(change, edits) for change, edits in made if edits.count]
    sides = [[pair for pair in made if (pair[1].times is None) == plain] for plain in (True, False)]
    lots, begin = [], 0
    for change, edits in (*sides[0], *sides[1]):
        lots.append(Lot(change, edits, begin))
        begin += edits.count
    return lots, [one_after_the_other(edits for _, edits in side) for side in sides]


def sheet_of(table: StudyTable) -> Sheet:
    """Return a study table as a sheet to be changed: counts have no decimals, computed cells none.

    Parameters
    ----------
    table : StudyTable
        The studies.

    Returns
    -------
    Sheet
        The same columns.
    """
    decimals = {}
    for name, values in table.columns.items():
        exact = 0.0 if np.array_equal(values, np.round(values), equal_nan=True) else np.nan
        decimals[name] = table.digits.get(name, np.full(len(values), exact))
    return Sheet(table.columns, decimals, table.scale)


def as_it_is(
    table: StudyTable, specifications: Sequence[Specification], names: Sequence[str], level: float
) -> dict[str, Array]:
    """Return what every analysis makes of the table given.

    Parameters
    ----------
    table : StudyTable
        The studies.
    specifications : sequence of Specification
        The analyses.
    names : sequence of str
        The quantities wanted.
    level : float
        Level of intervals.

    Returns
    -------
    dict of str to ndarray, shape (s,)
        By quantity.
    """
    once = np.ones((1, table.k))
    found = [
        evaluate_variants(s, table.kind, table.columns, once, level=level) for s in specifications
    ]
    return {name: np.array([float(values[name][0]) for values in found]) for name in names}


def _analysed(
    specification: Specification,
    table: StudyTable,
    columns: Mapping[str, Array],
    part: Edits,
    level: float,
) -> dict[str, Array]:
    """Analyse changed tables; one in which a study no longer has an effect gives NaN."""
    there = np.isfinite(np.add(*effect_pair(specification, table.kind, table.columns)))
    times = part.times
    if times is None:
        times = np.ones((part.count, 1)) * np.ones((1, table.k))
    found = evaluate_variants(specification, table.kind, columns, times, level=level)
    expected = (times * there).sum(axis=1)
    lost = found["k"] != expected
    return {name: np.where(lost, np.nan, values) for name, values in found.items()}


def _company(sheet: Sheet, part: Edits) -> Array:
    """Return how well changed sizes and effects go with those of the other studies, a logarithm.

    A size of 80 008 among sizes of dozens is no likely slip's cure, whatever it prints.
    """
    total = np.zeros(part.count)
    for cell in part.cells:
        if cell.column not in (*SIZES, *EFFECTS):
            continue
        logs = cell.column in SIZES
        with np.errstate(all="ignore"):
            own, new = (np.log(v) if logs else v for v in (sheet.columns[cell.column], cell.value))
        own = own[np.isfinite(own)]
        middle = np.median(own)
        spread = 1.4826 * np.median(np.abs(own - middle)) + (0.3 if logs else 0.1)
        np.add.at(total, cell.variant, -np.log1p(((new - middle) / (2 * spread)) ** 2))
    return np.where(part.rows[:, 0] < 0, 0.0, total)


def _choices(one: Specification, other: Specification) -> int:
    """Return how many choices two analyses make differently."""
    names = ("metric", "variance", "correct", "tau2", "weights", "test", "back", "I2")
    return sum(getattr(one, name) != getattr(other, name) for name in names)
