"""What the terminal says beside a result: of the table, its names, its doubtful numbers."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from metarel._checks import label_column, numbering_of
from metarel._format import count, listing
from metarel._lazy import Deferred, pd
from metarel.cli._app import note_below
from metarel.errors import MetarelWarning

if TYPE_CHECKING:
    from metarel.effects import register
    from metarel.models import _summary as summary
    from metarel.routes import register as ways
    from metarel.routes import screen
else:  # the verbs on single numbers must not wait for them
    register = Deferred("metarel.effects.register")
    screen = Deferred("metarel.routes.screen")
    summary = Deferred("metarel.models._summary")
    ways = Deferred("metarel.routes.register")

WIDTH = 80
#: Findings that are shown; the rest is counted.
MOST = 6
#: Rows that a second look takes less than a second for.
LARGE = 1000
#: Findings that ``effect_sizes`` warns of itself.
SAID_ELSEWHERE = ("sign of a bare t",)


def say(lines: Iterable[str]) -> None:
    """Have notes printed on standard error, below the result."""
    for line in lines:
        note_below(line)


@contextmanager
def once(*, told: bool) -> Iterator[None]:
    """Keep the warning of rows left out to itself where the result that is printed says it too."""
    with warnings.catch_warnings():
        if told:
            warnings.filterwarnings("ignore", r"\d+ of \d+ rows? left out", MetarelWarning)
        yield


def names_of(studies: pd.DataFrame, labels: str | None) -> list[str] | None:
    """Return the names of the studies, from the column named or found."""
    column = label_column(studies) if labels is None else labels
    if column is None or column not in studies:
        return None
    return [str(name) for name in studies[column]]


def of_names(studies: pd.DataFrame, labels: str | None, *, clustered: bool = False) -> list[str]:
    """Say where no column names the studies, and where a name stands more than once."""
    known = studies[studies["yi"].notna()] if "yi" in studies else studies
    names = names_of(known, labels)
    if names is None:
        return ["no column of names was found: the studies are numbered. --labels names one."]
    different = len(set(names))
    if clustered or different == len(names):
        return []
    column = label_column(studies) if labels is None else labels
    twice = next(name for name in names if names.count(name) > 1)
    return [
        f"{len(names)} effects of {count(different, 'study', 'studies')} (labels repeat, such as "
        f"{twice!r}): treated as independent. `metarel pool … --cluster {column}` allows for "
        "effects that belong together."
    ]


def text_of(fit: Any) -> str:
    """Return a fit as text, without its note on names that repeat, which ``of_names`` gives."""
    return str(fit) if hasattr(fit, "clusters") else summary.as_text(fit, names=False)


def screened(
    studies: pd.DataFrame, measure: str, words: Mapping[str, Any], labels: str | None
) -> list[str]:
    """Return what a second look at the raw numbers finds, a line a finding."""
    known = ways.words_of(ways.steps_to(register.MEASURES[measure]))
    read = {word: column for word, column in words.items() if word in known}
    if not read:
        return []
    if len(studies) > LARGE:
        return [
            f"tables of more than {LARGE} rows are not looked over for doubtful numbers; in Python "
            "`metarel.screen_effects` does."
        ]
    found = screen.screen_effects(studies, measure, labels=labels, **read)
    found = found[~found["finding"].isin(SAID_ELSEWHERE)]
    names, places = (
        names_of(studies, labels),
        {row: place for place, row in enumerate(studies.index)},
    )
    at = (numbering_of(studies) or ("row", ()))[0].partition(" ")[0]
    lines = []
    for (kind, _columns), group in found.groupby(["finding", "columns"], sort=False):
        if kind == "no whole number of people" and 2 * len(group) > len(studies):
            continue  # said of the whole column
        rows = [f"{row}{f' ({names[places[row]]})' if names else ''}" for row in group["row"]]
        first = group.iloc[0]
        more = f" (and {count(len(group) - 1, 'other row')})" if len(group) > 1 else ""
        where = f"{at if len(rows) == 1 else at + 's'} {listing(rows, 3)}"
        lines.append(f"{where}: {first['message']}{more}; {first['way_out']}")
    if len(lines) > MOST:
        lines = [
            *lines[:MOST],
            f"{len(lines) - MOST} more; in Python `metarel.screen_effects` lists all.",
        ]
    return lines


def taken(found: pd.DataFrame, labels: str | None) -> list[str]:
    """Say which rows of reports gave no effect, and what was taken without being printed."""
    names = names_of(found, labels) or [str(place) for place in found.index]
    noted: dict[str, list[str]] = {}
    for name, note, yi in zip(names, found["note"], found["yi"], strict=True):
        for part in filter(None, [*note.split("; "), "no effect" if yi != yi else ""]):
            noted.setdefault(part, []).append(name)
    lines = [f"{text}: {listing(rows)}." for text, rows in noted.items()]
    clash = [name for name, bad in zip(names, found["conflict"], strict=True) if bad]
    if clash:
        lines.append(f"numbers that contradict each other: {listing(clash)}.")
    return lines


def legend(table: pd.DataFrame, labels: str | None) -> str:
    """Return what the columns yi and vi are, which rows have none, and what was added to cells."""
    lines = [*_meaning(table), *_without(table, labels), *_added(table, labels)]
    return "\n".join(textwrap.fill(line, WIDTH) for line in lines)


def _meaning(table: pd.DataFrame) -> Iterator[str]:
    """Say what yi is, in the words of its measure."""
    measure = register.MEASURES[table.attrs["measure"]]
    made = table.attrs.get("effect_sizes", {})
    name = measure.name.replace("log ", "natural log of the ", 1)
    if measure.correction == "J":
        uncorrected = made.get("correct") == "none"
        name += " (without correction: Cohen's d)" if uncorrected else " (corrected: Hedges' g)"
    yi, vi = made.get("columns", ("yi", "vi"))
    turned = ", turned where --flip says so" if made.get("flip") else ""
    yield (f"{yi}: {name}, {measure.direction}{turned}; {vi}: its variance (standard error = √vi).")


def _without(table: pd.DataFrame, labels: str | None) -> Iterator[str]:
    """Name the rows that have no effect, and what they lack."""
    made = table.attrs.get("effect_sizes", {})
    bare = table[table["yi"].isna() | table["vi"].isna()]
    if bare.empty:
        return
    names = names_of(bare, labels)
    what = str(bare.index.name or "row").partition(" ")[0]
    inputs = {word: c for word, c in made.get("inputs", {}).items() if isinstance(c, str)}
    sets = [way for way in register.MEASURES[table.attrs["measure"]].ways if set(way) <= {*inputs}]
    told = []
    for at, (place, row) in enumerate(bare.iterrows()):
        lacks = [[inputs[w] for w in way if pd.isna(row[inputs[w]])] for way in sets]
        missing = min(lacks, key=len, default=[])
        why = f" ({', '.join(missing)} missing)" if missing else ""
        told.append(f"{f'{names[at]}, ' if names else ''}{what} {place}{why}")
    has = "has" if len(bare) == 1 else "have"
    yield f"{len(bare)} of {count(len(table), 'row')} {has} no effect: {'; '.join(told[:5])}" + (
        f" and {len(told) - 5} more." if len(told) > 5 else "."
    )


def _added(table: pd.DataFrame, labels: str | None) -> Iterator[str]:
    """Say to which 2 × 2 tables a constant was added."""
    made = table.attrs.get("effect_sizes", {})
    settings = register.MEASURES[table.attrs["measure"]].options(made.get("settings"))
    inputs = made.get("inputs", {})
    words = ("events1", "n1", "non_events1", "events2", "n2", "non_events2")
    read = {word: table[inputs[word]] for word in words if isinstance(inputs.get(word), str)}
    if settings.get("to") != "only0" or not settings.get("add") or "events1" not in read:
        return
    zero = pd.Series(data=False, index=table.index)
    for group in "12":
        events = read.get(f"events{group}")
        others = read.get(f"non_events{group}")
        if others is None and f"n{group}" in read and events is not None:
            others = read[f"n{group}"] - events
        for cells in (events, others):
            zero |= cells == 0 if cells is not None else False
    if zero.any():
        rows = names_of(table[zero], labels) or [str(place) for place in table.index[zero]]
        yield f"{settings['add']:g} was added to the cells of {listing(rows)} (a cell is 0)."
