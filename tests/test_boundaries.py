"""Areas lie in larger ones, and the lots of dealers in their cities."""

from __future__ import annotations

import pytest

from generator.domains.core.areas import areas
from tests.world import broken, drawn, frame, planned


@pytest.fixture(scope="module")
def world():
    plan = planned({"deal": 30, "dealer": 3, "vehicle_telemetry_event": 0}, seed=2)
    return plan, drawn(plan)


def test_every_area_lies_in_a_larger_one(world):
    assert broken(*world) == {}
    rows = frame(world[1], "geographic_boundary").set_index("geographic_boundary_key")
    around = rows["parent_boundary_key"].map(rows["name"])
    assert around[rows["name"] == "Santa Clara"].tolist() == ["California"]
    assert rows.loc[rows["name"] == "Santa Clara", "geographic_code"].tolist() == ["06085"]
    assert rows.loc[rows["name"] == "Texas", "geographic_code"].tolist() == ["US-TX"]


def test_every_dealer_has_its_lot_where_it_is(world):
    rows = frame(world[1], "geographic_boundary").set_index("geographic_boundary_key")
    lots = rows[rows["geographic_type"] == "TELEMATICS"]
    assert len(lots) == 3
    city = lots["parent_boundary_key"].map(rows["center_latitude"])
    assert (city - lots["center_latitude"]).abs().max() < 1


@pytest.mark.parametrize("asked", [4, 60, len(areas()) + 3])
def test_as_many_as_asked_the_larger_ones_first(asked):
    plan = planned({"deal": 30, "dealer": 3, "geographic_boundary": asked}, seed=2)
    rows = frame(drawn(plan), "geographic_boundary")
    assert len(rows) == asked
    missing = rows["parent_boundary_key"].dropna()
    assert set(missing) <= set(rows["geographic_boundary_key"])
