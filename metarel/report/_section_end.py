"""What stands at the end of a report: references, code, versions, and the hash of the data."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from functools import partial
from typing import Any

from metarel.report._case import Case, quietly
from metarel.report._content import Block, Code, Listing, make_table, say
from metarel.report._methods import keys_of
from metarel.report._reference_data import REFERENCES
from metarel.report._runs import Run
from metarel.report.code import code

PACKAGES = ("metarel", "numpy", "scipy", "pandas", "matplotlib")
LANGUAGES = {"python": "Python", "R": "R"}


def reference_blocks(case: Case) -> list[Block]:
    """Return the publications behind the methods that were used.

    Parameters
    ----------
    case : Case
        The report.

    Returns
    -------
    list of blocks
        A list.
    """
    keys = keys_of(case.fit, case.wish.data, case.sections, case.wish.style)
    entries = sorted((REFERENCES[key] for key in keys), key=str.casefold)
    return [Listing(tuple((Run(entry),) for entry in entries))]


def code_blocks(case: Case) -> list[Block]:
    """Return the analysis as programs in Python and in R.

    Parameters
    ----------
    case : Case
        The report.

    Returns
    -------
    list of blocks
        Programs, or why there is none.
    """
    blocks: list[Block] = []
    for language, name in LANGUAGES.items():
        text, told = quietly(partial(_text, case, language))
        if text is None:
            blocks.append(say("{name}: no program. {why}", name=name, why=" ".join(told)))
        else:
            blocks += [say("{name}:", name=name), Code(name, text)]
    return blocks


def _text(case: Case, language: str) -> str:
    """Return the program; R makes the effects from the raw data where it can."""
    raw = case.wish.data if language == "R" and case.made() and not case.levels else None
    return code(case.fit, language, data=raw)


def data_lines(fit: Any) -> str:
    """Return the studies as the lines that the hash is of.

    Parameters
    ----------
    fit : Fit
        The fit.

    Returns
    -------
    str
        A line a study: label, yi and vi, separated by tabs, numbers to their last digit.
    """
    study = fit.study
    rows = zip(study.labels, study.yi, study.vi, strict=True)
    return "".join(f"{label}\t{float(y)!r}\t{float(v)!r}\n" for label, y, v in rows)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:  # run from its source
        return "not installed as a package"


def version_blocks(case: Case) -> list[Block]:
    """Return the versions, the day, and the hash of the data.

    Parameters
    ----------
    case : Case
        The report.

    Returns
    -------
    list of blocks
        A table and a paragraph.
    """
    digest = hashlib.sha256(data_lines(case.whole).encode("utf-8")).hexdigest()
    rows = [["Python", platform.python_version()]]
    rows += [[name, _version(name)] for name in PACKAGES]
    rows += [["Date of the report", case.date], ["SHA-256 of the data", digest]]
    return [
        make_table("Software, date and data", ["What", "Version or value"], rows),
        say(
            "The hash is of one line a study, in the order of the analysis: label, yi and vi, "
            "separated by tabs, each number with all its digits, each line ended by a line feed, "
            "in UTF-8."
        ),
    ]
