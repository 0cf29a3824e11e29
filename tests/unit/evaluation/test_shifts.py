"""Before and after, sort by sort, at one threshold."""

import numpy as np
import pandas as pd
import pytest

from seg_ml.evaluation.shifts import Shift, shifts, shifts_figures, shifts_markdown


@pytest.fixture
def found() -> list[Shift]:
    rows = pd.DataFrame({"label": ["ham"] * 4 + ["spam"] * 4})
    before = np.array([0.9, 0.9, 0.1, 0.1, 0.9, 0.9, 0.9, 0.1])
    after = np.array([0.1, 0.9, 0.1, 0.1, 0.9, 0.9, 0.1, 0.1])
    everything, nothing = np.ones(8, bool), np.zeros(8, bool)
    return shifts({"own": everything, "none": nothing}, rows, before, after, 0.5)


def test_a_shift_for_each_side_that_has_mail(found: list[Shift]) -> None:
    assert found == [Shift("own", False, 4, 0.5, 0.25), Shift("own", True, 4, 0.75, 0.5)]
    assert [shift.worse for shift in found] == [-0.25, 0.25]


def test_as_a_table_and_as_figures(found: list[Shift]) -> None:
    assert "| own | recall | 4 | 75.0 %" in shifts_markdown(found, 0.5)
    assert shifts_figures(found)["own false positives"] == {"messages": 4, "before": 0.5, "after": 0.25}
