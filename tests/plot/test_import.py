"""Importing the room loads no drawing library, and the root knows the room."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = "import sys; {statement}; print(sorted(m for m in sys.modules if m == 'matplotlib'))"


@pytest.mark.parametrize(
    "statement", ["import metarel", "import metarel.plot", "import metarel; metarel.plot.forest"]
)
def test_no_matplotlib_at_import(statement: str) -> None:
    command = [sys.executable, "-c", CODE.format(statement=statement)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_root_lists_the_room() -> None:
    import metarel

    assert "plot" in dir(metarel)
    assert callable(metarel.plot.forest)
    assert callable(metarel.plot.forest_data)
