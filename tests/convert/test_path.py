"""What goes in, what comes out, and what is refused."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.convert.path import Converted, convert
from metarel.errors import InputError


def test_shapes():
    assert type(convert(0.28, "r", "d")) is float
    assert type(convert(np.float64(0.28), "r", "d")) is float
    assert convert([0.1, 0.2], "r", "d").shape == (2,)
    assert convert([0.28], "r", "d").shape == (1,)
    assert isinstance(convert(pd.Series([0.1], index=[7]), "r", "d"), np.ndarray)
    assert convert(0.3, "d", "g", df=[10, 20]).shape == (2,)


def test_needs_may_differ_by_row():
    whole = convert([0.28, 0.28], "r", "d", rule="exact", n1=[23, 20], n2=[23, 80])
    assert whole.round(4).tolist() == [0.5705, 0.7218]


def test_a_rule_is_taken_at_every_step_that_has_it():
    sizes = {"n1": 20, "n2": 80}
    d = convert(0.28, "r", "d", rule="exact", **sizes)
    assert convert(0.28, "r", "g", rule="exact", **sizes) == convert(d, "d", "g", **sizes)
    assert convert(0.5, "or", "r", rule="cox") == convert(
        convert(0.5, "or", "d", rule="cox"), "d", "r"
    )


def test_variance_is_carried():
    found = convert([0.1, 0.2], "z", "r", variance=[0.01, 0.02])
    assert isinstance(found, Converted)
    np.testing.assert_allclose(
        found.variance, [0.01, 0.02] * (1 - np.tanh([0.1, 0.2]) ** 2) ** 2, rtol=1e-13
    )
    assert found.path == ("z->r:fisher",)
    assert convert(0.2, "r", "r", variance=0.3) == Converted(0.2, 0.3, ())


def test_names_that_people_write():
    assert convert(2.0, "OR", "logOR") == convert(2.0, "or", "log_or")
    assert convert(2.0, "odds ratio", "lnOR") == convert(2.0, "or", "log_or")
    assert convert(0.28, "R", "Cohen's d") == convert(0.28, "r", "d")
    assert convert(2.5, "T", "D", n1=20, n2=25) == convert(2.5, "t", "d", n1=20, n2=25)
    assert convert(0.06, "η²", "f²") == convert(0.06, "eta2", "f2")
    assert convert(0.5, "Hedges' g", "u3", df=40) == convert(0.5, "g", "U3", df=40)


def test_f_and_capital_f_stay_apart():
    assert convert(0.25, "f", "eta2") != convert(0.25, "F", "eta2", df1=1, df=40)
    assert convert(0.06, "eta2", "f") == convert(0.06, "eta2", "Cohen's f")


def test_one_numerator_degree_of_freedom_may_be_said():
    assert convert(0.06, "eta2", "d", df1=1) == convert(0.06, "eta2", "d")


@pytest.mark.parametrize(
    ("args", "words", "message"),
    [
        (
            (0.3, "r_p", "d"),
            {},
            r"`source` must be a metric.*got 'r_p'. Did you mean 'r_pb' or 'r'",
        ),
        ((0.3, "r", "dd"), {}, "`target` must be a metric.*got 'dd'. Did you mean 'd'"),
        ((0.3, "r", None), {}, "`target` must be a metric.*got None"),
        ((0.3, "r", "t"), {}, "`target` must be one of 'd', 'g', 'md', 'z'.*got 't'"),
        ((0.3, "r", "d"), {"rule": "exakt"}, "`rule` must be one of .*Did you mean 'exact'"),
        ((0.3, "r", "d"), {"rule": "cox"}, "`rule` must be one of 'equal-groups', 'exact'"),
        ((0.3, "r", "r"), {"rule": "exact"}, "`rule` must be None where nothing"),
        ((0.3, "r", "d"), {"rule": "exact", "n1": 5}, "`n2` must be given: rule 'exact'"),
        ((0.3, "d", "g"), {}, "`df` must be given.*`n1` and `n2` or `n` would do as well"),
        (([0.3, 1.0], "r", "d"), {}, r"`value` must be a number in \(-1, 1\); row 1 is 1"),
        (
            (1.2, "r", "r2"),
            {},
            r"`value` must be a number in \[-1, 1\]; got 1.2. It is read as a correlation",
        ),
        (([1.0, 0.0], "or", "d"), {}, "`value` must be positive; row 1 is 0"),
        ((-2.0, "F", "t"), {}, "`value` must be zero or positive; got -2"),
        ((0.0, "p", "t"), {"df": 5}, "`value` must not be 0 as a p-value"),
        (
            (0.3, "r", "d"),
            {"rule": "exact", "n1": 1, "n2": 1},
            "must be a number; check the value and the sizes",
        ),
        ((0.3, "d", "g"), {"df": 1}, "`df` must be a number above 1; got 1"),
        ((0.3, "r", "d"), {"rule": "exact", "n1": -1, "n2": 4}, "`n1` must be positive; got -1"),
        ((0.3, "r", "d"), {"rule": "base-rate", "base_rate": 1}, "`base_rate` must be"),
        ((9.0, "chi2", "d"), {"n": 4}, r"`value` must be a number in \[-1, 1\]; got 1.5"),
        ((9.0, "chi2", "r"), {"n": 20, "sign": 0.5}, "`sign` must be 1 or -1"),
        ((0.06, "eta2", "d"), {"df1": 2}, "`df1` must be 1; got 2. A share of variance with more"),
        ((0.06, "eta2", "r"), {"df1": 2}, "`df1` must be 1; got 2"),
        ((0.25, "f", "d"), {"df1": 3}, "`df1` must be 1; got 3"),
        ((0.25, "Z", "r"), {}, "'z' is Fisher's z of a correlation, 'z_stat' the z of a test"),
        ((0.25, "h", "proportion"), {}, "Did you mean 'cohen_h'"),
        ((2.0, "chi2", "r"), {}, "`n` must be given: rule 'phi'"),
        ((2.0, "chi2", "r"), {"n": 9, "df": 1}, "`df` would not be read: rule 'phi'.*leave it out"),
        (
            ("0.3", "r", "d"),
            {},
            "`value` must be a number or an array; got the text '0.3'. Without quotes",
        ),
        (([0.3, 0.1], "d", "g"), {"df": [1, 2, 3]}, "same length"),
        ((0.3, "r", "d"), {"variance": -1}, "`variance` must be zero or positive; row 0 is -1"),
        ((0.0, "eta2", "r"), {"variance": 0.1}, "where the slope is finite and not 0"),
        (([0.2, 0.0], "r", "r2"), {"variance": 0.1}, "slope is finite and not 0.*row 1"),
        ((0.0, "d", "f"), {"variance": 0.1}, "slope is finite and not 0"),
        ((8.0, "d", "r"), {"rule": "dichotomised"}, "This is r by rule 'dichotomised'"),
        ((40.0, "z", "d"), {}, "This is r, computed from z"),
        ((np.ones((2, 2)), "d", "r"), {}, "`value` must be one-dimensional"),
        ((None, "r", "d"), {}, "`value` must be a number or an array; got None"),
        ((0.3, "d", "g"), {"n1": 20, "n2": "80"}, "`n2` must be a number or .*got the text '80'"),
        ((-0.03, "p", "d"), {"n1": 9, "n2": 9, "sign": -1}, "a negative p has its sign already"),
        (([0.1, -0.1], "p", "t"), {"df": 9, "sign": 1}, "`value` must be positive.*row 1"),
    ],
)
def test_refusals(args, words, message):
    with pytest.raises(InputError, match=message):
        convert(*args, **words)


@pytest.mark.parametrize(
    ("args", "words", "message"),
    [
        (
            (0.28, "r", "d"),
            {"n1": 20, "n2": 80},
            r"`n1`, `n2` would not be read: rule 'equal-groups' from r to d is 2·r/√\(1 − r²\). "
            r"Name a rule that reads them \(`rule` one of 'exact', 'base-rate-n', 'dichotomised-n'",
        ),
        (
            (0.28, "r", "d"),
            {"rule": "exact", "n1": 20, "n2": 80, "base_rate": 0.2},
            "`base_rate` would not be read: rule 'exact'.*one of 'base-rate', 'dichotomised'",
        ),
        ((0.5, "d", "r"), {"sign": -1}, "`sign` would not be read.*No rule of this way reads it"),
        ((0.5, "d", "d"), {"n": 9}, "`n` would not be read: nothing is converted"),
        ((0.5, "d", "g"), {"df": 48, "n1": 20, "n2": 30}, "What follows from them is given"),
        ((2.5, "t", "d"), {"n1": 15, "n2": 45, "df": 58}, "`df` would not be read.*'2t/sqrt"),
    ],
)
def test_words_that_no_step_reads_are_refused(args, words, message):
    with pytest.raises(InputError, match=message):
        convert(*args, **words)


def test_words_that_one_of_the_steps_reads_are_taken():
    sizes = {"n1": 20, "n2": 80}
    d = convert(0.28, "r", "d")
    assert convert(0.28, "r", "g", **sizes) == convert(d, "d", "g", **sizes)
    assert convert(2.5, "t", "g", df=60, **sizes) == convert(
        convert(2.5, "t", "d", **sizes), "d", "g", df=60
    )
    assert convert(0.28, "r", "d", rule=None, n1=None, n2=None) == d


def test_series_of_other_rows_are_refused():
    with pytest.raises(InputError, match="`df` is a Series whose index differs"):
        convert(pd.Series([0.1, 0.2]), "d", "g", df=pd.Series([9, 9], index=[5, 6]))


def test_one_number_needs_neither_scipy_nor_pandas():
    code = (
        "import sys, metarel as mr; mr.convert(.28, 'r', 'd'); str(mr.explain('.28', 'r', 'd'));"
        "print(sorted({'scipy', 'pandas'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_folder_does_not_hide_the_function():
    code = "import metarel.convert.explain, metarel as mr; print(mr.convert(0.0, 'r', 'd'))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "0.0"
    assert mr.convert is convert
