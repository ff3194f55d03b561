"""How many rows of a scenario each shard has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.errors import PlanError
from generator.staging.scenario import Scenario
from generator.streams import apportion_within


def shares_of(scenario: Scenario, asked: int, room: Sequence[int], rows: str) -> NDArray[np.int64]:
    """``asked`` shared over shards that have ``room`` rows of what ``rows`` names.  Raises
    PlanError when they have room for fewer."""
    held = np.asarray(room, dtype=np.int64)
    if scenario.together:
        held = np.where(np.arange(len(held)) == held.argmax(), held, 0)
    most = np.floor(held * scenario.share).astype(np.int64)
    if asked > most.sum():
        raise PlanError(
            f"The scenario {scenario.name} is asked for {asked:,} times, and {held.sum():,} "
            f"{rows} have room for {most.sum():,}; ask for at most that, or for more rows.",
            field=f"scenarios.{scenario.name}",
        )
    return apportion_within(most.astype(np.float64), asked, np.zeros_like(most), most)
