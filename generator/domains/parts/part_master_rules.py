"""What must hold for the catalogue of parts (R009, R088)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import PARTS
from generator.rules import Rule, Truth
from generator.tables import Tables

REPLACED = ("PRELIMINARY_SUPERSESSION", "FINAL_SUPERSESSION")
GONE = (*REPLACED, "PHASED_OUT")


def _one_number(tables: Tables) -> Truth:
    maker = tables.codes("part_master", "manufacturer").codes.astype(np.int64)
    number = tables.codes("part_master", "part_number")
    both = maker * max(len(number.labels), 1) + number.codes
    found, first = np.unique(both, return_index=True)
    return np.asarray(first[np.searchsorted(found, both)] == np.arange(len(both)))


def _acyclic(tables: Tables) -> Truth:
    """Whoever follows a chain of n rows has left it after n steps, if it has an end."""
    newer = tables.row_of("part_master", "superseded_by_part_master_key")
    at = newer.copy()
    for _ in range(max(len(newer).bit_length(), 1)):  # doubles the steps each time
        at = np.where(at >= 0, np.append(at, np.int64(-1))[at], -1)
    return np.asarray(at < 0)


def _staged(tables: Tables) -> Truth:
    missing = tables.missing("part_master", "superseded_by_part_master_key")
    replaced = tables.is_one_of("part_master", "product_stage_type", *REPLACED)
    gone = tables.is_one_of("part_master", "product_stage_type", *GONE)
    return np.asarray(np.where(missing, ~replaced, gone))


def _priced(tables: Tables) -> Truth:
    cost = tables.values("part_master", "dealer_cost")
    price = tables.values("part_master", "list_price")
    return np.asarray((cost > 0) & (price > cost))


RULES = (
    Rule(
        "R009.part",
        "part_master",
        "part_number is unique per manufacturer",
        _one_number,
        group=PARTS,
        scope="shard",
    ),
    Rule(
        "R088.chain",
        "part_master",
        "No part is replaced, step by step, by itself",
        _acyclic,
        group=PARTS,
        scope="shard",
    ),
    Rule(
        "R088.stage",
        "part_master",
        "A part that was replaced is superseded or phased out; a superseded one was replaced",
        _staged,
        group=PARTS,
    ),
    Rule(
        "R088.price",
        "part_master",
        "A part is listed above what it costs the dealer",
        _priced,
        group=PARTS,
    ),
)
