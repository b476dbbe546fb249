"""The page over the wire, without a browser: what each tab's server answers to what is asked."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

import metarel as mr

shiny = pytest.importorskip("shiny")
client = pytest.importorskip("websockets.sync.client")
uvicorn = pytest.importorskip("uvicorn")

TABLE = "study,r,n,kind\nAda,.31,40,a\nBob,.12,55,b\nCy,.24,80,a\nDan,,70,b\nEve,.42,90,b\n"
#: Seconds that an answer may take on a busy machine.
PATIENCE = 60


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve the page in a thread of this process."""
    from metarel.app import _page
    from metarel.app._guard import Guard
    from metarel.app.serve import _listening

    door = _listening("127.0.0.1", 0)
    config = uvicorn.Config(Guard(_page.application(), "127.0.0.1"), log_level="error")
    server = uvicorn.Server(config)
    running = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    running.start()
    yield f"127.0.0.1:{door.getsockname()[1]}"
    server.should_exit = True
    running.join(10)


class Page:
    """An opened page, as the server sees one: inputs go out, outputs come in."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self.shown: dict[str, str] = {}
        self.updates: dict[str, dict[str, Any]] = {}

    def open(self, shown: tuple[str, ...], **inputs: Any) -> None:
        seen = {f".clientdata_output_{name}_hidden": False for name in shown}
        said = {**seen, ".clientdata_url_search": "", ".clientdata_pixelratio": 1, **inputs}
        self._socket.send(json.dumps({"method": "init", "data": said}))

    def set(self, **inputs: Any) -> None:
        self._socket.send(json.dumps({"method": "update", "data": inputs}))

    def until(self, output: str, text: str) -> str:
        """Read what comes until an output shows a text, and return it."""
        end = time.monotonic() + PATIENCE
        while text not in self.shown.get(output, ""):
            left = end - time.monotonic()
            assert left > 0, (output, text, self.shown.get(output))
            self._take(json.loads(self._socket.recv(timeout=left)))
        return self.shown[output]

    def _take(self, came: dict[str, Any]) -> None:
        assert not came.get("errors"), came["errors"]
        for name, value in (came.get("values") or {}).items():
            self.shown[name] = value["html"] if isinstance(value, dict) else str(value)
        for one in came.get("inputMessages") or []:
            self.updates.setdefault(one["id"], {}).update(one["message"])


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    with client.connect(
        f"ws://{address}/websocket/", origin=f"http://{address}", max_size=None
    ) as socket:
        yield Page(socket)


def test_the_page_is_handed_out_and_strangers_are_refused(address: str) -> None:
    with urllib.request.urlopen(f"http://{address}/") as answer:
        text = answer.read().decode("utf-8")
    for name in ("convert", "check", "studies", "library"):
        assert f'data-value="{name}"' in text
    assert "Reloading empties the page" in text
    stranger = urllib.request.Request(f"http://{address}/", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="421"):
        urllib.request.urlopen(stranger)


def test_convert_answers(page: Page) -> None:
    fields = {"convert_number": "0,28", "convert_source": "r", "convert_target": "d"}
    fields |= {"convert_rule": "", "convert_reported": ".57"}
    shown = ("convert_headline", "convert_messages", "convert_second", "convert_steps")
    page.open((*shown, "convert_meaning"), **fields)
    page.until("convert_headline", "r = 0.28 gives d = 0.5833.")
    page.until("convert_messages", "0,28 was read as 0.28.")
    page.until("convert_steps", "with the numbers")
    assert "more ways to say it" in page.until("convert_meaning", "overlap")
    page.set(convert_number="1,234")
    page.until("convert_messages", "can be read in two ways")
    assert "0.5833" in page.shown["convert_headline"]  # the last good answer stays


def test_check_answers(page: Page) -> None:
    page.open(
        ("check_headline", "check_findings", "check_letter"),
        check_text="Q(15) = 38.2, p = .03.",
        **{"check_go:shiny.action": 1},
    )
    page.until("check_findings", "p of Q")
    page.until("check_letter", "<textarea")
    page.set(check_text="No numbers here.", **{"check_go:shiny.action": 2})
    page.until("check_headline", "Nothing to check")
    assert "No contradiction" not in page.shown["check_findings"]


def test_studies_answer(page: Page) -> None:
    model = {"studies_tau2": "REML", "studies_test": "z", "studies_level": "0.95"}
    model |= {"studies_labels": "study", "studies_by": "", "studies_formula": ""}
    page.open(
        ("studies_preview", "studies_table_messages", "studies_messages", "studies_told"),
        studies_text=TABLE,
        studies_measure="",
        studies_moderators=[],
        **model,
        **{"studies_paste:shiny.action": 1, "studies_go:shiny.action": 0},
    )
    page.until("studies_preview", "5 rows, 4 columns")
    columns = {"studies_col_r": "r", "studies_col_n": "n"}
    page.set(studies_measure="ZCOR", studies_way="0", **columns, **{"studies_go:shiny.action": 1})
    said = page.until("studies_told", "The pooled correlation")
    assert page.updates["studies_measure"]["value"] == ["ZCOR"]  # guessed from the names
    assert "Dan (line 5 of the file) was left out: its r is empty." in said
    effects = mr.effect_sizes(
        None, "ZCOR", r=[0.31, 0.12, 0.24, 0.42], n=[40, 55, 80, 90], labels=list("ABCE")
    )
    assert f"{mr.pool(effects).estimate:.4f}" in said
    page.set(studies_by="study", **{"studies_go:shiny.action": 2})
    page.until("studies_messages", "Subgroups must have several studies")


def test_the_library_answers(page: Page) -> None:
    page.open(
        ("library_map", "library_facts"),
        library_slug="kolden2011",
        library_edition="2018",
        library_element="",
    )
    page.until("library_facts", "Kolden")
    assert "[.30, .44]" in page.until("library_map", "as printed")
