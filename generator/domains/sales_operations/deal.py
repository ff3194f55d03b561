"""Deals before their money: of whom, when, which car, who sold it, how it is paid."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import (
    DAY,
    MINUTE,
    as_of,
    business_days,
    business_time,
    offsets,
    opening,
    span,
    when_open,
)
from generator.domains.groups import evened, place_in_group, ranks, spread
from generator.domains.human_resources.staff import SELLS, on_duty
from generator.domains.keys import key_of
from generator.domains.payment.deal_money import DEAL_MONEY
from generator.domains.sales_operations.choice import specification_of
from generator.domains.sales_operations.lead import customer_of
from generator.domains.sales_operations.rules import DEAL_RULES
from generator.domains.sales_operations.tables import DEAL as TABLE
from generator.domains.table import Declaration, Draw, Made, derived, drawn, key, link
from generator.frame import Coded

FUNDED_WITHIN = 7  # days beside the lender's: to the posting and over two weekends
SIGNED, ABANDONED, OPEN = 0, 1, 2
STATUSES = ("ACCEPTED", "ABANDONED", "IN_PROGRESS", "POSTED", "FUNDED", "REVERSED")
SOLD = ("ACCEPTED", "POSTED", "FUNDED")


@key("deal_key")
def _keys(draw: Draw) -> Made:
    """Deals of a dealer in the order in which they are opened."""
    return {"deal_key": key_of(TABLE.name, draw.rows)}


@derived("occurrence_date_time", "contract_date_time", "lead_key")
def _times(draw: Draw) -> Made:
    """Signed deals of won leads close when the lead does; the rest follows the calendar."""
    fate, lead = _fates(draw)
    dealer, hours = draw["_dealer"], offsets(draw, draw["_dealer"])
    _, last = span(draw)
    linked = lead >= 0
    day = business_days(draw, spread(draw.u("day"), dealer * 2 + linked, draw.u("first_day")))
    recent = last - np.floor(12 * draw.u("recent_day")).astype(np.int64) * DAY
    day = np.where(fate == OPEN, np.maximum(recent, span(draw)[0]), day)
    signed = business_time(day, draw.u("contract_time"), hours, last=last)
    leads = draw.frames["sales_lead"]
    at = np.maximum(lead - leads.start, 0)
    if leads.rows:
        signed = np.where(linked, leads["close_date_time"][at], signed)
    before = (20 + 160 * draw.u("opened")).astype(np.int64) * MINUTE
    opened = np.maximum(signed - before, np.minimum(opening(signed, hours), signed))
    if leads.rows:
        opened = np.where(linked, np.maximum(opened, leads["create_date_time"][at]), opened)
    order = np.lexsort((opened, dealer))
    fate, lead, opened, signed = fate[order], lead[order], opened[order], signed[order]
    return {
        "occurrence_date_time": opened,
        "contract_date_time": (signed, fate != SIGNED),
        "lead_key": (key_of("sales_lead", lead), lead < 0),
        "_lead_key": lead,
        "_fate": fate,
        "_signed": signed,
        "_offset": hours,
    }


def _fates(draw: Draw) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Signed, abandoned or open, and the won lead behind a signed one, in no order yet."""
    local = draw["_dealer"] - draw.frames["dealer"].start
    place = place_in_group(local)
    won = draw.counts["won"][local]
    signed = draw.counts["contracts"][local]
    abandoned = draw.counts["abandoned"][local]
    fate = np.where(place < signed, SIGNED, np.where(place < signed + abandoned, ABANDONED, OPEN))
    leads = draw.frames["sales_lead"]
    rows = np.flatnonzero(leads["_won"]) if leads.rows else np.zeros(0, dtype=np.int64)
    first = np.cumsum(draw.counts["won"]) - draw.counts["won"]
    at = first[local] + place
    lead = np.full(draw.n, -1, dtype=np.int64)
    has = place < won
    lead[has] = rows[at[has]] + leads.start
    return fate, lead


@link("dealer_key", "customer_key")
def _who(draw: Draw) -> Made:
    """The customer of the lead; those without one are the dealer's next in turn."""
    dealer, linked = draw["_dealer"], draw["_lead_key"] >= 0
    asked = draw.counts["sales_lead"][dealer - draw.frames["dealer"].start]
    rows = customer_of(draw, dealer, asked + place_in_group(dealer * 2 + linked))
    leads = draw.frames["sales_lead"]
    rows[linked] = leads["_customer_key"][draw["_lead_key"][linked] - leads.start]
    return {
        "dealer_key": key_of("dealer", dealer),
        "_dealer_key": dealer,
        "customer_key": key_of("customer", rows),
        "_customer_key": rows,
    }


@drawn("product_state_type", "payment_type", "purchase_type")
def _kind(draw: Draw) -> Made:
    """New, used or certified by the published shares; exactly the planned number is financed."""
    dealer = draw["_dealer"]
    state = draw.leaf(
        "deal.product_state_type", u=spread(draw.u("product_state_type"), dealer, draw.u("state"))
    )
    new = state.codes == state.labels.index("NEW")
    figures = draw.figures
    chance = np.where(new, figures["new_financed_share"], figures["used_financed_share"])
    rank = ranks(dealer, evened(draw.u("financed"), dealer * 2 + new) - chance)
    financed = rank < draw.counts["financed"][dealer - draw.frames["dealer"].start]
    leased_share = figures["lease_share_new"] / figures["new_financed_share"]
    lease = (
        financed & new & (evened(draw.u("lease"), dealer * 4 + 2 * new + financed) < leased_share)
    )
    codes = np.where(lease, 2, np.where(financed, 1, 0)).astype(np.int32)
    return {
        "product_state_type": state,
        "payment_type": Coded(codes, ("CASH", "FINANCED_PURCHASE", "LEASE")),
        "purchase_type": Coded(np.where(lease, 1, 0).astype(np.int32), ("RETAIL", "LEASE")),
        "_financed": financed,
        "_new": new,
    }


@derived("deal_status")
def _status(draw: Draw) -> Made:
    """Exactly as many posted or funded as there are invoices; the youngest are just accepted."""
    dealer = draw["_dealer"]
    local = dealer - draw.frames["dealer"].start
    fate, signed = draw["_fate"], draw["_signed"]
    contract = fate == SIGNED
    undone = ranks(dealer, np.where(contract, draw.u("reversed"), 2.0))
    undone = contract & (undone < draw.counts["reversed"][local])
    age = np.where(contract & ~undone, signed.astype(np.int64), np.iinfo(np.int64).max)
    posted = ranks(dealer, age.astype(np.float64)) < draw.counts["invoice"][local]
    posted &= contract & ~undone
    wait = _funding_days(draw)
    funded_on = signed + (wait + FUNDED_WITHIN) * DAY
    funded = posted & draw["_financed"] & (funded_on <= as_of(draw))
    codes = np.where(fate == ABANDONED, 1, np.where(fate == OPEN, 2, 0))
    codes = np.where(undone, 5, np.where(funded, 4, np.where(posted, 3, codes)))
    return {
        "deal_status": Coded(codes.astype(np.int32), STATUSES),
        "_posted": posted,
        "_funded": funded,
        "_undone": undone,
        "_wait": wait,
    }


def _funding_days(draw: Draw) -> NDArray[np.int64]:
    days = draw.figures["funding_days"]
    paper = draw.u("paper") < 0.4
    extra = np.floor(3 * draw.u("funding")).astype(np.int64)
    wait: NDArray[np.int64] = np.where(paper, days["paper"] + extra, days["electronic"])
    return wait


@derived("post_date_time", "funded_date_time", "delivery_date_time")
def _after(draw: Draw) -> Made:
    """Posted within two days, funded after transit, delivered by the next day, all when the
    dealer, or the bank, is open; none after the as-of day."""
    signed, hours = draw["_signed"], draw["_offset"]
    delay = (30 + 2400 * draw.u("post_date_time")).astype(np.int64) * MINUTE
    post = when_open(signed + delay, hours, draw.u("post_time"), weekdays=6)
    post = _known(draw, post, draw.u("post_date_time"))
    transit = draw["_wait"] * DAY + (60 * draw.u("funded_time")).astype(np.int64) * MINUTE
    funded = when_open(post + transit, hours, draw.u("funded_time"), weekdays=5)
    hand = (40 + 1300 * draw.u("delivery_date_time") ** 5).astype(np.int64) * MINUTE
    delivered = when_open(signed + hand, hours, draw.u("delivery_time"), weekdays=7)
    delivered = _known(draw, delivered, draw.u("delivery_date_time"))
    sold = (draw["_fate"] == SIGNED) & ~draw["_undone"]
    posted = draw["_posted"] | draw["_undone"]
    return {
        "post_date_time": (post, ~posted),
        "funded_date_time": (funded, ~draw["_funded"]),
        "delivery_date_time": (delivered, ~sold),
        "_sold": sold,
    }


def _known(
    draw: Draw, moment: NDArray[np.datetime64], u: NDArray[np.float64]
) -> NDArray[np.datetime64]:
    """The moment, or one between the contract and the as-of moment where it would be later."""
    signed, end = draw["_signed"], as_of(draw)
    room = np.maximum((end - signed).astype(np.int64), 0)
    between = signed + (room * u).astype(np.int64).astype("timedelta64[ms]")
    return np.asarray(np.where(moment > end, between, moment))


@link("inventory_vehicle_key")
def _car(draw: Draw) -> Made:
    """Each deal is about a car of its own: the dealer's first cars in stock, in order."""
    local = draw["_dealer"] - draw.frames["dealer"].start
    stock = draw.counts["inventory_vehicle"]
    first = np.cumsum(stock) - stock + draw.starts["inventory_vehicle"]
    rows = first[local] + place_in_group(local)
    return {
        "inventory_vehicle_key": key_of("inventory_vehicle", rows),
        "_inventory_vehicle_key": rows,
        "_vehicle_key": rows,
    }


@link("salesperson_staff_member_key", "fi_manager_staff_member_key")
def _staff(draw: Draw) -> Made:
    dealer, day = draw["_dealer"], draw["_signed"]
    seller = on_duty(draw, dealer, day, roles=(SELLS[0], *SELLS[1:]), stream="seller")
    finance = on_duty(draw, dealer, day, roles=("FI_MGR",), stream="finance")
    none = draw["_fate"] != SIGNED
    return {
        "salesperson_staff_member_key": key_of("staff_member", seller),
        "_salesperson_staff_member_key": seller,
        "fi_manager_staff_member_key": (key_of("staff_member", finance), none),
        "_fi_manager_staff_member_key": np.where(none, -1, finance),
    }


@derived()
def _specification(draw: Draw) -> Made:
    """The catalogue row: 80 % light trucks among the sold ones, new cars of the dealer's make."""
    dealers = draw.frames["dealer"]
    make = dealers.text("primary_make")[draw["_dealer"] - dealers.start]
    truck = evened(draw.u("light_truck"), draw["_sold"]) < draw.figures["light_truck_share"]
    year = _model_year(draw)
    new, u = draw["_new"], _price_place(draw)
    own = specification_of(draw, make=make, truck=truck, year=year, u=u, new=True)
    any_ = specification_of(draw, make=None, truck=truck, year=year, u=u, new=False)
    return {"_specification": np.where(new, own, any_)}


def _price_place(draw: Draw) -> NDArray[np.float64]:
    """Place among the cars of make and body by price, over all even; who pays cash buys dearer
    new cars and cheaper used ones."""
    payment, shifts = draw["payment_type"], draw.figures["price_place_shift"]
    new, used = (
        np.array([float(shifts[state].get(name, 0.0)) for name in payment.labels])
        for state in ("NEW", "USED")
    )
    shift = np.where(draw["_new"], new[payment.codes], used[payment.codes])
    return evened(draw.u("specification") + shift, draw["_new"])


def _model_year(draw: Draw) -> NDArray[np.int64]:
    """New: this year's, from September more and more of next year's.  Used: younger if financed,
    together by the published ages."""
    month = draw["_signed"].astype("datetime64[M]").astype(np.int64)
    year, month = month // 12 + 1970, month % 12 + 1
    coming = draw.u("model_year") < draw.figures["next_model_year_share"]
    later = np.where((month >= 9) & (coming | (month >= 11)), 1, 0)
    state = draw["product_state_type"]
    cash = np.where(draw["_financed"], 0.0, float(draw.figures["financed_age_shift"]))
    place = evened(draw.u("used_age") + cash, state.codes)
    age = draw.leaf("used_age", by=[draw.frame.text("product_state_type")], u=place)
    years_old = np.array([int(label) for label in age.labels])[age.codes]
    found: NDArray[np.int64] = np.where(draw["_new"], year + later, year - years_old)
    return found


SKELETON: tuple[Any, ...] = (
    _keys,
    _times,
    _who,
    _kind,
    _status,
    _after,
    _car,
    _staff,
    _specification,
)

DEAL = Declaration(TABLE, (SKELETON, DEAL_MONEY), DEAL_RULES)
