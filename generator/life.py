"""The life of a car or a customer, from birth to today, out of a ready bundle's own files.

Rows are found by links from those that belong to the life already, column by column and file by
file, so that of a large bundle only what is asked for is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from generator.bundle import Bundle
from generator.errors import RequestError, shown
from generator.schema import Link, Schema
from generator.stories import Stories, Story, Suggestion, Told, link_of
from generator.write import Wanted

MOST_ENTRIES = 3_000  # of a life that is told
MOST_ROWS = 20_000  # of a table that a life is told from; a month's are added up as they come
FOUND = 25  # lives that a search gives
LOOKED = 60_000  # rows of a table that suggestions are chosen from

Row = dict[str, Any]


def _rows_of(some: pa.Table) -> list[Row]:
    """As ``to_pylist``, which imports pandas to name the zone; every moment here is in UTC."""
    moments = [field.name for field in some.schema if getattr(field.type, "tz", None)]
    for name in moments:
        at, held = some.schema.get_field_index(name), some.column(name)
        some = some.set_column(at, name, held.cast(pa.timestamp(held.type.unit)))
    rows = some.to_pylist()
    for row in rows:
        for name in moments:
            row[name] = row[name] and row[name].replace(tzinfo=UTC)
    return list(rows)


@dataclass(frozen=True)
class Other:
    """Another life that an entry speaks of."""

    life: str
    key: str
    name: str


@dataclass(frozen=True)
class Entry:
    """Something that happened: ``at`` in UTC, or the day where no hour is known; ``local`` by the
    clocks of the place.  ``ahead`` is not yet come to on the as-of date."""

    at: datetime | date
    local: datetime | None
    says: str
    table: str
    key: str
    money: Decimal | None = None
    ahead: bool = False
    others: tuple[Other, ...] = ()


@dataclass(frozen=True)
class Life:
    """``notes`` say what is left out, in a sentence each."""

    life: str
    noun: str
    key: str
    name: str
    as_of: date | None
    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """A life that a search gives, or a suggestion with its reason."""

    life: str
    key: str
    name: str
    says: str = ""


def life(bundle: Bundle, stories: Stories, kind: str, key: str) -> Life:
    """The life of the ``kind`` (a table whose rows have lives) named by its key, or by another
    column it is searched by, written out.  Raises RequestError where there is none."""
    reader = _Reader(bundle, stories)
    row = reader.subject(kind, key)
    rows = reader.belonging(kind, row)
    entries, notes = [], []
    for table, some in rows.items():
        if len(some) >= MOST_ROWS:
            notes.append(f"Only the first {MOST_ROWS:,} rows of {table} are told.")
        entries += reader.told(kind, row["_key"], table, some)
    entries += reader.months(kind, rows)
    order = {table: number for number, table in enumerate(bundle.schema.load_order())}
    ordered = _in_order(entries, order, bundle.as_of)
    if len(ordered) > MOST_ENTRIES:
        notes.append(f"Only the last {MOST_ENTRIES:,} of {len(ordered):,} entries are shown.")
        ordered = ordered[-MOST_ENTRIES:]
    noun = stories.of[kind].noun
    return Life(kind, noun, row["_key"], row["_name"], bundle.as_of, tuple(ordered), tuple(notes))


def search(bundle: Bundle, stories: Stories, kind: str, text: str) -> tuple[Found, ...]:
    """Lives whose key, or another column they are searched by, holds ``text``: the first ones."""
    reader = _Reader(bundle, stories)
    reader.check(kind)
    return tuple(
        Found(kind, row["_key"], row["_name"])
        for row in islice(reader.holding(kind, text.strip()), FOUND)
    )


def suggested(bundle: Bundle, stories: Stories) -> tuple[Found, ...]:
    """A few lives worth a look, with the reason; none of a bundle that has no lives."""
    reader = _Reader(bundle, stories)
    found: dict[tuple[str, str], Found] = {}
    for table, story in stories.of.items():
        for one in story.suggest:
            if not (reader.has(table) and reader.has(one.life)):
                continue
            for key in islice(reader.named_by(table, one), 2):
                rows = reader.rows_of(one.life, [key])
                if rows and (one.life, key) not in found:
                    found[one.life, key] = Found(one.life, key, rows[0]["_name"], one.says)
                    break
    if not found:
        for kind in filter(reader.has, stories.lives):
            for row in islice(reader.holding(kind, ""), 1):
                found[kind, row["_key"]] = Found(kind, row["_key"], row["_name"], "the first one")
    return tuple(found.values())


class _Reader:
    """Rows of one bundle, found by links."""

    def __init__(self, bundle: Bundle, stories: Stories) -> None:
        self._bundle = bundle
        self._schema: Schema = bundle.schema
        self._stories = stories

    def has(self, table: str) -> bool:
        return table in self._schema

    def check(self, kind: str) -> None:
        if kind not in self._stories.lives:
            known = ", ".join(self._stories.lives) or "no lives at all"
            raise RequestError(f"There are no lives of “{shown(kind)}”; this profile has {known}.")
        if not self.has(kind):
            noun = self._stories.of[kind].noun
            raise RequestError(
                f"This bundle has no table {kind}, so it tells of no {noun}; make it with that "
                "table."
            )

    def subject(self, kind: str, key: str) -> Row:
        self.check(kind)
        own = [column for column in self._stories.of[kind].search if "." not in column]
        for column in own:
            if rows := self._named(kind, self.find(kind, Wanted(column, (key,)), self._of(kind))):
                return rows[0]
        raise RequestError(
            f"The bundle has no {self._stories.of[kind].noun} “{shown(key)}”; name one by "
            f"{' or '.join(own)}.",
            field=kind,
        )

    def rows_of(self, kind: str, keys: Sequence[str]) -> list[Row]:
        wanted = Wanted(str(self._schema[kind].key), tuple(keys))
        return self._named(kind, self.find(kind, wanted, self._of(kind)))

    def holding(self, kind: str, text: str) -> Iterator[Row]:
        """Lives that a column they are searched by leads to; each once."""
        seen: set[str] = set()
        for path in self._stories.of[kind].search:
            head, _, rest = path.partition(".")
            if rest:
                link = self._schema[kind].link(head)
                if link is None or not self.has(link.parent):
                    continue
                wanted = Wanted(rest, part=text)
                most = FOUND * 4
                parents = self.find(link.parent, wanted, {link.parent_column}, most=most)
                wanted = Wanted(head, tuple(row[link.parent_column] for row in parents))
            else:
                wanted = Wanted(head, part=text)
            for row in self._named(kind, self.find(kind, wanted, self._of(kind), most=FOUND)):
                if row["_key"] not in seen:
                    seen.add(row["_key"])
                    yield row

    def named_by(self, table: str, one: Suggestion) -> Iterator[str]:
        columns = {one.key, *one.filled} & set(self._schema[table].column_names)
        rows = self.find(table, Wanted(one.key), columns, most=LOOKED)
        times: dict[str, int] = defaultdict(int)
        for row in rows:
            if row[one.key] is not None and all(row.get(column) for column in one.filled):
                times[row[one.key]] += 1
        keys = [key for key, number in times.items() if number >= one.times]
        for path in one.also:
            other, _, column = path.partition(".")
            if not self.has(other):
                return
            held = self.find(other, Wanted(column), {column}, most=LOOKED)
            among = {row[column] for row in held}
            keys = [key for key in keys if key in among]
        yield from sorted(keys)

    # Rows

    def find(
        self, table: str, wanted: Wanted, columns: Iterable[str], *, most: int = MOST_ROWS
    ) -> list[Row]:
        """The wanted rows, at most ``most``; a column that the table does not have is None."""
        declared = self._schema[table].column_names
        if wanted.column not in declared or wanted.values == ():
            return []
        asked = sorted({wanted.column, *columns})
        there = [column for column in asked if column in declared]
        missing = dict.fromkeys(set(asked) - set(there))
        rows: list[Row] = []
        for some in self._bundle.find(table, wanted, there):
            rows += [{**row, **missing} for row in _rows_of(some.slice(0, most - len(rows)))]
            if len(rows) >= most:
                break
        return rows

    def belonging(self, kind: str, row: Row) -> dict[str, list[Row]]:
        """The rows of every table that belong to the life, by table."""
        rows: dict[str, dict[str, Row]] = {kind: {row["_key"]: row}}
        asked: set[tuple[str, str, str]] = set()
        grown = True
        while grown:
            grown = False
            for table, story in self._stories.of.items():
                if not self.has(table) or table == kind or not story.told:
                    continue
                for route in story.routes.get(kind, ()):
                    column, values = self._values(table, route, rows)
                    new = [v for v in sorted(values) if (table, column, v) not in asked]
                    if not new:
                        continue
                    asked |= {(table, column, value) for value in new}
                    held = rows.setdefault(table, {})
                    before = len(held)
                    for found in self._read(table, Wanted(column, tuple(new))):
                        held.setdefault(str(found["_key"]), found)
                    grown = grown or len(held) > before
        return {table: list(held.values()) for table, held in rows.items()}

    def _values(
        self, table: str, route: str, rows: Mapping[str, Mapping[str, Row]]
    ) -> tuple[str, set[str]]:
        """The column to look into and the values to look for."""
        if route.startswith("<"):
            other, _, column = route[1:].partition(".")
            named = (row.get(column) for row in rows.get(other, {}).values())
            return str(self._schema[table].key), {value for value in named if value is not None}
        link = link_of(self._schema, table, route)
        if link is None:
            return "", set()
        return link.column, set(rows.get(link.parent, {}))

    def _read(self, table: str, wanted: Wanted) -> list[Row]:
        found = self.find(table, wanted, self._of(table))
        key = self._schema[table].key
        for number, row in enumerate(found):
            row["_key"] = row[key] if key else f"{table} {number + 1}"
        return found

    def _of(self, table: str) -> set[str]:
        """Columns of a table's own rows that its life is told from."""
        story = self._stories.of[table]
        declared = self._schema[table]
        paths = {path for told in story.told for path in told.paths} | set(story.others)
        paths |= set(story.name.paths) if story.name is not None else set()
        paths |= {story.place, *(link.column for link in declared.links)}
        routed = {route.partition(">")[0] for routes in story.routes.values() for route in routes}
        named = {
            route[1:].partition(".")[2]
            for other in self._stories.of.values()
            for routes in other.routes.values()
            for route in routes
            if route.startswith(f"<{table}.")
        }
        heads = {path.partition(".")[0] for path in paths | routed | named}
        return (heads & set(declared.column_names)) | ({declared.key} if declared.key else set())

    def _named(self, kind: str, rows: list[Row]) -> list[Row]:
        says = self._stories.of[kind].name
        if says is None:
            raise ValueError(f"{kind} has no name of its lives")
        self.follow(kind, rows, set(says.paths))
        for row in rows:
            row["_key"] = row[str(self._schema[kind].key)]
            row["_name"] = says.said(row.get)
        return rows

    def follow(self, table: str, rows: Sequence[Row], paths: Iterable[str]) -> None:
        """Give the rows a value for each path over links."""
        heads: dict[str, set[str]] = defaultdict(set)
        for path in paths:
            head, dot, rest = path.partition(".")
            if dot and rows and head in rows[0]:
                heads[head].add(rest)
        for head, rests in heads.items():
            link = self._schema[table].link(head)
            parents = self._parents(link, rows, rests)
            for row in rows:
                parent = parents.get(row[head], {})
                for rest in rests:
                    row[f"{head}.{rest}"] = parent.get(rest)

    def _parents(self, link: Link | None, rows: Sequence[Row], paths: set[str]) -> dict[Any, Row]:
        if link is None or not self.has(link.parent):
            return {}
        keys = {row[link.column] for row in rows} - {None}
        columns = {link.parent_column, *(path.partition(".")[0] for path in paths)}
        wanted = Wanted(link.parent_column, tuple(sorted(keys)))
        parents = self.find(link.parent, wanted, columns)
        self.follow(link.parent, parents, paths)
        return {row[link.parent_column]: row for row in parents}

    # Entries

    def told(self, kind: str, key: str, table: str, rows: list[Row]) -> list[Entry]:
        story = self._stories.of[table]
        place = self._place(table, story)
        paths = {path for told in story.told for path in told.paths} | {place}
        for path in story.others:
            paths |= self._names(table, path)
        self.follow(table, rows, paths)
        return [
            self._entry(kind, key, table, row, told, row.get(place))
            for row in rows
            for told in story.told
            if _happened(row, told)
        ]

    def _entry(
        self, kind: str, key: str, table: str, row: Row, told: Told, state: str | None
    ) -> Entry:
        at = row[told.at]
        money = row.get(told.money) if told.money else None
        others = tuple(self._others(kind, key, table, row))
        return Entry(at, self._local(at, state), told.says.said(row.get), table, row["_key"],
                     money, others=others)  # fmt: skip

    def _place(self, table: str, story: Story) -> str:
        """The path to the state by whose clocks the rows go: said, or that of their dealer."""
        if story.place:
            return story.place
        for link in self._schema[table].links:
            parent = self._stories.of.get(link.parent)
            if parent is not None and parent.place and "." not in parent.place:
                return f"{link.column}.{parent.place}"
        return ""

    def _local(self, at: datetime | date, state: str | None) -> datetime | None:
        zone = self._stories.clocks.get(state or "")
        if zone is None or not isinstance(at, datetime):
            return None
        return at.astimezone(ZoneInfo(zone))

    def _names(self, table: str, path: str) -> set[str]:
        """What the names of the lives at the end of a path need."""
        life = self._at_end(table, path)
        says = self._stories.of[life].name if life else None
        return {path, *(f"{path}.{inner}" for inner in says.paths)} if says else set()

    def _at_end(self, table: str, path: str) -> str:
        for column in path.split("."):
            link = self._schema[table].link(column) if self.has(table) else None
            if link is None:
                return ""
            table = link.parent
        return table

    def _others(self, kind: str, key: str, table: str, row: Row) -> Iterator[Other]:
        for path in self._stories.of[table].others:
            life, other = self._at_end(table, path), row.get(path)
            if not (life and other and self.has(life)) or (life, other) == (kind, key):
                continue
            says = self._stories.of[life].name
            if says is not None:
                values = {inner: row.get(f"{path}.{inner}") for inner in says.paths}
                yield Other(life, other, says.said(values.get))

    # Months

    def months(self, kind: str, rows: Mapping[str, Sequence[Row]]) -> Iterator[Entry]:
        """A long table month by month."""
        for table, story in self._stories.of.items():
            if not (self.has(table) and story.monthly):
                continue
            for route in story.routes.get(kind, ()):
                link = link_of(self._schema, table, route)
                keys = [row["_key"] for row in rows.get(link.parent, ())] if link else []
                if link is not None and keys:
                    for told in story.monthly:
                        yield from self._monthly(table, told, Wanted(link.column, tuple(keys)))

    def _monthly(self, table: str, told: Told, wanted: Wanted) -> Iterator[Entry]:
        fields = [path.rpartition(".") for path in told.says.paths]
        columns = sorted({told.at, *(column for column, _, _ in fields)})
        slices = [_by_month(some, told.at) for some in self._bundle.find(table, wanted, columns)]
        slices = [some for some in slices if some.num_rows]
        if not slices:
            return
        held = pa.concat_tables(slices).sort_by(told.at)
        before: dict[str, Any] = {}
        for month in pc.unique(held.column("_month")).to_pylist():
            own = held.filter(pc.equal(held.column("_month"), month))
            said = {
                f"{column}.{what}": _come_to(own.column(column), what, before.get(column))
                for column, _, what in fields
            }
            before |= {column: _last(own.column(column)) for column in columns}
            at = own.column(told.at)[-1].as_py()
            if all(value is not None for value in said.values()):
                yield Entry(at, None, told.says.said(said.get), table, f"{month:%Y-%m}")


def _by_month(rows: pa.Table, at: str) -> pa.Table:
    return rows.append_column("_month", pc.floor_temporal(rows.column(at), unit="month"))


def _last(column: pa.ChunkedArray) -> Any:
    there = column.drop_null()
    return there[-1].as_py() if len(there) else None


def _come_to(column: pa.ChunkedArray, what: str, before: Any) -> Any:
    there = column.drop_null()
    if what == "different":
        return pc.count_distinct(there).as_py()
    if what == "rows":
        return len(column)
    if not len(there):
        return None
    last = there[-1].as_py()
    if what == "last":
        return round(last)
    if what != "span":
        raise ValueError(f"a month has no “{what}”")
    return round(last - (there[0].as_py() if before is None else before))


def _happened(row: Row, told: Told) -> bool:
    if row.get(told.at) is None:
        return False
    return all(row.get(column) in values for column, values in told.when.items())


def _in_order(
    entries: Iterable[Entry], order: Mapping[str, int], as_of: date | None
) -> list[Entry]:
    """By moment; a day without an hour stands at its end.  What has no place of its own goes by
    the clocks of the entry before."""
    ordered = sorted(entries, key=lambda entry: (_moment(entry.at), order[entry.table], entry.key))
    zone = next((entry.local.tzinfo for entry in ordered if entry.local), None)
    told = []
    for entry in ordered:
        local = entry.local
        if local is None and isinstance(entry.at, datetime) and zone is not None:
            local = entry.at.astimezone(zone)
        zone = local.tzinfo if local is not None else zone
        ahead = as_of is not None and _day(entry.at) > as_of
        told.append(replace(entry, local=local, ahead=ahead))
    return told


def _day(at: datetime | date) -> date:
    return at.astimezone(UTC).date() if isinstance(at, datetime) else at


def _moment(at: datetime | date) -> datetime:
    return at if isinstance(at, datetime) else datetime.combine(at, time.max, UTC)


def document(told: Life) -> dict[str, Any]:
    """In plain JSON types."""
    return {
        "life": told.life,
        "key": told.key,
        "name": told.name,
        "as_of": told.as_of.isoformat() if told.as_of else None,
        "notes": list(told.notes),
        "entries": [
            {
                "at": entry.at.isoformat(),
                "local": entry.local.isoformat() if entry.local else None,
                "says": entry.says,
                "table": entry.table,
                "key": entry.key,
                "money": None if entry.money is None else str(entry.money),
                "ahead": entry.ahead,
                "others": [vars(other) for other in entry.others],
            }
            for entry in told.entries
        ],
    }
