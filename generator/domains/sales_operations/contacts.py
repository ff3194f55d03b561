"""What dealer and customer have to say to each other: scenes, each with its cause and moment.

A lead is answered, called again, met, quoted, talked about and closed; a buyer hears of the bank,
the delivery, the plates; who comes to the workshop books, is reminded, asked and called when the
car is done.  What nothing else causes (an offer, a question) comes from customers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE, clocks_of, end_of, span, when_open
from generator.domains.clocks import local_day
from generator.domains.closing import Who
from generator.domains.graph import Draw, Made, derived
from generator.domains.groups import place_in_group
from generator.domains.party_identity.communication_channel import OFFERED_BY, OFFERED_TO
from generator.domains.sales_operations.sales_event import STEPS
from generator.domains.service.reasons import RECALL

Rows = NDArray[np.int64]
Moments = NDArray[np.datetime64]
CAUSES = ("sales_lead", "deal", "service_appointment", "repair_order", "customer")
LEAD, DEAL, APPOINTMENT, ORDER, CUSTOMER = range(len(CAUSES))
SELLER, FINANCE, ADVISOR, AUTOMATIC = range(4)  # who speaks for the dealer
HOUR = 60 * MINUTE


class Scene(NamedTuple):
    """What is said why: its purpose, who speaks for the dealer, whether the customer begins, and
    which of its cause's conversations it belongs to."""

    name: str
    purpose: str
    by: int
    inbound: bool = False
    talk: int = 0


SCENES = (
    Scene("first", "INQUIRY", SELLER),
    Scene("reply", "FOLLOW_UP", SELLER, inbound=True),
    Scene("again", "FOLLOW_UP", SELLER),
    Scene("meet", "TEST_DRIVE", SELLER, talk=1),
    Scene("remind", "TEST_DRIVE", AUTOMATIC, talk=1),
    Scene("quote", "QUOTE", SELLER, talk=2),
    Scene("haggle", "NEGOTIATION", SELLER, inbound=True, talk=2),
    Scene("answer", "NEGOTIATION", SELLER, talk=2),
    Scene("won", "NEGOTIATION", SELLER, talk=2),
    Scene("lost", "FOLLOW_UP", SELLER, talk=3),
    Scene("bank", "FINANCE", FINANCE),
    Scene("ready", "DELIVERY", SELLER, talk=1),
    Scene("thanks", "SURVEY", AUTOMATIC, talk=2),
    Scene("rated", "SURVEY", SELLER, inbound=True, talk=2),
    Scene("plates", "STATUS_UPDATE", SELLER, inbound=True, talk=3),
    Scene("book", "SERVICE_BOOKING", ADVISOR, inbound=True),
    Scene("visit", "SERVICE_BOOKING", AUTOMATIC),
    Scene("missed", "SERVICE_BOOKING", ADVISOR),
    Scene("found", "STATUS_UPDATE", ADVISOR),
    Scene("done", "STATUS_UPDATE", ADVISOR),
    Scene("rate", "SURVEY", AUTOMATIC, talk=1),
    Scene("upset", "COMPLAINT", ADVISOR, inbound=True, talk=2),
    Scene("recall", "RECALL_NOTICE", AUTOMATIC, talk=3),
    Scene("offer", "MARKETING", AUTOMATIC),
    Scene("asks", "INQUIRY", ADVISOR, inbound=True),
    Scene("renew", "RENEWAL", ADVISOR),
)
NUMBER = {scene.name: code for code, scene in enumerate(SCENES)}
FILLS = ("offer", "asks", "renew")  # what customers bring by themselves


class Laid(NamedTuple):
    """Contacts that may happen: the place of their cause in ``CAUSES``, its local row, the scene,
    the moment."""

    cause: Rows
    row: Rows
    scene: Rows
    at: Moments

    @classmethod
    def of(cls, cause: int, scene: str, row: Rows, at: Moments) -> Laid:
        n = len(row)
        return cls(
            np.full(n, cause), row, np.full(n, NUMBER[scene]), at[row].astype("datetime64[ms]")
        )

    def take(self, rows: NDArray[Any]) -> Laid:
        return Laid(self.cause[rows], self.row[rows], self.scene[rows], self.at[rows])

    @classmethod
    def joined(cls, parts: list[Laid]) -> Laid:
        return cls(*(np.concatenate(column) for column in zip(*parts, strict=True)))


class Stage(NamedTuple):
    """The rows of one cause: numbers for its scenes, their shares, moments in opening hours."""

    draw: Draw
    cause: int

    @property
    def rows(self) -> int:
        return self.draw.frames[CAUSES[self.cause]].rows

    def u(self, name: str) -> NDArray[np.float64]:
        frame = self.draw.frames[CAUSES[self.cause]]
        stream = self.draw.stream(f"{CAUSES[self.cause]} {name}")
        return stream.uniform(frame.start, frame.start + frame.rows)

    def some(self, scene: str, among: Any, more: Any = 1.0) -> Rows:
        """Local rows of ``among`` for which the scene happens, where ``more`` is larger more."""
        share = self.draw.figures["contact_shares"][scene] * more
        return np.flatnonzero(among & (self.u(f"{scene} happens") < share))

    def open(self, scene: str, at: Moments) -> Moments:
        frame = self.draw.frames[CAUSES[self.cause]]
        clocks = clocks_of(self.draw, frame["_dealer"])
        who: Who = "workshop" if self.cause in (APPOINTMENT, ORDER) else "showroom"
        return when_open(at, clocks, self.u(f"{scene} opens"), who=who)

    def later(self, scene: str, since: Moments) -> Moments:
        """Some time after, by the figure of the scene: the least and the usual hours."""
        least, usual = self.draw.figures["contact_hours_after"][scene]
        hours = least + usual * -np.log1p(-self.u(f"{scene} waits") * (1 - 1e-6))
        return np.asarray(since + np.floor(hours * 60).astype(np.int64) * MINUTE)


def _of_leads(draw: Draw) -> list[Laid]:
    """From the first contact to the close; the first contact comes first."""
    leads, stage = draw.frames["sales_lead"], Stage(draw, LEAD)
    spoken = ~leads.missing("first_contact_date_time")
    first, close = leads["first_contact_date_time"], leads["close_date_time"]
    open_ = leads.missing("close_date_time")
    until = np.where(open_, end_of(span(draw)[1]), close)
    parts = [Laid.of(LEAD, "first", np.flatnonzero(spoken), first)]

    def add(scene: str, at: Moments, among: Any, *, wide: bool = True) -> Moments:
        at = np.where(np.isnat(at), first, at)
        moved = stage.open(scene, np.maximum(at, first + MINUTE)) if wide else at
        fits = spoken & among & (moved > first) & (moved < until)
        parts.append(Laid.of(LEAD, scene, stage.some(scene, fits), moved))
        return moved

    add("reply", stage.later("reply", first), True, wide=False)
    add("again", stage.later("again", first), True)
    met = milestones(draw)
    booked, came, quoted = (met[:, STEPS.index(n)] for n in ("APPT_SCHED", KEPT, "QUOTE"))
    add("meet", booked, ~np.isnat(booked), wide=False)
    both = ~np.isnat(booked) & ~np.isnat(came)
    eve = np.maximum(came - DAY, booked + HOUR)
    eve = stage.open("remind", np.where(both, eve, first))
    add("remind", eve, both & (eve + HOUR < came), wide=False)
    add("quote", quoted, ~np.isnat(quoted), wide=False)
    asked = add("haggle", stage.later("haggle", quoted), ~np.isnat(quoted), wide=False)
    add("answer", stage.later("answer", asked), ~np.isnat(quoted))
    won = leads["_won"]
    for scene, those in (("won", won), ("lost", ~won)):
        rows = stage.some(scene, spoken & ~open_ & those & (close > first))
        parts.append(Laid.of(LEAD, scene, rows, close))
    return parts


KEPT = "APPT_COMPLETE"  # or cancelled


def milestones(draw: Draw) -> Moments:
    """Moments (leads, steps) of the milestones of each lead, none where it does not come to one."""
    events, leads = draw.frames["sales_event"], draw.frames["sales_lead"]
    met = np.full((leads.rows, len(STEPS)), np.datetime64("NaT", "ms"))
    if events.rows:
        met[events["_cause"], events["_line"] - 1] = events["occurrence_date_time"]
    return met


def _of_deals(draw: Draw) -> list[Laid]:
    deals, stage = draw.frames["deal"], Stage(draw, DEAL)
    signed, handed = deals["contract_date_time"], deals["delivery_date_time"]
    sold = deals["_sold"] & ~deals.missing("contract_date_time")
    got = sold & ~deals.missing("delivery_date_time")
    opened = deals["occurrence_date_time"]
    bank = stage.open("bank", stage.later("bank", signed))
    ready = stage.open("ready", stage.later("ready", signed))
    thanks = stage.open("thanks", stage.later("thanks", handed))
    rated = stage.later("rated", thanks)
    plates = stage.later("plates", handed)
    asked = stage.some("thanks", got)
    after = np.zeros(deals.rows, dtype=bool)
    after[asked] = True
    return [
        Laid.of(
            DEAL, "bank", stage.some("bank", sold & deals["_financed"] & (bank > opened)), bank
        ),
        Laid.of(DEAL, "ready", stage.some("ready", got & (ready + HOUR < handed)), ready),
        Laid.of(DEAL, "thanks", asked, thanks),
        Laid.of(DEAL, "rated", stage.some("rated", after), rated),
        Laid.of(DEAL, "plates", stage.some("plates", got), plates),
    ]


def _of_appointments(draw: Draw) -> list[Laid]:
    visits, stage = draw.frames["service_appointment"], Stage(draw, APPOINTMENT)
    people = draw.frames["customer"]
    own = ~people["_house"][visits["_customer_key"] - people.start]
    start, booked = visits["_start"], visits["booked_date_time"]
    eve = stage.open("visit", np.maximum(start - DAY, booked + HOUR))
    gone = visits["appointment_status_type"]
    absent = gone.codes == gone.labels.index("NO_SHOW_CONFIRMED")
    called = stage.open("missed", stage.later("missed", start))
    return [
        Laid.of(APPOINTMENT, "book", stage.some("book", own), booked),
        Laid.of(APPOINTMENT, "visit", stage.some("visit", own & (eve + HOUR < start)), eve),
        Laid.of(APPOINTMENT, "missed", stage.some("missed", own & absent), called),
    ]


def _of_orders(draw: Draw) -> list[Laid]:
    """What is said while the car is there and after; complaints where it is late."""
    orders, visits, stage = (
        draw.frames["repair_order"],
        draw.frames["service_appointment"],
        Stage(draw, ORDER),
    )
    own = ~orders["_internal"] & ~_house(draw, orders)
    opened, done = orders["opened_date_time"], orders["completed_date_time"]
    closed, late = orders["closed_date_time"], late_of(draw)
    found = stage.open("found", stage.later("found", opened))
    told = stage.open("done", stage.later("done", done))
    rate = stage.open("rate", stage.later("rate", closed))
    upset = stage.later("upset", closed)
    more = np.where(late, float(draw.figures["late_complaints"]), 1.0)
    parts = [
        Laid.of(ORDER, "found", stage.some("found", own & (found < done)), found),
        Laid.of(ORDER, "done", stage.some("done", own & (told < closed)), told),
        Laid.of(ORDER, "rate", stage.some("rate", own), rate),
        Laid.of(ORDER, "upset", stage.some("upset", own, more), upset),
    ]
    if visits.rows:
        at = np.maximum(orders["_appointment"] - visits.start, 0)
        written = stage.open("recall", visits["booked_date_time"][at] - _days(stage, "recall"))
        known = draw.frames["customer"]["document_date_time"]
        since = known[orders["_customer_key"] - draw.frames["customer"].start]
        first = span(draw)[0].astype("datetime64[ms]")
        fits = own & (orders["_appointment"] >= 0) & (orders["_reason"] == RECALL)
        fits &= (written > since) & (written > first) & (written < visits["booked_date_time"][at])
        parts.append(Laid.of(ORDER, "recall", stage.some("recall", fits), written))
    return parts


def _house(draw: Draw, frame: Any) -> NDArray[np.bool_]:
    people = draw.frames["customer"]
    return np.asarray(people["_house"][frame["_customer_key"] - people.start])


def _days(stage: Stage, scene: str) -> NDArray[Any]:
    least, usual = stage.draw.figures["contact_hours_after"][scene]
    hours = least + usual * -np.log1p(-stage.u(f"{scene} waits") * (1 - 1e-6))
    return np.asarray(np.floor(hours * 60).astype(np.int64) * MINUTE)


def late_of(draw: Draw) -> NDArray[np.bool_]:
    """Which repair orders were done after the day that was promised."""
    orders = draw.frames["repair_order"]
    done = local_day(orders["completed_date_time"], orders["_clock"])
    return np.asarray(done > orders["promise_complete_date"])


def allowed_since(draw: Draw) -> Moments:
    """Since when each customer may be sent what is offered, by mail and as text, shape (n, 2);
    not-a-time where not at all."""
    channels, people = draw.frames["communication_channel"], draw.frames["customer"]
    since = np.full((people.rows, 2), np.datetime64("NaT", "ms"))
    place = np.full(draw.frames["party"].rows, -1)
    place[people["_party_key"] - draw.frames["party"].start] = np.arange(people.rows)
    allowed = channels["_allowed"] & ~np.isnat(channels["_allowed_on"])
    kind = channels.text("communication_channel_type")
    for column, name in enumerate(OFFERED_BY.values()):
        rows = np.flatnonzero(allowed & (kind == name) & (channels["_nth"] < OFFERED_TO))
        who = place[channels["_local"][rows]]
        rows, who = rows[who >= 0], who[who >= 0]
        since[who, column] = channels["_allowed_on"][rows]
    return since


def _of_customers(draw: Draw, missing: Rows) -> Laid:
    """As many as are missing under each dealer, of its customers in turn: offers to those who
    allow them, questions, and talk of what runs out."""
    people, stage = draw.frames["customer"], Stage(draw, CUSTOMER)
    dealer = people["_dealer"] - draw.frames["dealer"].start
    size = np.bincount(dealer, minlength=len(missing)) - 1
    first = np.cumsum(size + 1) - size - 1
    able = people.text("customer_status_type")
    gone = np.isin(able, ("MERGED", "ARCHIVED"))
    order = np.lexsort((stage.u("asks first"), gone, people["_house"], dealer))
    base = draw.starts[draw.frame.table.name] + np.cumsum(draw.counts[draw.frame.table.name])
    base = base - draw.counts[draw.frame.table.name]
    live = np.bincount(dealer[~gone & ~people["_house"]], minlength=len(missing))
    turn = np.where(live > 0, live, size)
    of = np.repeat(np.arange(len(missing)), missing)
    place = place_in_group(of)
    row = order[first[of] + place % np.maximum(turn[of], 1)]
    at, scene = _filled(draw, row, base[of] + place)
    return Laid(np.full(len(row), CUSTOMER), row, scene, at)


def _filled(draw: Draw, row: Rows, number: Rows) -> tuple[Moments, Rows]:
    """When and what: between a customer being known and the end."""
    people, first = draw.frames["customer"], span(draw)[0].astype("datetime64[ms]")
    end = end_of(span(draw)[1]) - 2 * HOUR

    def u(name: str) -> NDArray[np.float64]:
        return draw.stream(name).at(number.astype(np.uint64))

    shares = draw.figures["contacts_of_customers"]
    edges = np.cumsum([shares[name] for name in FILLS])
    pick = np.minimum(np.searchsorted(edges / edges[-1], u("fill"), side="right"), len(FILLS) - 1)
    allowed = allowed_since(draw)[row].min(axis=1) if len(row) else first
    offer = (pick == 0) & ~np.isnat(allowed) & (allowed + HOUR < end)
    pick = np.where((pick == 0) & ~offer, 1, pick)
    since = np.maximum(people["document_date_time"][row] + MINUTE, first)
    since = np.minimum(np.where(offer, np.maximum(since, allowed + HOUR), since), end)
    room = (end - since).astype(np.int64)
    raw = since + np.floor(room * u("fill at") / 1000).astype(np.int64) * np.timedelta64(1000, "ms")
    clocks = clocks_of(draw, people["_dealer"][row])
    moved = when_open(raw, clocks, u("fill opens"), who="workshop")
    at = np.where(moved <= end, moved, raw).astype("datetime64[ms]")
    return at, np.array([NUMBER[name] for name in FILLS])[pick]


@derived("_cause_table", "_cause", "_scene", "_at")
def laid(draw: Draw) -> Made:
    """Exactly as many as planned under each dealer, in order of time: whole causes by chance, and
    what then is missing from customers."""
    dealers, counts = draw.frames["dealer"], draw.counts[draw.frame.table.name]
    of = {LEAD: _of_leads, DEAL: _of_deals, APPOINTMENT: _of_appointments, ORDER: _of_orders}
    none = np.zeros(0, dtype=np.int64)
    parts = [Laid.of(LEAD, "first", none, np.zeros(0, dtype="datetime64[ms]"))]
    for cause, make in of.items():
        parts += make(draw) if draw.frames[CAUSES[cause]].rows else ()
    some = Laid.joined(parts)
    end = end_of(span(draw)[1])
    some = some.take(some.at <= end - (some.scene > 0) * 2 * HOUR)
    dealer, turn = np.zeros(len(some.row), np.int64), np.zeros(len(some.row))
    for cause, name in enumerate(CAUSES[:CUSTOMER]):
        own = np.flatnonzero(some.cause == cause)
        dealer[own] = draw.frames[name]["_dealer"][some.row[own]] - dealers.start
        turn[own] = Stage(draw, cause).u("turn")[some.row[own]]
    order = np.lexsort((some.scene, some.at, some.row, some.cause, turn, dealer))
    kept = order[place_in_group(dealer[order]) < counts[dealer[order]]]
    missing = counts - np.bincount(dealer[kept], minlength=len(counts))
    fill = _of_customers(draw, missing)
    every = Laid.joined([some.take(kept), fill])
    dealer = np.concatenate([dealer[kept], np.repeat(np.arange(len(counts)), missing)])
    order = np.lexsort((every.scene, every.row, every.cause, every.at, dealer))
    every = every.take(order)
    return {
        "_cause_table": every.cause,
        "_cause": every.row,
        "_scene": every.scene,
        "_at": every.at,
    }
