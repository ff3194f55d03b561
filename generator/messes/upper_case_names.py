"""Names from a source that knows no small letters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.messes import _people
from generator.staging import Mess, Scene


def change(scene: Scene, rows: NDArray[np.int64]) -> None:
    for column in ("given_name", "middle_name", "family_name", "full_name"):
        names = scene.column("party", column)[rows]
        scene.set("party", column, rows, [name and name.upper() for name in names])
    scene.list("party", rows, "in capitals")


MESS = Mess(
    name="upper_case_names",
    title="Names in capitals",
    meaning="A customer's name comes in capitals, as an old source writes it.",
    table="party",
    eligible=_people.customers,
    change=change,
)
