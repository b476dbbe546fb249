"""The one read-only register: codes to declarations, with a helpful look-up."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, Protocol, TypeVar

from metarel.errors import InputError

#: What stands between the parts of a name, and is typed one way or another.
SEPARATORS = frozenset(" _-–‐")


class HasCode(Protocol):
    """Anything that can stand in a register: it knows its own code."""

    @property
    def code(self) -> str:
        """The name users type."""
        ...


Entry = TypeVar("Entry", bound=HasCode)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'X'?`` for the nearest known word, or an empty string."""
    known = list(known)
    by_lower = {name.lower(): name for name in known}
    exact = by_lower.get(word.lower())
    near = [exact] if exact else difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f" Did you mean '{by_lower[near[0].lower()]}'?" if near else ""


def _folded(word: str) -> str:
    """Return a word in one case, without what is between the parts of a name."""
    return "".join(letter for letter in word.casefold() if letter not in SEPARATORS)


def one_of(argument: str, known: Iterable[str], came: object) -> str:
    """Return the one sentence for a word that is none of those known."""
    known = list(known)
    listed = ", ".join(repr(name) for name in known)
    hint = did_you_mean(came, known) if isinstance(came, str) else ""
    return f"`{argument}` must be one of {listed}; got {came!r}.{hint}"


class Register(Mapping[str, Entry], Generic[Entry]):
    """A frozen mapping from code to declaration.

    Parameters
    ----------
    argument : str
        The argument by which users name an entry; error messages quote it.
    entries : iterable
        Declarations, each with a ``code``; codes must be unique.
    aliases : mapping of str to str, optional
        Other accepted words and the code each stands for.
    any_case : bool
        Whether a code may be written with other capitals.
    refusal : callable, optional
        ``refusal(came)`` gives the message for a word that is no code; a list of all codes
        unless given.

    Raises
    ------
    InputError
        On look-up of an unknown code; the message lists the codes and the nearest one.

    Notes
    -----
    A word is also found in another case, and by the name that output prints ("Knapp-Hartung" for
    "knha"), where only one entry is called so. ``in`` asks for the exact codes and aliases.
    """

    def __init__(
        self,
        argument: str,
        entries: Iterable[Entry],
        aliases: Mapping[str, str] | None = None,
        *,
        any_case: bool = False,
        refusal: Callable[[object], str] | None = None,
    ) -> None:
        self.argument = argument
        self._entries: dict[str, Entry] = {}
        for entry in entries:
            if entry.code in self._entries:
                raise ValueError(f"code {entry.code!r} stands twice in the register of {argument}")
            self._entries[entry.code] = entry
        self._aliases = dict(aliases or {})
        self._refusal = refusal
        words = {code: code for code in self._entries} | self._aliases
        self._folded = {word.lower(): code for word, code in words.items()} if any_case else {}

    def _find(self, code: object) -> Entry | None:
        if not isinstance(code, str):
            return None
        exact = self._entries.get(self._aliases.get(code, code))
        return exact or self._entries.get(self._folded.get(code.strip().lower(), ""))

    def __getitem__(self, code: str) -> Entry:
        found = self._find(code)
        if found is None:
            found = self._by_other_spelling(code)
        return found

    def _by_other_spelling(self, word: object) -> Entry:
        """Return the one entry whose code, alias or name is the word but for case and marks."""
        if isinstance(word, str) and (wanted := _folded(word)):
            codes = {self._aliases.get(code, code) for code in (*self._entries, *self._aliases)
                     if _folded(code) == wanted}  # fmt: skip
            names = {code for code, entry in self._entries.items()
                     if _folded(str(getattr(entry, "name", ""))) == wanted}  # fmt: skip
            for found in (codes, names):
                if len(found) == 1:
                    return self._entries[found.pop()]
        refuse = self._refusal
        raise InputError(refuse(word) if refuse else one_of(self.argument, self._entries, word))

    def __contains__(self, code: object) -> bool:
        return self._find(code) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def aliases(self) -> tuple[str, ...]:
        """Return the other accepted words."""
        return tuple(self._aliases)

    def __repr__(self) -> str:
        return f"Register({self.argument}: {', '.join(self._entries)})"
