"""Columns are made when they are read: in any order, once, from streams of their own."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

import generator.domains
from generator.domains import PLATFORM
from generator.domains.graph import CircleError, Draw, Made, Maker, Platform, derived
from generator.domains.world import DEALERS, PlatformWorld
from generator.frame import Coded
from generator.leaves.figures import figures
from tests.world import drawn, planned

RECIPES = (
    {"deal": 40, "vehicle_telemetry_event": 600},
    {"deal": 0, "sales_lead": 0},
    {"dealer": 3, "deal": 2, "vehicle_telemetry_event": 0},
)


def frames_of(plan, platform=PLATFORM):
    drawing = PlatformWorld(platform, figures()).open(plan)
    return drawing.frames(next(one for one in plan.shards if one.stage == DEALERS))


def columns_of(frames):
    return [
        (one.name, column)
        for one in frames.platform.tables
        if one.pieces is None
        for maker in one.makers
        for column in maker.columns
    ]


def equal(one, other):
    if isinstance(one, Coded):
        return one.labels == other.labels and np.array_equal(one.codes, other.codes)
    if is_dataclass(one):
        return all(equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    if not isinstance(one, np.ndarray):
        return one == other
    return np.array_equal(one, other, equal_nan=one.dtype.kind in "fmM")


@pytest.mark.parametrize("rows", RECIPES)
def test_any_order_of_reading_makes_the_same_columns(rows):
    plan = planned(rows, seed=5)
    usual = frames_of(plan)
    expected = {(name, column): usual[name][column] for name, column in columns_of(usual)}
    for number in range(4):
        asked = list(expected)
        np.random.Generator(np.random.Philox(number)).shuffle(asked)
        frames = frames_of(plan)
        for name, column in asked:
            assert equal(frames[name][column], expected[name, column]), (name, column)


def with_makers(table, *makers):
    """The platform with other makers of one table, first asked first."""
    return with_table(replace(PLATFORM[table], makers=(*makers, *PLATFORM[table].makers)))


def with_table(changed):
    """The platform with another declaration of one table."""
    domains = tuple(
        replace(
            domain,
            tables=tuple(changed if one.name == changed.name else one for one in domain.tables),
        )
        for domain in PLATFORM.domains
    )
    return Platform(domains)


def test_a_circle_prints_its_chain():
    @derived("_chicken")
    def chicken(draw: Draw) -> Made:
        return {"_chicken": draw["_egg"]}

    @derived("_egg")
    def egg(draw: Draw) -> Made:
        return {"_egg": draw["_chicken"]}

    frames = frames_of(planned({"deal": 3}), with_makers("deal", chicken, egg))
    with pytest.raises(CircleError, match="deal:_chicken needs deal:_egg needs deal:_chicken"):
        frames["deal"]["_chicken"]


def test_a_maker_makes_what_it_names():
    @derived("_one")
    def both(draw: Draw) -> Made:
        return {"_one": draw.rows, "_two": draw.rows}

    frames = frames_of(planned({"deal": 3}), with_makers("deal", both))
    with pytest.raises(ValueError, match=r"deal names .*_one.* makes .*_two"):
        frames["deal"]["_one"]


def moved(**links):
    table = PLATFORM["deal"].table
    return replace(table, links=(replace(table.links[0], **links),))


AMISS = {
    "a maker too few": (
        lambda deal: replace(deal, makers=deal.makers[1:]),
        "No maker of deal makes deal_key",
    ),
    "a maker too many": (
        lambda deal: replace(deal, makers=(*deal.makers, deal.makers[0])),
        "Two makers of deal make deal_key",
    ),
    "a column nobody declared": (
        lambda deal: replace(deal, makers=(*deal.makers, Maker("derived", ("dael",), dict))),
        "deal has no column dael; a working column begins with _",
    ),
    "keys like another's": (
        lambda deal: replace(deal, prefix=PLATFORM["dealer"].prefix),
        "dealer and deal have the same prefix of keys, DR",
    ),
    "a link to nowhere": (
        lambda deal: replace(deal, table=moved(parent="dael")),
        r"leads to dael\.\w+, which is not there",
    ),
    "a link to no column": (
        lambda deal: replace(deal, table=moved(parent_column="kye")),
        r"leads to \w+\.kye, which is not there",
    ),
    "a link from no column": (
        lambda deal: replace(deal, table=moved(column="kye")),
        "deal has no column kye, but a link from it",
    ),
}


@pytest.mark.parametrize("what", AMISS)
def test_a_declaration_that_does_not_fit_is_refused_when_the_platform_is_loaded(what):
    change, said = AMISS[what]
    with pytest.raises(ValueError, match=said):
        with_table(change(PLATFORM["deal"]))


def test_a_table_is_declared_once():
    name = PLATFORM.domains[0].tables[0].name
    with pytest.raises(ValueError, match=f"{name} and {name} have the same name, {name}"):
        Platform((*PLATFORM.domains, PLATFORM.domains[0]))


def test_a_stream_serves_one_column():
    @derived("_one", "_two")
    def both(draw: Draw) -> Made:
        return {"_one": draw.u("one"), "_two": draw.u("one")}

    frames = frames_of(planned({"deal": 3}), with_makers("deal", both))
    with pytest.raises(ValueError, match="stream deal:one is used twice"):
        frames["deal"]["_one"]


def test_what_is_made_stays_as_it_is():
    frames = frames_of(planned({"deal": 3}))
    with pytest.raises(ValueError, match="read-only"):
        frames["deal"]["sale_price"][0] = 1
    with pytest.raises(ValueError, match="read-only"):
        frames["deal"]["deal_status"].codes[0] = 1


def test_only_what_is_needed_is_made():
    made = []

    def watched(maker: Maker) -> Maker:
        def make(draw: Draw) -> Made:
            made.append(maker.columns)
            return maker.make(draw)

        return replace(maker, make=make)

    deal = PLATFORM["deal"]
    platform = with_table(replace(deal, makers=tuple(map(watched, deal.makers))))
    frames = frames_of(planned({"deal": 3}), platform)
    assert frames["deal"]["deal_key"][0] == b"DL-0000000000"
    assert made == [("deal_key",)]


ARITHMETIC = {
    # numbers made from row numbers, which no seed can change
    "dealer": {"dealer_bac", "business_code"},
    "staff_member": {"employee_key", "email"},
    "marketing_campaign": {"dealer_key", "program_code"},
    "vehicle_transfer_order": {"transfer_order_number"},
    "shipment": {"shipment_number", "primary_tracking_number"},
    # one or as many for each dealer
    "payroll_cycle": {"dealer_key"},
    "part_inventory": {"dealer_key"},
    # programmes of makers: who may have them is the catalogue's, what they are worth is drawn
    "incentive_program": {
        "incentive_type",
        "rebate_percent",
        "eligible_product_state_type",
        "eligible_affiliate_type",
        "eligible_state",
        "finance_required_indicator",
        "stackable_indicator",
    },
}
CATALOGUES = {  # the same companies, cars, places, months, accounts, jobs and plans for everybody
    "org_profile",
    "vehicle_specification",
    "geographic_boundary",
    "accounting_period",
    "general_ledger_account",
    "labor_operation",
    "subscription_plan",
}


def test_every_column_is_drawn_from_the_seed():
    """All others but keys and constants, telemetry included."""
    asked = {"dealer": 8, "deal": 200, "connected_vehicle": 100, "vehicle_telemetry_event": 3_000}
    plans = [planned(asked, seed=seed) for seed in (1, 2)]
    one, other = map(drawn, plans)
    same = {
        (name, column)
        for name, table in one.items()
        if name not in CATALOGUES
        for rows in [min(table.num_rows, other[name].num_rows)]
        for column in table.column_names
        if table.column(column)[:rows].equals(other[name].column(column)[:rows])
        and column != PLATFORM[name].table.key
        and pc.count_distinct(table.column(column), mode="all").as_py() > 1
    }
    assert same == {(name, column) for name, columns in ARITHMETIC.items() for column in columns}
    assert all(one[name].num_rows == other[name].num_rows for name in plans[0].exact)


ASIDE = {
    "graph.py": "guards every stream of a table",
    "dealer.py": "the states of all dealers of a bundle, which every shard works out alike",
    "layout.py": "the sizes of dealers, before any frame is there",
    "mix.py": "the makes of all dealers of a bundle, which every shard works out alike",
    "identifiers.py": "one offset of all numbers of a kind",
}


def test_nobody_goes_round_the_guard_of_streams():
    """A stream that is made by hand could serve two columns without anybody noticing."""
    folder = Path(generator.domains.__file__).parent
    by_hand = {
        path.name
        for path in folder.rglob("*.py")
        if re.search(r"\bStream\(", path.read_text("utf-8"))
    }
    assert by_hand == set(ASIDE)
