"""What a dataset says of itself."""

from __future__ import annotations

import dataclasses

import pytest

import metarel as mr
from metarel.data.model import DataColumn, Figure
from metarel.errors import DatasetError


def test_a_column_reads_as_a_line() -> None:
    column = DataColumn("r", "input", "correlation", "As reported.", low=-1, high=1)
    assert str(column) == "r (input; correlation, [-1, 1]): As reported."
    assert DataColumn("n", "input", "persons", "Size.", low=4).shown_range == "[4, ∞]"
    assert DataColumn("a", "label", "text", "Name.").shown_range == ""


def test_a_figure_shows_what_is_expected() -> None:
    figure = Figure("N", "abstract", "n_total", "3476", "sum", expect="differs", reason="3509")
    assert str(figure) == "N: n_total printed 3476 (abstract; expected: differs)"


def test_a_dataset_reads_as_a_page() -> None:
    data = mr.load_dataset("kolden2011")
    text = str(data)
    assert text.startswith("kolden2011: Congruence of the therapist")
    assert "(16 rows, 6 published figures)" in text
    assert "https://doi.org/10.1037/a0022064" in text
    assert "default: ZCOR, r=r, n=n" in text
    assert "n (input; persons, [4, ∞]): Sample size." in text
    assert repr(data).endswith("16 rows, 6 figures)")


def test_declarations_are_frozen() -> None:
    data = mr.load_dataset("kolden2011")
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.slug = "other"  # type: ignore[misc]


def test_a_figure_is_found_by_its_id() -> None:
    data = mr.load_dataset("bcg")
    assert data.figure("eb_tau2").printed == "0.2682"
    with pytest.raises(DatasetError, match=r"bcg has no figure 'eb_tau'\. Did you mean 'eb_tau2'"):
        data.figure("eb_tau")
