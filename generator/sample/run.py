"""One run: what it works on, and its progress so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from generator.errors import Cancelled
from generator.fanout import Work, fan_out
from generator.profile import Plan, Profile
from generator.sample.check import Check
from generator.schema import Table


@dataclass(frozen=True)
class Progress:
    """``stage`` is draw, write, or the name of a check; ``done`` of ``total`` rows of ``table``
    in it; ``rows_done`` of ``rows_total`` is the work of all stages together."""

    stage: str
    table: str
    done: int
    total: int
    rows_done: int
    rows_total: int


@dataclass(frozen=True)
class Step:
    """Rows that one stage is through with, as a process says it."""

    stage: str
    table: str
    rows: int


class Run:
    """One call of ``sample``: what it works on, and its progress so far."""

    def __init__(
        self,
        profile: Profile,
        plan: Plan,
        checks: Sequence[Check],
        workers: int,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.profile = profile
        self.plan = plan
        self.checks = tuple(checks)
        self.workers = workers
        self.cancelled = cancelled
        self._report = report
        self.totals = {count.table: count.rows for count in plan.counts}
        self.exact = plan.exact
        self._done: dict[tuple[str, str], int] = {}
        self._rows_done = 0
        self._rows_total = plan.rows * (1 + len(plan.recipe.formats) + len(self.checks))

    @property
    def tables(self) -> list[Table]:
        """Those of the plan, parents first."""
        order = self.profile.schema.load_order()
        return [self.profile.schema[name] for name in order if name in self.totals]

    def note(self, step: Step) -> None:
        key = (step.stage, step.table)
        self._done[key] = self._done.get(key, 0) + step.rows
        self._rows_done += step.rows
        self._report(
            Progress(
                step.stage,
                step.table,
                self._done[key],
                self.totals.get(step.table, 0),
                min(self._rows_done, self._rows_total),
                self._rows_total,
            )
        )

    def fan_out(
        self, work: Work, groups: Sequence[int], take: Callable[[Any], None], *, workers: int
    ) -> None:
        fan_out(work, groups, hear=self.note, take=take, workers=workers, cancelled=self.cancelled)

    def stop_if_asked(self) -> None:
        if self.cancelled():
            raise Cancelled("The run was cancelled; nothing was kept.")
