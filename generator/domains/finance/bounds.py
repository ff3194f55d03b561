"""How many lines and payments an invoice may have.

The bounds hold for every deal, whatever its money: `deal_money` reads the dealer's number of
payments before it decides on deposits and trade-ins, the vehicle's line can be parted or take the
products in, and money can come in instalments.  So a total fits a dealer exactly when it lies
between ``invoices * low`` and ``invoices * high``.
"""

from __future__ import annotations

from generator.domains.counts import Given

ITEMS_PER_INVOICE = (2, 8)
PAYMENTS_PER_INVOICE = (1, 6)
METHODS_PER_PARTY = (0, 3)
"""Instruments are held by customers, and by staff of a dealer without customers."""

OTHERS = ("repair_order", "part_order", "subscription_agreement")
ALONE = "A number of invoices, their lines or payments is settled where cars alone are billed"
"""Tables whose rows are billed too, as many as it comes to; beside them no number is exact."""


def more_bills(given: Given) -> float:
    """About the invoices that are not for deals."""
    each = given.figures["bills_a_row"]
    return float(sum(number * given[table] for table, number in each.items()))
