"""Alerts bring visits: exact in number, within days, to work that fits; the order closes them."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from generator.domains.service.operations import operations
from tests.world import broken, drawn, frame, planned, small_world

MENDED = {
    code: {one.code for one in operations() if code in one.faults}
    for one in operations()
    for code in one.faults
}


@cache
def told() -> dict[str, pd.DataFrame]:
    """A world in which cars tell much."""
    plan = planned({"deal": 60, "vehicle_alert": 900, "repair_order": 650}, seed=4)
    rows = drawn(plan)
    assert broken(plan, rows) == {}
    names = ("vehicle_alert", "service_appointment", "repair_order", "repair_order_line")
    return {name: frame(rows, name) for name in (*names, "labor_operation")}


@cache
def visits() -> pd.DataFrame:
    """Alerts with the visits that they brought."""
    world = told()
    brought = world["service_appointment"].dropna(subset=["trigger_vehicle_alert_key"])
    return brought.merge(
        world["vehicle_alert"],
        left_on="trigger_vehicle_alert_key",
        right_on="vehicle_alert_key",
        suffixes=("", "_told"),
    ).merge(world["repair_order"], on="service_appointment_key", suffixes=("", "_order"))


def test_alerts_bring_visits_within_days_and_orders_stay_exact():
    found = visits()
    assert len(told()["repair_order"]) == 650
    assert len(told()["vehicle_alert"]) == 900
    assert len(found) > 30
    assert found["trigger_vehicle_alert_key"].is_unique
    waited = found["appointment_start_date_time"] - found["created_date_time"]
    assert waited.min() > pd.Timedelta(hours=8)
    assert waited.max() <= pd.Timedelta(days=14)
    assert waited.median() < pd.Timedelta(days=6)  # not a visit that would have been made anyway
    assert (found["booked_date_time"] > found["created_date_time"]).all()


def test_the_work_fits_what_was_told():
    lines = told()["repair_order_line"].merge(
        told()["labor_operation"][["labor_operation_key", "operation_code"]],
        on="labor_operation_key",
    )
    done = lines.groupby("repair_order_key")["operation_code"].agg(set)
    said = lines.groupby("repair_order_key")["cause_text"].agg(" ".join)
    coded = visits().dropna(subset=["diagnostic_trouble_code"])
    assert len(coded) > 5
    for code, order in zip(
        coded["diagnostic_trouble_code"], coded["repair_order_key"], strict=True
    ):
        assert done[order] & MENDED[code], (code, done[order])
    named = [
        code in said[order].upper()
        for code, order in zip(
            coded["diagnostic_trouble_code"], coded["repair_order_key"], strict=True
        )
    ]
    assert sum(named) > len(named) / 2  # who writes of codes writes this one
    recalled = visits()[visits()["alert_type"] == "RECALL"]
    assert (recalled["appointment_type"] == "RECALL").all()


def test_the_order_closes_the_alert():
    closed = visits()[visits()["repair_status_type"] == "CLOSED"]
    assert len(closed) > 30
    assert set(closed["alert_status_type"]) == {"CLOSED"}
    assert (closed["resolved_date_time"] == closed["completed_date_time"]).all()


def test_a_cut_between_alert_and_order_shows_an_open_alert():
    one = visits().sort_values("created_date_time").iloc[len(visits()) // 2]
    day = one["created_date_time"].date().isoformat()
    cut = drawn(planned({"deal": 60, "vehicle_alert": 900, "repair_order": 650}, seed=4, as_of=day))
    alert = frame(cut, "vehicle_alert").set_index("vehicle_alert_key").loc[one.vehicle_alert_key]
    assert alert["alert_status_type"] in {"ACTIVE", "ACKNOWLEDGED", "IN_PROGRESS"}
    assert pd.isna(alert["resolved_date_time"])


@pytest.mark.parametrize("asked", [{"repair_order": 0}, {"vehicle_alert": 0}])
def test_without_one_of_them_there_is_nothing_to_bring(asked):
    rows = drawn(planned({"deal": 25, **asked}, seed=2))
    assert frame(rows, "service_appointment")["trigger_vehicle_alert_key"].isna().all()


def test_codes_fit_the_engine():
    rows = small_world()[1]
    cars = frame(rows, "vehicle")[["vehicle_key", "vehicle_specification_key"]].merge(
        frame(rows, "vehicle_specification")[["vehicle_specification_key", "power_train_type"]]
    )
    events = frame(rows, "vehicle_telemetry_event").dropna(subset=["diagnostic_trouble_code"])
    electric = events.merge(cars)["power_train_type"] == "BEV"
    misfires = events.merge(cars)["diagnostic_trouble_code"].str.match("P0[34]")
    assert not (electric & misfires).any()
