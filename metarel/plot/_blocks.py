"""From a result to the blocks of a forest plot: the studies, what they say, and the notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metarel.plot._rows import Block, has_moderators, in_order, study_rows, summary_row
from metarel.plot._words import heterogeneity, moderators, summary_label

if TYPE_CHECKING:
    from metarel._lazy import pd
    from metarel.plot._scale import Scale


def blocks_of(
    fit: Any, scale: Scale, *, order: str | None, data: pd.DataFrame | None
) -> list[Block]:
    """Return the block of a fit."""
    studies = in_order(study_rows(fit, scale), order, data)
    notes = [*moderators(fit), *heterogeneity(fit)]
    if has_moderators(fit):
        notes.append("Diamonds: fitted means, with intervals")
    return [Block(tuple(studies), summary_row(fit, scale, summary_label(fit)), notes=tuple(notes))]
