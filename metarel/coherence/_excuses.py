"""Words that say how figures were made, and to which figures of a text they belong."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

_WORDS = {
    "bootstrap": r"bootstrap",
    "profile": r"profile[- ]likelihood",
    "credible": r"credible|bayes|posterior",
    "one-tailed": r"one-(?:tailed|sided)|einseitig",
    "paired": r"\bpaired\b|within[- ](?:groups?|subjects?|persons?|participants?|conditions?)"
    r"|dependent[- ]samples|pre[- ]?(?:to[- ])?post|from (?:baseline|pre-?\w*|intake|admission)"
    r"|at (?:baseline|intake|pre-?\w*)|over time|Prä-Post|abhängige",
    "unpooled": r"\bwelch|\bglass|unequal variances"
    r"|(?:baseline|pre-?\w*|control\w*)(?: group)?(?:'s)? (?:SD|standard deviation)",
    "mixed": r"mixed[- ](?:effects?|model|linear)|linear mixed|multi-?level|hierarchical linear"
    r"|MMRM|growth (?:curve|model)|imput|gemischtes? (?:lineares? )?modell",
    "modelled": r"mixed[- ](?:effects?|model|linear)|linear mixed|multi-?level|hierarchical linear"
    r"|ancova|covari|adjust|controlling for|controlled for|MMRM|growth (?:curve|model)"
    r"|estimated (?:marginal )?means?|marginal means|imput|intention[- ]to[- ]treat|intent[- ]to"
    r"|regress|repeated[- ]measures|interaction"
    r"|(?:mixed|factorial|two-way|2 ?[x×] ?2)(?: \w+)? ANOVA|gemischte|Kovari|kontrollier",
}
_PATTERNS = {word: re.compile(pattern, re.I) for word, pattern in _WORDS.items()}
#: Estimators, which a text names once for all of its figures.
_ESTIMATORS = {"DL": r"dersimonian", "REML": r"\bREML\b|restricted maximum|paule|\bPM\b|sidik"}
#: A sentence without figures that says how all were made.
_GENERAL = re.compile(
    r"\b(?:we|were|was|are|is|all|each|by means of|wurden?)\b.*\b(?:us(?:ed|ing)|comput|calculat"
    r"|estimat|obtain|fitt?ed|deriv|perform|conduct|report|based|test|analy[sz]|interval|limits"
    r"|berechnet|verwend)",
    re.I | re.S,
)


def words_of(
    text: str, spans: Sequence[tuple[int, int]], stops: Sequence[int]
) -> list[frozenset[str]]:
    """Return what a text says of how the figures of each of its results were made.

    Parameters
    ----------
    text : str
        The text.
    spans : sequence of (int, int)
        Where the first figure of each result starts and its last ends, in the order of the text.
    stops : sequence of int
        Where sentences end.

    Returns
    -------
    list of frozenset of str
        A word reaches the results of its sentence that it stands with: all where it stands before
        the first of them, else the one that it stands in or right before or behind. In a sentence
        without figures it reaches all results, where that says how figures were made.
    """
    places = [
        (word, match.start())
        for word, pattern in _PATTERNS.items()
        for match in pattern.finditer(text)
    ]
    edges = [0, *(stop + 1 for stop in stops), len(text)]
    by_sentence: dict[int, list[int]] = {}
    for number, (start, end) in enumerate(spans):
        for sentence in {bisect_right(stops, start), bisect_right(stops, max(start, end - 1))}:
            by_sentence.setdefault(sentence, []).append(number)
    found: list[set[str]] = [set() for _ in spans]
    for word, at in places:
        sentence = bisect_right(stops, at)
        begin, stop = edges[sentence], edges[min(sentence + 1, len(edges) - 1)]
        members = by_sentence.get(sentence, [])
        if not members and _GENERAL.search(text[begin:stop]):
            members = list(range(len(spans)))
        elif members:
            members = _near(text, at, [(number, spans[number]) for number in members])
        for number in members:
            found[number].add(word)
    everywhere = _estimators(text)
    return [frozenset(words | everywhere) for words in found]


def _near(text: str, at: int, results: list[tuple[int, tuple[int, int]]]) -> list[int]:
    """Return the results of a sentence that a word at a place belongs to."""
    if at < results[0][1][0]:
        return [number for number, _ in results]
    reached = []
    for position, (number, (start, end)) in enumerate(results):
        before = results[position - 1][1][1] if position else 0
        last = position == len(results) - 1
        behind = end <= at and not re.search(r"[;]" if last else r"[;,)]", text[end:at])
        if (before <= at < end and (at >= start or not _closed(text[at:start]))) or behind:
            reached.append(number)
    return reached


def _closed(between: str) -> bool:
    """Tell whether what stands between a word and the result behind it parts them."""
    return ";" in between or ")" in between.partition("(")[0]


def _estimators(text: str) -> set[str]:
    """Return the estimator that a text names; none where it names several."""
    named = {code for code, pattern in _ESTIMATORS.items() if re.search(pattern, text, re.I)}
    return named if len(named) == 1 else set()
