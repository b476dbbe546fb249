"""Tables as papers print them: whose p a column holds, several moderators, marks about numbers."""

from __future__ import annotations

import pandas as pd
import pytest

import metarel as mr

NAMES = ("Moderator", "k", "N", "r", "95% CI")
CLIENT = ("Client", "12", "1200", ".30", "[.24, .36]")
THERAPIST = ("Therapist", "8", "700", ".22", "[.14, .30]")
OVERALL = ("Overall", "20", "1900", ".27", "[.22, .32]")


def frame(names: tuple[str, ...], *rows: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(names))


@pytest.mark.parametrize(
    ("more", "cells", "read"),
    [
        (("Q", "p"), ("14.2", ".22"), {"Q": "14.2", "Q_p": ".22"}),
        (("Q", "df", "p"), ("14.2", "11", ".22"), {"Q": "14.2", "Q_df": "11", "Q_p": ".22"}),
        (("Q", "I2", "p"), ("14.2", "23%", ".22"), {"Q": "14.2", "I2": "23%"}),
        (("p", "Q"), ("<.001", "14.2"), {"p": "<.001", "Q": "14.2"}),
    ],
)
def test_a_column_of_p_belongs_to_the_test_before_it(
    more: tuple[str, ...], cells: tuple[str, ...], read: dict[str, str]
) -> None:
    found = mr.check(frame((*NAMES, *more), (*CLIENT, *cells)))
    assert found.ok, str(found)
    figures = {f.name: f.printed.text for f in found.groups[0]}
    own = {"k", "N", "r", "estimate", "ci_low", "ci_high"}
    assert {name: text for name, text in figures.items() if name not in own} == read
    assert bool([told for told in found.unread if "behind I2" in told]) == ("I2" in more)


def test_a_wrong_p_of_q_in_a_table_is_found() -> None:
    found = mr.check(frame((*NAMES, "Q", "df", "p"), (*CLIENT, "34.2", "11", ".22")))
    assert [finding.code for finding in found.problems] == ["p of Q"]


def test_levels_of_several_moderators_each_add_up_to_the_total() -> None:
    rct, other = ("RCT", "9", "800", ".25", "[.18, .32]"), ("Other", "11", "1100", ".29", "")
    found = mr.check(frame(NAMES, OVERALL, CLIENT, THERAPIST, rct, other))
    assert found.ok, str(found)
    lost = mr.check(frame(NAMES, OVERALL, CLIENT, THERAPIST, rct, ("Other", "10", "1100", "", "")))
    assert "sum of k" in {finding.code for finding in lost.problems}


def test_numbers_with_raised_points_dashes_and_stars_are_read() -> None:
    found = mr.check(frame(("study", "d", "ci"), ("A", "–0·30*", "–0·50–0·10"), ("B", "0.2†", "")))
    assert found.unread == ()
    texts = [{f.name: f.printed.text for f in group} for group in found.groups]
    assert texts[0] == {"d": "-0.30", "ci_low": "-0.50", "ci_high": "0.10"}
    assert texts[1]["d"] == "0.2"
