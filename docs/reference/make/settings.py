"""The page of all presets, from their register."""

from __future__ import annotations

from metarel.settings._preset import ASPECTS, EVIDENCE, Preset
from metarel.settings.programs import PRESETS

INTRODUCTION = """\
# Settings of other programs

<!-- Generated from the register of presets; do not edit. -->

`pool(es, settings="meta")` takes that program's choices for what is not given; so do
`meta_regression` and `effect_sizes`. What was given wins, and the fit prints what was set and what
was overruled. Only choices that are verified are set. Where a main choice (tau2, test, correction
or variance of d) is not verified, the call is refused until it is given. `settings_table()` is
this page as a frame.

Values are metarel's own words: `hts` is t with k − 2 degrees of freedom for a prediction interval,
`t` with k − 1; `EXACT`, `LS` and `REVMAN` are variance rules of [SMD](measures.md#smd).
"""


def page() -> str:
    """Return the page as Markdown."""
    lines = [INTRODUCTION, *_overview(), ""]
    for preset in PRESETS.values():
        lines += _preset(preset)
    return "\n".join(lines).rstrip("\n") + "\n"


def _overview() -> list[str]:
    """Return a table of programs and the choices of a model; unverified ones in brackets."""
    codes = ("tau2", "test", "prediction", "I2", "SMD correct", "SMD variance", "tables")
    lines = [
        "A choice in brackets is not verified, and not set.",
        "",
        f"| settings | program | {' | '.join(codes)} |",
        f"|{'---|' * (len(codes) + 2)}",
    ]
    for preset in PRESETS.values():
        cells = [f"[`{preset.code}`](#{preset.code})", preset.name]
        for code in codes:
            choice = preset.choices.get(code)
            known = choice is not None and choice.value is not None
            text = str(choice.value) if choice is not None and known else "–"
            cells.append(text if choice is None or choice.evidence or not known else f"({text})")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _preset(preset: Preset) -> list[str]:
    """Return the entry of one program."""
    lines = [f"## {preset.code}", "", f"{preset.name}; {preset.version}."]
    lines += ["", preset.note] if preset.note else []
    lines += ["", f"Sources: {', '.join(preset.sources)}."] if preset.sources else []
    lines += ["", "| aspect | value | sets | known how | note |", "|---|---|---|---|---|"]
    for code, choice in preset.choices.items():
        aspect = ASPECTS[code]
        value = "" if choice.value is None else str(choice.value)
        sets = f"`{aspect.argument}`" if choice.settable and aspect.argument else ""
        cells = (aspect.meaning, value, sets, EVIDENCE[choice.evidence], choice.note)
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]
