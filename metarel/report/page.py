"""A whole report of one fit, in one call."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metarel._checks import check_frame
from metarel._register import Register, one_of
from metarel.errors import InputError
from metarel.models.results import MetaFit
from metarel.moderators.subgroups import SubgroupsResult
from metarel.plot._theme import THEMES
from metarel.report._case import Case
from metarel.report._checklist import checklist_blocks
from metarel.report._content import Block, Document, Section
from metarel.report._docx import load_docx, write_docx
from metarel.report._html import write_html
from metarel.report._latex import write_latex
from metarel.report._markdown import write_markdown
from metarel.report._model_words import kind_of
from metarel.report._quantities import scale_of_fit
from metarel.report._runs import capital, phrase
from metarel.report._section_checks import sensitivity_blocks
from metarel.report._section_data import convention_blocks, data_blocks, model_blocks
from metarel.report._section_end import code_blocks, reference_blocks, version_blocks
from metarel.report._section_results import (
    heterogeneity_blocks,
    moderator_blocks,
    result_blocks,
    small_study_blocks,
)
from metarel.report._style import STYLES
from metarel.report._table_rows import Wish
from metarel.report.sentence import check_digits
from metarel.robust._result import RobustFit

if TYPE_CHECKING:
    import pandas

    from metarel._checks import Column

TITLE = "Meta-analysis"


@dataclass(frozen=True, slots=True)
class Part:
    """A section that a report can have.

    Parameters
    ----------
    code : str
        The word users choose it by.
    title : str
        Its heading.
    make : callable
        ``make(case)`` gives its blocks; without any the section is left out.
    """

    code: str
    title: str
    make: Callable[[Case], list[Block]]


PARTS: Register[Part] = Register(
    "sections",
    [
        Part("data", "Data", data_blocks),
        Part("model", "Model", model_blocks),
        Part("results", "Results", result_blocks),
        Part("heterogeneity", "Heterogeneity", heterogeneity_blocks),
        Part("moderators", "Moderators", moderator_blocks),
        Part("sensitivity", "Sensitivity", sensitivity_blocks),
        Part("small-studies", "Small studies", small_study_blocks),
        Part("conventions", "Conventions", convention_blocks),
        Part("checklist", "Reporting checklists", checklist_blocks),
        Part("references", "References", reference_blocks),
        Part("code", "Code", code_blocks),
        Part("versions", "Versions", version_blocks),
    ],
)
#: Formats by suffix.
WRITERS: dict[str, Callable[[Document, Path], None]] = {
    ".html": write_html,
    ".htm": write_html,
    ".md": write_markdown,
    ".tex": write_latex,
    ".docx": write_docx,
}


def report(
    fit: MetaFit | RobustFit | SubgroupsResult,
    path: str | Path,
    *,
    data: pandas.DataFrame | None = None,
    title: str = TITLE,
    source: str = "",
    n: Column | float | None = None,
    style: str = "apa",
    digits: int = 2,
    theme: str = "light",
    sections: Sequence[str] | None = None,
    date: str | None = None,
) -> Path:
    """Write a report of a fit into one file: data, model, results, checks, checklists, code.

    An HTML page holds its figures, needs no network and no script, and can be read on a phone, in
    print and by a screen reader. Markdown and LaTeX have their figures in a folder beside them.

    Parameters
    ----------
    fit : MetaFit, RobustFit or SubgroupsResult
        What ``pool``, ``meta_regression``, ``robust`` or ``subgroups`` returned.
    path : str or Path
        The file; its suffix is the format: ``.html``, ``.md``, ``.tex`` or ``.docx`` (which needs
        python-docx, the extra ``io``). For a PDF print the HTML page from a browser.
    data : DataFrame, optional
        The frame the fit was made from: for sample sizes, to say how effects were computed, and to
        write R code that computes them.
    title : str
        Title of the report.
    source : str
        Where the data are from, in words.
    n : column name, array or number, optional
        Sample sizes, as in ``sentence``.
    style : {"apa", "jama", "vancouver"}
        Whose rules for numbers, as in ``sentence``.
    digits : int
        Decimals of estimates.
    theme : {"light", "dark"}
        Colours of figures, and of the HTML page. A light page turns dark where the reader's system
        asks for it, with its figures on white.
    sections : sequence of str, optional
        Which sections: "data", "model", "results", "heterogeneity", "moderators", "sensitivity",
        "small-studies", "conventions", "checklist", "references", "code", "versions". By default
        all; they stand in this order, and "moderators" only where there are any.
    date : str, optional
        Day of the report, YYYY-MM-DD; by default today. With it the same fit gives the same bytes.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        On other results, an unknown suffix, section or word, a file that cannot be written, and
        where python-docx is missing.

    Notes
    -----
    The checklists say which items of PRISMA 2020 [page2021] and of the standards of the American
    Psychological Association [appelbaum2018] the report covers, and which it does not: it says
    nothing of search, selection, coding and risk of bias. Tests of funnel plot asymmetry are not
    in it. References are those of the methods that were used.

    References
    ----------
    [page2021], [appelbaum2018], [viechtbauer2010b], [higgins2002]

    Examples
    --------
    >>> import tempfile
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = mr.report(fit, f"{folder}/report.md", sections=["model", "versions"])
    ...     print(written.read_text(encoding="utf-8").splitlines()[4])
    ## Model
    """
    check_frame(data)
    check_digits(digits)
    if not isinstance(fit, (MetaFit, RobustFit, SubgroupsResult)):
        raise InputError(
            "`fit` must be what pool(), meta_regression(), robust() or subgroups() returned; got "
            f"{type(fit).__name__}. sentence() and table() take psychometric fits too."
        )
    path = Path(path)
    writer = _writer(path)
    chosen = _sections(sections)
    whole = fit.overall if isinstance(fit, SubgroupsResult) else fit
    wish = Wish(STYLES[style], digits, n, data)
    case = Case(
        fit,
        scale_of_fit(whole, data),
        wish,
        THEMES[theme].code,
        chosen,
        _text(source, "source"),
        _day(date),
    )
    document = document_of(case, _text(title, "title") or TITLE)
    try:
        writer(document, path)
    except OSError as error:
        raise InputError(f"`path` must be a file that can be written: {error}") from error
    finally:
        for figure in document.figures:
            figure.close()
    return path


def document_of(case: Case, title: str) -> Document:
    """Return the whole report as content.

    Parameters
    ----------
    case : Case
        The fit and what was asked for.
    title : str
        The title.

    Returns
    -------
    Document
        What each format writes.
    """
    parts = [PARTS[code] for code in case.sections]
    made = [Section(part.code, part.title, tuple(part.make(case))) for part in parts]
    name = capital(phrase("{kind}", kind=kind_of(case.whole)))
    lead = phrase("{name}, {studies}. Written by metarel on {date}.", name=name,
                  studies=case.studies, date=case.date)  # fmt: skip
    kept = tuple(section for section in made if section.blocks)
    return Document(title, lead, kept, case.theme, case.date)


def _writer(path: Path) -> Callable[[Document, Path], None]:
    """Return the writer of a suffix, or the way out."""
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        raise InputError(
            "`path` cannot end in .pdf: write .html and print that page from a browser (it has a "
            "style for paper), or write .tex or .docx."
        )
    if suffix not in WRITERS:
        raise InputError(one_of("path", [f"*{known}" for known in WRITERS], str(path)))
    if suffix == ".docx":
        load_docx()
    return WRITERS[suffix]


def _sections(sections: Any) -> tuple[str, ...]:
    """Return the sections asked for, in the order of a report."""
    if sections is None:
        return tuple(PARTS)
    if isinstance(sections, str) or not isinstance(sections, Sequence) or not sections:
        raise InputError(f"`sections` must be a list of {', '.join(PARTS)}; got {sections!r}.")
    asked = {PARTS[word].code for word in sections}
    return tuple(code for code in PARTS if code in asked)


def _day(date: str | None) -> str:
    """Return the day as YYYY-MM-DD."""
    if date is None:
        return datetime.datetime.now(tz=datetime.UTC).astimezone().date().isoformat()
    if not isinstance(date, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", date):
        raise InputError(f"`date` must be a day as YYYY-MM-DD; got {date!r}.")
    try:
        return datetime.date.fromisoformat(date).isoformat()
    except ValueError as error:
        raise InputError(f"`date` must be a day as YYYY-MM-DD; got {date!r}.") from error


def _text(value: object, argument: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"`{argument}` must be text; got {value!r}.")
    return " ".join(value.split())
