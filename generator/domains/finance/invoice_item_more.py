"""Lines of invoices beside those of deals: labour, parts, supplies, terms (``other_bills``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.consequences import Caused
from generator.domains.counts import Count
from generator.domains.finance.invoice_item_standing import standing_of
from generator.domains.finance.other_bills import (
    DEDUCTIBLE,
    LABOR,
    PARTS,
    PERIOD,
    SUBLET,
    Lines,
    other_bills,
    taxes,
)
from generator.domains.graph import Declaration, Draw, Frames, Made, derived, keyed_by_cause
from generator.domains.groups import place_in_group
from generator.frame import Coded
from generator.schema import Table

TYPES = ("SERVICE", "SERVICE", "PART", "SERVICE", "SUBSCRIPTION", "SERVICE")
"""By LABOR, SUBLET, PARTS, SUPPLIES, PERIOD, DEDUCTIBLE."""


def _follows(frames: Frames) -> Sequence[Caused]:
    """The lines of each kind's bills; bills of all kinds are the rows of one frame."""
    first, rows, places = 0, [], []
    for bills in other_bills(frames):
        rows.append(bills.lines.bill + first)
        places.append(place_in_group(bills.lines.bill) + 1)
        first += len(bills.customer)
    none = np.zeros(0, dtype=np.int64)
    return [Caused("invoice+", np.concatenate([none, *rows]), np.concatenate([none, *places]))]


def _each_line(draw: Draw, values: Callable[[Lines], NDArray[Any]], kind: Any) -> NDArray[Any]:
    parts = [values(bills.lines) for bills in other_bills(draw.frames)]
    return np.concatenate([np.zeros(0, dtype=kind), *parts])


@derived(
    "invoice_key",
    "line_number",
    "item_type",
    "total_quantity",
    "unit_price",
    "unit_cost",
    "base_amount",
    "discount_amount",
    "taxable_indicator",
    "tax_amount",
    "total_amount",
    "_invoice_key",
    "_kind",
    "_row",
)
def _lines(draw: Draw) -> Made:
    tax = np.concatenate(
        [np.zeros(0, np.int64), *(taxes(bills) for bills in other_bills(draw.frames))]
    )
    base = _each_line(draw, lambda lines: lines.amount, np.int64)
    kind = _each_line(draw, lambda lines: lines.kind, np.int64)
    labels = tuple(dict.fromkeys(TYPES))
    code = np.array([labels.index(label) for label in TYPES], dtype=np.int32)
    return {
        "invoice_key": draw.frames["invoice+"]["invoice_key"][draw["_cause"]],
        "line_number": draw["_line"],
        "item_type": Coded(code[kind], labels),
        "total_quantity": _each_line(draw, lambda lines: lines.quantity, np.int64),
        "unit_price": _each_line(draw, lambda lines: lines.price, np.int64),
        "unit_cost": _each_line(draw, lambda lines: lines.cost, np.int64),
        "base_amount": base,
        "discount_amount": np.zeros(draw.n, dtype=np.int64),
        "taxable_indicator": _each_line(draw, lambda lines: lines.taxed, bool),
        "tax_amount": tax,
        "total_amount": base + tax,
        "_invoice_key": draw["_cause"],
        "_kind": kind,
        "_row": _each_line(draw, lambda lines: lines.row, np.int64),
    }


@derived("description", "item_reference_key", "pay_type")
def _wording(draw: Draw) -> Made:
    """What was done, which part, which plan; supplies and deductibles have no row to point at."""
    said, keys = np.full(draw.n, "Shop supplies", dtype=object), np.zeros(draw.n, dtype="S20")
    work = draw.frames["labor_operation"], "labor_operation_name"
    pointed = np.zeros(draw.n, dtype=bool)
    for kind, (frame, name) in {
        LABOR: work,
        SUBLET: work,
        PARTS: (draw.frames["part_master"], "part_name"),
        PERIOD: (draw.frames["subscription_plan"], "plan_name"),
    }.items():
        mine = np.flatnonzero(draw["_kind"] == kind)
        if len(mine):
            rows = draw["_row"][mine]
            said[mine] = frame.text(name)[rows]
            keys[mine] = frame[str(frame.table.key)][rows]
            pointed[mine] = True
    sublet = draw["_kind"] == SUBLET
    said[sublet] = "Sublet: " + said[sublet]
    said[draw["_kind"] == DEDUCTIBLE] = "Deductible of the service contract"
    labels, code = np.unique(said.astype(str), return_inverse=True)
    return {
        "description": Coded(code.astype(np.int32), tuple(labels.tolist())),
        "item_reference_key": (keys, ~pointed),
        "pay_type": Coded(np.zeros(draw.n, dtype=np.int32), ("CUSTOMER_PAY",)),
    }


@derived("invoice_item_status_type", "_billed")
def _standing(draw: Draw) -> Made:
    invoices = draw.frames["invoice+"]
    return {
        "invoice_item_status_type": standing_of(
            invoices["payment_status_type"], draw["_invoice_key"]
        ),
        "_billed": invoices["invoice_date_time"][draw["_invoice_key"]],
    }


def _known(draw: Draw, at: np.datetime64) -> Made:
    header = draw.frames.known(draw.frames["invoice+"], at)["payment_status_type"]
    assert isinstance(header, Coded)  # as the invoice makes it
    return {"invoice_item_status_type": standing_of(header, draw["_invoice_key"])}


def more_of(table: Table, count: Count) -> Declaration:
    """The declaration of lines of further invoices."""
    return Declaration(
        table,
        prefix="II",
        count=count,
        makers=(keyed_by_cause(table, also=True), _lines, _wording, _standing),
        follows=_follows,
        born="_billed",
        known=_known,
    )
