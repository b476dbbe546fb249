# Makes mh_peto.json: Rscript tests/golden/make_mh_peto.R
# Needs metafor and jsonlite. Tables pooled by Mantel-Haenszel and by Peto under metafor's defaults:
# 1/2 is added to tables with an empty cell for Q, which leaves out tables without or with events
# only, and nothing for the pooled estimate.

suppressMessages({library(metafor); library(jsonlite)})

tables <- list(
  bcg = with(dat.bcg, data.frame(events1 = tpos, n1 = tpos + tneg, events2 = cpos, n2 = cpos + cneg)),
  sparse = data.frame(events1 = c(0, 2, 1, 0, 5, 3, 0, 12), n1 = c(20, 25, 18, 40, 60, 33, 15, 80),
                      events2 = c(0, 5, 0, 3, 9, 4, 0, 15), n2 = c(22, 24, 19, 38, 61, 30, 12, 85)),
  full = data.frame(events1 = c(7, 10, 4, 9), n1 = c(7, 12, 9, 9), events2 = c(5, 8, 4, 3), n2 = c(5, 11, 10, 9))
)

case <- function(id, table, method, measure = "OR", level = 95, correct = TRUE) {
  data <- tables[[table]]
  call <- list(data = data, measure = measure)
  args <- list(ai = data$events1, n1i = data$n1, ci = data$events2, n2i = data$n2, level = level)
  if (method == "MH") args <- c(args, measure = measure, correct = correct)
  fit <- do.call(if (method == "MH") rma.mh else rma.peto, args)
  expect <- list(estimate = c(fit$beta), se = fit$se, statistic = fit$zval, p_value = fit$pval,
                 ci_low = fit$ci.lb, ci_high = fit$ci.ub, Q = fit$QE, Q_p = fit$QEp, I2 = fit$I2,
                 H2 = fit$H2, k = fit$k, k_yi = fit$k.yi, weights = unname(weights(fit)))
  if (method == "MH" && measure == "OR")
    expect <- c(expect, MH = fit$MH, MH_p = fit$MHp, Tarone = fit$TA, Tarone_p = fit$TAp)
  list(id = id, table = table, method = method, measure = measure, level = level / 100,
       correct = correct, data = as.list(data), expect = lapply(expect, c))
}

cases <- list()
for (table in names(tables)) {
  for (measure in c("OR", "RR", "RD"))
    cases <- c(cases, list(case(paste("mh", table, tolower(measure), sep = "-"), table, "MH", measure)))
  cases <- c(cases, list(case(paste("peto", table, sep = "-"), table, "Peto")))
}
cases <- c(cases, list(case("mh-sparse-plain", "sparse", "MH", "OR", 90, FALSE),
                       case("peto-sparse-90", "sparse", "Peto", "OR", 90)))

file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])
write(toJSON(cases, auto_unbox = TRUE, digits = NA, pretty = TRUE),
      file.path(dirname(file), "mh_peto.json"))
cat(R.version.string, "metafor", format(packageVersion("metafor")), "\n")
