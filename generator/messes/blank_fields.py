"""What a form asks for and nobody fills in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.messes import _people
from generator.staging import Mess, Scene

ASKED = ("salutation", "middle_name", "gender_type", "marital_status_type")


def eligible(scene: Scene) -> NDArray[np.bool_]:
    """Customers of whom any of it is known."""
    known = [~scene.missing("party", column) for column in ASKED]
    return np.asarray(_people.customers(scene) & np.logical_or.reduce(known))


def change(scene: Scene, rows: NDArray[np.int64]) -> None:
    known = np.stack([~scene.missing("party", column)[rows] for column in ASKED])
    lots = scene.lots("party", "which")[rows]
    nth = np.floor(lots * known.sum(axis=0)).astype(np.int64)
    which = np.argmax(known & (np.cumsum(known, axis=0) == nth + 1), axis=0)
    for at, column in enumerate(ASKED):
        some = rows[which == at]
        scene.set("party", column, some, [None] * len(some))
    scene.list("party", rows, [f"{ASKED[at]} left out" for at in which.tolist()])


MESS = Mess(
    name="blank_fields",
    title="Blanks",
    meaning="One of a customer's salutation, middle name, gender and marital status is left out.",
    table="party",
    eligible=eligible,
    change=change,
)
