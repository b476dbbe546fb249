"""The two groups of a study in prose: sizes, means and standard deviations beside a test or a d."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from metarel.coherence._belonging import Place
from metarel.coherence._figures import Figure, Group
from metarel.coherence._single import OF_MANY

if TYPE_CHECKING:
    from metarel.reading.result import Statistic

#: Words of a text that speaks of many studies.
_MANY = re.compile(
    r"meta-?\s?anal|metaanaly|knapp|dersimonian|\bREML\b|random[- ]effects|pooled"
    r"|\b(?:studies|studien|trials)\b",
    re.I,
)
_MANY_KINDS = ("k", "effects", "reports", "Q", "I2", "tau2", "Q_between", "Q_within")
#: Behind a size: it is that of each group.
_EACH = re.compile(
    r" ?(?:[A-Za-z]+ )?(?:per|in each|for each|in both|for both|pro|je|in jeder)"
    r" (?:treatment |study |experimental )?(?:group|arm|condition|cell|gruppe|bedingung)\w*"
    r"|,? each\b", re.I,
)  # fmt: skip
#: Between two sizes or means that are of two groups or occasions.
_AND = re.compile(
    r"\b(?:and|or|vs|versus|than|compared|against|to|relative|und|oder|gegenüber|als|while|whereas)\b"
    r"|[;:(,/]", re.I,
)  # fmt: skip
#: Sizes that need not be those of the test.
_OTHER_SIZES = re.compile(
    r"\b(?:complet|random|drop|retain|exclud|enrol|recruit|screen|eligib|lost|assigned|allocat"
    r"|withdr|missing|follow)\w*", re.I,
)  # fmt: skip
#: Words before a mean that make it one of something else than scores.
_NOT_SCORES = re.compile(r"\b(?:age[ds]?|alter|years?|differ\w*|change[ds]?|session\w*)\b", re.I)
#: A sentence that goes on about the means of the one before it.
_GOES_ON = re.compile(
    r"\W*(?:th(?:is|e|ese)|der|die|dieser|both) (?:two )?"
    r"(?:difference|groups?|means|effect|comparison|unterschied|gruppen|change|increase|decrease"
    r"|reduction|improvement)\b", re.I,
)  # fmt: skip
#: An effect stands in the list of a test's figures where no more than this is between them.
CLOSE_BY = 30
#: What stands with an effect of persons.
_OF_PERSONS = {
    *("estimate", "d", "g", "ci_low", "ci_high", "level", "se"),
    *("n", "n1", "n2", "N"),
}
_TESTS, _EFFECTS = ("t", "F"), ("d", "g", "SMD")


def with_arms(groups: Sequence[Group], place: Place) -> list[Group]:
    """Return the results of a text with the sizes, means and spreads that belong to them.

    Parameters
    ----------
    groups : sequence of Group
        Results as they were read, in the order of the text.
    place : Place
        The statistics of the text.

    Returns
    -------
    list of Group
        A sentence with one test or one effect and two sizes, or two means with their spreads,
        speaks of two groups or two occasions. Sizes of earlier sentences are only taken where the
        df of the test are theirs. Where a text speaks of many studies, only sentences with means
        are taken for one study, as n may count studies there.
    """
    one_study = not _MANY.search(place.text) and all(s.kind not in _MANY_KINDS for s in place.order)
    found = _joined(list(groups), place) if one_study else list(groups)
    sentences: dict[int, list[Statistic]] = {}
    for one in place.order:
        sentences.setdefault(bisect_right(place.stops, one.start), []).append(one)
    earlier: list[dict[str, Figure]] = []
    for number, members in sentences.items():
        sizes = _sizes(members, place)
        if _one_test(members):
            means = _means(members, place) or _means_before(number, sentences, place)
            if not one_study and not means:  # n may count studies there
                continue
            begin = place.stops[number - 1] if number else 0
            end = place.stops[number] if number < len(place.stops) else len(place.text)
            sure_only = bool(_OTHER_SIZES.search(place.text[begin:end]))
            found = _added(found, members, sizes, means, earlier, sure_only=sure_only)
        if sizes:
            earlier.append(sizes)
    return [_marked(group) if one_study else group for group in found if group.figures]


def _marked(group: Group) -> Group:
    """Return a group that is known to be of one study."""
    if any(name in group for name in OF_MANY):
        return group
    return replace(group, words=group.words | {"one study"})


def _joined(groups: list[Group], place: Place) -> list[Group]:
    """Return groups in which a test has the d or g right behind its p-value."""
    found: list[Group] = []
    for group in groups:
        last = found[-1] if found else None
        if last is not None and _right_behind(last, group, place):
            figures = {**last.figures, **group.figures}
            words = last.words | group.words
            found[-1] = replace(group, figures=figures, words=words, label=last.label)
        else:
            found.append(group)
    return found


def _right_behind(test: Group, effect: Group, place: Place) -> bool:
    """Tell whether a group is an effect of persons, printed in the list of figures of a test."""
    tested = any(name in test for name in _TESTS) and "estimate" not in test
    if not tested or effect.metric not in ("d", "g") or set(test.figures) & set(effect.figures):
        return False
    if not set(effect.figures) <= _OF_PERSONS:
        return False
    between = place.text[max(f.end for f in test) : min(f.start for f in effect)]
    named = re.sub(r"\b(?:and|Cohen.?s?.?|Hedges?.?s?.?|effect size|with|an?|of)\b", "", between)
    return len(between) <= CLOSE_BY and not re.search(r"[A-Za-z.]", named)


def _one_test(members: Sequence[Statistic]) -> bool:
    """Tell whether a sentence has one test of two means, or one effect, and no more."""
    tests = [one for one in members if one.kind in _TESTS]
    effects = [one for one in members if one.kind in _EFFECTS]
    once = all(len([e for e in effects if e.kind == kind]) <= 1 for kind in _EFFECTS)
    many = any(one.kind in _MANY_KINDS for one in members)
    several = any(t.kind == "F" and t.df and t.df[0].value != 1 for t in tests)
    return bool(tests or effects) and len(tests) <= 1 and once and not many and not several


def _figure(name: str, one: Statistic) -> Figure:
    return Figure(name, one.printed[0], one.start, one.end, one.confidence, "")


def _sizes(members: Sequence[Statistic], place: Place) -> dict[str, Figure]:
    """Return the sizes of two groups in a sentence; none where there are more or fewer."""
    named = [one for one in members if one.kind in ("n1", "n2")]
    if len(named) == 2:
        return {one.kind: _figure(one.kind, one) for one in named}
    own = [one for one in members if one.kind == "n" and not place.left_out(one)]
    counted = [one for one in members if one.kind in ("n", "N")]
    if len(own) == 2 and _AND.search(place.text[own[0].end : own[1].start]):
        return {f"n{i}": _figure(f"n{i}", one) for i, one in enumerate(own, 1)}
    each = [one for one in counted if _EACH.match(place.text[one.end : one.end + 60])]
    if len(each) == 1 and len(own) <= 1:
        return {name: _figure(name, each[0]) for name in ("n1", "n2")}
    return {}


def _means(members: Sequence[Statistic], place: Place) -> dict[str, Figure]:
    """Return two means with their spreads; none where there are more or fewer."""
    means = [one for one in members if one.kind == "M"]
    spreads = [one for one in members if one.kind == "SD"]
    if len(means) != 2 or len(spreads) != 2 or means[1].start > spreads[1].start:
        return {}
    if means[0].start > spreads[0].start or any(m.printed[0].percent for m in means):
        return {}
    if any(_NOT_SCORES.search(place.text[max(0, m.start - 24) : m.start]) for m in means):
        return {}
    if not _AND.search(place.text[means[0].end : means[1].start]):
        return {}
    names = zip(("m1", "m2", "sd1", "sd2"), (*means, *spreads), strict=True)
    return {name: _figure(name, one) for name, one in names}


def _means_before(
    number: int, sentences: dict[int, list[Statistic]], place: Place
) -> dict[str, Figure]:
    """Return the means of the sentence before, where this one is said to be about them."""
    before = sentences.get(number - 1)
    begin = place.stops[number - 1] + 1 if 0 < number <= len(place.stops) else 0
    here = [one for one in sentences[number] if one.kind in ("M", "SD")]
    if before is None or here or any(one.kind in (*_TESTS, *_EFFECTS) for one in before):
        return {}
    return _means(before, place) if _GOES_ON.match(place.text[begin : begin + 60]) else {}


def _added(
    groups: list[Group],
    members: Sequence[Statistic],
    sizes: dict[str, Figure],
    means: dict[str, Figure],
    earlier: Sequence[dict[str, Figure]],
    *,
    sure_only: bool,
) -> list[Group]:
    """Return the groups, the one with the test or the effect of a sentence having its arms."""
    starts = [one.start for kinds in (_TESTS, _EFFECTS) for one in members if one.kind in kinds]
    at = next((i for start in starts for i, g in enumerate(groups) if _has(g, start)), None)
    if at is None or any(name in groups[at] for name in OF_MANY):
        return groups
    df = groups[at].span("df") or groups[at].span("df2")
    known = [*reversed(earlier)] if not sizes and df is not None else []
    sizes = sizes or next((s for s in known if df is not None and _sum(s) - 2 == df.low), {})
    sure = df is not None and bool(sizes) and _sum(sizes) - 2 == df.low
    if sure_only and not sure:
        sizes = {}
    arms = {**sizes, **means}
    if not arms:
        return groups
    taken = {figure.start for figure in sizes.values()}
    bare = [_without(group, taken) if _sized(group, taken) else group for group in groups]
    bare[at] = replace(bare[at], figures={**bare[at].figures, **arms})
    return bare


def _sum(sizes: dict[str, Figure]) -> float:
    return sum(float(figure.printed.value or 0) for figure in sizes.values())


def _has(group: Group, start: int) -> bool:
    return any(figure.start == start for figure in group.figures.values())


def _sized(group: Group, taken: set[int]) -> bool:
    return any(name in group and group[name].start in taken for name in ("n", "N"))


def _without(group: Group, taken: Iterable[int]) -> Group:
    """Return a group without the sizes that stand elsewhere now."""
    gone = set(taken)
    kept = {
        name: figure
        for name, figure in group.figures.items()
        if not (name in ("n", "N") and figure.start in gone)
    }
    return replace(group, figures=kept)
