"""Every rule of the money holds on drawn rows and trips on one broken row."""

from __future__ import annotations

import numpy as np
import pytest

from generator.domains.payment.instruments import aba_digit, aba_valid, luhn_digit, luhn_valid
from generator.frame import Coded
from tests.money_world import DAY, made, tables
from tests.money_world import RULES as MONEY_RULES

# targets of whole bundles are broken in test_world_rules
RULES = {rule.id: rule for rule in MONEY_RULES}


@pytest.fixture(scope="module")
def frames():
    return made(300, rates={"payment": 2.6})


def is_(table: str, column: str, *labels: str):
    """Rows of ``table`` whose ``column`` is one of ``labels``."""
    return lambda frames: np.isin(frames[table].text(column).astype(str), labels)


def has(table: str, column: str):
    return lambda frames: ~frames[table].missing(column)


def where(table: str, check):
    return lambda frames: check(frames[table])


def plus(by):
    return lambda values, row, frames: values[row] + by


def to(value):
    return lambda values, row, frames: value


def like(table: str, column: str, by):
    """The same row's value of another column, moved."""
    return lambda values, row, frames: frames[table][column][row] + by


def whole_price(values, row, frames):
    deal = frames["deal"]
    return deal["sale_price"][row] + deal["product_price_total"][row]


def like_the_last(values, row, frames):
    return values[-1]


def customer_instead(values, row, frames):
    invoice = frames["invoice"]
    return invoice["bill_to_party_key"][frames["payment"]["_invoice_key"][row] - invoice.start]


ANY = None
LOAN = is_("deal", "payment_type", "FINANCED_PURCHASE")
LEASE = is_("deal", "payment_type", "LEASE")
BILLED = is_("deal", "deal_status", "POSTED", "FUNDED")
CREDITED = where("deal", lambda deal: deal["_credit"] & (deal["trade_in_allowance"] > 0))
OF_DEAL = where("credit_application", lambda rows: rows["_deal"] >= 0)
DEPOSIT = is_("payment", "payment_amount_type", "DOWN_PAYMENT")
LENT = is_("payment", "payment_amount_type", "TOTAL_FINANCED")
SETTLED = has("payment", "settled_date_time")
CLOSED = where("invoice", lambda rows: rows["balance_amount"] == 0)

BREAKS = {
    "R007.source": ("invoice", "source_resource_key", ANY, to(b"DL-nowhere")),
    "R046.markup": ("deal", "buy_rate", LOAN, plus(2_000)),
    "R047.total": ("deal", "total_amount", ANY, plus(1)),
    "R047.equity": ("deal", "trade_payoff", ANY, plus(1)),
    "R047.financed": ("deal", "amount_financed", ANY, plus(1)),
    "R047.taxable": ("deal", "taxable_amount", ANY, plus(1)),
    "R047.state": ("deal", "taxable_amount", CREDITED, whole_price),
    "R047.tax": ("deal", "tax_price_total", ANY, plus(1)),
    "R047.gross": ("deal", "front_gross_profit", ANY, plus(1)),
    "R047.msrp": ("deal", "msrp_price", ANY, plus(1)),
    "R047.discount": ("deal", "discount_price_total", ANY, plus(1)),
    "R047.rebates": ("deal", "rebate_price_total", ANY, plus(1)),
    "R048": ("payment", "amount", DEPOSIT, plus(1)),
    "R049": ("deal", "monthly_payment", LOAN, plus(2)),
    "R050": ("deal", "term_months", LOAN, to(96)),
    "R050.factor": ("deal", "money_factor", LEASE, to(0)),
    "R051": ("credit_application", "approved_amount", OF_DEAL, to(100)),
    "R052.debt": ("credit_application", "debt_to_income", OF_DEAL, to(601)),
    "R052.decision": (
        "credit_application",
        "decision_date_time",
        OF_DEAL,
        like("credit_application", "application_date_time", -DAY),
    ),
    "R052.approval": ("credit_application", "application_status_type", OF_DEAL, to("DECLINED")),
    "R052.tier": (
        "credit_application",
        "credit_tier",
        is_("credit_application", "credit_tier", "PRIME"),
        to("DEEP_SUB"),
    ),
    "R052.rating": ("credit_rating", "score_value", ANY, to(851)),
    "R054.funded": (
        "payment",
        "payment_amount_type",
        lambda frames: LENT(frames) & SETTLED(frames),
        to("DOWN_PAYMENT"),
    ),
    "R055": (
        "deal",
        "desk_approval_required_indicator",
        where("deal", lambda deal: ~deal["desk_approval_required_indicator"]),
        to(True),
    ),
    "R068.refund": ("payment", "payment_amount_type", DEPOSIT, to("PARTIAL_REFUND")),
    "R068.sum": ("payment", "amount", ANY, plus(1)),
    "R068.settled": (
        "payment",
        "settled_date_time",
        SETTLED,
        like("payment", "occurrence_date_time", -DAY),
    ),
    "R069": ("payment", "payer_party_key", LENT, customer_instead),
    "R069.card": (
        "payment_method",
        "card_number",
        has("payment_method", "card_number"),
        to(b"4111111111111112"),
    ),
    "R069.account": (
        "payment_method",
        "routing_number",
        has("payment_method", "routing_number"),
        to(b"021000021"),  # a bank's: valid, but of a prefix in use
    ),
    "R009.invoice": ("invoice", "invoice_number", ANY, like_the_last),
    "R009.gaps": ("invoice", "invoice_number", ANY, to(b"00000-0099999")),
    "R062.invoice": ("invoice", "due_date_time", ANY, like("invoice", "invoice_date_time", -DAY)),
    "R062.payment": ("payment", "occurrence_date_time", DEPOSIT, plus(-70 * DAY)),
    "R063.line": ("invoice_item", "unit_price", ANY, plus(1)),
    "R063.tax": (
        "invoice_item",
        "tax_amount",
        where("invoice_item", lambda rows: rows["taxable_indicator"]),
        plus(1),
    ),
    "R063.number": ("invoice_item", "line_number", ANY, plus(7)),
    "R063.sums": ("invoice_item", "base_amount", ANY, plus(1)),
    "R063.total": ("invoice", "fee_amount", ANY, plus(1)),
    "R063.paid": ("invoice", "paid_amount", ANY, plus(1)),
    "R064": ("invoice", "total_amount", ANY, plus(1)),
    "R065": ("deal", "deal_status", BILLED, to("ABANDONED")),
    "R066": ("invoice", "payment_status_type", CLOSED, to("OVERDUE")),
    "R067": ("invoice", "invoice_status_type", CLOSED, to("VOIDED")),
}


@pytest.mark.parametrize("rule", sorted(RULES))
def test_rule_holds_on_drawn_rows(rule, frames):
    assert RULES[rule].verdict(tables(frames)) == (0, ())


@pytest.mark.parametrize("rule", sorted(RULES))
def test_rule_trips_on_one_broken_row(rule, frames):
    table, column, chosen, change = BREAKS[rule]
    frame = frames[table]
    row = 0 if chosen is ANY else int(np.flatnonzero(chosen(frames))[0])
    values = frame[column]
    values = (frame.text(column) if isinstance(values, Coded) else values).copy()
    values[row] = change(values, row, frames)
    verdict = RULES[rule].verdict(tables(frames, {(table, column): values}))
    assert verdict.broken, f"{rule} does not see {table}.{column} of row {row}"


def test_each_rule_has_its_own_number_and_names_what_it_reads():
    assert len(RULES) == len(MONEY_RULES)
    for rule in RULES.values():
        assert rule.table not in rule.needs
        assert rule.text
        assert rule.group


def test_published_numbers_pass_the_checks():
    cards = ["4111111111111111", "378282246310005", "6011111111111117", "4111111111111112", ""]
    assert luhn_valid(np.array(cards, dtype=object)).tolist() == [True, True, True, False, False]
    routes = ["021000021", "011401533", "021000020", "12", "٠٢١٠٠٠٠٢١"]
    assert aba_valid(np.array(routes, dtype=object)).tolist() == [True, True, False, False, False]


def test_no_numbers_pass_and_fail_nothing():
    none = np.zeros(0, dtype=object)
    assert luhn_valid(none).shape == (0,)
    assert aba_valid(np.array(["", ""], dtype=object)).tolist() == [False, False]


def test_check_digits_of_known_numbers():
    card = np.array([[int(sign) for sign in "424242424242424"]], dtype=np.uint8)
    assert luhn_digit(card).tolist() == [2]
    route = np.array([[int(sign) for sign in "02100002"]], dtype=np.uint8)
    assert aba_digit(route).tolist() == [1]
