"""What refits come to as tidy frames, and values that stand beside the studies of a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import column, is_series
from metarel._format import listing
from metarel._lazy import pd
from metarel.diagnose._refits import shares
from metarel.errors import InputError
from metarel.models._prediction import Transform, resolve_transform
from metarel.models.batch_result import NOTES

if TYPE_CHECKING:
    from metarel._checks import Array, Column
    from metarel.models.batch_regression import BatchRegression
    from metarel.models.results import MetaFit


def refit_table(
    fit: MetaFit, refits: BatchRegression, heads: dict[str, Any], transform: Transform
) -> pd.DataFrame:
    """Return refits as a tidy frame: a row a refit, or a row a refit and coefficient.

    Parameters
    ----------
    fit : MetaFit
        The fit that was refitted.
    refits : BatchRegression
        The refits.
    heads : dict
        Columns that name each refit, shape (m,).
    transform : str, callable, True or None
        Back-transformation of estimates and limits; standard errors are then NaN.

    Returns
    -------
    DataFrame
        The heads, term (with moderators only), k, and then the vocabulary of the house.
    """
    m, p = refits.beta.shape
    back = resolve_transform(transform, fit.study.measure)
    plain = transform in (None, False)
    low, high = refits.ci
    I2, H2 = shares(fit, refits)
    each: dict[str, Any] = {
        "estimate": back(refits.beta),
        "se": refits.se if plain else np.full((m, p), np.nan),
        "statistic": refits.statistic,
        "df": np.repeat(refits.df[:, None], p, axis=1),
        "p_value": refits.p_value,
        "ci_low": back(low),
        "ci_high": back(high),
    }
    whole: dict[str, Any] = {
        "tau2": refits.tau2,
        "Q": refits.Q,
        "Q_df": refits.Q_df,
        "Q_p": refits.Q_p,
        "I2": I2,
        "H2": H2,
        "note": note_texts(refits),
    }
    moderated = fit.study.terms != ("intercept",)
    columns = {name: np.repeat(np.asarray(values), p) for name, values in heads.items()}
    if moderated:
        columns["term"] = np.tile(np.array(fit.study.terms, dtype=object), m)
    columns["k"] = np.repeat(refits.k.astype(int), p)
    columns |= {name: np.asarray(values).ravel() for name, values in each.items()}
    columns |= {name: np.repeat(values, p) for name, values in whole.items()}
    return pd.DataFrame(columns)


def note_texts(refits: BatchRegression) -> Any:
    """Return what is said of each refit, as text."""
    return np.array(NOTES, dtype=object)[refits.note]


def label_array(fit: MetaFit) -> Any:
    """Return the names of the studies as an array of text."""
    return np.array(list(fit.study.labels), dtype=object)


def beside_studies(
    fit: MetaFit, values: Column, argument: str, data: pd.DataFrame | None
) -> pd.Series:
    """Return one value a study, from a column or an array that may cover rows left out.

    Parameters
    ----------
    fit : MetaFit
        The fit.
    values : column name or array
        A column of ``data``; or one value a study, or one a row of what the fit was made from.
    argument : str
        How messages call it.
    data : DataFrame, optional
        What the fit was made from.

    Returns
    -------
    Series
        Values of the k studies, numbered from 0; none is missing.
    """
    rows, study = np.asarray(fit.study.rows), fit.study
    if isinstance(values, str):
        if data is None:
            raise InputError(
                f"`{argument}` names the column {values!r}; pass the frame the fit was made from "
                "as `data`, or an array here."
            )
        series = column(data, values, argument)
        if len(series) <= rows.max():
            raise InputError(
                f"`data` must be the frame the fit was made from; it has {len(series)} rows, and "
                f"the fit has a study in row {rows.max()}."
            )
        _refuse_other_frame(data, fit)
        series = series.iloc[rows]
    else:
        given: Any = values
        if not is_series(given) and np.ndim(given) != 1:
            raise InputError(f"`{argument}` must be one value a study; got {given!r}.")
        series = pd.Series(given.array if is_series(given) else list(given))
        whole = study.k + len(study.dropped)
        if len(series) not in (study.k, whole):
            all_rows = f" (or one a row of the data, {whole})" if whole > study.k else ""
            raise InputError(
                f"`{argument}` must have one value a study, {study.k}{all_rows}; got {len(series)}."
            )
        if len(series) != study.k:
            series = series.iloc[rows]
    series = series.reset_index(drop=True)
    missing = np.flatnonzero(series.isna().to_numpy())
    if missing.size:
        named = listing([repr(study.labels[int(i)]) for i in missing], 5)
        raise InputError(
            f"`{argument}` must be given for every study of the fit; {named} has none."
        )
    return series


def first_of_each(values: Array) -> tuple[Any, Any]:
    """Return the distinct values in order of appearance, and which of them each one is."""
    codes, distinct = pd.factorize(values)
    return np.asarray(distinct), np.asarray(codes)


def _refuse_other_frame(data: Any, fit: MetaFit) -> None:
    """Refuse a frame in whose rows the effects of the fit do not stand."""
    rows, yi = np.asarray(fit.study.rows), fit.study.yi
    numeric = data.select_dtypes("number")
    holds = (np.array_equal(numeric.iloc[rows, j], yi) for j in range(numeric.shape[1]))
    if len(data) != fit.study.k + len(fit.study.dropped) or not any(holds):
        raise InputError(
            "`data` must be the frame the fit was made from, in the same order; the effects of "
            "the fit do not stand in its rows. Pass that frame, or an array with one value a study."
        )
