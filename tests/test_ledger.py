"""The ledger: whatever is billed, paid or given is posted, balanced, in its period."""

from __future__ import annotations

import collections
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pytest

import generator
from generator.domains import PLATFORM
from generator.domains.finance.general_ledger_account import accounts
from generator.domains.graph import Platform
from generator.domains.world import PlatformWorld
from generator.leaves.figures import figures
from generator.summary import tables_of
from tests.world import drawn, planned

AS_OF = "2025-12-31"


@pytest.fixture(scope="module")
def rows():
    return drawn(planned({"deal": 200, "dealer": 3}))


@pytest.fixture(scope="module")
def lists(rows):
    return {name: table.to_pylist() for name, table in rows.items()}


def broken(rows, *ids):
    tables = tables_of(generator.automotive().schema, rows)
    rules = {rule.id: rule for rule in PLATFORM.rules}
    return {name: rules[name].verdict(tables).broken for name in ids}


def test_what_a_customer_or_lender_owes_is_what_invoices_have_open(lists):
    """Receivables of the ledger, worked out from its lines alone, against the bills."""
    dealer = {t["journal_entry_transaction_key"]: t for t in lists["journal_entry_transaction"]}
    owed = collections.Counter()
    for line in lists["journal_entry"]:
        if line["general_ledger_account_key"] in ("GL-1200", "GL-1250"):
            sign = 1 if line["journal_type"] == "DEBIT" else -1
            key = dealer[line["journal_entry_transaction_key"]]["dealer_key"]
            owed[key] += sign * line["amount"]
    open_ = collections.Counter()
    for invoice in lists["invoice"]:
        open_[invoice["dealer_key"]] += invoice["balance_amount"]
    assert sum(open_.values()) > 0
    assert owed == open_


def test_the_trial_balance_is_zero_in_every_month(lists):
    of = {t["journal_entry_transaction_key"]: t for t in lists["journal_entry_transaction"]}
    balance = collections.Counter()
    for line in lists["journal_entry"]:
        transaction = of[line["journal_entry_transaction_key"]]
        sign = 1 if line["journal_type"] == "DEBIT" else -1
        month = transaction["accounting_period_key"]
        balance[transaction["dealer_key"], month] += sign * line["amount"]
    assert len(balance) > 12
    assert set(balance.values()) == {Decimal(0)}


def test_a_month_is_closed_or_open_as_of_the_day():
    def states(day):
        periods = drawn(planned({"deal": 20}, as_of=day))["accounting_period"].to_pylist()
        return {p["accounting_period_key"]: p["accounting_period_status_type"] for p in periods}

    early = states("2025-06-03")
    assert early["2025-04"] == "CLOSED"
    assert early["2025-05"] == "PENDING_CLOSURE"
    assert early["2025-06"] == "OPEN"
    assert early["2025-07"] == "FUTURE"
    assert states(AS_OF)["2025-06"] == "CLOSED"


def test_accounts_of_the_chart_are_the_platforms_or_said_to_be_ours():
    assert {one.origin for one in accounts()} == {"platform", "assumption"}
    assert len({one.number for one in accounts()}) == len(accounts())


def changed(rows, table, column, change):
    found = rows[table].to_pylist()
    change(found)
    place = rows[table].schema.get_field_index(column)
    field = rows[table].schema.field(column)
    values = pa.array([row[column] for row in found], field.type)
    return rows | {table: rows[table].set_column(place, field, values)}


def cent(found):
    found[0]["amount"] += Decimal("0.01")


def nobody(found):
    line = next(r for r in found if r["general_ledger_account_key"] == "GL-1200")
    line["party_key"] = None


def moved(found):
    found[0]["accounting_period_key"] = (
        "2025-12" if found[0]["entry_date"].month < 12 else "2025-01"
    )


def unnamed(found):
    found[0]["source_key"] = "IN-9999999999"


def gap(found):
    found[0]["entry_sequence"] = 7


def unsigned(found):
    found[0]["total_amount"] = -found[0]["total_amount"]


@pytest.mark.parametrize(
    ("rule", "table", "column", "change"),
    [
        ("R072", "journal_entry", "amount", cent),
        ("R072.party", "journal_entry", "party_key", nobody),
        ("R072.sequence", "journal_entry", "entry_sequence", gap),
        ("R073", "subsidiary_ledger_transaction", "total_amount", unsigned),
        ("R074", "journal_entry_transaction", "accounting_period_key", moved),
    ],
)
def test_what_is_not_in_order_is_found(rows, rule, table, column, change):
    assert broken(rows, rule)[rule] == 0
    assert broken(changed(rows, table, column, change), rule)[rule] >= 1


def test_what_is_not_posted_is_found(rows):
    none = rows | {"journal_entry_transaction": rows["journal_entry_transaction"].slice(0, 0)}
    found = broken(none, "R077.invoice", "R077.payment")
    assert found["R077.invoice"] == rows["invoice"].num_rows
    assert found["R077.payment"] > 0
    short = rows | {"subsidiary_ledger_transaction": rows["subsidiary_ledger_transaction"].slice(1)}
    assert broken(short, "R073.complete")["R073.complete"] == 1


def test_a_journal_that_does_not_balance_is_not_drawn():
    def lame(draw):
        first, *others = PLATFORM["payment"].journals(draw)
        lines = [first.lines[0]._replace(amount=first.lines[0].amount + 1), *first.lines[1:]]
        return (first._replace(lines=lines), *others)

    platform = Platform(
        tuple(
            replace(
                domain,
                tables=tuple(
                    replace(one, journals=lame) if one.name == "payment" else one
                    for one in domain.tables
                ),
            )
            for domain in PLATFORM.domains
        )
    )
    profile = replace(generator.automotive(), world=PlatformWorld(platform, figures()))
    plan = generator.plan(profile, generator.Recipe.from_dict({"rows": {"deal": 10}}))
    with pytest.raises(ValueError, match=r"A journal of payment \(PAYMENT\) does not balance"):
        drawn(plan, profile)


def test_events_of_payments_and_holds_agree_with_them(rows, lists):
    found = broken(rows, "R070", "R071", "R071.captured", "R069.hold")
    assert not any(found.values())
    last = {}
    for event in lists["payment_event"]:
        last[event["payment_key"]] = event["new_payment_status_type"]
    assert last == {p["payment_key"]: p["payment_status_type"] for p in lists["payment"]}
    holds = [h["credit_authorization_status_type"] for h in lists["credit_authorization"]]
    assert "CAPTURED" in holds


def old(found):
    event = next(e for e in found if e["old_payment_status_type"] == "AUTHORIZED")
    event["old_payment_status_type"] = "PAID"


def coded(found):
    found[0]["reason_code"], found[0]["auth_code"] = "51", None


@pytest.mark.parametrize(
    ("rule", "table", "column", "change"),
    [
        ("R070", "payment_event", "old_payment_status_type", old),
        ("R071", "credit_authorization", "auth_code", coded),
    ],
)
def test_events_and_holds_that_do_not_agree_are_found(rows, rule, table, column, change):
    assert broken(changed(rows, table, column, change), rule)[rule] >= 1
