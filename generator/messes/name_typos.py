"""Names as they are typed in a hurry: letters swapped, dropped or doubled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.messes import _people
from generator.staging import Mess, Scene


def change(scene: Scene, rows: NDArray[np.int64]) -> None:
    lots = scene.lots("party", "slip")[rows]
    first = scene.lots("party", "which")[rows] < 1 / 2
    given, family = (
        scene.column("party", column)[rows].tolist() for column in ("given_name", "family_name")
    )
    for at, (lot, of_given) in enumerate(zip(lots.tolist(), first.tolist(), strict=True)):
        names = given if of_given else family
        names[at] = _people.mistyped(names[at], lot)
    _people.called(scene, rows, given, family)
    scene.list("party", rows, "name mistyped")


MESS = Mess(
    name="name_typos",
    title="Typos in names",
    meaning="A letter of a customer's name is swapped, dropped or doubled.",
    table="party",
    eligible=_people.customers,
    change=change,
)
