"""The rows of one shard, to choose from and to change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.errors import BundleError, PlanError
from generator.schema import Column, Kind, Schema
from generator.staging.mess import Mess
from generator.staging.scenario import Scenario, Span
from generator.streams import Stream
from generator.tables import Loader, Tables

Rows = NDArray[np.int64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Listed:
    """A row that was changed, or that breaks rules by what was changed: row ``row`` of the
    shard's own.  ``of`` is the key of the row that was chosen."""

    scenario: str
    table: str
    key: str
    of: str
    done: str
    breaks: tuple[str, ...]
    row: int

    def document(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "key": self.key,
            "of": self.of,
            "done": self.done,
            "breaks": list(self.breaks),
        }


class Scene:
    """Own rows of a shard by table.  What is read is what was changed last; rows that one scenario
    has listed are not ``free`` for the next."""

    def __init__(
        self,
        schema: Schema,
        rows: Mapping[str, pa.Table],
        *,
        context: Mapping[str, Loader],
        starts: Mapping[str, int],
        seed: int,
        span: Span,
    ) -> None:
        self.schema, self.seed, self.span = schema, seed, span
        self.rows = dict(rows)
        self.listed: list[Listed] = []
        self._context, self._starts = context, starts
        self._taken: dict[str, set[int]] = {}
        self._tables: Tables | None = None
        self._played: Scenario | Mess | None = None
        self.eligible: dict[str, int] = {}

    @property
    def end(self) -> np.datetime64:
        """The first moment after the span."""
        return np.datetime64(self.span.stop, "D") + np.timedelta64(1, "D")

    def play(self, scenario: Scenario, n: int) -> None:
        """Stage ``n`` of a scenario."""
        self._played = scenario
        scenario.stage(self, n)

    def mess(self, mess: Mess, rate: float) -> None:
        """Let a mess happen at a rate of the rows it may happen to, rounded."""
        self._played = mess
        eligible = mess.eligible(self) & self.free(mess.table)
        self.eligible[mess.name] = held = int(eligible.sum())
        if n := int(rate * held + 0.5):
            mess.change(self, self.chosen(mess.table, eligible, n))

    # Reading

    def tables(self) -> Tables:
        """The rows as they are now, those of other shards before them."""
        if self._tables is None:
            self._tables = Tables(
                self.schema,
                {name: partial(_columns, part) for name, part in self.rows.items()},
                {name: part.num_rows for name, part in self.rows.items()},
                context=self._context,
                starts=self._starts,
            )
        return self._tables

    def count(self, table: str) -> int:
        return self.rows[table].num_rows if table in self.rows else 0

    def values(self, table: str, path: str) -> NDArray[Any]:
        tables = self.tables()
        values: NDArray[Any] = tables.values(table, path)[tables.own(table)]
        return values

    def labels(self, table: str, path: str) -> NDArray[np.int32]:
        """A text as numbers of its different values, -1 where it is missing."""
        tables = self.tables()
        return tables.codes(table, path).codes[tables.own(table)]

    def missing(self, table: str, path: str) -> Truth:
        tables = self.tables()
        return tables.missing(table, path)[tables.own(table)]

    def is_one_of(self, table: str, path: str, *labels: str) -> Truth:
        tables = self.tables()
        return tables.is_one_of(table, path, *labels)[tables.own(table)]

    def row_of(self, table: str, link: str) -> Rows:
        """The own row that each row's link leads to; -1 where it leads nowhere or elsewhere."""
        tables = self.tables()
        parent = self._parent(table, link)
        rows = tables.row_of(table, link)[tables.own(table)]
        own: Rows = np.maximum(rows - tables.own(parent).start, -1)
        return own

    def _parent(self, table: str, link: str) -> str:
        found = self.schema[table].link(link)
        if found is None:
            raise KeyError(f"{table}.{link} is not a link")
        return found.parent

    def children(self, table: str, link: str, parents: Rows) -> Rows:
        """Rows of a table whose link leads to one of these rows."""
        return np.flatnonzero(np.isin(self.row_of(table, link), parents))

    def column(self, table: str, column: str) -> NDArray[Any]:
        """Text as it stands, None where it is missing."""
        part = self.rows[table].column(column)
        return np.asarray(part.cast(pa.string()).to_numpy(), dtype=object)

    def places(self, among: Rows, wanted: Rows) -> Rows:
        """Where each of the wanted rows stands among others, which hold it."""
        order = np.argsort(among, kind="stable")
        return order[np.searchsorted(among[order], wanted)]

    def named(self, table: str, column: str, of: str, rows: Rows) -> tuple[Rows, Rows]:
        """Rows whose column holds the key of one of these rows of another table, without being a
        link, and the places of that among these."""
        tables = self.tables()
        key = self.schema[of].key or ""
        found = tables.rows_named(of, key, table, column)[tables.own(table)] - tables.own(of).start
        mine = np.flatnonzero(np.isin(found, rows))
        return mine, self.places(rows, found[mine])

    def last_of(self, table: str, link: str, parents: Rows) -> Rows:
        """The last row whose link leads to each of these rows."""
        rows = self.children(table, link, parents)
        return self._last(rows, self.places(parents, self.row_of(table, link)[rows]), len(parents))

    def last_named(self, table: str, column: str, of: str, rows: Rows) -> Rows:
        """The last row whose column holds the key of each of these rows of another table."""
        found, at = self.named(table, column, of, rows)
        return self._last(found, at, len(rows))

    def _last(self, rows: Rows, at: Rows, n: int) -> Rows:
        last: Rows = np.full(n, -1)
        np.maximum.at(last, at, rows)
        if (last < 0).any():
            raise ValueError(f"{self._named().name} looks for the last of nothing")
        return last

    def keys(self, table: str, rows: Rows) -> list[str]:
        key = self.schema[table].key
        if key is None:
            raise KeyError(f"{table} has no key")
        return [str(one) for one in self.rows[table].column(key).take(rows).to_pylist()]

    # Choosing

    def free(self, table: str) -> Truth:
        """Rows that no scenario has listed."""
        free = np.ones(self.count(table), dtype=bool)
        free[list(self._taken.get(table, ()))] = False
        return free

    def chosen(self, table: str, eligible: Truth, n: int, column: str = "chosen") -> Rows:
        """``n`` of the eligible rows that are free, by lot, in the order of the lots."""
        rows = np.flatnonzero(eligible & self.free(table))
        lots = self.lots(table, column)[rows]
        if len(rows) < n:
            self.refuse(table, len(rows), n)
        chosen: Rows = rows[np.lexsort((rows, lots))[:n]]
        return chosen

    def lowest(self, table: str, eligible: Truth, lots: NDArray[np.float64]) -> int:
        """The eligible row with the lowest lot."""
        rows = np.flatnonzero(eligible)
        if not len(rows):
            self.refuse(table, 0, 1)
        return int(rows[np.argmin(lots[rows])])

    def refuse(self, table: str, held: int, n: int) -> NoReturn:
        """Say that there are too few rows to choose from."""
        name = self._named().name
        raise PlanError(
            f"The scenario {name} has {held:,} rows of {table} to choose {n:,} from in one part "
            "of the bundle; ask for fewer of it, or for more rows.",
            field=f"scenarios.{name}",
        )

    def lots(self, table: str, column: str) -> NDArray[np.float64]:
        """A number for each row, the same however rows are cut into shards."""
        name = f"scenario.{self._named().name}"
        return Stream(self.seed, name, f"{table}.{column}").at(self.tables().lots(table))

    def _named(self) -> Scenario | Mess:
        if self._played is None:
            raise ValueError("a scene is read by the scenario that plays in it")
        return self._played

    # Changing

    def set(self, table: str, column: str, rows: Rows, values: Iterable[Any]) -> None:
        """Write values into a column, in the memory form of its kind or None."""
        declared = self.schema[table].column(column)
        part = self.rows[table]
        at = part.schema.get_field_index(column)
        was = part.column(at).combine_chunks()
        kind = was.type
        plain = was.cast(pa.string()) if pa.types.is_dictionary(kind) else was
        order = np.argsort(rows, kind="stable")
        new = _arrow(declared, values, plain.type).take(pa.array(order))
        mask = np.zeros(part.num_rows, dtype=bool)
        mask[rows] = True
        mixed = pc.replace_with_mask(plain, pa.array(mask), new)
        if pa.types.is_dictionary(kind):
            mixed = mixed.dictionary_encode().cast(kind)
        self.rows[table] = part.set_column(at, part.schema.field(at), mixed)
        self._tables = None

    def copy(self, table: str, column: str, source: Rows, rows: Rows) -> None:
        """Let rows say what others of the table say."""
        kept = self.rows[table].column(column).take(source).to_pylist()
        kind = self.schema[table].column(column)
        if kind.kind is Kind.DECIMAL:
            kept = [None if one is None else int(one.scaleb(kind.scale or 0)) for one in kept]
        self.set(table, column, rows, kept)

    def move(self, table: str, column: str, rows: Rows, by: NDArray[np.timedelta64]) -> None:
        """Let moments be that much later; what is missing stays so."""
        there = ~self.missing(table, column)[rows]
        self.set(table, column, rows[there], self.values(table, column)[rows[there]] + by[there])

    def append(self, table: str, like: Rows, columns: Mapping[str, Sequence[Any]]) -> Rows:
        """Rows at the end of a table whose number is not settled: as the rows ``like``, but for
        these columns.  Returns their numbers."""
        before = self.count(table)
        self.rows[table] = pa.concat_tables([self.rows[table], self.rows[table].take(like)])
        self._tables = None
        new = np.arange(before, before + len(like))
        for column, values in columns.items():
            self.set(table, column, new, values)
        return new

    def follow(self, table: str, last: Rows) -> Rows:
        """A further row after each of these, which are the last of their causes: like it, but for
        the number of the line that ends its key."""
        keys = [_next(key) for key in self.keys(table, last)]
        return self.append(table, last, {self.schema[table].key or "": keys})

    def drop(self, table: str, rows: Rows) -> None:
        """Take rows of a table whose number is not settled away, before any is listed."""
        if table in self._taken:
            raise ValueError(f"rows of {table} are listed by their numbers")
        kept = np.ones(self.count(table), dtype=bool)
        kept[rows] = False
        self.rows[table] = self.rows[table].filter(pa.array(kept))
        self._tables = None

    def take(self, table: str, rows: Rows) -> None:
        """Keep rows from the scenarios that follow, without listing them."""
        self._taken.setdefault(table, set()).update(rows.tolist())

    def list(
        self,
        table: str,
        rows: Rows,
        done: str | Sequence[str],
        *,
        breaks: Sequence[str] = (),
        of: Sequence[str] | None = None,
    ) -> list[str]:
        """List rows with what was done to them, the rules they break, and the key of the chosen
        row they go with (their own if not given).  Returns their keys."""
        keys = self.keys(table, rows)
        said = [done] * len(rows) if isinstance(done, str) else done
        self.listed += [
            Listed(self._named().name, table, key, chosen, told, tuple(breaks), row)
            for key, chosen, told, row in zip(keys, of or keys, said, rows.tolist(), strict=True)
        ]
        self.take(table, rows)
        return keys


def grouped(listed: Iterable[Listed]) -> list[dict[str, Any]]:
    """Rows of a mess as the manifest lists them: keys by table and broken rules; ``of`` are the
    keys of the rows that they are doubles of, where they are."""
    groups: dict[tuple[str, tuple[str, ...]], list[Listed]] = {}
    for one in listed:
        groups.setdefault((one.table, one.breaks), []).append(one)
    return [
        {
            "table": table,
            "breaks": list(breaks),
            "keys": [one.key for one in held],
            **({"of": [one.of for one in held]} if any(one.of != one.key for one in held) else {}),
        }
        for (table, breaks), held in groups.items()
    ]


def purposes(listed: Iterable[Listed]) -> dict[tuple[str, str], Rows]:
    """Own rows that break a rule on purpose, by the rule's id and table."""
    rows: dict[tuple[str, str], set[int]] = {}
    for one in listed:
        for rule in one.breaks:
            rows.setdefault((rule, one.table), set()).add(one.row)
    return {which: np.array(sorted(held)) for which, held in rows.items()}


def _next(key: str) -> str:
    head, _, line = key.rpartition("-")
    return f"{head}-{int(line) + 1:0{len(line)}d}"


def _columns(rows: pa.Table, names: Any) -> pa.Table:
    return rows.select(list(names))


def _arrow(column: Column, values: Iterable[Any], kind: pa.DataType) -> pa.Array:
    if column.kind is Kind.DECIMAL:
        values = [
            None if one is None else Decimal(int(one)).scaleb(-(column.scale or 0))
            for one in values
        ]
    elif not isinstance(values, np.ndarray):
        values = list(values)
    return pa.array(values, type=kind)


def purposes_of(manifest: Mapping[str, Any], tables: Tables) -> dict[tuple[str, str], Rows]:
    """The same of a whole bundle, from what its manifest lists.  Raises BundleError where that
    is no such list, or lists rows that are not there."""
    try:
        keys = _listed_in(manifest)
        return {which: _rows_with(tables, which[1], list(held)) for which, held in keys.items()}
    except (LookupError, TypeError, AttributeError, pa.ArrowException) as problem:
        raise BundleError(
            "The manifest's lists of what was done on purpose do not fit its tables; make the "
            "bundle again."
        ) from problem


def _listed_in(manifest: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, None]]:
    """Keys of the rows that break a rule on purpose, by the rule's id and table."""
    keys: dict[tuple[str, str], dict[str, None]] = {}
    for scenario in manifest.get("scenarios", ()):
        for row in scenario["rows"]:
            for rule in row["breaks"]:
                keys.setdefault((rule, row["table"]), {})[row["key"]] = None
    for mess in manifest.get("messy", ()):
        for group in mess["listed"]:
            for rule in group["breaks"]:
                keys.setdefault((rule, group["table"]), {}).update(dict.fromkeys(group["keys"]))
    return keys


def _rows_with(tables: Tables, table: str, keys: Sequence[str]) -> Rows:
    key = tables.schema[table].key
    if key is None:
        raise KeyError(f"{table} has no key")
    known = tables.arrow(table, key).cast(pa.string()).combine_chunks()
    rows = np.flatnonzero(np.asarray(pc.is_in(known, pa.array(keys, pa.string()))))
    if len(rows) != len(keys):
        raise LookupError(table)
    return rows
