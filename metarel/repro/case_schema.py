"""What a case is: the study data of one published meta-analysis, and the figures printed from it.

The schema stands here once, as declarations: ``FIELDS`` of a case, ``KINDS`` of study data,
``QUANTITIES`` that are judged. Reading, checking and the reference page all use them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metarel._register import Register

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class Field:
    """A key of a case.

    Parameters
    ----------
    code : str
        The key.
    shape : str
        What stands there, in words.
    meaning : str
        What it says.
    needed : bool
        Whether a case cannot do without it.
    default : str
        What is assumed where it is absent or null.
    """

    code: str
    shape: str
    meaning: str
    needed: bool = False
    default: str = ""


FIELDS: Register[Field] = Register(
    "key",
    [
        Field("studies", "list of objects", "one object an effect: `label`, and numbers", True),
        Field("reported", "object of texts", "the printed figures, digits as they stand", True),
        Field("id", "text", "the name of the case", default="the name of the file"),
        Field("corpus", "text", "the collection it belongs to", default="the first part of `id`"),
        Field("data_kind", "text", "what the numbers of `studies` are", default="from the columns"),
        Field("effect_type", "text", "what kind of effect it is, such as `smd_between`"),
        Field("model", "RE, FE or HS", "random, common effect, Hunter and Schmidt", default="RE"),
        Field("tau2_estimator", "text", "estimator of tau2", default="DL"),
        Field("weighting", "iv or n", "inverse variances, or sample sizes", default="iv"),
        Field("ci_method", "z, t or knha", "the test and interval of the mean", default="z"),
        Field("software", "text", "the program, as the publication names it"),
        Field(
            "input_precision",
            "object by column",
            "`decimals` of the study data, where `scale` is `id`",
            default="the longest decimals in the column",
        ),
        Field("reported_doubt", "object of texts", "what is not certain of a printed figure"),
        Field("expect", "text, or object of texts", "verdicts by figure, or the level of the case"),
        Field("title", "text", "the publication's title"),
        Field("paper", "text", "the publication in short"),
        Field("doi", "text", "the publication's DOI"),
        Field("source", "text or object", "where the numbers were taken from"),
        Field("notes", "list of texts", "known oddities"),
    ],
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A printed figure that can be judged.

    Parameters
    ----------
    code : str
        metarel's word.
    name : str
        What it is, as a phrase.
    aliases : tuple of str
        Other keys that stand for it.
    of_effect : bool
        Whether it is on the scale of the effects, so that it turns its sign with them.
    percent : bool
        Whether it is printed in percent, with or without the sign.
    """

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    of_effect: bool = False
    percent: bool = False


QUANTITIES: Register[Quantity] = Register(
    "quantity",
    [
        Quantity("k", "number of effects"),
        Quantity("estimate", "the pooled effect", ("mean", "effect"), True),
        Quantity("ci_low", "lower limit", ("ci_lower", "lower", "ci_lb"), True),
        Quantity("ci_high", "upper limit", ("ci_upper", "upper", "ci_ub"), True),
        Quantity("estimate_fe", "the effect under a common effect", ("estimate_ce",), True),
        Quantity("se", "standard error of the pooled effect"),
        Quantity("z", "test statistic of the pooled effect", ("statistic", "z_value"), True),
        Quantity("p", "its p-value", ("p_value",)),
        Quantity("Q", "Cochran's Q"),
        Quantity("Q_p", "its p-value", ("p_Q",)),
        Quantity("I2", "share of heterogeneity", percent=True),
        Quantity("tau2", "between-study variance"),
        Quantity("tau", "its root"),
    ],
)
#: Every key of ``reported`` that is judged, and metarel's word for it.
QUANTITY_OF: dict[str, str] = {
    word: quantity.code
    for quantity in QUANTITIES.values()
    for word in (quantity.code, *quantity.aliases)
}


@dataclass(frozen=True, slots=True)
class Spread:
    """What stands beside an effect to give its variance.

    Parameters
    ----------
    code : str
        The second part of a data kind.
    name : str
        What it is, as a phrase.
    columns : tuple of str
        The columns that it needs.
    """

    code: str
    name: str
    columns: tuple[str, ...]


SPREADS: Register[Spread] = Register(
    "spread",
    [
        Spread("ci", "95 % confidence limits", ("lo", "hi")),
        Spread("se", "standard error", ("se",)),
        Spread("v", "sampling variance", ("v",)),
        Spread("n1_n2", "sizes of both groups", ("n1", "n2")),
        Spread("n", "total sample size", ("n",)),
    ],
)


@dataclass(frozen=True, slots=True)
class Scale:
    """What an effect is that stands in the study data.

    Parameters
    ----------
    code : str
        The first part of a data kind.
    name : str
        What it is, as a phrase.
    columns : tuple of str
        The columns it may stand in.
    spreads : tuple of str
        What may stand beside it.
    log : bool
        Whether it is a ratio, pooled as its logarithm and printed as a ratio.
    """

    code: str
    name: str
    columns: tuple[str, ...]
    spreads: tuple[str, ...]
    log: bool = False


WITH_OWN_SPREAD = ("ci", "se", "v")
SCALES: Register[Scale] = Register(
    "scale",
    [
        Scale("smd", "standardised mean difference", ("y",), (*WITH_OWN_SPREAD, "n1_n2", "n")),
        Scale("g", "the same, corrected for bias", ("g", "y"), (*WITH_OWN_SPREAD, "n1_n2", "n")),
        Scale("d", "the same, not corrected", ("d", "y"), (*WITH_OWN_SPREAD, "n1_n2", "n")),
        Scale("md", "mean difference", ("y", "md"), WITH_OWN_SPREAD),
        Scale("y", "any effect", ("y",), WITH_OWN_SPREAD),
        Scale("r", "correlation, pooled as Fisher's z", ("r", "y"), ("n",)),
        Scale("z", "Fisher's z", ("z", "y"), ("n", *WITH_OWN_SPREAD)),
        Scale("or", "odds ratio", ("or", "y"), ("ci",), True),
        Scale("rr", "risk ratio", ("rr", "y"), ("ci",), True),
        Scale("hr", "hazard ratio", ("hr", "y"), ("ci",), True),
    ],
)
MEANS = ("m1", "sd1", "n1", "m2", "sd2", "n2")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of study data.

    Parameters
    ----------
    code : str
        The word in ``data_kind``.
    scale : str
        What the effects are: a code of ``SCALES``.
    spread : str
        What stands beside them: a code of ``SPREADS``, or ``"means"``.
    columns : tuple of str
        The columns it needs, the effect's own first.
    alternatives : tuple of str
        Other columns that the effect may stand in.
    """

    code: str
    scale: str
    spread: str
    columns: tuple[str, ...]
    alternatives: tuple[str, ...] = ()

    @property
    def log(self) -> bool:
        """Whether the effects are ratios."""
        return SCALES[self.scale].log


KINDS: Register[Kind] = Register(
    "data_kind",
    [
        Kind("means_sds_ns", "smd", "means", MEANS),
        Kind("raw_means", "md", "means", MEANS),
        *(
            Kind(
                f"{scale.code}_{spread}",
                scale.code,
                spread,
                (scale.columns[0], *SPREADS[spread].columns),
                scale.columns[1:],
            )
            for scale in SCALES.values()
            for spread in scale.spreads
        ),
    ],
)
#: Columns that may stand beside those of the kind, and are used where they do.
SIZES = ("n1", "n2", "n")

MODELS = {
    **dict.fromkeys(("re", "random", "random effects", "random-effects", "mixed"), "RE"),
    **dict.fromkeys(("fe", "ce", "ee", "fixed", "common", "fixed effect", "fixed-effect"), "FE"),
    **dict.fromkeys(("hs", "hunter-schmidt", "hunter and schmidt"), "HS"),
}
TESTS = {
    **dict.fromkeys(("z", "normal", "wald"), "z"),
    "t": "t",
    **dict.fromkeys(("knha", "hk", "hksj", "hartung-knapp", "knapp-hartung"), "knha"),
}
WEIGHTS = {
    **dict.fromkeys(("iv", "inverse variance", "inverse-variance"), "iv"),
    **dict.fromkeys(("n", "sample size", "sample-size"), "n"),
}
#: What publications call the estimators of tau2, besides metarel's codes.
TAU2_WORDS = {
    **dict.fromkeys(("mom", "mm", "moments", "method of moments", "lw", "dersimonian-laird"), "DL"),
    **dict.fromkeys(("ho", "vc", "ca", "hedges"), "HE"),
    "paule-mandel": "PM",
    **dict.fromkeys(("fe", "ce"), "EE"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """The study data of one published meta-analysis, the analysis declared, the figures printed.

    Parameters
    ----------
    id, corpus, file : str
        Its name, the collection it belongs to, and the file it was read from.
    kind : Kind
        What the study data are.
    labels : tuple of str
        Names of the studies, shape (k,).
    columns : mapping of str to ndarray
        The study data, each of shape (k,); missing numbers are NaN.
    steps : mapping of str to float
        One unit of the last digit of each column; what is not rounded is absent.
    figures : mapping of str to str
        The printed figures by metarel's word.
    wider : mapping of str to str
        Those whose last zero is in doubt, without it.
    doubts : mapping of str to str
        What is not certain of a figure.
    unjudged : mapping of str to str
        Printed figures of a kind that metarel does not judge.
    model, tau2, test, weighting : str
        The analysis declared.
    assumed : tuple of str
        What was not declared and is assumed, and what was read otherwise than it stands.
    software, effect_type, source : str
        The program, the kind of effect, and where the numbers were taken from.
    expect : mapping of str to str
        Verdicts that are expected, by figure; ``"level"`` is that of the case.
    left_out : tuple of str
        Studies without effect or variance.
    """

    id: str
    corpus: str
    file: str
    kind: Kind
    labels: tuple[str, ...]
    columns: Mapping[str, Array]
    steps: Mapping[str, float]
    figures: Mapping[str, str]
    wider: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)
    unjudged: Mapping[str, str] = field(default_factory=dict)
    model: str = "RE"
    tau2: str = "DL"
    test: str = "z"
    weighting: str = "iv"
    assumed: tuple[str, ...] = ()
    software: str = ""
    effect_type: str = ""
    source: str = ""
    expect: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def k(self) -> int:
        """Number of studies that take part."""
        return len(self.labels)

    @property
    def words(self) -> str:
        """The analysis declared, as a phrase."""
        model = {"RE": f"random effects ({self.tau2})", "FE": "a common effect"}.get(
            self.model, "Hunter and Schmidt"
        )
        weights = ", weighted by sample size" if self.weighting == "n" else ""
        tests = {"z": "", "t": ", t test", "knha": ", Knapp–Hartung test"}[self.test]
        return f"{model}{weights}{tests}"
