"""``metarel plot``: a picture of a table of studies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._checks import check_choice
from metarel._lazy import Deferred
from metarel.cli._app import OUT, app
from metarel.cli._studies import (
    FromReports,
    Header,
    Labels,
    Level,
    Measure,
    Question,
    Sei,
    Sheet,
    Tau2,
    Test,
    Vi,
    Yi,
    read_effects,
)
from metarel.cli._words import WORDS, AsJson, examples, print_json, save, split_any
from metarel.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel import plot as plots
    from metarel._lazy import pd
    from metarel.diagnose import gosh
    from metarel.models import meta
    from metarel.moderators import subgroups
else:  # the other verbs must not wait for them
    gosh = Deferred("metarel.diagnose.gosh")
    meta = Deferred("metarel.models.meta")
    plots = Deferred("metarel.plot")
    subgroups = Deferred("metarel.moderators.subgroups")

#: Pictures of a pooled fit; those of a gosh or of risks need more than the fit.
OF_A_FIT = (
    *("forest", "funnel", "caterpillar", "rainforest", "baujat", "radial", "qq", "influence"),
    *("profile", "likelihood", "drapery", "trace", "orchard"),
)
KINDS = (*OF_A_FIT, "bubble", "gosh", "labbe")
#: Pictures that show subgroups too.
BY = ("forest", "funnel", "orchard")


@app.command(
    "plot",
    context_settings=WORDS,
    epilog=examples(
        "metarel plot studies.csv --out forest.svg --measure ZCOR --r r --n n --labels study",
        "metarel plot trials.xlsx --out forest.pdf --layout jama --measure RR --events1 a --n1 n "
        "--events2 c --n2 m",
        "metarel plot studies.csv --kind funnel --out funnel.png --yi g --vi v --width 84",
        "metarel plot studies.csv --kind bubble --moderator year --out year.pdf --yi g --vi v",
    ),
)
def _plot(
    question: Question,
    out: Annotated[Path, typer.Option(help="The picture: .png, .svg or .pdf.")],
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")] = "forest",
    by: Annotated[
        str | None, typer.Option(help=f"Of a {' or '.join(BY)} plot: column of subgroups.")
    ] = None,
    layout: Annotated[
        str | None, typer.Option(help="Of a forest: classic, jama, bmj, revman or apa.")
    ] = None,
    moderator: Annotated[
        str | None, typer.Option(help="Of a bubble plot: the column on the x axis.")
    ] = None,
    measure: Measure = None,
    yi: Yi = None,
    vi: Vi = None,
    sei: Sei = None,
    labels: Labels = None,
    sheet: Sheet = None,
    header: Header = None,
    from_reports: FromReports = False,
    tau2: Tau2 = "REML",
    test: Test = "z",
    level: Level = 0.95,
    title: Annotated[str, typer.Option(help="Title of the picture.")] = "",
    theme: Annotated[str, typer.Option(help="light or dark.")] = "light",
    width: Annotated[
        float | None, typer.Option(help="Width in mm, such as 84 or 170; as drawn unless given.")
    ] = None,
    dpi: Annotated[float | None, typer.Option(help="Dots per inch of a .png; 300.")] = None,
    as_json: AsJson = False,
) -> None:
    """Draw a picture of a table of studies; with `--json` the numbers behind its marks are printed.

    The picture is written to `--out`, in the format that the name says.
    """
    check_choice("--kind", kind, KINDS)
    for word in split_any(question)[0]:
        if word in KINDS:
            raise InputError(f"The kind of a picture is an option: write `--kind {word}`.")
    if (kind == "bubble") != (moderator is not None):
        raise InputError("`--moderator` must be given for a bubble plot, and for no other.")
    if by is not None and kind not in BY:
        raise InputError(f"`--by` must be left out but for a {' or '.join(BY)} plot.")
    if layout is not None and kind != "forest":
        raise InputError("`--layout` must be left out but for a forest plot.")
    columns = {"yi": yi, "vi": vi, "sei": sei}
    place: dict[str, Any] = {"sheet": sheet, "header": header, "from_reports": from_reports}
    studies, words = read_effects(question, measure, columns, labels=labels, **place)
    model: dict[str, Any] = {**words, "tau2": tau2, "test": test, "level": level, "labels": labels}
    look: dict[str, Any] = {"title": title, "theme": theme}
    if kind == "forest":
        look |= {"data": studies} | ({} if layout is None else {"layout": layout})
    ax, numbers = _drawn(kind, studies, model, look, by, moderator)
    save(ax, out, "--out", width=width, dpi=dpi)
    if as_json:
        print_json(numbers.to_dict(orient="records"))
    else:
        OUT.print(f"Wrote {out}.", markup=False)


def _drawn(
    kind: str,
    studies: pd.DataFrame,
    model: dict[str, Any],
    look: dict[str, Any],
    by: str | None,
    moderator: str | None,
) -> tuple[Axes, pd.DataFrame]:
    """Draw a picture and return it with the numbers behind its marks."""
    if moderator is not None:
        regression = meta.meta_regression(studies, moderator, **model)
        ax = plots.bubble(regression, moderator, data=studies, **look)
        return ax, plots.bubble_data(regression, moderator, data=studies)
    if by is not None:
        found: Any = subgroups.subgroups(studies, by, **model)
    else:
        found = meta.pool(studies, **model)
    if kind == "labbe":
        return plots.labbe(studies, found, **look), plots.labbe_data(studies, found)
    if kind == "gosh":
        found = gosh.gosh(found)
    draw, numbers_of = getattr(plots, kind), getattr(plots, f"{kind}_data")
    return draw(found, **look), numbers_of(found)
