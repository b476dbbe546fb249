"""The words of conversions: the metrics, and the numbers that rules use besides the value."""

from __future__ import annotations

from dataclasses import dataclass

from metarel._register import Register
from metarel._vocabulary import (
    ANY,
    CORRELATION,
    NOT_NEGATIVE,
    OPEN_PROPORTION,
    POSITIVE,
    PROPORTION,
    Domain,
)

AT_MOST_ONE = Domain(high=1)
BELOW_ONE = Domain(0, 1, open_high=True)
#: Standardised differences beyond this are mostly slips of the pen.
LIKELY = 5.0


@dataclass(frozen=True, slots=True)
class Metric:
    """A scale on which an effect, or a statistic that carries one, is printed.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        Its name in words.
    domain : Domain
        The numbers it may take.
    statistic : bool
        Whether it is only a start: no effect is converted to it.
    typed : bool
        Whether it is a correlation of one kind. The untyped r may be of any, so that a way over
        several steps never leads from r to a typed one.
    beside : str
        What else is written with the same letter, and how it is typed here.
    """

    code: str
    name: str
    domain: Domain = ANY
    statistic: bool = False
    typed: bool = False
    beside: str = ""

    @property
    def read_as(self) -> str:
        """Return what the letter means, where it is also written for something else."""
        return f"{self.name}; {self.beside}" if self.beside else ""


_DIFFERENCES = (
    Metric("d", "standardised mean difference"),
    Metric("g", "standardised mean difference without small-sample bias"),
    Metric("md", "mean difference in units of the outcome"),
)
_CORRELATIONS = (
    Metric("r", "correlation", CORRELATION),
    Metric("z", "Fisher's z of a correlation", beside="the z of a test is z_stat"),
    Metric("r_pb", "point-biserial correlation", CORRELATION, typed=True),
    Metric("r_bis", "biserial correlation", typed=True),
    Metric("r_tet", "tetrachoric correlation", CORRELATION, typed=True),
    Metric("spearman", "Spearman's rank correlation", CORRELATION, typed=True),
    Metric("kendall", "Kendall's rank correlation", CORRELATION, typed=True),
    Metric("cohen_q", "Cohen's q, a difference of two Fisher z", typed=True),
)
_NORMAL_MODEL = (
    Metric("U1", "Cohen's U1, the share of both groups that does not overlap", PROPORTION),
    Metric("U2", "Cohen's U2, the share above which lies the same share of the others", PROPORTION),
    Metric("U3", "Cohen's U3, the share of group 2 below the mean of group 1", PROPORTION),
    Metric("overlap", "overlapping coefficient, the area two distributions share", PROPORTION),
    Metric("cles", "chance that a person of group 1 is higher, ties half", PROPORTION),
    Metric("cliff", "Cliff's delta, the rank-biserial correlation", CORRELATION),
    Metric("besd", "binomial effect size display, the share of group 1 in success", PROPORTION),
)
_ODDS = (
    Metric("log_or", "log odds ratio"),
    Metric("or", "odds ratio", POSITIVE),
    Metric("log_rr", "log risk ratio"),
    Metric("rr", "risk ratio", POSITIVE),
    Metric("rd", "risk difference", CORRELATION),
    Metric("log_hr", "log hazard ratio"),
    Metric("hr", "hazard ratio", POSITIVE),
    Metric("nnt", "number needed to treat, negative where group 1 has fewer events"),
    Metric("yule_q", "Yule's Q", CORRELATION),
    Metric("yule_y", "Yule's Y", CORRELATION),
)
_SHARES = (
    Metric("eta2", "share of variance between groups", PROPORTION),
    Metric("epsilon2", "share of variance between groups, adjusted (epsilon)", AT_MOST_ONE),
    Metric("omega2", "share of variance between groups, adjusted (omega)", AT_MOST_ONE),
    Metric("f", "Cohen's f", NOT_NEGATIVE, beside="an F statistic is F"),
    Metric("f2", "Cohen's f squared", NOT_NEGATIVE),
    Metric("r2", "coefficient of determination", PROPORTION),
    Metric("z_r2", "Fisher's z of a multiple correlation"),
    Metric("eta2_rank", "share of variance of ranks between groups, adjusted", AT_MOST_ONE),
    Metric("epsilon2_rank", "share of the greatest possible Kruskal–Wallis H", PROPORTION),
    Metric("cohen_w", "Cohen's w", NOT_NEGATIVE),
    Metric("cramer_v", "Cramér's V", PROPORTION),
    Metric("tschuprow_t", "Tschuprow's T", PROPORTION),
    Metric("pearson_c", "Pearson's contingency coefficient C", BELOW_ONE),
    Metric("fei", "Fei, the share of the greatest possible w of a test of fit", PROPORTION),
)
_SINGLE = (
    Metric("proportion", "proportion", PROPORTION),
    Metric("log_proportion", "log of a proportion", Domain(high=0)),
    Metric("logit", "logit of a proportion"),
    Metric("probit", "probit of a proportion"),
    Metric("arcsine", "arcsine square root of a proportion"),
    Metric("double_arcsine", "Freeman–Tukey double arcsine of a proportion"),
    Metric("cohen_h", "Cohen's h, a difference of two proportions"),
    Metric("rate", "incidence rate", NOT_NEGATIVE),
    Metric("log_rate", "log of an incidence rate"),
    Metric("sqrt_rate", "square root of an incidence rate"),
    Metric("ft_rate", "Freeman–Tukey transform of an incidence rate"),
    Metric("alpha", "Cronbach's alpha", AT_MOST_ONE),
    Metric("ahw", "cube-root transform of alpha (Hakstian and Whalen)"),
    Metric("abt", "log transform of alpha (Bonett)"),
)
_STATISTICS = (
    Metric("t", "t statistic of two independent groups, or of a correlation", statistic=True),
    Metric("F", "F statistic", NOT_NEGATIVE, statistic=True, beside="Cohen's f is f"),
    Metric("p", "two-sided p-value, signed as the effect", CORRELATION, statistic=True),
    Metric("p_one", "one-sided p-value, small where group 1 is higher", PROPORTION, statistic=True),
    Metric("z_stat", "normal deviate, the z of a test", statistic=True),
    Metric("chi2", "chi-square statistic of a table of counts", NOT_NEGATIVE, statistic=True),
    Metric("U", "Mann–Whitney U, pairs in which group 1 is higher", NOT_NEGATIVE, statistic=True),
    Metric("H", "Kruskal–Wallis H", NOT_NEGATIVE, statistic=True, beside="Cohen's h is cohen_h"),
    Metric("beta", "standardised slope of a regression", statistic=True),
)

METRICS: Register[Metric] = Register(
    "source",
    [
        *_DIFFERENCES,
        *_CORRELATIONS,
        *_NORMAL_MODEL,
        *_ODDS,
        *_SHARES,
        *_SINGLE,
        *_STATISTICS,
    ],
    aliases={
        "logOR": "log_or",
        "lnOR": "log_or",
        "OR": "or",
        "logRR": "log_rr",
        "lnRR": "log_rr",
        "RR": "rr",
        "RD": "rd",
        "logHR": "log_hr",
        "lnHR": "log_hr",
        "HR": "hr",
        "NNT": "nnt",
        "MD": "md",
        "R2": "r2",
        "CLES": "cles",
        "AUC": "cles",
        "r_rb": "cliff",
        "BESD": "besd",
    },
)

#: Names in words, in letters and digits alone, and the metric each stands for.
SPOKEN: dict[str, str] = {
    "cohensd": "d",
    "cohend": "d",
    "hedgesg": "g",
    "hedges": "g",
    "meandifference": "md",
    "correlation": "r",
    "pearsonr": "r",
    "pearsonsr": "r",
    "fisherz": "z",
    "fishersz": "z",
    "spearmanrho": "spearman",
    "spearmansrho": "spearman",
    "kendalltau": "kendall",
    "kendallstau": "kendall",
    "oddsratio": "or",
    "logoddsratio": "log_or",
    "riskratio": "rr",
    "relativerisk": "rr",
    "logriskratio": "log_rr",
    "riskdifference": "rd",
    "hazardratio": "hr",
    "loghazardratio": "log_hr",
    "numberneededtotreat": "nnt",
    "etasquared": "eta2",
    "omegasquared": "omega2",
    "epsilonsquared": "epsilon2",
    "rsquared": "r2",
    "cohensf": "f",
    "cohensf2": "f2",
    "cohensfsquared": "f2",
    "cohensh": "cohen_h",
    "cohensq": "cohen_q",
    "cohensw": "cohen_w",
    "cramersv": "cramer_v",
    "cronbachsalpha": "alpha",
    "chisquare": "chi2",
    "chisquared": "chi2",
    "chisq": "chi2",
    "mannwhitneyu": "U",
    "kruskalwallish": "H",
}


@dataclass(frozen=True, slots=True)
class Need:
    """A number that some rules use besides the value.

    Parameters
    ----------
    code : str
        The argument's name.
    meaning : str
        What it stands for, as a phrase.
    domain : Domain
        The numbers it may take.
    """

    code: str
    meaning: str
    domain: Domain


NEEDS: Register[Need] = Register(
    "needs",
    [
        Need("n1", "size of group 1", POSITIVE),
        Need("n2", "size of group 2", POSITIVE),
        Need("n", "size of the whole sample", Domain(2)),
        Need("df", "degrees of freedom", POSITIVE),
        Need("df1", "numerator degrees of freedom of F", POSITIVE),
        Need("groups", "count of groups", Domain(2)),
        Need("rows", "count of rows of the table", Domain(2)),
        Need("columns", "count of columns of the table", Domain(2)),
        Need(
            "expected", "smallest share that a test of fit expects", Domain(0, 0.5, open_low=True)
        ),
        Need("base_rate", "share of people in group 1", OPEN_PROPORTION),
        Need("control_rate", "share of people with the event in group 2", OPEN_PROPORTION),
        Need("delta", "contrast in units of x", POSITIVE),
        Need("sd_x", "standard deviation of x", POSITIVE),
        Need("sd", "standard deviation of the outcome", POSITIVE),
        Need("time", "person-time at risk", POSITIVE),
        Need("other", "second value of a comparison", ANY),
        Need("sign", "sign of the effect, 1 or -1", Domain(-1, 1)),
    ],
)
