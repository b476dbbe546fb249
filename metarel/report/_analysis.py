"""What a fit says of itself to another program: its table, its model, its numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_frame
from metarel._lazy import pd
from metarel.effects.register import MEASURES
from metarel.errors import InputError
from metarel.models.results import MetaFit
from metarel.moderators.subgroups import SubgroupsResult
from metarel.report._versions import change_of

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Measure
    from metarel.models._study import StudyData

#: Settings of effect sizes that escalc has under the same names.
SHARED_SETTINGS = ("add", "to", "drop00")
#: Names that the table itself needs.
RESERVED_COLUMNS = ("study", "yi", "vi", "own_weights")
#: Cells of a table by count.
COUNTS = {"events", "non_events", "events1", "non_events1", "events2", "non_events2"}
ADD_TO = {"both": {}, "yi": {"addvi": False}, "vi": {"addyi": False}}


@dataclass(frozen=True, slots=True)
class EffectCall:
    """A call of metafor's escalc that gives the effects again.

    Parameters
    ----------
    measure : str
        Its code.
    inputs : dict of str to str
        metafor's word to the column.
    options : dict
        Further arguments.
    """

    measure: str
    inputs: dict[str, str]
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Analysis:
    """A fit as another program must be told it.

    Parameters
    ----------
    columns : dict of str to sequence
        The table: study, yi and vi (or the raw inputs), moderators, weights.
    effect : EffectCall or None
        How yi and vi arise from the table; None where they stand in it.
    fit : MetaFit
        The model; of subgroups, that of all studies.
    formula : str
        The moderators; "1" for none.
    design : tuple of str
        Names of columns that are the design matrix; empty where the formula is used.
    by : str
        The column of the levels of subgroups; empty where there are none.
    subgroups : SubgroupsResult or None
        The subgroups.
    why_not_raw : str
        Why the effects are embedded although raw data were given; empty otherwise.
    """

    columns: dict[str, Any]
    effect: EffectCall | None
    fit: MetaFit
    formula: str
    design: tuple[str, ...] = ()
    by: str = ""
    subgroups: SubgroupsResult | None = None
    why_not_raw: str = ""

    @property
    def scale(self) -> float:
        """Variance of the effects: the unit of stopping rules for tau2."""
        spread = float(np.var(self.fit.study.yi, ddof=1)) if self.fit.k > 1 else 0.0
        return spread if spread > 0 else float(self.fit.study.vi.mean())


def analysis_of(fit: Any, data: Any, *, design: bool, own: bool = False) -> Analysis:
    """Read a fit, and the frame it was computed from where that was given.

    ``own`` says that the text is for metarel, which fits what it fitted.
    """
    check_frame(data)
    if isinstance(fit, SubgroupsResult):
        return _of_subgroups(fit, design=design)
    if not isinstance(fit, MetaFit):
        raise InputError(
            f"`fit` must be what pool(), meta_regression() or subgroups() returned; "
            f"got {type(fit).__name__}."
        )
    study = fit.study
    if not own and not study.design.spans_intercept:
        raise InputError(
            f"`fit` has the formula {study.design.formula!r}, which leaves no constant in the "
            "model: metafor and Stata then take tau2 and Q from another model than the one "
            "fitted. Keep the intercept, or use a full set of levels."
        )
    effect, raw, why = _effects(study, data)
    columns = {"study": list(study.labels), **raw}
    if effect is None:
        columns |= {"yi": study.yi, "vi": study.vi}
    names: tuple[str, ...] = ()
    if design and study.design.formula != "1":
        names = tuple(f"x{j + 1}" for j in range(fit.p))
        moderators = dict(zip(names, study.X.T, strict=True))
    else:
        frame = study.design.frame
        moderators = {} if frame is None else {c: frame[c] for c in frame.columns}
    columns |= {name: values for name, values in moderators.items() if name not in columns}
    taken = [word for word in (*raw, *moderators) if word in RESERVED_COLUMNS]
    if taken:
        raise InputError(
            f"`fit` uses a column named {taken[0]!r}, which is a name of the table that is "
            "written; rename the column."
        )
    if study.weights is not None:
        columns["own_weights"] = study.weights
    return Analysis(columns, effect, fit, study.design.formula, names, why_not_raw=why)


def _of_subgroups(result: SubgroupsResult, *, design: bool) -> Analysis:
    """Read subgroups: their levels stand in a column of their own."""
    if design:
        raise InputError("`design` is for moderators; subgroups have none.")
    fits = list(result.fits.items())
    by = result.by if result.by not in RESERVED_COLUMNS else f"{result.by}_level"
    levels = [level for level, fit in fits for _ in range(fit.k)]
    columns = {
        "study": [label for _, fit in fits for label in fit.study.labels],
        "yi": np.concatenate([fit.study.yi for _, fit in fits]),
        "vi": np.concatenate([fit.study.vi for _, fit in fits]),
        by: pd.Series(pd.Categorical(levels, categories=[level for level, _ in fits])),
    }
    if result.overall.study.weights is not None:
        columns["own_weights"] = np.concatenate([fit.study.weights for _, fit in fits])
    return Analysis(columns, None, result.overall, "1", (), by, result)


def _effects(study: StudyData, data: Any) -> tuple[EffectCall | None, dict[str, Any], str]:
    """Return the call of escalc and the raw columns, or why there is none."""
    made = None if data is None else data.attrs.get("effect_sizes")
    if data is None:
        return None, {}, ""
    if made is None:
        raise InputError(
            "`data` must be the frame that effect_sizes() returned: it knows how the effects were "
            "made. Leave `data` out to write yi and vi themselves."
        )
    effect, why = _escalc(made)
    if effect is None:
        return None, {}, why
    rows = data.iloc[study.rows] if max(study.rows) < len(data) else data.iloc[:0]
    own = np.asarray(rows[made["columns"][0]], dtype=float)
    if own.shape != study.yi.shape or not np.allclose(own, study.yi, rtol=1e-12, atol=0):
        raise InputError("`data` holds other effects than `fit` was computed from.")
    return effect, {name: np.asarray(rows[name], float) for name in effect.inputs.values()}, ""


def _escalc(made: dict[str, Any]) -> tuple[EffectCall | None, str]:
    """Return the call of escalc, or why metafor cannot make these effects."""
    measure = MEASURES[made["measure"]]
    rule = measure.rule(made["variance"])
    words = {ours: theirs for theirs, ours in measure.metafor_words.items()}
    settings = dict(made["settings"])
    add_to = settings.pop("add_to", "both")
    corrected = bool(measure.correction)
    changed = change_of(measure.code, rule.code)
    lacking = {
        f"metafor has no {measure.code}": f"metafor {measure.code}" not in measure.same_as,
        f"metafor has no rule {rule.code} of {measure.code}": "metafor" not in rule.same_as,
        "metafor has no approximate correction here": made["correct"] == "approximate",
        "only metafor 4 and later leave out the correction": corrected
        and made["correct"] == "none",
        changed: bool(changed),
        "effects were turned by `flip`": bool(made["flip"]),
        "inputs were arrays or numbers, not columns": None in made["inputs"].values(),
        "inputs were of several kinds, or another than metafor has": set(made["inputs"])
        not in _sets(measure, words),
        "a setting is not metafor's": not set(settings) <= set(SHARED_SETTINGS),
        "an input has no name in metafor": not set(made["inputs"]) <= set(words),
    }
    for why, holds in lacking.items():
        if holds:
            return None, why
    options: dict[str, Any] = {} if rule.code == measure.rules[0].code else {"vtype": rule.code}
    options |= settings | ADD_TO[add_to]
    inputs = {words[word]: column for word, column in made["inputs"].items()}
    return EffectCall(measure.code, inputs, options), ""


def _sets(measure: Measure, words: dict[str, str]) -> list[set[str]]:
    """Return the sets of inputs that every metafor takes: the first, and counts of all cells."""
    counted = [way for way in measure.alternatives if set(way) <= COUNTS]
    return [set(way) for way in (measure.inputs, *counted) if set(way) <= set(words)]


def is_factor(values: Any) -> bool:
    """Tell whether a column of the table is categorical."""
    return isinstance(getattr(values, "dtype", None), pd.CategoricalDtype)


def number(value: float) -> str:
    """Return a number so that reading it gives the very same number."""
    value = float(value)
    if not math.isfinite(value):
        raise InputError("`fit` holds a number that is not finite, which cannot be written.")
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def numbers_of(fit: MetaFit) -> list[str]:
    """Return the fit's own numbers, to hold the other program's against."""
    terms = [
        f"{term}: estimate {float(b)!r}, se {float(s)!r}"
        for term, b, s in zip(fit.study.terms, fit.beta, np.asarray(fit.se), strict=True)
    ]
    return [*terms, f"tau2 {float(fit.tau2)!r}, Q {float(fit.Q)!r}, k {fit.k}", *_unasked(fit)]


def _unasked(fit: MetaFit) -> list[str]:
    """Return what settings define otherwise than the text that is written."""
    found = []
    if fit.spec.I2 != "tau2":
        found.append(f"I2 {float(fit.I2)!r} is from Q here, which this text does not ask for")
    if fit.spec.prediction != "default":
        kind = f"prediction intervals of kind {fit.spec.prediction!r}"
        found.append(f"{kind}, which this text does not ask for")
    return found


def subgroup_numbers(result: SubgroupsResult) -> list[str]:
    """Return the numbers of each level and of the test between them."""
    levels = [
        f"{level}: estimate {fit.estimate!r}, se {float(fit.se[0])!r}, tau2 {float(fit.tau2)!r}"
        for level, fit in result.fits.items()
    ]
    between = f"between levels {float(result.between.statistic)!r}"
    return [*levels, between, *_unasked(result.overall)]


def level_codes(values: Any) -> tuple[Array, list[str]]:
    """Return a categorical column as numbers from 1, and the names of its levels."""
    codes = np.asarray(values.cat.codes, dtype=float) + 1
    return codes, [str(level) for level in values.cat.categories]
