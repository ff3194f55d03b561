"""Cars that go from one dealer to another: exact numbers, one life, rules that can fail."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import generator
from generator.domains import world
from generator.domains.pairs import of_partners, together, trading
from generator.domains.world import _ranges
from generator.errors import PlanError
from generator.tables import Tables
from generator.validate import Validation
from tests.shards import shards_of
from tests.world import as_tables, broken, drawn, frame, planned

ROWS = {"deal": 160, "dealer": 7, "vehicle_transfer_order": 60, "vehicle_telemetry_event": 500}
MAKE = {"deal": 150, "dealer": 30, "vehicle_transfer_order": 90, "vehicle_telemetry_event": 500}


@cache
def moved_world():
    plan = planned(ROWS)
    return plan, drawn(plan)


def count(plan, table):
    return {one.table: one.rows for one in plan.counts}[table]


def ends() -> pd.DataFrame:
    """Every transfer that moved a car with its stays at both ends."""
    _, rows = moved_world()
    transfers, stays = frame(rows, "vehicle_transfer_order"), frame(rows, "inventory_vehicle")
    found = transfers[transfers.pickup_date_time.notna()]
    for end in ("source", "destination"):
        own = stays.add_suffix(f"_{end}").rename(columns={f"vehicle_key_{end}": "vehicle_key"})
        key = f"{end}_dealer_key"
        found = found.merge(
            own, left_on=["vehicle_key", key], right_on=["vehicle_key", f"dealer_key_{end}"]
        )
    return found


# Numbers.


def test_partners_are_two_by_two_and_the_last_may_be_alone():
    assert of_partners(np.array([4, 5, 6, 7, 8])).tolist() == [5, 4, 7, 6, 0]
    assert trading(np.array([0, 0, 0, 2, 0])) == [2]
    assert trading() == []
    assert together(5, [2]).tolist() == [False, False, True, True, False]


def test_shards_are_cut_between_pairs_that_trade():
    tied = together(6, [2])
    assert _ranges(np.full(6, 0.9), tied) == [(0, 1), (1, 2), (2, 4), (4, 5), (5, 6)]
    assert _ranges(np.full(6, 0.3), tied) == [(0, 2), (2, 5), (5, 6)]
    assert _ranges(np.full(6, 0.9), together(6, [])) == [(at, at + 1) for at in range(6)]


@pytest.mark.parametrize("asked", [1, 2, 33, 500])
@pytest.mark.parametrize("dealers", [2, 5])
def test_any_number_is_met_exactly(asked, dealers):
    plan = planned({"deal": 90, "dealer": dealers, "vehicle_transfer_order": asked})
    per = {name: np.array(rows) for name, rows in plan.world["per_dealer"].items()}
    assert per["vehicle_transfer_order"].sum() == count(plan, "vehicle_transfer_order") == asked
    assert per["sent"].tolist() == of_partners(per["vehicle_transfer_order"]).tolist()
    assert per["vehicle_transfer_order"][dealers // 2 * 2 :].sum() == 0
    kept = per["deal"] + per["taken"] + per["sent"] + per["vehicle_transfer_order"]
    assert (per["inventory_vehicle"] >= kept).all()
    assert (per["shipment"] >= per["moved"]).all()


def test_one_dealer_has_nobody_to_trade_with():
    with pytest.raises(PlanError, match="takes a car from one dealer to another"):
        planned({"dealer": 1, "vehicle_transfer_order": 3})
    with pytest.raises(PlanError, match="shipment"):
        planned({"dealer": 2, "vehicle_transfer_order": 50, "shipment": 10})
    with pytest.raises(PlanError, match="in that of two dealers"):
        planned({"deal": 40, "vehicle_transfer_order": 50, "inventory_vehicle": 120})


def test_few_dealers_trade_only_if_they_are_asked_to():
    assert count(planned({"deal": 300, "dealer": 3}), "vehicle_transfer_order") == 0
    assert count(planned({"deal": 300, "dealer": 4}), "vehicle_transfer_order") == 15
    assert planned({"deal": 300, "dealer": 3}).world["pairs"] == []


def test_what_is_drawn_is_what_was_planned():
    plan, rows = moved_world()
    assert {name: table.num_rows for name, table in rows.items() if name in plan.exact} == {
        one.table: one.rows for one in plan.counts if one.table in plan.exact
    }
    assert broken(plan, rows) == {}


# One life.


def test_a_car_leaves_one_stock_and_comes_into_the_other():
    found, transfers = ends(), frame(moved_world()[1], "vehicle_transfer_order")
    assert len(found) == transfers.pickup_date_time.notna().sum() > 50
    assert (found.delivered_date_time_source == found.pickup_date_time).all()
    assert (found.stock_date_time_destination == found.actual_arrival_date_time).all()
    assert (found.stock_date_time_source <= found.requested_date_time).all()
    assert (found.inventory_status_type_source == "WHOLESALE").all()
    assert (found.acquisition_source_destination == "DEALER_TRADE").all()
    more = found.odometer_at_stock_destination - found.odometer_at_stock_source
    assert more.between(0, 60).all()


def test_no_car_is_in_two_stocks_at_once():
    stays = frame(moved_world()[1], "inventory_vehicle").sort_values(
        ["vehicle_key", "stock_date_time"]
    )
    after = stays.groupby("vehicle_key").stock_date_time.shift(-1)
    end = stays.delivered_date_time.fillna(pd.Timestamp("2200-01-01", tz="UTC"))
    assert ((end <= after) | after.isna()).all()
    dealers = stays.groupby("vehicle_key").dealer_key.nunique()
    assert (dealers == 2).sum() > 50


READ = {
    "inventory_vehicle": ("stock_date_time", "odometer_at_stock"),
    "trade_in_vehicle": ("appraisal_date_time", "odometer"),
    "repair_order": ("opened_date_time", "odometer_in"),
    "garage_item": ("start_date_time", "odometer_at_start"),
    "vehicle_telemetry_event": ("occurrence_date_time", "odometer"),
}


def readings(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every moment at which somebody reads a car's miles, in the tables that are there."""
    return pd.concat(
        tables[name][["vehicle_key", at, miles]].set_axis(["car", "at", "miles"], axis=1)
        for name, (at, miles) in READ.items()
        if name in tables
    ).dropna()


def test_the_odometer_never_runs_back_through_all_that_reads_it():
    _, rows = moved_world()
    car = set(frame(rows, "vehicle_transfer_order").vehicle_key)
    every = readings({name: frame(rows, name) for name in READ})
    every = every[every.car.isin(car)].sort_values(["car", "at", "miles"])
    assert len(every) > 150
    assert (every.groupby("car").miles.diff().fillna(0) >= 0).all()


def test_trade_ins_are_resold_by_the_other_dealer():
    found = ends()
    resold = found[found.transfer_reason_type == "WHOLESALE"]
    assert len(resold) > 8
    assert resold.source_trade_in_vehicle_key_source.notna().all()
    fate = set(resold.inventory_status_type_destination)
    assert "SOLD" in fate  # few buyers in so small a world; the others wait, or go to auction
    assert fate <= {"SOLD", "AVAILABLE", "WHOLESALE"}
    assert (resold.cost_amount_destination > resold.cost_amount_source).all()


def test_a_car_for_a_customer_comes_before_its_deal_and_is_sold_by_it():
    _, rows = moved_world()
    deals = frame(rows, "deal").set_index("deal_key")
    found = ends()
    sale = found[found.transfer_reason_type == "CUSTOMER_SALE"]
    assert (sale.deal_key.notna()).all()
    assert len(sale) > 10
    deal = deals.loc[sale.deal_key]
    assert (deal.inventory_vehicle_key.to_numpy() == sale.inventory_vehicle_key_destination).all()
    assert (deal.occurrence_date_time.to_numpy() > sale.actual_arrival_date_time).all()
    assert found[found.transfer_reason_type != "CUSTOMER_SALE"].deal_key.isna().all()


def test_a_car_that_was_refused_stays_where_it_is():
    _, rows = moved_world()
    transfers, stays = frame(rows, "vehicle_transfer_order"), frame(rows, "inventory_vehicle")
    undone = transfers[transfers.transfer_status_type.isin(["REJECTED", "CANCELLED"])]
    assert len(undone) == 3
    own = stays[stays.vehicle_key.isin(undone.vehicle_key)]
    assert sorted(own.dealer_key) == sorted(undone.source_dealer_key)
    assert undone.actual_transportation_cost.isna().all()


def test_each_car_that_moves_has_a_shipment():
    _, rows = moved_world()
    transfers = frame(rows, "vehicle_transfer_order").set_index("vehicle_transfer_order_key")
    shipments = frame(rows, "shipment")
    cars = shipments[shipments.vehicle_transfer_order_key.notna()]
    assert cars.part_order_key.isna().all()
    assert set(cars.vehicle_transfer_order_key) == set(
        transfers[transfers.pickup_date_time.notna()].index
    )
    assert cars.vehicle_transfer_order_key.is_unique
    own = transfers.loc[cars.vehicle_transfer_order_key]
    assert np.allclose(cars.shipment_cost, own.actual_transportation_cost)
    assert (cars.ship_date_time.to_numpy() == own.pickup_date_time.to_numpy()).all()
    assert cars.shipment_weight_lb.between(2_500, 8_500).all()


def test_dealers_that_trade_are_near_and_miles_cost_money():
    _, rows = moved_world()
    transfers = frame(rows, "vehicle_transfer_order")
    assert transfers.distance_miles.max() < 900
    rate = transfers.estimated_transportation_cost / transfers.distance_miles
    far = transfers.distance_miles
    assert np.corrcoef(far, transfers.estimated_transportation_cost)[0, 1] > 0.8
    assert rate[far > far.median()].mean() < rate[far <= far.median()].mean()


def test_new_cars_go_to_dealers_of_their_make():
    plan = planned(MAKE)
    rows = drawn(plan)
    make = frame(rows, "dealer").set_index("dealer_key").primary_make
    stays = frame(rows, "inventory_vehicle")
    new = set(stays[stays.product_state_type == "NEW"].vehicle_key)
    transfers = frame(rows, "vehicle_transfer_order")
    mine = transfers[transfers.vehicle_key.isin(new)]
    assert len(mine) >= 5
    assert (make[mine.source_dealer_key].to_numpy() == make[mine.destination_dealer_key]).all()
    sold = frame(rows, "vehicle").set_index("vehicle_key").original_sold_date[mine.vehicle_key]
    last = stays[stays.acquisition_source == "DEALER_TRADE"].set_index("vehicle_key")
    gone = last.inventory_status_type[mine.vehicle_key[mine.pickup_date_time.notna()]] == "SOLD"
    assert (sold[gone[gone].index].notna()).all()
    assert broken(plan, rows) == {}


# The same world however it is cut.


def bytes_of(rows: dict[str, pa.Table]) -> dict[str, str]:
    return {
        name: hashlib.sha256(table.combine_chunks().to_pandas().to_csv().encode()).hexdigest()
        for name, table in rows.items()
    }


def test_a_cut_is_a_view_of_the_same_world():
    _, whole = moved_world()
    full = frame(whole, "vehicle_transfer_order").set_index("vehicle_transfer_order_key")
    seen = set()
    for day in ("2025-03-11", "2025-07-22", "2025-10-08"):
        plan = planned(ROWS, as_of=day)
        rows = drawn(plan)
        cut = frame(rows, "vehicle_transfer_order").set_index("vehicle_transfer_order_key")
        until = pd.Timestamp(day, tz="UTC") + pd.Timedelta(days=1)
        assert set(cut.index) == set(full[full.requested_date_time < until].index)
        for column in ("pickup_date_time", "actual_arrival_date_time"):
            known = full.loc[cut.index, column]
            pd.testing.assert_series_equal(cut[column], known.where(known < until))
        seen |= set(cut.transfer_status_type)
        stocks = {key for key in broken(plan, rows) if key[0].startswith(("R036", "R098", "R038"))}
        assert stocks == set()
    assert {"CLOSED", "REJECTED"} & seen


def test_a_car_on_the_road_is_in_no_stock_yet():
    _, whole = moved_world()
    full = frame(whole, "vehicle_transfer_order")
    days = full.pickup_date_time.dt.strftime("%Y-%m-%d")
    night = full[(days != full.actual_arrival_date_time.dt.strftime("%Y-%m-%d")) & days.notna()]
    day = days[night.index[0]]
    plan = planned(ROWS, as_of=day)
    rows = drawn(plan)
    cut = frame(rows, "vehicle_transfer_order").set_index("vehicle_transfer_order_key")
    one = cut.loc[night.vehicle_transfer_order_key.iloc[0]]
    assert one.transfer_status_type == "IN_PROGRESS"
    stays = frame(rows, "inventory_vehicle").set_index("dealer_key")
    mine = stays[stays.vehicle_key == one.vehicle_key]
    assert mine.inventory_status_type[one.source_dealer_key] == "WHOLESALE"
    assert mine.inventory_status_type[one.destination_dealer_key] == "IN_TRANSIT"
    assert pd.isna(mine.stock_date_time[one.destination_dealer_key])
    shipment = frame(rows, "shipment")
    mine = shipment[shipment.vehicle_transfer_order_key == one.name].iloc[0]
    assert mine.shipment_state_type in {"ACTIVE", "TRACKED"}
    assert pd.isna(mine.actual_delivery_date_time)


def test_shards_cut_as_finely_as_can_be_tell_whole_lives(monkeypatch):
    monkeypatch.setattr(world, "SHARD_ROWS", 2_000)
    plan = planned(ROWS)
    groups = [(shard.first, shard.last) for shard in plan.shards if shard.stage == "dealers"]
    assert groups == [(0, 2), (2, 4), (4, 6), (6, 7)]
    rule = [
        one for one in generator.automotive().rules if one.id in {"R036.1", "R036.2", "R098.source"}
    ]
    check = Validation(
        generator.automotive().schema, rule, {one.table: one.rows for one in plan.counts}
    )
    total = None
    for shard, tables in shards_of(plan):
        total = check.add(total, check.of_shard(tables, shard))
    assert check.document(total)["ok"]


def test_a_car_of_two_dealers_tells_one_life_with_any_number_of_workers(tmp_path, monkeypatch):
    """What is promised: no car has rows in the shards of two ranges of dealers.  Dealers that trade
    cars are a pair, which is never cut (docs/architecture.md), so one process draws both stays of
    a car and all between, whoever draws the other pairs.  Its telemetry is of other shards (pieces
    of the same group) and goes on with the same odometer.  Ten dealers, cut as finely as can be."""
    monkeypatch.setattr(world, "SHARD_ROWS", 1_000)
    monkeypatch.setattr(world, "PIECE_ROWS", 200)
    profile = generator.automotive()
    rows = {"deal": 40, "dealer": 10, "vehicle_transfer_order": 30, "vehicle_telemetry_event": 900}
    tables = (*rows, "inventory_vehicle", "garage_item", "trade_in_vehicle")
    recipe = generator.Recipe(seed=3, rows=rows, tables=tables, formats=("parquet",))
    plan = generator.plan(profile, recipe)
    cut = [shard for shard in plan.shards if shard.stage == "dealers"]
    assert [(one.first, one.last) for one in cut] == [(0, 2), (2, 4), (4, 6), (6, 8), (8, 10)]
    assert Counter(one.stage for one in plan.shards)["vehicle_telemetry_event"] >= len(cut)
    found = {}
    for workers in (1, 5):
        generator.sample(profile, plan, tmp_path / str(workers), workers=workers)
        files = sorted((tmp_path / str(workers)).glob("*.parquet"))
        found[workers] = {path.name: path.read_bytes() for path in files}
    assert set(tables) < {name.removesuffix(".parquet") for name in found[1]}
    assert found[1] == found[5]
    told = {name: pd.read_parquet(tmp_path / "5" / f"{name}.parquet") for name in tables}
    moved = two_stays(told["inventory_vehicle"], [(one.first, one.last) for one in cut])
    assert len(moved) > 20
    every = readings(told)
    every = every[every.car.isin(moved)].sort_values(["car", "at", "miles"])
    assert (every.groupby("car").miles.diff().fillna(0) >= 0).all()
    driven = set(told["vehicle_telemetry_event"].vehicle_key) & moved
    assert len(driven) > 5
    for car in sorted(driven)[:2]:
        life = [entry.says for entry in generator.life(tmp_path / "5", "vehicle", car).entries]
        assert sum(line.startswith("Into stock of") for line in life) == 2


def two_stays(stays: pd.DataFrame, ranges: list[tuple[int, int]]) -> set[str]:
    """The cars with stays at two dealers, which follow each other and lie in one range each."""
    dealer = stays.dealer_key.str.removeprefix("DR-").astype(int)
    of = np.searchsorted([last for _, last in ranges], dealer, side="right")
    assert (stays.assign(of=of).groupby("vehicle_key").of.nunique() == 1).all()
    stays = stays.sort_values(["vehicle_key", "stock_date_time"])
    after = stays.groupby("vehicle_key").stock_date_time.shift(-1)
    assert ((stays.delivered_date_time <= after) | after.isna()).all()
    dealers = stays.groupby("vehicle_key").dealer_key.nunique()
    return set(dealers[dealers == 2].index)


# Rules that can fail.


def changed(column: str, make) -> Tables:
    _, rows = moved_world()
    table, name = column.split(".")
    old = rows[table]
    at = old.column_names.index(name)
    values = make(old.column(name).to_pylist(), old)
    new = old.set_column(at, old.schema.field(name), pa.array(values, old.schema.field(name).type))
    return as_tables({**rows, table: new})


def breaks(id_: str, tables: Tables) -> int:
    rule = next(one for one in generator.automotive().rules if one.id == id_)
    assert rule.verdict(as_tables(moved_world()[1])).broken == 0
    return rule.verdict(tables).broken


def first_moved(table: pa.Table) -> int:
    return next(
        at for at, picked in enumerate(table.column("pickup_date_time").to_pylist()) if picked
    )


def shifted(days: int):
    def make(values, table):
        at = first_moved(table)
        return [*values[:at], values[at] + pd.Timedelta(days=days), *values[at + 1 :]]

    return make


def replaced(value):
    def make(values, table):
        at = first_moved(table)
        return [*values[:at], value(table, at) if callable(value) else value, *values[at + 1 :]]

    return make


def of(column: str):
    return lambda table, at: table.column(column)[at].as_py()


ORDER = "vehicle_transfer_order"
BREAKS = {
    "R098.order": (f"{ORDER}.pickup_date_time", shifted(-200)),
    "R098.planned": (f"{ORDER}.estimated_arrival_date_time", replaced(None)),
    "R098.status": (f"{ORDER}.transfer_status_type", replaced("APPROVED")),
    "R098.dealers": (f"{ORDER}.destination_dealer_key", replaced(of("source_dealer_key"))),
    "R098.cost": (f"{ORDER}.distance_miles", replaced(0)),
    "R098.source": (f"{ORDER}.pickup_date_time", shifted(1)),
    "R098.destination": (f"{ORDER}.actual_arrival_date_time", shifted(1)),
    "R099.one": ("shipment.part_order_key", lambda values, _: [values[0] or "PO-1"] * len(values)),
}


@pytest.mark.parametrize("id_", BREAKS)
def test_a_rule_fails_where_it_should(id_):
    column, make = BREAKS[id_]
    assert breaks(id_, changed(column, make)) >= 1


def test_a_deal_of_another_car_is_seen():
    def make(values, _):
        rest = [value for value in values if value]
        turned = iter([*rest[1:], rest[0]])
        return [next(turned) if value else None for value in values]

    assert breaks("R098.sale", changed(f"{ORDER}.deal_key", make)) > 5


def test_a_request_before_the_car_came_is_seen():
    def make(values, table):
        undone = table.column("pickup_date_time").to_pylist().index(None)
        early = values[undone] - pd.Timedelta(days=900)
        return [*values[:undone], early, *values[undone + 1 :]]

    assert breaks("R098.source", changed(f"{ORDER}.requested_date_time", make)) == 1


def test_new_cars_of_another_make_are_seen():
    def make(values, _):
        return ["NEW"] * len(values)

    assert breaks("R098.make", changed("inventory_vehicle.product_state_type", make)) > 5


def test_stays_that_overlap_at_two_dealers_are_seen():
    def make(values, table):
        sources = table.column("acquisition_source").to_pylist()
        cars = table.column("vehicle_key").to_pylist()
        twice = {car for car in cars if cars.count(car) > 1}
        at = next(
            at
            for at, (source, car) in enumerate(zip(sources, cars, strict=True))
            if source == "DEALER_TRADE" and car in twice
        )
        return [*values[:at], values[at] - pd.Timedelta(days=3), *values[at + 1 :]]

    assert breaks("R036.2", changed("inventory_vehicle.stock_date_time", make)) == 1


def test_overlaps_are_seen_across_shards(monkeypatch):
    """A car that stands in stock in one shard and is said to stand in another as well."""
    monkeypatch.setattr(world, "SHARD_ROWS", 2_000)
    plan = planned(ROWS)

    def change(name, rows):
        if name != "inventory_vehicle":
            return rows
        cars, status = (
            rows.column(one).to_pylist() for one in ("vehicle_key", "inventory_status_type")
        )
        here = status.index("AVAILABLE")  # they all stand there at the end
        there.append(cars[here])
        cars[here] = there[0]
        at = rows.column_names.index("vehicle_key")
        return rows.set_column(at, "vehicle_key", pa.array(cars))

    there: list[str] = []
    rule = [one for one in generator.automotive().rules if one.id in {"R036.1", "R036.2"}]
    check = Validation(
        generator.automotive().schema, rule, {one.table: one.rows for one in plan.counts}
    )
    total = None
    for shard, tables in shards_of(plan, change):
        total = check.add(total, check.of_shard(tables, shard))
    said = {one["id"]: one["broken"] for one in check.document(total)["rules"]}
    assert said["R036.2"] >= 1
