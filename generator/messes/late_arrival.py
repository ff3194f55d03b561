"""Events that a car could not send at once: they arrive hours or days later."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.staging import Mess, Scene

EVENT = "vehicle_telemetry_event"
LATE = (60, 3 * 24 * 3600)  # seconds, at least and at most; as many short as long on a log scale


def eligible(scene: Scene) -> NDArray[np.bool_]:
    """Events that came at once, long enough before the end."""
    latest = scene.end - np.timedelta64(LATE[1] + 60, "s")
    early = scene.values(EVENT, "ingested_date_time") < latest
    return early & scene.is_one_of(EVENT, "freshness_status_type", "REALTIME")


def change(scene: Scene, rows: NDArray[np.int64]) -> None:
    low, high = np.log(LATE)
    lots = scene.lots(EVENT, "late")[rows]
    late = np.round(1000 * np.exp(low + (high - low) * lots)).astype(np.int64)
    happened = scene.values(EVENT, "occurrence_date_time")[rows]
    scene.set(EVENT, "ingested_date_time", rows, happened + late.astype("timedelta64[ms]"))
    scene.set(EVENT, "latency_milliseconds", rows, late)
    scene.set(EVENT, "freshness_status_type", rows, ["STALE"] * len(rows))
    scene.list(EVENT, rows, "arrives late")


MESS = Mess(
    name="late_arrival",
    title="Late arrival",
    meaning="An event of a car arrives a minute to three days after it happened.",
    table=EVENT,
    eligible=eligible,
    change=change,
    tips=("R101.3",),
)
