"""Frames of results as aligned text, in the words of the other summaries."""

from __future__ import annotations

import math
from typing import Any

from metarel._format import adaptive, fixed, p_value, percent
from metarel._lazy import pd
from metarel._shown import aligned
from metarel.models._summary import degrees

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


def frame_text(frame: pd.DataFrame, columns: dict[str, str]) -> str:
    """Return chosen columns under their headings, the first one to the left."""
    rows = [list(columns.values())]
    rows += [
        [written(name, value) for name, value in zip(columns, row, strict=True)]
        for row in frame[list(columns)].itertuples(index=False)
    ]
    return aligned(rows)


def limits(level: float) -> dict[str, str]:
    """Return the headings of confidence limits."""
    return {"ci_low": f"{100 * level:g}% low", "ci_high": f"{100 * level:g}% high"}
