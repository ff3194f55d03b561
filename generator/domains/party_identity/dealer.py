"""Dealers: the root of the world; each sells one make new, and many makes used."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import day, enum, flag, text
from generator.domains.counts import Given, Noun, asks, free
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, key, link
from generator.domains.keys import numbered
from generator.domains.logistics_fulfillment.distances import Spots, miles_between
from generator.domains.party_identity.dealer_postings import journals
from generator.domains.party_identity.party import party_rows
from generator.domains.party_identity.pools import pick
from generator.domains.places import places
from generator.domains.vehicle_asset_mgt.mix import light_trucks, makes_of, moved
from generator.frame import Coded
from generator.schema import Link, Table
from generator.streams import Stream

TABLE = Table(
    "dealer",
    domain="party_identity",
    meaning="Franchise rooftop",
    key="dealer_key",
    columns=(
        text("dealer_key", 50, unique=True),
        text("party_key", 50),
        text("dealer_name", 150),
        text("dealer_bac", 10, "OEM business associate code, unique", unique=True),
        text("business_code", 20),
        text("primary_make", 40, "brand sold new"),
        enum("primary_dealer_service_type", "DealerServiceTypes"),
        text("state", 2),
        day("open_date"),
        flag("active_indicator"),
    ),
    links=(Link("party_key", "party", "party_key", "parent", unique=True),),
)


@key("dealer_key", "_dealer")
def _keys(draw: Draw) -> Made:
    return {"dealer_key": draw.key(TABLE.name, draw.rows), "_dealer": draw.rows}


@link("party_key", "_party_key")
def _party(draw: Draw) -> Made:
    rows = party_rows(draw, "dealer")
    return {"party_key": draw.key("party", rows), "_party_key": rows}


@drawn("primary_make", "state", "_place")
def _place(draw: Draw) -> Made:
    """Makes spread over the market, so that few dealers sell what many do; places by
    population."""
    makes = makes_of(draw.plan, draw.frames["vehicle_specification"], draw.figures)
    labels, codes = np.unique(makes[draw.rows], return_inverse=True)
    place = _near(draw, places().draw(draw.u("place")))
    return {
        "primary_make": Coded(codes.astype(np.int32), tuple(str(label) for label in labels)),
        "state": places().state[place],
        "_place": place,
    }


def _near(draw: Draw, place: NDArray[np.int64]) -> NDArray[np.int64]:
    """The second of two dealers that trade cars is in a city near the first."""
    whole, first = draw.plan.world["pairs"], draw.frame.start
    pairs = np.array([one - first for one in whole if first <= one < first + draw.n], dtype=int)
    if not len(pairs):
        return place
    all_, u = places(), draw.u("near")
    here = Spots(all_.latitude[place[pairs], None], all_.longitude[place[pairs], None])
    miles = miles_between(here, Spots(all_.latitude[None, :], all_.longitude[None, :]), 1.0)
    nearest = np.argsort(miles, axis=1, kind="stable")
    pick_of = 1 + (u[pairs] * int(draw.figures["cities_near"])).astype(np.int64)
    moved = place.copy()
    moved[pairs + 1] = nearest[np.arange(len(pairs)), pick_of]
    return moved


@derived("_light_new", "_light_own", "_light_other")
def _bodies(draw: Draw) -> Made:
    """Shares of light trucks among its new cars, its used ones of its make, and the other used;
    more in the states that like them, less in the others."""
    shares = light_trucks(draw.plan, draw.frames["vehicle_specification"], draw.figures)
    make, step = draw.frame.text("primary_make").tolist(), _step_of_state(draw)
    return {
        "_light_new": moved(np.array([shares.new[name] for name in make]), step),
        "_light_own": moved(np.array([shares.own[name] for name in make]), step),
        "_light_other": moved(np.full(draw.n, shares.other), step),
    }


def _step_of_state(draw: Draw) -> NDArray[np.float64]:
    """By how much the log odds of light trucks differ from those of all dealers of the bundle, so
    that these together stay where they are; a dealer near another counts there as of its state."""
    deals = np.maximum(np.array(draw.plan.world["per_dealer"]["deal"], dtype=np.float64), 1.0)
    places_of = Stream(draw.plan.recipe.seed, TABLE.name, "place").uniform(0, len(deals))
    state = places().state[places().draw(places_of)].astype(str)
    pairs = np.array(draw.plan.world["pairs"], dtype=np.int64)
    state[pairs + 1] = state[pairs]
    country: list[str] = draw.figures["pickup_states"]
    usual = float(np.average(np.isin(state, country), weights=deals))
    own = np.isin(draw.frame.text("state").astype(str), country)
    apart, all_ = float(draw.figures["country_trucks"]), float(draw.figures["light_truck_share"])
    low, high = 0.0, apart
    for _ in range(ROUNDS):
        less = (low + high) / 2
        steps, parts = np.array([apart - less, -less]), np.array([usual, 1 - usual])
        reached = float(parts @ moved(np.full(2, all_), steps))
        low, high = (less, high) if reached > all_ else (low, less)
    return np.asarray(own * apart - low)


@derived(
    "dealer_name",
    "dealer_bac",
    "business_code",
    "primary_dealer_service_type",
    "active_indicator",
    "_name",
)
def _names(draw: Draw) -> Made:
    make = draw.frame.text("primary_make")
    owner = pick("family_names", draw.u("owner"))
    name = (owner + " " + make + " of " + places().city[draw["_place"]]).astype(object)
    return {
        "dealer_name": name,
        "_name": name,
        "dealer_bac": numbered("", 100_000 + draw.rows, 6),
        "business_code": numbered("D", draw.rows, 6),
        "primary_dealer_service_type": Coded(np.zeros(draw.n, np.int32), ("SALES",)),
        "active_indicator": np.ones(draw.n, dtype=bool),
    }


@drawn("open_date")
def _opened(draw: Draw) -> Made:
    """Fifteen years before the span at the latest, so that nothing precedes it."""
    start = np.datetime64(draw.plan.recipe.start, "D")
    days = draw.leaf("dealer_years_open", stream="open_date") * 365.25
    return {"open_date": start - days.astype(np.int64).astype("timedelta64[D]")}


ROUNDS = 40  # halvings until a step is exact to a billionth
MOST_DEALERS = 500_000  # a country has some 60,000; laying out millions took minutes


def _dealers(given: Given) -> float:
    """By the deals, or by the staff there is to be; no more than the people there are to be."""
    figures = given.figures
    busy = np.ceil(given["deal"] / given.months / figures["deals_per_dealer_month"])
    wanted = max(float(busy), 2.0 if given["deal"] >= TWO_FROM else 1.0)
    staff = given.fixed("staff_member")
    if staff is not None:
        wanted = max(wanted, staff // figures["headcount_per_dealer"])
    return wanted


TWO_FROM = 50  # deals from which there are two dealers
COUNT = free(
    Noun("dealer", "dealers"),
    typical=_dealers,
    why=lambda given: f"at most {given.figures['deals_per_dealer_month']} deals a month each",
    weight=lambda lay: lay.size,
    limits=lambda *_: (1, MOST_DEALERS),
    limit_rule="Everything happens at a dealer, and a world has {least} to {most} of them",
    back=asks(60.0),
    top=True,
)


DEALER = Declaration(
    TABLE,
    prefix="DR",
    count=COUNT,
    makers=(_keys, _party, _place, _bodies, _names, _opened),
    journals=journals,
)
