# Compares tests/golden/recover.json with the installed metafor and estmeansd.
#
#   Rscript make_recover.R
#
# The numbers of conv.* and deltamethod were made with metafor 5.1-12 under R 4.2; metafor 3.8-1
# lacks these functions ("cannot"). Those of estmeansd are printed in the README of its version
# 1.0.1, with set.seed(1) before the first; bc.mean.sd and mln.mean.sd draw 10 000 random numbers.
suppressMessages(library(metafor))
library(jsonlite)

column <- function(x) sapply(x, function(value) if (is.null(value)) NA else value)
near <- function(x, y) max(abs(as.numeric(x) - as.numeric(y)), na.rm = TRUE)

run <- function(case) {
  fn <- case$call$fn
  data <- as.data.frame(lapply(case$data, column), optional = TRUE)
  args <- lapply(case$call$args, function(a) if (is.character(a) && a %in% names(data)) data[[a]] else a)
  if (startsWith(fn, "conv.") && fn != "conv.delta") return(as.list(do.call(fn, args)))
  if (fn == "conv.delta") {
    return(as.list(conv.delta(data$yi, data$vi, transf = get(case$call$args$transf))))
  }
  if (fn == "deltamethod") {
    vcov <- do.call(rbind, lapply(case$matrices$vcov$values, unlist))
    bodies <- unlist(case$call$args$functions)
    p <- nrow(vcov)
    f <- function(b) sapply(bodies, function(text) {
      eval(parse(text = text), setNames(as.list(b), paste0("b", seq_len(p))))
    })
    res <- deltamethod(data$b, vcov, fun = f)
    return(list(est = coef(res), se = res$se, vcov = vcov(res), ci_lb = res$ci.lb, ci_ub = res$ci.ub))
  }
  set.seed(1)
  do.call(getExportedValue("estmeansd", fn), as.list(data))
}

for (case in fromJSON("recover.json", simplifyVector = FALSE)) {
  made <- tryCatch(run(case), error = conditionMessage)
  if (is.character(made)) {
    cat(sprintf("%-18s cannot: %s\n", case$id, made))
    next
  }
  gaps <- sapply(names(case$expect), function(name) {
    near(made[[name]], unlist(lapply(case$expect[[name]], column)))
  })
  cat(sprintf("%-18s %.1e\n", case$id, max(gaps)))
}
