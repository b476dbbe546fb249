"""Blocked products are the plain ones, and the blocked QR is a QR."""

from __future__ import annotations

import numpy as np
import pytest

from metarel._products import MATRICES, VECTORS, dot, product, qr

SHAPES = [(3, 50, 2), (32, 1000, 36), (2520, 13, 9), (6, 20_000, 6), (40_001, 6, 6), (1, 9000, 1)]


@pytest.mark.parametrize("shape", SHAPES)
def test_products_in_blocks_are_the_products(shape: tuple[int, int, int]) -> None:
    rng, (m, k, q) = np.random.default_rng(sum(shape)), shape
    a, b = rng.normal(size=(m, k)), rng.normal(size=(k, q))
    for left in (a, np.asfortranarray(a)):
        np.testing.assert_allclose(product(left, b), left @ b, rtol=1e-10, atol=1e-11)
    np.testing.assert_allclose(product(a, b[:, 0]), a @ b[:, 0], rtol=1e-10, atol=1e-11)


def test_some_of_these_are_cut() -> None:
    sizes = [m * k * q for m, k, q in SHAPES]
    assert min(sizes) < VECTORS < MATRICES < max(sizes)


@pytest.mark.parametrize("k", [10, VECTORS, 3 * VECTORS + 1])
def test_inner_products_of_any_length(k: int) -> None:
    a, b = np.random.default_rng(k).normal(size=(2, k))
    assert dot(a, b) == pytest.approx(float(a @ b), rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("k", [6, 1365, 1366, 1370, 9999, 60_000])
def test_qr_in_blocks_is_a_qr(k: int) -> None:
    X = np.random.default_rng(k).normal(size=(k, 6)) * [1, 1e-6, 1e6, 1, 1, 1]
    q, r = qr(X)
    assert q.shape == X.shape
    np.testing.assert_allclose(q.T @ q, np.eye(6), atol=1e-13)
    np.testing.assert_allclose(np.tril(r, -1), 0, atol=0)
    np.testing.assert_allclose((q @ r - X) / np.abs(X).max(axis=0), 0, atol=1e-13)
