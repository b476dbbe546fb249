"""``metarel plot``: pictures and their numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from metarel.cli import app
from metarel.cli.plot import OF_A_FIT

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
MOLLOY = str(DATASETS / "molloy2014" / "studies.csv")
POOL_MOLLOY = ("pool", MOLLOY, "--measure", "ZCOR", "--r", "r", "--n", "n")


@pytest.mark.parametrize(
    ("more", "columns"),
    [
        ((), {"kind", "label", "estimate"}),
        (("--by", "controls"), {"kind", "group", "weight"}),
        (("--layout", "jama"), {"kind", "label", "estimate"}),
        (("--kind", "funnel"), {"label", "estimate", "se"}),
        (("--kind", "orchard", "--by", "controls"), {"kind"}),
        (("--kind", "gosh"), {"estimate"}),
        *(
            (("--kind", kind), set())
            for kind in OF_A_FIT
            if kind not in ("forest", "funnel", "orchard", "influence")
        ),
        (("--kind", "bubble", "--moderator", "meanage"), {"label", "estimate"}),
    ],
)
def test_plot_writes_the_picture_and_gives_its_numbers(
    run: Callable[..., str],
    data: Callable[..., Any],
    tmp_path: Path,
    more: tuple[str, ...],
    columns: set[str],
) -> None:
    file = tmp_path / "picture.svg"
    words = ("plot", *POOL_MOLLOY[1:], "--labels", "study", "--out", str(file), *more)
    assert run(*words) == f"Wrote {file}.\n"
    assert "<svg" in file.read_text(encoding="utf-8")
    assert columns <= set(data(*words)[0])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--kind", "pie"), "`--kind` must be one of"),
        (("--kind", "bubble"), "`--moderator` must be given for a bubble plot"),
        (("--moderator", "meanage"), "`--moderator` must be given for a bubble plot"),
        (("--kind", "qq", "--by", "controls"), "`--by` must be left out"),
        (("--kind", "qq", "--layout", "jama"), "`--layout` must be left out"),
    ],
)
def test_plot_refuses_what_does_not_fit(
    refusal: Callable[..., str], tmp_path: Path, more: tuple[str, ...], message: str
) -> None:
    file = tmp_path / "picture.svg"
    assert message in refusal("plot", *POOL_MOLLOY[1:], "--out", str(file), *more)
    assert not file.exists()


def test_plot_has_a_width_in_millimetres(
    run: Callable[..., str], refusal: Callable[..., str], tmp_path: Path
) -> None:
    file = tmp_path / "picture.svg"
    words = ("plot", *POOL_MOLLOY[1:], "--labels", "study", "--out", str(file))
    run(*words, "--width", "170")
    assert 'width="170mm"' in file.read_text(encoding="utf-8")
    done = CliRunner().invoke(app, [*words, "--width", "60"], catch_exceptions=False)
    assert "pt at 60 mm; most journals ask for 6 or more" in " ".join(done.stderr.split())
    assert "`--width` must be a positive number of millimetres" in refusal(*words, "--width", "-3")
    small = tmp_path / "small.png"
    run(*words[:-1], str(small), "--dpi", "50")
    large = tmp_path / "large.png"
    run(*words[:-1], str(large))
    assert small.stat().st_size < large.stat().st_size
