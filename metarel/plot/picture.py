"""Pictures as files: exact size, every format, and the words that go with them."""

from __future__ import annotations

import importlib
import io
import math
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._register import one_of
from metarel.errors import InputError, MetarelWarning
from metarel.plot._alt import said_of
from metarel.plot._frame import check_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Formats by suffix, and the word under which each keeps a description.
FORMATS = {
    ".png": "Description",
    ".svg": "Description",
    ".pdf": "Subject",
    ".tiff": "",
    ".tif": "",
    ".jpg": "",
}
DOTTED = (".png", ".tiff", ".tif", ".jpg")
MM = 25.4  # in an inch
LEAST_TEXT = 6.0  # points

_SVG_SIZE = re.compile(r'width="[\d.]+pt" height="[\d.]+pt"|height="[\d.]+pt" width="[\d.]+pt"')


def alt_text(ax: Axes) -> str:
    """Return a figure in words, for those who cannot see it.

    Parameters
    ----------
    ax : Axes
        What a plot of metarel returned.

    Returns
    -------
    str
        One paragraph: what is drawn, of how many studies, and what it shows.

    Raises
    ------
    InputError
        If no plot of metarel was drawn into these Axes.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03], tau2="EE")
    >>> mr.plot.alt_text(mr.plot.forest(fit))
    'Forest plot of 3 studies. The pooled effect is 0.35 (95% interval 0.16 to 0.53).'
    """
    _check_drawn(ax)
    text = said_of(ax)
    if not text:
        raise InputError("`ax` must hold a plot that metarel drew; these Axes hold none.")
    return text


def save(
    ax: Axes,
    path: str | Path,
    *,
    width: float | None = None,
    dpi: float = 300.0,
) -> Path:
    """Write a figure to a file, at an exact size, with its description inside.

    Parameters
    ----------
    ax : Axes
        What a plot returned; its whole figure is written.
    path : str or Path
        The file; its suffix is the format: ``.png``, ``.svg``, ``.pdf``, ``.tiff`` or ``.jpg``.
    width : float, optional
        Width of the picture in millimetres: the figure is written at this width, text and all,
        as a journal would scale it, with a warning where that leaves text below 6 points. By
        default the size at which it was drawn.
    dpi : float
        Dots per inch of the formats that are made of dots.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If the format is unknown, a number is not positive, or the file cannot be written.

    Warns
    -----
    MetarelWarning
        If text is smaller than 6 points in the file, the least that most journals take.

    Notes
    -----
    The words of ``alt_text`` are kept in the file, where its format has a place for them.

    Examples
    --------
    >>> import tempfile
    >>> import metarel as mr
    >>> ax = mr.plot.forest(mr.pool(yi=[0.1, 0.5], vi=[0.04, 0.02]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     mr.plot.save(ax, f"{folder}/forest.svg", width=170).name
    'forest.svg'
    """
    _check_drawn(ax)
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise InputError(one_of("path", [f"*{known}" for known in FORMATS], str(path)))
    units = {"width": (width, "millimetres, such as 170"), "dpi": (dpi, "dots per inch")}
    for argument, (value, unit) in units.items():
        if value is not None and not _positive(value):
            raise InputError(f"`{argument}` must be a positive number of {unit}; got {value!r}.")
    figure: Any = ax.figure
    settings: dict[str, Any] = {"facecolor": figure.get_facecolor()}
    text, key = said_of(ax), FORMATS[suffix]
    if key and text:
        settings["metadata"] = {key: text}
    try:
        if width is None or suffix in DOTTED:
            dots: dict[str, Any] = {"pil_kwargs": {"dpi": (dpi, dpi)}} if suffix in DOTTED else {}
            figure.savefig(path, dpi=_dots(figure, width, dpi), **settings, **dots)
        else:
            _write_scaled(figure, path, width, settings)
    except InputError:  # says itself what it is about
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"`path` must be a picture that can be written: {error}") from error
    if width is not None:
        _warn_of_small_text(figure, width)
    return path


def _positive(value: object) -> bool:
    """Tell whether a value is a positive, finite number."""
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    return number and 0 < float(value) < math.inf  # type: ignore[arg-type]


def _warn_of_small_text(figure: Any, width: float) -> None:
    """Say where scaling to a width leaves text that journals do not print."""
    from matplotlib.text import Text

    drawn = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text()]
    if not drawn:
        return
    own = MM * float(figure.get_figwidth())
    least = min(float(text.get_fontsize()) for text in drawn)
    if least * width / own < LEAST_TEXT - 0.05:
        warnings.warn(
            f"Text is {least * width / own:.2g} pt at {width:g} mm; most journals ask for "
            f"{LEAST_TEXT:g} or more. The figure was drawn {own:.0f} mm wide: draw it narrower, "
            "with fewer columns or into Axes of your own (`ax=`), or write it at "
            f"{math.ceil(LEAST_TEXT * own / least)} mm.",
            MetarelWarning,
            stacklevel=3,
        )


def _check_drawn(ax: object) -> None:
    if ax is None:
        raise InputError("`ax` must be the Axes that a plot returned; got None.")
    check_axes(ax)


def _dots(figure: Any, width: float | None, dpi: float) -> float:
    """Return the resolution at which a figure has the dots of its wanted width."""
    return dpi if width is None else dpi * width / MM / float(figure.get_figwidth())


def _write_scaled(figure: Any, path: Path, width: float, settings: dict[str, Any]) -> None:
    """Write a figure of lines and letters, scaled as a whole to a width in millimetres."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format=path.suffix[1:], **settings)
    factor = width / MM / float(figure.get_figwidth())
    if path.suffix.lower() == ".svg":
        height = factor * float(figure.get_figheight()) * MM
        size = f'width="{width:g}mm" height="{height:.4f}mm"'
        text = drawn.getvalue().decode("utf-8")
        path.write_text(_SVG_SIZE.sub(size, text, count=1), encoding="utf-8")
        return
    try:
        pypdf = importlib.import_module("pypdf")
    except ImportError as error:
        raise InputError(
            "`width` of a PDF needs pypdf, which is not installed; `python -m pip install pypdf` "
            "brings it. SVG and PNG need nothing more."
        ) from error
    writer = pypdf.PdfWriter(clone_from=drawn)
    writer.pages[0].scale_by(factor)
    words = settings.get("metadata", {})
    writer.add_metadata({f"/{key}": value for key, value in words.items()})
    with path.open("wb") as file:
        writer.write(file)
