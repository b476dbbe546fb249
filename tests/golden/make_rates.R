# Makes rates.json: Rscript tests/golden/make_rates.R
# Needs metafor and jsonlite. Rates pooled by Mantel-Haenszel under metafor's defaults: 1/2 is added
# to studies with an empty group for Q, which leaves out studies without events, and nothing for the
# pooled estimate. `rothman` are the age strata of Rothman, Greenland and Lash (2008), chapter 15.

suppressMessages({library(metafor); library(jsonlite)})

studies <- list(
  sparse = data.frame(events1 = c(8, 3, 12, 0, 0, 5), time1 = c(1200, 640, 2100, 50, 300, 10.5),
                      events2 = c(15, 4, 21, 2, 0, 0), time2 = c(1180, 600, 2050, 60, 280, 12)),
  rothman = data.frame(events1 = c(32, 104, 206, 186, 102),
                       time1 = c(5.2407, 4.3248, 2.8612, 1.2663, 0.5317),
                       events2 = c(2, 12, 28, 28, 31),
                       time2 = c(1.879, 1.0673, 0.571, 0.2585, 0.1462)),
  one = data.frame(events1 = 4, time1 = 70, events2 = 9, time2 = 61)
)

case <- function(name, measure, level = 95, correct = TRUE) {
  data <- studies[[name]]
  fit <- suppressWarnings(rma.mh(x1i = data$events1, t1i = data$time1, x2i = data$events2,
                                 t2i = data$time2, measure = measure, level = level, correct = correct))
  expect <- list(estimate = c(fit$beta), se = fit$se, statistic = fit$zval, p_value = fit$pval,
                 ci_low = fit$ci.lb, ci_high = fit$ci.ub, Q = fit$QE, Q_p = fit$QEp, I2 = fit$I2,
                 H2 = fit$H2, k = fit$k, k_yi = fit$k.yi, weights = unname(weights(fit)))
  if (measure == "IRR") expect <- c(expect, MH = fit$MH, MH_p = fit$MHp)
  list(id = paste(name, tolower(measure), level, correct, sep = "-"), measure = measure,
       level = level / 100, correct = correct, data = lapply(as.list(data), I),
       expect = lapply(expect, c))
}

cases <- list()
for (measure in c("IRR", "IRD"))
  for (name in names(studies)) cases <- c(cases, list(case(name, measure)))
cases <- c(cases, list(case("rothman", "IRR", 90, FALSE), case("rothman", "IRD", 90)))

file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])
write(toJSON(cases, auto_unbox = TRUE, digits = NA, pretty = TRUE),
      file.path(dirname(file), "rates.json"))
cat(R.version.string, "metafor", format(packageVersion("metafor")), "\n")
