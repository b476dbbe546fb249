"""From the conventions tried to a verdict: what a finding is, and how sure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from metarel._format import plain
from metarel.coherence._check import RANKS, Check, Question, Trial
from metarel.coherence._figures import FIGURES, Figure, listed
from metarel.coherence._span import POINTS, Span

#: What is said of a question, from worst to best.
VERDICTS = (
    "impossible",
    "only under a convention",
    "only in a corner",
    "consistent",
    "cannot tell",
)
#: How sure a finding is, from most to least.
SURE = ("certain", "likely", "possible")
#: Below these confidences of the reading, a finding is one step, or two, less sure.
UNSURE, DOUBTFUL = 0.8, 0.5


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says of one set of figures.

    Parameters
    ----------
    code : str
        The check.
    verdict : str
        ``"impossible"``: no numbers that are printed so, by any rule of rounding, satisfy any
        convention known to the check. ``"only under a convention"``: not the usual one, but
        another, named in ``passes_under``. ``"only in a corner"``: only a small part of the
        intervals. ``"consistent"``; ``"cannot tell"``: it could not be computed.
    what : str
        The finding in a sentence.
    printed, expected : str
        The figure as it stands, and what the other figures make of it.
    units : float
        By how much they differ under the usual convention, in units of the last printed digit.
    relative : float
        The same as a fraction of the printed figure.
    passes_under : tuple of str
        The conventions under which the figures agree.
    sure : str
        ``"certain"`` where arithmetic alone decides, ``"likely"`` where the finding rests on how
        such results are made, ``"possible"`` where a convention that is seldom used would pass;
        one step less where the text was read with less confidence than 0.8, two below 0.5.
    ask : str
        What to ask the authors.
    figures : tuple of Figure
        The figures involved, with their places in the text.
    label : str
        The row or group.
    needs_answer : bool
        Whether it is worth a question: impossible, or right only by a convention that is
        seldom used.
    share : float
        The share of the other figures' intervals that gives the printed one; NaN if unknown.
    """

    code: str
    verdict: str
    what: str
    printed: str
    expected: str
    units: float
    relative: float
    passes_under: tuple[str, ...]
    sure: str
    ask: str
    figures: tuple[Figure, ...]
    label: str = ""
    needs_answer: bool = False
    share: float = math.nan

    @property
    def alone(self) -> bool:
        """Whether it only says that one figure is possible in itself."""
        return len(self.figures) == 1 and self.verdict == "consistent"

    @property
    def doubt(self) -> str:
        """What an impossibility rests on besides arithmetic; empty where on nothing else."""
        if min((figure.confidence for figure in self.figures), default=1.0) < UNSURE:
            return "if the text was read rightly"
        by_custom = self.verdict == "impossible" and self.sure != SURE[0]
        return "by any method known to be in use" if by_custom else ""

    @property
    def inputs(self) -> str:
        """The figures involved, as one line."""
        return listed(self.figures)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain types, ready for JSON; what is not a number is None."""
        names = (
            *("code", "verdict", "what", "printed", "expected", "units", "relative"),
            *("passes_under", "sure", "ask", "label", "needs_answer", "share"),
        )
        found: dict[str, Any] = {name: plain(getattr(self, name)) for name in names}
        found["figures"] = [
            {
                "name": figure.name,
                "printed": figure.printed.text,
                "start": figure.start,
                "end": figure.end,
                "confidence": figure.confidence,
                "where": figure.where,
                "quote": figure.quote,
            }
            for figure in self.figures
        ]
        return found


def judge(check: Check, question: Question) -> Finding:
    """Return what is to be said of a question.

    Parameters
    ----------
    check : Check
        The check that asks it.
    question : Question
        The figures, and the conventions tried.

    Returns
    -------
    Finding
        The verdict with all that a reader needs to weigh it.
    """
    trials = tuple(t for t in question.trials if t.expected.low <= t.expected.high)
    if not trials:  # a formula without a value there, such as no degrees of freedom
        return _cannot_tell(check, question)
    first = min(trials, key=lambda t: (RANKS.index(t.rank), t.units))
    passed = [trial for trial in trials if trial.fits]
    verdict = _verdict(passed)
    rare = bool(passed) and all(trial.rank == "rare" for trial in passed)
    needs_answer = verdict == "impossible" or rare
    shown = max(passed, key=_share) if verdict in ("consistent", "only in a corner") else first
    lead = question.figures[0]
    return Finding(
        code=check.code,
        verdict=verdict,
        what=_sentence(question, verdict, shown, passed),
        printed=str(lead),
        expected=written(shown.expected, lead, shown.unit),
        units=first.units if verdict in ("impossible", "only under a convention") else 0.0,
        relative=_relative(first) if verdict in ("impossible", "only under a convention") else 0.0,
        passes_under=tuple(dict.fromkeys(trial.words for trial in passed if trial.words)),
        sure=_sure(check, question, rare=rare),
        ask=check.ask,
        figures=question.figures,
        label=question.label,
        needs_answer=needs_answer,
        share=shown.share,
    )


def _share(trial: Trial) -> float:
    """Return the share of a trial; where none is known, of one that fits as well as can be."""
    return 1.0 if math.isnan(trial.share) else trial.share


def _cannot_tell(check: Check, question: Question) -> Finding:
    lead = question.figures[0]
    what = f"{listed(question.figures)} cannot be held against each other."
    sure, nan = SURE[-1], math.nan
    return Finding(check.code, VERDICTS[-1], what, str(lead), "–", 0.0, nan, (), sure, check.ask,
                   question.figures, question.label)  # fmt: skip


def _verdict(passed: list[Trial]) -> str:
    if not passed:
        return "impossible"
    usual = [trial for trial in passed if trial.rank == "usual"]
    if not usual:
        return "only under a convention"
    return "only in a corner" if all(trial.corner for trial in usual) else "consistent"


def _sure(check: Check, question: Question, *, rare: bool) -> str:
    step = 2 if rare else 0 if check.arithmetic else 1
    trust = min((figure.confidence for figure in question.figures), default=1.0)
    step += 0 if trust >= UNSURE else 1 if trust >= DOUBTFUL else 2
    return SURE[min(step, len(SURE) - 1)]


def _relative(trial: Trial) -> float:
    size = max(abs(trial.printed.low), abs(trial.printed.high))
    gap = trial.printed.gap(trial.expected)
    return gap / size if size and math.isfinite(size) and math.isfinite(gap) else math.nan


def _sentence(question: Question, verdict: str, shown: Trial, passed: list[Trial]) -> str:
    lead, *others = question.figures
    given = listed(others, brief=True)
    expected = written(shown.expected, lead, shown.unit)
    if verdict == "consistent":
        return f"{lead.plain} agrees{' with ' + given if given else ''}."
    if verdict == "only in a corner":
        least = 100 / POINTS
        share = f"{100 * shown.share:.2g} %" if shown.share else f"less than {least:.1g} %"
        return f"{lead.plain} is right only for {share} of the numbers that are printed as {given}."
    about = f"{question.about}: " if question.about else ""
    if question.told:
        far = question.told.format(expected=expected, lead=lead.plain, given=given)
    elif shown.expected == shown.printed:
        far = f"{lead.plain} stands beside {given}" if given else lead.plain
    elif given:
        far = f"{lead.plain} is printed, but {given} would make it {expected}"
    else:
        far = f"{lead.plain} is printed"
    if shown.away and math.isfinite(shown.away) and expected in far:
        far += f" ({_apart(shown, lead)})"
    if verdict == "impossible":
        return f"{about}{far}."
    ways = " or if ".join(dict.fromkeys(trial.words for trial in passed if trial.words))
    return f"{about}{far}; it can be right only if {ways}."


def _apart(shown: Trial, figure: Figure) -> str:
    """Say how far a figure is from what rounding allows, in units of its last digit."""
    if FIGURES[figure.name].whole or figure.name in ("df", "df1", "df2"):
        return f"differs by {max(shown.away, 1):.0f}"
    units = shown.units
    if units < 0.1:
        return "less than 0.1 units of the last digit beyond rounding"
    far = f"{units:,.0f}" if units >= 9.95 else f"{units:.1f}".removesuffix(".0")
    return f"{far} {'unit' if far == '1' else 'units'} of the last digit beyond rounding"


def written(span: Span, figure: Figure, unit: float) -> str:
    """Write what a figure could be with a digit more than it has.

    Parameters
    ----------
    span : Span
        The numbers it could be.
    figure : Figure
        The figure, whose percent sign is kept.
    unit : float
        One unit of its last digit.

    Returns
    -------
    str
        A number, a range, or a bound.
    """
    percent = figure.printed.percent
    factor, sign = (100.0, "%") if percent else (1.0, "")
    digits = max(0, min(12, 1 - math.floor(math.log10(unit * factor))))
    kind = FIGURES[figure.name]
    ends = [x for x in (span.low, span.high) if math.isfinite(x)]
    whole = (kind.whole or span.low == span.high) and all(float(x).is_integer() for x in ends)
    digits = 0 if whole and not percent else digits

    def text(x: float) -> str:
        shown = f"{x * factor:.{digits}f}" if abs(x) < 1e9 else f"{x * factor:.3g}"
        if x and not float(shown):
            shown = f"{x * factor:.1g}"
        return shown.replace("-", "−") + sign

    lowest = max(kind.low, -1e9)
    highest = min(kind.high, 1e9)
    bounded = span.high - span.low > 0
    if bounded and span.low <= lowest and span.high >= highest:
        return "any number"
    if bounded and span.low <= lowest:
        return f"at most {text(span.high)}"
    if bounded and span.high >= highest:
        return f"at least {text(span.low)}"
    low, high = text(span.low), text(span.high)
    return low if low == high else f"{low} to {high}"
