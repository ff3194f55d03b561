"""One person twice, with small differences: nobody looked whether they were known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.messes import _people
from generator.staging import Mess, Scene

SHORT = {"Street": "St", "Avenue": "Ave", "Road": "Rd", "Drive": "Dr", "Lane": "Ln", "Court": "Ct"}
SAME = ("birth_date", "age", "gender_type", "marital_status_type", "salutation", "middle_name")
HOME = (
    *("address_line2", "city", "county", "state", "postal_code", "latitude", "longitude"),
    *("country_code",),
)


def eligible(scene: Scene) -> NDArray[np.bool_]:
    """Customers of the workshop only, for whom somebody else of their state was there first."""
    return _firsts(scene) >= 0


def change(scene: Scene, rows: NDArray[np.int64]) -> None:
    first = _firsts(scene)[rows]
    for column in SAME:
        scene.copy("party", column, first, rows)
    lots = scene.lots("party", "slip")[rows].tolist()
    given, family = (
        scene.column("party", column)[first].tolist() for column in ("given_name", "family_name")
    )
    family = [_people.mistyped(name, lot) for name, lot in zip(family, lots, strict=True)]
    _people.called(scene, rows, given, family)
    homes = _homes(scene)
    for column in HOME:
        scene.copy("party_address", column, homes[first], homes[rows])
    streets = scene.column("party_address", "address_line1")[homes[first]]
    scene.set("party_address", "address_line1", homes[rows], [_shorter(one) for one in streets])
    scene.list("party", rows, "is the same person", of=scene.keys("party", first))
    scene.take("party", first)


def _firsts(scene: Scene) -> NDArray[np.int64]:
    """For each person that may become another one's double that other one, no younger and of the
    same state and dealer; -1 for all others."""
    people = _people.customers(scene) & scene.free("party")
    homes = _homes(scene)
    customer = np.full(scene.count("party"), -1)
    party = scene.row_of("customer", "party_key")
    customer[party[party >= 0]] = np.flatnonzero(party >= 0)
    people &= (homes >= 0) & (customer >= 0)
    state = scene.labels("party_address", "state")[homes]
    dealer = scene.row_of("customer", "home_dealer_key")[customer]
    traded = _traded(scene)[customer]
    born = scene.values("party", "birth_date").astype(np.int64)
    lots = scene.lots("party", "first")
    order = np.lexsort((lots, born, state, dealer))
    order = order[people[order]]
    firsts = np.full(len(people), -1)
    older, one = order[:-1], order[1:]
    same = (state[older] == state[one]) & (dealer[older] == dealer[one]) & ~traded[one]
    same &= np.arange(len(one)) % 2 == 0  # nobody is the double of a double
    firsts[one[same]] = older[same]
    return firsts


def _homes(scene: Scene) -> NDArray[np.int64]:
    """The preferred address of each party, -1 where there is none."""
    preferred = scene.values("party_address", "preferred_indicator").astype(bool)
    rows = np.flatnonzero(preferred & scene.missing("party_address", "complete_date_time"))
    party = scene.row_of("party_address", "party_key")[rows]
    homes = np.full(scene.count("party"), -1)
    homes[party[party >= 0]] = rows[party >= 0]
    return homes


def _traded(scene: Scene) -> NDArray[np.bool_]:
    """Customers with a lead or a deal: what was said and signed there has their name."""
    traded = np.zeros(scene.count("customer"), dtype=bool)
    for table in ("sales_lead", "deal"):
        if table in scene.rows:
            rows = scene.row_of(table, "customer_key")
            traded[rows[rows >= 0]] = True
    return traded


def _shorter(street: str) -> str:
    """The street with its last word cut short, or with a full stop."""
    head, _, last = street.rpartition(" ")
    return f"{head} {SHORT[last]}" if last in SHORT else f"{street}."


MESS = Mess(
    name="duplicate_people",
    title="People twice",
    meaning="A customer is there once more, the name mistyped and the street abbreviated.",
    table="party",
    eligible=eligible,
    change=change,
    needs=("party_address", "customer", "dealer"),
)
