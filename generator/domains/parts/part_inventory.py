"""``part_inventory``: what lies on the shelves of each dealer.

A dealer stocks what it needs most.  How much there was at the beginning of the span is chosen from
what came and left since, so that nothing ever leaves that is not there (R085).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, horizon, span
from generator.domains.columns import day, decimal, enum, integer, text
from generator.domains.counts import Given, Noun, asks, each
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import place_in_group, round_half_up
from generator.domains.keys import numbered
from generator.domains.logistics_fulfillment.warehouse import parts_store_of
from generator.domains.parts.families import families
from generator.domains.parts.flows import Flows, Kept
from generator.domains.parts.part_inventory_rules import RULES
from generator.domains.parts.part_master import priced
from generator.domains.parts.part_order_item import own_make
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "part_inventory",
    domain="parts",
    meaning="On-hand position per dealer and part",
    key="part_inventory_key",
    columns=(
        text("part_inventory_key", 50, unique=True),
        text("part_master_key", 50),
        text("dealer_key", 50),
        text("warehouse_key", 50, nullable=True),
        text("bin_location", 20),
        enum("inventory_status_type", "InventoryStatusTypes"),
        integer("quantity_on_hand"),
        integer("quantity_reserved"),
        integer("quantity_on_order"),
        integer("quantity_available", "= quantity_on_hand - quantity_reserved"),
        integer("reorder_point"),
        decimal("average_monthly_usage", 8, 2),
        decimal("unit_cost", 10, 2),
        decimal("inventory_value", 12, 2, "= quantity_on_hand * unit_cost"),
        day("last_inventory_date"),
        day("last_sale_date", nullable=True),
    ),
    links=(
        Link("part_master_key", "part_master", "part_master_key", "lookup"),
        Link("dealer_key", "dealer", "dealer_key", "parent"),
        Link("warehouse_key", "warehouse", "warehouse_key", "lookup"),
    ),
)

MOST_STOCKED = 1000  # parts of a dealer; the catalogue has no fewer
Integers = NDArray[np.int64]


@link("part_master_key", "dealer_key", "_part", "_needed", "warehouse_key")
def _shelves(draw: Draw) -> Made:
    """``_needed``: pieces that leave in the span.  By what is needed, and by chance; what is needed
    at all comes before what is not, as far as there are shelves."""
    parts, dealers = draw.frames["part_master"], draw.frames["dealer"]
    needed = _needs(draw)
    family = np.array([1 + one.counter + one.body for one in families()])[parts["_family"]]
    less = draw.figures["stocked_less"]
    usual = np.where(own_make(draw), 1.0, less["other_make"]) * family / (1 + parts["_variant"])
    usual *= np.where(parts["_orderable"], 1.0, less["gone"])
    first = dealers.start * parts.rows
    luck = draw.stream("luck").uniform(first, first + needed.size).reshape(needed.shape)
    noise = -np.log(-np.log(luck + 1e-12) + 1e-12) * draw.figures["stock_luck"]
    score = np.log(usual) + noise + np.log1p(needed) * draw.figures["needed_counts"]
    order = np.argsort(-score, axis=1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(parts.rows)[None, :], axis=1)
    dealer, part = np.nonzero(place < draw.counts[TABLE.name][:, None])
    return {
        "part_master_key": draw.key("part_master", part),
        "dealer_key": draw.key("dealer", dealer + dealers.start),
        "_part": part,
        "_needed": needed[dealer, part],
        "warehouse_key": (
            draw.key("warehouse", parts_store_of(draw, dealer + dealers.start)),
            np.zeros(draw.n, dtype=bool),
        ),
    }


def _needs(draw: Draw) -> Integers:
    """Pieces of each part that each dealer sells and issues in the span and does not order for the
    job, shape (dealers, parts)."""
    items, issued = draw.frames["part_order_item"], draw.frames["repair_order_part"]
    needed = np.zeros((len(draw.counts[TABLE.name]), draw.frames["part_master"].rows), np.int64)
    first = draw.frames["dealer"].start
    for frame, part, pieces in (
        (items, items["_sold"], items["_sold_pieces"]),
        (items, items["_special"], -items["_special_pieces"]),
        (issued, issued["_part"], issued["quantity"]),
    ):
        there = part >= 0
        np.add.at(needed, (frame["_dealer"][there] - first, part[there]), pieces[there])
    return needed


def _shelf_of(draw: Draw, dealer: Integers, part: Integers) -> Integers:
    """The local position of a part at a dealer, -1 where the dealer does not stock it."""
    parts = draw.frames["part_master"].rows
    start = draw.frames["dealer"].start
    at = np.full(len(draw.counts[TABLE.name]) * parts, -1, dtype=np.int64)
    at[(draw["_dealer"] - start) * parts + draw["_part"]] = np.arange(draw.n)
    return np.asarray(at[(dealer - start) * parts + part])


@derived("_flows", "_coming")
def _moved(draw: Draw) -> Made:
    """What came and left, and what was ordered and not there yet."""
    orders, items = draw.frames["part_order"], draw.frames["part_order_item"]
    order, stock = items["_order"], items["_stocked"]
    shelf = _shelf_of(draw, items["_dealer"], items["_part"])
    came = items["total_quantity"] - items["backordered_quantity"]
    arrived, written = orders["received_date_time"][order], items["_written"]
    pieces = np.where(stock, came, -items["total_quantity"])
    ordered = np.where(stock, came, 0)
    issued = draw.frames["repair_order_part"]
    taken = _shelf_of(draw, issued["_dealer"], issued["_part"])
    flows = Flows.of(
        (shelf, np.where(stock, arrived, written), pieces),
        (taken, issued["issued_date_time"], -issued["quantity"]),
    )
    coming = Flows.of((shelf, written, ordered), (shelf, arrived, -ordered))
    return {"_flows": Kept(flows, draw.n), "_coming": Kept(coming, draw.n)}


@drawn("_opening", "_idle_usage", "_idle_since", "_kept", "_counted")
def _opening(draw: Draw) -> Made:
    """As much as covers what leaves before more comes, and at the span's end two to three months
    of use; of what nobody needed a piece or two."""
    first, last = span(draw)
    flows: Flows = draw["_flows"].what
    idle_usage = draw.leaf("idle_usage")
    used = flows.sums(draw.n, leaving=True)
    usage = np.where(used > 0, used / _months(draw, last + DAY), idle_usage)
    low, high = draw.figures["months_of_supply"]
    spare = np.floor(usage * (low + (high - low) * draw.u("supply")) + draw.u("rounding"))
    pieces = draw.leaf("idle_pieces")
    few = np.array([int(label) for label in pieces.labels])[pieces.codes]
    there = draw.u("there") < draw.figures["on_the_shelf"]
    closing = np.where(used > 0, np.maximum(spare.astype(np.int64), there), few)
    before = np.ceil(draw.leaf("idle_sale_days")).astype(np.int64)
    never = draw.u("never") < draw.figures["never_sold_share"]
    return {
        "_opening": np.maximum(-flows.lowest(draw.n), closing - flows.sums(draw.n)),
        "_idle_usage": idle_usage,
        "_idle_since": np.where(never, np.datetime64("NaT"), first - before * DAY),
        "_kept": draw.u("reserved") < draw.figures["reserved_share"],
        "_counted": np.floor(draw.u("counted") * draw.figures["counted_days"]).astype(np.int64),
    }


def _months(draw: Draw, until: np.datetime64) -> float:
    """Months of the span until a day, one at the least."""
    days = float((until.astype("datetime64[D]") - span(draw)[0]) / DAY)
    return max(days / float(draw.figures["days_per_month"]), 1.0)


SEEN = (
    "quantity_on_hand",
    "quantity_reserved",
    "quantity_available",
    "quantity_on_order",
    "inventory_status_type",
    "unit_cost",
    "inventory_value",
    "average_monthly_usage",
    "reorder_point",
    "last_inventory_date",
    "last_sale_date",
)


@derived(*SEEN)
def _at_the_end(draw: Draw) -> Made:
    return known(draw, horizon(draw))


def known(draw: Draw, at: np.datetime64) -> Made:
    """The position at a moment."""
    flows: Flows = draw["_flows"].what.until(at)
    used = flows.sums(draw.n, leaving=True)
    usage = np.where(used > 0, used / _months(draw, at + DAY), draw["_idle_usage"])
    sale = flows.last_leaving(draw.n).astype("datetime64[ms]").astype("datetime64[D]")
    sale = np.where(used > 0, sale, draw["_idle_since"])
    point = np.ceil(usage * draw.figures["reorder_months"] - 0.5)
    return {
        **_quantities(draw, at, draw["_opening"] + flows.sums(draw.n)),
        "average_monthly_usage": round_half_up(usage * 100),
        "reorder_point": np.maximum(point, 0).astype(np.int64),
        "last_inventory_date": at.astype("datetime64[D]") - draw["_counted"] * DAY,
        "last_sale_date": (sale, np.isnat(sale)),
    }


def _quantities(draw: Draw, at: np.datetime64, there: Integers) -> Made:
    parts, part = draw.frames["part_master"], draw["_part"]
    kept = (draw["_kept"] & (there > 0)).astype(np.int64)
    coming = draw["_coming"].what.until(at).sums(draw.n)
    cost = priced(parts, part, np.full(draw.n, at))[1]
    recalled = (parts.text("product_stage_type") == "RECALLED")[part]
    labels = ("AVAILABLE", "RESERVED", "ON_ORDER", "UNAVAILABLE", "ON_HOLD")
    code = np.select([recalled, there > kept, there > 0, coming > 0], [4, 0, 1, 2], 3)
    return {
        "quantity_on_hand": there,
        "quantity_reserved": kept,
        "quantity_available": there - kept,
        "quantity_on_order": coming,
        "inventory_status_type": Coded(code.astype(np.int32), labels),
        "unit_cost": cost,
        "inventory_value": there * cost,
    }


@derived("bin_location")
def _bins(draw: Draw) -> Made:
    """An aisle for each category, bays and shelves in the order of the catalogue."""
    categories = draw.frames["part_master"]["part_category"]
    aisle = categories.codes[draw["_part"]].astype(np.int64)
    place = place_in_group(draw["_dealer"] * len(categories.labels) + aisle)
    bay, shelf = np.divmod(place, SHELVES)
    letter = np.array([chr(ord("A") + at) for at in range(len(categories.labels))])[aisle]
    bays = np.char.decode(numbered("-", bay + 1, 2), "ascii")
    shelves = np.char.decode(numbered("-", shelf + 1, 2), "ascii")
    return {"bin_location": np.char.add(np.char.add(letter, bays), shelves).astype(object)}


SHELVES = 8  # of a bay


def _usual(given: Given) -> float:
    return float(given.figures["stocked_parts"] * given["dealer"])


COUNT = each(
    "dealer",
    Noun("stocked part", "stocked parts"),
    most=MOST_STOCKED,
    rule=f"A dealer stocks at most {MOST_STOCKED:,} parts",
    typical=_usual,
    why=lambda given: f"{given.figures['stocked_parts']:g} a dealer",
    back=asks(1 / 2),
)


PART_INVENTORY = Declaration(
    TABLE,
    prefix="PV",
    count=COUNT,
    makers=(keyed(TABLE), _shelves, _moved, _opening, _at_the_end, _bins),
    rules=RULES,
    known=known,
)
