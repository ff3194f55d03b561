"""A technician is put on two cars at the same time."""

from __future__ import annotations

import numpy as np

from generator.staging import Scenario, Scene

LEAST, MOST = "opened_date_time", "completed_date_time"
HOURS = 600  # hundredths of an hour of work on that day that leave room for another job


def stage(scene: Scene, n: int) -> None:
    order = scene.row_of("repair_order_line", "repair_order_key")
    person = scene.row_of("repair_order_line", "technician_staff_member_key")
    others, busy = _beside(scene, order, person)
    rows = scene.chosen("repair_order_line", busy, n)
    keys = scene.column("staff_member", "staff_member_key")
    other = others[rows]
    scene.set("repair_order_line", "technician_staff_member_key", rows, keys[person[other]])
    orders = scene.keys("repair_order", order[other])
    lines = scene.list(
        "repair_order_line",
        rows,
        [
            f"{keys[who]} works on {one} at the same time"
            for who, one in zip(person[other], orders, strict=True)
        ],
    )
    scene.list("repair_order_line", other, "the other car", of=lines)


def _beside(scene: Scene, order: np.ndarray, person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each line a line of the order opened before at the dealer, which is still in work, by
    somebody else who works there and has room on that day; and whether there is one."""
    opened = scene.values("repair_order", LEAST)
    done = scene.values("repair_order", MOST)
    done = np.where(scene.missing("repair_order", MOST), opened, done)
    dealer = scene.row_of("repair_order", "dealer_key")
    lines = np.lexsort((np.arange(len(order)), opened[order], dealer[order]))
    before = np.roll(lines, 1)
    here, there = order[lines], order[before]
    fits = (here != there) & (dealer[here] == dealer[there]) & (person[lines] != person[before])
    fits &= opened[here].astype("datetime64[D]") == opened[there].astype("datetime64[D]")
    fits &= done[there] > opened[here]
    fits[0] = False
    hours = _hours(scene, order, person, opened)
    fits &= (hours[lines] <= HOURS) & (hours[before] <= HOURS)
    free = scene.free("repair_order_line")
    fits &= free[before]
    fits[1::2] = False  # no line is the other car of one and changed itself
    others = np.full(len(order), -1)
    others[lines[fits]] = before[fits]
    return others, others >= 0


def _hours(scene: Scene, order: np.ndarray, person: np.ndarray, opened: np.ndarray) -> np.ndarray:
    """Hours on the clock of each line's technician on its day."""
    day = opened[order].astype("datetime64[D]").astype(np.int64)
    _, group = np.unique(np.stack([person, day]), axis=1, return_inverse=True)
    group = group.reshape(-1)
    hours = scene.values("repair_order_line", "clocked_hours")
    return np.bincount(group, weights=hours)[group]


SCENARIO = Scenario(
    name="double_booked_technician",
    title="Double-booked technician",
    meaning="A technician is put on two cars of the same dealer at the same time.",
    table="repair_order_line",
    stage=stage,
    needs=("repair_order", "staff_member", "dealer"),
    share=0.005,
)
