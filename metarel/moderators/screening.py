"""Moderators tested one at a time, with their number never out of sight."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_frame, check_level, column
from metarel._format import count, listing, plain
from metarel._lazy import pd
from metarel._shown import Shown
from metarel.errors import InputError, MetarelWarning
from metarel.models.meta import meta_regression
from metarel.models.results import MetaFit
from metarel.moderators._adjust import ADJUSTMENTS, adjust_p
from metarel.moderators._text import frame_text, limits

if TYPE_CHECKING:
    from metarel._checks import Column


@dataclass(frozen=True, eq=False, repr=False)
class Screening(Shown):
    """Moderators tested one at a time.

    Parameters
    ----------
    table : DataFrame
        One row a moderator, in the order given: term, k, missing (rows without it), coefficients,
        estimate, se, ci_low, ci_high (of a moderator with one coefficient), QM (chi-square, or F
        where df2 is finite), df1, df2, p_value, p_adjusted, R2, tau2, note (why there is no
        test).
    tested : int
        How many moderators were tested.
    adjust : str
        Code of the correction for multiple tests.
    level : float
        Confidence level.
    """

    table: pd.DataFrame
    tested: int
    adjust: str
    level: float

    def to_frame(self) -> pd.DataFrame:
        """Return the table, one row a moderator.

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
            The table as records, and the number of tests.
        """
        found = {
            "tested": self.tested,
            "adjust": self.adjust,
            "level": self.level,
            "moderators": self.table.to_dict("records"),
        }
        return plain(found)

    def __str__(self) -> str:
        rule, alpha = ADJUSTMENTS[self.adjust], 1 - self.level
        p = self.table["p_value"]
        below, corrected = int((p < alpha).sum()), int((self.table["p_adjusted"] < alpha).sum())
        columns = {"term": "", "k": "k", "estimate": "estimate", **limits(self.level)}
        kind = "F" if np.isfinite(self.table["df2"]).any() else "QM"
        columns |= {"QM": kind, "df1": "df", "p_value": "p"}
        if rule.code != "none":
            columns |= {"p_adjusted": f"p ({rule.name})"}
        columns |= {"R2": "R2"}
        lines = [
            f"{count(self.tested, 'moderator')} tested, one at a time",
            "",
            frame_text(self.table, columns),
            "",
            f"{below} with p < {alpha:.4g}; about {alpha * self.tested:.1f} would be expected "
            f"if none of the {self.tested} mattered.",
        ]
        if rule.code != "none":
            lines.append(f"{corrected} after correction ({rule.name}).")
        lines += [
            f"Not tested: {name}: {note}."
            for name, note in zip(list(self.table["term"]), list(self.table["note"]), strict=True)
            if note
        ]
        return "\n".join(lines)


@says_what_it_takes
def screen_moderators(
    data: pd.DataFrame,
    columns: Sequence[str],
    *,
    yi: Column | None = None,
    vi: Column | None = None,
    sei: Column | None = None,
    tau2: str | float = "REML",
    test: str = "z",
    adjust: str = "holm",
    level: float = 0.95,
    measure: str | None = None,
) -> Screening:
    """Test moderators one at a time, each in its own meta-regression, and correct for their number.

    Parameters
    ----------
    data : DataFrame
        One row a study.
    columns : list of str
        Moderators: columns, or formulas such as "C(quality)" and "poly(year, 2)". Text columns
        are factors.
    yi, vi, sei : column name or array
        As for ``pool``.
    tau2 : str or float
        Estimator of tau2, or its value.
    test : {"z", "t", "knha", "adhoc"}
        As for ``meta_regression``.
    adjust : {"none", "bonferroni", "sidak", "holm", "hochberg", "BH", "BY"}
        Correction of the p-values for the number of moderators tested.
    level : float
        Confidence level, a fraction.
    measure : str, optional
        Code of the effect size measure.

    Returns
    -------
    Screening
        Print it, or see ``table``; both hold every moderator that was asked for, also those that
        could not be tested, and why.

    Raises
    ------
    InputError
        When nothing is listed, a moderator stands twice, or a column does not exist.

    Notes
    -----
    Each row is metafor's ``rma(yi, vi, mods = ~ moderator)``. Moderators that go together are not
    told apart here; see `meta_regression` with several, and `vif`. Rows differ in their studies
    where moderators are missing, which the column k shows.

    References
    ----------
    [higgins2004], [holm1979]

    Examples
    --------
    >>> import metarel as mr
    >>> table = mr.load_dataset("bcg")
    >>> trials = mr.effect_sizes(table.studies, **table.effect["default"])
    >>> found = mr.screen_moderators(trials, ["ablat", "year", "alloc"])
    >>> print(str(found).splitlines()[0])
    3 moderators tested, one at a time
    >>> found.table[["term", "k", "QM", "df1", "p_value", "p_adjusted"]].round(3)
        term   k      QM  df1  p_value  p_adjusted
    0  ablat  13  16.358    1    0.000       0.000
    1   year  13   2.686    1    0.101       0.202
    2  alloc  13   1.768    2    0.413       0.413
    """
    check_frame(data)
    if data is None:
        raise InputError("`data` must be a DataFrame that has the moderators.")
    level = check_level(level)
    rule = ADJUSTMENTS[adjust]
    if rule.code == "tukey":
        raise InputError("`adjust` 'tukey' is for pairs of means; use 'holm' for moderators.")
    listed = _checked(columns)
    for name in listed:
        if name.isidentifier():
            column(data, name, "columns")
    options = {"yi": yi, "vi": vi, "sei": sei, "tau2": tau2, "test": test, "level": level}
    rows = [_row(data, name, options | {"measure": measure}) for name in listed]
    table = pd.DataFrame(rows)
    after = list(table.columns).index("p_value") + 1
    table.insert(after, "p_adjusted", adjust_p(table["p_value"].to_numpy(dtype=float), rule.code))
    return Screening(table, int(table["p_value"].notna().sum()), rule.code, level)


def _checked(columns: Sequence[str]) -> list[str]:
    """Return the moderators as listed, or refuse what is not a list of different ones."""
    if isinstance(columns, str) or not all(isinstance(name, str) for name in columns):
        raise InputError(f"`columns` must be a list of moderators; got {columns!r}.")
    listed = list(columns)
    if not listed or len(set(listed)) < len(listed):
        raise InputError(f"`columns` must be one or more different moderators; got {listed!r}.")
    return listed


def _row(data: pd.DataFrame, name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return one line: a fit's numbers, or why there is none."""
    formula = f"`{name}`" if name in data.columns and not name.isidentifier() else name
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MetarelWarning)  # rows left out stand in the table
            fit = meta_regression(data, formula, **options)
    except InputError as fault:
        if not _untestable(data, name):
            raise
        reason = _untestable(data, name)
        return _line(name, None, len(data), reason or str(fault))
    return _line(name, fit, len(data), "")


def _untestable(data: pd.DataFrame, name: str) -> str:
    """Return why a column cannot be a moderator, or an empty string."""
    if name not in data.columns:
        return ""
    values = data[name].dropna()
    if values.empty:
        return "it is missing in every row"
    if values.nunique() == 1:
        return f"it has one value only, {listing([str(values.iloc[0])])}"
    if not pd.api.types.is_numeric_dtype(values) and values.nunique() >= len(values) - 1:
        return f"it has {values.nunique()} levels in {len(values)} rows"
    return ""


def _line(name: str, fit: MetaFit | None, rows: int, note: str) -> dict[str, Any]:
    blank = math.nan
    line: dict[str, Any] = {"term": name, "k": 0, "missing": rows, "coefficients": 0}
    line |= dict.fromkeys(("estimate", "se", "ci_low", "ci_high", "QM", "df1", "df2"), blank)
    line |= {"p_value": blank, "R2": blank, "tau2": blank, "note": note}
    if fit is None or fit.omnibus is None:
        return line
    line |= {"k": fit.k, "missing": rows - fit.k, "coefficients": fit.p - 1}
    if fit.p == 2:
        line |= {
            "estimate": float(fit.beta[1]),
            "se": float(fit.se[1]),
            "ci_low": float(np.asarray(fit.ci_low)[1]),
            "ci_high": float(np.asarray(fit.ci_high)[1]),
        }
    test = fit.omnibus
    return line | {
        "QM": test.statistic,
        "df1": int(test.df1),
        "df2": test.df2,
        "p_value": test.p_value,
        "R2": fit.R2,
        "tau2": fit.tau2,
    }
