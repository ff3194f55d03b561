"""Every hostile upload in a process of its own: ``python -m tests.benchmarks.hostile``.

Prints what became of it, the seconds it took and the most memory of its process.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.hostile import READ, hostile
from tests.memory import measured


def main() -> None:
    slowest, largest, kinds = 0.0, 0, hostile()
    for name, content in kinds.items():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, name).write_bytes(content)
            said, memory = measured(READ, folder)
        [(sentence, seconds)] = said.values()
        print(f"{seconds:6.2f} s {memory:5} MiB  {name:22} {sentence[:110]}", flush=True)
        slowest, largest = max(slowest, seconds), max(largest, memory)
    print(f"{len(kinds)} kinds; at most {slowest:.1f} s (30) and {largest} MiB (1,000)")


if __name__ == "__main__":
    main()
