"""Formulas to design matrices; the only file that touches formulaic."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import column, is_frame, row_names
from metarel._format import listing
from metarel._lazy import formulaic, pd
from metarel._linalg import column_rank_problem, intercept
from metarel._register import did_you_mean
from metarel.errors import InputError
from metarel.models._formula_words import FUNCTIONS, names_outside_calls, refuse_unknown

if TYPE_CHECKING:
    from metarel._checks import Array

INTERCEPT = "intercept"
#: A level that is a whole number, as formulaic writes it: ``C(grade)[T.2.0]``.
WHOLE_LEVEL = re.compile(r"\[((?:[A-Z]\.)?-?\d+)\.0\]")
#: An operator with nothing after it.
DANGLING = re.compile(r"[-+*/:^]$")
#: What makes a factor in other programs, and of which column.
FACTOR = re.compile(r"(?<![\w.])((?:as\.)?(?:factor|ordered)|[Cc]ategorical)\s*\(\s*(\w+)")
#: A comparison at the top of a formula.
COMPARED = re.compile(r"[<>]|[=!]=")
#: A power at the top of a formula, where it crosses terms and raises nothing.
TOP_POWER = re.compile(r"\b([A-Za-z_]\w*)\s*(?:\*\*|\^)\s*(\d+)")


#: Names with plus signs between them: nothing to evaluate.
SUM = re.compile(r"[A-Za-z_]\w*(?:\s*\+\s*[A-Za-z_]\w*)*")


@dataclass(frozen=True)
class SumOfNumbers:
    """What formulaic's record does, for an intercept and numbers as they are.

    Most regressions are this, and formulaic takes longer to build their matrix than they take to
    be fitted.

    Parameters
    ----------
    names : tuple of str
        The moderators in the order of the formula.
    """

    names: tuple[str, ...]

    @property
    def term_indices(self) -> dict[str, list[int]]:
        """Each term and its columns."""
        return {term: [i] for i, term in enumerate(("1", *self.names))}

    def get_model_matrix(self, frame: pd.DataFrame, context: object = None) -> Array:
        """Return the matrix of these or of new rows; there are no functions to look up."""
        del context
        return self.matrix([frame[name] for name in self.names])

    def matrix(self, numbers: Sequence[pd.Series]) -> Array:
        """Return the matrix of an intercept and these columns."""
        X = np.ones((len(numbers[0]), 1 + len(numbers)))
        for j, values in enumerate(numbers, 1):
            X[:, j] = values.to_numpy(dtype=float)
        return X


@dataclass(frozen=True, eq=False)
class Design:
    """A design matrix and how to build the same columns for new rows.

    Parameters
    ----------
    X : ndarray, shape (k, p)
        One row a study.
    terms : tuple of str
        The name of each column.
    formula : str
        As written; ``"1"`` for an intercept only.
    variables : tuple of str
        The columns of the frame that the formula uses.
    levels : mapping
        Each text or categorical variable and its levels.
    spec : object
        formulaic's own record, or None where no formula was needed.
    columns : DataFrame or None
        The variables of the formula in the rows that were used, where X itself does not hold them.
    """

    X: Array
    terms: tuple[str, ...]
    formula: str
    variables: tuple[str, ...]
    levels: dict[str, tuple[Any, ...]]
    spec: Any
    columns: Any = None

    @cached_property
    def frame(self) -> Any:
        """The variables of the formula in the rows that were used, or None without a formula."""
        if isinstance(self.spec, SumOfNumbers):
            return pd.DataFrame(dict(zip(self.spec.names, self.X.T[1:], strict=True)))
        return self.columns

    @property
    def groups(self) -> dict[str, tuple[int, ...]]:
        """Each term of the formula, as written, and its columns."""
        if self.spec is None:
            return {INTERCEPT: (0,)}
        return {
            INTERCEPT if str(term) == "1" else str(term): tuple(columns)
            for term, columns in self.spec.term_indices.items()
        }

    @property
    def factors(self) -> dict[str, tuple[Any, ...]]:
        """Each variable that enters as a factor, and its levels in order."""
        found = dict(self.levels)
        for expression, state in getattr(self.spec, "factor_contrasts", {}).items():
            for name in value_names(str(expression)) - set(found):
                if name in self.variables:
                    found[name] = tuple(state.levels)
        return found

    @property
    def spans_intercept(self) -> bool:
        """Whether a constant lies in the column space: an intercept, or a full set of levels."""
        ones = np.ones(len(self.X))
        fitted = self.X @ np.linalg.lstsq(self.X, ones, rcond=None)[0]
        return bool(np.allclose(fitted, ones, atol=1e-8))


def intercept_only(k: int) -> Design:
    """Return the design of a plain pooled mean."""
    return Design(intercept(k), (INTERCEPT,), "1", (), {}, None)


def parse(formula: str) -> tuple[str, tuple[str, ...]]:
    """Return the right side of a formula and the variables in it."""
    if not isinstance(formula, str) or not formula.strip():
        raise InputError(
            f"`formula` must be text such as 'year + C(rater)'; got {formula!r}. "
            "For a plain pooled mean use pool()."
        )
    return _parse(formula)[1:]


def quoted(formula: Any, data: Any) -> Any:
    """Return a formula that is nothing but the name of a column in backticks, where it needs them.

    Where such a name stands among other words it is not guessed at: the message says how to write
    it. Other formulas are returned as they are.
    """
    if not isinstance(formula, str) or not is_frame(data):
        return formula
    text, columns = formula.strip(), [str(name) for name in data.columns]
    odd = [n for n in columns if not n.isidentifier() and n in text and n not in ("0", "1")]
    if not odd or "`" in text:
        return formula
    if text in odd:
        return f"`{text}`"
    try:
        if set(parse(formula)[1]) <= set(columns):
            return formula
    except InputError:
        pass
    name = max(odd, key=len)
    raise InputError(
        f"`formula` {formula!r} names the column {name!r}, which is no single word: write it in "
        f"backticks, `{name}`."
    )


@lru_cache(maxsize=256)
def _parse(formula: str) -> tuple[Any, str, tuple[str, ...]]:
    """Return a formula as formulaic has it, its text and its variables; read once."""
    text = formula.strip().removeprefix("~").strip()
    if "~" in text:
        raise InputError(
            f"`formula` must hold moderators only; got {formula!r}. "
            "The effect is named by `yi`; write what stands right of the ~."
        )
    _refuse_top_level(text)
    try:
        parsed = formulaic.Formula(text)
        names = _variables(parsed)
    except Exception as fault:
        first = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
        raise InputError(f"`formula` {formula!r} cannot be read: {first}") from fault
    for expression in _evaluated(parsed):
        refuse_unknown(expression, formula)
    return parsed, text, names


def _evaluated(parsed: Any) -> list[str]:
    """Return the factors of a formula that are evaluated, and not looked up."""
    factors = [factor for term in parsed for factor in term.factors]
    return [factor.expr for factor in factors if factor.eval_method.value == "python"]


def _variables(parsed: Any) -> tuple[str, ...]:
    """Return the columns that a formula uses, also those inside of bs(), poly() or scale().

    formulaic's own list leaves out what stands inside of its stateful transforms.
    """
    names = {str(v) for v in parsed.required_variables if _is_value(v)}
    for expression in _evaluated(parsed):
        names |= value_names(expression)
    return tuple(sorted(names))


def _is_value(variable: Any) -> bool:
    """Tell whether a name stands for data, and not for a function."""
    return "callable" not in {role.value for role in variable.roles}


def value_names(expression: str) -> set[str]:
    """Return the names in an expression that are neither functions nor formulaic's own."""
    found = formulaic.utils.variables.get_required_variables(expression, {})
    roots = {str(v.root) for v in found if _is_value(v)}
    return roots - set(formulaic.transforms.TRANSFORMS)


def _refuse_top_level(text: str) -> None:
    """Refuse what means nothing or something else in formulas, and say what to write instead.

    That is ``factor(x)``; ``a > 1``; ``year**2``, which is year itself; ``|``; a loose end.
    """
    bare = text
    while bare != (bare := re.sub(r"\([^()]*\)|\{[^{}]*\}|`[^`]*`", "@", bare)):
        pass
    if "|" in bare:
        raise InputError(
            f"`formula` {text!r} has '|', which parts a formula in two; write '+' for one more "
            "moderator, '*' for one that interacts."
        )
    if factor := FACTOR.search(text):
        raise InputError(
            f"`formula` {text!r} calls {factor[1]!r}: write C({factor[2]}), or the column alone if "
            "it is text."
        )
    if COMPARED.search(bare):
        raise InputError(
            f"`formula` {text!r} has a comparison between terms; write it inside of I(), as in "
            "'I(ablat > 30)', which is 1 where it is true."
        )
    loose = DANGLING.search(bare)
    if loose:
        raise InputError(
            f"`formula` {text!r} ends in {loose.group()!r}; write the moderator that follows, or "
            "leave it out."
        )
    power = TOP_POWER.search(bare)
    if power:
        name, order = power.groups()
        raise InputError(
            f"`formula` has {power.group()!r}, which in a formula is {name} itself; "
            f"write 'I({name}**{order})' or 'poly({name}, {order})'."
        )


def level_text(level: Any) -> str:
    """Return a level as people write it: 2 for 2.0."""
    return f"{level:g}" if isinstance(level, float) else str(level)


def missing_moderators(data: pd.DataFrame, variables: tuple[str, ...]) -> dict[str, Any]:
    """Return for each moderator which rows lack it, under the words to report it by."""
    return {f"no {name}": _missing(column(data, name, "formula")) for name in variables}


def _missing(values: pd.Series) -> Any:
    """Return where a column has no value; without pandas' detours where it is of floats."""
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "f":
        return np.isnan(values.to_numpy())
    return values.isna().to_numpy()


def build(formula: str, data: pd.DataFrame, labels: Sequence[str]) -> Design:
    """Build the design of a formula over complete rows; refuse what cannot be estimated."""
    text = parse(formula)[0]
    found = _sum_of_numbers(text, data)
    _refuse_own_names(formula, data, alone=found is not None)
    found = found or _evaluate(text, data, formula)
    X, terms = found.X, found.terms
    if not terms:
        raise InputError(f"`formula` {formula!r} has no term; write '1' for an intercept.")
    if not np.isfinite(X).all():
        _refuse_infinite(X, terms, labels)
    redundant = column_rank_problem(X, list(terms))
    if redundant:
        raise InputError(
            f"`formula` {formula!r} has moderators that repeat each other: "
            f"{listing([repr(t) for t in redundant])} can be computed from the others "
            f"in these {len(X)} rows. {_way_out(redundant)}"
        )
    return found


def _refuse_own_names(formula: str, data: pd.DataFrame, *, alone: bool) -> None:
    """Refuse columns of a name that formulas have already, or that the constant of a result has.

    Where numbers stand ``alone``, with nothing but plus signs between them, no function is meant.
    """
    parsed = _parse(formula)[0]
    factors = [factor for term in parsed for factor in term.factors]
    used = {f.expr.strip("`") for f in factors if f.eval_method.value == "lookup"}
    taken = {INTERCEPT, "Intercept"}
    taken = {name for name in taken & used if name in data and data[name].dtype.kind in "fiu"}
    if not alone:
        used = used.union(*map(names_outside_calls, _evaluated(parsed)))
        taken |= {*formulaic.transforms.TRANSFORMS, *FUNCTIONS} & used
    taken |= set(re.findall(r"`([01])`", formula))
    for name in sorted(taken & {str(name) for name in data.columns}):
        raise InputError(
            f"`formula` {formula!r} names the column {name!r}, and that means something else in "
            "formulas or in their results; rename the column."
        )


def _sum_of_numbers(text: str, data: pd.DataFrame) -> Design | None:
    """Return the design of numbers with plus signs between them; None where there is more."""
    if not SUM.fullmatch(text):
        return None
    names = tuple(dict.fromkeys(re.split(r"\s*\+\s*", text)))
    spec = SumOfNumbers(names)
    numbers = [column(data, name, "formula") for name in names]
    if any(values.dtype.kind not in "fiu" for values in numbers):
        return None
    return Design(spec.matrix(numbers), (INTERCEPT, *names), text, tuple(sorted(names)), {}, spec)


def _evaluate(text: str, data: pd.DataFrame, formula: str) -> Design:
    """Return the design of any formula, as formulaic evaluates it."""
    variables = parse(formula)[1]
    frame = pd.DataFrame({name: _tidy(column(data, name, "formula")) for name in variables})
    frame.index = pd.RangeIndex(len(data))
    matrix = _model_matrix(frame, len(data), formula)
    terms = tuple(_term(str(name)) for name in matrix.columns)
    levels = {
        name: tuple(frame[name].cat.categories)
        for name in variables
        if isinstance(frame[name].dtype, pd.CategoricalDtype)
    }
    X = matrix.to_numpy(dtype=float)
    return Design(X, terms, text, variables, levels, matrix.model_spec, frame)


def _term(name: str) -> str:
    """Return a coefficient's name: ``intercept``, and ``C(grade)[T.2]`` for ``[T.2.0]``."""
    return INTERCEPT if name == "Intercept" else WHOLE_LEVEL.sub(r"[\1]", name)


def _way_out(redundant: list[str]) -> str:
    """Return what to do about columns that repeat others."""
    if any(re.match(r"c[rsc]\(", term) for term in redundant):
        return (
            "The columns of a cubic spline add up to a constant: write constraints='center' "
            "inside of it, or '0 +' before it."
        )
    return "Leave out one of them."


def rebuild(design: Design, newdata: pd.DataFrame) -> Array:
    """Return the same columns for new rows."""
    if design.spec is None:
        return np.ones((len(newdata), 1))
    columns: dict[str, Any] = {}
    for name in design.variables:
        if name not in newdata.columns:
            came = [str(one) for one in newdata.columns]
            raise InputError(
                f"`newdata` lacks the column {name!r}, which the model needs; it has "
                f"{listing([repr(one) for one in came], 12) or 'none'}.{did_you_mean(name, came)}"
            )
        values = column(newdata, name, "newdata")
        if values.isna().any():
            rows = np.flatnonzero(values.isna().to_numpy()).tolist()
            raise InputError(f"`newdata` has no {name} in {row_names(rows)}.")
        columns[name] = _known_levels(name, values, design)
    if not columns:
        return np.repeat(design.X[:1], len(newdata), axis=0)
    frame = pd.DataFrame(columns)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # formulaic warns of levels that it sets to missing
            rows_of_new = np.asarray(
                design.spec.get_model_matrix(frame, context=FUNCTIONS), dtype=float
            )
    except Exception as fault:
        first = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
        raise InputError(f"`newdata` cannot be put into {design.formula!r}: {first}") from fault
    return rows_of_new


def _known_levels(name: str, values: pd.Series, design: Design) -> Any:
    """Return numbers as they are, and factors with the levels of the fitted model."""
    levels = design.factors.get(name)
    if levels is not None:
        unknown = sorted({level_text(v) for v in values if v not in levels})
        if unknown:
            raise InputError(
                f"`newdata` has levels of {name} that the model has not seen: {listing(unknown)}; "
                f"it knows {listing([level_text(v) for v in levels])}."
            )
    if name in design.levels:
        return pd.Categorical(values, categories=list(design.levels[name]))
    return values.to_numpy(dtype=float)


def _tidy(values: pd.Series) -> pd.Series:
    """Make text categorical, and forget levels that no row has."""
    values = values.reset_index(drop=True)
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.remove_unused_categories()
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return values.astype(float)
    return values.astype("category")


def _model_matrix(frame: pd.DataFrame, rows: int, formula: str) -> Any:
    if not frame.shape[1]:  # "1": formulaic needs a column to count the rows by
        frame = pd.DataFrame({"_row": np.zeros(rows)})
    try:
        parsed = _parse(formula)[0]
        return formulaic.model_matrix(parsed, frame, na_action="raise", context=FUNCTIONS)
    except Exception as fault:
        first = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
        raise InputError(f"`formula` {formula!r} cannot be evaluated: {first}") from fault


def _refuse_infinite(X: Array, terms: tuple[str, ...], labels: Sequence[str]) -> None:
    for term, values in zip(terms, X.T, strict=True):
        rows = np.flatnonzero(~np.isfinite(values)).tolist()
        if rows:
            raise InputError(
                f"`formula`: the term {term!r} is not finite in {row_names(rows, labels)}."
            )
