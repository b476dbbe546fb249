"""PET and PEESE: the effect of an endlessly precise study, by regression on the standard error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metarel._checks import check_level
from metarel._distributions import two_sided_p
from metarel._format import adaptive, interval, p_value, plain
from metarel.bias._notes import caution as caution_of
from metarel.bias.regression import RegressionTest, regression_test
from metarel.errors import InputError
from metarel.models._mean_interval import check_fit
from metarel.models.results import MetaFit


@dataclass(frozen=True, slots=True)
class PetPeese:
    """Both regressions, and the one that the conditional rule takes.

    Parameters
    ----------
    pet : RegressionTest
        On the standard error: its slope is the funnel asymmetry test (FAT), its limit the
        precision-effect test (PET).
    peese : RegressionTest
        On the variance; its limit is the estimate with standard error (PEESE).
    pet_p : float
        Two-sided p-value of PET's limit.
    alpha : float
        PEESE is taken where ``pet_p`` is below this.
    caution : str
        What makes both doubtful here.
    """

    pet: RegressionTest
    peese: RegressionTest
    pet_p: float
    alpha: float
    caution: str

    @property
    def takes(self) -> str:
        """``"PEESE"`` where PET finds an effect, else ``"PET"``."""
        return "PEESE" if self.pet_p < self.alpha else "PET"

    @property
    def chosen(self) -> RegressionTest:
        """The regression that the conditional rule takes."""
        return self.peese if self.takes == "PEESE" else self.pet

    @property
    def estimate(self) -> float:
        """The corrected effect by the conditional rule."""
        return self.chosen.limit

    def to_dict(self) -> dict[str, Any]:
        """Return all of it in plain types.

        Returns
        -------
        dict
            Ready for JSON; NaN becomes None.
        """
        record = {"takes": self.takes, "pet_p": self.pet_p, "alpha": self.alpha}
        more = {"pet": self.pet.to_dict(), "peese": self.peese.to_dict(), "caution": self.caution}
        return {**dict(plain(record)), **more}

    def __str__(self) -> str:
        lines = [f"PET-PEESE, {self.pet.fit.k} studies (takes {self.takes})"]
        for name, one in (("PET", self.pet), ("PEESE", self.peese)):
            limits = interval(one.limit_low, one.limit_high)
            level = f"{100 * one.fit.spec.level:g}% CI"
            lines.append(f"  {name:6} {adaptive(one.limit)}, {level} {limits}")
        lines.append(
            f"  PET's effect has p {p_value(self.pet_p)}; below {self.alpha:g} PEESE is taken."
        )
        lines.append(f"  Asymmetry (FAT): p {p_value(self.pet.p_value)}")
        return "\n".join([*lines, *filter(None, [self.caution])])

    def __repr__(self) -> str:
        return str(self)


def pet_peese(fit: MetaFit, *, alpha: float = 0.1, model: str = "lm") -> PetPeese:
    """Correct a mean for small-study effects by PET, PEESE, and the conditional rule.

    PET regresses effects on their standard errors, PEESE on their variances; the intercepts are
    the effects of an endlessly precise study. PET is too low where there is an effect, so PEESE is
    taken where PET's differs from 0. Where PET has the other sign than the pooled mean, which says
    that the line is bent rather than that there is an effect, a note says so.

    Parameters
    ----------
    fit : MetaFit
        A pooled mean.
    alpha : float
        Level at which PET's effect decides, two-sided. Stanley and Doucouliagos test at 5 %
        one-sided, which is 0.1 here where PET has the sign of the mean.
    model : {"lm", "mixed"}
        Least squares with variances multiplied, as the authors have it, or tau2 added.

    Returns
    -------
    PetPeese
        Both regressions and what the rule takes.

    Raises
    ------
    InputError
        On moderators, fewer than three studies, or standard errors that are all the same.

    Notes
    -----
    The same estimates as ``lm(yi ~ sei, weights = 1/vi)`` and ``lm(yi ~ vi, weights = 1/vi)`` in
    R. Both are unreliable with few studies, with large heterogeneity, and where all studies are
    of one size.

    References
    ----------
    [stanley2014], [stanley2017b]

    Examples
    --------
    >>> import metarel as mr
    >>> found = mr.pet_peese(mr.pool(mr.load_dataset("thirdwave_harrer2021").studies))
    >>> found.takes, round(found.pet.limit, 3), round(found.peese.limit, 3)
    ('PEESE', -0.341, 0.06)
    """
    fit = check_fit(fit, mean_only="PET-PEESE", own_weights=True)
    level = check_level(alpha, "alpha")
    if np.ptp(fit.study.vi) <= 1e-12 * fit.study.vi.max():
        raise InputError(
            "`fit` has studies with one and the same standard error: nothing to regress on."
        )
    pet = regression_test(fit, predictor="sei", model=model)
    peese = regression_test(fit, predictor="vi", model=model)
    p = float(two_sided_p(pet.fit.statistic, pet.fit.df)[0])
    if np.isnan(p) or pet.fit.knapp_hartung < 1e-12:
        raise InputError(
            "`fit` has effects that lie on one line without residual: PET has no test."
        )
    notes = [caution_of(fit)]
    if pet.limit * fit.estimate < 0:
        notes.append("Note: PET's effect has the other sign than the pooled mean.")
    return PetPeese(pet, peese, p, level, "\n".join(filter(None, notes)))
