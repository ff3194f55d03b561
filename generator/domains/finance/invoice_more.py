"""Invoices beside those of deals: for repair orders, parts and subscriptions (``other_bills``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.consequences import Caused
from generator.domains.counts import Count
from generator.domains.finance.contested import contested, course_of
from generator.domains.finance.invoice_course import disputes, known, paid, standing_at, steps
from generator.domains.finance.invoice_postings import other_sales
from generator.domains.finance.other_bills import Bills, other_bills, taxes
from generator.domains.graph import (
    Declaration,
    Draw,
    Frames,
    Made,
    derived,
    drawn,
    keyed_by_cause,
    link,
)
from generator.domains.groups import place_in_group
from generator.domains.keys import numbered
from generator.domains.leanings import leaned, scores, uniform
from generator.domains.payment.dates import span_of
from generator.domains.payment.payers import customer_of
from generator.frame import Coded
from generator.schema import Table

SERIES = {"SERVICE": b"S", "PART": b"P", "SUBSCRIPTION": b"N"}  # letters of their numbers
DIGITS = 7


def _follows(frames: Frames) -> Sequence[Caused]:
    return [bills.caused for bills in other_bills(frames)]


def each_bill(draw: Draw, values: Callable[[Bills], NDArray[Any]], kind: Any) -> NDArray[Any]:
    """Something of every bill, kind by kind, as the frame's rows are."""
    parts = [values(bills) for bills in other_bills(draw.frames)]
    return np.concatenate([np.zeros(0, dtype=kind), *parts])


def _label(text: Callable[[Bills], str]) -> Callable[[Bills], NDArray[Any]]:
    return lambda bills: np.full(len(bills.customer), text(bills), dtype=object)


@derived(
    "_source",
    "_bill_to_party_key",
    "_customer_key",
    "_type",
    "_billed",
    "_lent",
    "_amounts",
    "_due",
    "_paid_on",
    "_on_file",
    "_deal_key",
)
def _bills(draw: Draw) -> Made:
    customers = draw.frames["customer"]
    customer = each_bill(draw, lambda bills: bills.customer, np.int64)
    amounts = [_amounts(bills) for bills in other_bills(draw.frames)]
    return {
        "_source": each_bill(draw, _label(lambda bills: bills.source), object),
        "_type": each_bill(draw, _label(lambda bills: bills.type), object),
        "_customer_key": customer,
        "_bill_to_party_key": customers["_party_key"][customer - customers.start],
        "_billed": each_bill(draw, lambda bills: bills.billed, "datetime64[ms]"),
        "_due": each_bill(draw, lambda bills: bills.due, "datetime64[ms]"),
        "_paid_on": each_bill(draw, lambda bills: bills.paid, "datetime64[ms]"),
        "_on_file": each_bill(
            draw, lambda bills: np.full(len(bills.customer), bills.on_file), bool
        ),
        "_lent": np.zeros(draw.n, dtype=bool),
        "_deal_key": np.full(draw.n, -1),
        "_amounts": np.concatenate([np.zeros((0, 4), dtype=np.int64), *amounts]),
    }


@drawn("_refused")
def _refused(draw: Draw) -> Made:
    """Stored cards that are refused at first, rather those of people with a low score or little
    money, and of those who do not save."""
    share, on_file = float(draw.figures["stored_card_refused_share"]), draw["_on_file"]
    customers, cell = draw.frames["customer"], on_file.astype(np.int64)
    own = np.maximum(customer_of(draw.frames, draw["_bill_to_party_key"]), 0)
    key = leaned(
        draw.u("refused"),
        draw.figures["refused_leaning"],
        score=scores(customers["_score"][own], cell),
        income=scores(customers["_rich"][own], cell),
        thrift=scores(customers["_thrift"][own], cell),
    )
    return {"_refused": on_file & (uniform(key) < share)}


def _amounts(bills: Bills) -> NDArray[np.int64]:
    """Subtotal, discount, fee and tax of each bill, in cents."""
    n = len(bills.customer)
    out = np.zeros((n, 4), dtype=np.int64)
    out[:, 0] = np.bincount(bills.lines.bill, weights=bills.lines.amount, minlength=n)
    out[:, 3] = np.bincount(bills.lines.bill, weights=taxes(bills), minlength=n)
    return out


@link(
    "deal_key",
    "repair_order_key",
    "subscription_agreement_key",
    "part_order_key",
    "dealer_key",
    "bill_to_party_key",
    "source_resource_key",
)
def _links(draw: Draw) -> Made:
    found: dict[str, tuple[NDArray[Any], NDArray[np.bool_]]] = {}
    sources = np.zeros(draw.n, dtype="S64")
    frames = draw.frames
    for kind, frame in (
        ("SERVICE", frames["repair_order"]),
        ("PART", frames["part_order"]),
        ("SUBSCRIPTION", frames["subscription_agreement"]),
    ):
        of, key = draw["_source"] == kind, str(frame.table.key)
        keys = draw.key(frame.table.name, np.where(of, draw["_cause"], 0) + frame.start)
        sources[of] = keys[of]
        found[key] = (keys, ~of)
    return {
        **found,
        "deal_key": (np.zeros(draw.n, dtype="S1"), np.ones(draw.n, dtype=bool)),
        "dealer_key": draw.key("dealer", draw["_dealer"]),
        "bill_to_party_key": draw.key("party", draw["_bill_to_party_key"]),
        "source_resource_key": sources,
    }


@derived("invoice_type", "source_resource_type", "currency_code")
def _kind(draw: Draw) -> Made:
    return {
        "invoice_type": draw["_type"],
        "source_resource_type": draw["_source"],
        "currency_code": Coded(np.zeros(draw.n, dtype=np.int32), ("USD",)),
    }


@derived("invoice_date_time", "post_date_time", "invoice_number")
def _dates(draw: Draw) -> Made:
    """Numbered without gaps in a series of their kind, as they are billed."""
    billed, dealer = draw["_billed"], draw["_dealer"]
    kinds = list(SERIES)
    kind = np.array([kinds.index(source) for source in draw["_source"]], dtype=np.int64)
    group = dealer * len(kinds) + kind
    order = np.lexsort((billed, group))
    place = np.empty(draw.n, dtype=np.int64)
    place[order] = place_in_group(group[order])
    series = np.array([SERIES[name] for name in kinds], dtype="S1")[kind]
    head = np.char.add(np.char.add(numbered("", dealer, 5), b"-"), series)
    number = np.char.add(np.char.add(head, b"-"), numbered("", place + 1, DIGITS))
    return {
        "invoice_date_time": billed,
        "post_date_time": (billed, np.zeros(draw.n, dtype=bool)),
        "invoice_number": number,
    }


@derived("subtotal_amount", "discount_amount", "fee_amount", "tax_amount", "total_amount")
def _money(draw: Draw) -> Made:
    subtotal, discount, fee, tax = draw["_amounts"].T
    return {
        "subtotal_amount": subtotal,
        "discount_amount": discount,
        "fee_amount": fee,
        "tax_amount": tax,
        "total_amount": subtotal - discount + fee + tax,
    }


@drawn("_extension")
def _extension(draw: Draw) -> Made:
    return {"_extension": np.floor(draw.leaf("extension_days", stream="extension"))}


@derived("due_date_time", "payment_status_type", "invoice_status_type")
def _standing(draw: Draw) -> Made:
    """As usual; a bill whose payment is contested, or was charged back, is disputed."""
    made = standing_at(draw, span_of(draw.plan).horizon, draw["paid_amount"])
    header = made["invoice_status_type"]
    if not isinstance(header, Coded):
        raise TypeError("standing_at gives coded states")
    disputed = header.labels.index("DISPUTED")
    codes = np.where(contested(draw).open, disputed, header.codes).astype(np.int32)
    return {**made, "invoice_status_type": Coded(codes, header.labels)}


def more_of(table: Table, count: Count) -> Declaration:
    """The declaration of further invoices."""
    return Declaration(
        table,
        prefix="IN",
        count=count,
        makers=(
            keyed_by_cause(table, also=True),
            _bills,
            _refused,
            _links,
            _kind,
            _dates,
            _money,
            _extension,
            paid,
            disputes,
            _standing,
        ),
        follows=_follows,
        born="invoice_date_time",
        state="invoice_status_type",
        steps=lambda draw: course_of(draw, steps(draw)),
        known=known,
        resource="INVOICE",
        journals=other_sales,
    )
