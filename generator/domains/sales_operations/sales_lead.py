"""Sales leads: who asked, when, and what became of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import (
    CLOSES,
    DAY,
    MINUTE,
    OPENS,
    business_days,
    business_time,
    clocks_of,
    end_of,
    span,
    when_open,
)
from generator.domains.clocks import local_day, utc
from generator.domains.closing import is_open, last_open, next_open
from generator.domains.columns import enum, flag, integer, moment, text
from generator.domains.counts import Given, Noun, free, sets, some_of
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import dealt, evened, place_in_group, ranks, renamed, spread
from generator.domains.human_resources.rota import on_duty
from generator.domains.human_resources.staff_member import SELLS
from generator.domains.leanings import flag_scores, leaned, normal, order_of, scores, taken
from generator.domains.marketing_loyalty.marketing_campaign import campaign_of
from generator.domains.sales_operations.choice import specification_of
from generator.domains.sales_operations.comments import comments
from generator.domains.sales_operations.sales_event import reached
from generator.domains.sales_operations.sales_lead_course import (
    REVEALS,
    SOURCE_STATUS,
    known,
    steps,
)
from generator.domains.sales_operations.sales_lead_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "sales_lead",
    domain="sales_operations",
    meaning="Inquiry and its funnel outcome",
    key="lead_key",
    columns=(
        text("lead_key", 50, unique=True),
        text("customer_key", 50),
        text("dealer_key", 50),
        text("marketing_campaign_key", 50, nullable=True),
        enum("lead_source_type", "LeadSourceTypes"),
        enum("lead_status_type", "LeadStatusTypes"),
        enum("lead_source_status_type", "LeadSourceStatusTypes"),
        text("assigned_staff_member_key", 50),
        text("interest_specification_key", 50, nullable=True),
        enum("interest_product_state_type", "ProductStateTypes"),
        integer("lead_priority_ranking", "1..5"),
        moment("create_date_time"),
        moment("first_contact_date_time", nullable=True),
        moment("last_activity_date_time", nullable=True),
        moment("close_date_time", "set iff WON/LOST/DISQUALIFIED/UNQUALIFIED", nullable=True),
        flag("converted_indicator", "= lead_status_type = WON"),
        integer("days_to_close", "= days(close_date_time - create_date_time)", nullable=True),
        text("lead_comments", 1000, nullable=True, personal="free_text"),
    ),
    links=(
        Link("customer_key", "customer", "customer_key", "parent"),
        Link("dealer_key", "dealer", "dealer_key", "lookup"),
        Link("marketing_campaign_key", "marketing_campaign", "marketing_campaign_key", "lookup"),
        Link("assigned_staff_member_key", "staff_member", "staff_member_key", "lookup"),
        Link(
            "interest_specification_key",
            "vehicle_specification",
            "vehicle_specification_key",
            "lookup",
        ),
    ),
)


SOON = 92  # days between business days from which a sale is late by UTC days everywhere
LATE_NEEDS_DAYS = 150  # a span in which a lead can be won after its 90th day
EPSILON = 1e-6  # parts rows that are alike
QUICK = 4  # days within which most sales happen


@drawn("create_date_time", "lead_source_type", "_clock", "_won", "_sold_on", "_online", "_at_once")
def _created(draw: Draw) -> Made:
    """In time order within a dealer.  Won leads close on the days of sales and were created the
    published days before, the others are created as sales are made; through a screen at any hour
    of the day."""
    dealer, (first, _) = draw["_dealer"], span(draw)
    won = place_in_group(dealer) < draw.counts["won"][dealer - draw.frames["dealer"].start]
    clocks = clocks_of(draw, dealer)
    u = spread(draw.u("day"), dealer * 2 + won, draw.u("first_day"))
    day = business_days(draw, u, clocks)
    room = (day - first).astype(np.int64)
    late = _late(draw, won, room)
    source = _source(draw, won)
    gap = np.zeros(draw.n, dtype=np.int64)
    soon = np.flatnonzero(won & ~late)
    gap[soon] = _days_to_close(draw, soon, room[soon], source)
    low, high = draw.figures["late_days"]
    slow = low + np.floor((np.minimum(high, room) - low + 1) * draw.u("late_days"))
    gap[late] = slow[late].astype(np.int64)
    online = np.isin(source.text().astype(str), draw.figures["sources_on_screen"])
    asked = day - gap * DAY
    shut = ~online & ~is_open(asked, "showroom", clocks)
    asked = np.where(shut & ~late, next_open(asked, "showroom", clocks), asked)
    asked = np.where(shut & late, _open_before(asked, clocks, first), asked)
    same_day = won & (asked == day)  # asked so early that the sale is made before the dealer closes
    early = 1 - same_day * draw.figures["least_minutes_to_close"] / (CLOSES - OPENS)
    moment = business_time(asked, draw.u("create_time") * early, clocks, last=span(draw)[1])
    any_hour = online & ~same_day
    moment = np.where(any_hour, _any_time(draw, asked, clocks), moment)
    order = np.lexsort((moment, dealer))
    at_once = np.isin(source.text().astype(str), draw.figures["sources_met_at_once"])
    return {
        "create_date_time": moment[order],
        "lead_source_type": Coded(source.codes[order], source.labels),
        "_clock": clocks,
        "_won": won[order],
        "_sold_on": day[order],
        "_online": online[order],
        "_at_once": at_once[order],
    }


def _open_before(
    day: NDArray[np.datetime64], clocks: NDArray[np.int64], first: np.datetime64
) -> NDArray[np.datetime64]:
    """The last open day until then, or the day itself if that lies before the span."""
    before = last_open(day, "showroom", clocks)
    return np.asarray(np.where(before < first, day, before))


def _source(draw: Draw, won: NDArray[np.bool_]) -> Coded:
    """The published shares; sources that close more often are dealt more of the won leads."""
    whole = np.zeros(draw.n)
    source = draw.leaf("sales_lead.lead_source_type", u=evened(draw.u("lead_source_type"), whole))
    rate = order_of(source, draw.figures["close_rate_by_source"])
    key = leaned(draw.u("source"), draw.figures["source_leaning"], won=scores(won + draw.u("w")))
    rows = dealt(rate + EPSILON * draw.u("alike"), whole, key)
    return Coded(source.codes[rows], source.labels)


def _any_time(
    draw: Draw, day: NDArray[np.datetime64], clocks: NDArray[np.int64]
) -> NDArray[np.datetime64]:
    """When forms are filled in: at night too, and mostly in the evening."""
    minutes = np.floor(draw.leaf("screen_hour", stream="screen_hour") * 60).astype(np.int64)
    at = utc(day.astype("datetime64[ms]") + minutes * MINUTE, clocks)
    at = at + np.floor(draw.u("second") * 60).astype("timedelta64[s]")
    return np.asarray(np.minimum(at, end_of(span(draw)[1]) - 4 * MINUTE))


def _late(draw: Draw, won: NDArray[np.bool_], room: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The planned number of won leads that take longer than 90 days, where there is room."""
    dealer = draw["_dealer"]
    able = won & (room >= SOON)
    rank = ranks(dealer, np.where(able, draw.u("late"), 2.0))
    late: NDArray[np.bool_] = able & (
        rank < draw.counts["late"][dealer - draw.frames["dealer"].start]
    )
    return late


def _days_to_close(
    draw: Draw, rows: NDArray[np.int64], room: NDArray[np.int64], source: Coded
) -> NDArray[np.int64]:
    """Published days from lead to sale, exactly in their shares; rather few for who stands in the
    showroom, rather many for who asked from afar.  Those that would begin before the span change
    places with quick ones that need not."""
    leaf = draw.figures.entry("sales_lead.days_to_close")
    of = Coded(source.codes[rows], source.labels)
    slower = order_of(of, draw.figures["slower_by_source"])
    even = evened(normal(draw.u("days_to_close")[rows]) + slower, np.zeros(len(rows)))
    days: NDArray[np.int64] = np.floor(leaf.draw(even, ())).astype(np.int64)
    early = np.flatnonzero((days > room) & (room >= QUICK))
    quick = np.flatnonzero((room >= SOON) & (days < QUICK))
    swaps = min(len(early), len(quick))
    chosen = quick[np.arange(swaps) * len(quick) // max(swaps, 1)]
    days[early[:swaps]], days[chosen] = days[chosen], days[early[:swaps]]
    return np.where(days > room, np.floor((room + 1) * (1 - even)).astype(np.int64), days)


@drawn(
    "lead_status_type",
    "close_date_time",
    "converted_indicator",
    "days_to_close",
    "lead_source_status_type",
    "_open",
)
def _outcome(draw: Draw) -> Made:
    """Won leads close with their sale; others when they are given up, unless that is yet to
    come."""
    won, created = draw["_won"], draw["create_date_time"]
    _, last = span(draw)
    day = local_day(created, draw["_clock"])
    gap = np.floor(draw.leaf("days_to_lost")).astype(np.int64)
    given_up = next_open(day + gap * DAY, "showroom", draw["_clock"])
    over = np.where(won, draw["_sold_on"], given_up)
    open_ = over > last
    over = np.minimum(over, last)
    least = int(draw.figures["least_minutes_to_close"])
    after = created + np.where(over == day, least, 0) * MINUTE
    close = business_time(over, draw.u("close_time"), draw["_clock"], last=last, after=after)
    close = np.maximum(close, created + MINUTE)
    status = _statuses(draw, won, open_)
    days = (close.astype("datetime64[D]") - created.astype("datetime64[D]")).astype(np.int64)
    return {
        "lead_status_type": status,
        "close_date_time": (close, open_),
        "converted_indicator": won,
        "days_to_close": (days, open_),
        "lead_source_status_type": renamed(status, SOURCE_STATUS),
        "_open": open_,
    }


def _statuses(draw: Draw, won: NDArray[np.bool_], open_: NDArray[np.bool_]) -> Coded:
    """Leads of the last days may be new, that is nobody has got in touch yet."""
    closed, going = (
        draw.leaf("sales_lead.lead_status_type"),
        draw.leaf("sales_lead.open_status_type"),
    )
    labels = ("WON", "NEW", *closed.labels, *going.labels)
    fresh = draw["create_date_time"] > end_of(span(draw)[1]) - draw.figures["fresh_days"] * DAY
    codes = np.where(open_, going.codes + 2 + len(closed.labels), closed.codes + 2)
    codes = np.where(open_ & fresh, 1, np.where(won, 0, codes))
    return Coded(codes.astype(np.int32), labels)


@drawn("first_contact_date_time", "last_activity_date_time")
def _contact(draw: Draw) -> Made:
    """First contact after the published time to respond, before the lead is over."""
    created, close = draw["create_date_time"], draw["close_date_time"]
    at_once = draw["_at_once"]
    until = np.where(draw["_open"], end_of(span(draw)[1]), close)
    until = np.maximum(until, created + MINUTE)
    wait = draw.leaf("sales_lead.response_minutes")
    won = scores(draw["_won"] + draw.u("as_won"))
    slow = leaned(draw.u("slow"), draw.figures["response_leaning"], won=won)
    wait = np.where(at_once, draw.leaf("minutes_met_at_once"), wait[dealt(wait, at_once, slow)])
    wait = (wait * 60_000).astype(np.int64)
    room = (until - created).astype(np.int64)
    answered = created + np.minimum(wait, room // 2).astype("timedelta64[ms]")
    contact = _by_day(draw, answered, until, draw.u("contact_by_day"))
    share = draw.leaf("last_activity_place", stream="active")
    later = ((until - contact).astype(np.int64) * share).astype("timedelta64[ms]")
    active = _by_day(draw, contact + later, until, draw.u("active_by_day"))
    new = draw["lead_status_type"].codes == draw["lead_status_type"].labels.index("NEW")
    return {
        "first_contact_date_time": (contact, new),
        "last_activity_date_time": (np.minimum(active, until), new),
    }


def _by_day(
    draw: Draw,
    moment: NDArray[np.datetime64],
    until: NDArray[np.datetime64],
    u: NDArray[np.float64],
) -> NDArray[np.datetime64]:
    """The moment within opening hours, where the lead is not over by then."""
    moved = when_open(moment, draw["_clock"], u, who="showroom")
    return np.asarray(np.where(moved < until, moved, moment))


@link(
    "customer_key",
    "dealer_key",
    "assigned_staff_member_key",
    "_customer_key",
    "_dealer_key",
    "_assigned_staff_member_key",
)
def _people(draw: Draw) -> Made:
    dealer = draw["_dealer"]
    rows = customer_of(draw, dealer, place_in_group(dealer))
    seller = on_duty(
        draw,
        dealer,
        draw["create_date_time"],
        roles=SELLS,
        stream="assigned",
        until=draw["close_date_time"],
    )
    return {
        "customer_key": draw.key("customer", rows),
        "_customer_key": rows,
        "dealer_key": draw.key("dealer", dealer),
        "_dealer_key": dealer,
        "assigned_staff_member_key": draw.key("staff_member", seller),
        "_assigned_staff_member_key": seller,
    }


def customer_of(
    draw: Draw, dealer: NDArray[np.int64], number: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Global customer rows for the ``number``-th requests of the dealers: each customer in turn
    but its house account, except for a share that one asks again who asked before."""
    frame = draw.frames["customer"]
    again = (draw.u("again") < draw.figures["returning_share"]) & (number > 0)
    number = np.where(again, np.floor(number * draw.u("who_again")).astype(np.int64), number)
    first = np.searchsorted(frame["_dealer"], dealer)
    count = np.searchsorted(frame["_dealer"], dealer, side="right") - first - 1
    shuffled = np.lexsort((frame["_turn"], frame["_dealer"]))
    rows: NDArray[np.int64] = shuffled[first + number % count] + frame.start
    return rows


@link("marketing_campaign_key", "_marketing_campaign_key")
def _campaign(draw: Draw) -> Made:
    share = draw.figures["attributed_share"]
    rows = campaign_of(draw, draw["_dealer"], draw["create_date_time"], share)
    return {
        "marketing_campaign_key": (draw.key("marketing_campaign", rows), rows < 0),
        "_marketing_campaign_key": rows,
    }


@drawn("lead_priority_ranking")
def _nature(draw: Draw) -> Made:
    """What looks likelier to end in a sale is ranked first."""
    ranking = draw.leaf("sales_lead.lead_priority_ranking", stream="lead_priority_ranking")
    place = np.array([int(label) for label in ranking.labels])[ranking.codes]
    won = scores(draw["_won"] + draw.u("ranked_won"))
    key = leaned(draw.u("ranked"), draw.figures["priority_leaning"], won=won)
    return {
        "lead_priority_ranking": place[dealt(place, np.zeros(draw.n), key)],
    }


@derived("interest_specification_key", "interest_product_state_type", "_interest_specification_key")
def _interest(draw: Draw) -> Made:
    """Some name a car: of those who are won most the one they buy, the others one as it is sold
    there at that time.  Who names one is a little nearer to buying, no more."""
    deals = draw.frames["deal"]
    linked = deals["_lead_key"] >= 0
    lead = deals["_lead_key"][linked] - draw.frame.start
    state = draw.leaf(
        "sales_lead.interest_product_state_type", stream="interest_product_state_type"
    )
    other_state = draw.u("other_state") < draw.figures["other_state_share"]
    bought, kept = np.full(draw.n, -1, dtype=np.int64), np.zeros(draw.n, dtype=bool)
    bought[lead] = deals["_specification"][linked]
    kept[lead] = True
    labels = deals["product_state_type"].labels
    order = np.array([state.labels.index(label) for label in labels])
    state.codes[lead[~other_state[lead]]] = order[deals["product_state_type"].codes[linked]][
        ~other_state[lead]
    ]
    same = kept & ~other_state & (draw.u("other_car") >= _another(draw))
    rows = np.where(same, bought, _asked_for(draw, state, order))
    rows = np.where(_names_one(draw, state), rows, -1)
    return {
        "interest_specification_key": (draw.key("vehicle_specification", rows), rows < 0),
        "_interest_specification_key": rows,
        "interest_product_state_type": state,
    }


def _names_one(draw: Draw, state: Coded) -> NDArray[np.bool_]:
    """The shares of those who ask for new and for used; ``won`` says how far buyers rather do."""
    share: dict[str, float] = draw.figures["named_interest_share"]
    chance = np.array([share[label] for label in state.labels])[state.codes]
    won = flag_scores(draw["_won"])
    key = leaned(draw.u("named"), draw.figures["named_leaning"], won=won)
    return taken(-key, state.codes, chance)


def _asked_for(draw: Draw, state: Coded, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """A car like those that the dealer sells in that state about then, so that what is asked for
    does not tell what becomes of it; of a dealer that sells none, of its make."""
    deals, dealer = draw.frames["deal"], draw["_dealer"]
    states = len(state.labels)
    sold = deals["_dealer"] * states + order[deals["product_state_type"].codes]
    turn = np.lexsort((deals["_signed"], sold))
    wanted = dealer * states + state.codes
    first = np.searchsorted(sold[turn], wanted)
    last = np.searchsorted(sold[turn], wanted, side="right")
    about = _turns_before(sold[turn], deals["_signed"][turn], wanted, draw["create_date_time"])
    near, u = float(draw.figures["sales_asked_about"]), draw.u("interest")
    place = about + np.floor((u - 0.5) * near).astype(np.int64)
    place = np.clip(place, first, np.maximum(last - 1, first))
    none = first == last
    found = np.full(draw.n, -1, dtype=np.int64)
    found[~none] = deals["_specification"][turn[place[~none]]]
    return np.where(none, _of_the_make(draw, u), found) if none.any() else found


def _turns_before(
    cell: NDArray[np.int64],
    moment: NDArray[np.datetime64],
    wanted: NDArray[np.int64],
    at: NDArray[np.datetime64],
) -> NDArray[np.int64]:
    """How many of the sorted (cell, moment) lie before each (wanted, at)."""
    if not len(at):
        return np.zeros(0, dtype=np.int64)
    both = np.concatenate([moment.astype("datetime64[s]"), at.astype("datetime64[s]")])
    seconds = (both - both.min()).astype(np.int64)
    wide = int(seconds.max()) + 1
    sold, asked = seconds[: len(cell)], seconds[len(cell) :]
    return np.asarray(np.searchsorted(cell * wide + sold, wanted * wide + asked))


def _of_the_make(draw: Draw, u: NDArray[np.float64]) -> NDArray[np.int64]:
    dealers = draw.frames["dealer"]
    make = dealers.text("primary_make")[draw["_dealer"] - dealers.start]
    year = draw["create_date_time"].astype("datetime64[Y]").astype(np.int64) + 1970
    truck = draw.u("interest_truck") < dealers["_light_new"][draw["_dealer"] - dealers.start]
    return specification_of(draw, make=make, truck=truck, year=year, u=u, new=True)


def _another(draw: Draw) -> float:
    """Share of won leads that end with another car than asked for, where the state stays."""
    figures = draw.figures
    state, car = float(figures["other_state_share"]), float(figures["other_car_share"])
    return max((car - state) / (1 - state), 0.0)


def _won_share(given: Given) -> float:
    """Of leads, so that the platform's target is met within 90 days; in a long span a few are won
    later."""
    late = given.figures["late_conversion_share"] if given.days >= LATE_NEEDS_DAYS else 0.0
    return float(given.figures["lead_conversion_90d"] / (1 - late))


def _walked_in(given: Given) -> int:
    return int(given["contracts"] * given.figures["walk_in_share"])


def _deals_for(leads: int, given: Given) -> float:
    """Deals that so many leads come to, walk-ins and unsigned ones included."""
    figures = given.figures
    unsigned = figures["abandoned_share"] + figures["in_progress_share"]
    signed = leads * _won_share(given) / (1 - figures["walk_in_share"])
    return float(np.ceil(round(signed / (1 - unsigned), 6)))


def _leads(given: Given) -> float:
    linked = given["contracts"] - _walked_in(given)
    return max(round(linked / _won_share(given)), min(linked, 1))


def _won(given: Given) -> float:
    return _soon(given) + _slow(given)


def _soon(given: Given) -> int:
    """Leads won within 90 days."""
    target = given.figures["lead_conversion_90d"]
    return min(int(round(given["sales_lead"] * target)), given["contracts"])


def _slow(given: Given) -> int:
    """Leads won later."""
    leads, soon = given["sales_lead"], _soon(given)
    more = _won_share(given) - given.figures["lead_conversion_90d"]
    return min(int(round(leads * more)), given["contracts"] - soon, leads - soon)


def _missed(given: Given) -> str | None:
    """The platform's target, where so few deals cannot reach it."""
    target, leads, soon = given.figures["lead_conversion_90d"], given["sales_lead"], _soon(given)
    if leads * target - soon < 1:
        return None
    deals = Noun("deal", "deals")
    linked = given["contracts"] - _walked_in(given)
    return (
        f"Only {soon / leads:.0%} of {NOUN.of(leads)} can be won with {deals.of(given['deal'])}, "
        f"so the platform's {target:.0%} within 90 days is not reached; "
        f"{deals.of(int(_deals_for(leads, given)))} would reach it, or "
        f"{NOUN.of(int(linked / _won_share(given)))}."
    )


NOUN = Noun("lead", "leads")
COUNT = free(
    NOUN,
    typical=_leads,
    why=lambda given: (
        f"{Noun('deal', 'deals').of(given['deal'])}, {given.figures['lead_conversion_90d']:.0%} of "
        "leads won within 90 days"
    ),
    no_fewer_than=("won", "A won lead is a lead"),
    weight=lambda lay: lay["won"] + 0.01,
    back=sets(_deals_for),
    parts=(
        some_of(
            "won",
            Noun("won lead", "won leads"),
            within=((("contracts",), "A won lead ends in a signed deal of its own"),),
            typical=_won,
            weight=lambda lay: lay["contracts"],
            note=_missed,
        ),
        some_of(
            "late",
            Noun("lead won late", "leads won late"),
            within=((("won",), "A lead won late is won"),),
            typical=_slow,
            weight=lambda lay: lay["won"],
        ),
    ),
)


SALES_LEAD = Declaration(
    TABLE,
    prefix="LD",
    count=COUNT,
    makers=(
        keyed(TABLE),
        _created,
        _outcome,
        _contact,
        _people,
        _campaign,
        _nature,
        _interest,
        comments,
        reached,
    ),
    rules=RULES,
    born="create_date_time",
    reveals=REVEALS,
    state="lead_status_type",
    steps=steps,
    resource="LEAD",
    actor="_assigned_staff_member_key",
    known=known,
)
