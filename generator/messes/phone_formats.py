"""Telephone numbers written as each source likes; the party repeats them in the one form."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from generator.staging import Mess, Scene

FORMS = ("({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "{}{}{}", "1 {} {} {}")


def eligible(scene: Scene) -> NDArray[np.bool_]:
    values = scene.column("communication_channel", "value")
    plain = re.compile(r"\+1 \d{3}-\d{3}-\d{4}", re.ASCII)
    return np.array([bool(plain.fullmatch(value)) for value in values], dtype=bool)


def change(scene: Scene, rows: NDArray[np.int64]) -> None:
    lots = scene.lots("communication_channel", "form")[rows]
    values = scene.column("communication_channel", "value")[rows]
    written = [
        FORMS[form].format(*re.findall(r"\d+", value)[1:])
        for value, form in zip(values, (lots * len(FORMS)).astype(int).tolist(), strict=True)
    ]
    scene.set("communication_channel", "value", rows, written)
    kept = scene.values("communication_channel", "preferred_indicator")[rows].astype(bool)
    for some, breaks in ((kept, ["R017.4"]), (~kept, [])):
        scene.list("communication_channel", rows[some], "written otherwise", breaks=breaks)


MESS = Mess(
    name="phone_formats",
    title="Formats of telephone numbers",
    meaning="A number is written in one of five other forms, other than its party says it.",
    table="communication_channel",
    eligible=eligible,
    change=change,
    breaks=("R017.4",),
)
