"""The tables of the domain, ready to be drawn."""

from generator.domains.telematics_vehicle_events.connected import CONNECTED_VEHICLE
from generator.domains.telematics_vehicle_events.telemetry import VEHICLE_TELEMETRY_EVENT

__all__ = ["CONNECTED_VEHICLE", "VEHICLE_TELEMETRY_EVENT"]
