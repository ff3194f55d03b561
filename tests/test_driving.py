"""Cars drive: from place to place, along ways that bend, in their weather."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from generator.errors import PlanError
from tests.world import broken, drawn, frame, planned

MILES = 69.0
EVENT = "vehicle_telemetry_event"
TELEMATICS = ("connected_vehicle", EVENT, "vehicle_alert")


@pytest.fixture(scope="module")
def world():
    plan = planned({"deal": 150, EVENT: 120_000, "vehicle_alert": 700}, seed=11)
    return plan, drawn(plan)


@pytest.fixture(scope="module")
def events(world):
    return frame(world[1], EVENT)


@pytest.fixture(scope="module")
def trips(events):
    return trips_of(events)


def apart(one, other):
    """Miles between two places."""
    north = (other[0] - one[0]) * MILES
    return np.hypot(north, (other[1] - one[1]) * MILES * np.cos(np.deg2rad(one[0])))


def trips_of(events: pd.DataFrame) -> pd.DataFrame:
    before = events.groupby("trip_key", observed=True, sort=False)[["latitude", "longitude"]]
    earlier = before.shift()
    step = apart(
        (earlier["latitude"], earlier["longitude"]), (events["latitude"], events["longitude"])
    )
    trips = (
        events.assign(step=step)
        .groupby("trip_key", observed=True, sort=False)
        .agg(
            car=("vehicle_key", "first"),
            events=("odometer", "size"),
            start=("occurrence_date_time", "first"),
            stop=("occurrence_date_time", "last"),
            begun=("odometer", "first"),
            ended=("odometer", "last"),
            latitude=("latitude", "first"),
            longitude=("longitude", "first"),
            to_latitude=("latitude", "last"),
            to_longitude=("longitude", "last"),
            path=("step", "sum"),
            coldest=("engine_temperature_c", "min"),
            psi=("tire_pressure_psi", "first"),
            full=("fuel_level_pct", "first"),
            left=("fuel_level_pct", "last"),
        )
    )
    trips["miles"] = trips["ended"] - trips["begun"]
    return trips


def places(trips, which=""):
    return trips[f"{which}latitude"], trips[f"{which}longitude"]


def test_trips_are_as_long_and_as_fast_as_published(trips):
    """AAA 2023: 12 miles, 25 minutes, 28.8 mph; FHWA 2008: fewer than one in a hundred of 100
    miles; a twentieth of more than 30 (AFDC)."""
    minutes = (trips["stop"] - trips["start"]).dt.total_seconds() / 60
    assert trips["miles"].mean() == pytest.approx(12, rel=0.1)
    assert minutes.mean() == pytest.approx(25, rel=0.1)
    assert trips["miles"].sum() / minutes.sum() * 60 == pytest.approx(28.8, rel=0.05)
    assert (trips["miles"] > 30).mean() == pytest.approx(0.05, abs=0.02)
    assert (trips["miles"] >= 100).mean() < 0.01


def test_every_rule_holds(world):
    assert broken(*world) == {}


def test_no_car_teleports(trips):
    """A trip begins where the one before ended; else the odometer has come as far meanwhile."""
    before, same = trips.shift(), trips["car"] == trips["car"].shift()
    jump = apart(places(before, "to_"), places(trips))[same]
    driven = (trips["begun"] - before["ended"])[same]
    assert ((jump <= driven + 0.3) | jump.isna()).all()
    next_ = same & (driven < 0.15)
    assert next_.mean() > 0.3
    assert jump[next_].max() < 0.15


def test_ways_bend_and_are_as_long_as_the_odometer_says(trips):
    long = trips[(trips["miles"] > 2) & trips["latitude"].notna() & (trips["events"] >= 6)]
    straight = apart(places(long), places(long, "to_"))
    assert (straight > 0.99 * long["path"]).mean() < 0.01
    assert long["path"].sum() / long["miles"].sum() == pytest.approx(1, abs=0.04)


def test_cars_come_back_home(trips):
    """Most cars stand at one place after most of their days."""
    seen = trips.dropna(subset=["to_latitude"]).copy()
    seen["end"] = (
        seen["to_latitude"].round(3).astype(str) + seen["to_longitude"].astype(str).str[:7]
    )
    seen["day"] = (seen["start"] - pd.Timedelta(hours=9)).dt.date
    nights = seen.groupby(["car", "day"], observed=True)["end"].last()
    home = nights.groupby("car", observed=True).agg(
        lambda ends: ends.value_counts(normalize=True).iloc[0]
    )
    assert home.median() > 0.7


def test_engines_are_coldest_in_winter_and_tyres_softest(trips):
    month = trips["start"].dt.month
    cold = trips.groupby(month)["coldest"].quantile(0.02)
    soft = trips.groupby(month)["psi"].median()
    assert cold[[12, 1, 2]].max() < cold[[6, 7, 8]].min() - 8
    assert soft[[12, 1, 2]].max() < soft[[6, 7, 8]].min()


def test_tanks_are_filled_between_trips_and_only_there(trips):
    same = trips["car"] == trips["car"].shift()
    filled = (trips["full"] - trips["left"].shift())[same].dropna()
    assert (trips["left"] <= trips["full"])[trips["full"].notna()].all()
    stops = filled[filled > 5]
    assert stops.median() > 40
    assert len(stops) > 100


def test_charging_is_told_after_the_trip_and_before_the_next(events):
    told = events["telemetry_event_type"].astype(str)
    begun = events[told == "EV_CHARGING_STARTED"]
    done = events.loc[begun.index + 1]
    assert len(begun) > 10
    assert (done["telemetry_event_type"].astype(str) == "EV_CHARGING_COMPLETED").all()
    level = "battery_state_of_charge_pct"
    assert (done[level].to_numpy() > begun[level].to_numpy() + 4).all()
    assert begun["trip_key"].isna().all()
    assert (begun["speed_mph"] == 0).all()


def test_cars_brake_where_they_slow_down_and_some_drivers_more_than_others(events):
    told = events["telemetry_event_type"].astype(str)
    counts = (told == "HARSH_BRAKING").groupby(events["vehicle_key"], observed=True).mean()
    assert counts.std() / counts.mean() > 0.6
    assert events.loc[told == "IDLE_STARTED", "speed_mph"].max() == 0


def test_a_cut_shows_what_was_known(world):
    plan, rows = world
    cut = planned(dict(plan.recipe.rows), as_of="2025-06-30", seed=11)
    then = drawn(cut)
    assert not {rule for rule in broken(cut, then) if rule[1] in TELEMATICS}
    events, later = frame(then, EVENT), frame(rows, EVENT)
    known = later[later["ingested_date_time"] < pd.Timestamp("2025-07-01", tz="UTC")]
    assert events.equals(known.reset_index(drop=True))
    alerts = frame(then, "vehicle_alert")
    assert {"ACTIVE", "ACKNOWLEDGED"} <= set(alerts["alert_status_type"])
    assert 0 < len(alerts) < len(frame(rows, "vehicle_alert"))


def test_few_events_are_of_few_trips_that_begin_at_places_of_the_car():
    plan = planned({"deal": 60, EVENT: 1_000}, seed=3)
    trips = trips_of(frame(drawn(plan), EVENT))
    same = trips["car"] == trips["car"].shift()
    jump = apart(places(trips.shift(), "to_"), places(trips))[same]
    driven = (trips["begun"] - trips["ended"].shift())[same]
    assert ((jump <= driven + 0.3) | jump.isna()).all()
    assert trips["miles"].mean() > 4


def test_an_alert_names_the_event_that_shows_it(world, events):
    alerts = frame(world[1], "vehicle_alert")
    shown = alerts.dropna(subset=["vehicle_telemetry_event_key"]).merge(
        events, on="vehicle_telemetry_event_key", suffixes=("", "_of_event")
    )
    assert len(shown) == alerts["vehicle_telemetry_event_key"].notna().sum() > 100
    assert (shown["vehicle_key"] == shown["vehicle_key_of_event"]).all()
    tyres = shown[shown["alert_type"] == "TIRE"]
    assert (tyres["tire_pressure_psi"] < 28).all()
    assert (tyres["telemetry_event_type"] == "TIRE_PRESSURE_LOW").all()
    assert {"TIRE", "SERVICE_DUE", "DIAGNOSTIC"} <= set(shown["alert_type"])
    assert shown["vehicle_telemetry_event_key"].is_unique


@cache
def alerts_of(alerts: int, events: int) -> pd.DataFrame:
    plan = planned({"deal": 40, "vehicle_alert": alerts, EVENT: events}, seed=5)
    return frame(drawn(plan), "vehicle_alert")


@pytest.mark.parametrize(("alerts", "events"), [(0, 500), (37, 0), (500, 60), (120, 4_000)])
def test_as_many_alerts_as_asked(alerts, events):
    made = alerts_of(alerts, events)
    assert len(made) == alerts
    assert made["vehicle_telemetry_event_key"].notna().sum() <= events


def test_more_alerts_than_cars_can_raise_are_refused():
    with pytest.raises(PlanError, match="at most 60 alerts"):
        planned({"connected_vehicle": 2, "vehicle_alert": 121})
