"""The datasets that ship load, hold what their sources print, and give known effects."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import pytest

import metarel as mr
from metarel.data.model import Dataset
from metarel.errors import DatasetError

ROOT = Path(__file__).resolve().parents[2]
SLUGS = sorted(path.name for path in (ROOT / "datasets").iterdir() if path.is_dir())


@pytest.fixture(params=SLUGS)
def data(request: pytest.FixtureRequest) -> Dataset:
    return mr.load_dataset(request.param)


def test_each_dataset_is_whole(data: Dataset) -> None:
    assert data.title
    assert data.licence
    assert data.source
    assert [column.name for column in data.columns] == list(data.studies.columns)
    assert len(data.figures) > 0


def test_printed_digits_are_text(data: Dataset) -> None:
    written = tomllib.loads((ROOT / "datasets" / data.slug / "reported.toml").read_text("utf-8"))
    assert all(isinstance(entry["printed"], str) for entry in written["figures"])
    assert [figure.printed for figure in data.figures] == [
        entry["printed"] for entry in written["figures"]
    ]
    for figure in data.figures:
        mr.Printed(figure.printed)


def test_each_effect_can_be_computed(data: Dataset) -> None:
    for words in data.effect.values():
        chosen = {**words}
        found = mr.effect_sizes(data.studies, chosen.pop("measure"), **chosen)
        assert np.isfinite(found[["yi", "vi"]].to_numpy()).all()


def test_the_list_names_them_all() -> None:
    table = mr.list_datasets()
    assert list(table["slug"]) == SLUGS
    assert list(table.columns)[:5] == ["slug", "title", "measure", "rows", "figures"]


@pytest.mark.parametrize(
    ("slug", "rows", "column", "total"),
    [
        ("kolden2011", 16, "n", 863),
        ("farber2011", 18, "n", 1027),
        ("molloy2014", 16, "n", 3509),
        ("raudenbush1985", 19, "weeks", 122),
        ("bcg", 13, "events1", 1065),
        ("benish2011", 21, "n", 933),
        ("cohen1981", 20, "n", 590),
        ("lipsey2001", 10, "intensity", 55),
    ],
)
def test_tables_are_complete(slug: str, rows: int, column: str, total: int) -> None:
    studies = mr.load_dataset(slug).studies
    assert len(studies) == rows
    assert studies[column].sum() == total


def test_bcg_gives_the_known_random_effects_result() -> None:
    data = mr.load_dataset("bcg")
    words = dict(data.effect["default"])
    fit = mr.pool(mr.effect_sizes(data.studies, words.pop("measure"), **words), tau2="REML")
    # The result of R's metafor for this table, as its documentation prints it.
    assert mr.Printed("0.3132").contains(fit.tau2)
    assert mr.Printed("-0.7145").contains(float(fit.beta[0]))


def test_a_folder_of_ones_own_loads(tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "datasets" / "kolden2011", tmp_path / "mine")
    for name in (folder, str(folder)):
        data = mr.load_dataset(name)
        assert data.slug == "mine"
        assert data.studies["n"].sum() == 863


def test_an_unknown_dataset_is_refused_with_the_nearest() -> None:
    with pytest.raises(DatasetError, match=r"got 'kolden2012'.*Did you mean 'kolden2011'\?"):
        mr.load_dataset("kolden2012")


def test_the_wheel_is_told_to_carry_the_datasets() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"datasets": "metarel/_datasets"}


@pytest.mark.slow
def test_datasets_load_from_a_wheel(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    program = "import metarel as mr; print(mr.__file__); print(*mr.list_datasets()['slug'])"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site")},
        check=True,
        capture_output=True,
        text=True,
    )
    where, slugs = ran.stdout.splitlines()
    assert where.startswith(str(tmp_path / "site"))
    assert slugs.split() == SLUGS


@pytest.mark.parametrize(
    ("slug", "figures"),
    [
        ("bcg", 14),
        ("benish2011", 15),
        ("cohen1981", 8),
        ("farber2011", 2),
        ("kolden2011", 6),
        ("lipsey2001", 31),
        ("molloy2014", 8),
        ("raudenbush1985", 58),
    ],
)
def test_no_published_figure_is_lost(slug: str, figures: int) -> None:
    assert len(mr.load_dataset(slug).figures) == figures


def test_known_differences_give_their_reason(data: Dataset) -> None:
    differing = [figure for figure in data.figures if figure.expect != "agrees"]
    assert all(figure.reason for figure in differing)
    assert not any(figure.reason for figure in data.figures if figure.expect == "agrees")
