"""``customer_interaction``: contacts between customers and dealers, with what was said.

What happens when is in ``contacts``, what is written in ``contact_words``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import CLOSES, MINUTE, OPENS, clocks_of
from generator.domains.clocks import local
from generator.domains.columns import enum, integer, moment, text
from generator.domains.counts import Given, Noun, asks, happens
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import place_in_group
from generator.domains.human_resources.rota import employed_or_manager, on_duty
from generator.domains.keys import numbered
from generator.domains.sales_operations.contact_words import words
from generator.domains.sales_operations.contacts import (
    ADVISOR,
    APPOINTMENT,
    AUTOMATIC,
    CAUSES,
    CUSTOMER,
    DEAL,
    FINANCE,
    LEAD,
    NUMBER,
    ORDER,
    SCENES,
    allowed_since,
    laid,
    late_of,
)
from generator.domains.sales_operations.customer_interaction_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

CHANNELS = ("PHONE", "EMAIL", "SMS", "CHAT", "IN_PERSON", "VIDEO")
PHONE, EMAIL, SMS, CHAT, IN_PERSON, VIDEO = range(len(CHANNELS))
OUTCOMES = (
    "ANSWERED",
    "NO_ANSWER",
    "APPOINTMENT_SET",
    "QUOTE_SENT",
    "SOLD",
    "LOST",
    "ESCALATED",
    "RESOLVED",
    "UNSUBSCRIBED",
)
MOODS = ("NEGATIVE", "NEUTRAL", "POSITIVE")
PURPOSES = (
    *("INQUIRY", "FOLLOW_UP", "QUOTE", "TEST_DRIVE", "NEGOTIATION", "FINANCE", "DELIVERY"),
    *("SERVICE_BOOKING", "STATUS_UPDATE", "RECALL_NOTICE", "COMPLAINT", "SURVEY", "MARKETING"),
    "RENEWAL",
)
Rows = NDArray[np.int64]

TABLE = Table(
    "customer_interaction",
    domain="sales_operations",
    meaning="One contact between a customer and a dealer, with what was said",
    key="customer_interaction_key",
    columns=(
        text("customer_interaction_key", 50, unique=True),
        text("conversation_key", 50, "contacts of one thread share it"),
        integer("sequence_num", "1.. within the conversation"),
        text("customer_key", 50),
        text("dealer_key", 50),
        text("staff_member_key", 50, "null when automatic", nullable=True),
        text("lead_key", 50, nullable=True),
        text("deal_key", 50, nullable=True),
        text("service_appointment_key", 50, nullable=True),
        text("repair_order_key", 50, nullable=True),
        enum("channel_type", values=CHANNELS),
        enum("direction_type", values=("INBOUND", "OUTBOUND")),
        enum("purpose_type", values=PURPOSES),
        moment("start_date_time"),
        moment("end_date_time", "not for e-mail and SMS", nullable=True),
        integer("duration_seconds", "= end_date_time - start_date_time", nullable=True),
        text("subject", 200, "e-mail only", nullable=True),
        text("body_text", 4000, personal="free_text"),
        enum("sentiment_type", values=("POSITIVE", "NEUTRAL", "NEGATIVE")),
        enum("outcome_type", values=OUTCOMES),
        text("language_tag", 10, "BCP-47; that of the customer"),
    ),
    links=(
        Link("customer_key", "customer", "customer_key", "parent"),
        Link("dealer_key", "dealer", "dealer_key", "lookup"),
        Link("staff_member_key", "staff_member", "staff_member_key", "lookup"),
        Link("lead_key", "sales_lead", "lead_key", "lookup"),
        Link("deal_key", "deal", "deal_key", "lookup"),
        Link("service_appointment_key", "service_appointment", "service_appointment_key", "lookup"),
        Link("repair_order_key", "repair_order", "repair_order_key", "lookup"),
    ),
)

TALKS = 8  # more conversations than a cause has


@derived("conversation_key", "sequence_num", "purpose_type")
def _conversation(draw: Draw) -> Made:
    """Conversations are named after their first contact; rows lie in order of time."""
    talk = np.array([scene.talk for scene in SCENES])[draw["_scene"]]
    alone = draw["_cause_table"] == CUSTOMER
    width = np.int64(max(draw["_cause"].max(initial=0), draw.n) + 1)
    row = np.where(alone, np.arange(draw.n), draw["_cause"])
    group = (draw["_cause_table"] * width + row) * TALKS + talk
    _, first, of = np.unique(group, return_index=True, return_inverse=True)
    begun = draw.rows[first[of]] if draw.n else draw.rows
    purpose = np.array([PURPOSES.index(scene.purpose) for scene in SCENES], dtype=np.int32)
    return {
        "conversation_key": numbered("CV-", begun, 10),
        "sequence_num": place_in_group(group) + 1,
        "purpose_type": Coded(purpose[draw["_scene"]], PURPOSES),
    }


def _through(draw: Draw, column: str, cause: int, of: str) -> Rows:
    """For rows of a cause, the global row in ``of`` that its working column says; else -1."""
    found = np.full(draw.n, -1, dtype=np.int64)
    own = np.flatnonzero(draw["_cause_table"] == cause)
    if len(own):
        found[own] = draw.frames[of][column][draw["_cause"][own]]
    return found


@link(
    "customer_key",
    "dealer_key",
    "lead_key",
    "deal_key",
    "service_appointment_key",
    "repair_order_key",
    "_customer_key",
    "_lead",
    "_deal",
    "_appointment",
    "_order",
)
def _links(draw: Draw) -> Made:
    """Global rows of what is spoken about, of each only what there is by then."""
    frames, table, at = draw.frames, draw["_cause_table"], draw["_at"]
    customer = np.full(draw.n, -1, dtype=np.int64)
    for cause, name in enumerate(CAUSES[:CUSTOMER]):
        customer = np.maximum(customer, _through(draw, "_customer_key", cause, name))
    own = draw["_cause"] + frames["customer"].start
    customer = np.where(table == CUSTOMER, own, customer)
    lead = np.where(table == LEAD, draw["_cause"] + frames["sales_lead"].start, -1)
    lead = np.maximum(lead, _through(draw, "_lead_key", DEAL, "deal"))
    deal = np.where(table == DEAL, draw["_cause"] + frames["deal"].start, -1)
    deal = np.maximum(deal, _deal_by_then(draw, at))
    visit = np.where(table == APPOINTMENT, draw["_cause"] + frames["service_appointment"].start, -1)
    early = draw["_scene"] == NUMBER["recall"]
    of_order = _through(draw, "_appointment", ORDER, "repair_order")
    visit = np.maximum(visit, np.where(early, -1, of_order))
    order = (table == ORDER) & ~early
    order = np.where(order, draw["_cause"] + frames["repair_order"].start, -1)
    made: dict[str, Any] = {
        "customer_key": draw.key("customer", customer),
        "_customer_key": customer,
        "dealer_key": draw.key("dealer", draw["_dealer"]),
        "_lead": lead,
        "_deal": deal,
        "_appointment": visit,
        "_order": order,
    }
    for column, parent, rows in (
        ("lead_key", "sales_lead", lead),
        ("deal_key", "deal", deal),
        ("service_appointment_key", "service_appointment", visit),
        ("repair_order_key", "repair_order", order),
    ):
        made[column] = (draw.key(parent, rows), rows < 0)
    return made


def _deal_by_then(draw: Draw, at: NDArray[Any]) -> Rows:
    """The global row of the deal that a lead has come to by then; -1 if there is none."""
    leads, deals = draw.frames["sales_lead"], draw.frames["deal"]
    found = np.full(draw.n, -1, dtype=np.int64)
    own = np.flatnonzero(draw["_cause_table"] == LEAD)
    if not len(own) or not deals.rows:
        return found
    of = np.full(leads.rows, -1, dtype=np.int64)
    linked = np.flatnonzero(deals["_lead_key"] >= 0)
    of[deals["_lead_key"][linked] - leads.start] = linked
    deal = of[draw["_cause"][own]]
    opened = deals["occurrence_date_time"][np.maximum(deal, 0)] <= at[own]
    found[own] = np.where((deal >= 0) & opened, deal + deals.start, -1)
    return found


@drawn("channel_type", "direction_type", "_reach")
def _channel(draw: Draw) -> Made:
    """By scene and source; only where the customer can be reached, offers only as allowed, no
    calls or texts at night.  ``_reach``: whether by mail, by telephone and by text (n, 3)."""
    names = np.array([scene.name for scene in SCENES], dtype=object)
    cell, scene, at = names[draw["_scene"]], draw["_scene"], draw["_at"]
    first = scene == NUMBER["first"]
    if first.any():
        source = draw.frames["sales_lead"].text("lead_source_type")
        cell = np.where(first, "first " + source[np.where(first, draw["_cause"], 0)], cell)
    drawn_ = draw.leaf("contact_channels", by=(cell.astype(object),))
    channel = np.array([CHANNELS.index(label) for label in drawn_.labels])[drawn_.codes]
    mail, number, cell_phone = _reached(draw).T
    inbound = np.array([one.inbound for one in SCENES])[scene]
    inbound |= np.isin(channel, [IN_PERSON, CHAT]) | (first & (channel == PHONE) & _at_once(draw))
    if (scene == NUMBER["offer"]).any():
        people = draw.frames["customer"]
        since = allowed_since(draw)[draw["_customer_key"] - people.start]
        may_mail = ~np.isnat(since[:, 0]) & (since[:, 0] <= at)
        may_text = ~np.isnat(since[:, 1]) & (since[:, 1] <= at)
        offered = np.where(may_mail & ((channel == EMAIL) | ~may_text), EMAIL, SMS)
        channel = np.where(scene == NUMBER["offer"], offered, channel)
    minute = _local_minute(draw)
    night = (minute < OPENS) | (minute >= CLOSES)
    channel = np.where(night & np.isin(channel, [PHONE, IN_PERSON, VIDEO]), EMAIL, channel)
    channel = np.where(night & ~inbound & (channel == SMS) & mail, EMAIL, channel)
    bound = scene == NUMBER["offer"]
    channel = np.where((channel == EMAIL) & ~mail & ~bound, np.where(night, SMS, PHONE), channel)
    channel = np.where((channel == SMS) & ~cell_phone & ~bound & ~night, PHONE, channel)
    channel = np.where((channel == PHONE) & ~number & mail, EMAIL, channel)
    direction = np.where(inbound, 0, 1).astype(np.int32)
    return {
        "channel_type": Coded(channel.astype(np.int32), CHANNELS),
        "direction_type": Coded(direction, ("INBOUND", "OUTBOUND")),
        "_reach": np.column_stack([mail, number, cell_phone]),
    }


def _local_minute(draw: Draw) -> Rows:
    """Minutes of the dealer's local day."""
    here = local(draw["_at"], clocks_of(draw, draw["_dealer"]))
    minute: Rows = (here - here.astype("datetime64[D]")) // MINUTE
    return minute


def _at_once(draw: Draw) -> NDArray[np.bool_]:
    found = np.zeros(draw.n, dtype=bool)
    own = np.flatnonzero(draw["_cause_table"] == LEAD)
    if len(own):
        found[own] = draw.frames["sales_lead"]["_at_once"][draw["_cause"][own]]
    return found


def _reached(draw: Draw) -> NDArray[np.bool_]:
    """Whether each row's customer has a mail address, a number, a cell phone."""
    channels, people = draw.frames["communication_channel"], draw.frames["customer"]
    party = draw.frames["party"]
    kind = channels["communication_channel_type"]
    has = np.zeros((party.rows, 3), dtype=bool)
    for column, names in enumerate((("EMAIL",), ("PHONE", "CELL"), ("CELL",))):
        codes = [code for code, label in enumerate(kind.labels) if label in names]
        has[channels["_local"][np.isin(kind.codes, codes)], column] = True
    rows = people["_party_key"][draw["_customer_key"] - people.start] - party.start
    return np.asarray(has[rows])


@link("staff_member_key", "_staff")
def _who(draw: Draw) -> Made:
    """Who is assigned or sells, who finances, the advisor; a manager for those who have left.
    Nobody for what is sent by itself."""
    frames, at = draw.frames, draw["_at"]
    by = np.array([scene.by for scene in SCENES])[draw["_scene"]]
    seller = np.maximum(
        _through(draw, "_assigned_staff_member_key", LEAD, "sales_lead"),
        _through(draw, "_salesperson_staff_member_key", DEAL, "deal"),
    )
    if frames["deal"].rows:
        finance = _through(draw, "_fi_manager_staff_member_key", DEAL, "deal")
        seller = np.where((by == FINANCE) & (finance >= 0), finance, seller)
    people = frames["staff_member"]
    nobodys = seller < 0
    seller = employed_or_manager(draw, draw["_dealer"], np.maximum(seller, people.start), at)
    advisor = on_duty(draw, draw["_dealer"], at, roles=("SERVICE_ADVISOR",), stream="advisor")
    who = np.where(by == ADVISOR, advisor, seller)
    none = by == AUTOMATIC
    named = np.maximum(
        _through(draw, "_advisor_staff_member_key", APPOINTMENT, "service_appointment"),
        _through(draw, "_advisor_staff_member_key", ORDER, "repair_order"),
    )
    who = np.where(none & (named >= 0), named, np.where(none & nobodys, advisor, who))
    return {"staff_member_key": (draw.key("staff_member", who), none), "_staff": who}


@drawn("outcome_type", "sentiment_type")
def _became(draw: Draw) -> Made:
    """By scene; those who waited, whose car was late or dear, who lost, are less happy."""
    names = np.array([scene.name for scene in SCENES], dtype=object)
    call = draw["channel_type"].codes == PHONE
    outbound = draw["direction_type"].codes == 1
    way = np.where(call & outbound, "call", "other").astype(object)
    drawn_ = draw.leaf("contact_outcomes", by=(names[draw["_scene"]], way))
    outcome = np.array([OUTCOMES.index(label) for label in drawn_.labels])[drawn_.codes]
    outcome = np.where(_leaves(draw), OUTCOMES.index("UNSUBSCRIBED"), outcome)
    moods, shift = draw.figures["contact_moods"], _waiting(draw)
    shift = shift + np.array([moods.get(scene.name, 0.0) for scene in SCENES])[draw["_scene"]]
    unhappy, happy = draw.figures["mood_edges"]
    place = draw.u("sentiment_type") + shift
    mood = np.where(place < unhappy, 0, np.where(place > happy, 2, 1))
    quiet = (outcome == OUTCOMES.index("NO_ANSWER")) & outbound
    return {
        "outcome_type": Coded(outcome.astype(np.int32), OUTCOMES),
        "sentiment_type": Coded(np.where(quiet, 1, mood).astype(np.int32), MOODS),
    }


def _leaves(draw: Draw) -> NDArray[np.bool_]:
    """Some want no more offers after the last one they get."""
    offers = np.flatnonzero(draw["_scene"] == NUMBER["offer"])
    last = np.zeros(draw.n, dtype=bool)
    who = draw["_customer_key"][offers]
    order = np.lexsort((draw["_at"][offers], who))
    ends = np.append(who[order][1:] != who[order][:-1], True)[: len(order)]
    last[offers[order[ends]]] = True
    return np.asarray(last & (draw.u("leaves") < draw.figures["unsubscribed_share"]))


def _waiting(draw: Draw) -> NDArray[np.float64]:
    """How much less happy a contact is because of waiting and price."""
    shift, lean = np.zeros(draw.n), draw.figures["mood_leaning"]
    leads, orders = draw.frames["sales_lead"], draw.frames["repair_order"]
    own = np.flatnonzero(draw["_cause_table"] == LEAD)
    if len(own):
        wait = leads["first_contact_date_time"] - leads["create_date_time"]
        slow = wait[draw["_cause"][own]] > int(lean["slow_hours"] * 60) * MINUTE
        shift[own] = np.where(slow, lean["slow"], lean["quick"])
    own = np.flatnonzero(draw["_cause_table"] == ORDER)
    if len(own):
        row = draw["_cause"][own]
        dear = orders["actual_grand_total_amount"][row] > lean["dear_dollars"] * 100
        shift[own] = late_of(draw)[row] * lean["late"] + dear * lean["dear"]
    return shift


@drawn("start_date_time", "end_date_time", "duration_seconds")
def _lasts(draw: Draw) -> Made:
    """Talks have an end, mails and texts none; a call that nobody takes is short."""
    channel = draw["channel_type"]
    lasts = np.isin(channel.codes, [PHONE, CHAT, IN_PERSON, VIDEO])
    quiet = draw["outcome_type"].codes == OUTCOMES.index("NO_ANSWER")
    cell = np.where(quiet & (channel.codes == PHONE), "NOBODY", channel.text()).astype(object)
    seconds = np.rint(draw.leaf("contact_seconds", by=(cell,))).astype(np.int64)
    return {
        "start_date_time": draw["_at"],
        "end_date_time": (draw["_at"] + seconds * np.timedelta64(1000, "ms"), ~lasts),
        "duration_seconds": (seconds, ~lasts),
    }


@derived("language_tag")
def _language(draw: Draw) -> Made:
    people, party = draw.frames["customer"], draw.frames["party"]
    language = party["preferred_language_code"]
    local = people["_party_key"][draw["_customer_key"] - people.start] - party.start
    return {"language_tag": Coded(language.codes[local], language.labels)}


MOST = 60  # of a customer, within the span


def _typical(given: Given) -> float:
    each = given.figures["contacts_each"]
    counted = sum(each[name] * given[name] for name in CAUSES[:CUSTOMER])
    years = given.days / 365
    usual = float(counted + each["customer"] * years * given["customer"])
    return min(usual, float(MOST * (given["customer"] - given["dealer"])))


COUNT = happens(
    Noun("contact", "contacts"),
    ("customer", MOST),
    ("dealer", -MOST),
    typical=_typical,
    why="what leads, deals, visits and customers have to talk about",
    rule=f"A customer, but no house account, has at most {MOST} contacts",
    back=asks(0.03),
)
COUNT = replace(
    COUNT,
    weight=lambda lay: 5 * lay["sales_lead"] + lay["repair_order"] + 0.5 * lay["customer"],
)


CUSTOMER_INTERACTION = Declaration(
    TABLE,
    prefix="CI",
    count=COUNT,
    makers=(
        keyed(TABLE),
        laid,
        _conversation,
        _links,
        _channel,
        _who,
        _became,
        _lasts,
        _language,
        words,
    ),
    rules=RULES,
    born="start_date_time",
    reveals={"end_date_time": "end_date_time", "duration_seconds": "end_date_time"},
)
