"""Every error and warning of metarel, one root each."""


class MetarelError(Exception):
    """Root of all errors that metarel raises on purpose."""


class InputError(MetarelError, ValueError):
    """An argument, a column or a row cannot be used; the message names it and the way out."""


class ConvergenceError(MetarelError, ArithmeticError):
    """A solver could not reach its answer; the message says how far it came."""


class DatasetError(MetarelError, LookupError):
    """A dataset is missing, incomplete or contradicts its own description."""


class MetarelWarning(UserWarning):
    """Root of all warnings: the result is valid, and the reader must know something about it."""
