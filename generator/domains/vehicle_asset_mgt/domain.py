"""Every VIN, and its stay in stock."""

from generator.domains.graph import Domain
from generator.domains.vehicle_asset_mgt.garage_item import GARAGE_ITEM
from generator.domains.vehicle_asset_mgt.inventory_vehicle import INVENTORY_VEHICLE
from generator.domains.vehicle_asset_mgt.vehicle import VEHICLE
from generator.domains.vehicle_asset_mgt.vehicle_specification import VEHICLE_SPECIFICATION

DOMAIN = Domain(
    "vehicle_asset_mgt",
    "Vehicles & stock",
    "Every VIN, and its stay in stock",
    (
        VEHICLE_SPECIFICATION,
        VEHICLE,
        INVENTORY_VEHICLE,
        GARAGE_ITEM,
    ),
)
