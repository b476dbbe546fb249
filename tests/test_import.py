"""Importing metarel costs little: what is heavy comes when it is first used."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import metarel

HEAVY = ("matplotlib", "statsmodels", "formulaic", "rich", "typer", "pandas", "scipy", "numpy")


def loaded_after(code: str) -> set[str]:
    """Run code in a fresh interpreter and return the top-level modules it has loaded."""
    script = f"{code}\nimport sys\nprint('\\n'.join({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_the_root_loads_nothing_heavy() -> None:
    """Not even numpy: so the import costs a fraction of numpy's."""
    assert not loaded_after("import metarel") & set(HEAVY)


def test_pooling_arrays_needs_no_plots_and_no_formulas() -> None:
    code = "import metarel as mr; mr.pool(yi=[0.1, 0.3, 0.2], vi=[0.1, 0.2, 0.1])"
    assert not loaded_after(code) & {"matplotlib", "statsmodels", "formulaic", "rich", "typer"}


@pytest.mark.parametrize("name", metarel.__all__)
def test_every_public_name_loads(name: str) -> None:
    assert getattr(importlib.import_module("metarel"), name) is not None
    assert name in dir(metarel)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'poool'"):
        _ = metarel.poool
