"""The colours of the figures: two themes, safe for colour-blind readers and in grey print."""

from __future__ import annotations

from dataclasses import dataclass

from metarel._register import Register


@dataclass(frozen=True, slots=True)
class Theme:
    """What each kind of mark is painted with.

    Studies are blue and what is inferred from them vermilion, a pair that every common form of
    colour blindness tells apart; within a figure the shapes differ too, so that grey print
    loses nothing.

    Parameters
    ----------
    code : str
        The word users type.
    paper, ink, muted, rule : str
        Background, text, secondary text, and thin lines.
    study, interval : str
        The mark of a study's estimate, and the line of its interval drawn over it.
    summary, pale : str
        The mark of a pooled result, and the softer one of fitted and predicted values.
    shades : tuple of str
        Areas, from the inmost outwards.
    """

    code: str
    paper: str
    ink: str
    muted: str
    rule: str
    study: str
    interval: str
    summary: str
    pale: str
    shades: tuple[str, ...]


THEMES: Register[Theme] = Register(
    "theme",
    [
        Theme(
            code="light",
            paper="#ffffff",
            ink="#16191d",
            muted="#59636e",
            rule="#aeb6be",
            study="#7fa8cf",
            interval="#173f66",
            summary="#c2491d",
            pale="#f3bfa2",
            shades=("#ffffff", "#c9d1d9", "#dde2e8", "#eef1f4"),
        ),
        Theme(
            code="dark",
            paper="#14181d",
            ink="#eceff2",
            muted="#a3adb8",
            rule="#4d5761",
            study="#3f78ad",
            interval="#c4def5",
            summary="#f28c52",
            pale="#7d4527",
            shades=("#14181d", "#3a434d", "#2c343c", "#20262d"),
        ),
    ],
)
