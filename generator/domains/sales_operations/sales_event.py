"""Sales events: the milestones of a lead, from its creation to the delivery of the car."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import CLOSES, DAY, MINUTE, OPENS, clocks_of
from generator.domains.clocks import Clocks, local, utc
from generator.domains.closing import next_open
from generator.domains.columns import enum, moment, text
from generator.domains.consequences import Caused
from generator.domains.counts import Given, Noun, consequence
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
from generator.domains.human_resources.rota import employed_or_manager
from generator.domains.sales_operations.sales_event_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "sales_event",
    domain="sales_operations",
    meaning="Milestone of a lead",
    key="sales_event_key",
    columns=(
        text("sales_event_key", 50, unique=True),
        text("lead_key", 50),
        text("deal_key", 50, nullable=True),
        enum("sales_event_type", "SalesEventTypes"),
        moment("occurrence_date_time"),
        text("actor_staff_member_key", 50),
    ),
    links=(
        Link("lead_key", "sales_lead", "lead_key", "parent"),
        Link("deal_key", "deal", "deal_key", "lookup"),
        Link("actor_staff_member_key", "staff_member", "staff_member_key", "lookup"),
    ),
)
STEPS = (
    "LEAD_CREATE",
    "OPP_CREATE",
    "CONTACT_FIRST",
    "APPT_SCHED",
    "APPT_COMPLETE",
    "VISIT",
    "TEST_DRIVE",
    "QUOTE",
    "SIGNED",
    "SALE_CLOSE",
    "SOLD",
    "DELIVERED",
)
"""In the order in which a lead comes to them; an appointment may be cancelled instead."""

CANCELLED = "APPT_CANCEL"
MEETINGS = STEPS[3:8]
OF_DEALS = {
    "SIGNED": "contract_date_time",
    "SALE_CLOSE": "contract_date_time",
    "SOLD": "post_date_time",
    "DELIVERED": "delivery_date_time",
}
"""Milestones that are moments of the deal."""

Rows = NDArray[np.int64]


@drawn("_reached", "_keeps")
def reached(draw: Draw) -> Made:
    """Of a lead, which of the ``MEETINGS`` it comes to, shape (n, 5); the further the more likely
    if it is won.  ``_keeps``: whether the appointment is kept."""
    won, figures = draw["converted_indicator"], draw.figures
    contacted = ~draw.frame.missing("first_contact_date_time")
    shares = figures["milestone_shares"]
    u = draw.u("milestones", each=len(MEETINGS)).reshape(-1, len(MEETINGS))
    of_won, of_lost = (
        np.array([shares[k].get(one, 0.0) for one in MEETINGS]) for k in ("WON", "LOST")
    )
    keen = u < np.where(won[:, None], of_won, of_lost)
    new = draw.frame.text("interest_product_state_type") == "NEW"
    wants = [figures["appointments"][state] for state in ("NEW", "USED")]
    makes, makes_not, kept = (
        np.where(new, *(one[name] for one in wants)) for name in ("won", "lost", "kept")
    )
    keen[:, 0] = u[:, 0] < np.where(won, makes, makes_not)
    keen[:, 1] = keen[:, 0]  # who makes an appointment keeps it or cancels it
    keeps = draw.u("keeps") < np.where(won, 1.0, kept)
    keen[:, 2] &= keeps | ~keen[:, 0]
    keen[:, 3] &= keen[:, 2]
    return {"_reached": keen & contacted[:, None], "_keeps": keeps}


def _deal_of(frames: Frames) -> Rows:
    """The local row of the deal of each lead; -1 if there is none."""
    leads, deals = frames["sales_lead"], frames["deal"]
    found = np.full(leads.rows, -1, dtype=np.int64)
    linked = np.flatnonzero(deals["_lead_key"] >= 0)
    found[deals["_lead_key"][linked] - leads.start] = linked
    return found


def _follows(frames: Frames) -> tuple[Caused, ...]:
    leads, deals, deal = frames["sales_lead"], frames["deal"], _deal_of(frames)
    there = np.zeros((leads.rows, len(STEPS)), dtype=bool)
    there[:, :2] = True
    there[:, 2] = ~leads.missing("first_contact_date_time")
    there[:, 3 : 3 + len(MEETINGS)] = leads["_reached"]
    for name, column in OF_DEALS.items():
        came = np.append(~deals.missing(column), False)
        there[:, STEPS.index(name)] = came[deal]
    lead, step = np.nonzero(there)
    return (Caused("sales_lead", lead.astype(np.int64), step.astype(np.int64) + 1),)


@link("lead_key", "deal_key", "_deal")
def _links(draw: Draw) -> Made:
    deal = _deal_of(draw.frames)[draw["_cause"]]
    of_deal = draw["_line"] > len(STEPS) - len(OF_DEALS)
    row = np.where(of_deal, deal, -1)
    return {
        "lead_key": draw.key("sales_lead", draw["_cause"] + draw.frames["sales_lead"].start),
        "deal_key": (draw.key("deal", row + draw.frames["deal"].start), row < 0),
        "_deal": row,
    }


@derived("sales_event_type")
def _type(draw: Draw) -> Made:
    labels = (*STEPS, CANCELLED)
    kept = draw.frames["sales_lead"]["_keeps"][draw["_cause"]]
    appointment = draw["_line"] - 1 == STEPS.index("APPT_COMPLETE")
    codes = np.where(appointment & ~kept, len(STEPS), draw["_line"] - 1)
    return {"sales_event_type": Coded(codes.astype(np.int32), labels)}


FIRST = 10  # minutes of a day in which what came up on closed days is done


@drawn("occurrence_date_time")
def _when(draw: Draw) -> Made:
    """Meetings lie between the first contact and the opening of the deal, or the last activity,
    when the dealer is open."""
    leads, deals, lead = draw.frames["sales_lead"], draw.frames["deal"], draw["_cause"]
    step, created = draw["_line"] - 1, leads["create_date_time"][lead]
    none = leads.missing("first_contact_date_time")[lead]
    contact = np.where(none, created, leads["first_contact_date_time"][lead])
    idle = leads.missing("last_activity_date_time")[lead]
    until = np.maximum(np.where(idle, contact, leads["last_activity_date_time"][lead]), contact)
    deal = _deal_of(draw.frames)[lead]
    at = np.maximum(deal, 0)
    if deals.rows:
        opened = np.maximum(deals["occurrence_date_time"][at], contact)
        until = np.where(deal >= 0, opened, until)
    low, width = draw.figures["milestone_place"]
    comes = leads["_reached"][lead, 1] & leads["_keeps"][lead]
    visits = comes & (step == STEPS.index("VISIT"))
    kept = visits | (step == STEPS.index("APPT_COMPLETE"))
    agreed = draw.stream("agreed").uniform(leads.start, leads.start + leads.rows)[lead]
    turn = np.where(visits, STEPS.index("APPT_COMPLETE"), step) - 3
    place = np.where(kept, agreed, draw.u("place"))
    share = np.clip((turn + low + width * place) / len(MEETINGS), 0, 1)
    clocks = clocks_of(draw, draw["_dealer"])
    met = _between(contact, until, share, clocks)
    drives = _between(contact, until, np.full(draw.n, BEFORE_DRIVE), clocks)
    late = (draw.u("late") * draw.figures["minutes_late"] * 60_000).astype(np.int64)
    met = np.where(visits, np.maximum(np.minimum(met + late, drives), met), met)
    soon = np.floor(draw.u("soon") * draw.figures["minutes_to_opportunity"]).astype(np.int64)
    when = np.where(step == 0, created, np.minimum(created + soon * MINUTE, contact))
    when = np.where(step == 2, contact, np.where(step > 2, met, when))
    if deals.rows:
        for name, column in OF_DEALS.items():
            when = np.where(step == STEPS.index(name), deals[column][at], when)
    return {"occurrence_date_time": when.astype("datetime64[ms]")}


BEFORE_DRIVE = (STEPS.index("TEST_DRIVE") - 3) / len(MEETINGS)  # of the way


def _between(
    contact: NDArray[Any], until: NDArray[Any], share: NDArray[np.float64], clocks: Clocks
) -> NDArray[Any]:
    """Moments that ``share`` of the way from the first contact to the end, by day."""
    room = (until - contact).astype(np.int64)
    seconds = np.floor(room * share / 1000).astype(np.int64)
    met = contact + seconds * np.timedelta64(1000, "ms")
    return np.asarray(np.clip(_by_day(contact, until, share, met, clocks), contact, until))


def _by_day(
    start: NDArray[Any],
    stop: NDArray[Any],
    share: NDArray[np.float64],
    met: NDArray[Any],
    clocks: Clocks,
) -> NDArray[Any]:
    """The moments that were ``met``, but where the way goes over a night, that ``share`` of the
    hours of business from ``start`` to ``stop``: nobody drives a car at four in the morning.  What
    would lie on a closed day is the first thing done on the next open one."""
    hours = CLOSES - OPENS
    days, minutes = [], []
    for end in (start, stop):
        here = local(end, clocks)
        day = here.astype("datetime64[D]")
        minute = (here - day.astype("datetime64[ms]")) / MINUTE
        days.append(day)
        minutes.append(np.clip(minute - OPENS, 0, hours))
    apart = (days[1] - days[0]).astype(np.int64)
    worked = minutes[0] + share * np.maximum(apart * hours + minutes[1] - minutes[0], 0)
    day = days[0] + np.floor(worked / hours).astype(np.int64) * DAY
    part = worked % hours / hours
    open_on = next_open(day, "showroom", clocks)
    first = np.where(open_on == day, FIRST + (hours - FIRST) * part, FIRST * part)
    seconds = np.floor((OPENS + first) * 60).astype(np.int64)
    at = open_on.astype("datetime64[ms]") + seconds * np.timedelta64(1000, "ms")
    return np.asarray(np.where(apart > 0, utc(at, clocks), met))


@link("actor_staff_member_key", "_actor")
def _who(draw: Draw) -> Made:
    """Who is assigned, then who sells; a manager for those who have left by then."""
    leads, deals = draw.frames["sales_lead"], draw.frames["deal"]
    who = leads["_assigned_staff_member_key"][draw["_cause"]]
    if deals.rows:
        seller = deals["_salesperson_staff_member_key"][np.maximum(draw["_deal"], 0)]
        who = np.where(draw["_deal"] >= 0, seller, who)
    who = employed_or_manager(draw, draw["_dealer"], who, draw["occurrence_date_time"])
    return {"actor_staff_member_key": draw.key("staff_member", who), "_actor": who}


def _typical(given: Given) -> float:
    return float(given["sales_lead"] * given.figures["milestones_a_lead"])


SALES_EVENT = Declaration(
    TABLE,
    prefix="EV",
    count=consequence(
        Noun("sales event", "sales events"),
        "sales_lead",
        typical=_typical,
        why="the milestones of each lead",
    ),
    makers=(keyed_by_cause(TABLE), _links, _type, _when, _who),
    rules=RULES,
    follows=_follows,
    born="occurrence_date_time",
)
