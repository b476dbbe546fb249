# Makes the numbers of inference.json again: Rscript tests/golden/make_inference.R [write]
# Exact permutation tests and Henmi and Copas's method by metafor; the stored numbers are from
# metafor 5.1-12. `hc` solves for its limits to about 1e-4 of themselves, as shipped; those stored
# come from the same equations at tight tolerances (uniroot 1e-12, integrate 1e-10).

folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
source(file.path(folder, "rma_tools.R"))

recompute <- function(case) {
  fit <- refit(columns(case$data), case$call$model)
  if (case$call$fn == "hc") {
    found <- hc(fit)
    return(list(b = c(found$beta), se = found$se, ci_lb = found$ci.lb, ci_ub = found$ci.ub,
                tau2 = found$tau2))
  }
  control <- case$call$args$control
  if (is.null(control)) control <- list()
  sink(nullfile()); on.exit(sink())
  found <- permutest(fit, exact = TRUE, control = control, progbar = FALSE)
  list(pval = found$pval, QMp = found$QMp)
}

remake("inference.json", recompute, loud = 1e-3)
