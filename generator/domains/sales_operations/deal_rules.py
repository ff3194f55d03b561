"""What must hold for deals: their order, car and people (R014, R020, R021, R035, R038, R041–R043,
R045, R053, R054, R107)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import CARS, LEADS_AND_DEALS, PEOPLE, STAFF, TARGETS
from generator.domains.human_resources.duty import employed, in_role
from generator.domains.sales_operations.in_order import in_order
from generator.leaves.figures import figures
from generator.rules import Rule, Truth, share_of
from generator.tables import Tables

SOLD = ("ACCEPTED", "POSTED", "FUNDED")
LIGHT_TRUCKS = ("PICKUP", "HEAVY_DUTY_TRUCK", "SUV", "CROSSOVER", "VAN", "MINIVAN")

SPECIFICATION = "inventory_vehicle_key.vehicle_key.vehicle_specification_key"


def _deal_order(tables: Tables) -> Truth:
    money = in_order(
        tables,
        "deal",
        "occurrence_date_time",
        "contract_date_time",
        "post_date_time",
        "funded_date_time",
    )
    return money & in_order(tables, "deal", "contract_date_time", "delivery_date_time")


def _after_lead(tables: Tables) -> Truth:
    return in_order(tables, "deal", "lead_key.create_date_time", "occurrence_date_time")


def _contract_is_close(tables: Tables) -> Truth:
    signed = tables.values("deal", "contract_date_time")
    closed = tables.values("deal", "lead_key.close_date_time")
    free = tables.missing("deal", "lead_key") | tables.missing("deal", "contract_date_time")
    return np.asarray((signed == closed) | free)


def _one_live_deal(tables: Tables) -> Truth:
    live = _sold(tables)
    stint = tables.row_of("deal", "inventory_vehicle_key")
    counted = np.bincount(stint[live & (stint >= 0)], minlength=tables.rows("inventory_vehicle"))
    alone = np.append(counted, 1)[stint] == 1  # the last place is that of no stay at all
    return np.asarray(~live | alone)


def _own_make(tables: Tables) -> Truth:
    new = tables.is_one_of("deal", "product_state_type", "NEW")
    return ~new | tables.same("deal", f"{SPECIFICATION}.make", "dealer_key.primary_make")


def _in_stock(tables: Tables) -> Truth:
    stocked = tables.values("deal", "inventory_vehicle_key.stock_date_time")
    there = tables.same("deal", "inventory_vehicle_key.dealer_key", "dealer_key")
    signed = tables.missing("deal", "contract_date_time")
    return np.asarray(there & (signed | (stocked <= tables.values("deal", "contract_date_time"))))


def _status_dates(tables: Tables) -> Truth:
    signed = ~tables.missing("deal", "contract_date_time")
    posted = ~tables.missing("deal", "post_date_time")
    funded = ~tables.missing("deal", "funded_date_time")
    return np.asarray(
        (signed == tables.is_one_of("deal", "deal_status", *SOLD, "REVERSED"))
        & (posted == tables.is_one_of("deal", "deal_status", "POSTED", "FUNDED", "REVERSED"))
        & (funded == tables.is_one_of("deal", "deal_status", "FUNDED"))
    )


def _same_buyer(tables: Tables) -> Truth:
    same = tables.same("deal", "lead_key.customer_key", "customer_key")
    return np.asarray(same | tables.missing("deal", "lead_key"))


def _dealer_open(tables: Tables) -> Truth:
    opened = tables.values("deal", "dealer_key.open_date").astype("datetime64[ms]")
    return np.asarray(opened <= tables.values("deal", "occurrence_date_time"))


def _buyer_known(tables: Tables) -> Truth:
    known = tables.values("deal", "customer_key.document_date_time")
    return np.asarray(known <= tables.values("deal", "occurrence_date_time"))


def _sold(tables: Tables) -> Truth:
    return tables.is_one_of("deal", "deal_status", *SOLD)


def _truck(tables: Tables) -> Truth:
    category = f"{SPECIFICATION}.vehicle_category_type"
    return tables.is_one_of("deal", category, *LIGHT_TRUCKS)


def _same_state(tables: Tables) -> Truth:
    return tables.same("deal", "product_state_type", "inventory_vehicle_key.product_state_type")


def _left_stock(tables: Tables) -> Truth:
    """Sold cars are sold in stock too, cars of open deals are held; others are offered again, and
    are so still or were sold, held or auctioned after that."""
    sold, working = _sold(tables), tables.is_one_of("deal", "deal_status", "IN_PROGRESS")
    gone, held, offered = (
        tables.is_one_of("deal", "inventory_vehicle_key.inventory_status_type", label)
        for label in ("SOLD", "RESERVED", "AVAILABLE")
    )
    auctioned = tables.is_one_of("deal", "inventory_vehicle_key.inventory_status_type", "WHOLESALE")
    stay = tables.row_of("deal", "inventory_vehicle_key")
    signed = tables.values("deal", "contract_date_time").astype("datetime64[ms]").astype(np.int64)
    opened = tables.values("deal", "occurrence_date_time").astype("datetime64[ms]")
    last = np.full(tables.rows("inventory_vehicle") + 1, np.iinfo(np.int64).min)
    begun = np.where(sold, signed, opened.astype(np.int64))
    np.maximum.at(last, stay[sold | working], begun[sold | working])
    again = (gone | held) & (last[stay] >= opened.astype(np.int64))
    handed = ~tables.missing("deal", "delivery_date_time")
    kept = np.where(handed, gone, held)
    return np.where(sold, kept, np.where(working, held, offered | auctioned | again))


def _active(tables: Tables) -> Truth:
    return tables.is_one_of("deal", "customer_key.party_key.party_status_type", "ACTIVE")


RULES = (
    Rule(
        "R045.1",
        "deal",
        "Four fifths of cars sold are light trucks, within 2 points or what chance allows.",
        share_of(
            "deal",
            _truck,
            lambda: float(figures()["light_truck_share"]),
            target="light_truck_share",
            among=_sold,
        ),
        needs=("inventory_vehicle", "vehicle", "vehicle_specification"),
        group=TARGETS,
        level="warning",
        scope="whole",
    ),
    Rule(
        "R042.2",
        "deal",
        "A deal is opened, signed, posted and funded in this order, delivered after signing.",
        _deal_order,
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R042.4",
        "deal",
        "A deal is opened after its lead was created.",
        _after_lead,
        needs=("sales_lead",),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R043.2",
        "deal",
        "A lead closes when its deal is signed.",
        _contract_is_close,
        needs=("sales_lead",),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R043.3",
        "deal",
        "The buyer is the customer of the lead.",
        _same_buyer,
        needs=("sales_lead",),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R041.1",
        "deal",
        "At most one live deal for a stay in stock.",
        _one_live_deal,
        needs=("inventory_vehicle",),
        group=LEADS_AND_DEALS,
        scope="shard",
    ),
    Rule(
        "R035.2",
        "deal",
        "The car is in that dealer's stock when the deal is signed.",
        _in_stock,
        needs=("inventory_vehicle", "dealer"),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R053.1",
        "deal",
        "New cars are of the dealer's make.",
        _own_make,
        needs=("dealer", "inventory_vehicle", "vehicle", "vehicle_specification"),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R053.2",
        "deal",
        "A car is sold as new, used or certified as it was stocked.",
        _same_state,
        needs=("inventory_vehicle",),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R038.2",
        "deal",
        "Cars of live deals are sold, of open ones reserved, of undone ones offered again.",
        _left_stock,
        needs=("inventory_vehicle",),
        group=CARS,
        scope="shard",
    ),
    Rule(
        "R107.4",
        "deal",
        "A customer is known before the deal.",
        _buyer_known,
        needs=("customer",),
        group=LEADS_AND_DEALS,
    ),
    Rule("R054.1", "deal", "A deal's dates fit its status.", _status_dates, group=LEADS_AND_DEALS),
    Rule(
        "R107.1",
        "deal",
        "No deal before its dealer opened.",
        _dealer_open,
        needs=("dealer",),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R020.2",
        "deal",
        "The salesperson is employed on the day of the contract.",
        employed("deal", "salesperson_staff_member_key", "contract_date_time"),
        needs=("staff_member",),
        group=STAFF,
    ),
    Rule(
        "R020.3",
        "deal",
        "The F&I manager is employed on the day of the contract.",
        employed("deal", "fi_manager_staff_member_key", "contract_date_time"),
        needs=("staff_member",),
        group=STAFF,
    ),
    Rule(
        "R021.2",
        "deal",
        "The salesperson sells, at the deal's dealer.",
        in_role(
            "deal", "salesperson_staff_member_key", ("SALES_ASSOC", "SALES_MGR", "CLOSING_MGR")
        ),
        needs=("staff_member", "dealer"),
        group=STAFF,
    ),
    Rule(
        "R021.3",
        "deal",
        "The F&I manager is one, at the deal's dealer.",
        in_role("deal", "fi_manager_staff_member_key", ("FI_MGR",)),
        needs=("staff_member", "dealer"),
        group=STAFF,
    ),
    Rule(
        "R014.1",
        "deal",
        "Only active parties make deals.",
        _active,
        needs=("customer", "party"),
        group=PEOPLE,
    ),
)
