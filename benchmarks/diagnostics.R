# Times metafor on the tasks of diagnostics.py, one a call:
#   Rscript diagnostics.R TASK DATA.csv SIZE
# The data are read and the model is fitted before the clock starts. Prints the seconds of one run.

suppressMessages(library(metafor))
arguments <- commandArgs(TRUE)
task <- arguments[1]
data <- read.csv(arguments[2])
size <- as.integer(arguments[3])

moderated <- grepl("moderator", task)
fit <- if (moderated) rma(yi, vi, mods = ~ x, data = data) else rma(yi, vi, data = data)
run <- switch(sub("_moderator", "", task),
  leave_one_out = function() suppressWarnings(leave1out(fit)),
  influence = function() suppressWarnings(influence(fit)),
  cumulative = function() suppressWarnings(cumul(fit)),
  gosh = function() suppressWarnings(gosh(fit, subsets = size, progbar = FALSE)),
  profile = function() profile(fit, steps = size, progbar = FALSE, plot = FALSE)
)
start <- as.numeric(Sys.time())
invisible(run())
cat(sprintf("%.9f\n", as.numeric(Sys.time()) - start))
