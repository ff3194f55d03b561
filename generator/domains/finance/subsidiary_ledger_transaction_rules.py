"""Control accounts equal their subsidiary ledgers (R073)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import LEDGER
from generator.rules import Rule, Truth
from generator.tables import Tables

TABLE = "subsidiary_ledger_transaction"


def _agrees(tables: Tables) -> Truth:
    """A detail says what its line says, signed by side, on the same account and for the same
    party: so the sums of every dealer and period agree."""
    amount = tables.values(TABLE, "journal_entry_key.amount")
    credit = tables.is_one_of(TABLE, "journal_entry_key.journal_type", "CREDIT")
    link = "journal_entry_key.general_ledger_account_key"
    account = tables.same(TABLE, "control_account_key", link)
    party = tables.same(TABLE, "party_key", "journal_entry_key.party_key")
    nobody = tables.missing(TABLE, "party_key") & tables.missing(
        TABLE, "journal_entry_key.party_key"
    )
    signed = np.where(credit, -amount, amount)
    total = tables.values(TABLE, "total_amount")
    return np.asarray((total == signed) & account & (party | nobody))


def _complete(tables: Tables) -> Truth:
    """Every line on a control account has its detail, other lines none."""
    row = tables.row_of(TABLE, "journal_entry_key")
    has = np.zeros(tables.rows("journal_entry"), dtype=bool)
    has[row[row >= 0]] = True
    control = ~tables.missing("journal_entry", "general_ledger_account_key.subsidiary_ledger_type")
    return np.asarray(has == control)


RULES = (
    Rule(
        "R073",
        TABLE,
        "A detail beneath a control account is what its journal line is.",
        _agrees,
        needs=("journal_entry",),
        group=LEDGER,
    ),
    Rule(
        "R073.complete",
        "journal_entry",
        "Lines on control accounts have a detail beneath them, others none.",
        _complete,
        needs=(TABLE, "general_ledger_account"),
        group=LEDGER,
        scope="shard",
    ),
)
