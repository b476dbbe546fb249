"""Draw the figures of the README and the pages: ``python docs/images/make_images.py``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

import metarel as mr

HERE = Path(__file__).resolve().parent
RESOLUTION = 160  # dots per inch


def save(ax: mpl.axes.Axes, name: str) -> None:
    """Write a figure, without the version of the library that drew it."""
    ax.figure.savefig(HERE / f"{name}.png", dpi=RESOLUTION, metadata={"Software": None})


def draw_layouts(es: Any, fit: Any) -> None:
    """Draw the layouts of forest plots, and the plots for many studies."""
    words = ("Favours vaccine", "Favours control")
    for layout in ("jama", "bmj", "revman", "apa"):
        ax = mr.plot.forest(fit, data=es, layout=layout, order="year", favours=words)
        save(ax, f"forest-bcg-{layout}")
    common = mr.pool(es, tau2="EE")
    both = mr.plot.forest(
        fit,
        also={"Common-effect model": common},
        right=["effect", "weights"],
        prediction="density",
        zebra=True,
    )
    save(both, "forest-bcg-models")
    save(mr.plot.forest(mr.cumulative(fit, "year", data=es)), "forest-bcg-cumulative")
    therapies = mr.load_dataset("thirdwave_harrer2021").studies
    judged = mr.plot.forest(mr.pool(therapies), data=therapies, bias={"risk_of_bias": "Overall"})
    save(judged, "forest-thirdwave-bias")
    trials = mr.load_dataset("metapsy_total_response2024").studies
    inputs = {word: word for word in ("events1", "n1", "events2", "n2")}
    response = mr.effect_sizes(trials, "RR", **inputs)
    save(mr.plot.caterpillar(mr.subgroups(response, "disorder")), "caterpillar-response")
    save(mr.plot.rainforest(fit), "rainforest-bcg")


def main() -> None:
    """Draw every figure."""
    mpl.use("Agg")
    trials = mr.load_dataset("bcg").studies
    words = ("events1", "non_events1", "events2", "non_events2")
    es = mr.effect_sizes(trials, "RR", **{word: word for word in words})
    fit = mr.pool(es)
    for theme, ending in (("light", ""), ("dark", "-dark")):
        forest = mr.plot.forest(
            fit,
            data=es,
            order="year",
            left={"study": "Study", "year": "Year", "ablat": "Latitude"},
            title="BCG vaccine against tuberculosis",
            favours=("favours vaccine", "favours control"),
            theme=theme,
        )
        save(forest, f"forest-bcg{ending}")
    by_latitude = mr.meta_regression(es, "ablat")
    save(mr.plot.bubble(by_latitude, "ablat", xlabel="Absolute latitude"), "bubble-bcg")
    by_allocation = mr.subgroups(es, "alloc")
    save(
        mr.plot.forest(by_allocation, data=es, left={"study": "Study", "year": "Year"}),
        "forest-bcg-subgroups",
    )
    draw_layouts(es, fit)
    molloy = mr.load_dataset("molloy2014").studies
    correlations = mr.effect_sizes(molloy, "ZCOR", r="r", n="n")
    save(mr.plot.funnel(mr.pool(correlations)), "funnel-molloy")
    save(mr.plot.forest(mr.pool(correlations, test="knha")), "forest-molloy")
    alliance = mr.interpret(r=0.278, ci=(0.256, 0.299))
    save(mr.plot.benchmarks(alliance), "benchmarks-alliance")
    save(mr.plot.two_normals(0.57, groups=("CBT patients", "people who wait")), "two-normals")


if __name__ == "__main__":
    main()
