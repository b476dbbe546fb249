"""What the tab on a table of studies shows: effects, models, pictures, printed figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from metarel._lazy import Deferred
from metarel._vocabulary import SYMBOLS
from metarel.app._numbers import plain_number
from metarel.app._pictures import Picture, canvas, plot, release, taken
from metarel.app._uploads import Table
from metarel.effects._columns import UNKNOWN
from metarel.effects.register import MEASURES
from metarel.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from metarel.models.results import MetaFit
    from metarel.moderators._subgroup_result import SubgroupsResult
    from metarel.search.result import AnalysisSearch

compute: Any = Deferred("metarel.effects.compute")
find: Any = Deferred("metarel.search.find")
meta: Any = Deferred("metarel.models.meta")
subgroups: Any = Deferred("metarel.moderators.subgroups")

#: More studies than these make no forest plot that anybody reads, and are drawn as a crowd; above
#: the second number a picture is made of dots, since lines and letters would be too large a file.
MOST_ROWS_OF_FOREST, MOST_DRAWN_AS_LINES = 150, 400
#: More subgroups than these are a column of names or numbers, taken by mistake.
MOST_SUBGROUPS = 40
#: Rows of a table that are shown before it is analysed.
MOST_PREVIEWED = 6
#: Inches of a picture on a phone.
PHONE = (3.7, 3.9)
#: Size of the letters of a forest plot there, in points.
PHONE_LETTERS = 8.0
#: On which scale effects that were given stand, by the measure that says so.
SCALES = {
    "": "a plain number, such as d, g or a difference",
    "ZCOR": "Fisher's z of a correlation",
    "OR": "log odds ratio",
    "RR": "log risk ratio",
    "HR": "log hazard ratio",
    "PLO": "logit of a proportion",
}
#: Printed figures that can be searched for, and how each is asked.
FIGURES = {
    "estimate": "Pooled effect",
    "ci_low": "Lower limit of its interval",
    "ci_high": "Upper limit",
    "p": "p-value",
    "tau2": "tau²",
    "I2": "I²",
    "Q": "Q",
}


@dataclass(frozen=True)
class Choice:
    """What is to be done with a table.

    Parameters
    ----------
    measure : str
        The measure of the effects; ``"GEN"`` for effects that are there.
    words : mapping of str to str
        The column of each input word.
    labels, by : str
        Column of names, column of subgroups; empty for none.
    moderators : tuple of str
        Columns that are moderators.
    formula : str
        Further moderators as a formula; empty for none.
    tau2, test : str
        The estimator and the test.
    level : float
        Confidence level, a fraction.
    scale : str
        With ``"GEN"``: one of ``SCALES``.
    options : mapping
        Further words of ``effect_sizes`` that the table brought with it.
    """

    measure: str
    words: Mapping[str, str]
    labels: str = ""
    by: str = ""
    moderators: tuple[str, ...] = ()
    formula: str = ""
    tau2: str = "REML"
    test: str = "z"
    level: float = 0.95
    scale: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """All moderators as one formula; empty for none."""
        columns = [name if name.isidentifier() else f"`{name}`" for name in self.moderators]
        return " + ".join([*columns, *([self.formula.strip()] if self.formula.strip() else [])])


@dataclass(frozen=True)
class Analysis:
    """What came of it.

    Parameters
    ----------
    table : Table
        The table.
    choice : Choice
        What was asked.
    effects : DataFrame
        The studies with ``yi`` and ``vi``.
    fit : MetaFit
        The pooled mean.
    groups : SubgroupsResult or None
        The subgroups, where a column was named.
    regression : MetaFit or None
        The moderators, where a formula was given.
    """

    table: Table
    choice: Choice
    effects: pd.DataFrame
    fit: MetaFit
    groups: SubgroupsResult | None
    regression: MetaFit | None

    @property
    def main(self) -> Any:
        """The result that pictures, code and report are made of."""
        return self.fit if self.groups is None else self.groups


def analyse(table: Table, choice: Choice) -> Analysis:
    """Compute effects and fit what was asked."""
    studies, given = _effects(table, choice)
    model: dict[str, Any] = {
        **given,
        "tau2": choice.tau2,
        "test": choice.test,
        "level": choice.level,
        "labels": choice.labels or None,
    }
    fit = meta.pool(studies, **model)
    groups = None
    if choice.by:
        _check_groups(studies, choice.by)
        groups = subgroups.subgroups(studies, choice.by, **model)
    regression = None
    if choice.model:
        regression = meta.meta_regression(studies, choice.model, **model)
    if choice.measure != "GEN":
        return Analysis(table, choice, studies, fit, groups, regression)
    yi, vi = studies[given["yi"]], studies[given.get("vi", given.get("sei", ""))]
    named = studies.assign(yi=yi, vi=vi if "vi" in given else vi**2)
    return Analysis(table, choice, named, fit, groups, regression)


def _effects(table: Table, choice: Choice) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the studies with their effects, and the words by which a model finds these."""
    chosen = {word: column for word, column in choice.words.items() if column}
    if choice.measure == UNKNOWN:
        raise InputError("Choose first what each study gives, such as a correlation and its n.")
    ways = MEASURES[choice.measure].ways
    if not any(set(way) <= set(chosen) for way in ways):
        wanted = " or ".join(", ".join(way) for way in ways)
        missing = [word for word in choice.words if word not in chosen]
        said = f" Nothing is chosen for {', '.join(missing)}." if missing else ""
        raise InputError(f"{choice.measure} needs a column for each of {wanted}.{said}")
    if choice.measure == "GEN":
        scale = {"measure": choice.scale} if choice.scale else {}
        return table.studies, {**chosen, **scale}
    clash = [name for name in ("yi", "vi") if name in table.studies]
    studies = table.studies.drop(columns=[name for name in clash if name not in chosen.values()])
    labels = choice.labels or None
    options = dict(choice.options)
    return compute.effect_sizes(studies, choice.measure, labels=labels, **options, **chosen), {}


def _check_groups(studies: pd.DataFrame, by: str) -> None:
    """Refuse a column that names studies, or holds numbers, as one of subgroups."""
    found = studies[by].nunique()
    if found > 1 and found == studies[by].count():
        raise InputError(
            f"Subgroups must have several studies; in column {by!r} each of the {found} levels has "
            "one. Choose a column that many studies share, such as the kind of treatment."
        )
    if found > MOST_SUBGROUPS:
        raise InputError(
            f"Subgroups must be at most {MOST_SUBGROUPS}; column {by!r} has {found}. A number such "
            f"as a year is a moderator: choose {by} among the moderators."
        )


def column_choices(table: Table, taken_for: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the columns that can be subgroups, and those that can be moderators.

    What names the studies or is an input of their effects is neither; words that differ in every
    row are no moderator, and numbers of many values no subgroups.
    """
    used, frame = set(taken_for), table.studies
    free = [str(name) for name in frame.columns if name not in used and _varies(frame[name])]
    several = [name for name in free if frame[name].nunique() < frame[name].count()]
    groups = [name for name in several if frame[name].nunique() <= MOST_SUBGROUPS]
    return groups, [n for n in free if frame[n].dtype.kind in "fiu" or n in groups]


def preview(table: Table) -> pd.DataFrame:
    """Return the first rows, each column's name with what it holds."""
    frame = table.studies
    held = {name: f"{name} ({_kind_of(frame[name])})" for name in frame.columns}
    return frame.head(MOST_PREVIEWED).rename(columns=held)


def _kind_of(column: pd.Series) -> str:
    """Return whether a column holds numbers or text, and what else is worth seeing."""
    known = column.dropna()
    kind = "number" if column.dtype.kind in "fiu" else f"text, {known.nunique()} different"
    empty = len(column) - len(known)
    return f"{kind}, {empty} empty" if empty else kind


def _varies(column: pd.Series) -> bool:
    return len(column.dropna().unique()) > 1


def forest(analysis: Analysis, theme: str, *, narrow: bool = False) -> Picture:
    """Draw the studies and what they pool to; very many as a caterpillar plot."""
    kind = ".svg" if analysis.fit.k <= MOST_DRAWN_AS_LINES else ".png"
    draw = _studies_narrow if narrow else studies_drawn
    return taken(draw(analysis, theme), kind, dpi=160)


def studies_drawn(analysis: Analysis, theme: str = "light") -> Axes:
    """Return the Axes of the studies, as a forest or as a crowd."""
    draw = plot.caterpillar if is_crowd(analysis) else plot.forest
    return draw(analysis.main, theme=theme)


def _studies_narrow(analysis: Analysis, theme: str) -> Axes:
    """Return the same for a phone: names and intervals, without columns of numbers."""
    if is_crowd(analysis):
        return plot.caterpillar(analysis.main, ax=canvas(*PHONE, theme), theme=theme)
    few: dict[str, Any] = {"left": ["label"], "right": [], "font_size": PHONE_LETTERS}
    wide = plot.forest(analysis.main, theme=theme, **few)
    # names that are broken over lines need more than the wide figure has
    height = float(cast("Figure", wide.figure).get_figheight()) * 1.1
    release(wide)
    return plot.forest(analysis.main, ax=canvas(PHONE[0], height, theme), theme=theme, **few)


def is_crowd(analysis: Analysis) -> bool:
    """Tell whether there are more studies than anybody reads line by line."""
    return analysis.fit.k > MOST_ROWS_OF_FOREST


def funnel(analysis: Analysis, theme: str, *, narrow: bool = False) -> Picture:
    """Draw effects against their standard errors."""
    ax = canvas(*PHONE, theme) if narrow else None
    kind = ".svg" if analysis.fit.k <= MOST_DRAWN_AS_LINES else ".png"
    return taken(plot.funnel(analysis.fit, ax=ax, theme=theme), kind, dpi=160)


def bubble(analysis: Analysis, theme: str, *, narrow: bool = False) -> Picture | None:
    """Draw effects against the moderator, where there is one and it is a number."""
    fit = analysis.regression
    name = analysis.choice.model.strip("`")
    numeric = name in analysis.effects and analysis.effects[name].dtype.kind in "fiu"
    if fit is None or not numeric:
        return None
    kind = ".svg" if fit.k <= MOST_DRAWN_AS_LINES else ".png"
    ax = canvas(*PHONE, theme) if narrow else None
    return taken(plot.bubble(fit, name, ax=ax, data=analysis.effects, theme=theme), kind, dpi=160)


def find_printed(table: Table, choice: Choice, printed: Mapping[str, str]) -> AnalysisSearch:
    """Search for the analyses of a table that print given figures."""
    figures: dict[str, Any] = {
        name: plain_number(text) for name, text in printed.items() if text.strip()
    }
    low, high = figures.pop("ci_low", None), figures.pop("ci_high", None)
    if (low is None) != (high is None):
        raise InputError("Both limits of the interval must be given, or none.")
    if low is not None:
        figures["ci"] = (low, high)
    if not figures:
        raise InputError("Give at least one printed figure, such as .24 for the pooled effect.")
    words = {word: column for word, column in choice.words.items() if column}
    found: AnalysisSearch = find.find_analysis(
        table.printed,
        level=choice.level,
        labels=choice.labels or None,
        **figures,
        **words,
    )
    return found


def meaning_of(word: str) -> str:
    """Return what an input word means."""
    return SYMBOLS[word].meaning
