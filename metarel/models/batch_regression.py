"""Many meta-regressions on one design, from arrays to a frozen record of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from metarel._distributions import critical_value, two_sided_p
from metarel._products import product
from metarel._register import one_of
from metarel.errors import InputError
from metarel.models._inference import TESTS, Setting, check_kr
from metarel.models._kenward_roger import KenwardRogerRows, kenward_roger_rows
from metarel.models._study import workable
from metarel.models.batch_design import (
    DesignMoments,
    DesignRows,
    arrange_on_design,
    inverses,
)
from metarel.models.batch_fit import PART, Model, resolve_model, rows_of
from metarel.models.batch_result import BAD, FEW, FINE, OVERFLOW, REPEATED, UNSOLVED, Shares
from metarel.models.batch_tau2 import BATCH_TAU2, fixed

if TYPE_CHECKING:
    from metarel._checks import Array

#: The tests that are defined whatever the design.
BATCH_TESTS = {code: kind for code, kind in TESTS.items() if not kind.asks_classic}
#: Below this ratio of the eigenvalues of X'X, moderators repeat each other.
RANK = 1e-12


@dataclass(frozen=True, slots=True)
class BatchRegression(Shares):
    """Many meta-regressions: one of each number a row; NaN where a row failed.

    Parameters
    ----------
    k : ndarray, shape (m,)
        Number of studies, each as often as it takes part.
    beta : ndarray, shape (m, p)
        Coefficients.
    vcov : ndarray, shape (m, p, p)
        Their covariances, as the test has them.
    df : ndarray, shape (m, p)
        Degrees of freedom of the tests; inf means a normal reference.
    tau2, tau2_se : ndarray, shape (m,)
        Residual between-study variance and its standard error.
    Q : ndarray, shape (m,)
        Cochran's Q of the residuals.
    typical_variance : ndarray, shape (m,)
        The typical sampling variance, (k - p) / tr(P).
    knapp_hartung : ndarray, shape (m,)
        The factor by which Knapp-Hartung rescales the covariance, before any guard.
    factor : ndarray, shape (m,)
        The factor by which the test does; 1 where it does not.
    note : ndarray of int, shape (m,)
        What is said of the row: an index into ``batch_result.NOTES``.
    common : bool
        Whether tau2 is 0 by assumption, so that I2 and H2 come from Q.
    level : float
        Confidence level, a fraction.
    adjusted : KenwardRogerRows or None
        What joint tests follow from, where the test is Kenward and Roger's.
    """

    k: Array
    beta: Array
    vcov: Array
    df: Array
    tau2: Array
    tau2_se: Array
    Q: Array
    typical_variance: Array
    knapp_hartung: Array
    factor: Array
    note: Any
    common: bool
    level: float
    adjusted: KenwardRogerRows | None = None

    def __len__(self) -> int:
        return len(self.k)

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return int(self.beta.shape[1])

    @property
    def se(self) -> Array:
        """Standard errors, shape (m, p)."""
        return np.sqrt(np.einsum("mii->mi", self.vcov))

    @property
    def statistic(self) -> Array:
        """Test statistics, z or t, shape (m, p); NaN where the standard error is 0."""
        se = self.se
        return self.beta / np.where(se > 0, se, np.nan)

    @property
    def p_value(self) -> Array:
        """Two-sided p-values, shape (m, p)."""
        return two_sided_p(self.statistic, self.df)

    @property
    def ci(self) -> tuple[Array, Array]:
        """Confidence limits, each of shape (m, p)."""
        values, which = np.unique(self.df, return_inverse=True)
        half = critical_value(self.level, values)[which].reshape(self.df.shape) * self.se
        return self.beta - half, self.beta + half

    def omnibus(self, columns: list[int]) -> Array:
        """Return the statistics of the joint test of some coefficients: chi-square, or F.

        Parameters
        ----------
        columns : list of int
            Which coefficients.

        Returns
        -------
        ndarray, shape (m,)
            Chi-square, or F where ``df`` is finite; NaN where Kenward and Roger's does not stand.
        """
        chosen = self.beta[:, columns]
        within = self.vcov[:, columns][:, :, columns]
        scale = 1 / np.sqrt(np.einsum("mii->mi", within))  # units of moderators must not matter
        chosen, within = chosen * scale, within * scale[:, :, None] * scale[:, None, :]
        quadratic = np.einsum("mi,mij,mj->m", chosen, inverses(within), chosen)
        if self.adjusted is not None:
            quadratic = quadratic * self.adjusted.joint_factor(columns)
        return np.where(np.isinf(self.df[:, 0]), quadratic, quadratic / len(columns))


def batch_regression(
    y: Array,
    v: Array,
    X: Array,
    *,
    tau2: str | float = "REML",
    test: str = "z",
    level: float = 0.95,
    times: Array | None = None,
    weights: Array | None = None,
) -> BatchRegression:
    """Fit a meta-regression on one design to every row of two arrays.

    Permuting moderators against effects is the same as permuting effects with their variances
    against the moderators: ``batch_regression(y[order], v[order], X)``.

    Parameters
    ----------
    y, v : ndarray, shape (m, k) or (1, k)
        Effects and sampling variances; one row stands for all. NaN in either leaves a study out.
    X : ndarray, shape (k, p)
        The design, of full rank.
    tau2 : str or float
        Estimator, or the value at which tau2 is fixed.
    test : str
        Kind of test: any but "iqwig", which is defined for means.
    level : float
        Confidence level, a fraction; "hybrid" compares intervals at it.
    times : ndarray, shape (m, k) or (1, k), optional
        How often each study takes part in each row: False or 0 leaves it out, a count repeats it.
    weights : ndarray, shape (k,), optional
        Own weights for the coefficients, positive, the same in each row; "GENQ" and "GENQM"
        estimate tau2 with the same.

    Returns
    -------
    BatchRegression
        The numbers of ``meta_regression`` for each row. A row that cannot be fitted has NaN and a
        note, and harms no other.

    Raises
    ------
    InputError
        On an unknown word, and on a test that is not built for many regressions.
    """
    model = resolve_model(tau2, test, level, weights)
    if model.kind.code not in BATCH_TESTS:
        raise InputError(
            f"{one_of('test', BATCH_TESTS, model.kind.code)} For {test!r} use meta_regression(), "
            "fit by fit."
        )
    check_kr(model.kind, model.tau2, own_weights=weights is not None)
    times = np.ones((1, len(X))) if times is None else times
    m = np.broadcast_shapes(*(np.shape(a) for a in (y, v, times)))[0]
    k, p = X.shape
    scale = np.linalg.norm(X, axis=0)
    basis, triangle = np.linalg.qr(X / scale)
    to_units = np.linalg.inv(triangle) / scale[:, None]
    fit = BatchRegression(
        k=np.zeros(m),
        beta=np.full((m, p), np.nan),
        vcov=np.full((m, p, p), np.nan),
        df=np.full((m, p), np.inf),
        tau2=np.full(m, np.nan),
        tau2_se=np.full(m, np.nan),
        Q=np.full(m, np.nan),
        typical_variance=np.full(m, np.nan),
        knapp_hartung=np.full(m, np.nan),
        factor=np.full(m, np.nan),
        note=np.zeros(m, dtype=np.int8),
        common=model.common,
        level=model.level,
        adjusted=KenwardRogerRows.empty(m, p) if model.kind.rule is None else None,
    )
    size = max(PART // k, 1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        for begin in range(0, m, size):
            rows = np.arange(begin, min(begin + size, m))
            part = [rows_of(a, rows, k) for a in (y, v, times)]
            rows = _fittable(fit, rows, part, basis)
            if rows.size:
                part = [a[rows - begin] for a in part]
                _fit_part(fit, rows, part, (basis, to_units, weights), model)
    return fit


def _fittable(fit: BatchRegression, rows: Any, part: list[Array], basis: Array) -> Any:
    """Note which rows cannot be fitted, and why; return the others."""
    y, v, times = part
    there = ~(np.isnan(y) | np.isnan(v)) & (times > 0)
    counted = np.where(there, times, 0.0)
    count, p = counted.sum(axis=1), basis.shape[1]
    bad = (there & ~workable(y, v)).any(axis=1)
    cross = np.einsum("mk,ki,kj->mij", counted, basis, basis)
    eigenvalues = np.linalg.eigvalsh(cross)
    repeated = eigenvalues[:, 0] <= RANK * eigenvalues[:, -1]
    fit.k[rows] = count
    note = np.where(repeated, REPEATED, FINE)
    fit.note[rows] = np.where(bad, BAD, np.where(count <= p, FEW, note))
    return rows[fit.note[rows] == FINE]


def _fit_part(
    fit: BatchRegression,
    rows: Any,
    part: list[Array],
    design: tuple[Array, Array, Array | None],
    model: Model,
) -> None:
    """Fit some rows; the order of the steps is the model."""
    y, v, times = part
    basis, to_units, weights = design
    absent = np.isnan(y) | np.isnan(v)
    own = weights if model.takes_weights else None
    some = arrange_on_design(y, np.where(absent, np.nan, v), times, basis, own)
    zero = some.moments(np.zeros(len(some)))
    if model.code is None:
        between = fixed(some, np.full(len(some), model.value))
    else:
        between = BATCH_TAU2[model.code].estimate(some, zero)
    scale = between.at.rss / some.df
    beta, vcov = between.at.beta, cast(DesignMoments, between.at).bread
    if weights is not None:
        beta, vcov = _own_weights(some, between.value, weights)
    fit.beta[rows] = (some.plain + beta) @ to_units.T
    if model.kind.rule is None:
        w = 1 / (some.v + between.value[:, None])
        found = kenward_roger_rows(w, some.times, basis, to_units, between.at.trace_squared)
        cast(KenwardRogerRows, fit.adjusted).put(rows, found)
        fit.vcov[rows], fit.df[rows], fit.factor[rows] = found.vcov, found.df, 1.0
    else:
        # the rules of BATCH_TESTS do not ask for the classic interval
        setting = Setting(scale, some.df, model.level, lambda: np.full_like(scale, np.nan))
        factor, df = model.kind.rule(setting)
        fit.vcov[rows] = to_units @ vcov @ to_units.T * factor[:, None, None]
        fit.df[rows], fit.factor[rows] = df[:, None], factor
    fit.tau2[rows], fit.tau2_se[rows], fit.Q[rows] = between.value, between.se, zero.rss
    fit.typical_variance[rows], fit.knapp_hartung[rows] = some.df / zero.trace, scale
    finite = np.isfinite(fit.beta[rows]).all(axis=1) & np.isfinite(fit.Q[rows])
    fit.note[rows] = np.where(finite, np.where(between.converged, FINE, UNSOLVED), OVERFLOW)
    failed = rows[fit.note[rows] != FINE]
    for numbers in (fit.beta, fit.vcov, fit.tau2, fit.tau2_se, fit.Q, fit.typical_variance):
        numbers[failed] = np.nan


def _own_weights(some: DesignRows, tau2: Array, weights: Array) -> tuple[Array, Array]:
    """Return coefficients (less the plain ones) and their sandwich covariance, in the basis."""
    own = some.times * weights
    bread = inverses(some.cross(own))
    beta = np.einsum("mij,mj->mi", bread, product(own * some.y, some.basis))
    total = np.where(some.times > 0, some.v, 0.0) + tau2[:, None]
    return beta, bread @ some.cross(own * weights * total) @ bread
