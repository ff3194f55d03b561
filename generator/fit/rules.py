"""Rules of a table: which its rows keep, and columns changed so that what is drawn keeps them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.fit.column import Columns, Learning, plain_numbers
from generator.fit.floor import EACH_ROW, Floor
from generator.fit.maps import exact_maps
from generator.found import (
    Found,
    Kept,
    Order,
    Side,
    Sides,
    arranged,
    distances,
    find,
    unit_of,
    worked_out,
)
from generator.leaves.codec import Codec
from generator.leaves.encode import as_number
from generator.leaves.scale import between, scale_of
from generator.schema import Table
from generator.stop import ask
from generator.streams import Stream

_NO_SCALE = between(0.0, 1.0, 0.0)  # of a column that is worked out


@dataclass(frozen=True)
class Ruled:
    """A table's columns as they are learnt, the rules they keep, and which labels give others."""

    columns: dict[str, Learning]
    kept: Kept
    maps: dict[str, str]


def ruled(
    table: Table,
    own: Columns,
    *,
    seed: int,
    without: Collection[str] = (),
    fixed: Collection[str] = (),
    unseen: Collection[str] = (),
    alone: bool = True,
    floor: Floor = EACH_ROW,
) -> Ruled:
    """Find the rules of encoded columns and arrange how each is kept; ``without`` names those
    (``Found.text``) that are not to be.  Columns that are ``fixed`` are drawn before all others and
    give nothing; rules do not speak of ``unseen``
    ones.  Pairs that never come twice are kept by tables that stand ``alone``."""
    columns = {name: column for name, column in own.items() if name not in unseen}
    sides = sides_of(table, columns)
    ask()
    found = [
        rule
        for rule in found_in(table, columns, floor)
        if rule.text not in without and not (rule.works_out and rule.gives in fixed)
    ]
    worked = worked_out(found)
    for rule in worked:
        columns[rule.gives] = _worked(table, columns[rule.gives])
    ask()
    maps = exact_maps({name: one for name, one in columns.items() if name not in fixed})
    kept = arranged(
        [*worked, *(rule for rule in found if not rule.works_out)],
        sides,
        maps=maps,
        fixed=fixed,
        as_labels=set(maps.values()),
        labels=[n for n, one in columns.items() if one.codec.form == "labels"] if alone else (),
        on_grid=[name for name, one in columns.items() if _on_grid(one)] if alone else (),
        key=table.key_columns,
    )
    for name, rules in kept.bounds.items():
        stream = Stream(seed, table.name, f"{name}\x1frules")
        columns[name] = _bounded(table, columns[name], rules, sides, stream, floor)
    return Ruled({**own, **columns}, kept, maps)


def _on_grid(column: Learning) -> bool:
    scale = column.codec.scale
    return column.codec.form == "number" and scale is not None and scale.grid > 0


def found_in(table: Table, own: Columns, floor: Floor = EACH_ROW) -> list[Found]:
    """All rules that the rows of encoded columns keep, as many persons' as the ``floor`` asks."""
    missing = {name: column.coded.absent == 1 for name, column in own.items()}
    found = find(sides_of(table, own), missing, values_of(own), floor.k)
    if floor.holders.of is None:
        return found
    return [rule for rule in found if floor.holders.count(_told(rule, own)) >= floor.k]


def _told(rule: Found, own: Columns) -> NDArray[np.bool_]:
    """Rows (n,) that have a value in all columns the rule speaks of."""
    told = ~own[rule.gives].missing
    for name in rule.needs:
        told = told & ~own[name].missing
    return told


def values_of(own: Columns) -> dict[str, NDArray[Any]]:
    """Codes of labels and numbers on a grid, of columns that are never missing."""
    found: dict[str, NDArray[Any]] = {}
    for name, column in own.items():
        scale = column.codec.scale
        if column.missing.any():
            continue
        if column.codec.form == "labels" and column.coded.codes.min() >= 0:
            found[name] = column.coded.codes
        elif column.codec.form == "number" and scale is not None and scale.grid:
            found[name] = column.coded.numbers
    return found


def sides_of(table: Table, own: Columns) -> dict[str, Side]:
    """The columns that are numbers, days or moments."""
    sides = {}
    for column in table.columns:
        if column.name not in own:
            continue
        learning = own[column.name]
        unit = unit_of(column, learning.codec)
        labels = learning.codec.labels
        if unit is None or (labels and isinstance(labels[0], str)):
            continue
        sides[column.name] = Side(unit, plain_numbers(learning), ~learning.missing)
    return sides


def _worked(table: Table, column: Learning) -> Learning:
    del table
    codec = Codec("number", scale=_NO_SCALE, written=column.codec.written, words=column.codec.words)
    coded = replace(
        column.coded,
        codes=np.full(len(column.missing), -1, dtype=np.int64),
        numbers=plain_numbers(column),
    )
    return Learning(codec, coded)


def _bounded(
    table: Table,
    column: Learning,
    rules: tuple[Order, ...],
    sides: Sides,
    stream: Stream,
    floor: Floor,
) -> Learning:
    """As a number on a scale; of its distance to the nearest of others where the rules say so."""
    rule = rules[0]
    if column.codec.form == "labels":
        declared = table.column(rule.gives)
        codec, coded = as_number(
            declared,
            column.codec,
            column.coded,
            k=floor.k,
            stream=stream,
            holders=floor.holders,
        )
        column = Learning(codec, coded)
    if rule.way != "gap":
        return column
    told, gap = distances(rules, sides)
    present = ~column.missing
    lots = stream.uniform(0, len(gap))
    instead = gap[told][np.argsort(lots[told])]  # where there is nothing to be apart from
    lacking = np.flatnonzero(~told)
    gap[lacking] = instead[np.arange(len(lacking)) % len(instead)]
    gap = np.maximum(gap, 0.0)
    scale, ranked = scale_of(
        gap[present],
        k=floor.k,
        grid=_grid(gap, rule),
        jitter=lots[present],
        holders=floor.holders.at(present),
    )
    codec = replace(column.codec, scale=scale)
    coded = replace(column.coded, numbers=gap, ranked=ranked)
    return Learning(codec, coded, actual=column.coded.numbers)


def _grid(gap: np.ndarray, rule: Order) -> float:
    """The widest step that all distances are multiples of."""
    if not rule.unit:
        return 0.0
    return float(max(np.gcd.reduce(np.rint(gap).astype(np.int64)), 1))
