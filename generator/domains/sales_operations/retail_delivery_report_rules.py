"""What must hold for reports of deliveries to the maker (R039, R057, R058, R089)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import CARS
from generator.domains.sales_operations.in_order import in_order
from generator.rules import Rule, Truth
from generator.tables import Tables

REPORT = "retail_delivery_report"


def _one_a_delivery(tables: Tables) -> Truth:
    """Every new car delivered is reported once, nothing else."""
    report = tables.row_of("retail_delivery_report", "deal_key")
    count = np.bincount(report[report >= 0], minlength=tables.rows("deal"))
    new = tables.is_one_of("deal", "product_state_type", "NEW")
    live = tables.is_one_of("deal", "deal_status", "ACCEPTED", "POSTED", "FUNDED")
    wanted = new & live & ~tables.missing("deal", "delivery_date_time")
    return np.asarray(count == wanted)


def _dates(tables: Tables) -> Truth:
    sold = tables.values(REPORT, "sale_date").astype("datetime64[D]")
    signed = tables.values(REPORT, "deal_key.contract_date_time").astype("datetime64[D]")
    sent = tables.values(REPORT, "transmitted_date_time").astype("datetime64[ms]")
    unsent = tables.missing(REPORT, "transmitted_date_time")
    order = in_order(tables, REPORT, "transmitted_date_time", "approved_date_time")
    return np.asarray(order & (signed <= sold) & (unsent | (sold.astype("datetime64[ms]") <= sent)))


def _status(tables: Tables) -> Truth:
    """Sent reports say when, approved ones too, others do not."""
    sent = tables.is_one_of(
        REPORT, "oem_rdr_status_type", "TRANSMITTED", "APPROVED", "REJECTED", "CANCELLED"
    )
    approved = tables.is_one_of(REPORT, "oem_rdr_status_type", "APPROVED")
    free = tables.is_one_of(REPORT, "oem_rdr_status_type", "CANCELLED", "LOCKED")
    told = ~tables.missing(REPORT, "transmitted_date_time")
    judged = ~tables.missing(REPORT, "approved_date_time")
    return np.asarray(((told == sent) | free) & (judged == approved))


def _as_the_deal(tables: Tables) -> Truth:
    stay = "deal_key.inventory_vehicle_key"
    same = tables.same(REPORT, "customer_key", "deal_key.customer_key")
    same &= tables.same(REPORT, "dealer_key", "deal_key.dealer_key")
    same &= tables.same(REPORT, "purchase_type", "deal_key.purchase_type")
    same &= tables.same(REPORT, "product_state_type", "deal_key.product_state_type")
    same &= tables.same(REPORT, "sales_transaction_number", "deal_key")
    mine, its = tables.row_of(REPORT, "vehicle_key"), tables.row_of(REPORT, f"{stay}.vehicle_key")
    return np.asarray(same & (mine == its))


def _miles(tables: Tables) -> Truth:
    reading = tables.values(REPORT, "odometer_at_sale")
    stay = "deal_key.inventory_vehicle_key.odometer_at_stock"
    return np.asarray(
        (tables.values(REPORT, stay) <= reading)
        & (reading <= tables.values(REPORT, "vehicle_key.odometer"))
    )


def _starts_coverage(tables: Tables) -> Truth:
    """Factory coverage of a reported car starts with the sale, at what the odometer said."""
    at = np.full(tables.rows("vehicle") + 1, -1)
    reported = tables.row_of("retail_delivery_report", "vehicle_key")
    at[reported[reported >= 0]] = np.flatnonzero(reported >= 0)
    report = at[tables.row_of("warranty", "vehicle_key")]
    factory = tables.is_one_of("warranty", "warranty_term_type", "BUMPER_TO_BUMPER", "POWERTRAIN")
    begin = tables.values("retail_delivery_report", "sale_date")
    miles = tables.values("retail_delivery_report", "odometer_at_sale")
    if not len(begin):
        return np.ones(len(report), dtype=bool)
    same = (tables.values("warranty", "start_date") == begin[report]) & (
        tables.values("warranty", "start_odometer") == miles[report]
    )
    return np.asarray(~factory | (report < 0) | same)


RULES = (
    Rule(
        "R057.each",
        "deal",
        "Every new car delivered is reported to its maker once, no other.",
        _one_a_delivery,
        needs=(REPORT,),
        group=CARS,
        scope="shard",
    ),
    Rule(
        "R057.dates",
        REPORT,
        "A sale is reported after the contract, sent after the sale and approved after that.",
        _dates,
        needs=("deal",),
        group=CARS,
    ),
    Rule(
        "R057.deal",
        REPORT,
        "A report says what its deal says.",
        _as_the_deal,
        needs=("deal", "inventory_vehicle", "vehicle", "customer", "dealer"),
        group=CARS,
    ),
    Rule(
        "R058.status",
        REPORT,
        "A report was sent when its status says so, and approved exactly then.",
        _status,
        group=CARS,
    ),
    Rule(
        "R039.report",
        REPORT,
        "An odometer does not run back from stock to the sale, nor after it.",
        _miles,
        needs=("deal", "inventory_vehicle", "vehicle"),
        group=CARS,
    ),
    Rule(
        "R089.report",
        "warranty",
        "Factory coverage starts with the reported sale, at its miles.",
        _starts_coverage,
        needs=(REPORT, "vehicle"),
        group=CARS,
        scope="shard",
    ),
)
