"""Whether the links of a fitted profile that somebody brought can be drawn: no circle, no name that
leads nowhere, no number out of bounds.  Raises ValueError with the place in a few words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import numpy as np

from generator.fitted.leaves import MARK, ColumnLeaves, Kin, Made, Predictor, TableLeaves, Tie
from generator.fitted.names import Names, group_ok
from generator.fitted.parts import PARTS
from generator.leaves.codec import Codec
from generator.leaves.packed import LARGEST
from generator.schema import Kind, Schema, Table

MOST_COMPONENTS = 8  # of a predictor; a fit makes two
MOST_CLASSES = 10_000  # of rows that are pointed at alike; a fit makes 96
MOST_COUNT = 1 << 53
MOST_TINY = 1e-9  # of a day, in steps
_WAYS = ("born", "lookup", "itself", "late")
_MADE = ("step", "dated", "moved", "place", "part", "count")
_HIDDEN = (Kind.FLOAT, Kind.TEXT)


def given_columns(table: Table, leaves: TableLeaves) -> set[str]:
    """Columns that hold the keys of rows that links lead to, or that such rows say."""
    paths = {tie.path for tie in leaves.ties}
    tied = {name for link in table.links if link.path in paths for name in link.columns}
    return tied - set(leaves.columns)


def check_ties(schema: Schema, tables: Mapping[str, TableLeaves]) -> None:
    """The links of all tables, before anything follows them."""
    for name, leaves in tables.items():
        hidden = all(
            one.startswith(MARK) and column.kind in _HIDDEN and column.personal is None
            for one, column in leaves.hidden.items()
        )
        paths = [tie.path for tie in leaves.ties]
        if not hidden or len(set(paths)) < len(paths):
            raise ValueError(f"links of {name}")
        if sum(tie.way == "born" for tie in leaves.ties) > 1:
            raise ValueError(f"parents of {name}")
        for tie in leaves.ties:
            link = schema[name].link(tie.path)
            if link is None or link.parent != tie.parent or tie.parent not in tables:
                raise ValueError(f"link {tie.path} of {name}")
            if tie.way not in _WAYS or (tie.way == "itself") != (tie.parent == name):
                raise ValueError(f"way of the link {tie.path}")
    _check_circles(tables)
    for name, leaves in tables.items():
        for tie in leaves.ties:
            if not _tie_ok(schema, tables, name, tie):
                raise ValueError(f"link {tie.path} of {name}")


def _check_circles(tables: Mapping[str, TableLeaves]) -> None:
    needs = {
        name: {tie.parent for tie in leaves.ties if tie.way in ("born", "lookup")}
        for name, leaves in tables.items()
    }
    while needs:
        free = [name for name, parents in needs.items() if not parents & needs.keys()]
        if not free:
            raise ValueError(f"circle of {', '.join(sorted(needs))[:200]}")
        for name in free:
            del needs[name]


def _tie_ok(schema: Schema, tables: Mapping[str, TableLeaves], name: str, tie: Tie) -> bool:
    leaves, parent = tables[name], tables[tie.parent]
    link = schema[name].link(tie.path)
    assert link is not None
    if type(tie.unique) is not bool or type(tie.pairs) is not bool:
        return False
    if not _stays_ok(leaves, tie) or (tie.way != "late" and not _count_ok(parent, tie.count)):
        return False
    if tie.way == "born":
        nullable = tie.kin is not None or tie.chosen
        return not nullable
    if tie.pairs and (tie.way != "lookup" or leaves.born is None):
        return False
    chosen = leaves.columns.get(tie.chosen)
    if chosen is None or tie.chosen not in leaves.hidden or chosen.codec.form != "labels":
        return False
    labels = all(re.fullmatch(r"c\d{1,5}", one) for one in chosen.codec.labels)
    if not labels or len(chosen.codec.labels) > MOST_CLASSES:
        return False
    may_miss = chosen.absent is not None and bool((chosen.absent.code == 1).any())
    needed = not all(schema[name].column(one).nullable for one in link.columns)
    if may_miss and needed and tie.way != "itself":
        return False
    if tie.way == "late":
        alone = (parent.columns.get(one) for one in link.parent_columns)
        return all(one is not None and one.codec.form == "pattern" for one in alone)
    return tie.kin is None or _kin_ok(tables, name, tie, tie.kin)


def _count_ok(parent: TableLeaves, count: str) -> bool:
    leaves = parent.columns.get(count)
    if leaves is None or count not in parent.hidden or leaves.made is not None:
        return False
    codec = leaves.codec
    if codec.form == "labels":
        return all(type(one) in (int, float) and 0 <= one <= MOST_COUNT for one in codec.labels)
    scale = codec.scale
    return (
        codec.form == "number"
        and scale is not None
        and not codec.words
        and bool((np.abs(scale.knots.value) <= MOST_COUNT).all())
    )


def _stays_ok(leaves: TableLeaves, tie: Tie) -> bool:
    if type(tie.stays) is not float or not 0 <= tie.stays <= 1:
        return False
    apart = tie.unique or tie.pairs or (tie.kin is not None and tie.kin.same is not None)
    return not tie.stays or (tie.way == "lookup" and leaves.born is not None and not apart)


def _kin_ok(tables: Mapping[str, TableLeaves], name: str, tie: Tie, kin: Kin) -> bool:
    names = Names(tables, tie.parent)
    names.reached = {one.path for one in tables[tie.parent].ties if one.way in ("born", "lookup")}
    columns = tables[tie.parent].columns.items()
    told = {one: c.codec for one, c in columns if c.codec.form in ("labels", "number")}
    names.earlier = told
    if not all(predictor_ok(one, names.codec(one.column)) for one in kin.predictors):
        return False
    if kin.tree.cells > MOST_CLASSES or (not kin.predictors and kin.tree.cells > 1):
        return False
    if kin.same is None:
        return True
    return (
        tie.way == "lookup"
        and group_ok(tables, name, kin.same[0])
        and group_ok(tables, tie.parent, kin.same[1])
    )


def predictor_ok(predictor: Predictor, of: Codec | None) -> bool:
    """Whether a predictor can be read of a column with this codec."""
    placed = predictor.coordinates
    if of is None or not abs(predictor.centre) <= LARGEST or not abs(predictor.spread) <= LARGEST:
        return False
    if placed is None:
        return of.form == "number" and abs(predictor.spread) > 1 / LARGEST
    if of.form != "labels" or placed.ndim != 2 or placed.shape[1] > MOST_COMPONENTS:
        return False
    whole = placed.dtype == np.float32 and len(placed) == len(of.labels) + 1
    return whole and bool(np.isfinite(placed).all())


def made_ok(leaves: ColumnLeaves, made: Made, names: Names, *, hidden: bool) -> bool:
    """Whether a column follows from columns that are known by then, within bounds."""
    if not all(isinstance(one, str) for one in (made.of, made.by, made.base, made.last)):
        return False
    numbers = (made.factor, made.start, made.most)
    if made.way not in _MADE or not all(_finite(one) for one in numbers):
        return False
    if type(made.paces) is not bool or not _finite(made.day) or not MOST_TINY <= made.day < 1e15:
        return False
    if type(made.sign) is not int or abs(made.sign) > MOST_COUNT or not 0 < made.factor < 1e15:
        return False
    if leaves.codec.form != "number" or leaves.absent is not None or hidden != (made.way == "part"):
        return False
    if made.way == "count":
        return True
    if made.way == "place":
        return names.leaves.born is not None
    of = names.earlier.get(made.of)
    if not (_is_number(of) or (of is not None and _numeric(of))):
        return False
    if made.way == "part":
        return made.by in PARTS
    if names.leaves.born is None or made.sign not in (-1, 1):
        return False
    by = names.earlier.get(made.by)
    least = made.least is None or _finite(made.least)
    if made.way == "moved" and not (least and by is not None and by.form == "labels"):
        return False
    if made.way == "dated" and not (_is_number(by) or (by is not None and _numeric(by))):
        return False
    return all(
        not one or (not one.startswith(MARK) and _is_number(names.codec(one)))
        for one in (made.base, made.last)
    )


def _is_number(codec: Codec | None) -> bool:
    return codec is not None and codec.form == "number"


def _numeric(codec: Codec) -> bool:
    return codec.form == "labels" and not any(isinstance(one, str) for one in codec.labels)


def _finite(value: float) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and abs(value) <= LARGEST
