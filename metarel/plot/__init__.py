"""Figures: Axes in, Axes out; each with a function for the numbers behind its marks.

Matplotlib is loaded when something is drawn, not before.
"""

from __future__ import annotations

from metarel.plot._layouts import LAYOUTS, Layout
from metarel.plot.analyses import analyses, analyses_data
from metarel.plot.baujat import baujat, baujat_data
from metarel.plot.benchmarks import benchmarks, benchmarks_data
from metarel.plot.binomial_display import binomial_display, binomial_display_data
from metarel.plot.bubble import bubble, bubble_data
from metarel.plot.caterpillar import caterpillar, caterpillar_data
from metarel.plot.correlation import correlation, correlation_data
from metarel.plot.drapery import drapery, drapery_data
from metarel.plot.evidence_map import evidence_map, evidence_map_data
from metarel.plot.forest import forest, forest_data
from metarel.plot.funnel import funnel, funnel_data
from metarel.plot.gosh import gosh, gosh_data
from metarel.plot.influence import influence, influence_data
from metarel.plot.interpretation import interpretation
from metarel.plot.labbe import labbe, labbe_data
from metarel.plot.likelihood import likelihood, likelihood_data
from metarel.plot.orchard import orchard, orchard_data
from metarel.plot.picture import alt_text, save
from metarel.plot.profile import profile, profile_data
from metarel.plot.qq import qq, qq_data
from metarel.plot.radial import radial, radial_data
from metarel.plot.rainforest import rainforest, rainforest_data
from metarel.plot.reproduction import reproduction, reproduction_data
from metarel.plot.trace import trace, trace_data
from metarel.plot.two_normals import two_normals, two_normals_data

__all__ = [
    "LAYOUTS",
    "Layout",
    "alt_text",
    "analyses",
    "analyses_data",
    "baujat",
    "baujat_data",
    "benchmarks",
    "benchmarks_data",
    "binomial_display",
    "binomial_display_data",
    "bubble",
    "bubble_data",
    "caterpillar",
    "caterpillar_data",
    "correlation",
    "correlation_data",
    "drapery",
    "drapery_data",
    "evidence_map",
    "evidence_map_data",
    "forest",
    "forest_data",
    "funnel",
    "funnel_data",
    "gosh",
    "gosh_data",
    "influence",
    "influence_data",
    "interpretation",
    "labbe",
    "labbe_data",
    "likelihood",
    "likelihood_data",
    "orchard",
    "orchard_data",
    "profile",
    "profile_data",
    "qq",
    "qq_data",
    "radial",
    "radial_data",
    "rainforest",
    "rainforest_data",
    "reproduction",
    "reproduction_data",
    "save",
    "trace",
    "trace_data",
    "two_normals",
    "two_normals_data",
]
