"""``metarel find``: the analyses of a study table that print given digits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._lazy import Deferred
from metarel._register import did_you_mean
from metarel.cli._app import app
from metarel.cli._studies import (
    Header,
    Labels,
    Level,
    Question,
    Sheet,
    as_long_as_the_longest,
    read_printed,
)
from metarel.cli._words import (
    WORDS,
    AsJson,
    examples,
    limits_of,
    parts_of,
    print_json,
    print_text,
    read_comma,
    split_words,
)
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel.search import find, gap, kinds, result
else:  # the other verbs must not wait for them
    find = Deferred("metarel.search.find")
    gap = Deferred("metarel.search.gap")
    kinds = Deferred("metarel.search.kinds")
    result = Deferred("metarel.search.result")

Text = str | None
Limits = Annotated[str | None, typer.Option(help="Confidence limits, LOW,HIGH.")]
#: Figures and words that have no option of their own, and are given as the columns are.
OTHERS = ("tau", "H2", "Q_p", "k", "N", "measure", "kind")
#: Those of them that can have decimals.
SHARES = ("tau", "H2", "Q_p")
#: How to go on, in options.
SLIPS = "Add --gap to look for a slip in the study data that would explain them."
REST = "--all shows them"
_NUMBER = re.compile(r"[-+−]?\d*[.,]?\d+%?")


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
    ctx: typer.Context,
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
    header: Header = None,
    explain_gap: Annotated[
        bool, typer.Option("--gap", help="Look for slips of the table that would print them, too.")
    ] = False,
    declared: Annotated[
        Text, typer.Option(help="What the report declares, such as tau2=DL,test=z.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Show every analysis and slip, not the first few.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find the analyses of a study table that print exactly the digits given.

    The columns of the table are options: --r and --n, --yi and --vi, --m1 --sd1 --n1 --m2 --sd2
    --n2, --events1 --n1 --events2 --n2 and so on; further figures are --k, --N, --tau, --H2 and
    --Q_p. Which digit would decide between the analyses is said, and how easily others would match.
    """
    _refuse_mistyped(ctx, question)
    pairs = {"ci": ci, "pi": pi}
    _refuse_parted(question, pairs)
    (file,), words = split_words(question, "FILE, such as studies.csv")
    printed: dict[str, Any] = {
        "estimate": estimate,
        "p": p,
        "se": se,
        "statistic": statistic,
        "tau2": tau2,
        "I2": i2,
        "Q": q,
        **{word: words.pop(word) for word in SHARES if word in words},
    }
    printed = {word: read_comma(text, word) for word, text in printed.items() if text is not None}
    printed |= {word: limits_of(text, word) for word, text in pairs.items() if text is not None}
    studies = as_long_as_the_longest(read_printed(Path(file), sheet, header))
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
    print_text(found.to_text(every=every, ways=result.Ways("" if explain_gap else SLIPS, REST)))
    if slips is not None:
        print_text(f"\n{slips.to_text(every=every, rest=REST)}")


def _refuse_mistyped(ctx: typer.Context, question: list[str]) -> None:
    """Refuse an option that is neither one of the verb nor a word for a column."""
    own = [option for parameter in ctx.command.params for option in parameter.opts]
    columns = {word for kind in kinds.KINDS.values() for word in (*kind.columns, *kind.optional)}
    known = [option.removeprefix("--") for option in own if option.startswith("--")]
    known += [*sorted(columns), *OTHERS]
    for token in question:
        name = token.removeprefix("--").partition("=")[0]
        if token.startswith("--") and name.replace("-", "_") not in known:
            hint = did_you_mean(f"--{name}", [f"--{word}" for word in known])
            raise InputError(f"find has no option --{name}.{hint or ' See metarel find --help.'}")


def _refuse_parted(question: list[str], pairs: dict[str, str | None]) -> None:
    """Refuse limits with a blank between them, of which a command line keeps the first alone."""
    stray = [token for token in question if _NUMBER.fullmatch(token.strip("])}"))]
    for option, low in pairs.items():
        if stray and low is not None and len(parts_of(low)) == 1:
            both = f"{low.strip('([{').rstrip(',;')},{stray[0].strip('])}')}"
            raise InputError(f"`--{option}` must be LOW,HIGH in one word: write --{option} {both}.")


def _choices(text: str | None) -> dict[str, str] | None:
    """Return what ``tau2=DL,test=z`` declares."""
    if text is None:
        return None
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(name.strip() and equals for name, equals, _ in pairs):
        raise InputError(f"`--declared` must be CHOICE=VALUE, with commas between; got {text!r}.")
    return {name.strip(): value.strip() for name, _, value in pairs}
