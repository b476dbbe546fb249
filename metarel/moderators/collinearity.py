"""Variance inflation: how much moderators that go together blur each other's coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import generator
from metarel._format import count, plain
from metarel._lazy import pd
from metarel._linalg import column_rank_problem, weighted_least_squares
from metarel._shown import Shown
from metarel.errors import InputError
from metarel.models._design import INTERCEPT, Design, rebuild
from metarel.models.meta import estimate_tau2
from metarel.models.results import Fit, MetaFit
from metarel.moderators._text import frame_text
from metarel.moderators.contrasts import term_columns

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, eq=False, repr=False)
class VifResult(Shown):
    """Variance inflation factors.

    Parameters
    ----------
    coefficients : DataFrame
        One row a coefficient but the intercept: term, vif, sif (its square root: the factor of
        the standard error).
    table : DataFrame
        One row a term of the formula: term, coefficients (how many), gvif, gsif (gvif to the
        power 1/(2 coefficients), comparable to sif); and with a simulated reference,
        proportion: the share of simulated gvif below the one found.
    samples : int
        Samples behind ``proportion``; 0 without a reference.
    """

    coefficients: pd.DataFrame
    table: pd.DataFrame
    samples: int

    def to_frame(self) -> pd.DataFrame:
        """Return the table, one row a term.

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
            Both tables as records.
        """
        found = {
            "coefficients": self.coefficients.to_dict("records"),
            "terms": self.table.to_dict("records"),
            "samples": self.samples,
        }
        return plain(found)

    def __str__(self) -> str:
        columns = {"term": "", "coefficients": "coefficients", "gvif": "GVIF"}
        columns |= {"gsif": "GVIF^(1/2m)"}
        lines = ["Variance inflation by terms of the formula", ""]
        if self.samples:
            columns |= {"proportion": "share below"}
        lines.append(frame_text(self.table, columns))
        lines += ["", "By coefficients", ""]
        lines.append(
            frame_text(self.coefficients, {"term": "", "vif": "VIF", "sif": "factor of the SE"})
        )
        if self.samples:
            told = count(self.samples, "sample")
            lines += ["", f"Reference: {told} with the moderators shuffled apart."]
        return "\n".join(lines)


@says_what_it_takes
def vif(
    fit: Fit,
    *,
    terms: Sequence[str] | None = None,
    samples: int = 0,
    seed: int | None = None,
) -> VifResult:
    """Give the factor by which each coefficient's variance is inflated by the other moderators.

    With R the correlation matrix of the coefficients but the intercept, the generalised factor
    of a set a is |R_aa| |R_bb| / |R|, where b are the others; of one coefficient it is the
    diagonal of the inverse of R.

    Parameters
    ----------
    fit : MetaFit or another fit
        A model with at least two coefficients besides the intercept.
    terms : list of str, optional
        Coefficients, terms or variables to take as one set, beside which nothing is reported; by
        default each term of the formula is a set.
    samples : int
        Samples of a reference in which the moderators are independent: each variable of the
        formula is shuffled by itself, and tau2 estimated again. 0 for none. Takes a `MetaFit`.
    seed : int, optional
        Seed of the shuffling.

    Returns
    -------
    VifResult
        Print it, or see ``table`` and ``coefficients``.

    Raises
    ------
    InputError
        When there are fewer than two coefficients to compare, on unknown terms, and when
        ``terms`` are all of them.

    Notes
    -----
    Same numbers as metafor's ``vif(fit)`` and ``vif(fit, btt=)``. Factors come from the weighted
    model, and differ from those of the plain moderators. Sets are robust to the coding of
    factors; single dummies depend on the reference level.

    References
    ----------
    [fox1992], [viechtbauer2010]

    Examples
    --------
    >>> import metarel as mr
    >>> table = mr.load_dataset("bcg")
    >>> trials = mr.effect_sizes(table.studies, **table.effect["default"])
    >>> fit = mr.meta_regression(trials, "ablat + alloc + year", tau2="DL")
    >>> mr.vif(fit).table.round(3)
        term  coefficients   gvif   gsif
    0  ablat             1  1.753  1.324
    1  alloc             2  1.249  1.057
    2   year             1  1.923  1.387
    """
    if not isinstance(fit, Fit):
        raise InputError(
            f"`fit` must be what meta_regression() returned; got {type(fit).__name__}."
        )
    design = fit.study.design
    own = [j for j, term in enumerate(design.terms) if term != INTERCEPT]
    if len(own) < 2:
        raise InputError(
            "`fit` must have at least two coefficients besides the intercept; "
            f"got {len(own)}: nothing can inflate it."
        )
    sets = _sets(design, own, terms)
    R = _correlations(fit.vcov, own)
    single = np.array([inflation(R, [i]) for i in range(len(own))])
    coefficients = pd.DataFrame(
        {"term": [design.terms[j] for j in own], "vif": single, "sif": np.sqrt(single)}
    )
    found = np.array([inflation(R, [own.index(j) for j in chosen]) for chosen in sets.values()])
    size = np.array([len(chosen) for chosen in sets.values()])
    table = pd.DataFrame(
        {"term": list(sets), "coefficients": size, "gvif": found, "gsif": found ** (1 / (2 * size))}
    )
    if samples:
        reference = _reference(fit, own, sets, samples, seed)
        table["proportion"] = (reference < found).mean(axis=0)
        return VifResult(coefficients, table, len(reference))
    return VifResult(coefficients, table, 0)


def inflation(R: Array, chosen: list[int]) -> float:
    """Return the generalised variance inflation factor of a set of coefficients.

    Parameters
    ----------
    R : ndarray, shape (m, m)
        Correlations of the coefficients.
    chosen : list of int
        The set.

    Returns
    -------
    float
        |R_aa| |R_bb| / |R|.
    """
    others = [i for i in range(len(R)) if i not in chosen]
    logs = [np.linalg.slogdet(R[np.ix_(part, part)])[1] for part in (chosen, others)]
    return float(np.exp(sum(logs) - np.linalg.slogdet(R)[1]))


def _sets(
    design: Design, own: list[int], terms: Sequence[str] | None
) -> dict[str, tuple[int, ...]]:
    """Return the sets of coefficients and their names."""
    if terms is None:
        return {name: columns for name, columns in design.groups.items() if name != INTERCEPT}
    listed = [terms] if isinstance(terms, str) else list(terms)
    chosen = dict.fromkeys(j for name in listed for j in term_columns(design, name) if j in own)
    if not 0 < len(chosen) < len(own):
        raise InputError(
            "`terms` must be some of the moderators, so that there are others to compare with; "
            f"got {len(chosen)} of {len(own)} coefficients."
        )
    return {", ".join(listed): tuple(chosen)}


def _correlations(vcov: Array, own: list[int]) -> Array:
    part = vcov[np.ix_(own, own)]
    scale = 1 / np.sqrt(np.diag(part))
    return np.asarray(part * np.outer(scale, scale))


def _reference(
    fit: Fit, own: list[int], sets: dict[str, tuple[int, ...]], samples: int, seed: int | None
) -> Array:
    """Return the factors of samples in which each variable is shuffled by itself."""
    design = fit.study.design
    if not isinstance(fit, MetaFit) or design.frame is None:
        raise InputError("`samples` needs a fit of meta_regression().")
    if isinstance(samples, bool) or not isinstance(samples, int) or samples < 1:
        raise InputError(f"`samples` must be a whole number of at least 0; got {samples!r}.")
    rng = generator(seed)
    out = []
    for _ in range(samples):
        shuffled = pd.DataFrame(
            {name: design.frame[name].array[rng.permutation(fit.k)] for name in design.variables}
        )
        X = rebuild(design, shuffled)
        if column_rank_problem(X, list(design.terms)):
            continue  # this shuffle made moderators repeat each other: its factor is infinite
        study = replace(fit.study, design=replace(design, X=X))
        tau2 = estimate_tau2(study, fit.spec.tau2)[0].value
        bread = weighted_least_squares(study.yi, X, 1 / (study.vi + tau2)).bread
        R = _correlations(bread, own)
        out.append([inflation(R, [own.index(j) for j in chosen]) for chosen in sets.values()])
    return np.array(out)
