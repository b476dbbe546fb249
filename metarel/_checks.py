"""Checks of arguments and columns, at public entry only, with one wording for all.

Every message names the argument in backticks, says what it must be, shows what came, and
offers the way out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from metarel._format import listing
from metarel._lazy import pd
from metarel._register import did_you_mean, one_of
from metarel._vocabulary import Domain
from metarel.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array: TypeAlias = NDArray[np.float64]
    Column: TypeAlias = str | ArrayLike | pd.Series


#: A number with a decimal comma.
COMMA = re.compile(r"[-+−]?\d*,\d+")
#: A number whose point can be decimal or part thousands.
DOUBTFUL = re.compile(r"[-+−]?[1-9]\d{0,2}\.\d{3}")
#: What papers print in place of a p-value.
BOUND = re.compile(r"[<>≤≥]|n\.?\s?s\.?$", re.I)
#: What the index of a table straight from a file is called: its rows are known by their places.
FILE_LINE, FILE_ROW = "line of the file", "row of the file"


class Numbered(list[str]):
    """Names of rows that know where in a file each row stands.

    Parameters
    ----------
    names : sequence of str
        The names; empty where the rows have none.
    numbering : tuple
        What a place is called, and the place of each row.
    """

    def __init__(self, names: Iterable[str], numbering: tuple[str, Sequence[int]]) -> None:
        super().__init__(names)
        self.numbering = numbering


def numbering_of(data: Any) -> tuple[str, Sequence[int]] | None:
    """Return what the places of a table's (or column's) rows in a file are, where it has them."""
    name = getattr(getattr(data, "index", None), "name", None)
    return (name, data.index.tolist()) if name in (FILE_LINE, FILE_ROW) else None


#: Columns that name studies, in the order in which they are looked for, whatever their capitals.
LABEL_COLUMNS = (
    *("study", "label", "slab", "studie", "studies", "study name", "study_name", "study label"),
    *("author", "authors", "author(s)", "autor", "autoren", "first author", "name", "trial"),
    *("author (year)", "authors (year)", "study (year)", "citation", "reference"),
    *("étude", "etude", "estudio", "estudo", "studio"),
    *("auteur", "auteurs", "autores", "autore", "autori"),
)
#: Those that may hold numbers: elsewhere text is wanted, as a trial can be a number of trials.
NUMBERS_MAY_NAME = ("study", "label", "slab")


def label_column(data: pd.DataFrame | None) -> Any:
    """Return the name of the column that names the studies; None where no column does."""
    if data is None:
        return None
    columns = {str(name).strip().lower(): name for name in reversed(data.columns.tolist())}
    for word in LABEL_COLUMNS:
        found = columns.get(word)
        if found is not None and (
            word in NUMBERS_MAY_NAME or getattr(data.dtypes[found], "kind", "O") not in "fiubcmM"
        ):
            return found
    return None


def is_series(value: Any) -> bool:
    """Tell whether a value is a pandas Series, without importing pandas."""
    return _derives_from_pandas(value.__class__, "Series")


def is_frame(value: Any) -> bool:
    """Tell whether a value is a pandas DataFrame, without importing pandas."""
    return _derives_from_pandas(value.__class__, "DataFrame")


@lru_cache(maxsize=256)
def _derives_from_pandas(kind: type, name: str) -> bool:
    """Tell whether a type is a class of pandas or one made from it; asked once a type."""
    return any(c.__name__ == name and c.__module__.startswith("pandas") for c in kind.__mro__)


def check_frame(data: object, argument: str = "data") -> None:
    """Refuse anything that is neither None nor a DataFrame."""
    if data is not None and not is_frame(data):
        raise InputError(
            f"`{argument}` must be a pandas DataFrame (or None with arrays); "
            f"got {type(data).__name__}."
        )


def refuse_absent(given: Mapping[str, object]) -> None:
    """Refuse arguments that are None though nothing can be computed without them."""
    absent = [f"`{argument}`" for argument, value in given.items() if value is None]
    if absent:
        raise InputError(f"{listing(absent)} must be given; got None.")


def check_choice(argument: str, value: object, choices: Iterable[str]) -> str:
    """Return a word that is one of the choices, or refuse it with the nearest one."""
    choices = list(choices)
    if not isinstance(value, str) or value not in choices:
        raise InputError(one_of(argument, choices, value))
    return value


def check_level(level: float, argument: str = "level") -> float:
    """Return a confidence level as a fraction; percentages are refused, not guessed."""
    if (
        isinstance(level, bool)
        or not isinstance(level, (int, float, np.number))
        or not 0 < level < 1
    ):
        hint = (
            f" Write {level / 100:g} for {level:g} %."
            if isinstance(level, (int, float)) and 1 < level < 100
            else ""
        )
        raise InputError(
            f"`{argument}` must be a fraction between 0 and 1, such as 0.95; got {level!r}.{hint}"
        )
    return float(level)


def check_flag(argument: str, value: object) -> bool:
    """Return True or False, or refuse what is neither."""
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(f"`{argument}` must be True or False; got {value!r}.")
    return bool(value)


def check_whole(argument: str, value: object, least: int = 1) -> int:
    """Return a whole number of at least some size."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(f"`{argument}` must be a whole number of at least {least}; got {value!r}.")
    return int(value)


def column(data: pd.DataFrame, name: str, argument: str) -> pd.Series:
    """Return one column of a frame, or name the nearest one that exists."""
    if name not in data.columns:
        names = [str(c) for c in data.columns]
        raise InputError(
            f"`{argument}` names the column {name!r}, which `data` does not have; "
            f"it has {listing([repr(n) for n in names], 12)}.{did_you_mean(name, names)}"
        )
    found = data[name]
    if is_frame(found):
        raise InputError(f"`data` has more than one column named {name!r}; rename them.")
    return found


def row_names(rows: Sequence[int], labels: Sequence[str] | None = None, most: int = 5) -> str:
    """Return ``row 3 ('Smith 1990')`` or ``rows 3, 17 (...)``, counted from 0.

    Rows that know their places in a file are named by these: ``line 5 of the file (…)``.
    """
    numbering = getattr(labels, "numbering", None)
    what, places = numbering if numbering else ("row", None)
    head, _, tail = what.partition(" ")
    shown = listing([str(places[r] if places else r) for r in rows], most)
    text = f"{head}{'' if len(rows) == 1 else 's'} {shown}{f' {tail}' if tail else ''}"
    if labels:
        text += f" ({listing([repr(str(labels[r])) for r in rows], most)})"
    return text


def as_floats(
    value: Any, argument: str, labels: Sequence[str] | None = None, *, infinite: bool = False
) -> Array:
    """Return a fresh float vector; missing values become NaN.

    Text is refused, and so are infinities unless ``infinite`` lets them pass.
    """
    if value is None or isinstance(value, (bytes, dict, set)):
        raise InputError(f"`{argument}` must hold numbers; got {type(value).__name__}.")
    try:
        if is_series(value) and isinstance(value.dtype, np.dtype) and value.dtype.kind in "fiu":
            numbers = value.to_numpy().astype(float)
        elif is_series(value) and any(isinstance(item, str) for item in value):
            numbers = _floats_or_refuse(value, argument, labels)
        elif is_series(value):
            numbers = np.array(value.to_numpy(dtype=float, na_value=math.nan))
        else:
            numbers = np.array(value, dtype=float)
    except (TypeError, ValueError):
        numbers = _floats_or_refuse(value, argument, labels)
    if numbers.ndim == 0:
        numbers = numbers.reshape(1)
    if numbers.ndim != 1:
        raise InputError(f"`{argument}` must be one-dimensional; got shape {numbers.shape}.")
    if not infinite and (endless := np.isinf(numbers)).any():
        rows = np.flatnonzero(endless).tolist()
        raise InputError(
            f"`{argument}` must be finite; {row_names(rows, labels)} "
            f"{'is' if len(rows) == 1 else 'are'} infinite."
        )
    return numbers


def _floats_or_refuse(value: Any, argument: str, labels: Sequence[str] | None) -> Array:
    """Convert item by item, so that the message can name the cells that are no numbers."""
    items = list(value)
    numbers = np.full(len(items), math.nan)
    bad: list[int] = []
    texts: list[int] = []
    for row, item in enumerate(items):
        try:
            plain = item.replace("−", "-") if isinstance(item, str) else item
            numbers[row] = math.nan if plain is None or plain is pd.NA else float(plain)
        except (TypeError, ValueError):
            bad.append(row)
        else:
            if isinstance(item, str):
                texts.append(row)
    if bad or texts:
        raise InputError(_no_numbers(items, bad, texts, argument, _in_file(value, labels)))
    return numbers


def _in_file(value: Any, labels: Sequence[str] | None) -> Sequence[str] | None:
    """Return the names of rows with their places in a file, where the column knows these."""
    numbering = numbering_of(value) if is_series(value) else None
    if numbering is None or hasattr(labels, "numbering"):
        return labels
    return Numbered(labels or (), numbering)


def _no_numbers(
    items: list[Any],
    bad: list[int],
    texts: list[int],
    argument: str,
    labels: Sequence[str] | None,
) -> str:
    """Say which cells are no numbers; where all could be read as such, what reads them."""
    doubtful = [row for row in texts if DOUBTFUL.fullmatch(str(items[row]).strip())]
    rows = bad or doubtful or texts
    told = (
        f"`{argument}` must hold numbers; {row_names(rows, labels)} "
        f"{'is' if len(rows) == 1 else 'are'} {listing([repr(items[r]) for r in rows], 3)}"
    )
    counted = "" if hasattr(labels, "numbering") else " (rows are counted from 0)"
    if not bad and not counted:
        return (
            f"{told}, whose point can be decimal or part thousands. Write the column without doubt."
        )
    if not bad:
        return (
            f"{told}{counted}: numbers as text. Convert the column with pd.to_numeric, or read its "
            "file with mr.read_studies."
        )
    way_out = f"Correct or empty {'it' if len(bad) == 1 else 'them'}."
    if any(BOUND.match(str(items[r]).strip()) for r in bad):
        way_out += " effects_from_reports (in the terminal --from-reports) reads bounds."
    if counted and any(COMMA.fullmatch(str(items[r]).strip()) for r in bad):
        way_out += " mr.read_studies(path) reads decimal commas."
    return f"{told}{counted}. {way_out}"


def resolve(
    data: pd.DataFrame | None,
    given: Mapping[str, Any],
    *,
    labels: Sequence[str] | None = None,
    infinite: bool = False,
) -> dict[str, Array]:
    """Turn column names and arrays into float vectors of one common length.

    Parameters
    ----------
    data : DataFrame or None
        The frame that column names refer to.
    given : mapping
        Argument name to column name, array, Series or scalar; None is skipped. A scalar is
        repeated over the rows.
    labels : sequence of str, optional
        Names of the rows, for messages.
    infinite : bool
        Whether infinite numbers may pass.

    Returns
    -------
    dict
        Argument name to float vector, all of the same length.

    Raises
    ------
    InputError
        On an unknown column, a length that differs, a Series whose index is not that of
        ``data`` (or of the other Series), or values that are not numbers.
    """
    check_frame(data)
    raw = {name: value for name, value in given.items() if value is not None}
    refuse_foreign_index(data, raw)
    vectors: dict[str, Array] = {}
    scalars: dict[str, Array] = {}
    for name, value in raw.items():
        if isinstance(value, str):
            if data is None:
                raise InputError(
                    f"`{name}` names the column {value!r}, but no `data` was given; "
                    "pass the frame as first argument, or an array here."
                )
            vectors[name] = as_floats(column(data, value, name), name, labels, infinite=infinite)
        elif isinstance(value, (bool, np.bool_)):
            raise InputError(
                f"`{name}` must be a column name, an array or a number; got {value!r}."
            )
        elif np.ndim(value) == 0 and not is_series(value):
            scalars[name] = as_floats(value, name, labels, infinite=infinite)
        else:
            vectors[name] = as_floats(value, name, labels, infinite=infinite)
    length = len(data) if data is not None else max((len(v) for v in vectors.values()), default=1)
    wrong = {name: len(v) for name, v in vectors.items() if len(v) != length}
    if wrong:
        lengths = ", ".join(f"`{name}` has {len(v)}" for name, v in vectors.items())
        frame = f"; `data` has {length} rows" if data is not None else ""
        raise InputError(f"All inputs must have the same length: {lengths}{frame}.")
    vectors.update({name: np.repeat(value, length) for name, value in scalars.items()})
    return {name: vectors[name] for name in raw}


def refuse_foreign_index(data: pd.DataFrame | None, given: Mapping[str, Any]) -> None:
    """Refuse Series that pandas would align by label and we would read by position."""
    series = [(name, value) for name, value in given.items() if is_series(value)]
    if not series:
        return
    reference, owner = (
        (data.index, "data") if data is not None else (series[0][1].index, series[0][0])
    )
    for name, value in series:
        if not value.index.equals(reference):
            raise InputError(
                f"`{name}` is a Series whose index differs from that of `{owner}`; "
                f"rows could be mismatched. Reindex it, or pass `{name}.to_numpy()` to go by "
                "position."
            )


def _all_inside(values: Array, domain: Domain) -> bool:
    """Tell whether no value is missing or outside a domain, at the least cost."""
    inside = values > domain.low if domain.open_low else values >= domain.low
    if domain.high < math.inf or domain.open_high:
        inside &= values < domain.high if domain.open_high else values <= domain.high
    return bool(inside.all())


def check_domain(
    values: Array,
    domain: Domain,
    argument: str,
    labels: Sequence[str] | None = None,
    hint: str = "",
) -> None:
    """Refuse values outside a domain, naming the rows; missing values pass."""
    if not domain.whole and _all_inside(values, domain):
        return
    known = ~np.isnan(values)
    low = values <= domain.low if domain.open_low else values < domain.low
    high = values >= domain.high if domain.open_high else values > domain.high
    bad = known & (low | high)
    if domain.whole:
        bad |= known & (values != np.round(values))
    rows = np.flatnonzero(bad)
    if rows.size:
        shown = listing([f"{values[r]:g}" for r in rows], 5)
        raise InputError(
            f"`{argument}` must be {domain}; {row_names(rows.tolist(), labels)} "
            f"{'is' if rows.size == 1 else 'are'} {shown}.{' ' + hint if hint else ''}"
        )


def index_of(data: pd.DataFrame | None, given: Mapping[str, Any]) -> pd.Index | None:
    """Return the index for a new frame: that of the data, or of the first Series given."""
    if data is not None:
        return data.index
    return next((value.index for value in given.values() if is_series(value)), None)


def generator(seed: object, argument: str = "seed") -> np.random.Generator:
    """Return a generator of random numbers from a seed, a generator, or None for a fresh one."""
    if isinstance(seed, np.random.Generator):
        return seed
    whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool)
    if seed is not None and not (whole and int(seed) >= 0):  # type: ignore[call-overload]
        raise InputError(
            f"`{argument}` must be a whole number of at least 0, a numpy Generator, or None for "
            f"new draws each time; got {seed!r}."
        )
    return np.random.default_rng(seed)  # type: ignore[arg-type]
