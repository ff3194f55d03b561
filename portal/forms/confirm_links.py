"""The links of all tables, put together from where each column leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from portal.forms.confirm_column import ColumnForm, Document
from portal.forms.confirm_table import TableForm

_LIKE = {"enum": "text", "decimal": "integer", "float": "integer"}  # what may hold a key of a kind


@dataclass(frozen=True)
class Links:
    """The links of each table by its name in the extract, and what is wrong, a sentence each."""

    of: Mapping[str, list[Document]]
    said: tuple[str, ...]


def links_of(tables: Sequence[TableForm]) -> Links:
    """Of forms that are valid each for itself."""
    known = {table.was: table for table in tables}
    of: dict[str, list[Document]] = {}
    said: list[str] = []
    for table in tables:
        of[table.was] = [
            *_several(table, known),
            *(
                link
                for found in _by_target(table).items()
                for link in _to(*found, table, known, said)
            ),
        ]
    return Links(of, tuple(said))


def _by_target(table: TableForm) -> dict[str, list[ColumnForm]]:
    """The columns that lead to each table."""
    columns: dict[str, list[ColumnForm]] = {}
    for column in table.columns.forms:
        if column.parent:
            columns.setdefault(column.parent, []).append(column)
    return columns


def _several(table: TableForm, known: Mapping[str, TableForm]) -> Iterator[Document]:
    """Links of several columns that were found, as far as all of these are still there."""
    for link in table.kept_links():
        pairs = [(link["column"], link["parent_column"]), *link["further"]]
        gone = table.left_out()
        there = known[link["parent"]].left_out() if link["parent"] in known else set()
        if not any(own in gone or other in there for own, other in pairs):
            yield _told(link, known)


def _to(
    parent: str,
    columns: list[ColumnForm],
    table: TableForm,
    known: Mapping[str, TableForm],
    said: list[str],
) -> Iterator[Document]:
    """The links to one table."""
    there = known.get(parent)
    if there is None:  # a table that is no longer there, or never was
        return
    for column in [one for one in columns if one.as_found is not None]:
        found = column.as_found or {}
        if found["parent_column"] not in there.left_out():
            yield _told(found, known)
    new = [column for column in columns if column.as_found is None]
    fault = _fault(new, table, there) if new else ""
    if fault:
        said.append(fault)
    elif new and len(there.key) == 1:
        for column in new:
            yield _link(table, there, [(column.name, there.key[0])])
    elif new:
        names = [column.name for column in new]
        ordered = there.key if set(names) == set(there.key) else names
        yield _link(table, there, list(zip(ordered, there.key, strict=True)))


def _fault(columns: list[ColumnForm], table: TableForm, there: TableForm) -> str:
    """What is wrong with columns that somebody lets lead to a table; empty where nothing is."""
    named = f"{table.was}.{columns[0].name}"
    if not there.key:
        return f"{named} cannot lead to {there.was}, which has no key; choose one for it first."
    if len(there.key) > 1:
        if len(columns) == len(there.key):
            return ""
        keys = " and ".join(there.key)
        return (
            f"The key of {there.was} is {keys}: let {len(there.key)} columns of {table.was} lead "
            f"there, not {len(columns)}."
        )
    kind = next(c.cleaned_data["kind"] for c in there.columns.forms if c.name == there.key[0])
    for column in columns:
        own, named = column.cleaned_data["kind"], f"{table.was}.{column.name}"
        if table.was == there.was and column.name == there.key[0]:
            return f"{named} is the key of its table and cannot lead to itself; choose another."
        if _LIKE.get(own, own) != _LIKE.get(kind, kind):
            return (
                f"{named} is {own} and the key of {there.was} {kind}, so no row is found; choose "
                "another table, or another kind."
            )
    return ""


def _link(table: TableForm, there: TableForm, pairs: list[tuple[str, str]]) -> Document:
    (own, key), *further = pairs
    kind = "lookup" if table.was == there.was else "parent"
    link = {"column": own, "parent": there.called, "parent_column": key, "kind": kind}
    return {**link, "unique": False, **({"further": further} if further else {})}


def _told(link: Document, known: Mapping[str, TableForm]) -> Document:
    """A link that was found, under the name its table has now."""
    there = known.get(link["parent"])
    return link if there is None else {**link, "parent": there.called}
