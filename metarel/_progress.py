"""A progress bar on the terminal, for what takes long and only when asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from metarel._lazy import rich_console, rich_progress

Part = TypeVar("Part")


def track(parts: Iterable[Part], total: int, what: str, *, show: bool) -> Iterator[Part]:
    """Yield the parts of a long computation, with a bar on the error stream where ``show``."""
    if not show:
        yield from parts
        return
    console = rich_console.Console(stderr=True)
    yield from rich_progress.track(parts, total=total, description=what, console=console)


def slices(total: int, size: int) -> list[slice]:
    """Cut a range into parts of at most one size."""
    return [slice(begin, min(begin + size, total)) for begin in range(0, total, max(size, 1))]
