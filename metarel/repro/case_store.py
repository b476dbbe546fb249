"""Verdicts on disk, a line each, so that a run can go on where it stopped."""

from __future__ import annotations

import hashlib
import json
from importlib import metadata
from pathlib import Path
from typing import Any

from metarel.errors import DatasetError, InputError
from metarel.repro.case_verdict import CaseVerdict, verdict_from

#: Changes whenever the same case could get another verdict, so that old lines are not taken.
EDITION = 1


def settings_key(digest: str, **settings: Any) -> str:
    """Return the key of a case under some settings.

    Parameters
    ----------
    digest : str
        A hash of the case.
    **settings
        All that its verdict depends on besides.

    Returns
    -------
    str
        A hash of both, of metarel's version and of the edition of these rooms.
    """
    held = {"case": digest, "metarel": _version(), "edition": EDITION, **settings}
    text = json.dumps(held, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _version() -> str:
    """Return metarel's version; a tree that is not installed has none."""
    try:
        return metadata.version("metarel")
    except metadata.PackageNotFoundError:
        return ""


class Store:
    """The results file of a run.

    Parameters
    ----------
    path : str, Path or None
        A file of JSON lines; None keeps nothing. Lines that a crash cut short are passed over.

    Raises
    ------
    InputError
        If the path cannot hold a file.
    """

    def __init__(self, path: str | Path | None) -> None:
        if path is not None and not isinstance(path, (str, Path)):
            raise InputError(f"`resume` must be a str or Path, or None; got {type(path).__name__}.")
        self.path = None if path is None else Path(path)
        self.found: dict[str, CaseVerdict] = {}
        self.cut = 0
        if self.path is not None:
            self._read(self.path)

    def _read(self, path: Path) -> None:
        if path.is_dir() or not path.parent.is_dir():
            raise InputError(f"`resume` must be a file in a folder that exists; got {str(path)!r}.")
        if not path.is_file():
            return
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        for line in filter(None, lines):
            try:
                held = json.loads(line)
                self.found[held["key"]] = verdict_from(held["verdict"])
            except (ValueError, KeyError, TypeError):
                self.cut += 1
        if self.cut and not self.found and self.cut == sum(map(bool, lines)) > 1:
            raise DatasetError(
                f"{path} holds no verdicts: `resume` must name a new file, or one that an earlier "
                "run wrote."
            )
        if lines[-1]:  # a line without its end would run into the next
            with path.open("a", encoding="utf-8") as file:
                file.write("\n")

    def keep(self, key: str, verdict: CaseVerdict) -> None:
        """Write one verdict at once."""
        self.found[key] = verdict
        if self.path is not None:
            line = json.dumps({"key": key, "verdict": verdict.to_dict()}, ensure_ascii=False)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
