"""The smallest change of a study table that explains printed figures, if any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_level, check_whole, generator
from metarel.errors import InputError
from metarel.search._changes_edits import Edits
from metarel.search.figures import read_figures
from metarel.search.gap_result import CellChange, Explanation, GapExplanation
from metarel.search.gap_search import Lot, Tried, as_it_is, leading, table_of, try_all
from metarel.search.placebo import placebo_figures, prints
from metarel.search.rounding_box import box_of, witness

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel._lazy import pd
    from metarel.printed import Printed
    from metarel.search.figures import PrintedFigure
    from metarel.search.specification import Specification
    from metarel.search.table import StudyTable

    Text = str | Printed | None
    Texts = Sequence[str | Printed] | None

#: Cells that an explanation names where all studies change.
SHOWN = 3
SLACK = 1e-9


def explain_gap(
    data: pd.DataFrame | StudyTable | None = None,
    *,
    estimate: Text = None,
    ci: Texts = None,
    p: Text = None,
    se: Text = None,
    statistic: Text = None,
    tau2: Text = None,
    tau: Text = None,
    I2: Text = None,
    H2: Text = None,
    Q: Text = None,
    Q_p: Text = None,
    pi: Texts = None,
    k: Text | int = None,
    N: Text | int = None,
    level: float = 0.95,
    software: str | None = None,
    declared: Specification | Mapping[str, Any] | None = None,
    placebos: int = 200,
    seed: int | np.random.Generator | None = 0,
    **table: Any,
) -> GapExplanation:
    """Look for the smallest change of a study table after which an analysis prints given figures.

    A study left out or counted twice, a sign, a digit of a sample size or of an effect, standard
    errors taken for standard deviations, d for g, r for z, and so on: every change of the register
    ``metarel.search.changes.CHANGES`` is made to every cell that it can strike, and each table that
    results is pooled. Because so many changes lead to any figure of few digits, the same search is
    run for figures that were never printed; only what those can not have as easily is evidence.
    Where the rounding of the study data allows the figures, that comes before any slip.

    Parameters
    ----------
    data : DataFrame or StudyTable, optional
        The studies, one row each; None with arrays.
    estimate, se, statistic, p, ci, pi, tau2, tau, I2, H2, Q, Q_p, k, N
        The figures as printed, as in ``find_analysis``. With ``k``, studies that are left out or
        counted twice must leave that number.
    level : float
        Level of the intervals, a fraction.
    software : str, optional
        The program named, whose defaults are the declared analysis.
    declared : Specification or mapping, optional
        Choices that the report names, such as ``{"tau2": "DL"}``; the others are the commonest for
        the data. The common effect, DerSimonian and Laird, REML, and REML with Knapp-Hartung tests
        are tried beside it.
    placebos : int
        Number of random sets of figures to draw; each counts once.
    seed : int, Generator or None
        For the random figures.
    **table : column name or array
        The study data: words of ``effect_sizes`` such as ``r="r", n="n"``; ``labels``, ``measure``,
        ``scale`` and ``kind`` as in ``find_analysis``. Cells of text keep their digits.

    Returns
    -------
    GapExplanation
        ``verdict``, the ``explanations`` in order of plausibility, the number tried, and
        ``placebo_rate``. Printing it gives a paragraph.

    Raises
    ------
    InputError
        If no figure is given, a choice is not known, the studies cannot be read, or the declared
        analysis gives no number.

    Notes
    -----
    The plausibility of a change is its prior (how often the kind of slip happens beside the
    others, from what audits of published meta-analyses found [gotzsche2007], [maassen2020]) shared
    evenly by the tables that the kind can lead to; times 20 where it removes a contradiction within
    the study's own row, over 20 where it makes one; times 1/(1 + z²/4) for sizes and effects that
    stand z robust standard deviations from those of the other studies; over 3 for each choice of
    the analysis that is not as declared. Changes after which all figures are printed by rounding
    stand before those that need truncation or a like rule, which are over 5 besides. These numbers
    order what is found and claim no more. A placebo has the figures as far
    away from what the declared analysis gives as the real ones, between half and one and a half
    times, in random direction, on the scale of the analysis.

    References
    ----------
    [gotzsche2007], [maassen2020], [lopeznicolas2023]

    Examples
    --------
    >>> import metarel as mr
    >>> table = {"r": [".31", ".12", ".45", ".28"], "n": [60, 35, 8, 120]}
    >>> found = mr.explain_gap(estimate=".30", declared={"tau2": "EE"}, **table)
    >>> found.verdict
    'could be explained, but so could random figures'
    """
    printed = {
        "estimate": estimate, "ci": ci, "p": p, "se": se, "statistic": statistic,
        "tau2": tau2, "tau": tau, "I2": I2, "H2": H2, "Q": Q, "Q_p": Q_p, "pi": pi,
        "k": k, "N": N,
    }  # fmt: skip
    figures = {figure.quantity: figure for figure in read_figures(printed)}
    studies = table_of(data, table)
    analyses = leading(studies, figures, software, declared)
    count = check_whole("placebos", placebos, least=0)
    base = as_it_is(studies, analyses, tuple(figures), check_level(level))
    given = {name: float(values[0]) for name, values in base.items()}
    absent = [figures[name].name for name, value in given.items() if not np.isfinite(value)]
    if absent:
        raise InputError(
            f"`declared` must be an analysis that the studies allow; {analyses[0].words} gives no "
            f"{absent[0]} here."
        )
    others = _printed_as_it_is(analyses, base, figures)
    rounding = others[:1] != (analyses[0].words,) and _rounded(
        studies, analyses[0], figures, level, seed
    )
    if others:
        return GapExplanation(
            figures, analyses[0].words, given, others, rounding, (), 0, len(analyses), 0, 0, 0
        )
    tried = try_all(studies, analyses, tuple(figures), level)
    found = _explanations(tried, figures, studies)
    tested = _placebos(tried, base, figures, count, seed) if found else []
    return GapExplanation(
        figures=figures,
        analysis=analyses[0].words,
        given=given,
        others=others,
        rounding=rounding,
        explanations=found,
        tried=tried.count,
        analyses=len(tried.specifications),
        placebos=len(tested),
        as_well=_as_well(tested, found),
        at_all=sum(some for some, _, _ in tested),
    )


def _printed_as_it_is(
    analyses: Sequence[Specification],
    base: Mapping[str, Array],
    figures: Mapping[str, PrintedFigure],
) -> tuple[str, ...]:
    """Return the analyses that print all figures without any change; the declared one suffices."""
    fine = np.ones(len(analyses), dtype=bool)
    for name, figure in figures.items():
        fine &= prints(figure, base[name])[0]
    words = tuple(s.words for s, ok in zip(analyses, fine, strict=True) if ok)
    return words[:1] if fine[0] else words


def _rounded(
    table: StudyTable,
    analysis: Specification,
    figures: Mapping[str, PrintedFigure],
    level: float,
    seed: int | np.random.Generator | None,
) -> bool:
    """Tell whether a table that is printed as this one was found to print all figures."""
    box = box_of(table, analysis, tuple(figures), table.digits, level)
    return bool(box.cells) and witness(box, figures, generator(seed)) is not None


def _explanations(
    tried: Tried, figures: Mapping[str, PrintedFigure], table: StudyTable
) -> tuple[Explanation, ...]:
    """Return the changes that print all figures, each once: the strict first, then by weight."""
    places, strict, weight = tried.readings(figures)
    best: dict[Any, int] = {}
    analyses: dict[Any, set[int]] = {}
    for i in np.lexsort((-weight, np.logical_not(strict))):
        row, variant = divmod(int(places[i]), tried.count)
        lot = tried.lot_of(variant)
        key = _identity(lot, variant - lot.begin, tried)
        best.setdefault(key, int(i))
        analyses.setdefault(key, set()).add(row)
    if not best:
        return ()
    chosen = list(best.values())
    share = np.exp(weight[chosen] - weight[chosen].max())
    share = share / share.sum()
    return tuple(
        _explanation(
            tried,
            figures,
            table,
            int(places[i]),
            bool(strict[i]),
            float(weight[i]),
            float(part),
            len(analyses[key]),
        )
        for (key, i), part in zip(best.items(), share, strict=True)
    )


def _identity(lot: Lot, variant: int, tried: Tried) -> Any:
    """Return what tells changed tables apart: two slips that make the same table are one."""
    edits: Edits = lot.edits
    cells = edits.differences(variant, tried.sheet.columns)
    changed = tuple((column, row, after) for column, row, before, after in cells if after != before)
    if edits.times is None:
        return changed
    return tuple(edits.times[variant])


def _explanation(
    tried: Tried,
    figures: Mapping[str, PrintedFigure],
    table: StudyTable,
    place: int,
    strict: bool,
    weight: float,
    share: float,
    analyses: int,
) -> Explanation:
    row, variant = divmod(place, tried.count)
    lot = tried.lot_of(variant)
    within = variant - lot.begin
    studies = tuple(table.labels[i] for i in lot.edits.rows[within] if i >= 0)
    cells = [
        CellChange(table.labels[i], column, before, after)
        for column, i, before, after in lot.edits.differences(within, tried.sheet.columns)
        if before != after
    ]
    gone = tried.gone[:, variant]
    return Explanation(
        change=lot.change.code,
        studies=studies,
        words=lot.change.words,
        cells=tuple(cells if studies else cells[:SHOWN]),
        analysis=tried.specifications[row].words,
        gives={name: float(tried.values[name][row, variant]) for name in figures},
        strict=strict,
        evidence=tuple(
            check.code
            for check, is_gone in zip(tried.evidence.checks, gone, strict=True)
            if is_gone
        ),
        plausibility=share,
        analyses=analyses,
        score=weight,
    )


def _placebos(
    tried: Tried,
    base: Mapping[str, Array],
    figures: Mapping[str, PrintedFigure],
    count: int,
    seed: int | np.random.Generator | None,
) -> list[tuple[bool, bool, float]]:
    """Return of each random set of figures whether any change explains it, strictly, how well.

    Sets that an analysis prints from the table as it is leave no gap to explain, and do not count.
    """
    results: dict[tuple[str, ...], tuple[bool, bool, float] | None] = {}
    given = {name: float(values[0]) for name, values in base.items()}
    back = tried.specifications[0].back
    for drawn in placebo_figures(figures, given, count, generator(seed), back):
        key = tuple(figure.printed.text for figure in drawn.values())
        if key in results:
            continue
        results[key] = None
        if not _printed_as_it_is(tried.specifications, base, drawn):
            _, strict, weight = tried.readings(drawn)
            best: Array = weight[strict] if strict.any() else weight
            height = float(best.max(initial=-np.inf))
            results[key] = (bool(len(weight)), bool(strict.any()), height)
    return [result for result in results.values() if result is not None]


def _as_well(tested: Sequence[tuple[bool, bool, float]], found: Sequence[Explanation]) -> int:
    """Return how many random sets have an explanation at least as good as the best found."""
    if not found:
        return 0
    best = (found[0].strict, found[0].score - SLACK)
    return sum((strict, height) >= best for _, strict, height in tested)
