"""Mean and SD from printed quantiles: the methods in one register, and the way to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_domain, index_of, refuse_absent, resolve, row_names
from metarel._lazy import pd
from metarel._register import Register
from metarel._vocabulary import Domain
from metarel.convert import (
    recover_fits,
    recover_log_scale,
    recover_medians,
    recover_order,
    recover_power,
)
from metarel.convert.recover_medians import SCENARIOS, SMALLEST_N, Moments, Quantiles
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._checks import Array, Column

WORDS = SCENARIOS["five"]


@dataclass(frozen=True, slots=True)
class QuantileMethod:
    """One way to estimate mean and SD from quantiles.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What it is called.
    assumption : str
        What it takes for granted about the data.
    takes : mapping
        Scenario (``"five"``, ``"quartiles"``, ``"range"``) to the function from `Quantiles` to
        something with ``mean`` and ``sd``, best first.
    sources : tuple of str
        Keys of the publications.
    used_by : str
        Programs that have it.
    positive : bool
        Whether all numbers must be positive.
    logs : bool
        Whether it is the logarithms that it takes for normal, so that they are tested for skewness.
    """

    code: str
    name: str
    assumption: str
    takes: Mapping[str, Callable[[Quantiles], Any]]
    sources: tuple[str, ...]
    used_by: str = ""
    positive: bool = False
    logs: bool = False


def _by_scenario(function: Callable[[Quantiles, str], Any]) -> dict[str, Callable[..., Any]]:
    """Return a function of quantiles and scenario as one of quantiles for each scenario."""
    return {scenario: lambda x, scenario=scenario: function(x, scenario) for scenario in SCENARIOS}


NORMAL = "The data are normal."
POWER = "A Box–Cox transformation makes the data, all positive, normal."

QUANTILE_METHODS: Register[QuantileMethod] = Register(
    "method",
    [
        QuantileMethod(
            "luo/wan/shi",
            "optimal mean, and SD by the sample size",
            NORMAL,
            {
                "five": lambda x: Moments(recover_medians.luo_five(x), recover_medians.shi_five(x)),
                "quartiles": lambda x: Moments(
                    recover_medians.luo_quartiles(x), recover_medians.sd_from_quartiles(x)
                ),
                "range": lambda x: Moments(
                    recover_medians.luo_range(x), recover_medians.sd_from_range(x)
                ),
            },
            ("luo2018", "wan2014", "shi2020"),
            "metafor (default), meta",
        ),
        QuantileMethod(
            "wan",
            "plain mean, and SD by the sample size",
            NORMAL,
            {
                "five": recover_medians.wan_five,
                "quartiles": recover_medians.wan_quartiles,
                "range": recover_medians.wan_range,
            },
            ("wan2014",),
            "metafor, meta, metaBLUE",
        ),
        QuantileMethod(
            "blue",
            "best linear unbiased estimates",
            NORMAL,
            _by_scenario(recover_order.blue),
            ("yang2022", "lloyd1952"),
            "metaBLUE and metafor, with approximate moments",
        ),
        QuantileMethod(
            "walter",
            "plain mean, and SD by the exact expected range",
            NORMAL,
            {
                "range": lambda x: Moments(
                    recover_medians.wan_range(x).mean, recover_order.walter_sd(x)
                )
            },
            ("walter2007", "hozo2005"),
            "metafor",
        ),
        QuantileMethod(
            "hozo",
            "rules for the range by steps of the sample size",
            "None stated; biased for most sample sizes.",
            {"range": recover_medians.hozo_range},
            ("hozo2005",),
            "reviews before 2014; metafor",
        ),
        QuantileMethod(
            "bland",
            "mean and SD as if data were even between the five numbers",
            "None stated; the SD is biased, the more the larger n.",
            {"five": recover_medians.bland_five},
            ("bland2015",),
            "reviews before 2014; metafor",
        ),
        QuantileMethod(
            "lognormal",
            "log-normal data, corrected for bias",
            "The data are log-normal.",
            _by_scenario(recover_log_scale.lognormal),
            ("shi2020b",),
            'metafor (dist="lnorm")',
            positive=True,
            logs=True,
        ),
        QuantileMethod(
            "qe",
            "quantile estimation",
            "The data are of the best fitting of normal, log-normal, gamma, Weibull and beta "
            "distributions; normal if a number is not positive.",
            _by_scenario(recover_fits.quantile_estimation),
            ("mcgrath2020",),
            "estmeansd, metafor",
        ),
        QuantileMethod(
            "bc",
            "Box–Cox transformation to symmetry",
            POWER,
            _by_scenario(recover_power.box_cox_method),
            ("mcgrath2020",),
            "estmeansd and metafor, with random draws",
            positive=True,
        ),
        QuantileMethod(
            "mln",
            "Box–Cox transformation by maximum likelihood",
            POWER,
            _by_scenario(recover_power.unknown_distribution_method),
            ("cai2021",),
            "estmeansd and metafor, with a likelihood that depends on the unit, and random draws",
            positive=True,
        ),
    ],
    aliases={"default": "luo/wan/shi"},
)


@dataclass(frozen=True, slots=True)
class Recovered:
    """Mean and SD, and the family of distributions where the method chooses one."""

    mean: Array
    sd: Array
    family: Array | None


def recover_moments(x: Quantiles, method: QuantileMethod) -> Recovered:
    """Return mean and SD of each row from the most numbers that it has and the method takes.

    Parameters
    ----------
    x : Quantiles
        What each row printed.
    method : QuantileMethod
        An entry of `QUANTILE_METHODS`.

    Returns
    -------
    Recovered
        NaN where a row has too few numbers; a median is needed for the mean alone.
    """
    mean, sd = np.full_like(x.n, np.nan), np.full_like(x.n, np.nan)
    family = np.full(x.n.shape, "", dtype=object)
    left, chooses = np.ones(x.n.shape, dtype=bool), False
    for scenario, function in method.takes.items():
        rows = left & x.spans(scenario)
        found = function(replace(x, n=np.where(rows, x.n, np.nan)))
        mean, sd = np.where(rows, found.mean, mean), np.where(rows, found.sd, sd)
        if isinstance(found, recover_fits.FittedMoments):
            family, chooses = np.where(rows, found.family, family), True
        left &= ~rows
    return Recovered(mean, sd, family if chooses else None)


def mean_sd_from_quantiles(
    data: pd.DataFrame | None = None,
    *,
    n: Column,
    minimum: Column | None = None,
    q1: Column | None = None,
    median: Column | None = None,
    q3: Column | None = None,
    maximum: Column | None = None,
    method: str = "luo/wan/shi",
) -> pd.DataFrame:
    """Estimate mean and SD of groups that print medians, quartiles or ranges, and test skewness.

    A row uses the most numbers it has: all five, else the quartiles with the median, else minimum
    and maximum with the median.

    Parameters
    ----------
    data : DataFrame, optional
        One row a group; None when the inputs are arrays or numbers.
    n : column name, array or number
        Size of the group, at least 5.
    minimum, q1, median, q3, maximum : column name, array or number, optional
        What is printed, in the unit of the outcome; missing values where a row lacks it.
    method : str
        For normal data: ``"luo/wan/shi"`` (the default of metafor), ``"wan"``, ``"blue"``, and of
        old reviews ``"hozo"``, ``"walter"`` (ranges alone) and ``"bland"`` (five numbers alone).
        For skewed data: ``"lognormal"``, ``"qe"`` (quantile estimation), ``"bc"`` (Box–Cox) and
        ``"mln"`` (unknown non-normal distribution).

    Returns
    -------
    DataFrame
        With the index of ``data``: ``mean``, ``sd``, and the skewness test at the 5 % level of the
        numbers as printed (of their logarithms for ``"lognormal"``): ``skew_statistic``,
        ``skew_critical``, and ``skewed``, which is missing where the test is. ``"qe"`` adds
        ``family``, the distribution it chose. A row with too few numbers is missing, and so is one
        for which ``"bc"``, ``"mln"`` or ``"lognormal"`` has no answer (ties, tails without an SD);
        one without a median may still have its SD.

    Raises
    ------
    InputError
        If the numbers of a row are out of order, n is below 5, the method does not exist or needs
        positive numbers, or a row has numbers but not those that the method takes.

    Notes
    -----
    No row is left out for being skewed; metafor's ``conv.fivenum`` leaves such rows out unless
    ``test=FALSE``: ``frame[frame["skewed"] != True]`` does the same. Where ``skewed`` is true the
    methods for normal data are biased: the mean of right-skewed data comes out too low. An effect
    computed from an estimated SD varies more than its formula says, most with ranges. ``"qe"``,
    ``"bc"`` and ``"mln"`` solve equations row by row, in some milliseconds each.

    `metarel.convert.recover_quantiles.QUANTILE_METHODS` states each method's assumption, sources
    and users. Methods: [luo2018], [wan2014], [shi2020], [yang2022], [hozo2005], [walter2007],
    [bland2015], [shi2020b], [mcgrath2020], [cai2021]; test [shi2023].

    References
    ----------
    [luo2018], [wan2014], [shi2020], [shi2023], [yang2022], [hozo2005], [walter2007], [bland2015],
    [shi2020b], [mcgrath2020], [cai2021]

    Examples
    --------
    >>> import pandas as pd
    >>> printed = pd.DataFrame(
    ...     {"n": [20, 20, 80], "low": [2, None, 4], "q1": [None, 4, 7], "med": [6, 6, 9],
    ...      "q3": [None, 10, 13], "high": [14, None, 21]}
    ... )
    >>> columns = {"minimum": "low", "q1": "q1", "median": "med", "q3": "q3", "maximum": "high"}
    >>> mean_sd_from_quantiles(printed, n="n", **columns).round(3)
        mean     sd  skew_statistic  skew_critical skewed
    0  6.594  3.212           0.333          0.416  False
    1  6.720  4.787           0.333          0.578  False
    2  9.901  4.014           0.472          0.335   True
    """
    chosen = QUANTILE_METHODS[method]
    refuse_absent({"n": n})
    given = {"minimum": minimum, "q1": q1, "median": median, "q3": q3, "maximum": maximum, "n": n}
    if all(given[word] is None for word in WORDS):
        raise InputError(f"At least two of {', '.join(f'`{w}`' for w in WORDS)} must be given.")
    vectors = resolve(data, given)
    nothing = np.full_like(vectors["n"], np.nan)
    x = Quantiles(**{word: vectors.get(word, nothing) for word in (*WORDS, "n")})
    _check(x, chosen)
    found = recover_moments(x, chosen)
    with np.errstate(invalid="ignore", divide="ignore"):
        test = recover_medians.skewness_test(x.map(np.log) if chosen.logs else x)
    frame = pd.DataFrame(
        {
            "mean": found.mean,
            "sd": found.sd,
            "skew_statistic": test.statistic,
            "skew_critical": test.critical,
            "skewed": pd.Series(test.skewed, dtype="object")
            .astype("boolean")
            .to_numpy(dtype=object),
        },
        index=index_of(data, given),
    )
    return frame if found.family is None else frame.assign(family=found.family)


def _check(x: Quantiles, method: QuantileMethod) -> None:
    """Refuse numbers out of order, groups too small, and rows that the method cannot take."""
    known = {word: getattr(x, word) for word in WORDS}
    printed = np.any([~np.isnan(values) for values in known.values()], axis=0)
    check_domain(np.where(printed, x.n, np.nan), Domain(SMALLEST_N), "n")
    _refuse_disorder(known)
    if method.positive:
        for word, values in known.items():
            hint = f"`method={method.code!r}` takes positive numbers; 'qe' and 'luo/wan/shi' any."
            check_domain(values, Domain(0, open_low=True), word, hint=hint)
    _refuse_untaken(x, method)


def _refuse_disorder(known: Mapping[str, Array]) -> None:
    """Refuse rows in which a smaller quantile is printed as larger than a greater one."""
    for place, lower in enumerate(WORDS):
        for upper in WORDS[place + 1 :]:
            with np.errstate(invalid="ignore"):
                rows = np.flatnonzero(known[lower] > known[upper]).tolist()
            if rows:
                low, high = known[lower][rows[0]], known[upper][rows[0]]
                raise InputError(
                    f"`{lower}` must not exceed `{upper}`; {row_names(rows)}: {low:g} and {high:g}"
                    f"{' first' if len(rows) > 1 else ''}."
                )


def _refuse_untaken(x: Quantiles, method: QuantileMethod) -> None:
    """Refuse rows whose numbers would do for another method but not for this one."""
    enough = np.any([x.has(scenario) for scenario in SCENARIOS], axis=0)
    taken = np.any([x.has(scenario) for scenario in method.takes], axis=0)
    rows = np.flatnonzero(enough & ~taken).tolist()
    if rows:
        needs: Sequence[str] = [word for s in method.takes for word in SCENARIOS[s]]
        raise InputError(
            f"`method={method.code!r}` needs {', '.join(f'`{word}`' for word in needs)}; "
            f"{row_names(rows)} {'has' if len(rows) == 1 else 'have'} others. 'luo/wan/shi' takes "
            "quartiles, ranges and both."
        )
