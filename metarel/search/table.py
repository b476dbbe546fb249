"""A study table as the search reads it: what kind of data, the columns, and their digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import (
    as_floats,
    check_domain,
    check_frame,
    column,
    is_series,
    label_column,
    resolve,
    row_names,
)
from metarel._format import count, listing
from metarel._register import did_you_mean
from metarel._vocabulary import SYMBOLS, Domain
from metarel.data.totals import total_rows
from metarel.effects.compute import effect_sizes, row_labels
from metarel.effects.register import MEASURES
from metarel.errors import InputError
from metarel.printed import Printed
from metarel.routes._cells import MOST_DECIMALS, is_exact
from metarel.search.kinds import KINDS, SCALES, StudyKind, effects_of

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel._lazy import pd

#: What effects and their limits can be on a scale; limits may be rounded to its ends.
DOMAINS = {
    ("yi", "ratio"): Domain(0, open_low=True),
    ("yi", "r"): Domain(-1, 1, open_low=True, open_high=True),
    **{(limit, "ratio"): Domain(0) for limit in ("ci_low", "ci_high")},
    **{(limit, "r"): Domain(-1, 1) for limit in ("ci_low", "ci_high")},
}


#: Of the width of an interval: how far its middle may be from the effect by rounding alone.
UNEVEN = 0.06


@dataclass(frozen=True, slots=True, eq=False)
class StudyTable:
    """The studies of a meta-analysis.

    Parameters
    ----------
    kind : str
        What the columns are, a code of ``KINDS``.
    columns : dict of str to ndarray, shape (k,)
        Numbers by word; NaN where nothing stands.
    digits : dict of str to ndarray, shape (k,)
        Decimals that each cell is printed with, for the columns that are rounded; a column that
        is exact (counts), or was computed, is absent.
    labels : tuple of str
        Names of the studies.
    measure : str or None
        The measure that effects are given in, where they are.
    scale : str
        How effects and their limits are printed: ``"identity"``, ``"ratio"`` or ``"r"``.
    """

    kind: str
    columns: dict[str, Array]
    digits: dict[str, Array]
    labels: tuple[str, ...]
    measure: str | None = None
    scale: str = "identity"

    @property
    def k(self) -> int:
        """Number of rows."""
        return len(self.labels)

    @property
    def declaration(self) -> StudyKind:
        """What the columns are."""
        return KINDS[self.kind]

    @property
    def sizes(self) -> Array | None:
        """People of each study, where known."""
        return self.declaration.size(self.columns)

    @property
    def incomplete(self) -> int:
        """Rows that the commonest metric makes no effect of, which analyses leave out."""
        fits = [m for m in self.declaration.metrics.values() if m.scale in ("", self.scale)]
        metric = fits[0]
        y, v = effects_of(
            metric, self.columns, metric.rules[0], metric.corrections[0], metric.settings[0]
        )
        return int(np.isnan(y + v).sum())

    def __str__(self) -> str:
        measure = f", measure {self.measure}" if self.measure else ""
        lost = f", {self.incomplete} of them without an effect" if self.incomplete else ""
        return f"{count(self.k, 'study', 'studies')}{lost}: {self.declaration.meaning}{measure}"


def study_table(
    data: pd.DataFrame | None = None,
    *,
    measure: str | None = None,
    scale: str | None = None,
    kind: str | None = None,
    labels: str | Sequence[str] | None = None,
    **words: Any,
) -> StudyTable:
    """Read the studies of a meta-analysis.

    Parameters
    ----------
    data : DataFrame, optional
        One row a study; a frame that ``effect_sizes`` made is read by what it was made from, unless
        its effects were changed since. None with arrays.
    measure : str, optional
        Code of the measure that effects are given in, such as ``"OR"``.
    scale : {"identity", "ratio", "r"}, optional
        How effects and limits are printed, where they are not on the scale they are pooled on.
    kind : str, optional
        What the columns are, where the words fit more than one kind.
    labels : column name or sequence of str, optional
        Names of the studies; by default the column "study", "author" or the like, or numbers from
        1 on.
    **words : column name or array
        The words of ``effect_sizes`` (``r="r", n="n"``), or ``yi`` with ``vi``, ``sei``, or
        ``ci_low`` and ``ci_high``. Cells of text keep their digits.

    Returns
    -------
    StudyTable
        The table.

    Raises
    ------
    InputError
        On words that make no kind of study data, unknown columns, and values outside their range.

    Examples
    --------
    >>> table = study_table(None, r=["0.28", ".10"], n=[60, 103])
    >>> print(table)
    2 studies: correlation and sample size
    >>> table.digits["r"]
    array([2., 2.])
    """
    check_frame(data)
    _refuse_totals(data)
    given = {word: value for word, value in words.items() if value is not None}
    known_measure = None if measure is None else MEASURES[measure].code
    on = _scale(scale)
    if not given:
        given, known_measure = _made_from(data, known_measure)
    chosen = _kind_of(given, kind)
    if "yi" not in given:
        _refuse_idle(chosen, measure=measure, scale=scale)
    if labels is None:
        labels = label_column(data)
    raw = {word: _cells(data, value, word) for word, value in given.items()}
    names = row_labels(data, labels)  # without names they may still know their lines in a file
    columns = resolve(data, {w: _numbers(v, w, names) for w, v in raw.items()}, labels=names)
    length = len(next(iter(columns.values())))
    if names and len(names) != length:
        raise InputError(f"`labels` has {len(names)} names; there are {length} studies.")
    for word, values in columns.items():
        check_domain(values, domain_of(word, on), word, names)
    if "ci_low" in columns:
        _refuse_turned(columns["ci_low"], columns["ci_high"], names)
        if scale is None:
            _refuse_ratios(columns["yi"], columns["ci_low"], columns["ci_high"])
    design = MEASURES[next(iter(chosen.metrics.values())).call].design
    if design.check is not None:
        design.check(columns, names)
    shown = tuple(names or (f"study {i + 1}" for i in range(length)))
    return StudyTable(
        kind=chosen.code,
        columns=columns,
        digits=_digits(raw, columns),
        labels=shown,
        measure=known_measure,
        scale=on,
    )


def _refuse_totals(data: pd.DataFrame | None) -> None:
    """Refuse a row that is the sum of the studies, which would be pooled as one of them."""
    found = [] if data is None else [total for total in total_rows(data) if total.sums]
    if found:
        raise InputError(
            f"`data` must hold studies alone. {found[0]}: leave the row out, or rename it if it "
            "is a study."
        )


def _refuse_turned(low: Array, high: Array, labels: Sequence[str] | None) -> None:
    rows = np.flatnonzero(low > high)
    if rows.size:
        raise InputError(
            f"`ci_low` must not be above `ci_high`; see {row_names(rows.tolist(), labels)}."
        )


def _refuse_ratios(yi: Array, low: Array, high: Array) -> None:
    """Refuse limits that are even about the effect on the log scale, and uneven as they stand."""
    known = np.isfinite(yi + low + high) & (high > low)
    y, a, b = yi[known], low[known], high[known]
    if not y.size or (a <= 0).any():
        return
    as_printed = np.median(abs(2 * y - a - b) / (b - a))
    as_ratios = np.median(abs(np.log(y * y / (a * b))) / np.log(b / a))
    if as_printed > UNEVEN and as_ratios < UNEVEN / 3:
        raise InputError(
            "`scale` must be given: the limits lie evenly about the effects on the log scale and "
            "unevenly as they stand, as those of ratios do. scale='ratio' takes logarithms; "
            "scale='identity' takes the numbers as they are."
        )


def domain_of(word: str, scale: str) -> Domain:
    """Return the numbers that a column can hold, effects and limits on the scale of a table.

    Parameters
    ----------
    word : str
        The column.
    scale : str
        How effects and their limits are printed.

    Returns
    -------
    Domain
        The numbers.
    """
    return DOMAINS.get((word, scale), SYMBOLS[word].domain)


def _refuse_idle(kind: StudyKind, **given: str | None) -> None:
    """Refuse what only effects that are given as such can be told by."""
    idle = [f"`{name}`" for name, value in given.items() if value is not None]
    if idle:
        raise InputError(
            f"{listing(idle)} must be left out: {kind.meaning} are no effects that come in a "
            "measure or on a scale. It goes with `yi`."
        )


def _scale(scale: str | None) -> str:
    if scale is None:
        return "identity"
    if scale not in SCALES:
        raise InputError(f"`scale` must be one of {', '.join(map(repr, SCALES))}; got {scale!r}.")
    return scale


def _made_from(data: pd.DataFrame | None, measure: str | None) -> tuple[dict[str, Any], str | None]:
    """Return the words that a frame's effects were made from, or its effects and variances."""
    if data is None:
        raise InputError(
            "`data` must be a frame of study data, or the columns be given as arrays: r=, n=."
        )
    made = data.attrs.get("effect_sizes")
    whole = made and not made["flip"] and made["inputs"]
    if made and whole and _still_so(data, made):
        complete = [kind for kind in KINDS.values() if set(kind.columns) <= set(whole)]
        if complete:
            return dict(whole), measure
    if "yi" in data.columns:
        for spread in ("vi", "sei"):
            if spread in data.columns:
                return {"yi": "yi", spread: spread}, measure or data.attrs.get("measure")
    raise InputError(
        "`data` has no columns yi and vi (or sei), and nothing says which columns its effects come "
        "from: name the columns of the studies, such as r='r', n='n'."
    )


def _still_so(data: pd.DataFrame, made: Mapping[str, Any]) -> bool:
    """Tell whether a frame's effects are those of its inputs, and were not changed since."""
    words, columns = made["inputs"], made["columns"]
    if not all(isinstance(name, str) and name in data.columns for name in words.values()):
        return False
    if not all(name in data.columns for name in columns):
        return True
    options = {**made["settings"], "variance": made["variance"], "correct": made["correct"]}
    try:
        again = effect_sizes(
            data, made["measure"], yi=columns[0], vi=columns[1], replace=True, **options, **words
        )
        now, then = (np.asarray(x[columns[0]], dtype=float) for x in (data, again))
    except (InputError, TypeError, ValueError):
        return False
    return bool(np.allclose(now, then, rtol=1e-9, atol=1e-12, equal_nan=True))


def _kind_of(given: Mapping[str, Any], kind: str | None) -> StudyKind:
    """Return the kind of study data that uses most of the words, and all of them."""
    if kind is not None:
        chosen = KINDS[kind]
        lacks = [word for word in chosen.columns if word not in given]
        if lacks:
            raise InputError(f"`kind` {kind!r} needs {listing([f'`{w}`' for w in lacks])} too.")
        return chosen
    known = {word for k in KINDS.values() for word in (*k.columns, *k.optional)}
    for word in given:
        if word not in known:
            raise InputError(
                f"`{word}` is not a word for study data here; known are "
                f"{listing([f'`{w}`' for w in sorted(known)], 40)}.{did_you_mean(word, known)}"
            )
    fits = [
        k
        for k in KINDS.values()
        if set(k.columns) <= set(given) <= set(k.columns) | set(k.optional)
    ]
    if not fits:
        sets = "; ".join(", ".join(f"`{w}`" for w in k.columns) for k in KINDS.values())
        raise InputError(
            f"The words given ({listing([f'`{w}`' for w in given], 12)}) make no kind of study "
            f"data. What does: {sets}."
        )
    return max(fits, key=lambda k: len(k.columns))


def _cells(data: pd.DataFrame | None, value: Any, word: str) -> Any:
    """Return the cells of a word as they came."""
    if isinstance(value, str) and data is not None:
        return column(data, value, word)
    return value


def _is_text(values: Any) -> bool:
    return any(isinstance(item, str) for item in _items(values))


def _items(values: Any) -> list[Any]:
    if is_series(values) or isinstance(values, np.ndarray):
        return list(values.tolist())
    return list(values) if np.ndim(values) else [values]


def _numbers(values: Any, word: str, labels: Sequence[str] | None) -> Any:
    """Return cells of text as numbers; others as they came."""
    if not _is_text(values):
        return values
    numbers = []
    for row, item in enumerate(_items(values)):
        if item is None or (isinstance(item, str) and not item.strip()):
            numbers.append(np.nan)
        elif isinstance(item, str):
            printed = _printed(item, word, row, labels)
            if printed.relation != "=" or printed.value is None:
                raise InputError(
                    f"`{word}` must be a number; {row_names([row], labels)} is {item!r}, which is "
                    "a bound."
                )
            numbers.append(float(printed.value))
        else:
            numbers.append(float(item))
    return np.array(numbers)


def _printed(text: str, word: str, row: int, labels: Sequence[str] | None) -> Printed:
    try:
        return Printed(text)
    except InputError:
        raise InputError(
            f"`{word}` must hold numbers as printed; {row_names([row], labels)} is {text!r}. Leave "
            "the cell empty (None) where nothing is printed."
        ) from None


def _digits(raw: Mapping[str, Any], columns: Mapping[str, Array]) -> dict[str, Array]:
    """Return the decimals of each cell, by column; columns that are exact are left out."""
    found = {}
    for word, values in raw.items():
        if is_exact(word):
            continue
        if _is_text(values):
            found[word] = np.array([_decimals(item) for item in _items(values)])
            continue
        longest = _longest(as_floats(columns[word], word))
        if longest is not None:
            found[word] = np.full(len(columns[word]), float(longest))
    return found


def _decimals(item: Any) -> float:
    """Return the decimals of a cell on the scale of its value; NaN where nothing is printed."""
    if not isinstance(item, str) or not item.strip():
        return np.nan
    value = Printed(item).value
    return np.nan if value is None else -float(value.as_tuple().exponent)


def _longest(numbers: Array) -> int | None:
    """Return the decimals of the longest number, which speak for all; None if computed."""
    numbers = numbers[np.isfinite(numbers)]
    for decimals in range(MOST_DECIMALS + 1):
        slack = 1e-9 * 10.0**-decimals + 4 * np.finfo(float).eps * np.abs(numbers)
        if (np.abs(np.round(numbers, decimals) - numbers) <= slack).all():
            return decimals
    return None
