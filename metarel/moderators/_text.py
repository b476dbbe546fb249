"""Frames of results as aligned text, in the words of the other summaries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from metarel._format import WIDTH, adaptive, fixed, p_value, percent
from metarel._lazy import pd
from metarel._shown import aligned
from metarel.models._summary import degrees, shown_terms

#: How each column of the tidy vocabulary is written; what is not named here is ``adaptive``.
WRITERS = {
    "statistic": fixed,
    "Q": lambda x: fixed(x, 2),
    "QM": lambda x: fixed(x, 2),
    "LRT": fixed,
    "p_value": lambda x: p_value(x).removeprefix("= "),
    "p_adjusted": lambda x: p_value(x).removeprefix("= "),
    "Q_p": lambda x: p_value(x).removeprefix("= "),
    "I2": lambda x: percent(x, 1),
    "R2": lambda x: percent(x, 1),
    "weight": lambda x: fixed(x, 3),
    "importance": lambda x: fixed(x, 3),
    "vif": lambda x: fixed(x, 3),
    "gvif": lambda x: fixed(x, 3),
    "gsif": lambda x: fixed(x, 3),
    "proportion": lambda x: fixed(x, 3),
    **dict.fromkeys(("rstudent", "dffits", "cooks_distance", "hat"), fixed),
    **{name: (lambda x: fixed(x, 2)) for name in ("AIC", "AICc", "BIC", "log_likelihood", "delta")},
}
COUNTS = frozenset(
    ("k", "N", "Q_df", "df1", "parameters", "coefficients", "missing", "m", "LRT_df", "models")
)


def written(name: str, value: Any) -> str:
    """Return one cell as text; what is missing is a dash."""
    if isinstance(value, str):
        return value
    if value is None or math.isnan(value):
        return "–"
    if name in COUNTS:
        return f"{value:g}"
    if name in ("df", "df2"):
        return degrees(value)
    return str(WRITERS.get(name, adaptive)(value))


def frame_text(frame: pd.DataFrame, columns: dict[str, str], spared: Sequence[str] = ()) -> str:
    """Return chosen columns under their headings, the first one to the left.

    Parameters
    ----------
    frame : DataFrame
        The numbers.
    columns : dict
        Column to heading. Terms of formulas are shown without the coding of factors.
    spared : sequence of str
        Columns to leave out, one after the other, while the text is wider than a terminal. Before
        that the reference of all tests, where they have one, becomes the heading of statistics.

    Returns
    -------
    str
        Aligned lines.
    """
    text = _table(frame, columns)
    if width(text) > WIDTH and {"statistic", "df"} <= set(columns):
        tests = {written("df", df) for df in frame["df"]}
        if len(tests) == 1:
            heads = columns | {"statistic": tests.pop()}
            columns = {name: head for name, head in heads.items() if name != "df"}
            text = _table(frame, columns)
    for name in spared:
        if width(text) > WIDTH:
            columns = {other: head for other, head in columns.items() if other != name}
            text = _table(frame, columns)
    return text


def width(text: str) -> int:
    """Return the length of the longest line."""
    return max(map(len, text.split("\n")))


def _table(frame: pd.DataFrame, columns: dict[str, str]) -> str:
    cells = {name: [written(name, value) for value in frame[name]] for name in columns}
    if "term" in cells:
        cells["term"] = shown_terms(cells["term"])
    return aligned([list(columns.values()), *zip(*cells.values(), strict=True)])


def limits(level: float) -> dict[str, str]:
    """Return the headings of confidence limits."""
    return {"ci_low": f"{100 * level:g}% low", "ci_high": f"{100 * level:g}% high"}
