"""Whether figures are those of one study and not of many pooled, and by which design."""

from __future__ import annotations

import math

from metarel.coherence._figures import Group

#: Figures of several studies.
OF_MANY = (
    "k",
    "effects",
    "Q",
    "Q_df",
    "I2",
    "H2",
    "tau2",
    "tau",
    "Q_between",
    "Q_within",
    "pi_low",
)
#: d over t/√(df + 1) is 1 for the changes of one group and 2 for two equal groups; these are
#: bounds with Hedges' factor, unequal groups and the SD of one of them.
#: Pooled effects with a t have less.
LEAST_RATIO, MOST_RATIO = 0.85, 3.5


def of_one_study(group: Group) -> bool:
    """Tell whether a test is one of persons: sizes or means stand with it, or nothing of studies.

    An F must be one of two groups.
    """
    if any(name in group for name in OF_MANY):
        return False
    if "F" in group and (df1 := group.span("df1")) is not None and df1.low != 1:
        return False
    if ("n1" in group and "n2" in group) or "m1" in group:
        return True
    pooled = "t" in group and "ci_low" in group and not of_raw_scores(group)
    return "one study" in group.words and not pooled


def of_raw_scores(group: Group) -> bool:
    """Tell whether d and t stand to each other as those of one sample do, whatever its design.

    Then the interval of d is not that of the t: t is tested without the error of the SD.
    """
    d, t, df = group.span("estimate"), group.span("t"), group.span("df")
    if group.metric not in ("d", "g") or d is None or t is None or df is None:
        return False
    if any(name in group for name in OF_MANY):
        return False
    size = t.absolute()
    ratio = d.absolute().high * math.sqrt(df.low + 1)
    return LEAST_RATIO * size.low <= ratio and (
        d.absolute().low * math.sqrt(df.low + 1) <= MOST_RATIO * size.high
    )


def sizes_of_df(group: Group) -> bool:
    """Tell whether the df of the test are exactly those of two groups of the printed sizes."""
    df = group.span("df") or group.span("df2")
    n1, n2 = group.span("n1"), group.span("n2")
    return df is not None and n1 is not None and n2 is not None and df.low == n1.low + n2.low - 2


def paired_only(group: Group) -> bool:
    """Tell whether the df are one less than the persons of a single printed size, or of each."""
    df, n = group.span("df") or group.span("df2"), group.span("n") or group.span("N")
    if "n1" in group and group.span("n1") == group.span("n2"):
        n = group.span("n1")
    return df is not None and n is not None and df.low == n.low - 1
