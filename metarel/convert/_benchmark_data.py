"""Printed figures of the field, written by docs/benchmarks/make_benchmarks.py."""

from __future__ import annotations

#: Edition, its overview, element, metric, pooled effect as printed, studies.
POOLED: tuple[tuple[int, str, str, str, str, int], ...] = (
    (2011, "norcross2011", "alliance with adults", "r", ".275", 190),
    (2011, "norcross2011", "alliance with children and adolescents", "r", ".22", 16),
    (2011, "norcross2011", "alliance with couples and families", "r", ".26", 24),
    (2011, "norcross2011", "cohesion in groups", "r", ".25", 40),
    (2011, "norcross2011", "empathy", "r", ".31", 59),
    (2011, "norcross2011", "goal consensus", "r", ".34", 15),
    (2011, "norcross2011", "collaboration", "r", ".33", 19),
    (2011, "norcross2011", "positive regard", "r", ".27", 18),
    (2011, "norcross2011", "congruence", "r", ".24", 16),
    (2011, "norcross2011", "client feedback", "r", ".25", 4),
    (2011, "norcross2011", "rupture repair", "r", ".24", 3),
    (2011, "norcross2011", "managing countertransference", "r", ".56", 7),
    (2018, "norcross2018", "alliance with adults", "r", ".278", 295),
    (2018, "norcross2018", "alliance with children and adolescents", "r", ".19", 28),
    (2018, "norcross2018", "alliance with couples and families", "r", ".297", 40),
    (2018, "norcross2018", "goal consensus", "r", ".24", 54),
    (2018, "norcross2018", "collaboration", "r", ".29", 53),
    (2018, "norcross2018", "cohesion in groups", "r", ".26", 55),
    (2018, "norcross2018", "empathy", "r", ".28", 82),
    (2018, "norcross2018", "positive regard", "g", ".28", 64),
    (2018, "norcross2018", "congruence", "r", ".23", 21),
    (2018, "norcross2018", "real relationship", "r", ".38", 16),
    (2018, "norcross2018", "emotional expression", "d", "0.85", 43),
    (2018, "norcross2018", "outcome expectation", "r", ".18", 81),
    (2018, "norcross2018", "treatment credibility", "r", ".12", 24),
    (2018, "norcross2018", "managing countertransference", "r", ".39", 9),
    (2018, "norcross2018", "rupture repair", "r", ".29", 11),
)

#: Name, metric, what was measured, source, 25th, 50th and 75th percentile.
DISTRIBUTIONS: tuple[tuple[str, str, str, str, tuple[float, float, float]], ...] = (
    (
        "process and outcome in psychotherapy",
        "r",
        "1,637 correlations of process and outcome in psychotherapy",
        "gomezpenedo2025",
        (0.12, 0.26, 0.39),
    ),
    (
        "individual differences",
        "r",
        "708 pooled correlations of individual differences",
        "gignac2016",
        (0.11, 0.19, 0.29),
    ),
    (
        "social psychology",
        "r",
        "12,170 correlations in social psychology",
        "lovakov2021",
        (0.12, 0.24, 0.41),
    ),
    (
        "social psychology",
        "d",
        "6,447 differences in social psychology",
        "lovakov2021",
        (0.15, 0.36, 0.65),
    ),
    (
        "psychotherapy of depression",
        "d",
        "366 trials of psychotherapy for depression, adjusted for publication bias",
        "nordahlhansen2024",
        (0.27, 0.53, 0.86),
    ),
)
