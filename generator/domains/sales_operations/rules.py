"""Rules of leads and deals (R014, R020, R021, R038, R041–R043, R053, R054, R107)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.human_resources.rules import employed, in_role
from generator.leaves.figures import figures
from generator.rules import Rule, share_of
from generator.tables import Tables

Truth = NDArray[np.bool_]
GROUP = "Leads and deals in order"
STAFF = "People at work"
LEAD, DEAL = "sales_lead", "deal"
SOLD = ("ACCEPTED", "POSTED", "FUNDED")
SOON = 90  # days to close that count as soon (R044)
SPECIFICATION = "inventory_vehicle_key.vehicle_key.vehicle_specification_key"


def _ordered(tables: Tables, table: str, *columns: str) -> Truth:
    """Moments of a row in this order; a missing one is passed over."""
    obeys = np.ones(tables.rows(table), dtype=bool)
    earlier = np.full(tables.rows(table), np.datetime64("0001-01-01", "ms"))
    for column in columns:
        moment = tables.values(table, column).astype("datetime64[ms]")
        missing = tables.missing(table, column)
        obeys &= missing | (earlier <= moment)
        earlier = np.where(missing, earlier, moment)
    return obeys


def _lead_order(tables: Tables) -> Truth:
    return _ordered(
        tables,
        LEAD,
        "create_date_time",
        "first_contact_date_time",
        "last_activity_date_time",
        "close_date_time",
    )


def _deal_order(tables: Tables) -> Truth:
    money = _ordered(
        tables,
        DEAL,
        "occurrence_date_time",
        "contract_date_time",
        "post_date_time",
        "funded_date_time",
    )
    return money & _ordered(tables, DEAL, "contract_date_time", "delivery_date_time")


def _after_lead(tables: Tables) -> Truth:
    return _ordered(tables, DEAL, "lead_key.create_date_time", "occurrence_date_time")


def _closed(tables: Tables) -> Truth:
    over = tables.is_one_of(LEAD, "lead_status_type", "WON", "LOST", "DISQUALIFIED", "UNQUALIFIED")
    return np.asarray(over == ~tables.missing(LEAD, "close_date_time"))


def _converted(tables: Tables) -> Truth:
    won = tables.is_one_of(LEAD, "lead_status_type", "WON")
    lead = tables.row_of(DEAL, "lead_key")
    kept = ~tables.is_one_of(DEAL, "deal_status", "ABANDONED")
    linked = np.bincount(lead[(lead >= 0) & kept], minlength=tables.rows(LEAD))
    said = tables.values(LEAD, "converted_indicator")
    return np.asarray((said == won) & np.where(won, linked == 1, linked == 0))


def _contract_is_close(tables: Tables) -> Truth:
    signed = tables.values(DEAL, "contract_date_time")
    closed = tables.values(DEAL, "lead_key.close_date_time")
    free = tables.missing(DEAL, "lead_key") | tables.missing(DEAL, "contract_date_time")
    return np.asarray((signed == closed) | free)


def _one_live_deal(tables: Tables) -> Truth:
    live = _sold(tables)
    stint = tables.row_of(DEAL, "inventory_vehicle_key")
    counted = np.bincount(stint[live & (stint >= 0)], minlength=tables.rows("inventory_vehicle"))
    alone = np.append(counted, 1)[stint] == 1  # the last place is that of no stay at all
    return np.asarray(~live | alone)


def _own_make(tables: Tables) -> Truth:
    new = tables.is_one_of(DEAL, "product_state_type", "NEW")
    return ~new | tables.same(DEAL, f"{SPECIFICATION}.make", "dealer_key.primary_make")


def _in_stock(tables: Tables) -> Truth:
    stocked = tables.values(DEAL, "inventory_vehicle_key.stock_date_time")
    there = tables.same(DEAL, "inventory_vehicle_key.dealer_key", "dealer_key")
    signed = tables.missing(DEAL, "contract_date_time")
    return np.asarray(there & (signed | (stocked <= tables.values(DEAL, "contract_date_time"))))


def _status_dates(tables: Tables) -> Truth:
    signed = ~tables.missing(DEAL, "contract_date_time")
    posted = ~tables.missing(DEAL, "post_date_time")
    funded = ~tables.missing(DEAL, "funded_date_time")
    return np.asarray(
        (signed == tables.is_one_of(DEAL, "deal_status", *SOLD, "REVERSED"))
        & (posted == tables.is_one_of(DEAL, "deal_status", "POSTED", "FUNDED", "REVERSED"))
        & (funded == tables.is_one_of(DEAL, "deal_status", "FUNDED"))
    )


def _same_buyer(tables: Tables) -> Truth:
    same = tables.same(DEAL, "lead_key.customer_key", "customer_key")
    return np.asarray(same | tables.missing(DEAL, "lead_key"))


def _dealer_open(tables: Tables) -> Truth:
    opened = tables.values(DEAL, "dealer_key.open_date").astype("datetime64[ms]")
    return np.asarray(opened <= tables.values(DEAL, "occurrence_date_time"))


def _buyer_known(tables: Tables) -> Truth:
    known = tables.values(DEAL, "customer_key.document_date_time")
    return np.asarray(known <= tables.values(DEAL, "occurrence_date_time"))


def _customer_known(tables: Tables) -> Truth:
    known = tables.values(LEAD, "customer_key.document_date_time")
    return np.asarray(known <= tables.values(LEAD, "create_date_time"))


def _lead_dealer_open(tables: Tables) -> Truth:
    opened = tables.values(LEAD, "dealer_key.open_date").astype("datetime64[ms]")
    return np.asarray(opened <= tables.values(LEAD, "create_date_time"))


def _active_asker(tables: Tables) -> Truth:
    return tables.is_one_of(LEAD, "customer_key.party_key.party_status_type", "ACTIVE")


def _days(tables: Tables) -> Truth:
    created = tables.values(LEAD, "create_date_time").astype("datetime64[D]")
    closed = tables.values(LEAD, "close_date_time").astype("datetime64[D]")
    said, open_ = (
        tables.missing(LEAD, "days_to_close"),
        tables.missing(LEAD, "close_date_time"),
    )
    right = tables.values(LEAD, "days_to_close") == (closed - created).astype(np.int64)
    return np.asarray((said == open_) & (open_ | right))


def _soon(tables: Tables) -> Truth:
    days = tables.values(LEAD, "days_to_close")
    return np.asarray(tables.values(LEAD, "converted_indicator") & (days <= SOON))


def _sold(tables: Tables) -> Truth:
    return tables.is_one_of(DEAL, "deal_status", *SOLD)


def _truck(tables: Tables) -> Truth:
    category = f"{SPECIFICATION}.vehicle_category_type"
    return tables.is_one_of(DEAL, category, "PICKUP", "SUV", "CROSSOVER", "VAN", "MINIVAN")


def _same_state(tables: Tables) -> Truth:
    return tables.same(DEAL, "product_state_type", "inventory_vehicle_key.product_state_type")


def _left_stock(tables: Tables) -> Truth:
    """Sold cars are sold in stock too, cars of open deals are held, others are offered."""
    sold, working = _sold(tables), tables.is_one_of(DEAL, "deal_status", "IN_PROGRESS")
    gone, held, offered = (
        tables.is_one_of(DEAL, "inventory_vehicle_key.inventory_status_type", label)
        for label in ("SOLD", "RESERVED", "AVAILABLE")
    )
    return np.where(sold, gone, np.where(working, held, offered))


LEAD_RULES = (
    Rule(
        "R044.1",
        LEAD,
        "Three quarters of leads convert within 90 days, within 2 points or what chance allows.",
        share_of(LEAD, _soon, lambda: float(figures()["lead_conversion_90d"])),
        (LEAD,),
        "Targets of the platform",
        "warning",
        scope="whole",
    ),
    Rule(
        "R042.1",
        LEAD,
        "A lead is created, contacted, worked and closed in this order.",
        _lead_order,
        (LEAD,),
        GROUP,
    ),
    Rule(
        "R042.3",
        LEAD,
        "A lead has a closing time exactly when it is over.",
        _closed,
        (LEAD,),
        GROUP,
    ),
    Rule(
        "R043.1",
        LEAD,
        "A won lead has exactly one deal, others none.",
        _converted,
        (LEAD, DEAL),
        GROUP,
        scope="shard",
    ),
    Rule(
        "R043.4",
        LEAD,
        "Days to close run from creation to closing.",
        _days,
        (LEAD,),
        GROUP,
    ),
    Rule(
        "R014.2",
        LEAD,
        "Only active parties ask.",
        _active_asker,
        (LEAD, "customer", "party"),
        GROUP,
    ),
    Rule(
        "R107.3",
        LEAD,
        "No lead before its dealer opened.",
        _lead_dealer_open,
        (LEAD, "dealer"),
        GROUP,
    ),
    Rule(
        "R107.2",
        LEAD,
        "A customer is known before the lead.",
        _customer_known,
        (LEAD, "customer"),
        GROUP,
    ),
    Rule(
        "R020.1",
        LEAD,
        "The assigned person is employed when the lead comes.",
        employed(LEAD, "assigned_staff_member_key", "create_date_time"),
        (LEAD, "staff_member"),
        STAFF,
    ),
    Rule(
        "R021.1",
        LEAD,
        "The assigned person sells, at the lead's dealer.",
        in_role(LEAD, "assigned_staff_member_key", ("SALES_ASSOC", "SALES_MGR", "CLOSING_MGR")),
        (LEAD, "staff_member", "dealer"),
        STAFF,
    ),
)
DEAL_RULES = (
    Rule(
        "R045.1",
        DEAL,
        "Four fifths of cars sold are light trucks, within 2 points or what chance allows.",
        share_of(DEAL, _truck, lambda: float(figures()["light_truck_share"]), among=_sold),
        (DEAL, "inventory_vehicle", "vehicle", "vehicle_specification"),
        "Targets of the platform",
        "warning",
        scope="whole",
    ),
    Rule(
        "R042.2",
        DEAL,
        "A deal is opened, signed, posted and funded in this order, delivered after signing.",
        _deal_order,
        (DEAL,),
        GROUP,
    ),
    Rule(
        "R042.4",
        DEAL,
        "A deal is opened after its lead was created.",
        _after_lead,
        (DEAL, LEAD),
        GROUP,
    ),
    Rule(
        "R043.2",
        DEAL,
        "A lead closes when its deal is signed.",
        _contract_is_close,
        (DEAL, LEAD),
        GROUP,
    ),
    Rule(
        "R043.3", DEAL, "The buyer is the customer of the lead.", _same_buyer, (DEAL, LEAD), GROUP
    ),
    Rule(
        "R041.1",
        DEAL,
        "At most one live deal for a stay in stock.",
        _one_live_deal,
        (DEAL, "inventory_vehicle"),
        GROUP,
        scope="shard",
    ),
    Rule(
        "R035.2",
        DEAL,
        "The car is in that dealer's stock when the deal is signed.",
        _in_stock,
        (DEAL, "inventory_vehicle", "dealer"),
        GROUP,
    ),
    Rule(
        "R053.1",
        DEAL,
        "New cars are of the dealer's make.",
        _own_make,
        (DEAL, "dealer", "inventory_vehicle", "vehicle", "vehicle_specification"),
        GROUP,
    ),
    Rule(
        "R053.2",
        DEAL,
        "A car is sold as new, used or certified as it was stocked.",
        _same_state,
        (DEAL, "inventory_vehicle"),
        GROUP,
    ),
    Rule(
        "R038.2",
        DEAL,
        "Cars of live deals are sold, of open ones reserved, of undone ones offered again.",
        _left_stock,
        (DEAL, "inventory_vehicle"),
        "Cars and stock",
    ),
    Rule(
        "R107.4",
        DEAL,
        "A customer is known before the deal.",
        _buyer_known,
        (DEAL, "customer"),
        GROUP,
    ),
    Rule("R054.1", DEAL, "A deal's dates fit its status.", _status_dates, (DEAL,), GROUP),
    Rule(
        "R107.1", DEAL, "No deal before its dealer opened.", _dealer_open, (DEAL, "dealer"), GROUP
    ),
    Rule(
        "R020.2",
        DEAL,
        "The salesperson is employed on the day of the contract.",
        employed(DEAL, "salesperson_staff_member_key", "contract_date_time"),
        (DEAL, "staff_member"),
        STAFF,
    ),
    Rule(
        "R020.3",
        DEAL,
        "The F&I manager is employed on the day of the contract.",
        employed(DEAL, "fi_manager_staff_member_key", "contract_date_time"),
        (DEAL, "staff_member"),
        STAFF,
    ),
    Rule(
        "R021.2",
        DEAL,
        "The salesperson sells, at the deal's dealer.",
        in_role(DEAL, "salesperson_staff_member_key", ("SALES_ASSOC", "SALES_MGR", "CLOSING_MGR")),
        (DEAL, "staff_member", "dealer"),
        STAFF,
    ),
    Rule(
        "R021.3",
        DEAL,
        "The F&I manager is one, at the deal's dealer.",
        in_role(DEAL, "fi_manager_staff_member_key", ("FI_MGR",)),
        (DEAL, "staff_member", "dealer"),
        STAFF,
    ),
)
