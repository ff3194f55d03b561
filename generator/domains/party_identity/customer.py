"""Customers: what they are first, since when they are known once their deals are.

The last customer of each dealer is its house account: the dealer's own party, to which work on its
stock is charged.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE, end_of, span
from generator.domains.columns import decimal, enum, flag, moment, text
from generator.domains.counts import Given, Noun, each, limits
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import dealt, evened, place_in_group
from generator.domains.leanings import flag_scores, leaned, normal, order_of, scores, taken
from generator.domains.party_identity.customer_rules import RULES
from generator.domains.party_identity.party import party_rows, wanted_parties
from generator.domains.payment.score import base_scores
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "customer",
    domain="party_identity",
    meaning="Retail role of a party",
    key="customer_key",
    columns=(
        text("customer_key", 50, unique=True),
        text("party_key", 50),
        text("home_dealer_key", 50),
        enum("customer_status_type", "CustomerStatusTypes"),
        flag("first_time_buyer_indicator"),
        text("occupation_code", 40, nullable=True, personal="demographic"),
        decimal(
            "annual_income",
            12,
            2,
            "USD; drives credit and price",
            nullable=True,
            personal="financial",
        ),
        flag("marketing_consent_indicator", "PrivacyConsent.marketing_consent_indicator"),
        flag("third_party_sharing_consent_indicator"),
        enum("consent_status_type", "ConsentStatusTypes"),
        text("loyalty_segment", 30, "prose only: FIRST_TIME_BUYER | RETURNING | TIER_1..TIER_3"),
        moment("document_date_time", "role created"),
    ),
    links=(
        Link("party_key", "party", "party_key", "parent", unique=True),
        Link("home_dealer_key", "dealer", "dealer_key", "lookup"),
    ),
)


NEVER = np.datetime64("2999-01-01", "ms")
BUYS = 2  # a turn to ask that ends in a sale


@link("party_key", "_party_key", "home_dealer_key", "_home_dealer_key", "_house")
def _links(draw: Draw) -> Made:
    dealers = draw.frames["dealer"]
    house = np.append(draw["_dealer"][1:] != draw["_dealer"][:-1], True)[: draw.n]
    party = np.empty(draw.n, dtype=np.int64)
    party[house] = dealers["_party_key"]
    party[~house] = party_rows(draw, "customer")
    return {
        "_house": house,
        "party_key": draw.key("party", party),
        "_party_key": party,
        "home_dealer_key": draw.key("dealer", draw["_dealer"]),
        "_home_dealer_key": draw["_dealer"],
    }


@derived("_years", "_old", "_male")
def _person(draw: Draw) -> Made:
    """How old a customer is at first, as years and as a score among the others; and a score of
    being a man."""
    party = draw.frames["party"]
    local = draw["_party_key"] - party.start
    years = party["_years"][local]
    return {"_years": years, "_old": scores(years), "_male": flag_scores(~party["_female"][local])}


@drawn("_retired")
def _retired(draw: Draw) -> Made:
    share = _by_age(draw, "retired_share_by_age")
    return {"_retired": draw.u("retired") < share}


def _by_age(draw: Draw, figure: str) -> NDArray[np.float64]:
    """What a figure says of each customer's age, between the ages that it names in proportion."""
    points = {float(age): float(of) for age, of in draw.figures[figure].items()}
    return np.asarray(np.interp(draw["_years"], list(points), list(points.values())))


@drawn("annual_income", "_rich")
def _income(draw: Draw) -> Made:
    """Thousands of dollars by published bands, highest in the middle of life, and a part of what
    they had for those who have retired; kept from nobody, as lenders ask for it.  ``_rich`` is its
    score."""
    pension = draw.figures["retired_income"]
    share, retired = _by_age(draw, "retired_share_by_age"), draw["_retired"]
    kept = float(pension["of_former"])
    at_work = _by_age(draw, "income_by_age") / (1 - share * (1 - kept))
    place = np.log(np.where(retired, kept, 1.0) * at_work) / float(draw.figures["income_spread"])
    chance = normal(draw.u("annual_income")) * np.where(retired, float(pension["spread"]), 1.0)
    rich = scores(place + chance)
    thousands = draw.leaf("customer.annual_income", u=evened(rich, np.zeros(draw.n)))
    return {
        "annual_income": (np.rint(thousands * 10).astype(np.int64) * 10_000, draw["_house"]),
        "_rich": rich,
    }


@drawn("_thrift", "_taste", "_family")
def _ways(draw: Draw) -> Made:
    """Scores nobody writes down: who saves, who likes what is dear, who has others to carry."""
    home = _by_age(draw, "family_by_age")
    return {
        "_thrift": normal(draw.u("thrift")),
        "_taste": normal(draw.u("taste")),
        "_family": scores(home + normal(draw.u("family"))),
    }


@drawn("occupation_code", "_works")
def _work(draw: Draw) -> Made:
    """Better paid work for those who have more and are old enough for it, study for those of the
    young who have least, rest for the old."""
    retired, figures = draw["_retired"], draw.figures
    young = draw["_years"] < float(figures["student_until"])
    poor = leaned(draw.u("student"), figures["student_leaning"], income=draw["_rich"])
    student = taken(poor, young, young * float(figures["student_share"]))
    key = leaned(draw.u("occupation_code"), figures["occupation_leaning"], income=draw["_rich"])
    place = evened(key, np.zeros(draw.n)) * _by_age(draw, "occupation_reach_by_age")
    work = draw.leaf("occupation_by_pay", u=place).text()
    named = np.where(retired, "Retired", np.where(student, "Student", work))
    return {
        "occupation_code": (
            named.astype(object),
            (draw.u("known") < draw.figures["occupation_unknown_share"]) | draw["_house"],
        ),
        "_works": ~retired & ~student,
    }


@drawn(
    "marketing_consent_indicator", "third_party_sharing_consent_indicator", "consent_status_type"
)
def _consent(draw: Draw) -> Made:
    marketing = draw.u("marketing_consent_indicator") < draw.figures["marketing_consent_share"]
    marketing &= ~draw["_house"]
    others = draw.u("third_party") < draw.figures["third_party_consent_share"]
    return {
        "marketing_consent_indicator": marketing,
        "third_party_sharing_consent_indicator": others & marketing,
        "consent_status_type": Coded(
            np.where(marketing, 0, 1).astype(np.int32), ("GRANTED", "DENIED")
        ),
    }


@drawn("_turn")
def _turn(draw: Draw) -> Made:
    """The customer's turn to ask beside the others of its dealer, first 0; its house account
    never has one.

    Turns are there already: some end in a sale, some are asked through a screen, some nobody
    takes.  Of those who ask, who has more is dealt more of those that end in a sale, who is
    younger more of those on a screen.
    """
    dealer, leads = draw["_dealer"], draw.frames["sales_lead"]
    turn, size = place_in_group(dealer), np.bincount(dealer - draw.frames["dealer"].start)
    first, turns = np.cumsum(size) - size, np.maximum(size - 1, 1)
    ends, screen = np.where(draw["_house"], -1, 0), np.zeros(draw.n, dtype=np.int64)
    asked = leads["_dealer"] - draw.frames["dealer"].start
    at = first[asked] + place_in_group(asked) % turns[asked]
    np.maximum.at(ends, at, 1 + leads["_won"].astype(np.int64))
    screen[at] = leads["_online"]
    walk_in = draw.counts["deal"] - draw.counts["won"]
    local = np.repeat(np.arange(len(size)), walk_in)
    number = draw.counts["sales_lead"][local] + place_in_group(local)
    ends[first[local] + number % turns[local]] = BUYS
    chance = np.where(draw["_house"], -1.0, draw.u("turn"))
    given = dealt(np.sign(ends) + draw.u("among"), dealer, chance)
    buys = {"income": _strength(draw.figures["buyers_beyond_askers"]["income"], ends)}
    key = leaned(draw.u("buys"), buys, income=draw["_rich"])
    given = given[dealt(ends[given] + draw.u("alike"), dealer * 4 + np.sign(ends[given]), key)]
    key = leaned(draw.u("screen"), draw.figures["screen_leaning"], age=draw["_old"])
    given = given[dealt(screen[given] + draw.u("beside"), dealer * 4 + ends[given], key)]
    return {"_turn": turn[given]}


def _strength(beyond: float, ends: NDArray[np.int64]) -> float:
    """The correlation by which buyers lie so far beyond those who ask, in deviations, whatever
    share of them buys: the fewer, the further the best of them lie beyond all anyway."""
    asking = int((ends > 0).sum())
    share = float((ends == BUYS).sum()) / max(asking, 1)
    if not 0 < share < 1:
        return 0.0
    z = float(normal(np.array([1 - share]))[0])
    best = float(np.exp(-z * z / 2) / np.sqrt(2 * np.pi)) / share  # mean of the highest share
    return min(beyond / best, 1.0)


@drawn("_score")
def _score(draw: Draw) -> Made:
    return {"_score": base_scores(draw)}


@derived("_served", "_first_served")
def _served(draw: Draw) -> Made:
    """Whether a customer owns a car that only the workshop knows, and since when it may have been
    asked to come."""
    cars = draw.frames["vehicle"]
    rows = np.flatnonzero(cars["_visitor"])
    owner = cars["_visitor_customer"][rows] - draw.frame.start
    first = np.full(draw.n, NEVER)
    before = int(draw.figures["asked_before_visit_days"]) * DAY
    np.minimum.at(first, owner, (cars["_came"][rows] - before).astype("datetime64[ms]"))
    return {"_served": first < NEVER, "_first_served": first}


@derived("_first_asked")
def _first_asked(draw: Draw) -> Made:
    """The first lead or deal of each customer, NEVER where there is none."""
    earliest = np.full(draw.n, NEVER)
    for table, column in (("sales_lead", "create_date_time"), ("deal", "occurrence_date_time")):
        rows = draw.frames[table]["_customer_key"] - draw.frame.start
        np.minimum.at(earliest, rows, draw.frames[table][column])
    return {"_first_asked": earliest}


@derived("_has_come")
def _has_come(draw: Draw) -> Made:
    """Whether one of a customer's leads came because the dealer was known already."""
    leads, has = draw.frames["sales_lead"], np.zeros(draw.n, dtype=bool)
    again = leads.text("lead_source_type").astype(str) == "EXISTING_CUSTOMER"
    has[leads["_customer_key"][again] - draw.frame.start] = True
    return {"_has_come": has}


@derived("document_date_time", "_idle", "_long_known")
def _known_since(draw: Draw) -> Made:
    """A little before the first lead or deal, for some years before; those who never asked at
    some time up to the as-of day."""
    first, last = span(draw)
    earliest = np.minimum(draw["_first_served"], draw["_first_asked"])
    idle = earliest == NEVER
    reach = (last - first + int(draw.figures["idle_customer_days"]) * DAY).astype(np.int64)
    quiet = last - (1 + reach * draw.u("document_date_time")).astype(np.int64) * DAY
    minute = draw.leaf("minute_of_opening", stream="hour").astype(int)
    opened = quiet.astype("datetime64[ms]") + minute * MINUTE
    minutes = draw.leaf("minutes_known_before", stream="before").astype(np.int64) * MINUTE
    share = np.full(draw.n, float(draw.figures["known_before_share"]))
    long_known = taken(draw.u("long_known") - draw["_has_come"], draw["_dealer"], share)
    low, high = draw.figures["known_before_years"]
    years = np.floor((low + (high - low) * draw.u("known_years")) * 365.25).astype(np.int64)
    before = earliest < first  # whose car has come to the workshop for some time
    minutes = minutes + np.where(long_known | before, years, 0) * DAY
    since = np.where(idle, opened, earliest - minutes)
    began = draw.frames["dealer"]["open_date"][draw["_dealer"] - draw.frames["dealer"].start]
    since = np.where(draw["_house"], began, np.minimum(since, end_of(last)))
    return {
        "document_date_time": since,
        "_idle": idle & ~draw["_house"],
        "_long_known": long_known & ~idle,
    }


@drawn("customer_status_type", "first_time_buyer_indicator", "loyalty_segment")
def _standing(draw: Draw) -> Made:
    """Who has been known for years stands higher; what is bought later is not known yet."""
    deals = draw.frames["deal"]
    bought = np.bincount(deals["_customer_key"] - draw.frame.start, minlength=draw.n)
    first_time = draw.u("first_time_buyer_indicator") < _by_age(draw, "first_time_buyer_by_age")
    first_time &= (bought <= 1) & ~_has_another_car(draw) & ~draw["_house"]
    segment = draw.leaf("customer.loyalty_segment")
    place = order_of(segment, draw.figures["loyalty_order"]) + draw.u("segment_alike")
    key = leaned(
        draw.u("loyal"), draw.figures["loyalty_leaning"], known=flag_scores(draw["_long_known"])
    )
    segment = Coded(segment.codes[dealt(place, np.zeros(draw.n), key)], segment.labels)
    labels = ("FIRST_TIME_BUYER", *segment.labels)
    codes = np.where(first_time, 0, segment.codes + 1).astype(np.int32)
    comes = (bought > 0) | draw["_house"] | draw["_served"]
    labels_of = ("CUSTOMER", "PROSPECT", "INACTIVE", "MERGED", "ARCHIVED")
    status = np.where(comes, 0, np.where(draw["_idle"], 2, 1)).astype(np.int32)
    parties = draw.frames["party"]
    stands = parties.text("party_status_type")[draw["_party_key"] - parties.start]
    for label in labels_of[-2:]:
        status[stands == label] = labels_of.index(label)
    return {
        "customer_status_type": Coded(status, labels_of),
        "first_time_buyer_indicator": first_time,
        "loyalty_segment": Coded(codes, labels),
    }


def _has_another_car(draw: Draw) -> NDArray[np.bool_]:
    """Whether a customer is known to have had a car before: one that is serviced here, or one that
    was offered in payment."""
    deals, owns = draw.frames["deal"], draw["_served"].copy()
    if deals.rows:
        owns[deals["_customer_key"][deals["_trades"]] - draw.frame.start] = True
    return np.asarray(owns)


@derived("_customer_from")
def _customer_from(draw: Draw) -> Made:
    """The first deal or visit of each customer, NEVER where there is none."""
    earliest, deals = draw["_first_served"].copy(), draw.frames["deal"]
    rows = deals["_customer_key"] - draw.frame.start
    np.minimum.at(earliest, rows, deals["occurrence_date_time"])
    began = draw["document_date_time"]
    return {"_customer_from": np.where(draw["_house"], began, earliest).astype("datetime64[ms]")}


def _known(draw: Draw, at: np.datetime64) -> Made:
    """A prospect until something is bought or a car comes to the workshop."""
    status = draw["customer_status_type"]
    early = (status.codes == status.labels.index("CUSTOMER")) & (draw["_customer_from"] > at)
    codes = np.where(early, status.labels.index("PROSPECT"), status.codes).astype(np.int32)
    return {"customer_status_type": Coded(codes, status.labels)}


def _customers(given: Given) -> float:
    """Who buys, who asks, who comes to the workshop only, and the house accounts; everybody else
    where the parties were asked for."""
    parties = wanted_parties(given)
    if parties is not None:
        return parties - given["org_profile"] - given["staff_member"]
    requests = given["sales_lead"] + given["deal"] - given["won"]
    asking = float(given.figures["customers_per_request"] * requests)
    served = float(given.figures["customers_per_visitor"] * given["workshop_cars"])
    return asking + served + given["dealer"]


COUNT = each(
    "dealer",
    Noun("customer", "customers"),
    least=2,
    rule="A dealer has its house account and at least one other customer",
    typical=_customers,
    why="buyers, others who asked, owners of cars the workshop sees",
    weight=lambda lay: lay["sales_lead"] + lay["deal"] + lay["workshop_cars"] + 0.01,
    back=limits(0.22),
)


CUSTOMER = Declaration(
    TABLE,
    prefix="CU",
    count=COUNT,
    makers=(
        keyed(TABLE),
        _links,
        _person,
        _retired,
        _income,
        _ways,
        _work,
        _consent,
        _turn,
        _score,
        _served,
        _first_asked,
        _has_come,
        _known_since,
        _standing,
        _customer_from,
    ),
    rules=RULES,
    born="document_date_time",
    known=_known,
)
