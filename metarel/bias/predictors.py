"""What stands for the size of a study in tests for small-study effects, in one register."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._register import Register

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class Predictor:
    """A measure of a study's imprecision or size.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What to call it in text.
    term : str
        The name of its coefficient.
    source : str
        Key in the bibliography.
    of : callable
        From sampling variances, or from sample sizes, to the predictor, shape (k,).
    sizes : bool
        Whether it is computed from sample sizes.
    at_limit : bool
        Whether it is 0 for a study of endless size, so that the intercept is such a study's effect.
    """

    code: str
    name: str
    term: str
    source: str
    of: Callable[[Array], Array]
    sizes: bool
    at_limit: bool


PREDICTORS: Register[Predictor] = Register(
    "predictor",
    [
        Predictor("sei", "standard error", "sei", "sterne2005", np.sqrt, False, True),
        Predictor("vi", "sampling variance", "vi", "sterne2005", lambda v: v, False, True),
        Predictor("n", "sample size", "n", "macaskill2001", lambda n: n, True, False),
        Predictor("1/n", "1 / sample size", "inverse_n", "peters2006", lambda n: 1 / n, True, True),
        Predictor("sqrt(n)", "root of sample size", "root_n", "sterne2005", np.sqrt, True, False),
        Predictor(
            "1/sqrt(n)",
            "1 / root of sample size",
            "inverse_root_n",
            "pustejovsky2019",
            lambda n: 1 / np.sqrt(n),
            True,
            True,
        ),
    ],
    aliases={"se": "sei", "ni": "n", "ninv": "1/n", "sqrtni": "sqrt(n)", "sqrtninv": "1/sqrt(n)"},
)
