"""A car and a person have one life, which every table tells."""

from __future__ import annotations

import numpy as np
import pytest

from generator.domains.calendar import horizon
from generator.domains.graph import Draw
from generator.domains.lives import NOBODY, Track
from generator.domains.sales_operations.deal_car import Waiting, matched
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


def test_cars_are_first_sold_with_tens_of_miles(frames):
    cars = frames["vehicle"]
    sold = np.flatnonzero(~cars.missing("original_sold_date"))
    miles = cars["_odometer"].line(sold, cars["original_sold_date"][sold].astype("M8[ms]"))
    assert miles.max() < 300
    assert np.median(cars["odometer"][sold]) > 10_000


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


@pytest.fixture(scope="module")
def long():
    """Three years, so that buyers come back with what they bought."""
    return frames_of(planned({"deal": 900, "dealer": 1}, start="2023-01-01", seed=2))


def test_a_car_may_have_several_stays_and_owners(long):
    """A car that was sold here and came back as a trade-in has two stays and two owners."""
    cars, stays, deals, trades = (
        long[name] for name in ("vehicle", "inventory_vehicle", "deal", "trade_in_vehicle")
    )
    second = np.flatnonzero(stays["_trade"] >= 0)
    second = second[trades["_returned"][stays["_trade"][second]] >= 0]
    assert len(second) >= 1
    first = deals["_slot"][trades["_returned"][stays["_trade"][second]]]
    rows = stays["_vehicle_key"][second] - cars.start
    assert np.array_equal(rows, stays["_vehicle_key"][first] - cars.start)
    left, back = stays["_left"][first], stays["_stocked"][second]
    assert (left + 100 * DAY < back).all()
    owner, reading = cars["_owner"], cars["_odometer"]
    customers, dealers = long["customer"], long["dealer"]
    buyer = deals["_customer_key"][trades["_returned"][stays["_trade"][second]]]
    party = customers["_party_key"][buyer - customers.start]
    assert np.array_equal(owner.step(rows, left + 50 * DAY), party)
    dealer = dealers["_party_key"][stays["_dealer"][second] - dealers.start]
    assert np.array_equal(owner.step(rows, back), dealer)
    assert np.array_equal(cars["_stay"].step(rows, back), second + stays.start)
    assert (cars["_stay"].step(rows, left + 50 * DAY) == NOBODY).all()
    moments = np.sort(np.stack([stays["_stocked"][first], left, left + 50 * DAY, back]), 0)
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


def test_every_car_taken_in_is_sold_again_offered_or_auctioned(long):
    stays = long["inventory_vehicle"]
    taken = stays["_trade"] >= 0
    status = stays.text("inventory_status_type")
    assert set(status[taken]) == {"SOLD", "AVAILABLE", "WHOLESALE"}
    assert (status[taken] == "SOLD").mean() > 0.25
    assert taken.sum() == int(long.counts["taken"].sum())


def test_nothing_stands_on_the_lot_for_good(long):
    """Offered cars are no older there than the longest days in stock, or were offered again."""
    stays = long["inventory_vehicle"]
    offered = stays.text("inventory_status_type") == "AVAILABLE"
    assert stays["inventory_days"][offered].max() < 300
    assert np.median(stays["inventory_days"][offered]) < 80


def test_cars_whose_deal_came_to_nothing_are_sold_to_somebody_else(long):
    deals, stays = long["deal"], long["inventory_vehicle"]
    undone = np.flatnonzero(~deals["_sold"] & ~deals["_open"])
    status = stays.text("inventory_status_type")[deals["_slot"][undone]]
    assert (status == "SOLD").mean() > 0.7
    sold = deals["_slot"][deals["_sold"]]
    assert len(np.unique(sold)) == len(sold)


@pytest.mark.parametrize("seed", range(20))
def test_waiting_cars_are_matched_as_one_would_by_hand(seed):
    rng = np.random.Generator(np.random.Philox(seed))
    cars, buyers = int(rng.integers(0, 30)), int(rng.integers(0, 30))
    ready = START + rng.integers(0, 100, cars) * DAY
    waiting = Waiting(
        np.arange(cars), ready, ready + rng.integers(0, 60, cars) * DAY, rng.integers(0, 3, cars)
    )
    cell, moment = rng.integers(0, 3, buyers), START + rng.permutation(buyers) * 3 * DAY
    found = matched(waiting, cell, moment)
    free = set(range(buyers))
    for car in np.lexsort((waiting.ready, waiting.cell)):
        could = [b for b in free if cell[b] == waiting.cell[car] and moment[b] >= ready[car]]
        first = min(could, key=lambda b: moment[b], default=NOBODY)
        free -= {first}
        late = first != NOBODY and moment[first] > waiting.until[car]
        assert found[car] == (NOBODY if late else first)


def test_miles_on_a_joined_road_never_fall():
    """Whole miles of a stay in stock among the parts of miles of trips."""
    at = START + np.array([0, 10, 20]) * DAY
    stays = Track.of(1, (np.zeros(3, dtype=np.int64), at, np.array([0, 55, 55])))
    trip = Track.of(
        1, (np.zeros(1, dtype=np.int64), START + np.array([15]) * DAY, np.array([55.5]))
    )
    road = stays.joined(trip, np.zeros(1, dtype=np.int64))
    assert (np.diff(road.value) >= 0).all()
    assert road.value.tolist() == [0, 55, 55.5, 55.5]
