# Makes the numbers of bias.json again: Rscript tests/golden/make_bias.R [write]
# Funnel plot asymmetry, trim and fill and fail-safe numbers by metafor; each case says by which
# version. Where 3.8-1 and 5.1-12 were both run they agree to 1e-8.

folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
source(file.path(folder, "rma_tools.R"))

recompute <- function(case) {
  frame <- columns(case$data)
  args <- case$call$args
  if (case$call$fn == "fsn") {
    # before 4.0 Orwin's mean has no weights
    if (identical(args$type, "Orwin") && packageVersion("metafor") < "4.0") return(list())
    found <- do.call(fsn, c(list(frame$yi, frame$vi), args))
    return(list(fsnum = found$fsnum, pval = found$pval))
  }
  model <- case$call$model
  arguments <- list(yi = frame$yi, vi = frame$vi, method = model$method, data = frame,
                    control = tight(frame, model))
  if (!is.null(model$test)) arguments$test <- model$test
  if (!is.null(frame$ni)) arguments$ni <- frame$ni
  fit <- suppressWarnings(do.call(rma.uni, arguments))
  if (case$call$fn == "ranktest") {
    found <- suppressWarnings(do.call(ranktest, c(list(fit), args)))
    return(list(tau = unname(found$tau), pval = found$pval))
  }
  if (case$call$fn == "trimfill") {
    # trimfill trims at default thresholds, whatever the fit has: only what is closed form is made
    # again; the one REML case is from 5.1-12 with these tightened
    if (model$method == "REML") return(list())
    found <- do.call(trimfill, c(list(fit), args))
    # trimfill leaves the settings of the fit behind: the filled studies are pooled again, tightly
    filled <- data.frame(yi = c(found$yi), vi = found$vi)
    again <- rma.uni(filled$yi, filled$vi, method = model$method, control = tight(filled, model))
    given <- list(k0 = found$k0, se_k0 = found$se.k0, side = found$side, b = c(again$beta),
                  se = again$se, tau2 = again$tau2, k = found$k)
    if (identical(args$estimator, "R0")) given$p_k0 <- found$p.k0
    return(given)
  }
  found <- do.call(regtest, c(list(fit), args))
  given <- list(stat = unname(found$zval), pval = found$pval)
  if (!is.null(found$est)) given$limit <- c(found$est, found$ci.lb, found$ci.ub)
  given
}

remake("bias.json", recompute)
