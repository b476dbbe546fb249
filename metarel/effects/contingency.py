"""Association in tables of any size: Cramér's V, as it is and corrected for bias."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import Domain
from metarel.effects._measure import Design, Measure, VarianceRule
from metarel.effects._parts import refuse_rows

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

INPUTS = ("chi2", "n", "rows", "columns")
DIRECTION = "higher means more dependent; without a sign"


@dataclass(frozen=True, slots=True)
class Contingency:
    """The chi-square of a table, and the table's size."""

    chi2: Array
    n: Array
    rows: Array
    columns: Array

    @property
    def df(self) -> Array:
        """Return the degrees of freedom of independence."""
        return (self.rows - 1) * (self.columns - 1)

    @property
    def most(self) -> Array:
        """Return the most that chi-square over n can be."""
        return np.minimum(self.rows, self.columns) - 1


def _complete(given: Given, _options: Options) -> Contingency:
    return Contingency(*(given[word] for word in INPUTS))


def _check(given: Given, labels: list[str] | None) -> None:
    most = given["n"] * (np.minimum(given["rows"], given["columns"]) - 1)
    refuse_rows(
        given["chi2"] > most * (1 + 1e-9),
        "`chi2` must not exceed `n` times the smaller of `rows` and `columns`, less 1",
        labels,
    )


DESIGN = Design("contingency", _complete, _check)


def _cramer(x: Contingency) -> Array:
    return np.sqrt(x.chi2 / (x.n * x.most))


def _corrected(x: Contingency) -> tuple[Array, Array]:
    """Return Bergsma's mean-square contingency, not below 0, and the most it can be."""
    shrunk = [k - (k - 1) ** 2 / (x.n - 1) for k in (x.rows, x.columns)]
    excess = x.chi2 / x.n - x.df / (x.n - 1)
    return np.where(excess < 0, 0, excess), np.minimum(*shrunk) - 1


def _bergsma(x: Contingency) -> Array:
    excess, most = _corrected(x)
    return np.sqrt(excess / most)


def _of_chi2(x: Contingency) -> Array:
    """Return the variance of a noncentral chi-square, its noncentrality chi² − df or 0."""
    return 2 * (x.df + 2 * np.where(x.chi2 < x.df, 0, x.chi2 - x.df))


def _cramer_variance(x: Contingency, _yi: Array) -> Array:
    return _of_chi2(x) / (4 * x.chi2 * x.n * x.most)


def _bergsma_variance(x: Contingency, _yi: Array) -> Array:
    excess, most = _corrected(x)
    return _of_chi2(x) / (4 * excess * most * x.n**2)


NONCENTRAL = (
    "w = 2 (df + 2 max(chi2 − df, 0)): chi2 noncentral, right for weak dependence and too large "
    "for strong"
)

MEASURES = (
    Measure(
        code="CRAMERV",
        name="Cramér's V",
        design=DESIGN,
        inputs=INPUTS,
        estimate=_cramer,
        formula="√(chi2/(n k)), k = min(rows, columns) − 1",
        rules=(
            VarianceRule(
                "LS",
                f"w/(4 chi2 n k), {NONCENTRAL}",
                _cramer_variance,
                "smithson2003",
                "no program known",
            ),
        ),
        sources=("cramer1946",),
        direction=DIRECTION,
        domains={"n": Domain(1, open_low=True)},
        same_as="no code in metafor; effectsize's V without adjustment; for 2 × 2 "
        "tables the size of PHI",
    ),
    Measure(
        code="CRAMERVB",
        name="Cramér's V corrected for bias (Bergsma)",
        design=DESIGN,
        inputs=INPUTS,
        estimate=_bergsma,
        formula="√(e/k), e = max(chi2/n − (rows − 1)(columns − 1)/(n − 1), 0), "
        "k = min(a(rows), a(columns)) − 1, a(c) = c − (c − 1)²/(n − 1)",
        rules=(
            VarianceRule(
                "LS",
                f"w/(4 e k n²), {NONCENTRAL}; none where e is 0, and leaving those "
                "rows out raises a mean",
                _bergsma_variance,
                "bergsma2013",
                "no program known; the delta method",
            ),
        ),
        sources=("bergsma2013",),
        direction=DIRECTION,
        domains={"n": Domain(1, open_low=True)},
        same_as="no code in metafor; effectsize's adjusted V",
    ),
)
