"""A car and a person have one life, which every table tells."""

from __future__ import annotations

import numpy as np
import pytest

from generator.domains import PLATFORM
from generator.domains.calendar import horizon
from generator.domains.graph import Draw, DrawnFrame, Frames
from generator.domains.lives import NOBODY, Track
from generator.domains.world import DEALERS
from generator.leaves.figures import figures
from tests.test_graph import frames_of
from tests.world import planned

DAY = np.timedelta64(1, "D")
START = np.datetime64("2025-01-01", "ms")


def some_track(seed: int) -> tuple[Track, list[list[tuple[int, float]]]]:
    rng = np.random.Generator(np.random.Philox(seed))
    lives = [
        sorted((int(rng.integers(0, 10_000)), float(rng.integers(0, 100))) for _ in range(count))
        for count in rng.integers(1, 6, 40)
    ]
    owner = np.repeat(np.arange(40), [len(life) for life in lives])
    at = np.array([moment for life in lives for moment, _ in life])
    value = np.array([value for life in lives for _, value in life])
    order = rng.permutation(len(owner))
    # told in any order but for moments that are the same
    order = order[np.argsort(at[order], kind="stable")]
    return Track.of(40, (owner[order], at[order].astype("M8[ms]"), value[order])), lives


@pytest.mark.parametrize("seed", range(5))
def test_a_track_is_what_its_breakpoints_say(seed):
    track, lives = some_track(seed)
    rng = np.random.Generator(np.random.Philox(100 + seed))
    rows = rng.integers(0, 40, 500)
    moments = rng.integers(-500, 10_500, 500)
    stepped = track.step(rows, moments.astype("M8[ms]"))
    lined = track.line(rows, moments.astype("M8[ms]"))
    for row, moment, value, between in zip(rows, moments, stepped, lined, strict=True):
        before = [value for at, value in lives[row] if at <= moment]
        assert value == (before[-1] if before else NOBODY)
        times = [at for at, _ in lives[row]]
        if len(set(times)) == len(times):
            assert between == pytest.approx(np.interp(moment, *zip(*lives[row], strict=True)))


def test_a_life_without_breakpoints_is_nobodys():
    track = Track.of(3, (np.array([1]), np.array([START]), np.array([7])))
    assert track.step(np.arange(3), np.full(3, START)).tolist() == [NOBODY, 7, NOBODY]


@pytest.fixture(scope="module")
def frames():
    return frames_of(planned({"deal": 150, "vehicle_telemetry_event": 800}, seed=4))


def test_every_table_reads_the_same_odometer(frames):
    cars, stays = frames["vehicle"], frames["inventory_vehicle"]
    car = stays["_vehicle_key"] - cars.start
    reading = cars["_odometer"]
    came = reading.line(car, stays["_stocked"])
    assert np.array_equal(np.floor(came), stays["odometer_at_stock"])
    today = np.full(cars.rows, horizon(Draw(frames.plan, figures(), cars, frames)))
    assert np.array_equal(reading.line(np.arange(cars.rows), today), cars["odometer"])
    connected = frames["connected_vehicle"]
    assert (connected["_odometer_start"] <= connected["_odometer_stop"]).all()
    assert (connected["_odometer_stop"] <= cars["odometer"][connected["_local"]]).all()


def test_a_car_is_its_dealers_while_in_stock_and_then_its_buyers(frames):
    cars, stays, deals = frames["vehicle"], frames["inventory_vehicle"], frames["deal"]
    dealers, customers = frames["dealer"], frames["customer"]
    sold = np.flatnonzero(stays["_sold"])
    car = stays["_vehicle_key"][sold] - cars.start
    left = stays["delivered_date_time"][sold]
    deal = stays["_deal"][sold]
    buyer = customers["_party_key"][deals["_customer_key"][deal] - customers.start]
    dealer = dealers["_party_key"][stays["_dealer"][sold] - dealers.start]
    instant = np.timedelta64(1, "ms")
    assert np.array_equal(cars["_owner"].step(car, left), buyer)
    assert np.array_equal(cars["_owner"].step(car, left - instant), dealer)
    assert np.array_equal(cars["_stay"].step(car, left - instant), sold + stays.start)
    assert (cars["_stay"].step(car, left) == NOBODY).all()


def test_a_car_sleeps_at_its_owners_address(frames):
    connected, cars = frames["connected_vehicle"], frames["vehicle"]
    addresses, customers = frames["party_address"], frames["customer"]
    owner = cars["_owner"].step(
        connected["_local"], np.full(connected.rows, np.datetime64("2025-12-31T23:59", "ms"))
    )
    private = np.isin(owner, customers["_party_key"]) & connected["_location_consent"]
    shares = private & connected["data_sharing_consent_indicator"]
    assert shares.sum() > 20
    for row in np.flatnonzero(shares):
        homes = np.flatnonzero(
            (addresses["_party_key"] == owner[row]) & addresses["preferred_indicator"]
        )
        assert connected["current_latitude"][row] in addresses["latitude"][homes]
        assert connected["current_longitude"][row] in addresses["longitude"][homes]


def test_personnel_records_tell_the_time_a_person_works_for_the_dealer(frames):
    staff, record, parties = (frames[n] for n in ("staff_member", "personnel_record", "party"))
    who = record["_staff_member_key"] - staff.start
    works, person = parties["_employer"], staff["_party_key"][who] - parties.start
    begun = record["start_date_time"]
    assert np.array_equal(works.step(person, begun), staff["_dealer_key"][who])
    first = record["_nth"] == 0
    assert (works.step(person[first], begun[first] - DAY) == NOBODY).all()
    gone = ~record.missing("complete_date_time") & (record["_nth"] == record["_among"] - 1)
    assert gone.any()
    end = record["complete_date_time"]
    assert (works.step(person[gone], end[gone]) == NOBODY).all()


def test_a_car_may_have_several_stays_and_owners():
    """Two stays a car, the second one begins 100 days after the first car was delivered."""
    plan = planned({"deal": 40, "vehicle_telemetry_event": 0}, seed=2)
    usual = frames_of(plan)
    stays = usual["inventory_vehicle"]
    pairs = int(stays["_sold"].sum()) // 2
    cars = stays.rows - pairs
    shard = next(one for one in plan.shards if one.stage == DEALERS)
    frames = Frames(
        PLATFORM,
        usual.plan,
        figures(),
        counts={**usual.counts, "vehicle": np.array([cars])},
        starts=usual.starts,
        first=shard.first,
        shared=usual["vehicle_specification"]._frames,
    )
    twice = DrawnFrame(
        PLATFORM["inventory_vehicle"], frames, figures(), start=stays.start, rows=stays.rows
    )
    sold = np.flatnonzero(stays["_sold"])
    first, second = sold[:pairs], sold[pairs : 2 * pairs]
    car = np.full(stays.rows, NOBODY)
    car[first], car[second] = np.arange(pairs), np.arange(pairs)
    car[car < 0] = np.arange(pairs, cars)
    stocked, delivered = stays["_stocked"].copy(), stays["delivered_date_time"].copy()
    stocked[second] = delivered[first] + 100 * DAY
    delivered[second] = stocked[second] + 10 * DAY
    given = {
        "_vehicle_key": car + frames.starts["vehicle"],
        "_stocked": stocked,
        "stock_date_time": stocked,
        "delivered_date_time": delivered,
    }
    for name in ("_sold", "_new", "_transit", "_dealer", "_deal", "_specification"):
        given[name] = stays[name]
    for name, values in given.items():
        twice.set(name, values)
    twice.set("inventory_status_type", stays["inventory_status_type"])
    frames._frames["inventory_vehicle"] = twice
    for name in ("dealer", "deal", "customer", "party"):
        frames._frames[name] = usual[name]
    vehicles = frames["vehicle"]
    rows = np.arange(pairs)
    owner, reading = vehicles["_owner"], vehicles["_odometer"]
    between = stocked[second] - 50 * DAY
    customers, deals = usual["customer"], usual["deal"]

    def buyer(of):
        at = deals["_customer_key"][stays["_deal"][of]] - customers.start
        return customers["_party_key"][at]

    assert np.array_equal(owner.step(rows, between), buyer(first))
    assert np.array_equal(owner.step(rows, delivered[second] + DAY), buyer(second))
    assert np.array_equal(vehicles["_stay"].step(rows, stocked[second]), second + stays.start)
    assert (reading.line(rows, stocked[second]) > reading.line(rows, delivered[first])).all()
    moments = np.sort(np.stack([stocked[first], delivered[first], between, delivered[second]]), 0)
    told = np.stack([reading.line(rows, moment) for moment in moments])
    assert (np.diff(told, axis=0) >= 0).all()


def test_the_road_is_part_of_the_life_of_a_car():
    """What any table reads off the odometer fits between two events of telemetry."""
    frames = frames_of(planned({"deal": 60, "vehicle_telemetry_event": 6_000}, seed=4))
    connected, reading = frames["connected_vehicle"], frames["vehicle"]["_odometer"]
    trips = connected["_trips"]
    car = connected["_local"][trips.car]
    for moments, miles in (
        (trips.start, trips.odometer),
        (trips.stop, trips.odometer + trips.miles),
    ):
        assert np.allclose(reading.line(car, moments.view("datetime64[ms]")), miles)
    same = np.diff(np.repeat(np.arange(len(reading)), np.diff(reading.first))) == 0
    assert (np.diff(reading.at)[same] >= 0).all()
    assert np.diff(reading.value)[same].min() > -1e-6


def test_a_track_joined_with_another_has_the_breakpoints_of_both():
    track = Track.of(3, (np.array([0, 2]), np.array([START, START]), np.array([1.0, 5.0])))
    other = Track.of(1, (np.array([0, 0]), np.array([START, START + DAY]), np.array([6.0, 8.0])))
    both = track.joined(other, np.array([2]))
    assert both.first.tolist() == [0, 1, 1, 4]
    assert both.value.tolist() == [1.0, 5.0, 6.0, 8.0]
