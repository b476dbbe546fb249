"""Residuals of a fit: raw, Pearson, standardised, studentised and conditional."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._lazy import pd
from metarel._register import Register
from metarel.diagnose._deletion import Deletion
from metarel.diagnose._leverage import alone, hat_values, residual_variances
from metarel.diagnose._refits import readable
from metarel.diagnose._tables import label_array
from metarel.models.results import MetaFit

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class ResidualKind:
    """A kind of residual.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What it is, in a phrase.
    compute : callable
        ``compute(fit)``: residuals and their standard errors, shape (k,) each.
    source : str
        Key of the source.
    """

    code: str
    name: str
    compute: Callable[[MetaFit], tuple[Array, Array]]
    source: str


@says_what_it_takes
def residuals(fit: MetaFit, kind: str = "studentised") -> pd.DataFrame:
    """Give the residuals of a fit, study by study.

    With M = vi + tau2 and H the hat matrix: standardised residuals divide yi - x'b by the root of
    the diagonal of (I - H) M (I - H)'; studentised ones compare yi with what the others predict,
    yi - x'b(-i), over sqrt(vi + tau2(-i) + x'V(-i)x).

    Parameters
    ----------
    fit : MetaFit
        What `pool` or `meta_regression` returned.
    kind : {"studentised", "standardised", "pearson", "raw", "conditional"}
        Externally studentised (deleted), the one to look for outliers with; internally
        standardised; over sqrt(vi + tau2) alone, which for independent studies are the Cholesky
        residuals too ("cholesky"); as they are; or of the study's own true effect, yi less its
        best linear unbiased prediction.

    Returns
    -------
    DataFrame
        A row a study: study, observed (yi), fitted, residual, se, statistic (residual / se, to be
        read like a z), hat. Raw residuals have no se. A study that alone bears on a coefficient
        has no residual to judge: its statistic is NaN.

    Raises
    ------
    InputError
        When the fit is of another kind, the kind unknown, or, for studentised residuals, there is
        one study.

    Notes
    -----
    The same numbers as metafor's ``residuals``, ``rstandard``, ``rstudent`` and ``hatvalues``.
    Under Knapp-Hartung the variance of a studentised residual carries the factor of the fit
    without the study; standardised residuals do not carry any. Conditional residuals are also
    given under own weights, where metafor has none.

    References
    ----------
    [viechtbauer2010b], [hedges1985]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015], tau2="DL")
    >>> mr.residuals(fit)[["study", "observed", "residual", "se", "statistic"]].round(3)
         study  observed  residual     se  statistic
    0  Study 1      0.32    -0.055  0.364     -0.152
    1  Study 2      0.11    -0.339  0.289     -1.174
    2  Study 3      0.85     0.639  0.211      3.026
    3  Study 4      0.28    -0.114  0.379     -0.301
    """
    fit = readable(fit)
    found = KINDS[kind]
    residual, se = found.compute(fit)
    study = fit.study
    shown = np.where((se > 0) & ~alone(study.X), se, np.nan)
    return pd.DataFrame(
        {
            "study": label_array(fit),
            "observed": study.yi,
            "fitted": study.X @ fit.beta,
            "residual": residual,
            "se": se,
            "statistic": residual / shown,
            "hat": hat_values(study, fit.tau2),
        }
    )


def _plain(fit: MetaFit) -> Array:
    return np.asarray(fit.study.yi - fit.study.X @ fit.beta)


def _raw(fit: MetaFit) -> tuple[Array, Array]:
    return _plain(fit), np.full(fit.k, np.nan)


def _pearson(fit: MetaFit) -> tuple[Array, Array]:
    return _plain(fit), np.sqrt(fit.study.vi + fit.tau2)


def _standardised(fit: MetaFit) -> tuple[Array, Array]:
    return _plain(fit), np.sqrt(residual_variances(fit.study, fit.tau2))


def _studentised(fit: MetaFit) -> tuple[Array, Array]:
    deletion = Deletion.of(fit)
    return fit.study.yi - deletion.predicted, deletion.residual_se


def _conditional(fit: MetaFit) -> tuple[Array, Array]:
    """Shrink the residual by vi / (vi + tau2), and its standard error alike."""
    share = fit.study.vi / (fit.study.vi + fit.tau2)
    residual, se = _standardised(fit)
    return share * residual, share * se


KINDS: Register[ResidualKind] = Register(
    "kind",
    [
        ResidualKind("studentised", "externally studentised", _studentised, "viechtbauer2010b"),
        ResidualKind("standardised", "internally standardised", _standardised, "hedges1985"),
        ResidualKind("pearson", "Pearson", _pearson, "viechtbauer2010b"),
        ResidualKind("raw", "raw", _raw, "viechtbauer2010b"),
        ResidualKind("conditional", "conditional", _conditional, "raudenbush1985"),
    ],
    aliases={
        "cholesky": "pearson",
        "deleted": "studentised",
        "studentized": "studentised",
        "standardized": "standardised",
    },
)
