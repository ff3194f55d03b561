"""The tables of the domain finance and how their rows are made."""

from generator.domains.finance import invoice, invoice_item
from generator.domains.finance.rules import RULES
from generator.domains.finance.tables import INVOICE as INVOICE_TABLE
from generator.domains.finance.tables import INVOICE_ITEM as INVOICE_ITEM_TABLE
from generator.domains.table import Declaration

INVOICE = Declaration(
    INVOICE_TABLE, stages=(invoice.FIRST_STAGE, invoice.SECOND_STAGE), rules=RULES
)
INVOICE_ITEM = Declaration(INVOICE_ITEM_TABLE, stages=(invoice_item.STEPS,))
