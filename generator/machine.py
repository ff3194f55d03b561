"""The machine a run is made on.  The command line and the portal ask it; the engine is told."""

from __future__ import annotations

from pathlib import Path

_MEMORY = Path("/proc/meminfo")
_CONTAINER = Path("/sys/fs/cgroup")


def free_memory() -> int | None:
    """Bytes that a run may take: what the machine has to give, or what its container may still
    take if that is less.  None on a system that does not say."""
    said = [free for free in (_of_machine(_MEMORY), _of_container(_CONTAINER)) if free is not None]
    return min(said, default=None)


def _of_machine(path: Path) -> int | None:
    try:
        lines = path.read_text("ascii").splitlines()
    except OSError:
        return None
    kilobytes = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(kilobytes[0]) * 1024 if kilobytes else None


def _of_container(folder: Path) -> int | None:
    """Pages that only cache files are given back when somebody needs them."""
    try:
        most = (folder / "memory.max").read_text("ascii").strip()
        taken = int((folder / "memory.current").read_text("ascii"))
        kept = dict(
            line.split() for line in (folder / "memory.stat").read_text("ascii").splitlines()
        )
    except OSError:
        return None
    if most == "max":
        return None
    return max(int(most) - taken + int(kept.get("inactive_file", 0)), 0)
