"""All rows that a fitted profile draws, as frames by table."""

from __future__ import annotations

from typing import Any

import pandas as pd

import generator
from generator.profile import Profile


def drawn(profile: Profile, seed: int = 3, **rows: int) -> dict[str, pd.DataFrame]:
    """With so many ``rows`` by table, others as many as they come to."""
    return drawn_of(profile, {"seed": seed, "rows": rows})


def drawn_of(profile: Profile, recipe: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """What a recipe asks for."""
    planned = generator.plan(profile, generator.Recipe.from_dict(recipe))
    drawing = profile.world.open(planned)
    parts: dict[str, list[pd.DataFrame]] = {}
    for shard in planned.shards:
        for name, some in drawing.draw(shard):
            parts.setdefault(name, []).append(some.to_pandas())
    return {name: pd.concat(some, ignore_index=True) for name, some in parts.items()}
