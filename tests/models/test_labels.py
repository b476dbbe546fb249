"""Names of studies are made when asked for, and read as a tuple of text."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.models._labels import Labels


def test_numbers_and_values() -> None:
    plain = Labels(np.array([0, 2, 5]))
    assert plain == ("Study 1", "Study 3", "Study 6")
    assert (len(plain), plain[-1], list(plain[1:])) == (3, "Study 6", ["Study 3", "Study 6"])
    named = Labels(np.array([2, 0]), np.array(["a", "b", 7], dtype=object))
    assert named == ["7", "a"]
    assert named.take(np.array([False, True])) == ("a",)
    assert hash(named) == hash(("7", "a"))
    assert repr(named) == "('7', 'a')"
    assert named != "7a"
    assert "a" in named
    with pytest.raises(IndexError):
        plain[3]


def test_a_fit_keeps_its_names_when_the_frame_changes() -> None:
    frame = pd.DataFrame({"study": ["x", "y", "z"], "yi": [0.1, 0.2, 0.3], "vi": [0.1, 0.1, 0.1]})
    fit = mr.pool(frame)
    frame.loc[0, "study"] = "changed"
    frame["study"] = "all"
    assert fit.study.labels == ("x", "y", "z")
    assert list(fit.weights().index) == ["x", "y", "z"]
    given = mr.pool(yi=[0.1, 0.2], vi=[0.1, 0.1], labels=["p", "q"])
    assert given.study.labels == ("p", "q")
