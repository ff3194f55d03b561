"""Which tables and columns of an extract are the platform's, and their values as it keeps them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from generator.errors import ExtractError, shown
from generator.schema import Column, Kind, Schema, Table

SHARE = 0.5  # of a platform table's columns that an extract of it must have
_TEXT = (Kind.TEXT, Kind.ENUM)
_NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT)
_READABLE: Mapping[Kind, tuple[Kind, ...]] = {
    Kind.TEXT: (*_TEXT, Kind.INTEGER),
    Kind.ENUM: _TEXT,
    Kind.BOOLEAN: (Kind.BOOLEAN,),
    Kind.INTEGER: _NUMBERS,
    Kind.DECIMAL: _NUMBERS,
    Kind.FLOAT: _NUMBERS,
    Kind.DATE: (Kind.DATE, Kind.TIMESTAMP),
    Kind.TIMESTAMP: (Kind.TIMESTAMP, Kind.DATE),
}
_SHAPES = 3  # of values outside a closed list that a message shows


@dataclass(frozen=True)
class Match:
    """``tables`` maps an extract's table to the platform's; ``schema`` is the platform's, cut down
    to the tables and columns that are there; ``said`` tells what is not used, a sentence each."""

    tables: Mapping[str, str]
    schema: Schema
    said: tuple[str, ...]


def calibratable(extract: Schema, platform: Schema) -> tuple[str, ...]:
    """Names of the platform's tables that tables of the extract are rows of."""
    return tuple(_pairs(extract, platform).values())


def match(extract: Schema, platform: Schema) -> Match:
    """Raises ExtractError when no table of the extract is one of the platform's."""
    pairs = _pairs(extract, platform)
    if not pairs:
        raise ExtractError(
            f"No table of the extract ({', '.join(extract.names)}) has the name and half of the "
            "columns of a table of the platform; name the file after its table, or fit it without "
            "--onto."
        )
    said = [
        f"The table “{table.name}” is none of the platform's; it is not used."
        for table in extract
        if table.name not in pairs
    ]
    kept = []
    for name, target in pairs.items():
        columns, told = _columns(extract[name], platform[target])
        said += told
        kept.append(replace(platform[target], columns=columns))
    order = {name: at for at, name in enumerate(platform.names)}
    kept.sort(key=lambda table: order[table.name])
    there = {table.name: set(table.column_names) for table in kept}
    tables = tuple(_with_links_of(table, there) for table in kept)
    return Match(pairs, replace(platform, tables=tables), tuple(said))


def _pairs(extract: Schema, platform: Schema) -> dict[str, str]:
    """By name; a single table of another name by its columns, where one table has most."""
    found = {
        table.name: table.name
        for table in extract
        if table.name in platform and _enough(table, platform[table.name])
    }
    if found or len(extract.tables) != 1:
        return found
    single = extract.tables[0]
    able = [table for table in platform if _enough(single, table)]
    best = sorted(able, key=lambda table: -len(_shared(single, table)))[:2]
    clear = len(best) == 1 or (
        len(best) == 2 and len(_shared(single, best[0])) > len(_shared(single, best[1]))
    )
    return {single.name: best[0].name} if best and clear else {}


def _shared(extract: Table, target: Table) -> list[Column]:
    """The platform's columns that the extract has with a kind that can be read as theirs."""
    have = {column.name: column for column in extract.columns}
    return [
        column
        for column in target.columns
        if column.name in have and have[column.name].kind in _READABLE[column.kind]
    ]


def _enough(extract: Table, target: Table) -> bool:
    """A column without a value has no kind of its own: it speaks neither for nor against."""
    return len(_shared(extract, target)) >= SHARE * len(target.columns)


def _columns(extract: Table, target: Table) -> tuple[tuple[Column, ...], list[str]]:
    """The columns that are used, as the platform declares them, and why others are not."""
    usable = {column.name for column in _shared(extract, target)}
    named = set(target.column_names)
    said = []
    for column in extract.columns:
        where = f"{extract.name}.{column.name}"
        if column.name not in named:
            said.append(
                f"{where}: the platform's {target.name} has no such column; it is not used."
            )
        elif column.name not in usable:
            kind = target.column(column.name).kind.value
            said.append(
                f"{where} is {column.kind.value} and the platform's is {kind}; it is not used."
            )
        elif column.personal and not target.column(column.name).personal:
            usable.discard(column.name)
            said.append(f"{where} is personal ({column.personal}); it is not used.")
    missing = [name for name in target.column_names if name not in extract.column_names]
    if missing:
        said.append(
            f"The extract has no {', '.join(missing)} of {target.name}; what is drawn for "
            f"{'them' if len(missing) > 1 else 'it'} stays as the profile has it."
        )
    loose = (replace(c, nullable=True) for c in target.columns if c.name in usable)
    return tuple(loose), said


def _with_links_of(table: Table, there: Mapping[str, set[str]]) -> Table:
    """Links stay, that a key is known as one, but for those to a table that came without its
    own key."""
    own = there[table.name]
    links = tuple(
        link
        for link in table.links
        if set(link.columns) <= own
        and set(link.parent_columns) <= there.get(link.parent, set(link.parent_columns))
    )
    return replace(table, links=links, key=table.key if table.key in own else None)


def onto_platform(tables: Mapping[str, pa.Table], found: Match) -> dict[str, pa.Table]:
    """The extract's typed tables with the platform's names and types.

    Raises ExtractError with table and column for values that the platform's column cannot hold;
    of a closed list the values are told by their shape.
    """
    cast = {}
    for name, target in found.tables.items():
        columns = found.schema[target].columns
        arrays = [_cast(target, column, tables[name].column(column.name)) for column in columns]
        cast[target] = pa.table(arrays, names=[column.name for column in columns])
    return cast


def _cast(table: str, column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(values.type):
        values = values.cast(pa.string())
    if column.kind is Kind.ENUM:
        return _labels(table, column, values)
    target = column.arrow_type()
    try:
        if pa.types.is_decimal(target) and not pa.types.is_integer(values.type):
            values = pc.round(values, ndigits=column.scale or 0)
        if pa.types.is_integer(target) and not pa.types.is_integer(values.type):
            values = values.cast(pa.float64())
        return values.cast(target, safe=not pa.types.is_timestamp(target))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise ExtractError(
            f"Table “{table}”, column {column.name}: a value is no {_said(column)}; mend the "
            "column, or leave it out."
        ) from None


def _said(column: Column) -> str:
    if column.kind is Kind.DECIMAL and column.precision is not None:
        return f"decimal of {column.precision - (column.scale or 0)} digits before the point"
    return column.kind.value


def _labels(table: str, column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values of a closed list, in capitals or not."""
    trimmed = pc.utf8_trim_whitespace(values)
    known = pa.array(column.values)
    upper = pc.if_else(pc.is_in(trimmed, known), trimmed, pc.utf8_upper(trimmed))
    upper = pc.if_else(pc.equal(upper, ""), pa.scalar(None, pa.string()), upper)
    strange = upper.filter(pc.and_(pc.is_valid(upper), pc.invert(pc.is_in(upper, known))))
    if column.values and len(strange):
        shapes = Counter(_shape(text) for text in pc.unique(strange).to_pylist())
        shapes_said = ", ".join(f"“{shape}”" for shape, _ in shapes.most_common(_SHAPES))
        raise ExtractError(
            f"Table “{table}”, column {column.name}: {len(strange):,} values (of the shape "
            f"{shapes_said}) are none of those allowed; allowed are {', '.join(column.values)}."
        )
    return upper


def _shape(text: str) -> str:
    """The text with “x” for letters and “9” for digits."""
    return shown(re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "x", text)))
