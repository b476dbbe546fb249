"""The picture that fits an effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metarel.convert.interpret import Interpretation
from metarel.errors import InputError
from metarel.plot.correlation import correlation
from metarel.plot.two_normals import two_normals

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def interpretation(
    meaning: Interpretation,
    *,
    ax: Axes | None = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw an effect by the picture that fits it: a cloud of points for an r, else two normals.

    Parameters
    ----------
    meaning : Interpretation
        What ``interpret`` returns.
    ax : Axes, optional
        Where to draw; by default in a new figure.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into.

    Raises
    ------
    InputError
        If it is not what ``interpret`` returns.

    See Also
    --------
    two_normals, correlation : the two pictures.
    binomial_display : an r, or a d, as two rates of success.
    benchmarks : where the effect stands among those of its field.

    Examples
    --------
    >>> import metarel as mr
    >>> mr.plot.interpretation(mr.interpret(odds_ratio=2)).get_xlabel()
    'Standard deviations from the average of the controls'
    """
    if not isinstance(meaning, Interpretation):
        raise InputError(
            "`meaning` must be what `interpret` returns, such as interpret(d=0.5); got "
            f"{meaning!r}."
        )
    draw = correlation if meaning.given == "r" else two_normals
    return draw(meaning, ax=ax, title=title, theme=theme, font_size=font_size)
