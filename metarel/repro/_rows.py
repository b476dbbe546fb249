"""From a dataset and a figure's arguments to the rows and effects that its analysis uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from metarel._register import one_of
from metarel.effects.compute import effect_sizes
from metarel.errors import DatasetError

if TYPE_CHECKING:
    from metarel._lazy import pd
    from metarel.data.model import Dataset

#: What a figure may say about its rows, and about its effects.
ROWS = ("derive", "where")
EFFECTS = ("effect", "measure", "variance", "correct")


def study_rows(dataset: Dataset, arguments: Mapping[str, Any]) -> pd.DataFrame:
    """Return the studies with derived columns added, then cut by ``where``."""
    frame = dataset.studies
    for name, expression in arguments.get("derive", {}).items():
        frame = frame.assign(**{name: _evaluated("derive", expression, frame.eval)})
    if "where" in arguments:
        frame = _evaluated("where", arguments["where"], frame.query)
    if frame.empty:
        raise DatasetError(f"`where` leaves no study: {arguments['where']!r}.")
    return frame


def _evaluated(argument: str, expression: str, evaluate: Callable[..., Any]) -> Any:
    """Evaluate a pandas expression; a mistake in it names the argument."""
    try:
        return evaluate(expression, engine="python")
    except (NameError, SyntaxError, TypeError, ValueError, KeyError, AttributeError) as error:
        raise DatasetError(f"`{argument}` cannot be evaluated: {expression!r}: {error}.") from error


def declared_effect(dataset: Dataset, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the measure and its words, as the dataset declares or the figure changes them."""
    variant = arguments.get("effect", "default")
    if variant not in dataset.effect:
        raise DatasetError(one_of("effect", dataset.effect, variant))
    changed = {word: arguments[word] for word in EFFECTS[1:] if word in arguments}
    return {**dataset.effect[variant], **changed}


def study_effects(dataset: Dataset, arguments: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of the analysis with their effects and variances."""
    declared = declared_effect(dataset, arguments)
    return effect_sizes(study_rows(dataset, arguments), declared.pop("measure"), **declared)
