"""``metarel find``: the analyses of a study table that print given digits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._lazy import Deferred
from metarel.cli._app import OUT, app
from metarel.cli._studies import (
    Labels,
    Level,
    Question,
    Sheet,
    as_long_as_the_longest,
    read_printed,
)
from metarel.cli._words import WORDS, AsJson, examples, print_json, split_words
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel.search import find, gap
else:  # the other verbs must not wait for them
    find = Deferred("metarel.search.find")
    gap = Deferred("metarel.search.gap")

Text = str | None
Limits = Annotated[str | None, typer.Option(help="Confidence limits, LOW,HIGH.")]


@app.command(
    "find",
    context_settings=WORDS,
    epilog=examples(
        "metarel find studies.csv --r r --n n --estimate .24 --ci .12,.36",
        "metarel find trials.csv --m1 mt --sd1 st --n1 nt --m2 mc --sd2 sc --n2 nc "
        "--estimate -0.31 --I2 88% --software RevMan",
        "metarel find studies.csv --yi g --ci_low lo --ci_high hi --estimate 0.64 "
        "--declared tau2=DL --gap",
    ),
)
def _find(
    question: Question,
    estimate: Annotated[Text, typer.Option(help="The pooled mean as printed.")] = None,
    ci: Limits = None,
    p: Annotated[Text, typer.Option("--p", help="Its p-value, such as '<.001'.")] = None,
    se: Annotated[Text, typer.Option(help="Its standard error.")] = None,
    statistic: Annotated[Text, typer.Option(help="Its z or t.")] = None,
    tau2: Annotated[Text, typer.Option(help="The printed tau2.")] = None,
    i2: Annotated[Text, typer.Option("--I2", help="Such as 62% or .62.")] = None,
    q: Annotated[Text, typer.Option("--Q", help="Cochran's Q.")] = None,
    pi: Annotated[Text, typer.Option(help="Prediction limits, LOW,HIGH.")] = None,
    level: Level = 0.95,
    software: Annotated[
        Text, typer.Option(help="Only what this program can do, such as CMA.")
    ] = None,
    scale: Annotated[
        Text, typer.Option(help="How effects are printed: identity, ratio or r.")
    ] = None,
    labels: Labels = None,
    sheet: Sheet = None,
    explain_gap: Annotated[
        bool, typer.Option("--gap", help="Look for slips of the table that would print them, too.")
    ] = False,
    declared: Annotated[
        Text, typer.Option(help="What the report declares, such as tau2=DL,test=z.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find the analyses of a study table that print exactly the digits given.

    Which digit would decide between them is said, and how easily others would be matched.
    """
    (file,), words = split_words(question, "FILE, such as studies.csv")
    printed: dict[str, Any] = {
        "estimate": estimate,
        "ci": _pair(ci),
        "p": p,
        "se": se,
        "statistic": statistic,
        "tau2": tau2,
        "I2": i2,
        "Q": q,
        "pi": _pair(pi),
    }
    studies = as_long_as_the_longest(read_printed(Path(file), sheet))
    asked: dict[str, Any] = {
        **printed,
        "level": level,
        "software": software,
        "scale": scale,
        "declared": _choices(declared),
    }
    found: Any = find.find_analysis(studies, labels=labels, **{**asked, **words})
    slips: Any = None
    if explain_gap:
        slips = gap.explain_gap(studies, labels=labels, **{**asked, **words})
    if as_json:
        print_json({**found.to_dict(), **({} if slips is None else {"gap": slips.to_dict()})})
        return
    OUT.print(str(found), markup=False)
    if slips is not None:
        OUT.print(f"\n{slips}", markup=False)


def _choices(text: str | None) -> dict[str, str] | None:
    """Return what ``tau2=DL,test=z`` declares."""
    if text is None:
        return None
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(name.strip() and equals for name, equals, _ in pairs):
        raise InputError(f"`--declared` must be CHOICE=VALUE, with commas between; got {text!r}.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _pair(text: str | None) -> tuple[str, ...] | None:
    """Return two printed limits; what is no pair is refused where it is used."""
    return None if text is None else tuple(part.strip() for part in text.split(","))
