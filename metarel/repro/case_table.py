"""A case in the words of the search room: its table, its declared analysis, its figures."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from metarel.printed import Printed
from metarel.repro.case_fit import BETWEEN, HUNTER_SCHMIDT
from metarel.repro.case_judge import FigureVerdict
from metarel.repro.case_schema import Case
from metarel.repro.programs import METAFOR, Formulas
from metarel.search.specification import Specification
from metarel.search.table import StudyTable

#: The search's word for each column of a kind of study data.
COLUMN_WORDS = {"lo": "ci_low", "hi": "ci_high", "se": "sei", "v": "vi"}
#: The search's kind of study data, where it is called otherwise.
SEARCH_KINDS = {"means_sds_ns": "means", "raw_means": "raw_means"}
BY_SPREAD = {"ci": "effect_ci", "se": "effect_se", "v": "effect_var"}
#: What an effect with sizes is called there.
SIZED = {"smd": "g", "g": "g", "d": "d", "r": "r", "z": "z"}
#: The search's word for each figure.
FIGURE_WORDS = {"z": "statistic", "p": "p_value"}
#: Figures that it does not know.
UNKNOWN_THERE = ("estimate_fe",)
#: The ways of print that make sense for what is pooled.
BACKS = {"r": ("tanh", "integral", "identity"), "z": ("identity", "tanh", "integral")}


def search_table(case: Case) -> StudyTable:
    """Return the study data as the search reads them.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    StudyTable
        The same columns, with the decimals that each is rounded to.
    """
    kind = case.kind
    effect = kind.columns[0]
    if kind.spread == "means":
        code, words = SEARCH_KINDS[kind.code], {name: name for name in kind.columns}
    elif kind.spread in BY_SPREAD:
        code = BY_SPREAD[kind.spread]
        words = {"yi": effect, **{COLUMN_WORDS[name]: name for name in kind.columns[1:]}}
        known = [n for n in ("n1", "n2", "n") if n in case.columns and _complete(case, n)]
        words |= {name: name for name in known if case.effect_type in BETWEEN or name == "n"}
    else:
        sizes = "n" if kind.scale in ("r", "z") else "n1_n2"
        code = f"{SIZED[kind.scale]}_{sizes}"
        words = {SIZED[kind.scale]: effect, **{name: name for name in sizes.split("_")}}
    columns = {word: case.columns[name] for word, name in words.items()}
    digits = {
        word: np.full(case.k, float(round(-math.log10(case.steps[name]))))
        for word, name in words.items()
        if name in case.steps
    }
    measure = kind.scale.upper() if kind.log else None
    scale = "ratio" if kind.log else "identity"
    return StudyTable(code, columns, digits, case.labels, measure, scale)


def _complete(case: Case, name: str) -> bool:
    return bool(np.isfinite(case.columns[name]).all())


def declared_specification(
    case: Case, formulas: Formulas, table: StudyTable
) -> Specification | None:
    """Return the declared analysis with one set of formulas, as the search describes it.

    Parameters
    ----------
    case : Case
        The case.
    formulas : Formulas
        The formulas.
    table : StudyTable
        The study data there.

    Returns
    -------
    Specification or None
        None where the search does not have these formulas, or they are metafor's here.
    """
    metric, variance, correct = _effects(case, formulas, table)
    if case.model == "HS" and case.kind.scale == "r":
        return HUNTER_SCHMIDT
    if variance == "COHEN" or formulas.random_q:
        return None
    back = "exp" if case.kind.log else "identity"
    if case.kind.scale == "r" and case.model != "HS":
        back = "tanh"
    return Specification(
        metric,
        variance,
        correct,
        tau2=case.tau2,
        weights=case.weighting,
        test=formulas.test if formulas.test and case.test == "z" else case.test,
        back=back,
        I2="Q" if case.tau2 == "DL" else "tau2",
    )


def _effects(case: Case, formulas: Formulas, table: StudyTable) -> tuple[str, str, str]:
    """Return metric, variance rule and correction."""
    kind = case.kind
    # An effect that is listed stands as it is, whatever the program had done to it before.
    uncorrected = "none" if kind.spread == "means" else "exact"
    correct = formulas.correct if isinstance(formulas.correct, str) else uncorrected
    from_sizes = formulas.from_sizes and "n1" in table.columns and "n2" in table.columns
    if kind.spread in BY_SPREAD:
        if from_sizes and kind.scale in ("smd", "g", "d") and case.effect_type in BETWEEN:
            return "SMD", formulas.variance, correct
        rule = {"ci": "CI", "se": "SE", "v": "as given"}[kind.spread]
        return ("log" if kind.log else "as given"), rule, ""
    if kind.scale == "md":
        return "MD", "LS", ""
    if kind.scale in ("r", "z"):
        return "ZCOR", "LS", ""
    if kind.scale == "d":
        return "SMD", "LS" if formulas.variance != "COHEN" else "COHEN", "none"
    return "SMD", formulas.variance, correct


def specifications(
    case: Case, table: StudyTable, candidates: tuple[Formulas, ...]
) -> dict[Specification, Formulas]:
    """Return the declared analysis with metafor's formulas and with a program's.

    Parameters
    ----------
    case : Case
        The case.
    table : StudyTable
        The study data there.
    candidates : tuple of Formulas
        The program's formulas.

    Returns
    -------
    dict
        Each analysis once, and the formulas behind it.
    """
    found: dict[Specification, Formulas] = {}
    for formulas in (METAFOR, *candidates):
        one = declared_specification(case, formulas, table)
        if one is not None:
            found.setdefault(one, formulas)
    return found


def search_figures(case: Case, figures: tuple[FigureVerdict, ...]) -> dict[str, str]:
    """Return the printed figures by the search's words, as texts that it reads as they are meant.

    Parameters
    ----------
    case : Case
        The case.
    figures : tuple of FigureVerdict
        Its figures, judged; their signs tell how a z is to be read.

    Returns
    -------
    dict of str to str
        Shares have their sign of per cent, a z that is printed without its sign has it.
    """
    found = {}
    estimates = Printed(case.figures["estimate"]) if "estimate" in case.figures else None
    for figure in figures:
        name = figure.quantity
        if name in UNKNOWN_THERE:
            continue
        text = case.wider.get(name, figure.printed).strip()
        if name == "I2" and not text.endswith("%"):
            text = f"{text}%"
        negative = estimates is not None and estimates.high <= 0
        if name == "z" and negative and text[:1].isdigit():
            text = f"-{text}"
        found[FIGURE_WORDS.get(name, name)] = text
    return found


def family_limits(case: Case) -> Mapping[str, tuple[str, ...]]:
    """Return which ways of print the search may try: an r or a z either way, others as they are.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    mapping
        Limits for the family.
    """
    return {"back": ("exp",) if case.kind.log else BACKS.get(case.kind.scale, ("identity",))}
