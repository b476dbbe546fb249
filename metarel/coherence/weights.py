"""Checks of a forest plot's table: weights, the tau2 behind them, the pooled mean and Q."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from metarel._format import listing
from metarel.coherence._check import Check, Question, Trial
from metarel.coherence._figures import RATIOS, Group, Table
from metarel.coherence._span import Span
from metarel.coherence._ways import SCALES, Scale
from metarel.coherence.subgroups import on_scale, scales_of, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array

_FAMILY = "forest plots"
#: Values of tau2 tried, and how far they reach beyond the largest variance and the effects' spread.
STEPS, BEYOND = 400, 30.0
#: How often the values nearest to a fit are filled in, and room for the last bits of shares.
ZOOMS, ROOM = 4, 1e-9
_OTHER_WEIGHTS = "the weights are not inverse variances (Mantel–Haenszel, Peto, sample sizes)"


def _weights(rows: tuple[Group, ...], *, strict: bool = True) -> tuple[Array, Array] | None:
    """Return the ends of the printed weights as fractions; None where a row has none."""
    spans = [row.span("weight", strict=strict) for row in rows]
    if len(rows) < 2 or any(span is None for span in spans):
        return None
    known = [span for span in spans if span is not None]
    return np.array([s.low for s in known]), np.array([s.high for s in known])


def _hundred(table: Table) -> Iterator[Question]:
    """Ask whether the weights add up to 100 percent, as far as rounding allows."""
    ends = _weights(table.rows)
    if ends is None:
        return
    unit = max(row.unit("weight") for row in table.rows)
    added = Span(float(ends[0].sum()), float(ends[1].sum()))
    trials = [Trial("", "usual", Span(1.0, 1.0), added, unit)]
    if not trials[0].fits:
        words = "not all rows are shown, or weights were rounded otherwise than to the nearest"
        trials.append(Trial(words, "rare", Span(1.0, 1.0), Span(1.0, 1.0), unit))
    told = f"the {len(table.rows)} weights add up to {{expected}}, not to 100 %"
    figures = tuple(row["weight"] for row in table.rows)
    yield Question(figures, tuple(trials), "", "all rows", told)


def share_ends(v_low: Array, v_high: Array, tau2: Array) -> tuple[Array, Array]:
    """Return between what each row's share of the weight lies.

    Parameters
    ----------
    v_low, v_high : ndarray, shape (rows,)
        Ends of the sampling variances.
    tau2 : ndarray, shape (values,)
        Values of tau2.

    Returns
    -------
    tuple of ndarray, shape (values, rows)
        The least and the greatest share of each row at each tau2.
    """
    low, high = 1 / (v_high + tau2[:, None]), 1 / np.maximum(v_low + tau2[:, None], 1e-300)
    least = low / (low + high.sum(axis=1, keepdims=True) - high)
    most = high / (high + low.sum(axis=1, keepdims=True) - low)
    return least, most


def _tau2_grid(ends: tuple[Array, Array, Array, Array]) -> Array:
    low, high, v_low, v_high = ends
    top = BEYOND * (float(v_high.max()) + float((high.max() - low.min()) ** 2))
    bottom = max(float(v_low[v_low > 0].min(initial=top)) * 1e-4, top * 1e-12)
    return np.append(0.0, np.geomspace(bottom, top, STEPS - 1))


def _fitting(table: Table, scale: Scale) -> tuple[Array, NDArray[np.bool_]] | None:
    """Return values of tau2, and which rows have their printed weights at each."""
    ends, weights = on_scale(table.rows, scale), _weights(table.rows)
    if ends is None or weights is None:
        return None
    tau2 = _tau2_grid(ends)
    for _ in range(ZOOMS):
        least, most = share_ends(ends[2], ends[3], tau2)
        outside = np.maximum(least - weights[1], weights[0] - most)
        if (outside <= ROOM).all(axis=1).any():
            break
        best = int(np.argmin(outside.max(axis=1)))  # a fit may lie between two values tried
        near = np.linspace(tau2[max(best - 1, 0)], tau2[min(best + 1, len(tau2) - 1)], STEPS // 10)
        tau2 = np.unique(np.append(tau2, near))
    least, most = share_ends(ends[2], ends[3], tau2)
    return tau2, (least <= weights[1] + ROOM) & (most >= weights[0] - ROOM)


def solved_tau2(table: Table) -> tuple[Span, str] | None:
    """Return the values of tau2 under which every row has its printed weight.

    Parameters
    ----------
    table : Table
        Rows with weights and limits or standard errors.

    Returns
    -------
    tuple of (Span, str), or None
        The values, widened by a step of the grid to either side, and the model they say:
        ``"common-effect"`` where only zero fits, ``"random-effects"`` where zero does not,
        ``"either"``; None where none fits.
    """
    with np.errstate(all="ignore"):
        for rank, _, scale in scales_of(table.rows):
            found = _fitting(table, scale) if rank == "usual" else None
            if found is None:
                continue
            tau2, fits = found
            good = np.flatnonzero(fits.all(axis=1))
            if good.size:
                low, high = tau2[max(good[0] - 1, 0)], tau2[min(good[-1] + 1, len(tau2) - 1)]
                zero = good[0] == 0
                model = "random-effects" if not zero else (
                    "common-effect" if good[-1] == 0 else "either")  # fmt: skip
                return Span(0.0 if zero else float(low), float(high)), model
    return None


def _one_tau2(table: Table) -> Iterator[Question]:
    """Ask whether one tau2 gives every row its printed weight; name the rows that it does not."""
    weights = _weights(table.rows)
    if weights is None:
        return
    trials: list[Trial] = []
    worst: tuple[Group, ...] = ()
    with np.errstate(all="ignore"):
        for rank, words, scale in scales_of(table.rows):
            ends, found = on_scale(table.rows, scale), _fitting(table, scale)
            if ends is None or found is None:
                continue
            tau2, fits = found
            best = int(np.argmax(fits.sum(axis=1)))
            lost = np.flatnonzero(~fits[best])
            row = int(lost[0]) if lost.size else 0
            least, most = share_ends(ends[2], ends[3], tau2[best : best + 1])
            span, unit = Span(*(float(x[0, row]) for x in (least, most))), table.rows[row].unit(
                "weight")  # fmt: skip
            printed = Span(float(weights[0][row]), float(weights[1][row]))
            trials.append(Trial(words, rank, printed, span, unit))
            worst = tuple(table.rows[i] for i in lost)
            if not lost.size:
                break
    if not trials:
        return
    if not trials[-1].fits:
        ratios = table.rows[0].metric in (*RATIOS, "")
        rank = "other" if ratios else "rare"
        trials.append(Trial(_OTHER_WEIGHTS, rank, trials[0].printed, trials[0].printed, 1.0))
    rows = worst or table.rows
    names = listing([row.label or "a row without a name" for row in worst])
    told = (
        f"no tau2 gives all rows their weights: even at the best, {names} cannot have the printed "
        "weight ({lead} would be {expected})"
    )
    yield Question(tuple(row["weight"] for row in rows), tuple(trials), "", "all rows", told)


def _tau2_from_weights(table: Table) -> Iterator[Question]:
    """Ask whether the printed tau2 is one that gives the printed weights."""
    total = table.total
    printed = total.span("tau2") if total is not None else None
    found = solved_tau2(table) if printed is not None else None
    if total is None or printed is None or found is None:
        return
    trials = [Trial("", "usual", printed, found[0], total.unit("tau2"))]
    if not trials[0].fits:
        words = "the weights are those of a common-effect model or of another tau2"
        trials.append(Trial(words, "rare", printed, printed, total.unit("tau2")))
    figures = (total["tau2"], *(row["weight"] for row in table.rows))
    told = f"{{lead}} is printed, but the weights are those of {{expected}} ({found[1]})"
    yield Question(figures, tuple(trials), "", "all rows", told)


def weighted_mean(low: Array, high: Array, w_low: Array, w_high: Array) -> Span:
    """Return between what a weighted mean lies.

    Parameters
    ----------
    low, high : ndarray, shape (rows,)
        Ends of the values.
    w_low, w_high : ndarray, shape (rows,)
        Ends of the weights.

    Returns
    -------
    Span
        Exact: the least mean has the greatest weights below some value and the least above it.
    """
    return Span(_extreme(low, w_high, w_low), -_extreme(-high, w_high, w_low))


def _extreme(values: Array, w_near: Array, w_far: Array) -> float:
    """Return the least mean, over every place at which the weights turn to their other ends."""
    order = np.argsort(values)
    x, near, far = values[order], w_near[order], w_far[order]
    zero = np.zeros(1)
    weight = np.concatenate([zero, near.cumsum()]) + (far.sum() - np.concatenate(
        [zero, far.cumsum()]))  # fmt: skip
    total = np.concatenate([zero, (near * x).cumsum()]) + (
        (far * x).sum() - np.concatenate([zero, (far * x).cumsum()])
    )
    return float((total[weight > 0] / weight[weight > 0]).min()) if (weight > 0).any() else math.nan


def _mean(table: Table) -> Iterator[Question]:
    """Ask whether the pooled estimate is the mean of the rows with the printed weights."""
    total, weights = table.total, _weights(table.rows)
    printed = total.span("estimate") if total is not None else None
    spans = [row.span("estimate") for row in table.rows]
    if total is None or weights is None or printed is None or any(s is None for s in spans):
        return
    known = [span for span in spans if span is not None]
    trials: list[Trial] = []
    with np.errstate(all="ignore"):
        for rank, words, scale in scales_of(table.rows):
            ends = np.array([[s.low, s.high] for s in known])
            on = scale.to(ends)
            if not np.isfinite(on).all():
                continue
            mean = weighted_mean(on[:, 0], on[:, 1], *weights)
            back = [float(scale.back(np.asarray(x))) for x in (mean.low, mean.high)]
            trials.append(Trial(words, rank, printed, Span(*back), total.unit("estimate")))
    trials.sort(key=lambda trial: ("usual", "other", "rare").index(trial.rank))
    if not trials:
        return
    if not any(trial.fits for trial in trials):
        words = "the printed weights are not those of the printed mean"
        trials.append(Trial(words, "rare", printed, printed, trials[0].unit))
    figures = (total["estimate"], *(row["estimate"] for row in table.rows))
    told = "{lead} is printed, but the rows with their printed weights have the mean {expected}"
    yield Question(figures, tuple(trials), "", "total", told)


def _q(table: Table) -> Iterator[Question]:
    """Ask whether Q follows from the rows' estimates and intervals."""
    total = table.total
    printed = total.span("Q") if total is not None else None
    if total is None or printed is None or "Q_between" in total or len(table.rows) < 3:
        return
    if any("Q" in row or "k" in row for row in table.rows):
        return
    df, k = total.span("Q_df"), len(table.rows)
    if df is not None and df.low != k - 1:
        return
    trials = []
    with np.errstate(all="ignore"):
        for rank, words, scale in scales_of(table.rows):
            ends = on_scale(table.rows, scale)
            if ends is not None:
                trials.append(Trial(words, rank, printed, spread(*ends), total.unit("Q")))
    if not trials:
        return
    if not any(trial.fits for trial in trials):
        words = "the rows' intervals are not normal 95 % intervals, or Q is Mantel and Haenszel's"
        trials.append(Trial(words, "other", printed, printed, trials[0].unit))
    figures = (total["Q"], *(row["estimate"] for row in table.rows))
    told = "{lead} is printed, but the rows' estimates and intervals make it {expected}"
    yield Question(figures, tuple(trials), "", "total", told)


_MODEL = "Which model are the weights of, and from which variances were they computed?"
CHECKS = (
    Check("weights sum", "The weights add up to 100 %.", _FAMILY, ("weight",),
          "Which rows are missing?", "borenstein2009", _hundred, of="table"),
    Check("one tau2 for all weights", "One tau2 gives every row its printed weight.", _FAMILY,
          ("weight", "ci_low|se"), _MODEL, "dersimonian1986", _one_tau2, arithmetic=False,
          of="table", ways=(SCALES,), formula="w = (v + tau2)⁻¹/Σ(v + tau2)⁻¹"),
    Check("tau2 from weights", "The printed tau2 is one that gives the printed weights.", _FAMILY,
          ("weight", "tau2", "ci_low|se"), _MODEL, "dersimonian1986", _tau2_from_weights,
          arithmetic=False, of="table"),
    Check("mean from weights", "The pooled estimate is the weighted mean of the rows.", _FAMILY,
          ("weight", "estimate"), _MODEL, "borenstein2009", _mean, arithmetic=False, of="table",
          ways=(SCALES,), formula="estimate = h⁻¹(Σw·h(θ)/Σw)"),
    Check("Q from rows", "Q follows from the rows' estimates and intervals.", _FAMILY,
          ("Q", "estimate", "ci_low|se"), "Which intervals and which Q are these?", "cochran1954",
          _q, arithmetic=False, of="table", ways=(SCALES,), formula="Q = Σ(θ − θ̄)²/v"),
)  # fmt: skip
