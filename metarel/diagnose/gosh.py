"""All subsets of the studies, or many of them: a graphical display of study heterogeneity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_whole, generator
from metarel._format import adaptive, listing
from metarel._lazy import pd
from metarel._linalg import is_mean
from metarel._register import did_you_mean
from metarel._shown import Shown
from metarel.diagnose._refits import readable, refit, shares
from metarel.diagnose._tables import note_texts
from metarel.errors import InputError
from metarel.models.results import MetaFit

if TYPE_CHECKING:
    from metarel.models.batch_sums import Flags

#: Without a number given, all subsets of up to so many studies are fitted, and more are drawn from.
ALL_UP_TO = 15
#: How many subsets are drawn then.
DRAWN = 10_000
#: All subsets of more studies than this are refused: there are four millions of 22.
MOST = 22
#: Subsets fitted between two reports of progress.
BLOCK = 16_384


@dataclass(frozen=True, eq=False, repr=False)
class Gosh(Shown):
    """Fits of subsets of the studies.

    Parameters
    ----------
    table : DataFrame
        A row a subset: k, estimate and se (with moderators one of each a coefficient,
        estimate_<term> and se_<term>), tau2, Q, I2 (a fraction), H2, note.
    members : ndarray of bool, shape (subsets, k)
        Which studies each subset holds.
    names : tuple of str
        The studies.
    complete : bool
        Whether these are all subsets, and not a sample of them.
    fit : MetaFit
        The fit of all studies.
    """

    table: pd.DataFrame
    members: Flags
    names: tuple[str, ...]
    complete: bool
    fit: MetaFit

    def holding(self, study: str) -> Flags:
        """Tell which subsets hold a study.

        Parameters
        ----------
        study : str
            Its name.

        Returns
        -------
        ndarray of bool, shape (subsets,)
            To split ``table`` by.

        Raises
        ------
        InputError
            On a name that no study or several have.
        """
        found = [i for i, name in enumerate(self.names) if name == study]
        if len(found) != 1:
            told = "more than one study" if found else "no study"
            hint = "" if found else did_you_mean(str(study), self.names)
            raise InputError(
                f"`study` must be the name of one study; {told} is called {study!r}.{hint}"
            )
        return self.members[:, found[0]]

    def to_frame(self) -> pd.DataFrame:
        """Return the table.

        Returns
        -------
        DataFrame
            A copy of ``table``.
        """
        return self.table.copy()

    def __str__(self) -> str:
        kind = "all subsets" if self.complete else "subsets drawn at random"
        lines = [f"GOSH: {len(self.table)} {kind} of {listing(list(self.names), 4)}"]
        for name in self.table.columns:
            if name.startswith("estimate") or name == "I2":
                low, middle, high = self.table[name].quantile([0.025, 0.5, 0.975])
                lines.append(
                    f"{name}: median {adaptive(middle)}, 95% between {adaptive(low)} and "
                    f"{adaptive(high)}"
                )
        return "\n".join(lines)


@says_what_it_takes
def gosh(
    fit: MetaFit,
    *,
    subsets: int | str | None = None,
    seed: int | np.random.Generator | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Gosh:
    """Fit the model again to all subsets of the studies, or to many drawn at random.

    Groups of estimates that lie apart, or tails, show that some studies do not belong with the
    others; `Gosh.holding` tells which subsets hold a study.

    Parameters
    ----------
    fit : MetaFit
        What `pool` or `meta_regression` returned.
    subsets : int or "all", optional
        How many subsets to draw; where there are no more than that, all are fitted. By default
        all subsets of up to 15 studies, and otherwise 10 000 drawn.
    seed : int or Generator, optional
        For the same draws again.
    progress : callable, optional
        ``progress(done, total)``, called now and then in long runs.

    Returns
    -------
    Gosh
        The fits, and which studies each subset holds; print it.

    Raises
    ------
    InputError
        When the fit is of another kind, ``subsets`` is neither a whole number of at least 1 nor
        "all", or there are more than 22 studies to take all subsets of.

    Notes
    -----
    Subsets hold at least one study (with moderators, one more than there are coefficients). Those
    drawn are drawn with replacement, each subset as likely as any other, so that most hold about
    half of the studies. A subset of a single study has tau2 = 0. Each fit has the numbers of
    `pool`; all are made in vectorised batches. metafor's ``gosh`` gives the same numbers.

    References
    ----------
    [olkin2012]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 1.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> found = mr.gosh(fit)
    >>> found
    GOSH: 15 all subsets of Study 1, Study 2, Study 3, Study 4
    estimate: median 0.6279, 95% between 0.1346 and 1.5800
    I2: median 0.3197, 95% between 0.0000 and 0.9824
    >>> found.table["estimate"].groupby(found.holding("Study 3")).median().round(2)
    False    0.21
    True     0.89
    Name: estimate, dtype: float64
    """
    if progress is not None and not callable(progress):
        raise InputError(
            f"`progress` must be a function of how many are done and of how many; got {progress!r}."
        )
    fit = readable(fit)
    least = 1 if is_mean(fit.study.X) else fit.p + 1
    blocks, total, complete = _plan(fit.k, least, subsets, seed)
    tables, members, done = [], [], 0
    for block in blocks:
        members.append(block)
        tables.append(_table(fit, block))
        done += len(block)
        if progress is not None:
            progress(done, total)
    table = pd.concat(tables, ignore_index=True)
    return Gosh(table, np.concatenate(members), tuple(fit.study.labels), complete, fit)


def _plan(
    k: int, least: int, subsets: int | str | None, seed: int | np.random.Generator | None
) -> tuple[Iterator[Flags], int, bool]:
    """Return the blocks of subsets, how many there will be, and whether they are all."""
    if isinstance(subsets, str) and subsets != "all":
        raise InputError(
            f'`subsets` must be a whole number of at least 1, or "all"; got {subsets!r}.'
        )
    sizes = [1]
    for j in range(k):
        sizes.append(sizes[-1] * (k - j) // (j + 1))
    possible = sum(sizes[least:])
    if subsets is None:
        wanted = possible if k <= ALL_UP_TO else DRAWN
    elif isinstance(subsets, str):
        if k > MOST:
            raise InputError(
                f'`subsets` "all" would be {possible} subsets of {k} studies; the most is those '
                f"of {MOST}. Give a number to draw, such as subsets=100_000."
            )
        wanted = possible
    else:
        wanted = check_whole("subsets", subsets)
    if wanted >= possible:
        return _all_subsets(k, least), possible, True
    return _drawn_subsets(k, least, wanted, generator(seed)), wanted, False


def _all_subsets(k: int, least: int) -> Iterator[Flags]:
    """Yield every subset of at least some size, as the digits of binary numbers."""
    for begin in range(0, 2**k, BLOCK):
        numbers = np.arange(begin, min(begin + BLOCK, 2**k))
        block = (numbers[:, None] >> np.arange(k)) % 2 == 1
        block = block[block.sum(axis=1) >= least]
        if len(block):
            yield block


def _drawn_subsets(k: int, least: int, wanted: int, rng: np.random.Generator) -> Iterator[Flags]:
    """Yield subsets drawn uniformly from those of at least some size, by rejection."""
    left = wanted
    while left:
        block = rng.integers(0, 2, (min(left, BLOCK), k), dtype=np.int8) == 1
        block = block[block.sum(axis=1) >= least]
        left -= len(block)
        if len(block):
            yield block


def _table(fit: MetaFit, members: Flags) -> pd.DataFrame:
    refits = refit(fit, members)
    se, (I2, H2) = refits.se, shares(fit, refits)
    columns: dict[str, Any] = {"k": refits.k.astype(int)}
    moderated = fit.study.terms != ("intercept",)
    for j, term in enumerate(fit.study.terms):
        end = f"_{term}" if moderated else ""
        columns |= {f"estimate{end}": refits.beta[:, j], f"se{end}": se[:, j]}
    columns |= {"tau2": refits.tau2, "Q": refits.Q, "I2": I2, "H2": H2}
    return pd.DataFrame(columns | {"note": note_texts(refits)})
