"""What must hold for repair orders (R020, R021, R039, R078, R080, R081)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.headings import SERVICE
from generator.domains.human_resources.duty import employed, in_role
from generator.domains.sales_operations.in_order import in_order
from generator.rules import Rule, Truth
from generator.tables import Tables

ADVISORS = ("SERVICE_ADVISOR", "ADVISOR")
FOREVER = np.datetime64("2200-01-01", "ms")
ROAD_TEST = 15  # miles


def _in_order(tables: Tables) -> Truth:
    table = "repair_order"
    return in_order(tables, table, "opened_date_time", "completed_date_time", "closed_date_time")


def _promised(tables: Tables) -> Truth:
    opened = tables.values("repair_order", "opened_date_time").astype("datetime64[D]")
    promised = tables.values("repair_order", "promise_complete_date")
    return np.asarray(promised >= opened)


def _road_test(tables: Tables) -> Truth:
    came = tables.values("repair_order", "odometer_in")
    left = tables.values("repair_order", "odometer_out")
    car = tables.row_of("repair_order", "vehicle_key")
    reports = np.isin(car, tables.row_of("connected_vehicle", "vehicle_key"))
    kept = (left >= came) & ((left <= came + ROAD_TEST) | reports)
    return np.asarray(kept | tables.missing("repair_order", "odometer_out"))


def _miles(tables: Tables) -> Truth:
    """Of the orders of a car none shows less than an earlier one."""
    car = tables.group_of("repair_order", "vehicle_key")
    opened = tables.values("repair_order", "opened_date_time").astype(np.int64)
    reading = tables.values("repair_order", "odometer_in")
    order = np.lexsort((reading, opened, car))
    obeys = np.ones(len(car), dtype=bool)
    same = car[order][1:] == car[order][:-1]
    obeys[order[1:][same & (np.diff(reading[order]) < 0)]] = False
    return obeys


def _owned(tables: Tables) -> Truth:
    """In stock the car is its dealer's, who pays; sold, it is the buyer's until it is stocked
    again; of a car that was never here it cannot be told whose it is, but no dealer's."""
    party = tables.row_of("repair_order", "customer_key.party_key")
    dealer = tables.row_of("repair_order", "dealer_key.party_key")
    house = (party == dealer) & (party >= 0)
    stay = _last_stay(tables)
    opened = tables.values("repair_order", "opened_date_time").astype("datetime64[ms]")
    gone = tables.values("inventory_vehicle", "delivered_date_time").astype("datetime64[ms]")
    gone = np.append(
        np.where(tables.missing("inventory_vehicle", "delivered_date_time"), FOREVER, gone), FOREVER
    )
    inside = (stay >= 0) & (opened < gone[stay])
    bought = _buyers(tables)[stay]
    customer = tables.row_of("repair_order", "customer_key")
    own = np.where(stay < 0, ~house, (bought == customer) | (bought < 0))
    paid = _pays_itself(tables)
    return np.asarray(np.where(inside, house & paid, own & ~house))


def _last_stay(tables: Tables) -> NDArray[np.int64]:
    """The last stay of each order's car that began before it was opened, -1 if none."""
    stays = tables.row_of("inventory_vehicle", "vehicle_key")
    begun = tables.values("inventory_vehicle", "stock_date_time").astype("datetime64[ms]")
    begun = np.where(tables.missing("inventory_vehicle", "stock_date_time"), FOREVER, begun)
    order = np.lexsort((begun, stays))
    width = np.int64(1) << 43
    keys = stays[order] * width + begun[order].astype(np.int64)
    car = tables.row_of("repair_order", "vehicle_key")
    opened = tables.values("repair_order", "opened_date_time").astype("datetime64[ms]")
    at = np.searchsorted(keys, car * width + opened.astype(np.int64), side="right") - 1
    found = np.append(order, -1)[at] if len(order) else np.full(len(car), -1)
    same = (found >= 0) & (np.append(stays, -1)[found] == car) & (at >= 0) & (car >= 0)
    return np.where(same, found, -1)


def _buyers(tables: Tables) -> NDArray[np.int64]:
    """The customer that took each stay's car, -1 where nobody did; one entry more for no stay."""
    found = np.full(tables.rows("inventory_vehicle") + 1, -1, dtype=np.int64)
    stay = tables.row_of("deal", "inventory_vehicle_key")
    took = ~tables.missing("deal", "delivery_date_time") & (stay >= 0)
    found[stay[took]] = tables.row_of("deal", "customer_key")[took]
    return found


def _pays_itself(tables: Tables) -> Truth:
    """Whether all lines of an order are paid internally."""
    order = tables.row_of("repair_order_line", "repair_order_key")
    other = ~tables.is_one_of("repair_order_line", "pay_type", "INTERNAL")
    found = np.ones(tables.rows("repair_order"), dtype=bool)
    found[order[other & (order >= 0)]] = False
    return found


def _sum(tables: Tables, column: str) -> NDArray[Any]:
    order = tables.row_of("repair_order_line", "repair_order_key")
    total = np.zeros(tables.rows("repair_order") + 1, dtype=np.int64)
    np.add.at(total, order, tables.values("repair_order_line", column))
    return total[:-1]


def _sums(tables: Tables) -> Truth:
    def of(name: str) -> NDArray[Any]:
        return np.asarray(tables.values("repair_order", f"actual_{name}_amount"))

    labor, parts = _sum(tables, "labor_amount"), _sum(tables, "parts_amount")
    whole = of("labor") + of("parts") + _sum(tables, "sublet_amount") + of("misc") + of("tax")
    same = (of("labor") == labor) & (of("parts") == parts)
    return np.asarray(same & (of("grand_total") == whole))


def _estimated(tables: Tables) -> Truth:
    estimate = tables.values("repair_order", "estimated_grand_total_amount")
    actual = tables.values("repair_order", "actual_grand_total_amount")
    return np.asarray(np.abs(estimate - actual) * 4 <= np.abs(actual))


def _numbered(tables: Tables) -> Truth:
    """Each order has one to five lines."""
    order = tables.row_of("repair_order_line", "repair_order_key")
    counted = np.bincount(order[order >= 0], minlength=tables.rows("repair_order"))
    return np.asarray((counted >= 1) & (counted <= 5))


RULES = (
    Rule(
        "R020.repair_order",
        "repair_order",
        "The advisor of a repair order is employed when it is opened.",
        employed("repair_order", "advisor_staff_member_key", "opened_date_time"),
        needs=("staff_member",),
        group=SERVICE,
    ),
    Rule(
        "R021.repair_order",
        "repair_order",
        "The advisor of a repair order is a service advisor of the same dealer.",
        in_role("repair_order", "advisor_staff_member_key", ADVISORS),
        needs=("staff_member", "dealer"),
        group=SERVICE,
    ),
    Rule(
        "R039.repair_order",
        "repair_order",
        "Of the repair orders of a car none shows fewer miles than an earlier one.",
        _miles,
        needs=("vehicle",),
        group=SERVICE,
        scope="shard",
    ),
    Rule(
        "R039.road_test",
        "repair_order",
        "A car leaves the workshop with 0 to 15 miles more, or with those it reports.",
        _road_test,
        needs=("vehicle", "connected_vehicle"),
        group=SERVICE,
        scope="shard",
    ),
    Rule(
        "R078.order",
        "repair_order",
        "A repair order is opened, completed and closed in this order.",
        _in_order,
        group=SERVICE,
    ),
    Rule(
        "R078.promise",
        "repair_order",
        "A car is promised for the day it comes, or later.",
        _promised,
        group=SERVICE,
    ),
    Rule(
        "R080.1",
        "repair_order",
        "The customer owns the car; work on a dealer's stock is the dealer's, and paid internally.",
        _owned,
        needs=("repair_order_line", "inventory_vehicle", "deal", "customer", "dealer", "vehicle"),
        group=SERVICE,
        scope="shard",
    ),
    Rule(
        "R081.1",
        "repair_order",
        "A repair order is the sum of its lines, with supplies and tax.",
        _sums,
        needs=("repair_order_line",),
        group=SERVICE,
        scope="shard",
    ),
    Rule(
        "R081.2",
        "repair_order",
        "An estimate lies within a quarter of what the repair order comes to.",
        _estimated,
        group=SERVICE,
    ),
    Rule(
        "R081.3",
        "repair_order",
        "A repair order has 1 to 5 lines.",
        _numbered,
        needs=("repair_order_line",),
        group=SERVICE,
        scope="shard",
    ),
)
