"""What a check is: figures it needs, a formula, and the conventions it may follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

from metarel.coherence._figures import Figure, Group
from metarel.coherence._span import Span, image

if TYPE_CHECKING:
    from metarel._checks import Array

#: How common a convention is: what a reader expects; in use, and worth a remark; worth a question.
Rank = Literal["usual", "other", "rare"]
#: A figure that so small a share of the others' intervals gives, ...
SMALL_SHARE = 0.2
#: ... and so small a part of the share of the likeliest figure, is one in a corner.
SMALL_PART = 0.3
RANKS: tuple[Rank, ...] = ("usual", "other", "rare")


@dataclass(frozen=True, slots=True)
class Way:
    """One convention in one respect, such as the scale or the reference distribution.

    Parameters
    ----------
    code : str
        Its name among the ways of its kind.
    words : str
        What it says, fit to stand behind "if".
    rank : str or callable
        How common it is; ``rank(group)`` may say so by group, and None where it does not apply.
    value : object
        What the formula takes.
    needs : tuple of str
        Figures it cannot do without.
    extra : mapping of str to Span
        Numbers that nobody printed, and between what they lie.
    who : str
        Programs and schools that do so.
    """

    code: str
    words: str
    rank: Rank | Callable[[Group], Rank | None] = "usual"
    value: Any = None
    needs: tuple[str, ...] = ()
    extra: tuple[tuple[str, Span], ...] = ()
    who: str = ""

    def rank_for(self, group: Group) -> Rank | None:
        """Return how common it is for such a group; None where it does not apply."""
        if not all(group.usable(name) for name in self.needs):
            return None
        return self.rank(group) if callable(self.rank) else self.rank


@dataclass(frozen=True, slots=True)
class Trial:
    """A printed figure held against what one convention makes of the others.

    Parameters
    ----------
    words : str
        The convention, where it is more than the usual one.
    rank : {"usual", "other", "rare"}
        How common it is.
    printed : Span
        The numbers that the figure stands for.
    expected : Span
        The numbers that it could be.
    unit : float
        One unit of its last digit.
    share, best : float
        The share of the other figures' intervals that gives it, and the share that the likeliest
        figure of as many digits would have; NaN where that is not known.
    """

    words: str
    rank: Rank
    printed: Span
    expected: Span
    unit: float
    share: float = float("nan")
    best: float = float("nan")

    @property
    def fits(self) -> bool:
        """Whether any number is both."""
        return self.printed.touches(self.expected)

    @property
    def corner(self) -> bool:
        """Whether only a small part of the other figures' intervals gives it."""
        return self.share < SMALL_SHARE and self.share < SMALL_PART * self.best

    @property
    def away(self) -> float:
        """How far apart they are."""
        return self.printed.gap(self.expected) if not self.fits else 0.0

    @property
    def units(self) -> float:
        """The same in units of the last digit."""
        return self.away / self.unit


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a check looks at, with the conventions tried.

    Parameters
    ----------
    figures : tuple of Figure
        The figures involved, the one held against the others first.
    trials : tuple of Trial
        Best ranks first.
    about : str
        What is wrong where nothing fits, before the figures.
    label : str
        The row or group it is about.
    told : str
        The finding in words, where the usual sentence does not fit; ``{expected}`` is filled.
    """

    figures: tuple[Figure, ...]
    trials: tuple[Trial, ...]
    about: str = ""
    label: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A check, as a declaration.

    Parameters
    ----------
    code, name : str
        The word users type; what it asks, as a sentence.
    family : str
        The part of a results section that it is about.
    needs : tuple of str
        Figures it needs; ``"k|Q_df"`` is either.
    ask : str
        What to ask the authors where it fails.
    source : str
        Key in the bibliography.
    questions : callable
        ``questions(group, table or report)``.
    arithmetic : bool
        Whether a failure is one of arithmetic alone; else it rests on how such results are made.
    of : {"group", "table", "text"}
        Whether it is about figures that stand together, about the rows of a table, or about all
        results of a text.
    ways : tuple of tuple of Way
        The conventions, one tuple a respect.
    formula : str
        What is computed, in symbols.
    """

    code: str
    name: str
    family: str
    needs: tuple[str, ...]
    ask: str
    source: str
    questions: Callable[[Any], Iterable[Question]]
    arithmetic: bool = True
    of: Literal["group", "table", "text"] = "group"
    ways: tuple[tuple[Way, ...], ...] = ()
    formula: str = ""

    def lacks(self, group: Group) -> list[str]:
        """Return the needed figures that a group does not have."""
        return [need for need in self.needs if not any(group.usable(n) for n in need.split("|"))]


def relation(
    output: str,
    formula: Callable[..., Any],
    *ways: tuple[Way, ...],
    inputs: tuple[str, ...],
    when: Callable[[Group], bool] | None = None,
    absolute: bool = False,
    seldom: Callable[[tuple[Way, ...]], bool] | None = None,
) -> Callable[[Group], Iterator[Question]]:
    """Return the questions of a check that holds one figure against a formula of others.

    ``formula(x, *values)`` takes the figures as vectors by name and the value of a way of each
    kind. With ``absolute`` only sizes are compared. An input ``"a|b"`` is the first that is there.
    ``seldom(ways)`` tells whether ways that are common alone are rare together.
    """

    def questions(group: Group) -> Iterator[Question]:
        if when is not None and not when(group):
            return
        names = [next(n for n in need.split("|") if group.usable(n)) for need in inputs]
        figures = tuple(group[name] for name in (output, *names))
        combined = _combined(group, ways, seldom)
        trials = tuple(_trials(group, output, names, formula, combined, absolute))
        if trials:
            yield Question(figures, trials, label=group.label)

    return questions


def _trials(
    group: Group,
    output: str,
    names: list[str],
    formula: Callable[..., Any],
    combined: list[tuple[int, int, tuple[Way, ...]]],
    absolute: bool,
) -> Iterator[Trial]:
    """Try every combination of ways, the usual first; stop at the first one that fits.

    Where a usual one fits only in a corner, the other usual ones are tried too. Other rules of
    rounding come last: by themselves they are one departure from what is usual, and beside another
    one they are seldom to be expected.
    """
    fitted = False
    for strict in (True, False):
        for rank, departures, combination in combined:
            if fitted and (rank or not strict):
                return
            rank = rank if strict else 2 if departures else 1
            trial = _trial(group, output, names, formula, combination, absolute, strict, rank)
            if trial is not None:
                yield trial
                fitted |= trial.fits
                if trial.fits and not trial.corner:
                    return


def _combined(
    group: Group,
    ways: tuple[tuple[Way, ...], ...],
    seldom: Callable[[tuple[Way, ...]], bool] | None = None,
) -> list[tuple[int, int, tuple[Way, ...]]]:
    """Return every combination with its rank and its departures from the usual, the best first.

    At most one way of a combination is one that is seldom used, and it stands with one other
    departure at most.
    """
    ranked = [
        [(RANKS.index(rank), way) for way in kind if (rank := way.rank_for(group)) is not None]
        for kind in ways
    ]
    found = []
    for combination in product(*ranked):
        ranks = [rank for rank, _ in combination]
        together = tuple(way for _, way in combination)
        ranks += [2] if seldom is not None and seldom(together) else []
        departures = sum(rank > 0 for rank in ranks)
        if ranks.count(2) == 0 or (ranks.count(2) == 1 and departures <= 2):
            found.append((max(ranks, default=0), departures, together))
    return sorted(found, key=lambda item: item[:2])


def _trial(
    group: Group,
    output: str,
    names: list[str],
    formula: Callable[..., Any],
    ways: tuple[Way, ...],
    absolute: bool,
    strict: bool,
    rank: int,
) -> Trial | None:
    printed = group.span(output, strict=strict)
    needs = dict.fromkeys([*names, *(need for way in ways for need in way.needs)])
    box = {name: group.span(name, strict=strict) for name in needs}
    if printed is None or any(span is None for span in box.values()):
        return None
    whole: dict[str, Span] = {name: span for name, span in box.items() if span is not None}
    whole |= dict(extra for way in ways for extra in way.extra)

    def values(x: Mapping[str, Array]) -> Any:
        return formula(x, *(way.value for way in ways))

    target = printed.absolute() if absolute else printed
    made = image(values, whole)
    if made is None:
        return None
    expected = made.span.absolute() if absolute else made.span
    words = [way.words for way in ways if rank and way.words and way.rank_for(group) != "usual"]
    if not strict:
        words.append("digits were cut off or rounded up, not rounded to the nearest")
    share = best = float("nan")
    if expected.touches(target) and strict and rank == 0 and target.width > 0 and not absolute:
        made = image(values, whole, sample=True) or made
        share, best = made.share(target), made.best_share(target.width)
    shown: Rank = RANKS[rank]
    unit = group.unit(output)
    return Trial(" and ".join(words), shown, target, expected, unit, share, best)
