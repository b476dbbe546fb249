"""Frames of results that stand above this room: read by their columns, not by their class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from metarel._checks import is_frame
from metarel._format import listing
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._lazy import pd


def frame_of(result: Any, columns: Sequence[str], argument: str, maker: str) -> pd.DataFrame:
    """Return the frame of a result, or the frame given, with the columns that are drawn.

    Parameters
    ----------
    result : object
        A DataFrame, or whatever has ``to_frame()``.
    columns : sequence of str
        What must be there.
    argument, maker : str
        How messages call it, and what makes one.

    Returns
    -------
    DataFrame
        With rows numbered from 0.
    """
    made = result
    if not is_frame(result) and callable(getattr(result, "to_frame", None)):
        made = result.to_frame()
    if not is_frame(made):
        raise InputError(
            f"`{argument}` must be what {maker} returned, or its frame; got "
            f"{type(result).__name__}."
        )
    missing = [name for name in columns if name not in made.columns]
    if missing:
        raise InputError(
            f"`{argument}` must be what {maker} returned, or its frame; the columns "
            f"{listing([repr(name) for name in missing])} are missing."
        )
    if not len(made):
        raise InputError(f"`{argument}` must have at least one row; it has none.")
    return made.reset_index(drop=True)
