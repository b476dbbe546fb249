"""The kinds of statistics that are read: how each is written, and what it may be."""

from __future__ import annotations

import math

from metarel._register import Register
from metarel._vocabulary import CORRELATION, NOT_NEGATIVE, POSITIVE, Domain
from metarel.reading._kind import Kind

WHOLE = Domain(0, math.inf, whole=True)
SHARE = Domain(0, 1)
_SQUARED = r"(?: ?\^?\{?2\}?|[- ]?squared?\b)"
_S = r"(?:'?s)?"
_LEVEL = (
    r"(?:[_ ]?\{?\(?(?:[Ll]evel|L)[-_ ]?[23]\)?\}?|_?\{?(?:within|between)\}?|_\{?\(?[23]\)?\}?)?"
)
_OF_WHAT = r"(?:odds|risk|rate|hazards?|incidence rate)(?: ratios?)?"
#: Names of groups and occasions that stand as subscripts of M, SD and n, glued on where a text lost
#: its subscripts.
_GROUP = (
    r"(?:_?\{?(?:[12]|CBT|PDT|IPT|TAU|WL|WLC|IG|CG|EG|KG|TG|T1|T2|pre|post|control"
    r"|treatment|intervention)\}?)?"
)
_ADJUSTED = r"(?:(?:un)?adjusted |pooled |summary |overall |mean |crude |weighted )?"

KINDS = (
    Kind(
        "fisher_z",
        "Fisher's z of a correlation",
        "estimate",
        symbols=(r"[Zz]_?\{?r\}?", r"Fisher(?:'s|s)?[ -][Zz](?:_?\{?r\}?)?(?:[- ]scores?)?"),
        written=("Fisher's z = {}", "zr = {}"),
    ),
    Kind(
        "R2",
        "variance explained",
        "estimate",
        symbols=(rf"(?:adjusted )?(?:Δ ?)?[Rr]{_SQUARED}",),
        domain=SHARE,
        percent=True,
        written=("R² = {}", "R2 = {}", "R-squared = {}"),
    ),
    Kind(
        "r",
        "correlation",
        "estimate",
        symbols=(rf"(?:ES ?)?r{_S}", r"r_?\{?(?:\+|w|xy|pb|ES)\}?", r"ρ", r"rho", r"rs"),
        words=(
            r"(?:Pearson(?:'s)? |weighted |mean |average |aggregate |pooled |overall )*"
            r"correlations?(?: coefficients?)?",
            r"correlated",
            r"Pearson(?:'s)? r",
        ),
        domain=CORRELATION,
        df=1,
        written=("r = {}", "r={}", "r of {}", "a correlation of {}", "(r = {})"),
    ),
    Kind(
        "d",
        "standardised mean difference, Cohen's d",
        "estimate",
        symbols=(
            rf"(?:Cohen(?:'s|s|s')? |Glass(?:'s|')? )?d{_S}(?:_?\{{?\+\}}?)?",
            r"(?:Cohen(?:'s|s|s')?|Glass(?:'s|')?) (?:delta|Δ)",
        ),
        words=(r"Cohen(?:'s|s|s')? d(?:'s)?",),
        written=("d = {}", "Cohen's d = {}", "Cohen's d of {}", "d={}"),
    ),
    Kind(
        "g",
        "standardised mean difference, Hedges' g",
        "estimate",
        symbols=(rf"(?:Hedges?(?:'s|s|s'|')? )?g{_S}(?:_?\{{?\+\}}?)?",),
        words=(r"Hedges?(?:'s|s|s'|')? g(?:'s)?",),
        written=("g = {}", "Hedges' g = {}", "Hedges's g of {}"),
    ),
    Kind(
        "SMD",
        "standardised mean difference, not said whether d or g",
        "estimate",
        words=(r"SMDs?", r"standardi[sz]ed mean differences?(?: \(SMDs?\))?"),
        written=("SMD = {}", "SMD {}", "standardised mean difference of {}"),
    ),
    Kind(
        "MD",
        "mean difference",
        "estimate",
        words=(r"W?MDs?", r"(?<!dized )(?<!dised )(?:weighted )?mean differences?(?: \(W?MDs?\))?"),
        written=("MD = {}", "mean difference of {}"),
    ),
    Kind(
        "log_ratio",
        "logarithm of an odds ratio, a risk ratio or a hazard ratio",
        "estimate",
        words=(
            r"(?:[Ll]og|LOG|[Ll]n|LN)[- ]?\(?a?(?:OR|I?RR|HR)s?\)?",
            r"(?:natural )?(?:log|ln|logarithm)(?:-transformed|arithm)?(?: of (?:the )?)?[- ]?\(?"
            rf"{_OF_WHAT}\)?(?: \((?:ln|log)[A-Z]{{2,3}}\))?",
        ),
        written=("lnOR = {}", "log OR = {}", "a log odds ratio of {}", "log(RR) = {}"),
    ),
    Kind(
        "OR",
        "odds ratio",
        "estimate",
        words=(r"a?ORs?(?:adj)?", rf"{_ADJUSTED}odds ratios?(?: \(a?ORs?\))?"),
        domain=POSITIVE,
        written=("OR = {}", "OR={}", "OR {}", "an odds ratio of {}", "OR, {}", "aOR: {}"),
    ),
    Kind(
        "RR",
        "risk ratio",
        "estimate",
        words=(
            r"a?I?RRs?(?:adj)?",
            rf"{_ADJUSTED}(?:risk|rate|incidence rate) ratios?(?: \(a?I?RRs?\))?",
            rf"{_ADJUSTED}relative risks?(?: \(RRs?\))?",
        ),
        domain=POSITIVE,
        written=("RR = {}", "RR {}", "a risk ratio of {}", "relative risk {}"),
    ),
    Kind(
        "HR",
        "hazard ratio",
        "estimate",
        words=(r"a?HRs?(?:adj)?", rf"{_ADJUSTED}hazards? ratios?(?: \(a?HRs?\))?"),
        domain=POSITIVE,
        written=("HR = {}", "HR {}", "hazard ratio {}", "hazard ratio, {}"),
    ),
    Kind(
        "RD",
        "risk difference",
        "estimate",
        words=(r"A?RDs?", r"(?:absolute )?risk (?:difference|reduction)s?(?: \(A?R[DR]s?\))?"),
        written=("RD = {}", "risk difference of {}"),
    ),
    Kind(
        "NNT",
        "number needed to treat",
        "estimate",
        words=(r"NNTs?", r"numbers? needed to treat(?: \(NNTs?\))?"),
        written=("NNT = {}",),
    ),
    Kind(
        "eta2",
        "eta squared",
        "estimate",
        symbols=(rf"(?:partial )?(?:η|eta)(?:_?\{{?p\}}?)?{_SQUARED}(?:_?\{{?p\}}?)?",),
        domain=SHARE,
        written=("η2 = {}", "partial eta squared = {}"),
    ),
    Kind(
        "beta",
        "standardised slope",
        "estimate",
        symbols=(rf"[βß]{_S}", r"betas?"),
        written=("β = {}", "beta = {}"),
    ),
    Kind("b", "slope", "estimate", symbols=(r"[Bb]",), written=("B = {}", "b = {}")),
    Kind(
        "intercept",
        "intercept of a regression, such as Egger's",
        "estimate",
        symbols=(
            r"[Ii]ntercepts?(?: \([Bbβ]_?0\))?",
            r"[Bbβ]_?\{?0\}?",
            r"(?<!of )[Bb]ias(?: coefficient)?",
        ),
        written=("intercept = {}", "b0 = {}", "bias = {}", "an intercept of {}"),
    ),
    Kind(
        "effect",
        "effect whose metric is not said",
        "estimate",
        symbols=(r"ES(?:s|w|m)?",),
        words=(
            r"(?:weighted |mean |average |aggregate |overall |pooled |"
            r"summary )*effect sizes?(?: \(ES\))?",
        ),
        written=("ES = {}", "effect size of {}"),
    ),
    Kind(
        "ci",
        "confidence interval",
        "interval",
        words=(
            r"(?:[Cc]onfidence|CONFIDENCE) ?(?:[Ii]ntervals?|[Ll]imits?|"
            r"[Bb]ounds?)(?: [(\[]?CIs?[)\]]?)?",
            r"CIs?",
            r"C\.I\.",
            r"ICs?(?= ?[0-9:=\[(])|KI|Konfidenzintervall",
        ),
        written=(
            "95% CI [{}, {}]",
            "95% CI {} to {}",
            "CI = {} to {}",
            "(95% CI: {}; {})",
            "[95% CI {}, {}]",
            "95% confidence interval: {}, {}",
            "95% CI ({}, {})",
            "90% CI = [{}; {}]",
            "95%-CI {} to {}",
            "95% confidence limits {} and {}",
            "95%-KI {} bis {}",
            "95 %-Konfidenzintervall von {} bis {}",
        ),
    ),
    Kind(
        "credibility",
        "credibility interval",
        "interval",
        words=(
            r"[Cc]redib(?:le|ility) [Ii]ntervals?",
            r"Cr?Is?(?<=r[Is])",
            r"CrI",
            r"CVs?(?= ?[=\[(])",
            r"CRIs?",
        ),
        written=("80% credibility interval [{}, {}]", "95% CrI {} to {}"),
    ),
    Kind(
        "pi",
        "prediction interval",
        "interval",
        words=(
            r"[Pp]redict(?:ion|ive) (?:[Ii]ntervals?|[Ll]imits?)(?: \(P(?:r)?Is?\))?",
            r"Pr?Is?",
        ),
        written=(
            "PI [{}, {}]",
            "95% PI: {}, {}",
            "prediction interval {} to {}",
            "95% prediction interval [{}; {}]",
        ),
    ),
    Kind(
        "z",
        "z statistic",
        "test",
        symbols=(rf"[Zz]{_S}(?:[- ](?:values?|scores?|statistics?))?",),
        written=("z = {}", "Z = {}", "Z={}"),
    ),
    Kind(
        "t",
        "t statistic",
        "test",
        symbols=(rf"t{_S}(?:[- ](?:values?|statistics?))?",),
        df=1,
        subscript=True,
        written=("t = {}", "t(45) = {}", "t45 = {}", "t = {}, df = 45"),
    ),
    Kind(
        "F",
        "F statistic",
        "test",
        symbols=(rf"F{_S}(?:change|Δ)?",),
        domain=NOT_NEGATIVE,
        df=2,
        subscript=True,
        written=("F(1, 58) = {}", "F1,58 = {}", "F[2, 40] = {}", "F = {}"),
    ),
    Kind(
        "chi2",
        "chi-square statistic",
        "test",
        symbols=(rf"(?:χ|[Cc]hi|X(?=[2²^])){_SQUARED}(?:[- ](?:test|statistic|value))?",),
        domain=NOT_NEGATIVE,
        df=2,
        written=(
            "χ2(2) = {}",
            "χ²(2, N = 90) = {}",
            "chi-square = {}",
            "chi-squared(3) = {}",
            "χ² = {}, df = 2",
            "chi2 = {}",
        ),
    ),
    Kind(
        "Q_between",
        "heterogeneity between subgroups, or explained by moderators",
        "heterogeneity",
        symbols=(r"Q ?_?\{?(?:[Bb](?:etween|etw?|et\.|tw)?|M|[Mm]odel|[Mm]od)\}?(?![a-z])",),
        domain=NOT_NEGATIVE,
        df=1,
        subscript=True,
        written=("QB(2) = {}", "Qb = {}", "Q_between(1) = {}", "QM(3) = {}", "Qbetween = {}"),
    ),
    Kind(
        "Q_within",
        "heterogeneity within subgroups, or not explained",
        "heterogeneity",
        symbols=(r"Q ?_?\{?(?:[Ww](?:ithin|ith|it)?|E|[Rr]es(?:idual)?|[Ee]rror)\}?(?![a-z])",),
        domain=NOT_NEGATIVE,
        df=1,
        subscript=True,
        written=("QW(12) = {}", "Qw = {}", "Q_within(12) = {}", "QE(10) = {}"),
    ),
    Kind(
        "Q",
        "Cochran's Q",
        "heterogeneity",
        symbols=(
            r"(?:Cochran(?:e)?(?:'s|s)? )?Q(?:_?\{?[Tt](?:otal)?\}?)?(?:[- ](?:values?|"
            r"statistics?|test))?",
        ),
        domain=NOT_NEGATIVE,
        df=1,
        subscript=True,
        written=(
            "Q(12) = {}",
            "Q = {}, df = 12",
            "Q = {}",
            "Cochran's Q = {}",
            "Q(df = 12) = {}",
            "Q = {} (df = 12)",
        ),
    ),
    Kind(
        "I2",
        "share of variance that is heterogeneity",
        "heterogeneity",
        words=(rf"I{_SQUARED}(?:[- ](?:statistic|values?|index))?{_LEVEL}",),
        domain=SHARE,
        percent=True,
        written=("I2 = {}", "I² = {}", "I-squared = {}", "I² of {}", "I2: {}", "I^2 = {}"),
    ),
    Kind(
        "H2",
        "H squared",
        "heterogeneity",
        symbols=(rf"H{_SQUARED}",),
        domain=NOT_NEGATIVE,
        written=("H2 = {}", "H² = {}"),
    ),
    Kind(
        "tau2",
        "variance of true effects",
        "heterogeneity",
        symbols=(rf"(?:τ|[Tt]au){_SQUARED}{_LEVEL}", r"T ?\^?\{?2\}?"),
        domain=NOT_NEGATIVE,
        written=("τ2 = {}", "τ² = {}", "tau-squared = {}", "tau2 = {}", "Tau² = {}", "T² = {}"),
    ),
    Kind(
        "tau",
        "SD of true effects",
        "heterogeneity",
        symbols=(r"τ", r"[Tt]au"),
        domain=NOT_NEGATIVE,
        written=("τ = {}", "tau = {}"),
    ),
    Kind(
        "p",
        "p-value",
        "p",
        symbols=(rf"[pP]{_S}(?:[- ]?values?)?(?:_?\{{?(?:rep|two-tailed|adj)\}}?)?",),
        domain=SHARE,
        written=("p = {}", "p={}", "P = {}", "P={}", "p-value = {}", "p value of {}"),
    ),
    Kind(
        "failsafe_N",
        "fail-safe N",
        "count",
        words=(r"[Ff]ail-?[ -]?[Ss]afe (?:[Nn]|[Nn]umbers?)(?: \([^()]{1,20}\))?",),
        domain=WHOLE,
        written=("fail-safe N = {}",),
    ),
    Kind(
        "k",
        "number of studies",
        "count",
        symbols=(
            r"[kK]s?",
            r"[Nn]umber of (?:included )?(?:studies|trials|samples)",
            r"(?:[Ss]tudies|[Tt]rials)(?= ?=)",
        ),
        domain=WHOLE,
        written=("k = {}", "k={}", "K = {}", "{} studies", "{} independent samples"),
    ),
    Kind(
        "effects",
        "number of effects",
        "count",
        symbols=(r"[Nn]umber of effect(?: size)?s", r"kES", r"k_?\{?ES\}?", r"#ES", r"nES"),
        domain=WHOLE,
        written=("{} effect sizes", "number of effect sizes = {}"),
    ),
    Kind("reports", "number of publications", "count", domain=WHOLE, written=("{} articles",)),
    Kind(
        "N",
        "number of people in all",
        "count",
        symbols=(
            r"Ns?",
            r"[Tt]otal [Nn]",
            r"[Tt]otal sample(?: size)?",
            r"(?:[Pp]articipants|[Pp]atients)(?= ?=)",
        ),
        domain=WHOLE,
        written=("N = {}", "N={}", "{} participants", "{} patients"),
    ),
    Kind(
        "n1",
        "number of people in the first group",
        "count",
        symbols=(r"[Nn]_?\{?1\}?",),
        domain=WHOLE,
        written=("n1 = {}", "n₁ = {}", "n_1 = {}"),
    ),
    Kind(
        "n2",
        "number of people in the second group",
        "count",
        symbols=(r"[Nn]_?\{?2\}?",),
        domain=WHOLE,
        written=("n2 = {}", "n₂ = {}", "n_2 = {}"),
    ),
    Kind(
        "n",
        "number of people in a study or group",
        "count",
        symbols=(r"n's", rf"n{_GROUP}", r"ns"),
        domain=WHOLE,
        written=("n = {}", "n={}"),
    ),
    Kind(
        "SE",
        "standard error",
        "spread",
        words=(r"S\.?E\.?(?:M|s)?(?![A-Za-z])", r"[Ss]tandard errors?(?: \(SEs?\))?"),
        domain=NOT_NEGATIVE,
        written=("SE = {}", "SE {}", "standard error of {}"),
    ),
    Kind(
        "SD",
        "standard deviation",
        "spread",
        words=(
            r"S\.?D\.?(?:s|_?\{?(?:ρ|rho|δ|r|d|g|c|res)\}?)?(?![A-Za-z])",
            rf"SD{_GROUP}(?= ?=)",
            r"[Ss]tandard deviations?(?: \(SDs?\))?",
        ),
        domain=NOT_NEGATIVE,
        written=("SD = {}", "SD {}", "standard deviation of {}"),
    ),
    Kind(
        "M",
        "mean",
        "spread",
        symbols=(rf"M(?:s|_?\{{?[Aa]ge\}}?|{_GROUP})", r"[Mm]eans?"),
        written=("M = {}", "M={}"),
    ),
    Kind(
        "weight",
        "weight of a study",
        "share",
        words=(r"[Ww]eight(?:s|ed)?",),
        domain=SHARE,
        percent=True,
        written=("weight {}", "weight = {}"),
    ),
    Kind("count", "a count of a total, with its percentage where printed", "share"),
    Kind("percent", "percentage", "share", written=("{} of the studies",)),
)

#: Every kind by its code.
STATISTICS: Register[Kind] = Register("kind", KINDS)

#: Nouns that are counted, by the kind that their number is. Words may stand between.
NOUNS: dict[str, str] = {
    "k": r"stud(?:y|ies)|samples?|trials?|RCTs?|cohorts?|comparisons|experiments|"
    r"meta-analyses|datasets|data sets",
    "effects": r"effect sizes?|effects|correlations|relations|associations|"
    r"effect estimates|estimates|outcomes",
    "reports": r"articles?|papers?|reports?|publications?|references|manuscripts|"
    r"dissertations|records",
    "N": r"participants?|patients?|clients?|individuals|adults|children|adolescents|"
    r"youths?|couples|families|students|"
    r"people|persons?|women|men|subjects|cases|dyads|respondents|therapists|trainees|inpatients|outpatients|"
    r"veterans|parents|mothers|girls|boys|volunteers",
}
