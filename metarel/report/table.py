"""The table of a journal: one or several fits, in text, and written in any format."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metarel._checks import check_choice, check_frame
from metarel._lazy import pd
from metarel.errors import InputError
from metarel.models.psychometric import PsychometricFit
from metarel.models.results import MetaFit
from metarel.moderators.subgroups import SubgroupsResult
from metarel.report import _table_rows as rows_of
from metarel.report._content import Table, plain_heads
from metarel.report._docx import write_docx_table
from metarel.report._html import html_table
from metarel.report._latex import latex_table
from metarel.report._markdown import markdown_table
from metarel.report._quantities import has_moderators
from metarel.report._runs import plain
from metarel.report._style import STYLES
from metarel.report.sentence import check_digits
from metarel.robust._result import RobustFit

if TYPE_CHECKING:
    import pandas

    from metarel._checks import Column

    Result = MetaFit | RobustFit | SubgroupsResult | PsychometricFit

LAYOUTS = ("rows", "columns")


@dataclass(frozen=True)
class JournalTable:
    """A table of text, ready to be printed.

    Parameters
    ----------
    content : Table
        Caption, headers, cells and notes.
    """

    content: Table

    @property
    def caption(self) -> str:
        """What the table shows."""
        return self.content.caption

    @property
    def notes(self) -> tuple[str, ...]:
        """What stands beneath the table."""
        return tuple(plain(note) for note in self.content.notes)

    def to_frame(self) -> pandas.DataFrame:
        """Return the table as text in a frame.

        Returns
        -------
        DataFrame
            A row a row, under the headers as printed.
        """
        return pd.DataFrame(list(self.content.rows), columns=plain_heads(self.content), dtype=str)

    def to_dict(self) -> dict[str, Any]:
        """Return the table in plain types.

        Returns
        -------
        dict
            Keys caption, columns, rows and notes.
        """
        return {
            "caption": self.caption,
            "columns": plain_heads(self.content),
            "rows": [list(row) for row in self.content.rows],
            "notes": list(self.notes),
        }

    def to_markdown(self) -> str:
        """Return the table in Markdown, with pipes.

        Returns
        -------
        str
            The text.
        """
        return markdown_table(self.content) + "\n"

    def to_html(self) -> str:
        """Return the table in HTML, with a caption, and with scopes for those who hear it.

        Returns
        -------
        str
            The text, without a style.
        """
        return html_table(self.content) + "\n"

    def to_latex(self) -> str:
        r"""Return the table in LaTeX, for a document that uses ``booktabs`` (and ``longtable``).

        Returns
        -------
        str
            The text.
        """
        return latex_table(self.content) + "\n"

    def to_csv(self, path: str | Path | None = None) -> str:
        """Return the table as comma-separated values, and write them where a path is given.

        Parameters
        ----------
        path : str or Path, optional
            The file, in UTF-8 with a mark that Excel reads.

        Returns
        -------
        str
            The text.
        """
        written = io.StringIO()
        self.to_frame().to_csv(written, index=False, lineterminator="\n")
        if path is not None:
            _write(lambda: Path(path).write_text(written.getvalue(), "utf-8-sig", newline="\n"))
        return written.getvalue()

    def to_docx(self, path: str | Path) -> Path:
        """Write the table for a word processor.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        InputError
            If the file cannot be written, or python-docx is not installed.
        """
        _write(lambda: write_docx_table(self.content, Path(path)))
        return Path(path)

    def __str__(self) -> str:
        frame = self.to_frame()
        text = frame.to_string(index=False) if len(frame) else ""
        return "\n".join(filter(None, [self.caption, text, *self.notes]))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.to_html()


def _write(action: Callable[[], object]) -> None:
    """Write a file, and say what stands in the way where that fails."""
    try:
        action()
    except OSError as error:
        raise InputError(f"`path` must be a file that can be written: {error}") from error


def table(
    fits: Result | Sequence[Result] | Mapping[str, Result],
    *,
    names: Sequence[str] | None = None,
    layout: str = "rows",
    style: str = "apa",
    digits: int = 2,
    n: Column | float | None = None,
    data: pandas.DataFrame | None = None,
    caption: str = "",
) -> JournalTable:
    """Make the table that a journal prints of one or several fits.

    Pooled means are rows with k, N, the estimate on the scale people read with its interval, p,
    tau2, I2 and the prediction interval. Of regressions each coefficient is a row, and what the
    model says as a whole stands beneath; of subgroups each level, with the test between levels; of
    correlations after Hunter and Schmidt each analysis. A column that no row fills is left out.

    Parameters
    ----------
    fits : fit, or a sequence or mapping of fits
        What ``pool``, ``meta_regression``, ``robust``, ``subgroups`` or ``psychometric`` returned;
        a mapping names them. Means and regressions may stand together, as coefficients.
    names : sequence of str, optional
        A name for each fit; by default the model's, or the moderator's.
    layout : {"rows", "columns"}
        Fits one below the other, or side by side.
    style : {"apa", "jama", "vancouver"}
        Whose rules for numbers, as in ``sentence``.
    digits : int
        Decimals of estimates; more where an interval is so narrow that they would not show it.
    n : column name, array or number, optional
        Sample sizes, as in ``sentence``; subgroups know theirs.
    data : DataFrame, optional
        The frame all fits were made from: for the sizes, and to tell d from g.
    caption : str
        Caption; empty for none.

    Returns
    -------
    JournalTable
        Text: print it, or see ``to_frame()``, ``to_markdown()``, ``to_html()``, ``to_latex()``,
        ``to_csv()`` and ``to_docx(path)``.

    Raises
    ------
    InputError
        On results that no one table holds, names that are not as many as the fits or not
        distinct, unknown words, and subgroups side by side.

    References
    ----------
    [apa2020], [ama2020], [lang2015]

    Examples
    --------
    >>> import metarel as mr
    >>> yi, vi = [0.32, 0.11, 0.85, 0.28], [0.02, 0.01, 0.04, 0.015]
    >>> fits = {t: mr.pool(yi=yi, vi=vi, tau2=t, measure="ZCOR") for t in ("REML", "DL", "EE")}
    >>> print(mr.table(fits).to_markdown())  # doctest: +ELLIPSIS
    | Model | *k* | *r* | 95% CI | *p* | τ² | *I*² | 95% PI |
    | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | REML | 4 | .34 | [.08, .56] | .013 | 0.062 | 77.6% | [−.20, .72] |
    | DL | 4 | .34 | [.09, .54] | .007 | 0.048 | 72.9% | [−.15, .69] |
    | EE | 4 | .27 | [.15, .38] | < .001 | – | 72.9% | – |
    ...
    """
    check_frame(data)
    check_digits(digits)
    check_choice("layout", layout, LAYOUTS)
    named = _named(fits, names)
    wish = rows_of.Wish(STYLES[style], digits, n, data)
    return JournalTable(_maker(named, layout)(named, wish, caption))


def _named(fits: Any, names: Any) -> dict[str, Any]:
    """Return the fits by name."""
    if isinstance(fits, Mapping):
        if names is not None:
            raise InputError("`names` and the keys of `fits` both name the fits; give one of them.")
        names, given = list(fits), list(fits.values())
    else:
        one = isinstance(fits, (MetaFit, RobustFit, SubgroupsResult, PsychometricFit))
        if not one and not isinstance(fits, (list, tuple)):
            raise InputError(
                f"`fits` must be a fit, or a list or mapping of fits; got {type(fits).__name__}."
            )
        given = [fits] if one else list(fits)
    if not given:
        raise InputError("`fits` must hold at least one fit; it is empty.")
    for fit in given:
        if not isinstance(fit, (MetaFit, RobustFit, SubgroupsResult, PsychometricFit)):
            raise InputError(
                "`fits` must hold what pool(), meta_regression(), robust(), subgroups() or "
                f"psychometric() returned; got {type(fit).__name__}."
            )
    if isinstance(names, str) or (names is not None and len(names) != len(given)):
        raise InputError(f"`names` must be a list of {len(given)}, one a fit; got {names!r}.")
    chosen = _distinct([_default(fit) for fit in given]) if names is None else list(names)
    if len(set(chosen)) != len(chosen) or not all(isinstance(name, str) for name in chosen):
        raise InputError(f"`names` must be text, all different; got {chosen!r}.")
    return dict(zip(chosen, given, strict=True))


def _default(fit: Any) -> str:
    if isinstance(fit, PsychometricFit):
        return "All studies"
    return fit.by if isinstance(fit, SubgroupsResult) else rows_of.name_of(fit)


def _distinct(names: list[str]) -> list[str]:
    """Number names that come more than once."""
    found = []
    for i, name in enumerate(names):
        again = names.count(name) > 1
        found.append(f"{name} ({names[: i + 1].count(name)})" if again else name)
    return found


def _maker(named: dict[str, Any], layout: str) -> Callable[[Any, Any, str], Table]:
    """Return the function that makes the table of these fits."""
    fits = list(named.values())
    side = layout == "columns"
    for kind, make in ((SubgroupsResult, rows_of.levels), (PsychometricFit, rows_of.psychometric)):
        if all(isinstance(fit, kind) for fit in fits):
            if side:
                raise InputError(
                    '`layout` "columns" is for means and regressions; subgroups and psychometric '
                    'analyses are rows. Use layout="rows".'
                )
            return make
    if not all(isinstance(fit, (MetaFit, RobustFit)) for fit in fits):
        kinds = ", ".join(sorted({type(fit).__name__ for fit in fits}))
        raise InputError(f"`fits` must be of one kind to stand in one table; got {kinds}.")
    if any(has_moderators(fit) for fit in fits):
        return rows_of.side_by_side if side else rows_of.coefficients
    return _turned_means if side else rows_of.means


def _turned_means(named: dict[str, Any], wish: rows_of.Wish, caption: str) -> Table:
    return rows_of.turned(rows_of.means(named, wish, caption))
