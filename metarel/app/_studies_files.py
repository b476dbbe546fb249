"""What an analysis can be taken along as: effects, pictures, code, reports."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Any

from metarel._lazy import Deferred
from metarel.app._pictures import plot, taken
from metarel.app._studies import Analysis, studies_drawn

code: Any = Deferred("metarel.report.code")
pages: Any = Deferred("metarel.report.page")

#: What spreadsheets know UTF-8 by.
MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class File:
    """A file that is handed out.

    Parameters
    ----------
    id : str
        Its name on the page.
    group : str
        The heading it stands under.
    label : str
        What stands on its button.
    ending : str
        What follows the table's name in the name of the file.
    make : callable
        ``make(analysis)`` gives what is in it.
    there : callable
        ``there(analysis)`` tells whether the analysis has it.
    """

    id: str
    group: str
    label: str
    ending: str
    make: Callable[[Analysis], str | bytes]
    there: Callable[[Analysis], bool] = lambda _: True

    def name(self, analysis: Analysis) -> str:
        """Return the name of the file, made of the table's."""
        return f"{stem(analysis)}-{self.ending}"


def stem(analysis: Analysis) -> str:
    """Return the name of the table without its ending, fit for a file."""
    name = Path(analysis.table.name).stem
    return re.sub(r"[^\w-]+", "-", name).strip("-") or "table"


def effects_csv(analysis: Analysis, *, comma: bool = False) -> str:
    """Return the studies with their effects as the text of a CSV file.

    It begins with the mark by which spreadsheets know UTF-8; with ``comma`` decimals are commas
    and columns are parted by semicolons.
    """
    sep, decimal = (";", ",") if comma else (",", ".")
    return MARK + str(analysis.effects.to_csv(index=False, sep=sep, decimal=decimal))


def effects_workbook(analysis: Analysis) -> bytes:
    """Return the studies with their effects as an Excel workbook."""
    raw = io.BytesIO()
    analysis.effects.to_excel(raw, index=False, sheet_name="effects")
    return raw.getvalue()


def picture_file(analysis: Analysis, which: str, kind: str) -> bytes:
    """Return the forest or the funnel plot as a file for print."""
    ax = studies_drawn(analysis) if which == "forest" else plot.funnel(analysis.fit)
    return taken(ax, kind).raw


def r_code(analysis: Analysis) -> str:
    """Return the analysis as R text for metafor, the data in it."""
    fits = [fit for fit in (analysis.main, analysis.regression) if fit is not None]
    return "\n\n".join(str(code.code(fit, "R", data=analysis.effects)) for fit in fits)


#: The parts of an analysis that a report can be about, in the order of the page.
PARTS: dict[str, Callable[[Analysis], Any]] = {
    "pooled result": lambda analysis: analysis.fit,
    "subgroups": lambda analysis: analysis.groups,
    "moderators": lambda analysis: analysis.regression,
}


def report(analysis: Analysis, part: str, kind: str) -> bytes:
    """Return the report of a part of the analysis as one file."""
    with tempfile.TemporaryDirectory(prefix="metarel-") as folder:
        file: Path = pages.report(
            PARTS[part](analysis),
            Path(folder, f"report{kind}"),
            data=analysis.effects,
            title=f"Meta-analysis of {Path(analysis.table.name).stem}: {part}",
            source=analysis.table.name,
        )
        return file.read_bytes()


def _picture(which: str, kind: str) -> File:
    return File(
        f"studies_{which}_{kind[1:]}",
        "Pictures",
        f"{which.capitalize()} plot ({kind[1:].upper()})",
        f"{which}{kind}",
        lambda analysis: picture_file(analysis, which, kind),
    )


def _report(part: str, kind: str, format_: str, package: str = "") -> File:
    word = part.split()[0]
    here = not package or util.find_spec(package) is not None
    return File(
        f"studies_report_{word}_{kind[1:]}",
        "Reports",
        f"{part.capitalize()} ({format_})",
        f"{word}{kind}",
        lambda analysis: report(analysis, part, kind),
        lambda analysis: here and PARTS[part](analysis) is not None,
    )


#: Every file, in the order of the page.
FILES = (
    File("studies_csv", "Effects", "CSV", "effects.csv", effects_csv),
    File("studies_csv_comma", "Effects", "CSV for Excel with decimal commas", "effects-comma.csv",
         lambda analysis: effects_csv(analysis, comma=True)),
    File("studies_xlsx", "Effects", "Excel (.xlsx)", "effects.xlsx", effects_workbook,
         lambda _: util.find_spec("openpyxl") is not None),
    *(_picture(which, kind) for which in ("forest", "funnel") for kind in (".svg", ".png")),
    *(_report(part, ".html", "web page") for part in PARTS),
    *(_report(part, ".docx", "Word", "docx") for part in PARTS),
    File("studies_r", "Code", "R with metafor", "metafor.R", r_code),
)  # fmt: skip
