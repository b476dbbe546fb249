"""Galbraith's radial plot: standardised effects against precision."""

from __future__ import annotations

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._distributions import critical_value
from metarel._lazy import pd
from metarel.diagnose._refits import mean_only
from metarel.diagnose._tables import label_array
from metarel.errors import InputError
from metarel.models.results import MetaFit


@says_what_it_takes
def radial(fit: MetaFit) -> pd.DataFrame:
    """Give the coordinates of a radial plot, in which the pooled mean is a slope.

    precision = 1 / sqrt(vi + tau2) and standardised = yi / sqrt(vi + tau2): the line through the
    origin with the pooled mean as slope is their least-squares fit.

    Parameters
    ----------
    fit : MetaFit
        What `pool` returned, with weights 1/(vi + tau2).

    Returns
    -------
    DataFrame
        A row a study: study, precision, standardised, low, high (the band around the line in
        which a study lies with the level of the fit), outside. ``attrs`` holds slope, ci_low and
        ci_high.

    Raises
    ------
    InputError
        When the fit is of another kind, has moderators, or own weights.

    Notes
    -----
    The same points as metafor's ``radial``. Galbraith drew them for the common-effect model; for
    that, fit with ``tau2="EE"``.

    References
    ----------
    [galbraith1988]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015], tau2="EE")
    >>> mr.radial(fit).round(2)
         study  precision  standardised   low  high  outside
    0  Study 1       7.07          2.26 -0.00  3.92    False
    1  Study 2      10.00          1.10  0.81  4.73    False
    2  Study 3       5.00          4.25 -0.58  3.34     True
    3  Study 4       8.16          2.29  0.30  4.22    False
    """
    fit = mean_only(fit, "a radial plot")
    if fit.study.weights is not None:
        raise InputError(
            "`fit` must not have own weights: the pooled mean is then no slope through the "
            "points. Pool without `weights`."
        )
    precision = 1 / np.sqrt(fit.study.vi + fit.tau2)
    standardised = fit.study.yi * precision
    line, half = precision * fit.estimate, float(critical_value(fit.spec.level, np.inf))
    frame = pd.DataFrame(
        {
            "study": label_array(fit),
            "precision": precision,
            "standardised": standardised,
            "low": line - half,
            "high": line + half,
            "outside": np.abs(standardised - line) > half,
        }
    )
    frame.attrs.update(
        slope=fit.estimate, ci_low=float(fit.ci_low[0]), ci_high=float(fit.ci_high[0])
    )
    return frame
