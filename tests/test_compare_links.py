"""Scores along links and over time, against values worked out by hand."""

import numpy as np
import pyarrow as pa
import pytest

from generator.compare import compare
from generator.compare.aggregates import _moments
from generator.compare.learning import FOLDS, folds_of
from generator.compare.rows import TableRows
from generator.compare.series import _parts
from generator.errors import RequestError
from generator.infer import infer, typed
from generator.schema import Column, Kind, Link, Schema, Table
from generator.summary import tables_of
from tests.extracts import random

CUSTOMER = Table(
    "customer",
    (Column("id", Kind.INTEGER, unique=True), Column("region", Kind.ENUM, values=("N", "S"))),
    key="id",
)
VISIT = Table(
    "visit",
    (
        Column("customer", Kind.INTEGER),
        Column("kind", Kind.ENUM, values=("a", "b")),
        Column("due", Kind.DATE),
        Column("done", Kind.DATE),
    ),
    links=(Link("customer", "customer", "id", "parent"),),
)
SCHEMA = Schema((CUSTOMER, VISIT))


def shop(*, seed, fits=True, stays=True, gap=30, ordered=True, many=4):
    """300 customers with visits: the kind fits the region, and stays from visit to visit."""
    rng = random(seed)
    region = rng.integers(0, 2, 300)
    owner = np.repeat(np.arange(300), rng.integers(1, many + 1, 300))
    liked = (region + (rng.random(300) < 0.1)) % 2 if stays else rng.integers(0, 2, 300)
    kind = liked[owner] if stays else rng.integers(0, 2, len(owner))
    kind = kind if fits else rng.permutation(kind)
    step = rng.integers(1, 2 * gap, len(owner))
    place = np.arange(len(owner)) - np.searchsorted(owner, owner)
    start = np.cumsum(step) - np.cumsum(step)[np.searchsorted(owner, owner)]
    due = np.datetime64("2024-01-01") + start + (place == 0) * rng.integers(0, 20, len(owner))
    late = rng.integers(0, 9, len(owner)) - (0 if ordered else 4)
    made = {
        "customer": pa.table({"id": np.arange(300), "region": np.array(["N", "S"])[region]}),
        "visit": pa.table(
            {
                "customer": owner,
                "kind": np.array(["a", "b"])[kind],
                "due": pa.array(due.astype("datetime64[D]")),
                "done": pa.array((due + late).astype("datetime64[D]")),
            }
        ),
    }
    return tables_of(SCHEMA, made)


REAL = shop(seed=1)
LINK = "visit.customer → customer"


def scored(**more):
    return compare(REAL, shop(seed=2, **more), shop(seed=3))


def test_like_tables_reach_what_real_ones_do():
    found = scored()
    link = found["scores"]["links"]["links"][LINK]
    for measure in ("cardinality", "joins", "siblings"):
        assert link[measure]["score"] == pytest.approx(link[measure]["ceiling"], abs=0.06)
    assert not [one for one in found["verdicts"] if one["level"] == "poor"]


@pytest.mark.parametrize(
    ("broken", "measure"),
    [
        ({"fits": False}, "joins"),
        ({"stays": False}, "siblings"),
        ({"many": 9}, "cardinality"),
    ],
)
def test_what_breaks_along_a_link_is_seen(broken, measure):
    found = scored(**broken)
    link = found["scores"]["links"]["links"][LINK]
    assert link[measure]["score"] < link[measure]["ceiling"] - 0.05
    poor = {one["measure"] for one in found["verdicts"] if one["level"] != "good"}
    assert measure in poor


def test_gaps_and_orders_of_moments_are_seen():
    found = scored(gap=90, ordered=False)["scores"]["series"]
    (gap,) = [one for one in found["gaps"] if one["child"] == "visit"]
    assert gap["score"] < gap["ceiling"] - 0.2
    (order,) = found["order"]
    assert (order["first"], order["second"]) == ("due", "done")
    assert order["score"] < 0.7
    assert order["ceiling"] == 1
    kept = scored()["scores"]["series"]["order"]
    assert [one["score"] for one in kept] == [1.0]


def test_parts_of_moments_by_hand():
    moments = np.array(["2024-02-29T13:00", "2024-03-01T00:00"], dtype="datetime64[ms]")
    found = _parts(np.array([*moments.astype(np.int64), np.nan]))
    assert np.flatnonzero(found["hour"]).tolist() == [0, 13]
    assert np.flatnonzero(found["weekday"]).tolist() == [3, 4]  # a Thursday and a Friday
    assert np.flatnonzero(found["day of the month"]).tolist() == [0, 28]
    assert np.flatnonzero(found["month"]).tolist() == [1, 2]


def test_moments_of_children_by_hand():
    values, parent = np.array([1.0, 3, 10, np.nan]), np.array([0, 0, 1, 1])
    found = dict(_moments(values, parent, 3))
    assert found["mean"].tolist()[:2] == [2, 10]
    assert found["deviation"].tolist()[:2] == [1, 0]
    assert found["least"].tolist()[:2] == [1, 10]
    assert found["largest"].tolist()[:2] == [3, 10]
    assert all(np.isnan(values[2]) for values in found.values())


def test_what_sums_leave_over_tells_nothing_of_the_side():
    """Parents whose children all have one value, among others that differ from side to side."""
    for more in (3.7, 91.3):
        values = np.concatenate([np.zeros(7), np.full(5, 0.1), np.full(40, more)])
        parent = np.repeat([0, 1, 2], [7, 5, 40])
        found = dict(_moments(values, parent, 3))
        assert found["mean"][0] == 0.0
        assert found["mean"][1] == np.float32(0.1)
        assert (found["deviation"] == 0.0).all()


def test_linked_tables_with_an_empty_column_are_compared():
    """A table too short to split once ended in a traceback, as did a column without values."""
    customer = {"id": np.arange(120), "note": pa.nulls(120, pa.string())}
    raw = {
        "customer": pa.table(customer),
        "visit": pa.table({"customer": np.arange(120) % 60, "n": pa.nulls(120, pa.float64())}),
    }
    schema = infer(raw)
    schema = Schema(
        (schema["customer"], Table("visit", schema["visit"].columns, links=VISIT.links))
    )
    tables = tables_of(schema, typed(raw, schema))
    found = compare(tables, tables)
    assert found["scores"]["relations"]["customer"]["auc"] is not None


def test_a_holdout_that_lacks_a_table_is_named():
    lacking = tables_of(Schema((CUSTOMER,)), {"customer": pa.table({"id": [1], "region": ["N"]})})
    with pytest.raises(RequestError, match="holdout has no table visit"):
        compare(REAL, REAL, lacking)


def test_folds_keep_families_together_and_are_of_one_size():
    rng = random(7)
    group = rng.permutation(np.repeat(np.arange(200), rng.integers(1, 9, 200)))
    rows = TableRows("t", len(group), len(group), {}, group)
    folds = folds_of(rows, "first", 0)
    assert all(len(set(folds[group == one])) == 1 for one in range(200))
    sizes = np.bincount(folds, minlength=FOLDS)
    assert sizes.max() - sizes.min() < 0.1 * sizes.mean()
    assert (folds != folds_of(rows, "second", 0)).mean() > 0.6


def test_classifiers_and_figures_are_held_against_rows_no_fit_has_seen():
    """Copies of the learnt rows are not told from those, but well from other rows."""
    rng = random(5)
    one = Table("car", (Column("price", Kind.FLOAT), Column("age", Kind.FLOAT)))
    schema = Schema((one,))

    def cars(price):
        cells = {"price": rng.normal(price, 1, 800), "age": rng.normal(0, 1, 800)}
        return tables_of(schema, {"car": pa.table(cells)})

    learnt, unseen = cars(0.0), cars(3.0)
    scores = compare(learnt, learnt, holdout=unseen)["scores"]
    assert scores["detection"]["against"] == "unseen rows"
    assert scores["detection"]["auc"] > 0.9
    assert scores["detection"]["tables"]["car"]["learnt"] <= 0.5
    assert {one["figure"] for one in scores["figures"] if not one["met"]} >= {"mean"}
