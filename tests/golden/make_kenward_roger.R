# Makes kenward_roger.json: Rscript tests/golden/make_kenward_roger.R
# Needs lme4, pbkrtest and jsonlite. Kenward and Roger's covariance and degrees of freedom of
# mixed models of individual people, whose study means and variances within studies are exact.
# There the variance within studies is estimated too, with 1014 degrees of freedom, while a
# meta-analysis takes it as known: the numbers agree to about one part in a thousand.

suppressMessages({library(lme4); library(pbkrtest); library(jsonlite)})
set.seed(1)
n <- c(40, 60, 90, 150, 240, 440)
x <- seq_along(n)^1.5
residuals <- lapply(n, function(size) sqrt(10) * scale(rnorm(size))[, 1])

case <- function(id, mu) {
  people <- do.call(rbind, lapply(seq_along(n), function(i)
    data.frame(study = factor(i), x = x[i], y = mu[i] + residuals[[i]])))
  mean_only <- suppressMessages(lmer(y ~ 1 + (1 | study), people))
  line <- suppressMessages(lmer(y ~ x + (1 | study), people))
  list(id = id, yi = mu, vi = 10 / n, x = x,
       mean = list(se = sqrt(vcovAdj(mean_only)[1, 1]), df = get_Lb_ddf(mean_only, 1)),
       line = list(se = unname(sqrt(diag(as.matrix(vcovAdj(line))))),
                   df = c(get_Lb_ddf(line, c(1, 0)), get_Lb_ddf(line, c(0, 1)))))
}

cases <- list(case("tau2-0", c(.5, .1, .9, .3, .2, .45)), case("tau2-large", c(.5, -.6, 2, .3, -.7, 1.4)))
file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])
write(toJSON(cases, auto_unbox = TRUE, digits = NA, pretty = TRUE),
      file.path(dirname(file), "kenward_roger.json"))
cat(R.version.string, "lme4", format(packageVersion("lme4")), "pbkrtest", format(packageVersion("pbkrtest")), "\n")
