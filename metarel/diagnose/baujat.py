"""Where heterogeneity comes from: the coordinates of Baujat's plot."""

from __future__ import annotations

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._lazy import pd
from metarel.diagnose._deletion import Deletion
from metarel.diagnose._refits import readable
from metarel.diagnose._tables import label_array
from metarel.models.results import MetaFit


@says_what_it_takes
def baujat(fit: MetaFit) -> pd.DataFrame:
    """Give each study's share in heterogeneity and its pull on the result.

    heterogeneity = (yi - x'b)^2 / (vi + tau2), which sums to Q under a common effect;
    influence = (x'b - x'b(-i))^2 / x'V(-i)x, with (-i) the fit without the study.

    Parameters
    ----------
    fit : MetaFit
        What `pool` or `meta_regression` returned, with at least two studies.

    Returns
    -------
    DataFrame
        A row a study: study, heterogeneity, influence. Influence is NaN where the model cannot
        be fitted without the study.

    Raises
    ------
    InputError
        When the fit is of another kind, or of one study.

    Notes
    -----
    Baujat and others draw them for the common-effect model; for that, fit with ``tau2="EE"``. The
    same numbers as metafor's ``baujat``.

    References
    ----------
    [baujat2002]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015], tau2="EE")
    >>> points = mr.baujat(fit)
    >>> points.round(2)
         study  heterogeneity  influence
    0  Study 1           0.09       0.02
    1  Study 2           2.79       1.97
    2  Study 3           8.21       0.95
    3  Study 4           0.00       0.00
    >>> bool(abs(points["heterogeneity"].sum() - fit.Q) < 1e-12)
    True
    """
    fit = readable(fit)
    deletion, study = Deletion.of(fit), fit.study
    fitted = study.X @ fit.beta
    with np.errstate(divide="ignore", invalid="ignore"):
        influence = (fitted - deletion.predicted) ** 2 / deletion.predicted_variance
    return pd.DataFrame(
        {
            "study": label_array(fit),
            "heterogeneity": (study.yi - fitted) ** 2 / (study.vi + fit.tau2),
            "influence": influence,
        }
    )
