"""A fit as Stata code for its meta commands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.errors import InputError
from metarel.report._analysis import (
    LABELS,
    Analysis,
    is_factor,
    level_codes,
    number,
    numbers_of,
    subgroup_numbers,
)
from metarel.report._formula import stata_terms
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from metarel.moderators.subgroups import SubgroupsResult

#: Stata's word for each estimator; those that solve Q = k − p are its empirical Bayes.
METHODS = {
    "REML": "reml",
    "ML": "mle",
    "DL": "dlaird",
    "HE": "hedges",
    "HS": "hschmidt",
    "SJ": "sjonkman",
    **dict.fromkeys(("EB", "PM", "DLIT", "SJIT"), "ebayes"),
}
TESTS = {"z": "", "t": "tdistribution", "knha": "se(khartung)", "adhoc": "se(khartung, truncated)"}
TIGHT = "tolerance(1e-12) nrtolerance(1e-12) iterate(10000)"
LONGEST_NAME = 32


def write_stata(analysis: Analysis, file: str | None) -> str:
    """Return the whole text."""
    if analysis.fit.study.weights is not None:
        raise InputError("`fit` has weights of its own, which Stata's meta commands do not take.")
    if analysis.robust is not None:
        raise InputError(
            "`fit` has a cluster-robust covariance, which Stata's meta commands do not have; write "
            "its model, code(fit.model, 'stata')."
        )
    if analysis.scale is not None:
        raise InputError("`fit` has a model of tau2, which Stata's meta commands do not have.")
    names = _names(list(analysis.columns if file is None else analysis.in_file))
    result = analysis.subgroups
    body = _model(analysis, names) if result is None else _subgroups(analysis, result, names)
    labels = LABELS if file is None else analysis.labels
    named = f"studylabel({names[labels]}) " if labels else ""
    declare = f"meta set yi sei, {named}{_declared(analysis)}"
    parts = [
        "version 17",
        _read(analysis, names, file) if file else _input(analysis, names),
        f"generate double sei = sqrt(vi)\n{declare}",
        body,
    ]
    return "\n\n".join(parts) + "\n"


def _names(words: list[str]) -> dict[str, str]:
    """Return a name that Stata can hold for each column."""
    found: dict[str, str] = {}
    for word in words:
        plain = re.sub(r"\W", "_", word, flags=re.ASCII)
        plain = f"_{plain}" if plain[:1].isdigit() else plain
        if len(plain) > LONGEST_NAME or plain in found.values() or plain == "sei":
            raise InputError(
                f"`fit` uses the column {word!r}, for which Stata has no free name of at most "
                f"{LONGEST_NAME} letters, digits and underscores; rename it."
            )
        found[word] = plain
    return found


def _quoted(text: str) -> str:
    """Return a string in Stata's compound quotes."""
    if re.search(r"[`$\n\r]", text):
        raise InputError(
            f"`fit` holds the text {text!r}; a backtick, a dollar sign or a line break would be "
            "read as a command by Stata. Rename it."
        )
    return f'`"{text}"\''


def _labels(analysis: Analysis, names: dict[str, str]) -> list[str]:
    """Return the commands that name the levels of factors."""
    found = []
    for word, values in analysis.columns.items():
        if is_factor(values):
            _, levels = level_codes(values)
            listed = " ".join(f"{i + 1} {_quoted(level)}" for i, level in enumerate(levels))
            found.append(f"label define {names[word]} {listed}")
            found.append(f"label values {names[word]} {names[word]}")
    return found


def _input(analysis: Analysis, names: dict[str, str]) -> str:
    """Return the data as an input block; factors are numbers with labels."""
    heads, columns = [], []
    for word, values in analysis.columns.items():
        if isinstance(values, list):
            # widths are bytes
            width = max(1, *(len(text.encode()) for text in values))
            heads.append(f"str{width} {names[word]}")
            columns.append([_quoted(text) for text in values])
        else:
            numbers = level_codes(values)[0] if is_factor(values) else np.asarray(values, float)
            heads.append(f"{'int' if is_factor(values) else 'double'} {names[word]}")
            columns.append([number(v) for v in numbers])
    rows = [" ".join(row) for row in zip(*columns, strict=True)]
    return "\n".join(["clear", f"input {' '.join(heads)}", *rows, "end", *_labels(analysis, names)])


def _read(analysis: Analysis, names: dict[str, str], file: str) -> str:
    """Return the commands that read a file; text columns become factors in the order of levels."""
    lines = [
        f"* The file has a row a study, and the columns {', '.join(names.values())}.",
        f"import delimited using {_quoted(file)}, varnames(1) case(preserve) "
        f"{'stringcols(1) ' if analysis.labels else ''}asdouble clear",
    ]
    for word, values in analysis.columns.items():
        if is_factor(values):
            plain = names[word]
            _, levels = level_codes(values)
            listed = " ".join(f"{i + 1} {_quoted(level)}" for i, level in enumerate(levels))
            lines += [
                f"label define {plain} {listed}",
                f"rename {plain} {plain[: LONGEST_NAME - 5]}_text",
                f"encode {plain[: LONGEST_NAME - 5]}_text, generate({plain}) label({plain}) "
                "noextend",
            ]
    return "\n".join(lines)


def _declared(analysis: Analysis) -> str:
    """Return the model as meta set takes it."""
    tau2 = analysis.fit.spec.tau2
    if tau2 == "EE":
        return "common"
    if isinstance(tau2, str) and tau2 not in METHODS:
        raise InputError(
            f"`fit` estimates tau2 by {tau2!r}, which Stata does not have; fix tau2 at its value, "
            f"tau2={float(analysis.fit.tau2)!r}, to write the rest."
        )
    return f"random({METHODS[tau2]})" if isinstance(tau2, str) else "random(reml)"


def _options(analysis: Analysis, model: str) -> str:
    """Return the options of an analysis: model, test, level, thresholds."""
    spec = analysis.fit.spec
    iterated = isinstance(spec.tau2, str) and TAU2[spec.tau2].iterative
    level = f"level({number(round(100 * spec.level, 10))})"
    if spec.test not in TESTS:
        raise InputError(
            f"`fit` has test={spec.test!r}, which Stata's meta commands do not have; fit again "
            f"with one of {', '.join(map(repr, TESTS))}."
        )
    words = [model, TESTS[spec.test], level, TIGHT if iterated else ""]
    return " ".join(filter(None, words))


def _model(analysis: Analysis, names: dict[str, str]) -> str:
    """Return the commands of a pooled mean or a regression."""
    tau2, numbers = analysis.fit.spec.tau2, numbers_of(analysis)
    told = [f"* {line}" for line in ("metarel's numbers", *numbers)]
    if analysis.formula == "1":
        model = _declared(analysis) if isinstance(tau2, str) else f"tau2({number(tau2)})"
        shown = [f"meta summarize, {_options(analysis, model)}", *told]
        return "\n".join(shown)
    if not isinstance(tau2, str):
        raise InputError("`fit` is a regression with tau2 fixed at a number, which is not written.")
    if analysis.design:
        terms, constant = [f"c.{names[x]}" for x in analysis.design], False
    else:
        factors = {word for word, values in analysis.columns.items() if is_factor(values)}
        terms, constant = stata_terms(analysis.formula, factors, lambda word: names[word])
    model = "fixed" if tau2 == "EE" else _declared(analysis)
    words = [model] if constant else [model, "noconstant"]
    return "\n".join(
        [f"meta regress {' '.join(terms)}, {_options(analysis, ' '.join(words))}", *told]
    )


def _subgroups(analysis: Analysis, result: SubgroupsResult, names: dict[str, str]) -> str:
    """Return the commands of subgroups: a tau2 each, or a regression that shares one."""
    tau2, by = analysis.fit.spec.tau2, names[analysis.by]
    told = [f"* {line}" for line in ("metarel's numbers", *subgroup_numbers(result))]
    if result.common_tau2:
        model: Any = "fixed" if tau2 == "EE" else _declared(analysis)
        if not isinstance(tau2, str):
            raise InputError("`fit` has subgroups with tau2 fixed at a number, not written yet.")
        lines = [
            f"meta regress ibn.{by}, {_options(analysis, f'{model} noconstant')}",
            f"meta regress i.{by}, {_options(analysis, model)}",
        ]
    else:
        model = _declared(analysis) if isinstance(tau2, str) else f"tau2({number(tau2)})"
        lines = [f"meta summarize, subgroup({by}) {_options(analysis, model)}"]
    return "\n".join([*lines, *told])
