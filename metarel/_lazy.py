"""Heavy libraries, imported when an attribute of theirs is first touched.

Importing metarel, or converting one number in a terminal, must not pay for pandas or
scipy.  Modules that need them write ``from metarel._lazy import pd, special``.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any


class Deferred(ModuleType):
    """A stand-in that imports its module on first use and remembers what was asked of it."""

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(importlib.import_module(self.__name__), attribute)
        setattr(self, attribute, value)
        return value


if TYPE_CHECKING:
    import formulaic
    import joblib
    import pandas as pd
    import rich.console as rich_console
    import rich.progress as rich_progress
    from scipy import integrate, interpolate, optimize, special, stats
    from scipy.optimize import elementwise
    from statsmodels.stats import multitest
else:
    formulaic = Deferred("formulaic")
    pd = Deferred("pandas")
    rich_console = Deferred("rich.console")
    rich_progress = Deferred("rich.progress")
    joblib = Deferred("joblib")
    integrate = Deferred("scipy.integrate")
    multitest = Deferred("statsmodels.stats.multitest")
    interpolate = Deferred("scipy.interpolate")
    optimize = Deferred("scipy.optimize")
    elementwise = Deferred("scipy.optimize.elementwise")
    special = Deferred("scipy.special")
    stats = Deferred("scipy.stats")

__all__ = [
    "Deferred",
    "elementwise",
    "formulaic",
    "integrate",
    "interpolate",
    "joblib",
    "multitest",
    "optimize",
    "pd",
    "rich_console",
    "rich_progress",
    "special",
    "stats",
]
