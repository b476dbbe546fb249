"""Cases as files hold them: what is tolerated, what is refused and where, which forms there are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from metarel.errors import DatasetError
from metarel.repro.case_files import Source, find_cases
from metarel.repro.case_fit import case_effects, study_columns
from metarel.repro.case_read import read_case
from metarel.repro.case_schema import KINDS, QUANTITY_OF
from metarel.repro.case_verdict import LEVELS
from metarel.repro.cases import run_source
from metarel.repro.programs import METAFOR, PROGRAMS, program_of

REPORTED = {"estimate": "0.30"}
VALUES = {
    **dict.fromkeys(("y", "g", "d", "md", "z", "r"), (0.21, 0.45, 0.33)),
    **dict.fromkeys(("or", "rr", "hr"), (1.2, 1.6, 2.1)),
    "lo": (0.05, 0.15, 0.11),
    "hi": (2.4, 2.5, 2.6),
    "se": (0.1, 0.2, 0.15),
    "v": (0.01, 0.04, 0.02),
    "n": (40, 33.5, 58),
    "n1": (20, 16.5, 30),
    "n2": (20, 17, 28),
    "m1": (10, 11, 12),
    "m2": (9, 9, 9),
    "sd1": (3, 4, 3),
    "sd2": (3, 3, 4),
}


def studies_of(*columns: str) -> list[dict[str, Any]]:
    return [{c: VALUES[c][row] for c in columns} for row in range(3)]


@pytest.mark.parametrize("code", KINDS)
def test_every_kind_of_study_data_becomes_effects(code: str) -> None:
    kind = KINDS[code]
    case = read_case(
        {"data_kind": code, "studies": studies_of(*kind.columns), "reported": REPORTED}, "a.json"
    )
    yi, vi = case_effects(case, METAFOR, study_columns(case))
    assert yi.shape == vi.shape == (1, 3)
    assert np.isfinite(yi).all()
    assert (vi > 0).all()


@pytest.mark.parametrize("code", [c for c in KINDS if KINDS[c].spread == "ci"])
def test_limits_give_the_standard_error_they_came_from(code: str) -> None:
    kind, reach, se = KINDS[code], 1.959963984540054, np.array([0.1, 0.2, 0.15])
    y = np.array([0.2, 0.4, -0.1])
    to = np.exp if kind.log else np.asarray
    numbers = (to(y), to(y - reach * se), to(y + reach * se))
    studies = [
        dict(zip(kind.columns, map(float, row), strict=True)) for row in zip(*numbers, strict=True)
    ]
    case = read_case({"data_kind": code, "studies": studies, "reported": REPORTED}, "a.json")
    yi, vi = case_effects(case, METAFOR, study_columns(case))
    np.testing.assert_allclose(yi[0], y, rtol=1e-12)
    np.testing.assert_allclose(vi[0], se**2, rtol=1e-12)


def test_what_is_not_given_is_told() -> None:
    case = read_case({"studies": studies_of("y", "se"), "reported": REPORTED}, "deep/own.json")
    assert (case.id, case.kind.code, case.model, case.tau2) == ("own", "smd_se", "RE", "DL")
    assert any("`model` is not given: RE" in said for said in case.assumed)


def test_null_extra_keys_and_odd_numbers_are_borne() -> None:
    studies = [
        {"label": "A", "g": "0.20", "n1": 4.5, "n2": 4.25, "n": 8.75, "age": None},
        {"label": "B", "g": "0.30", "n1": None, "n2": None, "n": 20},
        {"label": "C", "g": "−0.10", "n1": None, "n2": 11, "n": 20},
        {"label": "D", "g": None, "n1": 10, "n2": 10, "n": 20},
    ]
    given = {
        "data_kind": "g_n1_n2",
        "studies": studies,
        "reported": {**REPORTED, "k": None, "moon": "full", "I2": "12%"},
        "tau2_estimator": None,
        "software": None,
        "moon": {"phase": 3},
    }
    case = read_case(given, "a.json")
    assert case.left_out == ("D",)
    np.testing.assert_array_equal(case.columns["n1"], [4.5, 10, 9])
    np.testing.assert_array_equal(case.columns["n2"], [4.25, 10, 11])
    assert case.columns["g"][2] == -0.1
    assert case.unjudged == {"moon": "full"}
    assert set(case.figures) == {"estimate", "I2"}


def test_digits_are_declared_or_seen() -> None:
    studies = [{"y": "0.20", "se": "0.1"}, {"y": "0.3", "se": "0.15"}]
    case = read_case({"studies": studies, "reported": REPORTED}, "a.json")
    assert case.steps == {"y": 0.01, "se": 0.01}
    declared = {"y": {"scale": "id", "decimals": 1}}
    case = read_case(
        {"studies": studies, "reported": REPORTED, "input_precision": declared}, "a.json"
    )
    assert case.steps == {"y": 0.1}


def test_limits_printed_in_reverse_are_put_in_order() -> None:
    reported = {"estimate": "-0.66", "ci_lower": "-0.44", "ci_upper": "-0.88"}
    case = read_case({"studies": studies_of("y", "se"), "reported": reported}, "a.json")
    assert (case.figures["ci_low"], case.figures["ci_high"]) == ("-0.88", "-0.44")
    assert "the printed limits stand in reverse order" in case.assumed


GOOD: dict[str, Any] = {"studies": [{"label": "Lee", "y": 0.1, "se": 0.2}], "reported": REPORTED}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"studies": []}, r"a\.json: `studies` must be a list of at least one study"),
        ({"studies": [3]}, r"`studies` row 1 must be an object; got 3"),
        (
            {"studies": [{"label": "Lee", "y": "much", "se": 1}]},
            r"row 1 \('Lee'\): `y` must be a n",
        ),
        (
            {"studies": [{"label": "Lee", "y": 1, "se": -1}]},
            r"\('Lee'\): `se` must be positive; go",
        ),
        ({"studies": [{"y": 1, "lo": 2, "hi": 2}]}, "`lo` and `hi` must differ; both are 2"),
        ({"data_kind": "smd_cl"}, r"`data_kind` must be one of .*Did you mean 'smd_ci'"),
        ({"data_kind": "r_n"}, r"`studies` must have `n` for the data kind 'r_n'; the column"),
        ({"studies": [{"moon": 1}]}, "`data_kind` is not given and not told by the columns"),
        ({"studies": [{"y": None, "se": 1}]}, "leave no row|not told by the columns"),
        ({"reported": {}}, "`reported` must hold at least one of"),
        ({"reported": "0.3"}, "`reported` must be an object of printed figures"),
        ({"reported": {"estimate": "about .3"}}, "`estimate` must be a number as printed"),
        ({"model": "mixed up"}, r"`model` must be one of 'RE', 'FE', 'HS'; got 'mixed up'"),
        ({"tau2_estimator": "DLL"}, r"`tau2_estimator` must be one of .* got 'DLL'"),
        ({"model": "HS"}, "must have `n` for Hunter and Schmidt"),
        ({"input_precision": {"y": {"decimals": "two"}}}, "`y` must have whole `decimals`"),
    ],
)
def test_faults_name_file_key_and_row(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(DatasetError, match=message) as caught:
        read_case(GOOD | changed, "a.json")
    assert str(caught.value).startswith("a.json: ")


@pytest.mark.parametrize(
    ("software", "code"),
    [
        ("Comprehensive Meta-Analysis 2.2.021", "cma"),
        ("CMA", "cma"),
        ("Review Manager 5.1", "revman"),
        ("RevMan 5", "revman"),
        ("Stata  12.1 (metan)", "metan"),
        ("Stata 11.1", "metan"),
        ("Stata 17", "stata"),
        ("SPSS 15.0 David B. Wilson SPSS macros", "spss-macros"),
        ("R (metafor)", "metafor"),
        ("R (meta)", "meta"),
        ("MetaWin 2.0", "metawin"),
        ("D-STAT", "d-stat"),
        ("not_available", None),
        ("", None),
        ("Epidat 3-1", None),
    ],
)
def test_programs_are_known_by_their_names(software: str, code: str | None) -> None:
    program = program_of(software)
    assert (program.code if program else None) == code


def test_every_program_is_found_by_its_own_name() -> None:
    for program in PROGRAMS.values():
        found = program_of(f"{program.name} 17" if program.code == "stata" else program.name)
        assert found is program


def test_every_word_for_a_figure_is_read() -> None:
    for word, code in QUANTITY_OF.items():
        case = read_case(GOOD | {"reported": {word: "1.0"}}, "a.json")
        assert case.figures == {code: "1.0"}


def test_forms_of_one_case_are_one_case(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        '{"id": "a", "data_kind": "smd_se", "studies": [{"y": 0.10, "se": 0.2}, '
        '{"y": 0.35, "se": 0.1}], "reported": {"estimate": 0.30}}'
    )
    (tmp_path / "table.csv").write_text("label,y,se\nA,0.10,0.2\nB,0.35,0.1\n")
    (tmp_path / "b.toml").write_text(
        'data_kind = "smd_se"\nstudies = "table.csv"\n[reported]\nestimate = 0.30\n'
    )
    (tmp_path / "c.csv").write_text(
        "case,data_kind,label,y,se,reported.estimate,decimals.y,decimals.se\n"
        "c,smd_se,A,0.10,0.2,0.30,2,1\nc,,B,0.35,0.1,,,\n"
    )
    (tmp_path / "d.json").write_text(json.dumps([{"id": name, **GOOD} for name in ("d1", "d2")]))
    sources = {source.file: source for source in find_cases(tmp_path)}
    assert list(sources) == ["a.json", "b.toml", "c.csv#c", "d.json#1", "d.json#2"]
    cases = [read_case(sources[f].given, f) for f in ("a.json", "b.toml", "c.csv#c")]
    for case in cases:
        assert case.figures == {"estimate": "0.30"}
        np.testing.assert_array_equal(case.columns["y"], [0.10, 0.35])
        assert case.steps == {"y": 0.01, "se": 0.1}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", '{"studies": [}', r"a\.json: line 1, column 14: not valid JSON"),
        ("a.json", "[3]", r"a\.json#1: a case must be an object with keys"),
        ("a.json", '{"studies": "none.csv"}', r"a\.json: `studies` cannot be read"),
        ("a.json", "[" * 100_000, r"a\.json: lists and objects are nested too deep"),
        ("a.toml", "x = ", r"a\.toml: not valid TOML"),
        ("a.toml", "x = " + "[" * 100_000, r"a\.toml: lists and tables are nested too deep"),
        ("a.csv", f"case,y\nb,{'1' * 140_000}\n", r"a\.csv: not valid CSV: field larger"),
        ("a.csv", "case,y\nb,1,2\n", r"a\.csv: line 2 has 3 cells; the header has 2"),
        ("a.csv", "case,y\n,1\n", r"a\.csv: line 2: `case` is empty"),
        ("a.csv", "case,y,model\nb,1,RE\nb,2,FE\n", "`model` must be the same in all rows"),
        ("a.json", '{"id": "twin"}', r"twin\.json: `id` 'twin' is that of a\.json too"),
    ],
)
def test_files_at_fault_say_so(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "twin.json").write_text(json.dumps(GOOD | {"id": "twin"}))
    faults = [source.fault for source in find_cases(tmp_path) if source.fault]
    assert len(faults) == 1
    assert re.search(message, faults[0]), faults[0]


def test_folders_without_cases_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no case"):
        find_cases(tmp_path)
    with pytest.raises(DatasetError, match="is not there"):
        find_cases(tmp_path / "nowhere")
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(DatasetError, match="JSON, TOML or CSV"):
        find_cases(tmp_path / "a.txt")


def test_studies_without_a_variance_are_left_out_and_named() -> None:
    studies = [
        {"label": name, "r": r, "n": n}
        for name, r, n in (("A", 0.3, 40), ("B", 0.4, 3), ("C", 1.0, 20), ("D", 0.1, 30))
    ]
    case = read_case({"studies": studies, "reported": REPORTED}, "a.json")
    assert case.labels == ("A", "D")
    assert any("left out for want of a variance: B, C" in said for said in case.assumed)


JUNK: tuple[Any, ...] = (
    *(None, "", 0, -1, "0", "abc", "NaN", "-", "1e400", "1e-400", "99999999999", [], {}, True),
    *("≥3", "12%", "n.s.", "<.05", "0.00", ".3", "1,192", "inf", "−0.5"),
)


@pytest.mark.parametrize("seed", range(30))
def test_no_garbage_brings_a_run_down(seed: int, plain_case: dict[str, Any]) -> None:
    rng = np.random.default_rng(seed)

    def some(items: Any) -> Any:
        return list(items)[rng.integers(len(items))]

    for _ in range(rng.integers(1, 5)):
        place = some((plain_case, some(plain_case["studies"]), plain_case["reported"]))
        place[some([*place, *QUANTITY_OF])] = some(JUNK)
        if not all(plain_case.get(key) for key in ("studies", "reported")):
            break
        if not isinstance(plain_case["studies"], list) or not isinstance(
            plain_case["reported"], dict
        ):
            break
    found = run_source(Source("a.json", plain_case), "declared", 0)
    assert found.level in LEVELS
    assert "a fault of metarel's own" not in found.obstacle
    json.dumps(found.to_dict(), allow_nan=False)
