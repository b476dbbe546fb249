"""From a program's name, as publications write it, to the formulas that it used."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from metarel._register import Register
from metarel.settings._preset import EVIDENCE


@dataclass(frozen=True, slots=True)
class Formulas:
    """One set of formulas for effects and their mean.

    Parameters
    ----------
    code : str
        Its name.
    words : str
        What it does otherwise, as a phrase.
    correct : str or bool
        Hedges' factor for a standardised mean difference: ``"exact"``, ``"approximate"``, False.
    variance : str
        Variance rule of the difference: one of SMD's, or ``"COHEN"``, i + d²/(2 (N − 2)).
    from_sizes : bool
        Whether a difference between groups that stands with its limits gets its variance from the
        groups' sizes where these are known, as the program had it, and not from rounded limits.
    test : str
        The test of the mean, where the program has no choice; empty else.
    random_q : bool
        Whether Q, and I2 from it, are computed with the weights of random effects.
    evidence : str
        How the formulas are known: a key of ``EVIDENCE``.
    sources : tuple of str
        Keys of ``docs/references.bib``, or titles.
    """

    code: str
    words: str
    correct: str | bool = "exact"
    variance: str = "LS"
    from_sizes: bool = False
    test: str = ""
    random_q: bool = False
    evidence: str = ""
    sources: tuple[str, ...] = ()

    @property
    def known(self) -> str:
        """How the formulas are known, as a phrase."""
        return EVIDENCE[self.evidence]


@dataclass(frozen=True, slots=True)
class Program:
    """A program that publications name.

    Parameters
    ----------
    code : str
        Its name here.
    name : str
        Its name for people.
    patterns : tuple of str
        Regular expressions that its name in a publication matches, without regard to case.
    formulas : tuple of Formulas
        What it may have computed, its default first; empty where its formulas are metafor's.
    preset : str
        The preset of ``settings=`` that has its choices; empty where there is none.
    note : str
        What else a reader must know.
    """

    code: str
    name: str
    patterns: tuple[str, ...]
    formulas: tuple[Formulas, ...] = ()
    preset: str = ""
    note: str = ""


METAFOR = Formulas("metafor", "metafor's formulas", evidence="code", sources=("viechtbauer2010",))

METAN_HELP = "metan, help file, options for continuous data"
COHEN = Formulas(
    "cohen",
    "d without correction, variance i + d²/(2 (N − 2))",
    False,
    "COHEN",
    from_sizes=True,
    evidence="documentation",
    sources=(METAN_HELP, "deeks2010"),
)
REVMAN = Formulas(
    "revman",
    "approximate J, variance i + g²/(2 (N − 3.94))",
    "approximate",
    "REVMAN",
    from_sizes=True,
    evidence="digits",
    sources=("deeks2010", "lopeznicolas2023"),
)
BOOK = Formulas(
    "borenstein",
    "approximate J, variance J² (i + d²/(2N))",
    "approximate",
    "LS2",
    from_sizes=True,
    sources=("borenstein2009",),
)
BOOK_D = Formulas(
    "borenstein-d",
    "d without correction, variance i + d²/(2N)",
    False,
    "LS",
    from_sizes=True,
    sources=("borenstein2009",),
)
LIPSEY = Formulas(
    "lipsey",
    "approximate J, variance i + g²/(2N)",
    "approximate",
    "LS",
    from_sizes=True,
    evidence="documentation",
    sources=("lipsey2001",),
)
META_OLD = Formulas(
    "meta4",
    "approximate J, variance i + g²/(2 (N − 3.94))",
    "approximate",
    "REVMAN",
    from_sizes=True,
    evidence="code",
)
META_NEW = Formulas(
    "meta", "exact J and exact variance", "exact", "EXACT", from_sizes=True, evidence="code"
)
LIPSEY_RANDOM = replace(
    LIPSEY,
    code="lipsey-random",
    words="approximate J, variance i + g²/(2N), Q with the weights of random effects",
    random_q=True,
    evidence="digits",
)
METAWIN = Formulas(
    "metawin",
    "approximate J, variance i + g²/(2N), Q with the weights of random effects",
    "approximate",
    "LS",
    from_sizes=True,
    random_q=True,
    evidence="code",
    sources=("MetaWin 3, MetaWinAnalysisFunctions and MetaWinEffectFunctions",),
)
METAWIN_T = replace(
    METAWIN, code="metawin-t", words=f"{METAWIN.words}, t with k − 1 df", test="t", evidence=""
)
ESSENTIALS = Formulas(
    "meta-essentials",
    "approximate J, variance J² (i + d²/(2N)), Knapp–Hartung's interval",
    "approximate",
    "LS2",
    from_sizes=True,
    test="knha",
)
SIZES_LS = Formulas(
    "metafor-sizes",
    "variance from the groups' sizes",
    from_sizes=True,
    evidence="code",
    sources=("viechtbauer2010",),
)


def _there(formulas: Formulas, evidence: str = "") -> Formulas:
    """Return formulas of another program, with what is known of them here."""
    return replace(formulas, evidence=evidence)


#: The first whose pattern is found in the software's name counts, so narrow ones stand first.
PROGRAMS: Register[Program] = Register(
    "program",
    [
        Program(
            "metafor",
            "metafor (R)",
            (r"metafor", r"\brma\b", r"open\s?meta", r"\bjasp\b", r"jamovi"),
            (SIZES_LS,),
            "metafor",
            "Programs that call it are taken for it.",
        ),
        Program(
            "meta",
            "meta (R)",
            (
                r"\bR\b.*\bmeta\b",
                r"\bmeta\b\s*\(R\)",
                r"\bmeta\b.*\bR\b.*package",
                r"meta package",
                r"package meta\b",
            ),
            (META_OLD, META_NEW),
            "meta4",
            "Up to version 4 as RevMan; later exact J and variance.",
        ),
        Program(
            "revman",
            "RevMan 5",
            (r"rev\s*-?man", r"review manager", r"cochrane collaboration"),
            (REVMAN,),
            "revman5",
        ),
        Program(
            "cma",
            "Comprehensive Meta-Analysis",
            (r"comprehensive\s+meta", r"\bCMA\b", r"biostat"),
            (BOOK, BOOK_D),
            "cma",
            "No file of it was readable: the formulas are those of the book by its authors, which "
            "gives d and g.",
        ),
        Program(
            "metan",
            "Stata, metan",
            (r"metan\b", r"stata(?!.*\b1[6-9])"),
            (COHEN, _there(REVMAN, "documentation")),
            "",
            "Cohen's d is its default and Hedges' g an option; Stata had no command of its own "
            "before version 16.",
        ),
        Program("stata", "Stata meta", (r"stata",), (BOOK, BOOK_D), "stata"),
        Program(
            "spss-macros",
            "SPSS macros of D. B. Wilson",
            (r"wilson", r"lipsey", r"spss(?!.*\b(2[89]|3\d))"),
            (LIPSEY, LIPSEY_RANDOM),
            "",
            "They pool effects that were computed before, usually by Lipsey and Wilson's formulas; "
            "tau2 by moments. Q is Cochran's in MeanES, and has the weights of random effects "
            "in MetaF and MetaReg. SPSS had no command of its own before version 28.",
        ),
        Program(
            "metawin",
            "MetaWin",
            (r"meta-?\s?win",),
            (METAWIN_T, METAWIN),
            "",
            "The code is that of version 3; the t distribution of version 2 is general knowledge.",
        ),
        Program(
            "meta-essentials",
            "Meta-Essentials",
            (r"meta-?\s?essentials",),
            (ESSENTIALS,),
            "",
            "From general knowledge.",
        ),
        Program(
            "medcalc",
            "MedCalc",
            (r"medcalc",),
            (_there(SIZES_LS), _there(REVMAN)),
            "",
            "Its manual states exact J and DerSimonian–Laird, and is silent on the variance.",
        ),
        Program(
            "d-stat", "D-STAT", (r"d-?\s?stat\b",), (_there(LIPSEY),), "", "From general knowledge."
        ),
    ],
)


def program_of(software: str) -> Program | None:
    """Return the program that a publication's words mean; None where they mean none known.

    Parameters
    ----------
    software : str
        Such as ``"Comprehensive Meta-Analysis 2.2.021"`` or ``"Stata 12.1 (metan)"``.

    Returns
    -------
    Program or None
        An entry of ``PROGRAMS``.

    Examples
    --------
    >>> program_of("Review Manager 5.3").name, program_of("not available")
    ('RevMan 5', None)
    """
    for program in PROGRAMS.values():
        if any(re.search(pattern, software, re.I) for pattern in program.patterns):
            return program
    return None
