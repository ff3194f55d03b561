"""What must hold for the prices of parts (R108)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import PARTS
from generator.rules import Rule, Truth
from generator.tables import Tables


def _follows(tables: Tables) -> Truth:
    """Sorted by part, kind and start, each price ends when the next begins; the last is open."""
    part = tables.row_of("price_list_item", "part_master_key")
    kind = tables.codes("price_list_item", "price_type").codes
    start = tables.values("price_list_item", "start_date_time")
    end = tables.values("price_list_item", "complete_date_time")
    open_ = tables.missing("price_list_item", "complete_date_time")
    order = np.lexsort((start, kind, part))
    same = (np.diff(part[order]) == 0) & (np.diff(kind[order]) == 0)
    followed = np.append(same, False)
    meets = np.append(end[order][:-1] == start[order][1:], False)
    holds = np.empty(len(order), dtype=bool)
    holds[order] = np.where(followed, meets & ~open_[order], open_[order])
    return holds


def _listed(tables: Tables) -> Truth:
    """The price in force is the part's list price."""
    price = tables.values("price_list_item", "price_amount")
    listed = tables.values("price_list_item", "part_master_key.list_price")
    kind = tables.is_one_of("price_list_item", "price_type", "LIST")
    known = ~tables.missing("price_list_item", "part_master_key.list_price")
    open_ = tables.missing("price_list_item", "complete_date_time")
    return np.asarray((price == listed) | ~(kind & known & open_))


RULES = (
    Rule(
        "R108.price",
        "price_list_item",
        "Prices of a part follow one another: one ends (exclusive) as the next begins",
        _follows,
        needs=("part_master",),
        group=PARTS,
        scope="shard",
    ),
    Rule(
        "R108.list",
        "price_list_item",
        "The list price in force is the one of the catalogue",
        _listed,
        needs=("part_master",),
        group=PARTS,
    ),
)
