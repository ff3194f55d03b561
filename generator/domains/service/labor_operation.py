"""``labor_operation``: the flat-rate catalogue of the workshop, shared by all dealers."""

from __future__ import annotations

import numpy as np

from generator.domains.columns import decimal, enum, integer, moment, text
from generator.domains.counts import Noun, catalogue
from generator.domains.graph import Declaration, Draw, Made, derived, keyed
from generator.domains.service.labor_operation_rules import RULES
from generator.domains.service.operations import FEWEST, operations
from generator.domains.service.operations import catalogue as fitted
from generator.frame import Coded
from generator.schema import Table

TABLE = Table(
    "labor_operation",
    domain="service",
    meaning="Flat-rate operation catalogue",
    key="labor_operation_key",
    columns=(
        text("labor_operation_key", 50, unique=True),
        text("operation_code", 20, "unique", unique=True),
        text("labor_operation_name", 120),
        enum("labor_operation_type", "LaborOperationTypes"),
        decimal("flat_rate_hours", 5, 2, "flat_rate_units"),
        integer("standard_repair_sec", "= flat_rate_hours * 3600"),
        enum("default_pay_type", "PayTypes"),
        integer("interval_miles", "maintenance ops", nullable=True),
        moment("start_date_time"),
        moment("complete_date_time", nullable=True),
    ),
)

PAID_BY = {
    "fault": "WARRANTY",
    "recall": "MANUFACTURER",
    "new": "INTERNAL",
    "used": "INTERNAL",
    "ready": "INTERNAL",
    "lot": "INTERNAL",
}
"""Who usually pays for operations by their use; the customer for all others."""


@derived(
    "operation_code",
    "labor_operation_name",
    "labor_operation_type",
    "flat_rate_hours",
    "standard_repair_sec",
    "default_pay_type",
    "interval_miles",
    "start_date_time",
    "complete_date_time",
)
def _facts(draw: Draw) -> Made:
    rows = operations()[: draw.n]
    interval = np.array([one.interval for one in rows], dtype=np.int64)
    hours = np.array([round(one.hours * 100) for one in rows], dtype=np.int64)
    since = np.datetime64(str(draw.figures["catalogue_of_operations_since"]), "ms")
    return {
        "operation_code": _text([one.code for one in rows]),
        "labor_operation_name": _text([one.name for one in rows]),
        "labor_operation_type": _text([one.type for one in rows]),
        "flat_rate_hours": hours,
        "standard_repair_sec": hours * 3600 // 100,
        "default_pay_type": _text([PAID_BY.get(one.use, "CUSTOMER_PAY") for one in rows]),
        "interval_miles": (interval, interval == 0),
        "start_date_time": np.full(draw.n, since),
        "complete_date_time": (np.full(draw.n, since), np.ones(draw.n, dtype=bool)),
    }


@derived("_catalogue")
def _catalogue(draw: Draw) -> Made:
    """The operations as arrays, and which cars they fit."""
    return {"_catalogue": fitted(draw.n, draw.frames["vehicle_specification"])}


def _text(values: list[str]) -> Coded:
    labels = tuple(dict.fromkeys(values))
    return Coded(np.array([labels.index(value) for value in values], dtype=np.int32), labels)


COUNT = catalogue(
    Noun("operation", "operations"),
    typical=lambda _: len(operations()),
    why="what a workshop does",
    bounds=lambda *_: (FEWEST, len(operations())),
    rule="The flat-rate catalogue has {least} to {most} operations",
)


LABOR_OPERATION = Declaration(
    TABLE, prefix="LO", count=COUNT, makers=(keyed(TABLE), _facts, _catalogue), rules=RULES
)
