"""``service_order``: what customers asked for, and what stock needed; the repair order is the job
card within the house."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import day, decimal, enum, text
from generator.domains.counts import Given, Noun, asks, each
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import place_in_group
from generator.domains.service.reasons import RECALL
from generator.domains.service.service_order_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "service_order",
    domain="service",
    meaning="Customer-facing request (the RO is the internal job card)",
    key="service_order_key",
    columns=(
        text("service_order_key", 50, unique=True),
        text("service_appointment_key", 50, nullable=True),
        text("customer_key", 50),
        text("vehicle_key", 50),
        text("dealer_key", 50),
        enum("service_priority_type", "ServicePriorityTypes"),
        enum("service_order_status_type", "ServiceOrderStatusTypes"),
        day("service_order_opened_date"),
        day("service_order_completed_date", nullable=True),
        decimal("estimated_total_amount", 12, 2),
        decimal("actual_total_amount", 12, 2, nullable=True),
    ),
    links=(
        Link("service_appointment_key", "service_appointment", "service_appointment_key", "lookup"),
        Link("customer_key", "customer", "customer_key", "lookup"),
        Link("vehicle_key", "vehicle", "vehicle_key", "lookup"),
        Link("dealer_key", "dealer", "dealer_key", "parent"),
    ),
)

LABELS = ("URGENT_SAFETY", "INTERNAL_RECONDITIONING")


@derived("_order")
def _orders(draw: Draw) -> Made:
    """The repair orders (local rows) of owners first, those for stock after them."""
    orders, dealers = draw.frames["repair_order"], draw.frames["dealer"]
    dealer = draw["_dealer"] - dealers.start
    inside = orders["_internal"] if orders.rows else np.zeros(0, dtype=bool)
    of_order = orders["_dealer"] - dealers.start if orders.rows else np.zeros(0, dtype=np.int64)
    ranked = np.lexsort((np.arange(orders.rows), inside, of_order))
    size = draw.counts["repair_order"]
    first = np.cumsum(size) - size
    chosen = ranked[first[dealer] + place_in_group(dealer)]
    return {"_order": np.sort(chosen)}


@link("service_appointment_key", "customer_key", "vehicle_key", "dealer_key")
def _links(draw: Draw) -> Made:
    orders, row = draw.frames["repair_order"], draw["_order"]
    booked = orders["_appointment"][row]
    return {
        "service_appointment_key": (draw.key("service_appointment", booked), booked < 0),
        "customer_key": draw.key("customer", orders["_customer_key"][row]),
        "vehicle_key": draw.key("vehicle", orders["_vehicle_key"][row]),
        "dealer_key": draw.key("dealer", draw["_dealer"]),
    }


@drawn("service_priority_type", "_opened", "_completed")
def _priority(draw: Draw) -> Made:
    orders, row = draw.frames["repair_order"], draw["_order"]
    usual = draw.leaf("service_order.service_priority_type")
    names = (*usual.labels, *LABELS)
    code = np.where(orders["_reason"][row] == RECALL, names.index(LABELS[0]), usual.codes)
    code = np.where(orders["_internal"][row], names.index(LABELS[1]), code)
    return {
        "service_priority_type": Coded(code.astype(np.int32), names),
        "_opened": orders["opened_date_time"][row],
        "_completed": orders["completed_date_time"][row],
    }


@derived(
    "service_order_status_type",
    "service_order_opened_date",
    "service_order_completed_date",
    "estimated_total_amount",
    "actual_total_amount",
)
def _course(draw: Draw) -> Made:
    orders, row = draw.frames["repair_order"], draw["_order"]
    never = np.zeros(draw.n, dtype=bool)
    return {
        "service_order_status_type": Coded(np.zeros(draw.n, dtype=np.int32), ("COMPLETED",)),
        "service_order_opened_date": draw["_opened"].astype("datetime64[D]"),
        "service_order_completed_date": (draw["_completed"].astype("datetime64[D]"), never),
        "estimated_total_amount": orders["estimated_grand_total_amount"][row],
        "actual_total_amount": (orders["actual_grand_total_amount"][row], never),
    }


def known(draw: Draw, at: np.datetime64) -> Made:
    """In progress until the work is done."""
    done: NDArray[Any] = draw["_completed"] <= at
    code = np.where(done, 0, 1).astype(np.int32)
    return {"service_order_status_type": Coded(code, ("COMPLETED", "IN_PROGRESS"))}


def _typical(given: Given) -> float:
    paid = 1 - float(given.figures["ro_count_mix"]["internal"])
    return float(given["repair_order"] * paid)


COUNT = each(
    "repair_order",
    Noun("service order", "service orders"),
    most=1,
    rule="A service order has a repair order of its own",
    typical=_typical,
    why="one for every repair order that an owner brings",
    back=asks(0.14),
)


SERVICE_ORDER = Declaration(
    TABLE,
    prefix="SV",
    count=COUNT,
    makers=(keyed(TABLE), _orders, _links, _priority, _course),
    rules=RULES,
    born="_opened",
    reveals={
        "service_order_completed_date": "_completed",
        "actual_total_amount": "_completed",
    },
    known=known,
)
