"""Where a new study's effect is expected, as a density drawn from the fit's own limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._lazy import special

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.plot._scale import Scale

REACH = 3.2  # normal quantiles to either side
STEPS = 48


def predicted_density(fit: Any, scale: Scale) -> tuple[Array, Array]:
    """Return the density of a new effect along the axis, its peak being 1.

    The limits of prediction intervals at many levels are quantiles of the predictive
    distribution, whatever its kind; the density is the probability between two of them over
    their distance on paper.

    Parameters
    ----------
    fit : MetaFit or RobustFit
        A pooled mean with a prediction interval.
    scale : Scale
        Of the axis.

    Returns
    -------
    ndarray, shape (m,)
        Places on the axis, ascending.
    ndarray, shape (m,)
        The density there.
    """
    z = np.linspace(0, REACH, STEPS + 1)[1:]
    levels = 1 - 2 * special.ndtr(-z)
    frames = [fit.predict(level=float(level)).iloc[0] for level in levels]
    low = [float(frame["pi_low"]) for frame in frames]
    high = [float(frame["pi_high"]) for frame in frames]
    effects = np.array([*low[::-1], float(frames[0]["estimate"]), *high])
    below = np.concatenate([special.ndtr(-z[::-1]), [0.5], special.ndtr(z)])
    straight = scale.straight(scale.to_axis(effects))
    apart = np.diff(straight)
    keep = apart > 0
    density = np.diff(below)[keep] / apart[keep]
    middle = ((straight[:-1] + straight[1:]) / 2)[keep]
    return scale.bent(middle), density / density.max()
