"""How many lines and payments an invoice may have.

The bounds hold for every deal, whatever its money: `deal_money` reads the dealer's number of
payments before it decides on deposits and trade-ins, the vehicle's line can be parted or take the
products in, and money can come in instalments.  So a total fits a dealer exactly when it lies
between ``invoices * low`` and ``invoices * high``.
"""

from __future__ import annotations

from dataclasses import replace

from generator.domains.counts import Count, Given, Typical

ITEMS_PER_INVOICE = (2, 8)
PAYMENTS_PER_INVOICE = (1, 6)
METHODS_PER_PARTY = (0, 3)
"""Instruments are held by customers, and by staff of a dealer without customers."""


def beside(count: Count, more: Typical) -> Count:
    """The count with rows beside it for what else is billed: as many as it comes to, and none
    where a number of rows is asked for."""
    return replace(
        count,
        more=more,
        without=("repair_order", "part_order", "subscription_agreement"),
        without_rule="A number of invoices, their lines or payments is settled where cars alone "
        "are billed",
    )


def more_bills(given: Given) -> float:
    """About the invoices that are not for deals."""
    each = given.figures["bills_a_row"]
    return float(sum(number * given[table] for table, number in each.items()))
