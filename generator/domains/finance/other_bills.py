"""What is billed beside cars: work a customer pays for, parts over the counter, subscriptions.

Each kind tells of its rows that are billed, and of the lines of each bill; they follow wholly from
what the workshop, the counter and the agreements have drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.consequences import Caused
from generator.domains.graph import Frames
from generator.domains.groups import round_half_up
from generator.domains.payment.dates import span_of
from generator.domains.subscriptions.terms import months_on, terms_begun

Ints = NDArray[np.int64]
Moments = NDArray[np.datetime64]
LABOR, SUBLET, PARTS, SUPPLIES, PERIOD, DEDUCTIBLE = range(6)
BILLED_AT = np.timedelta64(15, "h")  # of the UTC day on which a subscription is billed


class Lines(NamedTuple):
    """Lines of all bills of a kind, bill by bill: the bill, what it is (LABOR …), a row of the
    table of that (operation, part, plan), hundredths, cents of a piece, its cost, cents, whether
    it is taxed."""

    bill: Ints
    kind: Ints
    row: Ints
    quantity: Ints
    price: Ints
    cost: Ints
    amount: Ints
    taxed: NDArray[np.bool_]

    def sums(self, bills: int, *kinds: int) -> Ints:
        """Cents of each bill in lines of these kinds."""
        mine = np.isin(self.kind, kinds)
        return np.bincount(self.bill[mine], weights=self.amount[mine], minlength=bills).astype(
            np.int64
        )

    def costs(self, bills: int) -> Ints:
        """What the parts of each bill have cost, in cents."""
        mine = self.kind == PARTS
        spent = round_half_up(self.cost[mine] * self.quantity[mine] / 100)
        return np.bincount(self.bill[mine], weights=spent, minlength=bills).astype(np.int64)


class Bills(NamedTuple):
    """Bills of one kind: what they follow from, customers (global rows), when they are billed,
    due and paid, the rate of the tax; ``on_file`` where a stored card pays."""

    source: str
    type: str
    caused: Caused
    customer: Ints
    billed: Moments
    due: Moments
    paid: Moments
    rate: NDArray[np.float64]
    on_file: bool
    lines: Lines


def other_bills(frames: Frames) -> tuple[Bills, ...]:
    return frames.keep("other bills", lambda: tuple(kind(frames) for kind in KINDS))


def of_workshop(frames: Frames) -> Bills:
    """What the customer pays of a repair order, when the car is picked up."""
    orders = frames["repair_order"]
    at = np.flatnonzero(orders["_customer_part"] > 0)
    closed = orders["closed_date_time"][at].astype("datetime64[ms]")
    bill = np.full(orders.rows, -1)
    bill[at] = np.arange(len(at))
    return Bills(
        "SERVICE",
        "SERVICE_INVOICE",
        Caused.one_of("repair_order", at),
        orders["_customer_key"][at],
        closed,
        closed,
        closed,
        _tax_rates(frames, orders["_dealer"][at]),
        False,
        _work_lines(frames, bill),
    )


def _work_lines(frames: Frames, bill: Ints) -> Lines:
    orders, rows = frames["repair_order"], frames["repair_order_line"]
    parts, of_part = frames["repair_order_part"], frames["repair_order_part"]["_line"]
    own = rows["_pay"] == "CUSTOMER_PAY"
    labor = np.flatnonzero(own & (rows["labor_amount"] > 0))
    sublet = np.flatnonzero(own & (rows["sublet_amount"] > 0))
    used = np.flatnonzero(own[of_part]) if parts.rows else np.zeros(0, dtype=np.int64)
    supplied = np.flatnonzero((bill >= 0) & (orders["actual_misc_amount"] > 0))
    shared = np.flatnonzero((bill >= 0) & (orders["_deductible"] > 0))
    one, none = np.full, np.zeros
    found = [
        (
            rows["_order"][labor],
            LABOR,
            rows["_operation"][labor],
            rows["billed_hours"][labor],
            rows["labor_rate"][labor],
            none(len(labor), np.int64),
            rows["labor_amount"][labor],
        ),
        (
            rows["_order"][sublet],
            SUBLET,
            rows["_operation"][sublet],
            one(len(sublet), 100),
            rows["sublet_amount"][sublet],
            rows["sublet_amount"][sublet],
            rows["sublet_amount"][sublet],
        ),
        (
            rows["_order"][of_part[used]],
            PARTS,
            parts["_part"][used],
            parts["quantity"][used] * 100,
            parts["unit_price"][used],
            parts["unit_cost"][used],
            parts["extended_amount"][used],
        ),
        (
            supplied,
            SUPPLIES,
            none(len(supplied), np.int64),
            one(len(supplied), 100),
            orders["actual_misc_amount"][supplied],
            none(len(supplied), np.int64),
            orders["actual_misc_amount"][supplied],
        ),
        (
            shared,
            DEDUCTIBLE,
            none(len(shared), np.int64),
            one(len(shared), 100),
            orders["_deductible"][shared],
            none(len(shared), np.int64),
            orders["_deductible"][shared],
        ),
    ]
    return _in_order([(bill[order], *rest) for order, *rest in found])


def of_counter(frames: Frames) -> Bills:
    """Sales of parts: over the counter at once, to the trade by the month and untaxed."""
    orders, items = frames["part_order"], frames["part_order_item"]
    at = np.flatnonzero(~orders["_stock"])
    bill = np.full(orders.rows, -1)
    bill[at] = np.arange(len(at))
    sold = np.flatnonzero(bill[items["_order"]] >= 0)
    handed = orders["received_date_time"][at].astype("datetime64[ms]")
    paid = np.maximum(orders["_paid"][at].astype("datetime64[ms]"), handed)
    trade = orders["_trade"][at]
    rate = np.where(trade, 0.0, _tax_rates(frames, orders["_dealer"][at]))
    cost = frames["part_master"]["dealer_cost"][items["_part"][sold]]
    lines = _in_order(
        [
            (
                bill[items["_order"][sold]],
                PARTS,
                items["_part"][sold],
                items["total_quantity"][sold] * 100,
                items["unit_price"][sold],
                cost,
                items["total_price"][sold],
            )
        ]
    )
    month = np.timedelta64(int(frames.figures["trade_terms_days"]), "D")
    return Bills(
        "PART",
        "PART_INVOICE",
        Caused.one_of("part_order", at),
        orders["_customer"][at],
        handed,
        np.where(trade, handed + month, handed),
        paid,
        rate,
        False,
        lines,
    )


def of_subscriptions(frames: Frames) -> Bills:
    """Each term of an agreement as it begins; the last one by its days, where notice is given."""
    agreements = frames["subscription_agreement"]
    last = span_of(frames.plan).horizon.astype("datetime64[D]")
    anchor, interval = agreements["_anchor"], agreements["_interval"]
    until = np.minimum(agreements["_lasts"] - np.timedelta64(1, "D"), last)
    terms = np.where(agreements["_goes_on"], terms_begun(anchor, interval, until), 0)
    caused = Caused.several_of("subscription_agreement", terms)
    at = caused.row
    begins = months_on(anchor[at], (caused.line - 1) * interval[at])
    ends = months_on(anchor[at], caused.line * interval[at])
    used = np.minimum(ends, agreements["_lasts"][at]) - begins
    share = used.astype(np.int64) / np.maximum((ends - begins).astype(np.int64), 1)
    amount = np.maximum(round_half_up(agreements["recurring_amount"][at] * share), 1)
    billed = np.maximum(
        begins.astype("datetime64[ms]") + BILLED_AT,
        agreements["_begun"][at].astype("datetime64[ms]"),
    )
    n = len(at)
    lines = Lines(
        np.arange(n),
        np.full(n, PERIOD),
        agreements["_plan"][at],
        np.full(n, 100),
        amount,
        np.zeros(n, dtype=np.int64),
        amount,
        np.zeros(n, dtype=bool),
    )
    return Bills(
        "SUBSCRIPTION",
        "SUBSCRIPTION",
        caused,
        agreements["_customer_key"][at],
        billed,
        billed + np.timedelta64(10, "D"),
        billed,
        np.zeros(n),
        True,
        lines,
    )


KINDS = (of_workshop, of_counter, of_subscriptions)


def taxes(bills: Bills) -> Ints:
    """Cents of tax of each line, so that those of a bill sum to the rounded tax of what is taxed
    of it."""
    lines = bills.lines
    taxed = np.where(lines.taxed, lines.amount, 0)
    running = np.cumsum(taxed)
    first = np.searchsorted(lines.bill, lines.bill)
    upto = running - (running - taxed)[first] if len(running) else running
    rate = bills.rate[lines.bill]
    return round_half_up(upto * rate) - round_half_up((upto - taxed) * rate)


def _tax_rates(frames: Frames, dealer: Ints) -> NDArray[np.float64]:
    dealers = frames["dealer"]
    state = dealers.text("state")[dealer - dealers.start]
    rates = frames.figures["vehicle_sales_tax_rate"]
    return np.array([float(rates[name]) for name in state.tolist()], dtype=np.float64)


def _in_order(found: Sequence[tuple[Ints | int, ...]]) -> Lines:
    """Lines of several kinds (bill, kind, row, quantity, price, cost, amount), bill by bill; those
    of no bill are left out."""
    columns: list[list[Ints]] = [[] for _ in range(7)]
    for part in found:
        rows = len(np.asarray(part[0]))
        for column, values in zip(columns, part, strict=True):
            column.append(np.broadcast_to(np.asarray(values, dtype=np.int64), rows))
    bill, kind, row, quantity, price, cost, amount = (
        np.concatenate([np.zeros(0, dtype=np.int64), *parts]) for parts in columns
    )
    order = np.lexsort((np.arange(len(bill)), kind, bill))
    order = order[bill[order] >= 0]
    return Lines(
        bill[order],
        kind[order],
        row[order],
        quantity[order],
        price[order],
        cost[order],
        amount[order],
        np.isin(kind[order], (PARTS, SUPPLIES)),
    )
