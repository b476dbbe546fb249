"""Words of other programs are answered by the words that are used here."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import metarel as mr
from metarel import _elsewhere
from metarel._calls import misuse, says_what_it_takes
from metarel.errors import CallError

FIT = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03])
FITTERS = [
    name
    for name, home in mr._HOME.items()
    if re.match(r"metarel\.(models|moderators|robust|diagnose)\.", home) and name.islower()
]
SAYING = {name: getattr(mr, name) for name in FITTERS} | {
    name: getattr(mr.plot, name) for name in ("forest", "funnel", "bubble")
}


@pytest.mark.parametrize("name", SAYING)
def test_every_function_of_fits_answers_an_unknown_word(name: str) -> None:
    function = SAYING[name]
    with pytest.raises(CallError, match=rf"{name}\(\) has no argument `wordless`; it takes "):
        function(wordless=1)
    assert issubclass(CallError, mr.InputError)
    assert issubclass(CallError, TypeError)
    assert "function" not in str(inspect.signature(function))
    assert inspect.signature(function) == inspect.signature(function.__wrapped__)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: mr.pool(method="DL"), r"`method` is called `tau2` here\. Names in other programs"),
        (lambda: mr.pool(mods="year"), r"pool\(\) has no `mods`: .*meta_regression\(data,"),
        (lambda: mr.pool(slab="a", digits=2), r"`slab` is called `labels`.*nothing is rounded"),
        (lambda: mr.pool(subset=[1]), r"choose rows of the frame first"),
        (lambda: FIT.predict(transf="exp"), r"`transf` is called `transform` here"),
        (lambda: FIT.predict(newmods=[1]), r"`newmods` is called `newdata` here"),
        (lambda: mr.robust(FIT, "a", clubSandwich=True), r"kind='CR2'"),
        (lambda: mr.tau2_interval(FIT, type="PL"), r"`type` is called `method` here"),
        (lambda: mr.plot.forest(FIT, addpred=True), r"`addpred` is called `prediction` here"),
        (lambda: mr.pool(tua2="DL"), r"no argument `tua2`; it takes data, yi, .*mean 'tau2'\?$"),
        (lambda: mr.pool([0.1], [0.2]), r"Pass arrays by name: pool\(yi=…, vi=…\)"),
        (lambda: mr.leave_one_out(FIT, None, 3), r"takes 2 arguments without a name .*data=…"),
        (lambda: mr.influence(FIT, 3), r"takes 1 argument without a name \(fit\); got 2\.$"),
        (lambda: FIT.predict(None, 3), r"takes 1 argument without a name \(newdata\); got 2\."),
    ],
)  # fmt: skip
def test_what_is_said(call: Any, says: str) -> None:
    with pytest.raises(CallError, match=says):
        call()


def test_other_faults_stay_what_they_are() -> None:
    with pytest.raises(
        TypeError, match="missing 1 required positional argument: 'formula'"
    ) as told:
        mr.meta_regression(FIT)
    assert not isinstance(told.value, mr.InputError)

    @says_what_it_takes
    def broken(x: int) -> int:
        return x + "a"  # type: ignore[operator]

    with pytest.raises(TypeError, match="unsupported operand"):
        broken(1)
    assert misuse(broken, (1,), {}) is None


def test_words_lead_to_words_that_are_taken() -> None:
    taken = {
        word for function in SAYING.values() for word in inspect.signature(function).parameters
    }
    taken |= set(inspect.signature(mr.MetaFit.predict).parameters)
    for word, (ours, advice) in _elsewhere.ARGUMENTS.items():
        assert ours or advice, word
        assert set(ours) <= taken, word


@pytest.mark.parametrize("name", [*_elsewhere.FUNCTIONS, *_elsewhere.NOT_BUILT])
def test_names_of_other_programs_lead_to_names_that_exist(name: str) -> None:
    with pytest.raises(AttributeError) as told:
        getattr(mr, name)
    text = str(told.value)
    assert name in text
    assert ("is not built yet" in text) == (name in _elsewhere.NOT_BUILT)
    for room, function in re.findall(r"mr\.(plot\.)?(\w+)", text):
        assert hasattr(mr.plot if room else mr, function)
    assert Path("docs/how-to/names-in-other-programs.md").name in text


def test_plots_and_slips_are_found() -> None:
    with pytest.raises(AttributeError, match=r"metarel has no `forest`: use mr\.plot\.forest"):
        _ = mr.forest
    with pytest.raises(
        AttributeError, match=r"no attribute 'influance'\. Did you mean 'influence'\?"
    ):
        _ = mr.influance
    assert not hasattr(mr, "__wrapped__")


def test_examples_of_such_functions_are_still_found() -> None:
    module = importlib.import_module("metarel.models.meta")
    found = {test.name for test in doctest.DocTestFinder().find(module) if test.examples}
    assert {"metarel.models.meta.pool", "metarel.models.meta.meta_regression"} <= found


def test_a_warning_names_the_line_of_the_user() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mr.pool(yi=[0.1], vi=[0.2])
        mr.pool(yi=[0.1, 0.2, None], vi=[0.2, 0.3, 0.1])
    assert [Path(one.filename).name for one in caught] == [Path(__file__).name] * 2


def test_the_package_says_that_it_is_typed() -> None:
    """Type checkers read annotations of an installed package only beside this file."""
    root = Path(sys.modules["metarel"].__file__ or "").parent
    assert (root / "py.typed").is_file()
    project = (root.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert 'packages = ["metarel"]' in project  # the whole folder goes into the wheel
