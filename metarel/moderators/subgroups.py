"""Subgroup analysis: one model a level, and tests between the levels."""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_flag, check_frame, column, resolve
from metarel._distributions import chi_square_p
from metarel._lazy import pd
from metarel.errors import InputError
from metarel.models._design import intercept_only, level_text
from metarel.models._inference import TESTS, TestResult, wald_test
from metarel.models._labels import Labels
from metarel.models._settings import choose, made_by
from metarel.models._study import DroppedRow, StudyData, read_studies
from metarel.models.meta import fit_model
from metarel.models.results import Fit, MetaFit
from metarel.moderators._adjust import ADJUSTMENTS
from metarel.moderators._linear import all_pairs, joint_test
from metarel.moderators._subgroup_result import SubgroupsResult, row_of
from metarel.moderators.contrasts import ContrastResult, Family, rows_tested

if TYPE_CHECKING:
    from metarel._checks import Array, Column

__all__ = ["SubgroupsResult", "subgroups"]

#: Inputs of effects that count people, each sum the first that is there.
PEOPLE = (("n",), ("n1", "n2"), ("events1", "non_events1", "events2", "non_events2"))


@says_what_it_takes
def subgroups(
    data: pd.DataFrame,
    by: str | Sequence[str],
    *,
    yi: Column | None = None,
    vi: Column | None = None,
    sei: Column | None = None,
    n: Column | None = None,
    common_tau2: bool = False,
    tau2: str | float | None = None,
    test: str | None = None,
    adjust: str = "holm",
    level: float = 0.95,
    labels: Column | None = None,
    measure: str | None = None,
    weights: Column | None = None,
    settings: str | None = None,
) -> SubgroupsResult:
    """Pool the studies of each level apart, and test whether the levels differ.

    With level means m_g and variances s_g^2 the test between levels is the sum of
    (m_g - m)^2 / s_g^2 around their weighted mean m, chi-square with (levels - 1) df. Under a
    common effect it adds up with the Q within levels to the Q of all studies.

    Parameters
    ----------
    data : DataFrame
        One row a study.
    by : str or list of two str
        Column of the levels. Of two columns each combination that has studies is a level,
        whether the second is crossed with the first or nested in it.
    yi, vi, sei : column name or array
        As for ``pool``.
    n : column name or array, optional
        Sample sizes, to be summed by level; by default those that ``effect_sizes`` made the
        effects of (``n``, ``n1 + n2``, or all cells of the tables), or the column "n", if there
        is one.
    common_tau2 : bool
        Whether the levels share one tau2, estimated within levels (a meta-regression on the
        factor); by default each level has its own.
    tau2 : str or float, optional
        Estimator of tau2 ("REML" by default), or its value.
    test : {"z", "t", "knha", "adhoc", "hybrid", "iqwig", "kr"}, optional
        Test of each level's mean, as for ``pool`` ("z" by default); with a shared tau2, t tests
        have k − levels df, and "iqwig" and "kr" are refused.
    adjust : {"none", "bonferroni", "sidak", "holm", "hochberg", "BH", "BY", "tukey"}
        Correction of the pairwise p-values.
    level : float
        Confidence level, a fraction.
    labels : column name or array, optional
        Names of the studies.
    measure : str, optional
        Code of the effect size measure.
    weights : column name, array or number, optional
        Own weights for the means, as for ``pool``. Q within and between levels then no longer
        add up, as Q has inverse variances for weights whatever those of the means.
    settings : str, optional
        Another program's choices for what is not given, as for ``pool``; a shared tau2 is such a
        pooling too, so that the test is the program's for means.

    Returns
    -------
    SubgroupsResult
        Print it, or see ``table``, ``between``, ``within``, ``pairwise`` and ``fits``.

    Raises
    ------
    InputError
        As ``pool``; also when fewer than two levels have studies.

    Warns
    -----
    MetarelWarning
        When rows are left out, and as ``pool`` on ``settings``. A level with one study stands as
        that study's own estimate.

    Notes
    -----
    Programs differ on the choice: meta and RevMan take a tau2 for each level by default, a
    meta-regression on the factor shares one. With a tau2 for each level the levels are compared
    by chi-square and z, whatever the test of their means.

    References
    ----------
    [borenstein2009], [holm1979]

    Examples
    --------
    >>> import metarel as mr
    >>> import pandas as pd
    >>> table = pd.DataFrame({
    ...     "yi": [0.1, 0.3, 0.2, 0.6, 0.7, 0.5],
    ...     "vi": [0.02, 0.03, 0.02, 0.03, 0.02, 0.04],
    ...     "rater": ["client", "client", "client", "therapist", "therapist", "therapist"],
    ... })
    >>> result = mr.subgroups(table, "rater", tau2="DL")
    >>> round(result.between.statistic, 3), round(result.between.p_value, 4)
    (11.34, 0.0008)
    >>> result.pairwise.table[["term", "estimate", "p_value"]].round(4)
                     term  estimate  p_value
    0  therapist − client    0.4356   0.0008
    """
    check_frame(data)
    if data is None:
        raise InputError("`data` must be a DataFrame that has the column of levels.")
    ADJUSTMENTS[adjust]
    check_flag("common_tau2", common_tau2)
    columns = _columns(by)
    chosen = choose(settings, tau2, test, regression=False, weighted=weights is not None)
    groups, cells = _levels(data, columns)
    factor = _factor_name(columns)
    whole = read_studies(
        data.assign(**{factor: groups}),
        yi=yi,
        vi=vi,
        sei=sei,
        labels=labels,
        measure=measure,
        weights=weights,
        formula=f"0 + C({factor})",
    )
    names = groups.iloc[whole.rows].to_numpy()
    by = " × ".join(columns)
    levels = _at_least_two(names, by)
    chosen = chosen.told(whole.measure, made_by(data))
    how = (chosen.tau2, chosen.test, level)
    dropped = _dropped(whole, factor, by)
    everyone = np.ones(len(names), dtype=bool)
    overall = fit_model(_part(whole, everyone, dropped), *how)
    if common_tau2 and TESTS[chosen.test].rule is None:
        raise InputError(
            "`test` cannot be 'kr' with a shared tau2, whose levels have no degrees of freedom in "
            "common; meta_regression(data, 'C(group)', test='kr') tests the levels as one model."
        )
    joint = fit_model(whole, *how) if common_tau2 else None
    fits = _fits(whole, {g: names == g for g in levels}, joint, how)
    fits = {g: chosen.put(_with_dropped(fit, dropped, groups, g)) for g, fit in fits.items()}
    means = _means(whole, fits, joint)
    places = [cells[name] for name in levels]
    return SubgroupsResult(
        by=by,
        fits=fits,
        table=_table(fits, whole, names, _sizes(data, n, yi)),
        between=_between(means),
        within=_within(fits),
        total=_total(overall),
        pairwise=_pairwise(means, levels, adjust, by),
        nested=_nested(means, places, columns),
        interaction=_interaction(means, places, columns),
        overall=chosen.put(overall),
        common_tau2=common_tau2,
        dropped=len(whole.dropped),
        without_level=sum(row.reason == f"no {factor}" for row in whole.dropped),
        numbers=len(columns) == 1 and pd.api.types.is_numeric_dtype(data[columns[0]].dtype),
    )


def _at_least_two(names: Any, by: str) -> list[str]:
    """Return the different levels in order of appearance, or refuse a single one."""
    levels = list(dict.fromkeys(names))
    if len(levels) < 2:
        raise InputError(
            f"`by` must name a column with at least two levels among the complete rows; "
            f"{by!r} has only {levels[0]!r}."
        )
    return levels


def _factor_name(columns: list[str]) -> str:
    """Return a name that a formula can hold."""
    name = re.sub(r"\W", "_", " ".join(columns))
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"_{name}"


def _table(
    fits: dict[str, MetaFit], whole: StudyData, names: Any, sizes: Array | None
) -> pd.DataFrame:
    """Return one row a level."""
    people = {g: None if sizes is None else sizes[whole.rows][names == g].sum() for g in fits}
    return pd.DataFrame([row_of(g, fit, people[g]) for g, fit in fits.items()])


def _total(overall: MetaFit) -> TestResult:
    """Test that effects are equal in all studies."""
    h = overall.heterogeneity
    return TestResult("effects are equal in all studies", h.Q, h.Q_df, math.inf, h.Q_p)


def _columns(by: str | Sequence[str]) -> list[str]:
    """Return the one or two columns of levels."""
    given = [by] if isinstance(by, str) else by
    if not isinstance(given, (list, tuple)) or not all(isinstance(name, str) for name in given):
        raise InputError(f"`by` must be the name of a column, or two of them; got {by!r}.")
    columns = [by] if isinstance(by, str) else list(by)
    if not 1 <= len(columns) <= 2 or len(set(columns)) < len(columns):
        raise InputError(
            f"`by` must name one column, or two different ones to cross or nest; got {by!r}."
        )
    return columns


def _levels(data: pd.DataFrame, columns: list[str]) -> tuple[pd.Series, dict[str, tuple[str, ...]]]:
    """Return each row's level as text, missing where any column is, and the parts of each."""
    parts = [column(data, name, "by") for name in columns]
    known = np.logical_and.reduce([part.notna().to_numpy() for part in parts])
    rows = [tuple(level_text(value) for value in row) for row in zip(*parts, strict=True)]
    text = [" / ".join(row) if there else None for row, there in zip(rows, known, strict=True)]
    cells = {name: row for name, row in zip(text, rows, strict=True) if name is not None}
    different = {row for row, there in zip(rows, known, strict=True) if there}
    if len(cells) < len(different):
        raise InputError("`by` has levels with ' / ' in them that cannot be told apart; rename.")
    return pd.Series(text, index=data.index, dtype=object), cells


def _fits(
    whole: StudyData, parts: dict[str, Any], joint: MetaFit | None, how: tuple[Any, str, float]
) -> dict[str, MetaFit]:
    """Return one fit a level, under a tau2 of its own or under the shared one."""
    if joint is None:
        return {g: fit_model(_part(whole, keep), *how) for g, keep in parts.items()}
    return {g: _shared(whole, keep, joint, how[2]) for g, keep in parts.items()}


def _dropped(whole: StudyData, factor: str, by: str) -> tuple[DroppedRow, ...]:
    """Return the rows left out; what lacks a level is said by the name of its column."""
    return tuple(
        replace(row, reason=f"no {by}") if row.reason == f"no {factor}" else row
        for row in whole.dropped
    )


def _with_dropped(
    fit: MetaFit, dropped: tuple[DroppedRow, ...], groups: pd.Series, level: str
) -> MetaFit:
    """Return a level's fit with the rows of that level that were left out."""
    own = tuple(row for row in dropped if groups.iloc[row.row] == level)
    return replace(fit, study=replace(fit.study, dropped=own)) if own else fit


def _part(whole: StudyData, keep: Any, dropped: tuple[DroppedRow, ...] = ()) -> StudyData:
    """Return some of the studies, with an intercept only."""
    return StudyData(
        whole.yi[keep],
        whole.vi[keep],
        intercept_only(int(keep.sum())),
        _labels_of(whole, keep),
        whole.rows[keep],
        dropped,
        whole.measure,
        None if whole.weights is None else whole.weights[keep],
    )


def _labels_of(whole: StudyData, keep: Any) -> Sequence[str]:
    """Return the names of some of the studies, which know where they come from."""
    names = whole.labels
    if isinstance(names, Labels):
        return names.take(keep)
    return tuple(name for name, kept in zip(names, keep, strict=True) if kept)


def _shared(whole: StudyData, keep: Any, joint: MetaFit, level: float) -> MetaFit:
    """Return one level's fit under the tau2, the scale and the df of the joint model."""
    alone = fit_model(_part(whole, keep), joint.tau2, "z", level)
    j = int(np.argmax(whole.X[keep][0]))
    return replace(
        alone,
        vcov=joint.vcov[j : j + 1, j : j + 1],
        df=joint.df[j : j + 1],
        # tau2 stays the number it is held at: nothing done to the level alone estimates it anew
        spec=replace(alone.spec, test=joint.spec.test),
        tau2_se=joint.tau2_se,
        trace=joint.trace,
    )


def _sizes(data: pd.DataFrame, n: Column | None, yi: Column | None) -> Array | None:
    """Return sample sizes by row: those named, known or called "n"; None where there are none."""
    made = made_by(data) if n is None else None
    if made and (yi is None or (isinstance(yi, str) and yi == made["columns"][0])):
        inputs = made["inputs"]
        for words in PEOPLE:
            names = [inputs.get(word) for word in words]
            if all(isinstance(name, str) and name in data.columns for name in names):
                counts = resolve(data, dict(zip(words, names, strict=True)))
                return np.sum([counts[word] for word in words], axis=0)
    if n is None and ("n" not in data.columns or not pd.api.types.is_numeric_dtype(data["n"])):
        return None
    return resolve(data, {"n": "n" if n is None else n})["n"]


def _means(whole: StudyData, fits: dict[str, MetaFit], joint: MetaFit | None) -> Fit:
    """Return the levels' means as the coefficients of one fit; they are independent."""
    some = next(iter(fits.values()))
    df = math.inf if joint is None else float(joint.df[0])
    return Fit(
        study=whole,
        beta=np.array([fit.estimate for fit in fits.values()]),
        vcov=np.diag([float(fit.vcov[0, 0]) for fit in fits.values()]),
        df=np.full(len(fits), df),
        spec=some.spec,
        trace=some.trace,
    )


def _between(means: Fit) -> TestResult:
    """Test that the levels' means are one: chi-square, or F where a shared model uses t."""
    levels = len(means.beta)
    L = np.column_stack([np.eye(levels - 1), -np.ones(levels - 1)])
    return wald_test(
        L @ means.beta,
        L @ means.vcov @ L.T,
        list(range(levels - 1)),
        float(means.df[0]),
        "all levels have the same mean effect",
    )


def _within(fits: dict[str, MetaFit]) -> TestResult:
    """Add up the levels' Q."""
    Q = sum(fit.Q for fit in fits.values())
    df = sum(fit.heterogeneity.Q_df for fit in fits.values())
    null = "effects are equal within every level"
    return TestResult(null, Q, df, math.inf, chi_square_p(Q, df))


def _pairwise(means: Fit, levels: list[str], adjust: str, told: str) -> ContrastResult:
    """Compare the levels in pairs."""
    pairs, L = all_pairs(len(levels))
    family = Family(
        [f"{levels[later]} − {levels[earlier]}" for later, earlier in pairs],
        f"Differences between levels of {told}",
        "all levels have the same mean effect",
        len(levels),
    )
    return rows_tested(means, L, family, adjust=adjust)


def _nested(means: Fit, cells: list[tuple[str, ...]], columns: list[str]) -> dict[str, TestResult]:
    """Test the inner levels against each other within each outer level that has several."""
    if len(columns) < 2:
        return {}
    outer = [cell[0] for cell in cells]
    found: dict[str, TestResult] = {}
    for name in dict.fromkeys(outer):
        inside = [i for i, other in enumerate(outer) if other == name]
        if len(inside) < 2:
            continue
        L = np.zeros((len(inside) - 1, len(cells)))
        L[:, inside[0]] = -1.0
        L[np.arange(len(inside) - 1), inside[1:]] = 1.0
        null = f"all levels of {columns[1]} have the same mean effect where {columns[0]} = {name}"
        test = _joint(means, L, null)
        if test is not None:
            found[name] = test
    return found


def _interaction(means: Fit, cells: list[tuple[str, ...]], columns: list[str]) -> TestResult | None:
    """Test that inner differences are the same in all outer levels, if all cells have studies."""
    if len(columns) < 2:
        return None
    rows, inner = (list(dict.fromkeys(cell[side] for cell in cells)) for side in (0, 1))
    if len(cells) < len(rows) * len(inner) or min(len(rows), len(inner)) < 2:
        return None
    place = {cell: i for i, cell in enumerate(cells)}
    L = np.zeros(((len(rows) - 1) * (len(inner) - 1), len(cells)))
    row = 0
    for a in rows[1:]:
        for b in inner[1:]:
            for cell, sign in (
                ((a, b), 1.0),
                ((rows[0], b), -1.0),
                ((a, inner[0]), -1.0),
                ((rows[0], inner[0]), 1.0),
            ):
                L[row, place[cell]] = sign
            row += 1
    null = f"differences between levels of {columns[1]} are the same in all levels of {columns[0]}"
    return _joint(means, L, null)


def _joint(means: Fit, L: Array, null: str) -> TestResult | None:
    return joint_test(means, L @ means.beta, L, np.zeros(len(L)), float(means.df[0]), null)
