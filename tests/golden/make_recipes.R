# recipes.json: BLUPs (blup) and Huber-White standard errors (robust, adjust = FALSE, each study its
# own cluster) of the teacher expectancy studies, at tau2 fixed, by metafor.
#
#   Rscript tests/golden/make_recipes.R > tests/golden/recipes.json
#
# The stored numbers are from R 4.2.2 with metafor 3.8.1. metafor tests robust coefficients by t
# with k - p degrees of freedom; only the standard errors are taken here.

suppressMessages(library(metafor))
library(jsonlite)

folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
studies <- read.csv(file.path(folder, "..", "..", "datasets", "raudenbush1985", "studies.csv"))

case <- function(formula, tau2) {
  fit <- rma(yi, vi, mods = formula, data = studies, tau2 = tau2)
  shrunken <- blup(fit)
  list(formula = as.character(formula)[2], tau2 = tau2, blup = shrunken$pred, blup_se = shrunken$se,
       robust_se = as.numeric(robust(fit, cluster = seq_len(fit$k), adjust = FALSE)$se))
}

cases <- list(case(~ 1, 0.0188), case(~ weeks, 0.02), case(~ weeks + setting, 0))
cat(toJSON(cases, digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n", sep = "")
