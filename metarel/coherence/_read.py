"""From what users have to groups of figures: words and values, mappings, tables."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from metarel._register import did_you_mean
from metarel.coherence._figures import (
    ALIASES,
    EFFECTS,
    FIGURES,
    RATIOS,
    Figure,
    Group,
    Table,
    of_a_report,
)
from metarel.coherence._headings import TOTALS, digits_of_cell, heading_of, in_percent
from metarel.errors import InputError
from metarel.printed import Printed
from metarel.reading._clean import clean

#: Words that stand for two limits, and which.
INTERVALS = {"ci": ("ci_low", "ci_high"), "pi": ("pi_low", "pi_high")}
_INTERVAL_ALIASES = {"95% ci": "ci", "ci95": "ci", "confidence_interval": "ci", "95%ci": "ci",
                     "95% pi": "pi", "prediction_interval": "pi", "ci_95": "ci"}  # fmt: skip
#: Words whose values are words.
LABELS = ("label", "group", "subgroup", "study", "name", "author", "moderator", "level_name")
SETTINGS = {
    "metric": ("", "r", "d", "g", "z", "md", "beta", *RATIOS),
    "tails": ("one", "two"),
    "estimator": None,
    "interval": ("wald", "bootstrap", "profile", "credible"),
}
_METRICS = {"fisher_z": "z", "zcor": "z", "smd": "d", "cor": "r", "log_or": "d", "": ""}
_WHOLE = r"(?: (?:studies|effects?|samples|estimates?|groups|subgroups|trials|total|model|mean))*"
_TOTALS = re.compile(
    r"(?:grand |pooled |summary )?(?:total|overall)\b.*|between(?: |$).*|"
    rf"(?:all|combined|pooled|summary|(?:random|fixed|common)[- ]effects?|RE|FE|CE){_WHOLE}|"
    rf"{TOTALS}", re.I
)  # fmt: skip
_NUMBER = r"[-+−–]?\s?(?:\d[\d,]*\.?\d*|[.,]\d+)(?:[eE][-+−]?\d+)?"
_BETWEEN = r"\s*(?:to|bis|[,;:/–—]|-|\s)\s*"
_TWO = re.compile(rf"[\[({{]?\s*({_NUMBER}){_BETWEEN}({_NUMBER})\s*[\])}}]?")
_MARKS = re.compile(r"(?<=[0-9%])\s?[*†‡§]{1,4}$")
_WITH_LIMITS = re.compile(rf"({_NUMBER})\s*[\[(](.+)[\])]")


#: What figures in the row of a test between subgroups are.
_BETWEEN_NAMES = {
    "Q": "Q_between",
    "chi2": "Q_between",
    "Q_df": "df_between",
    "df": "df_between",
    "p": "p_between",
    "Q_p": "p_between",
}


#: What a column of df or p says behind one of Q.
_BEHIND = {
    ("Q", "df"): "Q_df",
    ("Q", "p"): "Q_p",
    ("Q_df", "p"): "Q_p",
    ("Q_between", "df"): "df_between",
    ("Q_between", "p"): "p_between",
    ("df_between", "p"): "p_between",
    ("Q_within", "df"): "df_within",
    ("Q_within", "p"): "p_within",
    ("df_within", "p"): "p_within",
}
#: Columns behind which a p may be that of Q or of the effect.
_NO_OWNER = ("I2", "H2", "tau2")


@dataclass
class Given:
    """What was understood, and what was not.

    Parameters
    ----------
    groups : list of Group
        Groups that stand alone.
    tables : list of Table
        Rows that belong together.
    unread : list of str
        What could not be read, and why.
    numbers : int
        How many figures there are.
    text : str
        The text, where there is one.
    notes : list of str
        What was assumed of its figures.
    """

    groups: list[Group] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    numbers: int = 0
    text: str = ""
    notes: list[str] = field(default_factory=list)


def word_of(name: object, *, lenient: bool) -> str | None:
    """Return the word that a keyword or a heading stands for; None for a heading that is none."""
    text = str(name).strip()
    if isinstance(name, str):
        flat = re.sub(r"\s+", " ", text.lower()).replace(" ", "_")
        for word in (text, text.lower(), flat):
            if word in FIGURES or word in INTERVALS or word in SETTINGS or word in LABELS:
                return word
        for word in (text.lower(), flat):
            if word in ALIASES or word in _INTERVAL_ALIASES:
                return ALIASES.get(word) or _INTERVAL_ALIASES[word]
        folded = {code.lower(): code for code in FIGURES if code.lower() not in ("n", "q", "h")}
        if flat in folded:
            return folded[flat]
    if lenient:
        meant = heading_of(str(name))
        return None if meant in (None, text) else word_of(meant, lenient=True)
    known = [*FIGURES, *INTERVALS, *SETTINGS, "label"]
    raise InputError(
        f"`check` knows no figure {text!r}; it knows {', '.join(known)}.{did_you_mean(text, known)}"
    )


def digits_of(name: str, value: object) -> str | None:
    """Return a value as printed; None where it is missing. Counts may be whole numbers."""
    if value is None or isinstance(value, Printed):
        return None if value is None else value.text
    if isinstance(value, str):
        return _tidy(value) or None
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.number)):
        missing = type(value).__name__ in ("NAType", "NaTType")
        if missing:
            return None
        raise InputError(
            f"`{name}` must be a figure as printed, in quotes; got {type(value).__name__}."
        )
    if math.isnan(value):
        return None
    counted = FIGURES[name].whole if name in FIGURES else False
    if (counted or name in ("df", "df1", "df2")) and float(value).is_integer():
        return str(int(value))
    raise InputError(
        f"`{name}` must be the figure as printed, in quotes, so that its digits are kept; got "
        f"{value!r}. Read tables with dtype=str."
    )


def figure_of(name: str, text: str, *, percent: bool = False) -> Figure:
    """Return a figure; shares above 1 without a percent sign are percentages."""
    shown = text
    if FIGURES[name].share and "%" not in text:
        bare = Printed(text)
        if bare.value is not None and (percent or abs(bare.value) > 1 or text in ("0", "1")):
            shown = f"{text}%"
    printed = Printed(shown)
    if not of_a_report(printed):
        raise InputError(f"`{name}` is beyond the size or the digits of any report; got {text!r}")
    return Figure(name, printed)


def two_limits(value: object) -> tuple[Any, Any] | None:
    """Return the two limits of a pair, or of a text such as "[.12, .36]" or ".12 to .36"."""
    if isinstance(value, str):
        found = _TWO.fullmatch(_tidy(value).removeprefix("±"))
        return (_tight(found[1]), _tight(found[2])) if found else None
    if isinstance(value, Sequence) and len(value) == 2:
        return value[0], value[1]
    return None


def _tight(number: str) -> str:
    return digits_of_cell(re.sub("^[–—]", "-", number.replace(" ", "").rstrip(",")))


def _tidy(cell: str) -> str:
    """Return a cell in plain characters, without the marks of footnotes and significance."""
    plain = re.sub(r"^[–—](?=[0-9.,])", "-", clean(cell).text.strip())
    return digits_of_cell(_MARKS.sub("", plain))


def _spread_out(row: Mapping[Any, Any], *, lenient: bool) -> tuple[dict[str, Any], list[str]]:
    """Return values by word, intervals as their limits, and the headings that are none."""
    values: dict[str, Any] = {}
    unknown: list[str] = []
    for name, value in row.items():
        word = word_of(name, lenient=lenient)
        if word is None:
            unknown.append(str(name))
        elif word in INTERVALS:
            pair = two_limits(value)
            if pair is not None:
                values |= dict(zip(INTERVALS[word], pair, strict=True))
            elif value is not None and not (isinstance(value, float) and math.isnan(value)):
                values[INTERVALS[word][0]] = value
        else:
            values.setdefault(word, value)
    return values, unknown


def group_of(
    row: Mapping[Any, Any],
    given: Given,
    *,
    lenient: bool = False,
    percent: frozenset[str] = frozenset(),
    label: str = "",
) -> Group:
    """Return a mapping of figures as a group; what cannot be read is noted in ``given``."""
    values, unknown = _spread_out(row, lenient=lenient)
    settings = {name: values.pop(name) for name in tuple(values) if name in SETTINGS}
    named = [values.pop(name) for name in tuple(values) if name in LABELS]
    label = next((str(n) for n in named if isinstance(n, str) and n.strip()), label)
    figures: dict[str, Figure] = {}
    for name, value in _with_limits(values).items():
        try:
            text = digits_of(name, value)
            if text is not None:
                figures[name] = figure_of(name, text, percent=name in percent)
        except InputError:
            if not isinstance(value, str):
                raise
            given.unread.append(f"{name} {value[:40]!r} (no figure as printed)")
    given.numbers += len(figures)
    given.unread += [f"column {name[:40]!r}" for name in unknown if lenient]
    return finished(figures, settings, label)


def _with_limits(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with an effect such as "0.24 [0.12, 0.36]" taken apart."""
    for name in ("estimate", *EFFECTS):
        value = values.get(name)
        found = _WITH_LIMITS.fullmatch(_tidy(value)) if isinstance(value, str) else None
        pair = two_limits(found[2]) if found else None
        if found and pair and "ci_low" not in values:
            values = {**values, name: _tight(found[1]), "ci_low": pair[0], "ci_high": pair[1]}
    return values


def finished(figures: dict[str, Figure], settings: Mapping[str, Any], label: str = "") -> Group:
    """Return a group whose estimate and metric are known as far as they can be.

    The effect named first is the estimate where none is called so; ``metric`` then only says so of
    an estimate.
    """
    metric = _metric(settings.get("metric"))
    effects = [name for name in figures if name in EFFECTS]
    if "estimate" in figures and metric:
        own = next((name for name, code in EFFECTS.items() if code == metric), None)
        if own is not None and own not in figures:
            figures = {**figures, own: replace(figures["estimate"], name=own)}
            figures["estimate"] = figures[own]
    elif "estimate" not in figures and effects:
        figures = {**figures, "estimate": figures[effects[0]]}
        metric = metric or EFFECTS[effects[0]]
    ordered = _reordered(figures)
    words = _words(settings) | ({"limits reversed"} if ordered is not figures else set())
    return Group(ordered, metric, label, words)


def _metric(came: object) -> str:
    if came is None or (isinstance(came, float) and math.isnan(came)):
        return ""
    if not isinstance(came, str):
        raise InputError(f"`metric` must be a word such as 'r' or 'd'; got {came!r}.")
    word = came.strip().lower()
    word = _METRICS.get(word, word)
    known = [m for m in SETTINGS["metric"] or () if m]
    if word and word not in known:
        raise InputError(
            f"`metric` must be one of {', '.join(map(repr, known))}; got {came!r}."
            f"{did_you_mean(word, known)}"
        )
    return word


def _words(settings: Mapping[str, Any]) -> frozenset[str]:
    words = set()
    for name in ("tails", "interval"):
        value = settings.get(name)
        choices = SETTINGS[name] or ()
        if value is not None and not (isinstance(value, float) and math.isnan(value)):
            if value not in choices:
                raise InputError(
                    f"`{name}` must be one of {', '.join(map(repr, choices))}; got {value!r}."
                )
            words.add("one-tailed" if value == "one" else str(value))
    estimator = settings.get("estimator")
    if isinstance(estimator, str):
        words.add(estimator.strip().upper())
    elif estimator is not None and not (isinstance(estimator, float) and math.isnan(estimator)):
        raise InputError(f"`estimator` must be a word such as 'DL' or 'REML'; got {estimator!r}.")
    return frozenset(words)


def _reordered(figures: dict[str, Figure]) -> dict[str, Figure]:
    """Put limits that are printed in reverse in their places, where they cannot be in order."""
    for low, high in INTERVALS.values():
        if low in figures and high in figures:
            one, two = figures[low].span(), figures[high].span()
            if one.low > two.high:
                turned = {
                    low: replace(figures[high], name=low),
                    high: replace(figures[low], name=high),
                }
                figures = {**figures, **turned}
    return figures


def table_of(
    rows: Iterable[Mapping[Any, Any]], given: Given, *, lenient: bool, name: str = ""
) -> None:
    """Add the rows of a table, its total found by its label.

    ``name`` is what the table is called; labels and what could not be read then begin with it.
    """
    rows = _owned(_labelled(list(rows))) if lenient else list(rows)
    percent = _percent_columns(rows, lenient=lenient)
    own = Given()
    groups = [
        group_of(row, own, lenient=lenient, percent=percent, label=f"row {number}")
        for number, row in enumerate(rows, 1)
    ]
    given.numbers += own.numbers
    given.unread += [f"{name}: {told}" if name else told for told in dict.fromkeys(own.unread)]
    totals = [i for i, group in enumerate(groups) if _TOTALS.fullmatch(group.label.strip())]
    if name:
        groups = [_named(group, name) for group in groups]
    total = _merged([groups[i] for i in totals]) if totals else None
    kept = tuple(group for i, group in enumerate(groups) if i not in totals and group.figures)
    given.groups += [*kept, *([total] if total is not None else [])]
    given.tables += [Table(block, total) for block in _blocks(kept, total)]


def _named(group: Group, name: str) -> Group:
    """Return a row of a named table, the name in its label and with its figures."""
    label = f"{name}, {group.label.strip() or 'a row without a name'}"
    figures = {code: replace(figure, where=label) for code, figure in group.figures.items()}
    return replace(group, label=label, figures=figures)


def _labelled(rows: list[Mapping[Any, Any]]) -> list[Mapping[Any, Any]]:
    """Return rows whose first column is their label, where no other is and it holds words."""
    names = list(rows[0]) if rows else []
    words = [word_of(name, lenient=True) for name in names]
    if not names or words[0] is not None or any(word in LABELS for word in words):
        return rows
    cells = [row.get(names[0]) for row in rows]
    told = [cell for cell in cells if isinstance(cell, str) and re.search(r"[^\W\d]", cell)]
    if 2 * len(told) <= len(cells):
        return rows
    return [{"label" if key == names[0] else key: v for key, v in row.items()} for row in rows]


def _owned(rows: list[Mapping[Any, Any]]) -> list[Mapping[Any, Any]]:
    """Return rows whose df and p are Q's where their columns stand behind that of Q."""
    names = list(rows[0]) if rows else []
    words = {name: word_of(name, lenient=True) for name in names}
    renamed: dict[Any, str] = {}
    before = ""
    for name, word in words.items():
        owned = _BEHIND.get((before, word or ""))
        if owned and owned not in words.values():
            renamed[name] = owned
        elif word == "p" and before in _NO_OWNER:
            renamed[name] = f"{name} behind {before}, of which test is not said"
        before = renamed.get(name, word or "")
    return [{renamed.get(k, k): v for k, v in row.items()} for row in rows] if renamed else rows


def _blocks(rows: tuple[Group, ...], total: Group | None) -> list[tuple[Group, ...]]:
    """Return the rows, or the levels of each of several moderators whose k add up to the total."""
    whole = total.span("k") if total is not None else None
    counts = [row.span("k") for row in rows]
    if whole is None or any(count is None for count in counts):
        return [rows]
    blocks, start, added = [], 0, 0.0
    for end, count in enumerate(counts, 1):
        added += count.low if count is not None else 0.0
        if added == whole.low:
            blocks.append(rows[start:end])
            start, added = end, 0.0
    return blocks if start == len(rows) and all(len(block) > 1 for block in blocks) else [rows]


def _merged(totals: list[Group]) -> Group:
    """Return one group of all rows of totals, the first to have a figure giving it."""
    figures: dict[str, Figure] = {}
    for group in totals:
        between = "between" in group.label.lower()
        for name, figure in group.figures.items():
            moved = _BETWEEN_NAMES.get(name, name) if between else name
            figures.setdefault(moved, replace(figure, name=moved) if moved != name else figure)
    return Group(figures, totals[0].metric, totals[0].label, totals[0].words)


def _percent_columns(rows: list[Mapping[Any, Any]], *, lenient: bool) -> frozenset[str]:
    """Return the columns of shares that are in percent, because one value cannot be a fraction."""
    found: set[str] = set()
    for row in rows:
        for name, value in row.items():
            word = word_of(name, lenient=lenient)
            if word is None or word not in FIGURES or not FIGURES[word].share:
                continue
            if lenient and in_percent(str(name)):
                found.add(word)
            elif isinstance(value, str):
                bare = value.strip()
                if bare.endswith("%"):
                    continue
                try:
                    number = Printed(bare).value
                except InputError:
                    continue
                if number is not None and abs(number) > 1:
                    found.add(word)
    return frozenset(found)
