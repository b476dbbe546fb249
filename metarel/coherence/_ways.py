"""The conventions that intervals and tests share: scale, reference distribution, level, tails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._distributions import critical_value, two_sided_p
from metarel._lazy import special
from metarel.coherence._check import Rank, Way
from metarel.coherence._figures import RATIOS, Group
from metarel.coherence._span import Span

if TYPE_CHECKING:
    from metarel._checks import Array

#: Metrics of coefficients, whose tests and intervals are of one standard error.
SLOPES = ("beta", "md")
#: Words for intervals that are not symmetric by construction.
SKEWED = ("bootstrap", "profile", "credible", "exact")
#: Where a scale is usual and where it is another choice, by metric; "" is an unknown one.
_USUAL = {
    "raw": ("", "d", "g", "md", "beta", "z"),
    "fisher": ("", "r"),
    "log": ("", *RATIOS),
}
_OTHER = {"raw": ("r",), "fisher": ("beta",), "log": ("beta", "md")}
_RARE = {"raw": RATIOS}


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale on which an interval may be symmetric.

    Parameters
    ----------
    to, back : callable
        From the printed metric to the scale, and back.
    slope : callable
        The derivative of ``to``, which carries standard errors.
    """

    to: Callable[[Array], Array]
    back: Callable[[Array], Array]
    slope: Callable[[Array], Array]


def _rank_of_scale(code: str) -> Callable[[Group], Rank | None]:
    def rank(group: Group) -> Rank | None:
        if group.metric in _USUAL[code]:
            return "usual"
        if group.metric in _OTHER.get(code, ()):
            return "other"
        return "rare" if group.metric in _RARE.get(code, ()) else None

    return rank


def _rank_of_correlation(group: Group) -> Rank | None:
    return "other" if group.metric in ("d", "g") else None


def _rank_of_difference(group: Group) -> Rank | None:
    return "other" if group.metric == "r" else None


def _d_to_z(d: Array) -> Array:
    return np.arcsinh(d / 2)  # = artanh(d / √(d² + 4))


def _z_to_d(z: Array) -> Array:
    return 2 * np.sinh(z)


def _r_to_d(r: Array) -> Array:
    return 2 * r / np.sqrt(1 - r**2)


def _d_to_r(d: Array) -> Array:
    return d / np.sqrt(d**2 + 4)


SCALES = (
    Way(
        "raw",
        "the interval was made on the scale of the effect itself",
        _rank_of_scale("raw"),
        Scale(np.positive, np.positive, np.ones_like),
        who="metafor and meta for d, g and raw correlations; Hunter and Schmidt",
    ),
    Way(
        "fisher",
        "the interval was made on the scale of Fisher's z",
        _rank_of_scale("fisher"),
        Scale(np.arctanh, np.tanh, lambda r: 1 / (1 - r**2)),
        who="metafor, meta and CMA for correlations",
    ),
    Way(
        "log",
        "the interval was made on the log scale",
        _rank_of_scale("log"),
        Scale(np.log, np.exp, np.reciprocal),
        who="every program, for ratios",
    ),
    Way(
        "converted r",
        "estimate and limits were converted from a correlation",
        _rank_of_correlation,
        Scale(_d_to_z, _z_to_d, lambda d: 1 / np.sqrt(d**2 + 4)),
        who="CMA",
    ),
    Way(
        "converted d",
        "estimate and limits were converted from a standardised mean difference",
        _rank_of_difference,
        Scale(_r_to_d, _d_to_r, lambda r: 2 / (1 - r**2) ** 1.5),
        who="CMA",
    ),
)

#: Proportions, whose intervals alone are held against it: their tests are of other nulls.
LOGIT = Way(
    "logit",
    "the interval was made on the logit scale",
    lambda group: None if group.metric else "usual",
    Scale(lambda p: special.logit(p), lambda x: special.expit(x), lambda p: 1 / (p * (1 - p))),
    who="every program, for proportions",
)

#: Fewer df than these stretch an interval by more than a fifth; who uses them prints them.
FEW = 7.0
ANY_DF = (("any_df", Span(1.0, 1e5)),)
_MANY_DF = (("any_df", Span(FEW, 1e5)),)
_FEW_DF = (("any_df", Span(1.0, FEW)),)


def _df_normal(x: Mapping[str, Array]) -> Any:  # noqa: ARG001
    return np.inf


def _of_one_coefficient(group: Group) -> bool:
    """Tell whether an F has one numerator df, so that its root is the t of the effect beside it."""
    return "F" in group and group.span("df1") == Span(1.0, 1.0) and group.metric in SLOPES


def _own_df(group: Group) -> bool:
    """Tell whether a test of the effect itself is printed with its df."""
    return _printed_with_t(group) or ("df2" in group and _of_one_coefficient(group))


def _rank_of_normal(group: Group) -> Rank:
    return "other" if _own_df(group) and group.metric in SLOPES else "usual"


def _rank_of_unknown_df(group: Group) -> Rank | None:
    if _own_df(group):
        return None
    return None if "df" in group else "rare" if "k" in group else "other"


def _rank_of_few_df(group: Group) -> Rank | None:
    if _own_df(group):
        return None
    known = "k" in group or "t" not in group
    return None if "df" in group else "rare" if known else "other"


def _printed_with_t(group: Group) -> bool:
    """Tell whether a t stands with its own df, so that no other can be meant."""
    return "t" in group and "df" in group


def _rank_of_df_of_k(group: Group) -> Rank | None:
    if _own_df(group):
        return None
    return "usual" if "t" in group and "egger" not in group.words else "other"


def _rank_of_df_of_q(group: Group) -> Rank | None:
    return None if "k" in group else _rank_of_df_of_k(group)


def _rank_of_k_minus_2(group: Group) -> Rank | None:
    """Return how common k − 2 df are: the rule in a regression on one covariate, as Egger's."""
    if _own_df(group):
        return None
    return "usual" if "egger" in group.words else "other"


def _rank_of_other_df(group: Group) -> Rank | None:
    return None if _own_df(group) else "other"


REFERENCES = (
    Way(
        "z", "a normal distribution was used", _rank_of_normal, _df_normal, who="metafor, meta, CMA"
    ),
    Way(
        "t of the given df",
        "a t distribution with the printed df was used",
        lambda group: "usual" if "t" in group else "rare",
        lambda x: x["df"],
        needs=("df",),
        who="metafor and meta with Knapp–Hartung",
    ),
    Way(
        "t of the F's df",
        "a t distribution with the df2 of F was used",
        lambda group: "usual" if _of_one_coefficient(group) else None,
        lambda x: x["df2"],
        needs=("df2",),
        who="metafor with t-tests",
    ),
    Way(
        "t with k - 1",
        "a t distribution with k − 1 df was used (Knapp–Hartung)",
        _rank_of_df_of_k,
        lambda x: np.where(x["k"] > 1, x["k"] - 1, np.nan),
        needs=("k",),
        who="metafor and meta with Knapp–Hartung, jamovi, JASP",
    ),
    Way(
        "t with df of Q",
        "a t distribution with the df of Q was used (Knapp–Hartung)",
        _rank_of_df_of_q,
        lambda x: np.where(x["Q_df"] > 0, x["Q_df"], np.nan),
        needs=("Q_df",),
        who="metafor and meta with Knapp–Hartung, jamovi, JASP",
    ),
    Way(
        "t with effects - 1",
        "a t distribution was used with one df less than there are effects",
        _rank_of_other_df,
        lambda x: np.where(x["effects"] > 1, x["effects"] - 1, np.nan),
        needs=("effects",),
        who="metafor's rma.mv with t-tests: three-level models",
    ),
    Way(
        "t with k - 2",
        "a t distribution with k − 2 df was used",
        _rank_of_k_minus_2,
        lambda x: np.where(x["k"] > 2, x["k"] - 2, np.nan),
        needs=("k",),
    ),
    Way(
        "t, unknown df",
        "a t distribution was used whose df are not printed",
        _rank_of_unknown_df,
        lambda x: x["any_df"],
        extra=_MANY_DF,
        who="robust variances, Kenward–Roger, Knapp–Hartung where k is not printed",
    ),
    Way(
        "t, few df",
        f"a t distribution with fewer than {FEW:g} df was used, which are not printed",
        _rank_of_few_df,
        lambda x: x["any_df"],
        extra=_FEW_DF,
        who="the same with few studies",
    ),
)


def _level_printed(x: Mapping[str, Array]) -> Any:
    return x["level"]


def _share(percent: int) -> Callable[[Mapping[str, Array]], float]:
    return lambda x: percent / 100  # noqa: ARG005


def _rank_of_level(percent: int) -> Callable[[Group], Rank]:
    return lambda group: "usual" if percent == 95 and "level" not in group else "rare"


LEVELS = (
    Way("printed", "the level is the printed one", "usual", _level_printed, needs=("level",)),
    *(
        Way(
            f"{percent} %",
            f"the limits are those of a {percent} % interval",
            _rank_of_level(percent),
            _share(percent),
        )
        for percent in (95, 90, 99)
    ),
)


def critical(x: Mapping[str, Array], reference: Any, level: Any) -> Array:
    """Return how many standard errors an interval reaches to either side."""
    return critical_value(level(x), reference(x))


def half_width(x: Mapping[str, Array], scale: Scale, kind: str = "ci") -> Array:
    """Return half the width of an interval on a scale."""
    return (scale.to(x[f"{kind}_high"]) - scale.to(x[f"{kind}_low"])) / 2


def p_of(statistic: Array, df: Any, tails: float) -> Array:
    """Return the p-value of a statistic: of both tails, of its own, or of the other tail."""
    both = two_sided_p(statistic, df)
    return both if tails == 2 else both / 2 if tails == 1 else 1 - both / 2


def _rank_of_one_tail(group: Group) -> Rank:
    return "usual" if "one-tailed" in group.words else "other"


TAILS = (
    Way("two", "the test was two-sided", "usual", 2),
    Way("one", "the test was one-sided", _rank_of_one_tail, 1),
    Way("wrong tail", "the p-value is that of the other tail", "rare", -1),
)  # fmt: skip


def _one(x: Mapping[str, Array]) -> float:  # noqa: ARG001
    return 1.0


def _se_of_scale(x: Mapping[str, Array], scale: Scale) -> Array:  # noqa: ARG001
    return np.ones_like(x["estimate"] if "estimate" in x else x["ci_low"])


def _se_of_effect(x: Mapping[str, Array], scale: Scale) -> Array:
    return scale.slope(x["estimate"])


CARRIED = (
    Way("own", "", "usual", _se_of_scale, who="metafor"),
    Way(
        "carried",
        "the standard error was carried to the scale of the printed effect",
        "other",
        _se_of_effect,
        needs=("estimate",),
        who="Stata for ratios; the delta method",
    ),
)


def borrowed(ways: tuple[Way, ...]) -> bool:
    """Tell whether a standard error would be that of another metric than the estimate's."""
    codes = {way.code for way in ways}
    return "own" in codes and any(code.startswith("converted") for code in codes)


KINDS = (
    Way("same", "", "usual", _one),
    Way(
        "different",
        "test and interval were made with different standard errors",
        "rare",
        lambda x: x["se_ratio"],
        extra=(("se_ratio", Span(0.5, 2.0)),),
        who="a z-test beside a Knapp–Hartung, robust, profile or bootstrap interval",
    ),
)


def symmetric(group: Group) -> bool:
    """Tell whether nothing says that the interval was not symmetric by construction."""
    return not group.words & set(SKEWED)
