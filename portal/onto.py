"""Whether an extract could calibrate the built-in profile instead of making one of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import generator

BUILT_IN = "automotive"


def matching_tables(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Tables of the built-in profile that the tables of an extract match by name and columns."""
    calibratable = getattr(generator, "calibratable", None)
    if calibratable is None:  # an engine that cannot calibrate yet
        return ()
    return tuple(calibratable(generator.Schema.from_dict(schema)))
