"""A cold morning: many cars warn of low tyres around the same moment."""

from __future__ import annotations

import numpy as np

from generator.staging import Scenario, Scene

EVENT = "vehicle_telemetry_event"
PRESSURE = (205, 270)  # tenths of a PSI, at least and at most


def stage(scene: Scene, n: int) -> None:
    moment = scene.values(EVENT, "occurrence_date_time")
    rows = np.flatnonzero(_plain(scene))
    middle = moment[scene.chosen(EVENT, _plain(scene), 1, "moment")[0]]
    away = np.abs((moment[rows] - middle).astype(np.int64))
    rows = rows[np.argsort(away, kind="stable")]
    _, first = np.unique(_cars(scene)[rows], return_index=True)
    rows = rows[np.sort(first)][:n]
    if len(rows) < n:
        scene.refuse(EVENT, len(rows), n)
    lots = scene.lots(EVENT, "pressure")[rows]
    pressures = np.round(PRESSURE[0] + (PRESSURE[1] - PRESSURE[0]) * lots).astype(np.int64)
    scene.set(EVENT, "telemetry_event_type", rows, ["TIRE_PRESSURE_LOW"] * n)
    scene.set(EVENT, "tire_pressure_psi", rows, pressures)
    scene.list(EVENT, rows, [f"warns of {one / 10:.1f} psi" for one in pressures.tolist()])


def _plain(scene: Scene) -> np.ndarray:
    """Events that say where a car is and how it stands, and nothing else."""
    plain = scene.is_one_of(EVENT, "telemetry_event_type", "LOCATION_PULSE")
    return plain & ~scene.missing(EVENT, "tire_pressure_psi") & scene.free(EVENT)


def _cars(scene: Scene) -> np.ndarray:
    """A number for each car; its row may be one of another shard."""
    return np.unique(scene.column(EVENT, "vehicle_key").astype(str), return_inverse=True)[1]


SCENARIO = Scenario(
    name="low_tyre_fleet_event",
    title="Low tyres across the fleet",
    meaning="Cars warn of low tyre pressure around one moment, as on a cold morning.",
    table=EVENT,
    stage=stage,
    needs=("vehicle",),
    share=0.003,
    together=True,
)
