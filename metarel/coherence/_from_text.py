"""From the statistics read out of a text to groups of figures that speak of one result."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from metarel.coherence._arms import with_arms
from metarel.coherence._belonging import Place
from metarel.coherence._excuses import words_of
from metarel.coherence._figures import EFFECTS, Figure, Group, of_a_report
from metarel.coherence._read import Given, finished
from metarel.printed import Printed
from metarel.reading.result import title_of
from metarel.reading.statistics import read_statistics

if TYPE_CHECKING:
    from metarel.reading.documents import Document
    from metarel.reading.result import Statistic

#: Kinds of effects that have no figure of their own, and the metric they are in.
_METRIC = {"effect": "", "MD": "md", "RD": "md", "b": "beta", "intercept": "beta",
           "log_ratio": "md", "share": ""}  # fmt: skip
_NAMES = {"SE": "se"}
_PLAIN = ("z", "t", "F", "chi2", "k", "effects", "N", "n", "Q", "I2", "H2", "tau2", "tau", "SE",
          "Q_between", "Q_within", "n1", "n2", "eta2")  # fmt: skip
_DF = {"t": ("df",), "r": ("df",), "chi2": ("df",), "F": ("df1", "df2"), "Q": ("Q_df",),
       "Q_between": ("df_between",), "Q_within": ("df_within",)}  # fmt: skip
#: Whose p-value one is, by the statistic before it.
_P = {"Q": "Q_p", "I2": "Q_p", "tau2": "Q_p", "H2": "Q_p", "Q_between": "p_between",
      "Q_within": "p_within"}  # fmt: skip
#: A p-value behind these may as well be that of the effect.
_DOUBTFUL_OWNER = ("I2", "tau2", "H2")
#: Two effects in different metrics are one effect where no more than this stands between them.
CLOSE = 30
#: unless it is said that one was converted into the other.
_CONVERTED = re.compile(
    r"\b(?:equivalent|equals?|equal to|correspond(?:s|ing)?|converted|translat(?:es|ed|ing)|i\.e\.|"
    r"that is|in terms of)\b", re.I,
)  # fmt: skip
_APART = re.compile(r"\b(?:for|versus|vs|whereas|while|but|than|respectively|and)\b|[;.]\s", re.I)


#: How the logarithm of each ratio is written.
_LOG_OF = {
    "or": re.compile(r"OR|odds", re.I),
    "rr": re.compile(r"RR|risk", re.I),
    "hr": re.compile(r"HR|hazard", re.I),
}


@dataclass
class _Building:
    """A group in the making.

    Parameters
    ----------
    figures : dict of str to Figure
        What it has so far.
    metric : str
        The metric of its estimate, where no figure says so.
    owner : str
        The kind that a p-value would belong to.
    last_effect : int
        Where the last effect ended; -1 before any.
    members : list of Statistic
        Its statistics.
    other : bool
        Whether it began with a test of something else than an effect.
    effect : str
        The figure that is its last effect.
    words : set of str
        What is known of how its figures were made.
    """

    figures: dict[str, Figure] = field(default_factory=dict)
    metric: str = ""
    owner: str = ""
    last_effect: int = -1
    members: list[Statistic] = field(default_factory=list)
    other: bool = False
    effect: str = ""
    words: set[str] = field(default_factory=set)


def groups_of_text(text: str, given: Given, document: Document | None = None) -> None:
    """Add the groups of figures that stand together in a text, and where in the document."""
    given.text = text
    readings = read_statistics(text)
    given.numbers += len(readings)
    place = Place(text, tuple(readings))
    first = len(given.groups)
    for group in readings.groups:
        building = _Building()
        for one in group:
            if place.is_rank_correlation(one):  # the p behind it is its own
                _close(building, given)
                building = _Building(owner="tau", other=True)
            if place.left_out(one):
                continue
            statistic = place.as_meant(one)
            figures = _figures(statistic, building.owner)
            if figures and _conflicts(statistic, figures, building, place, one):
                if place.of_a_comparison(one):
                    given.notes.append(
                        f"{one.text.strip()} may be that of the effects compared in its sentence, "
                        "so it is held against neither."
                    )
                _close(building, given)
                building = _kept(building, statistic)
                figures = _figures(statistic, building.owner)
            building.other |= place.of_something_else(one) or _of_several(statistic)
            _add(statistic, figures, building)
            building.words |= {"RevMan"} if place.is_of_revman(one) else set()
            building.words |= {"egger"} if place.is_regression_test(one) else set()
            building.members.append(one)
        _close(building, given)
    given.groups[first:] = _with_logarithms(given.groups[first:], text)
    given.groups[first:] = with_arms(given.groups[first:], place)
    given.groups[first:] = _with_words(given.groups[first:], place)
    given.groups[first:] = [_placed(one, place, document) for one in given.groups[first:]]


def _with_logarithms(groups: list[Group], text: str) -> list[Group]:
    """Return groups in which a ratio has the logarithm that stands right before or behind it."""
    found = list(groups)
    for i, (one, two) in enumerate(pairwise(groups)):
        at = i + 1 if "log_ratio" in one.words else i
        ratio, other = (two, one) if at > i else (one, two)
        if "log_ratio" not in other.words or not (ratio.usable("estimate") and "estimate" in other):
            continue
        logarithm = other["estimate"]
        names = _LOG_OF.get(ratio.metric)
        last = max(figure.end for figure in one)
        between = text[last : two["estimate"].start]
        apart = len(between) > CLOSE or _APART.search(between)
        if names is not None and names.search(logarithm.shown) and not apart:
            figures = {**ratio.figures, "log_ratio": replace(logarithm, name="log_ratio")}
            found[at] = replace(ratio, figures=figures)
    return found


def _with_words(groups: list[Group], place: Place) -> list[Group]:
    """Return groups with what the text says of how their figures were made."""
    spans = [(min(f.start for f in one), max(f.end for f in one)) for one in groups]
    words = words_of(place.text, spans, place.stops)
    return [replace(one, words=one.words | said) for one, said in zip(groups, words, strict=True)]


def _placed(group: Group, place: Place, document: Document | None) -> Group:
    """Return a group whose figures know where they stand and which words end with them."""
    figures = {}
    for name, figure in group.figures.items():
        page, paragraph = document.place(figure.start) if document else (None, None)
        where = f"p. {page}" if page else f"paragraph {paragraph}" if paragraph else ""
        quote = place.quote(figure.start, figure.end)
        figures[name] = replace(figure, where=where, quote=quote)
    return replace(group, figures=figures)


def _kept(building: _Building, statistic: Statistic) -> _Building:
    """Return the group after one that ended: empty, or with the figure that the next is about.

    Second limits are those of the effect right before them, and a second p that of the z.
    """
    figures, owner = building.figures, building.owner
    if statistic.kind == "p" and owner == "z":
        return _Building({"z": figures["z"]}, owner=owner)
    if statistic.kind == "ci" and building.effect and "ci_low" in figures:
        effect = figures[building.effect]
        if effect.start > figures["ci_low"].start:
            return replace(building, figures={effect.name: effect}, members=[], words=set())
    return _Building()


def _of_several(statistic: Statistic) -> bool:
    """Tell whether a test is one of several means or coefficients, and so of no single effect."""
    if statistic.kind not in ("F", "chi2") or not statistic.df:
        return False
    return statistic.df[0].value not in (None, 1)


def _figures(statistic: Statistic, owner: str) -> dict[str, Figure]:
    """Return the figures of one statistic by name; none where no check speaks of it."""
    kind, printed = statistic.kind, statistic.printed
    names: tuple[str, ...] = ()
    if kind in EFFECTS:
        names = (kind,)
    elif kind in _METRIC:
        names = ("estimate",)
    elif kind in ("ci", "pi"):
        names = (f"{kind}_low", f"{kind}_high")
    elif kind == "count":
        names = ("count", "n", "percent")
    elif kind == "p":
        names = (_P.get(owner, "p"),)
    elif kind in _PLAIN:
        names = (_NAMES.get(kind, kind),)
    doubt = 0.6 if kind == "p" and owner in _DOUBTFUL_OWNER else 1.0
    pairs = [
        *zip(names, printed, strict=False),
        *zip(_DF.get(kind, ()), statistic.df, strict=False),
    ]
    if kind == "ci" and statistic.level is not None and names:
        pairs.append(("level", Printed(f"{100 * statistic.level:g}%")))
    shown = statistic.text.strip() if kind not in ("count",) and len(names) == 1 else ""
    return {
        name: Figure(name, number, statistic.start, statistic.end, statistic.confidence * doubt,
                     shown if name == names[0] else "")
        for name, number in pairs
        if of_a_report(number)
    }  # fmt: skip


def _conflicts(
    statistic: Statistic,
    figures: dict[str, Figure],
    building: _Building,
    place: Place,
    one: Statistic,
) -> bool:
    """Tell whether a statistic must belong to another result than those before it."""
    if any(name in building.figures for name in figures) or place.paired(one):
        return True
    if place.apart(one, building.figures, building.last_effect, building.owner):
        return True
    if _of_several(statistic) and ("ci_low" in building.figures or building.last_effect >= 0):
        return True
    if statistic.kind == "count" or "count" in building.figures:
        return bool(building.figures)
    effect = statistic.kind in EFFECTS or statistic.kind in _METRIC
    if effect and building.effect and "estimate" in (*figures, building.effect):
        return True  # an effect without a figure of its own is not held against another
    if building.other and (effect or statistic.kind == "ci"):
        return True
    if effect and building.last_effect < 0 and "ci_low" in building.figures:
        before = place.before(one)
        apart = len(before) > CLOSE or bool(_APART.search(before))
        return apart or place.interval_closed(one)
    if not effect or building.last_effect < 0:
        return False
    between, last = place.gaps(building.last_effect, one)
    if _CONVERTED.search(last):
        return bool(_APART.search(last))
    return len(between) > CLOSE or bool(_APART.search(between))


def _add(statistic: Statistic, figures: dict[str, Figure], building: _Building) -> None:
    kind = statistic.kind
    if kind in EFFECTS or kind in _METRIC:
        building.last_effect = statistic.end
        building.metric = _METRIC.get(kind, building.metric)
        building.effect = next(iter(figures), "")
        building.words |= {"exact"} if kind == "share" else set()
        building.words |= {"log_ratio"} if kind == "log_ratio" else set()
    if kind in _P or kind in EFFECTS or kind in _METRIC or kind in ("z", "t", "F", "chi2"):
        building.owner = kind
    building.figures |= figures


def _close(building: _Building, given: Given) -> None:
    figures = building.figures
    if "Q_p" in figures and "Q" not in figures:
        given.notes.append(
            f"{figures['Q_p'].plain} is taken for that of Q, which is not printed with it, so "
            "nothing is held against it."
        )
    if "effects" in figures and "k" not in figures:
        figures["k"] = figures["effects"]
    if figures:
        found = finished(figures, {}, title_of(building.members))
        metric = found.metric or (building.metric if "estimate" in figures else "")
        given.groups.append(Group(found.figures, metric, found.label, found.words | building.words))
