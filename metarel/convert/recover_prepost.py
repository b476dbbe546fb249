"""One group measured twice: the SD of changes from the correlation, and the correlation back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from metarel._checks import check_domain, is_series, refuse_absent, resolve, row_names
from metarel._format import listing
from metarel._vocabulary import ANY, CORRELATION, NOT_NEGATIVE, POSITIVE, PROPORTION, Domain
from metarel.convert.recover_spread import sd_from_p, sd_from_se, sd_from_t
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._checks import Array, Column
    from metarel._lazy import pd


@np.errstate(invalid="ignore")
def sd_change(sd1: Array, sd2: Array, r: Array) -> Array:
    """Return the standard deviation of changes.

    Parameters
    ----------
    sd1, sd2 : ndarray
        Standard deviations of the two measurements.
    r : ndarray
        Their correlation.

    Returns
    -------
    ndarray
        √(sd1² + sd2² − 2 r sd1 sd2) [higgins2019], section 6.5.2.8.
    """
    sd1, sd2 = np.asarray(sd1, dtype=float), np.asarray(sd2, dtype=float)
    # As a sum of two terms that are not negative, so that r near 1 keeps its digits.
    return np.sqrt((sd1 - sd2) ** 2 + 2 * (1 - np.asarray(r, dtype=float)) * sd1 * sd2)


@np.errstate(invalid="ignore", divide="ignore")
def r_from_sd_change(sd1: Array, sd2: Array, sd_of_change: Array) -> Array:
    """Return the correlation of two measurements from the standard deviation of changes.

    Parameters
    ----------
    sd1, sd2 : ndarray
        Standard deviations of the two measurements.
    sd_of_change : ndarray
        Standard deviation of the changes.

    Returns
    -------
    ndarray
        (sd1² + sd2² − sd_of_change²)/(2 sd1 sd2) [higgins2019], section 6.5.2.8. Numbers that
        contradict each other give a value outside [−1, 1].
    """
    sd1, sd2 = np.asarray(sd1, dtype=float), np.asarray(sd2, dtype=float)
    sdc, gap = np.asarray(sd_of_change, dtype=float), sd1 - sd2
    return 1 - (sdc - gap) * (sdc + gap) / (2 * sd1 * sd2)


def r_from_paired_t(sd1: Array, sd2: Array, difference: Array, t: Array, n: Array) -> Array:
    """Return the correlation of two measurements from the paired t test.

    Parameters
    ----------
    sd1, sd2 : ndarray
        Standard deviations of the two measurements.
    difference : ndarray
        Difference of the two means.
    t : ndarray
        Paired t statistic; √F of a repeated-measures F with one degree of freedom.
    n : ndarray
        Pairs.

    Returns
    -------
    ndarray
        (sd1² + sd2² − n·difference²/t²)/(2 sd1 sd2) [morris2002] [csibra2016].
    """
    return r_from_sd_change(sd1, sd2, sd_from_t(difference, t, n))


#: What the SD of changes can be had from: the words of each way, in the order in which a row
#: takes them, and the function of them.
WAYS: dict[tuple[str, ...], Callable[..., Array]] = {
    ("sd_of_change",): lambda sd: sd,
    ("se_of_change", "n"): sd_from_se,
    ("difference", "t", "n"): sd_from_t,
    ("difference", "p", "n"): sd_from_p,
}

DOMAINS: dict[str, Domain] = {
    "sd1": POSITIVE,
    "sd2": POSITIVE,
    "sd_of_change": NOT_NEGATIVE,
    "se_of_change": NOT_NEGATIVE,
    "difference": ANY,
    "t": ANY,
    "p": PROPORTION,
    "n": Domain(2),
}


def prepost_correlation(
    data: pd.DataFrame | None = None,
    *,
    sd1: Column,
    sd2: Column,
    sd_of_change: Column | None = None,
    se_of_change: Column | None = None,
    difference: Column | None = None,
    t: Column | None = None,
    p: Column | None = None,
    n: Column | None = None,
) -> float | Array:
    """Recover the correlation of two measurements of one group from what a paper prints.

    Parameters
    ----------
    data : DataFrame, optional
        One row a group; None when the inputs are arrays or numbers.
    sd1, sd2 : column name, array or number
        Standard deviations of the two measurements, in the unit of the outcome.
    sd_of_change, se_of_change : column name, array or number, optional
        Standard deviation of the changes, or the standard error of their mean (with ``n``).
    difference : column name, array or number, optional
        Difference of the two means; needed with ``t`` or ``p``.
    t : column name, array or number, optional
        Paired t statistic; its sign does not matter.
    p : column name, array or number, optional
        Exact two-sided p-value of the paired t test.
    n : column name, array or number, optional
        Pairs.

    Returns
    -------
    float or ndarray of shape (k,)
        The correlation; NaN where a row lacks an input. A row takes the first that is complete in
        it: ``sd_of_change``, ``se_of_change``, ``t``, ``p``.

    Raises
    ------
    InputError
        If nothing is complete, a value is outside its domain, or a row's numbers contradict each
        other, so that the correlation would be beyond 1 or −1.

    Notes
    -----
    (sd1² + sd2² − sd_change²)/(2 sd1 sd2), with sd_change = √n·difference/t where a t is printed
    [morris2002] [csibra2016]; section 6.5.2.8 of [higgins2019]. Rounding of the printed numbers
    matters most where the difference is small.

    References
    ----------
    [higgins2019], [morris2002], [csibra2016]

    Examples
    --------
    >>> prepost_correlation(sd1=[6.4, 7.0], sd2=[7.1, 6.9], sd_of_change=[4.5, 4.2]).round(2)
    array([0.78, 0.82])
    >>> round(prepost_correlation(sd1=10, sd2=12, difference=5, t=3.1, n=25), 3)
    0.746
    """
    refuse_absent({"sd1": sd1, "sd2": sd2})
    given = {"sd1": sd1, "sd2": sd2, "sd_of_change": sd_of_change, "se_of_change": se_of_change}
    given |= {"difference": difference, "t": t, "p": p, "n": n}
    vectors = resolve(data, given)
    _refuse_insufficient(set(vectors))
    for word, values in vectors.items():
        check_domain(values, DOMAINS[word], word)
    spread = np.full_like(vectors["sd1"], np.nan)
    for words, function in WAYS.items():
        if set(words) <= set(vectors):
            found = function(*(vectors[word] for word in words))
            spread = np.where(np.isnan(spread), found, spread)
    r = r_from_sd_change(vectors["sd1"], vectors["sd2"], spread)
    _refuse_impossible(r, spread)
    scalar = data is None and not any(is_series(v) or np.ndim(v) for v in given.values())  # type: ignore[arg-type]
    return float(r[0]) if scalar else r


def _refuse_insufficient(words: set[str]) -> None:
    """Refuse inputs that complete no way, and inputs that belong to no complete way."""
    complete = [way for way in WAYS if set(way) <= words]
    ways = "; or ".join(", ".join(f"`{word}`" for word in way) for way in WAYS)
    used = {"sd1", "sd2", "n"}.union(*complete)
    unused = [f"`{word}`" for word in DOMAINS if word in words - used]
    if not complete:
        raise InputError(f"Beside `sd1` and `sd2` one of these must be given: {ways}.")
    if unused:
        raise InputError(f"{listing(unused)} cannot be used alone; the ways are: {ways}.")


def _refuse_impossible(r: Array, spread: Array) -> None:
    """Refuse rows whose correlation would be beyond 1 or −1, with room for binary rounding."""
    slack = 1e-12
    rows = np.flatnonzero((r < CORRELATION.low - slack) | (r > CORRELATION.high + slack)).tolist()
    if rows:
        shown = listing([f"{r[row]:.4g}" for row in rows], 5)
        raise InputError(
            "The SD of changes must lie between |`sd1` − `sd2`| and `sd1` + `sd2`; "
            f"{row_names(rows)} would have a correlation of {shown} (SD of changes "
            f"{listing([f'{spread[row]:.4g}' for row in rows], 5)}). Is an SE given as an SD, or a "
            "t of independent groups as a paired one?"
        )
