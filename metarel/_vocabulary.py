"""The words of the field: each input symbol's meaning, unit and domain, stated once."""

from __future__ import annotations

import math
from dataclasses import dataclass

from metarel._register import Register


@dataclass(frozen=True)
class Domain:
    """The numbers a symbol may take.

    Parameters
    ----------
    low, high : float
        The ends of the range.
    open_low, open_high : bool
        Whether the end itself is excluded.
    whole : bool
        Whether only whole numbers make sense.
    """

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False
    whole: bool = False

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.low:g}"
        kind = "a whole number" if self.whole else "a number"
        if self.low == -math.inf and self.high == math.inf:
            return kind
        if self.high == math.inf:
            if self.low == 0:
                sign = "positive" if self.open_low else "zero or positive"
                return f"{sign} and whole" if self.whole else sign
            return f"{kind} {'above' if self.open_low else 'of at least'} {self.low:g}"
        if self.low == -math.inf:
            return f"{kind} {'below' if self.open_high else 'of at most'} {self.high:g}"
        left = "(" if self.open_low else "["
        right = ")" if self.open_high else "]"
        return f"{kind} in {left}{self.low:g}, {self.high:g}{right}"


ANY = Domain()
POSITIVE = Domain(0, open_low=True)
NOT_NEGATIVE = Domain(0)
CORRELATION = Domain(-1, 1)
INSIDE = Domain(-1, 1, open_low=True, open_high=True)
PROPORTION = Domain(0, 1)
OPEN_PROPORTION = Domain(0, 1, open_low=True, open_high=True)
COUNT = Domain(0)
SIZE = Domain(0, open_low=True)


@dataclass(frozen=True)
class Symbol:
    """One input word: what it means, in which unit, over which domain.

    Parameters
    ----------
    code : str
        The word users type.
    meaning : str
        What it stands for, as a phrase.
    unit : str
        Its unit; ``"1"`` means a pure number.
    domain : Domain
        The numbers it may take.
    metafor : str
        The name metafor gives to the same input, or an empty string.
    """

    code: str
    meaning: str
    unit: str
    domain: Domain = ANY
    metafor: str = ""


OUTCOME = "of the outcome"

#: What papers print of a group besides its mean and standard deviation.
_GROUP_SUMMARIES = [
    symbol
    for i in "12"
    for symbol in (
        Symbol(f"se{i}", f"standard error of the mean of group {i}", OUTCOME, NOT_NEGATIVE),
        Symbol(f"ci_low{i}", f"lower limit of the mean of group {i}", OUTCOME),
        Symbol(f"ci_high{i}", f"upper limit of the mean of group {i}", OUTCOME),
        Symbol(f"min{i}", f"smallest value in group {i}", OUTCOME),
        Symbol(f"q25_{i}", f"first quartile of group {i}", OUTCOME),
        Symbol(f"median{i}", f"median of group {i}", OUTCOME),
        Symbol(f"q75_{i}", f"third quartile of group {i}", OUTCOME),
        Symbol(f"max{i}", f"largest value in group {i}", OUTCOME),
        Symbol(f"m_change{i}", f"mean change from baseline in group {i}", OUTCOME),
        Symbol(
            f"sd_change{i}", f"standard deviation of the change in group {i}", OUTCOME, POSITIVE
        ),
        Symbol(f"percent{i}", f"events in group {i} per hundred people", "percent", Domain(0, 100)),
    )
]

#: Differences between two groups, or two measurements, as such.
_DIFFERENCES = [
    Symbol("md", "mean of group 1 minus mean of group 2", OUTCOME),
    Symbol("md_se", "standard error of md", OUTCOME, POSITIVE),
    Symbol("md_ci_low", "lower limit of md", OUTCOME),
    Symbol("md_ci_high", "upper limit of md", OUTCOME),
    Symbol("sd_pooled", "standard deviation pooled over both groups", OUTCOME, POSITIVE),
    Symbol("g", "Hedges' g, group 1 minus group 2", "1"),
    Symbol("m_change", "mean of the first measurement minus the second", OUTCOME),
    Symbol("sd_change", "standard deviation of that change", OUTCOME, POSITIVE),
    Symbol("se_change", "standard error of that change", OUTCOME, POSITIVE),
    Symbol("ci_low_change", "lower limit of that change", OUTCOME),
    Symbol("ci_high_change", "upper limit of that change", OUTCOME),
    Symbol("estimate", "effect as printed, on the scale of the analysis", "of the measure"),
    Symbol("se", "standard error of the estimate", "of the measure", POSITIVE),
    Symbol("ci_low", "lower limit of the estimate", "of the measure"),
    Symbol("ci_high", "upper limit of the estimate", "of the measure"),
]

#: Coefficients and tests of an association.
_ASSOCIATIONS = [
    Symbol("sign", "sign of the effect, 1 or -1", "1", Domain(-1, 1)),
    Symbol("z", "Fisher's z of a correlation", "1"),
    Symbol("z_value", "standard normal test statistic", "1"),
    Symbol("eta2", "share of variance between groups", "1", Domain(0, 1, open_high=True)),
    Symbol("phi", "phi coefficient of a 2 × 2 table", "1", CORRELATION),
    Symbol("r_ci_low", "lower limit of r", "1", CORRELATION),
    Symbol("r_ci_high", "upper limit of r", "1", CORRELATION),
]

#: Ratios with their limits, and percentages.
_RATIOS = [
    Symbol("percent", "events per hundred people", "percent", Domain(0, 100)),
    *(
        symbol
        for name, short in (("odds ratio", "or"), ("risk ratio", "rr"), ("hazard ratio", "hr"))
        for symbol in (
            Symbol(name.replace(" ", "_"), f"{name}, group 1 over group 2", "1", POSITIVE),
            Symbol(f"{short}_ci_low", f"lower limit of the {name}", "1", POSITIVE),
            Symbol(f"{short}_ci_high", f"upper limit of the {name}", "1", POSITIVE),
        )
    ),
    Symbol("risk_difference", "risk in group 1 minus risk in group 2", "1", CORRELATION),
    Symbol("rd_ci_low", "lower limit of the risk difference", "1"),
    Symbol("rd_ci_high", "upper limit of the risk difference", "1"),
]


SYMBOLS: Register[Symbol] = Register(
    "input",
    [
        Symbol("yi", "observed effect", "of the measure", ANY, "yi"),
        Symbol("vi", "sampling variance of yi", "of the measure, squared", POSITIVE, "vi"),
        Symbol("sei", "standard error of yi", "of the measure", POSITIVE, "sei"),
        Symbol("r", "correlation", "1", CORRELATION, "ri"),
        Symbol("n", "sample size", "people", SIZE, "ni"),
        Symbol("m1", "mean of group 1", "of the outcome", ANY, "m1i"),
        Symbol("sd1", "standard deviation of group 1", "of the outcome", NOT_NEGATIVE, "sd1i"),
        Symbol("n1", "size of group 1", "people", SIZE, "n1i"),
        Symbol("m2", "mean of group 2", "of the outcome", ANY, "m2i"),
        Symbol("sd2", "standard deviation of group 2", "of the outcome", NOT_NEGATIVE, "sd2i"),
        Symbol("n2", "size of group 2", "people", SIZE, "n2i"),
        Symbol("events1", "events in group 1", "people", COUNT, "ai"),
        Symbol("non_events1", "people of group 1 without the event", "people", COUNT, "bi"),
        Symbol("events2", "events in group 2", "people", COUNT, "ci"),
        Symbol("non_events2", "people of group 2 without the event", "people", COUNT, "di"),
        Symbol("f", "F statistic", "1", NOT_NEGATIVE, "fi"),
        Symbol("r2", "coefficient of determination", "1", Domain(0, 1, open_high=True), "r2i"),
        Symbol("predictors", "predictors of a regression, all of them", "predictors", SIZE, "mi"),
        Symbol("auc", "share of pairs with group 1 higher, ties half", "1", PROPORTION, "ai"),
        Symbol("ties", "share of pairs that are tied", "1", PROPORTION, "mi"),
        Symbol("homozygous1", "people with two copies of allele 1", "people", COUNT, "ai"),
        Symbol("heterozygous", "people with one copy of each allele", "people", COUNT, "bi"),
        Symbol("homozygous2", "people with two copies of allele 2", "people", COUNT, "ci"),
        Symbol("mean", "mean of the group", "of the outcome", ANY, "mi"),
        Symbol("sd", "standard deviation of the group", "of the outcome", NOT_NEGATIVE, "sdi"),
        Symbol("alpha", "Cronbach's alpha", "1", Domain(high=1), "ai"),
        Symbol("items", "items of a scale", "items", SIZE, "mi"),
        Symbol("events", "events", "people", COUNT, "xi"),
        Symbol("non_events", "people without the event", "people", COUNT, "mi"),
        Symbol("time", "person-time at risk", "person-time", POSITIVE, "ti"),
        Symbol("time1", "person-time at risk in group 1", "person-time", POSITIVE, "t1i"),
        Symbol("time2", "person-time at risk in group 2", "person-time", POSITIVE, "t2i"),
        Symbol("both", "pairs with the event under both conditions", "pairs", COUNT, "ai"),
        Symbol("only1", "pairs with the event under condition 1 only", "pairs", COUNT, "bi"),
        Symbol("only2", "pairs with the event under condition 2 only", "pairs", COUNT, "ci"),
        Symbol("neither", "pairs without the event", "pairs", COUNT, "di"),
        Symbol("p_both", "share of pairs with the event twice", "1", PROPORTION, "pi"),
        Symbol("d", "standardised mean difference, group 1 minus group 2", "1", ANY, "di"),
        Symbol("t", "t statistic, positive when group 1 is higher", "1", ANY, "ti"),
        Symbol("p", "two-sided p-value, signed as the effect", "1", Domain(-1, 1), "pi"),
        *_GROUP_SUMMARIES,
        *_DIFFERENCES,
        *_ASSOCIATIONS,
        *_RATIOS,
        Symbol("m_pre1", "mean of group 1 before", "of the outcome", ANY),
        Symbol("sd_pre1", "SD of group 1 before", "of the outcome", NOT_NEGATIVE),
        Symbol("m_post1", "mean of group 1 after", "of the outcome", ANY),
        Symbol("sd_post1", "SD of group 1 after", "of the outcome", NOT_NEGATIVE),
        Symbol("m_pre2", "mean of group 2 before", "of the outcome", ANY),
        Symbol("sd_pre2", "SD of group 2 before", "of the outcome", NOT_NEGATIVE),
        Symbol("m_post2", "mean of group 2 after", "of the outcome", ANY),
        Symbol("sd_post2", "SD of group 2 after", "of the outcome", NOT_NEGATIVE),
        Symbol("icc", "intraclass correlation of clusters within groups", "1", PROPORTION),
        Symbol("cluster_size", "people in a cluster, on average", "people", Domain(1)),
        Symbol("r_cov", "correlation of covariate and outcome within groups", "1", INSIDE),
        Symbol("n_cov", "covariates adjusted for", "covariates", Domain(1, whole=True)),
        Symbol("df1", "degrees of freedom of the effect", "degrees of freedom", SIZE),
        Symbol("df2", "degrees of freedom of the error", "degrees of freedom", SIZE),
        Symbol("chi2", "chi-square statistic of a table, uncorrected", "1", NOT_NEGATIVE),
        Symbol("rows", "rows of a table", "categories", Domain(2, whole=True)),
        Symbol("columns", "columns of a table", "categories", Domain(2, whole=True)),
        Symbol("u", "Mann and Whitney's U: pairs with group 1 higher, ties half", "pairs", COUNT),
        Symbol("rho", "Spearman's rank correlation", "1", CORRELATION),
        Symbol("tau", "Kendall's rank correlation", "1", CORRELATION),
        Symbol("beta", "standardised regression coefficient", "1", ANY),
        Symbol("observed_minus_expected", "events in group 1 above those expected", "events", ANY),
        Symbol("logrank_variance", "variance of the log-rank statistic", "events²", POSITIVE),
    ],
)
