"""The whole world cut anywhere: nothing later is in it, what is open is open, all rules hold, and
a later cut is the same world, one further on."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

import generator
from generator.domains import PLATFORM
from generator.summary import tables_of
from generator.validate import validate
from tests.world import broken, drawn, planned

ROWS = {"deal": 60, "dealer": 3, "vehicle_telemetry_event": 3_000}
DAYS = ("2025-02-11", "2025-06-30", "2025-11-27", "2025-12-31")


@pytest.fixture(scope="module")
def worlds():
    return {day: drawn(planned(ROWS, as_of=day)) for day in DAYS}


@pytest.mark.parametrize("day", DAYS)
def test_every_rule_holds_at_any_day(worlds, day):
    profile = generator.automotive()
    tables = tables_of(profile.schema, worlds[day])
    report = validate(profile.schema, profile.rules, tables, as_of=date.fromisoformat(day))
    said = {
        rule["id"]: (rule["table"], rule["broken"], rule["reason"])
        for rule in report["rules"]
        if rule["broken"] and rule["level"] == "error"
    }
    assert said == {}
    assert report["links"]["orphans"] == 0


def test_the_application_of_a_deal_that_is_given_up_was_decided_before():
    """A deal of 60 that is given up hours after its application, cut that night (R051)."""
    plan = planned({"deal": 60}, seed=5, as_of="2025-07-16")
    assert broken(plan, drawn(plan)) == {}


@pytest.mark.parametrize("one", PLATFORM.tables, ids=lambda one: one.name)
def test_what_is_known_stays_known(worlds, one):
    key = one.table.key
    keys = [set(worlds[day][one.name].column(key).to_pylist()) for day in DAYS]
    for earlier, later in pairwise(keys):
        assert earlier <= later


def test_a_cut_holds_less_than_the_whole(worlds):
    rows = {day: sum(table.num_rows for table in worlds[day].values()) for day in DAYS}
    first, *_, last = rows.values()
    assert first < last / 2
    assert list(rows.values()) == sorted(rows.values())
