"""What metadata says of an extract: SDV, Frictionless, or the schema of a database in SQL."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from generator.document import MOST_BYTES
from generator.errors import RequestError, printable, shown
from generator.infer.ddl import tables_of
from generator.infer.keys import chosen
from generator.infer.told import as_told
from generator.names import alike, table_name
from generator.schema import MOST_TOGETHER, Column, Kind, Link, Schema, Table

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


def described(schema: Schema, path: Path) -> Schema:
    """The schema with what a file says of it: SDV or Frictionless JSON, or the CREATE statements of
    a database (``.sql``).  Raises RequestError with one sentence for whatever does not fit."""
    where = f"The metadata file “{printable(path.name)}”"
    if path.name.lower().endswith((".sql", ".ddl")):
        return _as_created(schema, _text(path), where)
    document = _document(path)
    if isinstance(document, dict) and "resources" in document:
        return _checked(_frictionless(schema, document, where))
    if isinstance(document, dict) and "tables" in document:
        return _checked(_sdv(schema, document, where))
    raise RequestError(
        f"{where} is neither SDV metadata (tables, relationships) nor a Frictionless datapackage "
        "(resources)."
    )


def _as_created(schema: Schema, text: str, where: str) -> Schema:
    told = tables_of(text, where)
    if not {alike(table_name(name)) for name in told} & {alike(name) for name in schema.names}:
        raise RequestError(
            f"{where} creates none of the extract's tables ({', '.join(schema.names)}); name the "
            "files after the tables."
        )
    return _checked(as_told(schema, told))


def _text(path: Path) -> str:
    named = f"metadata file “{printable(path.name)}”"
    try:
        if path.stat().st_size > MOST_BYTES:
            raise RequestError(
                f"The {named} has more than {MOST_BYTES >> 20} MiB; bring a smaller."
            )
        return path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise RequestError(
            f"There is no {named} that can be opened ({problem.strerror}); name one that exists."
        ) from problem
    except UnicodeDecodeError as problem:
        raise RequestError(f"The {named} is not UTF-8 text; export it again.") from problem


def _document(path: Path) -> Any:
    try:
        return json.loads(_text(path))
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
        named = [(table.name, name) for name in table.key_columns]
        for link in table.links:
            named += [(table.name, name) for name in link.columns]
            named += [(link.parent, name) for name in link.parent_columns]
        for name, column in named:
            if name not in schema or column not in schema[name].column_names:
                _no_column(name, column)
        if len({link.path for link in table.links}) < len(table.links):
            raise RequestError(
                f"The metadata lets the same columns of the table “{table.name}” lead to two "
                "tables; say one of them."
            )
    return schema


def _sdv(schema: Schema, document: dict[str, Any], where: str) -> Schema:
    tables = {table.name: table for table in schema}
    as_inferred = dict(tables)
    said = _get(document, "tables", dict, where)
    if not said:
        raise RequestError(f"{where} names no table; export it again.")
    for name, entry in said.items():
        tables[name] = _sdv_table(_known(tables, name), entry, f"{where}, table “{name}”")
    relationships = _maybe(document, "relationships", list, where)
    if relationships is not None:  # what was inferred gives way to what is said
        tables = {name: replace(table, links=()) for name, table in tables.items()}
    for at, entry in enumerate(relationships or [], 1):
        here = f"{where}, relationship {at}"
        said_of = _object(entry, here)
        child = _get(said_of, "child_table_name", str, here)
        columns = _named(said_of, "child_foreign_key", here)
        parent = _get(said_of, "parent_table_name", str, here)
        link = _link(columns, parent, _named(said_of, "parent_primary_key", here), here)
        tables[child] = _linked(_known(tables, child), link, _known(as_inferred, child))
    return Schema(tuple(tables[table.name] for table in schema))


def _linked(table: Table, link: Link, seemed: Table) -> Table:
    """The table with a link whose columns stay whole numbers where their values seemed to be: the
    parent's key is one, too, and “id” alone would make them text."""
    whole = {column.name for column in seemed.columns if column.kind is Kind.INTEGER}
    columns = (
        replace(column, kind=Kind.INTEGER) if column.name in whole & set(link.columns) else column
        for column in table.columns
    )
    return replace(table, columns=tuple(columns), links=(*table.links, link))


def _sdv_table(table: Table, entry: Any, where: str) -> Table:
    entry = _object(entry, where)
    table = _with_key(table, _names(entry, "primary_key", where))
    said = _maybe(entry, "columns", dict, where) or {}
    for name in said:
        if name not in table.column_names:
            _no_column(table.name, name)
    columns = []
    for column in table.columns:
        here = f"{where}, column “{column.name}”"
        described = _sdv_column(column, _object(said.get(column.name, {}), here), here)
        columns.append(column if column.name == table.key else described)
    return replace(table, columns=tuple(columns))


def _with_key(table: Table, key: tuple[str, ...]) -> Table:
    """The table with a key of one column or several, or with none."""
    if len(key) == 1:
        return chosen(table, key[0], "")
    return replace(table, key=None, together=key, reason="")


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
        tables[table.name] = _resource(table, _maybe(resource, "schema", dict, here) or {}, here)
    return Schema(tuple(tables[table.name] for table in schema))


def _resource(table: Table, entry: dict[str, Any], where: str) -> Table:
    for field in _maybe(entry, "fields", list, where) or []:
        name = _get(_object(field, f"{where}, fields"), "name", str, f"{where}, fields")
        if name not in table.column_names:
            _no_column(table.name, name)
    here = f"{where}, foreignKeys"
    said = _maybe(entry, "foreignKeys", list, where)
    if said is not None:
        table = replace(table, links=tuple(_foreign(table, _object(k, here), here) for k in said))
    key = _names(entry, "primaryKey", where)
    return _with_key(table, key) if key else table


def _foreign(table: Table, entry: dict[str, Any], where: str) -> Link:
    reference = _get(entry, "reference", dict, where)
    parent = _maybe(reference, "resource", str, where) or table.name
    return _link(_named(entry, "fields", where), parent, _named(reference, "fields", where), where)


def _link(columns: tuple[str, ...], parent: str, keys: tuple[str, ...], where: str) -> Link:
    if len(columns) != len(keys):
        raise RequestError(
            f"{where} must name as many columns as the key has that they lead to; export it again."
        )
    pairs = tuple(zip(columns, keys, strict=True))
    return Link(*(columns[0], parent, keys[0]), "parent", further=pairs[1:])


def _names(entry: dict[str, Any], name: str, where: str) -> tuple[str, ...]:
    """The columns of a key, written as a text or as a list; none where nothing is said."""
    value = entry.get(name)
    names = [value] if isinstance(value, str) else value or []
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise RequestError(
            f"{where}: “{name}” must be the name of a column, or a list of them; export it again."
        )
    if len(names) > MOST_TOGETHER or len(set(names)) < len(names):
        raise RequestError(
            f"{where}: “{name}” must name each column once, and {MOST_TOGETHER} at most."
        )
    return tuple(names)


def _named(entry: dict[str, Any], name: str, where: str) -> tuple[str, ...]:
    """The columns of a key that must be there."""
    names = _names(entry, name, where)
    if not names:
        raise RequestError(f"{where} lacks “{name}”; export it again.")
    return names


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
