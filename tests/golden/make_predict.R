# Makes the numbers of predict.json again: Rscript tests/golden/make_predict.R [write]
# Needs R, metafor and jsonlite. The arguments predtype, hetvar, prob and vcov, and design rows with
# a column for the intercept, need metafor 5; the numbers of those cases are from 5.1-12.

source(file.path(dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE),
  value = TRUE)[1]))), "rma_tools.R"))

recompute <- function(case) {
  args <- case$call$args
  if (any(c("predtype", "hetvar", "prob", "vcov", "adjust", "transf") %in% names(args)))
    return("needs a newer metafor, or is not covered here")
  fit <- refit(columns(case$data), case$call$model)
  call <- list(fit)
  if (!is.null(args$newmods)) {
    rows <- lapply(args$newmods, unlist)
    X <- do.call(rbind, rows)
    call$newmods <- X
    if (ncol(X) == fit$p && fit$p > 2) return("needs a newer metafor")
  }
  if (!is.null(args$level)) call$level <- args$level
  if (!is.null(args$predtype)) call$predtype <- args$predtype
  p <- do.call(predict, call)
  list(pred = p$pred, se = p$se, ci_lb = p$ci.lb, ci_ub = p$ci.ub, pi_lb = p$pi.lb, pi_ub = p$pi.ub)
}

remake("predict.json", recompute)
