"""What each program can be made to do, as limits on a family of analyses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from metarel._register import Register, one_of
from metarel.errors import InputError
from metarel.settings.programs import PRESETS

#: Every estimator of metafor 3 to 5 that a family knows, and those of meta.
METAFOR_TAU2 = ("REML", "DL", "EE", "HE", "HS", "HSk", "SJ", "ML", "PM", "PMM")
META_TAU2 = ("REML", "DL", "EE", "PM", "ML", "HS", "SJ", "HE")
STATA_TAU2 = ("REML", "ML", "PM", "DL", "SJ", "HE", "HS", "EE")
ESCALC = {"SMD": ("LS", "LS2", "UB", "AV"), "COR": ("LS", "AV", "H0"), "UCOR": ("LS", "UB", "AV")}
FIRST_FOR_ALL: Mapping[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Program:
    """What a program can do with a study table, its own default first in every list.

    Parameters
    ----------
    code : str
        Its code among the presets of ``settings=``.
    tau2, tests : tuple of str
        Estimators and tests.
    rules : mapping of str to tuple of str
        Variance rules by metric; other metrics have their first rule only.
    corrections : tuple of str
        Forms of Hedges' factor.
    metrics : tuple of str
        Metrics it does not have are left out; empty means all.
    weights : tuple of str
        Weightings.
    I2, prediction : tuple of str
        Definitions of I2, and kinds of prediction interval.
    integral : bool
        Whether it has the mean of tanh as a back-transformation.
    """

    code: str
    tau2: tuple[str, ...]
    tests: tuple[str, ...]
    rules: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: FIRST_FOR_ALL)
    corrections: tuple[str, ...] = ("exact", "none")
    metrics: tuple[str, ...] = ()
    weights: tuple[str, ...] = ("iv",)
    I2: tuple[str, ...] = ("tau2",)
    prediction: tuple[str, ...] = ("default",)
    integral: bool = False

    @property
    def name(self) -> str:
        """What to call it."""
        return PRESETS[self.code].name


PROGRAMS: Register[Program] = Register(
    "software",
    [
        Program(
            "metafor",
            METAFOR_TAU2,
            ("z", "knha", "t", "adhoc"),
            ESCALC,
            weights=("iv", "unweighted", "n"),
            prediction=("default", "hts"),
            integral=True,
        ),
        Program(
            "meta",
            META_TAU2,
            ("z", "knha", "adhoc", "kr"),
            {"SMD": ("EXACT", "REVMAN")},
            ("exact", "approximate", "none"),
            I2=("Q",),
            prediction=("t", "hts"),
        ),
        Program(
            "meta4",
            ("DL", "EE", "REML", "PM", "ML", "HS", "SJ", "HE"),
            ("z", "knha"),
            {"SMD": ("REVMAN", "EXACT")},
            ("approximate", "exact", "none"),
            I2=("Q",),
            prediction=("hts",),
        ),
        Program(
            "revman5",
            ("DL", "EE"),
            ("z",),
            {"SMD": ("REVMAN",)},
            ("approximate",),
            ("SMD", "MD", "OR", "RR", "RD", "PETO", "as given", "log"),
            I2=("Q",),
        ),
        Program(
            "revman-web",
            ("REML", "DL", "EE"),
            ("z", "knha"),
            {"SMD": ("REVMAN",)},
            ("approximate",),
            ("SMD", "MD", "OR", "RR", "RD", "PETO", "as given", "log"),
            prediction=("default", "t"),
        ),
        Program(
            "stata",
            STATA_TAU2,
            ("z", "t", "knha", "adhoc"),
            {"SMD": ("LS2", "LS")},
            ("exact", "approximate", "none"),
            I2=("tau2", "Q"),
            prediction=("hts",),
        ),
        Program(
            "spss",
            STATA_TAU2,
            ("z", "knha", "adhoc"),
            {"SMD": ("LS2", "LS")},
            ("none", "exact", "approximate"),
            I2=("tau2", "Q"),
            prediction=("default", "hts"),
        ),
        Program(
            "cma",
            ("DL", "EE"),
            ("z", "knha"),
            {"SMD": ("LS2",)},
            ("approximate", "none"),
            ("ZCOR", "SMD", "MD", "OR", "RR", "RD", "as given", "log"),
            I2=("Q",),
            prediction=("hts",),
        ),
        Program("jasp", METAFOR_TAU2, ("knha", "z", "t"), prediction=("default", "hts")),
        Program("jamovi", METAFOR_TAU2, ("z", "knha")),
        Program("pymare", ("ML", "REML", "DL", "HE", "EE"), ("knha", "z")),
        Program(
            "statsmodels",
            ("PM", "DL", "EE"),
            ("z", "knha"),
            {"SMD": ("REVMAN",)},
            ("approximate",),
            I2=("Q",),
        ),
        Program(
            "hunter-schmidt",
            ("HS", "EE"),
            ("z", "t"),
            {"COR": ("AV", "LS")},
            ("exact", "approximate", "none"),
            ("COR", "SMD"),
            weights=("n",),
            I2=("Q",),
        ),
    ],
    aliases={"hs": "hunter-schmidt", "revman": "revman5", "major": "jamovi"},
)


#: What articles call programs, by what their text holds; the first that fits counts.
SPELLINGS = (
    ("comprehensive meta", "cma"),
    ("review manager web", "revman-web"),
    ("revman web", "revman-web"),
    ("review manager", "revman5"),
    ("revman", "revman5"),
    ("metafor", "metafor"),
    ("(meta)", "meta"),
    ("meta (r)", "meta"),
    ("stata", "stata"),
    ("spss", "spss"),
    ("statsmodels", "statsmodels"),
    ("schmidt", "hunter-schmidt"),
)


def program_of(software: str) -> Program:
    """Return a program by its code, or by what articles call it.

    Parameters
    ----------
    software : str
        ``"CMA"``, ``"RevMan 5"``, ``"Review Manager 5.3"``, ``"R (metafor)"`` …

    Returns
    -------
    Program
        What it can do.

    Raises
    ------
    InputError
        If no such program is declared.
    """
    told = software.lower().strip() if isinstance(software, str) else ""
    code = told.replace(" ", "")
    if code in PROGRAMS:
        return PROGRAMS[code]
    for spelling, named in SPELLINGS:
        if spelling in told:
            return PROGRAMS[named]
    raise InputError(one_of("software", PROGRAMS, software))
