"""What each event of telemetry is about: what is drawn, as far as it is true of the moment, and
what an alert needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw, Made, drawn
from generator.domains.telematics_vehicle_events.causes import CHARGE, CODE, HOT, SERVICE, TYRE
from generator.domains.telematics_vehicle_events.fault_codes import trouble_codes
from generator.domains.telematics_vehicle_events.vehicle_telemetry_event_way import raises
from generator.frame import Coded

LOW_TYRE = 280  # tenths of a psi
SERVICE_DUE = 1500  # hundredths of a per cent of oil life
AT_MPH = {  # from, up to
    "SPEEDING_STARTED": (50, 999),
    "IDLE_STARTED": (0, 2),
    "HARSH_BRAKING": (12, 999),
    "HARSH_ACCELERATION": (8, 999),
    "HARSH_CORNERING": (8, 80),
}
RAISED = {
    TYRE: "TIRE_PRESSURE_LOW",
    SERVICE: "SERVICE_DUE_WARNING",
    CHARGE: "BATTERY_STATE_OF_CHARGE_LOW",
    HOT: "COOLANT_TEMPERATURE_HIGH",
    CODE: "DTC_SET",
}
CHARGING = ("EV_CHARGING_STARTED", "EV_CHARGING_COMPLETED")
CHANGE = {"HARSH_BRAKING": -1, "HARSH_ACCELERATION": 1}  # of speed
OF_THE_DRIVER = ("HARSH_BRAKING", "HARSH_ACCELERATION", "HARSH_CORNERING", "SPEEDING_STARTED")
DTC = ("DTC_SET", "PENDING_DTC_SET", "DTC_CLEARED")


@drawn("telemetry_event_type")
def types(draw: Draw) -> Made:
    """Start, stop, and in between what the leaf says, as far as it is true of the moment."""
    drawn_types = draw.leaf("vehicle_telemetry_event.telemetry_event_type")
    labels = list(drawn_types.labels)
    codes = drawn_types.codes.astype(np.int64)
    extra = [
        name
        for name in (
            "ENGINE_STARTED",
            "ENGINE_STOPPED",
            "LOCATION_PULSE",
            *CHARGING,
            *RAISED.values(),
        )
        if name not in labels
    ]
    labels += extra
    at = labels.index
    low_tyre = draw["tire_pressure_psi"] < LOW_TYRE
    plugin = draw.frames["connected_vehicle"]["_plugin"][draw["_local"]]
    low_charge = plugin & (draw["battery_state_of_charge_pct"] < draw.figures["low_charge"])
    pulse = codes == at("LOCATION_PULSE")
    sometimes, warned = draw.u("warning"), draw.figures["warned_share"]
    tyre = pulse & low_tyre & (sometimes < warned["tyre"])
    charge = pulse & low_charge & (sometimes > 1 - warned["charge"])
    codes = np.where(tyre, at("TIRE_PRESSURE_LOW"), codes)
    codes = np.where(charge, at("BATTERY_STATE_OF_CHARGE_LOW"), codes)
    electric = draw.frames["connected_vehicle"]["_electric"][draw["_local"]]
    hot = codes == at("COOLANT_TEMPERATURE_HIGH")
    codes = np.where(hot & electric, at("LOCATION_PULSE"), codes)
    codes = _where_true(draw, codes, labels)
    codes = np.where(draw["_first"], at("ENGINE_STARTED"), codes)
    codes = np.where(draw["_last"], at("ENGINE_STOPPED"), codes)
    for after, name in enumerate(CHARGING, start=1):
        codes[draw["_parked"] == after] = at(name)
    for kind, name in RAISED.items():
        codes[raises(draw, kind)] = at(name)
    return {"telemetry_event_type": Coded(codes.astype(np.int32), tuple(labels))}


def _where_true(draw: Draw, codes: NDArray[np.int64], labels: list[str]) -> NDArray[np.int64]:
    """What only happens at some speeds, where cars slow down or get going, or when the oil is used
    up, happens there, as often as drawn: an event elsewhere becomes a pulse, and as many pulses
    there become the event.  What is the driver's doing happens to some more than to others."""
    pulse, mph, inner = labels.index("LOCATION_PULSE"), draw["_mph"], draw["_inner"]
    frame, local = draw.frames["connected_vehicle"], draw["_local"]
    true = {name: (mph >= low) & (mph < high) for name, (low, high) in AT_MPH.items()}
    for name, change in CHANGE.items():
        true[name] &= draw["_change"] == change
    true["SERVICE_DUE_WARNING"] = (draw["oil_life_pct"] <= SERVICE_DUE) & ~frame["_electric"][local]
    temper = frame["_temper"][local]
    for name, there in true.items():
        code = labels.index(name)
        rows = np.flatnonzero(codes == code)
        stays = np.zeros(len(rows), bool) if name in OF_THE_DRIVER else there[rows]
        moved = rows[inner[rows] & ~stays]
        codes[moved] = pulse
        free = np.flatnonzero(inner & there & (codes == pulse))
        weight = temper[free] if name in OF_THE_DRIVER else np.ones(len(free))
        chance = len(moved) * weight / max(float(weight.sum()), 1e-9)
        codes[free[draw.u(f"at_{name}")[free] < chance]] = code
    return codes


@drawn("diagnostic_trouble_code")
def codes(draw: Draw) -> Made:
    types = draw["telemetry_event_type"]
    with_code = np.isin(
        types.codes, [types.labels.index(name) for name in DTC if name in types.labels]
    )
    electric = draw.frames["connected_vehicle"]["_electric"][draw["_local"]]
    drawn_codes = trouble_codes(draw, electric)
    alerts = draw.frames["vehicle_alert"]["diagnostic_trouble_code"]
    labels = (*drawn_codes.labels, *(c for c in alerts.labels if c not in drawn_codes.labels))
    codes = drawn_codes.codes.copy()
    rows = raises(draw, CODE)
    names = np.array([labels.index(label) for label in alerts.labels], dtype=np.int32)
    codes[rows] = names[alerts.codes[draw["_alert"][rows]]]
    return {"diagnostic_trouble_code": (Coded(codes, labels), ~with_code)}
