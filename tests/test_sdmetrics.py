"""Our scores are those of SDMetrics.

Every number was computed once with sdmetrics 0.29.0 (``QualityReport``) on the same rows.
"""

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from generator.compare import sdmetrics
from generator.compare.rows import rows_of
from generator.compare.sdmetrics import both_ways, pair_trends, quality
from generator.infer import infer, typed
from generator.read import read
from generator.summary import summarize, tables_of
from tests.extracts import cars, ready

UK_CARS = Path(__file__).parents[2] / "shared" / "data" / "ukcars"


def side(tables, schema, *, name):
    known = tables_of(schema, tables)
    (table,) = schema.names
    roles = {column: c.role for column, c in summarize(known).tables[table].columns.items()}
    return rows_of(known, table, roles, name=name)


@pytest.fixture(scope="module")
def sides():
    """1,500 cars twice; one car of the first is of 1950, which moves every edge of its years."""
    columns = cars(1500, seed=1).to_pydict()
    columns["year"][0] = "1950"
    first = side(*ready(pa.table(columns)), name="real")
    return first, side(*ready(cars(1500, seed=2)), name="synthetic")


def test_shapes_and_trends_are_those_of_sdmetrics(sides):
    found = quality([sides[0]], [sides[1]])
    assert found["column_shapes"] == pytest.approx(0.973728, abs=1e-5)
    assert found["column_pair_trends"] == pytest.approx(0.929839, abs=1e-5)
    assert found["overall"] == pytest.approx(0.951783, abs=1e-5)


def test_which_pairs_count_is_asked_of_the_first_side(sides):
    found = both_ways([sides[0]], [sides[1]])
    assert found["column_pair_trends_exchanged"] == pytest.approx(0.936255, abs=1e-5)
    counting = {(p.first, p.second): p.score for p in pair_trends(*sides) if p.counts}
    assert counting == pytest.approx(
        {
            ("make", "model"): 0.965333,
            ("make", "price"): 0.922667,
            ("model", "price"): 0.867333,
            ("year", "mileage"): 0.964021,
        },
        abs=1e-6,
    )


@pytest.mark.skipif(not UK_CARS.exists(), reason="the ukcars data set is not here")
def test_one_outlier_decides_the_trends_of_ukcars():
    """The halves hold one car of 1970 and one of 2060: model and year score 0.0001 under their own
    edges, and count only where Cramér's V of model and year is above 0.3, which is in train."""
    raw = {name: read(UK_CARS / f"{name}.csv")[name] for name in ("train", "holdout")}
    schema = infer({"train": raw["train"]})
    train, holdout = (
        side(typed({"train": rows}, schema), schema, name=name) for name, rows in raw.items()
    )
    found = both_ways([train], [holdout])
    assert found["column_shapes"] == pytest.approx(0.993441, abs=1e-5)
    assert found["column_pair_trends"] == pytest.approx(0.901613, abs=1e-5)
    assert found["column_pair_trends_exchanged"] == pytest.approx(0.970962, abs=1e-5)


def test_columns_of_a_label_a_row_are_counted_without_their_whole_table(monkeypatch):
    rng = np.random.Generator(np.random.PCG64(5))
    codes = [rng.integers(0, 40, 3000) for _ in range(4)]
    whole = sdmetrics.contingency(*codes)
    monkeypatch.setattr(sdmetrics, "MOST_CELLS", 10)
    assert sdmetrics.contingency(*codes) == pytest.approx(whole, abs=1e-12)
    lone = np.zeros(3000, dtype=np.int64)
    assert math.isnan(sdmetrics.contingency(lone, codes[1], lone, codes[3])[1])
    monkeypatch.undo()
    keys = rng.permutation(100_000)
    score, strength = sdmetrics.contingency(keys, keys, keys, keys[::-1])  # 10**10 cells
    assert (round(score, 3), round(strength, 3)) == (0.0, 1.0)
