"""What refits come to as tidy frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._lazy import pd
from metarel.diagnose._refits import shares
from metarel.models._prediction import Transform, resolve_transform
from metarel.models._summary import model_name
from metarel.models.batch_result import NOTES

if TYPE_CHECKING:
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
    frame = pd.DataFrame(columns)
    frame.attrs["refits"] = _told(fit, transform, back)
    return frame


def _told(fit: MetaFit, transform: Transform, back: Any) -> dict[str, Any]:
    """Return what a table of refits says of itself, for those who draw it."""
    told: dict[str, Any] = {
        "measure": fit.study.measure,
        "level": fit.spec.level,
        "transform": None if transform in (None, False) else transform,
        "model": model_name(fit),
    }
    if fit.study.terms == ("intercept",):
        effects = (fit.estimate, fit.ci_low[0], fit.ci_high[0])
        told["whole"] = {
            **dict(
                zip(("estimate", "ci_low", "ci_high"), map(float, map(back, effects)), strict=True)
            ),
            "p_value": float(fit.p_value[0]),
            "k": fit.k,
            "tau2": fit.tau2,
            "I2": fit.I2,
        }
    return told


def note_texts(refits: BatchRegression) -> Any:
    """Return what is said of each refit, as text."""
    return np.array(NOTES, dtype=object)[refits.note]


def label_array(fit: MetaFit) -> Any:
    """Return the names of the studies as an array of text."""
    return np.array(list(fit.study.labels), dtype=object)
