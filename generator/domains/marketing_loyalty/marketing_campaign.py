"""Marketing campaigns: a window, a budget, an audience and what came back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, span
from generator.domains.columns import day, decimal, enum, integer, text
from generator.domains.counts import Noun, free
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import renamed
from generator.domains.keys import numbered
from generator.domains.marketing_loyalty.marketing_campaign_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "marketing_campaign",
    domain="marketing_loyalty",
    meaning="Outreach programme with budget, period and channel",
    key="marketing_campaign_key",
    columns=(
        text("marketing_campaign_key", 50, unique=True),
        text("dealer_key", 50, "null = OEM-wide", nullable=True),
        text("program_name", 120),
        text("program_code", 30),
        enum("communication_channel_type", "CommunicationChannelTypes"),
        enum("marketing_channel_type", "MarketingChannelTypes"),
        enum("target_category_type", "VehicleCategoryTypes", nullable=True),
        text("campaign_objective", 30, "SALES_PUSH | SERVICE_REMINDER | WARRANTY_EXPIRY | LOYALTY"),
        decimal("budget_amount", 12, 2),
        decimal("spend_amount", 12, 2),
        day("start_date"),
        day("end_date", planned=True),
        integer("audience_size"),
        integer("sent_count"),
        integer("response_count"),
    ),
    links=(Link("dealer_key", "dealer", "dealer_key", "lookup"),),
)


TRIES = 4
CHANNELS = {
    "EMAIL": "DIRECT_INTERNET",
    "SMS": "DIRECT_INTERNET",
    "SOCIAL_MEDIA": "DIRECT_INTERNET",
    "DIRECT_MAIL": "DIRECT_CATALOGUE",
}
AFTERGLOW = 30 * DAY


@link("dealer_key", "_dealer_key")
def _dealer(draw: Draw) -> Made:
    none = np.zeros(draw.n, dtype=bool)
    return {
        "dealer_key": (draw.key("dealer", draw["_dealer"]), none),
        "_dealer_key": draw["_dealer"],
    }


@drawn(
    "communication_channel_type",
    "campaign_objective",
    "marketing_channel_type",
    "target_category_type",
)
def _kind(draw: Draw) -> Made:
    by = draw.leaf("marketing_campaign.communication_channel_type")
    target = np.floor(draw.u("target_category_type") * 4).astype(np.int32)
    return {
        "communication_channel_type": by,
        "campaign_objective": draw.leaf("marketing_campaign.campaign_objective"),
        "marketing_channel_type": renamed(by, CHANNELS),
        "target_category_type": Coded(
            np.where(target == 3, -1, target).astype(np.int32), ("SUV", "PICKUP", "SEDAN")
        ),
    }


@drawn("start_date", "end_date")
def _window(draw: Draw) -> Made:
    first, last = span(draw)
    low, high = draw.figures["campaign_days"]
    length = (low + (high - low) * draw.u("length")).astype(np.int64)
    room = max(int((last - first).astype(np.int64)), 0)
    start = first + np.floor(room * draw.u("start_date")).astype(np.int64) * DAY
    return {"start_date": start, "end_date": start + length * DAY}


@derived("program_name", "program_code")
def _names(draw: Draw) -> Made:
    objective = draw.frame.text("campaign_objective")
    said = {"SALES_PUSH": "Sales event", "SERVICE_REMINDER": "Service reminder"}
    said |= {"WARRANTY_EXPIRY": "Warranty check", "LOYALTY": "Thank-you offer"}
    month = np.datetime_as_string(draw["start_date"].astype("datetime64[M]")).astype(object)
    name = np.array([said[label] for label in objective], dtype=object) + " " + month
    return {"program_name": name, "program_code": numbered("MK", draw.rows, 7)}


@drawn("budget_amount", "spend_amount", "audience_size", "sent_count", "response_count")
def _sizes(draw: Draw) -> Made:
    low, high = draw.figures["campaign_budget"]
    budget = np.floor(low + (high - low) * draw.u("budget_amount") ** 2).astype(np.int64) * 100
    spent = np.floor(budget * draw.leaf("spent_share", stream="spend_amount")).astype(np.int64)
    audience = draw.leaf("marketing_campaign.audience_size", stream="audience_size")
    audience = audience.astype(np.int64)
    sent = np.floor(audience * draw.leaf("sent_share", stream="sent_count")).astype(np.int64)
    least, most = draw.figures["campaign_response"]
    share = least + (most - least) * draw.u("response_count") ** 2
    return {
        "budget_amount": budget,
        "spend_amount": spent,
        "audience_size": audience,
        "sent_count": sent,
        "response_count": np.floor(sent * share).astype(np.int64),
    }


def _so_far(draw: Draw, at: np.datetime64) -> Made:
    """Money, messages and answers by the share of the window that has passed."""
    days = (draw["end_date"] - draw["start_date"]).astype(np.int64) + 1
    passed = (at.astype("datetime64[D]") - draw["start_date"]).astype(np.int64) + 1
    share = np.clip(passed / np.maximum(days, 1), 0.0, 1.0)
    return {
        name: np.floor(draw[name] * share).astype(np.int64)
        for name in ("spend_amount", "sent_count", "response_count")
    }


def campaign_of(
    draw: Draw, dealer: NDArray[np.int64], moment: NDArray[Any], share: float
) -> NDArray[np.int64]:
    """Global campaign rows the leads came from, -1 for none: running then, or a month before."""
    frame = draw.frames[TABLE.name]
    first = np.searchsorted(frame["_dealer"], dealer)
    count = np.searchsorted(frame["_dealer"], dealer, side="right") - first
    chosen = np.full(len(dealer), -1, dtype=np.int64)
    open_ = (draw.u("attributed") < share) & (count > 0)
    day = moment.astype("datetime64[D]")
    for attempt in range(TRIES if frame.rows else 0):
        u = draw.u(f"campaign_{attempt}")
        at = np.minimum(first + (u * count).astype(np.int64), frame.rows - 1)
        runs = (frame["start_date"][at] <= day) & (day <= frame["end_date"][at] + AFTERGLOW)
        chosen = np.where(open_ & runs & (chosen < 0), at + frame.start, chosen)
    return chosen


COUNT = free(
    Noun("campaign", "campaigns"),
    typical=lambda given: given.figures["campaigns_per_dealer"] * given["dealer"],
    why=lambda given: f"{given.figures['campaigns_per_dealer']} a dealer",
    weight=lambda lay: np.ones(len(lay.size)),
)


MARKETING_CAMPAIGN = Declaration(
    TABLE,
    prefix="MC",
    count=COUNT,
    makers=(keyed(TABLE), _dealer, _kind, _window, _names, _sizes),
    rules=RULES,
    born="start_date",
    known=_so_far,
)
