"""The rows of a forest plot as numbers: one record for each study and each pooled result."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import column
from metarel._distributions import critical_value, two_sided_p
from metarel._register import did_you_mean
from metarel.errors import InputError
from metarel.plot._scale import Scale

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel._lazy import pd

ORDERS = ("estimate", "weight", "label")


@dataclass(frozen=True, slots=True)
class Row:
    """The numbers behind one row, on the scale of the axis.

    Parameters
    ----------
    kind : str
        ``"study"``, ``"excluded"`` (shown, not pooled), ``"refit"`` (a pooled result among
        others), ``"subgroup"`` (the mean of a level) or ``"summary"``.
    label : str
        What the row is called.
    group : str
        The subgroup it belongs to; empty where there are none.
    estimate, ci_low, ci_high : float
        The effect and its interval at the level of the fit.
    weight : float
        Share of the study in the estimate, in percent.
    pi_low, pi_high : float
        Prediction interval of a pooled result.
    fitted, fitted_low, fitted_high : float
        What a meta-regression says about the study: its fitted mean and the interval of it.
    yi, sei : float
        Of a study, on the scale of the analysis.
    p_value : float
        Of the test that the effect is zero on the scale of the analysis.
    k, tau2, I2 : float
        Of a pooled result: studies, between-study variance, and share of it.
    study : int
        Position of the study in the data of the fit; -1 for other rows.
    shares : tuple of float
        Weights of the study in further models, in percent.
    fit : object
        What a pooled result is the result of.
    """

    kind: str
    label: str
    group: str = ""
    estimate: float = math.nan
    ci_low: float = math.nan
    ci_high: float = math.nan
    weight: float = math.nan
    pi_low: float = math.nan
    pi_high: float = math.nan
    fitted: float = math.nan
    fitted_low: float = math.nan
    fitted_high: float = math.nan
    yi: float = math.nan
    sei: float = math.nan
    p_value: float = math.nan
    k: float = math.nan
    tau2: float = math.nan
    I2: float = math.nan
    study: int = -1
    shares: tuple[float, ...] = ()
    fit: Any = field(default=None, repr=False, compare=False)

    def numbers(self) -> dict[str, Any]:
        """Return what stands in a frame of the numbers behind the marks."""
        hidden = ("study", "shares", "fit")
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in hidden}


@dataclass(frozen=True, slots=True)
class Block:
    """Studies that are pooled together, with what came of it.

    Parameters
    ----------
    studies : tuple of Row
        In the order in which they are drawn.
    summary : Row or None
        The pooled result.
    heading : str
        What stands above the studies; may be empty.
    notes : tuple of str
        What stands below the summary.
    more : tuple of Row
        Results of further models of the same studies.
    """

    studies: tuple[Row, ...]
    summary: Row | None
    heading: str = ""
    notes: tuple[str, ...] = ()
    more: tuple[Row, ...] = ()

    @property
    def summaries(self) -> tuple[Row, ...]:
        """Return the pooled results, the first model's first."""
        return (*(() if self.summary is None else (self.summary,)), *self.more)


def has_moderators(fit: Any) -> bool:
    """Tell whether a fit is a meta-regression."""
    return bool(fit.spec.formula != "1")


def random_effects(fit: Any) -> bool:
    """Tell whether a model lets effects differ between studies, and has studies to see it in."""
    return fit.spec.tau2 != "EE" and fit.k > 1


def effect_columns(yi: Any, vi: Any, level: float, scale: Scale) -> dict[str, Array]:
    """Return effects with their normal intervals on the scale of the axis, and their tests."""
    yi, se = np.asarray(yi, dtype=float), np.sqrt(np.asarray(vi, dtype=float))
    half = float(critical_value(level, math.inf)) * se
    return {
        "estimate": scale.to_axis(yi),
        "ci_low": scale.to_axis(yi - half),
        "ci_high": scale.to_axis(yi + half),
        "yi": yi,
        "sei": se,
        "p_value": two_sided_p(yi / se, math.inf),
    }


def study_rows(fit: Any, scale: Scale, also: Sequence[Any] = ()) -> list[Row]:
    """Return a row for each study, in the order of the fit, with its weights in further fits."""
    columns = effect_columns(fit.study.yi, fit.study.vi, fit.spec.level, scale)
    columns["weight"] = np.asarray(fit.weights(), dtype=float)
    shares = np.reshape([np.asarray(other.weights(), dtype=float) for other in also], (-1, fit.k))
    if has_moderators(fit):
        fitted = fit.predict()
        columns |= {
            "fitted": scale.to_axis(fitted["estimate"]),
            "fitted_low": scale.to_axis(fitted["ci_low"]),
            "fitted_high": scale.to_axis(fitted["ci_high"]),
        }
    rows = []
    for i, label in enumerate(fit.study.labels):
        numbers: dict[str, Any] = {name: float(values[i]) for name, values in columns.items()}
        own = tuple(shares[:, i].tolist())
        rows.append(Row("study", str(label), study=int(fit.study.rows[i]), shares=own, **numbers))
    return rows


def dated(rows: Sequence[Row], data: pd.DataFrame | None) -> list[Row]:
    """Return the rows, those whose names repeat with their year behind it where it is known.

    The column is called year, in any case.
    """
    names = Counter(row.label for row in rows)
    column = None if data is None else next((c for c in data if str(c).lower() == "year"), None)
    if column is None or data is None or max(names.values(), default=0) < 2:
        return list(rows)
    years = data[column].tolist()
    found = []
    for row in rows:
        known = 0 <= row.study < len(years) and names[row.label] > 1
        year = "" if not known or years[row.study] != years[row.study] else years[row.study]
        text = f"{year:.0f}" if isinstance(year, (int, float)) else str(year)
        bare = not text or text in row.label
        found.append(row if bare else replace(row, label=f"{row.label} {text}"))
    return found


def summary_row(fit: Any, scale: Scale, label: str, group: str = "") -> Row:
    """Return the row of the pooled result; a meta-regression has a label and no single estimate."""
    if has_moderators(fit):
        return Row("summary", label, group, k=fit.k, tau2=fit.tau2, I2=fit.I2, fit=fit)
    pooled = fit.predict().iloc[0]
    names = ["estimate", "ci_low", "ci_high"]
    if random_effects(fit):  # otherwise there is nothing to predict beyond the mean
        names += ["pi_low", "pi_high"]
    numbers: dict[str, Any] = {name: float(scale.to_axis(pooled[name])) for name in names}
    numbers |= {"p_value": float(fit.p_value[0]), "k": float(fit.k)}
    if fit.k > 1:  # one study says nothing of others
        numbers |= {"tau2": float(fit.tau2), "I2": float(fit.I2)}
    return Row("summary", label, group, fit=fit, **numbers)


def in_order(rows: Sequence[Row], order: str | None, data: pd.DataFrame | None) -> list[Row]:
    """Return study rows sorted by an estimate, weight, label or column; ``-`` in front reverses."""
    if order is None:
        return list(rows)
    name, descending = order.removeprefix("-"), order.startswith("-")
    if name in ORDERS:
        keys = [getattr(row, name) for row in rows]
    elif data is not None:
        values = column_of(data, name, "order", rows).tolist()
        keys = [values[row.study] for row in rows]
    else:
        raise InputError(
            f"`order` must be one of {', '.join(map(repr, ORDERS))}, or a column of `data`, with "
            f"'-' in front to reverse; got {order!r} and no `data`.{did_you_mean(name, ORDERS)}"
        )
    missing = [key is None or key != key for key in keys]
    known = [i for i, gap in enumerate(missing) if not gap]
    try:
        known.sort(key=keys.__getitem__, reverse=descending)
    except TypeError as fault:
        raise InputError(
            f"`order` must name a column that can be sorted; {name!r} mixes words and numbers."
        ) from fault
    return [rows[i] for i in known] + [row for row, gap in zip(rows, missing, strict=True) if gap]


def column_of(data: pd.DataFrame, name: str, argument: str, rows: Sequence[Row]) -> pd.Series:
    """Return a column of the frame that a fit was made from, long enough to hold its studies."""
    last = max((row.study for row in rows), default=-1)
    if last >= len(data):
        raise InputError(
            f"`data` must be the frame that the fit was made from: the study "
            f"{next(row.label for row in rows if row.study == last)!r} was its row {last}, but "
            f"it has {len(data)} rows."
        )
    return column(data, name, argument)
