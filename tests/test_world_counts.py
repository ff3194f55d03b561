"""Any table's count may be named, with any other: exactly so many rows, or a sentence why not."""

from __future__ import annotations

import numpy as np
import pytest

import generator
from generator.domains import PLATFORM
from generator.errors import RequestError
from tests.world import broken, drawn, planned

NAMES = generator.automotive().schema.names
FOLLOW = {name: count for name, count in PLATFORM.counts.tables.items() if count.follows}
ASKABLE = [name for name in NAMES if name not in FOLLOW]
SPANS = (
    ("2025-01-01", "2025-12-31"),
    ("2025-03-01", "2025-03-03"),
    ("2024-02-29", "2024-02-29"),
    ("2022-07-01", "2025-06-30"),
)
COUNTS = (0, 1, 2, 3, 5, 8, 13, 37, 50, 80, 120)


def wish(number: int) -> tuple[dict[str, int], tuple[str, str]]:
    """Some tables with some counts, and a span; the same for the same number."""
    rng = np.random.Generator(np.random.Philox(number))
    size = int(rng.choice([1, 1, 2, 2, 3, 5]))
    chosen = rng.choice(len(ASKABLE), size, replace=False)
    rows = {ASKABLE[at]: int(rng.choice(COUNTS)) for at in chosen}
    return rows, SPANS[int(rng.integers(len(SPANS)))]


def says_why(refused: RequestError) -> None:
    assert refused.field in {f"rows.{name}" for name in NAMES}
    assert refused.sentence.endswith(".")
    assert any(digit in refused.sentence for digit in "0123456789") or "ask" in refused.sentence


@pytest.mark.parametrize("number", range(24))
def test_counts_are_met_or_refused(number):
    rows, (start, stop) = wish(number)
    try:
        plan = planned(rows, start=start, stop=stop, seed=number)
    except RequestError as refused:
        says_why(refused)
        return
    made = drawn(plan)
    assert {name: made[name].num_rows for name in rows} == rows
    assert plan.exact == {name: made[name].num_rows for name in plan.exact}
    assert broken(plan, made) == {}


@pytest.mark.parametrize("table", FOLLOW)
def test_what_follows_from_others_says_what_to_ask_for_instead(table):
    with pytest.raises(RequestError) as refused:
        planned({table: 60})
    assert "cannot be asked for by number; ask for" in refused.value.sentence
    assert refused.value.field == f"rows.{table}"


@pytest.mark.parametrize("table", ASKABLE)
def test_every_table_can_be_asked_alone(table):
    """Each in a world as small as it may be, the others as they come of it."""
    fewest = {"vehicle_specification": 900, "org_profile": 30}
    fewest |= {"part_master": 1_200, "price_list_item": 1_500}
    fewest |= dict.fromkeys(("dealer", "payroll_cycle", "warehouse"), 4)
    fewest |= {"accounting_period": 14, "general_ledger_account": 44, "subscription_plan": 12}
    rows = {table: fewest.get(table, 60)}
    plan = planned(rows, seed=3)
    assert plan.count(table) == rows[table]
    made = drawn(plan)
    assert made[table].num_rows == rows[table]


# Cases that once went wrong: what was asked, over which span.
ONCE = [
    ({"vehicle_telemetry_event": 5, "inventory_vehicle": 3, "dealer": 80}, SPANS[2]),
    ({"credit_rating": 200, "dealer": 80, "credit_application": 50}, ("2025-06-15", "2025-07-10")),
    ({"org_profile": 5, "vehicle_telemetry_event": 8, "credit_rating": 500}, SPANS[1]),
    ({"vehicle_telemetry_event": 50, "invoice": 5, "credit_application": 8}, SPANS[0]),
    ({"deal": 200}, ("1990-01-01", "1990-12-31")),
    ({"deal": 30}, ("2038-01-01", "2038-12-31")),
    ({"deal": 0, "sales_lead": 0}, SPANS[0]),
    ({"dealer": 50, "deal": 600}, SPANS[0]),
    ({"vehicle_telemetry_event": 20_000, "connected_vehicle": 1, "deal": 2}, SPANS[0]),
]


@pytest.mark.parametrize(("rows", "span"), ONCE)
def test_what_once_went_wrong(rows, span):
    plan = planned(rows, start=span[0], stop=span[1], seed=11)
    made = drawn(plan)
    assert {name: made[name].num_rows for name in rows} == rows
    assert broken(plan, made) == {}


REFUSED = {
    "deals without cars": (
        {"deal": 10, "vehicle": 5},
        "Every deal takes a car of its own from stock, so 5 vehicles allow at most 5 deals; "
        "10 were asked. Ask for at least 10 vehicles, or for at most 5 deals.",
    ),
    "invoices without deals": (
        {"deal": 1, "invoice": 2},
        "1 signed deal allows at most 1 invoice; 2 were asked. Ask for at least 2 deals, or for at "
        "most 1 invoice.",
    ),
    "a pair of two sizes": (
        {"vehicle": 8, "inventory_vehicle": 9, "vehicle_transfer_order": 0},
        "Each stay in stock is of a car of its own unless it goes to another dealer, so",
    ),
    "staff for too many dealers": (
        {"dealer": 9, "staff_member": 9},
        "so 9 dealers need at least 54 staff; 9 were asked. Ask for at most 1 dealer, or for at "
        "least 54 staff.",
    ),
    "lines for few invoices": (
        {"invoice": 3, "invoice_item": 90},
        "An invoice has 2 to 8 lines, so 3 invoices allow at most 24 lines; 90 were asked.",
    ),
    "payments of few invoices": (
        {"invoice": 1, "payment": 90},
        "An invoice has 1 to 6 payments, so 1 invoice allows at most 6 payments; 90 were asked.",
    ),
    "one line": (
        {"invoice_item": 1},
        "An invoice has 2 to 8 lines, and no number of others gives 1 line. Ask for 0 lines or 2 "
        "lines.",
    ),
    "more connected than built": (
        {"vehicle": 2, "connected_vehicle": 3},
        "2 vehicles allow at most 2 connected cars; 3 were asked.",
    ),
    "events of no car": (
        {"connected_vehicle": 0, "vehicle_telemetry_event": 1},
        "An event comes from a connected car, so",
    ),
    "too few parties": (
        {"customer": 90, "party": 9},
        "9 parties allow at most 2 customers; 90 were",
    ),
    "too many companies": (
        {"org_profile": 900},
        "There are 1 to 79 companies; 900 were asked. Ask for at most 79 companies.",
    ),
    "too many dealers": (
        {"dealer": 10_000_000, "deal": 1},
        "rows in all tables, and a bundle has at most 2,000,000,000; ask for at most",
    ),
    "a small catalogue": ({"vehicle_specification": 3}, "The catalogue of these years has"),
    "two things at once": (
        {"deal": 3, "vehicle": 1, "org_profile": 0, "invoice": 7},
        "Ask for",
    ),
}


@pytest.mark.parametrize(("rows", "words"), REFUSED.values(), ids=REFUSED)
def test_contradictions_say_what_would_fit(rows, words):
    with pytest.raises(RequestError) as refused:
        planned(rows)
    assert words in refused.value.sentence
    assert refused.value.field.removeprefix("rows.") in rows


def test_leads_that_cannot_convert_are_noted_not_hidden():
    plan = planned({"deal": 10, "sales_lead": 1_000})
    assert any("can be won" in note for note in plan.notes)


# Small tables of all that there is, whatever the seed.
ALL_THERE_IS = (
    "accounting_period",
    "general_ledger_account",
    "labor_operation",
    "subscription_plan",
)


def test_the_same_seed_draws_the_same_world_and_another_does_not():
    asked = {"deal": 40, "vehicle_telemetry_event": 500, "vehicle_transfer_order": 3, "dealer": 2}
    one, twin, other = (drawn(planned(asked, seed=seed)) for seed in (5, 5, 6))
    assert all(one[name].equals(twin[name]) for name in one)
    same = {name for name in one if one[name].equals(other[name])}
    assert same <= {"org_profile", *ALL_THERE_IS}
