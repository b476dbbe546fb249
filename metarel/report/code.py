"""A fit as the text that runs the same analysis in another program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metarel._register import Register
from metarel.errors import InputError
from metarel.report._analysis import Analysis, analysis_of
from metarel.report._python import write_python
from metarel.report._r import write_r
from metarel.report._stata import write_stata

if TYPE_CHECKING:
    import pandas

    from metarel.models.results import MetaFit
    from metarel.moderators._scale_fit import LocationScaleFit
    from metarel.moderators.subgroups import SubgroupsResult
    from metarel.robust._result import RobustFit


@dataclass(frozen=True, slots=True)
class Language:
    """A program that text is written for.

    Parameters
    ----------
    code : str
        The word users type.
    comment : str
        What starts a comment.
    program : str
        The program and its commands.
    write : callable
        ``write(analysis, file)`` gives the text.
    raw : bool
        Whether it makes effects from raw data.
    own : bool
        Whether it is metarel itself, which takes every formula.
    """

    code: str
    comment: str
    program: str
    write: Callable[[Analysis, str | None], str]
    raw: bool = False
    own: bool = False


LANGUAGES: Register[Language] = Register(
    "language",
    [
        Language("R", "#", "R with metafor", write_r, raw=True),
        Language("stata", "*", "Stata's meta commands, version 17 or later", write_stata),
        Language("python", "#", "Python with metarel", write_python, own=True),
    ],
    aliases={"r": "R", "metafor": "R", "Stata": "stata", "Python": "python"},
)


def code(
    fit: MetaFit | SubgroupsResult | RobustFit | LocationScaleFit,
    language: str,
    *,
    data: pandas.DataFrame | None = None,
    file: str | None = None,
    design: bool = False,
) -> str:
    """Write a fit as code: the same data, model and thresholds, for another program or for metarel.

    Parameters
    ----------
    fit : MetaFit, SubgroupsResult, RobustFit or LocationScaleFit
        What ``pool``, ``meta_regression``, ``subgroups``, ``robust`` or ``location_scale``
        returned; the last two not for Stata.
    language : {"R", "stata", "python"}
        R with metafor, Stata's meta commands, or metarel, to run the analysis again.
    data : DataFrame, optional
        The frame that ``effect_sizes`` returned and the fit was computed from: R text then holds
        the raw columns and the call of ``escalc``, wherever every metafor from 3.8 on makes the
        same effects; a comment says where not.
        Without it, and in the others, the effects and their variances stand in the text.
    file : str, optional
        Name of a CSV file that the text reads instead of holding the numbers; a comment in the
        text says which columns it must have. Names of studies are read from the column that
        ``labels`` named, and from none where there was none.
    design : bool
        Whether to write the design matrix as numbers instead of the formula; not for metarel,
        which reads its own formulas.

    Returns
    -------
    str
        The text, with metarel's own numbers as comments at its end.

    Raises
    ------
    InputError
        On what has no translation: an estimator or a formula that the program lacks, a model
        without a constant, ``data`` that the fit was not computed from.

    Notes
    -----
    R text is run against metafor in metarel's tests, and its estimates, standard errors, tau2 and
    Q agree to 1e-6 (of location-scale models to 1e-3, where metafor searches numerically); text
    for metarel is run too, to 1e-12. Stata text is held to its form only:
    nobody has run it there.

    Paule and Mandel's estimator and its iterated kin are written as metafor's "PM" and as Stata's
    empirical Bayes, which solve the same equation.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.45], vi=[0.02, 0.01, 0.04], tau2="DL", test="knha")
    >>> print(mr.code(fit, "R"))  # doctest: +ELLIPSIS
    # R with metafor: a fit of metarel
    <BLANKLINE>
    library(metafor)
    <BLANKLINE>
    dat <- data.frame(
      study = c("Study 1", "Study 2", "Study 3"),
      yi = c(0.32, 0.11, 0.45),
      vi = c(0.02, 0.01, 0.04),
      check.names = FALSE
    )
    <BLANKLINE>
    fit <- rma(
      yi, vi,
      slab = study,
      data = dat,
      method = "DL",
      test = "knha",
      level = 95
    )
    <BLANKLINE>
    print(fit, digits = 6)
    predict(fit)
    <BLANKLINE>
    # metarel's numbers
    # intercept: estimate 0.24406..., se 0.09691...
    # tau2 0.01032..., Q 3.03214..., k 3
    <BLANKLINE>
    """
    chosen = LANGUAGES[language]
    if file is not None and (not isinstance(file, str) or not file.strip()):
        raise InputError(f"`file` must be the name of a CSV file; got {file!r}.")
    if data is not None and not chosen.raw:
        raise InputError(
            f"`data` is for R's escalc; text for {chosen.program} holds yi and vi. Leave it out."
        )
    if design and chosen.own:
        raise InputError("`design` is for other programs; metarel reads the formula itself.")
    text = chosen.write(analysis_of(fit, data, design=design, own=chosen.own), file)
    return f"{chosen.comment} {chosen.program}: a fit of metarel\n\n{text}"
