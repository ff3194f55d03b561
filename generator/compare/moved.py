"""Moments that a recipe let move to another span: their patterns are compared, not their days.

Weekdays, months and hours stand in the comparison as columns of their own; the moments, and what
is worked out of them, are left out, for they cannot lie where the extract's do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.compare.distance import accuracy, ceiling
from generator.fitted import FittedWorld, Pattern, patterns_of
from generator.profile import Plan, Profile
from generator.schema import Schema
from generator.summary import Summary, TableSummary
from generator.summary.document import share, shares
from generator.tables import Tables

Counts = Mapping[tuple[str, str], NDArray[np.int64]]
Moved = Mapping[str, Sequence[str]]


class Patterns:
    """What is counted of moved columns, the same for every shard."""

    def __init__(self, profile: Profile, plan: Plan, planned: Mapping[str, int]) -> None:
        self.moved: Moved = plan.world.get("moved") or {}
        self._all: dict[tuple[str, str], Pattern] = {}
        self._rows = {}
        if self.moved and isinstance(profile.world, FittedWorld):
            found = patterns_of(profile.world, plan.recipe)
            self._all = {place: one for place, one in found.items() if place[0] in planned}
            self._rows = {name: leaves.rows for name, leaves in profile.world.tables.items()}

    def of(self, tables: Tables) -> dict[tuple[str, str], NDArray[np.int64]]:
        """The own rows of a shard by their parts, the missing ones last."""
        return {
            (table, column): one.counts(_own(tables, table, column))
            for (table, column), one in self._all.items()
            if tables.owned(table)
        }

    def columns(self, counted: Counts) -> Iterator[dict[str, Any]]:
        """The parts of moved moments as ``columns`` of comparison.json."""
        for (table, column), one in self._all.items():
            counts = counted.get((table, column), one.nothing())
            rows = int(one.present(counts))
            for part, labels, place in one.parts:
                made, told = counts[place], one.reference[place]
                yield {
                    "table": table,
                    "column": f"{column} ({part})",
                    "kind": "category",
                    "chart": "bars",
                    "labels": list(labels),
                    "synthetic": shares(made),
                    "reference": shares(told),
                    "reference_label": "extract",
                    "source": None,
                    "confidence": None,
                    "assumption": False,
                    "missing": {
                        "synthetic": share(int(counts[-1]), rows + int(counts[-1])),
                        "reference": None,
                    },
                    "accuracy": round(accuracy(told, made), 5),
                    "ceiling": round(ceiling(told, self._rows[table], rows), 5),
                }


def _own(tables: Tables, table: str, column: str) -> pa.ChunkedArray:
    own = tables.own(table)
    return tables.arrow(table, column).slice(own.start, own.stop - own.start)


def without(schema: Schema, moved: Moved) -> Schema:
    """The schema without moved columns."""
    tables = (
        replace(
            table,
            columns=tuple(c for c in table.columns if c.name not in moved.get(table.name, ())),
        )
        for table in schema
    )
    return replace(schema, tables=tuple(tables))


def summary_without(summary: Summary, moved: Moved) -> Summary:
    """The summary of an extract without moved columns."""
    tables = {
        name: _table(table, set(moved.get(name, ()))) for name, table in summary.tables.items()
    }
    return replace(summary, tables=tables)


def _table(table: TableSummary, moved: set[str]) -> TableSummary:
    correlation = table.correlation
    if correlation is not None:
        names, matrix = correlation
        kept = [at for at, name in enumerate(names) if name not in moved]
        correlation = (tuple(names[at] for at in kept), matrix[np.ix_(kept, kept)])
    return replace(
        table,
        columns={name: one for name, one in table.columns.items() if name not in moved},
        pairs={pair: one for pair, one in table.pairs.items() if not moved & set(pair)},
        correlation=correlation,
        calendar={name: one for name, one in table.calendar.items() if name not in moved},
    )
