"""From coefficients to tests and limits: the kinds of tests in one register, joint Wald tests."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

import numpy as np

from metarel._distributions import chi_square_p, critical_value, f_p
from metarel._format import fixed, p_value
from metarel._register import Register
from metarel._shown import Shown
from metarel.errors import InputError
from metarel.models._kenward_roger import KenwardRoger, kenward_roger
from metarel.tau2.moment import dersimonian_laird

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.models._gls import Gls
    from metarel.models._study import StudyData


@dataclass(frozen=True, slots=True)
class Setting:
    """What a test may ask of fits, a number a fit, shape (m,).

    Parameters
    ----------
    factor : ndarray
        The Knapp-Hartung factor: the mean square of residuals in units of their variance.
    df : ndarray
        k - p.
    level : float
        Level of the intervals that some rules compare.
    classic_ratio : callable
        DerSimonian and Laird's standard error over the fit's own; only called where a test asks.
    """

    factor: Array
    df: Array
    level: float
    classic_ratio: Callable[[], Array]

    @property
    def z_half(self) -> Array:
        """Half the width of the normal interval, in units of the fit's own standard error."""
        return np.broadcast_to(critical_value(self.level, np.inf), self.df.shape)

    @property
    def t_half(self) -> Array:
        """Half the width of the interval with k - p df."""
        return critical_value(self.level, self.df)

    @property
    def classic_half(self) -> Array:
        """Half the width of the normal interval with DerSimonian and Laird's tau2."""
        return self.z_half * self.classic_ratio()


#: From a setting to the factor of the covariance and the degrees of freedom (inf: normal).
Rule: TypeAlias = Callable[[Setting], tuple["Array", "Array"]]


def _normal(s: Setting) -> tuple[Array, Array]:
    return np.ones_like(s.factor), np.full_like(s.df, np.inf)


def _student(s: Setting) -> tuple[Array, Array]:
    return np.ones_like(s.factor), s.df


def _knapp_hartung(s: Setting) -> tuple[Array, Array]:
    return s.factor, s.df


def _at_least_one(s: Setting) -> tuple[Array, Array]:
    return np.maximum(s.factor, 1.0), s.df


def _wider(s: Setting) -> tuple[Array, Array]:
    narrower = s.t_half * np.sqrt(s.factor) < s.z_half
    return np.where(narrower, 1.0, s.factor), np.where(narrower, np.inf, s.df)


def _not_below_classic(s: Setting) -> tuple[Array, Array]:
    narrower = s.t_half * np.sqrt(s.factor) < s.classic_half
    return np.where(narrower, np.maximum(s.factor, 1.0), s.factor), s.df


@dataclass(frozen=True, slots=True)
class TestKind:
    """A way to test coefficients.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What to call it in text.
    source : str
        Key in the bibliography.
    rule : callable or None
        The factor of the covariance and the degrees of freedom; None for Kenward-Roger, which
        changes the covariance otherwise.
    asks_classic : bool
        Whether the rule compares with the interval of DerSimonian and Laird, which it then must
        be the interval of a mean.
    """

    code: str
    name: str
    source: str
    rule: Rule | None
    asks_classic: bool = False


TESTS: Register[TestKind] = Register(
    "test",
    [
        TestKind("z", "z", "dersimonian1986", _normal),
        TestKind("t", "t, k − p df", "follmann1999", _student),
        TestKind("knha", "Knapp–Hartung", "knapp2003", _knapp_hartung),
        TestKind("adhoc", "Knapp–Hartung, factor ≥ 1", "knapp2003", _at_least_one),
        TestKind("hybrid", "Knapp–Hartung or z, the wider interval", "jackson2017", _wider),
        TestKind(
            "iqwig",
            "Knapp–Hartung, factor ≥ 1 where narrower than DerSimonian–Laird's z interval",
            "iqwig2022",
            _not_below_classic,
            asks_classic=True,
        ),
        TestKind("kr", "Kenward–Roger", "partlett2017", None),
    ],
    aliases={"hksj": "knha", "hk": "knha"},
)


@dataclass(frozen=True, repr=False, slots=True)
class TestResult(Shown):
    """A test, with its null hypothesis as a sentence.

    Parameters
    ----------
    null : str
        The null hypothesis.
    statistic : float
        Chi-square, or F where ``df2`` is finite.
    df1, df2 : float
        Degrees of freedom; ``df2`` is inf for chi-square.
    p_value : float
        Upper tail.
    """

    null: str
    statistic: float
    df1: float
    df2: float
    p_value: float

    def __str__(self) -> str:
        if np.isnan(self.df2):
            return f"no test, for studies or clusters are too few (H0: {self.null})"
        kind = f"Q({self.df1:g})" if np.isinf(self.df2) else f"F({self.df1:g}, {_short(self.df2)})"
        return f"{kind} = {fixed(self.statistic)}, p {p_value(self.p_value)} (H0: {self.null})"


def _short(df: float) -> str:
    """Return degrees of freedom, one decimal where they are no whole number."""
    return f"{df:.0f}" if df == round(df) else f"{df:.1f}"


@dataclass(frozen=True, slots=True)
class Inference:
    """The covariance and the reference distributions that a test gives coefficients.

    Parameters
    ----------
    vcov : ndarray, shape (p, p)
        Covariance of the coefficients, as the test has it.
    df : ndarray, shape (p,)
        Degrees of freedom; inf means a normal reference.
    flat : bool
        Whether effects fit without residual, so that the interval has no width.
    adjusted : KenwardRoger or None
        What joint tests follow from, where the test is Kenward and Roger's.
    """

    vcov: Array
    df: Array
    flat: bool = False
    adjusted: KenwardRoger | None = None

    def wald(self, beta: Array, columns: list[int], null: str) -> TestResult:
        """Test that chosen coefficients are all 0."""
        if self.adjusted is None:
            return wald_test(beta, self.vcov, columns, float(self.df[0]), null)
        df2, scale = self.adjusted.joint_reference(np.eye(len(beta))[columns])
        return wald_test(beta, self.vcov / scale, columns, df2, null)


def check_kr(kind: TestKind, tau2: str | float | None, *, own_weights: bool) -> None:
    """Refuse Kenward and Roger's test of what is no REML fit."""
    if kind.rule is None and (tau2 != "REML" or own_weights):
        got = "own weights" if own_weights else f"tau2={tau2!r}"
        raise InputError(
            f'`test` "{kind.code}" allows for the estimation of tau2 by REML with inverse-variance '
            f'weights; got {got}. Use tau2="REML", or test="adhoc".'
        )


def infer(
    kind: TestKind, study: StudyData, gls: Gls, tau2: float, code: str | float, level: float
) -> Inference:
    """Return the covariance and the degrees of freedom under a test.

    Parameters
    ----------
    kind : TestKind
        The test.
    study : StudyData
        Effects, variances, design.
    gls : Gls
        The weighted fit at tau2.
    tau2 : float
        Between-study variance.
    code : str or float
        How it was found.
    level : float
        Level of the intervals; two guards compare intervals at it.

    Returns
    -------
    Inference
        Covariance and reference.
    """
    k, p = study.X.shape
    check_kr(kind, code, own_weights=study.weights is not None)
    if kind.asks_classic and study.design.formula != "1":
        raise InputError(
            f'`test` "{kind.code}" is defined for a pooled mean; `formula` is '
            f'{study.design.formula!r}. Use test="adhoc" with moderators.'
        )
    if k == p or kind.rule is _normal:  # a single study is tested by z
        return Inference(gls.vcov, np.full(p, np.inf))
    if kind.rule is None:
        adjusted = kenward_roger(study.vi, study.X, tau2)
        return Inference(adjusted.vcov, adjusted.combination_df(np.eye(p)), adjusted=adjusted)
    se = math.sqrt(gls.vcov[0, 0])
    setting = Setting(
        np.array([gls.scale]),
        np.array([float(k - p)]),
        level,
        lambda: np.array([classic_se(study.yi, study.vi, study.X) / se]),
    )
    factor, df = kind.rule(setting)
    return Inference(gls.vcov * factor[0], np.full(p, df[0]), bool(factor[0] < 1e-12))


class Reference(Protocol):
    """What knows the degrees of freedom of combinations where they differ."""

    def combination_df(self, rows: Array) -> Array:
        """Return the degrees of freedom of each combination, shape (n,)."""
        ...

    def joint_reference(self, rows: Array) -> tuple[float, float]:
        """Return the second df of the joint F test, and the factor of Wald's F."""
        ...


def reference_of(fit: Any) -> Reference | None:
    """Return what knows the df of a fit's combinations; None where all have those of the fit.

    Cluster-robust fits know them; those of Kenward and Roger's test follow from the model.
    """
    if hasattr(fit, "combination_df"):
        return cast(Reference, fit)
    if hasattr(fit, "tau2") and TESTS[fit.spec.test].rule is None and fit.k > fit.p:
        return kenward_roger(fit.study.vi, fit.study.X, fit.tau2)
    return None


def classic_se(y: Array, v: Array, X: Array) -> float:
    """Return the standard error of a mean in DerSimonian and Laird's model."""
    tau2 = dersimonian_laird(y, v, X).value
    return float(1 / np.sqrt((1 / (v + tau2)).sum()))


def wald_test(beta: Array, vcov: Array, columns: list[int], df2: float, null: str) -> TestResult:
    """Test that chosen coefficients are all 0: chi-square, or F where ``df2`` is finite."""
    chosen = beta[columns]
    within = vcov[np.ix_(columns, columns)]
    m = len(columns)
    if not df2 > 0:  # too few clusters or studies for the number of coefficients
        return TestResult(null, np.nan, m, np.nan, np.nan)
    if not np.diag(within).all():  # no residual to scale by: the test has no value
        return TestResult(null, np.nan, m, df2, np.nan)
    scale = 1 / np.sqrt(np.diag(within))  # units of the moderators must not matter
    quadratic = float(
        (chosen * scale) @ np.linalg.solve(within * np.outer(scale, scale), chosen * scale)
    )
    if np.isinf(df2):
        return TestResult(null, quadratic, m, np.inf, chi_square_p(quadratic, m))
    return TestResult(null, quadratic / m, m, df2, f_p(quadratic / m, m, df2))
