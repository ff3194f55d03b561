"""``part_order``: orders to suppliers for the shelves and for jobs, and sales at the counter.

Whoever buys at the counter was known to the dealer before; the trade (body shops, garages) are the
customers that are known for longest, few of whom buy most.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import (
    DAY,
    MINUTE,
    business_days,
    business_time,
    clocks_of,
    end_of,
    span,
    when_open,
)
from generator.domains.clocks import local_day
from generator.domains.closing import last_open, next_open
from generator.domains.columns import day, decimal, enum, integer, moment, text
from generator.domains.counts import Given, Noun, asks, each
from generator.domains.courses import Stage, Steps
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import evened
from generator.domains.human_resources.rota import on_duty
from generator.domains.parts.part_order_postings import journals
from generator.domains.parts.part_order_rules import RULES
from generator.domains.parts.special_order import (
    NEVER,
    first_issued,
    first_part,
    in_hours,
    jobs_for,
)
from generator.domains.payment.dates import between
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "part_order",
    domain="parts",
    meaning="Stock or special order to a supplier, or counter sale to a customer",
    key="part_order_key",
    columns=(
        text("part_order_key", 50, unique=True),
        text("dealer_key", 50),
        text("supplier_org_profile_key", 50, "of orders to a supplier", nullable=True),
        text("customer_key", 50, "of a counter sale", nullable=True),
        text("repair_order_key", 50, "of a special order for a repair order", nullable=True),
        text("ordered_by_staff_member_key", 50),
        enum("order_type", "OrderTypes"),
        enum("part_order_status_type", "InvoiceItemStatusTypes"),
        moment("create_date_time"),
        day("requested_delivery_date", nullable=True, planned=True),
        day("scheduled_ship_date", nullable=True, planned=True),
        moment("received_date_time", nullable=True),
        integer("total_quantity", "= sum(part_order_item.total_quantity)"),
        decimal("total_amount", 12, 2, "= sum(part_order_item.total_price)"),
    ),
    links=(
        Link("dealer_key", "dealer", "dealer_key", "parent"),
        Link("supplier_org_profile_key", "org_profile", "org_profile_key", "lookup"),
        Link("customer_key", "customer", "customer_key", "lookup"),
        Link("repair_order_key", "repair_order", "repair_order_key", "lookup"),
        Link("ordered_by_staff_member_key", "staff_member", "staff_member_key", "lookup"),
    ),
)

MOST_LINES = 12  # of an order
STOCK = ("PURCHASE", "RUSH")
BUYERS = ("SPECIALIST", "SERVICE_ADVISOR", "GEN_MGR")  # whoever is at the parts counter
REACH = np.int64(1) << 43  # milliseconds between two dealers in a list: 270 years
FAR = np.datetime64("2999-01-01", "D")


@drawn("_wanted", "_clock")
def _wanted(draw: Draw) -> Made:
    local = draw["_dealer"] - draw.frames["dealer"].start
    return {
        "_wanted": draw.leaf("part_order.order_type", u=evened(draw.u("order_type"), local)),
        "_clock": clocks_of(draw, draw["_dealer"]),
    }


@link("dealer_key", "repair_order_key", "_job")
def _jobs(draw: Draw) -> Made:
    """``_job``: the local repair order that a part is ordered for, -1 of other orders."""
    special = draw["_wanted"].text() == "SPECIAL"
    job = jobs_for(draw, special, draw["_dealer"] - draw.frames["dealer"].start)
    jobs = draw.key("repair_order", job + draw.frames["repair_order"].start)
    return {
        "dealer_key": draw.key("dealer", draw["_dealer"]),
        "repair_order_key": (jobs, job < 0),
        "_job": job,
    }


@drawn("create_date_time", "_needed_at")
def _created(draw: Draw) -> Made:
    """Orders for stock are not written at weekends; those for jobs as the job begins.
    ``_needed_at`` is when the first part of the job is issued."""
    first, last = span(draw)
    clocks = draw["_clock"]
    days = business_days(draw, draw.u("day"), clocks)
    sold = draw["_wanted"].text() == "SALES"
    days = np.where(sold, last_open(days, "workshop"), last_open(days, "bank"))
    days = np.where(days < first, next_open(days + DAY, "workshop"), days)
    created = business_time(days, draw.u("hour"), clocks, last=last)
    job, jobs = draw["_job"], draw.frames["repair_order"]
    needed = np.append(first_issued(draw), NEVER)[job]
    opened = np.append(jobs["opened_date_time"].astype("datetime64[ms]"), NEVER)[job]
    soon = between(opened, needed, draw.leaf("job_order_share"))
    soon = in_hours(soon, needed, clocks, draw.u("job_order_hour") / 2 + 0.5)
    soon = np.minimum(soon, end_of(last))
    return {
        "create_date_time": np.where(job >= 0, soon, created),
        "_needed_at": np.where(job >= 0, needed, created),
    }


@link("customer_key", "_customer", "_trade", "order_type", "_stock")
def _buyer(draw: Draw) -> Made:
    """A sale is to somebody who is known by then; where nobody is, the order is one for stock."""
    sale = draw["_wanted"].text() == "SALES"
    local = draw["_dealer"] - draw.frames["dealer"].start
    trade = draw["_wanted"].text() == "SALES"
    trade &= evened(draw.u("trade"), local * 2 + sale) < draw.figures["trade_sale_share"]
    power = np.where(trade, draw.figures["trade_account_power"], 1.0)
    customer = _known(draw, draw.u("buyer") ** power)
    sold = sale & (customer >= 0)
    labels = draw["_wanted"].labels
    idle = (draw["_wanted"].text() == "SPECIAL") & (draw["_job"] < 0)
    kind = np.where((sale & ~sold) | idle, labels.index("PURCHASE"), draw["_wanted"].codes)
    return {
        "customer_key": (draw.key("customer", customer), ~sold),
        "_customer": np.where(sold, customer, -1),
        "_trade": trade & sold,
        "order_type": Coded(kind.astype(np.int32), labels),
        "_stock": ~sold,
    }


def _known(draw: Draw, place: NDArray[np.float64]) -> NDArray[np.int64]:
    """A customer of the order's dealer who is known when it is written, in the order in which
    they became known; -1 where there is none."""
    customers = draw.frames["customer"]
    since = customers["document_date_time"].astype("datetime64[ms]").astype(np.int64)
    dealer = customers["_dealer"]
    order = np.lexsort((since, dealer))
    order = order[~customers["_house"][order]]
    keys = dealer[order] * REACH + since[order]
    begin = np.searchsorted(keys, draw["_dealer"] * REACH - REACH // 2)
    moment_ = draw["create_date_time"].astype("datetime64[ms]").astype(np.int64)
    known = np.searchsorted(keys, draw["_dealer"] * REACH + moment_, side="right") - begin
    at = begin + np.minimum((place * known).astype(np.int64), np.maximum(known - 1, 0))
    found = np.append(order, -1)[np.minimum(at, len(order))]
    return np.where(known > 0, found + customers.start, -1)


@link("ordered_by_staff_member_key", "_staff_key")
def _staff(draw: Draw) -> Made:
    at = draw["create_date_time"]
    staff = on_duty(draw, draw["_dealer"], at, roles=BUYERS, stream="staff")
    return {"ordered_by_staff_member_key": draw.key("staff_member", staff), "_staff_key": staff}


@link("supplier_org_profile_key", "_supplier", "_any_make")
def _supplier(draw: Draw) -> Made:
    """Orders for stock go to the maker of the dealer's make, or to who makes for all makes."""
    parts, dealers = draw.frames["part_master"], draw.frames["dealer"]
    own = dealers.text("primary_make")
    any_make = draw.u("supplier") < draw.figures["any_make_order_share"]
    mine = (parts.text("_make")[None, :] == own[:, None]) & parts["_orderable"]
    row, enough = np.argmax(mine, axis=1), mine.sum(axis=1) >= MOST_LINES
    local = draw["_dealer"] - dealers.start
    any_make |= ~enough[local]
    row = np.where(any_make, int(np.argmax(parts["_any_make"])), row[local])
    supplier = parts["_supplier"][np.where(draw["_job"] >= 0, first_part(draw, draw["_job"]), row)]
    stock = draw["_stock"]
    return {
        "supplier_org_profile_key": (draw.key("org_profile", supplier), ~stock),
        "_supplier": np.where(stock, supplier, -1),
        "_any_make": any_make,
    }


@drawn(
    "requested_delivery_date",
    "scheduled_ship_date",
    "received_date_time",
    "part_order_status_type",
    "_shipped",
    "_paid",
)
def _course(draw: Draw) -> Made:
    """What is ordered arrives some mornings later; what is sold at the counter is handed over, or
    taken to a body shop by the next day.  All orders end closed; a cut sees them on their way."""
    stock, trade, created = draw["_stock"], draw["_trade"], draw["create_date_time"]
    clocks = draw["_clock"]
    today = local_day(created, clocks)
    rush = draw["order_type"].text() == "RUSH"
    kind = np.where(rush, "RUSH", "PURCHASE").astype(object)
    ships = next_open(today + _days(draw.leaf("days_to_ship", by=[kind])), "bank")
    arrives = next_open(ships + _days(draw.leaf("days_on_the_way", by=[kind])), "bank")
    morning = business_time(arrives, draw.u("morning") / 10, clocks, last=FAR)
    wait = np.array([draw.figures["wanted_days"][label] for label in STOCK])
    wanted = today + wait[rush.astype(int)].astype("timedelta64[D]")
    taken = created + _minutes(60 * draw.leaf("hours_to_the_trade"))
    taken = when_open(taken, clocks, draw.u("driver"), who="workshop")
    handed = np.where(trade, taken, created + _minutes(draw.leaf("minutes_at_counter")))
    due = _minutes(24 * 60 * (draw.figures["trade_terms_days"] + draw.leaf("days_paid_late")))
    on_terms = (handed + due).astype("datetime64[ms]")
    later = when_open(on_terms, clocks, draw.u("trade_pays"), who="bank")
    following = (arrives.astype("datetime64[M]") + 1).astype("datetime64[D]") + 9 * DAY
    at_once, job = ~(stock | trade), draw["_job"] >= 0
    for_job = local_day(draw["_needed_at"], clocks)
    there = between(created, draw["_needed_at"], draw.leaf("job_arrival_share"))
    there = in_hours(there, draw["_needed_at"], clocks, draw.u("job_arrival_hour") / 2)
    leaves = business_time(ships, draw.u("leaves"), clocks, last=FAR, after=created)
    return {
        "requested_delivery_date": (
            np.select([job, stock], [for_job, wanted], today),
            at_once,
        ),
        "scheduled_ship_date": (np.where(stock & ~job, ships, today), at_once),
        "received_date_time": np.select(
            [job, stock], [there, np.maximum(morning, created + MINUTE)], handed
        ),
        "part_order_status_type": Coded(np.zeros(draw.n, np.int32), ("CLOSED",)),
        "_shipped": np.where(job, between(created, there, draw.u("fetched")), leaves),
        "_paid": np.where(stock, following, np.where(trade, later, handed)),
    }


def _minutes(count: NDArray[np.float64]) -> NDArray[np.timedelta64]:
    return np.asarray(count.astype(np.int64) * MINUTE)


def _days(drawn_: Coded) -> NDArray[np.timedelta64]:
    return np.array([int(label) for label in drawn_.labels])[drawn_.codes].astype("timedelta64[D]")


def steps(draw: Draw) -> Steps:
    """Orders for stock are processed, shipped, delivered and then billed by the month; what is sold
    at the counter is billed and paid, by the trade later."""
    stock, created, got = draw["_stock"], draw["create_date_time"], draw["received_date_time"]
    paid = draw["_paid"]
    return Steps.of(
        Stage("PROCESSING_FULFILLMENT", created, stock),
        Stage("DRAFT", created, ~stock),
        Stage("SHIPPED", draw["_shipped"], stock),
        Stage("ISSUED", created, ~stock),
        Stage("DELIVERED", got, stock),
        Stage("OPEN", np.where(stock, got + DAY, got)),
        Stage("PAID", paid),
        Stage("CLOSED", paid + np.where(stock, DAY, 0 * DAY)),
    )


@derived("total_quantity", "total_amount")
def _totals(draw: Draw) -> Made:
    items = draw.frames["part_order_item"]
    return {
        name: np.bincount(items["_order"], weights=items[of], minlength=draw.n).astype(np.int64)
        for name, of in (("total_quantity", "total_quantity"), ("total_amount", "total_price"))
    }


def _usual(given: Given) -> float:
    stock = given.figures["stock_orders_per_month"] * given.months * given["dealer"]
    return float(given.figures["part_orders_per_repair_order"] * given["repair_order"] + stock)


COUNT = each(
    "dealer",
    Noun("parts order", "parts orders"),
    typical=_usual,
    why="a stock order a week, sales at the counter and orders for jobs",
    rule="Parts are ordered by and at a dealer",
    weight=lambda lay: lay["repair_order"] + lay.size,
    back=asks(1 / 3),
)


PART_ORDER = Declaration(
    TABLE,
    prefix="PO",
    count=COUNT,
    makers=(
        keyed(TABLE),
        _wanted,
        _jobs,
        _created,
        _buyer,
        _staff,
        _supplier,
        _course,
        _totals,
    ),
    rules=RULES,
    born="create_date_time",
    reveals={"received_date_time": "received_date_time"},
    state="part_order_status_type",
    steps=steps,
    journals=journals,
    resource="PURCHASE_ORDER",
    actor="_staff_key",
)
