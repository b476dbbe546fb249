"""From a result to the blocks of a forest plot: the studies, what they say, and the notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._format import count
from metarel.errors import InputError
from metarel.models.results import MetaFit
from metarel.moderators.subgroups import SubgroupsResult
from metarel.plot._excluded import with_excluded
from metarel.plot._layouts import LAYOUTS, Layout
from metarel.plot._reading import Reading, fit_reading
from metarel.plot._refits import Refits, is_refits, refit_blocks
from metarel.plot._rows import (
    Block,
    Row,
    dated,
    has_moderators,
    in_order,
    study_rows,
    summary_row,
)
from metarel.plot._words import (
    between_levels,
    effect_names,
    heterogeneity,
    model_names,
    moderators,
    overall,
)
from metarel.robust._result import RobustFit

if TYPE_CHECKING:
    from metarel._lazy import pd
    from metarel.plot._scale import Transformation
    from metarel.plot._words import Values

NOT_POOLED = "Not pooled"


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a result is to be shown, and in which order.

    Parameters
    ----------
    layout : Layout
        Whose words are used.
    data : DataFrame or None
        The frame that the fit was made from.
    order : str or None
        What the studies are sorted by.
    transform : str or None
        Scale of the axis.
    also : sequence or mapping
        Further fits of the same studies.
    excluded : object
        Which studies are shown without being pooled.
    """

    layout: Layout = LAYOUTS["classic"]
    data: pd.DataFrame | None = None
    order: str | None = None
    transform: Transformation = None
    also: Any = ()
    excluded: Any = None


@dataclass(frozen=True, slots=True)
class Contents:
    """What a forest plot shows.

    Parameters
    ----------
    blocks : tuple of Block
        From the top.
    reading : Reading
        Scale and name of the effects.
    level : float
        Confidence level.
    names : dict
        What headers and labels call the effect, the model and the level.
    data : DataFrame or None
        The frame in which each row has its place.
    models : tuple of str
        What the models are called, where there are several.
    refits : Refits or None
        What the rows are, where they are no studies.
    """

    blocks: tuple[Block, ...]
    reading: Reading
    level: float
    names: Values
    data: pd.DataFrame | None
    models: tuple[str, ...] = ()
    refits: Refits | None = field(default=None)


def whole_of(fit: Any) -> MetaFit:
    """Return the model over all studies: the fit itself, or the overall one of subgroups."""
    if isinstance(fit, SubgroupsResult):
        return fit.overall
    if isinstance(fit, MetaFit):
        return fit
    raise InputError(
        "`fit` must be a result of pool(), meta_regression() or subgroups(); "
        f"got {type(fit).__name__}."
    )


def model_of(fit: Any) -> Any:
    """Return the model over all studies, which may be a robust one."""
    if isinstance(fit, (RobustFit, MetaFit, SubgroupsResult)):
        return fit if isinstance(fit, RobustFit) else whole_of(fit)
    raise InputError(
        "`fit` must be a result of pool(), meta_regression(), robust() or subgroups(), or for "
        f"forest() a table of cumulative() or leave_one_out(); got {type(fit).__name__}."
    )


def contents_of(fit: Any, asked: Asked) -> Contents:
    """Return what a forest plot of a result shows."""
    if is_refits(fit):
        return _refit_contents(fit, asked)
    whole = model_of(fit)
    reading = fit_reading(whole, asked.transform)
    by = fit.by if isinstance(fit, SubgroupsResult) else ""
    further = _further(asked.also, whole)
    left_out, data = with_excluded(asked.excluded, whole, asked.data, reading.scale, by)
    names = effect_names(reading, whole.spec.level) | model_names(whole)
    studies = study_rows(whole, reading.scale, tuple(further.values()))
    if left_out:
        studies = sorted([*studies, *left_out], key=lambda row: row.study)
    placed = tuple(dated(in_order(studies, asked.order, data), data))
    own = not further and not has_moderators(whole)
    named = asked.layout.summary if own else LAYOUTS["classic"].summary
    summary = summary_row(whole, reading.scale, named.say(names))
    if asked.layout.whole and not has_moderators(whole):
        summary = replace(summary, weight=100.0)
    more = tuple(summary_row(other, reading.scale, name) for name, other in further.items())
    blocks = _blocks(fit, whole, placed, summary, more, reading, asked.layout)
    return Contents(
        tuple(blocks),
        reading,
        whole.spec.level,
        names,
        data,
        (summary.label, *further) if further else (),
    )


def _refit_contents(frame: Any, asked: Asked) -> Contents:
    """Return what a forest plot of refits shows."""
    given = {
        "also": isinstance(asked.also, (MetaFit, RobustFit)) or len(asked.also) > 0,
        "excluded": asked.excluded is not None and asked.excluded is not False,
    }
    for name, is_given in given.items():
        if is_given:
            raise InputError(
                f"`{name}` is for studies; `fit` holds the results of one model fitted often."
            )
    refits = Refits.read(frame, asked.transform)
    blocks = refit_blocks(refits, frame, asked.order)
    names = effect_names(refits.reading, refits.level) | {"method": refits.model}
    return Contents(tuple(blocks), refits.reading, refits.level, names, frame, refits=refits)


def _blocks(
    fit: Any,
    whole: Any,
    studies: tuple[Row, ...],
    summary: Row,
    more: tuple[Row, ...],
    reading: Reading,
    layout: Layout,
) -> list[Block]:
    """Return the block of a fit, or one for each level of a subgroup analysis and a last one."""
    notes = [moderators(whole, layout), *_spread(whole, more, layout)]
    left_out = sum(map(_left_out, studies))
    grey = f"Hollow and grey: {count(left_out, 'study', 'studies')} not pooled" if left_out else ""
    if isinstance(fit, SubgroupsResult):
        levels = [
            _level_block(name, level, studies, reading, layout) for name, level in fit.fits.items()
        ]
        others = tuple(row for row in studies if row.group not in fit.fits and _left_out(row))
        if others:
            levels.append(Block(others, None, NOT_POOLED))
        notes += [overall(whole, layout), between_levels(fit.between, layout), grey]
        return [*levels, Block((), summary, notes=_told(notes), more=more)]
    notes.append(overall(whole, layout))
    if has_moderators(whole):
        notes.append("Diamonds: fitted means, with intervals")
    notes.append(grey)
    return [Block(studies, summary, notes=_told(notes), more=more)]


def _left_out(row: Row) -> bool:
    return row.kind == "excluded"


def _told(notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(note for note in notes if note)


def _spread(whole: Any, more: Sequence[Row], layout: Layout) -> list[str]:
    """Return what each model says of heterogeneity, once where two say the same."""
    texts = [heterogeneity(whole, layout)]
    texts += [heterogeneity(row.fit, layout) for row in more if row.fit.spec.tau2 != "EE"]
    return list(dict.fromkeys(texts))


def _level_block(
    name: str, fit: MetaFit, studies: tuple[Row, ...], reading: Reading, layout: Layout
) -> Block:
    """Return the block of a level; weights are shares in the overall mean."""
    places = set(fit.study.rows.tolist())
    members = tuple(
        replace(row, group=name)
        for row in studies
        if (row.group == name if _left_out(row) else row.study in places)
    )
    words = effect_names(reading, fit.spec.level) | model_names(fit)
    pooled = summary_row(fit, reading.scale, layout.subtotal.say(words), name)
    subtotal = replace(
        pooled,
        kind="subgroup",
        weight=sum(row.weight for row in members if not _left_out(row)),
        pi_low=float("nan"),
        pi_high=float("nan"),
    )
    return Block(members, subtotal, name, _told([heterogeneity(fit, layout)]))


def _further(also: Any, whole: Any) -> dict[str, Any]:
    """Return further fits by name, after a check that they pool the same studies."""
    fits = [also] if isinstance(also, (MetaFit, RobustFit)) else also
    names = list(fits) if isinstance(fits, Mapping) else []
    found: dict[str, Any] = {}
    for i, fit in enumerate(fits.values() if isinstance(fits, Mapping) else fits):
        if not isinstance(fit, (MetaFit, RobustFit)):
            raise InputError(
                "`also` must hold results of pool() or robust(), in a list or by name; got "
                f"{type(fit).__name__}."
            )
        same = fit.k == whole.k and np.array_equal(fit.study.yi, whole.study.yi)
        if not same or has_moderators(fit) or has_moderators(whole):
            raise InputError(
                "`also` must hold pooled means of the same studies as `fit`, in the same order; "
                f"fit {i} has {count(fit.k, 'study', 'studies')}, `fit` has {whole.k}."
            )
        name = str(names[i]) if names else LAYOUTS["classic"].summary.say(model_names(fit))
        found[f"{name} ({i + 2})" if name in found else name] = fit
    return found
