"""What is held against what: synthetic rows against real ones, and real against real beside."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from generator.compare.rows import TableRows, drawn, halves, rows_of
from generator.errors import RequestError
from generator.summary import Summary
from generator.tables import Tables

Rows = Sequence[TableRows]
View = Callable[[Tables, str], TableRows | None]
Score = Callable[[TableRows, TableRows], float | None]


@dataclass(frozen=True)
class Sides:
    """Tables of three kinds, with the rows of each table that scores rest on: ``learnt`` is what
    a fit has seen, ``made`` what it drew, ``unseen`` real rows it has not seen, if there are any.

    ``reference`` are the rows that the synthetic ones are held against: unseen where there are
    some, else a half of the real rows; ``control`` are real rows held against the same ones.
    ``lists`` are tables that are the same on all real sides: only links lead to them.
    ``matched`` are as many synthetic rows as there are in ``control``, so that chance weighs the
    same on both.
    """

    names: tuple[str, ...]
    tables: Mapping[str, Tables]
    learnt: Rows
    made: Rows
    unseen: Rows | None
    seed: int = 0
    lists: tuple[str, ...] = ()

    def over(self, view: View) -> Sides | None:
        """The same sides of other rows: ``view`` makes them of each side's tables.  None where a
        side has none."""
        seen = {label: view(tables, label) for label, tables in self.tables.items()}
        if any(one is None for one in seen.values()):
            return None
        rows = {label: [one] for label, one in seen.items() if one is not None}
        return Sides(
            self.names,
            self.tables,
            rows["real"],
            rows["synthetic"],
            rows.get("holdout"),
            seed=self.seed,
            lists=self.lists,
        )

    def scored(self, score: Score) -> dict[str, float | None]:
        """What matched synthetic rows of the first table score against the reference, and as its
        ceiling what real rows do."""
        reference = self.reference[0]
        return {
            "score": _said(score(reference, self.matched[0])),
            "ceiling": _said(score(reference, self.control[0])),
        }

    @property
    def shorter(self) -> dict[str, int]:
        """Rows of each table, of its shorter side."""
        pairs = zip(self.learnt, self.made, strict=True)
        return {one.table: min(one.of, other.of) for one, other in pairs}

    @property
    def against(self) -> str:
        """Whether the rows synthetic ones are held against were certainly not learnt."""
        return "real rows, which may have been learnt" if self.unseen is None else "unseen rows"

    @property
    def control_label(self) -> str:
        return "two halves of the real rows" if self.unseen is None else "real rows and holdout"

    @cached_property
    def reference(self) -> Rows:
        return self._halves[1] if self.unseen is None else self.unseen

    @cached_property
    def control(self) -> Rows:
        sides = self._halves[0] if self.unseen is None else self.learnt
        return [_thinned(one, other.rows, "control") for one, other in self._along(sides)]

    @cached_property
    def matched(self) -> Rows:
        pairs = zip(self.made, self.control, strict=True)
        return [_thinned(one, other.rows, "matched") for one, other in pairs]

    @cached_property
    def _halves(self) -> tuple[Rows, Rows]:
        cut = [halves(side, seed=self.seed) for side in self.learnt]
        return [first for first, _ in cut], [second for _, second in cut]

    def _along(self, sides: Rows) -> list[tuple[TableRows, TableRows]]:
        return list(zip(sides, self.made, strict=True))


def sides_of(
    real: Tables,
    made: Tables,
    unseen: Tables | None,
    *,
    reference: Summary,
    seed: int = 0,
    lists: Collection[str] = (),
) -> Sides:
    """The tables that all sides have.  ``reference`` is the summary of the real ones.  Raises
    RequestError where real and synthetic tables have none in common, or the holdout lacks one."""
    names = [name for name in common(real, made) if name not in lists]
    given = {"real": real, "synthetic": made} | ({} if unseen is None else {"holdout": unseen})
    rows = {label: _rows(tables, names, reference, label) for label, tables in given.items()}
    return Sides(
        tuple(names),
        given,
        rows["real"],
        rows["synthetic"],
        rows.get("holdout"),
        seed=seed,
        lists=tuple(lists),
    )


def common(real: Tables, synthetic: Tables) -> list[str]:
    """Names of the tables in both.  Raises RequestError where there is none, or where a table
    lacks columns of the real one."""
    names = [table for table in real.schema.names if table in real and table in synthetic]
    if not names:
        raise RequestError(
            "The real and the synthetic tables have no name in common: "
            f"{', '.join(real.schema.names)} and {', '.join(synthetic.schema.names)}. Name the "
            "files alike.",
            field="synthetic",
        )
    for table in names:
        lacking = set(real.schema[table].column_names) - set(synthetic.schema[table].column_names)
        if lacking:
            raise RequestError(
                f"The synthetic table {table} lacks the columns {', '.join(sorted(lacking))} of "
                "the real one.",
                field="synthetic",
            )
    return names


def _rows(tables: Tables, names: Sequence[str], reference: Summary, label: str) -> Rows:
    chosen = []
    for table in names:
        if table not in tables:
            raise RequestError(f"The {label} has no table {table}.", field=label)
        roles = {name: c.role for name, c in reference.tables[table].columns.items()}
        chosen.append(rows_of(tables, table, roles, name=label))
    return chosen


def _thinned(side: TableRows, most: int, name: str) -> TableRows:
    if side.rows <= most:
        return side
    return side.take(drawn(side.rows, most, name=f"{side.table} {name}"))


def _said(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else round(float(value), 5)
