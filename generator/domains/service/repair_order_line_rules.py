"""What must hold for lines of repair orders (R020, R021, R081 to R084)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.headings import SERVICE
from generator.domains.human_resources.duty import employed
from generator.rules import Rule, Truth
from generator.tables import Tables

TABLE = "repair_order_line"
TECHNICIANS = ("SERVICE_TECH", "TECHNICIAN", "PRIMARY_TECHNICIAN")
MOST_HOURS = 1200  # hundredths of hours a technician is on the clock a day
NOT_ELECTRIC = ("oil and filter", "spark plug", "fuel inj", "throttle", "catalytic", "muffler")
SOON = 90  # days within which a service by miles is not done again without the miles
LEAST_INTERVAL = 4  # part of its interval, at least, after which an operation is done again


def _labour(tables: Tables) -> Truth:
    """Hours in hundredths times cents, rounded half up."""
    product = tables.values(TABLE, "billed_hours") * tables.values(TABLE, "labor_rate")
    return np.asarray((product + 50) // 100 == tables.values(TABLE, "labor_amount"))


def _efficient(tables: Tables) -> Truth:
    billed, clocked = tables.values(TABLE, "billed_hours"), tables.values(TABLE, "clocked_hours")
    ratio = tables.values(TABLE, "efficiency_ratio")
    same = np.abs(ratio * clocked - billed * 1000) * 2 <= clocked
    return np.asarray(same & (clocked > 0) & (ratio >= 600) & (ratio <= 1600))


def _a_day(tables: Tables) -> Truth:
    """All lines of a technician whose orders were opened on one day."""
    who = tables.group_of(TABLE, "technician_staff_member_key")
    day = tables.values(TABLE, "repair_order_key.opened_date_time").astype("datetime64[D]")
    number = day.astype(np.int64)
    at = who * (int(number.max(initial=0)) + 1) + number
    code = np.unique(at, return_inverse=True)[1]
    total = np.bincount(code, weights=tables.values(TABLE, "clocked_hours"), minlength=1)
    return np.asarray((total <= MOST_HOURS)[code])


def _warranty_rate(tables: Tables) -> Truth:
    """The maker's rate is not above the highest that the dealer's customers pay."""
    dealer = tables.group_of(TABLE, "repair_order_key.dealer_key")
    rate = tables.values(TABLE, "labor_rate")
    customers = tables.is_one_of(TABLE, "pay_type", "CUSTOMER_PAY")
    door = np.zeros(int(dealer.max(initial=0)) + 1, dtype=np.int64)
    np.maximum.at(door, dealer[customers], rate[customers])
    known = door[dealer] > 0
    return np.asarray(
        ~tables.is_one_of(TABLE, "pay_type", "WARRANTY") | ~known | (rate <= door[dealer])
    )


def _once(tables: Tables) -> Truth:
    """No number and no operation comes twice on an order."""
    order = tables.group_of(TABLE, "repair_order_key")
    return _no_twice(order, tables.values(TABLE, "sequential_line_number")) & _no_twice(
        order, tables.group_of(TABLE, "labor_operation_key")
    )


def _no_twice(group: NDArray[np.int64], value: NDArray[np.int64]) -> Truth:
    at = group * (int(value.max(initial=0)) + 1) + value
    code, counted = np.unique(at, return_inverse=True, return_counts=True)[1:]
    return np.asarray(counted[code] == 1)


def _fits(tables: Tables) -> Truth:
    """An electric car has no oil to change, no plugs and no exhaust."""
    path = "repair_order_key.vehicle_key.vehicle_specification_key.power_train_type"
    electric = tables.is_one_of(TABLE, path, "BEV", "FCEV")
    names = tables.values("labor_operation", "labor_operation_name")
    burns = np.array([any(word in str(name).lower() for word in NOT_ELECTRIC) for name in names])
    operation = tables.row_of(TABLE, "labor_operation_key")
    return np.asarray(~(electric & np.append(burns, False)[operation]))


def _intervals(tables: Tables) -> Truth:
    """An operation with an interval is done again on a car after a good part of its miles, or
    after some months."""
    operation = tables.row_of(TABLE, "labor_operation_key")
    car = tables.group_of(TABLE, "repair_order_key.vehicle_key")
    opened = tables.values(TABLE, "repair_order_key.opened_date_time").astype("datetime64[D]")
    reading = tables.values(TABLE, "repair_order_key.odometer_in")
    interval = np.where(
        tables.missing("labor_operation", "interval_miles"),
        0,
        tables.values("labor_operation", "interval_miles"),
    )
    interval = np.append(interval, 0)[operation]
    inside = tables.is_one_of(TABLE, "pay_type", "INTERNAL")
    some = np.flatnonzero((interval > 0) & ~inside)
    order = some[np.lexsort((opened[some], operation[some], car[some]))]
    again = (car[order][1:] == car[order][:-1]) & (operation[order][1:] == operation[order][:-1])
    miles = np.diff(reading[order]) * LEAST_INTERVAL >= interval[order][1:]
    days = np.diff(opened[order]).astype(np.int64) >= SOON
    obeys = np.ones(len(operation), dtype=bool)
    obeys[order[1:][again & ~miles & ~days]] = False
    return obeys


RULES = (
    Rule(
        "R020.repair_order_line",
        TABLE,
        "The technician of a line is employed when its repair order is opened.",
        employed(TABLE, "technician_staff_member_key", "repair_order_key.opened_date_time"),
        needs=("staff_member", "repair_order"),
        group=SERVICE,
    ),
    Rule(
        "R021.repair_order_line",
        TABLE,
        "Who does a line is a technician of the same dealer.",
        lambda tables: np.asarray(
            tables.is_one_of(TABLE, "technician_staff_member_key.role_type", *TECHNICIANS)
            & tables.same(
                TABLE, "technician_staff_member_key.dealer_key", "repair_order_key.dealer_key"
            )
        ),
        needs=("staff_member", "dealer", "repair_order"),
        group=SERVICE,
    ),
    Rule("R081.labour", TABLE, "Labour is hours times rate.", _labour, group=SERVICE),
    Rule(
        "R082.1",
        TABLE,
        "Efficiency is hours billed over hours clocked, from 0.6 to 1.6.",
        _efficient,
        group=SERVICE,
    ),
    Rule(
        "R082.2",
        TABLE,
        "A technician is on the clock for at most 12 hours a day.",
        _a_day,
        needs=("repair_order", "staff_member"),
        group=SERVICE,
        scope="shard",
    ),
    Rule(
        "R083.rate",
        TABLE,
        "What a warranty pays an hour is at most the dealer's door rate.",
        _warranty_rate,
        needs=("repair_order", "dealer"),
        group=SERVICE,
        scope="shard",
    ),
    Rule(
        "R084.once",
        TABLE,
        "No number and no operation comes twice on a repair order.",
        _once,
        needs=("repair_order", "labor_operation"),
        group=SERVICE,
        scope="shard",
    ),
    Rule(
        "R084.fits",
        TABLE,
        "Electric cars get no oil change, spark plugs or exhaust.",
        _fits,
        needs=("repair_order", "labor_operation", "vehicle", "vehicle_specification"),
        group=SERVICE,
    ),
    Rule(
        "R084.interval",
        TABLE,
        "Services by miles are done again after a good part of their interval, or some months.",
        _intervals,
        needs=("repair_order", "labor_operation", "vehicle"),
        group=SERVICE,
        scope="shard",
    ),
)
