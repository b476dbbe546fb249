"""Predicted means with confidence and prediction limits, on the measure's scale or another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_frame
from metarel._distributions import critical_value
from metarel._lazy import pd
from metarel._register import Register
from metarel.effects.register import MEASURES
from metarel.effects.transforms import TRANSFORMS
from metarel.errors import InputError
from metarel.models._design import rebuild

if TYPE_CHECKING:
    from metarel._checks import Array

#: A name in the register of back-transformations, a function, or True for the measure's own.
Transform = str | bool | Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class IntervalKind:
    """A way to form a prediction interval.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What to call it.
    df : callable
        ``df(fit)``: degrees of freedom of the reference; inf is the normal.
    """

    code: str
    name: str
    df: Callable[[Any], float]


PREDICTION_INTERVALS: Register[IntervalKind] = Register(
    "interval",
    [
        IntervalKind("default", "as the test: z, or t with k − p", lambda fit: float(fit.df[0])),
        IntervalKind("z", "normal", lambda _: np.inf),
        IntervalKind("t", "t with k − p", lambda fit: fit.k - fit.p),
        IntervalKind(
            "hts",
            "t with k − p − 1 (Higgins–Thompson–Spiegelhalter)",
            lambda fit: fit.k - fit.p - 1,
        ),
    ],
    aliases={"riley": "hts", "simple": "z"},
)


def resolve_transform(transform: Transform, measure: str | None) -> Callable[[Array], Array]:
    """Return the function that a name, a callable or True (the measure's own) stands for."""
    if transform is None or transform is False:
        return TRANSFORMS["identity"].back
    if transform is True:
        if measure is None:
            raise InputError(
                "`transform` is True, but the measure is not known; name the transformation "
                "('tanh', 'exp', …), or pass `measure` when pooling."
            )
        return TRANSFORMS[MEASURES[measure].transform].back
    return transform if callable(transform) else TRANSFORMS[transform].back


def new_rows(fit: Any, newdata: Any, X: Any) -> tuple[Array, Any]:
    """Return the design rows to predict, and the index of the frame to come."""
    design = fit.study.design
    if X is not None:
        rows = np.atleast_2d(np.asarray(X, dtype=float))
        if rows.shape[1] != len(design.terms):
            raise InputError(
                f"`X` must have one column a coefficient ({', '.join(design.terms)}); "
                f"got shape {rows.shape}."
            )
        return rows, pd.RangeIndex(len(rows))
    if newdata is None:
        if design.formula == "1":
            return np.ones((1, 1)), pd.Index(["intercept"])
        return design.X, pd.Index(fit.study.labels)
    check_frame(newdata, "newdata")
    return rebuild(design, newdata), newdata.index


def predict(
    fit: Any,
    newdata: Any = None,
    *,
    X: Any = None,
    level: float,
    interval: str = "default",
    transform: Transform = None,
    tau2: float | None = None,
) -> pd.DataFrame:
    """Predict means for rows; see ``MetaFit.predict``."""
    rows, index = new_rows(fit, newdata, X)
    kind = PREDICTION_INTERVALS[interval]
    estimate = rows @ fit.beta
    variance = np.einsum("ij,jk,ik->i", rows, fit.vcov, rows)
    between = fit.tau2 if tau2 is None else tau2
    half = critical_value(level, fit.df[0]) * np.sqrt(variance)
    df = kind.df(fit)
    if df >= 1:
        spread = critical_value(level, df) * np.sqrt(variance + between)
    else:
        spread = np.full(len(rows), np.nan)
    back = resolve_transform(transform, fit.study.measure)
    columns = {
        "estimate": back(estimate),
        "se": np.sqrt(variance) if transform in (None, False) else np.full(len(rows), np.nan),
        "ci_low": back(estimate - half),
        "ci_high": back(estimate + half),
        "pi_low": back(estimate - spread),
        "pi_high": back(estimate + spread),
    }
    return pd.DataFrame(columns, index=index)
