"""A plan as a bundle's row keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    import generator  # it takes seconds, and not everybody who comes here needs it


def plan_document(plan: generator.Plan) -> dict[str, Any]:
    """What the pages say of the engine's ``Plan`` without working it out again."""
    return {
        "rows": plan.rows,
        "bytes": plan.bytes_estimate,
        "seconds": plan.seconds_estimate,
        "memory": plan.memory_estimate(settings.SAMPLE_PROCESSES),
        "notes": list(plan.notes),
        "counts": [
            {"table": count.table, "rows": count.rows, "asked": count.asked, "why": count.why}
            for count in plan.counts
        ],
    }
