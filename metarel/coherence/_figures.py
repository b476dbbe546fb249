"""The figures that checks speak of: their names, what they may be, and groups of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from metarel._format import listing
from metarel._register import Register
from metarel.coherence._span import Span, loose_span, strict_span
from metarel.printed import Printed

#: What stands for infinity where a formula needs a number.
HUGE = 1e9
#: Numbers beyond these are no figures of a report.
LARGEST, SMALLEST_UNIT = Decimal("1e9"), Decimal("1e-15")
#: Words of the text longer than this are not quoted.
MOST_SHOWN = 24
#: More figures than these are counted.
MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class FigureKind:
    """What a printed figure can be.

    Parameters
    ----------
    code : str
        The word users type.
    meaning : str
        What it is.
    aliases : tuple of str
        Other words and headings of columns, in lower case.
    low, high : float
        The values it can take.
    whole : bool
        Whether it is a count, which is printed without rounding.
    share : bool
        Whether it is a fraction that is often printed in percent.
    metric : str
        The metric, where the figure is an effect.
    """

    code: str
    meaning: str
    aliases: tuple[str, ...] = ()
    low: float = -HUGE
    high: float = HUGE
    whole: bool = False
    share: bool = False
    metric: str = ""


def _effect(
    code: str, meaning: str, metric: str, *aliases: str, low: float = -HUGE, high: float = HUGE
) -> FigureKind:
    return FigureKind(code, meaning, aliases, low, high, metric=metric)


def _count(code: str, meaning: str, *aliases: str, low: float = 0) -> FigureKind:
    return FigureKind(code, meaning, aliases, low, whole=True)


def _size(code: str, meaning: str, *aliases: str, high: float = HUGE) -> FigureKind:
    return FigureKind(code, meaning, aliases, 0.0, high)


FIGURES: Register[FigureKind] = Register(
    "figure",
    [
        FigureKind(
            "estimate", "the effect, in the metric named by `metric`", ("es", "effect", "mean_es")
        ),
        _effect("r", "a correlation", "r", "pooled_r", "mean_r", "cor", "corr", "correlation",
                low=-1.0, high=1.0),
        _effect("d", "a standardised mean difference", "d", "smd", "cohen_d", "pooled_d"),
        _effect("g", "the same without small-sample bias", "g", "hedges_g", "pooled_g"),
        _effect("fisher_z", "Fisher's z of a correlation", "z", "zr", "fishers_z"),
        _effect("md", "a mean difference", "md", "wmd"),
        _effect("beta", "a coefficient", "beta", "b"),
        _effect("OR", "an odds ratio", "or", "odds_ratio", "or_", low=0.0),
        _effect("RR", "a risk ratio", "rr", "risk_ratio", low=0.0),
        _effect("HR", "a hazard ratio", "hr", "hazard_ratio", low=0.0),
        FigureKind("log_ratio", "logarithm of the ratio beside it", ()),
        FigureKind("ci_low", "lower confidence limit", ("ci_lower", "lower", "ll", "lci", "ci_lb")),
        FigureKind("ci_high", "upper confidence limit", ("ci_upper", "upper", "ul", "uci")),
        FigureKind("level", "confidence level", ("ci_level",), 0.5, 0.9999, share=True),
        FigureKind("pi_low", "lower prediction limit", ("pi_lower", "pi_lb")),
        FigureKind("pi_high", "upper prediction limit", ("pi_upper", "pi_ub")),
        _size("se", "standard error", "sei", "std_error", "standard_error"),
        FigureKind("z", "z statistic", ("z_value", "zval", "statistic")),
        FigureKind("t", "t statistic", ("t_value", "tval")),
        _size("F", "F statistic", "f_value"),
        _size("chi2", "chi-square statistic", "chisq", "x2", "chi_square"),
        FigureKind("df", "degrees of freedom of t or chi2", ("degrees_of_freedom",), 0.0),
        FigureKind("df1", "numerator degrees of freedom of F", (), 0.0),
        FigureKind("df2", "denominator degrees of freedom of F", (), 0.0),
        _size("p", "p-value", "p_value", "pval", high=1.0),
        _count("k", "number of studies or effects", "studies", "n_studies", "k_studies", low=1),
        _count("effects", "number of effects, where studies have several", "n_effects", low=1),
        _count("N", "participants of all studies together", "total_n", "n_total", "participants"),
        _count("n", "participants of one study or group", "sample_size"),
        _count("n1", "participants of the first group"),
        _count("n2", "participants of the second group"),
        FigureKind("m1", "mean of the first group or occasion", ("mean1", "mean_1")),
        _size("sd1", "its standard deviation", "sd_1"),
        FigureKind("m2", "mean of the second group or occasion", ("mean2", "mean_2")),
        _size("sd2", "its standard deviation", "sd_2"),
        _size("eta2", "partial eta squared of an F", "partial_eta2", "eta_squared", "η²", "ηp²",
              high=1.0),
        _size("Q", "Cochran's Q, or Q within a subgroup", "q_total", "qt", "cochran_q", "q_e"),
        _count("Q_df", "degrees of freedom of Q", "df_q", "q_total_df"),
        _size("Q_p", "p-value of Q", "p_q", "p_het", high=1.0),
        FigureKind("I2", "share of variance that is not sampling error", ("i_squared", "i²"), 0.0,
                   1.0, share=True),
        FigureKind("H2", "Q over its degrees of freedom", ("h²", "h_squared"), 0.0),
        FigureKind("H", "square root of H2", (), 0.0),
        _size("tau2", "variance of the true effects", "tau_squared", "τ²", "tau²", "t2"),
        _size("tau", "their standard deviation", "τ"),
        _size("Q_between", "Q between subgroups", "qb", "q_b", "q_bet", "qm", "q_m"),
        _count("df_between", "degrees of freedom of Q between", "qb_df", "q_between_df", "qm_df"),
        _size("p_between", "p-value of Q between", "qb_p", "q_between_p", "qm_p", high=1.0),
        _size("Q_within", "Q within all subgroups together", "qw", "q_w"),
        _count("df_within", "degrees of freedom of Q within", "qw_df", "q_within_df"),
        _size("p_within", "p-value of Q within", "qw_p", "q_within_p", high=1.0),
        FigureKind("weight", "weight in the mean, in percent", ("w", "weight_percent", "weights"),
                   0.0, 1.0, share=True),
        FigureKind("percent", "a share of `n` persons or studies", ("pct",), 0.0, 1.0, share=True),
        _count("count", "how many of `n`", "events"),
        FigureKind("whole_mean", "the mean of `n` whole numbers"),
    ],
)  # fmt: skip
#: Each other word, in lower case, and the figure it stands for.
ALIASES: dict[str, str] = {
    alias: kind.code for kind in FIGURES.values() for alias in kind.aliases
} | {"p-value": "p", "std. error": "se", "i^2": "I2", "tau^2": "tau2", "q between": "Q_between"}
EFFECTS: dict[str, str] = {kind.code: kind.metric for kind in FIGURES.values() if kind.metric}
RATIOS = ("or", "rr", "hr")


@dataclass(frozen=True, slots=True)
class Figure:
    """A printed figure, and where it stood.

    Parameters
    ----------
    name : str
        Which figure it is, a code of ``FIGURES``.
    printed : Printed
        Its digits.
    start, end : int
        Its place in the text; -1 where there is none.
    confidence : float
        How sure the reading is, from 0 to 1.
    shown : str
        The figure as it stood, where that is more than its digits.
    where : str
        The place in a document, such as ``"p. 2"``, ``"paragraph 3"`` or ``"Table 1, CBT"``; empty
        for a plain text.
    quote : str
        The words of the text that end with the figure; empty where there is no text.
    """

    name: str
    printed: Printed
    start: int = -1
    end: int = -1
    confidence: float = 1.0
    shown: str = ""
    where: str = ""
    quote: str = ""

    def span(self, *, strict: bool = True) -> Span:
        """Return the numbers it stands for, counts exactly; not cut to its domain."""
        printed = self.printed
        counted = FIGURES[self.name].whole or self.name in ("level", "df", "df1", "df2")
        value = printed.value
        exact = value is not None and (self.name == "level" or value == value.to_integral_value())
        if counted and value is not None and exact and printed.relation == "=":
            return Span(float(value), float(value))
        return strict_span(printed) if strict else loose_span(printed)

    @property
    def plain(self) -> str:
        """An effect by its name; other figures as they stood."""
        return str(replace(self, shown="") if self.name in EFFECTS else self)

    def __str__(self) -> str:
        if self.shown and len(self.shown) <= MOST_SHOWN:
            return self.shown
        text = self.printed.text.strip()
        name = self.name.replace("_", " ")
        return f"{name} {text}" if text[:1] in "<>≤≥n" else f"{name} = {text}"


def of_a_report(printed: Printed) -> bool:
    """Tell whether a number is of a size, and has so few digits, as a report may print."""
    value, unit = printed.value, printed.unit
    if value is None or unit is None:
        return True
    return abs(value) <= LARGEST and SMALLEST_UNIT <= unit <= LARGEST


def listed(figures: Iterable[Figure], *, brief: bool = False) -> str:
    """Return figures as people write them: limits together, what stands at one place once.

    In brief, effects stand with their names instead of their words, and their limits behind them.
    """
    shown: dict[tuple[int, int, str], str] = {}
    known = list(figures)
    for figure in known:
        if figure.name == "level" and figure.start < 0:
            shown[-1, -1, "level"] = f"level {figure.printed.text}"
            continue
        kind, _, end = figure.name.partition("_")
        if kind in ("ci", "pi") and end in ("low", "high"):
            other = next((f for f in known if f.name == f"{kind}_high"), None)
            key = (figure.start, figure.end, kind)
            if end == "low" and other is not None:
                shown[key] = f"{kind.upper()} [{figure.printed.text}, {other.printed.text}]"
            elif not any(f.name == f"{kind}_low" for f in known):
                shown[key] = str(figure)
            continue
        at_one_place = figure.start >= 0 and any(
            f is not figure and f.start == figure.start and f.shown for f in known
        )
        if not at_one_place and not (figure.name == "level" and figure.start >= 0):
            text = figure.plain if brief else str(figure)
            shown[figure.start, figure.end, f"{figure.name} {len(shown)}"] = text
    return listing(_bracketed(shown) if brief else list(shown.values()), MOST_LISTED)


def _bracketed(shown: Mapping[tuple[int, int, str], str]) -> list[str]:
    """Return figures with limits in the brackets of the effect that stands right before them."""
    parts: list[str] = []
    before = ""
    for (_, _, key), text in shown.items():
        name = key.split(" ")[0]
        if name == "ci" and text.startswith("CI [") and before in ("estimate", *EFFECTS):
            parts[-1] += text.removeprefix("CI")
        else:
            parts.append(text)
        before = name
    return parts


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that stand together and speak of one result.

    Parameters
    ----------
    figures : mapping of str to Figure
        By name; the effect that the limits belong to stands as "estimate" too.
    metric : str
        The metric of the estimate; empty where it is not known.
    label : str
        What the group is called, such as a subgroup's name.
    words : frozenset of str
        What is known of how the figures were made: ``"bootstrap"``, ``"profile"``,
        ``"credible"``, an estimator's code, ``"one-tailed"``.
    """

    figures: Mapping[str, Figure]
    metric: str = ""
    label: str = ""
    words: frozenset[str] = field(default_factory=frozenset)

    def __contains__(self, name: str) -> bool:
        return name in self.figures

    def __getitem__(self, name: str) -> Figure:
        return self.figures[name]

    def __iter__(self) -> Iterator[Figure]:
        seen = set()
        for figure in self.figures.values():
            key = (figure.printed.text, figure.start, figure.name)
            if key not in seen:
                seen.add(key)
                yield figure

    def usable(self, name: str) -> bool:
        """Tell whether a figure is there and can be what it says it is."""
        return self.span(name) is not None

    def span(self, name: str, *, strict: bool = True) -> Span | None:
        """Return the numbers a figure stands for, cut to those that it can be."""
        if name not in self.figures:
            return None
        figure = self.figures[name]
        kind = FIGURES[figure.name]
        return figure.span(strict=strict).clipped(kind.low, kind.high)

    def unit(self, name: str) -> float:
        """Return one unit of a figure's last printed digit."""
        unit = self.figures[name].printed.unit
        return float(unit if unit is not None else Decimal("0.01"))


@dataclass(frozen=True, slots=True)
class Table:
    """Groups that are the rows of one table.

    Parameters
    ----------
    rows : tuple of Group
        The rows, the total apart.
    total : Group or None
        The row of all of them together.
    """

    rows: tuple[Group, ...]
    total: Group | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All results of a text.

    Parameters
    ----------
    text : str
        The text.
    groups : tuple of Group
        The results, in their order.
    """

    text: str
    groups: tuple[Group, ...]
