"""2 × 2 tables pooled without effect sizes: Mantel–Haenszel and Peto."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_domain, check_flag, check_level, resolve
from metarel._distributions import chi_square_p, critical_value, two_sided_p
from metarel._format import adaptive, count, fixed, interval, p_value, percent, plain
from metarel._lazy import pd
from metarel._register import one_of
from metarel._shown import Shown
from metarel._vocabulary import POSITIVE, SYMBOLS
from metarel.effects.compute import effect_sizes
from metarel.errors import InputError
from metarel.models._inference import TestResult
from metarel.models._pooled_tables import (
    POOLINGS,
    Pooling,
    margins,
    no_association,
    one_odds_ratio,
)
from metarel.tau2.tables import adjusted, informative, read_tables

if TYPE_CHECKING:
    from metarel._checks import Array, Column

#: Measures that are read as they are pooled; the others are logs of ratios.
DIFFERENCES = ("RD", "IRD")


@dataclass(frozen=True, eq=False, repr=False)
class PooledTables(Shown):
    """A common effect of 2 × 2 tables, with tests and heterogeneity.

    Parameters
    ----------
    measure, method : str
        "OR", "RR" or "RD", or of rates "IRR" or "IRD"; "MH" or "Peto".
    k : int
        Number of tables.
    dropped : int
        Rows left out for lack of a count.
    estimate, se : float
        The log of the ratio, or the difference; its standard error.
    level : float
        Confidence level, a fraction.
    heterogeneity : TestResult
        Q of the tables' own effects about the estimate.
    association : TestResult or None
        Test that the odds ratio (or the rate ratio) is 1 in every table; None for other measures.
    homogeneity : TestResult or None
        Breslow and Day's test with Tarone's correction; None but for "OR" by "MH".
    weights : ndarray, shape (k,)
        Each table's weight in percent.
    """

    measure: str
    method: str
    k: int
    dropped: int
    estimate: float
    se: float
    level: float
    heterogeneity: TestResult
    association: TestResult | None
    homogeneity: TestResult | None
    weights: Array

    @property
    def statistic(self) -> float:
        """The z statistic; NaN where the standard error is 0."""
        return self.estimate / self.se if self.se > 0 else float("nan")

    @property
    def p_value(self) -> float:
        """Two-sided p-value of z."""
        return float(two_sided_p(np.array([self.statistic]), np.array([np.inf]))[0])

    @property
    def ci_low(self) -> float:
        """Lower confidence limit."""
        return self.estimate - float(critical_value(self.level, np.inf)) * self.se

    @property
    def ci_high(self) -> float:
        """Upper confidence limit."""
        return self.estimate + float(critical_value(self.level, np.inf)) * self.se

    @property
    def Q(self) -> float:
        """Q about the estimate."""
        return self.heterogeneity.statistic

    @property
    def I2(self) -> float:
        """From Q: max(0, (Q - df)/Q), a fraction; 0 without degrees of freedom."""
        Q, df = self.heterogeneity.statistic, self.heterogeneity.df1
        return max(0.0, (Q - df) / Q) if Q > 0 and df > 0 else 0.0

    @property
    def H2(self) -> float:
        """Q/df; 1 without degrees of freedom."""
        h = self.heterogeneity
        return h.statistic / h.df1 if h.df1 > 0 else 1.0

    def to_frame(self) -> pd.DataFrame:
        """Return one row: on the scale of analysis, and of ratios as people read them.

        Returns
        -------
        DataFrame
            Columns measure, estimate, se, statistic, p_value, ci_low, ci_high; a second row for
            the ratio itself, without se.
        """
        ratio = self.measure not in DIFFERENCES
        numbers = [self.estimate, self.ci_low, self.ci_high]
        rows = [(f"log {self.measure}" if ratio else self.measure, self.se, *numbers)]
        if ratio:
            rows.append((self.measure, np.nan, *np.exp(numbers)))
        tests = {"statistic": self.statistic, "p_value": self.p_value}
        names = ("measure", "se", "estimate", "ci_low", "ci_high")
        frame = pd.DataFrame(rows, columns=names).assign(**tests)
        return frame[["measure", "estimate", "se", "statistic", "p_value", "ci_low", "ci_high"]]

    def to_dict(self) -> dict[str, Any]:
        """Return everything a machine needs, in plain types.

        Returns
        -------
        dict
            Ready for JSON; NaN and infinities become None.
        """
        tests = {
            name: None if test is None else asdict(test)
            for name in ("heterogeneity", "association", "homogeneity")
            for test in [getattr(self, name)]
        }
        found = {
            "measure": self.measure,
            "method": self.method,
            "k": self.k,
            "dropped": self.dropped,
            "level": self.level,
            "estimates": self.to_frame().to_dict("records"),
            "I2": self.I2,
            "H2": self.H2,
            "weights": self.weights,
            **tests,
        }
        return dict(plain(found))

    def __str__(self) -> str:
        unit = ("study", "studies") if self.measure in ("IRR", "IRD") else ("table", "tables")
        told = f"{POOLINGS[self.method].name}, {self.measure}, {count(self.k, *unit)}"
        lines = [told + (f"; {count(self.dropped, 'row')} left out" if self.dropped else ""), ""]
        name = self.measure if self.measure in DIFFERENCES else f"log {self.measure}"
        lines.append(
            f"{name} = {adaptive(self.estimate)} (SE {adaptive(self.se)}), "
            f"{100 * self.level:g}% CI {interval(self.ci_low, self.ci_high)}, "
            f"z = {fixed(self.statistic)}, p {p_value(self.p_value)}"
        )
        if self.measure not in DIFFERENCES:
            low, high = np.exp([self.ci_low, self.ci_high])
            lines.append(
                f"{self.measure} = {adaptive(np.exp(self.estimate))} {interval(low, high)}"
            )
        lines += [
            f"I2 = {percent(self.I2)}, H2 = {fixed(self.H2, 2)} (from Q)",
            f"Heterogeneity: {self.heterogeneity}",
        ]
        for word, test in (("Association", self.association), ("Tarone", self.homogeneity)):
            if test is not None:
                lines.append(f"{word}: {test}")
        return "\n".join(lines)


@says_what_it_takes
def pool_tables(
    data: pd.DataFrame | None = None,
    measure: str = "OR",
    *,
    events1: Column,
    n1: Column | None = None,
    events2: Column,
    n2: Column | None = None,
    non_events1: Column | None = None,
    non_events2: Column | None = None,
    method: str = "MH",
    add: float = 0.0,
    correct: bool = True,
    level: float = 0.95,
) -> PooledTables:
    """Pool 2 × 2 tables under a common effect, by Mantel and Haenszel or by Peto.

    Both sum over tables before they divide, so that tables with empty cells take part as they
    are. Mantel–Haenszel: sum(ad/n) / sum(bc/n) for the odds ratio, sum(a n2/n) / sum(c n1/n) for
    the risk ratio, sum((a n2 - c n1)/n) / sum(n1 n2/n) for the risk difference. Peto: the log odds
    ratio is the sum of observed less expected events over the sum of their hypergeometric
    variances.

    Parameters
    ----------
    data : DataFrame or None
        One row a table; None when arrays are passed.
    measure : {"OR", "RR", "RD"}
        What to pool; the ratios on the log scale. Peto's method has "OR" only.
    events1, n1, events2, n2 : column name or array
        Events (at least 0) and sizes (above 0) of the two groups; positive logs and differences
        mean more events in group 1.
    non_events1, non_events2 : column name or array, optional
        The others of each group, in place of its size.
    method : {"MH", "Peto"}
        Way of pooling. Peto's is biased where groups are of unequal size or effects large.
    add : float
        What is added to each cell of a table that has an empty one before pooling by "MH" (no
        other method takes it); none by default. The tables' own effects, for Q, always have 1/2
        added there.
    correct : bool
        Whether the test of no association has the correction for continuity.
    level : float
        Confidence level, a fraction.

    Returns
    -------
    PooledTables
        Print it, or see ``to_frame()``, ``heterogeneity``, ``association``, ``homogeneity``.

    Raises
    ------
    InputError
        On counts that are none, more events than people, a measure that the method does not pool,
        and tables that leave no estimate (a group without any event).

    Notes
    -----
    The same numbers as metafor's ``rma.mh`` and ``rma.peto`` under their defaults, but for the test
    of no association where the excess is below 1/2: it is then 0, as in R's ``mantelhaen.test``,
    and not the square of what the correction overshoots by. Standard errors:
    Robins, Breslow and Greenland's of the odds ratio, Greenland and Robins's of the risk ratio,
    Sato's of the risk difference. Q takes the tables' effects about the pooled one with
    inverse variances (Peto's, excess events), of tables in which some but not all had the event;
    the others take part in the estimate all the same. R's meta has another variance of the
    risk difference.

    References
    ----------
    [mantel1959], [robins1986], [greenland1985], [sato1989], [yusuf1985], [tarone1985]

    Examples
    --------
    >>> import metarel as mr
    >>> cells = {"events1": [4, 62, 3], "n1": [119, 310, 228]}
    >>> cells |= {"events2": [11, 29, 11], "n2": [128, 274, 209]}
    >>> print(mr.pool_tables(None, "RR", **cells))
    Mantel–Haenszel, RR, 3 tables
    <BLANKLINE>
    log RR = 0.2096 (SE 0.1756), 95% CI [-0.1346, 0.5538], z = 1.1937, p = 0.2326
    RR = 1.2332 [0.8741, 1.7398]
    I2 = 86.07%, H2 = 7.18 (from Q)
    Heterogeneity: Q(2) = 14.3617, p = 0.0008 (H0: all tables have the same effect)
    """
    found = POOLINGS[method]
    if measure not in found.measures:
        rates = " For rates use pool_rates()." if measure in ("IRR", "IRD") else ""
        told = one_of("measure", found.measures, measure)
        raise InputError(f"{told} `method` is {method!r}.{rates}")
    level = check_level(level)
    n1 = _size(data, "1", n1, events1, non_events1)
    n2 = _size(data, "2", n2, events2, non_events2)
    given = {"events1": events1, "n1": n1, "events2": events2, "n2": n2}
    check_flag("correct", correct)
    if isinstance(add, (bool, str)) or not 0 <= add < math.inf:
        raise InputError(f"`add` must be a number of at least 0; got {add!r}.")
    if add and found.code != "MH":
        raise InputError(
            f"`add` is for method 'MH'; Peto's takes tables with empty cells as they are. "
            f"Leave it out; got {add!r}."
        )
    cells, known = read_tables(data, given)
    sizes = resolve(data, {"n1": n1, "n2": n2})
    for name, values in sizes.items():
        check_domain(values, POSITIVE, name)
    cells = cells[:, known]
    used = adjusted(cells, add) if found.code == "MH" else cells
    estimate, variance, weights = found.compute(used, measure)
    odds, ratio = measure == "OR", informative(used, "OR")
    return PooledTables(
        measure=measure,
        method=found.code,
        k=cells.shape[1],
        dropped=int(len(known) - known.sum()),
        estimate=estimate,
        se=float(np.sqrt(variance)),
        level=level,
        heterogeneity=_heterogeneity(cells, measure, estimate, found),
        association=no_association(used, correct=correct) if odds else None,
        homogeneity=one_odds_ratio(ratio, estimate) if odds and found.code == "MH" else None,
        weights=100 * weights / weights.sum(),
    )


def _size(
    data: pd.DataFrame | None,
    group: str,
    n: Column | None,
    events: Column,
    others: Column | None,
) -> Any:
    """Return the size of a group as given, or as the sum of its events and others."""
    if (n is None) == (others is None):
        raise InputError(
            f"Either `n{group}` or `non_events{group}` must be given, and not both of them."
        )
    if others is None:
        return n
    words = {f"events{group}": events, f"non_events{group}": others}
    counts = resolve(data, words)
    for name, values in counts.items():
        check_domain(values, SYMBOLS[name].domain, name)
    return counts[f"events{group}"] + counts[f"non_events{group}"]


def _heterogeneity(cells: Array, measure: str, estimate: float, method: Pooling) -> TestResult:
    """Test that all tables have one effect, by Q about the pooled estimate.

    Where nobody or everybody had the event, a table has no effect of its own.
    """
    cells = informative(cells, "OR")
    if method.code == "Peto":
        found = margins(cells)
        some = found.variance > 0
        excess, variance = found.excess[some], found.variance[some]
        Q = float((excess**2 / variance).sum() - excess.sum() ** 2 / variance.sum())
        df = int(some.sum()) - 1
    elif cells.shape[1] < 2:  # an only table, corrected, would not have the pooled effect
        Q, df = 0.0, 0
    else:
        a, b, c, d = cells
        own = effect_sizes(None, measure, events1=a, n1=a + b, events2=c, n2=c + d)
        Q = float((((own.yi - estimate) ** 2) / own.vi).sum())
        df = cells.shape[1] - 1
    Q, df = max(Q, 0.0), max(df, 0)
    p = chi_square_p(Q, df) if df > 0 else 1.0
    return TestResult("all tables have the same effect", Q, df, math.inf, p)
