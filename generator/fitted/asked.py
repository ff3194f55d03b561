"""What a recipe asks of rows, held against a bundle: exactly so many rows meet each condition."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from generator.fitted.conditions import Conditions
from generator.rules import Rule, Whole
from generator.sketch import Cells, Verdict
from generator.summary import Forms
from generator.tables import Tables

GROUP = "Asked for"


class Count:
    """Counts the rows that meet a condition, and none before it, for a rule about all rows."""

    def __init__(self, conditions: Conditions, at: int, forms: Forms) -> None:
        self._conditions, self._at, self._forms = conditions, at, forms

    def sketch(self, tables: Tables) -> Cells:
        met = self._conditions.met_in(self._forms, tables)
        return Cells.of((met == self._at)[tables.own(self._conditions.table)].astype(np.int8))

    def verdict(self, total: Cells) -> Verdict:
        wanted, have = self._conditions.counts[self._at], total.count(True)
        if have == wanted:
            return Verdict(0)
        return total.verdict(lambda holds: holds == (have > wanted))


def asked_rules(asked: Mapping[str, Conditions], forms: Forms) -> tuple[Rule, ...]:
    """A rule for each condition, A001 and so on."""
    rules: list[Rule] = []
    for conditions in asked.values():
        for at, text in enumerate(conditions.texts):
            said = f"{conditions.column} is {text}" if conditions.column else text
            count = Count(conditions, at, forms)
            rules.append(
                Rule(
                    f"A{len(rules) + 1:03}",
                    conditions.table,
                    f"{conditions.counts[at]:,} rows where {said}.",
                    Whole(count.sketch, count.verdict),
                    group=GROUP,
                    scope="whole",
                )
            )
    return tuple(rules)
