"""What other programs call it: arguments and functions, and their names here."""

from __future__ import annotations

#: Where all of it stands.
PAGE = "Names in other programs: docs/how-to/names-in-other-programs.md."

_SIZES = "make effects first: effect_sizes(data, 'SMD', m1=…, sd1=…, n1=…, …)"
_ROWS = "choose rows of the frame first, as in data[data.year > 2000]"
_ROUND = "nothing is rounded; round what you show, as in fit.to_frame().round(2)"
_COMMON = "a common-effect model is tau2='EE'"
_NESTED = "models of nested effects are not built yet; robust(fit, cluster=…) allows for them"
_KNHA = "Knapp and Hartung's test is test='knha'"

#: Each word elsewhere: the arguments that it may be here, in order, and else what to do instead.
ARGUMENTS: dict[str, tuple[tuple[str, ...], str]] = {
    "method": (("tau2", "kind"), ""),
    "method_tau": (("tau2",), ""),
    "estimator": (("tau2",), ""),
    "mods": (
        ("formula",),
        "moderators are the formula of meta_regression(data, 'year + C(rater)')",
    ),
    "moderators": (
        ("formula",),
        "moderators are the formula of meta_regression(data, 'year + C(rater)')",
    ),
    "formula": (("mods",), "moderators are for meta_regression(data, 'year + C(rater)')"),
    "slab": (("labels",), "names of studies are the `labels` of the fit"),
    "studlab": (("labels",), "names of studies are the `labels` of the fit"),
    "names": (("labels",), ""),
    "subset": ((), _ROWS),
    "digits": ((), _ROUND),
    "transf": (("transform",), "results are turned back by fit.predict(transform=True)"),
    "atransf": (("transform",), "results are turned back by fit.predict(transform=True)"),
    "newmods": (("newdata",), "new values of moderators go to fit.predict(newdata)"),
    "addx": ((), "the design of the studies is fit.study.X"),
    "type": (("kind", "method"), ""),
    "predtype": (("interval",), ""),
    "pi_type": (("interval",), ""),
    "addpred": (("prediction",), "the prediction interval is fit.predict()"),
    "clubSandwich": ((), "the covariance of clubSandwich is robust(fit, …, kind='CR2')"),
    "vcov": (("kind",), ""),
    "adjust": ((), "corrections for many tests are an option of contrast() and subgroups()"),
    "btt": (("terms",), "chosen coefficients are tested by contrast(fit, terms=…)"),
    "weighted": ((), "the plain average is weights=1.0"),
    "random": ((), _NESTED),
    "V": ((), _NESTED),
    "cluster": ((), "clusters are for robust(fit, cluster=…, data=data)"),
    "by": ((), "levels are for subgroups(data, 'column')"),
    "subgroup": (("by",), "levels are for subgroups(data, 'column')"),
    "byvar": (("by",), "levels are for subgroups(data, 'column')"),
    "group": (("by",), "levels are for subgroups(data, 'column')"),
    "tau_common": (("common_tau2",), ""),
    "common": ((), _COMMON),
    "fixed": ((), _COMMON),
    "model": ((), f"{_COMMON}, and any other estimator a random-effects model"),
    "knha": ((), _KNHA),
    "hksj": ((), _KNHA),
    "hakn": ((), _KNHA),
    "sm": (("measure",), ""),
    "es": (("yi",), ""),
    "effect": (("yi",), ""),
    "TE": (("yi",), ""),
    "y": (("yi",), ""),
    "v": (("vi",), ""),
    "var": (("vi",), ""),
    "variance": (("vi",), ""),
    "se": (("sei",), ""),
    "seTE": (("sei",), ""),
    "alpha": (("level",), "the level of intervals is `level`, such as 0.95"),
    "conf_level": (("level",), ""),
    "ci_level": (("level",), ""),
    "seed": ((), "nothing is drawn here"),
    **dict.fromkeys(("m1i", "m2i", "sd1i", "sd2i", "n1i", "n2i", "ri", "ni", "ai", "bi", "ci",
                     "di", "xi", "ti"), ((), _SIZES)),
}  # fmt: skip

#: Functions of other programs, and what serves here.
FUNCTIONS: dict[str, str] = {
    "escalc": "mr.effect_sizes",
    "rma": "mr.pool, or mr.meta_regression with moderators",
    "rma_uni": "mr.pool, or mr.meta_regression with moderators",
    "rma_mh": "mr.pool_tables",
    "rma_peto": "mr.pool_tables(…, method='Peto')",
    "metagen": "mr.pool",
    "metacor": "mr.effect_sizes(data, 'ZCOR', …), then mr.pool",
    "metacont": "mr.effect_sizes(data, 'SMD', …), then mr.pool",
    "metabin": "mr.pool_tables, or mr.effect_sizes and mr.pool",
    "metareg": "mr.meta_regression",
    "regression": "mr.meta_regression",
    "meta_analysis": "mr.pool",
    "combine_effects": "mr.pool",
    "confint": "mr.tau2_interval for tau2; those of coefficients stand in fit.to_frame()",
    "predict": "fit.predict()",
    "weights": "fit.weights()",
    "coef": "fit.to_frame()",
    "summary": "fit.summary()",
    "anova": "mr.contrast for coefficients, mr.compare for models",
    "emmprep": "mr.marginal_means",
    "permutest": "mr.permutation_test",
    "leave1out": "mr.leave_one_out",
    "metainf": "mr.leave_one_out",
    "cumul": "mr.cumulative",
    "metacum": "mr.cumulative",
    "rstudent": "mr.residuals(fit)",
    "rstandard": "mr.residuals(fit, 'standardised')",
    "resid": "mr.residuals(fit, 'raw')",
    "ranef": "mr.blup(fit, deviations=True)",
    "find_outliers": "mr.outliers",
    "hc": "mr.henmi_copas",
    "regtest": "mr.regression_test",
    "metabias": "mr.regression_test and mr.rank_test",
    "ranktest": "mr.rank_test",
    "trimfill": "mr.trim_and_fill",
    "fsn": "mr.fail_safe_n",
    "egger": "mr.regression_test(fit, model='lm')",
    "regplot": "mr.plot.bubble",
    "llplot": "mr.plot.likelihood",
    "qqnorm": "mr.plot.qq",
    "conv_2x2": "mr.table_from_margins",
    "conv_fivenum": "mr.mean_sd_from_quantiles",
    "conv_wald": "mr.effects_from_reports",
    "conv_delta": "mr.delta_method",
    "dat": "mr.load_dataset, with names from mr.list_datasets()",
    "datasets": "mr.list_datasets()",
}

#: What other programs have and metarel has not.
NOT_BUILT = (
    *("selmodel", "tes", "pcurve", "puniform"),
    *("rma_mv", "rma_glmm", "vcalc", "aggregate", "multilevel", "rcalc", "matreg"),
)
