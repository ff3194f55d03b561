"""Columns of tables as arrays, read when first asked for.

``Tables`` may be a whole bundle or extract, or one shard of a run: then the rows that other shards
own and that its own rows may point at (its *context*) come before its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.fingerprint import Fingerprints, fingerprints, rows_in
from generator.frame import Coded, scaled_of
from generator.schema import JOIN, Column, Kind, Link, Schema, Table

Loader = Callable[[Sequence[str]], pa.Table]
"""Given column names, the table with just those columns."""

Truth = NDArray[np.bool_]
Rows = NDArray[np.int64]


class NotHereError(LookupError):
    """A table was asked for that is not in the data; its name is the error's one argument."""


class Tables:
    """Read access by (table, column); a path may follow links: ``deal_key.customer_key.age``.
    A name is a name, dots and all: only what no column is called is taken for a path.
    Columns that are a key or a link together are read as one (``Link.path``, ``Table.key_path``):
    a text of all of them, missing where one is.

    Every array has a value for each context row and then for each own row; arrays are kept and
    must not be written to.
    """

    def __init__(
        self,
        schema: Schema,
        loaders: Mapping[str, Loader],
        rows: Mapping[str, int],
        *,
        context: Mapping[str, Loader] | None = None,
        starts: Mapping[str, int] | None = None,
        purposes: Mapping[tuple[str, str], Rows] | None = None,
    ):
        """``rows`` are the own rows of each table with a loader, ``starts`` the numbers of the
        first of them in the whole table (0 if not given), ``purposes`` the own rows that break a
        rule on purpose, by its id and table."""
        self.schema = schema
        self._loaders = loaders
        self._rows = rows
        self._context = context or {}
        self._starts = starts or {}
        self.purposes = purposes or {}
        self._before: dict[str, int] = {}
        self._kept: dict[tuple[str, str, str], Any] = {}

    def __contains__(self, table: object) -> bool:
        return table in self._loaders or table in self._context

    def rows(self, table: str) -> int:
        """Context rows and own rows together."""
        return self._rows_before(table) + self._rows.get(table, 0)

    def own(self, table: str) -> slice:
        """The own rows among all of them."""
        before = self._rows_before(table)
        return slice(before, before + self._rows.get(table, 0))

    def owned(self, table: str) -> int:
        """The number of own rows."""
        return self._rows.get(table, 0)

    def start(self, table: str) -> int:
        """The number of the first own row in the whole table."""
        return self._starts.get(table, 0)

    def along(self, names: Collection[str]) -> Tables:
        """The same with just the tables of these names; those that are not there have no rows."""
        empty = {
            name: partial(_nothing, self.schema[name])
            for name in names
            if name not in self and name in self.schema
        }
        loaders = {name: loader for name, loader in self._loaders.items() if name in names}
        along = Tables(
            self.schema,
            {**loaders, **empty},
            {**{name: self._rows[name] for name in loaders}, **dict.fromkeys(empty, 0)},
            context={name: loader for name, loader in self._context.items() if name in names},
            starts=self._starts,
            purposes=self.purposes,
        )
        along._before, along._kept = self._before, self._kept  # what one reads the other has read
        return along

    def _rows_before(self, table: str) -> int:
        if table not in self._context:
            return 0
        if table not in self._before:
            column = self.schema[table].columns[0].name
            self._before[table] = self._context[table]([column]).num_rows
        return self._before[table]

    def _keep(self, what: str, table: str, path: str, make: Callable[[], Any]) -> Any:
        key = (table, path, what)
        if key not in self._kept:
            kept = make()
            if isinstance(kept, np.ndarray):
                kept.flags.writeable = False
            self._kept[key] = kept
        return self._kept[key]

    def arrow(self, table: str, column: str) -> pa.ChunkedArray:
        kept: pa.ChunkedArray = self._keep(
            "arrow", table, column, lambda: self._read(table, column)
        )
        return kept

    def own_arrow(self, table: str, column: str) -> pa.ChunkedArray:
        """The own rows of a column."""
        array, before = self.arrow(table, column), self._rows_before(table)
        return array.slice(before) if before else array

    def _read(self, table: str, column: str) -> pa.ChunkedArray:
        if JOIN in column:
            return _together([self.arrow(table, one) for one in column.split(JOIN)])
        loaders = [store[table] for store in (self._context, self._loaders) if table in store]
        if not loaders:
            raise NotHereError(table)
        parts = [loader([column]).column(0) for loader in loaders]
        if len(parts) == 1:
            return parts[0]
        if parts[0].type != parts[1].type:
            parts = [_undone(part) for part in parts]
        return pa.chunked_array([chunk for part in parts for chunk in part.chunks], parts[0].type)

    def forget(self, table: str) -> None:
        """Drop what was read of one table (a long one, say)."""
        for key in [key for key in self._kept if key[0] == table]:
            del self._kept[key]

    def missing(self, table: str, path: str) -> Truth:
        """True where the value, or a link on the way to it, is missing."""
        kept: Truth = self._keep("missing", table, path, lambda: self._missing(table, path))
        return kept

    def _missing(self, table: str, path: str) -> Truth:
        head, column = self._parted(table, path)
        if not head:
            return _nulls(self.arrow(table, path))
        parent, rows = self._followed(table, head)
        inner = self.missing(parent, column)
        return np.where(rows >= 0, inner[np.maximum(rows, 0)] if len(inner) else True, True)

    def values(self, table: str, path: str) -> NDArray[Any]:
        """Values in the memory form of ``Kind`` (decimals scaled, text as objects); where
        ``missing`` is true the value says nothing.  For text ask ``codes`` or ``is_one_of``,
        which do not make an object of every value."""
        kept: NDArray[Any] = self._keep("values", table, path, lambda: self._values(table, path))
        return kept

    def _values(self, table: str, path: str) -> NDArray[Any]:
        head, column = self._parted(table, path)
        if not head:
            return numpy_values(self.schema[table].column(path), self.arrow(table, path))
        parent, rows = self._followed(table, head)
        inner = self.values(parent, column)
        nothing = np.full(1, None) if inner.dtype == object else np.zeros(1, dtype=inner.dtype)
        return np.append(inner, nothing)[rows]  # row -1 is a parent that is not there

    def codes(self, table: str, path: str) -> Coded:
        """A text, enum or boolean column as codes into its sorted labels."""
        kept: Coded = self._keep("codes", table, path, lambda: self._codes(table, path))
        return kept

    def _codes(self, table: str, path: str) -> Coded:
        head, column = self._parted(table, path)
        if not head:
            return coded(self.arrow(table, path))
        parent, rows = self._followed(table, head)
        inner = self.codes(parent, column)
        codes = np.append(inner.codes, np.int32(-1))  # row -1 is a parent that is not there
        return Coded(codes[rows], inner.labels)

    def is_one_of(self, table: str, path: str, *labels: str) -> Truth:
        """True where a text is one of ``labels``; False where it is missing."""
        held = self.codes(table, path)
        chosen = np.array([*(label in labels for label in held.labels), False], dtype=bool)
        return chosen[held.codes]

    def same(self, table: str, path: str, other: str) -> Truth:
        """True where two text columns of a row say the same; False where one is missing."""
        first, second = self.fingerprints(table, path), self.fingerprints(table, other)
        return np.asarray(
            (first.place == second.place)
            & (first.family == second.family)
            & ~(first.missing | second.missing)
        )

    def fingerprints(self, table: str, path: str) -> Fingerprints:
        """A column (of keys, say) as pairs of numbers."""
        kept: Fingerprints = self._keep(
            "fingerprints", table, path, lambda: self._fingerprints(table, path)
        )
        return kept

    def _fingerprints(self, table: str, path: str) -> Fingerprints:
        head, column = self._parted(table, path)
        if not head:
            return fingerprints(self.arrow(table, path))
        parent, rows = self._followed(table, head)
        inner = self.fingerprints(parent, column)
        missing = self.missing(table, path)
        if not len(inner):
            nothing = np.zeros(len(rows), dtype=np.uint64)
            return Fingerprints(nothing, nothing, missing, alone=False)
        at = np.maximum(rows, 0)
        return Fingerprints(inner.family[at], inner.place[at], missing, inner.alone)

    def lots(self, table: str) -> NDArray[np.uint64]:
        """A number for each own row as if drawn by lot, the same however rows are cut into
        shards: from its key, or from its number where the table has none."""
        own, key = self.own(table), self.schema[table].key_path
        if key is not None:
            return self.fingerprints(table, key).take(own).mixed()
        first = self.start(table)
        numbers = pa.array(np.arange(first, first + self.owned(table)))
        return fingerprints(numbers).mixed()

    def column(self, table: str, path: str) -> Column:
        """The declaration of the column a path ends at."""
        links, column = self._parted(table, path)
        for link in links:
            table = self._target(table, link).parent
        return self.schema[table].column(column)

    def _target(self, table: str, column: str) -> Link:
        link = self.schema[table].link(column)
        if link is None:
            raise KeyError(f"{table}.{column} is not a link")
        return link

    def _parted(self, table: str, path: str) -> tuple[tuple[str, ...], str]:
        """The links of a path, and the column it ends at."""
        *links, column = path_of(self.schema, table, path)
        return tuple(links), column

    def row_of(self, table: str, path: str) -> Rows:
        """Row number of the row each row points at, by a link or a path of links; -1 where it is
        missing or not found."""
        return self._followed(table, path_of(self.schema, table, path))[1]

    def _followed(self, table: str, links: tuple[str, ...]) -> tuple[str, Rows]:
        """Where links lead one after the other: a table and the rows of it."""
        *head, last = links
        way = "\0".join(links)  # no name holds that, so two ways are never taken for one
        if not head:
            parent = self._target(table, last).parent
            return parent, self._keep("rows", table, way, lambda: self._linked(table, last))
        between, rows = self._followed(table, tuple(head))
        parent, further = self._followed(between, (last,))
        return parent, self._keep(
            "rows", table, way, lambda: np.append(further, np.int64(-1))[rows]
        )

    def group_of(self, table: str, path: str) -> Rows:
        """The same number for all rows that point at one row; a row that points at none, or at one
        that is not there, is a group of its own, in a shard as in the whole."""
        rows = self.row_of(table, path)
        parent, _ = self._followed(table, path_of(self.schema, table, path))
        return np.where(rows >= 0, rows, self.rows(parent) + np.arange(len(rows)))

    def _linked(self, table: str, column: str) -> Rows:
        link = self.schema[table].link(column)
        assert link is not None  # _followed has seen it
        return self.rows_named(link.parent, link.parent_path, table, column)

    def rows_named(self, parent: str, key: str, table: str, column: str) -> Rows:
        """Row number of the row of ``parent`` whose ``key`` each row's ``column`` says; -1 where
        it is missing or nobody's."""
        keys = self.fingerprints(parent, key)
        rows = rows_in(keys, self.fingerprints(table, column))
        if rows is not None:
            return rows
        wanted = _undone(self.arrow(table, column)).cast(pa.string())
        known = _undone(self.arrow(parent, key)).cast(pa.string())
        rows = pc.index_in(wanted, known.combine_chunks(), skip_nulls=True)
        return np.asarray(rows.fill_null(-1)).astype(np.int64)


def _nothing(table: Table, columns: Sequence[str]) -> pa.Table:
    """No rows of a table."""
    kinds = [(name, table.column(name).arrow_type()) for name in columns]
    return pa.schema(kinds).empty_table()


def path_of(schema: Schema, table: str, path: str) -> tuple[str, ...]:
    """The links a path follows, and the column it ends at.  The longest name that fits is taken
    first; where nothing fits, dots alone part it.  Tables the schema lacks may be named."""
    if "." not in path or table not in schema or path in schema[table].column_names:
        return (path,)
    for dot in range(len(path) - 1, 0, -1):
        link = schema[table].link(path[:dot]) if path[dot] == "." else None
        if link is not None:
            return (path[:dot], *path_of(schema, link.parent, path[dot + 1 :]))
    return (path,) if JOIN in path else tuple(path.split("."))


def _together(columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Columns of a composite key or link as one text."""
    texts = [_undone(column).cast(pa.string()) for column in columns]
    return pc.binary_join_element_wise(*texts, JOIN)


def _undone(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Without a dictionary."""
    if pa.types.is_dictionary(array.type):
        return array.cast(array.type.value_type)
    return array


def _nulls(array: pa.ChunkedArray) -> Truth:
    if not array.null_count:
        return np.zeros(len(array), dtype=bool)
    return np.asarray(array.is_null()).copy()


def coded(array: pa.ChunkedArray) -> Coded:
    """Arrow text or truth values as codes into sorted labels."""
    if not pa.types.is_dictionary(array.type):
        array = array.cast(pa.string()).dictionary_encode()
    if array.num_chunks > 1:
        array = array.unify_dictionaries().combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        if not array.num_chunks:
            return Coded(np.zeros(0, dtype=np.int32), ())
        array = array.chunk(0)
    labels = [str(label) for label in array.dictionary.to_pylist()]
    order = sorted(range(len(labels)), key=labels.__getitem__)
    place = np.empty(len(labels) + 1, dtype=np.int32)
    place[order] = np.arange(len(labels), dtype=np.int32)
    place[-1] = -1
    indices = array.indices
    codes = np.asarray(indices.fill_null(-1) if indices.null_count else indices)
    return Coded(place[codes], tuple(labels[at] for at in order))


def numpy_values(column: Column, array: pa.ChunkedArray) -> NDArray[Any]:
    """Arrow values in the memory form of the column's kind."""
    match column.kind:
        case Kind.DECIMAL:
            return scaled_of(array)
        case Kind.TEXT | Kind.ENUM:
            return np.asarray(array.cast(pa.string()).to_numpy(), dtype=object)
        case Kind.TIMESTAMP:
            return _integers(array, pa.int64(), np.int64).view("datetime64[ms]")
        case Kind.DATE:
            return _integers(array, pa.int32(), np.int32).astype("i8").view("datetime64[D]")
        case Kind.INTEGER:
            return _integers(array, pa.int64(), np.int64)
        case Kind.BOOLEAN:
            return np.asarray(array.fill_null(False))
        case _:
            return np.asarray(array.fill_null(float("nan")), dtype=np.float64)


def _integers(array: pa.ChunkedArray, kind: pa.DataType, width: type) -> NDArray[Any]:
    """Whole numbers as they lie in memory, 0 where one is missing; not to be written to."""
    if array.type.bit_width != kind.bit_width or pa.types.is_floating(array.type):
        array = array.cast(kind)
    parts: list[NDArray[Any]] = [
        np.frombuffer(chunk.buffers()[1], width)[chunk.offset : chunk.offset + len(chunk)]
        for chunk in array.chunks
        if len(chunk)
    ]
    whole = parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, width), *parts])
    return np.where(np.asarray(array.is_null()), width(0), whole) if array.null_count else whole
