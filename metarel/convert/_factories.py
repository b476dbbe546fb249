"""Ways to declare an edge: as algebra, as a scale and its way back, as a factor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metarel.convert._edge import DEFINITION, SIGN, SIGN_LOST, Edge

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel._vocabulary import Domain
    from metarel.convert._edge import Closed, Exactness, Formula, Given

#: Newton's steps to a mode: at most so many, until one is below this share of where it leads.
MOST_STEPS, NOTHING = 100, 1e-15
#: How ``logistic_mode`` finds it.
BY_NEWTON = "highest stationary point of the density, by Newton's steps"


def plain(function: Callable[[Array], Array]) -> Formula:
    """Return a function of x alone as a formula.

    Parameters
    ----------
    function : callable
        Array in, array out.

    Returns
    -------
    callable
        ``formula(x, given)``.
    """
    return lambda x, _given: function(x)


def defined(
    source: str,
    target: str,
    formula: str,
    functions: tuple[Formula, Formula, Formula],
    *,
    reference: str = "cohen1988",
    assumption: str = DEFINITION,
    signed: bool = False,
    domain: Domain | None = None,
) -> Edge:
    """Return an edge that is algebra.

    Parameters
    ----------
    source, target, formula, reference, assumption, domain
        As ``Edge`` has them.
    functions : tuple of callable
        Forward, inverse, slope.
    signed : bool
        Whether the sign is lost on the source, and taken from ``sign``.

    Returns
    -------
    Edge
        The edge, under the rule ``"definition"``, the default.
    """
    forward, inverse, slope = functions
    return Edge(
        source,
        target,
        "definition",
        forward,
        inverse,
        slope,
        formula,
        SIGN_LOST if signed else assumption,
        "identity",
        reference,
        optional=SIGN if signed else {},
        default=True,
        domain=domain,
    )


def there_and_back(
    edge: Edge, formula: str, slope: Formula | None = None, domain: Domain | None = None
) -> tuple[Edge, Edge]:
    """Return an edge and the one that leads back by the same rule.

    Parameters
    ----------
    edge : Edge
        The way there.
    formula : str
        The formula of the way back.
    slope : callable, optional
        Its slope; one over the slope of the way there, at the value it leads to, unless given.
    domain : Domain, optional
        The values it takes, where they are less than the metric allows.

    Returns
    -------
    tuple of Edge
        Both.
    """

    def reciprocal(y: Array, given: Given) -> Array:
        return 1 / edge.slope(edge.inverse(y, given), given)

    return edge, replace(
        edge,
        source=edge.target,
        target=edge.source,
        formula=formula,
        forward=edge.inverse,
        inverse=edge.forward,
        slope=slope or reciprocal,
        domain=domain,
        averages={},
    )


def by_factor(edge: Edge, back: str, factor: Callable[[Given], Array | float]) -> tuple[Edge, Edge]:
    """Return both ways of a rule that multiplies by a factor.

    Parameters
    ----------
    edge : Edge
        The way there; its functions are replaced.
    back : str
        The formula of the way back.
    factor : callable
        ``factor(given)``.

    Returns
    -------
    tuple of Edge
        Both.
    """

    def one_way(edge: Edge, part: Callable[[Given], Array | float]) -> Edge:
        return replace(
            edge,
            forward=lambda x, given: x * part(given),
            inverse=lambda x, given: x / part(given),
            slope=lambda x, given: np.broadcast_to(part(given), x.shape),
        )

    def inverted(given: Given) -> Array | float:
        return 1 / factor(given)

    there = one_way(edge, factor)
    turned = replace(edge, source=edge.target, target=edge.source, formula=back, domain=None)
    return there, one_way(turned, inverted)


def logistic_mode(steepness: float) -> Closed:
    """Return the mode of a converted effect whose slope is that of tanh(steepness·X), X normal.

    The density is flat where x = value + 2·steepness·tau2·tanh(steepness·x). On the side of the
    value, where the higher top is, the difference is concave and has one root, which Newton's
    steps approach from beyond; at 0 two tops are as high once tau2 exceeds 1/(2·steepness²).

    Parameters
    ----------
    steepness : float
        ½ for a logit, 1 for Fisher's z.

    Returns
    -------
    callable
        ``mode(value, tau2, given)`` on the scale of X, to be converted; NaN where there are two.
    """

    def mode(value: Array, tau2: Array, _given: Given) -> Array:
        pull = 2 * steepness * tau2
        start = np.abs(value)
        x = start + pull
        for _ in range(MOST_STEPS):
            height = np.tanh(steepness * x)
            miss = start + pull * height - x
            step = miss / (pull * steepness * (1 - height) * (1 + height) - 1)
            x = x - step
            if np.nanmax(np.abs(step) - NOTHING * x, initial=0.0) <= 0:
                break
        x = np.where(start > 0, x, np.where(pull * steepness <= 1, 0.0, np.nan))
        return np.sign(value) * x

    return mode


def unfilled(
    source: str,
    target: str,
    rule: str,
    formula: str,
    assumption: str,
    reference: str,
    *,
    exactness: Exactness = "exact",
    used_by: str = "",
    needs: tuple[str, ...] = (),
    optional: dict[str, float] | None = None,
    need_domains: dict[str, Domain] | None = None,
    default: bool = False,
) -> Edge:
    """Return a declaration whose functions are still to come.

    Parameters
    ----------
    source, target, rule, formula, assumption, reference
        As ``Edge`` has them.
    exactness, used_by, needs, optional, need_domains, default
        As ``Edge`` has them.

    Returns
    -------
    Edge
        The edge, with the identity as its functions.
    """
    nothing = plain(np.asarray)
    return Edge(
        source,
        target,
        rule,
        nothing,
        nothing,
        nothing,
        formula,
        assumption,
        exactness,
        reference,
        needs=needs,
        optional=optional or {},
        used_by=used_by,
        default=default,
        need_domains=need_domains or {},
    )
