"""What must hold for leads (R014, R020, R021, R042–R044, R107, R109)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import LEADS_AND_DEALS, STAFF, TARGETS
from generator.domains.human_resources.duty import employed, in_role
from generator.domains.sales_operations.in_order import in_order
from generator.leaves.figures import figures
from generator.rules import Rule, Truth, share_of
from generator.tables import Tables

SOON = 90  # days to close that count as soon (R044)


def _lead_order(tables: Tables) -> Truth:
    return in_order(
        tables,
        "sales_lead",
        "create_date_time",
        "first_contact_date_time",
        "last_activity_date_time",
        "close_date_time",
    )


def _closed(tables: Tables) -> Truth:
    over = tables.is_one_of(
        "sales_lead", "lead_status_type", "WON", "LOST", "DISQUALIFIED", "UNQUALIFIED"
    )
    return np.asarray(over == ~tables.missing("sales_lead", "close_date_time"))


def _converted(tables: Tables) -> Truth:
    won = tables.is_one_of("sales_lead", "lead_status_type", "WON")
    lead = tables.row_of("deal", "lead_key")
    kept = ~tables.is_one_of("deal", "deal_status", "ABANDONED", "IN_PROGRESS")
    linked = np.bincount(lead[(lead >= 0) & kept], minlength=tables.rows("sales_lead"))
    said = tables.values("sales_lead", "converted_indicator")
    return np.asarray((said == won) & np.where(won, linked == 1, linked == 0))


def _customer_known(tables: Tables) -> Truth:
    known = tables.values("sales_lead", "customer_key.document_date_time")
    return np.asarray(known <= tables.values("sales_lead", "create_date_time"))


def _lead_dealer_open(tables: Tables) -> Truth:
    opened = tables.values("sales_lead", "dealer_key.open_date").astype("datetime64[ms]")
    return np.asarray(opened <= tables.values("sales_lead", "create_date_time"))


def _active_asker(tables: Tables) -> Truth:
    return tables.is_one_of("sales_lead", "customer_key.party_key.party_status_type", "ACTIVE")


def _days(tables: Tables) -> Truth:
    created = tables.values("sales_lead", "create_date_time").astype("datetime64[D]")
    closed = tables.values("sales_lead", "close_date_time").astype("datetime64[D]")
    said, open_ = (
        tables.missing("sales_lead", "days_to_close"),
        tables.missing("sales_lead", "close_date_time"),
    )
    right = tables.values("sales_lead", "days_to_close") == (closed - created).astype(np.int64)
    return np.asarray((said == open_) & (open_ | right))


def _soon(tables: Tables) -> Truth:
    days = tables.values("sales_lead", "days_to_close")
    return np.asarray(tables.values("sales_lead", "converted_indicator") & (days <= SOON))


def _attributed(tables: Tables) -> Truth:
    day = tables.values("sales_lead", "create_date_time").astype("datetime64[D]")
    first = tables.values("sales_lead", "marketing_campaign_key.start_date")
    last = tables.values("sales_lead", "marketing_campaign_key.end_date")
    inside = (first <= day) & (day <= last + np.timedelta64(30, "D"))
    return np.asarray(inside | tables.missing("sales_lead", "marketing_campaign_key"))


RULES = (
    Rule(
        "R044.1",
        "sales_lead",
        "Three quarters of leads convert within 90 days, within 2 points or what chance allows.",
        share_of(
            "sales_lead",
            _soon,
            lambda: float(figures()["lead_conversion_90d"]),
            target="lead_conversion_90d",
        ),
        group=TARGETS,
        level="warning",
        scope="whole",
    ),
    Rule(
        "R042.1",
        "sales_lead",
        "A lead is created, contacted, worked and closed in this order.",
        _lead_order,
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R042.3",
        "sales_lead",
        "A lead has a closing time exactly when it is over.",
        _closed,
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R043.1",
        "sales_lead",
        "A won lead has exactly one signed deal, others none.",
        _converted,
        needs=("deal",),
        group=LEADS_AND_DEALS,
        scope="shard",
    ),
    Rule(
        "R043.4",
        "sales_lead",
        "Days to close run from creation to closing.",
        _days,
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R014.2",
        "sales_lead",
        "Only active parties ask.",
        _active_asker,
        needs=("customer", "party"),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R107.3",
        "sales_lead",
        "No lead before its dealer opened.",
        _lead_dealer_open,
        needs=("dealer",),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R107.2",
        "sales_lead",
        "A customer is known before the lead.",
        _customer_known,
        needs=("customer",),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R020.1",
        "sales_lead",
        "The assigned person is employed when the lead comes.",
        employed("sales_lead", "assigned_staff_member_key", "create_date_time"),
        needs=("staff_member",),
        group=STAFF,
    ),
    Rule(
        "R021.1",
        "sales_lead",
        "The assigned person sells, at the lead's dealer.",
        in_role(
            "sales_lead", "assigned_staff_member_key", ("SALES_ASSOC", "SALES_MGR", "CLOSING_MGR")
        ),
        needs=("staff_member", "dealer"),
        group=STAFF,
    ),
    Rule(
        "R109.3",
        "sales_lead",
        "A lead's campaign ran then, or up to 30 days before.",
        _attributed,
        needs=("marketing_campaign",),
        group=LEADS_AND_DEALS,
    ),
)
