"""Products and QR of long vectors and matrices, in blocks that a BLAS library does not thread.

Threads gain little where each number is used once, and on a machine whose cores are taken they
wait for each other: the same sums then take twenty times as long, and more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from metarel._checks import Array

#: Multiplications up to which OpenBLAS keeps a product of matrices on one thread.
MATRICES = 2**18
#: Numbers up to which it does so with a matrix and a vector, or two vectors.
VECTORS = 8192


def dot(a: Array, b: Array) -> float:
    """Return the inner product of two vectors.

    Parameters
    ----------
    a, b : ndarray, shape (k,)
        The vectors.

    Returns
    -------
    float
        Their inner product.
    """
    return float(a.dot(b) if len(a) <= VECTORS else np.einsum("k,k->", a, b))


def product(a: Array, b: Array) -> Array:
    """Return the product of two matrices, of which one is long.

    Parameters
    ----------
    a : ndarray, shape (m, k)
        A matrix.
    b : ndarray, shape (k, q) or (k,)
        A matrix or vector.

    Returns
    -------
    ndarray, shape (m, q) or (m,)
        The product.
    """
    (m, k), q = a.shape, 1 if b.ndim == 1 else b.shape[1]
    most = VECTORS if min(m, q) == 1 else MATRICES
    if m * k * q <= most:
        return np.asarray(a @ b)
    if b.ndim == 1:
        return product(a, b[:, None])[:, 0]
    if k * q <= most // 4:
        size = most // (k * q)
        whole = m - m % size
        many = (a[:whole].reshape(-1, size, k) @ b).reshape(whole, q)
        return many if whole == m else np.concatenate([many, a[whole:] @ b])
    size = max(most // (m * q), 1)
    whole = k - k % size
    blocks = a[:, :whole].reshape(m, -1, size).transpose(1, 0, 2)
    within = (blocks @ b[:whole].reshape(-1, size, q)).sum(axis=0)
    return np.asarray(within + a[:, whole:] @ b[whole:])


def qr(X: Array) -> tuple[Array, Array]:
    """Return the QR decomposition of a long matrix, from those of blocks of its rows.

    Parameters
    ----------
    X : ndarray, shape (k, p)
        The matrix, with k >= p.

    Returns
    -------
    q : ndarray, shape (k, p)
        Orthonormal columns.
    r : ndarray, shape (p, p)
        Upper triangle; the signs of its rows are arbitrary.
    """
    k, p = X.shape
    if k * p <= VECTORS or VECTORS // p < 2 * p:
        q, r = np.linalg.qr(X)
        return q, r
    size = VECTORS // p
    whole = k - k % size
    many, tops = np.linalg.qr(X[:whole].reshape(-1, size, p))
    rest, top = np.linalg.qr(X[whole:])
    q, r = qr(np.concatenate([tops.reshape(-1, p), top]))
    cut = len(tops) * p
    parts = (many @ q[:cut].reshape(-1, p, p)).reshape(whole, p)
    return np.concatenate([parts, rest @ q[cut:]]), r
