"""All presets in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metarel._lazy import pd
from metarel.settings._preset import ASPECTS, EVIDENCE
from metarel.settings.programs import PRESETS

if TYPE_CHECKING:
    import pandas


def settings_table() -> pandas.DataFrame:
    """List every preset of ``settings=``: what a program chooses, and how that is known.

    Returns
    -------
    DataFrame
        One row a program and aspect, with the text columns ``settings program version aspect
        value sets evidence note``. ``value`` is in metarel's words, and empty where it is not
        known; ``sets`` is the argument that the preset sets, empty where it does not: because
        the choice is not verified, because the program has nothing of the kind, or because it
        can only be told.

    See Also
    --------
    pool, meta_regression, effect_sizes : take ``settings=``.

    Notes
    -----
    A preset sets only what was read from the program's code, stated in its documentation, or
    reproduces its printed results. What is "not verified" stands in the table and is never set.

    Examples
    --------
    >>> table = settings_table()
    >>> revman = table[table.settings == "revman5"]
    >>> print(revman[["aspect", "value", "sets"]].head(2).to_string(index=False))
    aspect value sets
      tau2    DL tau2
      test     z test
    """
    return pd.DataFrame(
        [
            {
                "settings": preset.code,
                "program": preset.name,
                "version": preset.version,
                "aspect": code,
                "value": "" if choice.value is None else str(choice.value),
                "sets": ASPECTS[code].argument if choice.settable else "",
                "evidence": EVIDENCE[choice.evidence],
                "note": choice.note,
            }
            for preset in PRESETS.values()
            for code, choice in preset.choices.items()
        ]
    )
