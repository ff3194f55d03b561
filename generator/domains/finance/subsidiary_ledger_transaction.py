"""Details beneath the control accounts: a row for every journal line on one of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generator.domains.columns import day, decimal, enum, text
from generator.domains.consequences import Caused
from generator.domains.counts import Noun, consequence
from generator.domains.finance.general_ledger_account import accounts
from generator.domains.finance.subsidiary_ledger_transaction_rules import RULES
from generator.domains.graph import Declaration, Draw, Frames, Made, derived, keyed_by_cause
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "subsidiary_ledger_transaction",
    domain="finance",
    meaning="Detail beneath a control account",
    key="subsidiary_ledger_transaction_key",
    columns=(
        text("subsidiary_ledger_transaction_key", 50, unique=True),
        text("journal_entry_key", 50),
        text("control_account_key", 50),
        text("party_key", 50, nullable=True),
        day("transaction_date"),
        day("posting_date", nullable=True),
        decimal("total_amount", 14, 2, "debits above zero, credits below"),
        enum(
            "subsidiary_ledger_transaction_status_type",
            "SubsidiaryLedgerTransactionStatusTypes",
        ),
    ),
    links=(
        Link("journal_entry_key", "journal_entry", "journal_entry_key", "parent", unique=True),
        Link(
            "control_account_key", "general_ledger_account", "general_ledger_account_key", "lookup"
        ),
        Link("party_key", "party", "party_key", "lookup"),
    ),
)


def _follows(frames: Frames) -> Sequence[Caused]:
    control = np.array([bool(one.subsidiary) for one in accounts()])
    lines = frames["journal_entry"]["_account"]
    return (Caused.one_of("journal_entry", np.flatnonzero(control[lines])),)


@derived(
    "journal_entry_key",
    "control_account_key",
    "party_key",
    "transaction_date",
    "posting_date",
    "total_amount",
    "subsidiary_ledger_transaction_status_type",
    "_at",
)
def _details(draw: Draw) -> Made:
    lines, at = draw.frames["journal_entry"], draw["_cause"]
    party, credit = lines["_party"][at], lines["journal_type"].codes[at] == 1
    amount, when = lines["amount"][at], lines["_at"][at]
    day_ = when.astype("datetime64[D]")
    return {
        "journal_entry_key": lines["journal_entry_key"][at],
        "control_account_key": lines["general_ledger_account_key"][at],
        "party_key": (draw.key("party", party), party < 0),
        "transaction_date": day_,
        "posting_date": day_,
        "total_amount": np.where(credit, -amount, amount),
        "subsidiary_ledger_transaction_status_type": Coded(
            np.zeros(draw.n, dtype=np.int32), ("POSTED",)
        ),
        "_at": when,
    }


COUNT = consequence(
    Noun("subsidiary ledger row", "subsidiary ledger rows"),
    "journal_entry",
    typical=lambda given: given["journal_entry"] * given.figures["control_line_share"],
    why="one for every journal line on a control account",
    instead="invoice",
)


SUBSIDIARY_LEDGER_TRANSACTION = Declaration(
    TABLE,
    prefix="SL",
    count=COUNT,
    makers=(keyed_by_cause(TABLE), _details),
    rules=RULES,
    follows=_follows,
    born="_at",
)
