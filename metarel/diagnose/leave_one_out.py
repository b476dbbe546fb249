"""Each study, or each cluster of studies, left out in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._lazy import pd
from metarel.diagnose._refits import readable, refit
from metarel.diagnose._tables import label_array, refit_table
from metarel.errors import InputError
from metarel.models._beside import beside_studies, first_of_each
from metarel.models._prediction import Transform
from metarel.models.results import MetaFit

if TYPE_CHECKING:
    from metarel._checks import Column


@says_what_it_takes
def leave_one_out(
    fit: MetaFit,
    cluster: Column | None = None,
    *,
    data: pd.DataFrame | None = None,
    transform: Transform = None,
) -> pd.DataFrame:
    """Fit again without each study, or without each cluster of studies.

    Parameters
    ----------
    fit : MetaFit
        What `pool` or `meta_regression` returned, with at least two studies.
    cluster : column name or array, optional
        What to leave out together, such as papers or samples: one value a study, or a column of
        ``data``. By default each study stands for itself.
    data : DataFrame, optional
        The frame the fit was made from; needed where ``cluster`` names one of its columns.
    transform : str, callable, True or None
        Back-transformation of estimates and limits, as in ``fit.predict``; standard errors are
        then NaN.

    Returns
    -------
    DataFrame
        A row a study or cluster in the order of the data, and with moderators a row for each
        coefficient too: left_out, (term), k (studies that stay), estimate, se, statistic, df,
        p_value, ci_low, ci_high, tau2, Q, Q_df, Q_p, I2 (a fraction), H2, note. A row whose
        model cannot be fitted is NaN, and its note says why.

    Raises
    ------
    InputError
        When the fit is of another kind or of one study, and when clusters are missing, of the
        wrong length, or all one.

    Notes
    -----
    Every row holds the numbers of a fit of its own, with the estimator, test, level and weights
    of ``fit``; all rows are fitted at once. The same numbers as metafor's ``leave1out(fit,
    cluster=)`` at tight thresholds.

    References
    ----------
    [viechtbauer2010b]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015], tau2="DL")
    >>> mr.leave_one_out(fit)[["left_out", "estimate", "ci_low", "ci_high", "tau2"]].round(3)
      left_out  estimate  ci_low  ci_high   tau2
    0  Study 1     0.375   0.018    0.732  0.079
    1  Study 2     0.449   0.144    0.754  0.049
    2  Study 3     0.211   0.078    0.344  0.000
    3  Study 4     0.394   0.014    0.774  0.091
    """
    fit = readable(fit)
    if fit.k < 2:
        raise InputError("`fit` must have at least two studies to leave one out; got 1.")
    if cluster is None and data is not None:
        raise InputError(
            "`data` is the frame that has the column of `cluster`, and no `cluster` was given; the "
            "studies are those of `fit`. Leave `data` out, or name the clusters."
        )
    if cluster is None:
        names, codes = label_array(fit), np.arange(fit.k)
    else:
        names, codes = first_of_each(beside_studies(fit, cluster, "cluster", data).to_numpy())
        if len(names) < 2:
            raise InputError(
                f"`cluster` must have at least two values to leave one out; all are {names[0]!r}."
            )
    refits = refit(fit, np.arange(len(names))[:, None] != codes)
    return refit_table(fit, refits, {"left_out": names}, transform)
