"""Headings and cells of tables as papers print them: brackets, units, decimal commas, German."""

from __future__ import annotations

import re

from metarel.reading._numbers import COMMA, plain_number

#: What stands behind a name in a heading and says no more than how its cells are written.
_ASIDE = re.compile(
    r"[,;]? ?[\[(](?:in )?(?:%|percent|95 ?% ?-?(?:ci|ki|ic)|ci|year|jahr|years?)[\])]$"
    r"|,? (?:in )?%$",
    re.I,
)
_INTERVAL = re.compile(
    r"(?:95 ?% ?-?)?(?:ci|ki|ic|c\.i\.|konfidenz-?intervall|vertrauensintervall"
    r"|confidence intervals?)(?: ?[\[(]?95 ?%[\])]?)?",
    re.I,
)
#: Headings in plain form, and the word of `check` that each stands for.
_WORDS = {
    **dict.fromkeys(
        ("studie", "studien", "autor", "autoren", "autor:innen", "authors", "author(s)",
         "study name", "source", "untergruppe", "subgruppe", "gruppe", "merkmal", "vergleich",
         "comparison", "variable", "predictor", "prädiktor", "kategorie", "category"), "label"),
    **dict.fromkeys(
        ("number of studies", "no. of studies", "no of studies", "anzahl studien",
         "anzahl der studien", "studies, k", "studies (k)", "studien (k)"), "k"),
    **dict.fromkeys(
        ("total sample", "participants (n)", "participants, n", "gesamt-n", "n gesamt",
         "n (gesamt)", "personen", "teilnehmer", "teilnehmende", "probanden"), "N"),
    **dict.fromkeys(("effektstärke", "effekt", "effect size"), "estimate"),
    **dict.fromkeys(("cohen's d", "cohens d", "smd", "standardised mean difference",
                     "standardized mean difference"), "d"),
    **dict.fromkeys(("hedges' g", "hedges's g", "hedges g", "hedge's g"), "g"),
    **dict.fromkeys(("odds ratio", "odds-ratio"), "OR"),
    **dict.fromkeys(("risk ratio", "relatives risiko", "relative risk"), "RR"),
    **dict.fromkeys(("mean difference", "mittelwertsdifferenz"), "md"),
    **dict.fromkeys(("p-wert", "p wert", "p value"), "p"),
    **dict.fromkeys(("standardfehler", "std. err.", "s.e."), "se"),
    **dict.fromkeys(("fg", "freiheitsgrade"), "df"),
    **dict.fromkeys(("gewicht", "weight"), "weight"),
    **dict.fromkeys(("i²", "i2", "i-squared", "i^2"), "I2"),
    **dict.fromkeys(("τ²", "τ2", "tau²", "tau-squared"), "tau2"),
    **dict.fromkeys(("χ²", "χ2", "chi²", "chi2"), "chi2"),
}  # fmt: skip
#: A number with a decimal comma or behind "p", with what may stand before it.
_CELL = re.compile(r"(?:[pP] ?)?(?P<sign>[<>≤≥=]?) ?(?P<number>[-–+]?[0-9]*[.,]?[0-9]+ ?%?)")
#: What a row of a total may be called besides the words of English papers.
TOTALS = r"(?:ins)?gesamt(?:effekt|wert)?\b.*|alle studien|zusammen"


def heading_of(text: str) -> str | None:
    """Return the word that a heading stands for; None where it is none that is known.

    ``"I² (%)"`` is ``"I2"``, ``"OR [95% CI]"`` is ``"OR"``, ``"95%-KI"`` is ``"ci"``.
    """
    plain = re.sub(r"\s+", " ", text.replace("’", "'").replace("\N{MINUS SIGN}", "-")).strip(" :*")
    plain = plain.replace(" ²", "²")
    if _INTERVAL.fullmatch(plain):
        return "ci"
    bare = _ASIDE.sub("", plain).strip()
    return _WORDS.get(bare.lower()) or (bare if bare != text.strip() and bare else None)


def in_percent(text: str) -> bool:
    """Tell whether a heading says that its cells are percentages."""
    return bool(re.search(r"%|percent|prozent", text, re.I))


def digits_of_cell(cell: str) -> str:
    """Return the number in a cell with a decimal point: ``"p <,001"`` is ``"<.001"``."""
    match = _CELL.fullmatch(cell)
    if match is None:
        return cell
    number = match["number"].replace(" ", "")
    plain = plain_number(number) if re.fullmatch(COMMA, number) else number
    return f"{match['sign'].replace('=', '')}{plain}"
