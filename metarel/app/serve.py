"""Serving the workbench on this computer, and opening it in the browser."""

from __future__ import annotations

import os
import socket
import threading
import webbrowser
from collections.abc import Callable
from importlib import util

from metarel.app import _page
from metarel.app._guard import Guard
from metarel.app._shiny import uvicorn
from metarel.errors import InputError

#: What the page is made with; the extra ``app`` brings it.
NEEDED = ("shiny", "uvicorn")


def serve(
    host: str = "127.0.0.1",
    port: int = 8123,
    *,
    browser: bool = True,
    told: Callable[[str], None] | None = None,
) -> None:
    """Serve the workbench until it is interrupted.

    Parameters
    ----------
    host : str
        The address to listen on. The default is this computer alone; with another one everybody
        who reaches it can use the page, which asks for no password.
    port : int
        The port; 0 for any that is free.
    browser : bool
        Whether to open the page in the browser.
    told : callable, optional
        Called with the address once it is known.

    Raises
    ------
    InputError
        If the extra ``app`` is not installed, or the address cannot be listened on.
    """
    missing = [name for name in NEEDED if util.find_spec(name) is None]
    if missing:
        raise InputError(
            f"The workbench needs {missing[0]}, which is not installed. In the project's folder: "
            '`python -m pip install ".[app]"`, then `metarel app`.'
        )
    if not 0 <= port <= 65535:
        raise InputError(f"`port` must be from 0 to 65535; got {port}.")
    os.environ.setdefault("MPLBACKEND", "Agg")
    door = _listening(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{door.getsockname()[1]}/"
    guarded = Guard(_page.application(), host)
    if told is not None:
        told(address)
    if browser:
        threading.Timer(0.3, webbrowser.open, [address]).start()
    config = uvicorn.Config(guarded, log_level="error", ws_max_size=2**20, lifespan="on")
    uvicorn.Server(config).run(sockets=[door])


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens, or say why there is none."""
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(kind, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
        door.listen()
    except OSError as error:
        door.close()
        raise InputError(
            f"`host` and `port` must be free to listen on; {host}:{port} is not "
            f"({error.strerror}). Another port may be: --port 0 takes any."
        ) from error
    return door
