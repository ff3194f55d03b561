"""Rules that all rows of an extract keep: finding them, keeping them, checking them.

A rule is one file; ``KINDS`` names them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.found.arrange import Kept, arranged, distances, reach, worked_out
from generator.found.checked import Checked, Told, checked_of, rule_of
from generator.found.digits import Digits
from generator.found.distinct import Distinct
from generator.found.elapsed import Elapsed
from generator.found.find import find
from generator.found.found import MOST_COLUMNS, Found
from generator.found.once import Once, once
from generator.found.order import Order
from generator.found.part import Part
from generator.found.product import Product
from generator.found.quotient import Quotient
from generator.found.side import (
    NANO,
    Floats,
    Side,
    Sides,
    Unit,
    in_unit,
    is_text,
    unit_of,
    unit_told,
)
from generator.found.sums import Sum
from generator.found.together import Together

__all__ = [
    "KINDS",
    "MOST_COLUMNS",
    "NANO",
    "Checked",
    "Distinct",
    "Floats",
    "Found",
    "Kept",
    "Once",
    "Order",
    "Side",
    "Sides",
    "Together",
    "Told",
    "Unit",
    "arranged",
    "checked_of",
    "distances",
    "find",
    "found_from",
    "in_unit",
    "is_text",
    "once",
    "reach",
    "rule_of",
    "unit_of",
    "unit_told",
    "worked_out",
]

KINDS: tuple[type[Found], ...] = (
    Part,
    Digits,
    Elapsed,
    Product,
    Quotient,
    Sum,
    Order,
    Together,
    Distinct,
    Once,
)


def found_from(document: Mapping[str, Any]) -> Found:
    """The rule a document describes.  Raises ValueError, TypeError or LookupError for anything
    else."""
    for kind in KINDS:
        if kind.kind == document["kind"]:
            return kind.read(document)
    raise ValueError("kind of a rule")
