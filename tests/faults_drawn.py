"""An extract of ``tests/faults`` learnt and drawn: the texts of both sides, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

import generator
from generator.fit import fit
from generator.profile import Profile

FAULTS = Path(__file__).parent / "faults"


@dataclass(frozen=True)
class Drawn:
    """What was learnt of an extract, its own texts (as read), and those drawn; None is missing."""

    profile: Profile
    real: dict[str, list[str | None]]
    made: dict[str, list[str | None]]

    @property
    def table(self) -> generator.Table:
        return self.profile.schema.tables[0]


@cache
def drawn(name: str, rows: int = 0) -> Drawn:
    """The extract ``name``, and as many rows drawn from what is learnt of it (or ``rows``)."""
    return learnt(FAULTS / name, rows)


def learnt(path: Path, rows: int = 0) -> Drawn:
    raw = generator.read(path)
    schema = generator.infer(raw)
    profile = fit(generator.typed(raw, schema), schema, name="fault", seed=3)
    table = schema.tables[0].name
    counts = {"rows": {table: rows}} if rows else {}
    planned = generator.plan(profile, generator.Recipe.from_dict({"seed": 5, **counts}))
    drawing = profile.world.open(planned)
    parts = [part for shard in planned.shards for _, part in drawing.draw(shard)]
    return Drawn(profile, _texts([raw[table]]), _texts(parts))


def _texts(parts: list[pa.Table]) -> dict[str, list[str | None]]:
    return {
        name: [_text(value) for part in parts for value in part[name].to_pylist()]
        for name in parts[0].column_names
    }


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)
