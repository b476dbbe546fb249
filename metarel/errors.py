"""Every error and warning of metarel, one root each."""

import sys
import warnings


class MetarelError(Exception):
    """Root of all errors that metarel raises on purpose."""


class InputError(MetarelError, ValueError):
    """An argument, a column or a row cannot be used; the message names it and the way out."""


class CallError(InputError, TypeError):
    """A call has an argument that the function does not take; the message says what it takes."""


class ConvergenceError(MetarelError, ArithmeticError):
    """A solver could not reach its answer; the message says how far it came."""


class DatasetError(MetarelError, LookupError):
    """A dataset is missing, incomplete or contradicts its own description."""


class MetarelWarning(UserWarning):
    """Root of all warnings: the result is valid, and the reader must know something about it."""


def warn(message: str) -> None:
    """Warn at the line that called metarel, however deep inside this is said.

    Parameters
    ----------
    message : str
        What the reader must know.
    """
    level, frame = 1, sys._getframe(0)
    while frame.f_back is not None and _inside(frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, MetarelWarning, stacklevel=level)


def _inside(module: str) -> bool:
    return module == "metarel" or module.startswith("metarel.")
