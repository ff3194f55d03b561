"""Leads worked into deals."""

from generator.domains.graph import Domain
from generator.domains.sales_operations.credit_rating import CREDIT_RATING
from generator.domains.sales_operations.customer_interaction import CUSTOMER_INTERACTION
from generator.domains.sales_operations.deal import DEAL
from generator.domains.sales_operations.product_contract import PRODUCT_CONTRACT
from generator.domains.sales_operations.retail_delivery_report import RETAIL_DELIVERY_REPORT
from generator.domains.sales_operations.sales_event import SALES_EVENT
from generator.domains.sales_operations.sales_lead import SALES_LEAD
from generator.domains.sales_operations.trade_in_vehicle import TRADE_IN_VEHICLE

DOMAIN = Domain(
    "sales_operations",
    "Sales",
    "Leads worked into deals",
    (
        SALES_LEAD,
        DEAL,
        SALES_EVENT,
        TRADE_IN_VEHICLE,
        PRODUCT_CONTRACT,
        RETAIL_DELIVERY_REPORT,
        CREDIT_RATING,
        CUSTOMER_INTERACTION,
    ),
)
