"""datapackage.json: the tables' files, as Frictionless describes them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from generator.profile import Profile
from generator.sample.parts import Written
from generator.schema import Column, Table

_TYPES = {
    "decimal": "number",
    "float": "number",
    "timestamp": "datetime",
    "text": "string",
    "enum": "string",
}


def datapackage(profile: Profile, files: Sequence[Written]) -> dict[str, Any]:
    """A resource for each table and format; of a table in parts ``path`` lists the files."""
    data = sorted((file for file in files if file.table), key=_name)
    return {
        "name": f"{profile.name}-bundle".lower().replace(" ", "-"),
        "title": f"Synthetic data from the profile {profile.name} {profile.version}",
        "resources": [
            {"name": name, **_resource(profile, list(parts))}
            for name, parts in groupby(data, key=_name)
        ],
    }


def _name(file: Written) -> str:
    return f"{file.table}-{file.format}".replace(".", "-").lower()


def _resource(profile: Profile, files: Sequence[Written]) -> dict[str, Any]:
    table = profile.schema[files[0].table or ""]
    (first, *others) = files
    return {
        "path": [file.path for file in files] if others else first.path,
        "bytes": sum(file.bytes for file in files),
        **({} if others else {"hash": f"sha256:{first.sha256}"}),
        "schema": _schema(table),
    }


def _schema(table: Table) -> dict[str, Any]:
    return {
        "fields": [_field(column) for column in table.columns],
        **({"primaryKey": _named(table.key_columns)} if table.key_columns else {}),
        "foreignKeys": [
            {
                "fields": _named(link.columns),
                "reference": {"resource": link.parent, "fields": _named(link.parent_columns)},
            }
            for link in table.links
        ],
    }


def _named(columns: Sequence[str]) -> str | list[str]:
    return columns[0] if len(columns) == 1 else list(columns)


def _field(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": _TYPES.get(column.kind.value, column.kind.value),
        **({"description": column.meaning} if column.meaning else {}),
        "constraints": {
            "required": not column.nullable,
            **({"enum": list(column.values)} if column.values else {}),
        },
    }
