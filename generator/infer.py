"""From the values of an extract to its schema; a person confirms it afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from generator.document import MOST_BYTES
from generator.errors import ExtractError, RequestError, printable, shown
from generator.leaves.personal import personal_word
from generator.leaves.writing import MISSING, writing_of
from generator.schema import Column, Kind, Link, Schema, Table
from generator.stop import asking, stoppable

_INTEGER = r"^-?(0|[1-9]\d{0,18})((\.\d+)?[eE]\+?\d{1,2})?$"  # whole: see ``_spelt_out``
_DIGITS = r"^-?(0|[1-9]\d*)$"
_DECIMAL = r"^-?(0|[1-9]\d{0,14})(\.\d{1,6})?$"
_FLOAT = r"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$"
_BOOLEAN = r"^(?i:true|false)$"
_DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
_TIMESTAMP = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$"
_PATTERNS = (
    (Kind.BOOLEAN, _BOOLEAN),
    (Kind.INTEGER, _INTEGER),
    (Kind.DECIMAL, _DECIMAL),
    (Kind.FLOAT, _FLOAT),
    (Kind.DATE, _DATE),
    (Kind.TIMESTAMP, _TIMESTAMP),
)
_IDENTIFIER = re.compile(r"(^|_)(id|key|uuid|guid|number|no)$", re.IGNORECASE)
_LARGEST = 1e100  # larger numbers have no variance in 64 bits
_FEW = 0.2  # a text column is an ENUM while it has at most this many labels a row …
_LOOKED_AT = 20_000  # rows whose values are looked at to say whether a column is personal
_FEW_LABELS = 2000  # … and at most so many in all


def infer(
    tables: Mapping[str, pa.Table],
    metadata: Path | None = None,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> Schema:
    """The schema the tables seem to have; ``metadata`` (SDV or Frictionless JSON) settles what it
    names.  Labels are not listed in the schema: a rare one must not leave the extract.

    Raises RequestError when the metadata names what the extract does not have, Cancelled when
    ``cancelled()``, asked at every column, says so.
    """
    with stoppable(cancelled, "The reading was cancelled; nothing was kept."):
        schema = Schema(tuple(_table(name, table) for name, table in tables.items()))
    return schema if metadata is None else _with_metadata(schema, metadata)


def _table(name: str, table: pa.Table) -> Table:
    columns = tuple(
        _perhaps_personal(_column(field.name, table.column(field.name)), table.column(field.name))
        for field in asking(table.schema, every=1)
    )
    key = next((c.name for c in columns if c.unique and not c.nullable), None)
    return Table(name, columns, key=key)


def _perhaps_personal(column: Column, values: pa.ChunkedArray) -> Column:
    """The column with what personal data it seems to hold; a person confirms it."""

    @cache
    def said() -> list[str]:
        distinct = pc.unique(values.slice(0, _LOOKED_AT).cast(pa.string()))
        texts = [text.strip() for text in distinct.to_pylist() if text is not None]
        return [text for text in texts if text not in MISSING]

    def largest() -> int:
        return max((abs(int(Decimal(text))) for text in said()), default=0)

    return replace(column, personal=personal_word(column.name, column.kind, said, largest))


def _column(name: str, values: pa.ChunkedArray) -> Column:
    if not pa.types.is_string(values.type) and not pa.types.is_large_string(values.type):
        return _native(name, values)
    kind, missing = _kind(values)
    nullable = bool(pc.any(missing).as_py())
    present = values.filter(pc.invert(missing))
    if kind is Kind.DECIMAL:
        return Column(name, kind, nullable, precision=18, scale=_scale(present))
    if kind is Kind.TEXT:
        nullable = nullable or _written_with_gaps(present)
        distinct = pc.count_distinct(present).as_py()
        few = distinct <= min(_FEW_LABELS, max(20, _FEW * len(present)))
        if few:
            return Column(name, Kind.ENUM, nullable)
    if kind is Kind.FLOAT:
        numbers = pc.utf8_trim_whitespace(present).cast(pa.float64())
        return Column(name, kind, nullable or not _all_finite(numbers))
    unique = kind in (Kind.TEXT, Kind.INTEGER) and _identifies(name, present, values)
    return Column(name, kind, nullable, unique=unique)


def _written_with_gaps(present: pa.ChunkedArray) -> bool:
    """Days or numbers in a way of writing of their own, with words for what is missing."""
    absent = pc.is_in(present, pa.array(MISSING))
    if not pc.any(absent).as_py():
        return False
    return writing_of(pc.unique(present.filter(pc.invert(absent))).to_pylist()) is not None


def _all_finite(values: pa.ChunkedArray) -> bool:
    """NaN and numbers without bounds (1e308 stands for infinity, too) count as missing."""
    return pc.all(_usable(values)).as_py() is not False


def _usable(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_float16(values.type):
        values = values.cast(pa.float32())
    return pc.less(pc.abs(values), _LARGEST)


def _kind(values: pa.ChunkedArray) -> tuple[Kind, pa.ChunkedArray]:
    """The first kind all present values fit, and which values are missing under it."""
    absent = pc.is_in(pc.utf8_trim_whitespace(values), pa.array(MISSING))
    absent = pc.or_(absent, pc.is_null(values))
    distinct = pc.unique(pc.utf8_trim_whitespace(values.filter(pc.invert(absent))))
    for kind, pattern in _PATTERNS if len(distinct) else ():
        if kind is Kind.FLOAT and pc.all(pc.match_substring_regex(distinct, _DIGITS)).as_py():
            break  # longer than 64 bits: as text it keeps every digit
        if pc.all(pc.match_substring_regex(distinct, pattern)).as_py() and _exist(kind, distinct):
            return kind, absent
    empty = pc.or_(pc.equal(values, ""), pc.is_null(values))
    return Kind.TEXT, empty.fill_null(True)


def _exist(kind: Kind, distinct: pa.ChunkedArray) -> bool:
    """Whether all values can be kept as the kind: there is no 30th of February."""
    scale = _scale(distinct) if kind is Kind.DECIMAL else None
    try:
        _read_as(Column("", kind, precision=18, scale=scale), distinct)
    except pa.ArrowInvalid:
        return False
    return True


def _scale(present: pa.ChunkedArray) -> int:
    fraction = pc.struct_field(
        pc.extract_regex(pc.unique(pc.utf8_trim_whitespace(present)), r"\.(?P<digits>\d+)$"),
        "digits",
    )
    return int(pc.max(pc.utf8_length(fraction)).as_py() or 1)


def _identifies(name: str, present: pa.ChunkedArray, values: pa.ChunkedArray) -> bool:
    if len(present) != len(values) or len(values) < 2:
        return False
    if pc.count_distinct(present).as_py() < len(present):
        return False
    if writing_of(present.to_pylist()) is not None:  # moments to the second differ, too
        return False
    numeric = pc.all(pc.match_substring_regex(present, _INTEGER)).as_py()
    return bool(_IDENTIFIER.search(name)) or not numeric


def _native(name: str, values: pa.ChunkedArray) -> Column:
    kind, nullable = values.type, values.null_count > 0
    if pa.types.is_dictionary(kind):
        return _column(name, values.cast(pa.string()))
    if pa.types.is_time(kind):
        return _column(name, _clocks(values))
    if pa.types.is_boolean(kind):
        return Column(name, Kind.BOOLEAN, nullable)
    if pa.types.is_integer(kind):
        present = values.drop_null()
        unique = bool(_IDENTIFIER.search(name)) and len(present) > 1
        unique = unique and pc.count_distinct(present).as_py() == len(values)
        return Column(name, Kind.INTEGER, nullable, unique=unique)
    if pa.types.is_decimal(kind):
        return Column(
            name, Kind.DECIMAL, nullable, precision=min(kind.precision, 18), scale=kind.scale
        )
    if pa.types.is_floating(kind):
        return Column(name, Kind.FLOAT, nullable or not _all_finite(values))
    if pa.types.is_date(kind):
        return Column(name, Kind.DATE, nullable)
    if pa.types.is_timestamp(kind):
        return Column(name, Kind.TIMESTAMP, nullable)
    if pa.types.is_null(kind):
        return Column(name, Kind.TEXT, nullable=True)
    raise ExtractError(f"Column {name} has the type {kind}, which cannot be learned; leave it out.")


def _clocks(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times of day as text, without the fractions that all lack."""
    with suppress(pa.ArrowInvalid):  # some have fractions
        values = values.cast(pa.time32("s"))
    return values.cast(pa.string())


def typed(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, pa.Table]:
    """The tables with the columns and types of ``schema``; missing words become missing.

    Raises ExtractError with table, column and row where a value does not fit its kind, Cancelled
    when ``cancelled()``, asked at every column, says so.
    """
    with stoppable(cancelled, "The reading was cancelled; nothing was kept."):
        return dict(_typed(tables, schema))


def _typed(tables: Mapping[str, pa.Table], schema: Schema) -> Iterator[tuple[str, pa.Table]]:
    for table in schema:
        if table.name not in tables:
            raise ExtractError(f"The extract has no table “{table.name}”.")
        raw = tables[table.name]
        arrays = [
            _cast(_Place(table.name, column, raw), column, _named(raw, table.name, column))
            for column in asking(table.columns, every=1)
        ]
        yield table.name, pa.table(arrays, names=list(table.column_names))


def _named(raw: pa.Table, table: str, column: Column) -> pa.ChunkedArray:
    if column.name not in raw.column_names:
        file = (raw.schema.metadata or {}).get(b"file", b"").decode()
        if file:
            raise ExtractError(
                f"“{file}” has no column “{column.name}”, which the table “{table}” must have; "
                "bring a file with the same columns."
            )
        raise ExtractError(f"The table “{table}” has no column “{column.name}”.")
    return raw.column(column.name)


@dataclass(frozen=True)
class _Place:
    """Where a value stands, for people."""

    table: str
    column: Column
    raw: pa.Table

    def __str__(self) -> str:
        return f"Table “{self.table}”, column {self.column.name}"

    def row(self, at: int) -> str:
        """The row of the file, counted as ``read`` says."""
        said = (self.raw.schema.metadata or {}).get(b"rows", b"[1, []]")
        first, blank = json.loads(said)
        row = first + at
        for skipped in blank:
            row += skipped <= row
        return f"row {row:,} (the header is row 1)" if first == 2 else f"row {row:,}"


def _cast(place: _Place, column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(values.type):
        values = values.cast(pa.string())
    if pa.types.is_time(values.type):
        values = _clocks(values)
    if not pa.types.is_string(values.type):
        return _cast_native(place, column, values)
    if column.kind in (Kind.TEXT, Kind.ENUM):
        return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
    trimmed = pc.utf8_trim_whitespace(values)
    trimmed = pc.if_else(
        pc.is_in(trimmed, pa.array(MISSING)), pa.scalar(None, pa.string()), trimmed
    )
    fits = pc.match_substring_regex(trimmed, dict(_PATTERNS)[column.kind])
    at = pc.index(fits, pa.scalar(False)).as_py()
    if at >= 0:
        raise ExtractError(
            f"{place}, {place.row(at)}: the value is no {column.kind.value}; choose another kind "
            "for the column, or mend the row."
        )
    try:
        return _read_as(column, trimmed)
    except pa.ArrowInvalid:
        raise ExtractError(
            f"{place}, {place.row(_first_unread(column, trimmed))}: the value is no "
            f"{column.kind.value} that exists or can be kept; choose another kind for the column, "
            "or mend the row."
        ) from None


def _read_as(column: Column, text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text that has the pattern of a kind as that kind; ArrowInvalid where there is no such day,
    moment or number."""
    if column.kind is Kind.INTEGER:
        return _spelt_out(text).cast(column.arrow_type())
    if column.kind is not Kind.TIMESTAMP:
        return _finite(text.cast(column.arrow_type()))
    zoned = pc.match_substring_regex(text, r"(Z|[+-]\d\d:?\d\d)$")
    plain = pc.if_else(zoned.fill_null(False), text, pc.binary_join_element_wise(text, "Z", ""))
    return plain.cast(pa.timestamp("us", tz="UTC")).cast(column.arrow_type(), safe=False)


def _spelt_out(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole numbers that are written with exponents (8.67E+17) as their digits; ArrowInvalid where
    one is not whole."""
    if not pc.any(pc.match_substring_regex(text, "[eE]")).as_py():
        return text
    return text.cast(pa.decimal128(38, 0))


def _first_unread(column: Column, text: pa.ChunkedArray) -> int:
    """Number of the first value that cannot be read, found by halving."""
    low, high = 0, len(text)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            _read_as(column, text.slice(low, middle - low))
            low = middle
        except pa.ArrowInvalid:
            high = middle
    return low


def _finite(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_floating(values.type):
        return values
    return pc.if_else(_usable(values), values, pa.scalar(None, values.type))


def _cast_native(place: _Place, column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        if column.kind is Kind.TIMESTAMP:
            return values.cast(column.arrow_type(), safe=False)
        return _finite(values.cast(column.arrow_type()))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise ExtractError(
            f"{place}: the values ({values.type}) cannot be read as {column.kind.value}; choose "
            "another kind for the column."
        ) from None


_SDV_KINDS: dict[str, Kind | None] = {
    "numerical": None,
    "categorical": Kind.ENUM,
    "boolean": Kind.BOOLEAN,
    "datetime": None,
    "id": Kind.TEXT,
    "text": None,
    "unknown": None,
}
_SDV_PERSONAL = {
    "email": "email",
    "phone_number": "phone",
    "ssn": "ssn_tax_id",
    "name": "name",
    "first_name": "name",
    "last_name": "name",
    "address": "street_address",
    "street_address": "street_address",
    "iban": "bank_account",
    "credit_card_number": "card_number",
    "license_plate": "licence_plate",
    "vin": "vin",
    "ipv4_address": "device_id",
    "ipv6_address": "device_id",
    "mac_address": "device_id",
    "user_agent_string": "device_id",
    "latitude": "geolocation",
    "longitude": "geolocation",
}
_SDV_PLACES = ("city", "postcode", "administrative_unit", "state", "country", "country_code")
_JSON_WORDS: dict[type, str] = {dict: "an object", list: "a list", str: "text"}


def _with_metadata(schema: Schema, path: Path) -> Schema:
    """Raises RequestError with one sentence for whatever does not fit."""
    document = _document(path)
    where = f"The metadata file “{printable(path.name)}”"
    if isinstance(document, dict) and "resources" in document:
        return _checked(_frictionless(schema, document, where))
    if isinstance(document, dict) and "tables" in document:
        return _checked(_sdv(schema, document, where))
    raise RequestError(
        f"{where} is neither SDV metadata (tables, relationships) nor a Frictionless datapackage "
        "(resources)."
    )


def _document(path: Path) -> Any:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES >> 20} MiB")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise RequestError(
            f"There is no metadata file “{printable(path.name)}” that can be opened "
            f"({problem.strerror}); name one that exists."
        ) from problem
    except (ValueError, RecursionError) as problem:
        raise RequestError(
            f"The metadata file “{printable(path.name)}” is not JSON that can be read."
        ) from (problem)


_Json = TypeVar("_Json", dict[str, Any], list[Any], str)


def _get(entry: dict[str, Any], name: str, kind: type[_Json], where: str) -> _Json:
    """A property that must be there."""
    value = _maybe(entry, name, kind, where)
    if value is None:
        raise RequestError(f"{where} lacks “{name}”; export it again.")
    return value


def _maybe(entry: dict[str, Any], name: str, kind: type[_Json], where: str) -> _Json | None:
    """A property that may be missing or null, but must be of its kind."""
    value = entry.get(name)
    if value is not None and not isinstance(value, kind):
        raise RequestError(f"{where}: “{name}” must be {_JSON_WORDS[kind]}; export it again.")
    return value


def _object(entry: Any, where: str) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise RequestError(f"{where} must be an object; export it again.")
    return entry


def _checked(schema: Schema) -> Schema:
    """Keys and links that exist.  Raises RequestError for the first that does not."""
    for table in schema:
        named = [(table.name, table.key)] if table.key else []
        for link in table.links:
            named += [(table.name, link.column), (link.parent, link.parent_column)]
        for name, column in named:
            if name not in schema or column not in schema[name].column_names:
                _no_column(name, column)
    return schema


def _sdv(schema: Schema, document: dict[str, Any], where: str) -> Schema:
    tables = {table.name: table for table in schema}
    said = _get(document, "tables", dict, where)
    if not said:
        raise RequestError(f"{where} names no table; export it again.")
    for name, entry in said.items():
        tables[name] = _sdv_table(_known(tables, name), entry, f"{where}, table “{name}”")
    for at, entry in enumerate(_maybe(document, "relationships", list, where) or [], 1):
        here = f"{where}, relationship {at}"
        names = ("child_table_name", "child_foreign_key", "parent_table_name", "parent_primary_key")
        child, column, parent, key = (_get(_object(entry, here), n, str, here) for n in names)
        link = Link(column, parent, key, "parent")
        tables[child] = replace(_known(tables, child), links=(*tables[child].links, link))
    return Schema(tuple(tables[table.name] for table in schema))


def _sdv_table(table: Table, entry: Any, where: str) -> Table:
    entry = _object(entry, where)
    key = _maybe(entry, "primary_key", str, where)
    said = _maybe(entry, "columns", dict, where) or {}
    for name in said:
        if name not in table.column_names:
            _no_column(table.name, name)
    columns = []
    for column in table.columns:
        here = f"{where}, column “{column.name}”"
        described = _sdv_column(column, _object(said.get(column.name, {}), here), here)
        columns.append(replace(column, unique=True) if column.name == key else described)
    return replace(table, key=key, columns=tuple(columns))


def _sdv_column(column: Column, entry: dict[str, Any], where: str) -> Column:
    said = _maybe(entry, "sdtype", str, where) or "unknown"
    if said not in (*_SDV_KINDS, *_SDV_PERSONAL, *_SDV_PLACES):
        raise RequestError(
            f"{where}: there is no sdtype “{shown(said)}”; use one of {', '.join(_SDV_KINDS)}, or "
            f"one of personal data ({', '.join(_SDV_PERSONAL)})."
        )
    kind = _SDV_KINDS.get(said) or column.kind
    personal = _SDV_PERSONAL.get(said) or column.personal
    if "pii" in entry:
        personal = (personal or "personal") if entry["pii"] else None
    return replace(column, kind=kind, personal=personal)


def _frictionless(schema: Schema, document: dict[str, Any], where: str) -> Schema:
    tables = {table.name: table for table in schema}
    resources = _get(document, "resources", list, where)
    if not resources:
        raise RequestError(f"{where} names no resource; export it again.")
    for at, entry in enumerate(resources, 1):
        here = f"{where}, resource {at}"
        resource = _object(entry, here)
        table = _known(tables, _get(resource, "name", str, here))
        tables[table.name] = _described(table, _maybe(resource, "schema", dict, here) or {}, here)
    return Schema(tuple(tables[table.name] for table in schema))


def _described(table: Table, entry: dict[str, Any], where: str) -> Table:
    for field in _maybe(entry, "fields", list, where) or []:
        name = _get(_object(field, f"{where}, fields"), "name", str, f"{where}, fields")
        if name not in table.column_names:
            _no_column(table.name, name)
    links = tuple(
        _foreign(table, _object(key, f"{where}, foreignKeys"), f"{where}, foreignKeys")
        for key in _maybe(entry, "foreignKeys", list, where) or []
    )
    return replace(table, key=_one(entry, "primaryKey", where) or table.key, links=links)


def _foreign(table: Table, entry: dict[str, Any], where: str) -> Link:
    reference = _get(entry, "reference", dict, where)
    column, key = _one(entry, "fields", where), _one(reference, "fields", where)
    if column is None or key is None:
        raise RequestError(f"{where} lacks “fields”; export it again.")
    parent = _maybe(reference, "resource", str, where) or table.name
    return Link(column, parent, key, "parent")


def _one(entry: dict[str, Any], name: str, where: str) -> str | None:
    """The one column of a key, written as a text or as a list."""
    value = entry.get(name)
    names = [value] if isinstance(value, str) else value or []
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise RequestError(
            f"{where}: “{name}” must be the name of a column, or a list of one; export it again."
        )
    if len(names) > 1:
        raise RequestError(
            f"{where}: “{name}” names {len(names)} columns; a key of several columns cannot be "
            "used, leave it out."
        )
    return names[0] if names else None


def _no_column(table: str, column: str) -> NoReturn:
    raise RequestError(
        f"The metadata names a column “{shown(column)}” of the table “{shown(table)}”, which the "
        "extract does not have; mend the metadata or bring the whole extract."
    )


def _known(tables: dict[str, Table], name: str) -> Table:
    if name not in tables:
        raise RequestError(
            f"The metadata names a table “{shown(name)}” that the extract does not have; it has "
            f"{', '.join(tables)}."
        )
    return tables[name]
