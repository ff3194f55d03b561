"""A process and all it began, as the system sees them."""

from __future__ import annotations

from pathlib import Path


def memory_mb(pid: int) -> float:
    """Proportional set size of the process and its children (shared pages counted once)."""
    total = 0.0
    for process in (pid, *children(pid)):
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue  # gone by now
        total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total / 1024


def children(pid: int) -> list[int]:
    young = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            young += [int(child) for child in path.read_text().split()]
        except OSError:
            continue
    return young + [grandchild for child in young for grandchild in children(child)]
