# diagnostics.json: residuals, influence, predictions of true effects, leave-one-out, cumulative
# meta-analysis, Baujat's and radial plots, subsets and the profile of the likelihood, by metafor.
#
#   Rscript tests/golden/make_diagnostics.R         compares what stands there with this R
#   Rscript tests/golden/make_diagnostics.R write   and puts the new numbers in
#
# The stored numbers of infl-int, infl-mods, infl-knha, infl-ee, infl-weights and infl-na (but for
# `dfbs`), res-mods, res-ee, res-knha, res-unweighted, blup-int, blup-knha, blup-level and l1o-knha
# are from metafor 5.1-12, all others from 3.8-1; stopping rules are tight and scaled to the data.
#
# `dfbs` holds one coefficient after the other. I2 is in percent. `ranef_*` are the deviations
# from the fitted values. In `subsets` the argument lists the studies of each. Leaving out clusters
# is done by refitting, as leave1out of 3.8-1 knows none.
#
# With metafor 3.8-1 no number differs by more than 1e-8 from those of 5.1-12.

folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
source(file.path(folder, "rma_tools.R"))
pdf(NULL)

refitted <- function(frame, model, keep) {
  fit <- tryCatch(refit(frame[keep, , drop = FALSE], model), error = function(e) NULL)
  if (is.null(fit)) NULL else list(
    estimate = c(fit$beta), se = fit$se, zval = fit$zval, pval = fit$pval, ci_lb = fit$ci.lb,
    ci_ub = fit$ci.ub, Q = fit$QE, Qp = fit$QEp, tau2 = fit$tau2, I2 = fit$I2, H2 = fit$H2)
}

joined <- function(fits) {
  names <- names(fits[[1]])
  out <- lapply(names, function(name) unlist(lapply(fits, `[[`, name)))
  names(out) <- names
  out
}

ways <- list(
  influence = function(fit, frame, call) {
    found <- suppressWarnings(influence(fit))
    out <- lapply(as.data.frame(found$inf), unname)
    list(rstudent = out$rstudent, dffits = out$dffits, cook_d = out$cook.d, cov_r = out$cov.r,
         tau2_del = out$tau2.del, QE_del = out$QE.del, hat = out$hat, weight = out$weight,
         dfbs = unname(unlist(as.data.frame(found$dfbs))), is_infl = unname(found$is.infl))
  },
  residuals = function(fit, frame, call) {
    inner <- rstandard(fit); outer <- rstudent(fit)
    out <- list(resid = unname(c(residuals(fit))), pearson = unname(c(residuals(fit, type = "pearson"))),
         cholesky = unname(c(residuals(fit, type = "cholesky"))), rstandard_se = inner$se,
         rstandard_z = inner$z, rstudent_resid = outer$resid, rstudent_se = outer$se,
         rstudent_z = outer$z, hat = unname(hatvalues(fit)), fitted = unname(c(fitted(fit))),
         weights = unname(weights(fit)))
    if (is.null(fit$weights) && fit$weighted) {
      conditional <- rstandard(fit, type = "conditional")
      out$conditional_resid <- conditional$resid; out$conditional_se <- conditional$se
    }
    out
  },
  blup = function(fit, frame, call) {
    whole <- blup(fit); part <- ranef(fit)
    list(blup_pred = whole$pred, blup_se = whole$se, blup_pi_lb = whole$pi.lb,
         blup_pi_ub = whole$pi.ub, ranef_pred = part$pred, ranef_se = part$se,
         ranef_pi_lb = part$pi.lb, ranef_pi_ub = part$pi.ub)
  },
  leave1out = function(fit, frame, call) {
    if (is.null(call$args$cluster)) {
      out <- leave1out(fit)
      return(list(estimate = out$estimate, se = out$se, zval = c(out$zval, out$tval), pval = out$pval,
                  ci_lb = out$ci.lb, ci_ub = out$ci.ub, Q = out$Q, Qp = out$Qp, tau2 = out$tau2,
                  I2 = out$I2, H2 = out$H2))
    }
    cluster <- frame[[call$args$cluster]]
    joined(lapply(unique(cluster), function(one) refitted(frame, call$model, cluster != one)))
  },
  cumul = function(fit, frame, call) {
    out <- suppressWarnings(cumul(fit, order = frame[[call$args$order]]))
    list(estimate = unname(out$estimate), se = out$se, zval = c(out$zval, out$tval), pval = out$pval,
         ci_lb = out$ci.lb, ci_ub = out$ci.ub, Q = out$Q, Qp = out$Qp, tau2 = out$tau2,
         I2 = out$I2, H2 = out$H2)
  },
  collapsed = function(fit, frame, call) {
    values <- frame[[call$args$order]]
    joined(lapply(sort(unique(values)), function(one) refitted(frame, call$model, values <= one)))
  },
  baujat = function(fit, frame, call) {
    out <- baujat(fit)
    list(x = out$x, y = out$y)
  },
  radial = function(fit, frame, call) {
    out <- suppressWarnings(radial(fit))
    list(x = c(out$x), y = as.numeric(out$y))
  },
  subsets = function(fit, frame, call) {
    out <- joined(lapply(call$args$subsets, function(one) refitted(frame, call$model, unlist(one))))
    out[c("estimate", "Q", "tau2", "I2", "H2")]
  },
  profile = function(fit, frame, call) {
    at <- unlist(call$args$tau2)
    list(ll = sapply(at, function(one)
      c(logLik(refit(frame, c(call$model, list(tau2 = one)))))))
  }
)

recompute <- function(case) {
  frame <- columns(case$data)
  ways[[case$call$fn]](refit(frame, case$call$model), frame, case$call)
}

remake("diagnostics.json", recompute)
