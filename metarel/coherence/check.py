"""Whether printed numbers can be true together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

from metarel._checks import is_frame
from metarel.coherence._document import groups_of_document
from metarel.coherence._figures import Group, Report, Table
from metarel.coherence._from_text import groups_of_text
from metarel.coherence._judge import VERDICTS, Finding, judge
from metarel.coherence._levels import tables_of_text
from metarel.coherence._owned import owned
from metarel.coherence._read import Given, group_of, table_of
from metarel.coherence._result import Checked
from metarel.coherence.register import CHECKS
from metarel.errors import InputError
from metarel.reading.documents import READERS, Document

#: Files of tables, and all files whose names may stand where a text should.
TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".ods")
FILES = (*READERS, ".doc", ".rtf", ".odt", ".pages", *TABLES)
#: Findings in longer texts are printed with the words in which their figures stand.
LONG = 600


def check(what: Any = None, /, **printed: Any) -> Checked:
    """Tell whether printed numbers can be true together.

    Parameters
    ----------
    what : str, Document, mapping, list of mappings, or DataFrame, optional
        A sentence or an abstract; a document, prose and tables; one result's figures by name; or
        a table of results: subgroups with their total, or the rows of a forest plot (headings that
        are no figures are listed as not read; the total is the row whose label says so).
    **printed : str, int, or pair of str
        One result's figures instead, in quotes, so that their digits are kept: ``estimate``
        with its ``metric``, or ``r d g OR …``; ``ci`` and ``pi`` as pairs or as text, ``level``,
        ``se z t df p k N Q Q_df I2 tau2 …``. Counts may be numbers. Settings are words:
        ``tails="one"``, ``interval="bootstrap"``, ``estimator="DL"``. A ``df`` or ``p`` that stands
        beside ``Q`` alone is taken for that of Q, which is said.

    Returns
    -------
    Checked
        ``findings``, ``problems``, ``remarks``, ``ok``; ``to_frame()``, ``to_dict()``,
        ``letter()``; printed, it says what was read, what was checked, and what fails.

    Raises
    ------
    InputError
        On a word that is no figure, on numbers whose printed digits are lost, on the name of a file
        in place of its text, and on other types.

    Notes
    -----
    Every figure stands for the interval of numbers that are printed so. A finding is
    *impossible* only if no numbers in these intervals, by any rule of rounding, fit any convention
    known to the check; *only under a convention* if another than the usual one is needed, which is
    named; *only in a corner* if a small part of the intervals fits. That all is consistent does not
    prove the figures right. All checks stand in ``metarel.coherence.register.CHECKS``.

    References
    ----------
    [nuijten2016], [brown2017], [higgins2002], [altman2011]

    Examples
    --------
    >>> import metarel as mr
    >>> found = mr.check(r=".24", ci=(".12", ".36"), k=16, Q="38.2", I2="51%")
    >>> found.ok
    True
    >>> problem = mr.check(d=".40", se=".10", z="5.0").problems[0]
    >>> print(problem.printed, "where there can be", problem.expected)
    z = 5.0 where there can be 3.76 to 4.26
    """
    if what is not None and printed:
        raise InputError(
            "`check` takes either one thing (a text, a mapping, a table) or figures as keywords; "
            f"got both {type(what).__name__} and `{next(iter(printed))}`."
        )
    given = Given()
    notes = _understand(printed if what is None else what, given)
    findings, lacking = _all_findings(given)
    order = {verdict: place for place, verdict in enumerate(VERDICTS)}
    findings.sort(key=lambda f: (not f.needs_answer, order[f.verdict]))
    return Checked(
        tuple(findings),
        tuple(given.groups),
        given.numbers,
        tuple(given.unread),
        lacking,
        (*notes, *given.notes),
        isinstance(what, Document) or len(given.text) > LONG,
    )


def _understand(what: Any, given: Given) -> list[str]:
    """Read what came into groups and tables, and return what was assumed."""
    if isinstance(what, (str, Document)):
        _read_text(what, given)
    elif isinstance(what, Mapping):
        figures, notes = owned(what)
        if figures:
            given.groups.append(group_of(figures, given))
        return notes
    elif is_frame(what):
        twice = what.columns[what.columns.duplicated()]
        if len(twice):
            raise InputError(
                f"`what` must have each column once; it has {twice[0]!r} more than once."
            )
        table_of(what.to_dict("records"), given, lenient=True)
    elif isinstance(what, (list, tuple)) and all(isinstance(row, Mapping) for row in what):
        table_of(what, given, lenient=False)
    elif isinstance(what, os.PathLike):
        raise _name_of_a_file(os.fspath(what))
    else:
        raise InputError(
            "`what` must be a text, a mapping of printed figures, a list of mappings, a DataFrame "
            f"or a Document; got {type(what).__name__}."
        )
    return []


def _read_text(what: str | Document, given: Given) -> None:
    """Read the results of a text, and which of them are parts of one whole."""
    if isinstance(what, Document):
        groups_of_document(what, given)
    elif PurePath(what).suffix.lower() in FILES and not set(what.strip()) & set(" \n=<>"):
        raise _name_of_a_file(what)
    else:
        groups_of_text(what, given)
    given.tables += tables_of_text(given.text, given.groups)


def _name_of_a_file(name: str) -> InputError:
    """Return the error for the name of a file in place of what is in it."""
    suffix = PurePath(name).suffix.lower()
    if suffix in READERS:
        way = f"Read it first: mr.check(mr.read_document({name!r}))."
    elif suffix in TABLES:
        way = f"Read it first: mr.check(pandas.read_csv({name!r}, dtype=str))."
    else:
        way = "Save it as .docx, .pdf or .txt and read that with mr.read_document."
    return InputError(f"`what` must be a text, not the name of a file; got {name!r}. {way}")


def _all_findings(given: Given) -> tuple[list[Finding], dict[str, str]]:
    """Make every check that the figures allow, and say what the others lack."""
    findings: list[Finding] = []
    lacking: dict[str, str] = {}
    report = Report(given.text, tuple(given.groups))
    every: dict[str, Iterable[Group | Table | Report]] = {
        "group": given.groups,
        "table": given.tables,
        "text": [report] if given.text else [],
    }
    for check_ in CHECKS.values():
        made = 0
        things: Iterable[Any] = every[check_.of]
        missing: list[list[str]] = []
        for thing in things:
            if isinstance(thing, Group):
                missing.append(check_.lacks(thing))
                if missing[-1]:
                    continue
            for question in check_.questions(thing):
                findings.append(judge(check_, question))
                made += 1
        if not made:
            least = min(missing, key=len, default=list(check_.needs))
            lacking[check_.code] = (
                f"needs {' and '.join(least).replace('|', ' or ')}" if least else
                "its figures are there, but not together or not of the kind it is about"
            )  # fmt: skip
    return findings, lacking
