"""Lines of accounting transactions: an account, a side, an amount."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import decimal, enum, integer, text
from generator.domains.consequences import Caused
from generator.domains.counts import Noun, consequence
from generator.domains.finance.general_ledger_account import accounts
from generator.domains.finance.journal_entry_rules import RULES
from generator.domains.finance.journals import ledger
from generator.domains.graph import Declaration, Draw, Frames, Made, derived, keyed_by_cause
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "journal_entry",
    domain="finance",
    meaning="Debit or credit line of an accounting transaction",
    key="journal_entry_key",
    columns=(
        text("journal_entry_key", 50, unique=True),
        text("journal_entry_transaction_key", 50),
        integer("entry_sequence", "1..n within the transaction"),
        text("general_ledger_account_key", 50),
        enum("journal_type", "JournalTypes"),
        decimal("amount", 14, 2, "above zero"),
        enum("resource_type", "EntryResourceTypes"),
        enum("department_type", "DepartmentTypes", nullable=True),
        text("party_key", 50, "whose, on control accounts", nullable=True),
        text("description", 200, nullable=True, personal="free_text"),
    ),
    links=(
        Link(
            "journal_entry_transaction_key",
            "journal_entry_transaction",
            "journal_entry_transaction_key",
            "parent",
        ),
        Link(
            "general_ledger_account_key",
            "general_ledger_account",
            "general_ledger_account_key",
            "lookup",
        ),
        Link("party_key", "party", "party_key", "lookup"),
    ),
)


def _follows(frames: Frames) -> Sequence[Caused]:
    each = [np.count_nonzero(one, axis=1) for one in ledger(frames).amounts]
    whole: NDArray[np.int64] = np.concatenate([np.zeros(0, dtype=np.int64), *each])
    return (Caused.several_of("journal_entry_transaction", whole),)


@derived(
    "journal_entry_transaction_key",
    "entry_sequence",
    "general_ledger_account_key",
    "journal_type",
    "amount",
    "resource_type",
    "department_type",
    "party_key",
    "description",
    "_at",
    "_account",
    "_party",
)
def _lines(draw: Draw) -> Made:
    """Row by row of every journal, its lines that are not zero in their order."""
    book, transactions = ledger(draw.frames), draw.frames["journal_entry_transaction"]
    numbers = {one.number: at for at, one in enumerate(accounts())}
    cents, account, party, said = [], [], [], []
    resource: list[NDArray[Any]] = []
    department: list[NDArray[Any]] = []
    for journal, amounts in zip(book.journals, book.amounts, strict=True):
        row, place = np.nonzero(amounts)
        cents.append(amounts[row, place])
        account.append(np.array([numbers[line.account] for line in journal.lines])[place])
        for labels, name in ((resource, "resource"), (department, "department")):
            of = np.array([getattr(line, name) for line in journal.lines], dtype=object)
            labels.append(of[place])
        nobody = np.full(len(journal.row), -1, dtype=np.int64)
        owners = [nobody if line.party is None else line.party for line in journal.lines]
        party.append(np.stack(owners, axis=1)[row, place])
        said.append(np.full(len(row), _said(journal.context), dtype=object))
    amount, where = _joined(cents, np.int64), _joined(party, np.int64)
    places, departments = _joined(account, np.int64), _joined(department, object)
    keys = np.array([one.key.encode() for one in accounts()])
    return {
        "journal_entry_transaction_key": transactions["journal_entry_transaction_key"][
            draw["_cause"]
        ],
        "entry_sequence": draw["_line"],
        "general_ledger_account_key": keys[places],
        "journal_type": Coded(np.where(amount > 0, 0, 1).astype(np.int32), ("DEBIT", "CREDIT")),
        "amount": np.abs(amount),
        "resource_type": _joined(resource, object),
        "department_type": (departments, departments == ""),
        "party_key": (draw.key("party", where), where < 0),
        "description": _joined(said, object),
        "_at": transactions["_at"][draw["_cause"]],
        "_account": places,
        "_party": where,
    }


def _said(context: str) -> str:
    """``VEHICLE_SALE`` as people write it."""
    return context.replace("_", " ").capitalize()


def _joined(parts: Sequence[NDArray[Any]], kind: Any) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype=kind), *parts])


COUNT = consequence(
    Noun("journal line", "journal lines"),
    "journal_entry_transaction",
    typical=lambda given: given["journal_entry_transaction"] * given.figures["lines_a_journal"],
    why="the lines of every accounting transaction",
    instead="invoice",
)


JOURNAL_ENTRY = Declaration(
    TABLE,
    prefix="JE",
    count=COUNT,
    makers=(keyed_by_cause(TABLE), _lines),
    rules=RULES,
    follows=_follows,
    born="_at",
)
