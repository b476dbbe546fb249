"""Which figures of a text are about something else than the effect that they stand behind."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metarel.coherence._figures import Figure
    from metarel.reading.result import Statistic

#: Words before a test or a p-value that make it another one than that of the effect.
_OTHER_TEST = re.compile(
    r"\b(?:egger|begg|kendall|stouffer|funnel|asymmetr|publication bias|small[- ]stud|heterogen"
    r"|homogen|interact|sub-?group|moderat|modif|(?:meta-)?regress|trend|covariate|omnibus"
    r"|differences? (?:between|among|across)|combined [zZ]?$"
    r"|(?:not|n't|no)(?: \w+)? (?:differ|vary|varied|depend)|differed|varied|vs\.?|versus)",
    re.I,
)
_HETEROGENEITY = re.compile(r"\b(?:heterogen|homogen)", re.I)
_RANKS = re.compile(r"\b(?:kendall|begg|rank)", re.I)
_RESPECTIVELY = re.compile(r"\brespectively\b", re.I)
_STOP = re.compile(r"[.!?](?=\s+[A-Z])|\n")
#: Kinds of statistics that test something.
TESTS = ("z", "t", "F", "chi2")
#: A test further behind an effect than so many characters is taken for one of something else,
FAR = 45
#: unless it is said to be of the effect.
_OF_THE_EFFECT = re.compile(r"\bsignifican|\bfrom (?:zero|0|chance|one)\b", re.I)
#: A quotation has no more characters than these.
MOST_QUOTED = 80
#: So many statistics about a chi-square may tell that it is Q, and so far.
_NEAR, _CLOSE = 3, 60


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
        return self.text[max(begin, previous, one.start - 160) : one.start]

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
        before = self.before(one)
        if _HETEROGENEITY.search(before):
            return True
        if _OTHER_TEST.search(before):
            return False
        number = self.number[one.start, one.end, one.kind]
        near = self.order[max(number - 1, 0) : number + _NEAR + 1]
        return any(
            other.kind in ("I2", "tau2")
            and max(other.start - one.end, one.start - other.end) <= _CLOSE
            for other in near
        )

    def is_rank_correlation(self, one: Statistic) -> bool:
        """Tell whether tau is Kendall's."""
        words = f"{self.before(one)[-40:]} {one.label}"
        return one.kind == "tau" and bool(_RANKS.search(words))

    def of_something_else(self, one: Statistic) -> bool:
        """Tell whether the words before a test or a p-value say that it is not the effect's."""
        return one.kind in ("p", *TESTS) and bool(_OTHER_TEST.search(self.before(one)))

    def apart(self, one: Statistic, figures: dict[str, Figure], effect: int) -> bool:
        """Tell whether a test, a p-value or an effect is about something else than what is open.

        Parameters
        ----------
        one : Statistic
            The statistic.
        figures : dict of str to Figure
            The open group.
        effect : int
            Where its last effect ended; -1 before any.
        """
        if self.of_something_else(one):
            return True
        before = self.before(one)
        far = len(before) > FAR and not _OF_THE_EFFECT.search(before)
        if one.kind == "p":
            return far and effect >= 0
        if one.kind in TESTS:
            following = self.following(one)
            second = "p" in figures and following is not None and following.kind == "p"
            return second or (far and effect >= 0)
        if one.kind in ("Q", "Q_between"):
            several = bool(re.search(r"[0-9]", before)) or (")" in before and self._listed(one))
            return "k" in figures and several
        return False

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
