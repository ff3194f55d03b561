"""Which columns hold the keys of other tables: by their values, their names and their kinds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from generator.errors import RequestError, shown
from generator.infer.held import Columns, Held
from generator.infer.keys import chosen, may_be_key
from generator.infer.likeness import identifies, leads_to, leads_within
from generator.schema import Column, Kind, Link, Schema, Table
from generator.stop import ask

_POINTED = (Kind.DECIMAL, Kind.FLOAT)  # how whole numbers look beside missing values
_WHOLE = (Kind.INTEGER, *_POINTED)
_TEXTS = (Kind.TEXT, Kind.ENUM)
_LEAST = 0.98  # of the distinct values must be keys where the names agree
_FEW = 3  # distinct values below which the names must agree
_USED = 0.3  # of running keys must be pointed at by a column that does not call itself a key
_BY_CHANCE = 5.0  # repeats that chance would have made, where none is no chance
_SURE = 0.9
_HARDLY = 0.5  # of the values must be keys of a table that somebody lets them lead to

Place = tuple[str, str]


@dataclass(frozen=True)
class _Found:
    """A link that may be, and what speaks for it: how its name is ``named``, the ``share`` of its
    values that are keys, whether the key is called after its table, and the share of keys it
    uses."""

    link: Link
    named: float
    share: float
    home: float
    used: float

    @property
    def weight(self) -> tuple[float, float, float, float]:
        return self.named, self.share, self.home, self.used


def linked(schema: Schema, columns: Columns) -> Schema:
    """The schema with the links that columns seem to be, each with why; a column that other tables
    point at becomes the key of a table that had none."""
    schema = _pointed_at(schema, columns)
    found: dict[Place, _Found] = {}
    for table in schema:
        for column in table.columns:
            ask()
            best = max(_of(schema, table, column, columns), key=lambda f: f.weight, default=None)
            if best is not None:
                found[table.name, column.name] = best
    for place in _in_circles(schema, found):
        del found[place]
    for table in schema:
        mine = {column: one.link for (name, column), one in found.items() if name == table.name}
        schema = schema.changed(_with_links(table, mine))
    return schema


def linked_together(schema: Schema, columns: Columns) -> Schema:
    """The schema with links to keys of several columns, found under the names of these."""
    parents = [table for table in schema if table.together]
    for table in schema:
        more = (_several(schema, table, parent, columns) for parent in parents)
        links = (*table.links, *(link for link in more if link is not None))
        schema = schema.changed(replace(table, links=links))
    return schema


def with_sole_links(schema: Schema, columns: Columns) -> Schema:
    """The schema where links say whether they are one-to-one: no row is pointed at twice, and
    chance would have done it."""
    for table in schema:
        links = (replace(link, unique=_sole(table, link, columns)) for link in table.links)
        schema = schema.changed(replace(table, links=tuple(links)))
    return schema


def with_like_links(schema: Schema) -> Schema:
    """The schema where columns that lead to a key are of its kind."""
    for table in schema:
        for link in table.links:
            for own, there in zip(link.columns, link.parent_columns, strict=True):
                kind = schema[link.parent].column(there).kind
                schema = schema.changed(_of_kind(schema[table.name], own, kind))
    return schema


def _of_kind(table: Table, name: str, kind: Kind) -> Table:
    column = table.column(name)
    whole = kind is Kind.INTEGER and column.kind in _POINTED
    if not whole and (kind not in _TEXTS or column.kind in _TEXTS):
        return table
    changed = replace(column, kind=kind, precision=None, scale=None)
    columns = tuple(changed if one.name == name else one for one in table.columns)
    return replace(table, columns=columns)


def check_links(schema: Schema, columns: Columns) -> None:
    """Raises RequestError for a link that somebody named and that leads nowhere."""
    for table in schema:
        for link in table.links:
            if link.parent not in schema:
                continue
            ask()
            held = columns[table.name, link.path]
            if table.column(link.column).kind is Kind.INTEGER and not link.further:
                held = columns.whole(table.name, link.column)
            share = held.within(columns[link.parent, link.parent_path])
            if len(held.words) and share < _HARDLY:
                raise RequestError(
                    f"{table.name}.{shown(link.said)} cannot lead to {link.parent}: "
                    f"{100 * share:.0f} % of its values are keys there; let it lead elsewhere, or "
                    "nowhere."
                )


def _of(schema: Schema, table: Table, column: Column, columns: Columns) -> Iterator[_Found]:
    """Where a column may lead."""
    if column.doubt or column.kind not in (*_WHOLE, *_TEXTS):
        return
    for parent in schema:
        for key in _named(parent):
            if (parent.name, key.name) != (table.name, column.name) and _alike(column, key):
                found = _tried(table, column, parent, key, columns)
                if found is not None:
                    yield found


def _named(parent: Table) -> Iterator[Column]:
    """Columns of a table that others may hold: its key, and what is called after the table and
    names its rows as well (“customer_number” of customers)."""
    for column in parent.columns:
        named = column.unique and not column.nullable and identifies(column.name)
        if column.name == parent.key or (named and leads_to(column.name, "", parent.name)):
            yield column


def _alike(column: Column, key: Column) -> bool:
    return column.kind in (_WHOLE if key.kind is Kind.INTEGER else _TEXTS)


def _tried(
    table: Table, column: Column, parent: Table, key: Column, columns: Columns
) -> _Found | None:
    within = table.name == parent.name
    named = leads_to(column.name, key.name, parent.name)
    if within and leads_within(column.name):
        named = max(named, _SURE)
    keys = columns[parent.name, key.name]
    whole = keys.plain and key.kind is Kind.INTEGER
    if not named and (whole or column.kind in _POINTED):
        return None  # whatever is small and whole would lead there
    pointed = column.kind in _POINTED
    held = columns.whole(table.name, column.name) if pointed else columns[table.name, column.name]
    share = held.within(keys)
    used = len(held.words) / max(len(keys.words), 1)
    sparse = whole and used < _USED and not identifies(column.name)
    own = column.name == table.key
    if sparse or not _enough(held, keys, named=named, share=share, own=own):
        return None
    kind, reason = "lookup" if within else "parent", _reason(named, share, parent.name)
    link = Link(column.name, parent.name, key.name, kind, reason=reason)
    return _Found(link, named, share, leads_to(key.name, "", parent.name), used)


def _enough(held: Held, keys: Held, *, named: float, share: float, own: bool) -> bool:
    if not len(held.words):
        return False
    if named:
        return share == 1 if own else share >= _LEAST
    told = keys.headed or not keys.plain
    return told and not own and share == 1 and len(held.words) >= _FEW and not held.sole


def _reason(named: float, share: float, parent: str) -> str:
    how = "Perhaps" if share < 1 else "Sure" if named >= _SURE else "Likely"
    values = "every value is" if share == 1 else f"{int(100 * share)} % of the values are"
    names = "and the names agree" if named >= _SURE else "and the names are alike"
    said = names if named else "though the names say nothing"
    return f"{how}: {values} a key of {parent}, {said}."


def _pointed_at(schema: Schema, columns: Columns) -> Schema:
    """Tables without a key get the column that others of its name are filled from."""
    for table in schema:
        named = (
            column.name
            for column in table.columns
            if may_be_key(column) and _filled_from(schema, table, column, columns)
        )
        key = next(named, None) if table.key is None else None
        if key is not None:
            reason = "Every row has a value of its own, and other tables point at it."
            schema = schema.changed(chosen(table, key, reason))
    return schema


def _filled_from(schema: Schema, table: Table, key: Column, columns: Columns) -> bool:
    others = [
        (other.name, column.name)
        for other in schema
        for column in other.columns
        if other.name != table.name
        and column.name.lower() == key.name.lower()
        and leads_to(column.name, key.name, table.name)
        and _alike(column, key)
    ]
    if not others or not columns[table.name, key.name].sole:
        return False
    held = columns[table.name, key.name]
    return any(columns[one].within(held) == 1 and not columns[one].sole for one in others)


def _in_circles(schema: Schema, found: dict[Place, _Found]) -> Iterator[Place]:
    """Keys that lead round in a circle, so that no row could be the first: what leads to a table
    that the key is called after stays, else what leads to the table that comes first."""
    own = [place for place in found if schema[place[0]].key == place[1]]
    order = schema.names.index
    own.sort(key=lambda place: (-found[place].home, order(found[place].link.parent)))
    leads: dict[str, str] = {}
    for place in own:
        end = found[place].link.parent
        while end in leads and end != place[0]:
            end = leads[end]
        if end == place[0]:
            yield place
        else:
            leads[place[0]] = found[place].link.parent


def _with_links(table: Table, links: dict[str, Link]) -> Table:
    """The table with links in the order of its columns; whole numbers that were written with a
    point are whole."""
    columns = tuple(
        replace(column, kind=Kind.INTEGER, precision=None, scale=None)
        if column.name in links and column.kind in _POINTED
        else column
        for column in table.columns
    )
    ordered = tuple(links[column.name] for column in columns if column.name in links)
    return replace(table, columns=columns, links=ordered)


def _sole(table: Table, link: Link, columns: Columns) -> bool:
    if link.columns == table.key_columns:
        return True
    held = columns[table.name, link.path]
    keys = columns[link.parent, link.parent_path]
    expected = held.filled**2 / (2 * max(len(keys.words), 1))
    return held.filled == len(held.words) and expected >= _BY_CHANCE


def _several(schema: Schema, table: Table, parent: Table, columns: Columns) -> Link | None:
    """A link to the key of a parent that is several columns, where the table has all of them."""
    own = {name.lower(): name for name in table.column_names}
    names = [own[name.lower()] for name in parent.together if name.lower() in own]
    if table.name == parent.name or len(names) < len(parent.together):
        return None
    both = set(names) == set(table.together)
    if both and not _earlier(schema, parent, table, columns):
        return None
    pairs = list(zip(names, parent.together, strict=True))
    if not all(_same_kind(table.column(mine), parent.column(there)) for mine, there in pairs):
        return None
    (mine, there), *further = pairs
    link = Link(mine, parent.name, there, "parent", further=tuple(further))
    share = columns[table.name, link.path].within(columns[parent.name, link.parent_path])
    return replace(link, reason=_reason(1.0, share, parent.name)) if share >= _LEAST else None


def _same_kind(one: Column, other: Column) -> bool:
    return one.kind is other.kind or {one.kind, other.kind} <= set(_TEXTS)


def _earlier(schema: Schema, one: Table, other: Table, columns: Columns) -> bool:
    """Of two tables with the same key the longer is the one pointed at, or else the first."""
    rows = columns.rows(one.name) - columns.rows(other.name)
    return rows > 0 or (rows == 0 and schema.names.index(one.name) < schema.names.index(other.name))
