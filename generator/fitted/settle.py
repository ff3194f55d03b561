"""How many rows each table of a fitted profile has: what is asked, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.errors import PlanError
from generator.fitted.leaves import TableLeaves, Tie
from generator.schema import Schema

EXTRACT = "as many as the extract had"
FAR = 1.5  # times as many children a parent as in the extract are worth a note


@dataclass
class Settled:
    """Rows of every table, why they are as many, and what is worth knowing."""

    rows: dict[str, int] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def rows_of(schema: Schema, tables: Mapping[str, TableLeaves], asked: Mapping[str, int]) -> Settled:
    """Exact rows of all tables.  A table nobody asked for has its extract's rows, or as many for
    each row of its parent.  Raises PlanError for what cannot be met."""
    settled = Settled()
    for name in born_order(tables):
        rows, why = tables[name].rows, EXTRACT
        born = tables[name].born
        if name in asked:
            rows, why = asked[name], ""
        elif born is not None and settled.rows[born.parent] != tables[born.parent].rows:
            had = max(tables[born.parent].rows, 1)
            rows = (tables[name].rows * settled.rows[born.parent] + had // 2) // had
            why = f"as many for each row of {born.parent} as the extract had"
        settled.rows[name], settled.why[name] = rows, why
    _make_room(tables, asked, settled)
    for name in schema.names:
        for tie in tables[name].ties:
            _check(schema, name, tie, settled, tables)
    return settled


def born_order(tables: Mapping[str, TableLeaves]) -> list[str]:
    """Names with every parent that rows are born under before its children, else as they are."""
    order: list[str] = []

    def place(name: str) -> None:
        born = tables[name].born
        if born is not None and born.parent not in order:
            place(born.parent)
        if name not in order:
            order.append(name)

    for name in tables:
        place(name)
    return order


def _make_room(
    tables: Mapping[str, TableLeaves], asked: Mapping[str, int], settled: Settled
) -> None:
    """Where each row may be pointed at once only, tables nobody asked for come in their measure:
    the one that is pointed at as large as it must be, or the one that points as small."""
    for name, leaves in tables.items():
        for tie in leaves.ties:
            if not tie.unique or tie.way != "lookup" or tie.parent == name:
                continue
            rows, room = settled.rows[name], settled.rows[tie.parent]
            had, there = max(leaves.rows, 1), tables[tie.parent].rows
            if tie.parent not in asked and tables[tie.parent].born is None and rows != leaves.rows:
                settled.rows[tie.parent] = max(-(-there * rows // had), min(rows, room))
                settled.why[tie.parent] = f"as many for each row of {name} as the extract had"
            elif rows > room and name not in asked and leaves.born is None:
                settled.rows[name] = room
                settled.why[name] = f"one for each row of {tie.parent} at most"


def _check(
    schema: Schema,
    name: str,
    tie: Tie,
    settled: Settled,
    tables: Mapping[str, TableLeaves],
) -> None:
    rows, room = settled.rows[name], settled.rows[tie.parent]
    link = schema[name].link(tie.path)
    needed = link is not None and not schema[name].column(link.column).nullable
    if not rows or tie.way == "itself" or not (needed or tie.way == "born"):
        return
    if not room:
        raise PlanError(
            f"{rows:,} rows of {name} need rows of {tie.parent}, and none are asked for; ask for "
            f"some, or for no {name}.",
            field=f"rows.{name}",
        )
    if tie.unique and rows > room:
        raise PlanError(
            f"Each row of {tie.parent} has one row of {name} at most, and {rows:,} are asked for "
            f"{room:,}; ask for as many {tie.parent}, or for at most {room:,} {name}.",
            field=f"rows.{name}",
        )
    most_born = tables[name].most_born if tie.way == "born" else None
    if most_born is not None and rows > room * most_born:
        rule = tables[name].kept.once
        raise PlanError(
            f"Under each row of {tie.parent} there are at most {most_born:,} rows of {name}, as "
            f"“{rule.text if rule else ''}”; ask for at most {room * most_born:,} of them.",
            field=f"rows.{name}",
        )
    if tie.pairs:
        born = tables[name].born
        most = room * settled.rows[born.parent] if born is not None else room
        if rows > most:
            raise PlanError(
                f"No two rows of {name} join the same rows, so there are at most {most:,} of "
                f"them; ask for no more.",
                field=f"rows.{name}",
            )
    if tie.way == "born" and tables[name].rows and tables[tie.parent].rows:
        ratio = (rows / room) / (tables[name].rows / tables[tie.parent].rows)
        if ratio > FAR or ratio < 1 / FAR:
            settled.notes.append(
                f"{rows:,} rows of {name} for {room:,} of {tie.parent} are {ratio:.3g} times as "
                "many for each as the extract had; what has none there has none here."
            )
