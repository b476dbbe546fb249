"""Which items of PRISMA 2020 and of APA's standards a report covers, and which it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from metarel.report._case import Case
from metarel.report._content import Block, make_table, say
from metarel.report._quantities import random_effects

YES, PART, NO = "yes", "in part", "no"
#: Whether an item is covered, and where, or what the authors must add.
Answer: TypeAlias = Callable[[Case], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a reporting standard.

    Parameters
    ----------
    number : str
        As the standard numbers it, or its topic.
    asks : str
        What it asks for, in our words.
    answer : callable
        ``answer(case)`` says whether it is covered, and where or what is missing.
    """

    number: str
    asks: str
    answer: Answer


def _fixed(status: str, text: str) -> Answer:
    return lambda _: (status, text)


def _section(code: str, title: str, missing: str, *, part: str = "") -> Answer:
    """Return covered where a section is in the report; ``part`` says what it lacks even then."""

    def answer(case: Case) -> tuple[str, str]:
        if code not in case.sections:
            return NO, missing
        return (PART, f"Section {title}; {part}") if part else (YES, f"Section {title}")

    return answer


def _measure(case: Case) -> tuple[str, str]:
    measure = case.whole.study.measure
    if measure is None or measure == "GEN":
        return NO, "The fit does not know its measure; name it"
    if "data" not in case.sections:
        return NO, "Name the measure"
    return YES, "Section Data"


def _formulas(case: Case) -> tuple[str, str]:
    status, text = _measure(case)
    if status == YES and case.made().get("measure") != case.whole.study.measure:
        return PART, "Measure named; say how effects and variances were computed"
    return status, text


def _prepared(case: Case) -> tuple[str, str]:
    known = bool(case.made()) and "data" in case.sections
    text = "Section Data has the formulas; say what was converted or filled in before"
    return (PART, text) if known else (NO, "Say how effects were computed, converted or filled in")


def _moderated(case: Case) -> tuple[str, str]:
    if not case.moderated:
        return NO, "No moderator was analysed"
    return _section("moderators", "Moderators", "Left out of this report")(case)


def _reasons(case: Case) -> tuple[str, str]:
    if "model" not in case.sections:
        return NO, "Describe the model and why it was chosen"
    return PART, "Sections Model and Conventions; say why this model was chosen"


def _heterogeneity(case: Case) -> tuple[str, str]:
    if "heterogeneity" not in case.sections:
        return NO, "Left out of this report"
    if not random_effects(case.whole):
        return PART, "Section Heterogeneity: Q and I² alone, for the model has a common effect"
    return YES, "Section Heterogeneity"


def _dependence(case: Case) -> tuple[str, str]:
    if hasattr(case.fit, "clusters"):
        return YES, "Section Model: cluster-robust standard errors"
    return NO, "The model takes all effects as independent; say whether they are"


_AUTHORS = "For the authors to write"
_MISSING = "Left out of this report"

PRISMA: tuple[Item, ...] = (
    Item("12", "The effect measure of each outcome", _measure),
    Item(
        "13a",
        "How it was decided which studies enter each synthesis",
        _section("data", "Data", _AUTHORS, part="it lists rows left out; give the rule"),
    ),
    Item("13b", "How data were prepared: missing statistics, conversions", _prepared),
    Item(
        "13c",
        "How results are tabulated or displayed",
        _section("results", "Results", _MISSING),
    ),
    Item("13d", "Methods of synthesis, with reasons, model, heterogeneity, software", _reasons),
    Item("13e", "Methods to explore causes of heterogeneity", _moderated),
    Item("13f", "Sensitivity analyses", _section("sensitivity", "Sensitivity", _MISSING)),
    Item(
        "14",
        "Methods to assess bias from missing results",
        _section("small-studies", "Small studies", _MISSING, part="a funnel plot alone"),
    ),
    Item("15", "Methods to assess certainty in the evidence", _fixed(NO, _AUTHORS)),
    Item("16a, 16b", "Results of the search, with a flow of studies", _fixed(NO, _AUTHORS)),
    Item(
        "17",
        "Each included study and its characteristics",
        _section("data", "Data", _AUTHORS, part="cite the studies and describe them"),
    ),
    Item("18", "Risk of bias in each study", _fixed(NO, _AUTHORS)),
    Item(
        "19",
        "For each study, summary statistics, effect and its precision",
        _section("data", "Data", _MISSING, part="effects with intervals; add group statistics"),
    ),
    Item("20a", "For each synthesis, the studies and their risk of bias", _fixed(NO, _AUTHORS)),
    Item(
        "20b",
        "Results of the synthesis: estimate, precision, heterogeneity, direction",
        _section("results", "Results", _MISSING),
    ),
    Item("20c", "Results on causes of heterogeneity", _moderated),
    Item(
        "20d", "Results of sensitivity analyses", _section("sensitivity", "Sensitivity", _MISSING)
    ),
    Item(
        "21",
        "Assessment of bias from missing results",
        _section("small-studies", "Small studies", _MISSING, part="a funnel plot alone"),
    ),
    Item("22", "Certainty in the evidence for each outcome", _fixed(NO, _AUTHORS)),
    Item(
        "27",
        "Where data, code and materials are to be had",
        _section("code", "Code", _MISSING, part="say where the files are public"),
    ),
)

JARS: tuple[Item, ...] = (
    Item("Effect sizes", "Metric, formulas and corrections of effect sizes", _formulas),
    Item("Dependence", "How several effects of one study were treated", _dependence),
    Item("Synthesis", "Model, weights, and the reasons for them", _reasons),
    Item("Heterogeneity", "How heterogeneity was assessed, and its estimates", _heterogeneity),
    Item("Moderators", "Analyses of moderators, with levels or coefficients", _moderated),
    Item(
        "Publication bias",
        "Assessment of selective publication and reporting",
        _section("small-studies", "Small studies", _MISSING, part="a funnel plot alone"),
    ),
    Item(
        "Sensitivity",
        "Sensitivity analyses, and outliers",
        _section("sensitivity", "Sensitivity", _MISSING),
    ),
    Item(
        "Software",
        "Programs with versions, and settings",
        _section("versions", "Versions", _MISSING),
    ),
    Item(
        "Study table",
        "Each study with its sample size, effect and characteristics",
        _section("data", "Data", _MISSING, part="effects and weights; add characteristics"),
    ),
    Item(
        "Display",
        "A graph of the effects with their intervals",
        _section("results", "Results", _MISSING),
    ),
    Item("Quality", "Assessment of the quality of studies", _fixed(NO, _AUTHORS)),
    Item("Coding", "Coders, and how far they agree", _fixed(NO, _AUTHORS)),
    Item("Search", "Sources, terms, selection and a flow of studies", _fixed(NO, _AUTHORS)),
)


def checklist_blocks(case: Case) -> list[Block]:
    """Return both checklists, with what is covered and what is not.

    Parameters
    ----------
    case : Case
        The report.

    Returns
    -------
    list of blocks
        A paragraph and two tables.
    """
    blocks: list[Block] = [
        say(
            "These tables say what this report covers by itself, in our words for the items. Those "
            "items of PRISMA that are not about synthesis, such as title, search and funding, are "
            "left to the authors."
        )
    ]
    for caption, items in (
        ("PRISMA 2020, items on synthesis", PRISMA),
        ("APA journal article reporting standards for meta-analysis (JARS–Quant)", JARS),
    ):
        rows = [[item.number, item.asks, *item.answer(case)] for item in items]
        heads = ["Item", "Asks for", "Covered", "Where, or what is missing"]
        blocks.append(make_table(caption, heads, rows))
    return blocks
