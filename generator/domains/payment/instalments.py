"""The rows a dealer's payments come to: which part of which deal, in how many instalments.

Every invoiced deal has one main part (the lender's money, or the cash balance), and one part each
for a deposit, a trade-in and its rebates.  The dealer's exact number of payments beyond these are
instalments of deposits and cash balances, a few overpayments sent back, and only where there is
neither a deposit nor cash, a lender's money in two or more transfers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.finance.bounds import PAYMENTS_PER_INVOICE
from generator.domains.graph import Draw
from generator.domains.groups import parted
from generator.domains.payment.dates import DAY, span_of
from generator.streams import apportion_within

Integers = NDArray[np.int64]

DOWN, TRADE, CASH, LENDER, REFUND, REBATE = range(6)
MOST = PAYMENTS_PER_INVOICE[1]
_SETTLES_WITHIN = 25  # days after which no cash payment is still on its way


class Rows(NamedTuple):
    """Payments in order: local invoice, part of the deal, amount in cents, place among the
    instalments of its part, and how many of them there are."""

    invoice: Integers
    part: Integers
    amount: Integers
    place: Integers
    size: Integers


def payments_of(draw: Draw) -> Rows:
    """All payments of the shard's invoices; each invoice's sum is its total, exactly."""
    deals = draw.frames["deal"]
    at = draw.frames["invoice"]["_deal_key"] - deals.start
    due = _due(draw, at)
    rebate = deals["rebate_price_total"][at]
    sizes = (due != 0).astype(np.int64)
    least = sizes.sum(axis=1) + (rebate > 0)
    counts = _counts(draw, least, due)
    refund = _overpaid(draw, due, counts - least)
    extra = counts - least - (refund > 0)
    split = np.argmax(due[:, [DOWN, CASH, LENDER]] > 0, axis=1)
    split = np.array([DOWN, CASH, LENDER])[np.where(refund > 0, 1, split)]
    sizes[np.arange(len(at)), split] += extra
    return _rows(draw, due, sizes, refund, rebate)


def _due(draw: Draw, at: Integers) -> Integers:
    """What each part of each invoice's deal comes to, shape (n, 4)."""
    deals = draw.frames["deal"]
    down, trade = deals["down_payment"][at], deals["trade_in_equity"][at]
    lender = deals["amount_financed"][at]
    rest = deals["total_amount"][at] - deals["rebate_price_total"][at] - down - trade - lender
    return np.stack([down, trade, rest, lender], axis=1)


def _counts(draw: Draw, least: Integers, due: Integers) -> Integers:
    """Payments of each invoice: the dealer's exact total, none below the parts of its deal."""
    invoices = draw.frames["invoice"]
    u = invoices["_luck_instalments"]
    divisible = (due[:, DOWN] > 0) | (due[:, CASH] > 0)
    weights = np.where(divisible, draw.leaf("payments_weight", u=u), 0.0)
    counts = np.zeros(invoices.rows, dtype=np.int64)
    local = invoices["_dealer"] - draw.frames["dealer"].start
    first = np.searchsorted(local, np.arange(len(draw.counts["payment"]) + 1))
    for dealer, total in enumerate(draw.counts["payment"]):
        rows = slice(first[dealer], first[dealer + 1])
        most = np.full(first[dealer + 1] - first[dealer], MOST)
        counts[rows] = apportion_within(weights[rows], int(total), least[rows], most)
    return counts


def _overpaid(draw: Draw, due: Integers, spare: Integers) -> Integers:
    """Cents paid too much and sent back: on few cash deals old enough for all to be settled."""
    invoices = draw.frames["invoice"]
    u = invoices["_luck_overpaid"]
    share = float(draw.figures["overpaid_share"])
    waited = span_of(draw.plan).horizon - invoices["invoice_date_time"]
    old = waited > np.timedelta64(_SETTLES_WITHIN * DAY, "ms")
    chosen = (due[:, CASH] > 0) & (spare > 0) & old & (u < share)
    least, more = draw.figures["overpaid_cents"]
    cents = least + (u / share * more).astype(np.int64) // 100 * 100
    return np.where(chosen, np.minimum(cents, due[:, CASH]), 0)


def _rows(draw: Draw, due: Integers, sizes: Integers, refund: Integers, rebate: Integers) -> Rows:
    n = len(due)
    invoices = draw.frames["invoice"]
    found: list[tuple[Integers, ...]] = []
    for part in (DOWN, TRADE, CASH, LENDER):
        luck = invoices["_luck_parts"][:, part].reshape(-1)
        weights = draw.leaf("instalment_weight", u=luck).reshape(n, MOST)
        used = np.arange(MOST)[None, :] < sizes[:, part][:, None]
        parts = _in_round_sums(draw, due[:, part], np.where(used, weights, 0.0), sizes[:, part])
        if part == CASH:
            last = np.maximum(sizes[:, CASH] - 1, 0)
            parts[np.arange(n), last] += refund
        invoice, place = np.nonzero(used)
        amount, size = parts[used], sizes[invoice, part]
        found.append((invoice, np.full(len(invoice), part), amount, place, size))
    for part, sums in ((REFUND, -refund), (REBATE, rebate)):
        invoice = np.flatnonzero(sums)
        one = np.ones(len(invoice), dtype=np.int64)
        found.append((invoice, one * part, sums[invoice], one * 0, one))
    columns = [np.concatenate(column) for column in zip(*found, strict=True)]
    order = np.lexsort((columns[3], columns[1], columns[0]))
    return Rows(*(column[order] for column in columns))


def _in_round_sums(
    draw: Draw, total: Integers, weights: NDArray[np.float64], size: Integers
) -> Integers:
    """Parts in tens of dollars where the sum is large enough, else in cents."""
    rounded = draw.figures["round_sums"]
    grain = np.where(total >= size * rounded["from"], rounded["grain"], 1)
    whole = parted(np.abs(total), weights, grain)
    return whole * np.where(total < 0, -1, 1)[:, None]
