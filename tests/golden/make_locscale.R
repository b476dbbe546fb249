# locscale.json: location-scale models by metafor's rma(scale=), with predictions and tests.
#
#   Rscript tests/golden/make_locscale.R         compares what stands there with this R
#   Rscript tests/golden/make_locscale.R write   and puts the new numbers in
#
# Needs numDeriv beside metafor. metafor searches numerically and takes a numeric Hessian: the
# scale coefficients agree to about 1e-6 relative, likelihoods to 1e-10.

folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
source(file.path(folder, "rma_tools.R"))

fitted_model <- function(frame, call) {
  arguments <- list(yi = frame[[call$yi]], vi = frame[[call$vi]], method = call$method,
                    data = frame, scale = as.formula(call$scale))
  if (!is.null(call$mods)) arguments$mods <- as.formula(call$mods)
  for (name in intersect(c("test", "level", "link"), names(call))) arguments[[name]] <- call[[name]]
  arguments$control <- if (identical(call$link, "identity")) {
    list(optimizer = "Nelder-Mead", outer.eps = 1e-14, reltol = 1e-15, maxit = 20000)
  } else {
    list(optimizer = "BFGS", reltol = 1e-14, maxit = 10000)
  }
  suppressWarnings(do.call(rma.uni, arguments))
}

recompute <- function(case) {
  frame <- columns(case$data)
  call <- case$call
  if (call$fn == "predict") {
    fit <- fitted_model(frame, call$model)
    args <- call$args
    at <- if (is.null(args$newmods)) predict(fit, newscale = unlist(args$newscale)) else
      predict(fit, newmods = unlist(args$newmods), newscale = unlist(args$newscale))
    return(list(pred = at$pred, se = at$se, ci_lb = at$ci.lb, ci_ub = at$ci.ub, pi_lb = at$pi.lb,
                pi_ub = at$pi.ub))
  }
  if (call$fn == "anova") {
    test <- anova(fitted_model(frame, call$model), att = unlist(call$args$att))
    return(list(QS = test$QS, QSp = test$QSp))
  }
  fit <- fitted_model(frame, call)
  statistics <- fit$fit.stats[, if (call$method == "REML") "REML" else "ML"]
  list(b = c(fit$beta), se = fit$se, stat = c(fit$zval), pval = c(fit$pval), ci_lb = c(fit$ci.lb),
       ci_ub = c(fit$ci.ub), alpha = c(fit$alpha), se_alpha = fit$se.alpha,
       stat_alpha = c(fit$zval.alpha), pval_alpha = c(fit$pval.alpha),
       ci_lb_alpha = c(fit$ci.lb.alpha), ci_ub_alpha = c(fit$ci.ub.alpha), tau2 = c(fit$tau2),
       QE = fit$QE, QEp = fit$QEp, ll = statistics[1], deviance = statistics[2],
       AIC = statistics[3], BIC = statistics[4], AICc = statistics[5], QM = fit$QM, QMp = fit$QMp,
       QS = fit$QS, QS_df = fit$QSdf[1], QSp = fit$QSp)
}

remake("locscale.json", recompute)
