"""What must hold for accounting transactions (R072, R074, R077)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.headings import LEDGER
from generator.rules import Rule, Truth
from generator.tables import Tables

TABLE = "journal_entry_transaction"


def sums(tables: Tables, side: str) -> NDArray[np.int64]:
    """Cents of the lines of each transaction on one side."""
    row = tables.row_of("journal_entry", "journal_entry_transaction_key")
    mine = tables.is_one_of("journal_entry", "journal_type", side) & (row >= 0)
    total = np.zeros(tables.rows(TABLE), dtype=np.int64)
    np.add.at(total, row[mine], tables.values("journal_entry", "amount")[mine])
    return total


def _balanced(tables: Tables) -> Truth:
    debit, credit = sums(tables, "DEBIT"), sums(tables, "CREDIT")
    row = tables.row_of("journal_entry", "journal_entry_transaction_key")
    lines = np.bincount(row[row >= 0], minlength=tables.rows(TABLE))
    return np.asarray(
        (lines >= 2)
        & (debit == credit)
        & (debit > 0)
        & (tables.values(TABLE, "total_debit_amount") == debit)
        & (tables.values(TABLE, "total_credit_amount") == credit)
        & tables.values(TABLE, "is_balanced")
    )


def _in_period(tables: Tables) -> Truth:
    day = tables.values(TABLE, "entry_date")
    first = tables.values(TABLE, "accounting_period_key.start_date")
    last = tables.values(TABLE, "accounting_period_key.end_date")
    return np.asarray((first <= day) & (day <= last))


def _posted(tables: Tables) -> Truth:
    return tables.is_one_of(TABLE, "financial_flow_status_type", "POSTED")


def _journal_of(tables: Tables, source: str, key: str) -> Truth:
    """Rows of a table that some transaction names as its source."""
    row = tables.rows_named(source, key, TABLE, "source_key")
    named = np.zeros(tables.rows(source), dtype=bool)
    named[row[row >= 0]] = True
    return named


def _invoices_post(tables: Tables) -> Truth:
    return _journal_of(tables, "invoice", "invoice_key")


def _payments_post(tables: Tables) -> Truth:
    """Settled ones; credit between the dealer and a programme posts with the incentive."""
    waits = tables.missing("payment", "settled_date_time")
    inside = tables.is_one_of("payment", "payment_method_type", "INTERNAL_CREDIT")
    return np.asarray(_journal_of(tables, "payment", "payment_key") | waits | inside)


def _claims_post(tables: Tables) -> Truth:
    """Those of which something was approved."""
    approved = tables.values("warranty_claim", "approved_amount") > 0
    approved &= ~tables.missing("warranty_claim", "approved_amount")
    return np.asarray(_journal_of(tables, "warranty_claim", "warranty_claim_key") | ~approved)


RULES = (
    Rule(
        "R077.claim",
        "warranty_claim",
        "Every approved claim has its accounting transaction.",
        _claims_post,
        needs=(TABLE,),
        group=LEDGER,
        scope="shard",
    ),
    Rule(
        "R077.invoice",
        "invoice",
        "Every invoice has its accounting transaction.",
        _invoices_post,
        needs=(TABLE,),
        group=LEDGER,
        scope="shard",
    ),
    Rule(
        "R077.payment",
        "payment",
        "Every settled payment has its accounting transaction.",
        _payments_post,
        needs=(TABLE,),
        group=LEDGER,
        scope="shard",
    ),
    Rule(
        "R072",
        TABLE,
        "A transaction has two lines or more, debits equal credits, and its totals are their sums.",
        _balanced,
        needs=("journal_entry",),
        group=LEDGER,
        scope="shard",
    ),
    Rule(
        "R074",
        TABLE,
        "The day of an entry lies in its accounting period.",
        _in_period,
        needs=("accounting_period",),
        group=LEDGER,
    ),
    Rule("R076", TABLE, "What is in the ledger is posted.", _posted, group=LEDGER),
)
