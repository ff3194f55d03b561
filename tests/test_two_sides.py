"""From rows to the drawn trace: what is called synthetic is counted on the bundle, what is called
reference on the extract.  The two differ in everything, so nothing can stand in for the other."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from generator.compare import compare_profile
from generator.profile import Plan, Profile
from generator.recipe import Recipe
from generator.schema import Column, Kind, Link, Schema, Table
from generator.summary import summarize, tables_of
from portal import charts

SHOP = Table("shop", (Column("shop_key", Kind.TEXT, unique=True),), key="shop_key")
SALE = Table(
    "sale",
    (
        Column("sale_key", Kind.TEXT, unique=True),
        Column("shop_key", Kind.TEXT),
        Column("state", Kind.ENUM, values=("NEW", "USED")),
        Column("size", Kind.ENUM, values=("BIG", "SMALL")),
        Column("price", Kind.FLOAT),
        Column("rate", Kind.FLOAT, nullable=True),
        Column("sold", Kind.DATE),
    ),
    key="sale_key",
    links=(Link("shop_key", "shop", "shop_key", "parent"),),
)
SCHEMA = Schema((SHOP, SALE))
SPAN = Plan(Recipe(start=date(2025, 1, 1), stop=date(2025, 2, 28)), (), ())
ROWS = 4_000


def sales(*, new, january, lost, shops, alike):
    """``new`` of the sales are of new cars, ``january`` of January, ``lost`` rates are missing, the
    shops share them evenly; if ``alike``, all new cars are big."""
    at = np.arange(ROWS)
    mixed = at * 1_237 % ROWS / ROWS
    state = np.where(mixed < new, "NEW", "USED")
    other = at * 2_741 % ROWS / ROWS
    size = np.where((mixed if alike else other) < new, "BIG", "SMALL")
    rate = pa.array(np.where(other < lost, np.nan, 3 + mixed), from_pandas=True)
    days = [
        date(2025, 1 if share < january else 2, 1 + row % 28) for row, share in enumerate(other)
    ]
    sold = {
        "sale_key": [f"SALE-{row}" for row in at],
        "shop_key": [f"SHOP-{row}" for row in at % shops],
        "state": state,
        "size": size,
        "price": 10_000 + 20_000 * mixed ** (1 / new),
        "rate": rate,
        "sold": pa.array(days, pa.date32()),
    }
    keys = [f"SHOP-{shop}" for shop in range(40)]
    made = {"shop": pa.table({"shop_key": keys}), "sale": pa.table(sold)}
    return tables_of(SCHEMA, made)


EXTRACT = {"new": 0.25, "january": 0.9, "lost": 0.1, "shops": 20, "alike": True}
BUNDLE = {"new": 0.75, "january": 0.4, "lost": 0.3, "shops": 40, "alike": False}


@pytest.fixture(scope="module")
def tables():
    return {"reference": sales(**EXTRACT), "synthetic": sales(**BUNDLE)}


@pytest.fixture(scope="module")
def comparison(tables):
    summary = summarize(tables["reference"], k=1)
    profile = Profile("f", "1", "F", "fitted", SCHEMA, None, summary=summary)
    return compare_profile(profile, tables["synthetic"], SPAN)


def column(comparison, name):
    return next(entry for entry in comparison["columns"] if entry["column"] == name)


def values(tables, side, name):
    return np.array(tables[side].arrow("sale", name).to_pylist(), dtype=float)


def test_shares_of_categories(comparison):
    state = column(comparison, "state")
    at = state["labels"].index("NEW")
    assert (state["synthetic"][at], state["reference"][at]) == (0.75, 0.25)


@pytest.mark.parametrize("side", ["synthetic", "reference"])
def test_shares_of_bins(comparison, tables, side):
    price = column(comparison, "price")
    rows = values(tables, side, "price")
    inside = [np.mean((rows >= low) & (rows < high)) for low, high in pairwise(price["edges"])]
    assert price[side][1:-1] == pytest.approx(inside[1:-1], abs=0.002)
    assert price["synthetic"] != price["reference"]


def test_shares_of_missing_values(comparison):
    missing = column(comparison, "rate")["missing"]
    assert missing == pytest.approx({"synthetic": 0.3, "reference": 0.1})


def test_rows_by_month(comparison):
    (months,) = comparison["calendar"]
    assert months["months"] == ["2025-01", "2025-02"]
    assert months["synthetic"] == [1600, 2400]
    assert months["reference"] == pytest.approx([3600, 400])


def test_children_per_parent(comparison):
    (family,) = comparison["children"]
    assert family["mean"] == {"synthetic": 100.0, "reference": 100.0}
    assert (family["synthetic"][0], family["reference"][0]) == (0.0, 0.5)


def test_dependence(comparison):
    sale = comparison["dependence"]["sale"]
    state, size = (sale["columns"].index(name) for name in ("state", "size"))
    here, there = sale["synthetic"][state][size], sale["reference"][state][size]
    assert here < 0.1
    assert there > 0.9
    assert sale["difference"][state][size] == pytest.approx(here - there, abs=0.002)


def test_what_is_drawn_is_what_was_counted(comparison):
    """Whatever kind draws it: the trace of each name holds that side's numbers."""
    drawn = {
        chart.column: {trace["name"]: trace for trace in chart.figure["data"]}
        for section in charts.sections(comparison)
        for chart in section.charts
        if section.gallery.id == "distributions"
    }
    state = column(comparison, "state")
    for side in ("synthetic", "reference"):
        assert drawn["state"][side]["y"] == state[side]
    tall = {side: np.argmax(drawn["price"][side]["y"]) for side in ("synthetic", "reference")}
    assert tall["reference"] != tall["synthetic"]
