"""Which column of a table is which input, guessed from the names that columns have elsewhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import cache

from metarel._checks import LABEL_COLUMNS
from metarel.effects._column_names import ABROAD, GROUP, LABELS, LETTERS, MARKS, NAMES, OF_GROUPS
from metarel.effects.register import MEASURES

#: What stands where no measure is known.
UNKNOWN = ""
#: Measures that are tried on a table of unknown kind, the surest first.
TRIED = ("SMD", "OR", "ZCOR", "PLO", "IRR", "GEN", "MN")
#: Inputs by which a measure is known although another of its inputs is not found.
TELLING = {"ZCOR": ("r",), "SMD": ("m1", "m2"), "OR": ("events1", "events2")}


def flat(name: str) -> str:
    """Return a name without case, accents, blanks and punctuation.

    Examples
    --------
    >>> flat("Group-A Mean"), flat("Écart type")
    ('groupamean', 'ecarttype')
    """
    parts = unicodedata.normalize("NFKD", str(name).casefold())
    return re.sub(r"[\W_]+", "", "".join(c for c in parts if not unicodedata.combining(c)))


@cache
def names_of(word: str) -> tuple[str, ...]:
    """Return the names that a column of an input word has elsewhere, flat, the surest first."""
    return tuple(dict.fromkeys((*NAMES.get(word, ()), *ABROAD.get(word, ()), *_grouped(word))))


def _grouped(word: str) -> Iterator[str]:
    """Make the names of what a group has: the group marked behind what it has, or before."""
    stem, group = word[:-1], word[-1:]
    if group not in MARKS:
        return
    numbered = [*(f"{call}{sign}" for call in GROUP for sign in (group, LETTERS[group]))]
    around = [f"{mark}{call}" for mark in MARKS[group] for call in GROUP]
    around += [f"{call}{mark}" for mark in MARKS[group] for call in GROUP]
    whole = (*MARKS[group], *numbered, *around)
    for name in OF_GROUPS.get(stem, ()):
        yield f"{name}{group}"
        yield from (f"{name}{mark}" for mark in whole)
        yield from (f"{mark}{name}" for mark in whole)


def guess_words(
    words: Iterable[str], columns: Iterable[str], measure: str = UNKNOWN
) -> dict[str, str]:
    """Return the column that each input word most likely means; no column twice.

    Parameters
    ----------
    words : iterable of str
        Input words.
    columns : iterable of str
        Names of the columns of a table.
    measure : str
        Code of the measure, whose design says what metafor calls its inputs.

    Returns
    -------
    dict of str to str
        Word to column, of words that have one.

    Examples
    --------
    >>> guess_words(("m1", "sd1", "n1"), ["SD treat", "M treat", "N treat", "N ctrl"])
    {'m1': 'M treat', 'sd1': 'SD treat', 'n1': 'N treat'}
    """
    columns = list(columns)
    by_flat: dict[str, str] = {}
    for column in columns:
        by_flat.setdefault(flat(column), column)
    metafor = MEASURES[measure].design.metafor if measure else {}
    found: dict[str, str] = {word: word for word in words if word in columns}
    for word in words:
        if word in found:
            continue
        for name in (word, metafor.get(word, ""), f"{word}i", *names_of(word)):
            match = by_flat.get(flat(name)) if name else None
            if match is not None and match not in found.values():
                found[word] = match
                break
    return {word: found[word] for word in words if word in found}


def guess_reported(
    words: Collection[str], columns: Iterable[str], measure: str = UNKNOWN
) -> dict[str, str]:
    """Return the columns of what papers report, as ``guess_words``.

    A correlation by another name counts where the measure is made of one: beside the numbers of
    two groups it may be that of two measurements, and no effect.
    """
    columns = list(columns)
    taken = MEASURES[measure].inputs if measure else ()
    sure = [word for word in words if word != "r" or "r" in taken or "r" in columns]
    return guess_words(sure, columns, measure)


def guess_way(measure: str, columns: Iterable[str]) -> tuple[str, ...]:
    """Return the set of input words of a measure of which most columns are there."""
    names = list(columns)

    def there(way: tuple[str, ...]) -> float:
        return len(guess_words(way, names, measure)) / len(way)

    return max(MEASURES[measure].ways, key=there)


def guess_measure(columns: Iterable[str]) -> str:
    """Return the measure whose inputs are there, all or those that tell it; else ``UNKNOWN``."""
    names = list(columns)
    for code in TRIED:
        for way in MEASURES[code].ways:
            if len(guess_words(way, names, code)) == len(way) and _speaks_for(code, way):
                return code
    for code, words in TELLING.items():
        if len(guess_words(words, names, code)) == len(words):
            return code
    return UNKNOWN


def _speaks_for(code: str, way: tuple[str, ...]) -> bool:
    """Tell whether a set of inputs is one that only this measure is made of."""
    return way == MEASURES[code].inputs or code in ("OR", "GEN")


def guess_labels(columns: Iterable[str]) -> str:
    """Return the column that names studies; empty where none does."""
    by_flat: dict[str, str] = {}
    for column in columns:
        by_flat.setdefault(flat(column), column)
    known = (*map(flat, LABEL_COLUMNS), *LABELS)
    return next((by_flat[name] for name in known if name in by_flat), "")
