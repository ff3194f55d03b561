"""A deal is reversed after its lender has paid, and nothing that followed from it is undone."""

from __future__ import annotations

import numpy as np

from generator.staging import Scenario, Scene

BROKEN = ("R038.2", "R040.sales", "R054.1", "R065")  # by the deal; that of a new car stays reported
WAIT = (3, 20)  # days from funding to reversal, at least and at most


def stage(scene: Scene, n: int) -> None:
    latest = scene.end - np.timedelta64(WAIT[1] + 1, "D")
    funded = scene.is_one_of("deal", "deal_status", "FUNDED")
    funded &= scene.values("deal", "funded_date_time") < latest
    rows = scene.chosen("deal", funded & _alone(scene), n)
    lots = scene.lots("deal", "wait")[rows]
    wait = np.round((WAIT[0] + (WAIT[1] - WAIT[0]) * lots) * 86_400).astype("timedelta64[s]")
    at = scene.values("deal", "funded_date_time")[rows] + wait
    scene.set("deal", "deal_status", rows, ["REVERSED"] * n)
    keys = scene.keys("deal", rows)
    made_new = scene.is_one_of("deal", "product_state_type", "NEW")[rows]
    for some, breaks in ((made_new, (*BROKEN, "R057.each")), (~made_new, BROKEN)):
        said = [f"reversed on {str(day)[:10]}, after funding" for day in at[some]]
        scene.list("deal", rows[some], said, breaks=breaks)
    cars = scene.row_of("deal", "inventory_vehicle_key")[rows]
    scene.list(
        "inventory_vehicle", cars, "sold, though its deal is undone", of=keys, breaks=["R038.4"]
    )
    if "lifecycle_status_event" in scene.rows:
        steps = scene.last_named("lifecycle_status_event", "resource_key", "deal", rows)
        new = scene.follow("lifecycle_status_event", steps)
        scene.set("lifecycle_status_event", "transition_from", new, ["FUNDED"] * n)
        scene.set("lifecycle_status_event", "transition_to", new, ["REVERSED"] * n)
        scene.set("lifecycle_status_event", "transition_date_time", new, at)
        scene.list("lifecycle_status_event", new, "added", of=keys)


def _alone(scene: Scene) -> np.ndarray:
    """Deals of a car that no other deal is about, without a car taken in, and of which no
    agreement says that the buyer has it."""
    stay = scene.row_of("deal", "inventory_vehicle_key")
    alone = (stay >= 0) & (np.bincount(stay + 1)[stay + 1] == 1)
    alone &= scene.free("inventory_vehicle")[np.maximum(stay, 0)]
    if "trade_in_vehicle" in scene.rows:
        taken = scene.row_of("trade_in_vehicle", "deal_key")
        alone[taken[taken >= 0]] = False
    if "subscription_agreement" in scene.rows:
        car = scene.row_of("inventory_vehicle", "vehicle_key")[np.maximum(stay, 0)]
        alone &= ~np.isin(car, scene.row_of("subscription_agreement", "vehicle_key"))
    return np.asarray(alone)


SCENARIO = Scenario(
    name="deal_reversed",
    title="Deal reversed after funding",
    meaning="A funded deal is reversed; its invoice, its car and its report are not undone.",
    table="deal",
    stage=stage,
    needs=("inventory_vehicle", "invoice"),
    breaks=(*BROKEN, "R038.4", "R057.each"),
    share=0.05,
)
