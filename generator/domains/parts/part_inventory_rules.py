"""What must hold for stock (R085, R086)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.headings import PARTS
from generator.rules import Rule, Truth
from generator.tables import Tables

STOCK = ("PURCHASE", "RUSH", "BACK_ORDER", "SPECIAL")


def _available(tables: Tables) -> Truth:
    there, kept, free = (
        tables.values("part_inventory", f"quantity_{name}")
        for name in ("on_hand", "reserved", "available")
    )
    return np.asarray((free == there - kept) & (kept <= there) & (kept >= 0))


def _valued(tables: Tables) -> Truth:
    there = tables.values("part_inventory", "quantity_on_hand")
    cost = tables.values("part_inventory", "unit_cost")
    return np.asarray(tables.values("part_inventory", "inventory_value") == there * cost)


def _one_shelf(tables: Tables) -> Truth:
    shelf = _shelf(tables, "part_inventory", "dealer_key")
    found, first = np.unique(shelf, return_index=True)
    return np.asarray((first[np.searchsorted(found, shelf)] == np.arange(len(shelf))) | (shelf < 0))


def _shelf(tables: Tables, table: str, dealer: str) -> NDArray[np.int64]:
    """A number for each dealer and part, -1 where one of them is not there."""
    owner, part = tables.row_of(table, dealer), tables.row_of(table, "part_master_key")
    there = (owner >= 0) & (part >= 0)
    return np.where(there, owner * tables.rows("part_master") + part, -1)


def _never_below(tables: Tables) -> Truth:
    """What is on hand less what came plus what left was there at the beginning; from then on no
    sum falls below nothing."""
    there = tables.values("part_inventory", "quantity_on_hand")
    shelf = _shelf(tables, "part_inventory", "dealer_key")
    moved, at, pieces = _moves(tables)
    order = np.argsort(shelf, kind="stable")
    place = np.searchsorted(shelf[order], moved)
    known = (np.append(shelf[order], -1)[place] == moved) & (moved >= 0)
    row = np.append(order, -1)[place][known]
    at, pieces = at[known], pieces[known]
    came = np.bincount(row, weights=pieces, minlength=len(there)).astype(np.int64)
    opening = there - came
    sequence = np.lexsort((pieces, at, row))
    row, pieces = row[sequence], pieces[sequence]
    least = np.minimum(opening, there)
    if len(row):
        first = np.flatnonzero(np.append(True, np.diff(row) != 0))
        running = np.cumsum(pieces)
        low = np.minimum.reduceat(running, first) - np.append(0, running)[first]
        least[row[first]] = np.minimum(least[row[first]], opening[row[first]] + low)
    return np.asarray(least >= 0)


def _moves(tables: Tables) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Shelf, moment and pieces of all that came and left."""
    moves = _flows(tables)
    return tuple(np.concatenate(parts) for parts in zip(*moves, strict=True))  # type: ignore[return-value]


def _flows(tables: Tables) -> list[tuple[NDArray[np.int64], ...]]:
    shelf = _shelf(tables, "part_order_item", "part_order_key.dealer_key")
    quantity = tables.values("part_order_item", "total_quantity")
    came = quantity - tables.values("part_order_item", "backordered_quantity")
    stock = tables.is_one_of("part_order_item", "part_order_key.order_type", *STOCK)
    sale = tables.is_one_of("part_order_item", "part_order_key.order_type", "SALES")
    received = tables.values("part_order_item", "part_order_key.received_date_time")
    arrived = stock & ~tables.missing("part_order_item", "part_order_key.received_date_time")
    sold = tables.values("part_order_item", "part_order_key.create_date_time")
    issued = tables.values("repair_order_part", "issued_date_time")
    taken = _shelf(tables, "repair_order_part", "repair_order_line_key.repair_order_key.dealer_key")
    used = tables.values("repair_order_part", "quantity")
    return [
        (shelf[arrived], _ms(received)[arrived], came[arrived]),
        (shelf[sale], _ms(sold)[sale], -quantity[sale]),
        (taken, _ms(issued), -used),
    ]


def _ms(moments: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return np.asarray(moments.astype("datetime64[ms]").astype(np.int64))


RULES = (
    Rule(
        "R085.never",
        "part_inventory",
        "Opening + received - issued - sold = on hand, and never less than nothing on the way",
        _never_below,
        needs=(
            "part_order",
            "part_order_item",
            "repair_order_part",
            "repair_order_line",
            "repair_order",
            "part_master",
            "dealer",
        ),
        group=PARTS,
        scope="shard",
    ),
    Rule(
        "R086.available",
        "part_inventory",
        "available = on hand - reserved; reserved <= on hand",
        _available,
        group=PARTS,
    ),
    Rule(
        "R086.value",
        "part_inventory",
        "inventory_value = on hand * unit_cost",
        _valued,
        group=PARTS,
    ),
    Rule(
        "R085.shelf",
        "part_inventory",
        "A dealer has one position of a part",
        _one_shelf,
        needs=("part_master", "dealer"),
        group=PARTS,
        scope="shard",
    ),
)
