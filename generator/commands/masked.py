"""A masked copy of an extract as a bundle of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from generator.commands.sample import sample
from generator.infer import typed
from generator.masked import masked_profile
from generator.plan import plan
from generator.recipe import Recipe
from generator.sample import Progress
from generator.schema import Schema


def masked_bundle(
    made: Mapping[str, pa.Table],
    schema: Schema,
    out: Path,
    *,
    name: str,
    mark: str,
    formats: Sequence[str],
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Write tables that ``anonymize`` made as a bundle: every format, dump, link, manifest, data
    dictionary and check that other bundles have.  ``mark`` is that of the key.

    Raises what ``sample`` raises; a value that is no longer of its column's kind is an
    ExtractError.
    """
    profile = masked_profile(schema, typed(made, schema), name=name, mark=mark)
    planned = plan(profile, Recipe.from_dict({"profile": name, "formats": list(formats)}))
    return sample(profile, planned, out, progress=progress, cancelled=cancelled)
