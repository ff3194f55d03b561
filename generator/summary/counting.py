"""Counting the rows of a run into a summary, shard by shard.

A column whose bins are known (from the summary of an extract) is counted into them, all rows.  A
column nobody knows bins for is kept as a fixed sample of its values, chosen by the rows' lots, and
summarised from that in the end.  Months and missing values are counted on all rows, two-way tables
on a fixed sample.  So what is kept does not grow with the rows.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.frame import Coded
from generator.register import links_of
from generator.schema import Column, Kind, Schema, Table
from generator.summary.bins import Bins, Floats
from generator.summary.children import (
    ByLot,
    Lots,
    by_children,
    chosen_by,
    rows_by_parent,
    sampled_children,
    sampled_parents,
)
from generator.summary.columns import Role, declared_role, read, read_array, repeats
from generator.summary.count import (
    DAY,
    MOST_CELLS,
    MOST_OF_TABLE,
    PAIR_ROWS,
    Values,
    calendar_of,
    column_of,
    month_rows,
    pairs_of,
    these_pairs,
)
from generator.summary.document import Children, ColumnSummary, Summary, TableSummary
from generator.summary.said import Forms, said, said_schema
from generator.tables import Tables

FREE_ROWS = 20_000  # rows that columns without known bins rest on
MANY_LABELS = 1_100  # in a sample, beyond which text is no category
Codes = NDArray[np.int16]


@dataclass(frozen=True)
class TableCounts:
    """One table so far.  ``counts`` and ``chart_counts`` are of columns with known bins, whose
    ``codes`` are kept for the sampled rows; ``free`` holds the sampled values of the others, None
    for text that is no category."""

    rows: int
    missing: Mapping[str, int]
    months: Mapping[str, Mapping[int, int]]
    counts: Mapping[str, NDArray[np.int64]]
    chart_counts: Mapping[str, NDArray[np.int64]]
    codes: Mapping[str, tuple[Codes, ...]]
    free: Mapping[str, tuple[Values, ...] | None]

    def __add__(self, other: TableCounts) -> TableCounts:
        return TableCounts(
            self.rows + other.rows,
            {name: count + other.missing[name] for name, count in self.missing.items()},
            {name: _added(rows, other.months[name]) for name, rows in self.months.items()},
            {name: counts + other.counts[name] for name, counts in self.counts.items()},
            {name: counts + other.chart_counts[name] for name, counts in self.chart_counts.items()},
            {name: codes + other.codes[name] for name, codes in self.codes.items()},
            {name: _joined(values, other.free[name]) for name, values in self.free.items()},
        )


def _added(first: Mapping[int, int], second: Mapping[int, int]) -> Mapping[int, int]:
    return {month: first.get(month, 0) + second.get(month, 0) for month in {**first, **second}}


def _joined(
    first: tuple[Values, ...] | None, second: tuple[Values, ...] | None
) -> tuple[Values, ...] | None:
    return None if first is None or second is None else first + second


@dataclass
class Counts:
    """All tables so far; ``parents`` and ``children`` are of links, by (child, column)."""

    tables: dict[str, TableCounts] = field(default_factory=dict)
    parents: dict[tuple[str, str], Lots] = field(default_factory=dict)
    children: dict[tuple[str, str], ByLot] = field(default_factory=dict)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            _merged(self.tables, other.tables),
            _merged(self.parents, other.parents, np.append),
            _merged(self.children, other.children),
        )


def _merged(
    first: Mapping[Any, Any],
    second: Mapping[Any, Any],
    add: Callable[[Any, Any], Any] = operator.add,
) -> dict[Any, Any]:
    both = {key: add(first[key], value) for key, value in second.items() if key in first}
    return {**first, **second, **both}


class Counting:
    """What is counted, the same for every shard: tables with their planned rows, into the bins of
    ``like`` where it has them."""

    def __init__(
        self,
        schema: Schema,
        planned: Mapping[str, int],
        *,
        like: Summary | None = None,
        forms: Forms | None = None,
    ) -> None:
        """``forms`` are those of text columns that ``like`` knows as numbers or moments; they are
        read on the sampled rows alone, for reading a text takes its time."""
        self._forms = forms or {}
        self.schema = said_schema(schema, self._forms)
        self.planned = dict(planned)
        self._models = {} if like is None else like.tables
        self._known = {} if like is None else {(c.child, c.column): c.bins for c in like.children}
        self._links = list(links_of(schema, self.planned))

    def of(self, tables: Tables) -> Counts:
        """The own rows of a shard."""
        tables = tables.along(self.planned)
        counts = Counts()
        for name in self.planned:
            if name in self.schema and tables.owned(name):
                counts.tables[name] = self._table(tables, name)
        for child, link in self._links:
            if tables.owned(link.parent):
                parents = sampled_parents(tables, link, self.planned)
                counts.parents[child, link.path] = parents
            if tables.owned(child):
                children = sampled_children(tables, child, link, self.planned)
                counts.children[child, link.path] = children
        return counts

    def _table(self, tables: Tables, name: str) -> TableCounts:
        lots, rows = tables.lots(name), self.planned[name]
        paired = np.flatnonzero(chosen_by(lots, most=PAIR_ROWS, of=rows))
        loose = np.flatnonzero(chosen_by(lots, most=FREE_ROWS, of=rows))
        chosen = None if len(loose) == len(lots) else pa.array(loose)
        counts: dict[str, NDArray[np.int64]] = {}
        chart_counts: dict[str, NDArray[np.int64]] = {}
        codes: dict[str, tuple[Codes, ...]] = {}
        free: dict[str, tuple[Values, ...] | None] = {}
        months: dict[str, Mapping[int, int]] = {}
        table = self.schema[name]
        for column, role in self._counted(table):
            model = self._model(name, column.name)
            form = self._forms.get((name, column.name))
            if role == "moment":
                months[column.name] = {} if form else month_rows(_days(tables, name, column))
            if model is None:
                free[column.name] = self._free(tables, name, column, role, chosen)
                continue
            values = self._told(tables, name, column, role, paired)
            coded = _bins_of(model).code(values)
            codes[column.name] = (coded if form else coded[paired],)
            counts[column.name] = _counts(coded, _bins_of(model).levels)
            chart_counts[column.name] = _chart_of(model).count(values)
        missing = {c.name: int(tables.own_arrow(name, c.name).null_count) for c in table.columns}
        for column_name in missing.keys() & {c for t, c in self._forms if t == name}:
            share = counts[column_name][-1] / max(len(paired), 1)  # odd cells say nothing, either
            missing[column_name] = round(float(share) * len(lots))
        return TableCounts(tables.owned(name), missing, months, counts, chart_counts, codes, free)

    def _counted(self, table: Table) -> Iterator[tuple[Column, Role | None]]:
        """The columns that are counted; the role is None for text that may be categories."""
        for column in table.columns:
            role = self._role(table, column)
            if role not in ("key", "text"):
                yield column, role

    def _role(self, table: Table, column: Column) -> Role | None:
        model = self._models.get(table.name)
        if model is not None and column.name in model.columns:
            return model.columns[column.name].role
        return declared_role(table, column)

    def _model(self, table: str, column: str) -> ColumnSummary | None:
        """The column's summary with bins that are known before."""
        model = self._models[table].columns.get(column) if table in self._models else None
        return model if model and model.bins is not None and model.chart is not None else None

    def _free(
        self,
        tables: Tables,
        table: str,
        column: Column,
        role: Role | None,
        chosen: pa.Array | None,
    ) -> tuple[Values, ...] | None:
        """The sampled own values; None for text of too many labels to be categories."""
        if chosen is None and role is not None:
            return (self._own(tables, table, column, role),)
        array = tables.own_arrow(table, column.name)
        if chosen is not None:
            array = array.take(chosen)
        return (read_array(column, array),) if _few_labels(array, column) else None

    def _told(
        self,
        tables: Tables,
        table: str,
        column: Column,
        role: Role | None,
        paired: NDArray[np.int64],
    ) -> Values:
        """The own values; of text that says numbers or moments those of the ``paired`` rows."""
        form = self._forms.get((table, column.name))
        if form is None:
            return self._own(tables, table, column, role)
        texts = tables.own_arrow(table, column.name).take(pa.array(paired))
        return read_array(column, said(texts, form))

    def _own(self, tables: Tables, table: str, column: Column, role: Role | None) -> Values:
        own = tables.own(table)
        values = read(tables, table, column.name, role or "category")
        if isinstance(values, Coded):
            return Coded(values.codes[own], values.labels)
        return values[own]

    def summary(self, total: Counts) -> Summary:
        """What was counted, as a summary that keeps everything (k = 1)."""
        tables = {
            name: self._summary_of(self.schema[name], total.tables.get(name))
            for name in self.schema.names
            if name in self.planned
        }
        return Summary(1, tables, tuple(self._children(total)))

    def _summary_of(self, table: Table, counts: TableCounts | None) -> TableSummary:
        if counts is None:
            roles = {column.name: self._role(table, column) for column in table.columns}
            empty = {name: ColumnSummary(role or "text", 0) for name, role in roles.items()}
            return TableSummary(0, 0, empty)
        columns, codes = {}, {}
        for column in table.columns:
            columns[column.name] = self._column(table, column, counts)
            if column.name in counts.codes:
                codes[column.name] = np.concatenate(counts.codes[column.name])
        model = self._models.get(table.name)
        free: dict[str, Codes] = {}
        if model is None:
            free = {
                name: entry.bins.code(_whole(counts.free[name] or ()))
                for name, entry in columns.items()
                if entry.bins is not None
            }
        cells = min(MOST_OF_TABLE, MOST_CELLS // max(1, len(self.planned)))
        sampled = next((len(held) for held in (codes or free).values()), counts.rows)
        return TableSummary(
            rows=counts.rows,
            pair_rows=sampled,
            columns=columns,
            pairs=pairs_of(free, columns, k=1, cells=cells)
            if model is None
            else these_pairs(model.pairs, codes, columns),
            calendar={
                name: months
                for name, rows in counts.months.items()
                if (months := calendar_of(rows, k=1))
            },
        )

    def _column(self, table: Table, column: Column, counts: TableCounts) -> ColumnSummary:
        name, missing = column.name, counts.missing[column.name]
        role = self._role(table, column)
        model = self._model(table.name, name)
        if name in counts.counts and model is not None:
            return ColumnSummary(
                role=model.role,
                missing=missing,
                bins=model.bins,
                counts=tuple(counts.counts[name].tolist()),
                chart=model.chart,
                chart_counts=tuple(counts.chart_counts[name].tolist()),
                shown=model.shown,
            )
        parts = counts.free.get(name)
        if not parts:
            return ColumnSummary("key" if role == "key" else "text", missing)
        values = _whole(parts)
        if role is None:
            assert isinstance(values, Coded)  # text
            role = "category" if repeats(values, 1) else "text"
        if role == "text":
            return ColumnSummary(role, missing)
        return column_of(table.name, column, role, values, missing=missing, k=1)

    def _children(self, total: Counts) -> Iterator[Children]:
        for child, link in self._links:
            parents = total.parents.get((child, link.path))
            if parents is None or not len(parents):
                continue
            nobody = ByLot.of(parents[:0], np.zeros(0, dtype=np.int64))
            rows = rows_by_parent(parents, total.children.get((child, link.path), nobody))
            yield by_children(child, link, rows, k=1, bins=self._known.get((child, link.path)))


def counted(tables: Tables, *, like: Summary | None = None) -> Summary:
    """Whole tables counted as one shard."""
    planned = {name: tables.rows(name) for name in tables.schema.names if name in tables}
    counting = Counting(tables.schema, planned, like=like)
    return counting.summary(counting.of(tables))


def _days(tables: Tables, table: str, column: Column) -> NDArray[np.int64]:
    """Days since 1970 of the own rows that hold one."""
    own = tables.own(table)
    moments = tables.values(table, column.name)[own].view(np.int64)
    days = moments if column.kind is Kind.DATE else moments // DAY
    missing = tables.missing(table, column.name)[own]
    return days[~missing] if missing.any() else days


def _bins_of(model: ColumnSummary) -> Bins:
    assert model.bins is not None  # ``_model`` sees to it
    return model.bins


def _chart_of(model: ColumnSummary) -> Bins:
    assert model.chart is not None  # ``_model`` sees to it
    return model.chart


def _counts(codes: Codes, levels: int) -> NDArray[np.int64]:
    return np.bincount(codes, minlength=levels).astype(np.int64)


def _few_labels(array: pa.ChunkedArray, column: Column) -> bool:
    if pa.types.is_dictionary(array.type) or len(array) <= MANY_LABELS or column.values:
        return True
    if not pa.types.is_string(array.type):
        return True
    return int(pc.count_distinct(array).as_py()) <= MANY_LABELS


def _used(values: Coded) -> list[str]:
    """The labels that some row has; a shard may know others."""
    codes = np.unique(values.codes)
    return [values.labels[code] for code in codes[codes >= 0].tolist()]


def _whole(parts: tuple[Values, ...]) -> Values:
    """Sampled values of all shards, text over one list of labels."""
    coded = [part for part in parts if isinstance(part, Coded)]
    if not coded:
        numbers: list[Floats] = [part for part in parts if isinstance(part, np.ndarray)]
        return np.concatenate(numbers)
    labels = tuple(sorted({label for part in coded for label in _used(part)}))
    place = {label: at for at, label in enumerate(labels)}
    codes = [
        np.array([*(place.get(label, -1) for label in part.labels), -1], dtype=np.int32)[part.codes]
        for part in coded
    ]
    return Coded(np.concatenate(codes), labels)
