"""What must hold for journal lines (R072)."""

from __future__ import annotations

import numpy as np

from generator.domains.groups import place_in_group
from generator.domains.headings import LEDGER
from generator.rules import Rule, Truth
from generator.tables import Tables

TABLE = "journal_entry"


def _positive(tables: Tables) -> Truth:
    return np.asarray(tables.values(TABLE, "amount") > 0)


def _numbered(tables: Tables) -> Truth:
    """Lines of a transaction are numbered from 1 on without gaps."""
    row = tables.row_of(TABLE, "journal_entry_transaction_key")
    number = tables.values(TABLE, "entry_sequence")
    order = np.lexsort((number, row))
    holds = np.ones(len(row), dtype=bool)
    holds[order] = number[order] == place_in_group(row[order]) + 1
    return holds | (row < 0)


def _owned(tables: Tables) -> Truth:
    """Receivables and payables say whose they are."""
    path = "general_ledger_account_key.subsidiary_ledger_type"
    control = tables.is_one_of(TABLE, path, "ACCOUNTS_RECEIVABLE", "ACCOUNTS_PAYABLE", "PAYROLL")
    return np.asarray(~control | ~tables.missing(TABLE, "party_key"))


RULES = (
    Rule("R072.amount", TABLE, "Amounts are above zero.", _positive, group=LEDGER),
    Rule(
        "R072.sequence",
        TABLE,
        "Lines of a transaction are numbered without gaps.",
        _numbered,
        group=LEDGER,
        scope="shard",
    ),
    Rule(
        "R072.party",
        TABLE,
        "Lines on receivables, payables and payroll accounts say whose they are.",
        _owned,
        needs=("general_ledger_account",),
        group=LEDGER,
    ),
)
