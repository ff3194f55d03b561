"""Rules that follow from the schema alone.

=======  ==========================================================================
R001     keys are there, unique, and 5 to 50 characters (keys declared with length 50)
R004     moments are UTC, days are days
R005     decimals hold exactly their digits and never more than their precision
R006     required columns are filled
R007     every link that is set leads to a row
R008     closed lists hold only their values
R009     columns declared unique are
R107     nothing lies after the as-of day, but what is planned (only where that day is known)
R108     a period completes after it starts
G001     text fits the length of its column
=======  ==========================================================================

A rule looks at one table, column by column: a part answers None where every own row obeys, which
it can often tell from a count, and else one truth value an own row.  What takes all shards to say
(unique values, links that lead to another shard's rows) is only named here; see ``ledger``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.schema import JOIN, Column, Kind, Link, Schema, Table
from generator.tables import Tables

Truth = NDArray[np.bool_]
Part = Callable[[Tables], Truth | None]

KEYS, FORMS = "Keys and links", "Formats"
PLATFORM_KEY = 50  # the length the platform declares for its keys, which then have 5 to 50
_SHORTEST = 5
_PERIODS = (
    ("start_date_time", "complete_date_time"),
    ("start_date", "complete_date"),
    ("start_date", "end_date"),
    ("effective_start_date_time", "effective_complete_date_time"),
)
_UTC = ("UTC", "+00:00", "Etc/UTC")


@dataclass(frozen=True)
class General:
    """One statement about one table; ``parts`` are (column, check), ``unique`` columns none of
    whose values may come twice (several joined: none of their combinations).  ``link`` is set for
    R007."""

    id: str
    table: str
    text: str
    group: str
    parts: tuple[tuple[str, Part], ...] = ()
    unique: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    level: str = "error"
    link: Link | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        linked = () if self.link is None else self.link.columns
        unique = (name for path in self.unique for name in path.split(JOIN))
        return tuple(dict.fromkeys((*(name for name, _ in self.parts), *unique, *linked)))

    @property
    def together(self) -> tuple[str, ...]:
        """Columns that are a key or a link together, in words."""
        paths = [*self.unique, *([] if self.link is None else [self.link.path])]
        return tuple(path.replace(JOIN, ", ") for path in paths if JOIN in path)


def general_rules(schema: Schema, *, as_of: date | None = None) -> tuple[General, ...]:
    """The rules of every table, in the order of the schema."""
    return tuple(rule for table in schema for rule in _of_table(table, as_of))


def _of_table(table: Table, as_of: date | None) -> Iterator[General]:
    if table.key is not None:
        yield _key_rule(table, table.column(table.key))
    elif table.together:
        text = f"Keys ({', '.join(table.together)}) are filled and unique."
        filled = ((n, partial(_filled, table.name, table.column(n))) for n in table.together)
        path = JOIN.join(table.together)
        yield General("R001", table.name, text, KEYS, tuple(filled), unique=(path,))
    for number, text, wanted, check in _BY_COLUMN:
        parts = [
            (column.name, partial(check, table.name, column))
            for column in table.columns
            if wanted(table, column)
        ]
        if parts:
            yield General(number, table.name, text, FORMS, tuple(parts))
    unique = [column.name for column in table.columns if _sole(table, column)]
    unique += [link.path for link in table.links if link.unique and link.further]
    if unique:
        text = "Columns declared unique are."
        yield General("R009", table.name, text, KEYS, unique=tuple(unique))
    for link in table.links:
        text = f"Every {link.said} leads to a row of {link.parent}."
        yield General("R007", table.name, text, KEYS, needs=(link.parent,), link=link)
    yield from _periods(table)
    if as_of is not None:
        yield from _known(table, as_of)


def _key_rule(table: Table, key: Column) -> General:
    parts: list[tuple[str, Part]] = [(key.name, partial(_filled, table.name, key))]
    text = "Keys are filled and unique."
    if key.kind is Kind.TEXT and key.length == PLATFORM_KEY:
        parts.append((key.name, partial(_key_length, table.name, key)))
        text = "Keys are filled, unique and 5 to 50 characters long."
    return General("R001", table.name, text, KEYS, tuple(parts), unique=(key.name,))


def _periods(table: Table) -> Iterator[General]:
    for start, complete in _PERIODS:
        if {start, complete} <= set(table.column_names):
            part = (complete, partial(_in_order, table.name, start, complete))
            text = f"{complete} is missing or after {start}."
            yield General("R108", table.name, text, "Order in time", (part,))


def _known(table: Table, as_of: date) -> Iterator[General]:
    parts = tuple(
        (column.name, partial(_by_then, table.name, column, np.datetime64(as_of, "D")))
        for column in table.columns
        if _dated(table, column) and not column.planned
    )
    if parts:
        text = f"Nothing lies after {as_of}, but due dates, planned ends and expirations."
        yield General("R107", table.name, text, "Order in time", parts)


def _by_then(table: str, column: Column, day: np.datetime64, tables: Tables) -> Truth | None:
    own = tables.own(table)
    moments = tables.values(table, column.name)[own]
    after = (day + 1).astype(moments.dtype)
    if not len(moments) or moments.max() < after:
        return None
    return np.asarray((moments < after) | tables.missing(table, column.name)[own])


def _in_order(table: str, start: str, complete: str, tables: Tables) -> Truth:
    """Days may be equal, moments not: a period includes its start and not its end."""
    own = tables.own(table)
    column = tables.schema[table].column(complete)
    first, last = tables.values(table, start)[own], tables.values(table, complete)[own]
    open_ = (tables.missing(table, complete) | tables.missing(table, start))[own]
    return np.asarray(open_ | (last >= first if column.kind is Kind.DATE else last > first))


def _filled(table: str, column: Column, tables: Tables) -> Truth | None:
    array = tables.own_arrow(table, column.name)
    return ~np.asarray(array.is_null()) if array.null_count else None


def _key_length(table: str, column: Column, tables: Tables) -> Truth | None:
    return _lengths(tables.own_arrow(table, column.name), _SHORTEST, PLATFORM_KEY)


def _fits(table: str, column: Column, tables: Tables) -> Truth | None:
    return _lengths(tables.own_arrow(table, column.name), 0, column.length or 0)


def _lengths(array: pa.ChunkedArray, shortest: int, longest: int) -> Truth | None:
    texts = _texts(array)
    if not shortest and (pc.max(pc.binary_length(texts)).as_py() or 0) <= longest:
        return None  # no more bytes than letters are allowed
    span = pc.min_max(pc.utf8_length(texts)).as_py()
    if span["min"] is None or (shortest <= span["min"] and span["max"] <= longest):
        return None
    if pa.types.is_dictionary(array.type):
        texts = array.cast(pa.string())
    lengths = pc.utf8_length(texts)
    held = np.asarray(lengths.fill_null(shortest))
    return np.asarray((held >= shortest) & (held <= longest))


def _texts(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values that may occur, cheaply: the dictionaries of text kept as codes."""
    if not pa.types.is_dictionary(array.type):
        return array.cast(pa.string())
    return pa.chunked_array([chunk.dictionary for chunk in array.chunks], pa.string())


def _listed(table: str, column: Column, tables: Tables) -> Truth | None:
    array = tables.own_arrow(table, column.name)
    if set(tables.codes(table, column.name).labels) <= set(column.values):
        return None
    inside = pc.is_in(array.cast(pa.string()), pa.array(column.values, pa.string()))
    return np.asarray(pc.or_(inside, array.is_null()))


def _in_utc(table: str, column: Column, tables: Tables) -> Truth | None:
    array = tables.own_arrow(table, column.name)
    if column.kind is Kind.DATE:
        right = pa.types.is_date(array.type)
    else:
        right = pa.types.is_timestamp(array.type) and array.type.tz in _UTC
    return None if right else np.asarray(array.is_null())


def _digits(table: str, column: Column, tables: Tables) -> Truth | None:
    array = tables.own_arrow(table, column.name)
    if not (pa.types.is_decimal(array.type) and array.type.scale == (column.scale or 0)):
        return np.asarray(array.is_null())
    if column.precision is None:
        return None
    most = 10**column.precision
    scaled = tables.values(table, column.name)[tables.own(table)]
    if not len(scaled) or (-most < scaled.min() and scaled.max() < most):
        return None
    return np.asarray((scaled > -most) & (scaled < most))


def _required(table: Table, column: Column) -> bool:
    return not column.nullable and column.name not in table.key_columns


def _dated(table: Table, column: Column) -> bool:
    del table
    return column.kind in (Kind.DATE, Kind.TIMESTAMP)


def _decimal(table: Table, column: Column) -> bool:
    del table
    return column.kind is Kind.DECIMAL


def _closed(table: Table, column: Column) -> bool:
    del table
    return column.kind is Kind.ENUM and bool(column.values)


def _sole(table: Table, column: Column) -> bool:
    link = table.link(column.name)
    return column.name != table.key and (column.unique or (link is not None and link.unique))


def _bounded(table: Table, column: Column) -> bool:
    """Text with a length, but for keys, whose length R001 checks."""
    of_key = column.name == table.key and column.length == PLATFORM_KEY
    return column.kind is Kind.TEXT and column.length is not None and not of_key


_BY_COLUMN: tuple[
    tuple[
        str,
        str,
        Callable[[Table, Column], bool],
        Callable[[str, Column, Tables], Truth | None],
    ],
    ...,
] = (
    ("R004", "Moments are UTC, days are days.", _dated, _in_utc),
    ("R005", "Decimals hold exactly their digits.", _decimal, _digits),
    ("R006", "Required columns are filled.", _required, _filled),
    ("R008", "Closed lists hold only their values.", _closed, _listed),
    ("G001", "Text fits the length of its column.", _bounded, _fits),
)
