"""What columns are called in other programs, in articles and in other languages, by input word.

Names are compared without case, accents, blanks and punctuation, and stand here in that form.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Names of one word; the word itself always counts, and so do metafor's names.
NAMES: Mapping[str, tuple[str, ...]] = {
    "yi": ("y", "effect", "es", "effectsize", "effectestimate", "g", "hedgesg", "hedgessg", "d",
           "cohensd", "te", "estimate", "stddiffinmeans", "logor", "logrr", "loghr", "lnor",
           "lnrr", "lnhr", "logoddsratio", "logriskratio", "loghazardratio", "smd", "fisherz",
           "fishersz", "zr"),
    "vi": ("v", "var", "variance", "samplingvariance", "varyi", "varg", "vard", "vary", "vg", "vd"),
    "sei": ("se", "sete", "seg", "sed", "seyi", "sey", "standarderror", "stderr", "standarderr",
            "stderror"),
    "r": ("ri", "cor", "corr", "correlation", "rxy", "effectr", "pearsonr", "pearsonsr",
          "pearson", "rvalue", "effectsizer"),
    "n": ("ni", "samplesize", "sample", "ntotal", "totaln", "totalsamplesize", "size", "nobs",
          "participants", "nparticipants", "subjects", "nsubjects", "npatients"),
    "m1": ("m1i", "meani", "meant", "meane", "mt", "me"),
    "sd1": ("sd1i", "sdt", "sde"),
    "n1": ("n1i", "nt", "ne"),
    "m2": ("m2i", "meanc", "mc"),
    "sd2": ("sd2i", "sdc"),
    "n2": ("n2i", "nc"),
    "events1": ("ai", "evente", "eventst", "tpos"),
    "events2": ("ci", "eventc", "eventsc", "cpos"),
    "non_events1": ("bi", "tneg"),
    "non_events2": ("di", "cneg"),
    "events": ("xi", "event", "cases"),
    "t": ("ti", "tvalue", "tstat", "tstatistic"),
    "p": ("pi", "pvalue", "pval"),
    "f": ("fvalue", "fstat", "fstatistic"),
    "chi2": ("chisq", "chisquare", "chisquared"),
    "odds_ratio": ("or",),
    "time1": ("t1i",),
    "time2": ("t2i",),
}  # fmt: skip
#: The same in German, French, Spanish, Portuguese and Italian.
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
#: What two groups have each, by the stem of its input words.
OF_GROUPS: Mapping[str, tuple[str, ...]] = {
    "m": ("m", "mean", "means", "mittelwert", "mittel", "mw", "moyenne", "moy", "media"),
    "sd": ("sd", "stdev", "stddev", "standarddeviation", "standarddev", "standardabweichung",
           "stdabw", "sdabw", "ecarttype", "et", "desviacion", "desviacionestandar",
           "desviaciontipica", "desvest", "desviopadrao", "deviazionestandard", "dp", "de", "ds"),
    "n": ("n", "samplesize", "sample", "total", "totaln", "ntotal", "size", "participants",
          "patients", "subjects", "stichprobe", "stichprobengrosse", "fallzahl", "personen",
          "teilnehmer", "effectif", "muestra", "participantes", "amostra", "campione",
          "partecipanti"),
    "events": ("events", "event", "nevents", "cases", "ereignisse", "evenements", "eventos",
               "eventi"),
    "se": ("se", "standarderror", "stderr", "sem"),
    "median": ("median", "mediane", "mediana"),
    "percent": ("percent", "pct", "prozent"),
}  # fmt: skip
#: How the two groups are marked, before or behind what they have; with a number, too, and with
#: "group" around it.
MARKS: Mapping[str, tuple[str, ...]] = {
    "1": ("treat", "treated", "treatment", "trt", "tx", "exp", "experimental", "intervention",
          "interv", "active", "verum", "ig", "eg", "ge", "gi", "experimentell", "versuch",
          "behandlung", "traitement", "traite", "tratamiento", "intervencion", "tratamento",
          "intervencao", "trattamento", "intervento", "sperimentale"),
    "2": ("control", "controls", "ctrl", "ctl", "cont", "con", "comparison", "comparator",
          "placebo", "pbo", "waitlist", "wl", "cg", "kg", "gc", "kontroll", "kontrolle", "controle",
          "controles", "controlo", "controllo", "controlli", "temoin", "temoins"),
}  # fmt: skip
#: Words for a group, which numbers and letters need before they may stand ahead.
GROUP = ("group", "arm", "gruppe", "groupe", "grupo", "gruppo", "gruppen")
LETTERS: Mapping[str, str] = {"1": "a", "2": "b"}
#: Names of studies, beside those that every program here knows.
LABELS = (
    *("studlab", "studyname", "reference", "source", "id", "studyid", "etudes", "estudios"),
    *("studi", "erstautor"),
)
