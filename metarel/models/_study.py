"""The one place where a frame becomes checked arrays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import (
    check_domain,
    check_frame,
    column,
    is_frame,
    is_series,
    label_column,
    numbering_of,
    resolve,
    row_names,
)
from metarel._format import count, listing
from metarel._lazy import pd
from metarel._register import did_you_mean
from metarel._vocabulary import POSITIVE, Domain
from metarel.effects.register import MEASURES
from metarel.errors import InputError, warn
from metarel.models._design import Design, build, intercept_only, missing_moderators, parse
from metarel.models._labels import Labels

if TYPE_CHECKING:
    from metarel._checks import Array, Column

#: The largest effect and variance; what is squared and multiplied on the way stays finite.
LARGEST = 1e40
WORKABLE = {
    "yi": Domain(-LARGEST, LARGEST),
    "vi": Domain(1 / LARGEST, LARGEST),
    "sei": Domain(LARGEST**-0.5, LARGEST**0.5),
}
#: Names under which tables hold standard errors; a variance never stands there.
SE_NAME = re.compile(
    r"^(se|sei|se_?yi|se_?[gdrz]|te_?se|sete|std_?err(or)?|standard_?error)$", re.I
)
#: Names under which tables hold variances; a standard error never stands there.
VARIANCE_NAME = re.compile(
    r"^(v|vi|v_?yi|v_?[gdrz]|var|variances?|var_?(yi|[gdrz])|sampling_?var(iance)?)$", re.I
)
#: Names under which tables hold sizes of samples.
SIZE_NAME = re.compile(r"^(n|ni|n_?(total|tot|all)|(total|tot)_?n|sample_?size|size)$", re.I)


@dataclass(frozen=True, slots=True)
class DroppedRow:
    """A row that could not take part.

    Parameters
    ----------
    row : int
        Its position in the data, from 0.
    label : str
        Its name.
    reason : str
        What it lacks.
    place : str
        Where it stands in its file, such as ``line 16``; empty where that is not known.
    """

    row: int
    label: str
    reason: str
    place: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class StudyData:
    """What a model is fitted to.

    Parameters
    ----------
    yi, vi : ndarray, shape (k,)
        Observed effects and sampling variances.
    design : Design
        The design matrix and how it arose.
    labels : sequence of str
        A name for each study.
    rows : ndarray of int, shape (k,)
        Position of each study in the data as given.
    dropped : tuple of DroppedRow
        Rows left out, and why.
    measure : str or None
        Code of the effect size measure, where known.
    weights : ndarray or None
        User-given weights, shape (k,).
    """

    yi: Array
    vi: Array
    design: Design
    labels: Sequence[str]
    rows: Any
    dropped: tuple[DroppedRow, ...]
    measure: str | None
    weights: Array | None

    @property
    def X(self) -> Array:
        """The design matrix, shape (k, p)."""
        return self.design.X

    @property
    def terms(self) -> tuple[str, ...]:
        """The names of the coefficients."""
        return self.design.terms

    @property
    def k(self) -> int:
        """The number of studies."""
        return len(self.yi)


def read_studies(
    data: pd.DataFrame | None,
    *,
    yi: Column | None,
    vi: Column | None,
    sei: Column | None,
    labels: Column | None,
    measure: str | None,
    weights: Column | None,
    formula: str | None,
) -> StudyData:
    """Check the columns, drop incomplete rows with a report, and build the design."""
    if data is not None and not is_frame(data) and yi is None:
        raise InputError(
            f"`data` must be a pandas DataFrame (or None); got {type(data).__name__}. "
            "Pass arrays by name: pool(yi=..., vi=...)."
        )
    check_frame(data)
    given = effect_columns(data, yi, vi, sei)
    names = read_labels(data, labels, given)
    vectors = resolve(data, {**given, "weights": weights}, labels=names)
    effect, variance = vectors["yi"], _variance(vectors, names)
    _refuse_unworkable(vectors, names)
    k_all = len(effect)
    if not k_all:
        raise InputError("`data` has no rows: there is nothing to pool.")
    refuse_sei_as_vi(data, variance, measure)
    _refuse_sizes_as_vi(effect, variance)
    spread = "vi" if "vi" in vectors else "sei"
    dropped = _incomplete({"yi": effect, spread: variance}, data, formula, names)
    keep = np.arange(k_all)
    if dropped:
        keep = np.delete(keep, [d.row for d in dropped])
        effect, variance, names = effect[keep], variance[keep], names.take(keep)
    if formula is None or data is None:
        design = intercept_only(len(keep))
    else:
        design = build(formula, data.iloc[keep] if dropped else data, names)
    warn_of_dropped(dropped, k_all)
    own = vectors.get("weights")
    if own is not None:
        own = own[keep]
        check_weights(own, names)
    return StudyData(
        effect, variance, design, names, keep, dropped, known_measure(data, measure), own
    )


def _incomplete(
    given: dict[str, Array],
    data: pd.DataFrame | None,
    formula: str | None,
    names: Sequence[str],
) -> tuple[DroppedRow, ...]:
    """Return the rows that lack an effect, a variance or a moderator; refuse to drop them all."""
    lacks = {f"no {name}": np.isnan(values) for name, values in given.items()}
    if formula is not None:
        if data is None:
            raise InputError("`data` must be a DataFrame when a formula names its columns.")
        lacks |= missing_moderators(data, parse(formula)[1])
    dropped = name_dropped(lacks, names)
    k = len(given["yi"])
    if len(dropped) == k:
        raise InputError(
            f"No row of the {k} is complete: "
            f"{listing(sorted({d.reason for d in dropped}))}. "
            f"Check which columns {listing([f'`{name}`' for name in given])} name."
        )
    return dropped


def name_dropped(lacks: Mapping[str, Any], names: Sequence[str]) -> tuple[DroppedRow, ...]:
    """Name the rows to leave out, each with the first thing that it lacks."""
    if not any(missing.any() for missing in lacks.values()):
        return ()
    rows = np.flatnonzero(np.any(list(lacks.values()), axis=0)).tolist()
    what, places = getattr(names, "numbering", None) or ("", ())
    at = what.partition(" ")[0]
    return tuple(
        DroppedRow(
            row,
            names[row],
            next(told for told, missing in lacks.items() if missing[row]),
            f"{at} {places[row]}" if at else "",
        )
        for row in rows
    )


def check_weights(weights: Array, names: Sequence[str] | None = None) -> None:
    """Refuse weights that are missing or not positive."""
    if np.isnan(weights).any():
        raise InputError("`weights` must be given for every study that has yi and vi.")
    if np.isinf(weights).any():
        raise InputError("`weights` must be finite.")
    check_domain(weights, POSITIVE, "weights", names)


def warn_of_dropped(dropped: tuple[DroppedRow, ...], total: int) -> None:
    """Say how many rows were left out, which, and why."""
    if dropped:
        told = listing([f"{d.place or d.row} ({d.label!r}): {d.reason}" for d in dropped])
        what = "" if dropped[0].place else "row "
        warn(f"{len(dropped)} of {count(total, 'row')} left out, {what}{told}.")


def effect_columns(
    data: pd.DataFrame | None, yi: Column | None, vi: Column | None, sei: Column | None
) -> dict[str, Any]:
    """Fill in the default column names, and refuse half a pair."""
    if data is None and (yi is None or (vi is None and sei is None)):
        raise InputError("`yi` and `vi` (or `sei`) must be given when there is no `data`.")
    columns = [] if data is None else [str(c) for c in data.columns]
    if yi is None:
        if "yi" not in columns:
            hint = did_you_mean("yi", columns)
            raise InputError(
                "`yi` must name the column of effects: `data` has no column 'yi'; "
                f"it has {listing([repr(c) for c in columns], 12)}.{hint} "
                "effect_sizes() makes yi and vi from raw results."
            )
        yi = "yi"
    if vi is None and sei is None:
        if "vi" in columns:
            vi = "vi"
        elif "sei" in columns:
            sei = "sei"
        else:
            raise InputError(
                "`vi` must name the column of sampling variances (or `sei` that of standard "
                f"errors): `data` has {listing([repr(c) for c in columns], 12)}."
            )
    _refuse_other_spread(vi, sei)
    return {"yi": yi, "vi": vi, "sei": sei}


def _refuse_other_spread(vi: Column | None, sei: Column | None) -> None:
    """Refuse columns whose names say that they hold something else."""
    named = _name_of(vi)
    if SE_NAME.match(named):
        raise InputError(
            f"`vi` must be a variance; the column {named!r} looks like a standard error. "
            f"Pass `sei={named!r}` instead, or rename the column if it does hold variances."
        )
    if SIZE_NAME.match(named):
        raise InputError(
            f"`vi` must be a variance; the column {named!r} looks like the size of the samples. "
            "effect_sizes() makes variances of effects and sizes; rename the column if it does "
            "hold variances."
        )
    # A Series is not judged by its name: the square root of a column bears that of the column.
    if isinstance(sei, str) and VARIANCE_NAME.match(sei):
        raise InputError(
            f"`sei` must be a standard error; the column {sei!r} looks like a variance. "
            f"Pass `vi={sei!r}` instead, or rename the column if it does hold standard errors."
        )


def _name_of(given: Column | None) -> str:
    """Return the name of a column that was given by name or as a Series."""
    if isinstance(given, str):
        return given
    return str(getattr(given, "name", None) or "") if is_series(given) else ""


def read_labels(data: pd.DataFrame | None, labels: Column | None, given: dict[str, Any]) -> Labels:
    """Name every row, from a column, an array, or by its number."""
    if data is None:
        length = max((np.size(v) for v in given.values() if v is not None), default=0)
    else:
        length = len(data)
    found = labels if isinstance(labels, str) else None
    if isinstance(labels, str):
        if data is None:
            raise InputError(f"`labels` names the column {labels!r}, but no `data` was given.")
        values = column(data, labels, "labels").array.copy()
    elif labels is not None:
        values = np.array(labels, dtype=object).ravel()
    else:
        found = label_column(data)
        values = None if data is None or found is None else data[found].array.copy()
    if values is not None and len(values) != length:
        raise InputError(f"`labels` must have one name a row: {length}; got {len(values)}.")
    return Labels(np.arange(length), values, found, numbering_of(data))


def _variance(vectors: dict[str, Array], labels: Sequence[str]) -> Array:
    """Return variances from vi or sei, all positive; both must agree where both are given."""
    if "vi" in vectors:
        check_domain(
            vectors["vi"],
            POSITIVE,
            "vi",
            labels,
            "A study without sampling error cannot be weighted; drop it or correct it.",
        )
    if "sei" not in vectors:
        return vectors["vi"]
    check_domain(vectors["sei"], POSITIVE, "sei", labels)
    squared = vectors["sei"] ** 2
    if "vi" in vectors:
        refuse_contradiction(vectors["vi"], squared, labels)
    return squared


def workable(yi: Array, vi: Array) -> Any:
    """Tell where effects and variances are numbers that squares and products can be made of."""
    return (np.abs(yi) <= LARGEST) & (vi >= 1 / LARGEST) & (vi <= LARGEST)


def _refuse_unworkable(vectors: dict[str, Array], labels: Sequence[str]) -> None:
    """Refuse numbers whose squares a computer cannot hold: a unit or an exponent went wrong."""
    for name, domain in WORKABLE.items():
        if name in vectors:
            hint = "Such numbers cannot be computed with; express them in other units."
            check_domain(vectors[name], domain, name, labels, hint)


def refuse_contradiction(vi: Array, squared: Array, labels: Sequence[str] | None = None) -> None:
    """Refuse variances that are not the squares of the standard errors given beside them."""
    off = ~np.isclose(squared, vi, rtol=1e-6, atol=0, equal_nan=True)
    if off.any():
        rows = np.flatnonzero(off).tolist()
        raise InputError(
            f"`vi` and `sei` contradict each other in {row_names(rows, labels)}: vi must be "
            "the square of sei. Pass only one of them."
        )


def refuse_sei_as_vi(data: pd.DataFrame | None, variance: Array, measure: str | None) -> None:
    """Refuse variances that the table itself shows to be standard errors."""
    if data is None:
        return
    known = np.isfinite(variance)
    for name in filter(lambda name: SE_NAME.match(str(name)), data.columns.tolist()):
        if pd.api.types.is_numeric_dtype(data[name]):
            se = data[name].to_numpy(dtype=float)
            both = known & np.isfinite(se)
            if both.any() and np.allclose(variance[both], se[both], rtol=1e-9, atol=0):
                raise InputError(
                    f"`vi` holds the same numbers as the column {name!r}, which looks like a "
                    f"standard error. Pass `sei={str(name)!r}` instead."
                )
    if known_measure(data, measure) == "ZCOR" and "n" in data.columns:
        n = data["n"].to_numpy(dtype=float)
        both = known & (n > 4)
        if both.any() and np.allclose(variance[both], (n[both] - 3) ** -0.5, rtol=1e-3, atol=0):
            raise InputError(
                "`vi` equals 1/sqrt(n - 3), the standard error of Fisher's z; its variance is "
                "1/(n - 3). Pass the column as `sei` instead."
            )


def _refuse_sizes_as_vi(effect: Array, variance: Array) -> None:
    """Refuse variances that can only be sizes of samples: whole, large, of small effects."""
    if (variance < 10).any():
        return
    both = np.isfinite(effect) & np.isfinite(variance)
    yi, vi = effect[both], variance[both]
    if len(vi) > 2 and (np.abs(yi) <= 1).all() and (vi == np.round(vi)).all():
        raise InputError(
            f"`vi` must hold variances; it holds whole numbers ({vi[0]:g}, {vi[1]:g}, …) beside "
            "effects within ±1. Are they sizes of samples? effect_sizes() makes variances of "
            "effects and sizes. If they are variances, pass their square roots as `sei`."
        )


def known_measure(data: pd.DataFrame | None, measure: str | None) -> str | None:
    """Return the measure's code: as given, or as effect_sizes left it on the frame."""
    if measure is None and data is not None:
        found = data.attrs.get("measure")
        return found if found in MEASURES else None
    return None if measure is None else MEASURES[measure].code
