"""``metarel app``: the workbench, a page in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from metarel._lazy import Deferred
from metarel.cli._app import OUT, app
from metarel.cli._words import AsJson, examples, print_json

if TYPE_CHECKING:
    from metarel.app import serve
else:  # the other verbs must not wait for it
    serve = Deferred("metarel.app.serve")


@app.command(
    "app",
    epilog=examples(
        "metarel app",
        "metarel app --port 9000 --no-browser",
    ),
)
def _app(
    host: Annotated[
        str, typer.Option(help="Address to listen on; the default is this computer alone.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for any that is free.")] = 8123,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open the page in the browser.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Open the workbench: convert, check, pool and browse in a page on this computer.

    It runs until Ctrl-C. Nothing that is typed or uploaded leaves the computer or is kept. Needs
    the extra; in the project's folder: `python -m pip install ".[app]"`.
    """

    def told(address: str) -> None:
        if as_json:
            print_json({"address": address})
        else:
            OUT.print(f"The workbench is at {address} (Ctrl-C ends it).", markup=False)

    serve.serve(host, port, browser=not no_browser, told=told)
