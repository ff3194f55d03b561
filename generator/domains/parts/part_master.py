"""``part_master``: the catalogue of parts, families by makes, drawn whole before everything else.

A number that was replaced points at the newer one, which stands before it in the catalogue; so no
chain comes back to where it began (R088).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import decimal, enum, flag, text
from generator.domains.counts import Given, Noun, catalogue
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import evened, round_half_up
from generator.domains.lives import Track
from generator.domains.parts.families import Entry, entries, families, fewest, most
from generator.domains.parts.part_master_rules import RULES
from generator.domains.parts.part_numbers import part_number
from generator.domains.vehicle_asset_mgt.mix import makes_of
from generator.frame import Coded, Frame
from generator.schema import Link, Table

TABLE = Table(
    "part_master",
    domain="parts",
    meaning="Parts catalogue",
    key="part_master_key",
    columns=(
        text("part_master_key", 50, unique=True),
        text("part_number", 30, "MPN, unique per manufacturer"),
        text("part_name", 120),
        text("part_category", 40),
        text("manufacturer", 80),
        enum("product_stage_type", "ProductStageTypes"),
        enum("sales_status_type", "SalesStatusTypes"),
        text(
            "superseded_by_part_master_key",
            50,
            "acyclic; set iff stage PRELIMINARY/FINAL_SUPERSESSION",
            nullable=True,
        ),
        text("country_of_origin", 2),
        flag("is_hazardous"),
        flag("is_returnable"),
        decimal("core_charge_amount", 8, 2, nullable=True),
        decimal("dealer_cost", 10, 2),
        decimal("list_price", 10, 2, "= dealer_cost * matrix markup"),
        decimal("weight_lb", 8, 2),
        text("preferred_supplier_key", 50),
    ),
    links=(
        Link("superseded_by_part_master_key", "part_master", "part_master_key", "lookup"),
        Link("preferred_supplier_key", "org_profile", "org_profile_key", "lookup"),
    ),
)

SALES_STATUS = {
    "ACTIVE": "ACTIVE",
    "PHASED_OUT": "ACTIVE",
    "RECALLED": "ON_HOLD",
    "DISCONTINUED": "DISCONTINUED",
    "OBSOLETE": "OBSOLETE",
    "PRELIMINARY_SUPERSESSION": "ACTIVE",
    "FINAL_SUPERSESSION": "DISCONTINUED",
}


def _entries(draw: Draw) -> tuple[Entry, ...]:
    makes = makes_of(draw.plan, draw.frames["vehicle_specification"], draw.figures)
    return entries(tuple(dict.fromkeys(str(make) for make in makes)))[: draw.n]


@derived(
    "part_number",
    "part_name",
    "part_category",
    "manufacturer",
    "is_hazardous",
    "is_returnable",
    "_family",
    "_make",
    "_variant",
    "_any_make",
    "_newer",
)
def _facts(draw: Draw) -> Made:
    """``_newer`` is the row that replaced this one, -1 where there is none."""
    rows = _entries(draw)
    maker = {**draw.figures["manufacturer"], "": draw.figures["parts_supplier"]}
    at = {(e.family, e.make, e.variant): row for row, e in enumerate(rows) if not e.replaced}
    family = np.array([e.family for e in rows], dtype=np.int64)
    return {
        "part_number": _text(part_number(e, maker[e.make]) for e in rows),
        "part_name": _text(f"{families()[e.family].name}{_which(e)}" for e in rows),
        "part_category": _text(families()[e.family].category for e in rows),
        "manufacturer": _text(maker[e.make] for e in rows),
        "is_hazardous": _of(family, "hazardous").astype(bool),
        "is_returnable": _of(family, "returnable").astype(bool),
        "_family": family,
        "_make": _text(e.make for e in rows),
        "_variant": np.array([e.variant for e in rows], dtype=np.int64),
        "_any_make": np.array([not e.make for e in rows], dtype=bool),
        "_newer": np.array(
            [at[e.family, e.make, e.variant] if e.replaced else -1 for e in rows], dtype=np.int64
        ),
    }


def _which(entry: Entry) -> str:
    """A part is for a make and one or other of its models."""
    variant = f" {chr(ord('A') + entry.variant)}" if entry.variant else ""
    return f" - {entry.make}{variant}" if entry.make else variant


def _of(family: NDArray[np.int64], column: str) -> NDArray[Any]:
    return np.array([getattr(one, column) for one in families()])[family]


@link("superseded_by_part_master_key", "preferred_supplier_key", "_supplier")
def _links(draw: Draw) -> Made:
    """The supplier is the maker of the part, or the last company where there are too few."""
    newer = draw["_newer"]
    companies = draw.frames["org_profile"]
    named = {str(name): row for row, name in enumerate(companies.text("legal_name"))}
    maker = draw["manufacturer"]
    last = companies.rows - 1
    row_of = np.array(
        [named.get(f"{name} (manufacturer)", named.get(name, last)) for name in maker.labels],
        dtype=np.int64,
    )
    supplier = row_of[maker.codes]
    return {
        "superseded_by_part_master_key": (draw.key(TABLE.name, newer), newer < 0),
        "preferred_supplier_key": draw.key("org_profile", supplier),
        "_supplier": supplier,
    }


@drawn("product_stage_type", "sales_status_type", "_orderable")
def _stage(draw: Draw) -> Made:
    """What fits all makes is always to be had, so that every repair finds its part."""
    free = (draw["_newer"] < 0) & ~draw["_any_make"]
    place = evened(draw.u("stage"), free)
    usual = draw.leaf("part_master.product_stage_type", u=place).text()
    replaced = draw.leaf("replaced_stage").text()
    stage = np.where(draw["_newer"] >= 0, replaced, np.where(draw["_any_make"], "ACTIVE", usual))
    return {
        "product_stage_type": _text(stage),
        "sales_status_type": _text(SALES_STATUS[one] for one in stage),
        "_orderable": stage == "ACTIVE",
    }


@drawn("country_of_origin", "weight_lb")
def _origin(draw: Draw) -> Made:
    homes = draw.figures["parts_home"]
    home = {draw.figures["parts_supplier"]: "any", **homes}
    maker = draw.frame.text("manufacturer")
    where = np.array([home.get(one, "europe") for one in maker], dtype=object)
    pounds = _of(draw["_family"], "weight") * draw.leaf("part_weight_over_family")
    return {
        "country_of_origin": draw.leaf("part_origin", by=[where]),
        "weight_lb": np.maximum(round_half_up(pounds * 100), 1),
    }


@drawn("dealer_cost", "list_price", "core_charge_amount")
def _money(draw: Draw) -> Made:
    """The dearer a part, the less is laid on top of its cost."""
    level = draw.figures["part_cost_level"]
    make = draw["_make"]
    over = np.array([level.get(label, 1.0) for label in make.labels])[make.codes]
    spread = draw.leaf("part_cost_over_family")
    usual = 100 * draw.figures["part_cost_today"] * _of(draw["_family"], "cost")
    cost = np.maximum(round_half_up(usual * over * spread), 10)
    core = round_half_up(_of(draw["_family"], "core") * over) * 100
    return {
        "dealer_cost": cost,
        "list_price": listed(cost, draw.figures["part_price_matrix"]),
        "core_charge_amount": (core, core == 0),
    }


def listed(cost: NDArray[np.int64], matrix: Any) -> NDArray[np.int64]:
    """List prices in cents by the matrix of markups, which is level between its middles so that
    no dearer part is listed below a cheaper one."""
    upto = np.array([dollars for dollars, _ in matrix], dtype=np.float64) * 100
    markup = np.array([factor for _, factor in matrix], dtype=np.float64)
    step = np.minimum(np.searchsorted(upto, cost), len(markup) - 1)
    floor = np.maximum.accumulate(np.append(0, upto[:-1] * markup[:-1]))[step]
    return np.asarray(np.maximum(round_half_up(cost * markup[step]), floor).astype(np.int64))


@derived("_list_price")
def _list_price(draw: Draw) -> Made:
    """The list price of each part as a function of time."""
    prices = draw.frames["price_list_item"]
    return {
        "_list_price": Track.of(
            draw.n, (prices["_part"], prices["start_date_time"], prices["price_amount"])
        )
    }


def priced(
    parts: Frame, part: NDArray[np.int64], at: NDArray[np.datetime64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List price and cost in cents of parts at some moments; they rise together."""
    listed = parts["_list_price"].step(part, at).astype(np.int64)
    over = listed / parts["list_price"][part]
    cost = np.maximum(round_half_up(parts["dealer_cost"][part] * over), 1)
    return listed, np.minimum(cost, listed - 1)


def known(draw: Draw, at: np.datetime64) -> Made:
    """The catalogue has the prices of the day."""
    listed, cost = priced(draw.frame, np.arange(draw.n), np.full(draw.n, at))
    return {"list_price": listed, "dealer_cost": cost}


def _text(values: Any) -> Coded:
    texts = [str(value) for value in values]
    labels = tuple(dict.fromkeys(texts))
    place = {label: at for at, label in enumerate(labels)}
    return Coded(np.array([place[text] for text in texts], dtype=np.int32), labels)


def _usual(given: Given) -> float:
    """More where more dealers may sell more makes."""
    beside = given.figures["parts_in_catalogue"]["dealer"] * (given["dealer"] - 1)
    return float(min(fewest() + beside, most()))


COUNT = catalogue(
    Noun("part of the catalogue", "parts of the catalogue"),
    bounds=lambda *_: (fewest(), most()),
    typical=_usual,
    why="families of parts and the makes of the dealers",
    rule="The catalogue of parts has {least} to {most} rows",
)


PART_MASTER = Declaration(
    TABLE,
    prefix="PT",
    count=COUNT,
    makers=(keyed(TABLE), _facts, _links, _stage, _origin, _money, _list_price),
    rules=RULES,
    known=known,
)
