"""Which rows are in an aggregate; the others stand as they are in a file of their table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.schema import Table
from generator.write.api.frame import Frame
from generator.write.api.leaf import Leaf
from generator.write.api.shape import Aggregate, Array, Each, Node, Object, Test
from generator.write.api.store import Store


@dataclass(frozen=True)
class Home:
    """Where rows of ``table`` are: those of an aggregate itself, those under rows of ``over``
    that pass ``when`` (``each``), or those that rows of ``over`` link to by ``link``."""

    table: str
    where: tuple[Test, ...] = ()
    over: Home | None = None
    when: tuple[Test, ...] = ()
    each: Each | None = None
    link: str = ""


def homes(aggregates: Sequence[Aggregate], tables: Mapping[str, Table]) -> dict[str, list[Home]]:
    """The homes of each table that has one."""
    found: dict[str, list[Home]] = {}
    for aggregate in aggregates:
        root = Home(aggregate.table, aggregate.where)
        joined = [Home(e.table, e.where, root, each=e) for e in aggregate.joined.values()]
        for home in (root, *joined, *_within(aggregate.shape, root, (), tables)):
            if home.table in tables:
                found.setdefault(home.table, []).append(home)
    return found


def _within(
    node: Node, over: Home, when: tuple[Test, ...], tables: Mapping[str, Table]
) -> Iterator[Home]:
    if isinstance(node, Array):
        for item in node.items:
            yield from _within(item, over, when, tables)
    if not isinstance(node, Object):
        return
    when = (*when, *node.when)
    if node.each:
        inner = Home(node.each.table, node.each.where, over, when, node.each)
        if node.each.counted:
            yield inner
        over, when = inner, ()
    elif node.at:
        link = tables[over.table].link(node.at) if over.table in tables else None
        if link is None:
            return
        over, when = Home(link.parent, (), over, when, link=node.at), ()
    for one in node.properties.values():
        yield from _within(one, over, when, tables)


def away(store: Store, known: Sequence[Home], rows: pa.Table) -> pa.Table:
    """The rows that are in no aggregate."""
    left = np.ones(rows.num_rows, bool)
    for home in known:
        if not left.any():
            break
        left &= ~_at_home(store, home, rows)
    return rows.filter(pa.array(left))


def _at_home(store: Store, home: Home, rows: pa.Table) -> NDArray[np.bool_]:
    frame = Frame(store, home.table, rows)
    passed = frame.kept(home.each) if home.each else frame.passing(home.where)
    fit = _mask(passed, len(frame))
    if home.over is None:
        return fit
    if home.each is not None:
        return fit & _under(frame, home.each, home)
    return fit & _linked_to(frame, home)


def _under(frame: Frame, each: Each, home: Home) -> NDArray[np.bool_]:
    store, over = frame.store, home.over
    assert over is not None
    if over.table not in store or (each.via and each.via not in store):
        return np.zeros(len(frame), bool)
    if not each.by:
        return np.full(len(frame), _first_has_place(store, home))
    held = frame.cell(each.by)[1]  # type: ignore[index]
    if each.via:
        key = store.tables[each.via].key or ""
        between = store.where(each.via, key, held.unique(), [key, each.up])
        at = pc.index_in(held, between.column(key).combine_chunks())
        held = between.column(each.up).combine_chunks().take(at)
    of = each.of or store.tables[over.table].key or ""
    return _held_by(store, home, of, held)


def _first_has_place(store: Store, home: Home) -> bool:
    """Whether the first row above is in the aggregate, and has what all rows of a table lie in."""
    assert home.over is not None
    over = home.over.table
    first = store.first(over, store.tables[over].column_names)
    mine = _at_home(store, home.over, first)
    mine &= _mask(Frame(store, over, first).passing(home.when), first.num_rows)
    return bool(mine.any())


def _linked_to(frame: Frame, home: Home) -> NDArray[np.bool_]:
    assert home.over is not None
    if home.over.table not in frame.store:
        return np.zeros(len(frame), bool)
    return _held_by(frame.store, home, home.link, frame.keys)


def _held_by(store: Store, home: Home, column: str, values: pa.Array) -> NDArray[np.bool_]:
    """Whether a row of the home that is itself in the aggregate has the value in ``column``."""
    assert home.over is not None
    over = store.where(home.over.table, column, values.unique())
    mine = _at_home(store, home.over, over)
    mine &= _mask(Frame(store, home.over.table, over).passing(home.when), over.num_rows)
    there = over.column(column).filter(pa.array(mine)).combine_chunks()
    held: NDArray[np.bool_] = np.asarray(pc.and_(pc.is_in(values, there), values.is_valid()))
    return held


def _mask(passed: pa.Array | None, rows: int) -> NDArray[np.bool_]:
    return np.ones(rows, bool) if passed is None else np.asarray(passed.fill_null(False))


def fits(aggregate: Aggregate, tables: Mapping[str, Table]) -> bool:
    """Whether its tables, as far as they are there, have the columns it reads: tables of another
    schema may be called as the platform's are."""
    if aggregate.table not in tables:
        return False
    table = tables[aggregate.table]
    try:
        for each in aggregate.joined.values():
            _see_each(each, table, tables)
        _see_tests(aggregate.where, table, aggregate, tables)
        _see(aggregate.shape, table, aggregate, tables)
    except KeyError:
        return False
    return True


def _see(
    node: Node, table: Table | None, aggregate: Aggregate, tables: Mapping[str, Table]
) -> None:
    """Raises KeyError for a column that is not there.  ``table`` is None in rows that are not."""
    if table is None or isinstance(node, bool):
        return
    if isinstance(node, Leaf):
        for path in node.paths():
            _see_path(path, table, aggregate, tables)
    elif isinstance(node, Array):
        for item in node.items:
            _see(item, table, aggregate, tables)
    elif isinstance(node, Object):
        _see_tests(node.when, table, aggregate, tables)
        inner: Table | None = table
        if node.each:
            _see_each(node.each, table, tables)
            inner = tables.get(node.each.table)
            if inner:
                _see_tests(node.each.where, inner, aggregate, tables)
        elif node.at:
            inner = _linked(table, node.at, aggregate, tables)
        if node.needs and inner:
            _see_path(node.needs, inner, aggregate, tables)
        for one in node.properties.values():
            _see(one, inner, aggregate, tables)


def _see_tests(
    tests: Sequence[Test], table: Table, aggregate: Aggregate, tables: Mapping[str, Table]
) -> None:
    for test in tests:
        _see_path(test.path, table, aggregate, tables)


def _see_each(each: Each, table: Table, tables: Mapping[str, Table]) -> None:
    table.column(each.of or table.key or "")
    if each.via in tables:
        tables[each.via].column(each.up)
        tables[each.via].column(tables[each.via].key or "")
    child, without = tables.get(each.table), each.without
    if child and each.by:
        child.column(each.by)
    if child and without:
        child.column(without.of or child.key or "")
        if without.table in tables:
            tables[without.table].column(without.by)


def _see_path(path: str, table: Table, aggregate: Aggregate, tables: Mapping[str, Table]) -> None:
    first, mark, rest = path.partition(".")
    if not mark:
        table.column(first)
        return
    there = _linked(table, first, aggregate, tables)
    if there is not None:
        _see_path(rest, there, aggregate, tables)


def _linked(
    table: Table, name: str, aggregate: Aggregate, tables: Mapping[str, Table]
) -> Table | None:
    if name in aggregate.joined:
        return tables.get(aggregate.joined[name].table)
    table.column(name)
    link = table.link(name)
    return tables.get(link.parent) if link else None
