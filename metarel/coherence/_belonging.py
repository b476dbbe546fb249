"""Which figures of a text are about something else than the effect that they stand behind."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from metarel.coherence._figures import EFFECTS
from metarel.reading._about import (
    CLOSE,
    OTHER_THAN_Q,
    OVERALL,
    has_limits,
    is_heterogeneity,
    limits_of,
    of_other_count,
    other_test,
)
from metarel.reading._groups import MOST_BEFORE, NEAR

if TYPE_CHECKING:
    from metarel.coherence._figures import Figure
    from metarel.reading.result import Statistic

_RANKS = re.compile(r"\b(?:kendall|begg|mazumdar|rank)", re.I)
_RESPECTIVELY = re.compile(r"\brespectively\b", re.I)
_STOP = re.compile(r"[.!?](?=\s+[A-Z])|\n")
#: Kinds of statistics that test something.
TESTS = ("z", "t", "F", "chi2")
#: Kinds of statistics whose p-value is that of Q.
OF_STUDIES = ("Q", "I2", "tau2", "H2", "Q_between", "Q_within")
#: A test further behind an effect than so many characters is taken for one of something else,
FAR = 45
#: unless it is said to be of the effect.
_OF_THE_EFFECT = re.compile(r"\bsignifican|\bfrom (?:zero|0|chance|one)\b", re.I)
_REVMAN = re.compile(r"\s*Chi(?:²|2|\^2) = [0-9.]+, df = ")
_EGGER = re.compile(r"\begger", re.I)
#: Kinds of effects that are compared with each other,
COMPARED_KINDS = (*EFFECTS, "SMD", "effect", "MD", "RD", "b", "log_ratio", "share")
#: and words between two that are.
_COMPARED = re.compile(
    r"\b(?:vs\.?|versus|than|superior to|inferior to|compared (?:with|to)|against|differ\w*)(?!\w)",
    re.I,
)
#: A quotation has no more characters than these.
MOST_QUOTED = 80
#: Levels of a three-level model, by the label of an I2 or a tau2 that is of one.
_LEVELS = ("level 2", "level 3", "within", "between")


class Place:
    """Where the statistics of a text stand, and what stands before each.

    Parameters
    ----------
    text : str
        The text as given.
    statistics : sequence of Statistic
        In the order of the text.
    """

    def __init__(self, text: str, statistics: Sequence[Statistic]) -> None:
        self.text = text
        self.order = list(statistics)
        self.number = {(one.start, one.end, one.kind): i for i, one in enumerate(self.order)}
        self.stops = [match.start() for match in _STOP.finditer(text)]
        self.pairs = [match.start() for match in _RESPECTIVELY.finditer(text)]

    def before(self, one: Statistic) -> str:
        """Return the words between a statistic and the one before it, within its sentence."""
        number = self.number[one.start, one.end, one.kind]
        stop = bisect_right(self.stops, one.start - 1)
        begin = self.stops[stop - 1] if stop else 0
        previous = self.order[number - 1].end if number else 0
        return self.text[max(begin, previous, one.start - MOST_BEFORE) : one.start]

    def quote(self, start: int, end: int) -> str:
        """Return the words that end with a figure, from the start of its sentence or shorter."""
        stop = bisect_right(self.stops, start - 1)
        begin = self.stops[stop - 1] + 1 if stop else 0
        words = " ".join(self.text[begin:end].split())
        if len(words) <= MOST_QUOTED:
            return words
        return "…" + words[-MOST_QUOTED:].partition(" ")[2]

    def following(self, one: Statistic) -> Statistic | None:
        """Return the statistic after one; None after the last."""
        number = self.number[one.start, one.end, one.kind] + 1
        return self.order[number] if number < len(self.order) else None

    def paired(self, one: Statistic) -> bool:
        """Tell whether its sentence says "respectively", so that its neighbours may be others'."""
        after = bisect_right(self.pairs, one.start)
        if after == len(self.pairs):
            return False
        stop = bisect_right(self.stops, one.start)
        return stop == len(self.stops) or self.pairs[after] < self.stops[stop]

    def is_heterogeneity(self, one: Statistic) -> bool:
        """Tell whether a chi-square is Cochran's Q: it is called so, or stands with I2 or tau2."""
        if one.kind != "chi2" or one.n is not None:
            return False
        number = self.number[one.start, one.end, one.kind]
        near = self.order[max(number - 1, 0) : number + NEAR + 1]
        far = ((two.kind, max(two.start - one.end, one.start - two.end)) for two in near)
        return is_heterogeneity(self.before(one), far)

    def is_of_revman(self, one: Statistic) -> bool:
        """Tell whether a chi-square is Q as RevMan prints it: "Chi² = 9.13, df = 6"."""
        return self.is_heterogeneity(one) and bool(_REVMAN.match(one.text))

    def of_one_level(self, one: Statistic) -> bool:
        """Tell whether I2 or tau2 is of one level of a model, so that Q says nothing of it."""
        return one.kind in ("I2", "tau2", "tau") and one.label in _LEVELS

    def limits_of_heterogeneity(self, one: Statistic) -> bool:
        """Tell whether limits stand right behind I2 or tau2 and are about that."""
        number = self.number[one.start, one.end, one.kind]
        if one.kind != "ci" or not number:
            return False
        previous = self.order[number - 1]
        between = self.text[previous.end : one.start]
        return limits_of(previous.kind, previous.printed[0], one.printed, between)

    def as_meant(self, one: Statistic) -> Statistic:
        """Return a statistic under the kind that it is by what stands about it."""
        if self.is_heterogeneity(one):
            return replace(one, kind="Q")
        if one.kind == "SMD":
            return replace(one, kind="d")
        following = self.following(one)
        if one.kind == "percent" and following is not None:
            between = self.text[one.end : following.start]
            return replace(one, kind="share") if has_limits(following.kind, between) else one
        return one

    def left_out(self, one: Statistic) -> bool:
        """Tell whether no check speaks of it: a rank correlation, a level's share, its limits.

        Nor of studies that were left out or filled in.
        """
        count = one.kind in ("k", "effects", "N") and of_other_count(self.before(one))
        return count or (
            self.is_of_a_mean(one)
            or self.is_rank_correlation(one)
            or self.of_one_level(one)
            or self.limits_of_heterogeneity(one)
        )

    def gaps(self, start: int, one: Statistic) -> tuple[str, str]:
        """Return the words outside of statistics from a place on to one, and the last of them."""
        number = self.number[one.start, one.end, one.kind]
        begin = number
        while begin and self.order[begin - 1].end > start:
            begin -= 1
        ends = [start, *(other.end for other in self.order[begin:number])]
        starts = [*(other.start for other in self.order[begin:number]), one.start]
        pieces = [self.text[a:b] for a, b in zip(ends, starts, strict=True)]
        return " ".join(pieces), pieces[-1]

    def is_rank_correlation(self, one: Statistic) -> bool:
        """Tell whether tau is Kendall's."""
        words = f"{self.before(one)[-40:]} {one.label}"
        return one.kind == "tau" and bool(_RANKS.search(words))

    def is_of_a_mean(self, one: Statistic) -> bool:
        """Tell whether a standard error stands right behind a mean: "M = 48.0, SE = 1.4"."""
        number = self.number[one.start, one.end, one.kind]
        return one.kind == "SE" and number > 0 and self.order[number - 1].kind == "M"

    def of_something_else(self, one: Statistic) -> bool:
        """Tell whether the words before a test or a p-value say that it is not the effect's."""
        return one.kind in ("p", *TESTS) and other_test(self.before(one))

    def of_a_comparison(self, one: Statistic) -> bool:
        """Tell whether a p-value may be that of two effects compared in its sentence.

        It stands behind the second of them and the first has none: "0.33 vs. 0.30, p = .81".
        """
        if one.kind != "p":
            return False
        number = self.number[one.start, one.end, one.kind]
        near = takewhile(
            lambda place: self._one_sentence(self.order[place].start, one),
            range(number - 1, -1, -1),
        )
        before = [*near][::-1]
        kinds = [self.order[place].kind for place in before]
        effects = [place for place in before if self.order[place].kind in COMPARED_KINDS]
        if len(effects) < 2 or "p" in kinds or kinds[-1] in (*TESTS, *OF_STUDIES):
            return False
        last = effects[-1]
        return bool(_COMPARED.search(self.text[self.order[last - 1].end : self.order[last].start]))

    def is_regression_test(self, one: Statistic) -> bool:
        """Tell whether a t is that of Egger's regression on standard errors."""
        return one.kind == "t" and bool(_EGGER.search(f"{self.before(one)} {one.label}"))

    def of_all(self, one: Statistic) -> bool:
        """Tell whether a z is called the test of the overall effect."""
        return one.kind == "z" and bool(OVERALL.search(self.before(one)))

    def apart(self, one: Statistic, figures: dict[str, Figure], effect: int, owner: str) -> bool:
        """Tell whether a test, a p-value or an effect is about something else than what is open.

        Parameters
        ----------
        one : Statistic
            The statistic.
        figures : dict of str to Figure
            The open group.
        effect : int
            Where its last effect ended; -1 before any.
        owner : str
            The kind whose p-value one would be.
        """
        before = self.before(one)
        if self.of_a_comparison(one):
            return True
        if one.kind == "p" and owner in OF_STUDIES:
            closed = re.match(r"\s?[)\]]", before) and self._one_sentence(effect, one)
            return bool(OTHER_THAN_Q.search(before) or len(before) > CLOSE or closed)
        studies = self.is_heterogeneity(one)
        if self.of_all(one):
            return False
        if not studies and self.of_something_else(one):
            return True
        far = len(before) > FAR and not _OF_THE_EFFECT.search(before)
        if one.kind == "p":
            return far and effect >= 0
        if one.kind in TESTS and not studies:
            following = self.following(one)
            second = "p" in figures and following is not None and following.kind == "p"
            return second or (far and effect >= 0)
        if studies or one.kind in ("Q", "Q_between"):
            several = bool(re.search(r"[0-9]", before)) or (")" in before and self._listed(one))
            return "k" in figures and several
        return False

    def _one_sentence(self, effect: int, one: Statistic) -> bool:
        """Tell whether an effect ended in the sentence of a statistic."""
        return effect >= 0 and bisect_right(self.stops, effect) == bisect_right(
            self.stops, one.start
        )

    def interval_closed(self, one: Statistic) -> bool:
        """Tell whether the interval before an effect ends the bracket it stands in.

        Then it belongs to what stands before that bracket: "12.1 months (95% CI 10.2 to 15.7), HR".
        """
        number = self.number[one.start, one.end, one.kind]
        words = self.order[number - 1].text if number else ""
        return any(closed in words and opened not in words for opened, closed in ("()", "[]"))

    def _listed(self, one: Statistic) -> bool:
        """Tell whether several k stand before a Q in its sentence: it is that of all of them."""
        stop = bisect_right(self.stops, one.start - 1)
        begin = self.stops[stop - 1] if stop else 0
        number = self.number[one.start, one.end, one.kind]
        within = takewhile(
            lambda other: other.start >= begin,
            (self.order[place] for place in range(number - 1, -1, -1)),
        )
        return sum(other.kind == "k" for other in within) > 1
