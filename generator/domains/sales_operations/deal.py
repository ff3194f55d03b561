"""Deals before their money: of whom, when, which car, who sold it, how it is paid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import (
    DAY,
    MINUTE,
    business_days,
    business_time,
    clocks_of,
    horizon,
    opening,
    span,
    when_open,
)
from generator.domains.clocks import local_day
from generator.domains.closing import last_open, next_open
from generator.domains.columns import decimal, enum, flag, integer, moment, text
from generator.domains.counts import Given, Noun, rest_of, root, share_of, some_of
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, key, link
from generator.domains.groups import dealt, evened, place_in_group, ranks, spread
from generator.domains.human_resources.records import away
from generator.domains.human_resources.rota import on_duty
from generator.domains.human_resources.staff_member import SELLS
from generator.domains.leanings import flag_scores, leaned, order_of, scores, taken
from generator.domains.payment.deal_credit_rules import CREDIT_RULES
from generator.domains.payment.deal_money import DEAL_MONEY
from generator.domains.payment.deal_money_rules import MONEY_RULES
from generator.domains.sales_operations.choice import UsedCars, specification_of
from generator.domains.sales_operations.deal_car import DEAL_CAR
from generator.domains.sales_operations.deal_course import REVEALS, steps, undone_on
from generator.domains.sales_operations.deal_hours_rules import HOURS_RULES
from generator.domains.sales_operations.deal_rules import RULES
from generator.domains.sales_operations.sales_lead import customer_of
from generator.domains.seasons import season
from generator.frame import Coded
from generator.leaves import Choice
from generator.leaves.figures import Figures
from generator.schema import Link, Table

TABLE = Table(
    "deal",
    domain="sales_operations",
    meaning="Sale contract with price, trade, finance structure",
    key="deal_key",
    columns=(
        text("deal_key", 50, unique=True),
        text("lead_key", 50, "unique when set", nullable=True),
        text("customer_key", 50),
        text("dealer_key", 50),
        text("inventory_vehicle_key", 50, "unique among ACCEPTED/POSTED/FUNDED deals"),
        text("salesperson_staff_member_key", 50),
        text("fi_manager_staff_member_key", 50, nullable=True),
        enum("deal_status", "DealStatusTypes"),
        enum("purchase_type", "PurchaseTypes"),
        enum("payment_type", "PaymentTypes"),
        enum("product_state_type", "ProductStateTypes", "= inventory_vehicle.product_state_type"),
        moment("occurrence_date_time", "deal opened"),
        moment("contract_date_time", "ACCEPTED", nullable=True),
        moment("post_date_time", "POSTED to GL", nullable=True),
        moment("funded_date_time", nullable=True),
        moment("delivery_date_time", nullable=True),
        decimal("msrp_price", 12, 2, "= vehicle.total_msrp"),
        decimal("sale_price", 12, 2),
        decimal("discount_price_total", 12, 2, "= greatest(msrp_price - sale_price, 0) (new)"),
        decimal("product_price_total", 10, 2, "F&I products and accessories"),
        decimal("rebate_price_total", 10, 2, "= sum(deal_incentive.rebate_amount)"),
        decimal("fee_price_total", 10, 2),
        decimal("trade_in_allowance", 12, 2, "= sum(trade_in_vehicle.trade_allowance)"),
        decimal("trade_payoff", 12, 2),
        decimal("trade_in_equity", 12, 2, "= trade_in_allowance - trade_payoff"),
        decimal(
            "taxable_amount",
            12,
            2,
            "= sale_price + product_price_total - trade_in_allowance (where trade credit allowed)",
        ),
        decimal("tax_rate", 6, 5),
        decimal("tax_price_total", 10, 2, "= round(taxable_amount * tax_rate, 2)"),
        decimal(
            "total_amount",
            12,
            2,
            "= sale_price + product_price_total + fee_price_total + tax_price_total",
        ),
        decimal("down_payment", 12, 2),
        decimal(
            "amount_financed",
            12,
            2,
            "= total_amount - rebate_price_total - trade_in_equity - down_payment (0 if cash)",
        ),
        text("credit_application_key", 50, nullable=True),
        decimal(
            "interest_rate",
            6,
            4,
            "APR; decreasing in credit score, increasing in term, new < used",
            nullable=True,
        ),
        decimal(
            "buy_rate",
            6,
            4,
            "lender rate; markup = interest_rate - buy_rate in [0, 0.025]",
            nullable=True,
        ),
        integer("term_months", "24..84; lease 24..48", nullable=True),
        decimal(
            "monthly_payment",
            10,
            2,
            "= amount_financed * r / (1 - (1 + r)^-n), r = interest_rate/12",
            nullable=True,
        ),
        decimal(
            "money_factor", 7, 5, "lease; ~ APR/2400; RDR pattern needs 5-8 decimals", nullable=True
        ),
        decimal("residual_value", 12, 2, "lease", nullable=True),
        decimal(
            "front_gross_profit",
            12,
            2,
            "= sale_price - inventory_vehicle.cost_amount - reconditioning_cost",
        ),
        decimal("back_gross_profit", 12, 2, "finance reserve + product margin"),
        decimal("commission_amount", 10, 2, "= max(minimum, commission_rate * front_gross_profit)"),
        flag(
            "desk_approval_required_indicator",
            "= front_gross_profit / sale_price < dealer threshold",
        ),
    ),
    links=(
        Link("lead_key", "sales_lead", "lead_key", "lookup", unique=True),
        Link("customer_key", "customer", "customer_key", "parent"),
        Link("dealer_key", "dealer", "dealer_key", "lookup"),
        Link("inventory_vehicle_key", "inventory_vehicle", "inventory_vehicle_key", "lookup"),
        Link("salesperson_staff_member_key", "staff_member", "staff_member_key", "lookup"),
        Link("fi_manager_staff_member_key", "staff_member", "staff_member_key", "lookup"),
        Link("credit_application_key", "credit_application", "credit_application_key", "lookup"),
    ),
)


NEWER = {"USED": 0.0, "CERTIFIED": 1.0, "NEW": 2.0}
FUNDED_WITHIN = 7  # days beside the lender's: to the posting and over two weekends
SIGNED, ABANDONED, OPEN = 0, 1, 2
STATUSES = ("ACCEPTED", "ABANDONED", "IN_PROGRESS", "POSTED", "FUNDED", "REVERSED")
SOLD = ("ACCEPTED", "POSTED", "FUNDED")
SEASONS = ("PICKUP", "CONVERTIBLE")
ALL_WHEELS = ("AWD", "4WD")
OF_ANY_MAKE = 3  # used cars that need not be of the dealer's


@key("deal_key")
def _keys(draw: Draw) -> Made:
    """Deals of a dealer in the order in which they are opened."""
    return {"deal_key": draw.key(TABLE.name, draw.rows)}


@derived(
    "occurrence_date_time",
    "contract_date_time",
    "lead_key",
    "_lead_key",
    "_fate",
    "_signed",
    "_clock",
)
def _times(draw: Draw) -> Made:
    """Signed deals of won leads close when the lead does; the rest follows the calendar."""
    fate, lead = _fates(draw)
    dealer, clocks = draw["_dealer"], clocks_of(draw, draw["_dealer"])
    first, last = span(draw)
    linked = lead >= 0
    u = spread(draw.u("day"), dealer * 2 + linked, draw.u("first_day"))
    day = business_days(draw, u, clocks)
    recent = last - np.floor(12 * draw.u("recent_day")).astype(np.int64) * DAY
    recent = last_open(np.maximum(recent, first), "showroom", clocks)
    recent = np.where(recent < first, next_open(recent + DAY, "showroom", clocks), recent)
    day = np.where(fate == OPEN, np.minimum(recent, last), day)
    signed = business_time(day, draw.u("contract_time"), clocks, last=last)
    leads = draw.frames["sales_lead"]
    at = np.maximum(lead - leads.start, 0)
    if leads.rows:
        signed = np.where(linked, leads["close_date_time"][at], signed)
    before = draw.leaf("minutes_to_sign", stream="opened").astype(np.int64) * MINUTE
    opened = np.maximum(signed - before, np.minimum(opening(signed, clocks), signed))
    if leads.rows:
        opened = np.where(linked, np.maximum(opened, _once_spoken(draw, at, signed)), opened)
    order = np.lexsort((opened, dealer))
    fate, lead, opened, signed = fate[order], lead[order], opened[order], signed[order]
    return {
        "occurrence_date_time": opened,
        "contract_date_time": (signed, fate != SIGNED),
        "lead_key": (draw.key("sales_lead", lead), lead < 0),
        "_lead_key": lead,
        "_fate": fate,
        "_signed": signed,
        "_clock": clocks,
    }


def _once_spoken(
    draw: Draw, lead: NDArray[np.int64], signed: NDArray[np.datetime64]
) -> NDArray[np.datetime64]:
    """When the deal of each lead (a local row) may begin: a while after the first contact, which
    leaves time to come in and to drive."""
    leads, figures = draw.frames["sales_lead"], draw.figures
    none = leads.missing("first_contact_date_time")
    contact = np.where(none, leads["create_date_time"], leads["first_contact_date_time"])[lead]
    room = np.maximum((signed - contact).astype(np.int64), 0)
    wait = np.minimum(room * float(figures["spoken_part"]), figures["spoken_minutes"] * 60_000)
    return np.asarray(contact + wait.astype(np.int64))


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


@link("dealer_key", "customer_key", "_dealer_key", "_customer_key")
def _who(draw: Draw) -> Made:
    """The customer of the lead; those without one are the dealer's next in turn."""
    dealer, linked = draw["_dealer"], draw["_lead_key"] >= 0
    asked = draw.counts["sales_lead"][dealer - draw.frames["dealer"].start]
    rows = customer_of(draw, dealer, asked + place_in_group(dealer * 2 + linked))
    leads = draw.frames["sales_lead"]
    rows[linked] = leads["_customer_key"][draw["_lead_key"][linked] - leads.start]
    return {
        "dealer_key": draw.key("dealer", dealer),
        "_dealer_key": dealer,
        "customer_key": draw.key("customer", rows),
        "_customer_key": rows,
    }


def people(draw: Draw) -> dict[str, NDArray[np.float64]]:
    """Scores of the customer of each deal, by which choices lean."""
    customers, dealers = draw.frames["customer"], draw.frames["dealer"]
    local = draw["_customer_key"] - customers.start
    states = dealers.text("state")[draw["_dealer"] - dealers.start].astype(str)
    return {
        "income": customers["_rich"][local],
        "age": customers["_old"][local],
        "male": customers["_male"][local],
        "thrift": customers["_thrift"][local],
        "taste": customers["_taste"][local],
        "family": customers["_family"][local],
        "country": flag_scores(np.isin(states, draw.figures["pickup_states"])),
    }


@drawn("product_state_type", "payment_type", "purchase_type", "_financed", "_new")
def _kind(draw: Draw) -> Made:
    """New, used or certified by the published shares; exactly the planned number is financed."""
    dealer = draw["_dealer"]
    state = draw.leaf(
        "deal.product_state_type", u=spread(draw.u("product_state_type"), dealer, draw.u("state"))
    )
    state = _dealt_state(draw, state)
    new = state.codes == state.labels.index("NEW")
    figures = draw.figures
    chance = np.where(new, figures["new_financed_share"], figures["used_financed_share"])
    rank = ranks(dealer, evened(_saves(draw, new), dealer * 2 + new) - chance)
    financed = rank < draw.counts["financed"][dealer - draw.frames["dealer"].start]
    leased_share = figures["lease_share_new"] / max(figures["new_financed_share"], 1e-9)
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


def _dealt_state(draw: Draw, state: Coded) -> Coded:
    """New cars to those who have more and are older, rather to men, and to those who took longer;
    each dealer's shares stay."""
    leads, linked = draw.frames["sales_lead"], draw["_lead_key"] >= 0
    days = draw.u("as_slow")
    days[linked] += leads["days_to_close"][draw["_lead_key"][linked] - leads.start]
    who = {**people(draw), "slow": scores(days, linked)}
    key = leaned(draw.u("wants_new"), draw.figures["new_leaning"], **who)
    place = order_of(state, NEWER) + draw.u("as_new")
    return Coded(state.codes[dealt(place, draw["_dealer"], key)], state.labels)


def _saves(draw: Draw, new: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Keys of who would rather pay at once."""
    strengths = draw.figures["cash_leaning"]
    who, u = people(draw), draw.u("financed")
    of_new, of_used = leaned(u, strengths["NEW"], **who), leaned(u, strengths["USED"], **who)
    return np.where(new, of_new, of_used)


@derived("deal_status", "_posted", "_funded", "_undone", "_wait")
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
    funded = posted & draw["_financed"] & (funded_on <= horizon(draw))
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
    paper = draw.u("paper") < draw.figures["paper_contract_share"]
    extra = np.floor(draw.leaf("paper_days_more", stream="funding")).astype(np.int64)
    wait: NDArray[np.int64] = np.where(paper, days["paper"] + extra, days["electronic"])
    return wait


@derived("post_date_time", "funded_date_time", "delivery_date_time", "_sold", "_open")
def _after(draw: Draw) -> Made:
    """Posted within two days, funded after transit, delivered by the next day, all when the
    dealer, or the bank, is open; none after the as-of day.  Who pays at once does so between the
    books and the keys, so both come one after the other."""
    signed, clocks, at_once = draw["_signed"], draw["_clock"], ~draw["_financed"]
    delay = draw.leaf("minutes_to_post", stream="post_date_time")
    soon = draw.leaf("minutes_to_post_paid_at_once", stream="post_at_once")
    delay = np.where(at_once, soon, delay).astype(np.int64) * MINUTE
    post = when_open(signed + delay, clocks, draw.u("post_time"), who="workshop")
    post = _known(draw, post, draw.u("post_known"))
    transit = draw["_wait"] * DAY + (60 * draw.u("funded_time")).astype(np.int64) * MINUTE
    funded = when_open(post + transit, clocks, draw.u("funded_opening"), who="bank")
    hand = draw.leaf("minutes_to_delivery", stream="delivery_date_time").astype(np.int64) * MINUTE
    begin = np.where(at_once, np.maximum(signed, post), signed)
    delivered = when_open(begin + hand, clocks, draw.u("delivery_time"), who="showroom")
    delivered = _known(draw, delivered, draw.u("delivery_known"))
    delivered = np.where(at_once, np.maximum(delivered, post), delivered)
    sold = (draw["_fate"] == SIGNED) & ~draw["_undone"]
    posted = draw["_posted"] | draw["_undone"]
    return {
        "post_date_time": (post, ~posted),
        "funded_date_time": (funded, ~draw["_funded"]),
        "delivery_date_time": (delivered, ~sold),
        "_sold": sold,
        "_open": draw["_fate"] == OPEN,
    }


def _known(
    draw: Draw, moment: NDArray[np.datetime64], u: NDArray[np.float64]
) -> NDArray[np.datetime64]:
    """The moment, or one between the contract and the as-of moment where it would be later."""
    signed, end = draw["_signed"], horizon(draw)
    room = np.maximum((end - signed).astype(np.int64), 0)
    between = signed + (room * u).astype(np.int64).astype("timedelta64[ms]")
    return np.asarray(np.where(moment > end, between, moment))


@link(
    "salesperson_staff_member_key",
    "fi_manager_staff_member_key",
    "_salesperson_staff_member_key",
    "_fi_manager_staff_member_key",
)
def _staff(draw: Draw) -> Made:
    dealer, day = draw["_dealer"], draw["_signed"]
    seller = on_duty(draw, dealer, day, roles=SELLS, stream="seller")
    seller = _who_was_assigned(draw, seller)
    finance = on_duty(draw, dealer, day, roles=("FI_MGR",), stream="finance")
    none = draw["_fate"] != SIGNED
    return {
        "salesperson_staff_member_key": draw.key("staff_member", seller),
        "_salesperson_staff_member_key": seller,
        "fi_manager_staff_member_key": (draw.key("staff_member", finance), none),
        "_fi_manager_staff_member_key": np.where(none, -1, finance),
    }


def _who_was_assigned(draw: Draw, seller: NDArray[np.int64]) -> NDArray[np.int64]:
    """Most who were assigned the lead sell the car, if they are still there and not off; others
    are helped out, where few work by a manager."""
    leads, staff = draw.frames["sales_lead"], draw.frames["staff_member"]
    linked = np.flatnonzero(draw["_lead_key"] >= 0)
    if not len(linked):
        return seller
    own = leads["_assigned_staff_member_key"][draw["_lead_key"][linked] - leads.start]
    local, day = own - staff.start, draw["_signed"][linked].astype("datetime64[D]")
    here = local_day(draw["_signed"], draw["_clock"])[linked]
    there = staff.missing("termination_date")[local] | (day <= staff["termination_date"][local])
    there &= ~away(draw, local, here)
    keeps = draw.u("keeps_lead")[linked] < float(draw.figures["assigned_sells_share"])
    found = seller.copy()
    found[linked[there & keeps]] = own[there & keeps]
    again = linked[~keeps & (seller[linked] == own)]  # the only one on duty: a manager closes it
    closer = on_duty(draw, draw["_dealer"], draw["_signed"], roles=SELLS[::-1], stream="closer")
    found[again] = closer[again]
    return found


@derived("_wanted", "_wanted_truck")
def _wanted(draw: Draw) -> Made:
    """The catalogue row: 80 % light trucks among the sold ones, new cars of the dealer's make, and
    many of the used ones."""
    make = draw.frames["dealer"].text("primary_make")[_local(draw)]
    new, state = draw["_new"], draw["product_state_type"]
    certified = state.codes == state.labels.index("CERTIFIED")
    own = certified | (draw.u("own_make") < draw.figures["own_make_used_share"])
    truck = _light_truck(draw, own=own)
    year, u = _model_year(draw), _price_place(draw)
    fresh = specification_of(draw, make=make, truck=truck, year=year, u=u, new=True)
    used = UsedCars(draw).rows(make=make, own=own, certified=certified, truck=truck, year=year, u=u)
    found = np.where(new, fresh, used)
    kind = np.where(new, 0, np.where(certified, 1, np.where(own, 2, OF_ANY_MAKE)))
    cell = _like_cars(draw, kind=kind, truck=truck, year=year, place=u)
    wanted = found[dealt(*_bodies(draw, found, truck, cell))]
    catalogue = draw.frames["vehicle_specification"]
    return {"_wanted": wanted, "_wanted_truck": catalogue["_light_truck"][wanted]}


def _local(draw: Draw) -> NDArray[np.int64]:
    local: NDArray[np.int64] = draw["_dealer"] - draw.frames["dealer"].start
    return local


def _light_truck(draw: Draw, *, own: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """By the dealer's shares; as many of the sold ones as these come to together."""
    dealers, local = draw.frames["dealer"], _local(draw)
    used = np.where(own, dealers["_light_own"][local], dealers["_light_other"][local])
    chance = np.where(draw["_new"], dealers["_light_new"][local], used)
    car = -leaned(draw.u("light_truck"), draw.figures["truck_leaning"], **people(draw))
    return taken(car, draw["_sold"], chance)


def _like_cars(
    draw: Draw,
    *,
    kind: NDArray[np.int64],
    truck: NDArray[np.bool_],
    year: NDArray[np.int64],
    place: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Numbers of the groups of deals that could change cars: alike in make, kind, year, price."""
    new, steps = draw["_new"], draw.figures["price_steps"]
    step = np.floor(place * np.where(new, steps["NEW"], steps["USED"])).astype(np.int64)
    store = np.where(kind == OF_ANY_MAKE, 0, _local(draw) + 1)
    parts = (kind, store, truck.astype(np.int64), year - year.min(initial=0), step)
    code = np.zeros(draw.n, dtype=np.int64)
    for part in parts:
        code = code * (int(part.max(initial=0)) + 1) + part
    return code


def _bodies(
    draw: Draw, specification: NDArray[np.int64], truck: NDArray[np.bool_], cell: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """What ``dealt`` takes to give pickups rather to men of the country, vans to families, small
    cars to the young and the old, coupés to those who like them; pickups and four-wheel drive
    rather in autumn and winter, open cars in spring."""
    catalogue, figures = draw.frames["vehicle_specification"], draw.figures
    names = catalogue.text("vehicle_category_type")[specification].astype(str)
    order: dict[str, float] = figures["body_order"]
    place = np.array([float(order.get(name, 0.0)) for name in names]) + draw.u("body")
    rough = np.isin(catalogue.text("drive_train")[specification].astype(str), ALL_WHEELS)
    place = place + figures["all_wheel_order"] * rough
    who, u = people(draw), draw.u("likes_body")
    day = local_day(draw["_signed"], draw["_clock"])
    autumn, spring = (scores(season(day, figures["season_peak"][name])) for name in SEASONS)
    of_truck = leaned(u, figures["pickup_leaning"], **who, season=autumn)
    of_car = leaned(u, figures["coupe_leaning"], **who, season=spring)
    return place, cell, np.where(truck, of_truck, of_car)


def _price_place(draw: Draw) -> NDArray[np.float64]:
    """Place among the cars of make and body by price, over all even; who has more buys dearer, who
    pays cash dearer new cars and cheaper used ones, and most within their means."""
    payment, shifts = draw["payment_type"], draw.figures["price_place_shift"]
    new, used = (
        np.array([float(shifts[state].get(name, 0.0)) for name in payment.labels])
        for state in ("NEW", "USED")
    )
    shift = np.where(draw["_new"], new[payment.codes], used[payment.codes])
    place = evened(draw.u("specification") + shift, draw["_new"])
    who, strengths, u = people(draw), draw.figures["price_leaning"], draw.u("means")
    cash, lent = leaned(u, strengths["CASH"], **who), leaned(u, strengths["LENT"], **who)
    alike = draw["_new"] * len(payment.labels) + payment.codes
    return place[dealt(place, alike, np.where(draw["_financed"], lent, cash))]


def _model_year(draw: Draw) -> NDArray[np.int64]:
    """New: this year's, from September more and more of next year's.  Used: younger if financed,
    together by the published ages."""
    month = draw["_signed"].astype("datetime64[M]").astype(np.int64)
    year, month = month // 12 + 1970, month % 12 + 1
    coming = draw.u("model_year") < draw.figures["next_model_year_share"]
    some, all_ = draw.figures["next_model_year_months"]
    later = np.where((month >= some) & (coming | (month >= all_)), 1, 0)
    state = draw["product_state_type"]
    cash = np.where(draw["_financed"], 0.0, float(draw.figures["financed_age_shift"]))
    place = evened(draw.u("used_age") + cash, state.codes)
    age = draw.leaf("used_age", by=[draw.frame.text("product_state_type")], u=place)
    years_old = np.array([int(label) for label in age.labels])[age.codes]
    found: NDArray[np.int64] = np.where(draw["_new"], year + later, year - years_old)
    return found


def _deals(given: Given) -> float:
    """What the named counts come to; a sandbox where they leave it open."""
    sandbox = float(given.figures["sandbox_deals"])
    backed = given.backed()
    if backed is not None and backed.table == "dealer":  # sell in days what fits into days
        year = max(min(given.days / 365, 1.0), LEAST_OF_A_YEAR)
        return max(float(int(max(backed.root, sandbox) * year)), 1.0)
    if backed is None or (backed.kind == "asks" and backed.root <= sandbox):
        return sandbox
    return max(float(int(backed.root)), 1.0)


LEAST_OF_A_YEAR = 0.05


def _why(given: Given) -> str:
    backed = given.backed()
    if backed is None or (
        backed.kind == "asks" and given["deal"] <= given.figures["sandbox_deals"]
    ):
        return "a small sandbox, as no count was named"
    rows = given.asked[backed.table]
    if backed.kind == "sets":
        return f"{Noun('lead', 'leads').of(rows)}, those won, and walk-ins"
    meant = "enough for" if backed.kind == "asks" else "as many as go with"
    return f"{meant} {rows:,} rows of {backed.table}"


def _financed_share(figures: Figures) -> float:
    """Of all deals, from the shares of new and of used cars."""
    state = figures.entry("deal.product_state_type").leaf(())
    if not isinstance(state, Choice):
        raise ValueError("deal.product_state_type is a choice")
    new = state.shares[state.labels.index("NEW")] / sum(state.shares)
    share: float = new * figures["new_financed_share"] + (1 - new) * figures["used_financed_share"]
    return share


def _financed_note(given: Given) -> str | None:
    applications = given["credit_application"]
    if given["financed"] >= round(given["deal"] * _financed_share(given.figures)):
        return None
    return (
        f"With {applications:,} credit applications only as many deals are financed; the others "
        "pay cash."
    )


COUNT = root(
    Noun("deal", "deals"),
    typical=_deals,
    why=_why,
    parts=(
        share_of(
            "deal",
            "abandoned",
            Noun("abandoned deal", "abandoned deals"),
            share=lambda figures: figures["abandoned_share"],
            rule="Some deals are abandoned",
        ),
        share_of(
            "deal",
            "in_progress",
            Noun("open deal", "open deals"),
            share=lambda figures: figures["in_progress_share"],
            rule="Some deals are still open",
        ),
        rest_of(
            "deal",
            "contracts",
            Noun("signed deal", "signed deals"),
            minus=("abandoned", "in_progress"),
            rule="A deal is signed unless it is abandoned or still open",
        ),
        some_of(
            "reversed",
            Noun("reversed deal", "reversed deals"),
            within=((("contracts", "invoice"), "A reversed deal has no invoice"),),
            typical=lambda given: int(given["contracts"] * given.figures["reversed_share"]),
            weight=lambda lay: lay["contracts"],
        ),
        some_of(
            "financed",
            Noun("financed deal", "financed deals"),
            within=((("deal",), "A deal is financed once"),),
            typical=lambda given: given["deal"] * _financed_share(given.figures),
            weight=lambda lay: lay["deal"],
            note=_financed_note,
        ),
    ),
)


DEAL = Declaration(
    TABLE,
    prefix="DL",
    count=COUNT,
    makers=(
        *(_keys, _times, _who, _kind, _status, _after, undone_on, _staff, _wanted),
        *DEAL_CAR,
        *DEAL_MONEY,
    ),
    rules=(*RULES, *HOURS_RULES, *MONEY_RULES, *CREDIT_RULES),
    born="occurrence_date_time",
    reveals=REVEALS,
    state="deal_status",
    steps=steps,
    resource="DEAL",
    actor="_salesperson_staff_member_key",
)
