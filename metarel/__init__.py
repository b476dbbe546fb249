"""metarel: meta-analysis in Python, and whether reported numbers can be right.

Start with ``metarel.effect_sizes``, ``metarel.pool``, ``metarel.reproduce`` or ``metarel.convert``;
``dir(metarel)`` lists everything.  Names are loaded when first used, so importing metarel costs
little.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

#: Each public name and the module in which it lives.
_HOME: dict[str, str] = {
    "ConvergenceError": "metarel.errors",
    "DatasetError": "metarel.errors",
    "InputError": "metarel.errors",
    "MetaFit": "metarel.models.results",
    "MetarelError": "metarel.errors",
    "MetarelWarning": "metarel.errors",
    "Printed": "metarel.printed",
    "baujat": "metarel.diagnose.baujat",
    "best_subsets": "metarel.moderators.subsets",
    "blup": "metarel.diagnose.blup",
    "bootstrap": "metarel.models.bootstrap",
    "check": "metarel.coherence.check",
    "code": "metarel.report.code",
    "combine_groups": "metarel.convert.recover_groups",
    "compare": "metarel.moderators.comparison",
    "compatible": "metarel.convert.compatible",
    "consistent": "metarel._printed_consistency",
    "contrast": "metarel.moderators.contrasts",
    "convert": "metarel.convert.path",
    "convert_table": "metarel.convert.register",
    "cumulative": "metarel.diagnose.cumulative",
    "delta_method": "metarel.convert.recover_delta",
    "effect_probability": "metarel.models.effect_probability",
    "effect_routes": "metarel.routes.compute",
    "effect_sizes": "metarel.effects.compute",
    "effects_from_reports": "metarel.routes.compute",
    "evidence": "metarel.evidence.map",
    "explain": "metarel.convert.explain",
    "explain_gap": "metarel.search.gap",
    "fail_safe_n": "metarel.bias.fail_safe",
    "find_analysis": "metarel.search.find",
    "gosh": "metarel.diagnose.gosh",
    "henmi_copas": "metarel.models.henmi_copas",
    "influence": "metarel.diagnose.influence",
    "interpret": "metarel.convert.interpret",
    "ivhet": "metarel.models.weighting",
    "labbe": "metarel.diagnose.labbe",
    "leave_one_out": "metarel.diagnose.leave_one_out",
    "likelihood_interval": "metarel.models.likelihood_interval",
    "list_datasets": "metarel.data.catalog",
    "load_dataset": "metarel.data.catalog",
    "location_scale": "metarel.moderators.location_scale",
    "marginal_means": "metarel.moderators.marginal",
    "mean_sd_from_quantiles": "metarel.convert.recover_quantiles",
    "measure_table": "metarel.effects.describe",
    "meta_regression": "metarel.models.meta",
    "noncentral_limits": "metarel.convert.noncentral",
    "outliers": "metarel.diagnose.outliers",
    "permutation_test": "metarel.models.permutation",
    "pet_peese": "metarel.bias.pet_peese",
    "pool": "metarel.models.meta",
    "pool_many": "metarel.models.batch",
    "pool_rates": "metarel.models.rates",
    "pool_tables": "metarel.models.tables",
    "prepost_correlation": "metarel.convert.recover_prepost",
    "printed_range": "metarel._printed_range",
    "profile_likelihood": "metarel.diagnose.profile",
    "psychometric": "metarel.models.psychometric",
    "r2_interval": "metarel.moderators.explained",
    "radial": "metarel.diagnose.radial",
    "rank_test": "metarel.bias.rank",
    "read_document": "metarel.reading.documents",
    "read_statistics": "metarel.reading.statistics",
    "read_studies": "metarel.data.io",
    "regression_test": "metarel.bias.regression",
    "report": "metarel.report.page",
    "reproduce": "metarel.repro.reproduce",
    "reproduce_cases": "metarel.repro.cases",
    "residuals": "metarel.diagnose.residuals",
    "robust": "metarel.robust.cluster",
    "rounding_range": "metarel.search.rounding",
    "route_table": "metarel.routes.register",
    "sample_size_weights": "metarel.models.weighting",
    "screen_effects": "metarel.routes.screen",
    "screen_moderators": "metarel.moderators.screening",
    "sentence": "metarel.report.sentence",
    "settings_table": "metarel.settings.table",
    "simulate_from": "metarel.diagnose.simulate",
    "simulate_studies": "metarel.simulate",
    "subgroups": "metarel.moderators.subgroups",
    "table": "metarel.report.table",
    "table_from_margins": "metarel.convert.recover_tables",
    "tau2_from_tables": "metarel.tau2.tables",
    "tau2_interval": "metarel.models.tau2_interval",
    "trim_and_fill": "metarel.bias.trim_and_fill",
    "uwls": "metarel.models.weighting",
    "vif": "metarel.moderators.collinearity",
    "waap": "metarel.models.weighting",
}

#: Folders that are reached as attributes: ``metarel.plot.forest(fit)``.
_ROOMS = ("plot",)

__all__ = ["__version__", *_HOME, *_ROOMS]


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first asked for."""
    if name in _ROOMS:
        return importlib.import_module(f"metarel.{name}")
    if name not in _HOME:
        raise AttributeError(_no_such(name))
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def _no_such(name: str) -> str:
    """Return what a name is called here, and otherwise the nearest name."""
    plain = f"module 'metarel' has no attribute {name!r}"
    if name.startswith("_") or importlib.util.find_spec(f"metarel.{name}") is not None:
        return plain  # a module that is about to be imported, or somebody looking for a hook
    elsewhere = importlib.import_module("metarel._elsewhere")
    if name in elsewhere.FUNCTIONS:
        return f"metarel has no `{name}`: use {elsewhere.FUNCTIONS[name]}. {elsewhere.PAGE}"
    if name in elsewhere.NOT_BUILT:
        return f"`{name}` is not built yet. {elsewhere.PAGE}"
    if name in importlib.import_module("metarel.plot").__all__:
        return f"metarel has no `{name}`: use mr.plot.{name}."
    return plain + "." + importlib.import_module("metarel._register").did_you_mean(name, __all__)


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)


class _Root(ModuleType):
    """The package itself: a room never hides the public function of the same name."""

    def __setattr__(self, name: str, value: object) -> None:
        # Importing metarel.convert.path would bind the folder to the name of the function.
        if name not in _HOME or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Root
