# Recomputes tests/golden/transf.json with metafor.
#
#   Rscript make_transf.R            compare the stored numbers with the installed metafor
#   Rscript make_transf.R --write    replace them
#
# The stored numbers were made with metafor 5.1-12 under R 4.2. metafor 3.8-1 lacks
# transf.lnortod.logis, transf.dtolnor.norm and transf.rtod ("cannot").
suppressMessages(library(metafor))
library(jsonlite)

cases <- fromJSON("transf.json", simplifyVector = FALSE)
write <- "--write" %in% commandArgs(trailingOnly = TRUE)

for (i in seq_along(cases)) {
  case <- cases[[i]]
  sizes <- lapply(case$needs, unlist)
  names(sizes) <- sub("^(n[12])$", "\\1i", names(sizes))
  made <- tryCatch(do.call(case$call, c(list(unlist(case$value)), sizes)), error = conditionMessage)
  if (is.character(made)) {
    cat(sprintf("%-28s cannot: %s\n", case$id, made))
    next
  }
  gap <- max(abs(made - unlist(case$expect)))
  cat(sprintf("%-28s %s %.1e\n", case$id, if (gap < 1e-12) "same   " else "differs", gap))
  if (write) cases[[i]]$expect <- as.list(as.numeric(made))
}
if (write) {
  lines <- sapply(cases, toJSON, digits = NA, auto_unbox = TRUE, null = "null")
  writeLines(c("[", paste(lines, collapse = ",\n"), "]"), "transf.json")
}
