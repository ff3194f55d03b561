"""A maker paid for a repair though its coverage was over by then."""

from __future__ import annotations

import numpy as np

from generator.staging import Scenario, Scene

LATE = (1, 4)  # months after the end of the coverage, at least and at most
DAYS = 31  # of a month, at most


def stage(scene: Scene, n: int) -> None:
    coverage = scene.row_of("warranty_claim", "warranty_key")
    order = scene.row_of("warranty_claim", "repair_order_key")
    day = scene.values("repair_order", "opened_date_time")[order].astype("datetime64[D]")
    start = scene.values("warranty", "start_date")[coverage]
    months = (day - start).astype(np.int64) // DAYS
    rows = scene.chosen("warranty_claim", _eligible(scene, coverage) & (months > 2 * LATE[1]), n)
    held = coverage[rows]
    lots = scene.lots("warranty_claim", "late")[rows]
    term = months[rows] - np.round(LATE[0] + lots * (LATE[1] - LATE[0])).astype(np.int64)
    ended = _months_later(start[rows], term)
    scene.set("warranty", "term_months", held, term)
    scene.set("warranty", "warranty_expiration_date", held, ended)
    keys = scene.list(
        "warranty_claim",
        rows,
        [
            f"for a repair of {when}, covered until {end}"
            for when, end in zip(day[rows], ended, strict=True)
        ],
        breaks=["R090.cover"],
    )
    scene.list("warranty", held, "ends before the repair", of=keys)


def _eligible(scene: Scene, coverage: np.ndarray) -> np.ndarray:
    """Claims that were paid, the only ones to a coverage that may be shorter than others."""
    paid = scene.is_one_of("warranty_claim", "claim_status", "REIMBURSED", "APPROVED")
    alone = np.bincount(coverage + 1)[coverage + 1] == 1
    basic = scene.is_one_of("warranty", "warranty_term_type", "BUMPER_TO_BUMPER")[coverage]
    return np.asarray(paid & alone & (coverage >= 0) & basic & scene.free("warranty")[coverage])


def _months_later(days: np.ndarray, months: np.ndarray) -> np.ndarray:
    """The same day of a later month, or its last one."""
    first = days.astype("datetime64[M]") + months.astype("timedelta64[M]")
    last = (first + 1).astype("datetime64[D]") - 1
    day = days - days.astype("datetime64[M]").astype("datetime64[D]")
    return np.asarray(np.minimum(first.astype("datetime64[D]") + day, last))


SCENARIO = Scenario(
    name="claim_after_coverage",
    title="Claim after coverage",
    meaning="A claim was paid for a repair that came after its coverage had ended.",
    table="warranty_claim",
    stage=stage,
    needs=("warranty", "repair_order"),
    breaks=("R090.cover",),
    room="repair_order",
    share=0.002,
)
