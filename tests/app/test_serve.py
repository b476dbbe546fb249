"""Serving: refused with a paragraph where it cannot be."""

from __future__ import annotations

import socket
from importlib import util

import pytest
from typer.testing import CliRunner

from metarel.app.serve import serve
from metarel.cli import app
from metarel.errors import InputError


def test_without_shiny_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda _name: None)
    done = CliRunner().invoke(app, ["app", "--no-browser"], catch_exceptions=False)
    assert done.exit_code == 2
    assert '`python -m pip install ".[app]"`, then `metarel app`' in " ".join(done.stderr.split())


def test_a_port_that_is_taken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda _name: True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match=r"must be free to listen on; .* --port 0 takes any"):
            serve(port=taken.getsockname()[1], browser=False)
    with pytest.raises(InputError, match="`port` must be from 0 to 65535; got 70000"):
        serve(port=70_000)
