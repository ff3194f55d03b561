"""What connected cars report, trip by trip."""

from generator.domains.graph import Domain
from generator.domains.telematics_vehicle_events.connected_vehicle import CONNECTED_VEHICLE
from generator.domains.telematics_vehicle_events.vehicle_alert import VEHICLE_ALERT
from generator.domains.telematics_vehicle_events.vehicle_telemetry_event import (
    VEHICLE_TELEMETRY_EVENT,
)

DOMAIN = Domain(
    "telematics_vehicle_events",
    "Telematics",
    "What connected cars report, trip by trip",
    (
        CONNECTED_VEHICLE,
        VEHICLE_TELEMETRY_EVENT,
        VEHICLE_ALERT,
    ),
)
