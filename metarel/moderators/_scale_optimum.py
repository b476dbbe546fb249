"""Search for the maximum of a location-scale likelihood, from several starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import optimize
from metarel._linalg import weighted_least_squares
from metarel._optimize import Trace
from metarel.errors import ConvergenceError, InputError
from metarel.moderators._scale_likelihood import ScaleProblem
from metarel.tau2._base import unit
from metarel.tau2.likelihood import maximum_likelihood, restricted_maximum_likelihood

if TYPE_CHECKING:
    from metarel._checks import Array

#: Newton steps that polish the optimum, at most.
STEPS = 100
#: Information about a scale coefficient, in an orthonormal basis, below which there is none.
NO_INFORMATION = 1e-5
#: tau2 below this share of the typical sampling variance is at its boundary (identity link).
NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class ScaleOptimum:
    """The maximum.

    Parameters
    ----------
    alpha : ndarray, shape (q,)
        Scale coefficients.
    vcov : ndarray, shape (q, q)
        Inverse of the negative Hessian; NaN where the maximum is at a boundary.
    value : float
        The log-likelihood.
    trace : Trace
        How it was reached.
    """

    alpha: Array
    vcov: Array
    value: float
    trace: Trace


def maximise(problem: ScaleProblem) -> ScaleOptimum:
    """Find the highest of the maxima that the starts lead to.

    The search runs in an orthonormal basis of the scale design, so that units of the moderators
    do not matter.
    """
    k = len(problem.y)
    q, r = np.linalg.qr(problem.Z)
    basis = q * np.sqrt(k)
    turned = ScaleProblem(problem.y, problem.v, problem.X, basis, problem.link, problem.restricted)
    search = _on_log if problem.link.code == "log" else _on_identity
    found = [search(turned, start) for start in _starts(turned)]
    _, gamma, steps = max(found, key=lambda item: item[0])
    active = (basis @ gamma < NOTHING * unit(problem.v)) & (problem.link.code == "identity")
    free = _free_directions(basis[active], len(gamma))
    _refuse_flat(turned, gamma, free)
    gamma, more = _polish(turned, gamma, free)
    alpha = np.linalg.solve(r, gamma) * np.sqrt(k)
    value = turned.value(gamma)
    if active.any():
        told = f"tau2 is at its boundary, 0, in {int(active.sum())} of {k} studies"
        blank = np.full((len(alpha), len(alpha)), np.nan)
        return ScaleOptimum(alpha, blank, value, Trace(True, steps + more, told))
    back = np.linalg.inv(r) * np.sqrt(k)
    vcov = back @ np.linalg.inv(-turned.hessian(gamma)) @ back.T
    return ScaleOptimum(alpha, (vcov + vcov.T) / 2, value, Trace(True, steps + more))


def _free_directions(fixed: Array, size: int) -> Array:
    """Return a basis of the directions that leave the tau2 at the boundary where they are."""
    if not len(fixed):
        return np.eye(size)
    _, singular, rows = np.linalg.svd(fixed)
    rank = int((singular > 1e-10 * singular[0]).sum())
    return np.asarray(rows[rank:].T)


def _refuse_flat(problem: ScaleProblem, gamma: Array, free: Array) -> None:
    """Refuse a likelihood that has no maximum, or says nothing about some coefficient."""
    if not free.shape[1]:
        return
    information = free.T @ -problem.hessian(gamma) @ free
    unit_free = NO_INFORMATION
    if problem.link.code == "identity":
        unit_free /= unit(problem.v) ** 2
    if np.linalg.eigvalsh(information).min() > unit_free:
        return
    lowest = int(np.argmin(problem.tau2(gamma)))
    raise ConvergenceError(
        "The likelihood of the scale coefficients has no single maximum: the data say nothing "
        f"about some of them, or tau2 of some studies runs to 0 (lowest: row {lowest}). "
        "Use fewer moderators in `scale`, levels with more studies, or link='identity', "
        "under which tau2 may be 0."
    )


def _polish(problem: ScaleProblem, gamma: Array, free: Array) -> tuple[Array, int]:
    """Take Newton steps until they no longer change anything."""
    if free.shape[1] < len(gamma):  # put the tau2 at the boundary there exactly
        gamma = free @ (free.T @ gamma)
    last = np.inf
    for step in range(STEPS if free.shape[1] else 0):
        move = free @ np.linalg.solve(
            free.T @ -problem.hessian(gamma) @ free, free.T @ problem.gradient(gamma)
        )
        size = float(np.abs(move).max() / max(np.abs(gamma).max(), 1e-300))
        if size >= last and size < 1e-7:  # rounding is all that is left
            return gamma, step
        if step and size > max(2 * last, 1e-4):
            raise ConvergenceError(
                f"The search for the scale coefficients did not settle after {step} steps. "
                "Use fewer moderators in `scale`, or centre them."
            )
        gamma, last = gamma + move, size
        if size < 1e-15:
            return gamma, step
    return gamma, STEPS if free.shape[1] else 0


def _starts(problem: ScaleProblem) -> Iterator[Array]:
    """Yield places to begin: one tau2 for all studies, and tau2 from the squared residuals."""
    y, v, X, Z = problem.y, problem.v, problem.X, problem.Z
    estimate = restricted_maximum_likelihood if problem.restricted else maximum_likelihood
    tau2 = max(estimate(y, v, X).value, 0.05 * unit(v))
    residuals = weighted_least_squares(y, X, 1 / (v + tau2)).residuals
    rough = np.maximum(residuals**2 - v, 0.1 * tau2)
    smooth = np.maximum(residuals**2, 0.01 * tau2)
    level = np.full(len(y), tau2)
    for target in (level, 10 * level, level / 10, rough, smooth):
        yield np.asarray(np.linalg.lstsq(Z, problem.link.start(target), rcond=None)[0], float)


def _on_log(problem: ScaleProblem, start: Array) -> tuple[float, Array, int]:
    """Maximise without constraints, by a trust region with the exact Hessian."""
    with np.errstate(over="ignore", under="ignore"):
        result = optimize.minimize(
            lambda a: -problem.value(a),
            start,
            jac=lambda a: -problem.gradient(a),
            hess=lambda a: -problem.hessian(a),
            method="trust-exact",
            options={"gtol": 1e-8, "maxiter": 500},
        )
    return -float(result.fun), np.asarray(result.x), int(result.nit)


def _on_identity(problem: ScaleProblem, start: Array) -> tuple[float, Array, int]:
    """Maximise where no study's tau2 is negative."""
    Z, scale = problem.Z, unit(problem.v)
    start = start if (Z @ start).min() > 0 else _inside(Z) * scale
    result = optimize.minimize(
        lambda a: -problem.value(np.asarray(a) * scale),
        start / scale,
        jac=lambda a: -problem.gradient(np.asarray(a) * scale) * scale,
        constraints=[{"type": "ineq", "fun": lambda a: Z @ a, "jac": lambda _: Z}],
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    gamma = np.asarray(result.x) * scale
    if (Z @ gamma).min() < -NOTHING * scale or not np.isfinite(result.fun):
        return -np.inf, start, int(result.nit)
    return -float(result.fun), gamma, int(result.nit)


def _inside(Z: Array) -> Array:
    """Return coefficients under which every study's tau2 is above 0."""
    k, q = Z.shape
    goal = np.append(np.zeros(q), -1.0)
    found = optimize.linprog(
        goal,
        A_ub=np.column_stack([-Z, np.ones(k)]),
        b_ub=np.zeros(k),
        bounds=[(-1e3, 1e3)] * q + [(None, 1.0)],
    )
    if not found.success or found.x[-1] <= 1e-9:
        raise InputError(
            "`scale` must allow a tau2 above 0 in every study; without an intercept this design "
            "does not. Leave the intercept in, or use link='log'."
        )
    return np.asarray(found.x[:q])
