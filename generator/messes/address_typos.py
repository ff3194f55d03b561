"""Streets as they are typed in a hurry: letters swapped, dropped or doubled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.messes import _people
from generator.staging import Mess, Scene


def eligible(scene: Scene) -> NDArray[np.bool_]:
    return np.ones(scene.count("party_address"), dtype=bool)


def change(scene: Scene, rows: NDArray[np.int64]) -> None:
    lots = scene.lots("party_address", "slip")[rows].tolist()
    streets = scene.column("party_address", "address_line1")[rows].tolist()
    typed = [_people.mistyped(street, lot) for street, lot in zip(streets, lots, strict=True)]
    scene.set("party_address", "address_line1", rows, typed)
    scene.list("party_address", rows, "street mistyped")


MESS = Mess(
    name="address_typos",
    title="Typos in streets",
    meaning="A letter of a street is swapped, dropped or doubled.",
    table="party_address",
    eligible=eligible,
    change=change,
)
