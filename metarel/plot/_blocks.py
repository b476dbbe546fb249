"""From a result to the blocks of a forest plot: the studies, what they say, and the notes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from metarel.errors import InputError
from metarel.models.results import MetaFit
from metarel.moderators.subgroups import SubgroupsResult
from metarel.plot._rows import Block, has_moderators, in_order, study_rows, summary_row
from metarel.plot._words import between_levels, heterogeneity, moderators, summary_label

if TYPE_CHECKING:
    from metarel._lazy import pd
    from metarel.plot._scale import Scale


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


def blocks_of(
    fit: Any, scale: Scale, *, order: str | None, data: pd.DataFrame | None
) -> list[Block]:
    """Return the block of a fit, or one for each level of a subgroup analysis and a last one."""
    whole = whole_of(fit)
    studies = tuple(in_order(study_rows(whole, scale), order, data))
    summary = summary_row(whole, scale, summary_label(whole))
    notes = [*moderators(whole), *heterogeneity(whole)]
    if isinstance(fit, SubgroupsResult):
        blocks = [_level_block(name, level, studies, scale) for name, level in fit.fits.items()]
        return [*blocks, Block((), summary, notes=(*notes, between_levels(fit.between)))]
    if has_moderators(whole):
        notes.append("Diamonds: fitted means, with intervals")
    return [Block(studies, summary, notes=tuple(notes))]


def _level_block(name: str, fit: MetaFit, studies: tuple[Any, ...], scale: Scale) -> Block:
    """Return the block of a level; weights are shares in the overall mean."""
    places = set(fit.study.rows.tolist())
    members = tuple(replace(row, group=name) for row in studies if row.study in places)
    pooled = summary_row(fit, scale, "Subgroup mean", name)
    subtotal = replace(
        pooled,
        kind="subgroup",
        weight=sum(row.weight for row in members),
        pi_low=float("nan"),
        pi_high=float("nan"),
    )
    return Block(members, subtotal, name, tuple(heterogeneity(fit)))
