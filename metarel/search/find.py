"""Which analyses of a study table print exactly the digits given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_level
from metarel._format import listing
from metarel.errors import InputError
from metarel.search.chance import chance
from metarel.search.classes import TELLING, collect, exact_classes, numbered, units_of
from metarel.search.deciding import deciders
from metarel.search.evaluate import evaluate
from metarel.search.family import Family, family, family_of, programs_that_print
from metarel.search.figures import PrintedFigure, read_figures
from metarel.search.result import AnalysisSearch, FigureCount, NearMiss
from metarel.search.specification import Specification
from metarel.search.table import StudyTable, study_table

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel._lazy import pd
    from metarel.printed import Printed
    from metarel.search.classes import EquivalenceClass

    Text = str | Printed | None
    Texts = Sequence[str | Printed] | None

#: Near misses that are kept, each with a result of its own.
NEAREST = 10


def find_analysis(
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
    declared: Mapping[str, Any] | None = None,
    among: Mapping[str, str | Sequence[str]] | Sequence[Specification] | None = None,
    measure: str | None = None,
    scale: str | None = None,
    kind: str | None = None,
    labels: str | Sequence[str] | None = None,
    **words: Any,
) -> AnalysisSearch:
    """Find the analyses of a study table that print exactly the digits given.

    The whole family of legitimate analyses is run in one pass: metric, variance rule, small-sample
    correction, estimator of tau2, weights, test, back-transformation, policy for empty cells and,
    where a figure depends on it, the definition of I2 and the kind of prediction interval. What
    prints every figure is put together where results are the same, and the digit or figure that
    would tell the rest apart is named.

    Parameters
    ----------
    data : DataFrame or StudyTable, optional
        One row a study: a frame that ``effect_sizes`` made (read by what it was made from, unless
        its effects were changed since), or any other with ``words``. None with arrays.
    estimate, se, statistic, p : str or Printed, optional
        The pooled mean, its standard error (on the scale of the analysis), test statistic (with
        or without its sign) and p-value, as printed: ``".24"``, ``"<.001"``.
    ci, pi : pair of str, optional
        Confidence and prediction limits.
    tau2, tau, I2, H2, Q, Q_p : str or Printed, optional
        Heterogeneity; I2 as ``"62%"``, ``"62"`` or ``".62"``.
    k, N : str or int, optional
        Number of studies, and of people in them.
    level : float
        Level of both intervals, a fraction.
    software : str, optional
        A program, such as ``"CMA"`` or ``"RevMan 5"``: only what it can do is run.
    declared : mapping, optional
        Choices that the report names, such as ``{"tau2": "DL", "test": "z"}``: analyses are
        ordered by closeness to them.
    among : mapping or sequence of Specification, optional
        Limits of the family by dimension, ``{"tau2": ["DL", "REML"], "metric": "ZCOR"}``, or the
        analyses themselves.
    measure : str, optional
        Measure of effects that are given as such, for their back-transformation.
    scale : {"identity", "ratio", "r"}, optional
        How effects with limits or standard errors are printed: ratios go to logarithms,
        correlations to Fisher's z.
    kind : str, optional
        Kind of study data, where words fit more than one.
    labels : column name or sequence of str, optional
        Names of the studies.
    **words : column name or array
        What the columns are, in the words of ``effect_sizes`` (``r="r", n="n"``), or ``yi`` with
        ``vi``, ``sei``, or ``ci_low`` and ``ci_high``.

    Returns
    -------
    AnalysisSearch
        Print it; ``.classes``, ``.best``, ``.decides``, ``.near_misses``, ``.chance``,
        ``.to_frame()``, ``.to_dict()``.

    Raises
    ------
    InputError
        On figures that are not text, on study data of no known kind, on unknown words and limits
        that leave no analysis.

    Notes
    -----
    A match is no proof: a family of a thousand analyses prints many figures. ``chance`` says how
    many of the figures near those printed it would have matched as well. Rounding half up and half
    to even are both accepted; digits cut off are told apart. Mantel–Haenszel pooling and
    generalised linear models are not in the family. Every number is that of ``pool`` after
    ``effect_sizes`` with the arguments that ``Specification.arguments()`` returns.

    Examples
    --------
    >>> import metarel as mr
    >>> studies = mr.load_dataset("molloy2014").studies
    >>> found = mr.find_analysis(
    ...     studies, r="r", n="n", estimate=".15", ci=(".09", ".21"), I2="62%",
    ...     among={"weights": "iv", "test": "z", "variance": "LS", "back": ["tanh", "identity"]},
    ... )
    >>> found.best.words
    "Fisher's z of a correlation (variance LS), REML, z test, back by tanh"
    """
    figures = read_figures(
        {
            "estimate": estimate, "ci": ci, "p": p, "se": se, "statistic": statistic,
            "tau2": tau2, "tau": tau, "I2": I2, "H2": H2, "Q": Q, "Q_p": Q_p, "pi": pi,
            "k": k, "N": N,
        }
    )  # fmt: skip
    level = check_level(level)
    if isinstance(data, StudyTable):
        table = data
        _refuse_beside(
            "a StudyTable", measure=measure, scale=scale, kind=kind, labels=labels, **words
        )
    else:
        table = study_table(data, measure=measure, scale=scale, kind=kind, labels=labels, **words)
    asked = [figure.quantity for figure in figures]
    if among is None or isinstance(among, Mapping):
        run = family(table, software=software, declared=declared, limits=among, figures=asked)
    else:
        _refuse_beside("a list of analyses in `among`", software=software)
        run = family_of(among, declared=declared)
    return search(table, figures, run, level)


def _refuse_beside(what: str, **given: Any) -> None:
    """Refuse arguments that would do nothing."""
    idle = [f"`{name}`" for name, value in given.items() if value is not None]
    if idle:
        raise InputError(f"{listing(idle)} cannot stand beside {what}, which settles it.")


def search(
    table: StudyTable, figures: Sequence[PrintedFigure], run: Family, level: float = 0.95
) -> AnalysisSearch:
    """Run a family on a table and hold it against printed figures.

    Parameters
    ----------
    table : StudyTable
        The studies.
    figures : sequence of PrintedFigure
        What was printed.
    run : Family
        The analyses.
    level : float
        Level of the intervals.

    Returns
    -------
    AnalysisSearch
        What was found.
    """
    numbers = evaluate(run.specifications, table, level=level)
    prints = np.stack([f.prints(numbers[f.quantity]) for f in figures], axis=1)
    _, which = exact_classes(numbers, TELLING)
    cut = np.stack([f.prints(numbers[f.quantity], "truncate") for f in figures], axis=1)
    order = run.order
    loose = order[(prints | cut)[order].all(axis=1) & ~prints[order].all(axis=1)]
    chosen = order[prints[order].all(axis=1)]
    classes = tuple(
        replace(found, programs=_programs(found, [f.quantity for f in figures]))
        for found in collect(chosen.tolist(), which, run.specifications, numbers, run.differs)
    )
    ran = np.isfinite(numbers["estimate"])
    as_printed = [units_of(f, np.where(ran, numbers[f.quantity], np.nan)) for f in figures]
    return AnalysisSearch(
        table=table,
        figures=tuple(figures),
        family=run,
        numbers=numbers,
        prints=prints,
        classes=classes,
        distinct_printed=numbered([np.where(ran, 0.0, np.nan), *as_printed])[0],
        distinct=exact_classes(numbers, [f.quantity for f in figures])[0],
        by_figure=tuple(_count(f, prints[:, j], cut[:, j], numbers) for j, f in enumerate(figures)),
        truncated=tuple(run.specifications[i] for i in loose),
        near_misses=_near(figures, prints, numbers, run, which),
        decides=deciders(classes, figures),
        chance=chance(figures, numbers),
        level=level,
    )


def _programs(found: EquivalenceClass, figures: Sequence[str]) -> tuple[str, ...]:
    """Return the programs that any analysis of a class can be run with."""
    names = [name for s in found.specifications for name in programs_that_print(s, figures)]
    return tuple(dict.fromkeys(names))


def _count(
    figure: PrintedFigure, prints: Any, cut: Any, numbers: Mapping[str, Array]
) -> FigureCount:
    """Return how one figure fares by itself."""
    x = numbers[figure.quantity]
    known = x[np.isfinite(x)]
    low, high = (known.min(), known.max()) if known.size else (np.nan, np.nan)
    more = int((cut & ~prints).sum())
    return FigureCount(figure, int(prints.sum()), more, float(low), float(high))


def _near(
    figures: Sequence[PrintedFigure],
    prints: Any,
    numbers: Mapping[str, Array],
    run: Family,
    which: Any,
) -> tuple[NearMiss, ...]:
    """Return analyses that print all figures but one, a result each, the nearest first."""
    ran = np.isfinite(numbers["estimate"])
    rows = np.flatnonzero(ran & (prints.sum(axis=1) == len(figures) - 1))
    missed = (~prints[rows]).argmax(axis=1)
    gaps = np.array(
        [
            figures[j].gap(numbers[figures[j].quantity][i : i + 1])[0]
            for i, j in zip(rows, missed, strict=True)
        ]
    )
    place = np.empty(len(run), dtype=int)
    place[run.order] = np.arange(len(run))
    found: dict[tuple[int, int], NearMiss] = {}
    for at in np.lexsort((place[rows], np.round(gaps, 6))) if len(rows) else ():
        i, figure = rows[at], figures[missed[at]]
        value = numbers[figure.quantity][i]
        if np.isnan(value):
            continue
        cut = bool(figure.prints(np.array([value]), "truncate")[0])
        miss = NearMiss(run.specifications[i], figure, float(value), float(gaps[at]), cut)
        found.setdefault((int(which[i]), int(missed[at])), miss)
        if len(found) == NEAREST:
            break
    return tuple(found.values())
