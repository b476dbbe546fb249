"""Every transf.* of metafor: a row each in the map, its numbers, and formulas where it has none."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from statistics import harmonic_mean

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from metarel.convert.metafor import METAFOR
from metarel.convert.path import convert
from metarel.convert.register import EDGES
from metarel.errors import InputError

CASES = json.loads((Path(__file__).parents[1] / "golden" / "transf.json").read_text())

#: As metafor documents them.
NAMES = (
    *("rtoz", "ztor", "logit", "ilogit", "probit", "iprobit", "arcsin", "iarcsin", "pft", "ipft"),
    *("ipft.hm", "isqrt", "irft", "iirft", "ahw", "iahw", "abt", "iabt", "r2toz", "ztor2"),
    *("ztor.int", "exp.int", "ilogit.int", "iprobit.int", "iarcsin.int", "iahw.int", "iabt.int"),
    *("dtocles.int", "ztor.mode", "exp.mode", "ilogit.mode", "iprobit.mode", "iarcsin.mode"),
    *("iahw.mode", "iabt.mode", "dtou1", "dtou2", "dtou3", "dtoovl", "dtocles", "dtocliffd"),
    *("dtobesd", "dtomd", "dtorpb", "dtorbis", "rpbtorbis", "rtorpb", "rtod", "rpbtod"),
    *("lnortord", "lnortorr", "lnortod.norm", "lnortod.logis", "dtolnor.norm", "dtolnor.logis"),
    *("lnortortet.pearson", "lnortortet.digby"),
)


def call(name: str, value, args: dict):
    """Make metafor's call through the map."""
    known = METAFOR[name]
    args = dict(args)
    targs = args.pop("targs", None)
    words = {}
    if known.average:
        words = {"tau2": targs["tau2"], "average": known.average}
    elif name == "transf.ipft.hm":
        words = {"n": harmonic_mean(targs["ni"])}
    elif targs is not None:
        words = dict.fromkeys(known.words.values(), targs)
    rule = known.rule
    if set(args) & set(known.sized):
        rule = known.sized_rule
    words |= {{**known.words, **known.sized}[theirs]: number for theirs, number in args.items()}
    return convert(value, known.source, known.target, rule=rule, **words)


def rows(item, chosen: list[int]):
    return [item[i] for i in chosen] if isinstance(item, list) else item


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_numbers_of_metafor(case):
    refused = case.get("refused", [])
    kept = [i for i in range(len(case["value"])) if i not in refused]
    args = {
        word: rows(item, kept) if word != "targs" else item for word, item in case["args"].items()
    }
    found = call(case["call"], rows(case["value"], kept), args)
    expect = rows(case["expect"], kept)
    np.testing.assert_allclose(found, expect, rtol=case["tol"], atol=case["atol"])
    for i in refused:
        with pytest.raises(InputError, match="`value` must be"):
            call(case["call"], case["value"][i], {w: rows(a, [i]) for w, a in args.items()})


def test_every_name_has_its_row_and_no_other_has_one():
    assert set(METAFOR) == {f"transf.{name}" for name in NAMES}
    page = (Path(__file__).parents[2] / "docs" / "reference" / "conversions.md").read_text("utf-8")
    assert [name for name in METAFOR if f"| `{name}` | `convert(x, " not in page] == []
    assert METAFOR["transf.logortord"].code == "transf.lnortord"


@pytest.mark.parametrize("known", METAFOR.values(), ids=lambda known: known.code)
def test_rows_lead_over_edges_that_exist_and_say_so(known):
    assert known.edges
    assert set(known.edges) <= set(EDGES)
    assert known.call.startswith("convert(x, ")
    assert bool(known.sized_call) == bool(known.sized)


D = np.array([-1.2, -0.3, 0.0, 0.5, 2.0])
SIZES = {"n1i": [10.0, 20.0, 30.0, 5.0, 8.0], "n2i": [12.0, 10.0, 30.0, 9.0, 40.0]}
CUT = np.sqrt(0.25) / stats.norm.pdf(0)


@pytest.mark.parametrize(
    ("name", "args", "expect"),
    [
        ("dtocliffd", {}, 2 * stats.norm.cdf(D / np.sqrt(2)) - 1),
        ("dtorbis", {}, CUT * D / np.sqrt(D**2 + 4)),
        ("lnortod.norm", {}, D / 1.65),
        ("dtolnor.logis", {}, D * np.pi / np.sqrt(3)),
        ("lnortortet.pearson", {}, np.cos(np.pi / (1 + np.sqrt(np.exp(D))))),
        ("lnortortet.digby", {}, (np.exp(D) ** 0.75 - 1) / (np.exp(D) ** 0.75 + 1)),
    ],
)
def test_documented_formulas_that_have_no_stored_number(name, args, expect):
    np.testing.assert_allclose(call(f"transf.{name}", D, args), expect, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("there", "back"), [("dtorpb", "rpbtod"), ("dtorbis", "rtod")])
@pytest.mark.parametrize("args", [{}, SIZES], ids=["without sizes", "with sizes"])
def test_documented_inverses(there, back, args):
    middle = call(f"transf.{there}", D, args)
    np.testing.assert_allclose(call(f"transf.{back}", middle, args), D, rtol=1e-12, atol=1e-14)


def test_multiple_correlation_leads_back():
    r2 = np.array([0.0, 0.1, 0.36, 0.81])
    z = call("transf.r2toz", r2, {})
    np.testing.assert_allclose(call("transf.ztor2", z, {}), r2, rtol=1e-12)


BACK = {
    "ztor": (np.tanh, -np.inf, np.inf),
    "exp": (np.exp, -np.inf, np.inf),
    "ilogit": (lambda x: 1 / (1 + np.exp(-x)), -np.inf, np.inf),
    "iprobit": (stats.norm.cdf, -np.inf, np.inf),
    "iarcsin": (lambda x: np.sin(x) ** 2, 0, np.pi / 2),
    "iahw": (lambda x: 1 - (1 - x) ** 3, 0, 1),
    "iabt": (lambda x: -np.expm1(-x), 0, np.inf),
    "dtocles": (lambda x: stats.norm.cdf(x / np.sqrt(2)), -np.inf, np.inf),
}


@pytest.mark.parametrize("name", BACK)
@pytest.mark.parametrize(("mean", "tau2"), [(0.4, 0.05), (0.7, 0.02), (0.9, 0.3)])
def test_means_against_quad(name, mean, tau2):
    """Over the normal distribution cut at the ends of the scale and made whole again."""
    back, low, high = BACK[name]
    tau = np.sqrt(tau2)
    ends = max(low, mean - 12 * tau), min(high, mean + 12 * tau)

    def integral(function):
        parts = np.linspace(*ends, 9)
        return sum(
            integrate.quad(
                lambda x: function(x) * stats.norm.pdf(x, mean, tau), a, b, epsabs=1e-14
            )[0]
            for a, b in pairwise(parts)
        )

    expect = integral(back) / integral(np.ones_like)
    found = call(f"transf.{name}.int", mean, {"targs": {"tau2": tau2}})
    assert found == pytest.approx(expect, rel=1e-11)


@pytest.mark.parametrize("name", [name for name in BACK if name != "dtocles"])
@pytest.mark.parametrize(("mean", "tau2"), [(0.4, 0.01), (0.7, 0.005), (0.6, 0.015)])
def test_modes_against_the_density_on_the_converted_scale(name, mean, tau2):
    """The density is the slope of the share below, taken on the other side from the formulas."""
    back, low, high = BACK[name]
    tau = np.sqrt(tau2)
    ends = max(low, mean - 3 * tau) + 1e-3, min(high, mean + 3 * tau) - 1e-3
    grid = np.linspace(*ends, 200001)
    share = stats.norm.cdf(grid, mean, tau)
    density = np.diff(share) / np.diff(back(grid))
    peaks = np.flatnonzero((density[1:-1] > density[:-2]) & (density[1:-1] > density[2:])) + 1
    top = peaks[density[peaks].argmax()]
    found = call(f"transf.{name}.mode", mean, {"targs": {"tau2": tau2}})
    assert back(grid[top - 400]) < found < back(grid[top + 400])
    exact = optimize.brentq(
        lambda x: (mean - x) / tau2 - _log_slope_slope(name, x),
        grid[top - 400],
        grid[top + 400],
        xtol=1e-15,
    )
    assert found == pytest.approx(back(exact), rel=1e-11)


def _log_slope_slope(name: str, x: float) -> float:
    """Return the derivative of the log of the slope, by hand."""
    by_hand = {
        "ztor": -2 * np.tanh(x),
        "exp": 1.0,
        "ilogit": -np.tanh(x / 2),
        "iprobit": -x,
        "iarcsin": 2 / np.tan(2 * x),
        "iahw": -2 / (1 - x),
        "iabt": -1.0,
    }
    return by_hand[name]
