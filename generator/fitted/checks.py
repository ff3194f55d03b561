"""Whether a fitted profile that somebody brought can be drawn and compared.

Every part is held against every other before the first row: what passes is drawn without a
failure, in bounded memory.  Each function raises ValueError with the place in a few words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from generator.fitted.leaves import ColumnLeaves, TableLeaves
from generator.fitted.names import Names
from generator.fitted.ruled import check_rules
from generator.fitted.tied import check_ties, given_columns, made_ok, predictor_ok
from generator.leaves.choice import Choices
from generator.leaves.packed import LARGEST
from generator.leaves.quantiles import Curves
from generator.schema import Column, Kind, Schema, Table
from generator.summary import Bins, Children, ColumnSummary, Forms, Summary, TableSummary
from generator.summary.said import said_schema

MOST_ROWS = 1 << 40
MOST_PREDICTORS = 64  # of a column; a fit takes twelve
MOST_BINS = 32_000  # codes of bins are 16 bits wide
_LARGEST = LARGEST
_COUNTED = 1 << 53  # whole numbers up to here are exact as floats
_ORDERED = {
    "number": (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT),
    "moment": (Kind.DATE, Kind.TIMESTAMP),
}
_LAST_MOMENT = 1e15  # milliseconds; the year 33,658


def check_tables(schema: Schema, tables: Mapping[str, TableLeaves]) -> None:
    """Every table of the schema, and every column of it from columns before it."""
    if set(tables) != set(schema.names):
        raise ValueError("tables")
    for name, leaves in tables.items():
        if type(leaves.rows) is not int or not 0 <= leaves.rows < MOST_ROWS:
            raise ValueError(f"rows of {name}")
    check_ties(schema, tables)
    for name, leaves in tables.items():
        check_rules(schema[name], leaves)
        _check_columns(schema[name], tables)
        _check_followed(schema[name], leaves)


def check_unit(schema: Schema, unit: str) -> str:
    """The column that told whose the rows were is one of the schema's."""
    table, _, column = unit.partition(".")
    if unit and (table not in schema or column not in schema[table].column_names):
        raise ValueError("unit")
    return unit


def _check_columns(table: Table, tables: Mapping[str, TableLeaves]) -> None:
    leaves, names = tables[table.name], Names(tables, table.name)
    given = given_columns(table, leaves)
    own = set(leaves.columns) - set(leaves.hidden)
    if own & given or own | given != set(table.column_names):
        raise ValueError(f"columns of {table.name}")
    if not set(leaves.hidden) <= set(leaves.columns):
        raise ValueError(f"hidden columns of {table.name}")
    for tie in leaves.ties:
        if tie.way == "lookup":
            _check_column(table, tie.chosen, leaves.columns[tie.chosen], names)
        if tie.way in ("born", "lookup"):
            names.reached.add(tie.path)
    asked = {tie.chosen for tie in leaves.ties if tie.way == "lookup"}
    for name, column in leaves.columns.items():
        if name not in asked:
            _check_column(table, name, column, names)


def _check_followed(table: Table, leaves: TableLeaves) -> None:
    """Rows stand in the order of moments that are drawn as numbers, and a key that counts them is
    made, not drawn."""
    name = leaves.follows
    if name == "":
        return
    if not isinstance(name, str) or name not in leaves.columns or name in leaves.hidden:
        raise ValueError(f"what rows of {table.name} follow")
    codec, kind = leaves.columns[name].codec, table.column(name).kind
    if codec.form != "number" or kind not in (Kind.DATE, Kind.TIMESTAMP):
        raise ValueError(f"what rows of {table.name} follow")


def _check_column(table: Table, name: str, leaves: ColumnLeaves, names: Names) -> None:
    hidden = names.leaves.hidden.get(name)
    column = hidden or table.column(name)
    if leaves.made is not None:
        fits = made_ok(leaves, leaves.made, names, hidden=hidden is not None)
        fits = fits and (hidden is not None or leaves.codec.ok(column))
    else:
        worked = name in names.leaves.kept.worked
        fits = leaves.codec.ok(column) and _drawable(leaves, names, worked=worked)
    if not fits:
        raise ValueError(f"column {name}")
    if not column.nullable and _may_be_missing(leaves):
        raise ValueError(f"missing values of {name}")
    if leaves.codec.form in ("labels", "number"):
        names.earlier[name] = leaves.codec


def _drawable(leaves: ColumnLeaves, names: Names, *, worked: bool) -> bool:
    codec, labels = leaves.codec, len(leaves.codec.labels)
    known = all(predictor_ok(one, names.codec(one.column)) for one in leaves.predictors)
    if not known or len(leaves.predictors) > MOST_PREDICTORS:
        return False
    absent, tree = leaves.absent, leaves.absent_tree
    if (absent is None) != (tree is None):
        return False
    if absent is not None and tree is not None and not absent.ok(tree.cells, 2 + len(codec.words)):
        return False
    if codec.form in ("missing", "pattern") or worked:
        return True
    if leaves.map_to is not None:
        of = names.codec(leaves.map_of)
        whole = leaves.map_to.dtype == np.int32 and codec.form == "labels"
        fits = of is not None and of.form == "labels"
        fits = fits and of is not None and leaves.map_to.shape == (len(of.labels) + 1,)
        return whole and fits and bool(((leaves.map_to >= -1) & (leaves.map_to < labels)).all())
    if leaves.tree is None:
        return False
    if codec.form == "labels":
        return isinstance(leaves.leaves, Choices) and leaves.leaves.ok(leaves.tree.cells, labels)
    return isinstance(leaves.leaves, Curves) and leaves.leaves.of_ranks(leaves.tree.cells)


def _may_be_missing(leaves: ColumnLeaves) -> bool:
    if leaves.codec.form == "missing" or (
        leaves.absent is not None and (leaves.absent.code == 1).any()
    ):
        return True
    return leaves.map_to is not None and bool((leaves.map_to[:-1] < 0).any())


def check_summary(schema: Schema, summary: Summary, forms: Forms) -> None:
    """The summary speaks of the schema's columns, and counts them as their kinds are counted, text
    that ``forms`` says numbers or moments by as those."""
    read = said_schema(schema, forms)
    for name, table in summary.tables.items():
        if name not in schema or not _whole(table.rows) or not _whole(table.pair_rows):
            raise ValueError(f"summary of {name}")
        _check_counted(schema[name], read[name], table)
    for family in summary.children:
        if not _family_ok(schema, family):
            raise ValueError("children of the summary")


def _check_counted(declared: Table, read: Table, table: TableSummary) -> None:
    for name, column in table.columns.items():
        known = name in declared.column_names
        if not known or not any(_column_ok(one.column(name), column) for one in (declared, read)):
            raise ValueError(f"summary of the column {name}")
    for pair, counts in table.pairs.items():
        if (counts < 0).any():
            raise ValueError(f"summary of the pair {pair}")
    if table.correlation is not None:
        names, values = table.correlation
        if not set(names) <= set(table.columns) or values.shape != (len(names), len(names)):
            raise ValueError("correlation of the summary")
    for name, months in table.calendar.items():
        if name not in table.columns or table.columns[name].role != "moment":
            raise ValueError("calendar of the summary")
        if not all(re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month) for month in months):
            raise ValueError("months of the summary")
        if not all(_whole(rows) for rows in months.values()):
            raise ValueError("calendar of the summary")


def _column_ok(column: Column, entry: ColumnSummary) -> bool:
    if not _whole(entry.missing) or entry.shown not in ("bars", "histogram", "calendar"):
        return False
    if not all(value is None or _number(value) for value in (entry.mean, entry.deviation)):
        return False
    if entry.role in ("key", "text"):
        return entry.bins is None and entry.chart is None
    ordered = entry.role in _ORDERED
    fits = column.kind in _ORDERED[entry.role] if ordered else entry.role == "category"
    if not ordered and column.kind not in (Kind.ENUM, Kind.BOOLEAN, Kind.TEXT):
        return False
    furthest = _LAST_MOMENT if entry.role == "moment" else _LARGEST
    return fits and all(
        bins is not None
        and (bins.edges is not None) == ordered
        and _bins_ok(bins, furthest)
        and _counts_ok(counts, bins.levels)
        for bins, counts in ((entry.bins, entry.counts), (entry.chart, entry.chart_counts))
    )


def _bins_ok(bins: Bins, furthest: float) -> bool:
    if not 0 < len(bins.labels) <= MOST_BINS:
        return False
    edges = bins.edges
    if edges is None:
        return True
    within = all(math.isfinite(edge) and abs(edge) <= furthest for edge in edges)
    return within and len(edges) == len(bins.labels) + 1 and list(edges) == sorted(edges)


def _counts_ok(counts: Sequence[Any], levels: int) -> bool:
    return len(counts) == levels and all(_whole(count) for count in counts)


def _family_ok(schema: Schema, family: Children) -> bool:
    if family.parent not in schema or family.child not in schema:
        return False
    link = schema[family.child].link(family.column)
    linked = link is not None and link.parent == family.parent
    counted = _bins_ok(family.bins, _LARGEST) and family.bins.edges is not None
    return (
        linked
        and counted
        and _counts_ok(family.counts, len(family.bins.labels))
        and _number(family.mean)
    )


def _whole(value: Any) -> bool:
    return type(value) is int and 0 <= value < _COUNTED


def _number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and abs(value) <= _LARGEST
