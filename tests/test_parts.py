"""Parts: the catalogue, its prices, what is ordered, issued and on the shelves."""

from __future__ import annotations

import numpy as np
import pytest

from generator.domains.parts.domain import DOMAIN
from generator.domains.parts.families import ANY_MAKE, entries, families, fewest, most
from generator.domains.parts.part_numbers import part_number
from generator.errors import PlanError
from generator.leaves.figures import figures
from tests.world import broken, drawn, frame, planned, small_world

TABLES = [one.name for one in DOMAIN.tables]


@pytest.fixture(scope="module")
def world():
    return small_world()[1]


@pytest.fixture(scope="module")
def parts(world):
    return frame(world, "part_master")


def test_no_two_parts_of_a_maker_have_one_number():
    maker = {**figures()["manufacturer"], ANY_MAKE: figures()["parts_supplier"]}
    every = [(maker[one.make], part_number(one, maker[one.make])) for one in entries(())]
    assert len(every) > 5_000
    assert len(set(every)) == len(every)


def test_a_catalogue_of_the_fewest_has_every_family(parts):
    small = parts.head(fewest())
    assert {name.split(" - ")[0] for name in small.part_name} >= {f.name for f in families()}


def test_dealers_find_their_makes_first(world, parts):
    made = set(frame(world, "dealer").primary_make)
    named = parts.part_name.str.extract(r" - (.+?)(?: [A-Z])?$")[0].dropna()
    assert set(named.head(150 * len(made))) == made


def test_dearer_parts_are_listed_dearer_with_less_on_top(parts):
    by_cost = parts.sort_values("dealer_cost")
    assert (np.diff(by_cost.list_price) >= 0).all()
    markup = parts.list_price / parts.dealer_cost
    assert markup[parts.dealer_cost < 5].mean() > 1.9
    assert markup[parts.dealer_cost > 400].mean() < 1.6


def test_a_number_that_was_replaced_leads_to_the_same_part(parts):
    old = parts[parts.superseded_by_part_master_key.notna()]
    new = parts.set_index("part_master_key").loc[old.superseded_by_part_master_key]
    assert len(old) > 10
    assert (old.part_name.to_numpy() == new.part_name.to_numpy()).all()
    assert (old.part_number.to_numpy() != new.part_number.to_numpy()).all()


def test_prices_rise_to_the_list_price(world, parts):
    prices = frame(world, "price_list_item")
    steps = prices.groupby("part_master_key").price_amount.apply(lambda p: (np.diff(p) >= 0).all())
    assert steps.all()
    last = prices.groupby("part_master_key").price_amount.last()
    assert (last == parts.set_index("part_master_key").list_price).all()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"part_master": 900}, "The catalogue of parts has"),
        ({"part_master": 1_100, "price_list_item": 5_000}, "A part has 1 to 4 prices over time"),
        ({"part_master": most() + 1}, "Ask for at most"),
        ({"dealer": 2, "part_inventory": 2_001}, "A dealer stocks at most 1,000 parts"),
        ({"part_order": 10, "part_order_item": 121}, "A parts order has 1 to 12 lines"),
        ({"part_order": 10, "part_order_item": 9}, "A parts order has 1 to 12 lines"),
    ],
)
def test_what_cannot_be_is_refused(rows, said):
    with pytest.raises(PlanError, match=said):
        planned(rows)


EXACT = [
    {"part_inventory": 2_000, "dealer": 2, "part_order": 900, "part_order_item": 2_600, "deal": 5},
    {"part_inventory": 0, "part_order": 60, "part_order_item": 700, "deal": 3},
    {"part_inventory": 7, "part_order": 0},
    {"part_order": 300, "part_order_item": 300, "deal": 10},
]


@pytest.mark.parametrize("rows", EXACT, ids=str)
def test_asked_numbers_are_met_and_nothing_leaves_that_is_not_there(rows):
    plan = planned(rows)
    made = drawn(plan)
    assert {name: made[name].num_rows for name in rows} == rows
    assert {r: s for r, s in broken(plan, made).items() if r[1] in TABLES} == {}


@pytest.fixture(scope="module")
def cuts():
    found = {}
    for day in ("2025-05-15", "2025-10-01", "2025-12-31"):
        plan = planned({"deal": 40, "part_order": 400}, as_of=day)
        found[day] = (plan, drawn(plan))
    return found


def test_a_cut_balances_too(cuts):
    for plan, made in cuts.values():
        mine = {rule: said for rule, said in broken(plan, made).items() if rule[1] in TABLES}
        assert mine == {}


def test_orders_of_a_cut_are_still_on_their_way(cuts):
    orders = frame(cuts["2025-05-15"][1], "part_order")
    late = orders[orders.received_date_time.isna()]
    assert 0 < len(late) < 0.2 * len(orders)
    shelves = frame(cuts["2025-05-15"][1], "part_inventory")
    assert shelves.quantity_on_order.sum() > 0
    whole = frame(cuts["2025-12-31"][1], "part_order").set_index("part_order_key")
    assert (
        whole.loc[orders.part_order_key].create_date_time.array == orders.create_date_time
    ).all()


def test_no_order_has_a_part_twice(world):
    items = frame(world, "part_order_item")
    assert not items.duplicated(["part_order_key", "part_master_key"]).any()


def test_the_trade_pays_less_than_who_walks_in(world):
    items = frame(world, "part_order_item").merge(frame(world, "part_order"), on="part_order_key")
    items = items.merge(frame(world, "part_master"), on="part_master_key")
    sold = items[items.order_type == "SALES"]
    trade = sold.scheduled_ship_date.notna()
    over_list = sold.unit_price / sold.list_price
    assert over_list[trade].mean() < 0.9 < over_list[~trade].mean()
    spent = sold.groupby("part_order_key").total_amount.first()
    assert spent.mean() > 150


def test_few_of_the_trade_buy_most(world):
    orders = frame(world, "part_order")
    trade = orders[(orders.order_type == "SALES") & orders.scheduled_ship_date.notna()]
    buyers = trade.customer_key.value_counts()
    assert buyers.head(10).sum() > 0.3 * len(trade)
    assert len(buyers) > 15


def test_what_is_needed_most_is_stocked(world):
    orders = frame(world, "part_order_item").merge(frame(world, "part_order"), on="part_order_key")
    sold = orders[orders.order_type == "SALES"]
    shelves = frame(world, "part_inventory")
    stocked = sold.merge(shelves, on=["dealer_key", "part_master_key"], how="left")
    assert stocked.bin_location.notna().mean() > 0.9


def test_no_dealer_buys_at_its_own_counter(world):
    orders = frame(world, "part_order").merge(frame(world, "customer"), on="customer_key")
    dealers = frame(world, "dealer")
    assert not orders.party_key.isin(dealers.party_key).any()


@pytest.fixture(scope="module")
def issued(world):
    rows = frame(world, "repair_order_part").merge(
        frame(world, "repair_order_line"), on="repair_order_line_key"
    )
    rows = rows.merge(frame(world, "labor_operation"), on="labor_operation_key")
    return rows.merge(frame(world, "part_master"), on="part_master_key")


def test_jobs_take_the_parts_of_their_operations(issued):
    takes = figures()["parts_of_operations"]
    general = set(figures()["parts_of_any_job"])
    family = issued.part_name.str.split(" - ").str[0].str.replace(r" [A-F]$", "", regex=True)
    named = [
        {name for name, _, _ in takes.get(code, ())} | general for code in issued.operation_code
    ]
    assert all(one in names for one, names in zip(family, named, strict=True))
    own = family[~family.isin(general)]
    assert len(own) > 0.8 * len(issued)


def test_parts_of_a_make_go_into_its_cars(world, issued):
    cars = frame(world, "vehicle").merge(
        frame(world, "vehicle_specification"), on="vehicle_specification_key"
    )
    orders = frame(world, "repair_order").merge(cars, on="vehicle_key")
    make = issued.merge(orders[["repair_order_key", "make"]], on="repair_order_key").make
    named = issued.part_name.str.extract(r" - (.+?)(?: [A-F])?$")[0]
    assert (named.isna() | (named.to_numpy() == make.to_numpy())).all()
    assert named.notna().mean() > 0.1


def test_makers_pay_for_parts_what_leaves_the_published_gross(issued):
    paid = issued[issued.pay_type.isin(["WARRANTY", "MANUFACTURER"])]
    gross = 1 - (paid.unit_cost * paid.quantity).sum() / paid.extended_amount.sum()
    assert abs(gross - figures()["warranty_parts_gross"]) < 0.01


def test_what_a_job_waits_for_is_there_before_it_is_issued(world, issued):
    orders = frame(world, "part_order")
    special = orders[orders.order_type == "SPECIAL"]
    assert len(special) > 5
    first = issued.groupby("repair_order_key").issued_date_time.min()
    opened = frame(world, "repair_order").set_index("repair_order_key").opened_date_time
    known = special[special.repair_order_key.isin(first.index)].set_index("repair_order_key")
    assert (known.create_date_time >= opened.loc[known.index]).all()
    assert (known.received_date_time <= first.loc[known.index]).all()
    lines = frame(world, "part_order_item").merge(special, on="part_order_key")
    needs = set(zip(issued.repair_order_key, issued.part_master_key, strict=True))
    asked = zip(lines.repair_order_key, lines.part_master_key, strict=True)
    assert sum(one in needs for one in asked) > 0.95 * len(lines)


@pytest.mark.parametrize(
    "rows",
    [
        {"repair_order": 40, "repair_order_line": 90, "repair_order_part": 360},
        {"repair_order": 40, "repair_order_line": 90, "repair_order_part": 11},
        {"repair_order_part": 0, "part_order": 50},
        {"repair_order": 0, "part_order": 50, "part_order_item": 90},
    ],
    ids=str,
)
def test_jobs_take_exactly_as_many_parts_as_were_asked_for(rows):
    plan = planned(rows)
    made = drawn(plan)
    assert {name: made[name].num_rows for name in rows} == rows
    assert {r: s for r, s in broken(plan, made).items() if r[1] in TABLES} == {}


def test_more_parts_than_jobs_can_take_are_refused():
    with pytest.raises(PlanError, match="takes at most 4 parts"):
        planned({"repair_order": 10, "repair_order_line": 10, "repair_order_part": 41})
