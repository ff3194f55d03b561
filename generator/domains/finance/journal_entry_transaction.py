"""Headers of accounting transactions: what rows of other tables post (``journals``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import day, decimal, enum, flag, text
from generator.domains.consequences import Caused
from generator.domains.counts import Given, Noun, consequence
from generator.domains.finance.journal_entry_transaction_rules import RULES
from generator.domains.finance.journals import ledger
from generator.domains.graph import Declaration, Draw, Frames, Made, derived, keyed_by_cause
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "journal_entry_transaction",
    domain="finance",
    meaning="Balanced accounting transaction",
    key="journal_entry_transaction_key",
    columns=(
        text("journal_entry_transaction_key", 50, unique=True),
        text("dealer_key", 50),
        text("accounting_period_key", 50, "YYYY-MM of entry_date"),
        day("entry_date"),
        text("context", 30, "VEHICLE_SALE | SERVICE_SALE | PAYMENT | PAYROLL_RUN | WARRANTY …"),
        text("source_key", 50, "key of the row that posts it"),
        enum("financial_flow_status_type", "FinancialFlowStatusTypes"),
        decimal("total_debit_amount", 14, 2, "= sum(journal_entry.amount where DEBIT)"),
        decimal("total_credit_amount", 14, 2, "= sum(journal_entry.amount where CREDIT)"),
        flag("is_balanced", "= total_debit_amount = total_credit_amount"),
        text("reverses_transaction_key", 50, nullable=True),
    ),
    links=(
        Link("dealer_key", "dealer", "dealer_key", "lookup"),
        Link("accounting_period_key", "accounting_period", "accounting_period_key", "lookup"),
        Link(
            "reverses_transaction_key",
            "journal_entry_transaction",
            "journal_entry_transaction_key",
            "lookup",
        ),
    ),
)


def _follows(frames: Frames) -> Sequence[Caused]:
    return ledger(frames).caused


@derived(
    "dealer_key",
    "accounting_period_key",
    "entry_date",
    "context",
    "source_key",
    "total_debit_amount",
    "total_credit_amount",
    "is_balanced",
    "_at",
)
def _posted(draw: Draw) -> Made:
    book = ledger(draw.frames)
    keys = {name: _keys(draw, name) for name in dict.fromkeys(one.table for one in book.caused)}
    sources = [keys[one.table][one.row] for one in book.caused]
    contexts = [np.full(len(one.row), one.context, dtype=object) for one in book.journals]
    at = _joined([one.at.astype("datetime64[ms]") for one in book.journals], "datetime64[ms]")
    debit = _joined([np.maximum(one, 0).sum(axis=1) for one in book.amounts], np.int64)
    day_ = at.astype("datetime64[D]")
    return {
        "dealer_key": draw.key("dealer", draw["_dealer"]),
        "accounting_period_key": day_.astype("datetime64[M]").astype("S7"),
        "entry_date": day_,
        "context": _joined(contexts, object),
        "source_key": _joined(sources, object),
        "total_debit_amount": debit,
        "total_credit_amount": debit,
        "is_balanced": np.ones(draw.n, dtype=bool),
        "_at": at,
    }


def _keys(draw: Draw, name: str) -> NDArray[np.object_]:
    frame = draw.frames[name]
    return frame.text(str(frame.table.key))


@derived("financial_flow_status_type", "reverses_transaction_key")
def _state(draw: Draw) -> Made:
    """Everything posts as it happens; a reversal is a journal of its own row."""
    return {
        "financial_flow_status_type": Coded(np.zeros(draw.n, dtype=np.int32), ("POSTED",)),
        "reverses_transaction_key": (np.zeros(draw.n, dtype="S1"), np.ones(draw.n, dtype=bool)),
    }


def _joined(parts: Sequence[NDArray[Any]], kind: Any) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype=kind), *parts])


def _typical(given: Given) -> float:
    each = given.figures["journals_a_row"]
    return float(sum(number * given.about(table) for table, number in each.items()))


COUNT = consequence(
    Noun("accounting transaction", "accounting transactions"),
    "invoice",
    typical=_typical,
    why="one or two for everything that is posted",
)


JOURNAL_ENTRY_TRANSACTION = Declaration(
    TABLE,
    prefix="JT",
    count=COUNT,
    makers=(keyed_by_cause(TABLE), _posted, _state),
    rules=RULES,
    follows=_follows,
    born="_at",
)
