"""The attacks of ``generator.attack`` on the rows of three sides: learnt, synthetic, unseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.attack import (
    Attack,
    Near,
    Shadow,
    by_density,
    by_distance,
    by_shadows,
    inferred,
    linked,
    replayed,
    sharing_of,
    singled_out,
)
from generator.compare.copies import Encoded, encoded
from generator.compare.rows import TableRows, Values, drawn, rows_of
from generator.compare.sides import Sides
from generator.frame import Coded
from generator.stop import asking
from generator.summary.columns import Role
from generator.tables import Tables

MEMBERS = 2_000  # rows that are attacked, of those learnt and of those unseen
MADE = 5_000  # synthetic rows that the attacker looks at
LEAST = 50
MOST_TABLES = 4  # that are attacked, the longest
MOST_SECRETS = 3  # columns of a table that are guessed
MOST_REPEATED = 6  # columns of a table whose values are looked for
BANDS = 5  # of a number that is guessed
FEW, MANY = 2, 30  # labels of a column that is guessed
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Imitation:
    """What an attacker's own model learnt of a table, did not learn, and drew."""

    learnt: Tables
    unseen: Tables
    made: Tables


Imitations = Mapping[str, Sequence[Imitation]]


def privacy_of(
    sides: Sides,
    roles: Mapping[str, Mapping[str, Role]],
    copied: Mapping[str, Any] | None,
    *,
    imitations: Imitations | None = None,
    k: int = 0,
    unit: str = "",
) -> dict[str, Any]:
    """What stands in ``privacy`` of a certificate or comparison: the ``attacks`` with their
    baselines and intervals, ``epsilon`` (none: nothing here has differential privacy),
    ``distances`` by table, and who may receive it (``sharing``)."""
    attacks = attacks_on(sides, roles, imitations or {})
    return {
        "attacks": [one.document() for one in attacks],
        "epsilon": None,
        "distances": {name: one for name, one in (copied or {}).items() if one},
        "k": k,
        "unit": unit,
        "sharing": sharing_of(attacks, k=k, unit=unit).document(),
    }


def attacks_on(
    sides: Sides, roles: Mapping[str, Mapping[str, Role]], imitations: Imitations
) -> list[Attack]:
    """All attacks on the longest tables, strongest first of each kind; none without unseen rows."""
    if sides.unseen is None:
        return []
    order = sorted(range(len(sides.learnt)), key=lambda at: -sides.learnt[at].of)
    found: list[Attack] = []
    for at in asking(order[:MOST_TABLES], every=1):
        table = sides.learnt[at].table
        three = (sides.learnt[at], sides.unseen[at], sides.made[at])
        if min(side.rows for side in three) >= 2 * LEAST:
            if three[0].columns:
                found += _on_rows(*three, roles[table], imitations.get(table, ()), sides.seed)
            found += _repeated(sides.tables, table, roles[table])
    kinds = [one.kind for one in found]
    return sorted(found, key=lambda one: (kinds.index(one.kind), -one.gain))


def _on_rows(
    learnt: TableRows,
    unseen: TableRows,
    made: TableRows,
    roles: Mapping[str, Role],
    imitations: Sequence[Imitation],
    seed: int,
) -> Iterator[Attack]:
    """Attacks that look at whole rows.  A part of the unseen rows is what the attacker knows of the
    population; the others are attacked, as many as learnt ones."""
    n = min(MEMBERS, learnt.rows, unseen.rows // 2)
    lot = drawn(unseen.rows, 2 * n, name=f"{learnt.table} attacked")
    sides = [
        learnt.take(drawn(learnt.rows, n, name=f"{learnt.table} attacked, learnt")),
        unseen.take(lot[::2]),
        made.take(drawn(made.rows, MADE, name=f"{learnt.table} attacking")),
        unseen.take(lot[1::2]),
    ]
    own = [rows for one in imitations for rows in _own(one, learnt.table, roles)]
    held = encoded([*sides, *own])
    members, others, synthetic, reference = held.points[:4]
    table = learnt.table
    one, other = (Near.of(side, synthetic, reference) for side in (members, others))
    yield by_distance(table, one, other)
    yield by_density(table, one, other)
    if own:
        shadows = [Shadow(*held.points[at : at + 3]) for at in range(4, len(held.points), 3)]
        yield by_shadows(table, one, other, reference, shadows)
    yield from _inferences(sides, held)
    mine, theirs, told = (_numbers(side, held.columns) for side in sides[:3])
    ordered = np.array([not isinstance(learnt.columns[name], Coded) for name in held.columns])
    alone = singled_out(table, mine, theirs, told[:n], ordered, seed=seed)
    if alone is not None:
        yield alone
    if len(held.columns) > 1:
        yield linked(table, members, others, synthetic, list(held.columns.values()))


def _own(one: Imitation, table: str, roles: Mapping[str, Role]) -> Iterator[TableRows]:
    for side, name in ((one.learnt, "in"), (one.unseen, "out"), (one.made, "drawn")):
        yield rows_of(side, table, roles, name=name)


def _inferences(sides: Sequence[TableRows], held: Encoded) -> Iterator[Attack]:
    """Guesses at the columns that are hardest to guess."""
    codes = {name: _codes([side.columns[name] for side in sides[:3]]) for name in held.columns}
    told = {name: one for name, one in codes.items() if one is not None}
    hardest = sorted(told, key=lambda name: (-_spread(told[name][0]), name))
    if len(held.columns) < 2:
        return
    members, others, synthetic = held.points[:3]
    for name in hardest[:MOST_SECRETS]:
        learnt, unseen, made = told[name]
        points = (members, others, synthetic)
        yield inferred(sides[0].table, name, points, (learnt, unseen, made), held.columns)


def _codes(values: Sequence[Values]) -> tuple[Codes, Codes, Codes] | None:
    """A column of three sides as labels, or bands of a number; None where there is little or too
    much to guess.  The places of labels are those of ``_labels``."""
    if isinstance(values[0], Coded):
        every = sorted({label for side in values for label in _labels(side)})
        if not FEW <= len(every) <= MANY:
            return None
        one, two, three = (_placed(side, every) for side in values)
        return one, two, three
    first = np.asarray(values[0])
    there = first[~np.isnan(first)]
    if not len(there):
        return None
    edges = np.unique(np.quantile(there, np.linspace(0, 1, BANDS + 1)[1:-1]))
    one, two, three = (
        np.where(np.isnan(side), -1, np.searchsorted(edges, side, side="right")).astype(np.int64)
        for side in map(np.asarray, values)
    )
    return one, two, three


def _labels(side: Values) -> tuple[str, ...]:
    return tuple(side.labels) if isinstance(side, Coded) else ()


def _placed(side: Values, every: Sequence[str]) -> Codes:
    place = {label: at for at, label in enumerate(every)}
    codes = np.array([*(place[label] for label in _labels(side)), -1], dtype=np.int64)
    assert isinstance(side, Coded)  # its column is
    placed: Codes = codes[side.codes]
    return placed


def _spread(codes: Codes) -> float:
    """Entropy of the codes: how hard they are to guess."""
    shares = np.bincount(codes + 1) / max(len(codes), 1)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())


def _numbers(side: TableRows, names: Mapping[str, slice]) -> NDArray[np.float64]:
    """Rows as numbers (n, columns), labels as codes that any side gives them, NaN where missing."""
    columns = []
    for name in names:
        values = side.columns[name]
        if isinstance(values, Coded):
            known = np.array([*(_mark(label) for label in values.labels), np.nan])
            columns.append(known[values.codes])
        else:
            columns.append(np.asarray(values, dtype=np.float64))
    return np.column_stack(columns)


def _mark(label: str) -> float:
    """A number that stands for a label, the same on all sides."""
    return float(int.from_bytes(label.encode("utf-8", "surrogatepass"), "big") % ((1 << 53) - 111))


def _repeated(
    tables: Mapping[str, Tables], table: str, roles: Mapping[str, Role]
) -> Iterator[Attack]:
    """Values of personal columns and texts that come again."""
    declared = tables["real"].schema[table]
    names = [
        column.name
        for column in declared.columns
        if column.personal or (roles.get(column.name) == "text" and not column.unique)
    ]
    for name in names[:MOST_REPEATED]:
        sides = [tables[side].arrow(table, name) for side in ("real", "holdout", "synthetic")]
        rows = min(len(side) for side in sides[:2])
        learnt, unseen, made = (side.slice(0, rows) for side in sides)
        one = replayed(table, name, learnt, unseen, made)
        if one is not None:
            yield one
