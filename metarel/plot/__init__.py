"""Figures: Axes in, Axes out; each with a function for the numbers behind its marks.

Matplotlib is loaded when something is drawn, not before.
"""

from __future__ import annotations

from metarel.plot.bubble import bubble, bubble_data
from metarel.plot.forest import forest, forest_data
from metarel.plot.funnel import funnel, funnel_data

__all__ = ["bubble", "bubble_data", "forest", "forest_data", "funnel", "funnel_data"]
