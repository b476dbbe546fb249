"""Estimated marginal means: what the model says of each level, all else equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metarel._calls import says_what_it_takes
from metarel._checks import check_choice, check_level
from metarel._format import count, plain
from metarel._lazy import pd
from metarel._shown import Shown
from metarel.errors import InputError
from metarel.models._design import level_text
from metarel.models._prediction import Transform
from metarel.models.results import Fit
from metarel.moderators._grid import Grid, reference_grid
from metarel.moderators._linear import all_pairs
from metarel.moderators._text import frame_text, limits
from metarel.moderators.contrasts import ContrastResult, Family, rows_tested

if TYPE_CHECKING:
    from metarel._checks import Array

WEIGHTS = {
    "equal": "all levels weigh the same",
    "proportional": "levels weigh as their numbers of studies",
}


@dataclass(frozen=True, eq=False, repr=False)
class MarginalMeans(Shown):
    """Estimated marginal means, and their differences.

    Parameters
    ----------
    table : DataFrame
        One row a mean: term, the values it stands for, k (studies with these levels), estimate,
        se, statistic, df, p_value (of a mean of 0), ci_low, ci_high, pi_low, pi_high.
    contrasts : dict
        The pairwise differences of the levels: one `ContrastResult` a combination of the
        variables in ``by`` (of one, under the name ``""``, without them).
    held : dict
        Numbers that were held, and at which value.
    averaged : tuple of str
        Factors that were averaged over.
    weights : str
        How these were averaged.
    level : float
        Confidence level of all limits.
    L : ndarray, shape (means, p)
        The design rows behind the means.
    """

    table: pd.DataFrame
    contrasts: dict[str, ContrastResult]
    held: dict[str, float]
    averaged: tuple[str, ...]
    weights: str
    level: float
    L: Array

    def to_frame(self) -> pd.DataFrame:
        """Return the means, one row each.

        Returns
        -------
        DataFrame
            A copy of ``table``.
        """
        return self.table.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return everything a machine needs, in plain types.

        Returns
        -------
        dict
            NaN and infinities become None.
        """
        found = {
            "means": self.table.to_dict("records"),
            "contrasts": {name: found.to_dict() for name, found in self.contrasts.items()},
            "held": self.held,
            "averaged": self.averaged,
            "weights": self.weights,
            "level": self.level,
        }
        return plain(found)

    def __str__(self) -> str:
        columns = {"term": ""} | ({"k": "k"} if "k" in self.table else {})
        columns |= {"estimate": "estimate", "se": "se", **limits(self.level)}
        columns |= {"pi_low": "PI low", "pi_high": "PI high"}
        lines = ["Estimated marginal means", "", frame_text(self.table, columns)]
        notes = []
        if self.held:
            told = ", ".join(f"{name} = {value:.4g}" for name, value in self.held.items())
            notes.append(f"Held: {told}.")
        if self.averaged:
            names = ", ".join(self.averaged)
            notes.append(f"Averaged over {names}; {WEIGHTS[self.weights]}.")
        if notes:
            lines += ["", *notes]
        for name, found in self.contrasts.items():
            lines += ["", f"{name}: {found}" if name else str(found)]
        return "\n".join(lines)


@says_what_it_takes
def marginal_means(
    fit: Fit,
    factor: str | Sequence[str],
    *,
    by: str | Sequence[str] | None = None,
    at: Mapping[str, Any] | None = None,
    weights: str = "equal",
    adjust: str = "holm",
    level: float | None = None,
    interval: str = "default",
    transform: Transform = None,
) -> MarginalMeans:
    """Estimate the mean effect of each level of a factor, all else equal.

    The mean of a level is the average of the fitted values over a grid: all combinations of the
    levels of the other factors, with numbers at their means or at ``at``. It has a confidence
    interval, and a prediction interval for the true effect of a new study of that kind.

    Parameters
    ----------
    fit : MetaFit or RobustFit
        What `meta_regression` returned, or `robust` made of it.
    factor : str or list of str
        Variable whose levels are compared; several are crossed. A number needs values in ``at``.
    by : str or list of str, optional
        Variables within whose levels the means are given and compared.
    at : dict, optional
        Variable to a value or values: numbers to hold elsewhere than at their mean (over the
        studies, unweighted), or levels to keep. Several values give as many means.
    weights : {"equal", "proportional"}
        How the levels of other factors are averaged: all alike, or by their number of studies.
    adjust : str
        Correction of the pairwise p-values, as for `contrast`.
    level : float, optional
        Confidence level; by default the fit's.
    interval : {"default", "z", "t", "hts"}
        Reference of the prediction interval, as for ``predict``.
    transform : str, callable, True or None
        Back-transformation of the means and their limits, as for ``predict``; differences stay
        on the scale of the model.

    Returns
    -------
    MarginalMeans
        Print it, or see ``table`` and ``contrasts``.

    Raises
    ------
    InputError
        On variables and levels that the model does not have, and on numbers without values.

    Notes
    -----
    Same numbers as emmeans gives for the model's coefficients and covariance, and as metafor's
    ``predict(fit, newmods=)`` at the averaged design rows. Means of a factor that interacts with
    another are averages over that one: give it as ``by`` to see them apart.

    References
    ----------
    [searle1980], [viechtbauer2010]

    Examples
    --------
    >>> import metarel as mr
    >>> table = mr.load_dataset("bcg")
    >>> trials = mr.effect_sizes(table.studies, **table.effect["default"])
    >>> fit = mr.meta_regression(trials, "ablat + alloc")
    >>> means = mr.marginal_means(fit, "alloc", transform=True)
    >>> means.table[["term", "k", "estimate", "ci_low", "ci_high"]].round(2)
             term  k  estimate  ci_low  ci_high
    0   alternate  2      0.54    0.30     0.96
    1      random  7      0.41    0.28     0.60
    2  systematic  4      0.57    0.35     0.92
    """
    model = _check(fit)
    check_choice("weights", weights, WEIGHTS)
    level = fit.spec.level if level is None else check_level(level)
    wanted, within = _listed(factor, "factor"), _listed(by, "by")
    twice = sorted(set(wanted) & set(within))
    if twice:
        raise InputError(f"`by` must name other variables than `factor`; {twice[0]!r} is in both.")
    grid = reference_grid(fit.study.design, [*within, *wanted], at, weights)
    names = _names(grid, within)
    predicted = model.predict(X=grid.L, level=level, interval=interval, transform=transform)
    plain_rows = rows_tested(fit, grid.L, Family(names, "", ""), level=level).table
    keys = {name: grid.keys[name].to_numpy() for name in grid.keys.columns}
    counts = {} if grid.counts is None else {"k": grid.counts}
    table = pd.DataFrame({"term": names, **keys, **counts})
    table = table.assign(
        estimate=predicted["estimate"].to_numpy(),
        se=predicted["se"].to_numpy(),
        statistic=plain_rows["statistic"],
        df=plain_rows["df"],
        p_value=plain_rows["p_value"],
        **{name: predicted[name].to_numpy() for name in ("ci_low", "ci_high", "pi_low", "pi_high")},
    )
    contrasts = _contrasts(fit, grid, within, adjust, level)
    return MarginalMeans(table, contrasts, grid.held, grid.averaged, weights, level, grid.L)


def _check(fit: object) -> Any:
    """Refuse what has no moderators, or cannot predict."""
    if not isinstance(fit, Fit) or not hasattr(fit, "predict"):
        raise InputError(
            "`fit` must be what meta_regression() returned, or robust() of it; "
            f"got {type(fit).__name__}."
        )
    if not fit.study.design.variables:
        raise InputError(
            "`fit` has no moderators, so there are no levels to compare; "
            "fit one with meta_regression(), such as meta_regression(data, 'rater')."
        )
    return fit


def _listed(names: str | Sequence[str] | None, argument: str) -> list[str]:
    """Return names as a list without repeats."""
    listed = [names] if isinstance(names, str) else list(names or [])
    if argument == "factor" and not listed:
        raise InputError("`factor` must name at least one variable of the model.")
    return list(dict.fromkeys(listed))


def _names(grid: Grid, within: list[str]) -> list[str]:
    """Return a name for each mean: levels alone, or with their variables where these are many."""
    columns = list(grid.keys.columns)
    if len(columns) == 1 and not within:
        name = columns[0]
        return [
            level_text(v) if isinstance(v, str) else f"{name} = {level_text(v)}"
            for v in grid.keys[name]
        ]
    return [_key(columns, row) for row in grid.keys.itertuples(index=False, name=None)]


def _key(columns: Sequence[str], row: Sequence[Any]) -> str:
    return ", ".join(f"{c} = {level_text(v)}" for c, v in zip(columns, row, strict=True))


def _contrasts(
    fit: Fit, grid: Grid, within: list[str], adjust: str, level: float
) -> dict[str, ContrastResult]:
    """Return all pairwise differences, apart for each combination of ``within``."""
    own = [name for name in grid.keys.columns if name not in within]
    labels = [_key(own, row) for row in grid.keys[own].itertuples(index=False, name=None)]
    if len(own) == 1 and own[0] in fit.study.design.factors:
        labels = [level_text(v) for v in grid.keys[own[0]]]
    outer = [_key(within, row) for row in grid.keys[within].itertuples(index=False, name=None)] or [
        ""
    ] * len(labels)
    found = {}
    for name in dict.fromkeys(outer):
        rows = [i for i, other in enumerate(outer) if other == name]
        if len(rows) < 2:
            continue
        pairs, differences = all_pairs(len(rows))
        told = f" where {name}" if name else ""
        family = Family(
            [f"{labels[rows[later]]} − {labels[rows[earlier]]}" for later, earlier in pairs],
            f"Differences, {count(len(rows), 'mean')} in pairs",
            f"all levels of {', '.join(own)} have the same mean effect{told}",
            len(rows),
        )
        found[name] = rows_tested(
            fit, differences @ grid.L[rows], family, adjust=adjust, level=level
        )
    return found
