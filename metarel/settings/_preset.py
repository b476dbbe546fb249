"""What a preset is: a program's choices, each with the evidence that it makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from metarel._register import Register

#: How a choice is known. Only what is verified is ever set.
EVIDENCE = {
    "code": "read from its code",
    "documentation": "stated in its documentation",
    "digits": "reproduces its printed results",
    "": "not verified",
}
#: The program computes nothing of the kind.
NONE = "none"


@dataclass(frozen=True, slots=True)
class Aspect:
    """A thing that programs choose differently.

    Parameters
    ----------
    code : str
        Its name in presets and tables.
    meaning : str
        What it is, as a phrase.
    argument : str
        The argument it sets; empty where it can only be told.
    where : str
        The function of that argument; several share the word ``"models"``.
    measures : tuple of str
        Codes of the measures it is about; empty where that does not matter.
    essential : bool
        Whether the main result depends on it, so that it must be verified or given.
    """

    code: str
    meaning: str
    argument: str = ""
    where: str = ""
    measures: tuple[str, ...] = ()
    essential: bool = False


SMD, COR, TABLES = ("SMD",), ("COR",), ("OR", "RR")
MODELS, EFFECTS = "models", "effect_sizes"

ASPECTS: Register[Aspect] = Register(
    "aspect",
    [
        Aspect("tau2", "estimator of tau2", "tau2", MODELS, essential=True),
        Aspect("test", "test and interval of the mean", "test", MODELS, essential=True),
        Aspect(
            "regression_test",
            "test in meta-regression, where it differs",
            "test",
            MODELS,
            essential=True,
        ),
        Aspect("prediction", "reference of the prediction interval", "prediction", MODELS),
        Aspect("I2", "what I2 is computed from", "I2", MODELS),
        Aspect("SMD correct", "Hedges' correction of d", "correct", EFFECTS, SMD, essential=True),
        Aspect("SMD variance", "variance rule of d", "variance", EFFECTS, SMD, essential=True),
        Aspect("COR variance", "variance rule of r", "variance", EFFECTS, COR),
        Aspect(
            "table add", "added to the cells of a table with an empty one", "add", EFFECTS, TABLES
        ),
        Aspect("table to", "the tables it is added to", "to", EFFECTS, TABLES),
        Aspect("table drop00", "tables without events are left out", "drop00", EFFECTS, TABLES),
        Aspect(
            "correlations", "measure in which correlations are pooled", measures=("COR", "ZCOR")
        ),
        Aspect("tables", "pooling of 2×2 tables", measures=("OR", "RR", "RD")),
    ],
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A program's choice in one aspect.

    Parameters
    ----------
    value : object
        In metarel's own words; ``"none"`` where the program has nothing of the kind, and None
        where it is not known.
    evidence : str
        A key of ``EVIDENCE``; empty means not verified, and such a choice is never set.
    note : str
        What else a reader must know.
    """

    value: Any
    evidence: str = ""
    note: str = ""

    @property
    def settable(self) -> bool:
        """Whether the choice is verified and something that metarel does."""
        return bool(self.evidence) and self.value is not None and self.value != NONE


@dataclass(frozen=True, slots=True)
class Preset:
    """The choices of a program, in some of its versions.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        The program.
    version : str
        The versions it holds for, and when that was looked up.
    choices : mapping of str to Choice
        By the code of the aspect; what is absent is not known.
    note : str
        What a preset cannot say by itself.
    weights : str
        The weights without which it would be another analysis; empty for inverse variances.
    regression : bool
        Whether the program fits meta-regressions.
    sources : tuple of str
        Where the choices are stated.
    """

    code: str
    name: str
    version: str
    choices: Mapping[str, Choice] = field(default_factory=dict)
    note: str = ""
    weights: str = ""
    regression: bool = True
    sources: tuple[str, ...] = ()
