"""Every check in one register, and their table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metarel._lazy import pd
from metarel._register import Register
from metarel.coherence import (
    conversion,
    counts,
    heterogeneity,
    interval,
    repeats,
    subgroups,
    tests,
    two_groups,
    weights,
)
from metarel.coherence._check import Check

if TYPE_CHECKING:
    import pandas

CHECKS: Register[Check] = Register(
    "check",
    [
        *counts.CHECKS,
        *interval.CHECKS,
        *tests.CHECKS,
        *heterogeneity.CHECKS,
        *conversion.CHECKS,
        *two_groups.CHECKS,
        *subgroups.CHECKS,
        *weights.CHECKS,
        *repeats.CHECKS,
    ],
)


def check_table() -> pandas.DataFrame:
    """Return every check in one table.

    Returns
    -------
    DataFrame
        ``code``, ``family``, ``name`` (what must hold), ``of`` (a group of figures, a table,
        or a text),
        ``needs``, ``formula``, ``conventions``, ``arithmetic`` (whether a failure is one of
        arithmetic alone), ``ask`` and ``source``.

    Examples
    --------
    >>> from metarel.coherence.register import check_table
    >>> check_table().set_index("code").loc["df of Q", ["needs", "formula"]].tolist()
    ['Q_df + k', 'df = k − 1']
    """
    rows = [
        {
            "code": check.code,
            "family": check.family,
            "name": check.name,
            "of": check.of,
            "needs": " + ".join(check.needs),
            "formula": check.formula,
            "conventions": "; ".join(way.code for ways in check.ways for way in ways),
            "arithmetic": check.arithmetic,
            "ask": check.ask,
            "source": check.source,
        }
        for check in CHECKS.values()
    ]
    return pd.DataFrame(rows)
