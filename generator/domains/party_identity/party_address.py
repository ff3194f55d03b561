"""Postal addresses: each party's first one is current and preferred; others have other uses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import horizon
from generator.domains.columns import decimal, enum, flag, moment, text
from generator.domains.counts import Given, Noun, each, limits
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.keys import numbered
from generator.domains.party_identity.party_address_rules import RULES
from generator.domains.party_identity.pools import pick
from generator.domains.party_identity.towns import towns
from generator.frame import Coded
from generator.schema import Link, Table
from generator.streams import apportion_within

TABLE = Table(
    "party_address",
    domain="party_identity",
    meaning="Postal address with type, effective dated",
    key="address_key",
    columns=(
        text("address_key", 50, unique=True),
        text("party_key", 50),
        enum("address_type", "AddressTypes"),
        text("address_line1", 100, personal="street_address"),
        text("address_line2", 100, nullable=True, personal="street_address"),
        text("city", 100, personal="locality"),
        text("county", 100, nullable=True),
        text("state", 2),
        text("postal_code", 10, "state/postal/phone-area coherent", personal="locality"),
        text("country_code", 2),
        decimal("latitude", 9, 6, nullable=True, personal="geolocation"),
        decimal("longitude", 9, 6, nullable=True, personal="geolocation"),
        flag("preferred_indicator"),
        moment("start_date_time"),
        moment("complete_date_time", nullable=True),
    ),
    links=(Link("party_key", "party", "party_key", "parent"),),
)


ADDRESSES_PER_PARTY = (1, 3)


@link("party_key", "_party_key", "_local", "_nth")
def _party(draw: Draw) -> Made:
    """Every party has one; the rest of the exact total goes to some by chance."""
    parties = draw.frames["party"]
    low, high = ADDRESSES_PER_PARTY
    weights = parties["_address_weight"]
    shares = np.zeros(parties.rows, dtype=np.int64)
    blocks = parties["_block"]
    for block, total in enumerate(draw.counts[TABLE.name]):
        rows = np.flatnonzero(blocks == block)
        shares[rows] = apportion_within(
            weights[rows], int(total), np.full(len(rows), low), np.full(len(rows), high)
        )
    local = np.repeat(np.arange(parties.rows), shares)
    nth = np.arange(len(local)) - np.repeat(np.cumsum(shares) - shares, shares)
    rows = local + parties.start
    return {
        "party_key": draw.key("party", rows),
        "_party_key": rows,
        "_local": local,
        "_nth": nth,
    }


@drawn("address_type", "preferred_indicator", "_home", "_past")
def _type(draw: Draw) -> Made:
    """The first is the home or the office; others have other uses, or were the home before."""
    first = draw["_nth"] == 0
    company = draw.frames["party"]["org_indicator"][draw["_local"]]
    other = draw.leaf("party_address.address_type")
    labels = tuple(dict.fromkeys((*other.labels, "HOME", "BUSINESS")))
    main = np.where(company, labels.index("BUSINESS"), labels.index("HOME"))
    codes = np.where(first, main, other.codes)
    home = (codes == labels.index("HOME")) | (codes == labels.index("BUSINESS"))
    return {
        "address_type": Coded(codes.astype(np.int32), labels),
        "preferred_indicator": first,
        "_home": home,
        "_past": home & ~first,
    }


@drawn("address_line1", "address_line2", "_town", "latitude", "longitude")
def _lines(draw: Draw) -> Made:
    """Somewhere in a town around the dealer; who lives together has one address."""
    party, figures, pool = draw.frames["party"], draw.figures, towns()
    local, first = draw["_local"], draw["_nth"] == 0
    house = draw.leaf("house_number", stream="house").astype(np.int64).astype(str).astype(object)
    unit = numbered("Apt ", draw.leaf("unit_number", stream="unit").astype(np.int64), 3)
    whole = draw.u("has_unit") >= figures["second_line_share"]
    around, reach = party["_place"][local], float(figures["town_reach"])
    u = draw.u("town")
    other = pool.draw(around, u, at_home=float(figures["town_share"]), reach=reach)
    town = np.where(first, party["_town"][local], other)
    spread = float(figures["address_spread_degrees"])
    north, east = spread * (draw.u("latitude") - 0.5), spread * (draw.u("longitude") - 0.5)
    same = np.where(first, np.flatnonzero(first)[party["_head"][local]], np.arange(draw.n))
    return {
        "address_line1": (house + " " + pick("streets", draw.u("street")))[same],
        "address_line2": (unit[same], whole[same]),
        "_town": town[same],
        "latitude": _degrees(pool.latitude[town] + north)[same],
        "longitude": _degrees(pool.longitude[town] + east)[same],
    }


@derived("city", "county", "state", "postal_code", "country_code")
def _place(draw: Draw) -> Made:
    pool, town = towns(), draw["_town"]
    return {
        "city": pool.city[town],
        "county": pool.county[town],
        "state": pool.state[town],
        "postal_code": pool.zip[town],
        "country_code": Coded(np.zeros(draw.n, np.int32), ("US",)),
    }


def _degrees(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(values * 1e6).astype(np.int64)


@derived("start_date_time", "complete_date_time", "_known")
def _period(draw: Draw) -> Made:
    """A home lasts until the next one begins; some move after they were first written down.  What
    has another use lasts, or ended before."""
    local, first, past = draw["_local"], draw["_nth"] == 0, draw["_past"]
    seen = draw.frames["party"]["occurrence_date_time"][local]
    had_another = np.bincount(local[past], minlength=draw.frames["party"].rows)[local] > 0
    moved = first & had_another & (draw.u("moved") < float(draw.figures["moved_since_share"]))
    room = np.maximum((horizon(draw) - seen).astype("timedelta64[m]").astype(np.int64), 0)
    begun = seen + (room * draw.u("moved_on")).astype(np.int64).astype("timedelta64[m]")
    days = (draw.leaf("days_at_address", stream="start") * draw["_nth"]).astype(np.int64)
    start = np.where(moved, begun, seen - days.astype("timedelta64[D]"))
    held = draw.leaf("days_address_held", stream="held").astype(np.int64).astype("timedelta64[D]")
    later = _later_home(draw)
    for _ in range(ADDRESSES_PER_PARTY[1] - 1):
        start = np.where(past, np.minimum(start[later] - held, seen), start)
    until = np.where(past, start[later], start + held)
    lasts = first | (~past & (draw.u("lasts") < float(draw.figures["address_lasts_share"])))
    lasts |= ~past & (until > horizon(draw))
    return {
        "start_date_time": start,
        "complete_date_time": (until, lasts),
        "_known": np.where(moved, start, seen),
    }


def _later_home(draw: Draw) -> NDArray[np.int64]:
    """The row of the home after each row's, which stands before it."""
    rows = np.arange(draw.n)
    upto = np.maximum.accumulate(np.where(draw["_home"], rows, 0)) if draw.n else rows
    before: NDArray[np.int64] = np.roll(upto, 1)
    return before


def _known_at(draw: Draw, at: np.datetime64) -> Made:
    """Of the homes the one lived in then is preferred."""
    ended = ~draw.frame.missing("complete_date_time") & (draw["complete_date_time"] <= at)
    return {"preferred_indicator": draw["_home"] & (draw["_known"] <= at) & ~ended}


def _addresses(given: Given) -> float:
    return float(given.figures["addresses_per_party"] * given["party"])


COUNT = each(
    "party",
    Noun("address", "addresses"),
    least=ADDRESSES_PER_PARTY[0],
    most=ADDRESSES_PER_PARTY[1],
    one_for="org_profile",
    rule=(
        f"A company has one address and everybody else {ADDRESSES_PER_PARTY[0]} to "
        f"{ADDRESSES_PER_PARTY[1]}"
    ),
    typical=_addresses,
    why="one each, a second for some",
    back=limits(0.38),
)


PARTY_ADDRESS = Declaration(
    TABLE,
    prefix="AD",
    count=COUNT,
    makers=(keyed(TABLE), _party, _type, _lines, _place, _period),
    rules=RULES,
    born="_known",
    reveals={"complete_date_time": "complete_date_time"},
    known=_known_at,
)
