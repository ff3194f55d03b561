"""All rows that a fitted profile draws, as frames by table."""

from __future__ import annotations

import pandas as pd

import generator
from generator.profile import Profile


def drawn(profile: Profile, seed: int = 3, **rows: int) -> dict[str, pd.DataFrame]:
    """With so many ``rows`` by table, others as many as they come to."""
    planned = generator.plan(profile, generator.Recipe.from_dict({"seed": seed, "rows": rows}))
    drawing = profile.world.open(planned)
    parts: dict[str, list[pd.DataFrame]] = {}
    for shard in planned.shards:
        for name, some in drawing.draw(shard):
            parts.setdefault(name, []).append(some.to_pandas())
    return {name: pd.concat(some, ignore_index=True) for name, some in parts.items()}
