"""Boundaries: country, states, counties, cities, postal areas, and the fence of every dealer."""

from __future__ import annotations

import numpy as np

from generator.domains.calendar import horizon
from generator.domains.columns import decimal, enum, text
from generator.domains.core.areas import STATE, areas, city_of
from generator.domains.core.geographic_boundary_rules import RULES
from generator.domains.counts import Noun, Part, catalogue, sum_of
from generator.domains.graph import Declaration, Draw, Made, derived, keyed, link
from generator.domains.groups import round_half_up
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "geographic_boundary",
    domain="core",
    meaning="Named region / state / county / postal area used for territories, addresses, tax and "
    "program geo-fencing",
    key="geographic_boundary_key",
    columns=(
        text("geographic_boundary_key", 50, unique=True),
        enum("geographic_type", "LocationTypes"),
        text("name", 80),
        text("parent_boundary_key", 50, "POSTAL->COUNTY->STATE->COUNTRY", nullable=True),
        text("geographic_code", 20, "ISO-3166-2, FIPS or postal code"),
        decimal("center_latitude", 9, 6, nullable=True),
        decimal("center_longitude", 9, 6, nullable=True),
        decimal(
            "sales_tax_rate",
            6,
            5,
            "generator attribute; STATE + COUNTY rates stack (TaxSplit)",
            nullable=True,
        ),
    ),
    links=(
        Link("parent_boundary_key", "geographic_boundary", "geographic_boundary_key", "lookup"),
    ),
)

NAME = 80  # letters at most
FENCE = "TELEMATICS"  # the fence of a dealer, which its cars are seen to enter


@derived("_area", "_fence")
def _area(draw: Draw) -> Made:
    """Which area each row is, or which dealer's fence (local row); -1 of none."""
    held = draw.plan.world["shared"][TABLE.name]
    fenced = draw.rows >= held
    dealer = draw.rows - held - draw.starts["dealer"]
    return {"_area": np.where(fenced, -1, draw.rows), "_fence": np.where(fenced, dealer, -1)}


@derived("geographic_type", "name", "geographic_code")
def _names(draw: Draw) -> Made:
    """Areas are called as they are, fences after their dealer."""
    area, fence = draw["_area"], draw["_fence"]
    labels = (*dict.fromkeys(one.kind for one in areas()), FENCE)
    kinds = np.array([*(labels.index(one.kind) for one in areas()), len(labels) - 1])
    names = np.array([*(one.name for one in areas()), ""], dtype=object)[area]
    codes = np.array([*(one.code for one in areas()), ""], dtype=object)[area]
    fences = np.flatnonzero(fence >= 0)
    if len(fences):
        dealers = draw.frames["dealer"]
        names[fences] = [f"Lot of {name}"[:NAME] for name in dealers["_name"][fence[fences]]]
        codes[fences] = dealers.text("business_code")[fence[fences]]
    return {
        "geographic_type": Coded(kinds[area].astype(np.int32), labels),
        "name": names,
        "geographic_code": codes,
    }


@link("parent_boundary_key")
def _parent(draw: Draw) -> Made:
    """An area lies in the next larger one, a fence in its dealer's city; in the country, where
    the bundle has no such area."""
    parents = np.array([*(one.parent for one in areas()), -1])[draw["_area"]]
    fences = np.flatnonzero(draw["_fence"] >= 0)
    if len(fences):
        place = draw.frames["dealer"]["_place"][draw["_fence"][fences]]
        city = city_of(place)
        held = draw.plan.world["shared"][TABLE.name]
        parents[fences] = np.where(city < held, city, 0)
    return {"parent_boundary_key": (draw.key(TABLE.name, parents), parents < 0)}


@derived("center_latitude", "center_longitude")
def _center(draw: Draw) -> Made:
    """Of an area the middle of its cities, of a fence the dealer's own address."""
    area = draw["_area"]
    degrees = np.array([*((one.latitude, one.longitude) for one in areas()), (0.0, 0.0)])[area]
    center = np.rint(degrees * 1e6).astype(np.int64)
    fences = np.flatnonzero(draw["_fence"] >= 0)
    if len(fences):
        parties, addresses = draw.frames["party"], draw.frames["party_address"]
        party = draw.frames["dealer"]["_party_key"][draw["_fence"][fences]] - parties.start
        at = parties["_address"].step(party, np.full(len(party), horizon(draw))) - addresses.start
        center[fences] = np.stack([addresses["latitude"][at], addresses["longitude"][at]], axis=1)
    return {"center_latitude": center[:, 0], "center_longitude": center[:, 1]}


@derived("sales_tax_rate")
def _tax(draw: Draw) -> Made:
    """What a state takes of a car's price; what counties add is not known."""
    by_state = draw.figures["vehicle_sales_tax_rate"]
    rate = np.array([*(by_state.get(one.state, 0.0) for one in areas()), 0.0])[draw["_area"]]
    state = draw.frame.text("geographic_type") == STATE
    return {"sales_tax_rate": (round_half_up(rate * 100_000), ~state)}


COUNT = sum_of(
    Noun("boundary", "boundaries"),
    "dealer",
    rest=Part(
        "areas",
        catalogue(
            Noun("area", "areas"),
            bounds=lambda *_: (1, len(areas())),
            typical=lambda _: len(areas()),
            why="the country, its states, counties, cities and postal areas",
            rule="There are {least} to {most} areas",
        ),
    ),
    typical=lambda given: given["areas"] + given["dealer"],
    why="every area, and the lot of every dealer",
    rule="An area and a dealer's lot are a boundary each",
    shared_with="areas",
)


GEOGRAPHIC_BOUNDARY = Declaration(
    TABLE,
    prefix="GB",
    count=COUNT,
    makers=(keyed(TABLE), _area, _names, _parent, _center, _tax),
    rules=RULES,
)
