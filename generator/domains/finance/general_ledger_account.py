"""The chart of accounts, the same for all dealers."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import enum, text
from generator.domains.counts import Given, Noun, catalogue
from generator.domains.graph import Declaration, Draw, Made, derived, key
from generator.frame import Coded
from generator.schema import Table

TABLE = Table(
    "general_ledger_account",
    domain="finance",
    meaning="Chart of accounts, shared by the dealers",
    key="general_ledger_account_key",
    columns=(
        text("general_ledger_account_key", 50, "GL- and the account's number", unique=True),
        text("general_ledger_account_name", 80),
        enum("general_ledger_account_type", "GeneralLedgerAccountTypes"),
        enum("financial_category_type", "FinancialCategoryTypes"),
        enum("normal_balance", "JournalTypes"),
        enum(
            "subsidiary_ledger_type",
            "SubsidiaryLedgerTypes",
            "set for control accounts",
            nullable=True,
        ),
        enum("control_account_status_type", "ControlAccountStatusTypes"),
    ),
)


@dataclass(frozen=True)
class Account:
    number: str
    name: str
    type: str
    category: str
    normal: str
    subsidiary: str
    origin: str
    """``platform`` where the platform names the account, else ``assumption``."""

    @property
    def key(self) -> str:
        return f"GL-{self.number}"


@cache
def accounts() -> tuple[Account, ...]:
    """All accounts, by number."""
    file = resources.files("generator") / "profiles" / "automotive" / "accounts.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return tuple(Account(**row) for row in rows)


@key("general_ledger_account_key")
def _keys(draw: Draw) -> Made:
    return {"general_ledger_account_key": _column([one.key for one in accounts()], draw.n)}


@derived(
    "general_ledger_account_name",
    "general_ledger_account_type",
    "financial_category_type",
    "normal_balance",
    "subsidiary_ledger_type",
    "control_account_status_type",
)
def _accounts(draw: Draw) -> Made:
    chart = accounts()
    n, controls = draw.n, _column([one.subsidiary for one in chart], draw.n)
    return {
        "general_ledger_account_name": _column([one.name for one in chart], n),
        "general_ledger_account_type": _column([one.type for one in chart], n),
        "financial_category_type": _column([one.category for one in chart], n),
        "normal_balance": _column([one.normal for one in chart], n),
        "subsidiary_ledger_type": (controls, controls == ""),
        "control_account_status_type": Coded(np.zeros(n, dtype=np.int32), ("ACTIVE",)),
    }


def _column(values: list[str], rows: int) -> NDArray[np.object_]:
    """The values of the chart; none where the chart is not part of the plan."""
    return np.array(values, dtype=object)[:rows]


def _all(start: date, stop: date) -> tuple[int, int]:
    del start, stop
    return len(accounts()), len(accounts())


def _number(given: Given) -> float:
    del given  # the chart is what it is
    return float(len(accounts()))


COUNT = catalogue(
    Noun("account", "accounts"),
    typical=_number,
    why="the chart of accounts",
    bounds=_all,
    rule="The chart of accounts has {most} accounts",
)


GENERAL_LEDGER_ACCOUNT = Declaration(TABLE, prefix="GL", count=COUNT, makers=(_keys, _accounts))
