"""From coefficients to tests and limits: z, t, Knapp–Hartung, and joint Wald tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._distributions import chi_square_p, f_p
from metarel._format import fixed, p_value
from metarel._register import Register

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class TestKind:
    """A way to test coefficients.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What to call it in text.
    uses_t : bool
        Whether the reference is t with k - p degrees of freedom (else normal).
    rescales : bool
        Whether the covariance is multiplied by the Knapp-Hartung factor.
    floor : float
        The smallest factor allowed; 1 is the guard that never narrows an interval.
    """

    code: str
    name: str
    uses_t: bool
    rescales: bool
    floor: float = 0.0


TESTS: Register[TestKind] = Register(
    "test",
    [
        TestKind("z", "z", uses_t=False, rescales=False),
        TestKind("t", "t, k − p df", uses_t=True, rescales=False),
        TestKind("knha", "Knapp–Hartung", uses_t=True, rescales=True),
        TestKind("adhoc", "Knapp–Hartung, factor ≥ 1", uses_t=True, rescales=True, floor=1.0),
    ],
    aliases={"hksj": "knha", "hk": "knha"},
)


@dataclass(frozen=True, slots=True)
class TestResult:
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
        kind = f"Q({self.df1:g})" if np.isinf(self.df2) else f"F({self.df1:g}, {self.df2:g})"
        return f"{kind} = {fixed(self.statistic)}, p {p_value(self.p_value)} (H0: {self.null})"


def scale_covariance(vcov: Array, factor: float, kind: TestKind) -> Array:
    """Apply the Knapp–Hartung factor where the test asks for it."""
    return vcov * max(factor, kind.floor) if kind.rescales else vcov


def wald_test(beta: Array, vcov: Array, columns: list[int], df2: float, null: str) -> TestResult:
    """Test that chosen coefficients are all 0: chi-square, or F where ``df2`` is finite."""
    chosen = beta[columns]
    within = vcov[np.ix_(columns, columns)]
    m = len(columns)
    if not np.diag(within).all():  # no residual to scale by: the test has no value
        return TestResult(null, np.nan, m, df2, np.nan)
    scale = 1 / np.sqrt(np.diag(within))  # units of the moderators must not matter
    quadratic = float(
        (chosen * scale) @ np.linalg.solve(within * np.outer(scale, scale), chosen * scale)
    )
    if np.isinf(df2):
        return TestResult(null, quadratic, m, np.inf, chi_square_p(quadratic, m))
    return TestResult(null, quadratic / m, m, df2, f_p(quadratic / m, m, df2))
