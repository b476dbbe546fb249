"""Whose df and p are where figures come by name: those of Q where no other test is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metarel._format import listing
from metarel.coherence._figures import EFFECTS
from metarel.coherence._read import word_of

#: The names of df and p of each Q.
_OF = {
    "Q": {"df": "Q_df", "p": "Q_p"},
    "Q_between": {"df": "df_between", "p": "p_between"},
    "Q_within": {"df": "df_within", "p": "p_within"},
}
#: Figures whose df or p they may be instead.
_OTHERS = {
    "df": ("t", "F", "chi2", "estimate", *EFFECTS),
    "p": ("t", "F", "chi2", "z", "estimate", "ci", "ci_low", *EFFECTS),
}


def owned(figures: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return figures with df and p named as those of Q where they can be no others', and a note.

    Parameters
    ----------
    figures : mapping of str to figure
        As given.

    Returns
    -------
    tuple of (dict, list of str)
        The figures; what was assumed, or how to say what was not.
    """
    words = {name: word_of(name, lenient=True) for name in figures}
    there = {word for name, word in words.items() if figures[name] is not None}
    tests = [Q for Q in _OF if Q in there]
    if len(tests) != 1:
        return dict(figures), []
    (Q,) = tests
    renamed, unclear = {}, []
    for name, word in words.items():
        own = _OF[Q].get(word or "")
        if own is None or own in there or figures[name] is None:
            continue
        if there.isdisjoint(_OTHERS[str(word)]):
            renamed[name] = own
        else:
            unclear.append(f"{name} is taken for that of the effect; if it is {Q}'s, name it {own}")
    notes = []
    if renamed:
        taken = listing([f"{name} is taken for {own}" for name, own in renamed.items()])
        notes.append(f"{taken}: no other test is given than {Q}.")
    if unclear:
        notes.append(f"{', '.join(unclear)}.")
    return {renamed.get(name, name): value for name, value in figures.items()}, notes
