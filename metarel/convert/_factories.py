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
    from metarel.convert._edge import Exactness, Formula, Given


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
