"""Columns of a study table to effects: checked inputs, the measure's formula, `yi` and `vi`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import (
    Numbered,
    check_choice,
    check_domain,
    check_frame,
    column,
    is_series,
    label_column,
    numbering_of,
    resolve,
)
from metarel._format import listing
from metarel._lazy import pd
from metarel._register import did_you_mean, one_of
from metarel._vocabulary import SYMBOLS
from metarel.effects._doubts import warn_of_doubts
from metarel.effects._measure import Measure, Setting, compute_effect
from metarel.effects._parts import refuse_rows
from metarel.effects.register import MEASURES
from metarel.errors import InputError
from metarel.settings.resolve import effect_settings

if TYPE_CHECKING:
    from metarel._checks import Array, Column

#: metafor's names of what is no input of a measure.
OTHER_NAMES = {"vtype": "variance", "slab": "labels", "append": "replace"}
CORRECT = {True: "exact", False: "none", "exact": "exact", "approximate": "approximate"}


def effect_sizes(
    data: pd.DataFrame | None,
    measure: str,
    *,
    variance: str | None = None,
    correct: bool | str | None = None,
    flip: Column | None = None,
    labels: str | Sequence[str] | None = None,
    yi: Column = "yi",
    vi: Column = "vi",
    replace: bool = False,
    settings: str | None = None,
    **inputs: Any,
) -> pd.DataFrame:
    """Compute effects and their sampling variances from what the studies report.

    Parameters
    ----------
    data : DataFrame or None
        One row a study (or a comparison); None when the inputs are arrays.
    measure : str
        Code of the measure, such as ``"SMD"``, ``"ZCOR"`` or ``"OR"``.
    variance : str, optional
        Variance rule of the measure, such as ``"LS"`` or ``"UB"``; its first rule by default,
        which ``"LS"`` names too where no rule is called so.
    correct : bool or {"exact", "approximate"}, optional
        Whether a measure with a known small-sample bias is corrected for it. For standardised
        mean differences True (the default) is Hedges' exact factor, ``"approximate"`` his
        1 − 3/(4 df − 1), and False leaves Cohen's d. Measures without a correction are the same
        either way.
    flip : column name, array or number, optional
        Multiplies the effects (−1 turns the sign, in rows whose scale runs the other way);
        variances are multiplied by its square. Truth values mark the rows to turn. A row whose
        ``flip`` is missing has neither effect nor variance (NaN), as its sign is not known.
    labels : column name or sequence of str, optional
        Names of the rows, for messages; by default the column that is called study, author or
        the like.
    yi, vi : str
        Names of the two columns to add. For ``"GEN"`` and other measures whose inputs they are,
        they are the columns (or arrays) to read, and the columns added are named yi and vi.
    replace : bool
        Whether columns of these names may be overwritten.
    settings : str, optional
        Another program's choices for what is not given, such as ``"revman5"`` or ``"meta"``:
        correction and variance rule of SMD, empty cells of tables; ``settings_table()`` lists
        all.
    **inputs : column name, array or number
        The measure's own input words and settings, each naming a column of ``data`` or holding
        the values. Where a measure takes alternatives (means, or t, or p), a row uses the first
        set that is complete in it.

    Returns
    -------
    DataFrame
        A copy of ``data`` (or a fresh frame) with two float columns, the effect and its variance,
        and the measure's code in ``attrs["measure"]``; ``attrs["effect_sizes"]`` says how they
        were made, in plain types. A row keeps what its inputs give, as in metafor: without a
        number that the effect needs it has neither (NaN), without one that only the variance
        needs it has an effect beside a missing variance, and a number that neither needs (such as
        the pairs without any event, of which a marginal risk ratio knows nothing) may be missing.
        A row whose effect is infinite, such as an odds ratio with an empty cell that no constant
        was added to, has neither. The models leave out rows that lack either, and count them.

    Raises
    ------
    InputError
        On an unknown measure, variance rule or input word, on inputs that are not enough, on
        values outside their range or contradicting each other (rows are named), and on a column
        that exists already.

    Warns
    -----
    MetarelWarning
        Where t or p without a minus gives positive effects among negative ones, and where sizes
        are no whole numbers in most rows.

    Notes
    -----
    Group 1 minus group 2: a positive value means that group 1 is higher. Codes and variance rules
    are those of R's metafor, whose ``escalc`` gives the same numbers [viechtbauer2010];
    ``metarel.effects.register.MEASURES`` holds each measure's formula, sources and rules.

    Examples
    --------
    >>> import pandas as pd
    >>> import metarel as mr
    >>> studies = pd.DataFrame({"r": [0.28, 0.10], "n": [60, 103]})
    >>> mr.effect_sizes(studies, "ZCOR", r="r", n="n").round(4)
          r    n      yi      vi
    0  0.28   60  0.2877  0.0175
    1  0.10  103  0.1003  0.0100
    >>> mr.effect_sizes(None, "SMD", t=[2.5], n1=15, n2=45).round(4)
           yi      vi
    0  0.7357  0.0934
    """
    check_frame(data)
    if not isinstance(replace, (bool, np.bool_)):
        raise InputError(f"`replace` must be True or False; got {replace!r}.")
    declared = MEASURES[measure]
    names = row_labels(data, label_column(data) if labels is None else labels)
    words = _own_words(declared, inputs, yi, vi, data)
    _refuse_unknown(declared, words)
    given, applied = effect_settings(
        settings,
        declared.code,
        {"correct": _form(correct), "variance": variance, **_choices(declared, words)},
    )
    options = {
        code: _setting(setting, given[code])
        for code, setting in _settings(declared).items()
        if code in given
    }
    options["correct"] = correction_of(declared, given.get("correct", True))
    rule = rule_of(declared, given.get("variance"))
    _refuse_insufficient(declared, words)
    vectors = resolve(data, {**words, "flip": _as_multiplier(data, flip, names)}, labels=names)
    sign = _sign(vectors.pop("flip", None))
    check_values(declared, vectors, names)
    effect = compute_effect(declared, vectors, rule, options)
    taken = {"yi", "vi"} <= set(declared.words)
    columns = ("yi", "vi") if taken else _columns(yi, vi)
    frame = _fresh(inputs, len(effect.yi)) if data is None else data.copy()
    _refuse_existing(frame, columns, words if taken else {}, replace)
    warn_of_doubts(declared, vectors, effect.yi * sign, names)
    frame[columns[0]], frame[columns[1]] = effect.yi * sign, effect.vi * sign**2
    frame.attrs["measure"] = declared.code
    frame.attrs["effect_sizes"] = {
        **_made(declared, rule, options, words),
        "flip": flip if isinstance(flip, str) else flip is not None,
        "columns": list(columns),
        "preset": None if applied is None else applied.to_dict(),
    }
    return frame


def row_labels(data: pd.DataFrame | None, labels: Any) -> list[str] | None:
    """Return the names of the rows as text.

    Parameters
    ----------
    data : DataFrame or None
        The frame that a column name refers to.
    labels : str, sequence or None
        Column name, or the names.

    Returns
    -------
    list of str or None
        The names; None where there are none.

    Raises
    ------
    InputError
        If the column is not there, or the count of names differs from that of the rows.
    """
    if labels is None:
        places = numbering_of(data)
        return None if places is None else Numbered((), places)
    if isinstance(labels, str):
        if data is None:
            raise InputError(f"`labels` names the column {labels!r}, but no `data` was given.")
        labels = column(data, labels, "labels")
    names = [str(label) for label in labels]
    if data is not None and len(names) != len(data):
        raise InputError(f"`labels` has {len(names)} names; `data` has {len(data)} rows.")
    places = numbering_of(data)
    return names if places is None else Numbered(names, places)


def _own_words(
    measure: Measure, inputs: Mapping[str, Any], yi: Any, vi: Any, data: pd.DataFrame | None
) -> dict[str, Any]:
    """Return the words given; `yi` and `vi` are among them where the measure reads them."""
    words = {word: value for word, value in inputs.items() if value is not None}
    if "yi" in measure.words:
        words["yi"] = yi
        absent = isinstance(vi, str) and vi == "vi" and (data is None or "vi" not in data.columns)
        if not (absent and "sei" in words):
            words["vi"] = vi
    return words


def _settings(measure: Measure) -> dict[str, Setting]:
    return {setting.code: setting for setting in measure.design.settings}


def _choices(measure: Measure, words: dict[str, Any]) -> dict[str, Any]:
    """Take the measure's settings out of the words given."""
    return {code: words.pop(code) for code in _settings(measure) if code in words}


def _refuse_unknown(measure: Measure, words: Iterable[str]) -> None:
    """Refuse a word the measure does not take, and offer the one that was meant."""
    known = [*measure.words, *_settings(measure)]
    for word in words:
        if word not in known:
            ours = measure.metafor_words.get(word) or OTHER_NAMES.get(word)
            hint = f" Did you mean '{ours}'?" if ours else did_you_mean(word, known)
            if word in SYMBOLS and not ours:
                hint = f" effects_from_reports() reads `{word}`, where a route leads from it."
            raise InputError(
                f"`{word}` is not a word that {measure.code} takes; it takes "
                f"{listing([f'`{code}`' for code in known], 30)}.{hint}"
            )


def _refuse_insufficient(measure: Measure, words: Mapping[str, Any]) -> None:
    """Refuse inputs that complete no set, and inputs that belong to no complete set."""
    complete = [way for way in measure.ways if set(way) <= set(words)]
    sets = "; or ".join(", ".join(f"`{word}`" for word in way) for way in measure.ways)
    given = ", ".join(f"`{word}`" for word in words) or "none"
    if not complete:
        raise InputError(f"{measure.code} needs {sets}; got {given}.")
    used = {word for way in complete for word in way} | set(measure.optional)
    unused = [f"`{word}`" for word in words if word not in used]
    if unused:
        raise InputError(
            f"{listing(unused)} cannot be used without the words that complete "
            f"{'it' if len(unused) == 1 else 'them'}: {measure.code} needs {sets}; got {given}."
        )


def _setting(setting: Setting, value: Any) -> Any:
    """Return the value of a setting, checked against its kind."""
    if setting.choices:
        return check_choice(setting.code, value, setting.choices)
    if isinstance(setting.default, bool):
        if not isinstance(value, (bool, np.bool_)):
            raise InputError(f"`{setting.code}` must be True or False; got {value!r}.")
        return bool(value)
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not number or not 0 <= value < np.inf:
        raise InputError(
            f"`{setting.code}` must be a finite number, zero or positive; got {value!r}."
        )
    return float(value)


def rule_of(measure: Measure, variance: str | None) -> str:
    """Return the code of the variance rule; ``"LS"`` names any measure's default.

    Parameters
    ----------
    measure : Measure
        Whose rule is wanted.
    variance : str or None
        The word that was given.

    Returns
    -------
    str
        The code.

    Raises
    ------
    InputError
        If the measure has no such rule.
    """
    default = measure.variance_rules[0]
    if variance is None or (variance == "LS" and "LS" not in measure.variance_rules):
        return default
    if variance not in measure.variance_rules:
        raise InputError(one_of("variance", measure.variance_rules, variance))
    return variance


def correction_of(measure: Measure, correct: bool | str) -> str:
    """Return the form of the bias correction.

    Parameters
    ----------
    measure : Measure
        What is corrected.
    correct : bool or str
        The word that was given.

    Returns
    -------
    str
        ``"exact"``, ``"approximate"`` or ``"none"``.

    Raises
    ------
    InputError
        If the word is none of these, or the measure has no approximate form.
    """
    chosen = CORRECT.get(correct) if isinstance(correct, (bool, str)) else None
    if chosen is None:
        raise InputError(
            f"`correct` must be True, False, 'exact' or 'approximate'; got {correct!r}."
        )
    if chosen == "approximate" and measure.correction != "J":
        raise InputError(
            f"`correct` cannot be 'approximate' for {measure.code}, which does not use Hedges' "
            "factor; leave it out."
        )
    return chosen


def _form(correct: Any) -> Any:
    """Return a correction in the one word that presets use; what is unknown stays as it came."""
    chosen = CORRECT.get(correct) if isinstance(correct, (bool, str)) else None
    return {None: correct, "none": False}.get(chosen, chosen)


def _made(
    measure: Measure, rule: str, options: Mapping[str, Any], words: Mapping[str, Any]
) -> dict[str, Any]:
    """Return how the effects were made, in plain types; inputs by the names of their columns."""
    return {
        "measure": measure.code,
        "variance": rule,
        "correct": options["correct"],
        "settings": {word: value for word, value in options.items() if word != "correct"},
        "inputs": {word: v if isinstance(v, str) else None for word, v in words.items()},
    }


def _sign(flip: Array | None) -> Array | float:
    """Return the multiplier of the effects."""
    if flip is None:
        return 1.0
    if (flip == 0).any():
        raise InputError("`flip` must not be 0: it multiplies the effects. Use -1 to turn a sign.")
    return flip


def _as_multiplier(data: pd.DataFrame | None, flip: Any, names: Sequence[str] | None) -> Any:
    """Return truth values as −1 (turn) and 1, missing ones as NaN, and numbers as they came."""
    values = column(data, flip, "flip") if isinstance(flip, str) and data is not None else flip
    if values is None or isinstance(values, str):
        return flip
    given = np.asarray(values)
    if given.dtype.kind == "b":
        return np.where(given, -1.0, 1.0)
    if given.dtype.kind != "O" or given.ndim != 1:
        return flip
    truths = np.array([isinstance(item, (bool, np.bool_)) for item in given], dtype=bool)
    others = ~truths & ~np.asarray(pd.isna(given), dtype=bool)
    if not truths.any():
        return flip
    refuse_rows(
        others,
        "`flip` must be truth values throughout, or numbers throughout; some rows hold truth "
        "values and others do not",
        names,
    )
    result = np.full(len(given), np.nan)
    result[truths] = np.where(given[truths].astype(bool), -1.0, 1.0)
    return result


def check_values(
    measure: Measure, vectors: Mapping[str, Array], names: Sequence[str] | None
) -> None:
    """Refuse values outside their range, and rows that contradict themselves.

    Parameters
    ----------
    measure : Measure
        What they are for.
    vectors : mapping of str to ndarray
        Float vectors by input word.
    names : sequence of str or None
        Names of the rows, for messages.

    Raises
    ------
    InputError
        Naming the word and the rows.
    """
    for word, values in vectors.items():
        domain = measure.domains.get(word, SYMBOLS[word].domain)
        check_domain(values, domain, word, names)
    if measure.design.check is not None:
        measure.design.check(vectors, names)


def _columns(yi: Any, vi: Any) -> tuple[str, str]:
    """Return the names of the two columns to add."""
    for argument, value in (("yi", yi), ("vi", vi)):
        if not isinstance(value, str):
            raise InputError(f"`{argument}` must be the name of the column to add; got {value!r}.")
    if yi == vi:
        raise InputError(f"`yi` and `vi` must name two columns; both are {yi!r}.")
    return yi, vi


def _fresh(inputs: Mapping[str, Any], length: int) -> pd.DataFrame:
    """Return a frame without columns, indexed as the first Series given."""
    series = [value for value in inputs.values() if is_series(value)]
    return pd.DataFrame(index=series[0].index if series else pd.RangeIndex(length))


def _refuse_existing(
    frame: pd.DataFrame, columns: Sequence[str], read: Mapping[str, Any], replace: bool
) -> None:
    """Refuse to overwrite a column, unless it was asked for or is the very column read."""
    own = [c for c in columns if isinstance(read.get(c), str) and read[c] == c]
    there = [c for c in columns if c in frame.columns and c not in own]
    if there and not replace:
        other = "" if read else "name other columns with `yi=` and `vi=`, or "
        raise InputError(f"`data` has the column {there[0]!r} already; {other}say `replace=True`.")
