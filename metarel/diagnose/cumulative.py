"""The evidence as it grew: the model fitted to the first studies, then to ever more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._lazy import pd
from metarel.diagnose._refits import readable, refit
from metarel.diagnose._tables import label_array, refit_table
from metarel.errors import InputError
from metarel.models._beside import beside_studies
from metarel.models._prediction import Transform
from metarel.models.results import MetaFit

if TYPE_CHECKING:
    from metarel._checks import Column


@says_what_it_takes
def cumulative(
    fit: MetaFit,
    order: Column | None = None,
    *,
    data: pd.DataFrame | None = None,
    collapse: bool = False,
    descending: bool = False,
    transform: Transform = None,
) -> pd.DataFrame:
    """Fit again to the first study, the first two, and so on.

    Parameters
    ----------
    fit : MetaFit
        What `pool` or `meta_regression` returned.
    order : column name or array, optional
        By what to sort the studies, such as the year: one value a study, or a column of ``data``.
        Equal values keep the order of the data. By default the order of the data.
    data : DataFrame, optional
        The frame the fit was made from; needed where ``order`` names one of its columns.
    collapse : bool
        Whether studies with the same value of ``order`` are added in one step.
    descending : bool
        Whether to begin with the largest value.
    transform : str, callable, True or None
        Back-transformation of estimates and limits, as in ``fit.predict``; standard errors are
        then NaN.

    Returns
    -------
    DataFrame
        A row a step, and with moderators a row for each coefficient too: added (the study added,
        or several of them), (order), (term), k, estimate, se, statistic, df, p_value, ci_low,
        ci_high, tau2, Q, Q_df, Q_p, I2 (a fraction), H2, note. The last step is ``fit`` itself.

    Raises
    ------
    InputError
        When the fit is of another kind, values of ``order`` are missing or of the wrong length,
        and when ``collapse`` or ``descending`` have no ``order`` to act on.

    Notes
    -----
    Every row holds the numbers of a fit of its own, all made at once. The first step is a single
    study's own estimate, with a normal test. With moderators the first steps, of no more
    studies than coefficients, are NaN. The same numbers as metafor's ``cumul(fit, order=,
    collapse=)``. Limits of a cumulative meta-analysis are not adjusted for repeated looks.

    References
    ----------
    [lau1992]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015], tau2="DL")
    >>> steps = mr.cumulative(fit, [1990, 1985, 1990, 2001], collapse=True)
    >>> steps[["added", "order", "k", "estimate", "ci_low", "ci_high"]].round(3)
                  added  order  k  estimate  ci_low  ci_high
    0           Study 2   1985  1     0.110  -0.086    0.306
    1  Study 1, Study 3   1990  3     0.394   0.014    0.774
    2           Study 4   2001  4     0.350   0.095    0.604
    """
    fit = readable(fit)
    k, names = fit.k, label_array(fit)
    if order is None:
        if collapse or descending:
            word = "collapse" if collapse else "descending"
            raise InputError(f"`{word}` needs `order`, the values to sort the studies by.")
        position, values = np.arange(k), None
    else:
        values = beside_studies(fit, order, "order", data)
        position = _ranks(values, collapse=collapse, descending=descending)
    steps = int(position.max()) + 1
    heads: dict[str, Any] = {"added": [", ".join(names[position == s]) for s in range(steps)]}
    if values is not None:
        first = [int(np.flatnonzero(position == s)[0]) for s in range(steps)]
        heads["order"] = values.iloc[first].to_numpy()
    refits = refit(fit, position <= np.arange(steps)[:, None])
    return refit_table(fit, refits, heads, transform)


def _ranks(values: pd.Series, *, collapse: bool, descending: bool) -> Any:
    """Return at which step each study joins, from 0; categories join in their own order."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.cat.codes
    try:
        distinct, codes = np.unique(values.to_numpy(), return_inverse=True)
    except TypeError as fault:
        raise InputError(
            "`order` must hold values that can be sorted, all numbers or all text."
        ) from fault
    if descending:
        codes = len(distinct) - 1 - codes
    if collapse:
        return codes
    position = np.empty(len(codes), dtype=int)
    position[np.argsort(codes, kind="stable")] = np.arange(len(codes))
    return position
