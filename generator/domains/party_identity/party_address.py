"""Postal addresses: each party's first one is current and preferred; others have other uses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import decimal, enum, flag, moment, text
from generator.domains.counts import Given, Noun, each, limits
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.keys import numbered
from generator.domains.party_identity.party_address_rules import RULES
from generator.domains.party_identity.pools import pick
from generator.domains.places import places
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


@drawn("address_type", "preferred_indicator")
def _type(draw: Draw) -> Made:
    first = draw["_nth"] == 0
    company = draw.frames["party"]["org_indicator"][draw["_local"]]
    other = draw.leaf("party_address.address_type")
    labels = (*other.labels, "HOME", "BUSINESS")
    main = np.where(company, labels.index("BUSINESS"), labels.index("HOME"))
    return {
        "address_type": Coded(np.where(first, main, other.codes).astype(np.int32), labels),
        "preferred_indicator": first,
    }


@drawn("address_line1", "address_line2")
def _lines(draw: Draw) -> Made:
    house = draw.leaf("house_number", stream="house").astype(np.int64).astype(str).astype(object)
    unit = draw.leaf("unit_number", stream="unit").astype(np.int64)
    whole = draw.u("has_unit") >= draw.figures["second_line_share"]
    return {
        "address_line1": house + " " + pick("streets", draw.u("street")),
        "address_line2": (numbered("Apt ", unit, 3), whole),
    }


@derived("city", "county", "state", "postal_code", "country_code", "latitude", "longitude")
def _place(draw: Draw) -> Made:
    pool = places()
    place = draw.frames["party"]["_place"][draw["_local"]]
    tail = numbered("", 1 + (draw.u("postal_code") * 60).astype(np.int64), 2).astype(str)
    spread = float(draw.figures["address_spread_degrees"])
    return {
        "city": pool.city[place],
        "county": pool.county[place],
        "state": pool.state[place],
        "postal_code": pool.zip3[place] + tail.astype(object),
        "country_code": Coded(np.zeros(draw.n, np.int32), ("US",)),
        "latitude": _degrees(pool.latitude[place] + spread * (draw.u("latitude") - 0.5)),
        "longitude": _degrees(pool.longitude[place] + spread * (draw.u("longitude") - 0.5)),
    }


def _degrees(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(values * 1e6).astype(np.int64)


@derived("start_date_time", "complete_date_time")
def _period(draw: Draw) -> Made:
    """The preferred one is in force; each other one ended before the party first acted."""
    party = draw.frames["party"]
    seen = party["occurrence_date_time"][draw["_local"]]
    first = draw["_nth"] == 0
    days = draw.leaf("days_at_address", stream="start") * draw["_nth"]
    start = seen - days.astype(np.int64).astype("timedelta64[D]")
    held = draw.leaf("days_address_held", stream="held")
    held = held.astype(np.int64).astype("timedelta64[D]")
    return {"start_date_time": start, "complete_date_time": (start + held, first)}


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
)
