"""What a user asked for, tried: a result, or one paragraph on why there is none."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from metarel.errors import MetarelError, MetarelWarning

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What came of a question.

    Parameters
    ----------
    value : object or None
        The answer; None where there is a problem.
    problem : str
        Why there is none, in one paragraph; empty where there is one.
    notes : tuple of str
        What a reader of the answer must know.
    """

    value: T | None
    problem: str = ""
    notes: tuple[str, ...] = ()


def attempt(question: Callable[[], T]) -> Outcome[T]:
    """Ask; what metarel refuses, and whatever else fails, becomes a paragraph."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", MetarelWarning)
        try:
            value = question()
        except MetarelError as error:
            return Outcome(None, one_paragraph(str(error)))
        except Exception as error:  # a fault of ours must not end the page either
            said = one_paragraph(str(error)) or "no more is known"
            return Outcome(
                None,
                f"metarel itself failed here ({type(error).__name__}: {said}). What you entered "
                "is kept; please report this with the steps that led to it.",
            )
    return Outcome(value, "", tuple(dict.fromkeys(str(one.message) for one in caught)))


def one_paragraph(text: str) -> str:
    """Return a message without line breaks."""
    return re.sub(r"\s+", " ", text).strip()
