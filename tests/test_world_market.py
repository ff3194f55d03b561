"""Few dealers together look like the published market."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import generator
from generator.domains.vehicle_asset_mgt.mix import expected, makes_of
from generator.domains.world import spanned
from generator.leaves.figures import figures
from tests.world import as_tables, drawn, frame, planned

CAR = "inventory_vehicle_key.vehicle_key.vehicle_specification_key"
SMALL = {"deal": 200, "vehicle_telemetry_event": 0}


def catalogue(rows, seed):
    plan = planned(rows, seed=seed)
    plan = replace(plan, recipe=spanned(plan.recipe))
    return plan, generator.automotive().world.open(plan).shared()["vehicle_specification"]


@pytest.mark.parametrize("seed", range(1, 9))
def test_two_dealers_sell_at_the_published_price(seed):
    tables = as_tables(drawn(planned(SMALL, seed=seed)))
    new = tables.values("deal", "product_state_type") == "NEW"
    assert tables.values("deal", "msrp_price")[new].mean() / 100 == pytest.approx(52_627, rel=0.08)


@pytest.mark.parametrize("rows", [{"deal": 200}, {"sales_lead": 20_000}, {"deal": 40_000}])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_powertrains_are_the_published_ones_as_far_as_the_makes_build_them(rows, seed):
    plan, cars = catalogue({**rows, "vehicle_telemetry_event": 0}, seed)
    share = expected(plan, cars, figures())
    train = cars.text("power_train_type").astype(str)
    assert share.sum() == pytest.approx(1)
    for name in ("HEV", "PHEV", "BEV"):
        reached, published = share[train == name].sum(), figures()["powertrain_weight"][name]
        assert reached <= published + 0.03
        if rows != {"deal": 200}:
            assert reached == pytest.approx(published, abs=0.01)


def test_makes_are_as_frequent_as_in_the_market():
    plan, cars = catalogue({"deal": 900_000, "vehicle_telemetry_event": 0}, 4)
    makes = makes_of(plan, cars, figures())
    deals = np.array(plan.world["per_dealer"]["deal"])
    names = set(makes.tolist())
    luxury = set(figures()["luxury_makes"])
    for some, together in ((names & luxury, 0.195), (names - luxury, 0.805)):
        market = {name: figures()["make_share"][name] for name in some}
        for name in {"Toyota", "Ford", "Chevrolet", "Nissan", "BMW", "Lexus"} & some:
            own = deals[makes == name].sum() / deals.sum()
            wanted = together * market[name] / sum(market.values())
            assert own == pytest.approx(wanted, abs=0.01)


def test_seeds_differ_in_their_makes():
    found = {tuple(makes_of(*catalogue(SMALL, seed), figures())) for seed in range(1, 13)}
    assert len(found) >= 5


def test_no_dealer_has_a_make_that_sells_to_buyers_itself():
    plan, cars = catalogue({"deal": 40_000, "vehicle_telemetry_event": 0}, 2)
    assert not set(makes_of(plan, cars, figures())) & set(figures()["direct_makes"])
    assert set(figures()["direct_makes"]) <= set(cars.text("make"))


def test_makes_do_not_depend_on_how_dealers_are_cut_into_shards():
    plan = planned({"deal": 6_000, "vehicle_telemetry_event": 0}, seed=3)
    assert sum(shard.stage == "dealers" for shard in plan.shards) > 1
    whole = frame(drawn(plan), "dealer")["primary_make"].astype(str).tolist()
    plan, cars = catalogue({"deal": 6_000, "vehicle_telemetry_event": 0}, 3)
    assert makes_of(plan, cars, figures()).tolist() == whole


def test_soft_tyres_have_their_share_of_the_readings():
    for seed in (1, 2, 3):
        rows = drawn(planned({"deal": 200, "vehicle_telemetry_event": 5_000}, seed=seed))
        soft = frame(rows, "vehicle_telemetry_event")["tire_pressure_psi"].astype(float) < 29
        assert soft.mean() == pytest.approx(0.084, abs=0.03)


def test_the_mean_margin_of_new_cars_is_the_published_one_for_any_makes():
    for seed in (1, 2):
        tables = as_tables(drawn(planned({"deal": 1_500, "vehicle_telemetry_event": 0}, seed=seed)))
        new = tables.values("deal", "product_state_type") == "NEW"
        gross = tables.values("deal", "front_gross_profit")[new].mean() / 100
        assert gross == pytest.approx(1_840, rel=0.1)


def test_references_name_the_powertrains_of_the_platform():
    told = {r.id: r.value for r in generator.automotive().references if "powertrain_" in r.id}
    assert sum(told.values()) == pytest.approx(1)
