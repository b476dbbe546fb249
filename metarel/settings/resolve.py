"""A preset and what was given, resolved into arguments, with a record of who decided what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metarel._format import listing
from metarel.errors import InputError
from metarel.settings._preset import ASPECTS, EFFECTS, MODELS, Choice, Preset
from metarel.settings.programs import PRESETS

#: Ways to pool tables that are metarel's own.
MODEL_OF_TABLES = ("inverse variance", None)
#: What effect_sizes does with empty cells where it was not told otherwise.
TABLE_DEFAULTS = {"add": 0.5, "to": "only0", "drop00": False}


@dataclass(frozen=True, slots=True)
class Applied:
    """What a preset did to a call.

    Parameters
    ----------
    code, name, version : str
        The preset.
    chosen : tuple of (str, object)
        The arguments it set, and to what.
    overruled : tuple of (str, object, object)
        The arguments given otherwise: argument, value given, the program's value.
    open : tuple of str
        What the preset could not set, as phrases.
    contradictions : tuple of str
        Where the data are not what the program would have used, as sentences.
    """

    code: str
    name: str
    version: str
    chosen: tuple[tuple[str, Any], ...]
    overruled: tuple[tuple[str, Any, Any], ...] = ()
    open: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return the record as lines of text."""
        set_here = listing([f"{name} = {value}" for name, value in self.chosen], 20)
        found = set_here or "none set; the choices are your own or metarel's"
        lines = [f"Settings of {self.name} ({self.version}): {found}."]
        if self.overruled:
            told = [f"{name} = {own} (there {theirs})" for name, own, theirs in self.overruled]
            lines.append(f"Given otherwise: {listing(told, 20)}.")
        if self.open:
            lines.append(f"Not set by the preset: {'; '.join(self.open)}.")
        return lines + list(self.contradictions)

    def to_dict(self) -> dict[str, Any]:
        """Return the record in plain types."""
        return {
            "code": self.code,
            "chosen": dict(self.chosen),
            "overruled": {name: own for name, own, _ in self.overruled},
            "open": list(self.open),
            "contradictions": list(self.contradictions),
        }


def model_settings(
    settings: str | None, given: Mapping[str, Any], *, regression: bool, weighted: bool
) -> tuple[dict[str, Any], Applied | None]:
    """Resolve the arguments of a model.

    Parameters
    ----------
    settings : str or None
        Code of the preset.
    given : mapping
        The arguments as the user gave them, None where not.
    regression, weighted : bool
        Whether there is a formula, and whether own weights were given.

    Returns
    -------
    tuple
        Every argument that is known (given, or set by the preset), and the record; None without
        a preset.
    """
    own = {name: value for name, value in given.items() if value is not None}
    if settings is None:
        return own, None
    preset = PRESETS[settings]
    if regression and not preset.regression:
        raise InputError(
            f"`settings` {settings!r} is no preset for a regression: {preset.name} fits none. "
            "Leave it out, and give `tau2` and `test`."
        )
    if preset.weights and not weighted:
        raise InputError(
            f"`settings` {settings!r} weights studies by their {preset.weights}: pass them, such "
            "as weights='n', or use psychometric(), which is the whole of this branch."
        )
    skip = "test" if regression and "regression_test" in preset.choices else "regression_test"
    choices = {
        code: choice
        for code, choice in preset.choices.items()
        if code != skip and ASPECTS[code].where == MODELS
    }
    return _resolve(preset, choices, own)


def effect_settings(
    settings: str | None, measure: str, given: Mapping[str, Any]
) -> tuple[dict[str, Any], Applied | None]:
    """Resolve the choices of an effect size, in the same way as ``model_settings``.

    Parameters
    ----------
    settings : str or None
        Code of the preset.
    measure : str
        Code of the measure.
    given : mapping
        The arguments as the user gave them, None where not.

    Returns
    -------
    tuple
        Every argument that is known, and the record.
    """
    own = {name: value for name, value in given.items() if value is not None}
    if settings is None:
        return own, None
    preset = PRESETS[settings]
    choices = {
        code: choice
        for code, choice in preset.choices.items()
        if ASPECTS[code].where == EFFECTS and measure in ASPECTS[code].measures
    }
    return _resolve(preset, choices, own)


def _resolve(
    preset: Preset, choices: Mapping[str, Choice], own: dict[str, Any]
) -> tuple[dict[str, Any], Applied]:
    """Fill in what was not given, and write down the rest."""
    _refuse_unverified(preset, choices, own)
    chosen, overruled, unset = {}, [], []
    for code, choice in choices.items():
        argument = ASPECTS[code].argument
        if not choice.settable:
            if argument not in own:
                unset.append(_unset(code, choice))
        elif argument not in own:
            chosen[argument] = choice.value
        elif own[argument] != choice.value:
            overruled.append((argument, own[argument], choice.value))
    record = Applied(
        preset.code,
        preset.name,
        preset.version,
        tuple(chosen.items()),
        tuple(overruled),
        tuple(unset),
    )
    return {**own, **chosen}, record


def _refuse_unverified(preset: Preset, choices: Mapping[str, Choice], own: dict[str, Any]) -> None:
    """Refuse a main choice that is neither verified nor given: a default is no program's."""
    lacking = {
        ASPECTS[code].argument: choice
        for code, choice in choices.items()
        if ASPECTS[code].essential and not choice.evidence and ASPECTS[code].argument not in own
    }
    if not lacking:
        return
    told = []
    for argument, choice in lacking.items():
        value = "not known" if choice.value is None else f"{choice.value!r}, not verified"
        told.append(f"`{argument}` ({value}{f': {choice.note}' if choice.note else ''})")
    raise InputError(
        f"`settings` {preset.code!r} does not set {listing(told)}. Give "
        f"{listing([f'`{argument}`' for argument in lacking])} yourself, or choose another preset; "
        "settings_table() lists what is verified."
    )


def _unset(code: str, choice: Choice) -> str:
    """Return why a choice was not set, as a phrase."""
    value = "" if choice.value is None else f"{choice.value}, "
    told = "the program has none" if choice.evidence else f"{value}not verified"
    return f"{code} ({told}{f'; {choice.note}' if choice.note else ''})"


def contradictions(
    settings: str, measure: str | None, made: Mapping[str, Any] | None
) -> tuple[str, ...]:
    """Return where effects are not what a program would have pooled, as sentences.

    Parameters
    ----------
    settings : str
        Code of the preset.
    measure : str or None
        Code of the effects' measure, where known.
    made : mapping or None
        How ``effect_sizes`` made them, where it did.

    Returns
    -------
    tuple of str
        Sentences, none where nothing is known to differ.
    """
    preset = PRESETS[settings]
    said = []
    metric = preset.choices.get("correlations")
    differs = metric is not None and metric.settable and measure != metric.value
    if metric and differs and measure in ASPECTS["correlations"].measures:
        said.append(f"{preset.name} pools correlations as {metric.value}; these are {measure}.")
    method = preset.choices.get("tables")
    if measure in ASPECTS["tables"].measures and method and method.value not in MODEL_OF_TABLES:
        said.append(
            f"{preset.name} pools 2×2 tables by {method.value} unless told otherwise"
            f"{f' ({method.note})' if method.note else ''}; pool_tables() does, and this is its "
            "inverse-variance method."
        )
    if made and measure and made.get("measure") == measure:
        have = {**made.get("settings", {}), "variance": made["variance"]}
        have["correct"] = False if made["correct"] == "none" else made["correct"]
        for code, choice in preset.choices.items():
            aspect = ASPECTS[code]
            if aspect.where != EFFECTS or measure not in aspect.measures or not choice.settable:
                continue
            value = have.get(aspect.argument, TABLE_DEFAULTS.get(aspect.argument))
            if value != choice.value:
                said.append(
                    f"The effects were made with {aspect.argument} = {value}; {preset.name} has "
                    f"{choice.value}: effect_sizes(…, settings={settings!r}) does."
                )
    return tuple(said)
