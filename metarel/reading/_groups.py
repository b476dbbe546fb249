"""Which statistics belong to one result."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from metarel.reading._found import Found
from metarel.reading.register import STATISTICS

_SENTENCE = re.compile(
    r"(?=[.!?\n])(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)(?<!\bal)(?<!\bFig)(?<!\bcf)(?<!\bapprox)(?<!\bno)(?<!\bDr)"
    r"[.!?][)\]\"']?(?= [\[(\"']?[A-Z0-9])|\n"
)
#: Words between two estimates that say the same in another metric.
_SAME = re.compile(
    r"(?i:equivalent|equals?|corresponding|corresponds|to|or|i\.e\.|a|an|of|which|that is|"
    r"is|as|converted|"
    r"cohen's|hedges'?s?|about|approximately|effect|sizes?|small|medium|large|moderate|sized|weighted|mean|"
    r"average|in|terms|the|translates|into|standardi[sz]ed|difference|correlation|p|ci|i|e|z)"
)
_JOINED, _ACROSS = 0.8, "joined to the result of the sentence before"


@dataclass(slots=True)
class _Group:
    """A result that is still open: its statistics and the sentence it began in."""

    members: list[int] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    sentence: int = -1
    estimate: bool = False


def sentence_ends(text: str) -> list[int]:
    """Return where sentences and paragraphs end."""
    return [match.end() for match in _SENTENCE.finditer(text)]


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
    only words such as "equivalent to" stand between. Heterogeneity in the sentence after a result
    joins it, and so do counts that stand alone in the sentence before an estimate.
    """
    ends = sentence_ends(text)
    groups: list[_Group] = []
    doubts: dict[int, str] = {}
    for position, one in enumerate(found):
        sentence = bisect_right(ends, one.start)
        last = groups[-1] if groups else None
        if last is not None and _belongs(text, found, last, position, sentence):
            if sentence != last.sentence:
                doubts[position] = _ACROSS
        else:
            last = _Group(sentence=sentence)
            groups.append(last)
        kind = STATISTICS[one.kind]
        last.members.append(position)
        last.kinds[_key(one)] = position
        last.estimate |= kind.role == "estimate"
    return _with_counts_before(found, groups, doubts), doubts


def _key(one: Found) -> str:
    """Return what a result has once: the kind, and for counts the noun."""
    return f"{one.kind} {one.label}" if one.label else one.kind


def _has(last: _Group, one: Found) -> bool:
    """Tell whether a result has such a statistic; ``k = 7`` and ``24 studies`` are the same."""
    if one.label:
        return _key(one) in last.kinds or one.kind in last.kinds
    return any(key.split(" ")[0] == one.kind for key in last.kinds)


def _belongs(text: str, found: list[Found], last: _Group, position: int, sentence: int) -> bool:
    """Tell whether a statistic belongs to the open result."""
    one = found[position]
    role = STATISTICS[one.kind].role
    if sentence != last.sentence:
        near = sentence - last.sentence == 1 or found[last.members[-1]].kind != one.kind
        before = STATISTICS[found[last.members[-1]].kind].role
        follows = role == "p" and before == "heterogeneity"
        wanted = role == "heterogeneity" or one.kind == "pi" or follows
        return last.estimate and near and wanted and not _has(last, one)
    between = text[found[last.members[-1]].end : one.start]
    if "Q_between" in last.kinds and not last.estimate and ":" in between:
        return False  # "QB(1) = 6.1: CBT (k = 12, …)" is about all that follow
    if role == "estimate":
        if not last.estimate:
            return not _clause_ends(text, found[last.members[-1]].end, one.start)
        return one.kind not in last.kinds and _same(between)
    if role in ("p", "interval") and _key(one) in last.kinds:
        since = last.members[last.members.index(last.kinds[_key(one)]) + 1 :]
        return any(STATISTICS[found[other].kind].role in _TESTED for other in since)
    return not _has(last, one)


_TESTED = ("estimate", "test", "heterogeneity")


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
