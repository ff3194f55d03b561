"""A first look at a bundle: a few rows of every table, in a moment and before anything is made."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from generator.profile import Plan, Profile
from generator.schema import Table


def preview(profile: Profile, plan: Plan, *, rows: int = 20) -> dict[str, pa.Table]:
    """A few rows of every table of the plan, as the bundle will have them: in its order, some
    from each part that the first shards draw, so that not only companies stand for parties."""
    wanted = {count.table: min(rows, count.rows) for count in plan.counts}
    glances: dict[str, list[pa.Table]] = {name: [] for name in wanted}
    drawing = profile.world.open(plan)
    for shard in plan.shards:
        if all(_height(glances[name]) >= wanted[name] for name in wanted):
            break
        for name, part in drawing.draw(shard):
            if name in wanted and part.num_rows:
                glances[name].append(_plain(profile.schema[name], part))
    return {
        name: _some_of_each(parts, wanted[name])
        if parts
        else profile.schema[name].arrow_schema().empty_table()
        for name, parts in glances.items()
    }


def _height(parts: list[pa.Table]) -> int:
    return sum(part.num_rows for part in parts)


def _some_of_each(parts: list[pa.Table], rows: int) -> pa.Table:
    """``rows`` rows in all, shared as evenly as the parts allow."""
    kept, left = [0] * len(parts), rows
    while left and (open_ := [at for at, part in enumerate(parts) if kept[at] < part.num_rows]):
        for at in open_[:left]:
            kept[at] += min(max(left // len(open_), 1), parts[at].num_rows - kept[at])
        left = rows - sum(kept)
    return pa.concat_tables([_glance(part, n) for part, n in zip(parts, kept, strict=True)])


def _glance(part: pa.Table, rows: int) -> pa.Table:
    """The first half of ``rows`` in one piece, to see what follows what; the others from all
    over the rest."""
    ahead = (rows + 1) // 2
    behind = np.linspace(ahead, part.num_rows - 1, rows - ahead).round().astype(np.int64)
    return part.take(np.concatenate([np.arange(ahead), behind]))


def _plain(table: Table, part: pa.Table) -> pa.Table:
    """A drawn part as it is written: the table's columns, nothing dictionary-encoded."""
    return part.select(list(table.column_names)).cast(table.arrow_schema())
