# moderators.json: linear hypotheses, likelihood ratio tests, variance inflation, means of levels,
# subgroups, subsets of moderators, a spline, and the studentised range.
#
#   Rscript tests/golden/make_moderators.R         compares what stands there with this R
#   Rscript tests/golden/make_moderators.R write   and puts the new numbers in
#
# By metafor's rma, anova, vif and predict, with tight stopping rules; subgroups and averages over
# subsets are put together here from its fits. anova with refit=TRUE cannot take settings over, so
# both models are fitted by ML here; adjusted p-values are by p.adjust. metafor 3.8-1 has no joint test of more rows than their rank.

folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
source(file.path(folder, "rma_tools.R"))

matrix_of <- function(rows) do.call(rbind, lapply(rows, unlist))

linear <- function(case, frame) {
  fit <- refit(frame, case$call$model)
  args <- case$call$args
  if (!is.null(args$btt)) {
    test <- anova(fit, btt = unlist(args$btt))
    return(list(QM = test$QM, QM_df1 = test$QMdf[1], QMp = test$QMp))
  }
  rhs <- if (is.null(args$rhs)) 0 else args$rhs
  adjust <- if (is.null(args$adjust)) "none" else args$adjust
  test <- suppressWarnings(anova(fit, X = matrix_of(args$X), rhs = rhs))
  joint <- function(x) if (is.null(test$QM)) NA else x
  list(estimate = as.numeric(test$Xb), se = test$se, stat = as.numeric(test$zval),
       pval = p.adjust(as.numeric(test$pval), adjust), QM = joint(test$QM), QM_df1 = joint(test$QMdf[1]),
       QM_df2 = joint(test$QMdf[2]), QMp = joint(test$QMp))
}

ratio <- function(case, frame) {
  calls <- case$call[c("full", "reduced")]
  if (isTRUE(case$call$args$refit)) calls <- lapply(calls, function(x) { x$method <- "ML"; x })
  full <- refit(frame, calls$full)
  reduced <- refit(frame, calls$reduced)
  test <- suppressWarnings(anova(full, reduced))
  statistics <- function(fit) fit$fit.stats[, if (calls$full$method == "REML") "REML" else "ML"]
  f <- statistics(full)
  r <- statistics(reduced)
  list(LRT = test$LRT, LRTp = test$pval, df = test$parms.f - test$parms.r, R2 = test$R2,
       ll_full = f[1], ll_reduced = r[1], AIC_full = f[3], AIC_reduced = r[3],
       BIC_full = f[4], BIC_reduced = r[4], AICc_full = f[5], AICc_reduced = r[5])
}

inflation <- function(case, frame) {
  fit <- refit(frame, case$call$model)
  btt <- case$call$args$btt
  found <- if (is.null(btt)) vif(fit) else vif(fit, btt = unlist(btt))
  list(vif = as.numeric(found$vifs))
}

prediction <- function(case, frame) {
  fit <- refit(frame, case$call$model)
  at <- predict(fit, newmods = matrix_of(case$call$args$newmods))
  list(pred = at$pred, se = at$se, ci_lb = at$ci.lb, ci_ub = at$ci.ub, pi_lb = at$pi.lb,
       pi_ub = at$pi.ub)
}

subgroup <- function(case, frame) {
  call <- case$call
  levels <- unique(frame[[call$by]])
  base <- list(yi = "yi", vi = "vi", method = call$method)
  shared <- if (call$shared) refit(frame, c(base, mods = paste("~ 0 +", call$by)))$tau2
  fits <- lapply(levels, function(level) {
    part <- frame[frame[[call$by]] == level, ]
    if (is.null(shared)) return(refit(part, base))
    refit(part, c(base, tau2 = shared))
  })
  m <- sapply(fits, coef)
  s <- sapply(fits, function(fit) fit$se)
  k <- sapply(fits, function(fit) fit$k)
  QB <- sum((m - sum(m / s^2) / sum(1 / s^2))^2 / s^2)
  QW <- sum(sapply(fits, function(fit) fit$QE))
  at <- lapply(fits, predict)
  pick <- function(name) sapply(at, function(x) x[[name]])
  list(estimate = m, se = s, ci_lb = pick("ci.lb"), ci_ub = pick("ci.ub"), pi_lb = pick("pi.lb"),
       pi_ub = pick("pi.ub"), tau2 = sapply(fits, function(fit) fit$tau2),
       I2 = sapply(fits, function(fit) fit$I2), Q = sapply(fits, function(fit) fit$QE),
       Qp = sapply(fits, function(fit) fit$QEp), QB = QB,
       QBp = pchisq(QB, length(fits) - 1, lower.tail = FALSE), QW = QW,
       QWp = pchisq(QW, sum(k - 1), lower.tail = FALSE), QT = refit(frame, base)$QE)
}

subsets <- function(case, frame) {
  names <- unlist(case$call$moderators)
  chosen <- as.matrix(expand.grid(rep(list(c(FALSE, TRUE)), length(names))))
  fits <- lapply(seq_len(nrow(chosen)), function(i) {
    call <- list(yi = "yi", vi = "vi", method = "ML")
    if (any(chosen[i, ])) call$mods <- paste("~", paste(names[chosen[i, ]], collapse = " + "))
    refit(frame, call)
  })
  aicc <- sapply(fits, function(fit) fit$fit.stats["AICc", "ML"])
  w <- exp(-(aicc - min(aicc)) / 2)
  w <- w / sum(w)
  terms <- c("intrcpt", names)
  get <- function(fit, what) {
    values <- setNames(if (what == "b") c(fit$beta) else fit$se^2, rownames(fit$beta))
    out <- setNames(rep(0, length(terms)), terms)
    out[names(values)] <- values
    out
  }
  b <- t(sapply(fits, get, "b"))
  v <- t(sapply(fits, get, "v"))
  mean <- colSums(w * b)
  list(AICc = sort(aicc), weight = sort(w, decreasing = TRUE),
       importance = unname(colSums(w * chosen)), estimate = unname(mean),
       se = unname(sqrt(colSums(w * (v + sweep(b, 2, mean)^2)))))
}

spline <- function(case, frame) {
  fit <- refit(frame, case$call$model)
  list(tau2 = fit$tau2, QM = fit$QM, pred = predict(fit)$pred)
}

studentised <- function(case) {
  df <- sapply(case$call$df, function(x) if (is.null(x)) Inf else x)
  list(p = ptukey(unlist(case$call$q), unlist(case$call$means), df, lower.tail = FALSE))
}

recompute <- function(case) {
  frame <- columns(case$data)
  switch(if (!is.null(case$call$full)) "ratio" else case$call$fn,
         anova = linear(case, frame), ratio = ratio(case, frame), vif = inflation(case, frame),
         predict = prediction(case, frame), subgroups = subgroup(case, frame),
         subsets = subsets(case, frame), spline = spline(case, frame), ptukey = studentised(case))
}

remake("moderators.json", recompute)
