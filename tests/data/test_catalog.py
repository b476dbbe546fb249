"""The datasets that ship load, hold what their sources print, and give known effects."""

from __future__ import annotations

import re
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
SLUGS = sorted(path.parent.name for path in (ROOT / "datasets").glob("*/dataset.toml"))


@pytest.fixture(params=SLUGS)
def data(request: pytest.FixtureRequest) -> Dataset:
    return mr.load_dataset(request.param)


def test_each_dataset_is_whole(data: Dataset) -> None:
    assert data.title
    assert data.licence
    assert data.source
    assert [column.name for column in data.columns] == list(data.studies.columns)
    assert data.figures or any("No figure" in note for note in data.notes)


def test_each_dataset_says_where_it_comes_from_and_on_what_terms(data: Dataset) -> None:
    terms = ("CC0", "MIT (", "ODC-BY", "Published study-level numbers; the table was read in ")
    assert data.licence.startswith(terms)
    assert data.doi.startswith("10.") or data.slug == "lipsey2001"  # a book without one
    assert any(word in data.source for word in ("R package", "transcribed", "Metapsy"))


def test_rows_of_one_label_are_known(data: Dataset) -> None:
    """Rows that their labels do not tell apart are named in the notes."""
    labels = data.studies[[column.name for column in data.columns if column.role == "label"]]
    repeated = labels[labels.duplicated()]
    names = repeated.iloc[:, 0] if len(repeated) else []
    assert all(any(str(name) in note for note in data.notes) for name in names)


def test_groups_hold_their_events(data: Dataset) -> None:
    studies = data.studies
    for events, size in (("events1", "n1"), ("events2", "n2"), ("events", "n")):
        if {events, size} <= set(studies.columns):
            known = studies.dropna(subset=[events, size])
            assert (known[events] <= known[size]).all()


def test_printed_digits_are_text(data: Dataset) -> None:
    written = tomllib.loads((ROOT / "datasets" / data.slug / "reported.toml").read_text("utf-8"))
    entries = written.get("figures", [])
    assert all(isinstance(entry["printed"], str) for entry in entries)
    assert [figure.printed for figure in data.figures] == [entry["printed"] for entry in entries]
    for figure in data.figures:
        mr.Printed(figure.printed)


def test_each_effect_can_be_computed(data: Dataset) -> None:
    for words in data.effect.values():
        chosen = {**words}
        found = mr.effect_sizes(data.studies, chosen.pop("measure"), **chosen)
        inputs = [name for name in words.values() if name in data.studies.columns]
        known = data.studies[inputs].notna().all(axis=1)
        assert np.isfinite(found.loc[known, ["yi", "vi"]].to_numpy()).all()
        assert known.sum() >= len(known) - 2


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
        ("assink2016", 100, "effect", 594),
        ("berkey1998", 10, "n", 424),
        ("bonett2010", 9, "n", 1930),
        ("curry2018", 56, "n1", 4916),
        ("depressionmortality_cuijpers2002", 18, "events1", 626),
        ("dropout_okumura2014", 27, "events1", 254),
        ("eatingdisorder_harrer2020", 5, "events1", 64),
        ("feng2019", 19, "n", 12315),
        ("healthwellbeing_ngamaba2017", 29, "n", 853794),
        ("konstantopoulos2011", 56, "year", 111415),
        ("landenberger2005", 58, "events1", 12475),
        ("lehmann2018", 81, "n_total", 5700),
        ("linde2005", 26, "n", 3405),
        ("metapsy_total_response2024", 569, "events1", 7505),
        ("michael2013", 12, "n1", 1019),
        ("nielweise2007", 18, "events2", 87),
        ("nielweise2008", 9, "time1", 25778),
        ("opioidmisuse_jordan2017", 15, "n", 434385),
        ("suicideprevention_harrer2021", 9, "n1", 571),
        ("thirdwave_harrer2021", 18, "n1", 1236),
    ],
)
def test_tables_are_complete(slug: str, rows: int, column: str, total: int) -> None:
    studies = mr.load_dataset(slug).studies
    assert len(studies) == rows
    assert studies[column].sum() == total


def test_the_network_is_complete() -> None:
    studies = mr.load_dataset("therapyformats_cuijpers2019").studies
    assert (len(studies), studies["study"].nunique()) == (184, 182)
    assert studies["yi"].sum() == pytest.approx(-115.845, abs=1e-9)


def test_every_table_that_ships_stands_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "datasets.md").read_text("utf-8")
    listed = re.findall(r"^\| \[`(\w+)`\]\(\.\./reproductions/\1\.md\)", page, re.MULTILINE)
    assert sorted(listed) == SLUGS


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
        ("assink2016", 0),
        ("bcg", 14),
        ("benish2011", 15),
        ("berkey1998", 19),
        ("bonett2010", 0),
        ("cohen1981", 8),
        ("curry2018", 3),
        ("depressionmortality_cuijpers2002", 26),
        ("dropout_okumura2014", 0),
        ("eatingdisorder_harrer2020", 6),
        ("farber2011", 2),
        ("feng2019", 6),
        ("healthwellbeing_ngamaba2017", 14),
        ("kolden2011", 6),
        ("konstantopoulos2011", 28),
        ("landenberger2005", 1),
        ("lehmann2018", 10),
        ("linde2005", 16),
        ("lipsey2001", 31),
        ("metapsy_total_response2024", 0),
        ("michael2013", 3),
        ("molloy2014", 8),
        ("nielweise2007", 24),
        ("nielweise2008", 13),
        ("opioidmisuse_jordan2017", 6),
        ("raudenbush1985", 58),
        ("suicideprevention_harrer2021", 8),
        ("therapyformats_cuijpers2019", 7),
        ("thirdwave_harrer2021", 78),
    ],
)
def test_no_published_figure_is_lost(slug: str, figures: int) -> None:
    assert len(mr.load_dataset(slug).figures) == figures


def test_known_differences_give_their_reason(data: Dataset) -> None:
    differing = [figure for figure in data.figures if figure.expect != "agrees"]
    assert all(figure.reason for figure in differing)
    assert not any(figure.reason for figure in data.figures if figure.expect == "agrees")
