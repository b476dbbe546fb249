"""Effects that not every metafor in use makes as metarel does, so that they are written out."""

from __future__ import annotations

from dataclasses import dataclass

#: The oldest version that texts are written for, and run with in the tests.
OLDEST = "3.8"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a measure, or of one of its variance rules, inside metafor.

    Parameters
    ----------
    what : str
        What an older metafor has, as a clause behind "metafor before …"; ``{code}`` is the
        measure.
    since : str
        The version from which on it is as here; empty where only "later than 3.8" is known.
    """

    what: str
    since: str = ""


#: Measures that came later, or whose effects changed, under any rule.
MEASURES_CHANGED = {
    **{code: Change("has no bias correction of {code}", "5.0") for code in ("ROM", "ROMC", "CVRC")},
    "CVR": Change("has another bias correction of {code}", "5.0"),
    **{code: Change("has no {code}", "4.0") for code in ("ZPHI", "ZTET", "ZPB", "ZBIS", "ZSPCOR")},
    **{code: Change("has no {code}", "4.4") for code in ("R2", "ZR2")},
    **{code: Change("has no {code}", "4.6") for code in ("SMCRP", "SMCRPH")},
    **{code: Change("has no {code}") for code in ("R2F", "ZR2F", "PRZ", "CLES", "CLESN", "CLESCN")},
    **{code: Change("takes another variance of {code}") for code in ("PCOR", "ZPCOR")},
    **{
        code: Change("takes another variance of {code}", "4.6")
        for code in ("SMDH", "SMD1H", "SMCRH")
    },
    "RTET": Change("stops its search for the root of {code} early"),
}
#: Variance rules that came later, or changed.
RULES_CHANGED = {
    **{
        (code, "H0"): Change("has no rule H0 of {code}")
        for code in ("SMD", "SMD1", "SMCC", "SMCR", "RR", "OR", "RD", "COR")
    },
    **{(code, "UB"): Change("has no rule UB of {code}") for code in ("SMCC", "SMCR")},
    **{
        key: Change("computes this variance of {code} otherwise", "5.0")
        for key in (("RR", "AV"), ("OR", "AV"), ("MN", "HO"), ("VR", "LS2"), ("VRC", "LS2"))
    },
}


def change_of(measure: str, rule: str) -> str:
    """Return why a metafor in use may not make these effects; empty where all do.

    Parameters
    ----------
    measure, rule : str
        Codes of the measure and of its variance rule.

    Returns
    -------
    str
        A clause.
    """
    found = MEASURES_CHANGED.get(measure) or RULES_CHANGED.get((measure, rule))
    if found is None:
        return ""
    which = f"before {found.since}" if found.since else OLDEST
    return f"metafor {which} {found.what.format(code=measure)}"
