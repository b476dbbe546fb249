# Makes tests/golden/interpret_plain.json: the formulas of the papers in base R alone (pnorm,
# qnorm, and numerical integration for the overlap), without any package of effect sizes.
#
#   Rscript make_interpret_plain.R
#
# Made with R 4.2.2. Log odds ratios by metafor 3.8-1: escalc's D2ORL and D2ORN of groups with these
# means and standard deviation 1.
suppressMessages(library(metafor))
library(jsonlite)

d <- c(-2.1, -0.7, -0.05, 0.2, 0.57, 1.3, 3)
cer <- 0.3
p <- 0.35

odds <- function(measure) {
  as.numeric(escalc(measure, m1i = d, m2i = 0 * d, sd1i = 1 + 0 * d, sd2i = 1 + 0 * d,
                    n1i = 50 + 0 * d, n2i = 50 + 0 * d)$yi)
}
both <- function(x, d) pmin(dnorm(x), dnorm(x, d))
area <- function(d) integrate(both, -Inf, d / 2, d = d, rel.tol = 1e-13)$value +
  integrate(both, d / 2, Inf, d = d, rel.tol = 1e-13)$value
r <- d / sqrt(d^2 + 1 / (p * (1 - p)))
overlap <- sapply(d, area)

found <- list(
  "U1" = (2 - 2 * overlap) / (2 - overlap),
  "U2" = pnorm(d / 2),
  "U3" = pnorm(d),
  "percentile" = 100 * pnorm(d),
  "overlap" = overlap,
  "CLES" = pnorm(0, d, sqrt(2), lower.tail = FALSE),
  "Cliff's delta" = pnorm(0, d, sqrt(2), lower.tail = FALSE) - pnorm(0, d, sqrt(2)),
  "r" = r,
  "variance explained" = r^2,
  "BESD treated" = (1 + r) / 2,
  "BESD control" = (1 - r) / 2,
  "log odds ratio" = odds("D2ORL"),
  "log odds ratio (normal)" = odds("D2ORN"),
  "NNT (Kraemer-Kupfer)" = 1 / (2 * pnorm(d / sqrt(2)) - 1),
  "treated event rate" = pnorm(d - qnorm(cer, lower.tail = FALSE)),
  "NNT (Furukawa-Leucht)" = 1 / (pnorm(d + qnorm(cer)) - cer)
)
cases <- lapply(names(found), function(id) {
  list(id = unbox(id), cer = unbox(cer), base_rate = unbox(p), expect = found[[id]])
})
write(toJSON(list(d = d, cases = cases), digits = NA, pretty = TRUE), "interpret_plain.json")
