"""Predicted means with confidence and prediction limits, on the measure's scale or another."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import as_floats, check_domain, check_frame, generator
from metarel._distributions import critical_value
from metarel._lazy import pd
from metarel._register import Register
from metarel._vocabulary import POSITIVE
from metarel.effects.register import MEASURES
from metarel.effects.transforms import SIZED_TRANSFORMS, TRANSFORMS
from metarel.errors import InputError
from metarel.models._design import rebuild
from metarel.models._gls import generalised_least_squares
from metarel.models._inference import TESTS, check_kr, reference_of
from metarel.models._kenward_roger import KenwardRoger, kenward_roger
from metarel.models._predictive import calibrated_effects, check_draws, nagashima_draws

if TYPE_CHECKING:
    from metarel._checks import Array

#: A name in the register of back-transformations, a function, or True for the measure's own.
Transform = str | bool | Callable[[Any], Any] | None
#: Draws of a bootstrap unless told otherwise.
DRAWS = 25_000


@dataclass(frozen=True, slots=True)
class IntervalKind:
    """A way to form a prediction interval: the mean, plus and minus t sqrt(variance + tau2).

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What to call it.
    source : str
        Key in the bibliography.
    variance, df : callable
        ``variance(fit, rows)`` of the predicted means and ``df(fit, rows)`` of the reference (inf
        is the normal), both of shape (rows,). Where the degrees of freedom are used up there is
        no interval.
    sample : callable or None
        ``sample(fit, draws, rng)``: true effects that stand for the distribution of a new one,
        whose quantiles are the limits; for a pooled mean.
    drawn : bool
        Whether the sample is drawn, so that a seed and a number of draws matter.
    """

    code: str
    name: str
    source: str
    variance: Callable[[Any, Array], Array]
    df: Callable[[Any, Array], Array]
    sample: Callable[[Any, int, Any], Array] | None = None
    drawn: bool = False


def _quadratic(rows: Array, vcov: Array) -> Array:
    return np.asarray(np.einsum("ij,jk,ik->i", rows, vcov, rows))


def own_variance(fit: Any, rows: Array) -> Array:
    """Return the variance of predicted means, as the fit's test has it."""
    return _quadratic(rows, fit.vcov)


def _model_variance(fit: Any, rows: Array) -> Array:
    study = fit.study
    gls = generalised_least_squares(study.yi, study.vi, study.X, fit.tau2, study.weights)
    return _quadratic(rows, gls.vcov)


def _knapp_hartung_variance(fit: Any, rows: Array) -> Array:
    return _model_variance(fit, rows) * fit.knapp_hartung


def _kenward_roger(fit: Any) -> KenwardRoger:
    check_kr(TESTS["kr"], fit.spec.tau2, own_weights=fit.study.weights is not None)
    if fit.k <= fit.p:
        raise InputError("`interval` of Kenward and Roger needs more studies than coefficients.")
    return kenward_roger(fit.study.vi, fit.study.X, fit.tau2)


def own_df(fit: Any, rows: Array) -> Array:
    """Return the degrees of freedom of predicted means, as the fit's test has them."""
    reference = reference_of(fit)
    if reference is not None:  # each row may have its own
        return np.asarray(reference.combination_df(rows))
    return np.repeat(float(fit.df[0]), len(rows))


def _normal(fit: Any, rows: Array) -> Array:  # noqa: ARG001
    return np.repeat(np.inf, len(rows))


def _less(used: int) -> Callable[[Any, Array], Array]:
    """Return k − p less what else is used up; of many fits at once, a number a row."""
    return lambda fit, rows: np.full(len(rows), fit.k - fit.p - used, dtype=float)


def _of_kenward_roger(used: int) -> tuple[Callable[..., Array], Callable[..., Array]]:
    return (
        lambda fit, rows: _quadratic(rows, _kenward_roger(fit).vcov),
        lambda fit, rows: _kenward_roger(fit).combination_df(rows) - used,
    )


def _nagashima(fit: Any, draws: int, rng: Any) -> Array:
    return nagashima_draws(fit.study.yi, fit.study.vi, draws, rng)


def _wang_lee(fit: Any, draws: int, rng: Any) -> Array:  # noqa: ARG001
    return calibrated_effects(fit.study.yi, fit.study.vi, fit.estimate, fit.tau2)


PREDICTION_INTERVALS: Register[IntervalKind] = Register(
    "interval",
    [
        IntervalKind("default", "as the test: z or t", "higgins2009", own_variance, own_df),
        IntervalKind("z", "normal", "skipka2006", own_variance, _normal),
        IntervalKind("t", "t with k − p", "veroniki2019", own_variance, _less(0)),
        IntervalKind(
            "hts",
            "t with k − p − 1 (Higgins–Thompson–Spiegelhalter)",
            "higgins2009",
            own_variance,
            _less(1),
        ),
        IntervalKind("skipka", "normal, SE of the model", "skipka2006", _model_variance, _normal),
        IntervalKind(
            "veroniki", "t with k − p, SE of the model", "veroniki2019", _model_variance, _less(0)
        ),
        IntervalKind(
            "higgins",
            "t with k − p − 1, SE of the model",
            "higgins2009",
            _model_variance,
            _less(1),
        ),
        IntervalKind(
            "hk",
            "t with k − p, SE of Knapp–Hartung",
            "partlett2017",
            _knapp_hartung_variance,
            _less(0),
        ),
        IntervalKind(
            "hk-pr",
            "t with k − p − 1, SE of Knapp–Hartung (Partlett–Riley)",
            "partlett2017",
            _knapp_hartung_variance,
            _less(1),
        ),
        IntervalKind("kr", "Kenward–Roger", "partlett2017", *_of_kenward_roger(0)),
        IntervalKind(
            "kr-pr",
            "Kenward–Roger, one df less (Partlett–Riley)",
            "partlett2017",
            *_of_kenward_roger(1),
        ),
        IntervalKind(
            "nnf",
            "bootstrap of Nagashima, Noma and Furukawa",
            "nagashima2019",
            own_variance,
            own_df,
            _nagashima,
            drawn=True,
        ),
        IntervalKind(
            "wang-lee",
            "quantiles of calibrated effects (Wang–Lee)",
            "wang2019",
            own_variance,
            own_df,
            _wang_lee,
        ),
    ],
    aliases={"riley": "hts", "simple": "z", "nagashima": "nnf"},
)


def resolve_transform(
    transform: Transform, measure: str | None, n: Any = None
) -> Callable[[Array], Array]:
    """Return the function that a name, a callable or True (the measure's own) stands for."""
    if isinstance(transform, str) and transform in SIZED_TRANSFORMS:
        return SIZED_TRANSFORMS[transform].at(_harmonic_mean(n, transform))
    if n is not None:
        raise InputError(
            f"`n` is for the transformations {', '.join(SIZED_TRANSFORMS)}; "
            f"`transform` is {transform!r}."
        )
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


def _harmonic_mean(n: Any, transform: str) -> float:
    if n is None:
        raise InputError(
            f"`n` must hold the sizes of the studies (or one size) for transform={transform!r}, "
            "whose inverse depends on them."
        )
    sizes = as_floats(n, "n")
    check_domain(sizes, POSITIVE, "n")
    return float(1 / np.mean(1 / sizes))


def frame_of_new(newdata: Any) -> pd.DataFrame:
    """Return new rows as a frame: as they are, or of a mapping of columns to values."""
    if isinstance(newdata, Mapping):
        columns = {name: [x] if np.ndim(x) == 0 else list(x) for name, x in newdata.items()}
        lengths = {name: len(values) for name, values in columns.items()}
        if len(set(lengths.values())) > 1:
            raise InputError(f"`newdata` must have as many values in each column; got {lengths}.")
        return pd.DataFrame(columns)
    check_frame(newdata, "newdata")
    return newdata


def new_rows(fit: Any, newdata: Any, X: Any) -> tuple[Array, Any]:
    """Return the design rows to predict, and the index of the frame to come."""
    design = fit.study.design
    if X is not None:
        try:
            rows = np.atleast_2d(np.asarray(X, dtype=float))
        except (TypeError, ValueError) as fault:
            raise InputError(f"`X` must hold numbers; got {X!r}.") from fault
        if not np.isfinite(rows).all():
            raise InputError("`X` must hold finite numbers, and none may be missing.")
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
    newdata = frame_of_new(newdata)
    return rebuild(design, newdata), newdata.index


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call of ``predict`` asks for, as checked."""

    kind: IntervalKind
    level: float
    tau2: float
    draws: int
    rng: np.random.Generator


def _tau2_to_predict_with(fit: Any) -> float:
    """Return the fit's tau2; NaN under a common effect, which has no distribution of effects."""
    return math.nan if fit.spec.tau2 == "EE" else fit.tau2


def check_asked(
    fit: Any, interval: str, level: float, tau2: float | None, draws: int | None, seed: Any
) -> Asked:
    """Refuse words, numbers and combinations that mean nothing."""
    kind = PREDICTION_INTERVALS[interval]
    if kind.sample is not None and fit.study.design.formula != "1":
        raise InputError(
            f'`interval` "{kind.code}" is defined for a pooled mean; this fit has moderators. '
            'Use "hts", "hk-pr" or "kr-pr".'
        )
    if kind.sample is not None and fit.k < 2:
        raise InputError(f'`interval` "{kind.code}" needs at least two studies.')
    if kind.sample is not None and tau2 is not None:
        raise InputError(f'`tau2` plays no part in interval="{kind.code}".')
    if not kind.drawn and (draws is not None or seed is not None):
        raise InputError(
            '`draws` and `seed` are for interval="nnf", whose limits are drawn; '
            f'`interval` is "{kind.code}".'
        )
    if tau2 is not None and not (isinstance(tau2, (int, float, np.number)) and 0 <= tau2 < np.inf):
        raise InputError(f"`tau2` must be a number of at least 0; got {tau2!r}.")
    return Asked(
        kind,
        level,
        _tau2_to_predict_with(fit) if tau2 is None else float(tau2),
        check_draws(DRAWS if draws is None else draws),
        generator(1 if seed is None else seed),
    )


def prediction_limits(fit: Any, rows: Array, asked: Asked) -> tuple[Array, Array]:
    """Return the prediction limits of rows; NaN where the degrees of freedom are used up."""
    kind = asked.kind
    if np.isnan(asked.tau2).all():
        return np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    if kind.sample is not None:
        tail = (1 - asked.level) / 2
        sample = kind.sample(fit, asked.draws, asked.rng)
        low, high = np.quantile(sample, [tail, 1 - tail])
        return np.repeat(low, len(rows)), np.repeat(high, len(rows))
    df = kind.df(fit, rows)
    quantile = critical_value(asked.level, np.where(df > 0, df, 1.0))
    spread = np.where(df > 0, quantile, np.nan) * np.sqrt(kind.variance(fit, rows) + asked.tau2)
    estimate = rows @ fit.beta
    return estimate - spread, estimate + spread


def predict(
    fit: Any, rows: Array, index: Any, asked: Asked, back: Callable[[Array], Array] | None
) -> pd.DataFrame:
    """Predict means for rows; see ``MetaFit.predict``."""
    estimate, variance = rows @ fit.beta, own_variance(fit, rows)
    half = critical_value(asked.level, own_df(fit, rows)) * np.sqrt(variance)
    pi_low, pi_high = prediction_limits(fit, rows, asked)
    on_scale = back if back is not None else TRANSFORMS["identity"].back
    columns = {
        "estimate": on_scale(estimate),
        "se": np.sqrt(variance) if back is None else np.full(len(rows), np.nan),
        "ci_low": on_scale(estimate - half),
        "ci_high": on_scale(estimate + half),
        "pi_low": on_scale(pi_low),
        "pi_high": on_scale(pi_high),
    }
    return pd.DataFrame(columns, index=index)
