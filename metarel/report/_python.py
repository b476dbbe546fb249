"""The text for metarel itself: data and call, so that a report can be run again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import LABEL_COLUMNS
from metarel.errors import InputError
from metarel.report._analysis import (
    Analysis,
    is_factor,
    number,
    numbers_of,
    subgroup_numbers,
)
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 88


def write_python(analysis: Analysis, file: str | None) -> str:
    """Return the whole text."""
    result = analysis.subgroups
    told = numbers_of(analysis) if result is None else subgroup_numbers(result)
    numbers = "\n".join(["# the numbers of this fit", *(f"# {line}" for line in told)])
    loaded = _frame(analysis) if file is None else _read(analysis, file)
    parts = [
        "import metarel as mr\nimport pandas as pd",
        loaded,
        f"fit = {_call(analysis, file)}\n{_robust(analysis)}print(fit)",
        numbers,
    ]
    return "\n\n".join(parts) + "\n"


def _frame(analysis: Analysis) -> str:
    """Return the table as a frame."""
    columns = [f"    {word!r}: {_values(values)}," for word, values in analysis.columns.items()]
    return "\n".join(["data = pd.DataFrame({", *columns, "})"])


def _read(analysis: Analysis, file: str) -> str:
    """Return the commands that read a file; the levels of factors keep their order."""
    text = f", dtype={{{analysis.labels!r}: str}}" if analysis.labels else ""
    lines = [
        f"# The file has a row a study, and the columns {', '.join(analysis.in_file)}.",
        f"data = pd.read_csv({file!r}{text})",
    ]
    for word, values in analysis.columns.items():
        if is_factor(values):
            levels = _list([repr(level) for level in values.cat.categories.tolist()])
            lines.append(f"data[{word!r}] = pd.Categorical(data[{word!r}], categories={levels})")
    return "\n".join(lines)


def _values(values: Any) -> str:
    """Return a column as Python; numbers so that reading them gives the very same."""
    if is_factor(values):
        levels = [repr(level) for level in values.cat.categories.tolist()]
        return f"pd.Categorical({_list(_words(values))}, categories={_list(levels)})"
    if isinstance(values, list):
        return _list([repr(str(text)) for text in values])
    array = np.asarray(values)
    if array.dtype == bool or array.dtype.kind not in "fiu":
        return _list(_words(values))
    return _list([number(v) for v in array])


def _words(values: Any) -> list[str]:
    plain = values.tolist() if hasattr(values, "tolist") else list(values)
    return [repr(value) for value in plain]


def _list(items: Sequence[str]) -> str:
    """Return items as a list over as many lines as they need."""
    lines, line = [], ""
    for item in items:
        if line and len(line) + len(item) > WIDTH - 10:
            lines.append(line)
            line = ""
        line += f"{item}, "
    lines.append(line.rstrip(", "))
    whole = [text.rstrip() for text in lines]
    return (
        f"[{whole[0]}]" if len(whole) == 1 else "[\n        " + "\n        ".join(whole) + "\n    ]"
    )


def _robust(analysis: Analysis) -> str:
    """Return the cluster-robust covariance of the fit, as a line of its own."""
    if analysis.robust is None:
        return ""
    kind = analysis.robust.kind
    return f"fit = mr.robust(fit, {analysis.clusters!r}, kind={kind!r}, data=data)\n"


def _call(analysis: Analysis, file: str | None) -> str:
    """Return the call of pool, meta_regression or subgroups."""
    fit, result = analysis.fit, analysis.subgroups
    spec = fit.spec
    if isinstance(spec.tau2, str) and TAU2[spec.tau2].takes not in ("", "weights"):
        raise InputError(
            f"`fit` estimates tau2 by {spec.tau2!r} from more than the effects; fix tau2 at its "
            f"value, tau2={float(fit.tau2)!r}, to write the rest."
        )
    function, first = "pool", []
    if result is not None:
        function, first = "subgroups", [repr(analysis.by)]
    elif analysis.scale is not None:
        mean, scale = fit.study.design.formula, analysis.scale.scale.study.design.formula
        function, first = "location_scale", [repr(mean), repr(scale)]
    elif analysis.formula != "1":
        function, first = "meta_regression", [repr(analysis.formula)]
    found = ("", *LABEL_COLUMNS)
    words = {
        "tau2": spec.tau2 if isinstance(spec.tau2, str) else float(spec.tau2),
        "test": spec.test,
        "level": spec.level,
        "measure": fit.study.measure,
        "common_tau2": True if result is not None and result.common_tau2 else None,
        "weights": "own_weights" if "own_weights" in analysis.columns else None,
        "labels": analysis.labels if file and analysis.labels not in found else None,
        "link": None if analysis.scale is None else analysis.scale.link,
        "settings": None if spec.settings is None else spec.settings.code,
    }
    given = [f"{word}={value!r}" for word, value in words.items() if value is not None]
    arguments = ",\n    ".join(["data", *first, *given])
    return f"mr.{function}(\n    {arguments},\n)"
