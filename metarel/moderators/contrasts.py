"""Tests of chosen coefficients and of linear combinations of coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_level
from metarel._distributions import critical_value, two_sided_p
from metarel._format import listing, plain, wrapped_equations
from metarel._lazy import pd
from metarel._register import one_of
from metarel._shown import Shown
from metarel.errors import InputError
from metarel.models._design import Design, level_text, value_names
from metarel.models._inference import TestResult, reference_of
from metarel.models.results import Fit
from metarel.moderators._adjust import ADJUSTMENTS, adjust_p
from metarel.moderators._grid import reference_grid
from metarel.moderators._linear import all_pairs, combination_df, combine, joint_test
from metarel.moderators._text import frame_text, limits

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class Family:
    """What rows of weights stand for.

    Parameters
    ----------
    names : list of str
        A name for each row.
    title : str
        What they are together.
    null : str
        The joint null hypothesis.
    means : int
        How many means are compared in pairs; 0 for other rows.
    """

    names: list[str]
    title: str
    null: str
    means: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class ContrastResult(Shown):
    """Linear combinations of coefficients, each tested, and all together.

    Parameters
    ----------
    table : DataFrame
        One row a combination: term, estimate, se, statistic, df, p_value, p_adjusted, ci_low,
        ci_high. The estimate is the combination minus its value under the null hypothesis.
    joint : TestResult or None
        Test of all rows together; None where their null hypotheses contradict each other, and
        NaN where the fit's test is Kenward and Roger's and studies are too few for one.
    L : ndarray, shape (m, p)
        The weights of the coefficients.
    rhs : ndarray, shape (m,)
        The values under the null hypothesis.
    adjust : str
        Code of the correction for multiple tests.
    level : float
        Confidence level of the limits, which are not corrected.
    title : str
        What the combinations are.
    """

    table: pd.DataFrame
    joint: TestResult | None
    L: Array
    rhs: Array
    adjust: str
    level: float
    title: str

    def to_frame(self) -> pd.DataFrame:
        """Return the table, one row a combination.

        Returns
        -------
        DataFrame
            A copy of ``table``.
        """
        return self.table.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return everything a machine needs, in plain types.

        Returns
        -------
        dict
            NaN and infinities become None.
        """
        found = {
            "title": self.title,
            "adjust": self.adjust,
            "level": self.level,
            "rhs": self.rhs,
            "contrasts": self.table.to_dict("records"),
            "joint": None if self.joint is None else asdict(self.joint),
        }
        return plain(found)

    def __str__(self) -> str:
        rule = ADJUSTMENTS[self.adjust]
        columns = {"term": "", "estimate": "estimate", "se": "se", "statistic": "statistic"}
        columns |= {"df": "test", "p_value": "p"}
        if rule.code != "none":
            columns |= {"p_adjusted": f"p ({rule.name})"}
        table = frame_text(self.table, columns | limits(self.level), ("se",))
        lines = [self.title, "", table, ""]
        if self.rhs.any():
            told = ", ".join(f"{value:g}" for value in np.unique(self.rhs))
            lines.append(f"Estimates are what exceeds the value under H0 ({told}).")
        if self.joint is None:
            lines.append("Together: no test, for no coefficients satisfy all of these H0.")
        else:
            lines.append(wrapped_equations(f"Together: {self.joint}"))
        if rule.code != "none":
            tests = int(self.table["p_value"].notna().sum())
            told = f"{rule.name} over {tests} tests holds {rule.holds}"
            lines.append(wrapped_equations(f"{told}; limits are not wider."))
        return "\n".join(lines)


@says_what_it_takes
def contrast(
    fit: Fit,
    L: Any = None,
    *,
    terms: str | Sequence[str] | None = None,
    pairwise: str | None = None,
    rhs: float | Sequence[float] = 0.0,
    adjust: str = "none",
    level: float | None = None,
) -> ContrastResult:
    """Test chosen coefficients, or linear combinations of coefficients, each and together.

    A combination l'b has variance l'Vl and is tested as the fit tests its coefficients, by z or
    t. All rows together are tested by the Wald statistic (Lb - c)' (LVL')^-1 (Lb - c), as
    chi-square, or divided by its df as F.

    Parameters
    ----------
    fit : MetaFit or another fit
        What `pool`, `meta_regression` or `location_scale` returned; ``fit.scale`` of a
        location-scale fit holds the coefficients of the scale.
    L : array of shape (m, p), or dict, optional
        Weights of the coefficients, in their order; or names to weights, each an array of length
        p or a dict of coefficient to weight.
    terms : str or list of str, optional
        Instead of ``L``: coefficients, terms of the formula ("C(rater)", all its columns) or
        variables ("rater").
    pairwise : str, optional
        Instead of ``L``: a factor, whose levels are compared in pairs, later minus earlier, with
        numbers at their means and other factors averaged with equal weights.
    rhs : float or sequence of m floats
        Values of the combinations under the null hypothesis.
    adjust : {"none", "bonferroni", "sidak", "holm", "hochberg", "BH", "BY", "tukey"}
        Correction of the p-values for the number of rows; "tukey" for ``pairwise`` only.
    level : float, optional
        Confidence level; by default the fit's.

    Returns
    -------
    ContrastResult
        Print it, or see ``table`` and ``joint``.

    Raises
    ------
    InputError
        When not exactly one of ``L``, ``terms`` and ``pairwise`` is given, on unknown names, and
        on shapes that do not fit the model.

    Notes
    -----
    Same numbers as metafor's ``anova(fit, X=, rhs=, adjust=)`` and ``anova(fit, btt=)``. metafor
    gives no joint test where rows follow from others; here its df is the rank of L, so that all
    pairs of a factor together test that its levels have one mean. Tukey's correction treats the
    differences as if all were equally precise, as emmeans does.

    References
    ----------
    [viechtbauer2010], [hothorn2008], [holm1979], [benjamini1995]

    Examples
    --------
    >>> import metarel as mr
    >>> table = mr.load_dataset("bcg")
    >>> trials = mr.effect_sizes(table.studies, **table.effect["default"])
    >>> fit = mr.meta_regression(trials, "ablat + alloc")
    >>> print(mr.contrast(fit, terms="alloc").joint)
    Q(2) = 1.2850, p = 0.5260 (H0: the coefficients of alloc are 0)
    >>> found = mr.contrast(fit, {"at 30 degrees": {"intercept": 1, "ablat": 30}}).table
    >>> found[["term", "estimate", "se", "p_value", "ci_low", "ci_high"]].round(3)
                term  estimate     se  p_value  ci_low  ci_high
    0  at 30 degrees    -0.525  0.292    0.072  -1.098    0.048
    """
    _check_fit(fit)
    if sum(given is not None for given in (L, terms, pairwise)) != 1:
        raise InputError(
            "`L`, `terms` and `pairwise` say what to test; give exactly one of them, "
            "such as terms='rater' or pairwise='rater'."
        )
    design = fit.study.design
    if pairwise is not None:
        rows, family = _pairs(design, pairwise)
    elif terms is not None:
        rows, family = _chosen(design, terms)
    else:
        rows, names = _weights(design, L)
        null = "all of these combinations are 0"
        family = Family(names, "Linear combinations of coefficients", null)
    values = _right_side(rhs, len(rows))
    if values.any():
        family = replace(family, null="all of these combinations have the values given")
    return rows_tested(fit, rows, family, rhs=values, adjust=adjust, level=level)


def rows_tested(
    fit: Fit,
    L: Array,
    family: Family,
    *,
    rhs: Array | float = 0.0,
    adjust: str = "none",
    level: float | None = None,
) -> ContrastResult:
    """Test rows of weights.

    Parameters
    ----------
    fit : Fit
        Coefficients, covariance and degrees of freedom.
    L : ndarray, shape (m, p)
        Weights.
    family : Family
        What the rows are.
    rhs : ndarray of shape (m,), or float
        Values under the null hypothesis.
    adjust : str
        Code of the correction.
    level : float, optional
        Confidence level.

    Returns
    -------
    ContrastResult
        The tests.
    """
    level = fit.spec.level if level is None else check_level(level)
    combined, se = combine(fit.beta, fit.vcov, L)
    right = np.broadcast_to(np.asarray(rhs, dtype=float), (len(L),)).copy()
    estimate = combined - right
    df = combination_df(fit, L)
    statistic = estimate / np.where(se > 0, se, np.nan)
    p = two_sided_p(statistic, df)
    half = critical_value(level, df) * se
    alike = bool((df == df[0]).all())
    common = float(df[0]) if alike else np.inf
    if family.means and ADJUSTMENTS[adjust].code == "tukey" and not (df == df[0]).all():
        raise InputError(
            '`adjust` "tukey" needs one df for all pairs, and this fit has others for each; '
            'use adjust="holm".'
        )
    corrected = adjust_p(p, adjust, statistic=statistic, df=common, means=family.means)
    table = pd.DataFrame(
        {
            "term": family.names,
            "estimate": estimate,
            "se": se,
            "statistic": statistic,
            "df": df,
            "p_value": p,
            "p_adjusted": corrected,
            "ci_low": estimate - half,
            "ci_high": estimate + half,
        }
    )
    # Rows with degrees of freedom of their own have no joint reference, unless something knows it:
    # a chi-square would be another test than that of the fit.
    known = alike or reference_of(fit) is not None
    joint = joint_test(fit, estimate, L, right, common, family.null) if known else None
    code = ADJUSTMENTS[adjust].code
    return ContrastResult(table, joint, L, right, code, level, family.title)


def term_columns(design: Design, name: str) -> list[int]:
    """Return the columns of a coefficient, of a term of the formula, or of a variable.

    Parameters
    ----------
    design : Design
        The design of a fit.
    name : str
        What to look for.

    Returns
    -------
    list of int
        Positions of the coefficients.

    Raises
    ------
    InputError
        When nothing has that name.
    """
    if name in design.terms:
        return [design.terms.index(name)]
    groups = design.groups
    if name in groups:
        return list(groups[name])
    found = [
        column
        for term, columns in groups.items()
        if name in design.variables and value_names(term) == {name}
        for column in columns
    ]
    if not found:
        known = dict.fromkeys([*design.terms, *groups, *design.variables])
        raise InputError(one_of("terms", known, name))
    return found


def _check_fit(fit: object) -> None:
    """Refuse what has no coefficients."""
    if not isinstance(fit, Fit):
        raise InputError(
            f"`fit` must be what pool() or meta_regression() returned; got {type(fit).__name__}."
        )


def _pairs(design: Design, factor: str) -> tuple[Array, Family]:
    """Return the rows of all pairs of a factor's levels."""
    if factor not in design.factors:
        raise InputError(one_of("pairwise", design.factors or ("(no factor)",), factor))
    grid = reference_grid(design, [factor], None, "equal")
    pairs, differences = all_pairs(len(grid.L))
    levels = [level_text(value) for value in grid.keys[factor]]
    names = [f"{levels[later]} − {levels[earlier]}" for later, earlier in pairs]
    null = f"all levels of {factor} have the same mean effect"
    title = f"Differences between levels of {factor}"
    return differences @ grid.L, Family(names, title, null, len(levels))


def _chosen(design: Design, terms: str | Sequence[str]) -> tuple[Array, Family]:
    """Return the rows that pick coefficients."""
    listed: list[Any] = list(terms) if isinstance(terms, (list, tuple)) else [terms]
    if not listed:
        raise InputError("`terms` must name at least one coefficient, term or variable.")
    if not all(isinstance(name, str) for name in listed):
        raise InputError(
            "`terms` must be names, not numbers, which programs count from 0 or from 1; "
            f"the coefficients are {listing([repr(name) for name in design.terms], 12)}; "
            f"got {terms!r}."
        )
    columns = list(dict.fromkeys(j for name in listed for j in term_columns(design, name)))
    null = f"the coefficients of {', '.join(listed)} are 0"
    family = Family([design.terms[j] for j in columns], "Chosen coefficients", null)
    return np.eye(len(design.terms))[columns], family


def _weights(design: Design, L: Any) -> tuple[Array, list[str]]:
    """Return weights as an array, with a name for each row."""
    if isinstance(L, Mapping):
        if not L:
            raise InputError("`L` must hold at least one combination.")
        rows = np.vstack([_weight_row(design, name, row) for name, row in L.items()])
        return rows, [str(name) for name in L]
    try:
        rows = np.atleast_2d(np.asarray(L, dtype=float))
    except (TypeError, ValueError):
        raise InputError(f"`L` must hold numbers, or names to numbers; got {L!r}.") from None
    _check_rows(design, rows)
    return rows, [_combination(design.terms, row) for row in rows]


def _weight_row(design: Design, name: str, row: Any) -> Array:
    """Return one named row; a mapping gives the weights of some coefficients."""
    if not isinstance(row, Mapping):
        weights, _ = _weights(design, row)
        if len(weights) != 1:
            raise InputError(f"`L[{name!r}]` must be one row; got shape {weights.shape}.")
        return weights[0]
    out = np.zeros(len(design.terms))
    for term, weight in row.items():
        if term not in design.terms:
            raise InputError(one_of(f"L[{name!r}]", design.terms, term))
        out[design.terms.index(term)] = float(weight)
    _check_rows(design, out[None, :])
    return out


def _check_rows(design: Design, rows: Array) -> None:
    if rows.ndim != 2 or rows.shape[1] != len(design.terms):
        raise InputError(
            f"`L` must have one column a coefficient ({', '.join(design.terms)}); "
            f"got shape {rows.shape}."
        )
    if not np.isfinite(rows).all() or not rows.any(axis=1).all():
        raise InputError("`L` must be finite, with a weight other than 0 in every row.")


def _right_side(rhs: Any, rows: int) -> Array:
    """Return the values under the null hypothesis, one a row."""
    try:
        values = np.asarray(rhs, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"`rhs` must hold numbers; got {rhs!r}.") from None
    if values.ndim > 1 or values.size not in (1, rows) or not np.isfinite(values).all():
        raise InputError(f"`rhs` must be one finite number, or one for each of {rows} rows.")
    return np.broadcast_to(values.ravel() if values.ndim else values, (rows,)).copy()


def _combination(terms: Sequence[str], row: Array) -> str:
    """Return a row of weights as a sum: ``intercept + 10 ablat``."""
    parts = []
    for term, weight in zip(terms, row, strict=True):
        if weight:
            size = "" if abs(weight) == 1 else f"{abs(weight):g} "
            parts.append((" − " if weight < 0 else " + ") + size + term)
    text = "".join(parts)
    return text[3:] if text.startswith(" + ") else text[1:2] + text[3:]
