"""A plan as a bundle's row keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    import generator  # it takes seconds, and not everybody who comes here needs it


def plan_document(plan: generator.Plan, made: Mapping[str, int] | None = None) -> dict[str, Any]:
    """What the pages say of the engine's ``Plan`` without working it out again; ``made`` are the
    rows of every table once they are drawn, which some plans can only estimate."""
    rows = {count.table: count.rows for count in plan.counts} if made is None else made
    return {
        "rows": sum(rows.values()),
        "bytes": plan.bytes_estimate,
        "seconds": plan.seconds_estimate,
        "memory": plan.memory_estimate(settings.SAMPLE_PROCESSES),
        "notes": list(plan.notes),
        "counts": [
            {
                "table": count.table,
                "rows": rows[count.table],
                "asked": count.asked,
                "why": count.why,
                "estimated": count.estimated and made is None,
            }
            for count in plan.counts
        ],
    }
