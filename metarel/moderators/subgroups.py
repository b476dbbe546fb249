"""Subgroup analysis: one model a level, and a test between the levels."""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_frame, column
from metarel._distributions import chi_square_p
from metarel._format import adaptive, count, fixed, p_value, percent, plain
from metarel._lazy import pd
from metarel.errors import InputError
from metarel.models._design import intercept_only
from metarel.models._inference import TestResult, wald_test
from metarel.models._study import StudyData, read_studies
from metarel.models.meta import fit_model
from metarel.models.results import MetaFit

if TYPE_CHECKING:
    from metarel._checks import Column


@dataclass(frozen=True)
class SubgroupsResult:
    """Pooled effects by level, and the test between them.

    Parameters
    ----------
    by : str
        The column of the levels.
    fits : dict
        Level to its fit, in order of appearance.
    table : DataFrame
        One row a level: level, k, estimate, se, ci_low, ci_high, tau2, I2, Q, Q_df, Q_p.
    between : TestResult
        Test that all levels have the same mean.
    within : TestResult
        Sum of the levels' Q: test that effects are equal within every level.
    overall : MetaFit
        The model over all studies, whatever their level.
    common_tau2 : bool
        Whether all levels share one tau2.
    dropped : int
        Rows left out for lack of yi, vi or a level.
    """

    by: str
    fits: dict[str, MetaFit]
    table: pd.DataFrame
    between: TestResult
    within: TestResult
    overall: MetaFit
    common_tau2: bool
    dropped: int

    def to_frame(self) -> pd.DataFrame:
        """Return the table, one row a level.

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
            The levels' fits as they describe themselves, the overall fit and both tests; NaN and
            infinities become None.
        """
        found = {
            "by": self.by,
            "common_tau2": self.common_tau2,
            "dropped": self.dropped,
            "levels": {level: fit.to_dict() for level, fit in self.fits.items()},
            "overall": self.overall.to_dict(),
            "between": asdict(self.between),
            "within": asdict(self.within),
        }
        return plain(found)

    def __str__(self) -> str:
        kind = "one tau2 for all levels" if self.common_tau2 else "a tau2 of its own in each level"
        level = f"{100 * self.overall.spec.level:g}%"
        head = ["", "k", "estimate", f"{level} low", f"{level} high", "tau2", "I2", "Q", "p(Q)"]
        rows = [head]
        named: list[tuple[str, MetaFit]] = [*self.fits.items(), ("overall", self.overall)]
        for name, fit in named:
            row = _row(name, fit)
            cells = [adaptive(row[key]) for key in ("estimate", "ci_low", "ci_high", "tau2")]
            tail = [percent(row["I2"], 1), fixed(row["Q"], 2), p_value(row["Q_p"]).lstrip("= ")]
            rows.append([name, str(row["k"]), *cells, *tail])
        widths = [max(len(r[i]) for r in rows) for i in range(len(head))]
        lines = [_aligned(row, widths) for row in rows]
        dropped = f"; {count(self.dropped, 'row')} left out" if self.dropped else ""
        return "\n".join(
            [
                f"Subgroups by {self.by}, {kind}{dropped}",
                "",
                *lines,
                "",
                f"Between levels: {self.between}",
                f"Within levels:  {self.within}",
            ]
        )

    __repr__ = __str__


def subgroups(
    data: pd.DataFrame,
    by: str,
    *,
    yi: Column | None = None,
    vi: Column | None = None,
    sei: Column | None = None,
    common_tau2: bool = False,
    tau2: str | float = "REML",
    test: str = "z",
    level: float = 0.95,
    labels: Column | None = None,
    measure: str | None = None,
) -> SubgroupsResult:
    """Pool the studies of each level apart, and test whether the levels differ.

    With level means m_g and variances s_g^2 the test between levels is the sum of
    (m_g - m)^2 / s_g^2 around their weighted mean m, chi-square with (levels - 1) df.

    Parameters
    ----------
    data : DataFrame
        One row a study.
    by : str
        Column of the levels.
    yi, vi, sei : column name or array
        As for ``pool``.
    common_tau2 : bool
        Whether the levels share one tau2, estimated within levels (a meta-regression on the
        factor); by default each level has its own.
    tau2 : str or float
        Estimator of tau2, or its value.
    test : {"z", "t", "knha", "adhoc"}
        Test of each level's mean; with a shared tau2, t tests have k − levels df.
    level : float
        Confidence level, a fraction.
    labels : column name or array, optional
        Names of the studies.
    measure : str, optional
        Code of the effect size measure.

    Returns
    -------
    SubgroupsResult
        Fits, table, tests between and within.

    Raises
    ------
    InputError
        As ``pool``; also when fewer than two levels have studies.

    Warns
    -----
    MetarelWarning
        When rows are left out. A level with one study stands as that study's own estimate.

    Notes
    -----
    Programs differ on the choice: meta and RevMan take a tau2 for each level by default, a
    meta-regression on the factor shares one.

    References
    ----------
    [borenstein2009]

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
    """
    check_frame(data)
    if data is None:
        raise InputError("`data` must be a DataFrame that has the column of levels.")
    groups = column(data, by, "by")
    factor = re.sub(r"\W", "_", by)  # a name that a formula can hold
    whole = read_studies(
        data.assign(**{factor: groups}),
        yi=yi,
        vi=vi,
        sei=sei,
        labels=labels,
        measure=measure,
        weights=None,
        formula=f"0 + C({factor})",
    )
    names = groups.iloc[whole.rows].astype(str).to_numpy()
    levels = list(dict.fromkeys(names))
    if len(levels) < 2:
        raise InputError(
            f"`by` must name a column with at least two levels among the complete rows; "
            f"{by!r} has only {levels[0]!r}."
        )
    overall = fit_model(_part(whole, np.ones(len(names), dtype=bool)), tau2, test, level)
    parts = {g: names == g for g in levels}
    joint = fit_model(whole, tau2, test, level) if common_tau2 else None
    if joint is None:
        fits = {g: fit_model(_part(whole, keep), tau2, test, level) for g, keep in parts.items()}
    else:
        fits = {g: _shared(whole, keep, joint, level) for g, keep in parts.items()}
    between = _between(fits, joint)
    Q = sum(f.Q for f in fits.values())
    df = sum(f.heterogeneity.Q_df for f in fits.values())
    within = TestResult(
        "effects are equal within every level", Q, df, math.inf, chi_square_p(Q, df)
    )
    table = pd.DataFrame([_row(g, f) for g, f in fits.items()])
    return SubgroupsResult(
        by, fits, table, between, within, overall, common_tau2, len(whole.dropped)
    )


def _aligned(cells: list[str], widths: list[int]) -> str:
    """Return one line of the printed table, the first cell to the left."""
    first = cells[0].ljust(widths[0])
    rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return "  ".join([first, *rest])


def _row(name: str, fit: MetaFit) -> dict[str, Any]:
    """Return one line of the table."""
    return {
        "level": name,
        "k": fit.k,
        "estimate": fit.estimate,
        "se": float(fit.se[0]),
        "ci_low": float(fit.ci_low[0]),
        "ci_high": float(fit.ci_high[0]),
        "tau2": fit.tau2,
        "I2": fit.I2,
        "Q": fit.Q,
        "Q_df": fit.heterogeneity.Q_df,
        "Q_p": fit.heterogeneity.Q_p,
    }


def _part(whole: StudyData, keep: Any) -> StudyData:
    """Return some of the studies, with an intercept only."""
    return StudyData(
        whole.yi[keep],
        whole.vi[keep],
        intercept_only(int(keep.sum())),
        tuple(label for label, kept in zip(whole.labels, keep, strict=True) if kept),
        whole.rows[keep],
        (),
        whole.measure,
        None,
    )


def _shared(whole: StudyData, keep: Any, joint: MetaFit, level: float) -> MetaFit:
    """Return one level's fit under the tau2, the scale and the df of the joint model."""
    alone = fit_model(_part(whole, keep), joint.tau2, "z", level)
    j = int(np.argmax(whole.X[keep][0]))
    return replace(
        alone,
        vcov=joint.vcov[j : j + 1, j : j + 1],
        df=joint.df[j : j + 1],
        spec=replace(alone.spec, tau2=joint.spec.tau2, test=joint.spec.test),
        tau2_se=joint.tau2_se,
        trace=joint.trace,
    )


def _between(fits: dict[str, MetaFit], shared: MetaFit | None) -> TestResult:
    """Test that the levels' means are one: chi-square, or F where a shared model uses t."""
    beta = np.array([fit.estimate for fit in fits.values()])
    variances = np.array([float(fit.vcov[0, 0]) for fit in fits.values()])
    contrast = np.column_stack([np.eye(len(beta) - 1), -np.ones(len(beta) - 1)])
    df2 = math.inf if shared is None else float(shared.df[0])
    return wald_test(
        contrast @ beta,
        contrast @ np.diag(variances) @ contrast.T,
        list(range(len(beta) - 1)),
        df2,
        "all levels have the same mean effect",
    )
