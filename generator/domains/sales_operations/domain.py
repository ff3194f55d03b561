"""Leads worked into deals."""

from generator.domains.graph import Domain
from generator.domains.sales_operations.credit_rating import CREDIT_RATING
from generator.domains.sales_operations.deal import DEAL
from generator.domains.sales_operations.sales_lead import SALES_LEAD

DOMAIN = Domain(
    "sales_operations",
    "Sales",
    "Leads worked into deals",
    (
        SALES_LEAD,
        DEAL,
        CREDIT_RATING,
    ),
)
