"""New effects drawn from a fit, for parametric bootstraps and checks of a method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_whole, generator
from metarel.diagnose._refits import readable
from metarel.models.results import MetaFit

if TYPE_CHECKING:
    from metarel._checks import Array


@says_what_it_takes
def simulate_from(
    fit: MetaFit, size: int = 1000, *, seed: int | np.random.Generator | None = None
) -> Array:
    """Draw new effects of the same studies from a fit.

    Each row is x'b + N(0, tau2) + N(0, vi), with the estimates of the fit taken as true.

    Parameters
    ----------
    fit : MetaFit
        What `pool` or `meta_regression` returned.
    size : int
        How many sets of effects, at least 1.
    seed : int or Generator, optional
        For the same draws again.

    Returns
    -------
    ndarray, shape (size, k)
        A set of effects a row, the studies in the order of ``fit.study``. For `pool_many`, with
        ``vi=fit.study.vi``.

    Raises
    ------
    InputError
        When the fit is of another kind, or the size no whole number of at least 1.

    Notes
    -----
    As metafor's ``simulate``, with a set a row.

    References
    ----------
    [efron1993]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> draws = mr.simulate_from(fit, 2000, seed=1)
    >>> draws.shape
    (2000, 4)
    >>> again = mr.pool_many(yi=draws, vi=fit.study.vi)
    >>> bool(abs(again["estimate"].mean() - fit.estimate) < 0.02)
    True
    """
    fit = readable(fit)
    check_whole("size", size)
    rng = generator(seed)
    spread = np.sqrt(fit.tau2 + fit.study.vi)
    return fit.study.X @ fit.beta + spread * rng.standard_normal((int(size), fit.k))
