"""Psychometric meta-analysis of correlations, after Hunter and Schmidt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_choice, check_domain, check_level, resolve, row_names
from metarel._distributions import critical_value
from metarel._format import count, fixed, listing, percent, plain
from metarel._format import interval as brackets
from metarel._lazy import pd
from metarel._register import one_of
from metarel._shown import Shown
from metarel._vocabulary import CORRELATION, POSITIVE, Domain
from metarel.errors import InputError
from metarel.models._artefacts import RESTRICTIONS, Artefacts, Restriction, adjusted_n
from metarel.models._bare_bones import (
    ERROR_RULES,
    MEAN_INTERVALS,
    ErrorRule,
    MeanInterval,
    Summary,
    bare_bones,
    corrected,
)
from metarel.models._study import DroppedRow, read_labels, warn_of_dropped

if TYPE_CHECKING:
    import pandas

    from metarel._checks import Array, Column

RELIABILITY = Domain(0, 1, open_low=True)
MORE_THAN_ONE = Domain(1, open_low=True)
ARTEFACT_NAMES = {"rxx": "unreliability of X", "ryy": "unreliability of Y"}
#: The share of variance at which Hunter and Schmidt stop to look for moderators.
RULE_OF_THUMB = 0.75


@dataclass(frozen=True, eq=False, repr=False)
class PsychometricFit(Shown):
    """A psychometric meta-analysis.

    Parameters
    ----------
    bare : Summary
        Observed correlations, weighted by sample size.
    corrected : Summary or None
        Correlations corrected one by one; None where nothing was to be corrected.
    studies : DataFrame
        One row a study: study, r, n, the artefacts used, the attenuation factor A, r_corrected,
        the sampling variances of both, n_adjusted, weight (percent).
    error : ErrorRule
        The convention for sampling error.
    interval : MeanInterval
        The convention for the standard error of the mean.
    df : float
        Degrees of freedom of both intervals; inf is the normal.
    level : float
        Confidence level.
    credibility_levels : tuple of float
        Levels of the credibility intervals.
    artefacts : tuple of str
        What was corrected, in words.
    filled : tuple of str
        Artefacts that some studies lacked and the mean stands for, in words.
    dropped : tuple of DroppedRow
        Rows left out.
    """

    bare: Summary
    corrected: Summary | None
    studies: pandas.DataFrame
    error: ErrorRule
    interval: MeanInterval
    df: float
    level: float
    credibility_levels: tuple[float, ...]
    artefacts: tuple[str, ...]
    filled: tuple[str, ...]
    dropped: tuple[DroppedRow, ...]

    @property
    def final(self) -> Summary:
        """The corrected analysis where there is one, else the bare-bones analysis."""
        return self.bare if self.corrected is None else self.corrected

    @property
    def k(self) -> int:
        """Number of studies."""
        return self.bare.k

    @property
    def mean(self) -> float:
        """Mean correlation of the final analysis."""
        return self.final.mean

    @property
    def sd_rho(self) -> float:
        """Standard deviation of true correlations in the final analysis."""
        return self.final.sd_rho

    def to_frame(self) -> pandas.DataFrame:
        """Return the analyses as a tidy frame.

        Returns
        -------
        DataFrame
            One row an analysis: analysis, k, n, mean, sd, sd_error, sd_rho, error_share (a
            fraction), se, ci_low, ci_high, and a pair of credibility limits a level, such as
            cr80_low and cr80_high.
        """
        return pd.DataFrame([self._row(s) for s in (self.bare, self.corrected) if s is not None])

    def to_dict(self) -> dict[str, Any]:
        """Return everything a machine needs, in plain types.

        Returns
        -------
        dict
            Ready for JSON; NaN and infinities become None.
        """
        found = {
            "analyses": self.to_frame().to_dict("records"),
            "studies": self.studies.to_dict("records"),
            "error": self.error.code,
            "interval": self.interval.code,
            "df": self.df,
            "level": self.level,
            "artefacts": list(self.artefacts),
            "filled": list(self.filled),
        }
        return plain(found)

    def _row(self, summary: Summary) -> dict[str, Any]:
        """Return one analysis as a row."""
        se = self.interval.se(summary)
        half = float(critical_value(self.level, self.df)) * se
        row = {
            "analysis": summary.analysis,
            "k": summary.k,
            "n": summary.n,
            "mean": summary.mean,
            "sd": summary.sd,
            "sd_error": summary.sd_error,
            "sd_rho": summary.sd_rho,
            "error_share": summary.error_share,
            "se": se,
            "ci_low": summary.mean - half,
            "ci_high": summary.mean + half,
        }
        for level in self.credibility_levels:
            limits = summary.credibility(level, self.df)
            row |= dict(zip(_names(level), limits, strict=True))
        return row

    def _lines(self, summary: Summary) -> list[str]:
        """Return one analysis in words."""
        row = self._row(summary)
        letter = "r" if summary is self.bare else "r corrected"
        many = summary.error_share >= RULE_OF_THUMB
        lines = [
            f"Mean {letter} = {fixed(row['mean'])}, {100 * self.level:g}% CI "
            f"{brackets(row['ci_low'], row['ci_high'])} (SE {fixed(row['se'])}: "
            f"{self.interval.code})",
            f"SD of {letter} = {fixed(row['sd'])}, from sampling error {fixed(row['sd_error'])}, "
            f"of rho {fixed(row['sd_rho'])}",
            f"Sampling error: {percent(summary.error_share, 1)} of the variance; by the 75% rule "
            f"moderators are {'not needed to explain the rest' if many else 'worth a search'}",
        ]
        shown = [
            f"{100 * level:g}% {brackets(*summary.credibility(level, self.df))}"
            for level in self.credibility_levels
        ]
        return [*lines, f"Credibility intervals: {', '.join(shown)}"]

    def summary(self) -> str:
        """Return the analyses in words.

        Returns
        -------
        str
            The text that printing shows.
        """
        head = (
            f"Psychometric meta-analysis, {count(self.k, 'study', 'studies')}, "
            f"N = {self.bare.n:g}, weights n, sampling error {self.error.formula}"
        )
        parts = [head, "\n".join(["Bare-bones", *self._lines(self.bare)])]
        if self.corrected is not None:
            title = f"Corrected one by one for {listing(list(self.artefacts))}, weights n A²"
            parts.append("\n".join([title, *self._lines(self.corrected)]))
        notes = [f"Mean put in for missing values: {listing(list(self.filled))}."] * bool(
            self.filled
        )
        beyond = int((self.studies["r_corrected"].abs() > 1).sum())
        if beyond:
            notes.append(f"{count(beyond, 'corrected correlation')} beyond 1, from sampling error.")
        if self.dropped:
            told = listing([f"{d.label} ({d.reason})" for d in self.dropped])
            notes.append(f"Left out: {count(len(self.dropped), 'row')}: {told}.")
        return "\n\n".join(parts + ["\n".join(notes)] * bool(notes))

    __str__ = summary


@says_what_it_takes
def psychometric(
    data: pandas.DataFrame | None = None,
    *,
    r: Column = "r",
    n: Column = "n",
    rxx: Column | None = None,
    ryy: Column | None = None,
    u: Column | None = None,
    restriction: str | None = None,
    rxx_from: str | None = None,
    missing: str = "refuse",
    error: str = "average_n",
    unbiased: bool = False,
    interval: str = "observed",
    reference: str = "z",
    level: float = 0.95,
    credibility: Sequence[float] = (0.80, 0.90, 0.95),
    labels: Column | None = None,
) -> PsychometricFit:
    """Pool correlations after Hunter and Schmidt, corrected for artefacts where they are known.

    Bare-bones: with weights n the mean r̄ and variance S² of the correlations; sampling error
    accounts for (1 − r̄²)²/(N/k − 1) of it, and the rest, cut at 0, is the variance of rho. With
    ``rxx``, ``ryy`` or ``u`` each r is divided by its attenuation factor A, its sampling variance
    is carried along, and the sums are taken with weights n A².

    Parameters
    ----------
    data : DataFrame, optional
        One row a study; None when arrays are passed.
    r, n : column name or array
        Correlations in [−1, 1] and sample sizes above 1.
    rxx, ryy : column name, array or number, optional
        Reliabilities of the two measures, in (0, 1]; ``ryy`` is that of the sample.
    u : column name, array or number, optional
        SD of X in the sample over its SD in the reference group, positive; below 1 the range is
        restricted.
    restriction : {"direct", "indirect"}, optional
        How samples were selected, which ``u`` needs: on X itself (Thorndike's Case II), or on
        something else that acts through true scores (Case IV, which needs ``rxx``).
    rxx_from : {"sample", "reference"}, optional
        The group that ``rxx`` holds for, which ``u`` and ``rxx`` together need.
    missing : {"refuse", "mean"}
        What stands for an artefact that some studies lack: nothing, or the others' mean.
    error : {"average_n", "study_n", "total_n", "own_r"}
        Sampling variance: with N/k − 1; each study's n − 1; N/k; each study's n − 1 and own r.
        When correlations are corrected, the first two are the same.
    unbiased : bool
        Whether observed variances are multiplied by k/(k − 1).
    interval : {"observed", "homogeneous", "heterogeneous"}
        Standard error of the mean: SD_r/√k; (1 − r̄²)/√(N − k), for one population; or
        √((1 − r̄²)²/(N − k) + SD_rho²/k). Of corrected correlations the last two are
        √(Σ w² v)/Σ w, and with SD_rho² Σ w²/(Σ w)² added, for sampling variances v.
    reference : {"z", "t"}
        Reference of confidence and credibility intervals: normal, or t with k − 1 df.
    level : float
        Confidence level, a fraction.
    credibility : sequence of float
        Levels of the credibility intervals, mean ± z SD_rho, as fractions.
    labels : column name or array, optional
        Names of the studies; by default the column "study", or numbers.

    Returns
    -------
    PsychometricFit
        A frozen record; print it, or see ``to_frame()`` and ``studies``.

    Raises
    ------
    InputError
        On unknown columns or words, values outside their range, artefacts that contradict each
        other or are missing, and fewer than two complete rows.

    Warns
    -----
    MetarelWarning
        When rows without r or n are left out.

    Notes
    -----
    R's psychometric gives the same numbers: rbar, varr, and as sampling variance vare
    ("study_n"), aprox.vare ("average_n") or vare36 ("total_n"); its cRRr is Case II. psychmeta
    documents ``error="study_n", unbiased=True, reference="t"`` as its defaults, besides a
    correction of each r for bias that is not made here.

    Corrections follow [hunter2006]: under direct restriction Y's unreliability, then the range,
    then X's unreliability of the reference group; under indirect restriction both unreliabilities
    of the sample, then the range of true scores. The sampling variance is that of r times the
    squared slope of the correction; ``n_adjusted`` is the sample size at which an r of the
    corrected size is as precise.

    The bare-bones mean is that of ``pool`` with ``weights="n"`` on measure COR; the variance of
    rho is not its tau2 (``"HS"`` comes near).

    References
    ----------
    [hunter2004], [hunter2006], [thorndike1949], [whitener1990]

    Examples
    --------
    >>> import metarel as mr
    >>> r, n = [0.10, 0.30, 0.45, 0.50], [60, 100, 80, 90]
    >>> fit = mr.psychometric(r=r, n=n, rxx=0.8, ryy=[0.7, 0.8, 0.9, 0.8])
    >>> round(fit.bare.mean, 4), round(fit.mean, 4)
    (0.3545, 0.4466)
    >>> fit.to_frame()[["analysis", "mean", "sd_rho", "cr80_low", "cr80_high"]].round(3)
         analysis   mean  sd_rho  cr80_low  cr80_high
    0  bare-bones  0.355   0.106     0.218      0.491
    1   corrected  0.447   0.114     0.301      0.593
    """
    rule, mean_interval = ERROR_RULES[error], MEAN_INTERVALS[interval]
    check_choice("reference", reference, ("z", "t"))
    given = {"rxx": rxx, "ryy": ryy, "u": u}
    if not isinstance(credibility, (tuple, list)):
        raise InputError(f"`credibility` must be a list of fractions; got {credibility!r}.")
    kind = _restriction(given, restriction, rxx_from)
    names = list(read_labels(data, labels, {"r": r, "n": n}))
    vectors = resolve(data, {"r": r, "n": n, **given}, labels=names)
    vectors, names, dropped = _complete_rows(vectors, names)
    filled = _fill(vectors, names, missing)
    artefacts = _artefacts(vectors, kind, rxx_from, names)
    bare = bare_bones(vectors["r"], vectors["n"], rule, unbiased=unbiased)
    table, summary = _correct(vectors, artefacts, kind, rule, bare, unbiased=unbiased)
    table.insert(0, "study", names)
    told = [text for word, text in ARTEFACT_NAMES.items() if word in vectors]
    told += [kind.name] if "u" in vectors else []
    return PsychometricFit(
        bare,
        summary if told else None,
        table,
        rule,
        mean_interval,
        math.inf if reference == "z" else float(bare.k - 1),
        check_level(level),
        tuple(check_level(value, "credibility") for value in credibility),
        tuple(told),
        filled,
        dropped,
    )


def _names(level: float) -> tuple[str, str]:
    return f"cr{100 * level:g}_low", f"cr{100 * level:g}_high"


def _restriction(
    given: dict[str, Any], restriction: str | None, rxx_from: str | None
) -> Restriction:
    """Return the kind of selection; refuse half of what a correction needs."""
    if rxx_from is not None:
        check_choice("rxx_from", rxx_from, ("sample", "reference"))
    if given["u"] is None:
        unused = {"restriction": restriction, "rxx_from": rxx_from}
        for word, value in unused.items():
            if value is not None:
                raise InputError(f"`{word}` says how to use `u`, which was not given.")
        return RESTRICTIONS["direct"]  # with u = 1 the order of corrections does not matter
    if restriction is None:
        raise InputError(f"{one_of('restriction', RESTRICTIONS, None)} `u` needs it.")
    kind = RESTRICTIONS[restriction]
    if given["rxx"] is not None and rxx_from is None:
        raise InputError(
            "`rxx_from` must say whether `rxx` is the reliability in the 'sample' or in the "
            "'reference' group, because `u` makes them differ."
        )
    if given["rxx"] is None and (kind.code == "indirect" or rxx_from is not None):
        raise InputError(
            "`rxx` must be given: under indirect restriction the range of true scores is "
            "computed from it. For selection on X itself say restriction='direct'."
            if rxx_from is None
            else "`rxx_from` says which group `rxx` holds for, but `rxx` was not given."
        )
    return kind


def _complete_rows(
    vectors: dict[str, Array], names: list[str]
) -> tuple[dict[str, Array], list[str], tuple[DroppedRow, ...]]:
    """Check the ranges, and leave out rows without r or n."""
    domains = {"r": CORRELATION, "n": MORE_THAN_ONE, "u": POSITIVE}
    for word, values in vectors.items():
        check_domain(values, domains.get(word, RELIABILITY), word, names)
    lacks = {w: np.isnan(vectors[w]) for w in ("r", "n")}
    missing = {int(row): f"no {word}" for word in ("n", "r") for row in np.flatnonzero(lacks[word])}
    dropped = tuple(DroppedRow(row, names[row], missing[row]) for row in sorted(missing))
    keep = [row for row in range(len(names)) if row not in missing]
    if len(keep) < 2:
        raise InputError(
            f"`r` and `n` must be known for at least two studies; {count(len(keep), 'row')} of "
            f"{len(names)} complete: one study shows no variance."
        )
    warn_of_dropped(dropped, len(names))
    kept = {word: values[keep] for word, values in vectors.items()}
    return kept, [names[row] for row in keep], dropped


def _fill(vectors: dict[str, Array], names: list[str], missing: str) -> tuple[str, ...]:
    """Put the mean of the others in for missing artefacts, or refuse."""
    check_choice("missing", missing, ("refuse", "mean"))
    filled = []
    for word in [w for w in ("rxx", "ryy", "u") if w in vectors]:
        rows = np.flatnonzero(np.isnan(vectors[word])).tolist()
        if not rows:
            continue
        if missing == "refuse" or len(rows) == len(names):
            raise InputError(
                f"`{word}` is missing in {row_names(rows, names)}. Give it, leave `{word}` out, or "
                "say missing='mean' to put in the mean of the other studies."
            )
        mean = float(np.nanmean(vectors[word]))
        vectors[word] = np.where(np.isnan(vectors[word]), mean, vectors[word])
        filled.append(f"{word} = {mean:.4g} in {count(len(rows), 'study', 'studies')}")
    return tuple(filled)


def _artefacts(
    vectors: dict[str, Array], kind: Restriction, rxx_from: str | None, names: list[str]
) -> Artefacts:
    """Return all artefacts, with the reliability of X in both groups."""
    ones = np.ones(len(names))
    rxx, u = vectors.get("rxx", ones), vectors.get("u", ones)
    sample = kind.sample_reliability(rxx, u) if rxx_from == "reference" else rxx
    reference = rxx if rxx_from == "reference" else kind.reference_reliability(rxx, u)
    impossible = np.flatnonzero((sample <= 0) | (reference <= 0)).tolist()
    if impossible:
        raise InputError(
            f"`u` and `rxx` contradict each other in {row_names(impossible, names)}: error of "
            "measurement alone would vary more than the scores do. Check `rxx_from` and `u`."
        )
    return Artefacts(sample, reference, vectors.get("ryy", ones), u)


def _correct(
    vectors: dict[str, Array],
    artefacts: Artefacts,
    kind: Restriction,
    rule: ErrorRule,
    bare: Summary,
    *,
    unbiased: bool,
) -> tuple[pandas.DataFrame, Summary]:
    """Correct every correlation, and pool what comes out."""
    r, n = vectors["r"], vectors["n"]
    rho, slope = kind.correct(r, artefacts)
    # r / rho, which has a limit at r = 0: the slope there
    factor = np.where(rho == 0, 1 / slope, r / np.where(rho == 0, 1, rho))
    variance = rule.each(r, n, bare.mean)
    own = (1 - r**2) ** 2 / (n - 1)
    weights = n * factor**2
    summary = corrected(rho, weights, variance * slope**2, n, unbiased=unbiased)
    with np.errstate(divide="ignore", invalid="ignore"):
        sizes = adjusted_n(rho, own * slope**2)
    known: dict[str, Any] = {
        word: vectors[word] for word in ("r", "n", "rxx", "ryy", "u") if word in vectors
    }
    found: dict[str, Any] = {
        "A": factor,
        "r_corrected": rho,
        "variance": variance,
        "variance_corrected": variance * slope**2,
        "n_adjusted": np.where(own > 0, sizes, n),
        "weight": 100 * weights / weights.sum(),
    }
    return pd.DataFrame({**known, **found}), summary
