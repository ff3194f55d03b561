"""What a fit decides shows in the profile: exact maps, the order of columns, where cells split."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from generator.fit import LEAF_ROWS, K, Way, fit
from tests.extracts import random, ready
from tests.test_fit import drawn

ROWS = 3_000


def learnt(columns: dict[str, list[str]], way: Way | None = None):
    return fit(*ready(pa.table(columns), "t"), name="t", way=way)


def column_of(profile, name):
    return profile.world.tables["t"].columns[name]


def text(values) -> list[str]:
    return [str(value) for value in values]


@pytest.fixture(scope="module")
def numbers():
    """``curve`` follows from ``base``, but ``base`` not from it; ``noise`` has to do with none."""
    rng = random(3)
    base = rng.normal(0, 100, ROWS)
    return {
        "curve": text(np.round(base**2 + rng.normal(0, 30, ROWS), 3)),
        "noise": text(np.round(rng.normal(0, 100, ROWS), 3)),
        "base": text(np.round(base, 3)),
    }


@pytest.fixture(scope="module")
def of_numbers(numbers):
    return learnt(numbers)


def test_a_label_that_few_rows_have_keeps_what_it_determines():
    """25 rows a code are less than a cell holds here, so that no tree could tell codes apart."""
    rng = random(1)
    code = np.repeat(np.arange(120), 25)
    group = rng.integers(0, 40, 120)[code]
    profile = learnt(
        {"code": [f"c{n:03d}" for n in code], "group": [f"g{n:02d}" for n in group]}, Way(leaf=60)
    )
    assert column_of(profile, "group").map_of == "code"
    made = drawn(profile, ROWS, name="t")
    real = dict(zip((f"c{n:03d}" for n in code), (f"g{n:02d}" for n in group), strict=True))
    pairs = zip(made["code"].to_pylist(), made["group"].to_pylist(), strict=True)
    told = [(code, group) for code, group in pairs if code in real]
    assert len(told) > 0.95 * ROWS
    assert all(real[code] == group for code, group in told)


def test_the_most_predictable_number_comes_last(of_numbers):
    order = list(of_numbers.world.tables["t"].columns)
    assert order.index("curve") > order.index("base")
    assert order[-1] == "curve"


def test_a_column_is_learnt_from_earlier_ones_only(of_numbers):
    order = list(of_numbers.world.tables["t"].columns)
    for place, name in enumerate(order):
        told = {predictor.column for predictor in column_of(of_numbers, name).predictors}
        assert told <= set(order[:place])


def test_cells_split_where_something_is_told_and_not_where_nothing_is(numbers):
    """In the usual way; a trial may find that finer cells spread rows more evenly."""
    profile = learnt(numbers, Way())
    order = list(profile.world.tables["t"].columns)
    idle = max(("noise", "base"), key=order.index)  # follows from nothing that comes before it
    assert column_of(profile, idle).tree.cells <= 12
    assert column_of(profile, "curve").tree.cells > 40


def test_no_cell_rests_on_fewer_rows_than_the_setting(of_numbers):
    assert LEAF_ROWS >= K >= 20
    for name in of_numbers.world.tables["t"].columns:
        assert column_of(of_numbers, name).tree.cells <= ROWS / LEAF_ROWS


@pytest.mark.parametrize(
    ("way", "fewer"), [(Way(gain=1e6), 1), (Way(leaf=600), 5)], ids=["gain", "leaf"]
)
def test_the_settings_of_splits_are_heeded(numbers, way, fewer):
    assert column_of(learnt(numbers, way), "curve").tree.cells <= fewer


def test_without_a_gain_cells_would_follow_noise(numbers):
    profile = learnt(numbers, Way(gain=0.0))
    order = list(profile.world.tables["t"].columns)
    idle = max(("noise", "base"), key=order.index)
    assert column_of(profile, idle).tree.cells > 60
