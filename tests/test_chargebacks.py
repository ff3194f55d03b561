"""Payments by card that are charged back: legal states, money posted back, the bill open again."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

import generator
from generator.domains import PLATFORM
from generator.domains.world import PlatformWorld
from generator.leaves.figures import Figures, figures
from tests.world import broken, drawn, frame, planned

NAMES = (
    *("payment", "payment_event", "invoice", "lifecycle_status_event"),
    *("journal_entry", "journal_entry_transaction"),
)


@cache
def world(day: str) -> dict[str, pd.DataFrame]:
    """One in which many contest."""
    documents = deepcopy(dict(figures().documents))
    documents["payment"]["figures"]["card_disputes"]["value"] = {
        "charged_back": 0.08,
        "withdrawn": 0.08,
    }
    profile = replace(generator.automotive(), world=PlatformWorld(PLATFORM, Figures(documents)))
    plan = planned({"deal": 40}, as_of=day, seed=5)
    rows = drawn(plan, profile)
    assert broken(plan, rows) == {}
    return {name: frame(rows, name) for name in NAMES}


def back(day: str = "2025-12-31") -> pd.DataFrame:
    rows = world(day)["payment"]
    return rows[rows["payment_status_type"] == "CHARGEBACK"]


def test_only_settled_cards_are_charged_back_within_weeks():
    rows, events = back(), world("2025-12-31")["payment_event"]
    assert len(rows) > 5
    assert set(rows["payment_method_type"]) <= {"CREDIT_CARD", "DEBIT_CARD"}
    mine = events[events["new_payment_status_type"] == "CHARGEBACK"].set_index("payment_key")
    assert set(mine.index) == set(rows["payment_key"])
    assert set(mine["old_payment_status_type"]) == {"SETTLED"}
    waited = mine["occurrence_date_time"] - rows.set_index("payment_key")["settled_date_time"]
    assert waited.min() >= pd.Timedelta(days=5)
    assert waited.max() <= pd.Timedelta(days=46)


def test_the_bill_is_open_again_and_disputed_all_the_while():
    bills = world("2025-12-31")["invoice"].set_index("invoice_key").loc[back()["invoice_key"]]
    assert (bills["balance_amount"] == bills["total_amount"]).all()
    assert set(bills["invoice_status_type"]) == {"DISPUTED"}
    steps = world("2025-12-31")["lifecycle_status_event"]
    steps = steps[steps["resource_key"].isin(bills.index)].sort_values("lifecycle_status_event_key")
    ways = steps.groupby("resource_key")["transition_to"].agg(tuple)
    assert set(ways) == {("DRAFT", "ISSUED", "ACKNOWLEDGED", "DISPUTED")}


def test_others_are_decided_for_the_dealer():
    rows = world("2025-12-31")
    steps = rows["lifecycle_status_event"]
    won = steps[(steps["transition_from"] == "DISPUTED") & (steps["transition_to"] == "CLOSED")]
    bills = rows["invoice"].set_index("invoice_key")
    mine = bills.loc[bills.index.intersection(won["resource_key"])]
    assert len(mine) > 5
    assert (mine["balance_amount"] == 0).all()


def test_the_money_is_posted_back():
    rows = world("2025-12-31")
    posted = rows["journal_entry_transaction"]
    posted = posted[posted["context"] == "CHARGEBACK"].set_index("source_key")
    assert set(posted.index) == set(back()["payment_key"])
    amounts = back().set_index("payment_key")["amount"]
    assert (posted["total_debit_amount"] - amounts).abs().max() < 0.005
    lines = rows["journal_entry"]
    lines = lines[
        lines["journal_entry_transaction_key"].isin(posted["journal_entry_transaction_key"])
    ]
    sides = set(zip(lines["general_ledger_account_key"], lines["journal_type"], strict=True))
    assert sides == {("GL-1200", "DEBIT"), ("GL-1001", "CREDIT")}


def test_before_it_is_decided_the_money_is_there():
    one = back().sort_values("settled_date_time").iloc[3]
    day = (one["settled_date_time"] + pd.Timedelta(days=1)).date().isoformat()
    then = world(day)
    payment = then["payment"].set_index("payment_key").loc[one["payment_key"]]
    bill = then["invoice"].set_index("invoice_key").loc[one["invoice_key"]]
    assert payment["payment_status_type"] == "SETTLED"
    assert bill["invoice_status_type"] == "DISPUTED"
    assert bill["balance_amount"] == 0


def test_few_are_charged_back_in_a_usual_world():
    rows = frame(drawn(planned({"deal": 250}, tables=("payment",), seed=3)), "payment")
    cards = rows[rows["payment_method_type"].isin(["CREDIT_CARD", "DEBIT_CARD"])]
    share = (cards["payment_status_type"] == "CHARGEBACK").mean()
    assert share == pytest.approx(0.002, abs=0.002)
