"""Who may speak to the page's server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from metarel.app._guard import Guard
from metarel.app._uploads import MOST_BYTES


async def _inner(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "127.0.0.1:8123"}, 0),
        ({"host": "localhost:8123", "origin": "http://localhost:8123"}, 0),
        ({"host": "[::1]:8123"}, 0),
        ({"host": "evil.example:8123"}, 421),
        ({}, 421),
        ({"host": "127.0.0.1:8123", "origin": "http://evil.example"}, 403),
        ({"host": "127.0.0.1:8123", "origin": "null"}, 403),
        ({"host": "127.0.0.1:8123", "content-length": str(10 * MOST_BYTES)}, 413),
        ({"host": "127.0.0.1:8123", "content-length": "many"}, 413),
    ],
)
def test_only_the_page_itself_may_speak(headers: dict[str, str], status: int) -> None:
    assert Guard(_inner, "127.0.0.1").refusal(headers) == status


def test_another_address_answers_to_any_name_but_not_to_other_pages() -> None:
    guard = Guard(_inner, "0.0.0.0")
    assert guard.refusal({"host": "lab.example:80"}) == 0
    assert guard.refusal({"host": "lab.example:80", "origin": "http://evil.example"}) == 403


@pytest.mark.parametrize(
    ("kind", "host", "first"),
    [
        ("http", b"127.0.0.1", {"type": "http.response.start", "status": 200}),
        ("http", b"evil", {"type": "http.response.start", "status": 421}),
        ("websocket", b"evil", {"type": "websocket.close", "code": 1008}),
    ],
)
def test_the_door(kind: str, host: bytes, first: dict[str, Any]) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": kind, "headers": [(b"host", host)]}
    asyncio.run(Guard(_inner, "127.0.0.1")(scope, None, send))  # type: ignore[arg-type]
    assert first.items() <= sent[0].items()
    if first.get("status") == 200:
        assert any(name == b"content-security-policy" for name, _ in sent[0]["headers"])
