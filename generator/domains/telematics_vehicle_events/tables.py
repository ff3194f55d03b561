"""The platform's tables of the domain telematics_vehicle_events."""

from generator.domains.columns import (
    decimal,
    enum,
    flag,
    integer,
    moment,
    text,
)
from generator.schema import Link, Table

CONNECTED_VEHICLE = Table(
    "connected_vehicle",
    domain="telematics_vehicle_events",
    meaning="Connected state (vehicle_state) of a VIN",
    key="connected_vehicle_key",
    columns=(
        text("connected_vehicle_key", 50, unique=True),
        text("vehicle_key", 50, "unique"),
        text("device_identifier", 40, unique=True, personal="device_id"),
        enum("connected_status_type", "ConnectedVehicleStatusTypes"),
        enum("ignition_status_type", "IgnitionStatusTypes"),
        integer("current_odometer"),
        decimal("fuel_level_pct", 5, 2, nullable=True),
        decimal("battery_state_of_charge_pct", 5, 2, nullable=True),
        decimal("current_latitude", 9, 6, personal="geolocation"),
        decimal("current_longitude", 9, 6, personal="geolocation"),
        flag("data_sharing_consent_indicator"),
        text("software_version", 20),
        moment("last_heartbeat_date_time"),
    ),
    links=(Link("vehicle_key", "vehicle", "vehicle_key", "parent", unique=True),),
)

VEHICLE_TELEMETRY_EVENT = Table(
    "vehicle_telemetry_event",
    domain="telematics_vehicle_events",
    meaning="Timestamped telemetry packet (wide form)",
    key="vehicle_telemetry_event_key",
    columns=(
        text("vehicle_telemetry_event_key", 50, unique=True),
        text("vehicle_key", 50),
        text("device_identifier", 40, personal="device_id"),
        enum("telemetry_event_type", "TelemetryEventTypes"),
        integer("event_sequence_num", "strictly increasing per vehicle"),
        text("trip_key", 50, nullable=True),
        moment("occurrence_date_time"),
        moment("recorded_date_time"),
        moment("ingested_date_time"),
        integer("latency_milliseconds", "= ms(ingested_date_time - occurrence_date_time)"),
        enum("freshness_status_type", "FreshnessStatusTypes", "REALTIME iff latency <= 5000"),
        decimal(
            "latitude", 9, 6, "null without location consent", nullable=True, personal="geolocation"
        ),
        decimal("longitude", 9, 6, nullable=True, personal="geolocation"),
        decimal("odometer", 9, 1, "non-decreasing per vehicle"),
        decimal("speed_mph", 5, 1, nullable=True),
        integer("engine_rpm", "null for BEV", nullable=True),
        decimal("fuel_level_pct", 5, 2, "null for BEV", nullable=True),
        decimal("battery_state_of_charge_pct", 5, 2, "BEV/PHEV", nullable=True),
        decimal("battery_voltage", 5, 2, nullable=True),
        decimal("tire_pressure_psi", 5, 1, nullable=True),
        decimal("oil_life_pct", 5, 2, nullable=True),
        decimal("engine_temperature_c", 5, 1, nullable=True),
        text(
            "diagnostic_trouble_code",
            10,
            "set iff DTC_SET/DTC_CLEARED/PENDING_DTC_SET",
            nullable=True,
        ),
        flag("data_sharing_consent_indicator"),
        flag("duplicate_indicator"),
        decimal("data_quality_score", 3, 2),
    ),
    links=(Link("vehicle_key", "vehicle", "vehicle_key", "parent"),),
)
