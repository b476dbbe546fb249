"""Studies that are shown, but were not pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import column, is_frame, label_column
from metarel._lazy import pd
from metarel.errors import InputError
from metarel.models._design import level_text
from metarel.plot._rows import Row, effect_columns

if TYPE_CHECKING:
    from metarel.plot._scale import Scale

Rows = list[Row]


def with_excluded(
    excluded: Any, fit: Any, data: pd.DataFrame | None, scale: Scale, by: str = ""
) -> tuple[Rows, pd.DataFrame | None]:
    """Return a row for each study that was left out, and the frame in which all have a place.

    Parameters
    ----------
    excluded : bool, str, array of bool or DataFrame
        True for the rows that the fit dropped, rows of ``data`` that the fit did not get (a mask
        or a column of truth values), or a frame of studies.
    fit : MetaFit
        The fit.
    data : DataFrame or None
        The frame it was made from, with the rows that a mask marks still in it.
    scale : Scale
        Of the axis.
    by : str
        Column of the subgroups, where there are some.

    Returns
    -------
    list of Row
        The studies.
    DataFrame or None
        Rows of the fit at their positions, and the others.
    """
    if excluded is None or excluded is False:
        return [], data
    if excluded is True:
        gaps = fit.study.dropped
        labels = [gap.label for gap in gaps]
        return _rows_at([gap.row for gap in gaps], labels, data, fit, scale, by), data
    if is_frame(excluded):
        frame = excluded if data is None else pd.concat([data, excluded], ignore_index=True)
        frame.attrs = dict(excluded.attrs if data is None else data.attrs)
        first = 0 if data is None else len(data)
        places = list(range(first, len(frame)))
        rows = _rows_at(places, None, frame, None if data is None else fit, scale, by, fit)
        if data is None:  # no frame to have a place in: they come last
            last = int(fit.study.rows.max()) + 1
            return [replace(row, study=last + row.study) for row in rows], None
        return rows, frame
    frame, kept = _split(excluded, data, fit)
    return _rows_at(list(range(kept, len(frame))), None, frame, fit, scale, by), frame


def _split(excluded: Any, data: pd.DataFrame | None, fit: Any) -> tuple[pd.DataFrame, int]:
    """Return the frame with the marked rows last, and the number of those before them."""
    if data is None:
        raise InputError(
            "`excluded` marks rows of `data`, and no `data` was given; True shows the rows that "
            "the fit itself left out."
        )
    mask = np.asarray(column(data, excluded, "excluded") if isinstance(excluded, str) else excluded)
    if mask.dtype.kind != "b" or mask.shape != (len(data),):
        raise InputError(
            f"`excluded` must be True, a frame of studies, or one truth value for each of the "
            f"{len(data)} rows of `data`; got an array of {mask.dtype} with shape {mask.shape}."
        )
    kept = int((~mask).sum())
    if fit.k + len(fit.study.dropped) != kept:
        raise InputError(
            f"`excluded` must mark the rows of `data` that the fit did not get: {kept} are not "
            f"marked, but the fit was made from {fit.k + len(fit.study.dropped)}. Fit again "
            "without them: pool(data[~mask])."
        )
    return pd.concat([data[~mask], data[mask]], ignore_index=True), kept


def _rows_at(
    places: Sequence[int],
    labels: Sequence[str] | None,
    data: pd.DataFrame | None,
    fit: Any,
    scale: Scale,
    by: str,
    asked: Any = None,
) -> Rows:
    """Return rows for positions in a frame, with whatever numbers stand there."""
    level = (asked or fit).spec.level
    yi, vi = np.full(len(places), np.nan), np.full(len(places), np.nan)
    groups = [""] * len(places)
    if data is not None:
        part = data.iloc[list(places)]
        yi = _numbers(part, _column_like(data, fit, "yi", ("yi",)))
        vi = _numbers(part, _column_like(data, fit, "vi", ("vi",)))
        if np.isnan(vi).all():
            vi = _numbers(part, "sei") ** 2
        if labels is None:
            found = label_column(data)
            name = _column_like(data, fit, "labels", () if found is None else (found,))
            labels = [f"Row {i}" if name is None else str(data[name].iloc[i]) for i in places]
        if by in part:
            groups = [level_text(value) for value in part[by]]
    columns = effect_columns(yi, np.where(vi > 0, vi, np.nan), level, scale)
    return [
        Row(
            "excluded",
            str(label),
            group,
            study=int(place),
            **{name: float(values[i]) for name, values in columns.items()},  # type: ignore[arg-type]
        )
        for i, (place, label, group) in enumerate(zip(places, labels or (), groups, strict=True))
    ]


def _column_like(data: pd.DataFrame, fit: Any, what: str, usual: Sequence[str]) -> str | None:
    """Return the column that holds what the fit was made from, else the usual one."""
    found = next((name for name in usual if name in data.columns), None)
    if fit is None or fit.study.rows.max() >= len(data):
        return found
    own = getattr(fit.study, what)
    values = np.asarray(own, dtype=float) if what != "labels" else np.array(list(own), dtype=object)
    at = data.iloc[fit.study.rows]
    for name in dict.fromkeys([*([found] if found else []), *data.columns]):
        there = at[name]
        if what == "labels":
            same = (there.astype(str).to_numpy() == values).all()
        else:
            same = there.dtype.kind in "fiu" and np.array_equal(there.to_numpy(float), values)
        if same:
            return str(name)
    return found


def _numbers(part: pd.DataFrame, name: str | None) -> Any:
    """Return a column as floats, NaN where it does not exist."""
    if name is None or name not in part:
        return np.full(len(part), np.nan)
    return pd.to_numeric(part[name], errors="coerce").to_numpy(dtype=float)
