"""What is written about contacts: notes of calls, mails, texts, chats, from the grammar of
contacts, about the car asked for, the price, the appointment, the repair, the lender of the row.
"""

from __future__ import annotations

from string import ascii_lowercase
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.domains.calendar import clocks_of
from generator.domains.clocks import Clocks, local, local_day
from generator.domains.graph import Draw, Made, drawn
from generator.domains.sales_operations.contacts import (
    APPOINTMENT,
    DEAL,
    LEAD,
    NUMBER,
    ORDER,
    SCENES,
    milestones,
)
from generator.domains.sales_operations.sales_event import STEPS
from generator.domains.service.words import miles, names, reasons
from generator.domains.vehicle_asset_mgt.worth import listed
from generator.frame import Coded
from generator.narrative import Grammar, Slips, slipped

Text = NDArray[np.object_]
Rows = NDArray[np.int64]
FORMS = ("call", "mail", "text", "chat")
FORM_OF = {"PHONE": 0, "VIDEO": 0, "IN_PERSON": 0, "EMAIL": 1, "SMS": 2, "CHAT": 3}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
KNOWN = ("car", "new", "used")
SALES = ("INQUIRY", "FOLLOW_UP", "QUOTE", "TEST_DRIVE", "NEGOTIATION", "FINANCE", "DELIVERY")


QUARTER = 15  # minutes


def clock_times() -> Text:
    """Every quarter of an hour of a day: 9:15 AM."""
    quarters = np.arange(24 * 4)
    hour, minute = quarters // 4, quarters % 4 * QUARTER
    half = np.where(hour < 12, " AM", " PM")
    text = [
        f"{(h - 1) % 12 + 1}:{m:02d}" for h, m in zip(hour.tolist(), minute.tolist(), strict=True)
    ]
    return np.asarray(np.array(text, dtype=object) + half.astype(object))


def when_of(moments: NDArray[Any], clocks: Clocks) -> Text:
    """Tuesday at 9:15 AM"""
    return np.asarray(day_of(moments, clocks) + " at " + time_of(moments, clocks))


def time_of(moments: NDArray[Any], clocks: Clocks) -> Text:
    here = local(moments, clocks).astype("datetime64[m]")
    quarter = (here - here.astype("datetime64[D]")).astype(np.int64) // QUARTER
    return np.asarray(clock_times()[np.maximum(quarter, 0) % (24 * 4)])


def day_of(moments: NDArray[Any], clocks: Clocks) -> Text:
    day = local_day(moments, clocks).astype(np.int64)
    return np.array(WEEKDAYS, dtype=object)[(day + 3) % 7]


def dollars(cents: Rows, to: int) -> Text:
    """$31,450, to the nearest ``to`` dollars."""
    return np.asarray("$" + miles(np.rint(cents / (100 * to)).astype(np.int64) * to))


@drawn("subject", "body_text")
def words(draw: Draw) -> Made:
    fields, labels = _fields(draw)
    seeds = draw.stream("body_text").bits(draw.frame.start, draw.frame.start + draw.n)
    note = labels["form"].codes == 0
    machine = draw.frame.missing("staff_member_key")
    mail = labels["form"].codes == 1
    slips = Slips(**draw.figures["contact_slips"])
    grammar = Grammar.named("contacts")
    hurried = slips.hurried(seeds) & ~machine & ~mail
    body = grammar.written("body", seeds, fields=fields, labels=labels, hurried=hurried & note)
    subject = np.full(draw.n, "", dtype=object)
    rows = np.flatnonzero(mail)
    subject[rows] = grammar.written(
        "subject",
        seeds[rows] ^ np.uint64(1),
        fields={name: values[rows] for name, values in fields.items()},
        labels={name: coded.take(rows) for name, coded in labels.items()},
    )
    sent = np.flatnonzero(~note & (draw["direction_type"].codes == 1))
    body[sent] = _sentences(body[sent])
    typed = np.flatnonzero(~machine)
    body[typed] = slipped(body[typed], seeds[typed], slips)
    return {"subject": (subject, ~mail), "body_text": body}


def _sentences(texts: Text) -> Text:
    """With a capital letter at the beginning of every sentence, as those write who are paid."""
    whole = pa.array(texts, pa.string())
    for letter in ascii_lowercase:
        for end in ".?!":
            whole = pc.replace_substring(whole, f"{end} {letter}", f"{end} {letter.upper()}")
    return np.asarray(whole.to_numpy(zero_copy_only=False))


def _fields(draw: Draw) -> tuple[dict[str, Text], dict[str, Coded]]:
    frames = draw.frames
    people, party, staff = frames["customer"], frames["party"], frames["staff_member"]
    dealers, hours = frames["dealer"], clocks_of(draw, draw["_dealer"])
    who = people["_party_key"][draw["_customer_key"] - people.start] - party.start
    given = party.text("given_name")
    gone = party.text("party_status_type") != "ACTIVE"
    first = np.where(gone | party.missing("given_name"), "there", given).astype(object)
    nobody = first == "there"
    mine = given[staff["_party_key"][draw["_staff"] - staff.start] - party.start]
    at = draw["_dealer"] - dealers.start
    make, store = dealers.text("primary_make")[at], _store(dealers)[at]
    car, model, price, known = _cars(draw, make)
    order = _orders(draw)
    meet = _meeting(draw)
    lender, pay = _money(draw)
    fields = {
        "name": first[who],
        "dear": np.where(nobody, "customer", first)[who],
        "sign": np.where(nobody, "", ", " + first)[who],
        "me": mine,
        "make": make,
        "store": store,
        "car": car,
        "model": model,
        "price": dollars(price, 10),
        "bid": dollars((price * (1 - _share(draw, "bid_below"))).astype(np.int64), 100),
        "when": when_of(meet, hours),
        "time": time_of(meet, hours),
        "day": day_of(meet, hours),
        "lender": lender,
        "pay": pay,
        **order,
    }
    names_ = np.array([scene.name for scene in SCENES], dtype=object)
    form = np.array([FORM_OF[label] for label in draw["channel_type"].labels])
    form = form[draw["channel_type"].codes].astype(np.int32)
    labels = {
        "form": Coded(form, FORMS),
        "part": _part(draw, names_, form),
        "scene": Coded(draw["_scene"].astype(np.int32), tuple(names_)),
        "known": known,
        "reason": _reason(draw),
        "mood": draw["sentiment_type"],
        "status": _status(draw),
        "paid": _pays(draw),
    }
    return fields, labels


def _part(draw: Draw, scene_names: Text, form: NDArray[np.int32]) -> Coded:
    """Scene and form; the mood with those that tell it; a call that nobody took."""
    outcome = draw["outcome_type"]
    quiet = outcome.codes == outcome.labels.index("NO_ANSWER")
    call = (form == 0) & (draw["direction_type"].codes == 1)
    scene = scene_names[draw["_scene"]].astype(object)
    part = scene + "_" + np.array(FORMS, dtype=object)[form]
    moods = draw["sentiment_type"].text()
    told = (draw["_scene"] == NUMBER["rated"]) & (form != 0)
    part = np.where(told, scene + "_" + moods, part)
    once = draw["channel_type"].text() == "IN_PERSON"
    met = once & (draw["_scene"] == NUMBER["first"])
    part = np.where(met, "first_met", part)
    inbound = draw["direction_type"].codes == 0
    part = np.where(
        (draw["_scene"] == NUMBER["first"]) & inbound & ~met & (form == 0), "first_in", part
    )
    seller = np.array([scene.purpose in SALES for scene in SCENES])[draw["_scene"]]
    part = np.where(quiet & call, np.where(seller, "voice_sales", "voice_service"), part)
    left = outcome.codes == outcome.labels.index("UNSUBSCRIBED")
    part = np.where(left, "offer_left", part)
    labels, codes = np.unique(part.astype(str), return_inverse=True)
    return Coded(codes.astype(np.int32), tuple(labels.tolist()))


def _store(dealers: Any) -> Text:
    """The name without the town."""
    name = dealers.text("dealer_name")
    return np.array([text.split(" of ")[0] for text in name], dtype=object)


def _share(draw: Draw, figure: str) -> NDArray[np.float64]:
    low, high = draw.figures[figure]
    return np.asarray(low + (high - low) * draw.u(figure))


def _specification(draw: Draw) -> Rows:
    """The car that is spoken about, a row of the catalogue; -1 if it is not named.  Once there is a
    deal it is that of the deal, whatever was asked for before."""
    frames = draw.frames
    found = np.full(draw.n, -1, dtype=np.int64)
    table, cause = draw["_cause_table"], draw["_cause"]
    for number, name, column in (
        (LEAD, "sales_lead", "_interest_specification_key"),
        (DEAL, "deal", "_specification"),
    ):
        own = np.flatnonzero(table == number)
        if len(own):
            found[own] = frames[name][column][cause[own]]
    agreed = np.flatnonzero((draw["_deal"] >= 0) & ((table == LEAD) | (table == DEAL)))
    if len(agreed):
        deals = frames["deal"]
        car = deals["_vehicle_key"][draw["_deal"][agreed] - deals.start]
        found[agreed] = frames["vehicle"]["_specification"][car - frames["vehicle"].start]
    for number, name in ((APPOINTMENT, "service_appointment"), (ORDER, "repair_order")):
        own = np.flatnonzero(table == number)
        if len(own):
            car = frames[name]["_car"][cause[own]]
            found[own] = frames["vehicle"]["_specification"][car]
    return found


def _cars(draw: Draw, make: Text) -> tuple[Text, Text, Rows, Coded]:
    """Year, make and model, the model alone, what is asked for it, and how it is known."""
    specs = draw.frames["vehicle_specification"]
    row = _specification(draw)
    there = np.maximum(row, 0)
    model = specs.text("model")
    whole = specs["model_year"].astype(str).astype(object) + " " + specs.text("make") + " " + model
    state = np.zeros(draw.n, dtype=np.int64)
    own = np.flatnonzero(draw["_cause_table"] == LEAD)
    if len(own):
        kind = draw.frames["sales_lead"]["interest_product_state_type"]
        new = kind.labels.index("NEW") if "NEW" in kind.labels else -1
        state[own] = np.where(kind.codes[draw["_cause"][own]] == new, 1, 2)
    known = np.where(row >= 0, 0, np.where(state == 2, 2, 1)).astype(np.int32)
    year = draw["_at"].astype("datetime64[Y]").astype(np.int64) + 1970
    age = np.maximum(year - specs["model_year"][there], 0).astype(np.float64)
    asked = np.where(state == 2, listed(draw.figures, specs, there, age), specs["base_msrp"][there])
    unnamed = float(np.median(specs["base_msrp"])) * np.where(state == 2, UNNAMED, 1.0)
    asked = np.where(row >= 0, asked, unnamed)
    price = _paid(draw, asked * (1 - _share(draw, "asked_below")), row)
    return (
        np.where(row >= 0, whole[there], make).astype(object),
        np.where(row >= 0, model[there], make).astype(object),
        price.astype(np.int64),
        Coded(known, KNOWN),
    )


UNNAMED = 0.55  # of the price new, for a used car that nobody has named yet


def _paid(draw: Draw, price: NDArray[np.float64], row: Rows) -> NDArray[np.float64]:
    """What a deal that there is came to, instead of what was asked; and a little more than that
    where it is offered to who buys that car, or no car in particular."""
    deals, cars = draw.frames["deal"], draw.frames["vehicle"]
    deal = draw["_deal"] - deals.start
    if not deals.rows:
        return price
    own = np.flatnonzero(draw["_cause_table"] == LEAD)
    of = np.full(draw.frames["sales_lead"].rows, -1, dtype=np.int64)
    won = np.flatnonzero(deals["_lead_key"] >= 0)
    of[deals["_lead_key"][won] - draw.frames["sales_lead"].start] = won
    bought = np.full(draw.n, -1, dtype=np.int64)
    bought[own] = of[draw["_cause"][own]]
    at = np.maximum(bought, 0)
    same = cars["_specification"][deals["_vehicle_key"][at] - cars.start] == row
    near = deals["sale_price"][at] * (1 + _share(draw, "offered_above"))
    price = np.where((bought >= 0) & (same | (row < 0)), near, price)
    return np.where(draw["_deal"] >= 0, deals["sale_price"][np.maximum(deal, 0)], price)


def _orders(draw: Draw) -> dict[str, Text]:
    """What the workshop does, what it costs, the day promised."""
    orders, own = draw.frames["repair_order"], draw["_cause_table"] == ORDER
    none = np.full(draw.n, "", dtype=object)
    if not orders.rows:
        return {"op": none, "amount": none, "promise": none}
    at = np.where(own, draw["_cause"], 0)
    visits = draw.frames["service_appointment"]
    if visits.rows:
        of = visits["_order"][np.where(draw["_cause_table"] == APPOINTMENT, draw["_cause"], 0)]
        at = np.where((draw["_cause_table"] == APPOINTMENT) & (of >= 0), of, at)
    asked, _ = names()
    part = orders["_customer_part"][at]
    first = np.maximum(orders["_operations"][at, 0], 0)
    promised = orders["promise_complete_date"][at].astype(np.int64)
    return {
        "op": asked[first],
        "amount": np.where(part > 0, dollars(part, 1), "no charge").astype(object),
        "promise": np.array(WEEKDAYS, dtype=object)[(promised + 3) % 7],
    }


def _pays(draw: Draw) -> Coded:
    """Whether the customer has anything to pay for the order that is spoken about."""
    orders, own = draw.frames["repair_order"], draw["_cause_table"] == ORDER
    free = np.zeros(draw.n, dtype=bool)
    if orders.rows:
        free = own & (orders["_customer_part"][np.where(own, draw["_cause"], 0)] <= 0)
    return Coded(free.astype(np.int32), ("yes", "no"))


def _reason(draw: Draw) -> Coded:
    reason = np.zeros(draw.n, dtype=np.int64)
    for number, name in ((APPOINTMENT, "service_appointment"), (ORDER, "repair_order")):
        own = np.flatnonzero(draw["_cause_table"] == number)
        if len(own):
            reason[own] = draw.frames[name]["_reason"][draw["_cause"][own]]
    return reasons(reason)


def _meeting(draw: Draw) -> NDArray[Any]:
    """The appointment that is spoken about; else a day after."""
    at = draw["_at"] + np.timedelta64(1, "D")
    own = np.flatnonzero(draw["_cause_table"] == LEAD)
    if len(own):
        met = milestones(draw)[:, STEPS.index("APPT_COMPLETE")][draw["_cause"][own]]
        at[own] = np.where(np.isnat(met), at[own], met)
    own = np.flatnonzero(draw["_cause_table"] == APPOINTMENT)
    if len(own):
        at[own] = draw.frames["service_appointment"]["_start"][draw["_cause"][own]]
    own = np.flatnonzero(draw["_cause_table"] == DEAL)
    if len(own):
        at[own] = draw.frames["deal"]["delivery_date_time"][draw["_cause"][own]]
    return np.asarray(at)


def _money(draw: Draw) -> tuple[Text, Text]:
    """Who lends, and what is paid a month, of financed deals."""
    applications, deals = draw.frames["credit_application"], draw.frames["deal"]
    lender = np.full(draw.n, "the bank", dtype=object)
    pay = np.full(draw.n, "", dtype=object)
    own = np.flatnonzero(draw["_scene"] == NUMBER["bank"])
    if len(own) and applications.rows:
        of = np.full(deals.rows, -1, dtype=np.int64)
        some = np.flatnonzero(applications["_deal"] >= 0)
        of[applications["_deal"][some] - deals.start] = some
        row = of[draw["_cause"][own]]
        orgs = draw.frames["org_profile"]
        name = orgs["_name"][applications["_lender_org_profile_key"][np.maximum(row, 0)]]
        lender[own] = np.where(row >= 0, name, "the bank")
        pay[own] = dollars(deals["monthly_payment"][draw["_cause"][own]], 1)
    return lender, pay


def _status(draw: Draw) -> Coded:
    """How a lead that is lost ended."""
    leads = draw.frames["sales_lead"]
    status = leads["lead_status_type"]
    codes = np.full(draw.n, -1, dtype=np.int32)
    own = np.flatnonzero(draw["_cause_table"] == LEAD)
    if len(own):
        codes[own] = status.codes[draw["_cause"][own]]
    return Coded(codes, status.labels)
