"""``compare``: tables of files and bundles against each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from generator.bundle import open_bundle
from generator.compare import beginning, compare
from generator.infer import infer, typed
from generator.read import read
from generator.sample import ENGINE_VERSION
from generator.schema import Schema
from generator.stop import stoppable
from generator.summary import tables_of
from generator.tables import Tables


def compare_paths(
    real: Path,
    synthetic: Path,
    *,
    holdout: Path | None = None,
    metadata: Path | None = None,
    target: str | None = None,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Score one folder or file of tables against another; single tables may have other names.
    ``progress(what, share)`` is told the step at work and the share done, 0 to 1.
    Raises Cancelled when ``cancelled()`` says so, which is asked at every column and pair."""
    begin = beginning(progress)
    with stoppable(cancelled, "The comparison was cancelled; nothing was kept."):
        begin("reading")
        raw = read(real)
        schema = infer(raw, metadata)
        return compare(
            tables_of(schema, typed(raw, schema)),
            _tables(synthetic, schema),
            _tables(holdout, schema) if holdout else None,
            target=target,
            name=synthetic.name,
            engine_version=ENGINE_VERSION,
            begin=begin,
        )


def _tables(path: Path, schema: Schema) -> Tables:
    """Tables of a bundle or of files, with the columns and kinds of ``schema``."""
    tables = _bundle_rows(path) if (path / "manifest.json").is_file() else read(path)
    if len(tables) == 1 and len(schema.tables) == 1:
        tables = {schema.tables[0].name: next(iter(tables.values()))}
    present = tuple(schema[name].loose() for name in schema.names if name in tables)
    mine = replace(schema, tables=present)
    return tables_of(mine, typed(tables, mine))


def _bundle_rows(path: Path) -> dict[str, pa.Table]:
    bundle = open_bundle(path)
    tables = bundle.tables()
    return {
        table.name: pa.table(
            [tables.arrow(table.name, name) for name in table.column_names],
            names=list(table.column_names),
        )
        for table in bundle.schema
    }
