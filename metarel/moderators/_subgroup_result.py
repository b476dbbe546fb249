"""The record of a subgroup analysis, and its text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._format import WIDTH, count, listing, plain, wrapped_equations
from metarel._lazy import pd
from metarel._shown import Shown
from metarel.effects.register import MEASURES
from metarel.effects.transforms import TRANSFORMS
from metarel.models._inference import TestResult
from metarel.models._prediction import Transform
from metarel.models.results import MetaFit
from metarel.moderators._text import frame_text, width
from metarel.moderators.contrasts import ContrastResult

#: Levels that are numbers are taken for a scale where there are more of them.
MANY_NUMBERS = 5
#: What the printed table does without where it is wider than a terminal, first to last.
SPARED = (("tau2",), ("p_value",), ("N",), ("pi_low", "pi_high"), ("I2",))
#: What it does without before anything else, where it stands below on another scale.
ELSEWHERE = ("pi_low", "pi_high")
#: More pairs than this are counted in the text, not listed.
MOST_PAIRS = 15


@dataclass(frozen=True, eq=False, repr=False)
class SubgroupsResult(Shown):
    """Pooled effects by level, and the tests between and within the levels.

    Parameters
    ----------
    by : str
        The column of the levels; of two columns ``"outer × inner"``.
    fits : dict
        Level to its fit, in order of appearance; of two columns ``"outer / inner"``.
    table : DataFrame
        One row a level: level, k, N (people, where a column of sizes is known), estimate, se,
        statistic, df, p_value, ci_low, ci_high, pi_low, pi_high (prediction interval), tau2, I2,
        Q, Q_df, Q_p. What one study cannot tell (tau2, I2, prediction interval) is NaN there.
    between : TestResult
        Test that all levels have the same mean.
    within : TestResult
        Sum of the levels' Q: test that effects are equal within every level.
    total : TestResult
        Q over all studies; under a common effect the sum of the two.
    pairwise : ContrastResult
        Differences of the levels in pairs, later minus earlier.
    nested : dict
        Of two columns: each level of the outer one to the test that the inner levels in it have
        the same mean; empty otherwise.
    interaction : TestResult or None
        Of two columns of which all combinations have studies: test that the differences between
        the inner levels are the same in all outer levels.
    overall : MetaFit
        The model over all studies, whatever their level.
    common_tau2 : bool
        Whether all levels share one tau2.
    dropped : int
        Rows left out for lack of yi, vi or a level.
    without_level : int
        Those of them that have an effect, but no level.
    numbers : bool
        Whether the levels are numbers, which a line might fit better.
    """

    by: str
    fits: dict[str, MetaFit]
    table: pd.DataFrame
    between: TestResult
    within: TestResult
    total: TestResult
    pairwise: ContrastResult
    nested: dict[str, TestResult]
    interaction: TestResult | None
    overall: MetaFit
    common_tau2: bool
    dropped: int
    without_level: int
    numbers: bool = False

    def to_frame(self, *, transform: Transform = None) -> pd.DataFrame:
        """Return the table, one row a level.

        Parameters
        ----------
        transform : str, callable, True or None
            Back-transformation of estimates and limits, as for ``MetaFit.predict``; standard
            errors are then NaN, and tests stay those of the effects as pooled.

        Returns
        -------
        DataFrame
            A copy of ``table``.
        """
        found = self.table.copy()
        if transform not in (None, False):
            turned = self.predict(transform=transform)
            for name in turned:
                found[name] = turned[name].to_numpy()
        return found

    @says_what_it_takes
    def predict(self, *, transform: Transform = None) -> pd.DataFrame:
        """Return the mean of each level, with confidence and prediction limits.

        Parameters
        ----------
        transform : str, callable, True or None
            Back-transformation, as for ``MetaFit.predict``; standard errors are then NaN.

        Returns
        -------
        DataFrame
            One row a level; columns estimate, se, ci_low, ci_high, pi_low, pi_high. A level of
            one study has no prediction interval of its own.
        """
        return _predicted(self.fits, transform)

    def to_dict(self) -> dict[str, Any]:
        """Return everything a machine needs, in plain types.

        Returns
        -------
        dict
            The levels' fits as they describe themselves, the overall fit and the tests; NaN and
            infinities become None.
        """
        found = {
            "by": self.by,
            "common_tau2": self.common_tau2,
            "dropped": self.dropped,
            "without_level": self.without_level,
            "levels": {level: fit.to_dict() for level, fit in self.fits.items()},
            "overall": self.overall.to_dict(),
            "between": asdict(self.between),
            "within": asdict(self.within),
            "total": asdict(self.total),
            "nested": {level: asdict(test) for level, test in self.nested.items()},
            "interaction": None if self.interaction is None else asdict(self.interaction),
            "pairwise": self.pairwise.to_dict(),
        }
        return plain(found)

    def __str__(self) -> str:
        kind = "one tau2 for all levels" if self.common_tau2 else "a tau2 of its own in each level"
        dropped = f"; {count(self.dropped, 'row')} left out" if self.dropped else ""
        head = [wrapped_equations(f"Subgroups by {self.by}, {kind}{dropped}")]
        measure = self.overall.study.measure
        if measure is not None:
            head.append(f"Measure: {measure}, {MEASURES[measure].name}")
        table, missing = self._rows()
        lines = [*head, "", table, ""]
        if measure is not None and self._turns():
            formula = TRANSFORMS[MEASURES[measure].transform].formula
            lines += [f"Back-transformed, {formula}:", "", self._turned_back(), ""]
        lines += [
            wrapped_equations(f"Between levels: {self.between}"),
            wrapped_equations(f"Within levels:  {self.within}"),
            wrapped_equations(f"All studies:    {self.total}"),
        ]
        lines += [wrapped_equations(f"Within {name}: {test}") for name, test in self.nested.items()]
        if self.interaction is not None:
            lines.append(wrapped_equations(f"Interaction: {self.interaction}"))
        if missing:
            lines.append(f"Left out for width: {listing(missing)}; see to_frame().")
        lines += [wrapped_equations(note) for note in self._notes()]
        if len(self.fits) > 2 and len(self.pairwise.table) <= MOST_PAIRS:
            lines += ["", str(self.pairwise).replace("Together:", "All pairs:")]
        elif len(self.pairwise.table) > MOST_PAIRS:
            lines.append(f"{len(self.pairwise.table)} pairs of levels: see `pairwise`.")
        return "\n".join(lines)

    def _last(self) -> str:
        """Return the name of the row of all studies."""
        return "all studies" if "overall" in self.fits else "overall"

    def _rows(self) -> tuple[str, list[str]]:
        """Return the table of levels, all studies in the last row, and columns without room."""
        sizes = self.table["N"].sum(skipna=False) if "N" in self.table else np.nan
        last = row_of(self._last(), self.overall, sizes)
        table = pd.concat([self.table, pd.DataFrame([last])], ignore_index=True)
        columns = {"level": "", "k": "k"} | ({"N": "N"} if "N" in self.table else {})
        columns |= {"estimate": "estimate", **_limits(self.overall.spec.level), "p_value": "p"}
        if self.overall.spec.tau2 != "EE":
            columns |= {"pi_low": "PI low", "pi_high": "high", "tau2": "tau2"}
        columns["I2"] = "I2"
        missing = []
        for names in (ELSEWHERE, *SPARED) if self._turns() else SPARED:
            if width(frame_text(table, columns)) <= WIDTH:
                break
            there = [columns.pop(name) for name in names if name in columns]
            missing += there[:1] if names != ELSEWHERE else []
        return frame_text(table, columns), missing

    def _turns(self) -> bool:
        """Tell whether means are read on another scale than they are pooled on."""
        measure = self.overall.study.measure
        return measure is not None and MEASURES[measure].transform != "identity"

    def _turned_back(self) -> str:
        """Return means and limits on the scale people read."""
        fits = {**self.fits, self._last(): self.overall}
        table = _predicted(fits, True).reset_index(names="level")
        columns = {"level": "", "estimate": "estimate", **_limits(self.overall.spec.level)}
        if self.overall.spec.tau2 != "EE":
            columns |= {"pi_low": "PI low", "pi_high": "high"}
        return frame_text(table, columns)

    def _notes(self) -> list[str]:
        """Return what a reader must know beside the numbers."""
        notes = []
        alone = [level for level, fit in self.fits.items() if fit.k == 1]
        if alone:
            told = listing(alone)
            own = "" if self.common_tau2 else ", whose tau2 cannot be estimated and is taken as 0"
            notes.append(f"One study only: {told}: its own estimate{own}.")
        if self.numbers and (len(self.fits) > MANY_NUMBERS or alone):
            notes.append(
                f"{self.by} is a number with {len(self.fits)} values; "
                f"meta_regression(data, {self.by!r}) fits a line."
            )
        if self.without_level:
            notes.append(
                f"{count(self.without_level, 'study', 'studies')} with an effect but no level "
                "left out."
            )
        if self.overall.study.weights is not None:
            notes.append("Weights as given by the user; the covariance allows for them.")
        if self.overall.spec.settings is not None:
            notes += self.overall.spec.settings.lines()
        return notes


def _alone(fit: MetaFit) -> bool:
    """Tell whether a level is one study, whose tau2 nobody knows."""
    return fit.k == 1 and not fit.tau2 > 0


def _predicted(fits: dict[str, MetaFit], transform: Transform) -> pd.DataFrame:
    """Return the mean of each level; what one study cannot tell is NaN."""
    rows = {level: fit.predict(transform=transform).iloc[0] for level, fit in fits.items()}
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.loc[[level for level, fit in fits.items() if _alone(fit)], ["pi_low", "pi_high"]] = np.nan
    return table


def _limits(level: float) -> dict[str, str]:
    """Return short headings of confidence limits."""
    return {"ci_low": f"{100 * level:g}% low", "ci_high": "high"}


def row_of(name: str, fit: MetaFit, people: float | None) -> dict[str, Any]:
    """Return one line of the table.

    Parameters
    ----------
    name : str
        The level.
    fit : MetaFit
        Its fit.
    people : float or None
        Sum of the sample sizes; None where no sizes are known.

    Returns
    -------
    dict
        Column to value.
    """
    prediction = _predicted({name: fit}, None).iloc[0]
    lone = _alone(fit)
    return {
        "level": name,
        "k": fit.k,
        **({} if people is None else {"N": people}),
        "estimate": fit.estimate,
        "se": float(fit.se[0]),
        "statistic": float(fit.statistic[0]),
        "df": float(fit.df[0]),
        "p_value": float(fit.p_value[0]),
        "ci_low": float(fit.ci_low[0]),
        "ci_high": float(fit.ci_high[0]),
        "pi_low": float(prediction["pi_low"]),
        "pi_high": float(prediction["pi_high"]),
        "tau2": np.nan if lone else fit.tau2,
        "I2": np.nan if lone else fit.I2,
        "Q": fit.Q,
        "Q_df": fit.heterogeneity.Q_df,
        "Q_p": fit.heterogeneity.Q_p,
    }
