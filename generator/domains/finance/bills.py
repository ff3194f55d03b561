"""What invoices stand for: deals today; repair orders, parts and subscriptions come with their
tables.  A source tells of its rows that are billed what an invoice needs to know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw
from generator.domains.payment.dates import known
from generator.domains.payment.deal_trade import INVOICED

Rows = NDArray[np.int64]
Labels = NDArray[np.object_]


class Bills(NamedTuple):
    """One entry a bill: the kind and row of what is billed, its dealer (numbers in the whole
    tables), who pays, for which customer, when; ``lent`` where a lender pays; ``amounts`` (n, 4)
    in cents: subtotal, discount, fee, tax."""

    source: Labels
    row: Rows
    dealer: Rows
    party: Rows
    customer: Rows
    type: Labels
    billed: NDArray[np.datetime64]
    lent: NDArray[np.bool_]
    amounts: Rows


def of_deals(draw: Draw) -> Bills:
    """Posted and funded deals.  Subtotal less discount is the sale price and the products."""
    deals, customers = draw.frames["deal"], draw.frames["customer"]
    at = np.flatnonzero(np.isin(deals.text("deal_status").astype(str), INVOICED))
    customer = deals["_customer_key"][at]
    posted = known(
        deals["post_date_time"][at],
        deals.missing("post_date_time")[at],
        deals["contract_date_time"][at],
    )
    discount = deals["discount_price_total"][at]
    sold = deals["sale_price"][at] + deals["product_price_total"][at]
    fee, tax = deals["fee_price_total"][at], deals["tax_price_total"][at]
    leased = deals.text("payment_type")[at] == "LEASE"
    return Bills(
        source=np.full(len(at), "DEAL", dtype=object),
        row=at + deals.start,
        dealer=deals["_dealer"][at],
        party=customers["_party_key"][customer - customers.start],
        customer=customer,
        type=np.where(leased, "LEASE", "VEHICLE_SALE").astype(object),
        billed=posted,
        lent=deals["_financed"][at],
        amounts=np.stack([sold + discount, discount, fee, tax], axis=1),
    )


def together(bills: Sequence[Bills]) -> Bills:
    """All bills, dealer by dealer, those of one source after those of another."""
    joined = [np.concatenate(parts) for parts in zip(*bills, strict=True)]
    order = np.argsort(np.concatenate([some.dealer for some in bills]), kind="stable")
    return Bills(*(values[order] for values in joined))


SOURCES: tuple[Callable[[Draw], Bills], ...] = (of_deals,)
