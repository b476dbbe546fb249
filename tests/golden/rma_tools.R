# Shared by the maker scripts of this folder: read cases, refit them with metafor at tight
# settings, compare, and (with the word `write`) put the new numbers in.
#
# A case holds its own inputs (data, call, and the design matrix where there are moderators), so
# nothing but R, metafor and jsonlite is needed. Stopping rules of metafor are absolute; here they
# are scaled to the data, so that the stored numbers are converged optima.

suppressMessages(library(metafor))
library(jsonlite)

here <- function() {
  arg <- grep("^--file=", commandArgs(FALSE), value = TRUE)
  dirname(normalizePath(sub("^--file=", "", arg[1])))
}

columns <- function(data) {
  as.data.frame(lapply(data, function(column) {
    sapply(column, function(x) if (is.null(x)) NA else x)
  }))
}

tight <- function(frame, call) {
  yi <- frame[[call$yi]]
  scale <- var(yi, na.rm = TRUE)
  if (!is.finite(scale) || scale == 0) scale <- mean(frame[[call$vi]], na.rm = TRUE)
  c(list(threshold = 1e-13 * scale, tol = 1e-14 * scale, maxiter = 10000,
         tau2.max = max(100, 1000 * scale)), call$control)
}

refit <- function(frame, call) {
  arguments <- list(yi = frame[[call$yi]], vi = frame[[call$vi]], method = call$method,
                    control = tight(frame, call), data = frame)
  if (!is.null(call$mods)) arguments$mods <- as.formula(call$mods)
  if (!is.null(call$weights)) arguments$weights <- frame[[call$weights]]
  for (name in intersect(c("test", "level", "weighted", "tau2"), names(call)))
    arguments[[name]] <- call[[name]]
  if (!is.null(call$btt)) arguments$btt <- unlist(call$btt)
  suppressWarnings(do.call(rma.uni, arguments))
}

flat <- function(x) {
  values <- unlist(lapply(x, function(item) if (is.null(item)) NA else item))
  if (is.logical(values) || is.numeric(values)) as.numeric(values) else values
}

# The largest relative difference of two lists of numbers; NA matches NA (JSON null).
difference <- function(golden, ours) {
  golden <- flat(golden); ours <- flat(ours)
  if (is.character(golden) || is.character(ours)) return(if (identical(golden, ours)) 0 else Inf)
  ours[!is.finite(ours)] <- NA
  if (length(golden) != length(ours) || any(is.na(golden) != is.na(ours))) return(Inf)
  known <- !is.na(golden)
  if (!any(known)) return(0)
  max(ifelse(golden[known] == ours[known], 0,
             abs(ours[known] - golden[known]) / pmax(abs(golden[known]), 1e-12)))
}

# Recompute every case, report differences above `loud`, and write where asked.
remake <- function(file, recompute, loud = 1e-8) {
  path <- file.path(here(), file)
  cases <- fromJSON(path, simplifyVector = FALSE)
  differing <- 0
  for (i in seq_along(cases)) {
    case <- cases[[i]]
    got <- tryCatch(recompute(case), error = function(e) conditionMessage(e))
    if (is.character(got)) {
      cat(sprintf("%-24s not recomputed: %s\n", case$id, got))
      next
    }
    for (quantity in names(case$expect)) {
      if (!quantity %in% names(got)) {
        cat(sprintf("%-24s %-8s not given by this version\n", case$id, quantity))
        next
      }
      gap <- difference(case$expect[[quantity]], got[[quantity]])
      if (gap > loud) {
        differing <- differing + 1
        cat(sprintf("%-24s %-8s differs by %.1e (relative)\n", case$id, quantity, gap))
      }
      if ("write" %in% commandArgs(TRUE)) cases[[i]]$expect[[quantity]] <- got[[quantity]]
    }
  }
  cat(sprintf("%d cases, %d quantities differ by more than %g; %s, metafor %s\n", length(cases),
              differing, loud, R.version.string, packageVersion("metafor")))
  if ("write" %in% commandArgs(TRUE)) {
    lines <- sapply(cases, toJSON, auto_unbox = TRUE, digits = NA, null = "null", na = "null")
    writeLines(c("[", paste0(lines, c(rep(",", length(lines) - 1), "")), "]"), path)
  }
}
