"""What must hold for claims (R083, R090 to R092, R094)."""

from __future__ import annotations

from typing import Any

import numpy as np

from generator.domains.headings import CLAIMS
from generator.rules import Rule, Truth
from generator.tables import Tables

HONOURED = ("APPROVED", "REIMBURSED")
A_MONTH = np.timedelta64(30, "D")
ROUTINE = ("MAINTENANCE", "INSPECTION", "ACCESSORY_INSTALL", "TRANSPORT", "BODY_SHOP", "INTERNAL")


def _claim(tables: Tables, *columns: str) -> list[Any]:
    return [tables.values("warranty_claim", column) for column in columns]


def _one_each(tables: Tables) -> Truth:
    """Lines of orders that closed more than a month before the dealer's last one was opened; later
    ones may still be sent in."""
    line = tables.row_of("warranty_claim", "repair_order_line_key")
    claims = np.bincount(line[line >= 0], minlength=tables.rows("repair_order_line"))
    paid = tables.is_one_of("repair_order_line", "pay_type", "WARRANTY")
    closed = tables.values("repair_order_line", "repair_order_key.closed_date_time")
    open_ = tables.missing("repair_order_line", "repair_order_key.closed_date_time")
    dealer = tables.row_of("repair_order", "dealer_key")
    opened = tables.values("repair_order", "opened_date_time")
    last = np.full(tables.rows("dealer") + 1, np.datetime64("1970-01-01", "ms"))
    np.maximum.at(last, dealer, opened)
    last[-1] = np.datetime64("1970-01-01", "ms")  # of orders of no dealer
    own = tables.row_of("repair_order_line", "repair_order_key.dealer_key")
    due = paid & ~open_ & (last[own] - closed > A_MONTH)
    return np.asarray((claims <= paid) & (~due | (claims == 1)))


def _inside(tables: Tables) -> Truth:
    opened = tables.values("warranty_claim", "repair_order_key.opened_date_time")
    start = tables.values("warranty_claim", "warranty_key.start_date")
    end = tables.values("warranty_claim", "warranty_key.warranty_expiration_date")
    miles = tables.values("warranty_claim", "repair_order_key.odometer_in")
    most = tables.values("warranty_claim", "warranty_key.end_mileage")
    day = opened.astype("datetime64[D]")
    covered = (start <= day) & (day <= end) & (miles <= most)
    honoured = tables.is_one_of("warranty_claim", "claim_status", *HONOURED)
    refused = tables.is_one_of("warranty_claim", "claim_status", "REJECTED")
    said = ~tables.missing("warranty_claim", "denial_reason")
    return np.asarray((covered | ~honoured) & (said | ~refused))


def _own(tables: Tables) -> Truth:
    """The claim's line, order, car, customer, dealer and coverage belong together."""
    same = [
        tables.same("warranty_claim", "repair_order_line_key.repair_order_key", "repair_order_key"),
        tables.same("warranty_claim", "warranty_key.vehicle_key", "vehicle_key"),
        tables.same(
            "warranty_claim", "warranty_key.provider_org_profile_key", "provider_org_profile_key"
        ),
        *(
            tables.same("warranty_claim", f"repair_order_key.{name}", name)
            for name in ("vehicle_key", "customer_key", "dealer_key")
        ),
    ]
    odometer = tables.values("warranty_claim", "repair_order_key.odometer_in")
    there = tables.values("warranty_claim", "failure_odometer") == odometer
    return np.asarray(np.logical_and.reduce(same) & there)


def _in_order(tables: Tables) -> Truth:
    closed = tables.values("warranty_claim", "repair_order_key.closed_date_time")
    open_ = tables.missing("warranty_claim", "repair_order_key.closed_date_time")
    sent, decided, paid = _claim(
        tables, "submitted_date_time", "adjudicated_date_time", "paid_date_time"
    )
    undecided = tables.missing("warranty_claim", "adjudicated_date_time")
    unpaid = tables.missing("warranty_claim", "paid_date_time")
    good = ~open_ & (closed <= sent) & (sent <= closed + A_MONTH)
    good &= undecided | (sent <= decided)
    return np.asarray(good & (unpaid | (~undecided & (decided <= paid))))


def _sums(tables: Tables) -> Truth:
    claimed, labor, parts, approved, denied = _claim(
        tables,
        "claim_amount",
        "labor_claim_amount",
        "parts_claim_amount",
        "approved_amount",
        "denied_amount",
    )
    line = {
        name: tables.values("warranty_claim", f"repair_order_line_key.{name}_amount")
        for name in ("labor", "parts", "sublet")
    }
    silent = tables.missing("warranty_claim", "approved_amount")
    good = (labor == line["labor"]) & (parts == line["parts"])
    good &= claimed == labor + parts + line["sublet"]
    answered = (approved >= 0) & (approved <= claimed) & (approved + denied == claimed)
    return np.asarray(good & (silent | answered))


def _paid(tables: Tables) -> Truth:
    """Paid only when approved; an answer is there when it was given, and no sooner."""
    paid = ~tables.missing("warranty_claim", "paid_date_time")
    reimbursed = tables.is_one_of("warranty_claim", "claim_status", "REIMBURSED")
    answered = ~tables.missing("warranty_claim", "adjudicated_date_time")
    amount = ~tables.missing("warranty_claim", "approved_amount")
    waits = tables.is_one_of("warranty_claim", "claim_status", "SUBMITTED", "UNDER_REVIEW")
    approved = tables.values("warranty_claim", "approved_amount")
    honoured = tables.is_one_of("warranty_claim", "claim_status", *HONOURED)
    good = (paid == reimbursed) & (answered == amount) & (answered == ~waits)
    return np.asarray(good & (~amount | ((approved > 0) == honoured)))


def _cause(tables: Tables) -> Truth:
    """The causal part is one that was issued to the line."""
    none = tables.missing("warranty_claim", "causal_part_master_key")
    parts = tables.rows("part_master") + 1
    claimed = tables.row_of("warranty_claim", "repair_order_line_key") * parts
    claimed = claimed + tables.row_of("warranty_claim", "causal_part_master_key")
    issued = tables.row_of("repair_order_part", "repair_order_line_key") * parts
    issued = issued + tables.row_of("repair_order_part", "part_master_key")
    return np.asarray(none | np.isin(claimed, issued))


def _not_routine(tables: Tables) -> Truth:
    kind = "repair_order_line_key.labor_operation_key.labor_operation_type"
    return np.asarray(~tables.is_one_of("warranty_claim", kind, *ROUTINE))


RULES = (
    Rule(
        "R083.claim",
        "repair_order_line",
        "A line that warranty pays has exactly one claim, another none",
        _one_each,
        needs=("warranty_claim", "repair_order", "dealer"),
        group=CLAIMS,
        scope="shard",
    ),
    Rule(
        "R083.own",
        "warranty_claim",
        "The claim's line, order, car, customer, dealer, coverage and provider belong together",
        _own,
        needs=("repair_order_line", "repair_order", "warranty"),
        group=CLAIMS,
    ),
    Rule(
        "R090.cover",
        "warranty_claim",
        "What is approved lies inside its coverage by date and miles; what is refused says why",
        _inside,
        needs=("repair_order", "warranty"),
        group=CLAIMS,
    ),
    Rule(
        "R091.order",
        "warranty_claim",
        "Order closed <= submitted (within 30 days) <= adjudicated <= paid",
        _in_order,
        needs=("repair_order",),
        group=CLAIMS,
    ),
    Rule(
        "R092.sums",
        "warranty_claim",
        "approved + denied = claim = labour + parts + sublet of the line",
        _sums,
        needs=("repair_order_line",),
        group=CLAIMS,
    ),
    Rule(
        "R092.paid",
        "warranty_claim",
        "Only what was approved is paid, only what was answered has an amount",
        _paid,
        group=CLAIMS,
    ),
    Rule(
        "R092.cause",
        "warranty_claim",
        "The causal part was issued to the line",
        _cause,
        needs=("repair_order_part", "repair_order_line", "part_master"),
        group=CLAIMS,
        scope="shard",
    ),
    Rule(
        "R094.routine",
        "warranty_claim",
        "Routine maintenance is never claimed",
        _not_routine,
        needs=("repair_order_line", "labor_operation"),
        group=CLAIMS,
    ),
)
