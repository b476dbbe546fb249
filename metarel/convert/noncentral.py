"""Confidence limits of effects from noncentral t, F and chi-square distributions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from metarel._checks import (
    check_choice,
    check_domain,
    check_level,
    refuse_absent,
    resolve,
    row_names,
)
from metarel._format import adaptive, listing
from metarel._lazy import pd
from metarel._vocabulary import SYMBOLS
from metarel.convert._noncentrality import CHI2, Distribution, F, T, ncp_limits
from metarel.errors import InputError

if TYPE_CHECKING:
    import pandas
    from numpy.typing import ArrayLike

    from metarel._checks import Array

    Sizes: TypeAlias = Mapping[str, Array]

CUT_LOW = "the lower limit is cut at 0: the statistic is not beyond what chance allows"
CUT_BOTH = "both limits are cut at 0: the statistic is smaller than chance allows"


@dataclass(frozen=True, slots=True)
class NoncentralLimits:
    """Confidence limits of an effect, and of the noncentrality they come from.

    Parameters
    ----------
    effect : str
        Code of the effect.
    estimate : float or ndarray
        The effect in the sample.
    ci_low, ci_high : float or ndarray
        Its limits.
    ncp_low, ncp_high : float or ndarray
        Limits of the noncentrality of the test statistic.
    level : float
        The confidence level.
    note : str or tuple of str
        What a reader must know, such as a limit cut at 0; empty where there is nothing.
    """

    effect: str
    estimate: float | Array
    ci_low: float | Array
    ci_high: float | Array
    ncp_low: float | Array
    ncp_high: float | Array
    level: float
    note: str | tuple[str, ...]

    def to_frame(self) -> pandas.DataFrame:
        """Return one row a statistic: ``estimate ci_low ci_high ncp_low ncp_high note``."""
        columns = [f.name for f in fields(self) if f.name not in ("effect", "level")]
        return pd.DataFrame({name: np.atleast_1d(getattr(self, name)) for name in columns})

    def __str__(self) -> str:
        numbers = zip(
            *(np.atleast_1d(part).tolist() for part in (self.estimate, self.ci_low, self.ci_high)),
            np.atleast_1d(self.note),
            strict=True,
        )
        return "\n".join(
            f"{self.effect} = {adaptive(estimate)}, {100 * self.level:g}% CI "
            f"[{adaptive(low)}, {adaptive(high)}]{'; ' if note else ''}{note}"
            for estimate, low, high, note in numbers
        )


@dataclass(frozen=True, slots=True)
class Target:
    """An effect that is an increasing function of a noncentrality.

    Parameters
    ----------
    code : str
        The word users type.
    distribution : Distribution
        Of its test statistic.
    needs : tuple of str
        What must be known besides the statistic.
    df : callable
        ``df(sizes)`` gives the degrees of freedom, df1 and df2.
    estimate : callable
        ``estimate(statistic, sizes)`` gives the effect in the sample.
    effect : callable
        ``effect(ncp, sizes)`` gives the effect that a noncentrality stands for.
    """

    code: str
    distribution: Distribution
    needs: tuple[str, ...]
    df: Callable[[Sizes], tuple[Array, Array]]
    estimate: Callable[[Array, Sizes], Array]
    effect: Callable[[Array, Sizes], Array]


def _root_inverse_n(s: Sizes) -> Array:
    return np.sqrt(1 / s["n1"] + 1 / s["n2"])


def _f_df(s: Sizes) -> tuple[Array, Array]:
    return s["df1"], s["df2"]


def _f_size(s: Sizes) -> Array:
    """Return the size that noncentrality is divided by, as in a one-way design."""
    return s["df1"] + s["df2"] + 1


def _explained(f: Array, s: Sizes) -> Array:
    return s["df1"] * f / (s["df1"] * f + s["df2"])


def _omega2(f: Array, s: Sizes) -> Array:
    return s["df1"] * (f - 1) / (s["df1"] * f + s["df2"] + 1)


def _epsilon2(f: Array, s: Sizes) -> Array:
    return s["df1"] * (f - 1) / (s["df1"] * f + s["df2"])


def _share(ncp: Array, s: Sizes) -> Array:
    return ncp / (ncp + _f_size(s))


def _table_df(s: Sizes) -> tuple[Array, Array]:
    df = (s["rows"] - 1) * (s["columns"] - 1)
    return df, df


def _cramer(chi2: Array, s: Sizes) -> Array:
    return np.sqrt(chi2 / (s["n"] * (np.minimum(s["rows"], s["columns"]) - 1)))


def _w(chi2: Array, s: Sizes) -> Array:
    return np.sqrt(chi2 / s["n"])


F_NEEDS = ("df1", "df2")
TARGETS = {
    target.code: target
    for target in (
        Target(
            "d",
            T,
            ("n1", "n2"),
            lambda s: (s["n1"] + s["n2"] - 2, s["n1"] + s["n2"] - 2),
            lambda t, s: t * _root_inverse_n(s),
            lambda ncp, s: ncp * _root_inverse_n(s),
        ),
        Target(
            "d_z",
            T,
            ("n",),
            lambda s: (s["n"] - 1, s["n"] - 1),
            lambda t, s: t / np.sqrt(s["n"]),
            lambda ncp, s: ncp / np.sqrt(s["n"]),
        ),
        Target("eta2", F, F_NEEDS, _f_df, _explained, _share),
        Target("omega2", F, F_NEEDS, _f_df, _omega2, _share),
        Target("epsilon2", F, F_NEEDS, _f_df, _epsilon2, _share),
        Target(
            "f",
            F,
            F_NEEDS,
            _f_df,
            lambda f, s: np.sqrt(s["df1"] * f / s["df2"]),
            lambda ncp, s: np.sqrt(ncp / _f_size(s)),
        ),
        Target(
            "f2",
            F,
            F_NEEDS,
            _f_df,
            lambda f, s: s["df1"] * f / s["df2"],
            lambda ncp, s: ncp / _f_size(s),
        ),
        Target("w", CHI2, ("n", "df1"), lambda s: (s["df1"], s["df1"]), _w, _w),
        Target("V", CHI2, ("n", "rows", "columns"), _table_df, _cramer, _cramer),
    )
}


def noncentral_limits(
    value: ArrayLike,
    effect: str,
    *,
    level: float = 0.95,
    n: ArrayLike | None = None,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
    df1: ArrayLike | None = None,
    df2: ArrayLike | None = None,
    rows: ArrayLike | None = None,
    columns: ArrayLike | None = None,
) -> NoncentralLimits:
    """Find confidence limits of an effect by inverting the distribution of its test statistic.

    Parameters
    ----------
    value : number or array
        The test statistic: t for ``"d"`` and ``"d_z"``, F for ``"eta2"``, ``"omega2"``,
        ``"epsilon2"``, ``"f"`` and ``"f2"``, chi-square for ``"w"`` and ``"V"``.
    effect : {"d", "d_z", "eta2", "omega2", "epsilon2", "f", "f2", "w", "V"}
        The effect: a difference over the pooled SD, a mean (or a mean change) over its own SD,
        shares of variance (partial ones from a partial F), Cohen's f and its square, Cohen's w,
        Cramér's V.
    level : float
        Confidence level, a fraction.
    n : number or array, optional
        People, for ``"d_z"`` (pairs), ``"w"`` and ``"V"``.
    n1, n2 : number or array, optional
        Group sizes, for ``"d"``.
    df1, df2 : number or array, optional
        Degrees of freedom, for F; ``df1`` alone for ``"w"``.
    rows, columns : number or array, optional
        Size of the table, for ``"V"``.

    Returns
    -------
    NoncentralLimits
        The estimate with ``ci_low`` and ``ci_high``, numbers or arrays as they came, and a
        ``note`` where a limit was cut at 0. An estimate that is biased upwards, such as eta2, may
        lie above both of its limits.

    Raises
    ------
    InputError
        On an unknown effect, sizes that are missing, not used or outside their range, and a
        statistic too large for its distribution to be computed.

    Notes
    -----
    The lower limit is the noncentrality under which a statistic as large as this or larger has
    probability (1 − level)/2, the upper limit the one under which a statistic as small as this or
    smaller has it [steiger2004], [cumming2001]. A noncentrality λ of F or chi-square means eta2 =
    omega2 = epsilon2 = λ/(λ + N), f2 = λ/N with N = df1 + df2 + 1, w2 = λ/n and V2 = λ/(n k) with k
    = min(rows, columns) − 1; δ of t means d = δ √(1/n1 + 1/n2) or δ/√n. Limits of d are those of
    R's MBESS (``ci.smd``) [kelley2007], limits of eta2 its ``ci.pvaf``. Smithson adds the degrees
    of freedom to λ before he takes V [smithson2003], and effectsize divides λ by df2 in place of N;
    both limits are then wider or shifted. For eta2, Steiger recommends ``level=0.90``, whose lower
    limit is above 0 where F is significant at 5 %.

    Examples
    --------
    >>> print(noncentral_limits(2.83, "d", n1=64, n2=64))
    d = 0.5003, 95% CI [0.1474, 0.8512]
    >>> print(noncentral_limits(0.7, "eta2", df1=2, df2=57, level=0.90))  # doctest: +ELLIPSIS
    eta2 = 0.0240, 90% CI [0.0000, 0.0964]; the lower limit is cut at 0: ...
    """
    target = TARGETS[check_choice("effect", effect, TARGETS)]
    level = check_level(level)
    refuse_absent({"value": value})
    given = {
        "n": n, "n1": n1, "n2": n2, "df1": df1, "df2": df2, "rows": rows, "columns": columns
    }  # fmt: skip
    _refuse_other_sizes(target, {word for word, size in given.items() if size is not None})
    vectors = resolve(None, {"value": value, **given})
    statistic = vectors.pop("value")
    _check(target, statistic, vectors)
    low, high = ncp_limits(target.distribution, statistic, target.df(vectors), level)
    found = {
        "estimate": target.estimate(statistic, vectors),
        "ci_low": target.effect(low, vectors),
        "ci_high": target.effect(high, vectors),
        "ncp_low": low,
        "ncp_high": high,
    }
    notes = _notes(target.distribution, low, high)
    if all(np.ndim(part) == 0 for part in (value, *given.values()) if part is not None):
        return NoncentralLimits(
            effect, **{name: float(part[0]) for name, part in found.items()}, level=level,
            note=notes[0],
        )  # fmt: skip
    return NoncentralLimits(effect, **found, level=level, note=notes)


def _refuse_other_sizes(target: Target, words: set[str]) -> None:
    """Refuse sizes that are missing, and sizes that would not be used."""
    lacking = [f"`{word}`" for word in target.needs if word not in words]
    needs = listing([f"`{word}`" for word in target.needs])
    if lacking:
        raise InputError(
            f"{listing(lacking)} must be given: limits of {target.code} need "
            f"{target.distribution.name} with {needs}."
        )
    unused = [f"`{word}`" for word in sorted(words - set(target.needs))]
    if unused:
        raise InputError(
            f"{listing(unused)} cannot be used for {target.code}, which needs {needs}."
        )


def _check(target: Target, statistic: Array, sizes: Sizes) -> None:
    """Refuse values outside their range."""
    check_domain(statistic, target.distribution.domain, "value")
    for word in target.needs:
        check_domain(sizes[word], SYMBOLS[word].domain, word)
    df = np.minimum(*target.df(sizes))
    bad = np.flatnonzero(df <= 0)
    if bad.size:
        words = listing([f"`{word}`" for word in target.needs])
        raise InputError(f"{words} must leave degrees of freedom; see {row_names(bad.tolist())}.")


def _notes(distribution: Distribution, low: Array, high: Array) -> tuple[str, ...]:
    """Say of each row which limits were cut at 0."""
    if distribution.signed:
        return ("",) * low.size
    return tuple(
        CUT_BOTH if top == 0 else CUT_LOW if bottom == 0 else ""
        for bottom, top in zip(low, high, strict=True)
    )
