"""What the words about a statistic say it is of: heterogeneity, another test, a level, a result."""

from __future__ import annotations

import re
from collections.abc import Iterable

from metarel.printed import Printed

_HETEROGENEITY = re.compile(r"\b(?:heterogen|homogen)", re.I)
#: Words before a test or a p-value that make it another one than that of the effect, or of Q.
OTHER_THAN_Q = re.compile(
    r"\b(?:egger|begg|mazumdar|kendall|rank[- ](?:correlation|test)|stouffer"
    r"|funnel|asymmetr|publication bias|small[- ]stud"
    r"|interact|sub-?group|moderat|modif|(?:meta-)?regress|trend|covariate|omnibus"
    r"|differences? (?:between|among|across)|combined [zZ]?$"
    r"|(?:not|n't|no)(?: \w+)? (?:differ|vary|varied|depend)|differed|varied|vs\.?|versus)",
    re.I,
)
#: Figures of heterogeneity that may have limits of their own, so many characters behind them.
_WITH_LIMITS, _RIGHT_BEHIND = ("I2", "H2", "tau2", "tau", "Q"), 14
#: Words before a z that make it the test of the effect of the sentence before.
OVERALL = re.compile(r"\boverall effect|\btest (?:for|of) (?:the )?(?:\w+ )?effect", re.I)
#: Words before Q that make it one of other studies than those of the effect before it.
_OTHER_STUDIES = re.compile(
    r"\b(?:after (?:the )?(?:delet|trim|adjust|correct)|without|exclu|remov|omitt|omission|outlier"
    r"|sensitivity|remaining|residual|sub-?(?:group|set|sample)|trim-and-fill|meta-regression"
    r"|(?:low|high)(?:er)? risk of bias)"
    r"|^\W*(?:For|Among|Within|In|As for|With regard to) (?!(?:this|the|these|all|our|both|total"
    r"|addition|contrast|general|particular|fact|terms|sum|line|other words|most|heterogen)\b)"
)
_OTHER_COUNT = re.compile(
    r"\b(?:exclud|remov|omit|imput|dropp|delet|trimm|lost|missing|duplicat|fill)\w*"
    r"(?: (?:the|these|of|another))?(?: [a-z-]+){0,2} ?$",
    re.I,
)
#: So far from a chi-square may stand the I2 or tau2 that tells that it is Q.
CLOSE = 60
_LEVEL = re.compile(r"(?P<level>[Ll]evel[-_ ]?[23]|\bL[23]\b|(?:within|between)(?=$|[- )_}]))")
_LEVEL_BEHIND = re.compile(
    r" ?(?:,|\()? ?(?:(?:at|for|on|of|due to|was) )?(?:the )?"
    r"(?P<level>[Ll]evel[- ]?[23]|(?:within|between)[- ](?:stud(?:y|ies)|clusters?))"
)
_LEVEL_BEFORE = re.compile(
    r"(?P<level>[Ll]evel[- ][23]|(?:within|between)[- ](?:stud(?:y|ies)|clusters?))"
    r"(?: heterogeneity| variance)?(?:,|:| was| is| of)? ?\(?$"
)


def other_test(before: str) -> bool:
    """Tell whether the words before a test make it another one than that of the effect."""
    return bool(OTHER_THAN_Q.search(before) or _HETEROGENEITY.search(before))


def of_other_studies(words: str) -> bool:
    """Tell whether the words of a sentence before Q say that it is of other studies."""
    return bool(_OTHER_STUDIES.search(words))


def of_other_count(words: str) -> bool:
    """Tell whether the words before a count say that its studies are not those of the effect."""
    return bool(_OTHER_COUNT.search(words))


def has_limits(following: str, between: str) -> bool:
    """Tell whether the statistic right behind a percentage is its confidence interval."""
    return following == "ci" and len(between) <= _RIGHT_BEHIND and not re.search(r"[);]", between)


def limits_of(kind: str, share: Printed, limits: tuple[Printed, ...], between: str) -> bool:
    """Tell whether limits right behind a figure of heterogeneity are about it.

    Parameters
    ----------
    kind : str
        The kind of the figure.
    share, limits : Printed
        Its number, and the two limits.
    between : str
        The characters between them.
    """
    close = len(between) <= _RIGHT_BEHIND and not re.search(r"[)\];]", between)
    if not close or kind not in _WITH_LIMITS or share.percent != limits[1].percent:
        return False
    numbers = (limits[0].value, share.value, limits[1].value)
    low, value, high = (None if number is None else float(number) for number in numbers)
    inside = low is not None and value is not None and high is not None and low <= value <= high
    return share.percent or inside


def is_heterogeneity(before: str, near: Iterable[tuple[str, int]]) -> bool:
    """Tell whether a chi-square is Cochran's Q: it is called so, or stands with I2 or tau2.

    Parameters
    ----------
    before : str
        The words between it and the statistic before it.
    near : iterable of (str, int)
        The kinds of the statistics about it, and how many characters away each is.
    """
    if _HETEROGENEITY.search(before):
        return True
    if OTHER_THAN_Q.search(before):
        return False
    return any(kind in ("I2", "tau2") and far <= CLOSE for kind, far in near)


def level_of(name: str, inside: str, before: str, behind: str) -> str:
    """Return which level of a three-level model an I2 or a tau2 is of; empty where none is said.

    Parameters
    ----------
    name, inside : str
        Its symbol as it stands, and the number in brackets behind it.
    before, behind : str
        The characters about the whole statistic.
    """
    if inside in ("2", "3"):
        return f"level {inside}"
    found = _LEVEL.search(name) or _LEVEL_BEFORE.search(before) or _LEVEL_BEHIND.match(behind)
    if found is None:
        return ""
    digit = re.search(r"[23]$", found["level"])
    return f"level {digit[0]}" if digit else re.split(r"[- ]", found["level"].lower())[0]
