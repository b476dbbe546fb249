"""Which publications stand behind the numbers of a fit."""

from __future__ import annotations

from typing import Any

from metarel.effects.register import MEASURES
from metarel.models._inference import TESTS
from metarel.models._prediction import PREDICTION_INTERVALS
from metarel.moderators.subgroups import SubgroupsResult
from metarel.report._quantities import has_moderators, random_effects
from metarel.report._style import Style
from metarel.robust._result import RobustFit
from metarel.robust._sandwich import ROBUST_KINDS
from metarel.tau2.register import TAU2

#: What each section of a report rests on.
SECTION_KEYS: dict[str, tuple[str, ...]] = {
    "results": ("lewis2001",),
    "heterogeneity": ("higgins2002", "viechtbauer2007"),
    "sensitivity": ("viechtbauer2010b", "knapp2003"),
    "small-studies": ("sterne2001", "peters2008"),
    "checklist": ("page2021", "appelbaum2018"),
}
#: Estimators that are held side by side, whatever the fit's own.
COMPARED = ("REML", "ML", "DL", "PM", "SJ", "HE", "EE")
OWN_KEYS = (
    *(key for keys in SECTION_KEYS.values() for key in keys),
    *("thompson2002", "hedges1985", "inthout2016", "tipton2015b"),
)


def keys_of(fit: Any, data: Any, sections: tuple[str, ...], style: Style) -> list[str]:
    """Return the keys of what was used, sorted by name and year."""
    whole = fit.overall if isinstance(fit, SubgroupsResult) else fit
    model = whole.model if isinstance(whole, RobustFit) else whole
    keys = [style.source, TESTS[model.spec.test].source]
    if isinstance(whole, RobustFit):
        keys += [ROBUST_KINDS[whole.kind].source, "tipton2015b"]
    if isinstance(model.spec.tau2, str):
        keys.append(TAU2[model.spec.tau2].source)
    if random_effects(model) and not has_moderators(model):
        keys += [PREDICTION_INTERVALS[model.spec.prediction].source, "inthout2016"]
    keys += ["hedges1985"] * isinstance(fit, SubgroupsResult)
    keys += ["thompson2002"] * has_moderators(model)
    keys += _of_measure(model.study.measure, data)
    for section in sections:
        keys += SECTION_KEYS.get(section, ())
    if "sensitivity" in sections:
        keys += [TAU2[code].source for code in COMPARED]
    return sorted({key for key in keys if key})


def _of_measure(measure: str | None, data: Any) -> list[str]:
    """Return the sources of a measure, and of its variance where the frame tells the rule."""
    if measure is None or measure not in MEASURES:
        return []
    made = {} if data is None else data.attrs.get("effect_sizes") or {}
    declared = MEASURES[measure]
    rule = declared.rule(made.get("variance") if made.get("measure") == measure else None)
    return [*declared.sources, rule.source]
