"""``metarel pool``: a table of studies, pooled, regressed, or compared by subgroups."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._lazy import Deferred, pd
from metarel._register import did_you_mean
from metarel.cli._app import OUT, app
from metarel.cli._words import (
    WORDS,
    AsJson,
    examples,
    print_json,
    read_table,
    save,
    split_words,
)
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel import plot as plots
    from metarel.effects import compute
    from metarel.models import meta
    from metarel.moderators import subgroups
else:  # the other verbs must not wait for them
    compute = Deferred("metarel.effects.compute")
    meta = Deferred("metarel.models.meta")
    plots = Deferred("metarel.plot")
    subgroups = Deferred("metarel.moderators.subgroups")

#: What a mistyped option may have been meant as.
OPTIONS = ("measure", "yi", "vi", "sei", "labels", "tau2", "test", "level", "moderators", "by")


@app.command(
    "pool",
    context_settings=WORDS,
    epilog=examples(
        "metarel pool studies.csv --yi g --sei se_g --tau2 DL --test knha",
        "metarel pool studies.csv --measure ZCOR --r r --n n --moderators year --plot forest.png",
        "metarel pool studies.csv --measure RR --events1 a --n1 n --events2 c --n2 m --by country",
    ),
)
def _pool(
    question: Annotated[
        list[str], typer.Argument(metavar="FILE [--WORD COLUMN]...", show_default=False)
    ],
    measure: Annotated[
        str | None, typer.Option(help="Compute effects of this measure; its words are options.")
    ] = None,
    yi: Annotated[str | None, typer.Option(help="Column of effects.")] = None,
    vi: Annotated[str | None, typer.Option(help="Column of their variances.")] = None,
    sei: Annotated[str | None, typer.Option(help="Column of their standard errors.")] = None,
    labels: Annotated[str | None, typer.Option(help="Column of study names.")] = None,
    tau2: Annotated[
        str, typer.Option(help="Estimator of tau2, or EE for a common effect.")
    ] = "REML",
    test: Annotated[str, typer.Option(help="z, t, knha, adhoc, hybrid, iqwig or kr.")] = "z",
    level: Annotated[float, typer.Option(help="Confidence level, a fraction.")] = 0.95,
    moderators: Annotated[
        str | None, typer.Option(help="Formula, such as 'year + C(rater)'.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Column of subgroups to compare.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Write a forest plot to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Pool a table of studies (CSV, one row a study), regress it, or compare subgroups.

    Effects come from columns `--yi` with `--vi` or `--sei`, or are computed by `--measure`.
    """
    file, words = split_words(question, "FILE, such as studies.csv")
    studies = read_table(Path(file))
    columns = {"yi": yi, "vi": vi, "sei": sei}
    if measure is not None:
        given: dict[str, Any] = {word: column for word, column in columns.items() if column}
        studies = compute.effect_sizes(studies, measure, labels=labels, **(given | words))
        columns = {}
    elif words:
        word = f"--{next(iter(words))}"
        hint = did_you_mean(word, [f"--{option}" for option in OPTIONS])
        raise InputError(f"`{word}` is not an option without `--measure`.{hint}")
    model: dict[str, Any] = {**columns, "tau2": tau2, "test": test, "level": level}
    result = _fit(studies, moderators, by, {**model, "labels": labels})
    if plot is not None:
        save(plots.forest(result), plot)
    if as_json:
        print_json(result.to_dict())
    else:
        OUT.print(str(result), markup=False)


def _fit(
    studies: pd.DataFrame, moderators: str | None, by: str | None, model: dict[str, Any]
) -> Any:
    """Fit what the options ask for: one effect, a regression, or subgroups."""
    if by is not None and moderators is not None:
        raise InputError("`--by` and `--moderators` cannot be given together; choose one.")
    if by is not None:
        return subgroups.subgroups(studies, by, **model)
    if moderators is not None:
        return meta.meta_regression(studies, moderators, **model)
    return meta.pool(studies, **model)
