"""Which column is which: guessed from the names of columns, to be changed by the user."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from metarel._format import listing
from metarel._vocabulary import SYMBOLS
from metarel.effects._measure import Measure
from metarel.effects.register import MEASURES

#: Names that columns have in other programs and in papers, by input word; compared without case,
#: blanks and punctuation. The word itself always counts, and so do metafor's names.
NAMES: Mapping[str, tuple[str, ...]] = {
    "yi": ("y", "effect", "es", "effectsize", "g", "hedgesg", "d", "te", "estimate", "logor",
           "logrr", "lnor", "smd"),
    "vi": ("v", "var", "variance", "varg", "vard", "vary", "vg", "vd"),
    "sei": ("se", "sete", "seg", "sed", "standarderror", "stderr", "sey"),
    "r": ("ri", "cor", "corr", "correlation", "rxy", "effectr"),
    "n": ("ni", "samplesize", "ntotal", "totaln", "size", "participants", "npatients"),
    "m1": ("m1i", "mean1", "mt", "meane", "meant", "meantreated", "meantreatment", "mtreat",
           "meanexp", "mexp", "mean_i"),
    "sd1": ("sd1i", "sdt", "sde", "sdtreated", "sdtreatment", "sdexp"),
    "n1": ("n1i", "nt", "ne", "ntreated", "ntreatment", "nexp", "ntreat"),
    "m2": ("m2i", "mean2", "mc", "meanc", "meancontrol", "mcontrol", "mcon", "meancon"),
    "sd2": ("sd2i", "sdc", "sdcontrol", "sdcon"),
    "n2": ("n2i", "nc", "ncontrol", "ncon", "nctrl"),
    "events1": ("ai", "evente", "eventst", "eventstreated", "tpos", "event1"),
    "events2": ("ci", "eventc", "eventsc", "eventscontrol", "cpos", "event2"),
    "non_events1": ("bi", "tneg"),
    "non_events2": ("di", "cneg"),
    "events": ("xi", "event", "cases"),
    "t": ("ti", "tvalue", "tstat"),
    "p": ("pi", "pvalue", "pval"),
    "time1": ("t1i",),
    "time2": ("t2i",),
}  # fmt: skip
#: The same in German, French, Spanish, Portuguese and Italian, without accents.
ABROAD: Mapping[str, tuple[str, ...]] = {
    "r": ("korrelation", "korr", "correlacion", "correlacao", "correlazione"),
    "n": ("stichprobe", "stichprobengrosse", "stichprobenumfang", "personen", "teilnehmer",
          "probanden", "patienten", "echantillon", "effectif", "tailleechantillon",
          "tailledelechantillon", "muestra", "tamanomuestral", "tamanodelamuestra",
          "participantes", "amostra", "tamanhoamostral", "tamanhodaamostra", "campione",
          "numerosita", "dimensionecampione", "dimensionedelcampione", "partecipanti"),
    "yi": ("effekt", "effektstarke", "effektgrosse", "effet", "tailleeffet", "tailledeffet",
           "efecto", "tamanoefecto", "tamanodelefecto", "tamanodeefecto", "efeito",
           "tamanhodoefeito", "tamanhodeefeito", "effetto", "dimensionedelleffetto"),
    "sei": ("standardfehler", "erreurstandard", "erreurtype", "errorestandar", "errorestandard",
            "errortipico", "erropadrao", "errorstandar"),
    "vi": ("varianz", "varianza", "variancia"),
    "t": ("twert", "valeurt", "valort", "valoret"),
    "p": ("pwert", "valeurp", "valorp", "valorep"),
}  # fmt: skip
#: Words for what two groups have each: with a number behind them they are input words.
OF_GROUPS: Mapping[str, tuple[str, ...]] = {
    "m": ("mittelwert", "mw", "moyenne", "media", "mean", "m"),
    "sd": ("standardabweichung", "stdabw", "sdabw", "ecarttype", "desviacion", "desviacionestandar",
           "desviaciontipica", "desviopadrao", "deviazionestandard", "dp", "de", "ds", "sd"),
    "n": ("stichprobe", "personen", "effectif", "muestra", "amostra", "campione", "n"),
    "events": ("ereignisse", "evenements", "eventos", "eventi", "events"),
}  # fmt: skip
#: How other languages mark the two groups.
GROUPS = (
    ("1", ("1", "ig", "eg", "intervention", "experimental", "experimentell", "tratamiento")),
    ("2", ("2", "kg", "cg", "kontrolle", "controle", "controllo", "temoin")),
)
LABELS = (
    *("study", "author", "authors", "studlab", "label", "slab", "studyname", "name", "trial"),
    *("firstauthor", "reference", "citation", "source", "id", "studyid"),
    *("studie", "studien", "autor", "autoren", "erstautor", "etude", "etudes", "auteur", "auteurs"),
    *("estudio", "estudios", "autores", "estudo", "estudos", "studio", "studi", "autore", "autori"),
)
#: Measures that are tried on a table of unknown kind, the surest first.
TRIED = ("SMD", "OR", "ZCOR", "PLO", "IRR", "GEN", "MN")
#: What stands where no measure is chosen, and what is asked then: the measure of each answer.
UNKNOWN = ""
KINDS = {
    UNKNOWN: "– please choose –",
    "ZCOR": "a correlation and a sample size",
    "SMD": "means and SDs of two groups",
    "OR": "counts of two groups",
    "PLO": "a count out of one group",
    "GEN": "an effect with its standard error or variance",
}
#: Inputs by which a measure is known although another of its inputs is not found.
TELLING = {"ZCOR": ("r",), "SMD": ("m1", "m2"), "OR": ("events1", "events2")}
COMMON = (
    *("GEN", "ZCOR", "COR", "SMD", "SMDH", "MD", "ROM", "OR", "RR", "RD", "IRR", "PLO", "PR"),
    *("SMCC", "SMCR"),
)


def flat(name: str) -> str:
    """Return a name without case, accents, blanks and punctuation."""
    parts = unicodedata.normalize("NFKD", str(name).casefold())
    return re.sub(r"[\W_]+", "", "".join(c for c in parts if not unicodedata.combining(c)))


def ways_of(measure: str) -> tuple[tuple[str, ...], ...]:
    """Return the sets of input words from which a measure is computed, the usual one first."""
    known = MEASURES[measure]
    return (known.inputs, *known.alternatives)


def guess_words(words: Iterable[str], columns: Iterable[str], measure: str = "") -> dict[str, str]:
    """Return the column that each input word most likely means; no column twice."""
    by_flat: dict[str, str] = {}
    for column in columns:
        by_flat.setdefault(flat(column), column)
    metafor = MEASURES[measure].design.metafor if measure else {}
    found: dict[str, str] = {}
    for word in words:
        other = metafor.get(word, "")
        for name in (word, other, f"{word}i", *names_of(word)):
            match = by_flat.get(flat(name)) if name else None
            if match is not None and match not in found.values():
                found[word] = match
                break
    return found


def names_of(word: str) -> tuple[str, ...]:
    """Return the names that a column of an input word has, in the languages that are known."""
    stem, group = word[:-1], word[-1:]
    marks = next((marks for number, marks in GROUPS if number == group), ())
    grouped = (f"{name}{mark}" for name in OF_GROUPS.get(stem, ()) for mark in marks)
    return (*NAMES.get(word, ()), *ABROAD.get(word, ()), *grouped)


def guess_way(measure: str, columns: Iterable[str]) -> tuple[str, ...]:
    """Return the set of input words of which most columns are there."""
    names = list(columns)

    def there(way: tuple[str, ...]) -> float:
        return len(guess_words(way, names, measure)) / len(way)

    return max(ways_of(measure), key=there)


def guess_measure(columns: Iterable[str]) -> str:
    """Return the measure whose inputs are there, all or those that tell it; else ``UNKNOWN``."""
    names = list(columns)
    for code in TRIED:
        for way in ways_of(code):
            if len(guess_words(way, names, code)) == len(way) and _speaks_for(code, way):
                return code
    for code, words in TELLING.items():
        if len(guess_words(words, names, code)) == len(words):
            return code
    return UNKNOWN


def missing(way: Iterable[str], found: Mapping[str, str]) -> str:
    """Say which inputs have a column and which have none; empty where all or none have."""
    words = list(way)
    without = [word for word in words if not found.get(word)]
    if not without or len(without) == len(words):
        return ""
    known = listing([f"{found[word]!r} ({word})" for word in words if found.get(word)])
    named = [f"{word} ({SYMBOLS[word].meaning})" for word in without]
    return f"Found: {known}. No column was found for {listing(named)}: choose it."


def _speaks_for(code: str, way: tuple[str, ...]) -> bool:
    """Tell whether a set of inputs is one that only this measure is made of."""
    return way == MEASURES[code].inputs or code in ("OR", "GEN")


def guess_labels(columns: Iterable[str]) -> str:
    """Return the column that names studies; empty where none does."""
    by_flat = {flat(column): column for column in columns}
    return next((by_flat[name] for name in LABELS if name in by_flat), "")


def measure_choices() -> dict[str, dict[str, str]]:
    """Return the measures by code in two groups: those most used, and all others by code."""
    named = {code: f"{code} – {_name(MEASURES[code])}" for code in MEASURES}
    return {
        "Not known yet": {UNKNOWN: "– choose what each study gives –"},
        "Most used": {code: named[code] for code in COMMON},
        "All others": {code: named[code] for code in sorted(named) if code not in COMMON},
    }


def _name(measure: Measure) -> str:
    return "effects with their variances or standard errors" if measure.code == "GEN" else (
        measure.name
    )  # fmt: skip
