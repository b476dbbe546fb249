"""What each study does to a fit: the measures of influence, and who stands out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._lazy import pd, special
from metarel.diagnose._deletion import Deletion
from metarel.diagnose._leverage import alone, hat_values
from metarel.diagnose._refits import readable
from metarel.diagnose._tables import label_array, note_texts
from metarel.models.results import MetaFit

if TYPE_CHECKING:
    from metarel._checks import Array


@says_what_it_takes
def influence(fit: MetaFit) -> pd.DataFrame:
    """Measure what deleting each study does to a fit, and flag the studies that matter.

    Parameters
    ----------
    fit : MetaFit
        What `pool` or `meta_regression` returned, with at least two studies.

    Returns
    -------
    DataFrame
        A row a study:

        - study;
        - rstudent: externally studentised residual, as in `residuals`;
        - dffits: change of its fitted value, in standard errors;
        - cooks_distance: squared distance between the coefficients with and without it;
        - cov_ratio: determinant of the covariance of the coefficients without it, over that with;
        - tau2_deleted, Q_deleted: tau2 and Q without it;
        - hat, weight: its leverage, and its weight in percent;
        - dfbetas_<term>: change of each coefficient, in standard errors;
        - influential, reasons: whether a rule below is met, and which;
        - note: why a row is NaN.

        ``attrs["thresholds"]`` holds the numbers of the rules.

    Raises
    ------
    InputError
        When the fit is of another kind, or of one study.

    Notes
    -----
    A study is flagged where abs(dffits) > 3 sqrt(p / (k - p)), where cooks_distance exceeds the
    median of chi-square with p df, where hat > 3 p / k, or where some abs(dfbetas) > 1: rules of
    thumb, to look at a study again and not to drop it. Changes are counted in standard errors of
    all studies at the tau2 without the study.

    The same numbers and rules as metafor's ``influence`` at tight thresholds. All refits are made
    at once. Where the model cannot be fitted without a study (it alone bears on a coefficient),
    its row has hat = 1 and is NaN where refits are needed.

    References
    ----------
    [viechtbauer2010b]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015], tau2="DL")
    >>> found = mr.influence(fit)
    >>> found[["study", "rstudent", "dffits", "cooks_distance", "tau2_deleted"]].round(2)
         study  rstudent  dffits  cooks_distance  tau2_deleted
    0  Study 1     -0.15   -0.16            0.04          0.08
    1  Study 2     -1.17   -0.76            0.58          0.05
    2  Study 3      3.03    1.59            1.15          0.00
    3  Study 4     -0.30   -0.26            0.12          0.09
    """
    fit = readable(fit)
    deletion = Deletion.of(fit)
    dffits, dfbetas = deletion.standardised_change()
    distance, ratio = deletion.joint_change()
    single = alone(fit.study.X)
    with np.errstate(divide="ignore", invalid="ignore"):
        rstudent = (fit.study.yi - deletion.predicted) / deletion.residual_se
    columns: dict[str, Any] = {
        "study": label_array(fit),
        "rstudent": np.where(single, np.nan, rstudent),
        "dffits": dffits,
        "cooks_distance": distance,
        "cov_ratio": ratio,
        "tau2_deleted": deletion.refits.tau2,
        "Q_deleted": deletion.refits.Q,
        "hat": hat_values(fit.study, fit.tau2),
        "weight": fit.weights().to_numpy(),
    }
    columns |= {f"dfbetas_{t}": dfbetas[:, j] for j, t in enumerate(fit.study.terms)}
    limits = thresholds(fit.k, fit.p)
    met = _rules_met(columns, dfbetas, limits)
    columns["influential"] = np.any(list(met.values()), axis=0)
    columns["reasons"] = [", ".join(name for name in met if met[name][row]) for row in range(fit.k)]
    columns["note"] = note_texts(deletion.refits)
    frame = pd.DataFrame(columns)
    frame.attrs["thresholds"] = limits
    return frame


def thresholds(k: int, p: int) -> dict[str, float]:
    """Return the limits beyond which a measure calls for a second look.

    Parameters
    ----------
    k, p : int
        Numbers of studies and of coefficients.

    Returns
    -------
    dict
        Limits of abs(dffits), cooks_distance, hat and abs(dfbetas).
    """
    return {
        "dffits": 3 * math.sqrt(p / (k - p)) if k > p else math.inf,
        "cooks_distance": 2 * float(special.gammaincinv(p / 2, 0.5)),
        "hat": 3 * p / k,
        "dfbetas": 1.0,
    }


def _rules_met(columns: dict[str, Any], dfbetas: Array, limits: dict[str, float]) -> dict[str, Any]:
    """Return for each rule which studies meet it; what is missing meets none."""
    return {
        "dffits": np.abs(columns["dffits"]) > limits["dffits"],
        "cooks_distance": columns["cooks_distance"] > limits["cooks_distance"],
        "hat": columns["hat"] > limits["hat"],
        "dfbetas": (np.abs(dfbetas) > limits["dfbetas"]).any(axis=1),
    }
