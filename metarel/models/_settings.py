"""The settings of other programs, carried into a fit and written on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from metarel._register import Register
from metarel.errors import warn
from metarel.models._inference import TESTS
from metarel.models.results import MetaFit
from metarel.settings.resolve import Applied, contradictions, model_settings
from metarel.tau2._base import Tau2Estimator
from metarel.tau2.register import TAU2

#: What holds where neither the user nor a preset says otherwise.
DEFAULTS = {"tau2": "REML", "test": "z", "prediction": "default", "I2": "tau2"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The arguments of a model as resolved.

    Parameters
    ----------
    tau2 : str, float or Tau2Estimator
        Estimator or value.
    test : str
        Kind of test.
    prediction : str
        Kind of prediction interval.
    I2 : str
        ``"tau2"`` or ``"Q"``.
    applied : Applied or None
        What the preset did; None without one.
    """

    tau2: str | float | Tau2Estimator
    test: str
    prediction: str
    I2: str
    applied: Applied | None

    def mark(self, fit: MetaFit, made: Any) -> MetaFit:
        """Return the fit with the record on it; ``made`` says how its effects were computed."""
        return self.told(fit.study.measure, made).put(fit)

    def told(self, measure: str | None, made: Any) -> Chosen:
        """Warn of effects that are not what the program would have pooled, and write that down."""
        if self.applied is None:
            return self
        said = contradictions(self.applied.code, measure, made)
        for sentence in said:
            warn(sentence)
        return replace(self, applied=replace(self.applied, contradictions=said))

    def put(self, fit: MetaFit) -> MetaFit:
        """Return the fit with the record on it."""
        if self.applied is None:
            return fit
        spec = replace(fit.spec, prediction=self.prediction, I2=self.I2, settings=self.applied)
        return replace(fit, spec=spec)


def choose(
    settings: str | None,
    tau2: str | float | Tau2Estimator | None,
    test: str | None,
    *,
    regression: bool,
    weighted: bool,
) -> Chosen:
    """Return the arguments: as given, else as the preset has them, else metarel's defaults."""
    given = {"tau2": _code(TAU2, tau2), "test": _code(TESTS, test)}
    known, applied = model_settings(settings, given, regression=regression, weighted=weighted)
    return Chosen(**{**DEFAULTS, **known}, applied=applied)


def _code(register: Register[Any], word: Any) -> Any:
    """Return the code of a word, however it was spelled; what is no word as it is."""
    return register[word].code if isinstance(word, str) else word


def made_by(data: Any) -> Any:
    """Return how ``effect_sizes`` made a frame's effects, where it did."""
    return getattr(data, "attrs", {}).get("effect_sizes")
