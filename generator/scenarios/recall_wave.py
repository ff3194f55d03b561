"""A maker recalls one model: its cars are told on one day."""

from __future__ import annotations

import numpy as np

from generator.staging import Scenario, Scene

ALERT = "vehicle_alert"
TOLD = ("RECALL", "SOFTWARE", "FIELD_SERVICE_ACTION")  # what no event of the car has to show


def stage(scene: Scene, n: int) -> None:
    rows = scene.chosen(ALERT, _eligible(scene), n)
    created = scene.values(ALERT, "created_date_time")[rows]
    day = created.min()
    moved = (day - created).astype("timedelta64[ms]")
    cars, owners = _owned(scene, day, n)
    vehicle = scene.row_of("garage_item", "vehicle_key")[cars]
    scene.set(ALERT, "vehicle_key", rows, scene.column("vehicle", "vehicle_key")[vehicle])
    scene.set(ALERT, "customer_key", rows, scene.column("customer", "customer_key")[owners])
    scene.set(ALERT, "odometer", rows, scene.values("garage_item", "odometer_at_start")[cars])
    scene.set(ALERT, "alert_type", rows, ["RECALL"] * n)
    scene.set(ALERT, "alert_severity", rows, ["HIGH"] * n)
    for column in ("created_date_time", "resolved_date_time", "expiration_date_time"):
        scene.move(ALERT, column, rows, moved)
    if "lifecycle_status_event" in scene.rows:
        steps, at = scene.named("lifecycle_status_event", "resource_key", ALERT, rows)
        scene.move("lifecycle_status_event", "transition_date_time", steps, moved[at])
    scene.list(ALERT, rows, f"recall of {_model(scene, vehicle[0])}, told on {str(day)[:10]}")


def _eligible(scene: Scene) -> np.ndarray:
    """Alerts that nothing else in the bundle points at."""
    told = scene.is_one_of(ALERT, "alert_type", *TOLD)
    told &= scene.missing(ALERT, "vehicle_telemetry_event_key")
    if "service_appointment" in scene.rows:
        asked = scene.row_of("service_appointment", "trigger_vehicle_alert_key")
        told[asked[asked >= 0]] = False
    return told


def _owned(scene: Scene, day: np.datetime64, n: int) -> tuple[np.ndarray, np.ndarray]:
    """As many cars of the model that most people have then: rows of garages, and their owners."""
    owner = scene.row_of("garage_item", "customer_key")
    start = scene.values("garage_item", "start_date_time")
    end = scene.values("garage_item", "complete_date_time")
    kept = (start < day) & (scene.missing("garage_item", "complete_date_time") | (end > day))
    kept &= (owner >= 0) & (scene.row_of("garage_item", "vehicle_key") >= 0)
    kept &= scene.free("garage_item")
    model = scene.labels("garage_item", "vehicle_key.vehicle_specification_key.model")
    most = np.bincount(model[kept & (model >= 0)]).argmax()
    rows = scene.chosen("garage_item", kept & (model == most), n, "car")
    scene.take("garage_item", rows)
    return rows, owner[rows]


def _model(scene: Scene, vehicle: int) -> str:
    tables = scene.tables()
    at = tables.own("vehicle").start + vehicle
    said = (tables.values("vehicle", f"vehicle_specification_key.{it}") for it in ("make", "model"))
    return " ".join(str(values[at]) for values in said)


SCENARIO = Scenario(
    name="recall_wave",
    title="Recall of one model",
    meaning="A maker recalls one model, and the owners of its cars are told on one day.",
    table=ALERT,
    stage=stage,
    needs=("vehicle", "vehicle_specification", "garage_item", "customer"),
    share=0.03,
    together=True,
)
