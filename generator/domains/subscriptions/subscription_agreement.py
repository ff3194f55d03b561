"""Agreements: what a buyer's car comes with, who goes on after the trial, and who leaves.

A connected car whose owner shares its data has an agreement about connected data from delivery on;
others have what they chose.  The agreement is over when the car is somebody else's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, horizon
from generator.domains.columns import day, decimal, enum, flag, integer, text
from generator.domains.counts import Bound, Count, Given, Noun, Relation, limits
from generator.domains.courses import Stage, Steps
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import ranks
from generator.domains.leanings import leaned, scores, uniform
from generator.domains.subscriptions.subscription_agreement_rules import RULES
from generator.domains.subscriptions.subscription_plan import FIRST, UNCONNECTED, plans
from generator.domains.subscriptions.terms import MONTHS, months_on, terms_at
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "subscription_agreement",
    domain="subscriptions",
    meaning="Customer contract for a plan",
    key="subscription_agreement_key",
    columns=(
        text("subscription_agreement_key", 50, unique=True),
        text("subscription_plan_key", 50),
        text("customer_key", 50),
        text("vehicle_key", 50, nullable=True),
        text("dealer_key", 50, nullable=True),
        enum("agreement_status_type", "LifecycleStatusTypes"),
        day("start_date"),
        day("end_date", "exclusive", nullable=True, planned=True),
        day("cancel_date", nullable=True),
        flag("auto_renew_indicator"),
        decimal("recurring_amount", 8, 2),
        integer("renewal_count"),
    ),
    links=(
        Link("subscription_plan_key", "subscription_plan", "subscription_plan_key", "lookup"),
        Link("customer_key", "customer", "customer_key", "parent"),
        Link("vehicle_key", "vehicle", "vehicle_key", "lookup"),
        Link("dealer_key", "dealer", "dealer_key", "lookup"),
    ),
)


MOST = 2  # of a car and its owner
NEVER = 1e9
LEAST = 1e-12  # a chance above none
FAR = np.datetime64("2200-01-01", "D")
STATES = ("ACTIVE", "EXPIRED", "CANCELLED")


@link(
    "customer_key",
    "vehicle_key",
    "dealer_key",
    "_deal",
    "_turn",
    "_vehicle_key",
    "_customer_key",
    "_connected",
    "_dealer",
)
def _about(draw: Draw) -> Made:
    """Exactly the dealer's number: first the cars that share their data, then others, then second
    agreements."""
    deals = draw.frames["deal"]
    connected, shares = _connected(draw)
    deal, turn = _taken(draw, connected, shares)
    none = np.zeros(draw.n, dtype=bool)
    vehicle, dealer = deals["_vehicle_key"][deal], deals["_dealer"][deal]
    return {
        "customer_key": draw.key("customer", deals["_customer_key"][deal]),
        "vehicle_key": (draw.key("vehicle", vehicle), none),
        "dealer_key": (draw.key("dealer", dealer), none),
        "_deal": deal,
        "_turn": turn,
        "_vehicle_key": vehicle,
        "_customer_key": deals["_customer_key"][deal],
        "_connected": connected[deal],
        "_dealer": dealer,
    }


def _connected(draw: Draw) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each deal's car is connected, and shares its data."""
    cars, deals = draw.frames["connected_vehicle"], draw.frames["deal"]
    has = np.zeros(draw.frames["vehicle"].rows, dtype=bool)
    shares = has.copy()
    has[cars["_local"]] = True
    shares[cars["_local"]] = cars["data_sharing_consent_indicator"]
    own = deals["_vehicle_key"] - draw.frames["vehicle"].start
    return has[own], shares[own]


def _taken(
    draw: Draw, connected: NDArray[np.bool_], shares: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Local deal and turn (0 or 1) of each agreement, dealer by dealer in the order of deals."""
    deals, figures = draw.frames["deal"], draw.figures
    local = deals["_dealer"] - draw.frames["dealer"].start
    first, last = deals.start, deals.start + deals.rows
    wait = []
    for turn, chance in enumerate(("first_agreement_weight", "second_agreement_weight")):
        u = draw.stream(f"turn_{turn}").uniform(first, last)
        weight = np.where(connected, figures[chance]["connected"], figures[chance]["other"])
        wait.append(-np.log1p(-u) / weight)
    wait[0] = np.where(shares, wait[0] / NEVER, wait[0])
    wait[1] = wait[0] + wait[1]  # nobody has a second one first
    wait = [np.where(deals["_sold"], one, NEVER + turn) for turn, one in enumerate(wait)]
    rank = ranks(np.tile(local, MOST), np.concatenate(wait)).reshape(MOST, -1)
    taken = rank < draw.counts[TABLE.name][local][None, :]
    deal, which = np.nonzero(taken.T)
    if not deals["_sold"][deal].all():
        raise ValueError("More agreements than cars that were sold have")
    return deal.astype(np.int64), which.astype(np.int64)


@link("subscription_plan_key", "_plan")
def _plan(draw: Draw) -> Made:
    """A connected car comes with connected data; a second agreement is about something else."""
    rows = draw.frames["subscription_plan"].rows
    weight = np.array([plan.weight for plan in plans()[:rows]])
    needs = np.array([plan.connected for plan in plans()[:rows]])
    any_ = np.where(needs, 0.0, weight)
    other = weight.copy()
    other[FIRST] = 0.0
    u = draw.u("plan")
    chosen = np.where(draw["_connected"], _pick(other, u), _pick(any_, u))
    plain = np.array(UNCONNECTED)[draw["_turn"]]  # one of each for a car without a link
    both = ~draw["_connected"] & _has_two(draw)
    chosen = np.where(both, plain, chosen)
    plan = np.where(draw["_connected"] & (draw["_turn"] == 0), FIRST, chosen)
    return {"subscription_plan_key": draw.key("subscription_plan", plan), "_plan": plan}


def _pick(weight: NDArray[np.float64], u: NDArray[np.float64]) -> NDArray[np.int64]:
    edges = np.cumsum(weight) / weight.sum()
    return np.asarray(np.minimum(np.searchsorted(edges, u, side="right"), len(weight) - 1))


def _has_two(draw: Draw) -> NDArray[np.bool_]:
    deals = draw.frames["deal"].rows
    return np.asarray(np.bincount(draw["_deal"], minlength=deals)[draw["_deal"]] == MOST)


@drawn(
    "start_date",
    "cancel_date",
    "recurring_amount",
    "agreement_status_type",
    "_goes_on",
    "_anchor",
    "_interval",
    "_lasts",
    "_begun",
    "_over",
)
def _course(draw: Draw) -> Made:
    """From delivery; a trial first where the plan has one; then those who go on, by what it costs
    and how old the car is, until they leave.  ``_lasts`` is the first day without it."""
    deals, catalogue = draw.frames["deal"], draw.frames["subscription_plan"]
    deal, plan = draw["_deal"], draw["_plan"]
    begun = deals["delivery_date_time"][deal]
    start = begun.astype("datetime64[D]")
    trial = catalogue["trial_days"][plan]
    anchor = start + trial * DAY
    months = np.array([MONTHS[str(label)] for label in catalogue.text("billing_interval")])
    interval = months[plan]
    price = catalogue["price_amount"][plan]
    monthly = price / 100 / interval
    used = ~deals["_new"][deal]
    figures = draw.figures
    converts = _less_than(draw, "converts") < float(figures["trial_to_paid"]) * (
        (monthly / float(figures["usual_month_price"])) ** float(figures["price_deters"])
        * np.where(used, float(figures["used_converts"]), 1.0)
    )
    goes_on = converts | (trial == 0)
    churn = 1 - (1 - float(figures["monthly_churn"])) ** interval
    lasts = np.log(np.maximum(_less_than(draw, "leaves"), LEAST))
    stays = np.floor(lasts / np.log1p(-churn)).astype(np.int64)
    kept = np.minimum(stays + 1, int(figures["most_terms"]))  # whole terms until one gives notice
    notice = months_on(anchor, (kept - 1) * interval)
    length = (months_on(anchor, kept * interval) - notice).astype(np.int64)
    leaves = notice + np.maximum((length * draw.u("within")).astype(np.int64), 1) * DAY
    sold_on = _sold_on(draw, begun)
    ends = np.minimum(np.where(goes_on, leaves, anchor), sold_on)
    ends = np.maximum(ends, start + DAY)
    cancelled = goes_on | (ends < anchor)
    today = horizon(draw).astype("datetime64[D]")
    code = np.where(ends > today, 0, np.where(cancelled, 2, 1))
    return {
        "start_date": start,
        "cancel_date": (ends, ~cancelled),
        "recurring_amount": price,
        "agreement_status_type": Coded(code.astype(np.int32), STATES),
        "_goes_on": goes_on,
        "_anchor": anchor,
        "_interval": interval,
        "_lasts": np.where(goes_on | cancelled, ends, anchor),
        "_begun": begun,
        "_over": ends.astype("datetime64[ms]"),
    }


def _less_than(draw: Draw, stream: str) -> NDArray[np.float64]:
    """Uniforms for the agreements, small for those whose owners beside the others rather keep what
    they pay for."""
    customers = draw.frames["customer"]
    own = draw["_customer_key"] - customers.start
    return uniform(
        -leaned(
            draw.u(stream),
            draw.figures["keeping_leaning"],
            income=scores(customers["_rich"][own]),
            age=scores(customers["_old"][own]),
            thrift=scores(customers["_thrift"][own]),
        )
    )


def _sold_on(draw: Draw, since: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """The day the car is somebody else's; far away while it is not."""
    vehicles = draw.frames["vehicle"]
    left = vehicles["_owner"].until(draw["_vehicle_key"] - vehicles.start, since)
    day: NDArray[np.datetime64] = np.minimum(left.astype("datetime64[D]"), FAR)
    return day


@derived("end_date", "renewal_count", "auto_renew_indicator")
def _terms(draw: Draw) -> Made:
    return _standing(draw, horizon(draw))


def _standing(draw: Draw, at: np.datetime64) -> Made:
    """Covered as far as it was renewed by then; renewed by itself once it is paid for: nobody
    knows before who will go on."""
    day = np.full(draw.n, at.astype("datetime64[D]"))
    found = terms_at(draw["start_date"], draw["_anchor"], draw["_interval"], draw["_lasts"], day)
    return {
        "end_date": (found.end, np.zeros(draw.n, dtype=bool)),
        "renewal_count": found.renewals,
        "auto_renew_indicator": draw["_goes_on"] & (draw["_anchor"] <= day),
    }


def _steps(draw: Draw) -> Steps:
    """PENDING when ordered with the car, ACTIVE from delivery, then given up or run out."""
    over, cancelled = draw["_over"], ~draw.frame.missing("cancel_date")
    ordered = draw.frames["deal"]["_signed"][draw["_deal"]]
    return Steps.of(
        Stage("PENDING", np.minimum(ordered, draw["_begun"])),
        Stage("ACTIVE", draw["_begun"]),
        Stage("CANCELLED", over, cancelled),
        Stage("EXPIRED", over, ~cancelled),
    )


def _relations(name: str) -> tuple[Relation, ...]:
    rule = f"A car that was sold has at most {MOST} agreements with its owner"
    return (Bound(((name, 1), ("contracts", -MOST), ("reversed", MOST)), 0, rule),)


def _agreements(given: Given) -> float:
    sold = given["contracts"] - given["reversed"]
    connected = min(given["connected_vehicle"], sold)
    more = given.figures["agreements_of_sold"]
    return float(connected * more["connected"] + (sold - connected) * more["other"])


COUNT = Count(
    Noun("subscription agreement", "subscription agreements"),
    _agreements,
    "one for a connected car that was sold, a second for some, and a few others",
    _relations,
    lambda lay: lay["contracts"] - lay["reversed"],
    limits(0.9),
)


SUBSCRIPTION_AGREEMENT = Declaration(
    TABLE,
    prefix="SA",
    count=COUNT,
    makers=(keyed(TABLE), _about, _plan, _course, _terms),
    rules=RULES,
    born="_begun",
    reveals={"cancel_date": "_over"},
    state="agreement_status_type",
    steps=_steps,
    known=_standing,
)
