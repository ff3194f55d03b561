"""The certificate of a fit: a trial on half of the rows, held against the other half."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from generator.commands.shadows import shadows_of
from generator.compare import certify
from generator.extent import bare
from generator.fit import (
    LEAF_ROWS,
    Way,
    holders_of,
    linked_halves,
    links_not_learnt,
    rows_tried,
    unit_of,
)
from generator.fit import fit as learn
from generator.holders import Holders
from generator.plan import plan
from generator.profile import Profile
from generator.recipe import Recipe
from generator.schema import Schema
from generator.stop import ask
from generator.summary import tables_of
from generator.trial import halves

TRIAL_LEAST = 200  # rows of a table a certificate needs
TRIAL_MOST = 50_000  # rows of a table that a trial learns from, and as many it is held against


def not_learnt(tables: Mapping[str, pa.Table], schema: Schema) -> tuple[str, ...]:
    """What cannot be learnt of the links of an extract's typed tables, a sentence each."""
    if not any(table.links for table in schema):
        return ()
    return links_not_learnt(tables, schema)


def certificate_of(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    *,
    seed: int,
    no_rules: Collection[str],
    k: int,
    unit: str,
    ways: MutableMapping[str, Way],
    part: Callable[[float, float, str, float], None],
) -> dict[str, Any]:
    """Figures of a trial fit, in plain JSON types.  Tables too short for one are left out.

    The ``ways`` its tables are learnt in are put there, where as many rows were tried for them as
    all rows would give: the profile is then learnt as the trial was, and nothing is tried twice.
    """
    long = [table for table in schema if tables[table.name].num_rows >= TRIAL_LEAST]
    document: dict[str, Any] = {"k": k, "cell_rows": max(k, LEAF_ROWS), "seed": seed}
    holders = holders_of(schema, tables, unit)
    if unit:
        document |= _told_unit(schema, holders, unit)
    if strange := schema.not_understood:
        document["not_understood"] = list(strange)
    if not long:
        note = f"No table has the {TRIAL_LEAST} rows a trial needs; nothing was measured."
        return {**document, "rows": {}, "note": note, "scores": {}}
    if lost := not_learnt(tables, schema):
        document["links"] = list(lost)
    first, second = _halves(tables, schema, [table.name for table in long], seed, holders)
    tell = partial(part, 0.0, 0.2)
    learnt = Schema(tuple(table for table in schema if table.name in first))
    whose = (
        {"k": k, "unit": unit if unit_of(schema, unit)[0] in first else ""} if unit else {"k": k}
    )
    tried: dict[str, Way] = {}
    trial = learn(
        first,
        learnt,
        name="trial",
        seed=seed,
        ways=tried,
        no_rules=no_rules,
        progress=tell,
        **whose,
    )
    ways.update(
        {n: way for n, way in tried.items() if rows_tried(first[n]) == rows_tried(tables[n])}
    )
    part(0.2, 0.3, "certificate: rows", 0.0)
    made = _drawn(trial, seed + 1)
    names = [table.name for table in long if table.name in second]
    lists = _lists(trial.schema, names)
    loose = Schema(tuple(trial.schema[name].loose() for name in (*names, *lists)))
    sides = (
        tables_of(loose, {name: rows[name] for name in (*names, *lists)})
        for rows in (first, made, {**first, **second})
    )
    return {
        **document,
        "rows": {name: [first[name].num_rows, second[name].num_rows] for name in names},
        "note": "A trial learnt from the first of these rows, was compared with the second; the "
        "profile itself is learnt from all rows.",
        "scores": certify(
            *sides,
            seed=seed,
            lists=lists,
            imitations=shadows_of(trial.schema, second, seed=seed, k=k),
            k=k,
            unit=unit,
            progress=lambda what, share: part(0.3, 0.6, f"certificate: {what}", share),
        ),
    }


def _told_unit(schema: Schema, holders: Mapping[str, Holders], unit: str) -> dict[str, Any]:
    """Whose the rows are: the column, how many persons there are, and the tables no link joins to
    them, of which each row counts alone."""
    table, column = unit_of(schema, unit)
    return {
        "unit": f"{table}.{column}",
        "persons": holders[table].count(slice(None)),
        "rows_alone": [name for name in schema.names if holders[name].of is None],
    }


def _lists(schema: Schema, names: Sequence[str]) -> list[str]:
    """Tables the named ones point at that both halves know whole: nothing is said of them but
    along links."""
    named = {link.parent for name in names for link in schema[name].links}
    return [name for name in schema.names if name in named and name not in names]


def _halves(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    long: Sequence[str],
    seed: int,
    holders: Mapping[str, Holders],
) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    """What a trial learns, and what it is held against.  Tables that hang together are cut so that
    no family is on both sides, and learnt whole; what stands on both sides is held against nothing.
    """
    if not any(link.parent in schema for table in schema for link in table.links):
        parts = {
            name: halves(tables[name], name, seed=seed, most=TRIAL_MOST, holders=holders[name])
            for name in long
        }
        return {n: one for n, (one, _) in parts.items()}, {n: two for n, (_, two) in parts.items()}
    plain = {name: bare(rows) for name, rows in tables.items()}
    first, second = linked_halves(schema, plain, seed=seed, most=TRIAL_MOST, holders=holders)
    whole = {name for name in first if first[name].num_rows == tables[name].num_rows}
    first = {name: rows for name, rows in first.items() if rows.num_rows}
    second = {
        name: rows
        for name, rows in second.items()
        if name in first and name not in whole and rows.num_rows
    }
    return first, second


def _drawn(profile: Profile, seed: int) -> dict[str, pa.Table]:
    """As many rows of every table as the profile was fitted from."""
    planned = plan(profile, Recipe.from_dict({"seed": seed}))
    drawing = profile.world.open(planned)
    parts: dict[str, list[pa.Table]] = {name: [] for name in profile.schema.names}
    for shard in planned.shards:
        for name, rows in drawing.draw(shard):
            ask()
            parts[name].append(rows.cast(profile.schema[name].loose().arrow_schema()))
    return {name: pa.concat_tables(slices) for name, slices in parts.items()}
