"""Values that stand beside the studies of a fit: clusters, orders, sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import column, is_series
from metarel._format import listing
from metarel._lazy import pd
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._checks import Array, Column
    from metarel.models.results import Fit


def beside_studies(fit: Fit, values: Column, argument: str, data: pd.DataFrame | None) -> pd.Series:
    """Return one value a study, from a column or an array that may cover rows left out.

    Parameters
    ----------
    fit : Fit
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
        whole = _rows_of_data(fit)
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


def _rows_of_data(fit: Fit) -> int:
    """Return the number of rows of the data; of a part of them, the number of its studies."""
    study = fit.study
    rows = np.sort(np.append(study.rows, [row.row for row in study.dropped]))
    return len(rows) if np.array_equal(rows, np.arange(len(rows))) else study.k


def _refuse_other_frame(data: Any, fit: Fit) -> None:
    """Refuse a frame in whose rows the effects of the fit do not stand."""
    rows, yi = np.asarray(fit.study.rows), fit.study.yi
    numeric = data.select_dtypes("number")
    holds = (np.array_equal(numeric.iloc[rows, j], yi) for j in range(numeric.shape[1]))
    if len(data) != fit.study.k + len(fit.study.dropped) or not any(holds):
        raise InputError(
            "`data` must be the frame the fit was made from, in the same order; the effects of "
            "the fit do not stand in its rows. Pass that frame, or an array with one value a study."
        )
