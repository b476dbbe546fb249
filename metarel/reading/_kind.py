"""What a kind of statistic is, and what it can be within a result."""

from __future__ import annotations

from dataclasses import dataclass

from metarel._vocabulary import ANY, Domain

#: What a kind is within a result.
ROLES = {
    "estimate": "an effect; a second one of the same kind is another result",
    "interval": "limits about the estimate before it",
    "test": "a statistic with its null distribution",
    "p": "a p-value of the statistic before it",
    "heterogeneity": "of the studies behind an estimate; may stand in the sentence after it",
    "count": "a number of studies, effects or people",
    "spread": "an SE, an SD, a mean",
    "share": "a percentage, or a count of a total",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of statistic.

    Parameters
    ----------
    code : str
        The word in ``Statistic.kind``.
    name : str
        What it is.
    role : str
        A key of ``ROLES``.
    symbols : tuple of str
        Regular expressions of its signs, in plain characters; one of ``= < >``, a colon or a verb
        must follow.
    words : tuple of str
        The same for words and abbreviations after which the number may follow at once.
    domain : Domain
        Values it can have; others are read with lower confidence.
    df : int
        How many degrees of freedom may stand in brackets behind the symbol.
    subscript : bool
        Whether they may also stand right behind it: ``t45``.
    percent : bool
        Whether a number above 1 without a percent sign is one that lost it.
    written : tuple of str
        Usual ways to print it, ``{}`` for the number: examples, and tested.
    """

    code: str
    name: str
    role: str
    symbols: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    domain: Domain = ANY
    df: int = 0
    subscript: bool = False
    percent: bool = False
    written: tuple[str, ...] = ()
