"""What a fit says of itself to another program: its table, its model, its numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_frame
from metarel._lazy import pd
from metarel.effects.register import MEASURES
from metarel.errors import InputError
from metarel.models._labels import Labels
from metarel.models.results import MetaFit
from metarel.models.tables import PooledTables
from metarel.moderators._scale_fit import LocationScaleFit
from metarel.moderators.subgroups import SubgroupsResult
from metarel.report._versions import change_of
from metarel.robust._result import RobustFit

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Measure
    from metarel.models._study import StudyData

#: The column of the studies' names in a table that is written out.
LABELS = "study"
#: Settings of effect sizes that escalc has under the same names.
SHARED_SETTINGS = ("add", "to", "drop00")
#: Names that the table itself needs.
RESERVED_COLUMNS = ("study", "yi", "vi", "own_weights")
#: How metafor pools tables.
_RMA_MH = (
    'In metafor it is rma.mh(measure = "OR", ai = events1, n1i = n1, ci = events2, n2i = n2, '
    "data = dat), or rma.peto() with the same words but measure."
)
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
    fit : MetaFit or LocationScaleFit
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
    labels : str
        The column of a file that names the studies; empty where they have no names of their own.
    robust : RobustFit or None
        The fit whose clusters stand in the column ``clusters``.
    clusters : str
        Name of that column.
    scale : LocationScaleFit or None
        The model of tau2 beside that of the mean.
    """

    columns: dict[str, Any]
    effect: EffectCall | None
    fit: MetaFit | LocationScaleFit
    formula: str
    design: tuple[str, ...] = ()
    by: str = ""
    subgroups: SubgroupsResult | None = None
    why_not_raw: str = ""
    labels: str = LABELS
    robust: RobustFit | None = None
    clusters: str = ""
    scale: LocationScaleFit | None = None

    @property
    def in_file(self) -> dict[str, Any]:
        """The columns that a file must have, the studies' names under the name they have there."""
        rest = {name: values for name, values in self.columns.items() if name != LABELS}
        named = {self.labels: self.columns[LABELS]} if self.labels else {}
        return {**named, **{name: v for name, v in rest.items() if name not in named}}

    @property
    def unit(self) -> float:
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
    if isinstance(fit, RobustFit):
        return _of_robust(fit, analysis_of(fit.model, data, design=design, own=own))
    if isinstance(fit, PooledTables):
        raise InputError(f"`fit` is of pool_tables(), which keeps no tables to write. {_RMA_MH}")
    if isinstance(fit, LocationScaleFit) and design:
        raise InputError("`design` is for the mean; a location-scale model has two formulas.")
    if not isinstance(fit, (MetaFit, LocationScaleFit)):
        raise InputError(
            "`fit` must be what pool(), meta_regression(), subgroups(), robust() or "
            f"location_scale() returned; got {type(fit).__name__}."
        )
    study = fit.study
    if not own and not study.design.spans_intercept:
        raise InputError(
            f"`fit` has the formula {study.design.formula!r}, which leaves no constant in the "
            "model: metafor and Stata then take tau2 and Q from another model than the one "
            "fitted. Keep the intercept, or use a full set of levels."
        )
    effect, raw, why = _effects(study, data)
    columns = {LABELS: list(study.labels), **raw}
    if effect is None:
        columns |= {"yi": study.yi, "vi": study.vi}
    names: tuple[str, ...] = ()
    if design and study.design.formula != "1":
        names = tuple(f"x{j + 1}" for j in range(fit.p))
        moderators = dict(zip(names, study.X.T, strict=True))
    else:
        frame = study.design.frame
        moderators = {} if frame is None else {c: frame[c] for c in frame.columns}
    if isinstance(fit, LocationScaleFit) and fit.scale.study.design.frame is not None:
        frame = fit.scale.study.design.frame
        moderators |= {c: frame[c] for c in frame.columns}
    columns |= {name: values for name, values in moderators.items() if name not in columns}
    taken = [word for word in (*raw, *moderators) if word in RESERVED_COLUMNS]
    if taken:
        raise InputError(
            f"`fit` uses a column named {taken[0]!r}, which is a name of the table that is "
            "written; rename the column."
        )
    if study.weights is not None:
        columns["own_weights"] = study.weights
    return Analysis(
        columns,
        effect,
        fit,
        study.design.formula,
        names,
        why_not_raw=why,
        labels=_column_of_labels(study),
        scale=fit if isinstance(fit, LocationScaleFit) else None,
    )


def _column_of_labels(study: StudyData) -> str:
    """Return the column of a file that names the studies; empty where the names are metarel's."""
    labels = study.labels
    if not isinstance(labels, Labels):
        return LABELS
    return "" if labels.made else labels.column or LABELS


def _of_robust(fit: RobustFit, whole: Analysis) -> Analysis:
    """Add the clusters to the analysis of the model."""
    name = "cluster" if "cluster" not in whole.columns else "own_cluster"
    clusters = [str(fit.clusters[code]) for code in np.asarray(fit.codes).tolist()]
    return replace(whole, columns=whole.columns | {name: clusters}, robust=fit, clusters=name)


def _of_subgroups(result: SubgroupsResult, *, design: bool) -> Analysis:
    """Read subgroups: their levels stand in a column of their own."""
    if design:
        raise InputError("`design` is for moderators; subgroups have none.")
    fits = list(result.fits.items())
    by = result.by if result.by not in RESERVED_COLUMNS else f"{result.by}_level"
    levels = [level for level, fit in fits for _ in range(fit.k)]
    columns = {
        LABELS: [label for _, fit in fits for label in fit.study.labels],
        "yi": np.concatenate([fit.study.yi for _, fit in fits]),
        "vi": np.concatenate([fit.study.vi for _, fit in fits]),
        by: pd.Series(pd.Categorical(levels, categories=[level for level, _ in fits])),
    }
    if result.overall.study.weights is not None:
        columns["own_weights"] = np.concatenate([fit.study.weights for _, fit in fits])
    labels = _column_of_labels(result.overall.study)
    return Analysis(columns, None, result.overall, "1", (), by, result, labels=labels)


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
    raw = {name: np.asarray(rows[name], dtype=float) for name in effect.inputs.values()}
    if not all(np.isfinite(values).all() for values in raw.values()):
        return None, {}, "a study lacks one of the inputs"
    return effect, raw, ""


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


def numbers_of(analysis: Analysis) -> list[str]:
    """Return the fit's own numbers, to hold the other program's against."""
    fit = analysis.fit
    if analysis.scale is not None:
        scale = [f"scale, {line}" for line in _coefficients(analysis.scale.scale)]
        return [*_coefficients(fit), *scale, f"Q {float(fit.heterogeneity.Q)!r}, k {fit.k}"]
    shown = fit if analysis.robust is None else analysis.robust
    told = f"tau2 {float(fit.tau2)!r}, Q {float(fit.heterogeneity.Q)!r}, k {fit.k}"
    return [*_coefficients(shown), told, *_unasked(fit)]


def _coefficients(fit: Any) -> list[str]:
    """Return a line for each coefficient."""
    return [
        f"{term}: estimate {float(b)!r}, se {float(s)!r}"
        for term, b, s in zip(fit.study.terms, fit.beta, np.asarray(fit.se), strict=True)
    ]


def _unasked(fit: Any) -> list[str]:
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
