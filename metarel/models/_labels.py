"""Names of studies, made when somebody asks for them: most fits are never printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload


class Labels(Sequence[str]):
    """A read-only sequence of names, as a tuple of text would be.

    Parameters
    ----------
    rows : ndarray of int, shape (k,)
        Position of each study in the data as given.
    values : array, optional
        What names the rows of the data; without it the names are ``Study 1``, ``Study 2``, …
    places : tuple, optional
        What the place of a row in a file is called, and the place of each row of the data.
    """

    __slots__ = ("_places", "_rows", "_values")

    def __init__(
        self, rows: Any, values: Any = None, places: tuple[str, Sequence[int]] | None = None
    ) -> None:
        self._rows, self._values, self._places = rows, values, places

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Labels: ...
    def __getitem__(self, index: int | slice) -> str | Labels:
        if isinstance(index, slice):
            return self.take(index)
        row = self._rows[index]
        return f"Study {row + 1}" if self._values is None else str(self._values[row])

    def __iter__(self) -> Iterator[str]:
        if self._values is None:
            return (f"Study {row + 1}" for row in self._rows.tolist())
        return (str(value) for value in self._values[self._rows])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (Labels, tuple, list)) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def take(self, chosen: Any) -> Labels:
        """Return the names of some of the studies, by a slice, positions or a mask."""
        return Labels(self._rows[chosen], self._values, self._places)

    @property
    def numbering(self) -> tuple[str, list[int]] | None:
        """What the place of a study in its file is called, and these places; None without any."""
        if self._places is None:
            return None
        what, places = self._places
        return what, [places[row] for row in self._rows.tolist()]
