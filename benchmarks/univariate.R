# Times metafor on the tasks of univariate.py, one a call:
#   Rscript univariate.R TASK DATA.csv REPEATS
# The data are read and a small model is fitted before the clock starts. Prints the seconds of
# one run of the task, the best of REPEATS.

suppressMessages(library(metafor))
arguments <- commandArgs(TRUE)
task <- arguments[1]
data <- read.csv(arguments[2])
repeats <- as.integer(arguments[3])

one_group <- function(part) {
  fit <- suppressWarnings(rma(yi, vi, data = part, method = "REML", test = "knha"))
  limits <- predict(fit)
  c(fit$b, fit$se, fit$tau2, fit$I2, limits$pi.lb, limits$pi.ub)
}

run <- switch(task,
  pool = function() rma(yi, vi, data = data, method = "REML"),
  many = {
    parts <- split(data, data$group)
    function() sapply(parts, function(part) tryCatch(one_group(part), error = function(e) NA))
  },
  refits = {
    parts <- split(data, data$group)
    function() {
      sapply(parts, function(part) {
        tryCatch(suppressWarnings(rma(yi, vi, data = part, method = "REML"))$tau2,
                 error = function(e) NA)
      })
    }
  },
  leave_one_out = {
    fit <- rma(yi, vi, data = data, method = "REML")
    function() suppressWarnings(leave1out(fit))
  },
  regress = function() rma(yi, vi, mods = ~ x1 + x2 + x3 + x4 + x5, data = data, method = "REML"),
  limits = {
    fit <- rma(yi, vi, data = data, method = "REML")
    function() confint(fit)
  },
  subsets = {
    fit <- rma(yi, vi, data = data, method = "REML")
    function() suppressWarnings(gosh(fit, subsets = 200, progbar = FALSE))
  },
  permute = {
    fit <- rma(yi, vi, mods = ~ x1 + x2, data = data, method = "REML")
    function() suppressWarnings(permutest(fit, iter = 200, progbar = FALSE))
  }
)

invisible(rma(c(0.1, 0.2, 0.5, 0.3), c(0.01, 0.02, 0.03, 0.02)))
seconds <- replicate(repeats, {
  start <- as.numeric(Sys.time())
  run()
  as.numeric(Sys.time()) - start
})
cat(sprintf("%.9f\n", min(seconds)))
