"""Every picture of the gallery, drawn again and compared with the one that was looked at."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.testing.compare import compare_images

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
#: Root mean square of the differences, of 255: versions of matplotlib set text a little apart.
TOLERANCE = 12.0


def _maker() -> Any:
    spec = importlib.util.spec_from_file_location("make_gallery", IMAGES / "make_gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKER = _maker()


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """Return what the calls of the gallery start from."""
    found: dict[str, Any] = {}
    exec(MAKER.SETUP, found)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("title", "call"), [(title, call) for title, _, call in MAKER.PICTURES], ids=lambda text: text
)
def test_pictures_look_as_they_did(
    title: str, call: str, names: dict[str, Any], tmp_path: Path
) -> None:
    ax = eval(call, names)
    drawn = tmp_path / "drawn.png"
    ax.figure.savefig(drawn, dpi=MAKER.RESOLUTION)
    plt.close("all")
    expected = tmp_path / "expected.png"
    kept = IMAGES / "gallery" / f"{title.replace(' ', '-')}.png"
    expected.write_bytes(kept.read_bytes())  # the comparison leaves files beside what it compares
    assert compare_images(str(expected), str(drawn), tol=TOLERANCE) is None
