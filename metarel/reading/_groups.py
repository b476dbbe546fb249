"""Which statistics belong to one result."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from metarel.reading._about import (
    CLOSE,
    OTHER_THAN_Q,
    OVERALL,
    has_limits,
    is_heterogeneity,
    limits_of,
    of_other_studies,
)
from metarel.reading._found import Found
from metarel.reading.register import STATISTICS

_SENTENCE = re.compile(
    r"(?=[.!?\n])(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)(?<!\bal)(?<!\bFig)(?<!\bcf)(?<!\bapprox)(?<!\bno)(?<!\bDr)"
    r"[.!?][)\]\"']?(?= [\[(\"']?[A-Z0-9])|\n"
)
#: Words between two estimates that say the same in another metric.
_SAME = re.compile(
    r"(?i:equivalent|equals?|corresponding|corresponds|to|or|i\.e\.|a|an|of|which|that is|"
    r"is|was|were|as|converted|"
    r"cohen's|hedges'?s?|about|approximately|effect|sizes?|small|medium|large|moderate|sized|weighted|mean|"
    r"average|in|terms|the|translates|into|standardi[sz]ed|difference|correlation|p|ci|i|e|z)"
)
_ACROSS = "joined to the result of the sentence before"
#: Heterogeneity follows its result after so many sentences at most.
_SENTENCES_ON = 2
#: How far words before a statistic reach, and how long a test may be.
MOST_BEFORE, _MOST_WITHIN = 160, 600
#: So many statistics about a chi-square may tell that it is Q.
NEAR = 3


@dataclass(slots=True)
class _Group:
    """A result that is still open: its statistics, and the sentences it began and goes on in."""

    members: list[int] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    sentence: int = -1
    latest: int = -1
    estimate: bool = False


def sentence_ends(text: str) -> list[int]:
    """Return where sentences and paragraphs end."""
    return [match.end() for match in _SENTENCE.finditer(text)]


class _Reading:
    """A text and its statistics, while they are put together."""

    def __init__(self, text: str, found: list[Found]) -> None:
        self.text = text
        self.found = found
        self.ends = sentence_ends(text)
        self.sentence = [bisect_right(self.ends, one.start) for one in found]
        self.of_studies = [self._of_studies(position) for position in range(len(found))]
        self.blocks = self._blocks()

    def between(self, position: int) -> str:
        """Return the words between a statistic and the one before it."""
        begin = self.found[position - 1].end if position else 0
        return self.text[begin : self.found[position].start]

    def role(self, position: int) -> str:
        """Return the role of a statistic: of Q printed as a chi-square, of percents with limits."""
        if self.of_studies[position]:
            return "heterogeneity"
        following = position + 1
        more = self.kind(position) == "percent" and following < len(self.found)
        if more and has_limits(self.kind(following), self.between(following)):
            return "estimate"
        return STATISTICS[self.kind(position)].role

    def kind(self, position: int) -> str:
        """Return the kind of a statistic."""
        return self.found[position].kind

    def _of_studies(self, position: int) -> bool:
        one = self.found[position]
        if one.kind != "chi2" or one.n is not None:
            return STATISTICS[one.kind].role == "heterogeneity"
        near = self.found[max(position - 1, 0) : position + NEAR + 1]
        far = ((two.kind, max(two.start - one.end, one.start - two.end)) for two in near)
        return is_heterogeneity(self.words(position), far)

    def words(self, position: int) -> str:
        """Return the words of its sentence between a statistic and the one before it."""
        one = self.found[position]
        begin = self.ends[self.sentence[position] - 1] if self.sentence[position] else 0
        previous = self.found[position - 1].end if position else 0
        return self.text[max(begin, previous, one.start - MOST_BEFORE) : one.start]

    def _blocks(self) -> dict[int, int]:
        """Return where each run of figures of heterogeneity with its p-values starts and ends."""
        blocks: dict[int, int] = {}
        start = 0
        while start < len(self.found):
            end = start + 1
            if self.role(start) == "heterogeneity":
                kinds = {_key(self.found[start])}
                while end < len(self.found) and self._goes_on(kinds, end):
                    kinds.add(_key(self.found[end]))
                    end += 1
                blocks[start] = end
            start = end
        return blocks

    def _goes_on(self, kinds: set[str], position: int) -> bool:
        """Tell whether a statistic stands right behind one of heterogeneity and is of it."""
        between = self.between(position)
        near = len(between) <= CLOSE and self.sentence[position] == self.sentence[position - 1]
        if not near or _key(self.found[position]) in kinds:
            return False
        role, kind = self.role(position), self.kind(position)
        if role == "heterogeneity":
            test = ("Q", "Q_between", "Q_within", "chi2")
            return not (kind in test and kinds & set(test))
        if role == "p":
            return not OTHER_THAN_Q.search(between)
        share, limits = self.found[position - 1], self.found[position]
        return kind == "ci" and limits_of(share.kind, share.printed[0], limits.printed, between)


def group(text: str, found: list[Found]) -> tuple[list[list[int]], dict[int, str]]:
    """Put statistics together that belong to one result.

    Parameters
    ----------
    text : str
        The plain text.
    found : list of Found
        In the order of the text.

    Returns
    -------
    list of list of int, dict of int to str
        The groups, by positions in ``found``; and why some are joined with less confidence.

    Notes
    -----
    In order: a new sentence opens a new result, and so does an estimate of a kind that the open
    result has (or any statistic that it has once already). An estimate of another kind joins where
    only words such as "equivalent to" stand between. Q with the p-value, I2 and tau2 right behind
    it stay together, whatever the open result has. Heterogeneity in one of the two sentences after
    a result joins it, and so do the test for its overall effect, and counts that stand alone in the
    sentence before an estimate. A semicolon ends a test whose estimate was not read.
    """
    reading = _Reading(text, found)
    groups: list[_Group] = []
    doubts: dict[int, str] = {}
    inside = 0
    for position, one in enumerate(found):
        sentence = reading.sentence[position]
        last = groups[-1] if groups else None
        if last is not None and (position < inside or _belongs(reading, last, position)):
            if sentence != last.sentence:
                doubts[position] = _ACROSS
        else:
            last = _Group(sentence=sentence)
            groups.append(last)
        inside = max(inside, reading.blocks.get(position, 0))
        last.members.append(position)
        last.kinds[_key(one)] = position
        last.latest = sentence
        last.estimate |= reading.role(position) == "estimate"
    return _with_counts_before(found, groups, doubts), doubts


def _key(one: Found) -> str:
    """Return what a result has once: the kind, and for counts the noun."""
    return f"{one.kind} {one.label}" if one.label else one.kind


def _has(last: _Group, one: Found) -> bool:
    """Tell whether a result has such a statistic; ``k = 7`` and ``24 studies`` are the same."""
    if one.label:
        return _key(one) in last.kinds or one.kind in last.kinds
    return any(key.split(" ")[0] == one.kind for key in last.kinds)


def _belongs(reading: _Reading, last: _Group, position: int) -> bool:
    """Tell whether a statistic belongs to the open result."""
    one, role = reading.found[position], reading.role(position)
    if reading.sentence[position] != last.sentence:
        return _follows(reading, last, position)
    between = reading.between(position)
    if "Q_between" in last.kinds and not last.estimate and ":" in between:
        return False  # "QB(1) = 6.1: CBT (k = 12, …)" is about all that follow
    if _test_ended(reading, last, position):
        return False
    if role == "estimate":
        if not last.estimate:
            return not _clause_ends(reading.text, reading.found[position - 1].end, one.start)
        return one.kind not in last.kinds and _same(between)
    if position in reading.blocks:
        return not _clashes(reading, last, position)
    if role in ("p", "interval") and _key(one) in last.kinds:
        since = last.members[last.members.index(last.kinds[_key(one)]) + 1 :]
        return any(reading.role(other) in _TESTED for other in since)
    return not _has(last, one)


def _follows(reading: _Reading, last: _Group, position: int) -> bool:
    """Tell whether a statistic of a later sentence belongs to the open result."""
    one, role = reading.found[position], reading.role(position)
    if not last.estimate or reading.sentence[position] - last.latest > _SENTENCES_ON:
        return False
    if position in reading.blocks:
        return not _clashes(reading, last, position)
    if role == "test" and one.kind == "z":
        return "z" not in last.kinds and bool(OVERALL.search(reading.between(position)))
    if role == "p":
        tested = reading.role(position - 1) == "test" and last.latest == reading.sentence[position]
        return tested and last.latest != last.sentence
    return one.kind == "pi" and not _has(last, one)


def _clashes(reading: _Reading, last: _Group, position: int) -> bool:
    """Tell whether a result has one of the figures of heterogeneity that stand together here.

    So do figures that are said to be of other studies than the result's.
    """
    if of_other_studies(reading.words(position)):
        return True
    block = range(position, reading.blocks[position])
    return any(
        _has(last, reading.found[member])
        for member in block
        if reading.role(member) == "heterogeneity"
    )


_TESTED = ("estimate", "test", "heterogeneity")


def _test_ended(reading: _Reading, last: _Group, position: int) -> bool:
    """Tell whether a semicolon ends a test whose estimate was not read."""
    between = reading.between(position)
    if last.estimate or ";" not in between or _listed(reading, position):
        return False
    tested = any(
        reading.role(member) in ("test", "spread") or reading.kind(member) == "Q_between"
        for member in last.members
    )
    if not tested:
        return False
    first = reading.found[last.members[0]].start
    stop = reading.found[position - 1].end + between.find(";")
    begin = reading.ends[last.sentence - 1] if last.sentence else 0
    before = reading.text[max(begin, first - MOST_BEFORE, stop - _MOST_WITHIN) : stop]
    return sum(map(before.count, "([")) <= sum(map(before.count, ")]"))


def _listed(reading: _Reading, position: int) -> bool:
    """Tell whether a semicolon only parts figures of a test: "t(38) = 1.8; p = .08; d = .57"."""
    if reading.between(position).strip() != ";":
        return False
    before = reading.role(position - 1)
    return before == "test" or (before == "p" and reading.role(position) == "estimate")


def _clause_ends(text: str, start: int, end: int) -> bool:
    """Tell whether a semicolon outside of brackets separates two statistics."""
    between = text[start:end]
    return ";" in between and between.find(";") > between.find(")") > -1


def _same(between: str) -> bool:
    """Tell whether nothing but a change of metric stands between two estimates."""
    if len(between) > 90 or (";" in between and ")" in between):
        return False
    return all(_SAME.fullmatch(word) for word in re.findall(r"[A-Za-z][A-Za-z'.]*", between))


def _with_counts_before(
    found: list[Found], groups: list[_Group], doubts: dict[int, str]
) -> list[list[int]]:
    """Join counts that stand alone in a sentence to the estimate of the next."""
    joined: list[list[int]] = []
    waiting: _Group | None = None
    for one in groups:
        counts = all(STATISTICS[found[member].kind].role == "count" for member in one.members)
        if (
            waiting is not None
            and one.estimate
            and one.sentence == waiting.sentence + 1
            and not set(one.kinds) & set(waiting.kinds)
            and not any(STATISTICS[found[m].kind].role == "count" for m in one.members)
        ):
            doubts |= dict.fromkeys(waiting.members, "joined to the result of the sentence after")
            joined[-1] = [*joined[-1], *one.members]
        else:
            joined.append(list(one.members))
        waiting = one if counts else None
    return joined
