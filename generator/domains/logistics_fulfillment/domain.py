"""Lots and stores of the dealers, and how cars and parts get there."""

from generator.domains.graph import Domain
from generator.domains.logistics_fulfillment.shipment import SHIPMENT
from generator.domains.logistics_fulfillment.vehicle_transfer_order import VEHICLE_TRANSFER_ORDER
from generator.domains.logistics_fulfillment.warehouse import WAREHOUSE

DOMAIN = Domain(
    "logistics_fulfillment",
    "Logistics and fulfillment",
    "Lots and stores of the dealers, and how cars and parts get there",
    (
        WAREHOUSE,
        VEHICLE_TRANSFER_ORDER,
        SHIPMENT,
    ),
)
