"""Draw the gallery and its page: ``python docs/images/make_gallery.py``.

Each entry is the call as it is printed on the page, run as it stands.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

import metarel as mr

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "gallery.md"
RESOLUTION = 100  # dots per inch

SETUP = """\
import metarel as mr

trials = mr.load_dataset("bcg").studies
es = mr.effect_sizes(
    trials,
    "RR",
    events1="events1",
    non_events1="non_events1",
    events2="events2",
    non_events2="non_events2",
    labels="study",
)
fit = mr.pool(es, labels="study")
by = mr.subgroups(es, "alloc", labels="study")
molloy = mr.load_dataset("molloy2014").studies
z = mr.effect_sizes(molloy, "ZCOR", r="r", n="n", labels="study")
"""

#: Title, what it answers, and the call; the title names the file of the image.
PICTURES: tuple[tuple[str, str, str], ...] = (
    ("forest", "Every study and what they say together.", "mr.plot.forest(fit)"),
    (
        "forest of subgroups",
        "The same, level by level.",
        "mr.plot.forest(by)",
    ),
    (
        "forest in the layout of a journal",
        "Layouts classic, jama, bmj, revman, apa.",
        'mr.plot.forest(fit, data=es, layout="revman")',
    ),
    (
        "cumulative forest",
        "How the result came about.",
        'mr.plot.forest(mr.cumulative(fit, order="year", data=es))',
    ),
    ("caterpillar", "Many studies, sorted.", "mr.plot.caterpillar(mr.pool(z))"),
    ("rainforest", "Weights as ink.", "mr.plot.rainforest(mr.pool(z))"),
    ("funnel", "Do small studies differ from large ones?", "mr.plot.funnel(mr.pool(z))"),
    (
        "bubble",
        "Effects against a moderator.",
        'mr.plot.bubble(mr.meta_regression(es, "ablat"), "ablat")',
    ),
    ("orchard", "Means of groups over all their studies.", "mr.plot.orchard(by)"),
    ("baujat", "Which studies make the heterogeneity, and the result?", "mr.plot.baujat(fit)"),
    ("radial", "Which studies fall out of the band?", "mr.plot.radial(fit)"),
    ("qq", "Are the residuals normal?", "mr.plot.qq(fit)"),
    ("influence", "What does leaving out each study do?", "mr.plot.influence(fit)"),
    ("gosh", "Are all subsets of the studies of one kind?", "mr.plot.gosh(mr.gosh(fit))"),
    ("profile", "Which tau2 do the data support?", "mr.plot.profile(fit)"),
    ("likelihood", "Which means, with tau2 unknown?", "mr.plot.likelihood(fit)"),
    ("drapery", "All confidence intervals at once.", "mr.plot.drapery(fit)"),
    ("trace", "Studies' true effects as tau grows.", "mr.plot.trace(fit)"),
    ("labbe", "Risk against risk.", "mr.plot.labbe(es, fit)"),
    ("two normals", "A d as two groups of people.", "mr.plot.two_normals(0.57)"),
    ("correlation", "An r as a cloud of people.", "mr.plot.correlation(0.28)"),
    ("binomial display", "An r as rates of success.", "mr.plot.binomial_display(0.28)"),
    (
        "benchmarks",
        "Where an effect stands in its field.",
        "mr.plot.benchmarks(mr.interpret(r=0.28))",
    ),
    (
        "reproduction",
        "Published figures against their re-computation, in units of the last digit.",
        'mr.plot.reproduction(mr.reproduce("kolden2011"))',
    ),
    (
        "analyses",
        "All results of the family of analyses, and the one that is printed.",
        'mr.plot.analyses(mr.find_analysis(molloy, r="r", n="n", estimate=".15", I2="62%"))',
    ),
    ("evidence map", "The field, edition by edition.", "mr.plot.evidence_map(mr.evidence())"),
)

HEAD = """\
# Every picture

<!-- Made by docs/images/make_gallery.py; do not edit. -->

What do you want to see?

"""

WORDS = """\
Each picture has a function beside it that returns the numbers behind its marks
(`mr.plot.forest_data` for `mr.plot.forest`), and comes in a light and a dark theme. Most can be
drawn from a terminal: `metarel plot studies.csv --kind funnel --out f.png`.
`mr.plot.save(ax, "figure.svg", width=170)` writes one 170 mm wide; `mr.plot.alt_text(ax)` says it
in words, as below.

The examples start from:

```python
"""


def thumbnails() -> str:
    """Return all pictures in small, each with what it answers, leading to its section."""
    small = (
        f'<a href="#{slug(title)}"><img src="images/gallery/{slug(title)}.png" width="164" '
        f'alt="{heading(title)}" title="{question}"></a>'
        for title, question, _ in PICTURES
    )
    return "\n".join(small) + "\n"


def slug(title: str) -> str:
    """Return what a title is called in links and names of files."""
    return title.replace(" ", "-")


def heading(title: str) -> str:
    """Return a title as it heads its section."""
    return {"qq": "QQ", "gosh": "GOSH"}.get(title, title.capitalize())


def main() -> None:
    """Draw every picture and write the page."""
    mpl.use("Agg")
    (HERE / "gallery").mkdir(exist_ok=True)
    names: dict[str, Any] = {}
    exec(SETUP, names)  # noqa: S102 - our own text, above
    questions = "".join(
        f"- {question} [{heading(title)}](#{slug(title)})\n" for title, question, _ in PICTURES
    )
    parts = [f"{HEAD}{thumbnails()}\n{questions}\n{WORDS}{SETUP}```\n"]
    for title, question, call in PICTURES:
        ax = eval(call, names)  # noqa: S307 - our own text, above
        file = f"images/gallery/{slug(title)}.png"
        ax.figure.savefig(HERE.parent / file, dpi=RESOLUTION, metadata={"Software": None})
        words = mr.plot.alt_text(ax)
        code, image = f"```python\n{call}\n```", f"![{words}]({file})"
        parts.append(f"## {heading(title)}\n\n{question}\n\n{code}\n\n{image}\n")
        plt.close("all")
    PAGE.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
