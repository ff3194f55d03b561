"""Lots and stores of the dealers, and how parts get there."""

from generator.domains.graph import Domain
from generator.domains.logistics_fulfillment.shipment import SHIPMENT
from generator.domains.logistics_fulfillment.warehouse import WAREHOUSE

DOMAIN = Domain(
    "logistics_fulfillment",
    "Logistics and fulfillment",
    "Lots and stores of the dealers, and how parts get there",
    (
        WAREHOUSE,
        SHIPMENT,
    ),
)
