"""Every estimator of tau2, by its code."""

from __future__ import annotations

from metarel._register import Register
from metarel.tau2._base import Tau2Estimator
from metarel.tau2.given_weights import (
    general_moments,
    hedges,
    median_unbiased_general_moments,
    two_step_dersimonian_laird,
    two_step_hedges,
)
from metarel.tau2.iterated import median_unbiased_paule_mandel, paule_mandel
from metarel.tau2.likelihood import maximum_likelihood, restricted_maximum_likelihood
from metarel.tau2.moment import (
    common_effect,
    dersimonian_laird,
    dersimonian_laird_from_tables,
    hartung_makambi,
    hunter_schmidt,
    hunter_schmidt_small_sample,
    sidik_jonkman,
)

TAU2: Register[Tau2Estimator] = Register(
    "tau2",
    [
        Tau2Estimator(
            "REML",
            "restricted maximum likelihood",
            restricted_maximum_likelihood,
            True,
            source="viechtbauer2005",
            restricted=True,
        ),
        Tau2Estimator("ML", "maximum likelihood", maximum_likelihood, True, source="hardy1996"),
        Tau2Estimator(
            "DL", "DerSimonian-Laird", dersimonian_laird, False, source="dersimonian1986"
        ),
        Tau2Estimator("HE", "Hedges", hedges, False, source="hedges1983"),
        Tau2Estimator("HS", "Hunter-Schmidt", hunter_schmidt, False, source="hunter2004"),
        Tau2Estimator("SJ", "Sidik-Jonkman", sidik_jonkman, False, source="sidik2005"),
        Tau2Estimator("PM", "Paule-Mandel", paule_mandel, True, source="paule1982"),
        Tau2Estimator(
            "PMM",
            "median-unbiased Paule-Mandel",
            median_unbiased_paule_mandel,
            True,
            source="viechtbauer2021",
        ),
        Tau2Estimator("EB", "empirical Bayes", paule_mandel, True, source="morris1983"),
        Tau2Estimator(
            "HSk",
            "Hunter-Schmidt for small samples",
            hunter_schmidt_small_sample,
            False,
            source="brannick2019",
        ),
        Tau2Estimator("HM", "Hartung-Makambi", hartung_makambi, False, source="hartung2003"),
        Tau2Estimator(
            "DL2",
            "two-step DerSimonian-Laird",
            two_step_dersimonian_laird,
            False,
            source="dersimonian2007",
        ),
        Tau2Estimator("HE2", "two-step Hedges", two_step_hedges, False, source="dersimonian2007"),
        Tau2Estimator(
            "GENQ",
            "method of moments with given weights",
            general_moments,
            False,
            source="dersimonian2007",
            takes="weights",
        ),
        Tau2Estimator(
            "GENQM",
            "median-unbiased method of moments with given weights",
            median_unbiased_general_moments,
            True,
            source="viechtbauer2021",
            takes="weights",
        ),
        Tau2Estimator(
            "DLMH",
            "DerSimonian-Laird, Q about the Mantel-Haenszel estimate",
            dersimonian_laird_from_tables,
            False,
            source="deeks2010",
            takes="centre",
        ),
        Tau2Estimator(
            "DLIT", "iterated DerSimonian-Laird", paule_mandel, True, source="dersimonian2007"
        ),
        Tau2Estimator("SJIT", "iterated Sidik-Jonkman", paule_mandel, True, source="sidik2005"),
        Tau2Estimator("EE", "common effect", common_effect, False, source="hedges1985"),
    ],
    aliases={"FE": "EE", "CE": "EE"},
)
