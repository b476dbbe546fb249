# Makes robust.json: Rscript tests/golden/make_robust.R
# Needs metafor, clubSandwich, metadat and jsonlite. Cluster-robust tests of univariate fits by
# metafor's robust(): adjust=FALSE (CR0), adjust=TRUE (CR1, factor m/(m - p)), and
# clubSandwich=TRUE (CR2 with Satterthwaite df, HTZ for the moderators together). clubSandwich
# 0.5.8 predicts nothing for CR2 with own weights: those cases have no predictions.

suppressMessages({library(metafor); library(metadat); library(clubSandwich); library(jsonlite)})

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
bcg <- data.frame(yi = as.numeric(bcg$yi), vi = as.numeric(bcg$vi), ablat = bcg$ablat,
                  year = bcg$year, w = c(3, 1, 2, 5, 4, 6, 1, 8, 2, 3, 5, 1, 4),
                  cluster = bcg$trial, half = rep(1:7, each = 2)[1:13])
assink <- dat.assink2016[c("study", "yi", "vi", "year", "deltype")]
names(assink)[1] <- "cluster"
assink$w <- sqrt(1 / assink$vi)
assink$deltype <- ifelse(assink$deltype == "overt", "overt", "other")  # covert: one study only
konst <- data.frame(dat.konstantopoulos2011[c("district", "yi", "vi", "year")])
names(konst)[1] <- "cluster"
konst[] <- lapply(konst, as.numeric)
assink[c("cluster", "yi", "vi", "year", "w")] <-
  lapply(assink[c("cluster", "yi", "vi", "year", "w")], as.numeric)
data <- list(bcg = bcg, assink = assink, konst = konst)

case <- function(id, of, mods = NULL, method = "REML", cluster = "cluster", weights = NULL) {
  frame <- data[[of]]
  arguments <- list(yi = frame$yi, vi = frame$vi, method = method, data = frame,
                    control = list(threshold = 1e-14, tol = 1e-15, maxiter = 10000))
  if (!is.null(mods)) arguments$mods <- as.formula(paste("~", mods))
  if (!is.null(weights)) arguments$weights <- frame[[weights]]
  fit <- do.call(rma.uni, arguments)
  numbers <- function(...) {
    r <- do.call(robust, list(fit, cluster = frame[[cluster]], ...))
    p <- tryCatch(predict(r), error = function(e) list())
    out <- list(beta = c(r$beta), se = r$se, statistic = r$zval, p_value = r$pval,
                ci_low = r$ci.lb, ci_high = r$ci.ub, df = rep_len(r$ddf, length(r$se)),
                vcov = unname(as.matrix(r$vb)), m = r$n,
                predict = list(ci_low = p$ci.lb, ci_high = p$ci.ub,
                               pi_low = p$pi.lb, pi_high = p$pi.ub))
    if (!is.null(mods)) out$omnibus <- list(statistic = r$QM, df1 = r$QMdf[1], df2 = r$QMdf[2],
                                            p_value = r$QMp)
    out
  }
  list(id = id, data = of, mods = mods, tau2 = method, cluster = cluster, weights = weights,
       expect = list(CR0 = numbers(adjust = FALSE), CR1 = numbers(adjust = TRUE),
                     CR2 = numbers(clubSandwich = TRUE)))
}

cases <- list(
  case("bcg-mean", "bcg"), case("bcg-two-moderators", "bcg", "ablat + year"),
  case("bcg-pairs", "bcg", cluster = "half"), case("bcg-common", "bcg", "ablat", "EE"),
  case("bcg-weights", "bcg", weights = "w"),
  case("bcg-weights-moderator", "bcg", "ablat", cluster = "half", weights = "w"),
  case("assink-mean", "assink"), case("assink-factor", "assink", "deltype"),
  case("assink-three", "assink", "deltype + year", "DL"),
  case("assink-weights", "assink", "year", weights = "w"),
  case("konst-mean", "konst"), case("konst-year", "konst", "year", "ML"))
file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])
write(toJSON(list(data = data, cases = cases), auto_unbox = TRUE, digits = NA, null = "null",
             dataframe = "columns"),
      file.path(dirname(file), "robust.json"))
cat(R.version.string, "metafor", format(packageVersion("metafor")),
    "clubSandwich", format(packageVersion("clubSandwich")), "\n")
