"""Fitting an extract onto a built-in profile: matching, counting, measuring, and the profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from generator.calibrate import Match, calibratable, calibrate, match, onto_platform
from generator.calibrated import Calibration
from generator.compare import certify
from generator.domains import automotive, calibrated, drawn_columns
from generator.errors import Cancelled, RequestError, shown
from generator.fitted import hash_of
from generator.leaves.figures import figures
from generator.plan import plan
from generator.profile import Profile
from generator.recipe import Recipe
from generator.schema import Kind, Schema, Table
from generator.summary import summarize, tables_of
from generator.trial import halves

K = 20  # rows a label, a knot or a share rests on, at least
BASES: Mapping[str, Callable[[Calibration], Profile]] = {"automotive": calibrated}
TRIAL_LEAST = 400  # rows of a table that a trial needs
TRIAL_MOST = 10_000  # rows that a trial counts, and as many it is held against
_MOMENTS = (Kind.DATE, Kind.TIMESTAMP)

Rows = Mapping[str, pa.Table]


def matched(schema: Schema, onto: str = "automotive") -> Match:
    """The platform's tables and columns that an extract's are; ``said`` tells what is not used.

    Raises RequestError for a profile that nothing can be fitted onto, ExtractError when no table
    of the extract is one of the platform's.
    """
    if onto not in BASES:
        raise RequestError(
            f"Nothing can be fitted onto “{shown(onto)}”; choose {' or '.join(BASES)}."
        )
    return match(schema, automotive().schema)


def matching_tables(schema: Schema) -> tuple[str, ...]:
    """Names of the platform's tables that an extract's tables are rows of."""
    return calibratable(schema, automotive().schema)


def fit_onto(
    tables: Rows,
    schema: Schema,
    *,
    onto: str,
    name: str,
    version: str,
    title: str,
    seed: int,
    k: int = K,
    trial: bool = True,
    progress: Callable[[str, float], None],
    cancelled: Callable[[], bool] | None,
) -> Profile:
    """The built-in profile with what can be counted of it on the extract's typed rows.

    Its certificate rests on a trial: half of the rows are counted, as many are drawn and compared
    with the other half; without ``trial`` it has none.  Raises ExtractError for values the
    platform's columns cannot hold.
    """
    progress("counting", 0.0)
    found = matched(schema, onto)
    rows = onto_platform(tables, found)
    profile = replace(
        _calibrated(rows, found.schema, onto, name, k, cancelled),
        name=name,
        version=version,
        title=title or name,
    )
    if not trial:
        return replace(profile, hash=hash_of(profile))
    progress("certificate", 0.2)
    table = _most_counted(profile, found.schema)
    certificate = _certificate(rows, table, onto, name, k, seed, cancelled)
    return replace(profile, hash=hash_of(profile), certificate=certificate)


def _calibrated(
    rows: Rows,
    schema: Schema,
    onto: str,
    name: str,
    k: int,
    cancelled: Callable[[], bool] | None,
) -> Profile:
    counts = {table: part.num_rows for table, part in rows.items()}
    said = ", ".join(f"{count:,} rows of {table}" for table, count in counts.items())
    tables = tables_of(schema, rows)
    source = f"extract {name}: {said}"
    overlay = calibrate(tables, figures(onto), k=k, source=source, cancelled=cancelled)
    profile = BASES[onto](Calibration(onto, counts, overlay))
    timeless = Schema(tuple(_without_moments(table) for table in schema))
    return replace(profile, summary=summarize(tables_of(timeless, rows), k=k))


def _without_moments(table: Table) -> Table:
    """Moments follow a recipe's span; they are no reference."""
    kept = tuple(column for column in table.columns if column.kind not in _MOMENTS)
    return replace(table, columns=kept)


def _drawn_only(table: Table) -> Table:
    """The columns of a platform table that its makers draw from leaves."""
    drawn = drawn_columns(table.name)
    return replace(
        table, columns=tuple(column for column in table.columns if column.name in drawn), links=()
    )


def _most_counted(profile: Profile, schema: Schema) -> Table:
    """The table that most of the counted entries are about."""
    overlay = {} if profile.calibration is None else profile.calibration.overlay
    entries = Counter(entry.get("table") for part in overlay.values() for entry in part.values())
    return max(schema, key=lambda table: entries[table.name])


def _certificate(
    rows: Rows,
    table: Table,
    onto: str,
    name: str,
    k: int,
    seed: int,
    cancelled: Callable[[], bool] | None,
) -> dict[str, Any]:
    document: dict[str, Any] = {"k": k, "cell_rows": k, "seed": seed}
    first, second = halves(rows[table.name], table.name, seed=seed, most=TRIAL_MOST)
    if rows[table.name].num_rows < TRIAL_LEAST:
        note = f"No table has the {TRIAL_LEAST} rows a trial needs; nothing was measured."
        return {**document, "rows": {}, "note": note, "scores": {}}
    trial = _calibrated({table.name: first}, Schema((table,)), onto, name, k, cancelled)
    made = _drawn(trial, table.name, first.num_rows, seed + 1, cancelled)
    loose = Schema((_drawn_only(_without_moments(table)),))
    sides = (
        tables_of(loose, {table.name: part.select(loose[table.name].column_names)})
        for part in (first, made, second)
    )
    return {
        **document,
        "rows": {table.name: [first.num_rows, second.num_rows]},
        "note": f"A trial counted the first of these rows of {table.name}, and what it drew was "
        "compared with the second; the profile itself is counted from all rows. Compared are the "
        "columns that are drawn; those that follow from other tables keep the platform's ways.",
        "scores": certify(*sides, seed=seed),
    }


def _drawn(
    profile: Profile, table: str, rows: int, seed: int, cancelled: Callable[[], bool] | None
) -> pa.Table:
    """So many rows of the table, as the profile draws them."""
    drawing = plan(
        profile, Recipe.from_dict({"rows": {table: rows}, "tables": [table], "seed": seed})
    )
    world, parts = profile.world.open(drawing), []
    declared = profile.schema[table].arrow_schema()
    for shard in drawing.shards:
        if cancelled is not None and cancelled():
            raise Cancelled("The fit was cancelled; nothing was kept.")
        parts += [part.cast(declared) for name, part in world.draw(shard) if name == table]
    return pa.concat_tables(parts)
