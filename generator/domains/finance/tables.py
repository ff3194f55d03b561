"""The platform's tables of the domain finance."""

from generator.domains.columns import (
    decimal,
    enum,
    flag,
    integer,
    moment,
    text,
)
from generator.schema import Link, Table

INVOICE = Table(
    "invoice",
    domain="finance",
    meaning="Billing document for every revenue stream",
    key="invoice_key",
    columns=(
        text("invoice_key", 50, unique=True),
        text("invoice_number", 30, "unique, gapless per dealer"),
        enum("invoice_type", "InvoiceTypes"),
        text("dealer_key", 50),
        text("bill_to_party_key", 50),
        enum(
            "source_resource_type",
            "ResourceTypes",
            "DEAL | SERVICE | PART | SUBSCRIPTION | WARRANTY | INCENTIVE",
        ),
        text("source_resource_key", 50, "polymorphic FK"),
        text("deal_key", 50, nullable=True),
        text("repair_order_key", 50, nullable=True),
        text("subscription_agreement_key", 50, nullable=True),
        text("part_order_key", 50, nullable=True),
        enum("invoice_status_type", "InvoiceStatusTypes"),
        enum("payment_status_type", "PaymentStatusTypes"),
        moment("invoice_date_time"),
        moment("due_date_time"),
        moment("post_date_time", nullable=True),
        text("currency_code", 3, "USD"),
        decimal("subtotal_amount", 14, 2, "= sum(invoice_item.base_amount)"),
        decimal("discount_amount", 14, 2, "= sum(invoice_item.discount_amount)"),
        decimal("fee_amount", 14, 2),
        decimal("tax_amount", 14, 2, "= sum(invoice_item.tax_amount)"),
        decimal(
            "total_amount", 14, 2, "= subtotal_amount - discount_amount + fee_amount + tax_amount"
        ),
        decimal("paid_amount", 14, 2, "= sum(settled payments) - sum(refunds)"),
        decimal("balance_amount", 14, 2, "= total_amount - paid_amount"),
    ),
    links=(
        Link("dealer_key", "dealer", "dealer_key", "lookup"),
        Link("bill_to_party_key", "party", "party_key", "lookup"),
        Link("deal_key", "deal", "deal_key", "parent"),
    ),
)

INVOICE_ITEM = Table(
    "invoice_item",
    domain="finance",
    meaning="Invoice line",
    key="invoice_item_key",
    columns=(
        text("invoice_item_key", 50, unique=True),
        text("invoice_key", 50),
        integer("line_number", "1..n without gaps, unique per invoice"),
        enum("item_type", "ResourceTypes"),
        text("item_reference_key", 50, "part/labour/vehicle/plan key by item_type", nullable=True),
        text("description", 250),
        decimal("total_quantity", 10, 2),
        decimal("unit_price", 12, 2),
        decimal("unit_cost", 12, 2),
        decimal("base_amount", 14, 2, "= round(total_quantity * unit_price, 2)"),
        decimal("discount_amount", 14, 2),
        flag("taxable_indicator"),
        decimal("tax_amount", 14, 2, "= round((base - discount) * rate, 2) if taxable"),
        decimal("total_amount", 14, 2, "= base_amount - discount_amount + tax_amount"),
        enum("invoice_item_status_type", "InvoiceItemStatusTypes"),
        enum("pay_type", "PayTypes", "CUSTOMER_PAY | WARRANTY | INTERNAL ..."),
    ),
    links=(Link("invoice_key", "invoice", "invoice_key", "parent"),),
)
