"""What imperfect measures and selected samples do to a correlation, and how it is undone.

A correlation r of X and Y in a sample is corrected to that of their true scores in the reference
group. Selection shows as u, the SD of X in the sample over that in the reference group.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._register import Register

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class Artefacts:
    """What is known of each study: 1 where there is nothing to correct.

    Parameters
    ----------
    rxx_sample, rxx_reference : ndarray, shape (k,)
        Reliability of X in the sample and in the reference group.
    ryy : ndarray, shape (k,)
        Reliability of Y in the sample.
    u : ndarray, shape (k,)
        SD ratio of observed X.
    """

    rxx_sample: Array
    rxx_reference: Array
    ryy: Array
    u: Array

    @property
    def u_true(self) -> Array:
        """SD ratio of the true scores of X: u_T² = (u² − (1 − rxx)) / rxx."""
        return np.sqrt((self.u**2 - (1 - self.rxx_reference)) / self.rxx_reference)


@dataclass(frozen=True, slots=True)
class Restriction:
    """A way in which samples are selected.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What to call it.
    source : str
        Key of the publication.
    correct, attenuate : callable
        ``correct(r, artefacts)`` gives the corrected correlation and its slope in r;
        ``attenuate(rho, artefacts)`` is its inverse.
    reference_reliability, sample_reliability : callable
        ``f(rxx, u)``: from the sample's reliability to the reference group's, and back.
    """

    code: str
    name: str
    source: str
    correct: Callable[[Array, Artefacts], tuple[Array, Array]]
    attenuate: Callable[[Array, Artefacts], Array]
    reference_reliability: Callable[[Array, Array], Array]
    sample_reliability: Callable[[Array, Array], Array]


def widen(r: Array, u: Array) -> Array:
    """Return r in a group whose SD is 1/u times the sample's (Thorndike's Case II)."""
    return r / np.sqrt(u**2 + (1 - u**2) * r**2)


def narrow(rho: Array, u: Array) -> Array:
    """Return the correlation in a sample whose SD is u times the group's; undoes ``widen``."""
    return widen(rho, 1 / u)


def _widen_slope(r: Array, u: Array) -> Array:
    return u**2 / (u**2 + (1 - u**2) * r**2) ** 1.5


def _direct(r: Array, x: Artefacts) -> tuple[Array, Array]:
    clean = r / np.sqrt(x.ryy)
    root = np.sqrt(x.rxx_reference)
    return widen(clean, x.u) / root, _widen_slope(clean, x.u) / np.sqrt(x.ryy) / root


def _undo_direct(rho: Array, x: Artefacts) -> Array:
    return narrow(rho * np.sqrt(x.rxx_reference), x.u) * np.sqrt(x.ryy)


def _indirect(r: Array, x: Artefacts) -> tuple[Array, Array]:
    root = np.sqrt(x.rxx_sample * x.ryy)
    return widen(r / root, x.u_true), _widen_slope(r / root, x.u_true) / root


def _undo_indirect(rho: Array, x: Artefacts) -> Array:
    return narrow(rho, x.u_true) * np.sqrt(x.rxx_sample * x.ryy)


RESTRICTIONS: Register[Restriction] = Register(
    "restriction",
    [
        Restriction(
            "direct",
            "direct range restriction, Case II",
            "thorndike1949",
            _direct,
            _undo_direct,
            # rxx is the squared correlation of X with its true score, under the same selection
            lambda rxx, u: widen(np.sqrt(rxx), u) ** 2,
            lambda rxx, u: narrow(np.sqrt(rxx), u) ** 2,
        ),
        Restriction(
            "indirect",
            "indirect range restriction, Case IV",
            "hunter2006",
            _indirect,
            _undo_indirect,
            # selection acts through true scores: the error variance is the same in both groups
            lambda rxx, u: 1 - u**2 * (1 - rxx),
            lambda rxx, u: 1 - (1 - rxx) / u**2,
        ),
    ],
)


def adjusted_n(corrected: Array, variance: Array) -> Array:
    """Return the sample size at which an r of this size has this sampling variance."""
    return 1 + (1 - corrected**2) ** 2 / variance
