"""Invoices that add up and balance with their payments."""

from generator.domains.finance.invoice import INVOICE
from generator.domains.finance.invoice_item import INVOICE_ITEM
from generator.domains.graph import Domain

DOMAIN = Domain(
    "finance",
    "Finance",
    "Invoices that add up and balance with their payments",
    (
        INVOICE,
        INVOICE_ITEM,
    ),
)
