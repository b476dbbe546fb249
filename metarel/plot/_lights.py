"""Risk of bias as traffic lights that are read in grey too, with the key below the plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metarel._register import Register, one_of
from metarel.errors import InputError
from metarel.plot import _atoms as atoms
from metarel.plot._rows import column_of
from metarel.plot._text import Column, text_width, wrap

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from metarel._lazy import pd
    from metarel.plot._sheet import Entry, Paper
    from metarel.plot._theme import Theme

RISK = "Risk of bias"
SHORT = 7  # characters of a name that stands over its column as it is
# In ems:
KEY = 0.9  # size of the key
LEADING = 1.35
ABOVE = 0.6
DOT = 1.15  # a light
AFTER_DOT = 0.95
BESIDE = 0.95  # from the middle of a light to its words
AFTER_WORDS = 1.6


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of a study in one domain.

    Parameters
    ----------
    code : str
        What it is called.
    sign : str
        What stands in the light.
    colour, ink : str
        Of the light and of the sign.
    words : tuple of str
        Other ways of writing it.
    """

    code: str
    sign: str
    colour: str
    ink: str
    words: tuple[str, ...] = ()


#: Colours differ in lightness too, so that the signs are a second way to tell them apart.
JUDGEMENTS: Register[Judgement] = Register(
    "bias",
    [
        Judgement("low", "+", "#3f9d6d", "#ffffff", ("+", "low risk", "l")),
        Judgement(
            "some concerns",
            "?",
            "#f4cf58",
            "#16191d",
            ("some", "moderate", "moderate risk", "some concern", "s", "m"),
        ),
        Judgement("unclear", "?", "#f4cf58", "#16191d", ("?", "unclear risk", "u")),
        Judgement(
            "high",
            "−",
            "#b5352b",
            "#ffffff",
            ("-", "−", "–", "high risk", "serious", "serious risk", "h"),
        ),
        Judgement("critical", "!", "#6f1410", "#ffffff", ("!", "critical risk", "c")),
        Judgement(
            "no information", "", "#b9c0c7", "#16191d", ("ni", "none", "not applicable", "na")
        ),
    ],
)
_WORDS = {word: j.code for j in JUDGEMENTS.values() for word in (j.code, *j.words)}


def judgement_of(value: Any) -> str:
    """Return the code of a judgement however it is written; empty for a missing one."""
    if value is None or value != value:
        return ""
    word = " ".join(str(value).lower().replace("_", " ").split())
    if word and word not in _WORDS:
        known = [j.code for j in JUDGEMENTS.values()]
        raise InputError(f"{one_of('bias', known, str(value))} '+', '?' and '-' serve as well.")
    return _WORDS.get(word, "")


def light_columns(
    bias: Sequence[str] | Mapping[str, str] | None,
    entries: Sequence[Entry],
    data: pd.DataFrame | None,
    *,
    header: bool,
) -> tuple[list[Column], dict[str, str]]:
    """Return a column of lights for each domain, and the key of their letters.

    Short names stand over the columns; longer ones get letters, which the key explains.
    """
    if bias is None:
        return [], {}
    if isinstance(bias, str):
        raise InputError(f"`bias` must be a list of columns of `data`; got the text {bias!r}.")
    if data is None:
        raise InputError("`bias` names columns of `data`, and no `data` was given.")
    names = dict(bias) if isinstance(bias, Mapping) else {name: name for name in bias}
    short = all(len(name) <= SHORT for name in names.values())
    rows = [e.row for e in entries if e.kind in ("study", "excluded") and e.row is not None]
    columns, key = [], {}
    for i, (name, said) in enumerate(names.items()):
        values = column_of(data, name, "bias", rows).tolist()
        lights = tuple(
            judgement_of(values[entry.row.study])
            if entry.kind in ("study", "excluded") and entry.row is not None
            else ""
            for entry in entries
        )
        letter = said if short or said.lower() == "overall" else chr(ord("A") + i)
        if letter != said:
            key[letter] = said
        empty: tuple[tuple[str, ...], ...] = ((),) * len(entries)
        columns.append(
            Column(
                letter[:1].upper() + letter[1:] if header else "",
                empty,
                False,
                RISK if header and len(names) > 2 else "",
                lights,
            )
        )
    return columns, key


@dataclass(frozen=True, slots=True)
class Key:
    """What stands below a plot with lights: what each letter and each light means.

    Parameters
    ----------
    letters : mapping of str to str
        Domains by their letters.
    shown : tuple of str
        Codes of the judgements that occur.
    """

    letters: Mapping[str, str]
    shown: tuple[str, ...]

    @classmethod
    def of(cls, columns: Sequence[Column], letters: Mapping[str, str]) -> Key | None:
        """Return the key of columns; None where there are no lights."""
        seen = {light for column in columns for light in column.lights if light}
        return cls(letters, tuple(code for code in JUDGEMENTS if code in seen)) if seen else None

    def words(self, width: float) -> list[str]:
        """Return the lines that explain the letters, for a width in ems."""
        told = "  ".join(
            f"{letter}: {said}".replace(" ", "\u00a0") for letter, said in self.letters.items()
        )
        return wrap(told, width / KEY).split("\n") if told else []

    def height(self, width: float) -> float:
        """Return the height of the key in ems, with the gap above it."""
        return ABOVE + LEADING * (1 + len(self.words(width)))


def set_key(ax: Axes, key: Key, below: float, paper: Paper, theme: Theme) -> list[Artist]:
    """Write the key at the left end, ``below`` ems under the axis; return the artists."""
    size, width = paper.size, paper.width / paper.size
    down = below + ABOVE + LEADING / 2
    added: list[Artist] = []
    at = 0.0

    def put(text: str, across: float, down: float) -> None:
        place = atoms.shifted(ax, ax.transAxes, across * size, -(down + 0.33) * size)
        added.append(
            atoms.words(
                ax, 0, 0, text, transform=place, size=KEY * size, colour=theme.muted, gid="key"
            )
        )

    put(f"{RISK}:", at, down)
    at += KEY * text_width(f"{RISK}:") + AFTER_DOT
    for code in key.shown:
        place = atoms.shifted(ax, ax.transAxes, at * size, -down * size)
        added += _light(ax, JUDGEMENTS[code], [(0.0, 0.0)], place, DOT * size, gid="key-light")
        put(code, at + BESIDE, down)
        at += BESIDE + KEY * text_width(code) + AFTER_WORDS
    for line in key.words(width):
        down += LEADING
        put(line, 0.0, down)
    return added


def draw_lights(ax: Axes, paper: Paper) -> None:
    """Draw the lights of all columns."""
    sheet, size = paper.sheet, paper.size
    for edge, placed, origin in ((0.0, sheet.left, 0.0), (1.0, sheet.right, sheet.right_edge)):
        for each in placed:
            middle = ((each.start + each.end) / 2 - origin) * size
            place = atoms.shifted(ax, ax.get_yaxis_transform(), middle, 0.0)
            for code, judgement in JUDGEMENTS.items():
                lights = zip(sheet.lines, each.column.lights, strict=False)
                at = [(edge, line.y) for line, light in lights if light == code]
                if at:
                    side = min(DOT * size, 0.85 * paper.pitch)
                    _light(ax, judgement, at, place, side, gid=f"light-{code}")


def _light(
    ax: Axes,
    judgement: Judgement,
    at: Sequence[tuple[float, float]],
    place: Any,
    side: float,
    *,
    gid: str,
) -> list[Artist]:
    """Draw one kind of light at many places."""
    drawn: list[Artist] = [
        atoms.signs(ax, "o", at, transform=place, side=side, colour=judgement.colour, gid=gid)
    ]
    if judgement.sign:
        sign = atoms.outline_marker(judgement.sign)
        drawn.append(
            atoms.signs(
                ax,
                sign,
                at,
                transform=place,
                side=0.55 * side,
                colour=judgement.ink,
                gid=f"{gid}-sign",
            )
        )
    return drawn
