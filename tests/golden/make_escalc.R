# Recomputes tests/golden/escalc.json with metafor.
#
#   Rscript make_escalc.R            compare the stored numbers with the installed metafor
#   Rscript make_escalc.R --write    replace them
#
# The stored numbers were made with metafor 5.1-12 under R 4.2 (cases named "plain-" with 3.8-1,
# which agrees there). An older metafor
# - lacks CLES, CLESN, CLESCN, PRZ, R2, ZR2, R2F, SMCRP, ZPB, ZBIS, ZTET and the variance types H0 of
#   SMD and COR, UB and H0 of SMCC and SMCR ("cannot"), needs gsl for UCOR and mvtnorm for RTET;
# - does not know `correct`, `flip` and the inputs di, pi and ri ("differs");
# - before 5.0 did not correct ROM, ROMC, CVR and CVRC for bias, and took other variances for SMDH,
#   SMCRH, PCOR, ZPCOR, MN (HO), VR and VRC (LS2), and RR and OR (AV) ("differs").
suppressMessages(library(metafor))
library(jsonlite)

cases <- fromJSON("escalc.json", simplifyVector = FALSE)
write <- "--write" %in% commandArgs(trailingOnly = TRUE)
as_column <- function(values) unlist(lapply(values, function(v) if (is.null(v)) NA else v))

for (i in seq_along(cases)) {
  case <- cases[[i]]
  arguments <- c(list(measure = case$measure), lapply(case$data, as_column), case$options)
  made <- tryCatch(suppressWarnings(do.call(escalc, arguments)), error = conditionMessage)
  if (is.character(made)) {
    cat(sprintf("%-24s cannot: %s\n", case$id, strtrim(gsub("\n", " ", made), 70)))
    next
  }
  stored <- as.numeric(c(as_column(case$yi), as_column(case$vi)))
  fresh <- as.numeric(c(made$yi, made$vi))
  gap <- max(abs(fresh - stored) / pmax(abs(stored), 1e-9), na.rm = TRUE)
  same <- identical(is.na(fresh), is.na(stored)) && gap < 1e-8
  cat(sprintf("%-24s %s %.1e\n", case$id, if (same) "same   " else "differs", gap))
  if (write) {
    cases[[i]]$yi <- as.list(as.numeric(made$yi))
    cases[[i]]$vi <- as.list(as.numeric(made$vi))
  }
}
if (write) {
  lines <- sapply(cases, toJSON, digits = NA, auto_unbox = TRUE, na = "null", null = "null")
  writeLines(c("[", paste(lines, collapse = ",\n"), "]"), "escalc.json")
}
