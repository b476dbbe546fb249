# Recomputes tests/golden/transf.json with metafor.
#
#   Rscript make_transf.R            compare the stored numbers with the installed metafor
#   Rscript make_transf.R --write    replace those it can compute
#
# Each case calls a function of metafor on `value` with `args`; `refused` lists the rows, counted
# from 0, at which metarel raises an error instead: where metafor gives an infinite value, or cuts a
# number that cannot be (a correlation of 1.2, an R2 of -0.1) to the nearest that can.
#
# The numbers up to "mode-ilogit" were made with metafor 5.1-12 under R 4.2, those after it with
# metafor 3.8-1, which lacks about half of the functions ("cannot") and calls two by an older name.
# Its integrals are those of integrate() with default tolerance; they are compared at 1e-7. The
# mode of the logit-normal was polished beyond optimize()'s default, which misses it by 8e-5.
suppressMessages(library(metafor))
library(jsonlite)

cases <- fromJSON("transf.json", simplifyVector = FALSE)
write <- "--write" %in% commandArgs(trailingOnly = TRUE)
older <- c(transf.lnortord = "transf.logortord", transf.lnortorr = "transf.logortorr")

named <- function(call) {
  known <- Filter(exists, na.omit(c(call, unname(older[call]))))
  if (length(known)) get(known[1]) else stop("not in this version of metafor")
}
plain <- function(x) if (is.null(names(x))) unlist(x) else lapply(x, plain)

for (i in seq_along(cases)) {
  case <- cases[[i]]
  args <- lapply(case$args, plain)
  value <- unlist(case$value)
  made <- tryCatch({
    fun <- named(case$call)
    if (grepl("[.](int|mode)$", case$call)) {
      sapply(value, function(x) do.call(fun, c(list(x), args)))
    } else {
      do.call(fun, c(list(value), args))
    }
  }, error = conditionMessage)
  if (is.character(made)) {
    cat(sprintf("%-20s cannot: %s\n", case$id, made))
    next
  }
  made[!is.finite(made)] <- NA
  expect <- if (is.null(case$expect)) rep(NA, length(made)) else
    sapply(case$expect, function(e) if (is.null(e)) NA else e)
  gap <- suppressWarnings(max(abs(made - expect), na.rm = TRUE))
  word <- if (is.null(case$expect)) "new    " else if (gap < 1e-12) "same   " else "differs"
  cat(sprintf("%-20s %s %.1e\n", case$id, word, gap))
  if (write && (is.null(case$expect) || case$tol <= 1e-10)) cases[[i]]$expect <- as.list(made)
}
if (write) {
  lines <- sapply(cases, toJSON, digits = NA, auto_unbox = TRUE, null = "null", na = "null")
  writeLines(c("[", paste(lines, collapse = ",\n"), "]"), "transf.json")
}
