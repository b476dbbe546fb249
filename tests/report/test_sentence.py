"""Sentences hold the fit's own numbers, in the style and the markup asked for."""

from __future__ import annotations

import math
import re
import warnings

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.effects.register import MEASURES
from metarel.models._inference import TESTS
from metarel.report._model_words import TEST_WORDS
from metarel.report._quantities import (
    BOUNDED_MEASURES,
    LETTERS,
    WITH_LETTER_G,
    formula_words,
    scale_of_fit,
    term_words,
)
from metarel.report._reference_data import REFERENCES
from metarel.report._runs import MARKUPS, escape_latex, phrase
from metarel.report._style import STYLES
from metarel.tau2.register import TAU2

YI = np.array([0.32, 0.11, 0.85, 0.28, 0.50, -0.10])
VI = np.array([0.02, 0.01, 0.04, 0.015, 0.03, 0.02])


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "study": [f"S{i}" for i in range(6)],
            "yi": YI,
            "vi": VI,
            "year": [1990, 1995, 2000, 2005, 2010, 2015],
            "rater": list("ababab"),
            "paper": list("aabbcc"),
            "n": [50, 100, 25, 66, 33, 50],
        }
    )


def limits(text: str, name: str) -> tuple[float, float]:
    found = re.search(rf"{name}[^\[]*\[(−?[\d.]+), (−?[\d.]+)\]", text)
    assert found, text
    return tuple(float(x.replace("−", "-")) for x in found.groups())  # type: ignore[return-value]


@pytest.mark.parametrize("measure", [*MEASURES, None])
def test_every_measure_prints_its_mean(measure: str | None) -> None:
    fit = mr.pool(yi=np.abs(YI), vi=VI, measure=measure)
    text = mr.sentence(fit)
    back = fit.predict(transform=True if measure else None).iloc[0]
    assert limits(text, "95% CI") == (round(back.ci_low, 2), round(back.ci_high, 2))
    for printed, value in zip(
        limits(text, "new study was"), (back.pi_low, back.pi_high), strict=True
    ):
        assert printed == round(value, 2)
    assert text.count("(") == text.count(")")
    assert "  " not in text
    assert text.endswith(".")
    assert ("z = " in text) == (scale_of_fit(fit).reading.null is not None)


@pytest.mark.parametrize("test", TESTS)
def test_every_test_is_said(test: str) -> None:
    fit = mr.pool(frame(), test=test)
    row = fit.to_frame().iloc[0]
    text = mr.sentence(fit)
    assert "".join(run.text for run in phrase(TEST_WORDS[test])) in text
    if math.isfinite(row.df):
        assert re.search(rf"t\({row.df:.2f}\)|t\({row.df:.0f}\)", text)
    p = f"{row.p_value:.3f}".removeprefix("0")
    assert f"= {row.statistic:.2f}, p = {p}" in text
    assert set(TEST_WORDS) == set(TESTS)


@pytest.mark.parametrize("tau2", [c for c in TAU2 if c not in ("DLMH", "GENQ", "GENQM")])
def test_every_estimator_is_said(tau2: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = mr.pool(frame(), tau2=tau2)
    text = mr.sentence(fit)
    if tau2 == "EE":
        assert "common-effect model" in text
        assert "τ²" not in text
        assert "prediction" not in text
        assert "(from Q)" in text
    else:
        said = TAU2[tau2].name.replace("-", "–").split(",")[0].split(" for ")[0]
        assert said in text.replace("-", "–")
        assert f"Q(5) = {fit.Q:.2f}" in text
        assert f"I² = {100 * fit.I2:.1f}% (from τ²)" in text


def test_number_styles_differ_as_declared() -> None:
    fit = mr.pool(frame(), measure="ZCOR", tau2="DL")
    apa, jama, vancouver = (mr.sentence(fit, style=s, n=324) for s in STYLES)
    assert "r = .29, 95% CI [.08, .48]" in apa
    assert "r = 0.29, 95% CI, 0.08 to 0.48" in jama
    assert "r = 0.29, 95% CI 0.08 to 0.48" in vancouver
    assert all("N = 324" in text for text in (apa, jama, vancouver))


@pytest.mark.parametrize(
    ("p", "apa", "jama", "vancouver"),
    [
        (0.0004, "p < .001", "P < .001", "P < 0.001"),
        (0.0123, "p = .012", "P = .01", "P = 0.012"),
        (0.0049, "p = .005", "P = .005", "P = 0.005"),
        (0.0461, "p = .046", "P = .046", "P = 0.046"),
        (0.2, "p = .200", "P = .20", "P = 0.200"),
        (0.9999, "p > .999", "P > .99", "P > 0.999"),
    ],
)
def test_p_values(p: float, apa: str, jama: str, vancouver: str) -> None:
    for style, said in zip(STYLES.values(), (apa, jama, vancouver), strict=True):
        assert "".join(run.text for run in style.p(p)) == said


def test_markup() -> None:
    fit = mr.pool(frame(), tau2="DL")
    assert "<i>k</i> = 6" in mr.sentence(fit, markup="html")
    assert "*p* = .008" in mr.sentence(fit, markup="markdown")
    latex = mr.sentence(fit, markup="latex")
    assert r"\textit{Q}(5)" in latex
    assert r"$\tau$\textsuperscript{2}" in latex
    assert latex.isascii() or "–" not in latex
    for markup in MARKUPS:
        assert mr.sentence(mr.meta_regression(frame(), "year"), markup=markup)


def test_small_numbers_keep_their_figures() -> None:
    fit = mr.pool(yi=YI / 1000, vi=VI / 1e6, tau2="DL")
    low, high = limits(mr.sentence(fit), "95% CI")
    assert low == pytest.approx(fit.ci_low[0], rel=0.2)
    assert high == pytest.approx(fit.ci_high[0], rel=0.1)
    assert "τ² = 0 " not in mr.sentence(fit)


def test_regression() -> None:
    fit = mr.meta_regression(frame(), "year + C(rater)", test="knha")
    text = mr.sentence(fit)
    assert "meta-regression of the effects on year and rater" in text
    assert f"F(2, 3) = {fit.omnibus.statistic:.2f}" in text
    assert "rater = b, b = " in text
    assert "Residual heterogeneity" in text
    wide = pd.concat([frame()] * 4).assign(level=[f"l{i % 8}" for i in range(24)])
    many = mr.meta_regression(wide, "level", tau2="EE")
    assert "are listed in the table" in mr.sentence(many)


def test_subgroups_and_robust() -> None:
    sub = mr.subgroups(frame(), "rater")
    text = mr.sentence(sub)
    assert f"Q(1) = {sub.between.statistic:.2f}" in text
    assert "for a (k = 3)" in text
    fit = mr.robust(mr.pool(frame()), "paper", kind="CR2", data=frame())
    assert "3 clusters" in mr.sentence(fit)
    assert f"p = {fit.p_value[0]:.3f}".replace("0.", ".") in mr.sentence(fit)


def test_psychometric() -> None:
    fit = mr.psychometric(r=[0.1, 0.3, 0.45, 0.5], n=[60, 100, 80, 90], rxx=0.8)
    text = mr.sentence(fit)
    row = fit.to_frame().iloc[1]
    assert f"ρ = {row['mean']:.2f}".replace("0.", ".") in text
    assert f"[{row.cr80_low:.2f}, {row.cr80_high:.2f}]".replace("0.", ".") in text
    with pytest.raises(mr.InputError, match=r"`n` and `data` are not for psychometric"):
        mr.sentence(fit, n=5)


@pytest.mark.parametrize("k", [1, 2, 160])
def test_any_number_of_studies(k: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = mr.pool(yi=np.linspace(0, 1, k) if k > 1 else [0.4], vi=np.full(k, 0.02))
    text = mr.sentence(fit)
    assert f"k = {k} stud" in text
    assert ("heterogeneity cannot be estimated" in text) == (k == 1)


def test_sizes_and_letters_follow_from_the_data() -> None:
    raw = pd.DataFrame(
        {"m1": [3.0, 2.0, 4.0], "sd1": 1.0, "n1": 20, "m2": [2.5, 1.9, 3.1], "sd2": 1.2, "n2": 22}
    )
    words = {name: name for name in raw.columns}
    for correct, letter in ((True, "g"), (False, "d")):
        made = mr.effect_sizes(raw, "SMD", correct=correct, **words)
        text = mr.sentence(mr.pool(made), data=made)
        assert f"was {letter} = " in text
        assert "(N = 126)" in text
    assert "was SMD = " in mr.sentence(mr.pool(made))


def test_words_of_formulas() -> None:
    assert term_words("C(rater)[T.x]:year") == "rater = x × year"
    assert formula_words("year + C(rater)") == "year and rater"
    assert formula_words("a * b") == "a * b"
    assert set(BOUNDED_MEASURES) | set(LETTERS) | set(WITH_LETTER_G) <= set(MEASURES)


def test_names_are_never_markup() -> None:
    text = phrase("{name} *k*", name="a*b*<c>")
    assert MARKUPS["html"].write(text) == "a*b*&lt;c&gt; <i>k</i>"
    assert MARKUPS["markdown"].write(text) == r"a\*b\*\<c> *k*"


def test_errors() -> None:
    fit = mr.pool(frame())
    with pytest.raises(mr.InputError, match=r"`style` must be one of 'apa'.*Did you mean 'jama'"):
        mr.sentence(fit, style="jamma")
    with pytest.raises(mr.InputError, match=r"`markup` must be one of"):
        mr.sentence(fit, markup="rtf")
    with pytest.raises(mr.InputError, match=r"`digits` must be a whole number"):
        mr.sentence(fit, digits=2.5)  # type: ignore[arg-type]
    with pytest.raises(mr.InputError, match=r"`fit` must be what pool\(\)"):
        mr.sentence(frame())  # type: ignore[arg-type]
    with pytest.raises(mr.InputError, match=r"`n` must have one value a study"):
        mr.sentence(fit, n=[1, 2])


def test_latex_can_print_every_symbol_of_the_registers() -> None:
    """Whatever formulas and references hold is ASCII, a Latin letter or in the table of marks."""
    texts = [
        *REFERENCES.values(),
        *(t.name for t in TAU2.values()),
        *(t.name for t in TESTS.values()),
    ]
    for measure in MEASURES.values():
        texts += [measure.name, measure.formula, *(rule.formula for rule in measure.rules)]
    written = escape_latex(" ".join(texts))
    assert not {mark for mark in written if ord(mark) > 127 and not "À" <= mark <= "ſ"}
    assert escape_latex("χ² < 5 & τ⁻¹") == r"$\chi$\textsuperscript{2} $<$ 5 \& $\tau$" + (
        r"\textsuperscript{-}\textsuperscript{1}"
    )
