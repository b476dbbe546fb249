# Compares tests/golden/interpret.json with the installed metafor.
#
#   Rscript make_interpret.R
#
# U2, U3, BESD were made with metafor 3.8-1, the others with metafor 5.1-12; 3.8-1 lacks
# transf.dtoovl ("cannot"). Each case names the function that gives it.
suppressMessages(library(metafor))
library(jsonlite)

for (case in fromJSON("interpret.json", simplifyVector = FALSE)) {
  made <- tryCatch(do.call(case$call, list(unlist(case$value))), error = conditionMessage)
  if (is.character(made)) {
    cat(sprintf("%-14s cannot: %s\n", case$id, made))
  } else {
    gap <- max(abs(made - unlist(case$expect)))
    cat(sprintf("%-14s %s %.1e\n", case$id, if (gap < 1e-12) "same   " else "differs", gap))
  }
}
