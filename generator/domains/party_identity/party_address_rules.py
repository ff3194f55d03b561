"""What must hold for addresses: they are places there are (R016)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.domains.headings import PEOPLE
from generator.domains.party_identity.towns import area_codes, towns
from generator.rules import Rule, Truth
from generator.tables import Tables


def _texts(tables: Tables, column: str) -> NDArray[np.object_]:
    """A text column of addresses, "" where it is missing."""
    missing = tables.missing("party_address", column)
    return np.where(missing, "", tables.values("party_address", column)).astype(object)


def _town_of(tables: Tables) -> NDArray[np.int64]:
    """The entry of each address's city, state and postal code in the list of towns, or -1."""
    pool = towns()
    known = pa.array(pool.city + "|" + pool.state + "|" + pool.zip, pa.string())
    said = _texts(tables, "city") + "|" + _texts(tables, "state")
    said = said + "|" + _texts(tables, "postal_code")
    return np.asarray(pc.index_in(pa.array(said, pa.string()), known).fill_null(-1), dtype=np.int64)


def _geography(tables: Tables) -> Truth:
    pool, at = towns(), _town_of(tables)
    north = tables.values("party_address", "latitude") / 1e6 - pool.latitude[at]
    east = tables.values("party_address", "longitude") / 1e6 - pool.longitude[at]
    county = tables.values("party_address", "county") == pool.county[at]
    return np.asarray((at >= 0) & county & (np.hypot(north, east) < NEAR))


def _area_code(tables: Tables) -> Truth:
    """The telephone of a party belongs to the state of its preferred address."""
    phone = tables.values("party_address", "party_key.phone_number").astype("U6").astype(object)
    silent = tables.missing("party_address", "party_key.phone_number")
    other = ~tables.values("party_address", "preferred_indicator")
    known = [f"{state}+1 {code}" for state, codes in area_codes().items() for code in codes]
    said = pa.array((_texts(tables, "state") + phone).astype(object), pa.string())
    return np.asarray(np.asarray(pc.is_in(said, pa.array(known))) | silent | other)


def _place_agrees(tables: Tables) -> Truth:
    return _town_of(tables) >= 0


NEAR = 0.1  # degrees from the centre of a postal code


RULES = (
    Rule(
        "R016.2", "party_address", "City, state and postal code agree.", _place_agrees, group=PEOPLE
    ),
    Rule(
        "R016.3",
        "party_address",
        "County and position are those of the postal code.",
        _geography,
        group=PEOPLE,
    ),
    Rule(
        "R016.4",
        "party_address",
        "The telephone's area code is one of the preferred address's state.",
        _area_code,
        needs=("party",),
        group=PEOPLE,
    ),
)
