"""Learn a profile from an extract: one column after the other, each from the earlier ones.

1. Give every column a codec; find columns that another determines exactly.
2. Order: labels with few values first, then numbers, the most predictable last.
3. Grow a tree on the earlier columns; count or cut quantiles in its leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, MutableMapping
from dataclasses import replace

import pyarrow as pa

from generator.fit.floor import Floor
from generator.fit.linked import bonds_of, keyed, learn_tables
from generator.fit.rules import found_in
from generator.fit.table import encoded
from generator.fit.way import K, Way
from generator.fit.whose import holders_of, unit_of
from generator.fitted import FittedWorld, hash_of, rules_of
from generator.holders import Holders
from generator.profile import Profile
from generator.schema import Column, Schema
from generator.stop import ask, stoppable
from generator.summary import Summary, as_said, forms_of, summarize, tables_of
from generator.tables import Tables


def fit(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    *,
    name: str,
    version: str = "1",
    title: str = "",
    seed: int = 0,
    way: Way | None = None,
    ways: MutableMapping[str, Way] | None = None,
    no_rules: Collection[str] = (),
    k: int = K,
    unit: str = "",
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Profile:
    """Learn a profile from typed tables.

    Of a personal column only a shape is kept: no value in leaves, schema or summary.

    ``progress(what, share)`` is told the column at work and the share done, 0 to 1.  The same
    tables, schema and seed give the same profile.  ``way`` says how closely every table is learnt,
    ``ways`` how some are whose way is known; those that are chosen are put there.
    ``no_rules`` are rules (“table: start <= end”) that are not kept though all rows keep them.
    Nothing is kept that fewer than ``k`` persons share; ``unit`` names the column (TABLE.COLUMN) or
    link that tells whose a row is, without it each row is somebody else's.
    Raises ExtractError for a table without rows or columns, Cancelled when ``cancelled()`` says so.
    """
    with stoppable(cancelled, "The fit was cancelled; nothing was kept."):
        return _learnt(
            tables,
            _without_values(schema),
            name,
            version,
            title or name,
            seed,
            way,
            ways,
            no_rules,
            k,
            unit,
            progress,
        )


def _learnt(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    name: str,
    version: str,
    title: str,
    seed: int,
    way: Way | None,
    ways: MutableMapping[str, Way] | None,
    no_rules: Collection[str],
    k: int,
    unit: str,
    progress: Callable[[str, float], None] | None,
) -> Profile:
    total = max(1, sum(len(table.columns) for table in schema))
    done = 0

    def tell(what: str) -> None:
        nonlocal done
        ask()
        if progress is not None:
            progress(what, min(done / total, 1.0))
        done += 1

    holders = holders_of(schema, tables, unit)
    floors = {name: Floor(k, one) for name, one in holders.items()}
    schema, tables = keyed(schema, tables)
    bonds = bonds_of(schema, tables)
    without = {name: _of_table(name, no_rules) for name in schema.names}
    learnt = learn_tables(
        schema,
        tables,
        bonds,
        seed=seed,
        tell=tell,
        way=way,
        ways=ways,
        without=without,
        floors=floors,
    )
    profile = Profile(
        name=name,
        version=version,
        title=title,
        kind="fitted",
        schema=schema,
        world=FittedWorld(schema, learnt),
        rules=rules_of(learnt),
        summary=_summary(tables_of(_unsummarised(schema), tables), k, holders),
        unit=".".join(unit_of(schema, unit)) if unit else "",
    )
    return replace(profile, hash=hash_of(profile))


def _of_table(name: str, rules: Collection[str]) -> frozenset[str]:
    """Names of rules of one table, without its own."""
    mine = f"{name}: "
    return frozenset(rule.removeprefix(mine) for rule in rules if rule.startswith(mine))


def found_rules(tables: Mapping[str, pa.Table], schema: Schema, *, seed: int = 0) -> list[str]:
    """The names (“table: start <= end”) of all rules that the rows of typed tables keep, for
    somebody to confirm: a fit keeps them unless told otherwise."""
    return [
        f"{table.name}: {rule.text}"
        for table in _without_values(schema)
        if tables[table.name].num_rows
        for rule in found_in(table, encoded(table, tables[table.name], seed=seed))
    ]


def _summary(tables: Tables, k: int, holders: Mapping[str, Holders]) -> Summary:
    """Columns as what they say: text that says numbers or days as those."""
    return summarize(as_said(tables, forms_of(tables)), k=k, holders=holders)


def _without_values(schema: Schema) -> Schema:
    """A closed list of personal values would be a list of them."""
    return _personal(schema, lambda column: replace(column, values=(), enum=None))


def _unsummarised(schema: Schema) -> Schema:
    """Personal columns of every class as ones nothing is counted of."""
    return _personal(schema, lambda column: replace(column, personal="personal"))


def _personal(schema: Schema, change: Callable[[Column], Column]) -> Schema:
    tables = (
        replace(table, columns=tuple(change(c) if c.personal else c for c in table.columns))
        for table in schema
    )
    return replace(schema, tables=tuple(tables))
