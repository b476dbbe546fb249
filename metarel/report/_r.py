"""A fit as R code for metafor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from metarel.effects.register import MEASURES
from metarel.errors import InputError
from metarel.report._analysis import (
    LABELS,
    Analysis,
    EffectCall,
    is_factor,
    number,
    numbers_of,
    subgroup_numbers,
)
from metarel.report._formula import r_formula
from metarel.report._formula_calls import r_text
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from metarel.moderators.subgroups import SubgroupsResult

WIDTH = 88
RESERVED = {
    "if", "else", "repeat", "while", "function", "for", "next", "break", "TRUE", "FALSE", "NULL",
    "Inf", "NaN", "NA", "in",
}  # fmt: skip
#: metafor's word for each estimator; those that solve Q = k − p are one root.
METHODS = {
    **dict.fromkeys(("PM", "DLIT", "SJIT"), "PM"),
    **{code: code for code in ("REML", "ML", "DL", "HE", "HS", "HSk", "SJ", "EB", "EE")},
    **{code: code for code in ("PMM", "GENQ", "GENQM")},
}
#: The tests that both have, under the same words.
TESTS = ("z", "t", "knha", "adhoc")
MEDIAN_NEEDS = '# metafor needs the package CompQuadForm for "GENQM".'
CR2_NEEDS = "# metafor needs the package clubSandwich for CR2."
#: metafor searches for the coefficients of a scale numerically: at its defaults it stops early.
SEARCH = 'optimizer = "BFGS", reltol = 1e-14, maxit = 10000'
SEARCH_IDENTITY = 'optimizer = "Nelder-Mead", outer.eps = 1e-14, reltol = 1e-15, maxit = 20000'
BACK = {"tanh": "transf.ztor", "exp": "exp", "expit": "transf.ilogit"}


def write_r(analysis: Analysis, file: str | None) -> str:
    """Return the whole text."""
    needs = "" if analysis.fit.spec.tau2 != "GENQM" else f"\n{MEDIAN_NEEDS}"
    if analysis.robust is not None and analysis.robust.kind == "CR2":
        needs += f"\n{CR2_NEEDS}"
    parts = [f"library(metafor){needs}", _table(analysis, file)]
    if analysis.effect is not None:
        plain = all(name(column) == column for column in (*analysis.columns, *analysis.in_file))
        made = _escalc(analysis.effect)
        # escalc renames columns whose names need backticks, so only what it makes is taken
        both = 'dat[c("yi", "vi")]'
        parts.append(f"dat <- {made}" if plain else f'{both} <- {made}[c("yi", "vi")]')
    elif analysis.why_not_raw:
        parts.append(f"# yi and vi themselves: {analysis.why_not_raw}.")
    result = analysis.subgroups
    parts += _model(analysis, file) if result is None else _subgroups(analysis, result)
    return "\n\n".join(parts) + "\n"


def name(word: str) -> str:
    """Return a name, in backticks where R needs them."""
    if "`" in word or "\\" in word:
        raise InputError(f"`fit` uses the column {word!r}, a name R cannot hold; rename it.")
    plain = re.fullmatch(r"(?:[A-Za-z]|\.(?!\d))[A-Za-z0-9._]*", word) and word not in RESERVED
    return word if plain else f"`{word}`"


def _vector(items: list[str], indent: int) -> str:
    """Return c(…), broken into lines."""
    lines, line = [], ""
    for item in items:
        if line and len(line) + len(item) + 2 > WIDTH - indent:
            lines.append(line.rstrip())
            line = ""
        line += f"{item}, "
    lines.append(line.rstrip(", "))
    return "c(" + ("\n" + " " * indent).join(lines) + ")"


def _column(values: Any) -> str:
    if is_factor(values):
        levels = ", ".join(r_text(str(level)) for level in values.cat.categories)
        return f"factor({_vector([r_text(str(v)) for v in values], 6)}, levels = c({levels}))"
    if isinstance(values, list):
        return _vector([r_text(v) for v in values], 4)
    return _vector([number(v) for v in values], 4)


def _table(analysis: Analysis, file: str | None) -> str:
    """Return the data, embedded or read; factors keep the order of their levels."""
    if file is None:
        columns = [f"  {name(n)} = {_column(v)}" for n, v in analysis.columns.items()]
        return "dat <- data.frame(\n" + ",\n".join([*columns, "  check.names = FALSE"]) + "\n)"
    listed = ", ".join(analysis.in_file)
    lines = [
        f"# The file has a row a study, and the columns {listed}.",
        f"dat <- read.csv({r_text(file)}, check.names = FALSE)",
    ]
    for column, values in analysis.columns.items():
        if is_factor(values):
            levels = ", ".join(r_text(str(level)) for level in values.cat.categories)
            lines.append(f"dat${name(column)} <- factor(dat${name(column)}, levels = c({levels}))")
    return "\n".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return r_text(value) if isinstance(value, str) else number(value)


def _escalc(call: EffectCall) -> str:
    inputs = [f"{word} = {name(column)}" for word, column in call.inputs.items()]
    options = [f"{word} = {_value(value)}" for word, value in call.options.items()]
    return (
        f"escalc({', '.join([f'measure = {r_text(call.measure)}', *inputs, *options])}, data = dat)"
    )


def _options(analysis: Analysis) -> list[str]:
    """Return method, test, level and, where an equation is solved, thresholds."""
    spec = analysis.fit.spec
    found = []
    if isinstance(spec.tau2, str) and spec.tau2 not in (*METHODS, "DL2"):
        raise InputError(
            f"`fit` estimates tau2 by {spec.tau2!r}, which metafor does not have; fix tau2 at its "
            f"value, tau2={analysis.fit.tau2!r}, to write the rest."
        )
    if spec.tau2 == "DL2":
        found.append("tau2 = second$tau2")
    elif isinstance(spec.tau2, str):
        found.append(f"method = {r_text(METHODS[spec.tau2])}")
    else:
        found.append(f"tau2 = {number(spec.tau2)}")
    if spec.test not in TESTS:
        raise InputError(
            f"`fit` has test={spec.test!r}, which metafor does not have; fit again with one of "
            f"{', '.join(map(repr, TESTS))}."
        )
    found += [f"test = {r_text(spec.test)}", f"level = {number(round(100 * spec.level, 10))}"]
    if isinstance(spec.tau2, str) and TAU2[spec.tau2].iterative:
        found.append(_control(analysis))
    return found


def _control(analysis: Analysis) -> str:
    """Return the stopping rules at which metafor's digits are metarel's."""
    if analysis.scale is not None:
        search = {"log": SEARCH, "identity": SEARCH_IDENTITY}[analysis.scale.link]
        return f"control = list({search})"
    unit = analysis.unit
    control = {
        "threshold": 1e-13 * unit,
        "tol": 1e-14 * unit,
        "maxiter": 10_000.0,
        "tau2.max": max(100.0, 1000 * unit),
    }
    listed = ", ".join(f"{word} = {value:.5g}" for word, value in control.items())
    return f"control = list({listed})"


def _rma(analysis: Analysis, arguments: list[str], data: str = "dat") -> str:
    """Return a call of rma, an argument a line."""
    listed = ["yi, vi", *arguments, f"data = {data}", *_options(analysis)]
    return "rma(\n  " + ",\n  ".join(listed) + "\n)"


def _two_step(analysis: Analysis, arguments: list[str]) -> list[str]:
    """Return the two steps of DL2, whose second takes the weights of the first."""
    if analysis.fit.spec.tau2 != "DL2":
        return []
    moderators = "".join(f", {a}" for a in arguments if a.startswith(("mods", "intercept")))
    return [
        f'first <- rma(yi, vi{moderators}, data = dat, method = "DL")\n'
        f'second <- rma(yi, vi{moderators}, data = dat, method = "GENQ",\n'
        "  weights = 1 / (vi + first$tau2))"
    ]


def _robust(analysis: Analysis) -> list[str]:
    """Return the cluster-robust covariance of a fit."""
    if analysis.robust is None:
        return []
    how = {"CR0": "adjust = FALSE", "CR1": "adjust = TRUE", "CR2": "clubSandwich = TRUE"}
    call = f"robust(model, cluster = {analysis.clusters}, {how[analysis.robust.kind]})"
    return [f"fit <- {call}"]


def _scale(analysis: Analysis) -> list[str]:
    """Return the arguments of the model of tau2."""
    fit = analysis.scale
    if fit is None:
        return []
    formula = fit.scale.study.design.formula
    right = "1" if formula == "1" else r_formula(formula, name)
    return [f"scale = ~ {right}", f"link = {r_text(fit.link)}"]


def _model(analysis: Analysis, file: str | None = None) -> list[str]:
    """Return the fit of a pooled mean or a regression."""
    fit, notes = analysis.fit, []
    arguments = []
    if analysis.design:
        arguments += [f"mods = cbind({', '.join(analysis.design)})", "intercept = FALSE"]
        told = ", ".join(f"{x} {t}" for x, t in zip(analysis.design, fit.study.terms, strict=True))
        notes.append(f"# Columns of the design: {told}.".replace("\n", " "))
    elif analysis.formula != "1":
        arguments.append(f"mods = ~ {r_formula(analysis.formula, name)}")
    if fit.study.weights is not None:
        arguments.append("weights = own_weights")
    arguments += _scale(analysis)
    slab = LABELS if file is None else analysis.labels
    arguments += [f"slab = {name(slab)}"] if slab else []
    code = MEASURES[fit.study.measure].transform if fit.study.measure else "identity"
    shown = ["anova(fit)"] if analysis.formula != "1" else []
    if analysis.formula == "1" and analysis.scale is None:
        shown = [
            "predict(fit)",
            *([f"predict(fit, transf = {BACK[code]})"] if code in BACK else []),
        ]
    return [
        *notes,
        *_two_step(analysis, arguments),
        f"{'fit' if analysis.robust is None else 'model'} <- {_rma(analysis, arguments)}",
        *_robust(analysis),
        "\n".join(["print(fit, digits = 6)", *shown]),
        "\n".join(["# metarel's numbers", *(f"# {line}" for line in numbers_of(analysis))]),
    ]


def _subgroups(analysis: Analysis, result: SubgroupsResult) -> list[str]:
    """Return a fit a level, or one fit with a shared tau2, and the test between levels."""
    by = name(analysis.by)
    if analysis.fit.spec.tau2 == "DL2":
        raise InputError("`fit` has subgroups with tau2 by 'DL2', which R text cannot hold yet.")
    numbers = "\n".join(f"# {line}" for line in ("metarel's numbers", *subgroup_numbers(result)))
    own = [] if analysis.fit.study.weights is None else ["weights = own_weights"]
    if result.common_tau2:
        return [
            f"fit <- {_rma(analysis, [f'mods = ~ 0 + {by}', *own])}",
            f"between <- {_rma(analysis, [f'mods = ~ {by}', *own])}",
            "print(fit, digits = 6)\nprint(c(between = between$QM, p = between$QMp))",
            numbers,
        ]
    one = _rma(analysis, own, "part").replace("\n", "\n  ")
    return [
        f"fits <- lapply(split(dat, dat${by}), function(part) {one})",
        "means <- sapply(fits, function(f) f$b[1])\nses <- sapply(fits, function(f) f$se)\n"
        "taus <- sapply(fits, function(f) f$tau2)",
        'between <- rma(means, sei = ses, mods = ~ factor(names(fits)), method = "EE")',
        "print(data.frame(estimate = means, se = ses, tau2 = taus), digits = 6)\n"
        "print(c(between = between$QM, p = between$QMp))",
        numbers,
    ]
