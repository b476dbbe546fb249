"""Checks of a table's rows against its total: subgroups and studies."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._distributions import critical_value
from metarel._lazy import special
from metarel.coherence._check import Check, Question, Rank, Trial, relation
from metarel.coherence._figures import Figure, Group, Table
from metarel.coherence._span import Span
from metarel.coherence._ways import SCALES, Scale

if TYPE_CHECKING:
    from metarel._checks import Array

_FAMILY = "tables"
#: Other models of the same subgroups seldom change their Q by more than this factor.
OTHER_MODEL = 2.0
_STUDENT = "the subgroups' intervals are those of t with k − 1 df (Knapp–Hartung)"
_LAP = "the rows share studies or persons, or not all rows are shown"


def _figures(rows: tuple[Group, ...], name: str, lead: Figure) -> tuple[Figure, ...]:
    return (lead, *(row[name] for row in rows if name in row))


def _sum(name: str) -> Any:
    """Return the questions whether the rows' counts add up to the total's."""

    def questions(table: Table) -> Iterator[Question]:
        total = table.total
        names = [name if name in row or name != "N" else "n" for row in table.rows]
        parts = [row.span(own) for own, row in zip(names, table.rows, strict=True)]
        if total is None or not total.usable(name) or len(parts) < 2:
            return
        spans = [part for part in parts if part is not None]
        whole = total.span(name)
        if len(spans) < len(parts) or whole is None:
            return
        added = Span(sum(s.low for s in spans), sum(s.high for s in spans))
        trials = [Trial("", "usual", whole, added, total.unit(name))]
        if not trials[0].fits:
            trials.append(Trial(_LAP, "rare", whole, whole, total.unit(name)))
        of = "its parts" if total[name].start >= 0 else f"the rows' {name}"
        told = f"{{lead}} is printed, but {of} add up to {{expected}}"
        pairs = zip(names, table.rows, strict=True)
        figures = (total[name], *(row[own] for own, row in pairs))
        yield Question(figures, tuple(trials), "", "total", told)

    return questions


def scales_of(rows: tuple[Group, ...]) -> Iterator[tuple[Rank, str, Scale]]:
    """Yield the scales that the rows may have been pooled on; none where their metrics differ.

    Parameters
    ----------
    rows : tuple of Group
        The rows.

    Yields
    ------
    tuple of (str, str, Scale)
        How common, in what words where it is not the usual one, and the scale.
    """
    if len({row.metric for row in rows}) != 1:
        return
    for way in SCALES:
        rank = way.rank_for(rows[0])
        if rank is not None:
            yield rank, way.words if rank != "usual" else "", way.value


def on_scale(
    rows: tuple[Group, ...], scale: Scale, *, student: bool = False
) -> tuple[Array, Array, Array, Array] | None:
    """Return ends of the rows' effects and variances on a scale, shape (rows,) each.

    Parameters
    ----------
    rows : tuple of Group
        Rows with an estimate and limits, or a standard error.
    scale : Scale
        The scale of the analysis.
    student : bool
        Whether the limits are those of t with k − 1 degrees of freedom.

    Returns
    -------
    tuple of ndarray, or None
        Lowest and highest effects, lowest and highest variances by normal 95 % intervals, or at
        the printed level; None where some row has none.
    """
    ends = []
    for row in rows:
        estimate, width = row.span("estimate"), _width(row, scale, student)
        if estimate is None or width is None:
            return None
        effect = [float(scale.to(np.asarray(x))) for x in (estimate.low, estimate.high)]
        ends.append((*effect, *(max(w, 0.0) ** 2 for w in width)))
    array = np.array(ends, dtype=float).reshape(-1, 4)
    if not np.isfinite(array).all() or not (array[:, 3] > 0).all():
        return None
    return array[:, 0], array[:, 1], array[:, 2], array[:, 3]


def _width(row: Group, scale: Scale, student: bool) -> tuple[float, float] | None:
    """Return the least and the greatest standard error of a row."""
    k = row.span("k")
    if student and (k is None or k.low < 2):
        return None
    se, low, high = row.span("se"), row.span("ci_low"), row.span("ci_high")
    if se is not None:
        return se.low, se.high
    if low is None or high is None:
        return None
    stated = row.span("level")
    df = k.low - 1 if student and k is not None else np.inf
    reach = float(critical_value(stated.low if stated is not None else 0.95, df))
    least = float(scale.to(np.asarray(high.low)) - scale.to(np.asarray(low.high)))
    most = float(scale.to(np.asarray(high.high)) - scale.to(np.asarray(low.low)))
    return least / 2 / reach, most / 2 / reach


def _nearest(low: Array, high: Array, weight: Array, *, most: bool) -> float:
    """Return the least weighted sum of squares about any mean, at best or worst effects.

    The sum rises with every weight, so that the ends of the weights give its ends. The best
    effects give it exactly; for the worst it is an upper bound.
    """
    a, b = float(low.min()), float(high.max())

    def total(mean: float) -> float:
        if most:
            away = np.maximum(np.abs(mean - low), np.abs(mean - high))
        else:
            away = np.maximum(np.maximum(low - mean, mean - high), 0)
        return float((weight * away**2).sum())

    for _ in range(80):  # convex in the mean: thirds of its range
        one, two = a + (b - a) / 3, b - (b - a) / 3
        a, b = (a, two) if total(one) <= total(two) else (one, b)
    return total((a + b) / 2)


def spread(low: Array, high: Array, v_low: Array, v_high: Array) -> Span:
    """Return between what Q lies, for effects and variances between their ends.

    Parameters
    ----------
    low, high : ndarray, shape (rows,)
        Ends of the effects.
    v_low, v_high : ndarray, shape (rows,)
        Ends of their variances.

    Returns
    -------
    Span
        All values of the weighted sum of squares about the weighted mean lie in it.
    """
    least = _nearest(low, high, 1 / v_high, most=False)
    if not (v_low > 0).all():
        return Span(least, math.inf)
    return Span(least, _nearest(low, high, 1 / v_low, most=True))


def _between(table: Table) -> Iterator[Question]:
    """Ask whether Q between follows from the subgroups' estimates and intervals."""
    total = table.total
    printed = total.span("Q_between") if total is not None else None
    if total is None or printed is None or len(table.rows) < 2:
        return
    trials: list[Trial] = []
    with np.errstate(all="ignore"):
        for rank, words, scale in scales_of(table.rows):
            less: Rank = "other" if rank == "usual" else rank
            for student, how, why in ((False, rank, words), (True, less, _STUDENT)):
                ends = on_scale(table.rows, scale, student=student)
                if ends is not None:
                    unit = total.unit("Q_between")
                    trials.append(Trial(why, how, printed, spread(*ends), unit))
    if not trials:
        return
    if not any(trial.fits for trial in trials):
        near = trials[0].expected
        near = Span(near.low / OTHER_MODEL, near.high * OTHER_MODEL)
        far: Rank = "other" if printed.touches(near) else "rare"
        words = "Q between is that of a common tau2, of t intervals, or of another model"
        trials.append(Trial(words, far, printed, printed, trials[0].unit))
    figures = _figures(table.rows, "estimate", total["Q_between"])
    told = "{lead} is printed, but the subgroups' estimates and intervals make it {expected}"
    yield Question(figures, tuple(trials), "", "between subgroups", told)


def _partition(table: Table) -> Iterator[Question]:
    """Ask whether Q total is Q between and Q within together, with common-effect weights."""
    total = table.total
    if total is None or not total.usable("Q") or not total.usable("Q_between"):
        return
    inner = [row.span("Q") for row in table.rows if row.span("k") != Span(1, 1)]
    within = [total.span("Q_within")] if total.usable("Q_within") else inner
    if not within or any(span is None for span in within):
        return
    spans = [span for span in (*within, total.span("Q_between")) if span is not None]
    whole, unit = total.span("Q"), total.unit("Q")
    if whole is None:
        return
    trials = [
        Trial("", "usual", whole, Span(sum(s.low for s in spans), sum(s.high for s in spans)), unit)
    ]
    if not trials[0].fits:
        words = "Q between is that of a random-effects model, which does not add up"
        trials.append(Trial(words, "other", whole, whole, unit))
    lead = (total["Q"], total["Q_between"])
    rest = (total["Q_within"],) if "Q_within" in total else tuple(
        row["Q"] for row in table.rows if "Q" in row)  # fmt: skip
    told = "{lead} is printed, but Q between and Q within add up to {expected}"
    yield Question((*lead, *rest), tuple(trials), "", "total", told)


def _df_between(table: Table) -> Iterator[Question]:
    """Ask whether the test between subgroups has one df less than there are subgroups."""
    total = table.total
    df = total.span("df_between") if total is not None else None
    if total is None or df is None or len(table.rows) < 2:
        return
    groups = float(len(table.rows) - 1)
    trials = [Trial("", "usual", df, Span(groups, groups), 1.0)]
    if not trials[0].fits:
        words = "not all subgroups are shown, or the rows belong to several moderators"
        trials.append(Trial(words, "rare", df, df, 1.0))
    told = f"{{lead}} is printed, but {len(table.rows)} subgroups are compared with {{expected}} df"
    yield Question((total["df_between"],), tuple(trials), "", "between subgroups", told)


def _p_between(group: Group) -> Iterator[Question]:
    """Ask whether the p-value of Q between is that of chi-square."""
    p, Q, df = group.span("p_between"), group.span("Q_between"), group.span("df_between")
    if p is None or Q is None or df is None:
        return
    ends = special.chdtrc(df.low, [Q.high, Q.low]) if df.low > 0 else (np.nan, np.nan)
    unit = group.unit("p_between")
    trials = [Trial("", "usual", p, Span(float(ends[0]), float(ends[1])), unit)]
    if not trials[0].fits and df.low > 0:
        words = "the test was an F-test, as metafor's QM is with Knapp–Hartung"
        trials.append(Trial(words, "rare", p, _p_of_f(Q, df.low), unit))
    names = ("p_between", "Q_between", "df_between")
    yield Question(tuple(group[n] for n in names), tuple(trials), "", group.label)


def _p_of_f(Q: Span, df: float) -> Span:
    """Return between what p lies where Q is an F, or df times one, on any denominator df."""
    denominators = np.append(np.geomspace(1, 1e4, 200), np.inf)
    ends = np.array([Q.low, Q.high])[:, None] / np.array([1.0, df])  # F itself, or F times df
    p = np.where(
        np.isinf(denominators),
        special.chdtrc(df, ends[..., None] * df),
        special.fdtrc(df, np.minimum(denominators, 1e9), ends[..., None]),
    )
    return Span(float(p.min()), float(p.max()))


def _p_within(x: Mapping[str, Array]) -> Array:
    return np.asarray(special.chdtrc(x["df_within"], np.maximum(x["Q_within"], 0)))


def _among(table: Table) -> Iterator[Question]:
    """Ask whether the total's estimate lies among those of the rows."""
    total = table.total
    parts = [row.span("estimate") for row in table.rows]
    spans = [part for part in parts if part is not None]
    whole = total.span("estimate") if total is not None else None
    if total is None or whole is None or len(spans) < 2 or len(spans) < len(parts):
        return
    among = Span(min(s.low for s in spans), max(s.high for s in spans))
    trials = [Trial("", "usual", whole, among, total.unit("estimate"))]
    if not trials[0].fits:
        trials.append(Trial(_LAP, "rare", whole, whole, total.unit("estimate")))
    about = "the overall estimate lies outside the range of the rows"
    figures = _figures(table.rows, "estimate", total["estimate"])
    yield Question(figures, tuple(trials), about, "total")


_WHICH = "Which studies are in each row, and which only in the total?"
CHECKS = (
    *(
        Check(f"sum of {name}", f"The rows' {name} add up to the total.", _FAMILY, (name,), _WHICH,
              "borenstein2009", _sum(name), of="table")
        for name in ("k", "N", "n")
    ),
    Check("estimate among rows", "The overall estimate lies among those of the rows.", _FAMILY,
          ("estimate",), _WHICH, "borenstein2009", _among, of="table"),
    Check("Q between from rows", "Q between follows from the subgroups' estimates and intervals.",
          _FAMILY, ("Q_between", "estimate"), "By which model were the subgroups compared?",
          "borenstein2009", _between, arithmetic=False, of="table",
          formula="Q = Σw(θ − θ̄)², w = 1/SE²"),
    Check("sum of Q", "Q between and Q within add up to Q, with common-effect weights.", _FAMILY,
          ("Q", "Q_between"), "Which model are these Q of?", "borenstein2009", _partition,
          arithmetic=False, of="table"),
    Check("df between", "The test between subgroups has one df less than subgroups.", _FAMILY,
          ("df_between",), "Which subgroups were compared?", "borenstein2009", _df_between,
          of="table"),
    Check("p between", "The p-value of Q between is that of a chi-square.", _FAMILY,
          ("p_between", "Q_between", "df_between"), "Which test was it?", "borenstein2009",
          _p_between, formula="p = P(χ²(df) > Q)"),
    Check("p within", "The p-value of Q within is that of a chi-square.", _FAMILY,
          ("p_within", "Q_within", "df_within"), "On how many degrees of freedom was Q tested?",
          "borenstein2009", relation("p_within", _p_within, inputs=("Q_within", "df_within")),
          formula="p = P(χ²(df) > Q)"),
)  # fmt: skip
