"""A second look at a study table: what cannot be, what contradicts itself, what is merely rare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metarel._checks import check_choice, column, label_column
from metarel._lazy import pd
from metarel.effects.compute import row_labels
from metarel.errors import InputError
from metarel.routes._cells import Cells
from metarel.routes._inputs import Reading, fill, read_table, rows_of
from metarel.routes._suspicions import ENOUGH, SUSPICIONS, Finding, Screened
from metarel.routes._walk import Task, routed_over, task_for
from metarel.routes.register import steps_to, words_of

if TYPE_CHECKING:
    import pandas
    from numpy.typing import NDArray

    from metarel._checks import Column

#: Measures in units of a standard deviation, whose size says something by itself.
STANDARDISED = ("SMD", "DPPC", "DRM", "DAV", "SMC", "SMN")


def screen_effects(
    data: pandas.DataFrame | None,
    measure: str,
    *,
    bound: float = 2.0,
    outcome: Column | None = None,
    level: float = 0.95,
    digits: str = "printed",
    limits: str = "t",
    labels: str | Sequence[str] | None = None,
    **words: Column,
) -> pandas.DataFrame:
    """Look a study table over before it is pooled: impossible, contradictory and rare numbers.

    Nothing is refused and nothing is changed; each suspicion becomes a row that names the study,
    the numbers and what to look at.

    Parameters
    ----------
    data : DataFrame or None
        One row a comparison; None when the words are arrays.
    measure : str
        Code of the measure that the table is for, such as ``"SMD"`` or ``"ZCOR"``.
    bound : float
        The size beyond which a standardised mean difference is worth a second look.
    outcome : column name or array, optional
        What was measured; standard deviations are compared within an outcome, and only there.
        Without it, no SD is held against those of other rows.
    level, digits, limits
        As in ``effects_from_reports``.
    labels : column name or sequence of str, optional
        Names of the rows.
    **words : column name, array or number
        Input words with their columns, as in ``effects_from_reports``.

    Returns
    -------
    DataFrame
        One row a suspicion: ``row`` (the label in ``data``'s index), ``label`` where ``labels``
        are given, ``finding``, ``severity`` (``"impossible"`` in itself; a ``"contradiction"`` with
        another number; ``"unlikely"``, which may well be true), ``columns``, ``message``,
        ``way_out``. Empty where there is nothing to say, which does not prove the table right.

    Raises
    ------
    InputError
        On unknown words and columns, cells that are no numbers, lengths that differ.

    Notes
    -----
    Standard errors taken for standard deviations, swapped arms and turned scales are the errors
    that re-extractions of published meta-analyses found most often [gotzsche2007], [maassen2020].
    An SD is suspected where it is less than half of the median of its outcome while √n times it
    would be within a factor of 1.6; a sign, where the effect lies more than 3 robust standard
    deviations from the median and its opposite lies within one.

    References
    ----------
    [gotzsche2007], [maassen2020]

    Examples
    --------
    >>> import metarel as mr
    >>> odd = mr.screen_effects(
    ...     None, "SMD", m1=21.3, sd1=1.18, m2=18.0, sd2=1.29, t=1.84, n1=12, n2=15
    ... )
    >>> odd[["finding", "severity"]]
                           finding       severity
    0  routes contradict each other  contradiction
    1    SE given as SD, by the test  contradiction
    2                   large effect       unlikely
    """
    if isinstance(bound, bool) or not isinstance(bound, (int, float)) or not bound > 0:
        raise InputError(f"`bound` must be a positive number; got {bound!r}.")
    task = task_for(measure, None, True, level, limits, "default")
    printed = check_choice("digits", digits, ("printed", "exact")) == "printed"
    names = row_labels(data, labels)
    steps = steps_to(task.measure)
    known = words_of(steps)
    cells = read_table(data, words, known, printed=printed, labels=names, strict=False)
    screened = _screened(cells, known, task, float(bound), outcome, data)
    index = rows_of(data, words, screened.k)
    screened = replace(screened, index=index, twins=_twins(data))
    with np.errstate(all="ignore"):  # absurd numbers are what is looked for here
        rows = [
            (finding, suspicion.code, suspicion.severity)
            for suspicion in SUSPICIONS
            for finding in suspicion.find(screened)
        ]
    rows.sort(key=lambda item: item[0].row)
    named = {} if data is None else words
    columns = {
        "row": [index[finding.row] for finding, _, _ in rows],
        "finding": [code for _, code, _ in rows],
        "severity": [severity for _, _, severity in rows],
        "columns": [_columns(finding, cells, named) for finding, _, _ in rows],
        "message": [finding.message for finding, _, _ in rows],
        "way_out": [finding.way_out for finding, _, _ in rows],
    }
    texts = dict.fromkeys(("finding", "severity", "columns", "message", "way_out"), str)
    table = pd.DataFrame(columns).astype(texts)
    if names:
        table.insert(1, "label", [names[finding.row] for finding, _, _ in rows])
    return table


def _twins(data: pandas.DataFrame | None) -> dict[int, int]:
    """Return the rows all of whose cells stand in an earlier row, and which that is.

    The name of the study may differ where enough other cells are the same.
    """
    if data is None or data.empty:
        return {}
    name = label_column(data)
    nameless = data.drop(columns=[] if name is None else [name])
    few = (nameless.notna().sum(axis=1) < ENOUGH).to_numpy()
    found: dict[int, int] = {}
    for cells, judged in ((data, True), (nameless, ~few)):
        keys = ["\0".join(map(str, row)) for row in cells.itertuples(index=False)]
        codes, _ = pd.factorize(np.array(keys, dtype=object))
        _, first = np.unique(codes, return_index=True)
        for row in np.flatnonzero((first[codes] != np.arange(len(codes))) & judged).tolist():
            found.setdefault(row, int(first[codes[row]]))
    return found


def _columns(finding: Finding, cells: Mapping[str, Cells], words: Mapping[str, object]) -> str:
    """Return the columns that a finding is about, by the names the table has for them."""
    given = [word for word in finding.words if word in cells]
    return ", ".join(
        str(words[word]) if isinstance(words.get(word), str) else word for word in given
    )


def _screened(
    cells: dict[str, Cells],
    known: Sequence[str],
    task: Task,
    bound: float,
    outcome: Column | None,
    data: pandas.DataFrame | None,
) -> Screened:
    """Return the table with its impossible cells set aside, and all routes over the rest."""
    bare = Screened(cells, cells, None, bound, False, np.zeros(len_of(cells), dtype=int))
    impossible = [s for s in SUSPICIONS if s.severity == "impossible"]
    blank = {word: np.zeros(bare.k, dtype=bool) for word in cells}
    for suspicion in impossible:
        for finding in suspicion.find(bare):
            for word in finding.words:
                blank[word][finding.row] = True
    usable = {word: _without(cell, blank[word], word) for word, cell in cells.items()}
    inputs = fill(usable, known, Reading(task.measure.design.code))
    return Screened(
        cells,
        inputs.cells,
        routed_over(steps_to(task.measure), task, inputs),
        bound,
        task.measure.code.startswith(STANDARDISED),
        _groups(data, outcome, bare.k),
    )


def len_of(cells: Mapping[str, Cells]) -> int:
    """Return the count of rows.

    Parameters
    ----------
    cells : mapping of str to Cells
        Columns of one length.

    Returns
    -------
    int
        The length.
    """
    return len(next(iter(cells.values())))


def _without(cell: Cells, blank: NDArray[np.bool_], word: str) -> Cells:
    """Return a column without some of its cells; only p-values keep their bounds."""
    gone = blank | (cell.bound if word != "p" else False)
    value, low, high = (np.where(gone, np.nan, part) for part in (cell.value, cell.low, cell.high))
    return Cells(value, low, high, cell.bound & ~gone)


def _groups(data: pandas.DataFrame | None, outcome: Column | None, k: int) -> NDArray[np.intp]:
    """Number the outcomes; every row is one of its own where none is named."""
    if outcome is None:
        return np.arange(k)
    values = outcome
    if isinstance(outcome, str):
        if data is None:
            raise InputError(f"`outcome` names the column {outcome!r}, but no `data` was given.")
        values = column(data, outcome, "outcome")
    codes, _ = pd.factorize(np.asarray(values, dtype=object))
    if len(codes) != k:
        raise InputError(f"`outcome` has {len(codes)} values; there are {k} rows.")
    # Rows without an outcome have nothing to be compared with.
    return np.where(codes < 0, len(codes) + np.arange(k), codes)
