"""The platform's tables of the domain payment."""

from generator.domains.columns import (
    day,
    decimal,
    enum,
    flag,
    integer,
    moment,
    text,
)
from generator.schema import Link, Table

CREDIT_APPLICATION = Table(
    "credit_application",
    domain="payment",
    meaning="Finance request and decision",
    key="credit_application_key",
    columns=(
        text("credit_application_key", 50, unique=True),
        text("customer_key", 50),
        text("dealer_key", 50),
        text("lender_org_profile_key", 50),
        enum("application_status_type", "CreditApplicationStatusTypes"),
        moment("application_date_time"),
        moment("decision_date_time", nullable=True),
        integer("score_value", "300..850", personal="financial"),
        text("credit_tier", 10, "= bucket(score_value)", personal="financial"),
        decimal("gross_income", 12, 2, personal="financial"),
        enum("employment_type", "EmploymentTypes"),
        enum("residence_tenant_type", "ResidenceTenantTypes"),
        decimal("monthly_obligations", 10, 2, personal="financial"),
        decimal("requested_amount", 12, 2),
        decimal("approved_amount", 12, 2, nullable=True),
        decimal("approved_rate", 6, 4, nullable=True),
        integer("approved_term_months", nullable=True),
        decimal(
            "debt_to_income", 5, 3, "= (monthly_obligations + est payment) / (gross_income/12)"
        ),
        text("confirmation_code", 20, nullable=True),
    ),
    links=(
        Link("customer_key", "customer", "customer_key", "parent"),
        Link("dealer_key", "dealer", "dealer_key", "lookup"),
        Link("lender_org_profile_key", "org_profile", "org_profile_key", "lookup"),
    ),
)

PAYMENT_METHOD = Table(
    "payment_method",
    domain="payment",
    meaning="Stored instrument (tokenised)",
    key="payment_method_key",
    columns=(
        text("payment_method_key", 50, unique=True),
        text("party_key", 50),
        enum("payment_method_type", "PaymentMethodTypes"),
        enum("credit_card_type", "CreditCardTypes", nullable=True),
        text("card_number", 19, "Luhn-valid test BINs only", nullable=True, personal="card_number"),
        text("last_four", 4, "= right(card_number,4)", nullable=True, personal="card_number"),
        day("expiration_date", nullable=True),
        enum("credit_card_status_type", "CreditCardStatusTypes", nullable=True),
        enum("bank_account_type", "BankAccountTypes", nullable=True),
        text("routing_number", 9, nullable=True, personal="bank_account"),
        text("account_number", 17, nullable=True, personal="bank_account"),
        flag("default_indicator"),
    ),
    links=(Link("party_key", "party", "party_key", "parent"),),
)

PAYMENT = Table(
    "payment",
    domain="payment",
    meaning="Money received (or refunded) against an invoice",
    key="payment_key",
    columns=(
        text("payment_key", 50, "schema: 5..50 chars", unique=True),
        text("invoice_key", 50),
        text("payer_party_key", 50),
        text("payment_method_key", 50, nullable=True),
        enum("payment_method_type", "PaymentMethodTypes"),
        enum(
            "payment_amount_type", "PaymentAmountTypes", "PARTIAL_REFUND/TOTAL_REFUND are negative"
        ),
        decimal("amount", 14, 2),
        enum("payment_status_type", "PaymentStatusTypes"),
        enum("payment_transaction_status_type", "PaymentTransactionStatusTypes"),
        moment("occurrence_date_time"),
        moment("settled_date_time", nullable=True),
        text("refund_of_payment_key", 50, nullable=True),
        text("journal_entry_transaction_key", 50, nullable=True),
    ),
    links=(
        Link("invoice_key", "invoice", "invoice_key", "parent"),
        Link("payer_party_key", "party", "party_key", "lookup"),
        Link("payment_method_key", "payment_method", "payment_method_key", "lookup"),
        Link("refund_of_payment_key", "payment", "payment_key", "lookup"),
    ),
)
