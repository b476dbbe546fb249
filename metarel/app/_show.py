"""What the tabs share of the page: fields, tables, pictures, messages, keeping what was good."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from metarel._format import fixed
from metarel.app._attempt import Outcome
from metarel.app._pictures import Picture
from metarel.app._shiny import reactive, ui
from metarel.app._uploads import MOST_BYTES

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

#: Rows of a table that are shown.
MOST_SHOWN = 400
#: Numbers and intervals as text.
NUMERIC = re.compile(r"[<\[(±.−\-\d][\d\s.,%−\-\])]{0,15}")
#: Numbers below this are shown with so many decimals, since four would show nothing.
SMALL, MOST_DECIMALS = 5e-4, 6


class Kept(Generic[T]):
    """The last good answer, and what is wrong with the question since.

    A question that cannot be answered leaves the answer before it where it is.
    """

    def __init__(self) -> None:
        self._value: Any = reactive.value(None)
        self._problem: Any = reactive.value("")
        self._notes: Any = reactive.value(())

    def take(self, outcome: Outcome[T]) -> bool:
        """Take what came of a question; tell whether it was answered."""
        self._problem.set(outcome.problem)
        if outcome.problem:
            return False
        self._value.set(outcome.value)
        self._notes.set(outcome.notes)
        return True

    def clear(self) -> None:
        """Forget everything."""
        self._value.set(None)
        self._problem.set("")
        self._notes.set(())

    @property
    def value(self) -> T | None:
        """The last good answer; None before there is one."""
        value: T | None = self._value.get()
        return value

    def messages(self) -> Any:
        """Show what is wrong, and what a reader of the answer must know."""
        problem = self._problem.get()
        kept = " The result shown is still the one before this." if self._value.get() else ""
        shown = [message(problem + kept, "problem")] if problem else []
        return ui.TagList(*shown, *(message(note, "note") for note in self._notes.get()))


def message(text: str, kind: str) -> Any:
    """Show a paragraph: a ``problem``, a ``note``, or ``good``."""
    heads = {"problem": "Please look: ", "note": "Note: ", "good": ""}
    role = {"role": "alert"} if kind == "problem" else {}
    return ui.tags.p(ui.tags.strong(heads[kind]), text, class_=f"message {kind}", **role)


def spot(name: str) -> Any:
    """Leave a place for messages, which screen readers read out when they come."""
    return ui.tags.div(ui.output_ui(name), class_="messages", aria_live="polite")


def picked(
    id: str,  # noqa: A002
    label: str,
    choices: Mapping[str, Any] | Iterable[str],
    selected: str | None = None,
) -> Any:
    """Make a list to choose one thing from: the browser's own, which keys and phones know."""
    known: Any = dict(choices) if isinstance(choices, Mapping) else list(choices)
    return ui.input_select(id, label, known, selected=selected, width="100%")


def typed(id: str, label: str, value: str = "", hint: str = "") -> Any:  # noqa: A002
    """Make a line to type into."""
    return ui.input_text(
        id, label, value, placeholder=hint, width="100%", autocomplete="off", spellcheck="false"
    )


def written(text: str, label: str) -> Any:
    """Show text in columns as it stands; wide lines scroll."""
    return ui.tags.pre(text, class_="told", tabindex="0", role="region", aria_label=label)


def folded(title: str, *parts: Any) -> Any:
    """Show parts once they are asked for."""
    return ui.tags.details(ui.tags.summary(title), *parts)


def sentences(lines: Iterable[str]) -> Any:
    """Show sentences, each a paragraph."""
    return ui.TagList(*(ui.tags.p(line) for line in lines))


def area(id: str, label: str, example: str, rows: int) -> Any:  # noqa: A002
    """Make a field for text, empty, with its example as a hint and as a button that fills it in."""
    return ui.TagList(
        ui.input_text_area(id, label, placeholder=example, rows=rows, width="100%"),
        ui.tags.button(
            "Show an example",
            type="button",
            class_="btn btn-default example",
            data_fills=id,
            data_example=example,
        ),
    )


def prose(text: str) -> Any:
    """Show lines of prose, each broken where the page ends and indented as it was."""
    lines = [
        ui.tags.p(line.strip(), style=f"--in: {(len(line) - len(line.lstrip())) / 2:g}")
        for line in text.splitlines()
        if line.strip()
    ]
    return ui.tags.div(*lines, class_="prose")


def drawn(picture: Picture, label: str) -> Any:
    """Show a picture with its words; a wide one scrolls within its frame."""
    image = ui.tags.img(src=picture.address, alt=picture.alt, style=f"width:{picture.width:.0f}px")
    said = ui.tags.details(ui.tags.summary("This picture in words"), ui.tags.p(picture.alt))
    return ui.tags.figure(
        ui.tags.div(image, class_="scrolls", tabindex="0", role="region", aria_label=label),
        ui.tags.figcaption(said),
    )


def table(
    frame: pd.DataFrame, caption: str, *, fits: bool = False, digits: int | None = None
) -> Any:
    """Show a frame as a table, its first column the heading of each row.

    One of words ``fits`` the page: its cells are broken; any other scrolls where it is wide.
    Numbers have as many decimals as say something, or so many ``digits``.
    """
    shown = frame.head(MOST_SHOWN)
    head = ui.tags.tr(*(ui.tags.th(str(name), scope="col") for name in shown.columns))
    rows = [
        ui.tags.tr(
            *(
                ui.tags.th(cell(value), scope="row") if place == 0 else _data(value, digits)
                for place, value in enumerate(row)
            )
        )
        for row in shown.itertuples(index=False, name=None)
    ]
    more = f" (the first {MOST_SHOWN} of {len(frame):,} rows)" if len(frame) > MOST_SHOWN else ""
    return ui.tags.div(
        ui.tags.table(
            ui.tags.caption(f"{caption}{more}"),
            ui.tags.thead(head),
            ui.tags.tbody(*rows),
            class_="fits" if fits else None,
        ),
        class_="scrolls",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def cell(value: Any) -> str:
    """Return the text of a cell; nothing for what is missing."""
    if value is None or value != value:
        return ""
    if not isinstance(value, float):
        return str(value)
    if round(value, 4) == value and abs(value) < 1e5:
        return f"{value:g}"
    if abs(value) >= SMALL:
        return fixed(value)
    text = f"{value:.{MOST_DECIMALS}f}"
    return text.rstrip("0") if float(text) else f"about 0 (to {MOST_DECIMALS} decimals)"


def _data(value: Any, digits: int | None) -> Any:
    """Make a cell; a number is not broken over lines."""
    number = isinstance(value, int | float) or bool(NUMERIC.fullmatch(str(value)))
    short = digits is not None and isinstance(value, float) and value == value
    text = fixed(value, digits or 0) if short else cell(value)
    return ui.tags.td(text, class_="number" if number else None)


def value_of(input: Any, id: str, otherwise: str = "") -> str:  # noqa: A002
    """Return what stands in a field, which may not be on the page yet."""
    held = input[id]
    return str(held() or "") if held.is_set() else otherwise


def section(title: str, *parts: Any, id: str | None = None) -> Any:  # noqa: A002
    """Make a part of a tab with its heading."""
    return ui.tags.section(ui.tags.h2(title), *parts, id=id)


def progress(text: str) -> Any:
    """Show what is being done, until the block that it is used in ends."""
    bar = ui.Progress()
    bar.set(message=text)
    return bar


def uploaded(files: Any) -> tuple[bytes, str]:
    """Return the bytes and the name of an uploaded file, whose copy on disk is deleted."""
    (file,) = files
    path = Path(file["datapath"])
    try:
        return path.read_bytes(), str(file["name"])
    finally:
        path.unlink(missing_ok=True)


def chooser(id: str, label: str, kinds: tuple[str, ...]) -> Any:  # noqa: A002
    """Make a field for a file; the browser refuses larger ones before they are sent."""
    return ui.tags.div(
        ui.input_file(
            id,
            f"{label} (up to {MOST_BYTES // 10**6} MB)",
            accept=list(kinds),
            button_label="Choose a file",
            placeholder="none chosen",
            width="100%",
        ),
        ui.tags.p(f"Kinds: {', '.join(kinds)}.", class_="quiet"),
        class_="chooser",
        data_most=str(MOST_BYTES),
    )
