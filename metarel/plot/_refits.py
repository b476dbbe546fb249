"""Results of one model fitted many times, as rows: study after study added, or each left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import is_frame
from metarel._register import Register
from metarel.errors import InputError
from metarel.plot._reading import Reading, reading_of
from metarel.plot._rows import Block, Row, in_order

if TYPE_CHECKING:
    from metarel._lazy import pd
    from metarel.plot._layouts import Header, Layout
    from metarel.plot._scale import Transformation

NUMBERS = ("estimate", "ci_low", "ci_high")


@dataclass(frozen=True, slots=True)
class RefitKind:
    """A way of fitting a model many times.

    Parameters
    ----------
    code : str
        The column that names each refit.
    header : str
        What stands over the names.
    words : str
        What the plot is called in words.
    """

    code: str
    header: str
    words: str


KINDS: Register[RefitKind] = Register(
    "refits",
    [
        RefitKind("added", "Adding", "cumulative meta-analysis, study after study"),
        RefitKind("left_out", "Omitting", "meta-analyses that each leave out one"),
    ],
)


def is_refits(fit: object) -> bool:
    """Tell whether a result is a table of refits."""
    return is_frame(fit) and any(code in fit.columns for code in KINDS)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Refits:
    """What a table of refits holds.

    Parameters
    ----------
    kind : RefitKind
        How the model was fitted many times.
    reading : Reading
        Scale and name of the effects.
    level : float
        Confidence level.
    whole : mapping
        The result of all studies, empty where it is not known.
    model : str
        What the model is called.
    changed : bool
        Whether the numbers stand on the scale of the axis already.
    """

    kind: RefitKind
    reading: Reading
    level: float
    whole: Mapping[str, Any]
    model: str
    changed: bool

    @classmethod
    def read(cls, frame: pd.DataFrame, transform: Transformation) -> Refits:
        """Return what the table says of itself."""
        kind = next(KINDS[code] for code in KINDS if code in frame.columns)
        missing = [name for name in (*NUMBERS, "k") if name not in frame.columns]
        if missing:
            raise InputError(
                f"`fit` must be what cumulative() or leave_one_out() returned; the frame has no "
                f"column {missing[0]!r}."
            )
        if "term" in frame.columns and frame["term"].nunique() > 1:
            raise InputError(
                "`fit` must hold one coefficient a row of the plot; choose it: "
                f"frame[frame['term'] == {frame['term'].iloc[0]!r}]."
            )
        said = frame.attrs.get("refits", {})
        before = said.get("transform")
        if before is not None and transform is not None:
            raise InputError(
                "`transform` cannot be given for results that were transformed already; leave "
                "`transform` out there or here."
            )
        own = None if before is True else before
        if not (own is None or isinstance(own, str)):
            raise InputError(
                "`fit` was transformed by a function of your own, of which the axis is not known; "
                "leave `transform` out where the results are made, and name it here."
            )
        reading = reading_of(said.get("measure"), transform or own)
        whole = said.get("whole", {}) if "term" not in frame.columns else {}
        return cls(
            kind, reading, said.get("level", 0.95), whole, said.get("model", ""), before is not None
        )

    def row(self, kind: str, label: str, numbers: Mapping[str, Any], at: int = -1) -> Row:
        """Return a result as a row on the scale of the axis."""
        values = {name: float(numbers[name]) for name in NUMBERS}
        if not self.changed:
            values = {n: float(self.reading.scale.to_axis(v)) for n, v in values.items()}
        values |= {
            name: float(numbers.get(name, np.nan)) for name in ("p_value", "k", "tau2", "I2")
        }
        return Row(kind, label, study=at, **values)  # type: ignore[arg-type]


def refit_blocks(refits: Refits, frame: pd.DataFrame, order: str | None) -> list[Block]:
    """Return the one block of a table of refits."""
    records: list[Any] = frame.to_dict("records")
    rows = [
        refits.row("refit", str(record[refits.kind.code]), record, i)
        for i, record in enumerate(records)
    ]
    summary = refits.row("summary", refits.model, refits.whole) if refits.whole else None
    return [Block(tuple(in_order(rows, order, frame)), summary)]


def refit_columns(refits: Refits, layout: Layout) -> tuple[dict[str, Header], dict[str, Header]]:
    """Return the columns of a table of refits: the layout's, but for what belongs to studies."""
    beside = (*layout.left.items(), *layout.right.items())
    effect = {name: header for name, header in beside if name == "effect"}
    left: dict[str, Header] = {"label": refits.kind.header}
    left |= {"k": "k"} if refits.kind.code == "added" else {}
    return left, {**effect, "p": None, "tau2": "τ²", "I2": "I²"}
