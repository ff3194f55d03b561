"""Tables as a document of plain JSON types, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.schema.column import Column, Kind
from generator.schema.table import Link, Table

MOST_COLUMNS = 5000  # of one table
MOST_TOGETHER = 16  # columns of a key or a link; databases take no more


_NOT_SAID: tuple[Any, ...] = (None, "", (), False)
_LATER = ("further", "reason")  # fields of a link that most lack


def table_dict(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "domain": table.domain,
        "meaning": table.meaning,
        "key": table.key,
        **({"together": list(table.together)} if table.together else {}),
        **({"reason": table.reason} if table.reason else {}),
        "columns": [
            {k: v for k, v in _column_items(column) if v not in _NOT_SAID}
            for column in table.columns
        ],
        "links": [_link_dict(link) for link in table.links],
    }


def _link_dict(link: Link) -> dict[str, Any]:
    told = {k: v for k, v in vars(link).items() if v or k not in _LATER}
    return told | ({"further": [list(pair) for pair in link.further]} if link.further else {})


def _column_items(column: Column) -> Iterator[tuple[str, Any]]:
    for name, value in vars(column).items():
        if name == "kind":
            yield name, str(value)
        elif name == "values":
            yield name, list(value) or None
        else:
            yield name, value


def table_from(entry: Mapping[str, Any]) -> Table:
    columns = entry["columns"]
    if not isinstance(columns, list | tuple) or not 0 < len(columns) <= MOST_COLUMNS:
        raise ValueError(f"columns must be a list of 1 to {MOST_COLUMNS:,}")
    return Table(
        name=_of(entry["name"], str, "name"),
        domain=_of(entry.get("domain", ""), str, "domain"),
        meaning=_of(entry.get("meaning", ""), str, "meaning"),
        key=_of(entry.get("key"), str | None, "key"),
        together=_names(entry.get("together", ()), "together"),
        reason=_of(entry.get("reason", ""), str, "reason"),
        columns=tuple(_column_from(column) for column in columns),
        links=tuple(_link_from(link) for link in entry.get("links", ())),
    )


_COLUMN_FIELDS: Mapping[str, Any] = {
    "name": str,
    "nullable": bool,
    "precision": int | None,
    "scale": int | None,
    "length": int | None,
    "enum": str | None,
    "unique": bool,
    "personal": str | None,
    "meaning": str,
    "planned": bool,
    "form": str,
    "doubt": str,
}
_MOST_DIGITS = 38  # of a decimal, as Arrow and databases keep it


def _column_from(entry: Mapping[str, Any]) -> Column:
    values = entry.get("values", ())
    column = Column(**{**entry, "kind": Kind(entry["kind"]), "values": tuple(values)})
    for name, kind in _COLUMN_FIELDS.items():
        _of(getattr(column, name), kind, name)
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise ValueError("values must be a list of texts")
    for name, least in (("precision", 1), ("scale", 0)):
        digits = getattr(column, name)
        if digits is not None and not least <= digits <= _MOST_DIGITS:
            raise ValueError(f"{name} must be {least} to {_MOST_DIGITS}")
    if column.length is not None and column.length < 1:
        raise ValueError("length must be 1 or more")
    return column


def _link_from(entry: Mapping[str, Any]) -> Link:
    pairs = entry.get("further", ())
    if not isinstance(pairs, list | tuple) or len(pairs) >= MOST_TOGETHER:
        raise ValueError(f"a link has at most {MOST_TOGETHER} columns")
    further = tuple(_names(pair, "further") for pair in pairs)
    if any(len(pair) != 2 for pair in further):
        raise ValueError("further columns of a link come in pairs")
    link = Link(**{**entry, "further": further})
    for name in ("column", "parent", "parent_column", "reason"):
        _of(getattr(link, name), str, name)
    _of(link.unique, bool, "unique")
    if link.kind not in ("parent", "lookup"):
        raise ValueError("the kind of a link must be parent or lookup")
    return link


def _names(value: Any, name: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{name} must be a list of names")
    return tuple(value)


def _of(value: Any, kind: Any, name: str) -> Any:
    """The value, where it is of its kind.  True is no number."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name} has the wrong kind of value")
    return value


def text_of(value: Any, name: str) -> str:
    return str(_of(value, str, name))


def check_links(tables: Mapping[str, Table], table: Table) -> None:
    """Keys and links within the document; a parent may be left out of a bundle.  Raises
    ValueError."""
    if not set(table.key_columns) <= set(table.column_names):
        raise ValueError(f"{table.name} has no column that its key names")
    if table.together and (table.key is not None or not _several(table.together)):
        raise ValueError(f"the key of {table.name} is one column, or several different ones")
    for link in table.links:
        if not set(link.columns) <= set(table.column_names):
            raise ValueError(f"{table.name} has no column that its link names")
        if link.further and not (_several(link.columns) and _several(link.parent_columns)):
            raise ValueError(f"a link of {table.name} names a column twice")
        parent = tables.get(link.parent)
        if parent is not None and not set(link.parent_columns) <= set(parent.column_names):
            raise ValueError(f"{link.parent} has no column that a link of {table.name} names")
    if len({link.path for link in table.links}) < len(table.links):
        raise ValueError(f"two links of {table.name} have the same columns")


def _several(names: tuple[str, ...]) -> bool:
    return 1 < len(names) <= MOST_TOGETHER and len(set(names)) == len(names)
