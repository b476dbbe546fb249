"""Figures: Axes in, Axes out; each with a function for the numbers behind its marks.

Matplotlib is loaded when something is drawn, not before.
"""

from __future__ import annotations

from metarel.plot._layouts import LAYOUTS, Layout
from metarel.plot.benchmarks import benchmarks, benchmarks_data
from metarel.plot.binomial_display import binomial_display, binomial_display_data
from metarel.plot.bubble import bubble, bubble_data
from metarel.plot.caterpillar import caterpillar, caterpillar_data
from metarel.plot.correlation import correlation, correlation_data
from metarel.plot.forest import forest, forest_data
from metarel.plot.funnel import funnel, funnel_data
from metarel.plot.interpretation import interpretation
from metarel.plot.picture import alt_text, save
from metarel.plot.rainforest import rainforest, rainforest_data
from metarel.plot.two_normals import two_normals, two_normals_data

__all__ = [
    "LAYOUTS",
    "Layout",
    "alt_text",
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
    "forest",
    "forest_data",
    "funnel",
    "funnel_data",
    "interpretation",
    "rainforest",
    "rainforest_data",
    "save",
    "two_normals",
    "two_normals_data",
]
