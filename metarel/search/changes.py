"""The slips that may stand between a study table and the figures printed from it: a register."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metarel._register import Register
from metarel.search._changes_digits import (
    digit_changed,
    digit_left_out,
    digit_put_in,
    digits_turned,
)
from metarel.search._changes_make import (
    EFFECTS,
    EVENTS,
    LIMITS,
    MEANS,
    REACH,
    SIZES,
    SPREADS,
    Make,
    arms_swapped,
    counting_twice,
    doubled,
    effect_alone_turned,
    halved,
    hedges,
    in_all,
    in_each,
    in_one,
    in_one_cell,
    leaving_out,
    leaving_two_out,
    limits_by,
    mean_and_spread_swapped,
    means_swapped,
    sei_by_n,
    sizes_swapped,
    spreads_by,
    spreads_swapped,
    spreads_to,
    through,
    times,
    total_in,
    total_in_each,
    turned,
)

ALL, ONE, TWO = "all studies", "one study", "two studies"
#: Columns that hold numbers as they were measured, so that a slip of the pen can strike them.
MEASURED = (*EFFECTS, *LIMITS, "sei", "vi", *MEANS, *SPREADS)
#: Pairs of studies beyond this number of studies would explain anything.
FEW = 20


@dataclass(frozen=True, slots=True)
class Change:
    """A kind of slip.

    Parameters
    ----------
    code : str
        Its name.
    words : str
        What is done to the study, as a phrase behind its name.
    scope : str
        ``"one study"``, ``"two studies"`` or ``"all studies"``.
    make : callable
        ``make(sheet)`` gives every table that it may lead to; none where it does not apply.
    prior : float
        How often it happens beside the others, in parts; shared by all tables it may lead to.
    reason : str
        Why that often.
    most : int
        The number of studies up to which it is tried.
    """

    code: str
    words: str
    scope: str
    make: Make
    prior: float
    reason: str
    most: int = 1000


COMMON = "audits found it again and again [gotzsche2007]"
SELECTION = "which studies an analysis holds changes more easily than a number does"
PEN = "a slip of the pen or of the scanner; rare where tables are proofread"
FORM = "nothing in a table of bare numbers tells the two apart [maassen2020]"
SOFTWARE = "a field of the program that means something else than its user thinks"

CHANGES: Register[Change] = Register(
    "change",
    [
        Change("left out", "left out", ONE, leaving_out, 20, SELECTION),
        Change("two left out", "left out", TWO, leaving_two_out, 4, SELECTION, FEW),
        Change("twice", "counted twice", ONE, counting_twice, 3, SELECTION),
        Change("sign", "with the other sign", ONE, in_one(turned), 10, COMMON),
        Change("all signs", "with the other sign", ALL, in_all(turned), 8, COMMON),
        Change(
            "sign beside limits",
            "with the other sign, its limits as they are",
            ONE,
            in_one(effect_alone_turned),
            2,
            PEN,
        ),
        Change("arms", "with its arms swapped", ONE, in_one(arms_swapped), 10, COMMON),
        Change("all arms", "with their arms swapped", ALL, in_all(arms_swapped), 8, COMMON),
        Change("means", "with its means swapped", ONE, in_one(means_swapped), 4, COMMON),
        Change("sizes", "with n1 and n2 swapped", ONE, in_one(sizes_swapped), 4, PEN),
        Change("spreads", "with sd1 and sd2 swapped", ONE, in_one(spreads_swapped), 2, PEN),
        Change(
            "mean and SD",
            "with means and standard deviations exchanged",
            ONE,
            in_one(mean_and_spread_swapped),
            1,
            PEN,
        ),
        Change(
            "n digit lost",
            "with a digit more in its size",
            ONE,
            in_one_cell(SIZES, digit_put_in),
            4,
            PEN,
        ),
        Change(
            "n digit added",
            "with a digit less in its size",
            ONE,
            in_one_cell(SIZES, digit_left_out),
            2,
            PEN,
        ),
        Change(
            "n digit",
            "with another digit in its size",
            ONE,
            in_one_cell(SIZES, digit_changed),
            4,
            PEN,
        ),
        Change(
            "n digits turned",
            "with two digits of its size turned round",
            ONE,
            in_one_cell(SIZES, digits_turned),
            2,
            PEN,
        ),
        Change("n tenfold", "with ten times its size", ONE, times(SIZES, 10), 0.5, PEN),
        Change("n tenth", "with a tenth of its size", ONE, times(SIZES, 0.1), 0.5, PEN),
        Change(
            "n total in groups",
            "with the total as the size of groups",
            ONE,
            in_each(total_in_each, total_in("n1"), total_in("n2")),
            4,
            COMMON,
        ),
        Change("n halved", "with half its size", ONE, in_one(halved), 2, SOFTWARE),
        Change("n doubled", "with twice the size", ONE, in_one(doubled), 1, SOFTWARE),
        Change(
            "all n halved or doubled",
            "with half or twice the sizes",
            ALL,
            in_all(halved, doubled, total_in_each),
            4,
            SOFTWARE,
        ),
        Change(
            "digit",
            "with another digit in one number",
            ONE,
            in_one_cell((*MEASURED, *EVENTS), digit_changed),
            6,
            PEN,
        ),
        Change(
            "digits turned",
            "with two digits of one number turned round",
            ONE,
            in_one_cell((*MEASURED, *EVENTS), digits_turned),
            2,
            PEN,
        ),
        Change(
            "decimal point",
            "with the decimal point of one number moved",
            ONE,
            times(MEASURED, 10, 0.1),
            4,
            PEN,
        ),
        Change(
            "SE and SD",
            "with standard errors and deviations taken for each other",
            ONE,
            in_each(spreads_by(1), spreads_by(-1), sei_by_n(1), sei_by_n(-1)),
            10,
            COMMON,
        ),
        Change(
            "all SE and SD",
            "with standard errors and deviations taken for each other",
            ALL,
            in_all(spreads_by(1), spreads_by(-1), sei_by_n(1), sei_by_n(-1)),
            5,
            COMMON,
        ),
        Change(
            "variance and SD",
            "with variances and their roots taken for each other",
            ONE,
            in_each(spreads_to(2), spreads_to(0.5)),
            3,
            FORM,
        ),
        Change(
            "all variance and SD",
            "with variances and their roots taken for each other",
            ALL,
            in_all(spreads_to(2), spreads_to(0.5)),
            5,
            SOFTWARE,
        ),
        Change(
            "SE and limits",
            "with standard errors and half-widths of limits taken for each other",
            ONE,
            in_each(limits_by(REACH), limits_by(1 / REACH)),
            3,
            FORM,
        ),
        Change(
            "all SE and limits",
            "with standard errors and half-widths of limits taken for each other",
            ALL,
            in_all(limits_by(REACH), limits_by(1 / REACH)),
            3,
            SOFTWARE,
        ),
        Change(
            "d and g",
            "with d and g taken for each other",
            ONE,
            in_each(hedges(1), hedges(-1)),
            3,
            FORM,
        ),
        Change(
            "all d and g",
            "with d and g taken for each other",
            ALL,
            in_all(hedges(1), hedges(-1)),
            8,
            FORM,
        ),
        Change(
            "r and z",
            "with r and Fisher's z taken for each other",
            ONE,
            in_each(through(np.tanh, "r", "z"), through(np.arctanh, "r", "z")),
            3,
            FORM,
        ),
        Change(
            "all r and z",
            "with r and Fisher's z taken for each other",
            ALL,
            in_all(through(np.tanh, "r", "z"), through(np.arctanh, "r", "z")),
            8,
            FORM,
        ),
        Change(
            "log and ratio",
            "with a ratio and its logarithm taken for each other",
            ONE,
            in_each(through(np.log, "yi"), through(np.exp, "yi")),
            3,
            FORM,
        ),
        Change(
            "all log and ratio",
            "with ratios and their logarithms taken for each other",
            ALL,
            in_all(through(np.log, "yi"), through(np.exp, "yi")),
            5,
            SOFTWARE,
        ),
    ],
)
