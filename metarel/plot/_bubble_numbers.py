"""The numbers of a bubble plot: studies, and what the model says along a moderator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import as_floats, check_choice, check_frame, column
from metarel._format import listing
from metarel._lazy import pd
from metarel.errors import InputError
from metarel.models._design import level_text
from metarel.plot._blocks import whole_of
from metarel.plot._reading import fit_reading
from metarel.plot._rows import has_moderators
from metarel.plot._swarm import beside

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.plot._scale import Transformation

STEPS = 101  # points along a line
ASIDE = 0.3  # how far bubbles of a category are moved from its middle
LIMITS = ("ci_low", "ci_high", "pi_low", "pi_high")
COLUMNS = ("kind", "label", "level", "moderator", "x", "estimate", *LIMITS, "weight")


def check_moderator(fit: Any, moderator: str, by: str | None) -> bool:
    """Refuse moderators that the fit does not have; tell whether this one is a factor."""
    if not has_moderators(whole_of(fit)):
        raise InputError(
            "`fit` must be a meta-regression; this one has no moderators. See `forest` or `funnel`."
        )
    design = fit.study.design
    check_choice("moderator", moderator, design.variables)
    if by is not None:
        check_choice("by", by, [name for name in design.variables if name != moderator])
        if by not in design.factors:
            raise InputError(
                f"`by` must be a moderator with levels; {by!r} holds numbers. Hold it with `at`."
            )
    return moderator in design.factors


def held_at(
    fit: Any, moderators: list[str], data: pd.DataFrame | None, at: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return a value at which each other variable of the formula is held."""
    check_frame(data)
    design, held = fit.study.design, dict(at or {})
    others = [name for name in design.variables if name not in moderators]
    for name in held:
        check_choice("at", name, others)
    for name in others:
        if name in held:
            continue
        if name not in design.factors:
            held[name] = float(_numeric(fit, name, data).mean())
        elif data is not None:
            held[name] = column(data, name, "data").iloc[fit.study.rows].mode().iloc[0]
        else:
            raise InputError(
                f"`at` must say at which level {name!r} is held, one of "
                f"{listing([repr(level) for level in design.factors[name]])}; or give `data`, "
                "and it is the most frequent one."
            )
    return held


def numbers_of(
    fit: Any,
    moderator: str,
    by: str | None,
    data: pd.DataFrame | None,
    at: Mapping[str, Any] | None,
    transform: Transformation,
) -> pd.DataFrame:
    """Return a row a study, and one a point of each line or a category."""
    check_frame(data)
    factor = check_moderator(fit, moderator, by)
    held = held_at(fit, [moderator, *([by] if by else [])], data, at)
    scale = fit_reading(fit, transform).scale
    levels = list(fit.study.design.factors[by]) if by is not None else [None]
    own = _levels(fit, by) if by is not None else np.full(fit.k, "", dtype=object)
    if factor:
        categories = list(fit.study.design.factors[moderator])
        values: Any = _levels(fit, moderator)
        names = [level_text(one) for one in categories]
        x = _in_categories(values, names, own, levels, scale.straight(scale.to_axis(fit.study.yi)))
        grid: Any = categories
    else:
        values = x = _numeric(fit, moderator, data)
    studies = pd.DataFrame(
        {
            "kind": "study",
            "label": [str(label) for label in fit.study.labels],
            "level": own,
            "moderator": values,
            "x": x,
            "estimate": scale.to_axis(fit.study.yi),
            "weight": np.asarray(fit.weights(), dtype=float),
        }
    )
    rows = [studies]
    for i, level in enumerate(levels):
        if not factor:  # a line goes as far as the studies of its level do
            inside = x if level is None else x[own == level_text(level)]
            grid = np.linspace(inside.min(), inside.max(), STEPS) if len(inside) else np.empty(0)
        more: dict[str, Any] = {} if by is None else {by: level}
        line = fit.predict(pd.DataFrame({moderator: grid, **more, **held}))
        drawn = {name: scale.to_axis(line[name]) for name in ("estimate", *LIMITS)}
        places = np.arange(len(grid)) + _shift(i, len(levels)) if factor else grid
        rows.append(
            _model_rows(grid, places, "" if level is None else level_text(level), factor, drawn)
        )
    return pd.concat(rows, ignore_index=True)[list(COLUMNS)]


def _model_rows(
    grid: Any, places: Any, level: str, factor: bool, drawn: dict[str, Any]
) -> pd.DataFrame:
    """Return what the model says along a line, or of each category."""
    return pd.DataFrame(
        {
            "kind": "mean" if factor else "line",
            "label": "",
            "level": level,
            "moderator": [level_text(one) for one in grid] if factor else grid,
            "x": places,
            **drawn,
        }
    )


def _shift(i: int, count: int) -> float:
    """Return where the i-th of several levels stands within a category."""
    return 0.0 if count == 1 else (i - (count - 1) / 2) * 0.8 / count


def _in_categories(
    values: Any, names: list[str], own: Any, levels: list[Any], straight: Array
) -> Array:
    """Return where each study stands: at its category, moved aside where others are near."""
    x = np.zeros(len(values))
    span = float(np.ptp(straight)) or 1.0
    for c, name in enumerate(names):
        for i, level in enumerate(levels):
            inside = values == name
            if level is not None:
                inside &= own == level_text(level)
            width = ASIDE / len(levels)
            x[inside] = (
                c + _shift(i, len(levels)) + beside(straight[inside], width, width / 3, span=span)
            )
    return x


def _levels(fit: Any, variable: str) -> Any:
    """Return the level of each study, as text."""
    values = fit.study.design.frame[variable]
    return np.array([level_text(value) for value in values], dtype=object)


def _numeric(fit: Any, variable: str, data: pd.DataFrame | None) -> Array:
    """Return a numeric variable of the formula, from the design or else from the frame."""
    terms = list(fit.study.terms)
    if variable in terms:
        return np.asarray(fit.study.X[:, terms.index(variable)], dtype=float)
    if data is None:
        raise InputError(
            f"`data` must be given: {variable!r} enters the formula "
            f"{fit.study.design.formula!r} through a function."
        )
    return as_floats(column(data, variable, "data"), variable)[fit.study.rows]
