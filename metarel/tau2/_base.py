"""What an estimate of tau2 is, how an estimator is declared, and the sums that all share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from metarel._linalg import is_mean, weighted_least_squares
from metarel._optimize import Trace
from metarel._products import product, qr

if TYPE_CHECKING:
    from metarel._checks import Array


#: What the trace says of an estimate of 0.
AT_BOUNDARY = "tau2 is at its boundary, 0"


@dataclass(frozen=True, slots=True)
class Tau2Estimate:
    """An estimate of the between-study variance.

    Parameters
    ----------
    value : float
        The estimate, never below 0.
    se : float
        Its large-sample standard error, at the estimate.
    trace : Trace
        How it was reached.
    at_zero : Moments or None
        The sums at tau2 = 0, which give Q, where the way went by them.
    """

    value: float
    se: float
    trace: Trace
    at_zero: Moments | None = None


@dataclass(frozen=True, slots=True)
class Tau2Estimator:
    """The declaration of an estimator.

    Parameters
    ----------
    code : str
        The word users type, metafor's own.
    name : str
        Its name in full.
    estimate : callable
        ``estimate(y, v, X)``: effects and variances of shape (k,), a full-rank design (k, p);
        and what it ``takes``, by name.
    iterative : bool
        Whether an equation is solved.
    source : str
        Key in the bibliography.
    restricted : bool
        Whether the likelihood reported beside it is the restricted one.
    takes : str
        What it needs beyond y, v and X and takes by this name: "weights" of shape (k,), or
        "centre", a pooled effect; empty for most.
    """

    code: str
    name: str
    estimate: Callable[..., Tau2Estimate]
    iterative: bool
    source: str
    restricted: bool = False
    takes: str = ""


class Moments(NamedTuple):
    """What quadratic forms at weights w = 1/(v + tau2) need; nothing is larger than (k, p).

    With P = W - WX (X'WX)^-1 X'W: ``rss`` is y'Py, ``trace`` tr(P), ``trace_squared`` tr(PP),
    ``quad2`` y'PPy and ``quad3`` y'PPPy; ``weight`` and ``weight_squared`` sum w and w^2.
    """

    rss: float
    trace: float
    trace_squared: float
    quad2: float
    quad3: float
    weight: float
    weight_squared: float


def moments(y: Array, v: Array, X: Array, tau2: float) -> Moments:
    """Compute the sums at one tau2 in time linear in k, by QR: safe under any weights."""
    w = 1 / (v + tau2)
    fit = weighted_least_squares(y, X, w)
    residual = w * fit.residuals  # Py
    trace, trace_squared = traces_of_a_mean(w) if is_mean(X) else traces(X, w)
    return Moments(
        fit.rss,
        trace,
        trace_squared,
        float(residual @ residual),
        weighted_least_squares(residual, X, w).rss,  # a sum of squares: no cancellation
        float(w.sum()),
        float(w @ w),
    )


def traces(X: Array, w: Array) -> tuple[float, float]:
    """Return tr(P) and tr(PP) without cancellation, whatever the weights.

    Where one study has nearly all of its own fit, P is put together from the others': with
    P_o the projection without it, d = 1/(1/w + x'(X'WX)^-1 x) and g = WX (X'WX)^-1 x of the
    others, P = P_o + d (1, -g)(1, -g)', all of whose traces are sums of positive terms.
    """
    root = np.sqrt(w)
    q, _ = qr(X * root[:, None])
    leverage = (q**2).sum(axis=1)
    top = int(np.argmax(leverage))
    if leverage[top] < 0.9:
        inner = product(q.T, q * w[:, None])
        squared = float(w**2 @ (1 - 2 * leverage)) + float(np.vdot(inner, inner))
        return float(w @ (1 - leverage)), squared
    rest, others = np.delete(X, top, axis=0), np.delete(w, top)
    basis = _basis(rest)
    if basis.shape[1] < X.shape[1]:  # only this study bears on some coefficient: d is 0
        return (
            traces(basis, others) if basis.size else (float(others.sum()), float(others @ others))
        )
    _, r = qr(rest * np.sqrt(others)[:, None])
    half = np.linalg.solve(r.T, X[top])
    g = others * (rest @ np.linalg.solve(r, half))
    d = float(1 / (1 / w[top] + half @ half))
    trace, squared = traces(rest, others)
    added = d * (1 + float(g @ g))
    across = weighted_least_squares(g, rest, others).rss
    return trace + added, squared + 2 * d * across + added**2


def _basis(X: Array) -> Array:
    """Return an orthonormal basis of the columns, fewer than they where they repeat each other."""
    scale = np.linalg.norm(X, axis=0)
    u, sizes, _ = np.linalg.svd(X / np.where(scale > 0, scale, 1.0), full_matrices=False)
    return np.asarray(u[:, sizes > 1e-10 * sizes[0]]) if len(X) else X[:, :0]


def at_least_its_mean(trace_squared: float, trace: float, rank: int) -> float:
    """Return a difference tr(PP) held at its lower bound tr(P)^2 / rank."""
    return max(trace_squared, trace**2 / max(rank, 1))


def traces_of_a_mean(w: Array) -> tuple[float, float]:
    """Return tr(P) and tr(PP) for an intercept, without cancellation under one huge weight."""
    total, squares = float(w.sum()), w**2
    others = sum_of_others(w)
    off_diagonal = float(squares @ sum_of_others(squares)) / total**2
    return float(w @ others) / total, float(squares @ (others / total) ** 2) + off_diagonal


def sum_of_others(x: Array) -> Array:
    """Return the sum of all entries but each one, without subtracting from the largest.

    Parameters
    ----------
    x : ndarray, shape (k,)
        Positive numbers.

    Returns
    -------
    ndarray, shape (k,)
        For each, the sum of the others.
    """
    others = x.sum() - x
    top = int(np.argmax(x))
    others[top] = x[:top].sum() + x[top + 1 :].sum()
    return others


def unit(v: Array) -> float:
    """Return a scale for tau2 that moves with the data: the harmonic mean of the variances."""
    return len(v) / float((1 / v).sum())
