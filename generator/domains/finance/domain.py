"""Invoices that balance with their payments, and the ledger they are posted to."""

from generator.domains.finance.accounting_period import ACCOUNTING_PERIOD
from generator.domains.finance.general_ledger_account import GENERAL_LEDGER_ACCOUNT
from generator.domains.finance.invoice import INVOICE
from generator.domains.finance.invoice_item import INVOICE_ITEM
from generator.domains.finance.journal_entry import JOURNAL_ENTRY
from generator.domains.finance.journal_entry_transaction import JOURNAL_ENTRY_TRANSACTION
from generator.domains.finance.subsidiary_ledger_transaction import SUBSIDIARY_LEDGER_TRANSACTION
from generator.domains.graph import Domain

DOMAIN = Domain(
    "finance",
    "Finance",
    "Invoices that balance with their payments, and the ledger they are posted to",
    (
        ACCOUNTING_PERIOD,
        GENERAL_LEDGER_ACCOUNT,
        INVOICE,
        INVOICE_ITEM,
        JOURNAL_ENTRY_TRANSACTION,
        JOURNAL_ENTRY,
        SUBSIDIARY_LEDGER_TRANSACTION,
    ),
)
