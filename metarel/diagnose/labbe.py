"""L'Abbé's plot: the event rates of both groups against each other, and the pooled effect in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_frame, check_whole
from metarel._format import count, plain
from metarel._lazy import pd
from metarel._shown import Shown
from metarel.diagnose._refits import mean_only
from metarel.diagnose._tables import label_array
from metarel.errors import InputError
from metarel.models._beside import beside_studies
from metarel.models.results import MetaFit

if TYPE_CHECKING:
    from metarel._checks import Array

#: From the rate of group 2 and an effect on the measure's scale to the rate of group 1.
CURVES: dict[str, Callable[[Array, float], Array]] = {
    "RR": lambda rate, effect: rate * np.exp(effect),
    "OR": lambda rate, effect: rate / (rate + (1 - rate) * np.exp(-effect)),
    "RD": lambda rate, effect: rate + effect,
    "AS": lambda rate, effect: _back(np.arcsin(np.sqrt(rate)) + effect),
}


def _back(angle: Array) -> Array:
    """Return the rate of an angle, NaN where it has none."""
    inside = (angle >= 0) & (angle <= np.pi / 2)
    return np.where(inside, np.sin(np.where(inside, angle, 0.0)) ** 2, np.nan)


@dataclass(frozen=True, eq=False, repr=False)
class Labbe(Shown):
    """The numbers behind a L'Abbé plot.

    Parameters
    ----------
    points : DataFrame
        A row a study: study, rate2 (across), rate1 (up), n (people), weight (in percent).
    line : DataFrame
        The pooled effect as a curve: rate2, rate1, ci_low, ci_high; NaN where a rate would leave
        the range from 0 to 1. Equal rates are the diagonal.
    measure : str
        The measure that was pooled.
    """

    points: pd.DataFrame
    line: pd.DataFrame
    measure: str

    def to_frame(self) -> pd.DataFrame:
        """Return the points, one row a study.

        Returns
        -------
        DataFrame
            A copy of ``points``.
        """
        return self.points.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return everything a machine needs, in plain types.

        Returns
        -------
        dict
            Points and line as records; NaN becomes None.
        """
        found = {
            "measure": self.measure,
            "points": self.points.to_dict("records"),
            "line": self.line.to_dict("records"),
        }
        return dict(plain(found))

    def __str__(self) -> str:
        above = int((self.points["rate1"] > self.points["rate2"]).sum())
        below = int((self.points["rate1"] < self.points["rate2"]).sum())
        head = (
            f"Event rates of {count(len(self.points), 'study', 'studies')}, {self.measure}: higher "
            f"in group 1 in {above}, lower in {below}"
        )
        return f"{head}\n\n{self.points.round(4).to_string(index=False)}"


@says_what_it_takes
def labbe(fit: MetaFit, data: pd.DataFrame, *, points: int = 101) -> Labbe:
    """Give the event rates of both groups, study by study, and the curve of the pooled effect.

    Parameters
    ----------
    fit : MetaFit
        What `pool` returned, of measure "OR", "RR", "RD" or "AS".
    data : DataFrame
        The frame that `effect_sizes` returned and the fit was made from: it knows which columns
        hold the counts.
    points : int
        Points of the curve, from a rate of 0 to one of 1 in group 2; at least 2.

    Returns
    -------
    Labbe
        Print it, or see ``points`` and ``line``.

    Raises
    ------
    InputError
        When the fit is of another kind or measure, has moderators, or ``data`` is another frame.

    Notes
    -----
    The points are those of metafor's ``labbe`` on the scale of rates, but that no cell is added
    to: a study without events stands at a rate of 0. One pooled ratio of risks or one difference
    is a straight line, one odds ratio is bent.

    References
    ----------
    [labbe1987]

    Examples
    --------
    >>> import metarel as mr
    >>> table = mr.load_dataset("bcg")
    >>> trials = mr.effect_sizes(table.studies, **table.effect["default"])
    >>> found = mr.labbe(mr.pool(trials), trials)
    >>> found.points[["rate2", "rate1", "n"]].head(2).round(4)
        rate2   rate1      n
    0  0.0791  0.0325  262.0
    1  0.0957  0.0196  609.0
    """
    fit = mean_only(fit, "a L'Abbé plot")
    measure = fit.study.measure
    if measure not in CURVES:
        raise InputError(
            f"`fit` must be of a measure of two event rates, {', '.join(map(repr, CURVES))}; got "
            f"{measure!r}."
        )
    check_whole("points", points, 2)
    events1, n1, events2, n2 = _counts(fit, data)
    table = pd.DataFrame(
        {
            "study": label_array(fit),
            "rate2": events2 / n2,
            "rate1": events1 / n1,
            "n": n1 + n2,
            "weight": fit.weights().to_numpy(),
        }
    )
    rate2, curve = np.linspace(0, 1, points), CURVES[measure]
    effects = {"rate1": fit.estimate, "ci_low": fit.ci_low[0], "ci_high": fit.ci_high[0]}
    line = {"rate2": rate2}
    for name, effect in effects.items():
        rate1 = curve(rate2, float(effect))
        line[name] = np.where((rate1 >= 0) & (rate1 <= 1), rate1, np.nan)
    return Labbe(table, pd.DataFrame(line), measure)


def _counts(fit: MetaFit, data: Any) -> tuple[Array, Array, Array, Array]:
    """Return events and sizes of both groups of the studies of a fit."""
    check_frame(data)
    made = None if data is None else data.attrs.get("effect_sizes")
    if made is None or None in made["inputs"].values():
        raise InputError(
            "`data` must be the frame that effect_sizes() returned, from columns: it knows which "
            "of them hold the counts."
        )

    def of(word: str) -> Array:
        values = beside_studies(fit, made["inputs"][word], word, data)
        return values.to_numpy(dtype=float)

    def size(group: str) -> Array:
        own = f"n{group}"
        return of(own) if own in made["inputs"] else of(f"events{group}") + of(f"non_events{group}")

    return of("events1"), size("1"), of("events2"), size("2")
