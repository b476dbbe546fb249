"""Linear combinations of coefficients: estimates, tests of each, and of all together."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._linalg import column_rank_problem
from metarel.errors import InputError
from metarel.models._inference import TestResult, reference_of, wald_test

if TYPE_CHECKING:
    from metarel._checks import Array


def combine(beta: Array, vcov: Array, L: Array) -> tuple[Array, Array]:
    """Return L beta and its standard errors, for L of shape (m, p)."""
    variance = np.einsum("ij,jk,ik->i", L, vcov, L)
    return L @ beta, np.sqrt(np.maximum(variance, 0.0))


def combination_df(fit: Any, L: Array) -> Array:
    """Return the degrees of freedom of each combination.

    Where the coefficients have different df and nothing knows those of combinations, only a
    combination of one coefficient has any.
    """
    reference, df = reference_of(fit), fit.df
    if reference is not None:
        return np.asarray(reference.combination_df(L))
    if (df == df[0]).all():
        return np.full(len(L), float(df[0]))
    single = (L != 0).sum(axis=1) == 1
    if not single.all():
        raise InputError(
            "`fit` has other degrees of freedom for each coefficient, so combinations of them "
            "have none; test single coefficients, or use a fit with test 'z', 't' or 'knha'."
        )
    return np.array(df[np.argmax(L != 0, axis=1)], dtype=float)


def joint_test(
    fit: Any, values: Array, L: Array, rhs: Array, df2: float, null: str
) -> TestResult | None:
    """Test that L beta = rhs in all rows, given ``values`` = L beta - rhs.

    Rows that follow from others add nothing and are left out, so that the first df is the rank
    of L. None where such a row contradicts the others: then no coefficients satisfy them all.
    """
    names = [str(i) for i in range(len(L))]
    redundant = {int(i) for i in column_rank_problem(L.T, names)}
    kept = [i for i in range(len(L)) if i not in redundant]
    if not kept:
        return None
    for row in redundant:
        weights = np.linalg.lstsq(L[kept].T, L[row], rcond=None)[0]
        size = 1 + np.abs(rhs[row]) + np.abs(weights) @ np.abs(rhs[kept])
        if abs(weights @ rhs[kept] - rhs[row]) > 1e-8 * size:
            return None
    chosen, vcov = L[kept], fit.vcov
    reference = reference_of(fit)
    if reference is not None:
        df2, factor = reference.joint_reference(chosen)
        vcov = vcov / factor
    return wald_test(values[kept], chosen @ vcov @ chosen.T, list(range(len(kept))), df2, null)


def all_pairs(count: int) -> tuple[list[tuple[int, int]], Array]:
    """Return every pair (later, earlier), and the rows that subtract the earlier mean."""
    pairs = [(j, i) for i, j in itertools.combinations(range(count), 2)]
    rows = np.zeros((len(pairs), count))
    for row, (later, earlier) in zip(rows, pairs, strict=True):
        row[later], row[earlier] = 1.0, -1.0
    return pairs, rows
