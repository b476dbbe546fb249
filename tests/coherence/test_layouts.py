"""One result and its heterogeneity in the layouts of many journals: each mistake in it is found."""

from __future__ import annotations

import pytest

import metarel as mr

#: A result that is right: 16 studies, g and its test, Q and what follows from it.
RIGHT = {
    "k": "16",
    "g": "0.42",
    "low": "0.30",
    "high": "0.54",
    "z": "6.86",
    "p": "< .001",
    "Q": "38.20",
    "df": "15",
    "pQ": "= .001",
    "I2": "60.7%",
    "tau2": "0.031",
}
#: What is printed instead, and the check that must say so.
MISTAKES = {
    "p of Q": {"pQ": "= .30"},
    "I2 from Q": {"I2": "20.0%"},
    "df of Q": {"df": "21", "pQ": "= .012", "I2": "45.0%"},
    "z from CI": {"z": "9.86"},
    "estimate in CI": {"g": "0.62"},
}
#: Layouts: each in the style of a family of journals; `{p}` and `{pQ}` come with their signs.
LAYOUTS = {
    "APA, new sentence": (
        "The overall effect was g = {g}, 95% CI [{low}, {high}], z = {z}, p {p}, k = {k}. "
        "Heterogeneity was substantial, Q({df}) = {Q}, p {pQ}, I² = {I2}."
    ),
    "APA, bracket": (
        "Across k = {k} studies the effect was significant (g = {g}, 95% CI [{low}, {high}], "
        "z = {z}, p {p}). Heterogeneity was significant (Q = {Q}, df = {df}, p {pQ}; I² = {I2})."
    ),
    "APA, tau2 first": (
        "The pooled effect (k = {k}) was g = {g} (95% CI [{low}, {high}]; z = {z}, p {p}). There "
        "was considerable heterogeneity, τ² = {tau2}, Q({df}) = {Q}, p {pQ}, I² = {I2}."
    ),
    "APA, I2 first": (
        "The mean of the k = {k} studies was g = {g}, z = {z}, p {p}, 95% CI [{low}, {high}]. "
        "The effects were heterogeneous, I² = {I2}, Q({df}) = {Q}, p {pQ}."
    ),
    "one sentence": (
        "The effect was g = {g}, 95% CI [{low}, {high}], z = {z}, p {p}, k = {k}, Q({df}) = {Q}, "
        "p {pQ}, I² = {I2}."
    ),
    "a semicolon": (
        "Overall, g = {g} (k = {k}; 95% CI: {low}, {high}; z = {z}; p {p}); Q({df}) = {Q}, p {pQ}; "
        "I² = {I2}."
    ),
    "Cochrane": (
        "(MD {g}, 95% CI {low} to {high}; Z = {z}, P {p}; {k} studies; Tau² = {tau2}; Chi² = {Q}, "
        "df = {df} (P {pQ}); I² = {I2})."
    ),
    "RevMan footer": (
        "In {k} trials the SMD was {g} (95% CI {low} to {high}). Heterogeneity: Tau² = {tau2}; "
        "Chi² = {Q}, df = {df} (P {pQ}); I² = {I2}. Test for overall effect: Z = {z} (P {p})."
    ),
    "RevMan, test first": (
        "{k} studies; SMD {g} [{low}, {high}]. Test for overall effect: Z = {z} (P {p}). "
        "Heterogeneity: Chi² = {Q}, df = {df} (P {pQ}); I² = {I2}."
    ),
    "JAMA": (
        "The pooled standardized mean difference was {g} (95% CI, {low}-{high}; z = {z}; P {p}; "
        "{k} studies). Heterogeneity was high (Q = {Q}; df = {df}; P {pQ}; I² = {I2})."
    ),
    "Lancet": (
        "(SMD {g}, 95% CI {low}–{high}; z={z}, p{p}; k={k}). We noted heterogeneity (χ²={Q}, "
        "df={df}, p{pQ}; I²={I2})."
    ),
    "BMJ": (
        "The summary estimate from {k} trials was g {g} (95% confidence interval {low} to {high}, "
        "z={z}, P{p}), with heterogeneity between trials (Q={Q}, df={df}, P{pQ}; I²={I2})."
    ),
    "Psychological Bulletin": (
        "Results indicated a moderate effect, g = {g}, SE = 0.06, z = {z}, p {p}, 95% CI [{low}, "
        "{high}], k = {k}. The homogeneity test was significant, Q({df}) = {Q}, p {pQ}, and I² was "
        "{I2}."
    ),
    "Cochran's Q by name": (
        "Hedges' g = {g}, 95% CI [{low}, {high}], z = {z}, p {p} (k = {k}). Cochran's Q = {Q} "
        "(df = {df}), p {pQ}, I-squared = {I2}."
    ),
    "a sentence between": (
        "The effect was g = {g}, 95% CI [{low}, {high}], z = {z}, p {p}, k = {k}. This is a medium "
        "effect. Effects varied between studies, Q({df}) = {Q}, p {pQ}, I² = {I2}."
    ),
    "words before p": (
        "We found g = {g}, 95% CI [{low}, {high}], z = {z}, p {p}, for k = {k} samples. "
        "The Q statistic was significant, Q({df}) = {Q}, which is significant heterogeneity, "
        "p {pQ}, with I² = {I2}."
    ),
    "p behind the bracket": (
        "The mean was g = {g}, 95% CI [{low}, {high}], z = {z}, p {p}, k = {k}. The studies were "
        "heterogeneous (Q = {Q}, df = {df}), p {pQ}, I² = {I2}."
    ),
    "limits of I2": (
        "The pooled effect was g = {g}, 95% CI [{low}, {high}], z = {z}, p {p}, k = {k}. "
        "Heterogeneity: Q({df}) = {Q}, p {pQ}; I² = {I2} (95% CI 30.1% to 77.9%); τ² = {tau2}."
    ),
    "limits of tau2": (
        "The pooled effect was g = {g}, 95% CI [{low}, {high}], z = {z}, p {p}, k = {k}. "
        "Heterogeneity was present, τ² = {tau2}, 95% CI [0.010, 0.092], I² = {I2}, Q({df}) = {Q}, "
        "p {pQ}."
    ),
    "a prediction interval between": (
        "g = {g}, 95% CI [{low}, {high}], z = {z}, p {p}, k = {k}, 95% PI [0.02, 0.82]. "
        "Between-study heterogeneity was Q({df}) = {Q} (p {pQ}), I² = {I2}."
    ),
    "a conversion between": (
        "g = {g}, 95% CI [{low}, {high}], z = {z}, p {p}, k = {k}, which corresponds to r = .21. "
        "The studies were heterogeneous (Q({df}) = {Q}, p {pQ}, I² = {I2})."
    ),
    "Egger's test behind": (
        "g = {g}, 95% CI [{low}, {high}], z = {z}, p {p}, k = {k}. Heterogeneity was high, "
        "Q({df}) = {Q}, p {pQ}, I² = {I2}. Egger's test was not significant, intercept = 0.60, "
        "SE = 0.50, t(14) = 1.20, p = .250."
    ),
    "a moderator behind": (
        "g = {g}, 95% CI [{low}, {high}], z = {z}, p {p}, k = {k}; Q({df}) = {Q}, p {pQ}, "
        "I² = {I2}. Dose was no moderator, F(3, 12) = 1.10, p = .387."
    ),
    "without outliers behind": (
        "g = {g}, 95% CI [{low}, {high}], z = {z}, p {p}, k = {k}, Q({df}) = {Q}, p {pQ}, "
        "I² = {I2}; without two outliers, Q(13) = 14.10, p = .367, I² = 7.8%."
    ),
}  # fmt: skip


def text_of(layout: str, mistake: dict[str, str]) -> str:
    return LAYOUTS[layout].format(**{**RIGHT, **mistake})


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_mistake_is_found_and_nothing_else(layout: str) -> None:
    """The right text passes every check that its mistakes are found by."""
    found = mr.check(text_of(layout, {}))
    assert [str(finding) for finding in (*found.problems, *found.remarks)] == []
    made = {finding.code for finding in found.findings}
    assert set(MISTAKES) <= made
    for code, mistake in MISTAKES.items():
        wrong = mr.check(text_of(layout, mistake))
        assert code in {finding.code for finding in (*wrong.problems, *wrong.remarks)}, code
