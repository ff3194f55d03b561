"""How many rows a combination of columns singles out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import pyarrow as pa
import pyarrow.compute as pc

from generator.personal.finding import Together

_MOST_COLUMNS = 6
_MOST_TOGETHER = 4


def singled_out(name: str, table: pa.Table, columns: Sequence[str]) -> Iterator[Together]:
    """Of each number of columns, the combination that singles out most rows; rows without a value
    are told from others by that, too."""
    columns = list(columns)[:_MOST_COLUMNS]
    for size in range(1, min(_MOST_TOGETHER, len(columns)) + 1):
        yield max(
            (_counted(name, table, chosen) for chosen in combinations(columns, size)),
            key=lambda one: one.rows,
        )


def _counted(name: str, table: pa.Table, chosen: tuple[str, ...]) -> Together:
    groups = table.select(list(chosen)).group_by(list(chosen)).aggregate([([], "count_all")])
    alone = pc.sum(pc.equal(groups.column("count_all"), 1)).as_py() or 0
    return Together(name, chosen, int(alone), table.num_rows)
