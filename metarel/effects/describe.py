"""Every measure in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metarel._lazy import pd
from metarel.effects.register import MEASURES

if TYPE_CHECKING:
    import pandas


def measure_table() -> pandas.DataFrame:
    """List every measure of effect: inputs, formula, unit, direction, variance rules, sources.

    Returns
    -------
    DataFrame
        One row a measure, with the text columns ``code name inputs alternatives optional formula
        unit direction correction transform variance_rules sources same_as``. Alternatives are
        other sets of inputs that are enough, and ``unit`` is ``"1"`` for a pure number. In
        ``variance_rules`` each rule stands with its formula and which program gives the same
        number, the default first. ``transform`` names what leads back to the scale people read.

    See Also
    --------
    effect_sizes : compute any of them.

    Notes
    -----
    ``print(metarel.effects.register.MEASURES["SMD"])`` tells one measure as a page. Codes are
    those of R's metafor where metafor has the measure [viechtbauer2010]; ``same_as`` says what
    other programs do.

    Examples
    --------
    >>> table = measure_table().set_index("code")
    >>> table.loc["MD", "formula"]
    'm1 − m2'
    >>> print(table.loc["MD", "variance_rules"])
    LS: sd1²/n1 + sd2²/n2 (metafor, RevMan, Stata, CMA (unequal variances))
    HO: pooled variance · (1/n1 + 1/n2) (metafor; meta with pooledvar = TRUE)
    """
    return pd.DataFrame(
        [
            {
                "code": measure.code,
                "name": measure.name,
                "inputs": ", ".join(measure.inputs),
                "alternatives": "; ".join(", ".join(way) for way in measure.alternatives),
                "optional": ", ".join(measure.optional),
                "formula": measure.formula,
                "unit": measure.unit,
                "direction": measure.direction,
                "correction": measure.correction,
                "transform": measure.transform,
                "variance_rules": "\n".join(
                    f"{rule.code}: {rule.formula} ({rule.same_as})" for rule in measure.rules
                ),
                "sources": ", ".join(measure.sources),
                "same_as": measure.same_as,
            }
            for measure in MEASURES.values()
        ]
    )
