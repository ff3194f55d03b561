"""What must hold for payments (R062, R068, R069, R110)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.headings import BALANCE, PAYMENTS, TARGETS
from generator.rules import FEW, Rule, Truth, Whole
from generator.sketch import Cells, Moments, Verdict
from generator.tables import Tables

LENDING = ("FINANCE", "FINANCING")


def _refunds(tables: Tables) -> Truth:
    """Refunds are negative and send back at most an earlier, settled payment of the invoice."""
    amount = tables.values("payment", "amount")
    refund = tables.is_one_of("payment", "payment_amount_type", "PARTIAL_REFUND", "TOTAL_REFUND")
    origin = tables.row_of("payment", "refund_of_payment_key")
    at = np.maximum(origin, 0)
    if not len(amount):
        return np.zeros(0, dtype=bool)
    invoice = tables.row_of("payment", "invoice_key")
    moment = tables.values("payment", "occurrence_date_time")
    settled = tables.values("payment", "settled_date_time")
    sent = np.zeros(len(amount), dtype=np.int64)
    np.add.at(sent, at[refund], -amount[refund])
    good = (
        (amount < 0)
        & (origin >= 0)
        & (invoice == invoice[at])
        & ~tables.missing("payment", "settled_date_time")[at]
        & (settled[at] <= moment)
        & (sent[at] <= amount[at])
    )
    return np.where(refund, good, origin < 0)


def _not_too_much(tables: Tables) -> Truth:
    """What is paid on an invoice is at most its total; what was refused is not paid."""
    invoice = tables.row_of("payment", "invoice_key")
    refused = tables.is_one_of("payment", "payment_status_type", "FAILED")
    invoice = np.where(refused, -1, invoice)
    paid = np.zeros(tables.rows("invoice"), dtype=np.int64)
    np.add.at(paid, invoice[invoice >= 0], tables.values("payment", "amount")[invoice >= 0])
    within = paid <= tables.values("invoice", "total_amount")
    if not len(within):
        return np.zeros(len(invoice), dtype=bool)
    return within[np.maximum(invoice, 0)] | (invoice < 0)


def _settles_later(tables: Tables) -> Truth:
    made = tables.values("payment", "occurrence_date_time")
    settled = tables.values("payment", "settled_date_time")
    open_ = tables.missing("payment", "settled_date_time")
    said = tables.is_one_of("payment", "payment_status_type", "SETTLED", "CHARGEBACK")
    return np.where(open_, ~said, said & (settled >= made))


def _instrument(tables: Tables) -> Truth:
    """A lender pays what a deal finances, out of the application's lender; nobody else does so;
    a method on file belongs to the payer and is of the kind used."""
    lending = tables.is_one_of("payment", "payment_method_type", *LENDING)
    financed = tables.is_one_of("payment", "payment_amount_type", "TOTAL_FINANCED")
    lender = "invoice_key.deal_key.credit_application_key.lender_org_profile_key.party_key"
    from_lender = tables.same("payment", "payer_party_key", lender)
    on_file = ~tables.missing("payment", "payment_method_key")
    own = tables.same("payment", "payer_party_key", "payment_method_key.party_key")
    own &= tables.same("payment", "payment_method_type", "payment_method_key.payment_method_type")
    return np.asarray(
        np.where(lending, financed & from_lender & ~on_file, ~financed & (own | ~on_file))
    )


RARE = 0.05  # of payments of one kind lie beyond two standard deviations (R110)


class Amounts(NamedTuple):
    """Payments by kind and size (to one part in 64), and the moments of each kind."""

    cells: Cells
    moments: Mapping[str, Moments]

    def __add__(self, other: Any) -> Amounts:
        moments = dict(self.moments)
        for kind, part in other.moments.items():
            moments[kind] = moments.get(kind, Moments()) + part
        return Amounts(self.cells + other.cells, moments)


def _amounts(tables: Tables) -> Amounts:
    own = tables.own("payment")
    amount = tables.values("payment", "amount")[own].astype(np.float64)
    kind = tables.codes("payment", "payment_amount_type")
    codes = kind.codes[own]
    sizes, place = np.unique(_size(amount), return_inverse=True)
    values = sizes.tolist()
    moments = {
        name: Moments.of(amount[codes == code])
        for code, name in enumerate(kind.labels)
        if (codes == code).any()
    }
    cells = Cells.of(
        np.where(codes < 0, -1, codes * len(values) + place),
        lambda code: (kind.labels[code // len(values)], values[code % len(values)]),
    )
    return Amounts(cells, moments)


def _size(amount: NDArray[np.float64]) -> NDArray[np.float64]:
    """The number rounded to seven binary digits."""
    mantissa, exponent = np.frexp(amount)
    return np.ldexp(np.round(mantissa * 128) / 128, exponent)


def _unusual(amounts: Amounts) -> Verdict:
    broken: set[tuple[str, float]] = set()
    for name, moments in amounts.moments.items():
        if moments.rows < FEW:
            continue
        mean, reach = moments.mean, 2 * moments.deviation
        far = {
            label: cell.rows
            for label, cell in amounts.cells.cells.items()
            if label[0] == name and abs(label[1] - mean) > reach
        }
        chance = 3 * float(np.sqrt(RARE * (1 - RARE) / moments.rows))
        if sum(far.values()) > moments.rows * (RARE + max(0.03, chance)):
            broken |= far.keys()
    return amounts.cells.verdict(broken.__contains__)


DAY = np.timedelta64(86_400_000, "ms")


def _payment_dates(tables: Tables) -> Truth:
    paid = tables.values("payment", "occurrence_date_time")
    billed = tables.values("payment", "invoice_key.invoice_date_time")
    deposit = tables.is_one_of("payment", "payment_amount_type", "DOWN_PAYMENT")
    return np.asarray((paid >= billed) | (deposit & (paid >= billed - 60 * DAY)))


RULES = (
    Rule(
        "R110.unusual",
        "payment",
        "Amounts far from those of their kind are rare",
        Whole(_amounts, _unusual),
        group=TARGETS,
        level="warning",
        scope="whole",
    ),
    Rule(
        "R068.refund",
        "payment",
        "Refunds are negative and send back at most an earlier, settled payment",
        _refunds,
        group=PAYMENTS,
        scope="shard",
    ),
    Rule(
        "R068.sum",
        "payment",
        "The payments of an invoice sum to at most its total",
        _not_too_much,
        needs=("invoice",),
        group=PAYMENTS,
        scope="shard",
    ),
    Rule(
        "R068.settled",
        "payment",
        "A payment is settled, or charged back later, exactly when it has a moment of settlement",
        _settles_later,
        group=PAYMENTS,
    ),
    Rule(
        "R069",
        "payment",
        "Lenders pay what deals finance; a method on file is the payer's and of the kind used",
        _instrument,
        needs=("invoice", "deal", "credit_application", "org_profile", "payment_method"),
        group=PAYMENTS,
    ),
    Rule(
        "R062.payment",
        "payment",
        "No payment before its invoice, but deposits, at most 60 days",
        _payment_dates,
        needs=("invoice",),
        group=BALANCE,
    ),
)
