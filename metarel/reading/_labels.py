"""What a statistic is called by the words before it: a noun phrase, or nothing."""

from __future__ import annotations

import re

_CLAUSE = re.compile(r"[.;:,()\[\]\n]")
_LEADING = re.compile(
    r"^(?:and|or|for|the|with|in|of|was|were|is|a|an|by|to|from|but|whereas|while|when|as|at|on|that|which"
    r"|also|then|thus|here|our|their|its|this|these|those|after|among|across|within|between|because"
    r"|if|where|we|it|they|there|not|vs\.?|versus|larger|smaller"
    r"|higher|lower|stronger|weaker|similar)(?: |$)",
    re.I,
)
_TRAILING = re.compile(
    r" ?\b(?:was|were|is|are|be|been|of|at|by|with|had|has|have|from|and|or|a|an|the|over|in|on|to"
    r"|for|as|that|which|only|also|about|approximately|significantly|significant|not|respectively"
    r"|equal|standardi[sz]ed|its|their|our|this|these|observed|estimated at|both)$",
    re.I,
)
#: A verb parts what is spoken of from what is said of it.
_VERB = re.compile(
    r"\b(?:gave|gives?|given|show(?:ed|s|n)?|yield(?:ed|s|ing)?|produc(?:ed?|es|ing)|reveal(?:ed|s|ing)?"
    r"|indicat(?:ed?|es|ing)|result(?:ed|s|ing)|reduc(?:ed?|es|ing)|increas(?:ed|es|ing)"
    r"|decreas(?:ed|es|ing)|attenuat(?:ed|es|ing)|lower(?:ed|s|ing)|raised|raising|finds?|found|reach(?:ed|es)"
    r"|was|were|is|are|remain(?:ed|s)|became|correlat(?:ed|es)|predict(?:ed|s)|averag(?:ed|es)"
    r"|detect(?:ed|s)?|report(?:ed|s|ing)|obtain(?:ed|s|ing)|led|leads|suggest(?:ed|s|ing)|favou?r(?:ed|s|ing)"
    r"|imput(?:ed?|es|ing)|differ(?:ed|s)|varied|varies|explain(?:ed|s)|account(?:ed|s)|moderat(?:ed|es)"
    r"|chang(?:ed|es)|dropped|fell|rose|rang(?:ed|es|ing)|exceed(?:ed|s)|amount(?:ed|s|ing)|came|seem(?:ed|s)"
    r"|appear(?:ed|s)|used|using|assum(?:ed?|es|ing)|includ(?:ed|es|ing)|estimated|calculated|computed|had|has"
    r"|have|tested|emerged|improved|associated|related|shrank|adjust(?:ed|s|ing) for)\b",
    re.I,
)
#: Words of a change of metric; what stands before them names the effect that was changed.
_CONVERSION = re.compile(
    r"\b(?:equivalent|equals?|equalled|equaling|correspond(?:s|ed|ing)?|converted|translat(?:es|ed|ing)"
    r"|i\.e|that is|log|ln|transformed|back-transformed)\b", re.I,
)  # fmt: skip
#: Words behind a statistic that part what is said of it from what is said of the next.
_NEXT = re.compile(r"\b(?:and|but|whereas|while|versus|vs)\b", re.I)
#: Phrases that name a method, not an effect.
_METHOD = re.compile(
    r"\b(?:estimators?|methods?|formula|rule|criterion|power|threshold|alpha)\b", re.I
)
_EMPTY = re.compile(
    r"^(?:corrected|adjusted|effect sizes?|values?|estimates?|mean|results?|data|test|we"
    r"|it|they|there|this|that|these|those|which|who|all|each|both|one|overall|only|thus|not|[ivxp])$",
    re.I,
)
_WORDS = 8
_REACH = 100


def label_before(text: str, start: int, floor: int) -> str:
    """Return the noun phrase before a statistic, up to the clause or the statistic before.

    Parameters
    ----------
    text : str
        The plain text.
    start, floor : int
        Where the statistic begins and the one before it ended.

    Returns
    -------
    str
        Empty where the words are no noun phrase: numbers, verbs, methods, changes of metric.
    """
    before = text[max(floor, start - _REACH) : start].rstrip(" ([{=:,")
    clause = _CLAUSE.split(before)[-1]
    if floor and clause == before:  # "= 0.4 for men and larger for women, g"
        clause = _NEXT.split(clause, maxsplit=1)[-1]
    clause = clause.strip(" -–'\"*|")
    if _CONVERSION.search(clause) or _METHOD.search(clause):
        return ""
    parts = [_trimmed(part) for part in _VERB.split(clause)]
    parts = [part for part in parts if part and not _EMPTY.match(part)]
    return parts[0] if parts and not re.search(r"(?<![\w-])[0-9]", parts[0]) else ""


def _trimmed(phrase: str) -> str:
    """Return a phrase without the small words and signs at its ends."""
    label = " ".join(phrase.split()[-_WORDS:])
    while (shorter := _TRAILING.sub("", _LEADING.sub("", label)).strip(" -–")) != label:
        label = shorter
    return label if re.search(r"[^\W\d]{2}", label) else ""
