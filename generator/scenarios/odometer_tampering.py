"""An odometer was turned back: a car comes to the workshop with fewer miles than last time."""

from __future__ import annotations

import numpy as np

from generator.staging import Scenario, Scene

LEAST = 8_000  # miles on the clock by which a visit is worth choosing
SHARE = (0.2, 0.5)  # of its miles that are taken off, at least and at most


def stage(scene: Scene, n: int) -> None:
    miles = scene.values("repair_order", "odometer_in")
    car = scene.row_of("repair_order", "vehicle_key")
    again = _before(scene, car)
    eligible = (again >= 0) & (miles >= LEAST) & ~_claimed(scene)
    eligible &= _last(car, scene.values("repair_order", "opened_date_time"))
    rows = scene.chosen("repair_order", eligible, n)
    lots = scene.lots("repair_order", "share")[rows]
    off = SHARE[0] + (SHARE[1] - SHARE[0]) * lots
    read = np.round(np.minimum(miles[rows], miles[again[rows]]) * (1 - off)).astype(np.int64)
    was = miles[rows]
    driven = scene.values("repair_order", "odometer_out")[rows] - was
    out = scene.missing("repair_order", "odometer_out")[rows]
    scene.set("repair_order", "odometer_in", rows, read)
    scene.set(
        "repair_order",
        "odometer_out",
        rows,
        [None if no else int(one) for no, one in zip(out, read + driven, strict=True)],
    )
    scene.list(
        "repair_order",
        rows,
        [
            f"odometer_in {now:,} instead of {then:,}"
            for now, then in zip(read.tolist(), was.tolist(), strict=True)
        ],
        breaks=["R039.repair_order"],
    )
    scene.take("repair_order", np.flatnonzero(np.isin(car, car[rows])))


def _before(scene: Scene, car: np.ndarray) -> np.ndarray:
    """The visit before each, of the same car; -1 for the first."""
    order = np.lexsort((scene.values("repair_order", "opened_date_time"), car))
    before = np.full(len(car), -1)
    same = np.flatnonzero(car[order][1:] == car[order][:-1])
    before[order[same + 1]] = order[same]
    before[car < 0] = -1
    return before


def _last(car: np.ndarray, opened: np.ndarray) -> np.ndarray:
    """Visits after which the car does not come again."""
    order = np.lexsort((opened, car))
    last = np.ones(len(car), dtype=bool)
    last[order[:-1]] = car[order][1:] != car[order][:-1]
    return last


def _claimed(scene: Scene) -> np.ndarray:
    """Visits with a line that somebody's coverage pays: their claims repeat the miles."""
    claimed = np.zeros(scene.count("repair_order"), dtype=bool)
    if "warranty_claim" in scene.rows:
        orders = scene.row_of("warranty_claim", "repair_order_key")
        claimed[orders[orders >= 0]] = True
    return claimed


SCENARIO = Scenario(
    name="odometer_tampering",
    title="Odometer turned back",
    meaning="A car comes to the workshop with fewer miles than at its visit before.",
    table="repair_order",
    stage=stage,
    needs=("vehicle",),
    breaks=("R039.repair_order",),
    share=0.05,
)
