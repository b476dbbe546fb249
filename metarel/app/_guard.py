"""What the server lets in: requests to itself from its own page, of a limited size."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from metarel.app._uploads import MOST_BYTES

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

#: Names by which a computer calls itself.
LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: What surrounds a file in a request.
SLACK = 10_000
#: Everything comes from this server; pictures may stand in the page itself.
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'; font-src 'self' data:; "
    "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class Guard:
    """An application behind a door.

    A page of another site that is open in the same browser could otherwise speak to this server:
    by a name of its own that leads to this computer, or straight away by a web socket.

    Parameters
    ----------
    inner : callable
        The application.
    host : str
        Where it is served.
    """

    def __init__(self, inner: Application, host: str) -> None:
        self._inner = inner
        self._hosts = (*LOOPBACK, host) if host in LOOPBACK else ()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Pass on what may come in, and refuse the rest."""
        if scope["type"] not in ("http", "websocket"):
            await self._inner(scope, receive, send)
            return
        refused = self.refusal(
            {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        )
        if not refused:
            await self._inner(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "http.response.start", "status": refused, "headers": []})
            await send({"type": "http.response.body", "body": b"Refused."})

    def refusal(self, headers: Mapping[str, str]) -> int:
        """Return the status with which a request is refused; 0 where it may come in."""
        host = headers.get("host", "")
        if self._hosts and urlsplit(f"//{host}").hostname not in self._hosts:
            return 421
        origin = headers.get("origin", "")
        if origin and urlsplit(origin).netloc != host:
            return 403
        length = headers.get("content-length", "0")
        too_long = not length.isdigit() or int(length) > MOST_BYTES + SLACK
        return 413 if too_long else 0


def _with_headers(send: Send) -> Send:
    """Return ``send`` that adds what browsers are told of the page."""

    async def sends(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *HEADERS]
        await send(message)

    return sends
