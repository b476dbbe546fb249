# confint.json: limits of tau2, tau, I2 (percent) and H2 by metafor's confint, as
# (estimate, lower, upper).
#
#   Rscript tests/golden/make_confint.R         compares what stands there with this R
#   Rscript tests/golden/make_confint.R write   and puts the new numbers in
#
# The stored numbers are from metafor 3.8-1, with tight stopping rules scaled to the data and an
# upper bound of the search beyond every limit. Where no tau2 is compatible with the data (case
# ci-qp-null) metafor gives 0 twice.
#
# Test-based and Wald limits (ci-ht-low, ci-wald, ci-wald-ml) and those of generalised Q
# (ci-genq-2) are from metafor 5.1-12; 3.8-1 does not have the first two, and the last needs the
# package CompQuadForm. Where one is missing the case is told as not recomputed.

folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
source(file.path(folder, "rma_tools.R"))

recompute <- function(case) {
  frame <- columns(case$data)
  fit <- refit(frame, case$call$model)
  scale <- var(frame$yi)
  asked <- case$call$args
  if (!is.null(asked$type)) asked$type <- c(genq = "GENQ", wald = "Wald", HT = "HT", PL = "PL")[[asked$type]]
  arguments <- c(list(fit), asked, list(control = list(
    tol = 1e-15 * scale, maxiter = 10000, tau2.max = 10000 * scale)))
  limits <- suppressWarnings(do.call(confint, arguments))$random
  rows <- c("tau2", "tau", "I2", "H2")
  got <- lapply(seq_along(rows), function(i) unname(limits[i, ]))
  names(got) <- rows
  got
}

remake("confint.json", recompute)
