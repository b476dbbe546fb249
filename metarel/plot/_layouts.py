"""The layouts of a forest plot: what each journal prints, in which words and colours.

A layout is a declaration; ``dataclasses.replace`` makes another one of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from metarel._format import p_value
from metarel._register import Register
from metarel.errors import InputError
from metarel.plot._numerals import number
from metarel.plot._phrases import Phrase

if TYPE_CHECKING:
    from metarel.plot._theme import Theme

#: A header, or the heading over several columns with the header; None for the column's own.
Header = str | tuple[str, str] | None

#: Colours of a layout: theme to part of the theme to colour.
Colours = Mapping[str, Mapping[str, str]]

_MODEL = Phrase("", ("{model}", "{estimator}", "{test}"), ", ", breakable=True)
_SUBGROUP = Phrase("Subgroup mean")
_NOTHING = Phrase()


def _p_plain(p: float) -> str:
    return p_value(p, 3)


def _p_cochrane(p: float) -> str:
    """Two decimals, then one figure down to the fifth decimal."""
    if not p < 0.00005:
        digits = next(d for d in (2, 3, 4) if d == 4 or not p < 0.95 * 10.0**-d)
        return p_value(p, digits)
    return "< 0.0001" if p >= 0.00001 else "< 0.00001"


def _p_ama(p: float) -> str:
    """Two decimals without the zero; three below .01, and where two would round onto .05."""
    if p < 0.001:
        return "< .001"
    if p > 0.99:
        return "> .99"
    digits = 3 if p < 0.01 or 0.045 <= p < 0.055 else 2
    return p_value(p, digits).replace("0.", ".", 1)


def _p_bmj(p: float) -> str:
    return p_value(p, 3 if p < 0.01 else 2).replace(" ", "")


def _p_apa(p: float) -> str:
    if p > 0.9995:
        return "> .999"
    return p_value(p, 3).replace("0.", ".", 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """What a forest plot looks like.

    In headers and labels ``{effect}`` stands for the short name of the measure, ``{name}`` for
    the long one, ``{level}`` for the confidence level, ``{method}`` for the way of pooling.

    Parameters
    ----------
    code : str
        The word users type.
    left, right : mapping of str to header
        Columns beside the panel and their headers. Those that need data that is not there are
        left out.
    panel, xlabel : str
        What stands above the panel, and under its axis.
    summary, subtotal : Phrase
        What the pooled results are called.
    heterogeneity, overall, between, moderators : Phrase
        The notes under a result, under the last one, and of a comparison of subgroups or a
        meta-regression.
    p : callable
        Writes a p-value with its sign, ready to stand behind the letter P.
    p_name : str
        That letter.
    tau2_digits : int
        Decimals of tau2.
    brackets : tuple of str
        What stands before, between and behind the limits. Limits divided by a comma stand under
        each other, others close together.
    bare : bool
        Whether numbers that cannot exceed 1 go without the zero before the point.
    percent : str
        What stands behind a weight.
    whole : bool
        Whether the weights' sum, 100%, stands beside the summary.
    arms : tuple of str
        What groups 1 and 2 are called.
    without : mapping of str to header
        Columns in the place of raw inputs where there are none.
    compact : bool
        Whether raw inputs are printed together, as in ``4/123`` and ``15.0 (3.3)``.
    prediction : str or False
        How a prediction interval is drawn: ``"bar"``, ``"line"``, ``"density"``.
    favours_above : bool
        Whether the words on either side of the reference stand over the panel.
    follow : bool
        Whether a dashed line leads from the summary up through the studies.
    rules : tuple of bool
        Whether headings over several columns are underlined, and whether a line closes the table.
    colours : mapping
        Colours that differ from those of the theme, by theme and part.
    squares : mapping
        Colours of the squares where they depend on the design of the measure: design to colours.
    edged : bool
        Whether diamonds have a dark edge.
    """

    code: str
    left: Mapping[str, Header]
    right: Mapping[str, Header]
    heterogeneity: Phrase
    moderators: Phrase
    between: Phrase
    panel: str = ""
    xlabel: str = "{name}"
    summary: Phrase = _MODEL
    subtotal: Phrase = _SUBGROUP
    overall: Phrase = _NOTHING
    p: Callable[[float], str] = _p_plain
    p_name: str = "P"
    tau2_digits: int = 3
    brackets: tuple[str, str, str] = ("[", ", ", "]")
    bare: bool = False
    percent: str = "%"
    whole: bool = True
    arms: tuple[str, str] = ("Group 1", "Group 2")
    without: Mapping[str, Header] = field(default_factory=dict)
    compact: bool = False
    prediction: Any = "bar"
    favours_above: bool = False
    follow: bool = True
    rules: tuple[bool, bool] = (True, False)
    colours: Colours = field(default_factory=dict)
    squares: Mapping[str, Colours] = field(default_factory=dict)
    edged: bool = False

    def instead(self, columns: Mapping[str, Header]) -> dict[str, Header]:
        """Return columns with others in the place of the raw inputs."""
        found: dict[str, Header] = {}
        for name, header in columns.items():
            found |= dict(self.without) if name == "inputs" else {name: header}
        return found

    @property
    def aligned(self) -> bool:
        """Tell whether estimates and limits stand under each other, each for itself."""
        return self.brackets[1].startswith(",")

    def themed(self, theme: Theme, design: str) -> Theme:
        """Return the theme in the colours of the layout, for a measure of some design."""
        own = {
            **self.colours.get(theme.code, {}),
            **self.squares.get(design, {}).get(theme.code, {}),
        }
        return replace(theme, **own)  # type: ignore[arg-type]

    def number(self, value: float, digits: int, *, bounded: bool = False) -> str:
        """Write a number as the layout does; ``bounded`` where it cannot exceed 1."""
        text = number(value, digits)
        return text.replace("0.", ".", 1) if self.bare and bounded and abs(value) < 1 else text

    def interval(self, low: float, high: float, digits: int, *, bounded: bool) -> tuple[str, ...]:
        """Write limits in the parts that stand under each other."""
        before, between, behind = self.brackets
        first = before + self.number(low, digits, bounded=bounded)
        last = self.number(high, digits, bounded=bounded) + behind
        if self.aligned:
            return first + between.rstrip(), last
        return (first + between + last,)


def _greys(*light: str) -> dict[str, str]:
    return dict(zip(("study", "interval", "summary", "pale"), light, strict=True))


_CI = "{effect} ({level}% CI)"

LAYOUTS: Register[Layout] = Register(
    "layout",
    [
        Layout(
            code="classic",
            whole=False,
            p_name="p",
            left={"label": "Study"},
            right={"effect": "{effect} [{level}% CI]", "weight": "Weight"},
            heterogeneity=Phrase(
                "", ("τ² = {tau2}", "{residual}I² = {I2}", "Q({df}) = {Q}, p {p}"), ", "
            ),
            moderators=Phrase(
                "",
                ("R² = {R2}", "QM({df1}) = {chi2}, p {p}", "F({df1}, {df2}) = {F}, p {p}"),
                ", ",
            ),
            between=Phrase(
                "Between subgroups: ",
                ("Q({df1}) = {chi2}, p {p}", "F({df1}, {df2}) = {F}, p {p}"),
            ),
        ),
        Layout(
            code="jama",
            left={"label": "Source", "inputs": None, "effect": _CI},
            right={"weight": "Weight, %"},
            xlabel="{title} ({level}% CI)",
            summary=Phrase("Total ({level}% CI)"),
            subtotal=Phrase("Subtotal ({level}% CI)"),
            heterogeneity=Phrase(
                "{Heterogeneity}: ",
                ("τ² = {tau2}", "χ²{df_low} = {Q} (P {p})", "I² = {I2_whole}"),
                "; ",
            ),
            moderators=Phrase(
                "Moderators: ",
                ("χ²{df1_low} = {chi2} (P {p})", "F{df1_low},{df2_low} = {F} (P {p})"),
                "; ",
            ),
            overall=Phrase(
                "Test for overall effect: ",
                ("z = {z} (P {p})", "t{df_low} = {t} (P {p})"),
            ),
            between=Phrase(
                "Test for subgroup differences: ",
                ("χ²{df1_low} = {chi2} (P {p})", "F{df1_low},{df2_low} = {F} (P {p})"),
            ),
            p=_p_ama,
            tau2_digits=2,
            brackets=("(", " to ", ")"),
            percent="",
            arms=("Treatment", "Control"),
            compact=True,
            favours_above=True,
            colours={
                "light": _greys("#1f4b84", "#16191d", "#a9cbe8", "#a9cbe8"),
                "dark": _greys("#6ea3dc", "#e8ecf0", "#31597f", "#31597f"),
            },
            edged=True,
        ),
        Layout(
            code="bmj",
            left={"label": "Study", "inputs": None},
            right={"weight": "Weight\n(%)", "effect": "{title}\n({level}% CI)"},
            panel="{title}\n({level}% CI)",
            xlabel="",
            summary=Phrase("Total ({level}% CI)"),
            subtotal=Phrase("Subtotal ({level}% CI)"),
            heterogeneity=Phrase(
                "Test for {heterogeneity}: ",
                ("τ²={tau2}", "χ²={Q}, df={df}, P{p}", "I²={I2_whole}"),
                "; ",
            ),
            moderators=Phrase(
                "Test of moderators: ",
                ("χ²={chi2}, df={df1}, P{p}", "F={F}, df={df1}, {df2}, P{p}"),
            ),
            overall=Phrase("Test for overall effect: ", ("z={z}, P{p}", "t={t}, df={t_df}, P{p}")),
            between=Phrase(
                "Test for subgroup differences: ",
                ("χ²={chi2}, df={df1}, P{p}", "F={F}, df={df1}, {df2}, P{p}", "I²={I2}"),
                "; ",
            ),
            p=_p_bmj,
            tau2_digits=2,
            brackets=("(", " to ", ")"),
            percent="",
            arms=("Intervention", "Control"),
            compact=True,
            follow=True,
            colours={
                "light": {**_greys("#6a5aa5", "#5b5f66", "#6a5aa5", "#cfc8e6"), "rule": "#a4a8ad"},
                "dark": _greys("#9a8bd6", "#d9d6e8", "#9a8bd6", "#4d4379"),
            },
        ),
        Layout(
            code="revman",
            left={
                "label": "Study or subgroup",
                "inputs": None,
                "weight": "Weight",
                "effect": "{title}\n{method}, {level}% CI",
            },
            right={},
            panel="{title}\n{method}, {level}% CI",
            xlabel="",
            without={"yi": "{raw}", "se": "SE"},
            summary=Phrase("Total ({level}% CI)"),
            subtotal=Phrase("Subtotal ({level}% CI)"),
            heterogeneity=Phrase(
                "{Heterogeneity}: ",
                ("Tau² = {tau2}", "Chi² = {Q}, df = {df} (P {p})", "I² = {I2_whole}"),
                "; ",
            ),
            moderators=Phrase(
                "Test of moderators: ",
                ("Chi² = {chi2}, df = {df1} (P {p})", "F = {F}, df = {df1}, {df2} (P {p})"),
            ),
            overall=Phrase(
                "Test for overall effect: ",
                ("Z = {z} (P {p})", "T = {t}, df = {t_df} (P {p})"),
            ),
            between=Phrase(
                "Test for subgroup differences: ",
                (
                    "Chi² = {chi2}, df = {df1} (P {p})",
                    "F = {F}, df = {df1}, {df2} (P {p})",
                    "I² = {I2}",
                ),
                ", ",
            ),
            p=_p_cochrane,
            tau2_digits=2,
            arms=("Experimental", "Control"),
            prediction=False,
            follow=False,
            rules=(False, True),
            colours={
                "light": {**_greys("#c8332b", "#16191d", "#16191d", "#9aa1a8"), "rule": "#4a5058"},
                "dark": {**_greys("#ef7a6d", "#eceff2", "#eceff2", "#69727c"), "rule": "#9aa3ad"},
            },
            squares={
                "two means": {"light": {"study": "#2e9d4a"}, "dark": {"study": "#4fbf6b"}},
                "two proportions": {"light": {"study": "#2f66c8"}, "dark": {"study": "#6f9cf0"}},
            },
        ),
        Layout(
            code="apa",
            whole=False,
            p_name="p",
            left={"label": "Study"},
            right={"effect": "{effect} [{level}% CI]", "weight": "Weight"},
            summary=Phrase("{model}"),
            subtotal=Phrase("Subgroup mean"),
            heterogeneity=Phrase(
                "", ("Q({df}) = {Q}, p {p}", "τ² = {tau2}", "{residual}I² = {I2}"), ", "
            ),
            moderators=Phrase(
                "",
                ("QM({df1}) = {chi2}, p {p}", "F({df1}, {df2}) = {F}, p {p}", "R² = {R2}"),
                ", ",
            ),
            overall=Phrase("", ("z = {z_signed}, p {p}", "t({t_df}) = {t_signed}, p {p}")),
            between=Phrase(
                "Subgroup differences: ",
                ("Q({df1}) = {chi2}, p {p}", "F({df1}, {df2}) = {F}, p {p}"),
            ),
            p=_p_apa,
            tau2_digits=2,
            bare=True,
            arms=("Treatment", "Control"),
            colours={
                "light": _greys("#4a5058", "#16191d", "#16191d", "#c3c8ce"),
                "dark": _greys("#aab2bb", "#eceff2", "#eceff2", "#59626c"),
            },
        ),
    ],
    aliases={"revman5": "revman", "JAMA": "jama", "BMJ": "bmj", "RevMan": "revman", "APA": "apa"},
)


def layout_of(layout: str | Layout) -> Layout:
    """Return the layout that a word names, or the one given."""
    if isinstance(layout, Layout):
        return layout
    if not isinstance(layout, str):
        raise InputError(
            f"`layout` must be the name of a layout, or a Layout; got {type(layout).__name__}."
        )
    return LAYOUTS[layout]
