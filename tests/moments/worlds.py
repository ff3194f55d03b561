"""Worlds to ask questions of."""

from __future__ import annotations

from typing import Self

import pandas as pd
import pyarrow as pa

from tests import world
from tests.moments.history import DAY
from tests.moments.questions import QUESTIONS, SOON, Question

TABLES = (
    *("customer", "party", "dealer", "vehicle", "vehicle_specification", "sales_lead", "deal"),
    *("trade_in_vehicle", "repair_order", "repair_order_line", "vehicle_alert"),
    *("subscription_plan", "subscription_agreement"),
)


class World:
    """Tables as pandas has them, and the last moment that is known."""

    def __init__(self, rows: dict[str, pa.Table], until: pd.Timestamp) -> None:
        self._rows, self.until = rows, until
        self._frames: dict[str, pd.DataFrame] = {}

    @classmethod
    def drawn(
        cls, deals: int, *, start: str, stop: str, seed: int, as_of: str | None = None
    ) -> Self:
        rows = {"deal": deals, "vehicle_telemetry_event": 0}
        plan = world.planned(rows, start=start, stop=stop, seed=seed, as_of=as_of, tables=TABLES)
        last = pd.Timestamp(as_of or stop, tz="UTC") + DAY
        return cls(world.drawn(plan), last)

    def __call__(self, table: str) -> pd.DataFrame:
        if table not in self._frames:
            self._frames[table] = world.frame(self._rows, table)
        return self._frames[table].copy()

    def told(self, name: str) -> Question:
        """The question ``name`` of all rows whose moment has come, answered or not."""
        return QUESTIONS[name](self, self.until)

    def asked(self, name: str) -> Question:
        """The question ``name`` of those whose answer is known by now."""
        return QUESTIONS[name](self, self.until - SOON)
