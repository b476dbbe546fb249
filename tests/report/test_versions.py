"""Every effect that is written as a call of escalc is what escalc computes, measure by measure."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.effects.register import MEASURES
from metarel.report._analysis import _escalc
from metarel.report._r import _escalc as written
from metarel.report._versions import MEASURES_CHANGED, RULES_CHANGED, change_of

ROOT = Path(__file__).resolve().parents[2]
RSCRIPT = shutil.which("Rscript")
#: Cells by count, where the examples have sizes.
OTHERS = {"non_events1": ("n1", "events1"), "non_events2": ("n2", "events2"),
          "non_events": ("n", "events")}  # fmt: skip


def examples() -> dict[str, dict[str, list[float]]]:
    """Inputs of every design, from the tests of the register."""
    path = ROOT / "tests" / "effects" / "test_register.py"
    spec = importlib.util.spec_from_file_location("examples_of_measures", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.EXAMPLES


def effects() -> dict[str, tuple[pd.DataFrame, Any, str]]:
    """Every measure, rule and set of inputs: its frame, and the call of escalc or why not."""
    found = {}
    for measure in MEASURES.values():
        data = pd.DataFrame(given[measure.design.code])
        for word, (whole, part) in OTHERS.items():
            if {whole, part} <= set(data) and word not in data:
                data[word] = data[whole] - data[part]
        ways = [way for way in measure.ways if set(way) <= set(data)]
        for rule, way in ((rule, way) for rule in measure.rules for way in ways):
            words = {word: word for word in way if word not in ("yi", "vi")}
            es = mr.effect_sizes(data, measure.code, variance=rule.code, replace=True, **words)
            call, why = _escalc(es.attrs["effect_sizes"])
            found[f"{measure.code} {rule.code} {' '.join(way)}"] = (es, call, why)
    return found


given = examples()


@pytest.mark.skipif(RSCRIPT is None, reason="R is not here")
def test_escalc_gives_every_effect_that_is_written_as_its_call() -> None:
    calls = {name: (es, call) for name, (es, call, _) in effects().items() if call is not None}
    lines = ["suppressMessages({library(metafor); library(jsonlite)}); out <- list()"]
    for name, (es, call) in calls.items():
        columns = ", ".join(
            f"{c} = c({', '.join(repr(float(v)) for v in es[c])})" for c in call.inputs.values()
        )
        lines.append(f"dat <- data.frame({columns}); e <- suppressWarnings({written(call)})")
        lines.append(f"out[[{name!r}]] <- list(yi = c(e$yi), vi = c(e$vi))")
    lines.append('cat(toJSON(out, digits = NA, na = "null"))')
    done = subprocess.run(
        [str(RSCRIPT), "-"], input="\n".join(lines), capture_output=True, text=True, check=False
    )
    if "there is no package called" in done.stderr:
        pytest.skip("metafor or a package that it needs is not here")
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout)
    for name, (es, _) in calls.items():
        for word in ("yi", "vi"):
            np.testing.assert_allclose(
                np.array(theirs[name][word], dtype=float), es[word], rtol=1e-9, err_msg=name
            )
    assert len({name.split()[0] for name in calls}) >= 50


def test_what_versions_of_metafor_differ_in_is_never_written_as_a_call() -> None:
    rules = {(m.code, rule.code) for m in MEASURES.values() for rule in m.rules}
    assert set(MEASURES_CHANGED) <= set(MEASURES)
    assert set(RULES_CHANGED) <= rules
    for name, (_, call, why) in effects().items():
        changed = change_of(*name.split()[:2])
        assert not (changed and call is not None), name
        if changed:
            assert "metafor" in why
    assert change_of("SMDH", "LS") == "metafor before 4.6 takes another variance of SMDH"
    assert change_of("CLES", "LS") == "metafor 3.8 has no CLES"
    assert not change_of("SMD", "LS")


def test_the_reason_stands_in_the_text() -> None:
    data = pd.DataFrame(given["two means"])
    es = mr.effect_sizes(
        data, "SMDH", **{word: word for word in ("m1", "sd1", "n1", "m2", "sd2", "n2")}
    )
    text = mr.code(mr.pool(es), "R", data=es)
    assert "# yi and vi themselves: metafor before 4.6 takes another variance of SMDH." in text
    assert "escalc" not in text
