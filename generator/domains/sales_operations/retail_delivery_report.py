"""What a dealer reports to the maker of a new car that it has delivered; the factory's coverage
begins with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generator.domains.calendar import clocks_of, horizon, when_open
from generator.domains.columns import day, enum, integer, moment, text
from generator.domains.consequences import Caused
from generator.domains.counts import Given, Noun, consequence
from generator.domains.courses import Steps
from generator.domains.graph import (
    Declaration,
    Draw,
    Frames,
    Made,
    drawn,
    keyed_by_cause,
    link,
)
from generator.domains.keys import numbered
from generator.domains.payment.dates import later
from generator.domains.sales_operations.retail_delivery_report_rules import RULES
from generator.frame import Coded
from generator.leaves import Choice
from generator.schema import Link, Table

TABLE = Table(
    "retail_delivery_report",
    domain="sales_operations",
    meaning="OEM sale report; starts factory warranty",
    key="retail_delivery_report_key",
    columns=(
        text("retail_delivery_report_key", 50, unique=True),
        text("deal_key", 50, "unique", unique=True),
        text("vehicle_key", 50),
        text("dealer_key", 50),
        text("customer_key", 50),
        enum("oem_rdr_status_type", "OemRdrStatusTypes"),
        enum("purchase_type", "PurchaseTypes"),
        enum("product_state_type", "ProductStateTypes"),
        day("sale_date"),
        moment("transmitted_date_time", nullable=True),
        moment("approved_date_time", nullable=True),
        integer("odometer_at_sale"),
        text("sales_transaction_number", 30, "= deal.deal_key"),
        text("invoice_number", 30, "the maker's invoice of the car to the dealer"),
    ),
    links=(
        Link("deal_key", "deal", "deal_key", "parent", unique=True),
        Link("vehicle_key", "vehicle", "vehicle_key", "lookup"),
        Link("dealer_key", "dealer", "dealer_key", "lookup"),
        Link("customer_key", "customer", "customer_key", "lookup"),
    ),
)

STATUSES = ("OPEN", "TRANSMITTED", "APPROVED", "REJECTED")
OPEN, TRANSMITTED, APPROVED, REJECTED = range(4)


def _follows(frames: Frames) -> Sequence[Caused]:
    """One report of every new car delivered."""
    deals = frames["deal"]
    if not deals.rows:
        return (Caused.one_of("deal", np.zeros(0, dtype=np.int64)),)
    return (Caused.one_of("deal", np.flatnonzero(deals["_sold"] & deals["_new"])),)


@link(
    "deal_key",
    "vehicle_key",
    "dealer_key",
    "customer_key",
    "sales_transaction_number",
    "invoice_number",
)
def _links(draw: Draw) -> Made:
    deals, deal = draw.frames["deal"], draw["_cause"]
    car = deals["_vehicle_key"][deal]
    key = draw.key("deal", deal + deals.start)
    return {
        "deal_key": key,
        "vehicle_key": draw.key("vehicle", car),
        "dealer_key": draw.key("dealer", draw["_dealer"]),
        "customer_key": draw.key("customer", deals["_customer_key"][deal]),
        "sales_transaction_number": key,
        "invoice_number": numbered("MI", car, 10),
    }


@drawn(
    "sale_date",
    "transmitted_date_time",
    "approved_date_time",
    "oem_rdr_status_type",
    "_delivered",
    "_sent",
    "_judged",
)
def _course(draw: Draw) -> Made:
    """Sent within days, to earn what depends on it; judged in hours, and few are turned down, for
    a wrong name or code."""
    deals, deal = draw.frames["deal"], draw["_cause"]
    delivered = deals["delivery_date_time"][deal]
    clocks = clocks_of(draw, draw["_dealer"])
    sent = later(delivered, draw.leaf("days_to_report"))
    sent = when_open(sent, clocks, draw.u("sent"), who="workshop")
    judged = later(sent, draw.leaf("days_to_judge"))
    end = horizon(draw)
    rejected = draw.u("rejected") < draw.figures["report_rejected_share"]
    code = np.where(rejected, REJECTED, APPROVED)
    code = np.where(judged > end, TRANSMITTED, code)
    code = np.where(sent > end, OPEN, code)
    return {
        "sale_date": delivered.astype("datetime64[D]"),
        "transmitted_date_time": (sent, code == OPEN),
        "approved_date_time": (judged, code != APPROVED),
        "oem_rdr_status_type": Coded(code.astype(np.int32), STATUSES),
        "_delivered": delivered,
        "_sent": sent,
        "_judged": judged,
    }


@drawn("purchase_type", "product_state_type", "odometer_at_sale")
def _sale(draw: Draw) -> Made:
    deals, vehicles, deal = draw.frames["deal"], draw.frames["vehicle"], draw["_cause"]
    car = deals["_vehicle_key"][deal] - vehicles.start
    reading = vehicles["_odometer"].line(car, draw["_delivered"])
    return {
        "purchase_type": deals["purchase_type"].take(deal),
        "product_state_type": deals["product_state_type"].take(deal),
        "odometer_at_sale": np.floor(reading).astype(np.int64),
    }


def _steps(draw: Draw) -> Steps:
    """Opened with the delivery, locked and handed over before it is sent."""
    status = draw["oem_rdr_status_type"]
    sent = status.codes == TRANSMITTED
    end = np.where(sent, draw["_sent"], draw["_judged"])
    return Steps.along(
        TABLE.name,
        status,
        begin=draw["_delivered"],
        end=np.where(status.codes == OPEN, draw["_delivered"], end),
        at={"TRANSMITTED": draw["_sent"]},
    )


def _new(given: Given) -> float:
    state = given.figures.entry("deal.product_state_type").leaf(())
    if not isinstance(state, Choice):
        raise ValueError("deal.product_state_type is a choice")
    share = state.shares[state.labels.index("NEW")] / sum(state.shares)
    return float(given["live"] * share)


COUNT = consequence(
    Noun("delivery report", "delivery reports"),
    "deal",
    typical=_new,
    why="one for every new car delivered",
)


RETAIL_DELIVERY_REPORT = Declaration(
    TABLE,
    prefix="RD",
    count=COUNT,
    makers=(keyed_by_cause(TABLE), _links, _course, _sale),
    rules=RULES,
    follows=_follows,
    born="_delivered",
    reveals={
        "transmitted_date_time": "transmitted_date_time",
        "approved_date_time": "approved_date_time",
    },
    state="oem_rdr_status_type",
    steps=_steps,
)
