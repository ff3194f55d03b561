"""Whether the machine can hold a run, before it starts."""

from __future__ import annotations

from generator.errors import RequestError
from generator.profile import Plan


def check_memory(plan: Plan, workers: int, memory: int | None) -> None:
    """Raises RequestError when the processes of a run need more than ``memory`` bytes."""
    if memory is None or plan.memory_estimate(workers) <= memory:
        return
    fewer = next((n for n in range(workers - 1, 0, -1) if plan.memory_estimate(n) <= memory), 0)
    remedy = f"take {fewer} worker{'s' if fewer > 1 else ''}" if fewer else "ask for fewer rows"
    raise RequestError(
        f"This run needs about {_said(plan.memory_estimate(workers))} of memory with {workers} "
        f"worker{'s' if workers > 1 else ''}, and {_said(memory)} are free; {remedy}, or use a "
        "machine with more.",
        field="workers",
    )


def _said(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"
