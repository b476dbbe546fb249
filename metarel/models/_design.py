"""Formulas to design matrices; the only file that touches formulaic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import column, row_names
from metarel._format import listing
from metarel._lazy import formulaic, pd
from metarel._linalg import column_rank_problem
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._checks import Array

INTERCEPT = "intercept"


@dataclass(frozen=True)
class Design:
    """A design matrix and how to build the same columns for new rows.

    Parameters
    ----------
    X : ndarray, shape (k, p)
        One row a study.
    terms : tuple of str
        The name of each column.
    formula : str
        As written; ``"1"`` for an intercept only.
    variables : tuple of str
        The columns of the frame that the formula uses.
    levels : mapping
        Each text or categorical variable and its levels.
    spec : object
        formulaic's own record, or None where no formula was needed.
    frame : DataFrame or None
        The variables themselves, one row a study; None where no formula was needed.
    """

    X: Array
    terms: tuple[str, ...]
    formula: str
    variables: tuple[str, ...]
    levels: dict[str, tuple[Any, ...]]
    spec: Any
    frame: Any = None

    @property
    def spans_intercept(self) -> bool:
        """Whether a constant lies in the column space: an intercept, or a full set of levels."""
        ones = np.ones(len(self.X))
        fitted = self.X @ np.linalg.lstsq(self.X, ones, rcond=None)[0]
        return bool(np.allclose(fitted, ones, atol=1e-8))


def intercept_only(k: int) -> Design:
    """Return the design of a plain pooled mean."""
    return Design(np.ones((k, 1)), (INTERCEPT,), "1", (), {}, None)


def parse(formula: str) -> tuple[str, tuple[str, ...]]:
    """Return the right side of a formula and the variables in it."""
    if not isinstance(formula, str) or not formula.strip():
        raise InputError(
            f"`formula` must be text such as 'year + C(rater)'; got {formula!r}. "
            "For a plain pooled mean use pool()."
        )
    text = formula.strip().removeprefix("~").strip()
    if "~" in text:
        raise InputError(
            f"`formula` must hold moderators only; got {formula!r}. "
            "The effect is named by `yi`; write what stands right of the ~."
        )
    try:
        parsed = formulaic.Formula(text)
        names = tuple(sorted(str(name) for name in parsed.required_variables))
    except Exception as fault:
        first = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
        raise InputError(f"`formula` {formula!r} cannot be read: {first}") from fault
    return text, names


def missing_moderators(data: pd.DataFrame, variables: tuple[str, ...]) -> dict[str, Any]:
    """Return for each moderator which rows lack it, under the words to report it by."""
    return {f"no {name}": column(data, name, "formula").isna().to_numpy() for name in variables}


def build(formula: str, data: pd.DataFrame, labels: Sequence[str]) -> Design:
    """Build the design of a formula over complete rows; refuse what cannot be estimated."""
    text, variables = parse(formula)
    frame = pd.DataFrame({name: _tidy(column(data, name, "formula")) for name in variables})
    frame.index = pd.RangeIndex(len(data))
    matrix = _model_matrix(text, frame, len(data), formula)
    terms = tuple(INTERCEPT if name == "Intercept" else str(name) for name in matrix.columns)
    if not terms:
        raise InputError(f"`formula` {formula!r} has no term; write '1' for an intercept.")
    X = matrix.to_numpy(dtype=float)
    _refuse_infinite(X, terms, labels)
    redundant = column_rank_problem(X, list(terms))
    if redundant:
        raise InputError(
            f"`formula` {formula!r} has moderators that repeat each other: "
            f"{listing([repr(t) for t in redundant])} can be computed from the others "
            f"in these {len(X)} rows. Leave out one of them."
        )
    levels = {
        name: tuple(frame[name].cat.categories)
        for name in variables
        if isinstance(frame[name].dtype, pd.CategoricalDtype)
    }
    return Design(X, terms, text, variables, levels, matrix.model_spec, frame)


def rebuild(design: Design, newdata: pd.DataFrame) -> Array:
    """Return the same columns for new rows."""
    if design.spec is None:
        return np.ones((len(newdata), 1))
    columns: dict[str, Any] = {}
    for name in design.variables:
        values = column(newdata, name, "newdata")
        if values.isna().any():
            rows = np.flatnonzero(values.isna().to_numpy()).tolist()
            raise InputError(f"`newdata` has no {name} in {row_names(rows)}.")
        columns[name] = _known_levels(name, values, design.levels.get(name))
    if not columns:
        return np.repeat(design.X[:1], len(newdata), axis=0)
    frame = pd.DataFrame(columns)
    return np.asarray(design.spec.get_model_matrix(frame), dtype=float)


def _known_levels(name: str, values: pd.Series, levels: tuple[Any, ...] | None) -> Any:
    """Return numbers as they are, and factors with the levels of the fitted model."""
    if levels is None:
        return values.to_numpy(dtype=float)
    unknown = sorted({str(v) for v in values if v not in levels})
    if unknown:
        raise InputError(
            f"`newdata` has levels of {name} that the model has not seen: {listing(unknown)}; "
            f"it knows {listing([str(v) for v in levels])}."
        )
    return pd.Categorical(values, categories=list(levels))


def _tidy(values: pd.Series) -> pd.Series:
    """Make text categorical, and forget levels that no row has."""
    values = values.reset_index(drop=True)
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.remove_unused_categories()
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return values.astype(float)
    return values.astype("category")


def _model_matrix(text: str, frame: pd.DataFrame, rows: int, formula: str) -> Any:
    if not frame.shape[1]:  # "1": formulaic needs a column to count the rows by
        frame = pd.DataFrame({"_row": np.zeros(rows)})
    try:
        return formulaic.model_matrix(text, frame, na_action="raise", context={"np": np})
    except Exception as fault:
        first = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
        raise InputError(f"`formula` {formula!r} cannot be evaluated: {first}") from fault


def _refuse_infinite(X: Array, terms: tuple[str, ...], labels: Sequence[str]) -> None:
    for term, values in zip(terms, X.T, strict=True):
        rows = np.flatnonzero(~np.isfinite(values)).tolist()
        if rows:
            raise InputError(
                f"`formula`: the term {term!r} is not finite in {row_names(rows, labels)}."
            )
