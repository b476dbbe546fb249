"""The terminal: convert or interpret one number, pool studies, reproduce published figures.

One grammar for all commands: what is asked about comes first, every choice is an option, the words
of a measure or a conversion are options too (``--n1 20``, ``--r corr``), and ``--json`` prints
plain data. Exit status 0: done; 1: a figure did not come out as expected; 2: the question cannot
be answered, and one paragraph on standard error says why. One verb a file.
"""

from metarel.cli import app as workbench
from metarel.cli import (
    bias,
    check,
    compatible,
    convert,
    datasets,
    effects,
    evidence,
    explain,
    find,
    interpret,
    plot,
    pool,
    regress,
    report,
    reproduce,
    subgroups,
)
from metarel.cli._app import app

#: The verbs' files: importing one registers its verb.
_FILES = (
    *(convert, explain, interpret, compatible),
    *(effects, pool, regress, subgroups, bias, plot, report),
    *(check, find, reproduce, evidence, datasets, workbench),
)

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line."""
    app(prog_name="metarel")
