# Recomputes tests/golden/noncentral.json with R's own distribution functions.
#
#   Rscript make_noncentral.R            compare the stored numbers with R
#   Rscript make_noncentral.R --write    replace them
#
# A limit is the noncentrality at which pt, pf or pchisq of the statistic is (1 + level)/2 (low) or
# (1 - level)/2 (high), 0 where none is. R sums pf and pchisq to about 1e-9 and 1e-12, and refuses
# pt beyond a noncentrality of 37.62, which sets the tolerances (field tol).
library(jsonlite)

cases <- fromJSON("noncentral.json", simplifyVector = FALSE)
write <- "--write" %in% commandArgs(trailingOnly = TRUE)

cdf <- function(case, ncp) {
  switch(case$distribution,
    t = pt(case$value, case$df2, ncp),
    F = pf(case$value, case$df1, case$df2, ncp),
    chi2 = pchisq(case$value, case$df1, ncp)
  )
}
limit <- function(case, p) {
  miss <- function(ncp) cdf(case, ncp) - p
  if (case$distribution != "t" && miss(0) <= 0) return(0)
  range <- if (case$distribution == "t") c(-37.6, 37.6) else c(0, 4 * case$value * case$df1 + 60)
  uniroot(miss, range, tol = 1e-14, maxiter = 10000)$root
}
for (i in seq_along(cases)) {
  fresh <- c(limit(cases[[i]], (1 + cases[[i]]$level) / 2), limit(cases[[i]], (1 - cases[[i]]$level) / 2))
  if (write) cases[[i]]$ncp <- fresh
  gap <- max(abs(fresh - unlist(cases[[i]]$ncp)) / pmax(abs(fresh), 1e-9))
  cat(sprintf("%-24s %.1e\n", cases[[i]]$id, gap))
}
if (write) {
  lines <- sapply(cases, toJSON, digits = NA, auto_unbox = TRUE)
  writeLines(c("[", paste(lines, collapse = ",\n"), "]"), "noncentral.json")
}
