"""Numbers as they are printed, and their one plain form."""

from __future__ import annotations

import re

from metarel.printed import Printed

#: Powers of ten that leave a number within the digits that `Printed` takes.
_POWER = r"(?:2[0-7][0-9]|1?[0-9]{1,2})(?![0-9])"
_EXPONENT = rf"(?: ?x ?10 ?\^?\{{? ?[-–]? ?{_POWER}\}}?|[eE][-–+]?{_POWER})?"
#: What must not follow a number: more of it.
_WHOLE = r"(?![0-9]|[.,][0-9]|[eE][-–+]?[0-9]| ?x ?10 ?\^)"
_POINT = (
    r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4}(?:\.[0-9]{1,12})?|[0-9]{1,12}(?:\.[0-9]{1,12})?"
    r"|\.[0-9]{1,12})"
)
_COMMA = r"(?:0?,[0-9]{1,12}|[1-9][0-9]{0,4},(?:[0-9]{1,2}|[0-9]{4,12})(?![0-9]))"
SIGN = r"(?:[-–+] ?(?=[0-9.,]))?"
PERCENT = r"(?: ?%| percent\b| per cent\b)?"

#: A number with a decimal point, or a whole one.
POINT = rf"{SIGN}{_POINT}{_EXPONENT}{_WHOLE}{PERCENT}"
#: A number with a decimal comma: 0,28 and ,28 and 3,2 but not 3,290.
COMMA = rf"{SIGN}{_COMMA}{_EXPONENT}{_WHOLE}{PERCENT}"
#: Either.
NUMBER = rf"(?:{COMMA}|{POINT})"
#: A whole number; thousands apart by comma, space or point.
COUNT = (
    r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4}|[0-9]{1,3}(?: [0-9]{3}){1,4}(?![0-9%])"
    r"|[0-9]{1,3}(?:\.[0-9]{3}){1,4}|[0-9]{1,12}(?:\.0{1,2})?)(?![0-9%]|[.,][0-9]| ?%)"
)
#: Degrees of freedom may have decimals.
DF = r"[0-9]{1,7}(?:\.[0-9]{1,4})?"

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = {word: value for value, word in enumerate(_UNITS)}
_VALUES |= {word: 10 * value for value, word in enumerate(_TENS, 2)}
_SMALL = (
    rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_UNITS[1:10])}))?|{'|'.join(_UNITS[1:][::-1])})"
)
#: A whole number in words, up to 999 999.
WORDS = (
    rf"(?:(?:{_SMALL} thousand(?:,? (?:and )?)?)?(?:{_SMALL}|a) hundred(?:(?: and)? {_SMALL})?"
    rf"|{_SMALL}(?: thousand)?)"
)

#: Words for a bound, and its sign.
BOUNDS = {
    **dict.fromkeys(
        ("more than", "over", "greater than", "above", "exceeding", "larger than"), ">"
    ),
    **dict.fromkeys(("less than", "fewer than", "below", "under", "smaller than"), "<"),
    **dict.fromkeys(("at least",), "≥"),
    **dict.fromkeys(("at most", "up to", "no more than"), "≤"),
}
BOUND = rf"(?:{'|'.join(sorted(BOUNDS, key=len, reverse=True))})"


def plain_number(text: str) -> str:
    """Return a number in the form that ``Printed`` reads: a hyphen, a point, no thousands."""
    number = re.sub(r" ?(?:%|per ?cent)$", "%", text.strip())
    number = re.sub(r"^([-–+]) ?", r"\1", number).replace("–", "-").removeprefix("+")
    power = re.fullmatch(r"(.*?) ?x ?10 ?\^?\{? ?([-]? ?[0-9]{1,3})\}?", number)
    if power:
        number = f"{power[1]}e{power[2].replace(' ', '')}"
    if re.fullmatch(COMMA, number):
        number = number.replace(",", ".")
    return number


def plain_count(text: str) -> str:
    """Return a whole number, with a comma between thousands where something stood there."""
    number = text.strip()
    if re.fullmatch(r"[0-9]{1,3}(?:[ .][0-9]{3}){1,4}", number):
        number = re.sub(r"[ .]", ",", number)
    return number


def number_of_words(text: str) -> int:
    """Return the value of a number in words that ``WORDS`` matches."""
    total, part = 0, 0
    for word in re.findall(r"[a-z]+", text.lower()):
        if word == "hundred":
            part = (part or 1) * 100
        elif word == "thousand":
            total, part = (part or 1) * 1000, 0
        else:
            part += _VALUES.get(word, 0)
    return total + part


def printed(text: str, sign: str = "") -> Printed:
    """Return a printed number, with the sign of a bound before it."""
    return Printed(f"{sign}{text}")
