"""What is said beside tests for small-study effects, whichever test it is."""

from __future__ import annotations

from metarel.models.results import MetaFit

#: Studies below which these tests are advised against, for want of power.
FEW = 10
#: Measures whose variance holds the effect itself, so that an asymmetry is there without any bias.
TIED = {
    "SMD": "a standardised mean difference is part of its own standard error; predictor "
    '"1/sqrt(n)" is free of that',
    "OR": 'a log odds ratio is tied to its own standard error; predictor "1/n" is free of that',
    "COR": "a raw correlation is part of its own variance; Fisher's z (ZCOR) is free of that",
}


def caution(fit: MetaFit, *, by_precision: bool = True) -> str:
    """Return what a reader must know before trusting a test of asymmetry; empty where nothing.

    Parameters
    ----------
    fit : MetaFit
        The fit that is tested.
    by_precision : bool
        Whether the test orders the studies by their standard errors or variances.

    Returns
    -------
    str
        Sentences, by Sterne et al. (2011) and Pustejovsky and Rodgers (2019).
    """
    told = []
    if fit.k < FEW:
        told.append(f"with {fit.k} studies such a test has little power (fewer than {FEW})")
    measure = fit.study.measure
    if by_precision and measure in TIED:
        told.append(TIED[measure])
    if not told:
        return ""
    return "Note: " + "; ".join(told) + "."
