"""Warehouses: each dealer's vehicle lot, and for most a parts store of its own beside it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import span
from generator.domains.columns import decimal, enum, text
from generator.domains.counts import Noun, asks, each
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import place_in_group
from generator.domains.keys import numbered
from generator.domains.logistics_fulfillment.warehouse_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "warehouse",
    domain="logistics_fulfillment",
    meaning="Storage location / lot",
    key="warehouse_key",
    columns=(
        text("warehouse_key", 50, unique=True),
        text("warehouse_code", 20, unique=True),
        text("warehouse_name", 120),
        text("party_key", 50),
        enum("warehouse_type", "WarehouseTypes"),
        decimal("latitude", 9, 6),
        decimal("longitude", 9, 6),
    ),
    links=(Link("party_key", "party", "party_key", "lookup"),),
)


LOT, PARTS = 0, 1
MOST = 2
NAMES = ("Vehicle lot", "Parts store")
CODES = np.array([b"-LOT", b"-PARTS"])


@link("party_key", "_party_key", "_place")
def _owner(draw: Draw) -> Made:
    dealers = draw.frames["dealer"]
    party = dealers["_party_key"][draw["_dealer"] - dealers.start]
    return {
        "party_key": draw.key("party", party),
        "_party_key": party,
        "_place": place_in_group(draw["_dealer"]),
    }


@derived("warehouse_code", "warehouse_name", "warehouse_type")
def _names(draw: Draw) -> Made:
    dealers, place = draw.frames["dealer"], draw["_place"]
    dealer = dealers.text("dealer_name")[draw["_dealer"] - dealers.start]
    return {
        "warehouse_code": np.char.add(numbered("D", draw["_dealer"], 6), CODES[place]),
        "warehouse_name": dealer + " - " + np.array(NAMES, dtype=object)[place],
        "warehouse_type": Coded(place.astype(np.int32), ("DEALERSHIP", "IN_HOUSE_PARTS_STORAGE")),
    }


@drawn("latitude", "longitude")
def _where(draw: Draw) -> Made:
    """The lot is where the dealer is; the parts store is close by."""
    parties, addresses = draw.frames["party"], draw.frames["party_address"]
    first = np.full(draw.n, span(draw)[0].astype("datetime64[ms]"))
    home = parties["_address"].step(draw["_party_key"] - parties.start, first)
    at = home - addresses.start
    apart = float(draw.figures["store_apart_degrees"]) * 1e6 * (draw["_place"] == PARTS)
    found = {}
    for axis in ("latitude", "longitude"):
        moved = np.rint(apart * (draw.u(axis) - 0.5)).astype(np.int64)
        found[axis] = addresses[axis][at] + moved
    return found


def lot_of(draw: Draw, dealer: NDArray[np.int64]) -> NDArray[np.int64]:
    """The vehicle lot (row of the whole table) of each of these dealers of the shard."""
    local = dealer - draw.frames["dealer"].start
    counts = draw.counts["warehouse"]
    rows: NDArray[np.int64] = draw.starts["warehouse"] + (np.cumsum(counts) - counts)[local]
    return rows


def parts_store_of(draw: Draw, dealer: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where these dealers keep their parts: in the store, or on the lot where they have none."""
    local = dealer - draw.frames["dealer"].start
    rows: NDArray[np.int64] = lot_of(draw, dealer) + draw.counts["warehouse"][local] - 1
    return rows


COUNT = each(
    "dealer",
    Noun("warehouse", "warehouses"),
    least=1,
    most=MOST,
    rule="A dealer has a vehicle lot and at most one parts store beside it",
    typical=lambda given: given["dealer"] * float(given.figures["warehouses_per_dealer"]),
    why="a vehicle lot each, and a parts store for most",
    weight=lambda lay: lay.size,
    back=asks(30.0),
)


WAREHOUSE = Declaration(
    TABLE,
    prefix="WH",
    count=COUNT,
    makers=(keyed(TABLE), _owner, _names, _where),
    rules=RULES,
)
