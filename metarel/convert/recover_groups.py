"""Several groups as one, one group shared by several comparisons, people in clusters."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._checks import check_domain, check_frame, column, resolve
from metarel._lazy import pd
from metarel._vocabulary import NOT_NEGATIVE, Domain
from metarel.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class Group:
    """Mean, standard deviation and size of groups."""

    mean: Array
    sd: Array
    n: Array


@np.errstate(invalid="ignore", divide="ignore")
def combine(mean: Array, sd: Array, n: Array, axis: int = -1) -> Group:
    """Return what one group would have printed that is made of several.

    Parameters
    ----------
    mean, sd, n : ndarray
        Mean, standard deviation (with n − 1 in the denominator) and size of the groups along an
        axis. A group whose three numbers are all missing is not there; one that lacks some makes
        the result NaN. A group of one person needs no standard deviation.
    axis : int
        The axis along which groups stand.

    Returns
    -------
    Group
        N = Σn, M = Σ n mean/N, SD² = [Σ (n − 1) sd² + Σ n (mean − M)²]/(N − 1) [higgins2019],
        section 6.5.2.10, for any number of groups: exactly the mean and SD of the people
        themselves. NaN where no group is there.
    """
    mean, sd, n = (np.asarray(x, dtype=float) for x in (mean, sd, n))
    absent = np.isnan(mean) & np.isnan(sd) & np.isnan(n)
    sizes = np.where(absent, 0.0, n)
    total = sizes.sum(axis=axis, keepdims=True)
    weights = sizes / total
    # A weighted mean of deviations from one of the groups keeps digits that large means lose.
    start = np.fmax.reduce(mean, axis=axis, keepdims=True)
    shift = np.where(absent, 0.0, mean - start)
    centre = (weights * shift).sum(axis=axis, keepdims=True)
    within = np.where(absent | (n == 1), 0.0, (n - 1) * sd**2)
    between = sizes * (shift - centre) ** 2
    variance = (within + between).sum(axis=axis) / (total.squeeze(axis) - 1)
    size = np.where(total == 0, np.nan, total).squeeze(axis)
    return Group((start + centre).squeeze(axis), np.sqrt(variance), size)


def split_shared(n: Array, comparisons: Array) -> Array:
    """Return a group's size (or events) in each of the comparisons that share it.

    Parameters
    ----------
    n : ndarray
        Size of the shared group; its events likewise. Mean and SD stay as they are.
    comparisons : ndarray
        How many comparisons share it.

    Returns
    -------
    ndarray
        n/comparisons, not rounded [higgins2019], section 23.3.4; it takes away the double
        counting, not all of the dependence.
    """
    return np.asarray(n, dtype=float) / comparisons


def design_effect(cluster_size: Array, icc: Array) -> Array:
    """Return by how much clusters inflate the variance of a mean.

    Parameters
    ----------
    cluster_size : ndarray
        Average size of a cluster.
    icc : ndarray
        Intra-cluster correlation.

    Returns
    -------
    ndarray
        1 + (cluster_size − 1) icc [higgins2019], section 23.1.4.
    """
    return 1 + (np.asarray(cluster_size, dtype=float) - 1) * icc


def effective_size(n: Array, cluster_size: Array, icc: Array) -> Array:
    """Return the number of independent people that a clustered group is worth.

    Parameters
    ----------
    n : ndarray
        People (or events; both are divided alike).
    cluster_size : ndarray
        Average size of a cluster.
    icc : ndarray
        Intra-cluster correlation.

    Returns
    -------
    ndarray
        n/(1 + (cluster_size − 1) icc) [higgins2019], section 23.1.4. Where the analysis ignored
        the clusters, its standard error is to be multiplied by the root of the design effect.
    """
    return np.asarray(n, dtype=float) / design_effect(cluster_size, icc)


def combine_groups(
    data: pd.DataFrame,
    by: str | Sequence[str],
    *,
    mean: str = "mean",
    sd: str = "sd",
    n: str = "n",
) -> pd.DataFrame:
    """Combine groups (arms, subgroups) into one, as if their people had been one group.

    Parameters
    ----------
    data : DataFrame
        One row a group.
    by : column name or list of them
        Rows with the same values here become one; order of first appearance is kept.
    mean, sd, n : str
        Columns with the mean, the standard deviation (in the unit of the mean) and the size.

    Returns
    -------
    DataFrame
        One row a combination: the columns of ``by``, then mean, sd and n under the names given,
        then ``groups``, how many rows it was made of. A row that lacks a number makes its
        combination missing.

    Raises
    ------
    InputError
        On an unknown column, a missing value in ``by``, a negative standard deviation, or a size
        that is not a number of at least 1.

    Notes
    -----
    SD² = [Σ (n − 1) sd² + Σ n (mean − M)²]/(N − 1), section 6.5.2.10 of [higgins2019]; it holds
    the spread between the groups too, so it is larger than the pooled SD where means differ. esc's
    ``combine`` and dmetar's ``pool.groups`` give the same.

    References
    ----------
    [higgins2019]

    Examples
    --------
    >>> import pandas as pd
    >>> arms = pd.DataFrame(
    ...     {
    ...         "study": ["A", "A", "B"],
    ...         "mean": [10.0, 14.0, 11.0],
    ...         "sd": [3.0, 4.0, 3.5],
    ...         "n": [20, 30, 25],
    ...     }
    ... )
    >>> combine_groups(arms, "study").round(3)
      study  mean     sd     n  groups
    0     A  12.4  4.108  50.0       2
    1     B  11.0  3.500  25.0       1
    """
    check_frame(data)
    if data is None:
        raise InputError("`data` must be a pandas DataFrame with one row a group; got None.")
    if not isinstance(by, Iterable):
        raise InputError(f"`by` must name a column of `data`, or several in a list; got {by!r}.")
    keys = [by] if isinstance(by, str) else list(by)
    if len({mean, sd, n}) < 3:
        raise InputError(
            f"`mean`, `sd` and `n` must name three columns; got {mean!r}, {sd!r} and {n!r}."
        )
    if not keys:
        raise InputError("`by` must name at least one column of `data`; got an empty list.")
    taken = {mean, sd, n, "groups"} & set(keys)
    if taken:
        raise InputError(f"`by` must not be {taken.pop()!r}, a column of the result; rename it.")
    labels = pd.DataFrame({key: column(data, key, "by").to_numpy() for key in keys})
    missing = np.flatnonzero(labels.isna().any(axis=1))
    if missing.size:
        raise InputError(f"`by` must have no missing values; row {missing[0]} of `data` has one.")
    vectors = resolve(data, {"mean": mean, "sd": sd, "n": n})
    check_domain(vectors["sd"], NOT_NEGATIVE, "sd")
    check_domain(vectors["n"], Domain(1), "n")
    grouped = labels.groupby(keys, sort=False, observed=True)
    code, place = grouped.ngroup().to_numpy(), grouped.cumcount().to_numpy()
    frame = labels[place == 0].reset_index(drop=True)
    means, sds, sizes = _spread_out([vectors[w] for w in ("mean", "sd", "n")], code, place)
    made = combine(means, sds, sizes)
    names: dict[Hashable, Array] = {mean: made.mean, sd: made.sd, n: made.n}
    frame = frame.assign(**{str(name): values for name, values in names.items()})
    return frame.assign(groups=np.bincount(code))


def _spread_out(
    columns: Sequence[Array], code: NDArray[np.integer], place: NDArray[np.integer]
) -> list[Array]:
    """Return each column as one row a combination, padded with NaN.

    A row without any number is given a size, lest it be taken for a group that is not there.
    """
    lost = np.isnan(columns).all(axis=0)
    wide = []
    for which, values in enumerate(columns):
        table = np.full((code.max(initial=-1) + 1, place.max(initial=0) + 1), np.nan)
        table[code, place] = np.where(lost, 1.0 if which == 2 else np.nan, values)
        wide.append(table)
    return wide
