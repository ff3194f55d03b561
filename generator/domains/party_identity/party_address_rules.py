"""What must hold for addresses: they are places there are (R016)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.domains.headings import PEOPLE
from generator.domains.places import places
from generator.rules import Rule, Truth
from generator.tables import Tables


def _texts(tables: Tables, column: str) -> NDArray[np.object_]:
    """A text column of addresses, "" where it is missing."""
    missing = tables.missing("party_address", column)
    return np.where(missing, "", tables.values("party_address", column)).astype(object)


def _place_of(tables: Tables) -> NDArray[np.int64]:
    """The entry of each address's city and state in the list of places, -1 if it has none."""
    pool = places()
    known = pa.array(pool.city + "|" + pool.state, pa.string())
    said = pa.array(_texts(tables, "city") + "|" + _texts(tables, "state"), pa.string())
    return np.asarray(pc.index_in(said, known).fill_null(-1), dtype=np.int64)


def _geography(tables: Tables) -> Truth:
    pool, at = places(), _place_of(tables)
    north = tables.values("party_address", "latitude") / 1e6 - pool.latitude[at]
    east = tables.values("party_address", "longitude") / 1e6 - pool.longitude[at]
    county = tables.values("party_address", "county") == pool.county[at]
    return np.asarray((at >= 0) & county & (np.hypot(north, east) < 0.25))


def _area_code(tables: Tables) -> Truth:
    """The telephone of a party belongs to the place of its preferred address."""
    phone = tables.values("party_address", "party_key.phone_number").astype("U6").astype(object)
    silent = tables.missing("party_address", "party_key.phone_number")
    other = ~tables.values("party_address", "preferred_indicator")
    local = phone == "+1 " + places().area_code[_place_of(tables)]
    return np.asarray(local | silent | other)


def _place_agrees(tables: Tables) -> Truth:
    pool = places()
    known = {f"{c}|{s}|{z}" for c, s, z in zip(pool.city, pool.state, pool.zip3, strict=True)}
    prefix = _texts(tables, "postal_code").astype("U3").astype(object)
    said = _texts(tables, "city") + "|" + _texts(tables, "state") + "|" + prefix
    return np.asarray(pc.is_in(pa.array(said, pa.string()), pa.array(sorted(known))))


RULES = (
    Rule(
        "R016.2", "party_address", "City, state and postal code agree.", _place_agrees, group=PEOPLE
    ),
    Rule(
        "R016.3",
        "party_address",
        "County and position are those of the city.",
        _geography,
        group=PEOPLE,
    ),
    Rule(
        "R016.4",
        "party_address",
        "The telephone's area code is that of the preferred address.",
        _area_code,
        needs=("party",),
        group=PEOPLE,
    ),
)
