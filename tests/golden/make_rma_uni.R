# rma_uni.json: univariate models fitted by metafor's rma.uni.
#
#   Rscript tests/golden/make_rma_uni.R         compares what stands there with this R
#   Rscript tests/golden/make_rma_uni.R write   and puts the new numbers in
#
# The stored numbers are from R 4.2.2 with metafor 5.1-12. I2 and R2 are percentages; `ll` is the
# restricted likelihood for REML and the full one otherwise; QM is F where the test is t-based;
# s2w is the Knapp-Hartung factor.
#
# What differs, and why:
# - Models whose columns do not span the intercept (tag `metafor-bug`): rma.uni computes tau2, QE
#   and the likelihood from the wrong projection; `metafor` in the case keeps its numbers. The
#   stored ones are from the definitions, as computed here in `by_definition`.
# - With metafor 3.8.1, older than the one that made them, 39 quantities of a few cases come out
#   otherwise (DLIT with moderators, vi of 0, R2 of one regression), and GENQM needs CompQuadForm;
#   run without `write` to see them.

folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
source(file.path(folder, "rma_tools.R"))

# DerSimonian-Laird from dense matrices, for a model without an intercept.
by_definition <- function(frame, X) {
  y <- frame$yi; v <- frame$vi; k <- length(y); p <- ncol(X)
  P <- function(w) diag(w) - diag(w) %*% X %*% solve(t(X) %*% diag(w) %*% X) %*% t(X) %*% diag(w)
  fixed <- P(1 / v)
  QE <- c(t(y) %*% fixed %*% y)
  tau2 <- max(0, (QE - (k - p)) / sum(diag(fixed)))
  w <- 1 / (v + tau2)
  vcov <- solve(t(X) %*% diag(w) %*% X)
  b <- c(vcov %*% t(X) %*% (w * y))
  rss <- sum(w * (y - c(X %*% b))^2)
  fitted <- fixed %*% diag(v + tau2)
  ll <- -k / 2 * log(2 * pi) + sum(log(w)) / 2 - rss / 2
  n <- p + 1
  c(normal_inference(b, vcov), list(
    tau2 = tau2, se_tau2 = sqrt(2 * sum(diag(fitted %*% fitted))) / sum(diag(fixed)),
    QE = QE, QE_df = k - p, QEp = pchisq(QE, k - p, lower.tail = FALSE), k = k,
    I2 = 100 * tau2 / (tau2 + (k - p) / sum(diag(fixed))),
    H2 = 1 + tau2 * sum(diag(fixed)) / (k - p), ll = ll,
    AIC = -2 * ll + 2 * n, BIC = -2 * ll + n * log(k),
    AICc = -2 * ll + 2 * n * max(k, n + 2) / (max(k, n + 2) - n - 1)))
}

normal_inference <- function(b, vcov) {
  se <- sqrt(diag(vcov)); stat <- b / se
  QM <- c(t(b) %*% solve(vcov) %*% b)
  list(b = b, se = se, stat = stat, pval = 2 * pnorm(-abs(stat)), ci_lb = b - qnorm(.975) * se,
       ci_ub = b + qnorm(.975) * se, vcov = rows(vcov), QM = QM, QM_df1 = length(b),
       QMp = pchisq(QM, length(b), lower.tail = FALSE))
}

rows <- function(M) lapply(seq_len(nrow(M)), function(i) unname(M[i, ]))

recompute <- function(case) {
  frame <- columns(case$data)
  if ("metafor-bug" %in% unlist(case$tags)) {
    X <- matrix(as.numeric(unlist(case$design$X)), ncol = length(case$design$names), byrow = TRUE)
    return(by_definition(frame, X))
  }
  fit <- refit(frame, case$call)
  criteria <- fit$fit.stats[, if (fit$method == "REML") "REML" else "ML"]
  list(b = c(fit$beta), se = fit$se, stat = fit$zval, pval = fit$pval, ci_lb = fit$ci.lb,
       ci_ub = fit$ci.ub, ddf = fit$ddf, vcov = rows(fit$vb), s2w = fit$s2w, tau2 = fit$tau2,
       se_tau2 = fit$se.tau2, I2 = fit$I2, H2 = fit$H2, R2 = fit$R2, QE = fit$QE,
       QE_df = fit$k - fit$p, QEp = fit$QEp, k = fit$k, QM = fit$QM, QM_df1 = fit$QMdf[1],
       QM_df2 = fit$QMdf[2], QMp = fit$QMp, ll = criteria[1], deviance = criteria[2],
       AIC = criteria[3], BIC = criteria[4], AICc = criteria[5])
}

remake("rma_uni.json", recompute)
