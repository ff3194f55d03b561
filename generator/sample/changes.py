"""What came, changed or went after the snapshot, kept where its shard is drawn."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
from pyarrow import ipc

from generator.profile import Drawing, Shard
from generator.sample.run import Run
from generator.sample.spool import Spool
from generator.write import disk_errors

Change = tuple[str, str, str]
"""Day, table, what happened."""


def keep_changes(run: Run, spool: Spool, drawing: Drawing, shard: Shard) -> dict[Change, int]:
    """Leave the shard's changes in the spool; the rows of each."""
    kept: Counter[Change] = Counter()
    if not run.plan.recipe.increments:
        return kept
    slices: dict[Change, list[pa.Table]] = {}
    for day, name, what, rows in drawing.changes(shard):
        if name in run.totals:
            typed = rows.cast(run.profile.schema[name].arrow_schema())
            slices.setdefault((day.isoformat(), name, what), []).append(typed)
    for change, parts in slices.items():
        path = spool.changes(*change) / f"{shard.number:06d}"
        with disk_errors("drawing rows"):
            path.parent.mkdir(parents=True, exist_ok=True)
            whole = pa.concat_tables(parts)
            with ipc.new_stream(str(path), whole.schema) as sink:
                sink.write_table(whole)
        kept[change] += whole.num_rows
    return kept
