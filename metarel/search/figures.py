"""The figures that were printed: which quantity, which digits, which numbers print them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.errors import InputError
from metarel.printed import STRICT, Printed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array

#: From the arguments of ``find_analysis`` to the quantities they print.
SINGLE = {
    "estimate": "estimate", "se": "se", "statistic": "statistic", "p": "p_value",
    "k": "k", "N": "N", "tau2": "tau2", "tau": "tau", "I2": "I2", "H2": "H2", "Q": "Q",
    "Q_p": "Q_p",
}  # fmt: skip
PAIRS = {"ci": ("ci_low", "ci_high"), "pi": ("pi_low", "pi_high")}
#: Quantities that articles print as percentages, with or without the sign.
SHARES = ("I2", "I2_Q")
#: Tests are printed without their sign as often as with it.
WITHOUT_SIGN = ("statistic",)
#: How quantities are called in text.
NAMES = {
    "estimate": "estimate", "se": "SE", "statistic": "test statistic", "p_value": "p",
    "ci_low": "lower limit", "ci_high": "upper limit", "pi_low": "lower prediction limit",
    "pi_high": "upper prediction limit", "k": "k", "N": "N", "tau2": "tau²", "tau": "tau",
    "I2": "I²", "I2_Q": "I² from Q", "H2": "H²", "H2_Q": "H² from Q", "Q": "Q", "Q_p": "p of Q",
}  # fmt: skip
_WHOLE = re.compile(r"[<>≤≥=\s]*\d+")


@dataclass(frozen=True, slots=True)
class PrintedFigure:
    """One figure as printed.

    Parameters
    ----------
    quantity : str
        Which number, by its name among the quantities of an analysis.
    printed : Printed
        The digits.
    """

    quantity: str
    printed: Printed

    @property
    def name(self) -> str:
        """What the quantity is called in text."""
        return NAMES[self.quantity]

    def __str__(self) -> str:
        sign = "" if self.printed.relation != "=" else "= "
        return f"{self.name} {sign}{self.printed.text}"

    def prints(self, x: Array, rule: str = "") -> NDArray[np.bool_]:
        """Tell which numbers are printed so: rounded half up or half to even, or by its own rule.

        Parameters
        ----------
        x : ndarray
            Unrounded numbers.
        rule : str
            A rule of rounding; by default the one given with the number, and both of the strict
            ones where that is one of them.

        Returns
        -------
        ndarray of bool
            One answer a number; never for NaN.
        """
        own = self.printed.rounding
        rules = (rule,) if rule else STRICT if own in STRICT else (own,)
        found = np.zeros(np.shape(x), dtype=bool)
        for word in rules:
            interval = Printed(self.printed.text, word, level=self.printed.level)
            found |= interval.contains(x)
            if self.quantity in WITHOUT_SIGN:
                found |= interval.contains(np.abs(x))
        return found

    def gap(self, x: Array) -> Array:
        """Return how far numbers lie outside, in units of the last digit; 0 inside.

        Parameters
        ----------
        x : ndarray
            Unrounded numbers.

        Returns
        -------
        ndarray
            Never negative; NaN for NaN, and in plain numbers where no digit was printed.
        """
        unit = 1.0 if self.printed.unit is None else float(self.printed.unit)

        def outside(values: Array) -> Array:
            below, above = self.printed.low - values, values - self.printed.high
            return np.maximum(np.maximum(below, above), 0.0) / unit

        gap = outside(x)
        return np.minimum(gap, outside(np.abs(x))) if self.quantity in WITHOUT_SIGN else gap


def read_figures(given: Mapping[str, Any]) -> tuple[PrintedFigure, ...]:
    """Read the printed figures among the arguments of a search.

    Parameters
    ----------
    given : mapping of str to str, Printed, pair or None
        Texts by argument, pairs for ``"ci"`` and ``"pi"``.

    Returns
    -------
    tuple of PrintedFigure
        In order.

    Raises
    ------
    InputError
        If a figure is not a printed number, or none is given.
    """
    figures = []
    for argument, value in given.items():
        if value is None:
            continue
        if argument in PAIRS:
            if (
                isinstance(value, (str, bytes))
                or len(list(value) if np.iterable(value) else []) != 2
            ):
                raise InputError(
                    f"`{argument}` must be a pair of printed limits, such as ('.12', '.36'); "
                    f"got {value!r}."
                )
            for quantity, text in zip(PAIRS[argument], value, strict=True):
                if text is not None:
                    figures.append(PrintedFigure(quantity, _printed(argument, quantity, text)))
        else:
            quantity = SINGLE[argument]
            figures.append(PrintedFigure(quantity, _printed(argument, quantity, value)))
    if not figures:
        raise InputError(
            "`estimate`, or another printed figure, must be given: estimate='.24', "
            "ci=('.12', '.36'), I2='62%'."
        )
    return tuple(figures)


def _printed(argument: str, quantity: str, value: Any) -> Printed:
    """Return a figure as printed; shares without a sign are percentages where they must be."""
    if isinstance(value, Printed):
        return value
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if argument in ("k", "N") and whole:
        value = str(value)
    if not isinstance(value, str):
        raise InputError(
            f"`{argument}` must be text, so that its digits are kept, such as '.24'; got {value!r}."
        )
    text = value.strip()
    try:
        printed = Printed(text)
    except InputError as refusal:
        raise InputError(str(refusal).replace("`text`", f"`{argument}`")) from None
    if quantity not in SHARES or printed.value is None:
        return printed
    # ".62" and "0.62" are fractions; "62", "6.2" and "0.0" are printed by programs as per cent.
    coarse = printed.digits == 1 and not text.startswith(".")
    if not printed.percent and (_WHOLE.fullmatch(text) or coarse or float(printed.value) > 1):
        printed = Printed(text + "%")
    if quantity.startswith("I2") and (printed.high < 0 or printed.low > 1):
        raise InputError(f"`{argument}` must be a share from 0 to 100 %; got {text!r}.")
    return printed
