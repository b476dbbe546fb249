"""The page in a real browser: each tab's main path, bad files, a long table, keys alone, axe."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.app._check import EXAMPLE
from metarel.app._uploads import MOST_BYTES

pytestmark = pytest.mark.slow

BCG = Path(__file__).parents[2] / "datasets" / "bcg" / "studies.csv"
#: axe's impacts that must not occur.
SERIOUS = ("serious", "critical")


def tab(page: Any, name: str) -> None:
    page.click(f"a[data-value={name}]")
    page.wait_for_selector(f".tab-pane.active[data-value={name}]")


def check_access(page: Any) -> None:
    """No serious fault by axe-core, and nothing wider than the page."""
    axe = pytest.importorskip("axe_core_python.sync_playwright").Axe()
    found = [f for f in axe.run(page)["violations"] if f["impact"] in SERIOUS]
    assert [(f["id"], f["nodes"][0]["html"]) for f in found] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def bcg_pooled(page: Any) -> None:
    """Upload a table and analyse it."""
    page.set_input_files("#studies_file", str(BCG))
    page.wait_for_selector("#studies_col_events1")
    page.wait_for_function("document.querySelector('#studies_by').options.length > 3")
    page.click("#studies_go")
    page.wait_for_selector("#studies_told .headline")


def csv(frame: pd.DataFrame, name: str) -> dict[str, Any]:
    raw = io.BytesIO()
    frame.to_csv(raw, index=False)
    return {"name": name, "mimeType": "text/csv", "buffer": raw.getvalue()}


def test_convert(page: Any, sized: tuple[int, str]) -> None:
    page.wait_for_selector("#convert_picture img")
    assert "r = .28 gives d = 0.5833." in page.inner_text("#convert_headline")
    page.fill("#convert_reported", ".57")
    page.wait_for_selector("#convert_second details")
    page.fill("#convert_number", ".30")
    page.wait_for_function(
        "document.querySelector('#convert_headline').innerText.includes('0.6290')"
    )
    page.fill("#convert_number", "3")
    page.wait_for_selector("#convert_messages .problem")
    assert "still the one before this" in page.inner_text("#convert_messages")
    assert "0.6290" in page.inner_text("#convert_headline")  # the last good answer stays
    assert page.get_attribute("#convert_picture img", "alt")
    page.fill("#convert_number", ".30")
    page.wait_for_selector("#convert_messages .problem", state="detached")
    page.fill("#convert_number", "0,30")
    page.wait_for_selector("text=0,30 was read as 0.30.")
    page.fill("#convert_number", ".30")
    page.select_option("#convert_source", "t")
    page.wait_for_selector("#convert_more[open] #convert_need_n1")  # what is needed is shown
    page.fill("#convert_number", "2.31")
    page.fill("#convert_need_n1", "20")
    page.fill("#convert_need_n2", "25")
    expected = mr.explain("2.31", "t", "d", n1=20, n2=25)
    line = str(expected).split("\n", 1)[0]
    page.wait_for_function(
        f"document.querySelector('#convert_headline').innerText.includes({line!r})"
    )
    check_access(page)


def test_check(page: Any, sized: tuple[int, str], tmp_path: Path) -> None:
    tab(page, "check")
    assert page.input_value("#check_text") == ""  # an example would be mixed with what is pasted
    page.click("[data-fills=check_text]")
    assert page.input_value("#check_text") == EXAMPLE
    page.click("#check_go")
    page.wait_for_selector("#letter")
    assert page.locator("#check_marked mark.problem").all_inner_texts() != []
    assert "p of Q" in page.inner_text("#check_findings")
    assert "We held the" in page.input_value("#letter")
    check_access(page)
    before = page.inner_text("#check_headline")
    bad = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"not a PDF"}
    page.set_input_files("#check_file", bad)
    page.wait_for_selector("#check_messages .problem")
    assert "scan.pdf" in page.inner_text("#check_messages")
    assert page.inner_text("#check_headline") == before
    note = tmp_path / "note.txt"
    note.write_text("<b>d</b> = .40, SE = .10, z = 5.0, p < .001.", encoding="utf-8")
    page.set_input_files("#check_file", str(note))
    page.wait_for_function(
        "document.querySelector('#check_headline').innerText.startsWith('note.txt')"
    )
    assert "<b>d</b>" in page.inner_text("#check_marked")
    page.fill("#check_text", "No numbers here.")
    page.click("#check_go")
    page.wait_for_selector("#check_headline :text('Nothing to check')")
    page.wait_for_selector("#check_findings .finding", state="detached")
    assert page.inner_text("#check_findings") == ""


def test_studies(page: Any, sized: tuple[int, str]) -> None:
    tab(page, "studies")
    check_access(page)
    bcg_pooled(page)
    words = {"events1": "events1", "non_events1": "non_events1"}
    words |= {"events2": "events2", "non_events2": "non_events2"}
    effects = mr.effect_sizes(mr.load_dataset("bcg").studies, "OR", **words)
    assert f"{mr.pool(effects).estimate:.4f}"[1:] in page.text_content("#studies_told")
    assert "The pooled odds ratio" in page.inner_text("#studies_told .headline")
    page.wait_for_selector("#studies_forest img")
    page.wait_for_selector("#studies_funnel img")
    page.select_option("#studies_by", "alloc")
    page.check("input[name=studies_moderators][value=ablat]")
    page.click("#studies_go")
    page.wait_for_selector("#studies_regression p")
    assert "Test of differences between the levels" in page.text_content("#studies_told")
    assert "At the mean of the moderators" in page.inner_text("#studies_regression")
    page.wait_for_selector("text=Effects against the moderator")
    page.fill("#studies_find_estimate", "-.75")
    page.click("#studies_find_go")
    page.wait_for_selector("#studies_found .headline")
    assert "usual analyses print" in page.inner_text("#studies_found .headline")
    check_access(page)
    page.click("text=More: formula, estimator, test, level")
    page.fill("#studies_formula", "year + ")
    page.click("#studies_go")
    page.wait_for_selector("#studies_messages .problem")
    assert "ends in '+'" in page.inner_text("#studies_messages")
    assert page.locator("#studies_forest img").count() == 1  # nothing is lost


def test_files_are_handed_out(page: Any) -> None:
    tab(page, "studies")
    bcg_pooled(page)
    page.wait_for_selector("#studies_csv[href]:not(.disabled)")
    starts = {
        "studies_csv": "\ufefftrial,study".encode(),
        "studies_csv_comma": "\ufefftrial;study".encode(),
        "studies_xlsx": b"PK",
        "studies_forest_svg": b"<?xml",
        "studies_forest_png": b"\x89PNG",
        "studies_funnel_svg": b"<?xml",
        "studies_r": b"# R with metafor",
        "studies_report_pooled_html": b"<!DOCTYPE html",
        "studies_report_pooled_docx": b"PK",
    }
    for name, start in starts.items():
        with page.expect_download() as coming:
            page.click(f"#{name}")
        assert Path(coming.value.path()).read_bytes().startswith(start), name
        assert coming.value.suggested_filename.startswith("studies-")


def test_bad_uploads_leave_everything_as_it_is(page: Any, scratch: Path) -> None:
    tab(page, "studies")
    bcg_pooled(page)
    before = page.inner_text("#studies_told")
    bad: dict[str, tuple[bytes, str]] = {
        "picture.csv": (b"\x89PNG\0\0\0", "binary data"),
        "broken.xlsx": (b"PK\x03\x04 nothing", "broken.xlsx"),
        "program.exe": (b"MZ", "must end in .csv"),
        "twice.csv": (b"a,a\n1,2\n", "more than once"),
        "huge.csv": (b"1\n" * MOST_BYTES, "5 MB on this page"),
        "long.csv": (b"yi,vi\n" + b"1,1\n" * 20_001, "20,000 rows"),
    }
    for name, (raw, said) in bad.items():
        page.set_input_files("#studies_file", {"name": name, "mimeType": "text/csv", "buffer": raw})
        page.wait_for_function(
            f"document.querySelector('#studies_table_messages').innerText.includes({said!r})"
        )
        told = page.inner_text("#studies_table_messages")
        assert "Traceback" not in told
        assert "/tmp" not in told
        assert page.inner_text("#studies_told") == before
    assert "studies.csv: 13 rows" in page.inner_text("#studies_preview")
    assert [path for path in scratch.rglob("*") if path.is_file()] == []  # no copy stays


def test_a_table_of_5000_studies(page: Any) -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"study": [f"S{i}" for i in range(5000)]})
    frame["yi"], frame["vi"] = rng.normal(0.3, 0.2, 5000), rng.uniform(0.01, 0.1, 5000)
    tab(page, "studies")
    page.set_input_files("#studies_file", csv(frame, "many.csv"))
    page.wait_for_selector("#studies_col_yi")
    started = time.monotonic()
    page.click("#studies_go")
    page.wait_for_selector("#studies_told .headline")
    page.wait_for_selector("#studies_funnel img")
    assert time.monotonic() - started < 30
    assert f"{mr.pool(frame).estimate:.4f}" in page.text_content("#studies_told")
    page.wait_for_selector("#studies_forest img[alt*='Caterpillar plot of 5000 studies']")


def test_a_pasted_table(page: Any) -> None:
    tab(page, "studies")
    page.click("text=Or paste a table")
    page.fill("#studies_text", "author\tri\tni\nAda\t.31\t40\nBob\t.12\t55\nCy\t.24\t80")
    page.click("#studies_paste")
    page.wait_for_selector("#studies_col_r")
    page.wait_for_function("document.querySelector('#studies_measure').value === 'ZCOR'")
    page.click("#studies_go")
    page.wait_for_selector("#studies_told .headline")
    script = "<img src=x onerror=document.title='run'>"
    page.fill("#studies_text", f"study\tyi\tvi\t{script}\n{script}\t.1\t.1\t1\nBob\t.2\t.1\t2")
    page.click("#studies_paste")
    page.wait_for_selector("#studies_col_yi")
    page.click("#studies_go")
    page.wait_for_selector("#studies_forest img")
    assert page.title() == "metarel workbench"  # what is uploaded is text and never run
    page.fill("#studies_text", "nothing")
    page.click("#studies_paste")
    page.wait_for_selector("#studies_table_messages .problem")
    assert page.locator("#studies_told .headline").count() == 1


def test_a_workbook_of_several_sheets(page: Any) -> None:
    raw = io.BytesIO()
    data = pd.DataFrame(
        {"Studie": list("ABCD"), "foo": [0.1, 0.2, 0.3, 0.1], "bar": [9, 10, 11, 9]}
    )
    with pd.ExcelWriter(raw) as writer:
        pd.DataFrame({"note": ["draft"]}).to_excel(writer, sheet_name="Notes", index=False)
        data.to_excel(writer, sheet_name="Data", index=False)
    tab(page, "studies")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    file = {"name": "mine.xlsx", "mimeType": kind, "buffer": raw.getvalue()}
    page.set_input_files("#studies_file", file)
    page.wait_for_selector("#studies_sheet")
    assert page.input_value("#studies_sheet") == "Data"
    assert "sheet 'Data': 4 rows, 3 columns" in page.inner_text("#studies_preview")
    page.wait_for_selector("#studies_kind")  # the names tell nothing
    assert page.input_value("#studies_measure") == ""
    page.click("#studies_go")
    page.wait_for_selector("#studies_messages :text('Choose first what each study gives')")
    page.select_option("#studies_kind", "ZCOR")
    page.wait_for_selector("#studies_col_r")
    page.wait_for_function("!document.documentElement.classList.contains('shiny-busy')")
    page.select_option("#studies_col_r", "foo")
    page.select_option("#studies_col_n", "bar")
    page.click("#studies_go")
    page.wait_for_selector("#studies_told .headline")
    page.select_option("#studies_sheet", "Notes")
    page.wait_for_selector("#studies_preview :text('1 row, 1 column')")


def test_the_tab_stays_when_the_page_is_loaded_again(page: Any) -> None:
    tab(page, "library")
    assert page.url.endswith("#library")
    page.reload()
    page.wait_for_selector(".tab-pane.active[data-value=library]")


def test_library(page: Any, sized: tuple[int, str]) -> None:
    tab(page, "library")
    page.wait_for_selector("#library_map table")
    page.click("#library_go")
    page.wait_for_selector("#library_verdicts table")
    assert mr.reproduce("kolden2011").summary() in page.inner_text("#library_verdicts")
    page.select_option("#library_element", "empathy")
    page.wait_for_selector("#library_element_text .prose")
    check_access(page)
    page.select_option("#library_slug", "benish2011")
    page.wait_for_selector("#library_verdicts table", state="detached")
    page.click("#library_open")
    page.wait_for_selector("#studies_col_d")
    assert page.input_value("#studies_col_d") == "g"
    page.click("#studies_go")
    page.wait_for_selector("#studies_told .headline")
    effects = mr.effect_sizes(
        mr.load_dataset("benish2011").studies, "SMD", d="g", n1="n1", n2="n2", correct=False
    )
    assert f"{mr.pool(effects).estimate:.4f}" in page.text_content("#studies_told")


def press_until(page: Any, selector: str, most: int = 60) -> None:
    """Press Tab until a thing has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached with the Tab key")


def test_keys_alone(page: Any) -> None:
    """Skip link, tabs by arrows, fields in order, a check, and the way back out."""
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator("a.skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    press_until(page, "a[data-value=convert]", 3)
    order = []
    for _ in range(4):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.id"))
    assert order == ["convert_number", "convert_source", "convert_target", "convert_reported"]
    for _ in range(4):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".tab-pane.active[data-value=check]")
    press_until(page, "#check_text", 3)
    page.keyboard.press("Control+a")
    page.keyboard.type("r = .28, k = 3, Q(2) = 9.21, p = .50")
    press_until(page, "#check_go", 3)
    page.keyboard.press("Enter")
    page.wait_for_selector("#letter")
    press_until(page, "#check_file", 3)
    press_until(page, "[data-copies=letter]")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Copied")
    press_until(page, "body, a.skip", 40)  # no trap: the keys lead out of the page again


def test_colours_change_with_the_button(page: Any) -> None:
    page.wait_for_selector("#convert_picture img")
    light = page.get_attribute("#convert_picture img", "src")
    page.click("#theme")
    page.wait_for_function(
        f"document.querySelector('#convert_picture img').getAttribute('src') !== {light!r}"
    )
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    assert page.inner_text("#theme") == "Light colours"
    check_access(page)


def test_the_page_is_there_in_three_seconds_of_work() -> None:
    """Counted in processor time, which other work on the machine does not lengthen."""
    pytest.importorskip("shiny")
    script = "import time; from metarel.app import _page as p; p.application(); "
    script += "print(time.process_time())"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 3
