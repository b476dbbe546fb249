# Makes psychometric.json: Rscript tests/golden/make_psychometric.R
# Needs R, jsonlite, metadat and psychometric 2.3. The data ABHt32 of that package are those of Table 3.2 of
# Arthur, Bennett and Huffcutt (2001), Conducting Meta-Analysis Using SAS.
#
# What differs and why: psychometric takes each study's own n - 1 in the sampling variance (here
# error = "study_n"); MetaTable prints the interval under one population in the columns called HET
# and the other in those called HOM, CIrb the same; SERHOM and SERHET are named as they should be.

suppressMessages(library(psychometric))
library(jsonlite)

arg <- grep("^--file=", commandArgs(FALSE), value = TRUE)
here <- dirname(normalizePath(sub("^--file=", "", arg[1])))

data(ABHt32)
bare <- list(mean = rbar(ABHt32), variance = varr(ABHt32), error = vare(ABHt32),
             variance_rho = varRes(ABHt32), error_share = as.numeric(pvse(ABHt32)) / 100,
             average_n = aprox.vare(ABHt32), total_n = vare36(ABHt32),
             homogeneous = SERHOM(ABHt32), heterogeneous = SERHET(ABHt32))
grid <- expand.grid(r = c(-0.6, -0.2, 0.1, 0.31, 0.8), sdu = c(4.5, 7, 9))
range <- data.frame(r = grid$r, u = 7 / grid$sdu, corrected = cRRr(grid$r, 7, grid$sdu)$unrestricted)
# Table A.2 of Rothstein, Sutton and Borenstein (2005), from McDaniel and others (1994)
interviews <- metadat::dat.mcdaniel1994
write(toJSON(list(mcdaniel1994 = list(r = interviews$ri, n = interviews$ni), data = list(r = ABHt32$Rxy, n = ABHt32$n), bare = bare, range = range),
             digits = NA, auto_unbox = TRUE, pretty = TRUE),
      file.path(here, "psychometric.json"))
