"""What must hold for contacts: consent, order, staff, hours (R017, R020, R021, R042)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import CLOSES, OPENS
from generator.domains.clocks import local_ms
from generator.domains.headings import LEADS_AND_DEALS, PEOPLE, STAFF
from generator.domains.human_resources.duty import employed, in_role
from generator.domains.places import places
from generator.rules import Rule, Truth
from generator.tables import Tables

CONTACT = "customer_interaction"
SPEAKS = (
    *("SALES_ASSOC", "SALES_MGR", "FI_MGR", "GEN_MGR", "BUSINESS_DEVELOPMENT"),
    *("SERVICE_ADVISOR", "SERVICE_MGR", "ADVISOR"),
)
MINUTE = 60_000


def _started(tables: Tables) -> NDArray[np.int64]:
    start = tables.values(CONTACT, "start_date_time")
    return np.asarray(start.astype("datetime64[ms]").astype(np.int64))


def _until(tables: Tables, kinds: tuple[str, ...]) -> NDArray[np.int64]:
    """When each party last opted out of a channel of the kinds; the last entry is nobody's."""
    channel = "communication_channel"
    owner = tables.row_of(channel, "party_key")
    out = tables.is_one_of(channel, "last_communication_status_type", "OPTED_OUT") & (owner >= 0)
    out &= tables.is_one_of(channel, "communication_channel_type", *kinds)
    out &= ~tables.missing(channel, "authorization_update_date_time")
    moment = tables.values(channel, "authorization_update_date_time").astype("datetime64[ms]")
    last = np.full(tables.rows("party") + 1, np.iinfo(np.int64).min)
    np.maximum.at(last, owner[out], moment.astype(np.int64)[out])
    return last


def _written_down(tables: Tables) -> Truth:
    """Who wants no more offers has opted out of the channel at that moment."""
    start, good = _started(tables), ~tables.is_one_of(CONTACT, "outcome_type", "UNSUBSCRIBED")
    party = tables.row_of(CONTACT, "customer_key.party_key")
    for name, kind in (("EMAIL", "EMAIL"), ("SMS", "CELL")):
        through = tables.is_one_of(CONTACT, "channel_type", name)
        good |= through & (_until(tables, (kind,))[party] >= start)
    return np.asarray(good)


def _consented(tables: Tables) -> Truth:
    """Some channel of the kind allows it, since before, or did until its owner wanted no more; and
    nobody has left before."""
    start = _started(tables)
    party = tables.row_of(CONTACT, "customer_key.party_key")
    marketing = tables.is_one_of(CONTACT, "purpose_type", "MARKETING")
    marketing &= tables.is_one_of(CONTACT, "direction_type", "OUTBOUND")
    owner = tables.row_of("communication_channel", "party_key")
    allows = tables.values("communication_channel", "marketing_authorized_indicator") & (owner >= 0)
    since = tables.values("communication_channel", "authorization_update_date_time")
    since = since.astype("datetime64[ms]").astype(np.int64)
    allows = allows & ~tables.missing("communication_channel", "authorization_update_date_time")
    obeys = ~marketing
    for names, kinds in (
        (("EMAIL",), ("EMAIL",)),
        (("SMS",), ("CELL",)),
        (("PHONE", "VIDEO"), ("PHONE", "CELL")),
    ):
        able = allows & tables.is_one_of(
            "communication_channel", "communication_channel_type", *kinds
        )
        first = np.full(tables.rows("party") + 1, np.iinfo(np.int64).max)
        np.minimum.at(first, owner[able], since[able])
        through = tables.is_one_of(CONTACT, "channel_type", *names)
        obeys |= through & ((first[party] <= start) | (start <= _until(tables, kinds)[party]))
    left = tables.is_one_of(CONTACT, "outcome_type", "UNSUBSCRIBED")
    gone = np.full(tables.rows("customer") + 1, np.iinfo(np.int64).max)
    customer = tables.row_of(CONTACT, "customer_key")
    np.minimum.at(gone, customer[left], start[left])
    return np.asarray(obeys & ~(marketing & (start > gone[customer])))


def _in_order(tables: Tables) -> Truth:
    """Of a dealer's conversation the numbers run from 1 in the order of the moments."""
    dealer = tables.row_of(CONTACT, "dealer_key")
    talk = tables.codes(CONTACT, "conversation_key").codes.astype(np.int64)
    talk = talk * (tables.rows("dealer") + 1) + dealer
    number, start = tables.values(CONTACT, "sequence_num"), _started(tables)
    order = np.lexsort((number, talk))
    first = np.append(True, np.diff(talk[order]) != 0)[: len(order)]
    before = np.append(0, number[order][:-1])[: len(order)]
    earlier = np.append(0, start[order][:-1])[: len(order)]
    fits = np.where(
        first,
        number[order] == 1,
        (number[order] == before + 1) & (start[order] >= earlier),
    )
    obeys = np.zeros(len(order), dtype=bool)
    obeys[order] = fits
    return obeys | (dealer < 0)


def _first_contact(tables: Tables) -> Truth:
    """The first contact of a lead, of those that are its own, is its first one."""
    lead, start = tables.row_of(CONTACT, "lead_key"), _started(tables)
    of_lead = lead >= 0
    of_lead = of_lead & ~tables.is_one_of(CONTACT, "purpose_type", *AFTER_SALE)
    first = np.full(tables.rows("sales_lead") + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, lead[of_lead], start[of_lead])
    said = tables.values(CONTACT, "lead_key.first_contact_date_time")
    said = said.astype("datetime64[ms]").astype(np.int64)
    never = tables.missing(CONTACT, "lead_key.first_contact_date_time")
    return np.asarray(~of_lead | ((first[lead] == said) & ~never))


AFTER_SALE = ("FINANCE", "DELIVERY", "SURVEY", "STATUS_UPDATE")


def _same_people(tables: Tables) -> Truth:
    """Lead, deal, appointment and order are of the same customer and dealer."""
    customer = tables.row_of(CONTACT, "customer_key")
    dealer = tables.row_of(CONTACT, "dealer_key")
    obeys = np.ones(tables.rows(CONTACT), dtype=bool)
    for column in ("lead_key", "deal_key", "service_appointment_key", "repair_order_key"):
        none = tables.missing(CONTACT, column)
        same = tables.row_of(CONTACT, f"{column}.customer_key") == customer
        same &= tables.row_of(CONTACT, f"{column}.dealer_key") == dealer
        obeys &= none | same
    return obeys


def _in_hours(tables: Tables) -> Truth:
    """Calls of the dealer between nine and eight, by a clock that its state keeps."""
    calls = tables.is_one_of(CONTACT, "channel_type", "PHONE")
    calls &= tables.is_one_of(CONTACT, "direction_type", "OUTBOUND")
    state, start, pool = tables.codes(CONTACT, "dealer_key.state"), _started(tables), places()
    open_ = np.zeros(len(start), dtype=bool)
    for code, label in enumerate(state.labels):
        rows = np.flatnonzero(state.codes == code)
        for clock in np.unique(pool.clock[pool.state == label]):
            minute = local_ms(start[rows], np.full(len(rows), clock)) // MINUTE % (24 * 60)
            open_[rows] |= (minute >= OPENS) & (minute < CLOSES)
    return np.asarray(~calls | open_)


def _lasted(tables: Tables) -> Truth:
    """Talks end and last as long as they say; mails and texts do neither, and only mails have a
    subject."""
    written = tables.is_one_of(CONTACT, "channel_type", "EMAIL", "SMS")
    no_end = tables.missing(CONTACT, "end_date_time")
    end = tables.values(CONTACT, "end_date_time").astype("datetime64[ms]").astype(np.int64)
    seconds = tables.values(CONTACT, "duration_seconds")
    right = np.where(no_end, True, (end - _started(tables) == seconds * 1000) & (seconds > 0))
    mail = tables.is_one_of(CONTACT, "channel_type", "EMAIL")
    subject = ~tables.missing(CONTACT, "subject")
    same = no_end == tables.missing(CONTACT, "duration_seconds")
    return np.asarray(right & same & (~written | no_end) & (subject == mail))


RULES = (
    Rule(
        "R017.contact",
        CONTACT,
        "Offers go where they are allowed, and to nobody who wanted no more.",
        _consented,
        needs=("customer", "communication_channel", "party"),
        group=PEOPLE,
        scope="shard",
    ),
    Rule(
        "R017.left",
        CONTACT,
        "Who wants no more offers has opted out of the channel from then on.",
        _written_down,
        needs=("customer", "communication_channel", "party"),
        group=PEOPLE,
        scope="shard",
    ),
    Rule(
        "R020.contact",
        CONTACT,
        "Whoever speaks to a customer is employed on the day.",
        employed(CONTACT, "staff_member_key", "start_date_time"),
        needs=("staff_member",),
        group=STAFF,
    ),
    Rule(
        "R021.contact",
        CONTACT,
        "Whoever speaks to a customer sells, finances, advises or manages at the dealer.",
        in_role(CONTACT, "staff_member_key", SPEAKS),
        needs=("staff_member",),
        group=STAFF,
    ),
    Rule(
        "R042.talk",
        CONTACT,
        "Contacts of a conversation are numbered in their order.",
        _in_order,
        needs=("dealer",),
        group=LEADS_AND_DEALS,
        scope="shard",
    ),
    Rule(
        "R042.contact",
        CONTACT,
        "The first contact with a lead is when the lead says it was.",
        _first_contact,
        needs=("sales_lead",),
        group=LEADS_AND_DEALS,
        scope="shard",
    ),
    Rule(
        "R042.people",
        CONTACT,
        "What is spoken about is of the same customer and dealer.",
        _same_people,
        needs=("customer", "dealer", "sales_lead", "deal", "service_appointment", "repair_order"),
        group=PEOPLE,
    ),
    Rule(
        "R107.contact",
        CONTACT,
        "Dealers call from 9 to 20 of their local time.",
        _in_hours,
        needs=("dealer",),
        group=PEOPLE,
    ),
    Rule(
        "R042.lasts",
        CONTACT,
        "Talks last from their start to their end; only mails have a subject.",
        _lasted,
        group=PEOPLE,
    ),
)
