"""Lots and stores of the dealers."""

from generator.domains.graph import Domain
from generator.domains.logistics_fulfillment.warehouse import WAREHOUSE

DOMAIN = Domain(
    "logistics_fulfillment",
    "Logistics and fulfillment",
    "Lots and stores of the dealers",
    (WAREHOUSE,),
)
