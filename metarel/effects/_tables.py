"""The design of two proportions: a 2 × 2 table of groups by events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metarel.effects._measure import Design
from metarel.effects._parts import (
    ARMS,
    DROP_EMPTY,
    ZERO_CELLS,
    adjust_cells,
    blank,
    check_group,
    first_known,
)

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

CELLS = ("events1", "non_events1", "events2", "non_events2")
EVENTS = ("events1", "n1", "events2", "n2")


@dataclass(frozen=True, slots=True)
class Table:
    """A 2 × 2 table, cells adjusted: events and non-events of group 1 (a, b) and 2 (c, d)."""

    a: Array
    b: Array
    c: Array
    d: Array

    @property
    def n1(self) -> Array:
        """Return the size of group 1."""
        return self.a + self.b

    @property
    def n2(self) -> Array:
        """Return the size of group 2."""
        return self.c + self.d

    @property
    def n(self) -> Array:
        """Return the size of both groups."""
        return self.n1 + self.n2

    @property
    def p1(self) -> Array:
        """Return the risk in group 1."""
        return self.a / self.n1

    @property
    def p2(self) -> Array:
        """Return the risk in group 2."""
        return self.c / self.n2

    @property
    def p(self) -> Array:
        """Return the risk in both groups taken together."""
        return (self.a + self.c) / self.n


def complete_table(given: Given, options: Options) -> Table:
    """Return the table of counts given as cells, or as events and sizes, adjusted."""
    a, c = given["events1"], given["events2"]
    b = first_known(given["non_events1"], given["n1"] - a)
    d = first_known(given["non_events2"], given["n2"] - c)
    cells: tuple[Array, ...] = (a, b, c, d)
    if options["drop00"]:
        cells = blank(cells, (a + c == 0) | (b + d == 0))
    if options.get("continuity") == "TACC":
        return Table(*adjust_cells(cells, options, _arm_shares(*cells)))
    return Table(*adjust_cells(cells, options))


def _arm_shares(a: Array, b: Array, c: Array, d: Array) -> tuple[Array, ...]:
    """Return twice the share of each cell's group in the table [sweeting2004]."""
    first, second = 2 * (a + b) / (a + b + c + d), 2 * (c + d) / (a + b + c + d)
    return first, first, second, second


def check_table(given: Given, labels: list[str] | None) -> None:
    """Refuse groups that do not add up."""
    for group in "12":
        check_group(given, (f"events{group}", f"non_events{group}", f"n{group}"), labels)


DESIGN = Design("two proportions", complete_table, check_table, (*ZERO_CELLS, ARMS, DROP_EMPTY))
#: Tables of two variables of which neither is a group: nothing is added by group.
CROSSED = Design("crossed proportions", complete_table, check_table, (*ZERO_CELLS, DROP_EMPTY))
