"""What a recipe asks of the rows of a table, as ``met`` tells it, and for linked tables tried on
a small world before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.errors import PlanError, shown
from generator.fitted.conditions import RAREST, Conditions, Draw, check_counts, held_in, too_rare
from generator.fitted.draw import Ints
from generator.fitted.drawing import Kindred
from generator.fitted.family import Layout
from generator.fitted.leaves import MARK, TableLeaves
from generator.fitted.lot import Lot
from generator.fitted.meeting import Lots, Short, Wish, foreseen
from generator.fitted.shifting import Movers
from generator.fitted.span import Move, Moving
from generator.schema import Schema, Table
from generator.summary import Forms

TRIED = 16_384  # rows drawn to see how rare a condition is
AGAIN = 1 << 18  # of which so many are drawn again to see whether it can be met
LEAST_TRIED = 256


def told_table(schema: Schema, leaves: TableLeaves, name: str) -> Table:
    """The table with those of its columns that a condition may speak of: neither keys, links nor
    what is made anew."""
    table = schema[name]
    told = tuple(
        column
        for column in table.columns
        if column.name in leaves.columns and leaves.columns[column.name].codec.form != "pattern"
    )
    return replace(table, columns=told, key=None, links=(), together=())


def met_of(
    conditions: Conditions, schema: Schema, leaves: TableLeaves, forms: Forms
) -> Callable[[pa.Table], Ints]:
    """Tells which of the conditions rows meet."""
    told = Schema((told_table(schema, leaves, conditions.table),))
    return lambda rows: conditions.met(told, forms, rows)


def falling_in(move: Move, rows: pa.Table) -> NDArray[np.bool_]:
    """Which rows of a table that is chosen from fall into the span."""
    return np.asarray(move.fits(rows).any(axis=1))


def wish_of(
    conditions: Conditions,
    schema: Schema,
    leaves: TableLeaves,
    forms: Forms,
    rows: int,
    moving: Moving,
    movers: Movers,
) -> Wish:
    """The conditions as a wish about ``rows`` of a linked table, where they lie once they have
    moved.  Raises PlanError for a statement that speaks of what it may not."""
    name, met = conditions.table, met_of(conditions, schema, leaves, forms)
    told = told_table(schema, leaves, name)
    read = conditions.read
    columns = tuple(one for one in told.column_names if one in read)
    if others := sorted(read - set(columns)):
        raise PlanError(_not_told(schema[name], told, others[0]), field=conditions.field)
    met(pa.table({c.name: pa.array([], c.arrow_type()) for c in told.columns}))
    moves, move = movers.moves(name, read), moving.chosen(name)

    def kinds(rows: pa.Table, lots: Lots) -> Ints:
        later = movers.by(name, rows, lots) if moves and lots is not None else rows
        found = met(later)
        if move is None:
            return found
        return np.where(falling_in(move, rows), found, len(conditions.texts) + 1)

    lots = partial(movers.lots, name) if moves else None
    return Wish(conditions, rows, movers.reading(name, read), kinds, lots)


def _not_told(table: Table, told: Table, path: str) -> str:
    """That a statement may not speak of a column, in a sentence."""
    head = path.split(".", maxsplit=1)[0]
    link = next((one for one in table.links if head in (one.path, one.column)), None)
    there = f"; ask it of {link.parent}, whose rows it tells" if link and head != path else ""
    return (
        f"{table.name}: a statement may compare columns that the table draws itself, "
        f"“{shown(path)}” is none of them{there}; it has "
        f"{shown(', '.join(told.column_names), most=300)}."
    )


def moved_candidates(draw: Draw, name: str, move: Move, movers: Movers) -> Draw:
    """Candidates of a table that stands alone where they lie in the span; the column MARK says
    whether they fall into it."""

    def moved(first: int, last: int) -> pa.Table:
        rows = draw(first, last)
        lots = movers.lots(name, first, last - first, partial(np.arange, first, last))
        fits = pa.array(falling_in(move, rows))
        return movers.by(name, rows, lots).append_column(MARK, fits)

    return moved


def fitting(met: Callable[[pa.Table], Ints], move: Move, kinds: int) -> Callable[[pa.Table], Ints]:
    """As ``met``, of candidates that fall into the span; of all others one more than ``kinds``."""

    def fits(rows: pa.Table) -> Ints:
        told = MARK in rows.column_names
        within = np.asarray(rows.column(MARK)) if told else falling_in(move, rows)
        return np.where(within, met(rows), kinds + 1)

    return fits


def tried(
    schema: Schema,
    tables: Mapping[str, TableLeaves],
    rows: Mapping[str, int],
    wishes: Mapping[str, Wish],
    name: str,
    seed: int,
) -> str:
    """How rare the conditions of a table are, a sentence, and whether they can be met under the
    rows that the table's belong to, of which something may be asked, too.  Raises PlanError where
    they are too rare or cannot."""
    wish, conditions = wishes[name], wishes[name].conditions
    check_counts(conditions, rows[name])
    others = {table: other for table, other in wishes.items() if table != name}
    few = _fewer(tables, rows, name, TRIED)
    try:
        kindred = Kindred(schema, Layout(tables, few), seed, _small(others, few, rows))
        lot = kindred.lot(name, 0)
    except Short:  # it is told of the other table
        others = {}
        kindred = Kindred(schema, Layout(tables, few), seed)
        lot = kindred.lot(name, 0)
    natural = _came(kindred, lot, wish)
    shares = natural / max(lot.rows, 1)
    wanted = np.array([*conditions.counts, rows[name] - sum(conditions.counts), 0])
    for at, (count, share) in enumerate(zip(wanted, shares, strict=False)):
        if count and share < RAREST:
            raise PlanError(
                too_rare(conditions, at, int(natural[at]), lot.rows), field=conditions.field
            )
    again = foreseen(np.rint(shares * rows[name]).astype(np.int64), wanted)
    most = min(max(TRIED * AGAIN // max(again, 1), LEAST_TRIED), TRIED)
    few = _fewer(tables, rows, name, most)
    trial = _small(others | {name: wish}, few, rows)
    try:
        Kindred(schema, Layout(tables, few), seed, trial).lot(name, 0)
    except Short as short:
        if short.table == name:
            raise Short.of(wish, short.at, short.wanted, short.have) from None
    said = held_in(conditions, shares) or f"{1 - shares[-1]:.2%} of rows fall into the span"
    return (
        f"{name}: {said}; rows of the wrong kind are drawn again where they stand, about {again:,} "
        "in all."
    )


def came(
    schema: Schema,
    tables: Mapping[str, TableLeaves],
    rows: Mapping[str, int],
    wish: Wish,
    seed: int,
) -> Ints:
    """How many rows of each kind come by themselves, in a small world."""
    name = wish.conditions.table
    few = _fewer(tables, rows, name, TRIED)
    kindred = Kindred(schema, Layout(tables, few), seed)
    return _came(kindred, kindred.lot(name, 0), wish)


def _came(kindred: Kindred, lot: Lot, wish: Wish) -> Ints:
    lots = None
    if wish.lots is not None:
        roots = partial(kindred.roots, wish.conditions.table, lot, 0)
        lots = wish.lots(lot.first, lot.rows, roots)
    kinds = wish.met(pa.table({column: lot.arrow(column) for column in wish.columns}), lots)
    return np.bincount(kinds, minlength=len(wish.conditions.texts) + 2).astype(np.int64)


def _small(
    wishes: Mapping[str, Wish], few: Mapping[str, int], rows: Mapping[str, int]
) -> dict[str, Wish]:
    """Wishes in a small world, with the numbers of rows there."""
    found = {}
    for name, wish in wishes.items():
        counts = _part(wish.conditions.counts, few[name], rows[name])
        found[name] = replace(
            wish, conditions=replace(wish.conditions, counts=counts), rows=few[name]
        )
    return found


def _fewer(
    tables: Mapping[str, TableLeaves], rows: Mapping[str, int], name: str, most: int
) -> dict[str, int]:
    """Rows of a small world: of the table ``most``, of its family in proportion, of others as many
    as may be."""
    part = min(1.0, most / max(rows[name], 1))
    kept = Layout(tables, rows).family(name).members
    return {
        table: max(round(count * part), min(count, 1)) if table in kept or count > TRIED else count
        for table, count in rows.items()
    }


def _part(counts: Sequence[int], few: int, rows: int) -> tuple[int, ...]:
    """The counts of so many rows in a few of them, none of them for nothing, all for all."""
    small = np.array([max(count * few // max(rows, 1), min(count, 1)) for count in counts])
    over = int(small.sum()) - few
    if over > 0 or sum(counts) == rows:
        small[np.argmax(small)] -= over
    return tuple(np.maximum(small, 0).tolist())
