# Makes search.json: Rscript tests/golden/make_search.R
# Needs R, jsonlite, metadat and metafor 3.8-1.
#
# A natural family for correlations: Fisher's z, r and the unbiased r, ten estimators of tau2, tests z,
# t and Knapp-Hartung. metafor warns of Knapp-Hartung under a common effect, so that one is left out: 87.
#
# What differs and why: ML, REML, EB and PM are iterated, here to a step of 1e-13 instead of metafor's 1e-5;
# they agree to 1e-8, the others to 1e-10.

suppressMessages(library(metafor))
library(jsonlite)

arg <- grep("^--file=", commandArgs(FALSE), value = TRUE)
here <- dirname(normalizePath(sub("^--file=", "", arg[1])))

family <- function(data) {
  rows <- list()
  for (measure in c("ZCOR", "COR", "UCOR")) {
    es <- escalc(measure, ri = ri, ni = ni, data = data)
    for (tau2 in c("EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM")) {
      for (test in c("z", "t", "knha")) {
        if (tau2 == "EE" && test == "knha") next
        iterated <- switch(tau2, PM = list(tol = 1e-14, maxiter = 1000),
                           ML = , REML = , EB = list(threshold = 1e-13, maxiter = 1000), list())
        fit <- rma(yi, vi, data = es, method = tau2, test = test, control = iterated)
        mean <- c(fit$beta, fit$ci.lb, fit$ci.ub)
        if (measure == "ZCOR") mean <- tanh(mean)
        rows[[length(rows) + 1]] <- data.frame(
          measure, tau2, test, estimate = mean[1], ci_low = mean[2], ci_high = mean[3],
          p_value = fit$pval, I2 = fit$I2 / 100, I2_Q = max(0, (fit$QE - fit$k + 1) / fit$QE))
      }
    }
  }
  do.call(rbind, rows)
}

write(toJSON(list(molloy2014 = family(metadat::dat.molloy2014),
                  mcdaniel1994 = family(metadat::dat.mcdaniel1994)),
             digits = NA, auto_unbox = TRUE), file.path(here, "search.json"))
