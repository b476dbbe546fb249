"""What a secondary source prints, held against what the primary source prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metarel._format import fixed
from metarel.convert.path import convert
from metarel.evidence._cells import RULE, verdict_of
from metarel.evidence._readings import RATIOS, Reading, read_number, read_pair
from metarel.printed import STRICT, Printed, Share

if TYPE_CHECKING:
    from metarel.evidence._records import EvidenceFigure

AGREES = "agrees"
ROUNDED = "agrees after rounding"
CONVERTED = "agrees by conversion"
CORNER = "only in a corner"
DIFFERS = "differs"
WORDS = "words beside words"
NO_PRIMARY = "no primary figure"
#: From best to worst; the last two are no judgement.
QUOTE_VERDICTS = (AGREES, ROUNDED, CONVERTED, CORNER, DIFFERS, WORDS, NO_PRIMARY)

#: The ways between r and d that need no more than the number.
_RULES = {RULE: "2r/√(1 − r²)", "dichotomised": "dichotomised at the mean"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is said of one text against another.

    Parameters
    ----------
    verdict : str
        One of ``QUOTE_VERDICTS``.
    remark : str
        By how much, by which rule, for which part of the interval.
    gap : float or None
        Quoted minus primary where they differ as numbers.
    """

    verdict: str
    remark: str = ""
    gap: float | None = None


def compare(quoted: EvidenceFigure, primary: EvidenceFigure) -> Outcome:
    """Hold a quoted figure against a primary one of the same or a convertible quantity.

    Parameters
    ----------
    quoted, primary : EvidenceFigure
        The figures.

    Returns
    -------
    Outcome
        The verdict with its reason.
    """
    if quoted.quantity == "verdict":
        return _compare_verdicts(quoted.printed, primary.printed)
    if quoted.quantity == "ratio" and primary.quantity == "or":
        return _compare_ratio(quoted.printed, primary.printed)
    if {quoted.quantity, primary.quantity} == {"r", "d"}:
        return _compare_converted(quoted, primary)
    pairs = read_pair(quoted.printed), read_pair(primary.printed)
    if pairs[0] and pairs[1]:
        same = [q.value == p.value for q, p in zip(pairs[0], pairs[1], strict=True)]
        return Outcome(AGREES if all(same) else DIFFERS)
    numbers = read_number(quoted.printed), read_number(primary.printed)
    if numbers[0] is None or numbers[1] is None:
        return _compare_words(quoted.printed, primary.printed)
    outcome = compare_numbers(numbers[0], numbers[1])
    if quoted.quantity != primary.quantity:
        named = f"a {quoted.quantity} here, a {primary.quantity} in the review"
        return Outcome(outcome.verdict, _joined(outcome.remark, named), outcome.gap)
    return outcome


def compare_numbers(quoted: Reading, primary: Reading) -> Outcome:
    """Hold a quoted number against a primary one, digit by digit.

    Parameters
    ----------
    quoted, primary : Reading
        The numbers as printed.

    Returns
    -------
    Outcome
        ``"agrees"`` with the same digits (trailing zeros aside), ``"agrees after rounding"`` with
        fewer or more of them, else ``"differs"``, by how much.

    Examples
    --------
    >>> compare_numbers(read_number(".28"), read_number(".275")).verdict
    'agrees after rounding'
    """
    ours, theirs = quoted.number, primary.number
    if ours.value == theirs.value and ours.relation == theirs.relation:
        return Outcome(AGREES)
    if theirs.relation != "=" or ours.relation != "=":
        return _compare_bounds(quoted, primary)
    if theirs.digits > ours.digits and (reading := ours.reading(primary.value)) is not None:
        rule = reading if reading in STRICT else f"only {reading}"
        share = theirs.share(lambda x: x, ours)
        once = f"; rounded once it needs {_span(theirs, share)}" if 0 < share.share < 1 else ""
        return Outcome(ROUNDED, f"{theirs.text} is printed {ours.text} ({rule}){once}")
    if ours.digits > theirs.digits and theirs.reading(quoted.value) in STRICT:
        return Outcome(ROUNDED, f"more digits than the primary {theirs.text}, which they round to")
    gap = quoted.value - primary.value
    digits = max(ours.digits, theirs.digits)
    remark = f"by {fixed(abs(gap), digits)} {'more' if gap > 0 else 'less'}"
    if quoted.value == -primary.value:
        remark = "the same but for the sign"
    return Outcome(DIFFERS, remark, gap)


def _compare_bounds(quoted: Reading, primary: Reading) -> Outcome:
    """Judge where at least one of the numbers is a bound."""
    fits = primary.number.contains(quoted.value)
    if quoted.about and quoted.value == primary.value:
        return Outcome(ROUNDED, f"about the bound that is printed ({primary.number.text})")
    if fits and quoted.number.relation == "=":
        return Outcome(AGREES, f"within the printed bound ({primary.number.text})")
    return Outcome(DIFFERS, f"not within {primary.number.text}", quoted.value - primary.value)


def _compare_verdicts(quoted: str, primary: str) -> Outcome:
    """Hold two verdicts against each other."""
    ours, theirs = verdict_of(quoted), verdict_of(primary)
    if not ours:
        return Outcome(WORDS, "not one of the task force's levels")
    return Outcome(AGREES if ours == theirs else DIFFERS)


def _compare_words(quoted: str, primary: str) -> Outcome:
    """Texts agree if the words of one are all in the other; else nothing is judged."""
    ours, theirs = ({*text.lower().replace("-", " ").split()} for text in (quoted, primary))
    return Outcome(AGREES) if ours <= theirs or theirs <= ours else Outcome(WORDS)


def _compare_converted(quoted: EvidenceFigure, primary: EvidenceFigure) -> Outcome:
    """Hold a quoted d against a primary r, or the other way round, rule by rule."""
    numbers = read_number(quoted.printed), read_number(primary.printed)
    if numbers[0] is None or numbers[1] is None:
        return Outcome(WORDS)
    ours, theirs = numbers[0].number, numbers[1].number
    said = _said(primary.quantity, theirs, quoted.quantity)
    for rule, formula in _RULES.items():
        function = _function(primary.quantity, quoted.quantity, rule)
        if ours.contains(function(numbers[1].value)):
            return Outcome(CONVERTED, f"{said} by {formula}" if rule == RULE else f"by {formula}")
        share = theirs.share(function, ours)
        if share.share:
            return Outcome(CORNER, f"{said}; {ours.text} by {formula} needs {_span(theirs, share)}")
    gap = numbers[0].value - _function(primary.quantity, quoted.quantity)(numbers[1].value)
    return Outcome(DIFFERS, f"{said}, not {ours.text}", gap)


def inner_conversion(quoted: EvidenceFigure, beside: EvidenceFigure) -> str:
    """Say whether a quoted d goes with the r that the same source quotes.

    Parameters
    ----------
    quoted, beside : EvidenceFigure
        A d and an r of one source.

    Returns
    -------
    str
        A clause; empty where the d of that r is printed so.
    """
    ours, theirs = read_number(quoted.printed), read_number(beside.printed)
    if ours is None or theirs is None:
        return ""
    if ours.number.contains(_function("r", "d")(theirs.value)):
        return ""
    share = theirs.number.share(_function("r", "d"), ours.number)
    value = _function("r", "d")(theirs.value)
    said = (
        f"but the d of {theirs.number}, the r that the source itself prints, is {fixed(value, 3)} "
        f"and is printed {_like(ours.number, value)}"
    )
    if share.share == 0:
        return said
    return f"{said}; {ours.number.text} needs {_span(theirs.number, share)}"


def _said(source: str, number: Printed, target: str) -> str:
    value = _function(source, target)(float(number.value or 0))
    return f"{target} of {number.text} is {fixed(value, 3)}"


def _like(printed: Printed, value: float) -> str:
    """Return a number with as many decimals as a printed one, and a zero before them if it has."""
    text = fixed(value, printed.digits)
    return text.removeprefix("0") if printed.text.startswith(".") else text


def _span(whole: Printed, share: Share) -> str:
    return f"{whole.text} in {share}"


def _function(source: str, target: str, rule: str = RULE) -> Callable[[float], float]:
    return lambda x: float(convert(x, source, target, rule=rule))  # type: ignore[arg-type]


def control_rate(odds_ratio: float, risk_ratio: float) -> float:
    """Return the control group's risk at which an odds ratio is a given risk ratio.

    Parameters
    ----------
    odds_ratio, risk_ratio : float
        On the same side of 1, the odds ratio farther from it.

    Returns
    -------
    float
        (1 − OR/RR) / (1 − OR), from RR = OR / (1 − p + p OR) [zhang1998].

    References
    ----------
    [zhang1998]

    Examples
    --------
    >>> round(control_rate(0.59, 2 / 3), 3)
    0.28
    """
    return (1 - odds_ratio / risk_ratio) / (1 - odds_ratio)


def _compare_ratio(quoted: str, primary: str) -> Outcome:
    """Hold a ratio in words against an odds ratio: at which risk it would be the risk ratio."""
    ratio, number = RATIOS.get(quoted.strip().lower()), read_number(primary)
    if ratio is None or number is None:
        return Outcome(WORDS)
    rates = sorted(control_rate(end, ratio) for end in (number.number.low, number.number.high))
    if not 0 < rates[0] < rates[1] < 1:
        return Outcome(DIFFERS, f"no control rate makes OR {primary} a risk ratio of {ratio:.2f}")
    middle = control_rate(number.value, ratio)
    return Outcome(
        CORNER,
        f"OR {primary} is {100 * (1 - number.value):.0f} % lower odds; a risk ratio of {ratio:.2f} "
        f"only where {100 * middle:.0f} % of the controls have the event "
        f"({100 * rates[0]:.0f} to {100 * rates[1]:.0f} %)",
    )


def best(outcomes: Sequence[Outcome]) -> int:
    """Return the place of the outcome that agrees most, the first among equals.

    Parameters
    ----------
    outcomes : sequence of Outcome
        At least one.

    Returns
    -------
    int
        Its place.
    """
    return min(range(len(outcomes)), key=lambda i: QUOTE_VERDICTS.index(outcomes[i].verdict))


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
