"""What a fit says on the scale people read, ready to be printed in a style."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.effects.register import MEASURES
from metarel.models._beside import beside_studies
from metarel.plot._reading import Reading, fit_reading
from metarel.report._runs import Run, Text, phrase
from metarel.report._style import STATISTIC_DIGITS, Style, digits_of, digits_of_value

if TYPE_CHECKING:
    import pandas

    from metarel._checks import Column
    from metarel.models._inference import TestResult

#: Scales that end at 1, so that APA prints no zero before the point.
BOUNDED_SCALES = ("tanh", "tanh2", "expit", "ndtr", "sin2", "ahw", "abt")
BOUNDED_MEASURES = (
    *("COR", "UCOR", "RPB", "RBIS", "RHO", "TAU", "PCOR", "SPCOR", "BETA", "RTET"),
    *("PHI", "YUQ", "YUY", "CRAMERV", "CRAMERVB", "R2", "R2F", "ETA2", "OMEGA2", "EPSILON2"),
    *("PR", "RD", "MPRD", "CLES", "CLESN", "CLESCN", "RRB", "ARAW"),
)
#: What an effect was analysed as, where that is not what is printed.
ANALYSED = {
    "exp": "its logarithm",
    "tanh": "Fisher’s z",
    "tanh2": "Fisher’s z",
    "expit": "its logit",
    "ndtr": "its probit",
    "sin2": "its arcsine square root",
    "square": "its square root",
    "ahw": "its cube-root transform",
    "abt": "its log transform",
}
#: Sets of inputs whose sum is the number of people, the first that is there.
SIZES = (
    ("n",),
    ("n1", "n2"),
    ("events1", "non_events1", "events2", "non_events2"),
    ("events", "non_events"),
)
#: Letters of effects; they stand in italics. Other measures go by their code.
LETTERS = {
    **dict.fromkeys(("COR", "UCOR", "ZCOR"), "r"),
    **dict.fromkeys(("R2", "R2F", "ZR2", "ZR2F"), "R²"),
}
#: Measures of means over a standard deviation: d, or g where the small-sample bias was removed.
WITH_LETTER_G = ("SMD", "SMDH", "SMD1", "SMD1H")


#: Coefficients have units of their own: at least two figures of their intervals are printed.
COEFFICIENT_UNITS = 10.0
#: A level of a factor in the name of a coefficient; what stands between the parts of a product.
_LEVEL = re.compile(r"^(?:C\()?(.+?)(?:,.*?)?\)?\[(?:T\.|S\.)?(.+)\]$")
_BETWEEN = re.compile(r":(?![^\[]*\])")
#: Name of a column made for a moment.
_SIZES = "sizes of the studies"
_FACTOR = re.compile(r"^C\(([^(),]+)[^()]*\)$")


@dataclass(frozen=True, slots=True)
class Scale:
    """How the effects of a fit are printed.

    Parameters
    ----------
    reading : Reading
        The scale, its words, and its value of no effect.
    letter : tuple of Run
        The symbol in front of an estimate; empty where there is none.
    name : str
        The effect in words, in lower case unless a name.
    bounded : bool
        Whether it cannot exceed 1.
    analysed : str
        What it was analysed as; empty where it is what is printed.
    """

    reading: Reading
    letter: Text
    name: str
    bounded: bool
    analysed: str

    def back(self, value: float) -> float:
        """Return a value of the analysis on the scale of print."""
        return float(self.reading.scale.to_axis(value))


def scale_of_fit(fit: Any, data: Any = None) -> Scale:
    """Return how the effects of a fit are printed; the frame tells d from g."""
    measure = fit.study.measure
    reading = fit_reading(fit, None)
    known = MEASURES[measure] if measure in MEASURES and measure != "GEN" else None
    code = reading.scale.code
    return Scale(
        reading,
        _letter(measure if known else None, code, data),
        _lower(known.name if known and code == "identity" else reading.name),
        code in BOUNDED_SCALES or measure in BOUNDED_MEASURES,
        ANALYSED.get(code, ""),
    )


def _letter(measure: str | None, code: str, data: Any) -> Text:
    if measure is None:
        return ()
    if measure in LETTERS:
        return (Run(LETTERS[measure], italic=True),)
    made = {} if data is None else data.attrs.get("effect_sizes") or {}
    if measure in WITH_LETTER_G and made.get("measure") == measure and "correct" in made:
        return (Run("d" if made["correct"] in (False, "none") else "g", italic=True),)
    if code == "exp" and MEASURES[measure].name.startswith("log "):
        return (Run(measure),)
    return () if code != "identity" else (Run(measure),)


def _lower(name: str) -> str:
    """Return a measure's name for the middle of a sentence, without what explains it."""
    name = name.split(",")[0].split(" (")[0]
    keeps = name[:2].isupper() or name.split(" ")[0].endswith(("’s", "'s")) or name[1:2] == "²"
    return name if keeps else name[:1].lower() + name[1:]


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its limits, printed.

    Parameters
    ----------
    estimate, low, high : str
        The numbers.
    pi_low, pi_high : str
        Limits of the prediction interval; empty where there is none.
    """

    estimate: str
    low: str
    high: str
    pi_low: str = ""
    pi_high: str = ""


def print_estimate(
    values: dict[str, float], style: Style, digits: int, *, bounded: bool, units: float = 2.0
) -> Estimate:
    """Print an estimate, its limits and those of prediction with the same decimals.

    They are finer where an interval is not ``units`` of the last decimal wide.
    """
    least = digits_of(values["ci_high"] - values["ci_low"], digits, units)
    keys = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")
    shown = [
        style.number(values[key], least, bounded=bounded)
        if key in values and not math.isnan(values[key])
        else ""
        for key in keys
    ]
    return Estimate(*shown)


def pooled_estimate(fit: Any, scale: Scale, style: Style, digits: int) -> Estimate:
    """Print the pooled mean of a fit on the scale people read."""
    return print_estimate(pooled_values(fit, scale), style, digits, bounded=scale.bounded)


def pooled_values(fit: Any, scale: Scale) -> dict[str, float]:
    """Return the pooled mean, its limits and those of prediction on the scale people read."""
    row = fit.predict().iloc[0]
    keys = ["estimate", "ci_low", "ci_high"]
    keys += ["pi_low", "pi_high"] * (random_effects(fit) and fit.k > 1)
    return {key: scale.back(float(row[key])) for key in keys}


def random_effects(fit: Any) -> bool:
    """Tell whether a fit has a between-study variance."""
    return bool(fit.spec.tau2 != "EE")


def has_moderators(fit: Any) -> bool:
    """Tell whether a fit has more than an intercept."""
    return bool(fit.study.terms != ("intercept",))


def term_words(term: str) -> str:
    """Return a coefficient's name as people say it: ``rater = client``, ``year × dose``."""
    return " × ".join(_LEVEL.sub(r"\1 = \2", part) for part in _BETWEEN.split(term))


def formula_words(formula: str) -> str:
    """Return additive moderators as a list; other formulas as they are."""
    parts = [_FACTOR.sub(r"\1", part.strip()) for part in formula.split("+")]
    if not all(re.fullmatch(r"[\w ]+|`[^`]+`", part) for part in parts) or "0" in parts:
        return formula
    parts = [part.strip("`") for part in parts if part != "1"]
    return " and ".join([", ".join(parts[:-1])] * (len(parts) > 1) + parts[-1:])


def df_text(df: float) -> str:
    """Return degrees of freedom: whole, or with two decimals."""
    return f"{df:.0f}" if float(df).is_integer() else f"{df:.{STATISTIC_DIGITS}f}"


def test_of(statistic: float, df: float, p: float, style: Style) -> Text:
    """Return a test of one coefficient: ``t(12) = 3.21, p = .007``."""
    if math.isnan(statistic):
        return phrase("no test, for the standard error is 0")
    head = phrase("*z*") if math.isinf(df) else phrase("*t*({df})", df=df_text(df))
    value = style.number(statistic, STATISTIC_DIGITS)
    return phrase("{head} = {value}, {p}", head=head, value=value, p=style.p(p))


def joint_test(test: TestResult, style: Style, name: str = "Q") -> Text:
    """Return a joint test: F with both df, or a chi-square under its name."""
    if np.isnan(test.df2):
        return phrase("no test, for studies or clusters are too few")
    if np.isnan(test.statistic):
        return phrase("no test, for a standard error is 0")
    chi = np.isinf(test.df2)
    df = df_text(test.df1) if chi else f"{df_text(test.df1)}, {df_text(test.df2)}"
    letter, below = (name[0], name[1:]) if chi else ("F", "")
    value = style.number(test.statistic, STATISTIC_DIGITS)
    head = (Run(letter, italic=True), Run(f"{below}({df}) = {value}, "))
    return (*head, *style.p(test.p_value))


def tau2_text(value: float, style: Style) -> str:
    """Return a variance with three decimals, more where it is small; 0 is 0."""
    return "0" if value == 0 else style.number(value, digits_of_value(value, 3))


def people_of(fit: Any, n: Column | float | None, data: pandas.DataFrame | None) -> float | None:
    """Return the number of people in the studies of a fit; None where it is not known.

    By default it follows from the sizes that the effects were made from, or from a column "n";
    rows that were left out need none.
    """
    if n is not None and not isinstance(n, str) and np.ndim(n) == 0:
        return float(np.asarray(n, dtype=float))
    if n is not None:
        return float(beside_studies(fit, n, "n", data).astype(float).sum())
    sizes = _known_sizes(data)
    if data is None or sizes is None:
        return None
    rows = np.asarray(fit.study.rows)
    if rows.max() < len(sizes) and np.isnan(sizes[rows]).any():
        return None
    beside = data.assign(**{_SIZES: np.nan_to_num(sizes)})
    return float(beside_studies(fit, _SIZES, "n", beside).sum())


def _known_sizes(data: Any) -> Any:
    """Return each row's size from the first set of columns that is complete in it, or NaN.

    None where no column holds sizes.
    """
    if data is None:
        return None
    inputs = (data.attrs.get("effect_sizes") or {}).get("inputs", {})
    sets = [[inputs.get(word) for word in words] for words in SIZES]
    numbers = data.select_dtypes("number")
    known = [
        numbers[columns].to_numpy(dtype=float).sum(axis=1)
        for columns in [*sets, ["n"]]
        if all(isinstance(name, str) and name in numbers for name in columns)
    ]
    if not known:
        return None
    sizes = known[0]
    for other in known[1:]:
        sizes = np.where(np.isnan(sizes), other, sizes)
    return sizes


def whole(number: float) -> str:
    """Return a count of people with commas."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"
