"""What advisors and technicians write: from the grammar of the workshop, about the row's own car,
miles, operation, fault code and season."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw
from generator.domains.keys import numbered
from generator.domains.service.operations import USES, operations
from generator.domains.service.reasons import REASONS
from generator.frame import Coded
from generator.leaves.figures import Figures
from generator.narrative import Grammar, Slips, slipped

Text = NDArray[np.object_]
Rows = NDArray[np.int64]
OF_STOCK = ("new", "used", "ready", "lot", "fit")
SEASONS = ("winter", "spring", "summer", "autumn")
LIVES = ("fresh", "run_in", "worn")
DONE = {
    "Replace": "Replaced",
    "Diagnose": "Diagnosed",
    "Repair": "Repaired",
    "Install": "Installed",
    "Clean": "Cleaned",
    "Exchange": "Exchanged",
    "Rotate": "Rotated",
    "Balance": "Balanced",
    "Mount": "Mounted",
    "Update": "Updated",
    "Adjust": "Adjusted",
    "Calibrate": "Calibrated",
    "Reprogram": "Reprogrammed",
    "Resurface": "Resurfaced",
    "Trace": "Traced",
    "Test": "Tested",
    "Program": "Programmed",
    "Prepare": "Prepared",
    "Apply": "Applied",
    "Tint": "Tinted",
    "Cut": "Cut",
    "Wash": "Washed",
    "Recharge": "Recharged",
    "Evacuate": "Evacuated",
    "Pick": "Picked",
    "Secure": "Secured",
    "Inspect": "Inspected",
}
"""The first word of an operation, as something that was done; others were performed."""


def slips(figures: Figures) -> Slips:
    return Slips(**figures["narrative_slips"])


def names() -> tuple[Text, Text]:
    """Each operation of the catalogue as it is asked for, and as it was done."""
    asked, done = [], []
    for one in operations():
        name = one.name.split(" - ")
        plain = name[1] if name[0] in ("Recall", "Recondition") else name[0]
        first, _, rest = plain.partition(" ")
        asked.append(_lowered(plain))
        word, rest = DONE.get(first.capitalize()), " ".join(map(_past, rest.split(" ")))
        done.append(f"{word} {rest}".strip() if word else f"Performed {_lowered(plain)}")
    return np.array(asked, dtype=object), np.array(done, dtype=object)


def _past(word: str) -> str:
    """A verb within: test and replace, wash and move."""
    return {
        "replace": "replaced",
        "move": "moved",
        "balance": "balanced",
        "test": "tested",
        "calibrate": "calibrated",
        "recharge": "recharged",
        "deliver": "delivered",
        "program": "programmed",
        "reset": "reset",
        "correct": "corrected",
    }.get(word, word)


def _lowered(name: str) -> str:
    """But for abbreviations: ABS stays ABS."""
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def cars(draw: Draw, car: Rows) -> tuple[Text, Text]:
    """Year, make and model of these vehicles (local rows), and the model alone."""
    some = draw.frames["vehicle_specification"]
    model = some.text("model")
    whole = some["model_year"].astype(str).astype(object) + " " + some.text("make") + " " + model
    at = draw.frames["vehicle"]["_specification"][car]
    return whole[at], model[at]


def miles(reading: Rows) -> Text:
    """48,213"""
    high, low = np.divmod(reading, 1000)
    tail = numbered("", low, len("000")).astype(str).astype(object)
    return np.where(high > 0, high.astype(str).astype(object) + "," + tail, low.astype(str))


def life(draw: Draw, reading: Rows) -> Coded:
    """How far a car has run: what is measured on it, and said of it, follows from that."""
    codes = np.searchsorted(draw.figures["fresh_and_worn_miles"], reading, side="right")
    return Coded(codes.astype(np.int32), LIVES)


def known_here(again: NDArray[np.bool_]) -> Coded:
    """Whether a car was here before, so that there is a last visit to speak of."""
    return Coded(again.astype(np.int32), ("first", "again"))


def sale(draw: Draw, stay: Rows, at: NDArray[Any]) -> Coded:
    """Whether somebody was buying the car of a stay (local rows, -1 of none) by then."""
    stays, deals = draw.frames["inventory_vehicle"], draw.frames["deal"]
    sold = np.zeros(len(stay), dtype=bool)
    if stays.rows and deals.rows:
        deal = np.where(stays["_sold"], stays["_deal"], -1)[np.maximum(stay, 0)]
        begun = deals["occurrence_date_time"][np.maximum(deal, 0)]
        sold = (stay >= 0) & (deal >= 0) & (begun <= at)
    return Coded(sold.astype(np.int32), ("stock", "sold"))


def season(moments: NDArray[Any]) -> Coded:
    """Winter is December to February."""
    month = moments.astype("datetime64[M]").astype(np.int64) % 12
    return Coded(((month + 1) % 12 // 3).astype(np.int32), SEASONS)


def written(
    draw: Draw,
    symbol: str,
    name: str,
    *,
    fields: dict[str, Text],
    labels: dict[str, Coded],
) -> Text:
    """Texts of the frame's rows for the column ``name``, with the slips of their writers."""
    seeds = draw.stream(name).bits(draw.frame.start, draw.frame.start + draw.n)
    some = slips(draw.figures)
    grammar = Grammar.named("service")
    texts = grammar.written(
        symbol, seeds, fields=fields, labels=labels, hurried=some.hurried(seeds)
    )
    return slipped(texts, seeds, some)


def use_of(operation: Rows, inside: NDArray[np.bool_]) -> Coded:
    """What an operation is done for; nobody complains of what is mended on a car in stock."""
    codes = np.array([USES.index(one.use) for one in operations()], dtype=np.int32)[operation]
    ours = np.isin(codes, [USES.index(use) for use in OF_STOCK])
    return Coded(np.where(inside & ~ours, len(USES), codes).astype(np.int32), (*USES, "stock"))


def system_of(operation: Rows) -> Coded:
    systems = tuple(dict.fromkeys(one.system for one in operations()))
    codes = np.array([systems.index(one.system) for one in operations()], dtype=np.int32)
    return Coded(codes[operation], systems)


def sign_of(operation: Rows) -> Coded:
    """What tells of the need for an operation: its own code where the grammar knows its symptoms,
    else its system."""
    known = Grammar.named("service").symbols
    signs = [one.code if f"symptom.{one.code}" in known else one.system for one in operations()]
    labels = tuple(dict.fromkeys(signs))
    return Coded(np.array([labels.index(one) for one in signs], dtype=np.int32)[operation], labels)


def job_of(operation: Rows) -> Coded:
    return Coded(operation.astype(np.int32), tuple(one.code for one in operations()))


def faults_of(operation: Rows, u: NDArray[np.float64]) -> Text:
    """A fault code that the operation mends, "" where none is stored."""
    listed = [one.faults or ("",) for one in operations()]
    size = np.array([len(codes) for codes in listed])
    first = np.cumsum(size) - size
    flat = np.array([code for codes in listed for code in codes], dtype=object)
    return np.asarray(flat[first[operation] + (u * size[operation]).astype(np.int64)])


def reasons(reason: Rows) -> Coded:
    return Coded(reason.astype(np.int32), REASONS)
