"""Sales leads: who asked, when, and what became of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import (
    DAY,
    MINUTE,
    business_days,
    business_time,
    end_of,
    offsets,
    span,
)
from generator.domains.groups import evened, place_in_group
from generator.domains.human_resources.staff import SELLS, on_duty
from generator.domains.keys import key_of
from generator.domains.marketing_loyalty.campaign import campaign_of
from generator.domains.sales_operations.rules import LEAD_RULES
from generator.domains.sales_operations.tables import SALES_LEAD as TABLE
from generator.domains.table import Declaration, Draw, Made, derived, drawn, key, link
from generator.frame import Coded

OPEN = ("NEW", "CONTACTED", "IN_PROGRESS", "FOLLOW_UP_SCHEDULED")
SOURCE_STATUS = {
    "WON": "CONVERTED",
    "LOST": "CLOSED",
    "DISQUALIFIED": "DISQUALIFIED",
    "UNQUALIFIED": "DISQUALIFIED",
    "NEW": "OPENED",
    "CONTACTED": "CONTACTED",
    "IN_PROGRESS": "ACTIVE",
    "FOLLOW_UP_SCHEDULED": "ACTIVE",
}
FRESH_DAYS = 6
COMMENTS = (
    "Asked for the out-the-door price.",
    "Wants to compare two trims.",
    "Has a car to trade in, would like an offer.",
    "Asked whether it is still available.",
    "Prefers to be called in the evening.",
    "Would like a test drive this week.",
    "Interested in leasing, low mileage.",
)


@key("lead_key")
def _keys(draw: Draw) -> Made:
    return {"lead_key": key_of(TABLE.name, draw.rows)}


@drawn("create_date_time")
def _created(draw: Draw) -> Made:
    """In time order within a dealer, over the span as sales are."""
    dealer = draw["_dealer"]
    u = evened(draw.u("create_day"), dealer)
    order = np.lexsort((u, dealer))
    days = business_days(draw, u[order])
    hours = offsets(draw, dealer)
    moment = business_time(days, draw.u("create_time"), hours)
    order = np.lexsort((moment, dealer))
    return {"create_date_time": moment[order], "_offset": hours}


@drawn(
    "lead_status_type",
    "close_date_time",
    "converted_indicator",
    "days_to_close",
    "lead_source_status_type",
)
def _outcome(draw: Draw) -> Made:
    """Exactly the planned number is won; each closes within what is left of the span."""
    won = _won(draw)
    leaf = draw.leaf("sales_lead.lead_status_type")
    labels = (*leaf.labels, "WON", "NEW")
    created = draw["create_date_time"]
    _, last = span(draw)
    fresh = created > end_of(last) - FRESH_DAYS * DAY
    codes = np.where(won, labels.index("WON"), leaf.codes)
    codes = np.where(fresh & ~won, labels.index("NEW"), codes)
    closes = ~np.isin(np.array(labels)[codes], OPEN)
    close = _closing(draw, won, last)
    days = (close.astype("datetime64[D]") - created.astype("datetime64[D]")).astype(np.int64)
    return {
        "lead_status_type": Coded(codes.astype(np.int32), labels),
        "close_date_time": (close, ~closes),
        "converted_indicator": won,
        "days_to_close": (days, ~closes),
        "lead_source_status_type": Coded(
            codes.astype(np.int32), tuple(SOURCE_STATUS[name] for name in labels)
        ),
        "_won": won,
        "_open": ~closes,
    }


def _won(draw: Draw) -> NDArray[np.bool_]:
    dealer = draw["_dealer"]
    order = np.lexsort((draw.u("won"), dealer))
    rank = np.empty(draw.n, dtype=np.int64)
    rank[order] = place_in_group(dealer[order])
    first = draw.frames["dealer"].start
    won: NDArray[np.bool_] = rank < draw.counts["won"][dealer - first]
    return won


def _closing(draw: Draw, won: NDArray[np.bool_], last: np.datetime64) -> NDArray[Any]:
    """Created plus the published days to sale, drawn within the days that are left."""
    created = draw["create_date_time"]
    table = draw.figures.leaf_table("sales_lead.days_to_close")
    left = (last - created.astype("datetime64[D]")).astype(np.int64) + 1
    leaf = table.cells[()]
    at = np.concatenate([[0.0], np.cumsum(leaf.shares) / sum(leaf.shares)])  # type: ignore[attr-defined]  # bands
    reach = np.interp(left, leaf.edges, at)  # type: ignore[attr-defined]  # bands
    u = evened(draw.u("days_to_close"), np.where(won, 1, 0))
    gap = np.floor(leaf.draw(u * reach))
    slow = 3 + 24 * draw.u("lost_after")
    gap = np.where(won, gap, np.floor(slow)).astype(np.int64)
    day = np.minimum(created.astype("datetime64[D]") + gap * DAY, last)
    same = day == created.astype("datetime64[D]")
    after = np.where(same, created + 45 * MINUTE, day.astype("datetime64[ms]"))
    moment = business_time(day, draw.u("close_time"), draw["_offset"], after=after)
    return np.maximum(moment, created + MINUTE)


@drawn("first_contact_date_time", "last_activity_date_time")
def _contact(draw: Draw) -> Made:
    created, close = draw["create_date_time"], draw["close_date_time"]
    end = end_of(span(draw)[1])
    until = np.where(draw["_open"], end, close)
    low, high = draw.figures["lead_response_hours"]
    hours = low * (high / low) ** draw.u("first_contact_date_time")
    room = (until - created).astype(np.int64)
    wait = np.minimum(hours * 3_600_000, room * 0.6).astype(np.int64)
    contact = created + wait.astype("timedelta64[ms]")
    active = contact + ((until - contact).astype(np.int64) * (0.3 + 0.6 * draw.u("active"))).astype(
        "timedelta64[ms]"
    )
    new = draw["lead_status_type"].codes == draw["lead_status_type"].labels.index("NEW")
    return {
        "first_contact_date_time": (contact, new),
        "last_activity_date_time": (np.minimum(active, until), new),
    }


@link("customer_key", "dealer_key", "assigned_staff_member_key")
def _people(draw: Draw) -> Made:
    dealer = draw["_dealer"]
    rows = customer_of(draw, dealer, draw.u("customer_key"))
    seller = on_duty(
        draw, dealer, draw["create_date_time"], roles=(SELLS[0], *SELLS[1:]), stream="assigned"
    )
    return {
        "customer_key": key_of("customer", rows),
        "_customer_key": rows,
        "dealer_key": key_of("dealer", dealer),
        "_dealer_key": dealer,
        "assigned_staff_member_key": key_of("staff_member", seller),
        "_assigned_staff_member_key": seller,
    }


def customer_of(draw: Draw, dealer: NDArray[np.int64], u: NDArray[np.float64]) -> NDArray[np.int64]:
    """Global customer rows of the dealers, all alike, by uniforms (n,)."""
    frame = draw.frames["customer"]
    first = np.searchsorted(frame["_dealer"], dealer)
    count = np.searchsorted(frame["_dealer"], dealer, side="right") - first
    rows: NDArray[np.int64] = first + (u * count).astype(np.int64) + frame.start
    return rows


@link("marketing_campaign_key")
def _campaign(draw: Draw) -> Made:
    share = draw.figures["attributed_share"]
    rows = campaign_of(draw, draw["_dealer"], draw["create_date_time"], share)
    return {
        "marketing_campaign_key": (key_of("marketing_campaign", rows), rows < 0),
        "_marketing_campaign_key": rows,
    }


@drawn("lead_source_type", "lead_priority_ranking", "lead_comments")
def _nature(draw: Draw) -> Made:
    said = np.floor(draw.u("lead_comments") * len(COMMENTS) * 2.2).astype(np.int32)
    return {
        "lead_source_type": draw.leaf("sales_lead.lead_source_type"),
        "lead_priority_ranking": 1 + np.floor(draw.u("lead_priority_ranking") * 5).astype(np.int64),
        "lead_comments": Coded(np.where(said < len(COMMENTS), said, -1).astype(np.int32), COMMENTS),
    }


@derived("interest_specification_key", "interest_product_state_type")
def _interest(draw: Draw) -> Made:
    """Won leads wanted what they bought; of the others half name a car of the dealer's make."""
    from generator.domains.sales_operations.choice import specification_of

    deals = draw.frames["deal"]
    lead = deals["_lead_key"] - draw.frame.start
    linked = deals["_lead_key"] >= 0
    dealers = draw.frames["dealer"]
    make = dealers.text("primary_make")[draw["_dealer"] - dealers.start]
    year = draw["create_date_time"].astype("datetime64[Y]").astype(np.int64) + 1970
    truck = draw.u("interest_truck") < draw.figures["light_truck_share"]
    rows = specification_of(draw, make=make, truck=truck, year=year, u=draw.u("interest"), new=True)
    rows = np.where(draw.u("named") < 0.5, rows, -1)
    rows[lead[linked]] = deals["_specification"][linked]
    state = deals["product_state_type"]
    codes = np.zeros(draw.n, dtype=np.int32) + state.labels.index("NEW")
    codes[lead[linked]] = state.codes[linked]
    return {
        "interest_specification_key": (key_of("vehicle_specification", rows), rows < 0),
        "_interest_specification_key": rows,
        "interest_product_state_type": Coded(codes, state.labels),
    }


SALES_LEAD = Declaration(
    TABLE,
    ((_keys, _created, _outcome, _contact, _people, _campaign, _nature), (_interest,)),
    LEAD_RULES,
)
