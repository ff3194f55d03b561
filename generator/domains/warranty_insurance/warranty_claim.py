"""``warranty_claim``: what a maker or provider is asked to pay for each line that warranty pays.

A claim follows wholly from its line: the labour, the parts and the sublet of the line are its
amounts, the dearest part issued is its cause.  Which coverage it goes to is in ``cover``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import clocks_of, when_open
from generator.domains.columns import decimal, enum, integer, moment, text
from generator.domains.consequences import Caused
from generator.domains.counts import Given, Noun, consequence
from generator.domains.courses import Stage, Steps
from generator.domains.graph import (
    Declaration,
    Draw,
    Frames,
    Made,
    derived,
    drawn,
    keyed_by_cause,
    link,
)
from generator.domains.groups import ranks, round_half_up
from generator.domains.keys import numbered
from generator.domains.payment.dates import later
from generator.domains.service.operations import operations
from generator.domains.warranty_insurance.cover import COMPONENT, IN_COVER, MILES, TIME, cover_of
from generator.domains.warranty_insurance.warranty_claim_postings import journals
from generator.domains.warranty_insurance.warranty_claim_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "warranty_claim",
    domain="warranty_insurance",
    meaning="Reimbursement request to the maker or the provider of a contract",
    key="warranty_claim_key",
    columns=(
        text("warranty_claim_key", 50, unique=True),
        text("claim_number", 30, "unique", unique=True),
        text("warranty_key", 50),
        text("repair_order_line_key", 50),
        text("repair_order_key", 50),
        text("vehicle_key", 50),
        text("dealer_key", 50, "claimant"),
        text("provider_org_profile_key", 50),
        text("customer_key", 50),
        enum("claim_status", "WarrantyClaimStatusTypes"),
        text("failure_code", 20),
        text("causal_part_master_key", 50, nullable=True),
        integer("failure_odometer", "= repair_order.odometer_in"),
        decimal("labor_claim_amount", 12, 2),
        decimal("parts_claim_amount", 12, 2),
        decimal("claim_amount", 12, 2, "= labor + parts + sublet of the line"),
        decimal("approved_amount", 12, 2, nullable=True),
        decimal("denied_amount", 12, 2, "= claim_amount - approved_amount", nullable=True),
        text("denial_reason", 120, nullable=True),
        moment("submitted_date_time"),
        moment("adjudicated_date_time", nullable=True),
        moment("paid_date_time", nullable=True),
        text("claim_description", 1000, nullable=True, personal="free_text"),
    ),
    links=(
        Link("warranty_key", "warranty", "warranty_key", "lookup"),
        Link("repair_order_line_key", "repair_order_line", "repair_order_line_key", "parent"),
        Link("repair_order_key", "repair_order", "repair_order_key", "lookup"),
        Link("vehicle_key", "vehicle", "vehicle_key", "lookup"),
        Link("dealer_key", "dealer", "dealer_key", "lookup"),
        Link("provider_org_profile_key", "org_profile", "org_profile_key", "lookup"),
        Link("customer_key", "customer", "customer_key", "lookup"),
        Link("causal_part_master_key", "part_master", "part_master_key", "lookup"),
    ),
)

CLAIMED = "WARRANTY"  # the pay type of lines that are claimed
PAID, RETURNED, CUT, DENIED = "paid", "returned", "cut", "denied"
REFUSED = {
    TIME: "Outside the time limit of the coverage",
    MILES: "Outside the mileage limit of the coverage",
    COMPONENT: "Component is not covered",
}
SHARED = "Deductible is paid by the customer"
Integers = NDArray[np.int64]


def _follows(frames: Frames) -> Sequence[Caused]:
    pay = frames["repair_order_line"].text("pay_type")
    return (Caused.one_of("repair_order_line", np.flatnonzero(pay == CLAIMED)),)


@link(
    "claim_number",
    "repair_order_line_key",
    "repair_order_key",
    "vehicle_key",
    "dealer_key",
    "customer_key",
    "failure_odometer",
    "_order",
    "_operation",
    "_about",
)
def _what(draw: Draw) -> Made:
    lines, orders = draw.frames["repair_order_line"], draw.frames["repair_order"]
    line = draw["_cause"]
    order = lines["_order"][line]
    return {
        "claim_number": numbered("WC", line + lines.start, 9),
        "repair_order_line_key": draw.key("repair_order_line", line + lines.start),
        "repair_order_key": draw.key("repair_order", order + orders.start),
        "vehicle_key": draw.key("vehicle", orders["_vehicle_key"][order]),
        "dealer_key": draw.key("dealer", draw["_dealer"]),
        "customer_key": draw.key("customer", orders["_customer_key"][order]),
        "failure_odometer": orders["odometer_in"][order],
        "_order": order,
        "_operation": lines["_operation"][line],
        "_about": lines["_about"][line],
    }


@link("warranty_key", "provider_org_profile_key", "_cover", "_coverage", "_payer")
def _covered(draw: Draw) -> Made:
    """A test goes to the coverage of what was found by it."""
    orders, warranties = draw.frames["repair_order"], draw.frames["warranty"]
    row, why = cover_of(
        warranties,
        car=orders["_vehicle_key"][draw["_order"]],
        day=orders["opened_date_time"][draw["_order"]].astype("datetime64[D]"),
        miles=draw["failure_odometer"],
        system=np.array([one.system for one in operations()], dtype=object)[draw["_about"]],
    )
    return {
        "warranty_key": warranties["warranty_key"][row],
        "provider_org_profile_key": warranties.text("provider_org_profile_key")[row],
        "_payer": draw.frames["org_profile"]["_party_key"][warranties["_provider"][row]],
        "_cover": why,
        "_coverage": row,
    }


@derived("labor_claim_amount", "parts_claim_amount", "claim_amount", "causal_part_master_key")
def _amounts(draw: Draw) -> Made:
    """The dearest part that was issued to the line is the cause."""
    lines, issued = draw.frames["repair_order_line"], draw.frames["repair_order_part"]
    line = draw["_cause"]
    labor, parts = lines["labor_amount"][line], lines["parts_amount"][line]
    order = np.lexsort((-issued["extended_amount"], issued["_line"]))
    at = np.searchsorted(issued["_line"][order], line)
    there = np.append(issued["_line"][order], -1)[at] == line
    part = np.append(issued["_part"][order], 0)[at]
    return {
        "labor_claim_amount": labor,
        "parts_claim_amount": parts,
        "claim_amount": labor + parts + lines["sublet_amount"][line],
        "causal_part_master_key": (draw.key("part_master", part), ~there),
    }


@derived("_deductible")
def _shared(draw: Draw) -> Made:
    """What the customer pays of the dearest repair of an order that a contract covers; nobody asks
    for it where the repair is hardly dearer."""
    warranties, claimed = draw.frames["warranty"], draw["claim_amount"]
    owed = warranties["deductible_amount"][draw["_coverage"]]
    worth = claimed >= owed * float(draw.figures["deductible_worth_asking"])
    some = (owed > 0) & worth & (draw["_cover"] == IN_COVER)
    turn = ranks(draw["_order"], np.where(some, -claimed, 1))
    return {"_deductible": np.where(some & (turn == 0), owed, 0)}


@drawn("failure_code")
def _codes(draw: Draw) -> Made:
    """The fault code that the repair was led by; else one of the operation, or the maker's code of
    the operation and what was wrong."""
    found = [one.faults or (f"{one.code}-42",) for one in operations()]
    width = max(len(codes) for codes in found)
    table = np.array([[*codes, *[""] * (width - len(codes))] for codes in found], dtype=object)
    many = np.array([len(codes) for codes in found])[draw["_operation"]]
    at = np.minimum((draw.u("failure_code") * many).astype(np.int64), many - 1)
    led = draw.frames["repair_order_line"]["_fault"][draw["_cause"]]
    return {"failure_code": np.where(led == "", table[draw["_operation"], at], led)}


@drawn("_outcome", "_approved", "_reason")
def _decided(draw: Draw) -> Made:
    """Most are paid as asked, less the deductible; some are sent back for papers first, some are
    cut, few are denied; those outside their coverage always are."""
    outside = draw["_cover"] != IN_COVER
    outcome = np.where(outside, DENIED, draw.leaf("claim_outcome").text())
    claimed = draw["claim_amount"]
    labor = round_half_up(draw["labor_claim_amount"] * draw.leaf("claim_cut_share"))
    off = np.where(outcome == CUT, labor, 0) + draw["_deductible"]
    said: Any = np.where(outcome == DENIED, draw.leaf("claim_denied_for").text(), None)
    said = np.where(outcome == CUT, draw.leaf("claim_cut_for").text(), said)
    shared = (draw["_deductible"] > 0) & (outcome != DENIED) & (outcome != CUT)
    said = np.where(shared, SHARED, said)
    for why, words in REFUSED.items():
        said = np.where(draw["_cover"] == why, words, said)
    return {
        "_outcome": outcome.astype(object),
        "_approved": np.where(outcome == DENIED, 0, claimed - off),
        "_reason": said.astype(object),
    }


@drawn("submitted_date_time", "adjudicated_date_time", "paid_date_time", "_viewed", "_sent_back")
def _course(draw: Draw) -> Made:
    """Sent in some days after the repair order closes, decided and paid in the days after."""
    closed = draw.frames["repair_order"]["closed_date_time"][draw["_order"]]
    clocks = clocks_of(draw, draw["_dealer"])
    wished = later(closed, draw.leaf("claim_days_to_submit"))
    sent = when_open(wished, clocks, draw.u("sent_at"), who="bank")
    viewed = later(sent, draw.leaf("claim_days_to_view"))
    first = later(viewed, draw.leaf("claim_days_to_decide"))
    first = when_open(first, clocks, draw.u("decided_at"), who="bank")
    back = draw["_outcome"] == RETURNED
    again = later(first, draw.leaf("claim_days_to_send_again"))
    decided = np.where(back, later(again, draw.leaf("claim_days_to_decide_again")), first)
    paid = later(decided, draw.leaf("claim_days_to_pay"))
    return {
        "submitted_date_time": sent,
        "adjudicated_date_time": decided,
        "paid_date_time": (paid, draw["_outcome"] == DENIED),
        "_viewed": viewed,
        "_sent_back": (np.where(back, first, decided), np.zeros(draw.n, dtype=bool)),
    }


def steps(draw: Draw) -> Steps:
    sent, viewed, decided = (
        draw[name] for name in ("submitted_date_time", "_viewed", "adjudicated_date_time")
    )
    back, denied = draw["_outcome"] == RETURNED, draw["_outcome"] == DENIED
    again = draw["_sent_back"] + (decided - draw["_sent_back"]) // 2
    return Steps.of(
        Stage("SUBMITTED", sent),
        Stage("UNDER_REVIEW", viewed),
        Stage("REJECTED", draw["_sent_back"], back),
        Stage("SUBMITTED", again, back),
        Stage("UNDER_REVIEW", again, back),
        Stage("REJECTED", decided, denied),
        Stage("APPROVED", decided, ~denied),
        Stage("REIMBURSED", draw["paid_date_time"], ~denied),
    )


SAYS = ("claim_status", "approved_amount", "denied_amount", "denial_reason")


@derived(*SAYS)
def _end(draw: Draw) -> Made:
    denied = draw["_outcome"] == DENIED
    status = Coded(denied.astype(np.int32), ("REIMBURSED", "REJECTED"))
    return {"claim_status": status, **_answers(draw, np.ones(draw.n, dtype=bool))}


def _answers(draw: Draw, decided: NDArray[np.bool_]) -> dict[str, Any]:
    approved, reason = draw["_approved"], draw["_reason"]
    silent = np.array([one is None for one in reason], dtype=bool)
    return {
        "approved_amount": (approved, ~decided),
        "denied_amount": (draw["claim_amount"] - approved, ~decided),
        "denial_reason": (np.where(silent, "", reason), silent | ~decided),
    }


def known(draw: Draw, at: np.datetime64) -> Made:
    """What was answered by then; a claim that was sent back is refused until it is sent again."""
    decided = draw["adjudicated_date_time"] <= at
    status = draw.frames.steps(TABLE.name).at_moment(draw.n, at).text()
    back = ~decided & (status == "REJECTED")
    made = _answers(draw, decided)
    (approved, hidden), (refused, _) = made["approved_amount"], made["denied_amount"]
    reason, unsaid = made["denial_reason"]
    moment_, open_ = draw["adjudicated_date_time"], ~decided & ~back
    return {
        "approved_amount": (np.where(back, 0, approved), hidden & ~back),
        "denied_amount": (np.where(back, draw["claim_amount"], refused), hidden & ~back),
        "denial_reason": (np.where(back, MORE_PAPERS, reason), unsaid & ~back),
        "adjudicated_date_time": (np.where(back, draw["_sent_back"], moment_), open_),
    }


MORE_PAPERS = "Returned for missing documentation"


@derived("claim_description")
def _said(draw: Draw) -> Made:
    """What the workshop wrote on the line, as a warranty clerk puts it together: the code, the
    miles, complaint, cause, correction."""
    lines, at = draw.frames["repair_order_line"], draw["_cause"]
    miles: NDArray[Any] = draw["failure_odometer"].astype(str).astype(object)
    said = draw.frame.text("failure_code") + " at " + miles + " mi"
    for column in ("complaint_text", "cause_text", "correction_text"):
        words = np.where(lines.missing(column), "", lines.text(column))[at]
        said = said + np.where(words == "", "", " / ") + words
    return {"claim_description": said}


def _typical(given: Given) -> float:
    some = float(given.figures["claims_per_line"]) * float(given.figures["claim_rate"])
    return float(given["repair_order_line"]) * some


COUNT = consequence(
    Noun("warranty claim", "warranty claims"),
    "repair_order_line",
    typical=_typical,
    why="exactly one for each line that warranty pays",
)


WARRANTY_CLAIM = Declaration(
    TABLE,
    prefix="WC",
    count=COUNT,
    makers=(
        keyed_by_cause(TABLE),
        _what,
        _covered,
        _amounts,
        _shared,
        _codes,
        _decided,
        _course,
        _end,
        _said,
    ),
    rules=RULES,
    follows=_follows,
    born="submitted_date_time",
    reveals={"paid_date_time": "paid_date_time"},
    state="claim_status",
    steps=steps,
    known=known,
    resource="WARRANTY",
    journals=journals,
)
