"""Whether the printed figures of a case can be true together, whatever the study data are."""

from __future__ import annotations

from typing import Any

from metarel.coherence.check import check
from metarel.repro.case_schema import Case
from metarel.repro.programs import program_of

#: How the effects of a case are called there.
METRICS = {"smd": "g", "g": "g", "d": "d", "md": "md", "r": "r", "z": "z"}
LIMITS = ("ci_low", "ci_high")
#: Figures that are held against each other.
HELD = ("estimate", "se", "z", "p", "k", "Q", "Q_p", "I2", "tau2", "tau")
#: The programs whose limits may be bootstrapped.
BOOTSTRAPPED = ("metawin",)


def contradictions(case: Case) -> tuple[str, ...]:
    """Return what among the printed figures of a case cannot be true together.

    Parameters
    ----------
    case : Case
        The case; its study data play no part but for their number.

    Returns
    -------
    tuple of str
        A sentence a contradiction: no numbers that any rule of rounding prints so fit under any
        convention, or only under one that is seldom used, which is named. Where the rows are not
        as many as printed, both numbers are tried.
    """
    found = _problems(case, case.figures.get("k", str(case.k)))
    if "k" in case.figures and case.figures["k"] != str(case.k):
        others = _problems(case, str(case.k))
        found = {code: what for code, what in found.items() if code in others}
    return tuple(found.values())


def _problems(case: Case, k: str) -> dict[tuple[str, ...], str]:
    """Return the findings that need an answer, a sentence each, by check and figures."""
    return {
        (one.code, *(figure.name for figure in one.figures)): one.what.rstrip(".")
        for one in check(_printed(case, k)).findings
        if one.needs_answer
    }


def _printed(case: Case, k: str) -> dict[str, Any]:
    """Return the figures as the check reads them."""
    texts = {name: case.wider.get(name, text) for name, text in case.figures.items()}
    given: dict[str, Any] = {name: texts[name] for name in HELD if name in texts}
    given["k"] = k
    if "I2" in given and not given["I2"].strip().endswith("%"):
        given["I2"] = f"{given['I2'].strip()}%"
    if all(name in texts for name in LIMITS):
        given["ci"] = tuple(texts[name] for name in LIMITS)
    if (
        case.test != "z"
    ):  # what is printed as z is a t then, and the check would take it at its word
        given = {name: text for name, text in given.items() if name not in ("z", "p", "se")}
    program = program_of(case.software)
    if program is not None and program.code in BOOTSTRAPPED:
        given["interval"] = "bootstrap"
    given["estimator"] = "DL" if case.tau2 == "EE" else case.tau2
    given["metric"] = METRICS.get(case.kind.scale, case.kind.scale if case.kind.log else "")
    return given
