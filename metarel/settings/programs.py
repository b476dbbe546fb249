"""The programs, each with its choices."""

from __future__ import annotations

from metarel._register import Register
from metarel.settings._preset import NONE, Choice, Preset


def _code(value: object, note: str = "") -> Choice:
    return Choice(value, "code", note)


def _stated(value: object, note: str = "") -> Choice:
    return Choice(value, "documentation", note)


def _digits(value: object, note: str = "") -> Choice:
    return Choice(value, "digits", note)


def _unverified(value: object = None, note: str = "") -> Choice:
    return Choice(value, "", note)


MANTEL_HAENSZEL = "Mantel–Haenszel"
INVERSE_VARIANCE = "inverse variance"
COCHRANE = (
    "Cochrane Methods, Random-effects meta-analysis methods for Intervention Reviews, "
    "updates of May 2024 and January 2025"
)
IBM = "IBM SPSS Statistics command syntax reference, META CONTINUOUS and META REGRESSION"
HALF_TO_EMPTY = {"table add": _code(0.5), "table to": _code("only0")}
AS_ESCALC = {"SMD correct": _code("exact"), "SMD variance": _code("LS")}

METAFOR = Preset(
    "metafor",
    "metafor (R)",
    "3.8 to 5.1; code read July 2026",
    {
        "tau2": _code("REML"),
        "test": _code("z"),
        "prediction": _code("default", "normal, or t with k − p where the test is t"),
        "I2": _code("tau2"),
        **AS_ESCALC,
        **HALF_TO_EMPTY,
        "table drop00": _code(False),
        "COR variance": _code("LS"),
        "correlations": Choice(None, "code", "the user's choice"),
        "tables": _code(INVERSE_VARIANCE, "rma.mh and rma.peto are functions of their own"),
    },
    note=(
        "These are metarel's own defaults. Nine measures changed inside metafor and are here as "
        "in 5: the bias corrections of ROM, ROMC, CVR and CVRC (since 5.0; `correct=False` gives "
        "the older ROM, ROMC and CVRC, but not the older CVR), and the variances of SMDH, SMD1H "
        "and SMCRH (since 4.6), PCOR and ZPCOR. Older metafor prints other digits for these."
    ),
    sources=("viechtbauer2010",),
)
META = Preset(
    "meta",
    "meta (R)",
    "8; code of 8.4 read July 2026",
    {
        "tau2": _code("REML"),
        "test": _code("z"),
        "prediction": _code("t", "k − 1 df; not shown unless asked for"),
        "I2": _code("Q"),
        "SMD correct": _code("exact"),
        "SMD variance": _code("EXACT"),
        **HALF_TO_EMPTY,
        "table drop00": _code(True),
        "correlations": _code("ZCOR"),
        "tables": _code(MANTEL_HAENSZEL),
    },
    sources=("white2005",),
)
META4 = Preset(
    "meta4",
    "meta (R), old",
    "up to 4, and settings.meta('meta4') later; code read July 2026",
    {
        "tau2": _code("DL"),
        "test": _code("z"),
        "prediction": _code("hts", "k − 2 df; not shown unless asked for"),
        "I2": _code("Q"),
        "SMD correct": _code("approximate"),
        "SMD variance": _code("REVMAN"),
        **HALF_TO_EMPTY,
        "table drop00": _code(True),
        "correlations": _code("ZCOR"),
        "tables": _code(MANTEL_HAENSZEL, "and Q for tau2 is that of Mantel and Haenszel"),
    },
)
REVMAN5 = Preset(
    "revman5",
    "RevMan 5",
    "5.0 to 5.4; looked up July 2026",
    {
        "tau2": _digits("DL"),
        "test": _digits("z"),
        "prediction": _unverified(NONE),
        "I2": _digits("Q"),
        "SMD correct": _digits("approximate"),
        "SMD variance": _digits("REVMAN"),
        "table add": _stated(0.5),
        "table to": _stated("only0"),
        "table drop00": _stated(True, "tables without events in both groups"),
        "tables": _stated(MANTEL_HAENSZEL, "and Q for tau2 is that of Mantel and Haenszel"),
    },
    note="Its random-effects model; tau2='EE' is the common-effect model that it opens with.",
    regression=False,
    sources=("deeks2010", "lopeznicolas2023"),
)
REVMAN_WEB = Preset(
    "revman-web",
    "RevMan Web",
    "since January 2025; looked up July 2026",
    {
        "tau2": _unverified("REML", "REML stands beside DL; which is chosen first is not known"),
        "test": _unverified(None, "Wald-type and Knapp–Hartung are offered"),
        "prediction": _unverified(None, "t or normal"),
        "I2": _stated("tau2"),
        "SMD correct": _unverified("approximate", "as RevMan 5, if nothing has changed"),
        "SMD variance": _unverified("REVMAN", "as RevMan 5, if nothing has changed"),
        "tables": _unverified(MANTEL_HAENSZEL),
    },
    regression=False,
    sources=(COCHRANE,),
)
STATA = Preset(
    "stata",
    "Stata meta",
    "16 to 19; looked up July 2026",
    {
        "tau2": _stated("REML"),
        "test": _digits("z"),
        "prediction": _unverified("hts", "k − 2 df; not shown unless asked for"),
        "I2": _digits("tau2", "from Q under DL and a common effect, which is not verified"),
        "SMD correct": _unverified(None, "Hedges' g; exact or approximate is an option"),
        "SMD variance": _unverified("LS2"),
        "table add": _unverified(0.5),
        "table to": _unverified("only0"),
        "correlations": _unverified("ZCOR", "from 19"),
        "tables": _unverified(INVERSE_VARIANCE, "Mantel–Haenszel for common effects"),
    },
    sources=("Stata meta-analysis reference manual, meta esize and meta summarize",),
)
SPSS = Preset(
    "spss",
    "IBM SPSS Statistics",
    "28 to 32; looked up July 2026",
    {
        "tau2": _stated("REML"),
        "test": _stated("z"),
        "regression_test": _stated("t"),
        "prediction": _unverified(),
        "I2": _unverified(),
        "SMD correct": _stated(False, "Cohen's d unless Hedges' g is asked for"),
        "SMD variance": _unverified(),
        "tables": _unverified(INVERSE_VARIANCE, "Mantel–Haenszel and Peto are offered"),
    },
    sources=(IBM,),
)
CMA = Preset(
    "cma",
    "Comprehensive Meta-Analysis",
    "2 to 4; no file of it was readable",
    {
        "tau2": _unverified("DL"),
        "test": _unverified("z"),
        "prediction": _unverified("hts", "k − 2 df"),
        "I2": _unverified("Q"),
        "SMD correct": _unverified("approximate"),
        "SMD variance": _unverified("LS2"),
        "correlations": _unverified("ZCOR"),
        "tables": _unverified(INVERSE_VARIANCE, "Mantel–Haenszel and Peto are offered"),
    },
    note="General knowledge only: the formulas of the book by its authors [borenstein2009].",
)
JASP = Preset(
    "jasp",
    "JASP, classical meta-analysis",
    "0.97.5; code read August 2026",
    {
        "tau2": _code("REML"),
        "test": _code("knha"),
        "prediction": _code("default", "t with k − p, as the test"),
        "I2": _code("tau2"),
        **AS_ESCALC,
        "correlations": _code("ZCOR"),
        "tables": _code(INVERSE_VARIANCE, "Mantel–Haenszel and Peto are analyses of their own"),
    },
)
JAMOVI = Preset(
    "jamovi",
    "jamovi MAJOR",
    "last change 2021; code read July 2026",
    {
        "tau2": _code("REML"),
        "test": _code("z"),
        "prediction": _code("default", "not shown unless asked for"),
        "I2": _code("tau2"),
        **AS_ESCALC,
        "correlations": _code("ZCOR"),
        "tables": _code(INVERSE_VARIANCE),
    },
)
PYMARE = Preset(
    "pymare",
    "PyMARE meta_regression",
    "August 2026, code read",
    {
        "tau2": _code("ML"),
        "test": _code("knha"),
        "prediction": _code(NONE),
        "I2": _unverified(),
        "SMD correct": _unverified(None, "g; its variances of effects are in error"),
    },
)
STATSMODELS = Preset(
    "statsmodels",
    "statsmodels combine_effects",
    "0.15; code read August 2026",
    {
        "tau2": _code("PM", "its word is 'iterated'"),
        "test": _code("z", "Knapp–Hartung rows stand beside"),
        "prediction": _code(NONE),
        "I2": _code("Q", "there not cut at 0"),
        "SMD correct": _code("approximate"),
        "SMD variance": _code("REVMAN"),
    },
    regression=False,
)
HUNTER_SCHMIDT = Preset(
    "hunter-schmidt",
    "Hunter and Schmidt",
    "second edition of their book, 2004",
    {
        "tau2": _stated("HS"),
        "test": _stated(NONE, "SD of r over √k: psychometric() has it"),
        "prediction": _stated(NONE, "a credibility interval: psychometric() has it"),
        "COR variance": _stated("AV"),
        "correlations": _stated("COR"),
    },
    note="The mean is that of psychometric(), which is the whole of this branch.",
    weights="sample sizes",
    sources=("hunter2004",),
)

PRESETS: Register[Preset] = Register(
    "settings",
    [
        METAFOR,
        META,
        META4,
        REVMAN5,
        REVMAN_WEB,
        STATA,
        SPSS,
        CMA,
        JASP,
        JAMOVI,
        PYMARE,
        STATSMODELS,
        HUNTER_SCHMIDT,
    ],
    aliases={"hs": "hunter-schmidt", "major": "jamovi", "revman": "revman5"},
)
